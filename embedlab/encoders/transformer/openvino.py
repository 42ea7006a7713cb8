"""The fast way on a CPU: the converted model, run without torch."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.progress import cores
from embedlab.encoders.base import EncoderInfo, Vectors, unit
from embedlab.encoders.capabilities import Lexicon, Pieces, TokenContributions
from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.tokens import Tokens, of_tokenizer
from embedlab.encoders.transformer.converted import Converted, Refused, opened, openvino, tokens_of
from embedlab.encoders.transformer.layers import parts

BATCH = 16
TOKENS = 1024
"""More in one batch leave the core's own cache, and cost a twentieth of the speed."""
MOST_STREAMS = 16
SHOWN = {"BF16": "bf16", "FP32": "fp32"}


class Network:
    """A converted model at one precision: texts in, unit vectors out."""

    def __init__(self, graph: Path, precision: str, tokens: Tokens) -> None:
        core = openvino().Core()
        # One stream a core beats all cores on one batch by a sixth; the THROUGHPUT hint has crashed here.
        self._streams = min(MOST_STREAMS, cores())
        hints = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": str(self._streams),
            "INFERENCE_NUM_THREADS": str(self._streams),
            "INFERENCE_PRECISION_HINT": {"BF16": "bf16"}.get(precision, "f32"),
        }
        self._compiled = core.compile_model(core.read_model(graph), "CPU", hints)
        self._weights = graph.with_suffix(".bin")
        self._tokens = tokens
        self._idle: list[Any] = []

    @property
    def dimensions(self) -> int:
        """Of the vectors that come out."""
        return int(self._compiled.output(0).partial_shape[1].get_length())

    @property
    def nbytes(self) -> int:
        """About how many bytes of memory it holds: as many as its weights take on disk."""
        return self._weights.stat().st_size if self._weights.exists() else 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1. Longer texts first, so that batches are even."""
        ids = self._tokens.ids(texts)
        vectors = np.empty((len(ids), self.dimensions), dtype=np.float32)
        order = sorted(range(len(ids)), key=lambda row: -len(ids[row]))
        flying: deque[tuple[Any, list[int]]] = deque()
        start = 0
        while start < len(order):
            if len(flying) == self._streams:
                self._land(flying, vectors)
            rows = order[start : start + min(BATCH, max(1, TOKENS // max(1, len(ids[order[start]]))))]
            start += len(rows)
            request = self._idle.pop() if self._idle else self._compiled.create_infer_request()
            request.start_async(list(self._tokens.padded([ids[row] for row in rows])))
            flying.append((request, rows))
        while flying:
            self._land(flying, vectors)
        return unit(vectors)

    def _land(self, flying: deque[tuple[Any, list[int]]], vectors: Vectors) -> None:
        """Wait for the oldest request and take its vectors; whoever comes next may use it."""
        request, rows = flying.popleft()
        request.wait()
        vectors[rows] = request.get_output_tensor().data
        self._idle.append(request)


class OpenVINOEncoder:
    """An encoder on OpenVINO. Raises `Refused` when the model can't be converted or doesn't agree."""

    def __init__(self, model: ModelFolder, exact: bool = False) -> None:
        if any(model.prompts) and not model.pools_prompt:
            raise Refused("it leaves the prompt out of its pooling")
        self._tokens = tokens_of(model)
        self._model = model

        def loaded(converted: Converted) -> tuple[float, str]:
            precision = "FP32" if exact else converted.best()
            self._network = Network(converted.graph, precision, self._tokens)
            return converted.cosines[precision], precision

        cosine, precision = opened(model, "vectors", loaded)
        self.card = EncoderInfo(
            model=model.name,
            weights=model.sha256,
            dimensions=self._network.dimensions,
            window=model.window,
            runtime=f"OpenVINO {SHOWN[precision]}",
            checked=f"checked: lowest cosine {_cosine_shown(cosine)}",
            prompt=model.prompts[0],
            revision=model.revision,
            query_prompt=model.prompts[1],
            shape=model.shape,
            languages=model.languages,
        )

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1."""
        return self._network.encode(self._prompted(texts, query))

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each document has before it is cut, its prompt and special tokens included."""
        return self._tokens.count(self._prompted(texts, False))

    def read_pieces(self, texts: Sequence[str]) -> Iterator[Pieces]:
        """Yield each text's tokens without special ones, and whether the model can have learned anything of them."""
        return self._tokens.reader.read(texts)

    def parts(self, text: str, query: bool = False) -> TokenContributions | None:
        """Return the tokens, each with its share of the mean, in fp32; None unless the model pools by the mean."""
        return parts(self._model, self.card.prompt_of(query) + text)

    def lexicon(self) -> Lexicon:
        """Return the words among its tokens."""
        return of_tokenizer(self._tokens.whole)

    def _prompted(self, texts: Sequence[str], query: bool) -> Sequence[str]:
        prompt = self.card.prompt_of(query)
        return [prompt + text for text in texts] if prompt else texts


def _cosine_shown(cosine: float) -> str:
    """Round down, so that 1 is never claimed for less."""
    return f"{int(min(cosine, 1.0) * 1e7) / 1e7:.7f}".rstrip("0").rstrip(".")
