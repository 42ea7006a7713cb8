"""Turns a torch model into an OpenVINO one and checks that the two agree. Runs as a process of its own.

`python -m embedlab.encoders.transformer.conversion vectors|inside MODEL_FOLDER TARGET` keeps torch, its memory and its
seconds of importing out of the process that asked. The last line that it prints is JSON: `{"BF16": 0.99996, "FP32":
0.9999999}`, the lowest cosine between OpenVINO and sentence-transformers over the probe texts at each precision.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

from embedlab.encoders.base import unit
from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.tokens import Tokens
from embedlab.encoders.transformer.converted import openvino
from embedlab.encoders.transformer.layers import LayersNetwork
from embedlab.encoders.transformer.openvino import Network
from embedlab.encoders.transformer.torch import sentence_transformer

PROBES = (
    "a",
    "Hello",
    "The cat sat on the mat.",
    "My card has not arrived yet, and it has been two weeks!",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "我的银行卡丢了，应该怎么办？",
    "أين محطة القطار؟",
    "x = sum(i * i for i in range(10))  # 285",
    "😀 🚀 — ½ “quoted” ﬁgures 3,141.59",
    "On the electrodynamics of moving bodies and the thermal history of a contracting cloud",
    "spring " * 40,
    "A long text that runs past the window of the model and is cut at its end. " * 40,
)


def convert(source: Path, target: Path) -> dict[str, float]:
    """Write `target` (an .xml with its .bin) from the model folder `source`: texts' vectors from tokens.

    Returns the lowest cosine to sentence-transformers by precision, for every precision this CPU computes in.
    Prompts play no part here: they are put before a text whoever reads it.
    """
    model = _loaded(source)
    told = ModelFolder("probe", source, "").window
    if told != model.max_seq_length:
        raise ValueError(f"its window is {model.max_seq_length}, but its files are read as {told}")
    expected = model.encode(list(PROBES), normalize_embeddings=True, convert_to_numpy=True)
    openvino().save_model(_traced(_pipeline(model)), target, compress_to_fp16=False)
    tokens = Tokens(ModelFolder("probe", source, ""))
    made = {precision: Network(target, precision, tokens).encode(PROBES) for precision in precisions()}
    return {precision: float((vectors * expected).sum(axis=1).min()) for precision, vectors in made.items()}


def convert_inside(source: Path, target: Path) -> dict[str, float]:
    """Write `target` from the transformer of `source`: the vectors of each layer, and what it attends to.

    Returns the lowest cosine of a token's last vector to that of sentence-transformers, under "FP32".
    """
    model = _loaded(source, attn_implementation="eager")  # no other computes the attention as a matrix
    # One at a time: in a batch, a model that pads on the left would give the padding's vectors too.
    expected = [model.encode([text], output_value="token_embeddings", convert_to_numpy=False)[0] for text in PROBES]
    openvino().save_model(_traced(_layers(model)), target, compress_to_fp16=False)
    network, tokens = LayersNetwork(target), Tokens(ModelFolder("probe", source, ""))
    lowest = 1.0
    for text, reference in zip(PROBES, expected, strict=True):
        last = unit(network.layers(tokens.cut(text).ids)[0][-1])
        lowest = min(lowest, float((last * unit(reference.numpy())).sum(axis=1).min()))
    return {"FP32": lowest}


def _loaded(source: Path, **how: str) -> Any:
    model = sentence_transformer(source, "cpu", **how)
    model.default_prompt_name = None
    return model.eval()


def _pipeline(model: Any) -> Any:
    """Return a module from (ids, mask) to the vectors of a whole sentence-transformers pipeline, (b, d)."""
    import torch

    class Pipeline(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.modules_of = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            vectors = self.modules_of(features)["sentence_embedding"][:, : model.truncate_dim]
            return torch.nn.functional.normalize(vectors, dim=-1)

    return Pipeline()


def _layers(model: Any) -> Any:
    """Return a module from (ids, mask) to hidden states (layers + 1, b, t, d) and attention (layers, b, h, t, t)."""
    import torch

    class Layers(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = model[0].auto_model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            made = self.transformer(
                input_ids=input_ids,
                attention_mask=attention_mask,
                output_hidden_states=True,
                output_attentions=True,
                return_dict=True,
            )
            return torch.stack(tuple(made.hidden_states)), torch.stack(tuple(made.attentions))

    return Layers()


def _traced(module: Any) -> Any:
    """Return the OpenVINO graph of a module that takes (ids, mask)."""
    openvino()
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    ids = torch.ones((2, 16), dtype=torch.long)
    mask = torch.ones_like(ids)
    mask[1, 8:] = 0  # a mask of ones alone would be left out of the trace
    with torch.inference_mode():
        decoder = TorchScriptPythonDecoder(module, example_input={"input_ids": ids, "attention_mask": mask})
        front_end = FrontEndManager().load_by_framework(framework="pytorch")
        return front_end.convert(front_end.load(decoder))


def precisions() -> tuple[str, ...]:
    """Return what this CPU computes in, best first: ("BF16", "FP32") or ("FP32",)."""
    able = openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return ("BF16", "FP32") if "BF16" in able else ("FP32",)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    made = {"vectors": convert, "inside": convert_inside}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    print(json.dumps(made))
