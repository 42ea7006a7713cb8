"""Trainings that are over at once, a model that is better by hand, and texts on which that shows."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from embedlab import pipeline
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.base import Vectors, unit
from embedlab.encoders.transformer import tuned
from embedlab.finetune import runs
from embedlab.finetune.data import TrainingData
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.runs import Run
from tests.conftest import LetterEncoder
from tests.encoders.tiny import sentences

CLASSES = ("bank", "river", "dog", "cat")


class Better(LetterEncoder):
    """Letters, and which of the classes' words is in a text."""

    def __init__(self) -> None:
        super().__init__()
        self.card = replace(self.card, model="better", weights="b", dimensions=self.card.dimensions + len(CLASSES))

    def encode(self, texts: Any, query: bool = False) -> Vectors:
        letters = LetterEncoder().encode(texts, query)
        told = np.array([[3.0 * (word in text) for word in CLASSES] for text in texts], dtype=np.float32)
        return unit(np.hstack([letters, told.reshape(len(texts), len(CLASSES))]))


def pretend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a training take no time, and what it makes be `Better` than the frozen model, which counts letters."""
    monkeypatch.setattr(
        pipeline, "load", lambda name="", exact=False, texts=(): LetterEncoder() if name == DEFAULT_MODEL else Better()
    )
    monkeypatch.setattr(runs, "estimate", lambda recipe, data: 130.0)
    monkeypatch.setattr(runs, "start", begun)


def begun(name: str, recipe: Recipe, data: TrainingData, about: Any = None) -> Run:
    """Leave the folder that a training leaves."""
    place = tuned.root() / name
    sentences(place / tuned.MODEL)
    saved = asdict(recipe) | {"data": data.facts | dict(about)}
    (place / tuned.RECIPE).write_text(json.dumps(saved))
    state = {"status": "finished", "kept": 4, "total": 4, "seconds": 61.0, "began": 1.0}
    (place / tuned.STATE).write_text(json.dumps(state))
    return Run(name, recipe, "finished")


def table() -> str:
    """120 labelled texts with a column that says train and test, as CSV."""
    rng = np.random.default_rng(0)
    rows = [
        f'"{"".join(rng.choice(list("abdginortuvk "), 30))} {CLASSES[row % 4]} {row}",{CLASSES[row % 4]},'
        f"{'test' if row % 3 == 0 else 'train'}"
        for row in range(120)
    ]
    return "text,kind,part\n" + "\n".join(rows)
