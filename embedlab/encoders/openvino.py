"""The fast way on a CPU: the model converted once to OpenVINO, checked, kept, and run without torch."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedlab.encoders.base import Card, Vectors
from embedlab.encoders.silent import openvino
from embedlab.encoders.tokens import Tokens
from embedlab.encoders.weights import ModelFolder
from embedlab.home import folder

LOWEST_COSINE = 0.999
BATCH = 32
SHOWN = {"BF16": "bf16", "FP32": "fp32"}


class Refused(Exception):  # noqa: N818 - not an error: another runtime takes over
    """OpenVINO can't be used for this model here; the message says why."""


class Damaged(Exception):  # noqa: N818 - mended by converting again
    """A converted model on disk can't be read."""


class Network:
    """A converted model at one precision: texts in, unit vectors out (mean pooling over the tokens)."""

    def __init__(self, graph: Path, precision: str, tokens: Tokens) -> None:
        core = openvino().Core()
        hints = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": {"BF16": "bf16"}.get(precision, "f32"),
        }
        self._compiled = core.compile_model(core.read_model(graph), "CPU", hints)
        self._tokens = tokens

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1. Longer texts first, so that batches are even."""
        ids = self._tokens.ids(texts)
        request = self._compiled.create_infer_request()
        vectors = np.empty((len(ids), self._compiled.output(0).partial_shape[2].get_length()), dtype=np.float32)
        order = sorted(range(len(ids)), key=lambda row: -len(ids[row]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            padded, mask = self._tokens.padded([ids[row] for row in rows])
            hidden = request.infer([padded, mask])[0]
            vectors[rows] = mean_pooled(hidden, mask)
        return vectors


def mean_pooled(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> Vectors:
    """Return the mean of `hidden` (b, tokens, d) over the tokens that `mask` (b, tokens) keeps, length 1."""
    weights = mask.astype(np.float32)
    summed = np.einsum("btd,bt->bd", hidden, weights, optimize=True)
    means = summed / weights.sum(axis=1, keepdims=True)
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)


class OpenVINOEncoder:
    """An encoder on OpenVINO. Raises `Refused` when the model can't be converted or doesn't agree."""

    def __init__(self, model: ModelFolder, exact: bool = False) -> None:
        self._tokens = Tokens(model)
        try:
            converted, precision, self._network = self._loaded(model, exact)
        except (Damaged, RuntimeError):
            forget_converted(model)
            converted, precision, self._network = self._loaded(model, exact)
        cosine = converted.cosines[precision]
        self._card = Card(
            model=model.name,
            weights=model.sha256,
            dimensions=model.dimensions,
            window=model.window,
            runtime=f"OpenVINO {SHOWN[precision]}",
            checked=f"checked: lowest cosine {_cosine_shown(cosine)}",
        )

    def _loaded(self, model: ModelFolder, exact: bool) -> tuple[Converted, str, Network]:
        converted = Converted.of(model)
        precision = "FP32" if exact else converted.best()
        return converted, precision, Network(converted.graph, precision, self._tokens)

    @property
    def card(self) -> Card:
        return self._card

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._network.encode(texts)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return self._tokens.count(texts)


@dataclass(frozen=True)
class Converted:
    """A converted model on disk: its graph, and the lowest cosine to sentence-transformers by precision."""

    graph: Path
    cosines: dict[str, float]

    @classmethod
    def of(cls, model: ModelFolder) -> Converted:
        """Return the conversion of `model`, making it first where there is none (a few seconds, once)."""
        place = _place(model)
        if not (place / "check.json").exists():
            _convert(model, place)
        try:
            read = json.loads((place / "check.json").read_text(encoding="utf-8"))
            cosines = {precision: float(cosine) for precision, cosine in read.items()}
            lowest = cosines["FP32"]
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            raise Damaged from error
        if lowest < LOWEST_COSINE:
            raise Refused(f"it differs from sentence-transformers (lowest cosine {lowest:.5f})")
        return cls(place / "model.xml", cosines)

    def best(self) -> str:
        """Return the fastest precision that still agrees with sentence-transformers."""
        return "BF16" if self.cosines.get("BF16", 0.0) >= LOWEST_COSINE else "FP32"


def _place(model: ModelFolder) -> Path:
    version = openvino().__version__.split("-")[0]
    return folder("models") / f"{model.name}-{model.sha256[:12]}-openvino-{version}"


def _convert(model: ModelFolder, place: Path) -> None:
    """Convert in a folder beside `place`, then rename: nobody ever sees half a model."""
    with tempfile.TemporaryDirectory(prefix="converting-", dir=place.parent) as name:
        beside = Path(name) / "model"
        beside.mkdir()
        command = [
            sys.executable,
            "-m",
            "embedlab.encoders.convert",
            str(model.path),
            str(beside / "model.xml"),
        ]
        root = str(Path(__file__).parents[2])
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


def forget_converted(model: ModelFolder) -> None:
    """Delete the conversion of `model`; it is made again when needed."""
    shutil.rmtree(_place(model), ignore_errors=True)
