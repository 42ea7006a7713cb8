"""A training is begun: checked, estimated, started in a process of its own, and waited for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import folder, home
from embedlab.base.progress import Report, no_report
from embedlab.encoders import registry
from embedlab.encoders.base import LEXICAL, REMOTE, STATIC, TRANSFORMER, WORDS, ModelEntry
from embedlab.encoders.transformer import tuned
from embedlab.encoders.transformer.entries import model_folder
from embedlab.finetune import runs
from embedlab.finetune.batches import seconds_for
from embedlab.finetune.data import TrainingData
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.runs import Run

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
        runs.children[name] = _process(place)
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise EmbedlabError(f"The training can't begin at {place} ({error.strerror}): free some room there.") from error
    return runs.run(name)


def _check_name(name: str) -> None:
    if not runs.NAME.fullmatch(name):
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
        while (run := runs.run(name)).active:
            if run.progress is not None:
                report(run.progress)
            time.sleep(_POLL)
    except BaseException:
        runs.stop(name)
        end = time.monotonic() + _TO_STOP
        while runs.run(name).active and time.monotonic() < end:
            time.sleep(_POLL)
        raise
    if run.status != "finished":
        error = run.error or f"The training of “{name}” was stopped: start it again."
        raise EmbedlabError(error)
    return run
