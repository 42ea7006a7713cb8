"""Models that were fine-tuned here: where each training keeps its files, how it stands, and whether it can be used.

A training is a folder `tuned/NAME` in the data folder, with `state.json`, `recipe.json` and `model/`. The process that
trains holds the lock in it; when that is free, the process is gone.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Flags
from embedlab.base.lock import held
from embedlab.base.paths import home
from embedlab.text.same import folded

Status = Literal["queued", "running", "stopped", "finished", "failed", "lost"]

STATE, RECIPE, LOCK = "state.json", "recipe.json", "lock"
DATA, STOP, SPARE = "data.jsonl", "stop", "spare"
MODEL, BEFORE, NEW, LEARNT = "model", "model.before", "model.new", "learnt.npy"
_TO_BEGIN = 30.0
"""Seconds that a process has to take its lock."""


def root() -> Path:
    """Return the folder of all trainings. It need not exist yet."""
    return home() / "tuned"


def trainings() -> tuple[Path, ...]:
    """Return the folder of each training, by name; none where the folder of all can't be read."""
    return tuple(sorted(state.parent for state in root().glob(f"*/{STATE}")))


def read_json(file: Path) -> dict[str, Any]:
    """Return what a file of a training holds, nothing where it can't be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def status(folder: Path, state: dict[str, Any]) -> Status:
    """Return how the training in `folder` stands; "lost" when its process has gone without a word."""
    said: Status = state.get("status", "lost")
    if said not in ("queued", "running") or held(folder / LOCK):
        return said
    if read_json(folder / STATE).get("status") != said:  # it ended while we looked
        return status(folder, read_json(folder / STATE))
    beginning = said == "queued" and not state.get("pid") and time.time() - state.get("asked", 0.0) < _TO_BEGIN
    return "queued" if beginning else "lost"


def weights(folder: Path) -> Path | None:
    """Return the model that a training has kept, None where there is none yet."""
    return next((folder / name for name in (MODEL, BEFORE) if (folder / name / "modules.json").is_file()), None)


# --- What it has learned from --------------------------------------------------------------------


def keep_learnt(folder: Path, texts: Iterable[str], source: str) -> None:
    """Keep hashes of the texts that a training learns from, and of those that its `source` has learned from here."""
    np.save(folder / LEARNT, np.union1d(_hashes(texts), _learnt(source)))


def learnt_from(name: str, texts: Sequence[str]) -> Flags:
    """Return which texts the model `name` has learned from here, or validated on, bool (n,).

    A text that differs in capitals, white space or form alone counts as well. What a model learned elsewhere, nobody
    knows.
    """
    known = _learnt(name)
    return np.isin(_hashes(texts), known) if len(known) else np.zeros(len(texts), dtype=np.bool_)


def _learnt(name: str) -> NDArray[np.uint64]:
    try:
        return np.asarray(np.load(root() / name / LEARNT, allow_pickle=False), dtype=np.uint64)
    except (OSError, ValueError, EOFError):  # it was not fine-tuned here
        return np.empty(0, dtype=np.uint64)


def _hashes(texts: Iterable[str]) -> NDArray[np.uint64]:
    digests = (hashlib.blake2b(folded(text).encode("utf-8", "surrogatepass"), digest_size=8) for text in texts)
    return np.fromiter((int.from_bytes(one.digest(), "little") for one in digests), dtype=np.uint64)


def entries() -> Iterator[tuple[str, Path, str, str]]:
    """Yield the name, folder, origin in words and revision of each model whose training is over."""
    for folder in trainings():
        state = read_json(folder / STATE)
        model = weights(folder)
        if model is not None and status(folder, state) not in ("queued", "running"):
            origin = str(read_json(folder / RECIPE).get("model", "another model"))
            yield folder.name, model, f"fine-tuned here from {origin}", str(state.get("revision", ""))
