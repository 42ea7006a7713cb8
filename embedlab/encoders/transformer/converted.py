"""Models converted to OpenVINO: made once by a process of its own, checked, kept, and opened.

Every import of OpenVINO in embedlab goes through `openvino`, so that none reports its use.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from embedlab.base.paths import folder
from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.tokens import Tokens

LOWEST_COSINE = 0.999
GRAPH = 2
"""Raised when conversions made by an older version can't be used any more."""
CONVERSION = "embedlab.encoders.transformer.conversion"
What = Literal["vectors", "inside"]
FOR: dict[What, str] = {"vectors": "openvino", "inside": "inside"}
T = TypeVar("T")


class Refused(Exception):  # noqa: N818 - not an error: another runtime takes over
    """OpenVINO can't be used for this model here; the message says why."""


class Damaged(Exception):  # noqa: N818 - mended by converting again
    """A converted model on disk can't be read."""


def openvino() -> Any:
    """Return the module `openvino`.

    Importing it plainly starts a process that reports the import to its maker. With its telemetry package out
    of reach, it takes the stub that it brings for that case.
    """
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


def tokens_of(model: ModelFolder) -> Tokens:
    """Return the tokenizer of `model`; raises `Refused` where it can be had only through its own code."""
    if not (model.path / "tokenizer.json").exists():
        raise Refused("it has no tokenizer.json")
    try:
        return Tokens(model)
    except Exception as error:  # tokenizers raises nothing more special
        raise Refused("its tokenizer.json can't be read") from error


def opened(model: ModelFolder, what: What, use: Callable[[Converted], T]) -> T:
    """Return what `use` makes of the conversion of `model`; one that can't be used is made again, once.

    Raises `Refused` where the model can't be converted, doesn't agree, or can't be used then either.
    """
    with contextlib.suppress(Damaged, RuntimeError):
        return use(Converted.of(model, what))
    forget_converted(model, what)
    try:
        return use(Converted.of(model, what))
    except (Damaged, RuntimeError) as error:
        raise Refused("what was converted can't be loaded") from error


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
        command = [sys.executable, "-m", CONVERSION, what, str(model.path), str(beside / "model.xml")]
        path = os.pathsep.join(filter(None, [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH")]))
        environment = os.environ | {"PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Refused(f"it could not be converted ({last[:200]})")
        (beside / "check.json").write_text(done.stdout.strip().splitlines()[-1], encoding="utf-8")
        with contextlib.suppress(OSError):  # another process was faster
            beside.rename(place)


def forget_converted(model: ModelFolder, what: What = "vectors") -> None:
    """Delete a conversion of `model`; it is made again when needed."""
    shutil.rmtree(_place(model, what), ignore_errors=True)
