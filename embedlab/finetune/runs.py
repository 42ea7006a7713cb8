"""Trainings: begun and waited for, looked at, stopped, taken away and deleted. All known of one lies in its folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import folder, home
from embedlab.base.progress import Progress, Report, no_report
from embedlab.encoders import registry
from embedlab.encoders.base import LEXICAL, REMOTE, STATIC, TRANSFORMER, WORDS, ModelEntry
from embedlab.encoders.transformer import tuned
from embedlab.encoders.transformer.entries import model_folder
from embedlab.encoders.transformer.tuned import Status
from embedlab.finetune.batches import seconds_for
from embedlab.finetune.card import METRICS, card
from embedlab.finetune.data import TrainingData
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


# --- Beginning one --------------------------------------------------------------------------------


SPARE_BYTES = 65_536
COPIES = 3
"""Of the model on disk while it trains: the one that is kept, its successor, and the vectors made with it."""
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "WANDB_MODE": "disabled",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin while they wait take the cores from whoever else computes
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # or sums on a graphics card come in another order each time
}
_INSTEAD = {
    LEXICAL.name: "it has no weights, it counts words",
    STATIC.name: "each of its tokens has one fixed vector and no layers above it",
    WORDS.name: "each word has one fixed vector and no layers above it",
    REMOTE.name: "its weights are on another computer",
}
_POLL, _TO_STOP = 0.2, 30.0
"""Seconds between two looks at a training, and for which one that was asked to stop may go on."""


def trainable(listing: ModelEntry) -> None:
    """Raise `EmbedlabError`, with what to do instead, for a model whose weights can't be trained here."""
    name = listing.name
    if not listing.ready:
        raise EmbedlabError(f"“{name}” is not ready here: {listing.how}")
    if listing.family.name != TRANSFORMER.name:
        why = _INSTEAD.get(listing.family.name, "it has no layers")
        raise EmbedlabError(
            f"“{name}” can't be fine-tuned, for {why}: train a transformer such as {registry.DEFAULT_MODEL}, or put a "
            "linear probe on the vectors of this one, which needs no training of the model."
        )


def free_name(model: str, ending: str = "-tuned") -> str:
    """Return a name for a model tuned from `model` that nobody has yet: its own with `ending`, or a number."""
    base = re.sub(r"[^A-Za-z0-9._+-]+", "-", model.rsplit("/", 1)[-1]).strip("-. ")[:48].rstrip("-. ") or "model"
    if ending:
        base = re.sub(r"-tuned(-\d+)?$", "", base) + ending
    taken = {name.casefold() for name in _names()}
    number = 1
    while (name := base if number == 1 else f"{base}-{number}").casefold() in taken:
        number += 1
    return name


def _names() -> list[str]:
    return [listing.name for listing in registry.models()] + [place.name for place in tuned.trainings()]


def estimate(recipe: Recipe, data: TrainingData) -> float:
    """Return about how many seconds the training takes on this machine; the first one of a model is a rough guess.

    Raises `EmbedlabError` for a model that is not here, or settings or data with which nothing can be trained.
    """
    recipe.check()
    data.check()
    trainable(registry.listing(recipe.model))
    return seconds_for(model_folder(recipe.model), recipe, data)


def start(name: str, recipe: Recipe, data: TrainingData, about: Mapping[str, Any] | None = None) -> Run:
    """Begin a training in a process of its own, which lives on when this one ends; it waits while another trains.

    `about` are facts on the data to keep beside the model (names of columns, how they were split); no texts, please.
    Raises `EmbedlabError` for a name that is taken or can't be a folder's, a model that can't be trained, settings or
    data with which nothing can be learned, or too little room on the disk.
    """
    if recipe.kind != data.kind:
        raise ValueError(f"a recipe for {recipe.kind} with data that are {data.kind}")
    recipe.check()
    data.check()
    listing = registry.listing(recipe.model)
    trainable(listing)
    _check_name(name)
    root = folder("tuned")
    _check_room(root, listing)
    place = root / name
    try:
        place.mkdir()
    except FileExistsError as error:
        raise EmbedlabError(f"There is already a training “{name}”: choose another name.") from error
    except OSError as error:
        raise EmbedlabError(f"The folder {place} can't be made ({error.strerror}): choose another name.") from error
    try:
        _write(place, recipe, data, listing, about or {})
        children[name] = _process(place)
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise EmbedlabError(f"The training can't begin at {place} ({error.strerror}): free some room there.") from error
    return run(name)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise EmbedlabError(
            f"“{name[:80]}” can't be a model's name: use up to 64 letters, digits, spaces and . _ + -, beginning with "
            "a letter or digit."
        )
    if name.casefold() in {known.casefold() for known in _names()}:
        raise EmbedlabError(f"There is already a model “{name}”: choose another name.")


def _check_room(root: Path, listing: ModelEntry) -> None:
    needed = COPIES * listing.bytes + 10_000_000
    free = shutil.disk_usage(root).free
    if free < needed:
        raise EmbedlabError(
            f"Training needs about {needed / 1e6:,.0f} MB on the disk at {root}, where {free / 1e6:,.0f} MB are free: "
            "make room, or set EMBEDLAB_HOME to another place."
        )


def _write(place: Path, recipe: Recipe, data: TrainingData, listing: ModelEntry, about: Mapping[str, Any]) -> None:
    source = model_folder(recipe.model)
    saved = asdict(recipe) | {
        "data": dict(about) | data.facts,
        "source": {"weights": source.sha256, "licence": listing.licence, "languages": listing.languages},
        "versions": {name: version(name) for name in ("sentence-transformers", "transformers", "torch")},
    }
    data.write(place / tuned.DATA)
    tuned.keep_learnt(place, data.all_texts, recipe.model)
    (place / tuned.SPARE).write_bytes(b"." * SPARE_BYTES)
    (place / tuned.RECIPE).write_text(json.dumps(saved), encoding="utf-8")
    beside = place / f"{tuned.STATE}.new"
    beside.write_text(json.dumps({"status": "queued", "asked": time.time()}), encoding="utf-8")
    os.replace(beside, place / tuned.STATE)


def _process(place: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (place / "log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "embedlab.finetune.worker", str(place.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | _ENVIRONMENT | {"PYTHONPATH": path, "EMBEDLAB_HOME": str(home().absolute())},
            start_new_session=True,
        )


# --- Waiting for it ------------------------------------------------------------------------------


def awaited(name: str, report: Report = no_report) -> Run:
    """Return a training when it is finished; what ends the wait before, a key or `report`, stops the training, too.

    Raises `EmbedlabError` where it failed, or was stopped by somebody else.
    """
    try:
        while (one := run(name)).active:
            if one.progress is not None:
                report(one.progress)
            time.sleep(_POLL)
    except BaseException:
        stop(name)
        end = time.monotonic() + _TO_STOP
        while run(name).active and time.monotonic() < end:
            time.sleep(_POLL)
        raise
    if one.status != "finished":
        error = one.error or f"The training of “{name}” was stopped: start it again."
        raise EmbedlabError(error)
    return one
