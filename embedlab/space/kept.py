"""The neighbours of many texts, kept on disk: a layout that was stopped, or another one, need not find them again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import folder
from embedlab.space.approximate import Approximate

FOLDER = "neighbours"
MOST = 4
"""So many are kept, those that were asked for last; of a million texts each takes a quarter of a gigabyte."""


def kept(key: str, shape: tuple[int, int]) -> Approximate | None:
    """Return what was kept under `key`, neighbours of this `shape` (u, k); None without, or where it is damaged."""
    try:
        place = folder(FOLDER) / key
        told = json.loads((place / "measured.json").read_text(encoding="utf-8"))
        indices = np.load(place / "indices.npy", allow_pickle=False)
        cosines = np.load(place / "cosines.npy", allow_pickle=False)
        os.utime(place)
        recall, sample = float(told["recall"]), int(told["sample"])
    except (EmbedlabError, OSError, ValueError, EOFError, KeyError, TypeError):
        return None
    right = indices.shape == cosines.shape == shape and (indices.dtype, cosines.dtype) == (np.int32, np.float32)
    if not right or indices.min(initial=0) < 0 or indices.max(initial=0) >= shape[0]:
        return None
    return Approximate(indices, cosines, recall, sample)


def keep(key: str, found: Approximate) -> Approximate:
    """Keep neighbours under `key`, whole or not at all, and return them; a full disk is no error."""
    with contextlib.suppress(EmbedlabError, OSError):
        root = folder(FOLDER)
        beside = Path(tempfile.mkdtemp(prefix="making-", dir=root))
        try:
            np.save(beside / "indices.npy", found.indices)
            np.save(beside / "cosines.npy", found.cosines)
            told = {"recall": found.recall, "sample": found.sample}
            (beside / "measured.json").write_text(json.dumps(told), encoding="utf-8")
            shutil.rmtree(root / key, ignore_errors=True)
            beside.rename(root / key)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        _clear(root)
    return found


def _clear(root: Path) -> None:
    """Delete all but the latest."""
    latest = sorted((one for one in root.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in latest[MOST:]:
        shutil.rmtree(old, ignore_errors=True)
