"""The fast way on a CPU: the model converted once to OpenVINO, checked, kept, and run without torch."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.paths import folder
from embedlab.base.progress import cores
from embedlab.encoders.base import EncoderInfo, Vectors, unit
from embedlab.encoders.capabilities import Lexicon, TokenContributions
from embedlab.encoders.tokens import Tokens
from embedlab.encoders.transformer.folder import ModelFolder
from embedlab.encoders.transformer.openvino_import import openvino

LOWEST_COSINE = 0.999
GRAPH = 2
"""Raised when conversions made by an older version can't be used any more."""
BATCH = 16
TOKENS = 1024
"""More in one batch leave the core's own cache, and cost a twentieth of the speed."""
MOST_STREAMS = 16
What = Literal["vectors", "inside"]
FOR: dict[What, str] = {"vectors": "openvino", "inside": "inside"}
SHOWN = {"BF16": "bf16", "FP32": "fp32"}


class Refused(Exception):  # noqa: N818 - not an error: another runtime takes over
    """OpenVINO can't be used for this model here; the message says why."""


class Damaged(Exception):  # noqa: N818 - mended by converting again
    """A converted model on disk can't be read."""


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
        try:
            converted, precision, self._network = self._loaded(model, exact)
        except (Damaged, RuntimeError):
            forget_converted(model)
            try:
                converted, precision, self._network = self._loaded(model, exact)
            except (Damaged, RuntimeError) as error:
                raise Refused("what was converted can't be loaded") from error
        cosine = converted.cosines[precision]
        self._card = EncoderInfo(
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
        )

    def _loaded(self, model: ModelFolder, exact: bool) -> tuple[Converted, str, Network]:
        converted = Converted.of(model)
        precision = "FP32" if exact else converted.best()
        return converted, precision, Network(converted.graph, precision, self._tokens)

    @property
    def card(self) -> EncoderInfo:
        """Say exactly which encoder this is."""
        return self._card

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1."""
        return self._network.encode(self._prompted(texts, query))

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each document has before it is cut, its prompt and special tokens included."""
        return self._tokens.count(self._prompted(texts, False))

    def unknown(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the share of each text's tokens that the model has no piece for, (n,)."""
        return self._tokens.unknown(texts)

    def parts(self, text: str, query: bool = False) -> TokenContributions | None:
        """Return the tokens, each with its share of the mean, in fp32; None unless the model pools by the mean."""
        from embedlab.encoders.transformer.layers import parts

        return parts(self._model, (self._card.query_prompt if query else self._card.prompt) + text)

    def lexicon(self) -> Lexicon:
        """Return the words among its tokens."""
        return self._tokens.lexicon()

    def _prompted(self, texts: Sequence[str], query: bool) -> Sequence[str]:
        prompt = self._card.query_prompt if query else self._card.prompt
        return [prompt + text for text in texts] if prompt else texts


def tokens_of(model: ModelFolder) -> Tokens:
    """Return the tokenizer of `model`; raises `Refused` where it can be had only through its own code."""
    if not (model.path / "tokenizer.json").exists():
        raise Refused("it has no tokenizer.json")
    try:
        return Tokens(model)
    except Exception as error:  # tokenizers raises nothing more special
        raise Refused("its tokenizer.json can't be read") from error


@dataclass(frozen=True)
class Converted:
    """A converted model on disk: its graph, and the lowest cosine to sentence-transformers by precision."""

    graph: Path
    cosines: dict[str, float]

    @classmethod
    def of(cls, model: ModelFolder, what: What = "vectors") -> Converted:
        """Return the conversion of `model`, making it first where there is none (a few seconds, once).

        "vectors" are those of whole texts; "inside" is what each layer makes of each token.
        """
        place = _place(model, what)
        if not (place / "check.json").exists():
            _convert(model, place, what)
        try:
            read = json.loads((place / "check.json").read_text(encoding="utf-8"))
            cosines = {precision: float(cosine) for precision, cosine in read.items()}
            lowest = cosines["FP32"]
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            raise Damaged from error
        if not lowest >= LOWEST_COSINE:  # nor where it is not a number
            raise Refused(f"it differs from sentence-transformers (lowest cosine {lowest:.5f})")
        return cls(place / "model.xml", cosines)

    def best(self) -> str:
        """Return the fastest precision that still agrees with sentence-transformers."""
        return "BF16" if self.cosines.get("BF16", 0.0) >= LOWEST_COSINE else "FP32"


def _place(model: ModelFolder, what: What) -> Path:
    version = openvino().__version__.split("-")[0]
    name = model.name.replace("/", "--")
    return folder("converted") / f"{name}-{model.sha256[:12]}-{FOR[what]}-{version}-{GRAPH}"


def _convert(model: ModelFolder, place: Path, what: What) -> None:
    """Convert in a folder beside `place`, then rename: nobody ever sees half a model."""
    with tempfile.TemporaryDirectory(prefix="converting-", dir=place.parent) as name:
        beside = Path(name) / "model"
        beside.mkdir()
        command = [
            sys.executable,
            "-m",
            "embedlab.encoders.transformer.conversion",
            what,
            str(model.path),
            str(beside / "model.xml"),
        ]
        root = str(Path(__file__).parents[3])
        path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = os.environ | {
            "PYTHONPATH": path,
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
        }
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Refused(f"it could not be converted ({last[:200]})")
        (beside / "check.json").write_text(done.stdout.strip().splitlines()[-1], encoding="utf-8")
        with contextlib.suppress(OSError):  # another process was faster
            beside.rename(place)


def _cosine_shown(cosine: float) -> str:
    """Round down, so that 1 is never claimed for less."""
    return f"{int(min(cosine, 1.0) * 1e7) / 1e7:.7f}".rstrip("0").rstrip(".")


def forget_converted(model: ModelFolder, what: What = "vectors") -> None:
    """Delete a conversion of `model`; it is made again when needed."""
    shutil.rmtree(_place(model, what), ignore_errors=True)
