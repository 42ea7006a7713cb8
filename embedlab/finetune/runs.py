"""Trainings as they stand: looked at, stopped, taken away and deleted. All that is known of one lies in its folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import home
from embedlab.base.progress import Progress
from embedlab.encoders import registry
from embedlab.encoders.transformer import tuned
from embedlab.encoders.transformer.entries import model_folder
from embedlab.encoders.transformer.tuned import Status
from embedlab.finetune.card import METRICS, card
from embedlab.finetune.recipe import Recipe

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._+-]{0,62}[A-Za-z0-9_+-])?")
children: dict[str, subprocess.Popen[bytes]] = {}
"""The processes of trainings that this one began."""


@dataclass(frozen=True)
class Run:
    """One training, as it stands now.

    `progress` counts steps and is None unless it is running. `losses` are (step, mean loss since the last),
    `scores` (step, score on the validation part), which starts with the model as it was. `asked`, `started` are
    seconds since 1970; `started` is 0 before its turn. `seconds` is how long it has trained, `joules` what the
    processor took meanwhile for this and all else, None where that can't be read (`worker.Meter`). `error`
    is a sentence where it failed or was lost. `usable` says whether a model is kept, that of step `kept`. `data` are
    facts on what it was trained on, with those that `start` was given; `metrics` what `finish` was given.
    """

    name: str
    recipe: Recipe
    status: Status
    progress: Progress | None = None
    losses: tuple[tuple[int, float], ...] = ()
    scores: tuple[tuple[int, float], ...] = ()
    asked: float = 0.0
    started: float = 0.0
    seconds: float = 0.0
    joules: float | None = None
    error: str = ""
    usable: bool = False
    kept: int = 0
    device: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether it trains or waits to."""
        return self.status in ("queued", "running")


# --- What there is -------------------------------------------------------------------------------


def all_runs() -> tuple[Run, ...]:
    """Return every training, the latest first."""
    return tuple(sorted(map(_read, tuned.trainings()), key=lambda run: (run.asked, run.name), reverse=True))


def run(name: str) -> Run:
    """Return the training `name`. Raises `EmbedlabError` where there is none."""
    return _read(_place(name))


def _place(name: str) -> Path:
    place = tuned.root() / name
    if not NAME.fullmatch(name) or not (place / tuned.STATE).is_file():
        raise EmbedlabError(f"There is no training “{name}” here: it was deleted, or has another name.")
    return place


def _read(place: Path) -> Run:
    child = children.get(place.name)
    if child is not None and child.poll() is not None:  # or it would stay in the system's list of processes
        children.pop(place.name, None)
    state = tuned.read_json(place / tuned.STATE)
    status = tuned.status(place, state)
    if status != state.get("status"):
        state = tuned.read_json(place / tuned.STATE)
    saved = tuned.read_json(place / tuned.RECIPE)
    usable = tuned.weights(place) is not None
    return Run(
        name=place.name,
        recipe=Recipe.of({"model": "", "kind": "labels"} | saved),
        status=status,
        progress=_progress(state) if status == "running" else None,
        losses=tuple((int(step), float(loss)) for step, loss in state.get("losses", ())),
        scores=tuple((int(step), float(score)) for step, score in state.get("scores", ())),
        asked=float(state.get("asked", 0)),
        started=float(state.get("began", 0)),
        seconds=float(state.get("seconds", 0)) if state.get("began") else 0.0,
        joules=float(state["joules"]) if isinstance(state.get("joules"), int | float) else None,
        error=_lost(state, usable) if status == "lost" else str(state.get("error", "")),
        usable=usable,
        kept=int(state.get("kept", 0)),
        device=str(state.get("device", "")),
        data=saved.get("data", {}),
        metrics=tuned.read_json(place / METRICS),
    )


def _progress(state: Mapping[str, Any]) -> Progress:
    done = int(state.get("done", 0))
    return Progress(
        str(state.get("stage", "")), done, int(state.get("total", 0)), float(state.get("stage seconds", 0)), done
    )


def _lost(state: Mapping[str, Any], usable: bool) -> str:
    kept = f"the model of step {state.get('kept', 0)} is kept and can be used" if usable else "nothing was kept yet"
    return (
        "The training was ended from outside (killed, perhaps for want of memory, or the computer went off): "
        f"{kept}; train again for the rest."
    )


# --- Ending one, and what it leaves --------------------------------------------------------------


def stop(name: str) -> None:
    """Ask a training to stop; it keeps the best so far. One that has ended is left as it is."""
    place = _place(name)
    if _read(place).active:
        (place / tuned.STOP).touch()


def delete(name: str) -> None:
    """Delete a training with its model. Raises `EmbedlabError` while it trains or waits, or when it can't be."""
    place = _place(name)
    if _read(place).active:
        raise EmbedlabError(f"“{name}” is still training: stop it first, then delete it.")
    kept = tuned.weights(place)
    if kept is not None:
        _forget(name)
    try:
        (place / tuned.STATE).unlink()  # no longer a training, whatever happens to the rest
        shutil.rmtree(place)
    except OSError as error:
        raise EmbedlabError(f"{place} can't be deleted ({error.strerror}): delete that folder yourself.") from error


def _forget(name: str) -> None:
    """Delete what was converted from the model, and let go of it if it is loaded."""
    try:
        start_of = f"{name}-{model_folder(name).sha256[:12]}-"
    except EmbedlabError:
        return
    for converted in (home() / "converted").glob("*"):
        if converted.name.startswith(start_of):
            shutil.rmtree(converted, ignore_errors=True)
    registry.forget()


def folder_of(name: str) -> Path:
    """Return the model's folder, as sentence-transformers loads it; `EmbedlabError` where none was kept."""
    place = _place(name)
    kept = tuned.weights(place)
    if kept is None or _read(place).active:
        raise EmbedlabError(f"“{name}” has no model to take away yet: let it finish, or train again.")
    return kept


def archive(name: str) -> Path:
    """Return a ZIP file of the model as a folder that sentence-transformers loads; made once.

    Raises `EmbedlabError` where no model was kept, while it trains, or when there is no room for the file.
    """
    place, kept = _place(name), folder_of(name)
    path = place / f"{name}.zip"
    newest = max(file.stat().st_mtime for file in kept.rglob("*"))
    if path.exists() and path.stat().st_mtime >= newest:
        return path
    beside = path.with_suffix(f".{os.getpid()}.new")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as packed:
            for file in sorted(kept.rglob("*")):
                if file.is_file():
                    packed.write(file, f"{name}/{file.relative_to(kept).as_posix()}")
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise EmbedlabError(f"{path} can't be written ({error.strerror}): make room on the disk.") from error
    return path


def finish(name: str, facts: Mapping[str, Any]) -> None:
    """Keep what was measured of a model (name and value, both short) and write it into its card.

    Raises `EmbedlabError` where the files can't be written.
    """
    place = _place(name)
    try:
        (place / METRICS).write_text(json.dumps(dict(facts)), encoding="utf-8")
        kept = tuned.weights(place)
        if kept is not None:
            (kept / "README.md").write_text(card(place), encoding="utf-8")
    except OSError as error:
        raise EmbedlabError(f"What was measured can't be kept at {place} ({error.strerror}): make room.") from error
