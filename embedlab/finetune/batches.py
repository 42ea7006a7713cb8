"""In what order a model is trained on its data, the same for the same data and recipe, and how long that takes.

Nothing here needs torch, so that a page can say how long a training will take before it starts.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from embedlab.base.arrays import Floats, Rows
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import threads
from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.transformer.tuned import read_json, root
from embedlab.finetune.data import TrainingData
from embedlab.finetune.recipe import Recipe

PIECE = 16
"""Texts of a batch that go through the model together, the shortest first: padding costs as much as text."""
_LIKE_LENGTHS, _ANY_LENGTH = 0.3, 3.0
"""How much lengths are blurred before texts are sorted by them: a class must not always meet the same others."""
_LOOKED_AT = 50


@dataclass(frozen=True, eq=False)
class BatchPlan:
    """The whole of a training, batch by batch.

    `columns` are parallel lists by name, as the trainer wants them; `batches` are rows of these.
    """

    columns: dict[str, list[Any]]
    batches: tuple[list[int], ...]

    @property
    def padded(self) -> int:
        """Characters that go through the model, each text as long as the longest of its piece of the batch."""
        texts = [column for name, column in self.columns.items() if name not in ("label", "score")]
        total = 0
        for rows, column in itertools.product(self.batches, texts):
            lengths = sorted(len(column[row]) for row in rows)
            pieces = (lengths[at : at + PIECE] for at in range(0, len(lengths), PIECE))
            total += sum(len(piece) * piece[-1] for piece in pieces)
        return total


def plan(data: TrainingData, recipe: Recipe) -> BatchPlan:
    """Return what each step trains on, the same for the same data and recipe.

    In an epoch each text (or pair) comes once: with labels and the ranking loss once beside another of its class.
    Given pairs of like length share a batch, so that little is spent on padding; the order of batches is random.
    """
    loss = recipe.chosen_loss(len(data.names))
    rng = np.random.default_rng(recipe.seed)
    columns: dict[str, list[Any]] = {}
    batches: list[list[int]] = []
    for _ in range(recipe.epochs):
        if loss == "triplet":
            made, ordered = _duos(data, recipe.batch, rng)
        elif loss == "prototypes":
            made = {"text": list(data.texts), "label": data.codes.tolist()}
            count = -(-len(data) // recipe.batch)
            ordered = [rows.tolist() for rows in np.array_split(rng.permutation(len(data)), count)]
        elif data.kind == "labels":
            made, ordered = _same_class(data, recipe.batch, rng)
        else:
            made, ordered = _given_pairs(data, recipe.batch, rng)
        done = len(next(iter(columns.values()), ()))
        for name, column in made.items():
            columns.setdefault(name, []).extend(column)
        rng.shuffle(ordered)
        batches += [[done + row for row in rows] for rows in ordered]
    if not batches:
        raise EmbedlabError("There are too few texts for a single step of training: bring more labels or pairs.")
    return BatchPlan(columns, tuple(batches))


def _same_class(data: TrainingData, batch: int, rng: np.random.Generator) -> tuple[dict[str, list[Any]], list[Any]]:
    first: list[int] = []
    second: list[int] = []
    sizes: list[int] = []
    for code in range(len(data.names)):
        rows = rng.permutation(np.flatnonzero(data.codes == code))
        if len(rows) > 1:
            first += rows.tolist()
            second += np.roll(rows, 1).tolist()
            sizes.append(len(rows))
    made = {"anchor": [data.texts[row] for row in first], "positive": [data.texts[row] for row in second]}
    return made, _dealt(np.array(sizes, dtype=np.intp), batch, rng)


def _dealt(sizes: Rows, batch: int, rng: np.random.Generator) -> list[list[int]]:
    """Return batches of like size in which no class comes twice; `sizes` are the pairs of each class, int (c,).

    Small batches have little to tell a text apart from. So a class with more pairs than there are batches goes on in
    further ones, which other such classes share; pairs that are alone there go nowhere.
    """
    count = -(-int(sizes.sum()) // batch)
    filled = np.zeros(max([count, *sizes.tolist()]), dtype=np.intp)
    batches: list[list[int]] = [[] for _ in filled]
    ends = np.cumsum(sizes)
    for code in rng.permutation(len(sizes)).tolist():
        emptiest = np.lexsort((rng.random(count), filled[:count]))[: sizes[code]]
        places = [*emptiest.tolist(), *range(count, int(sizes[code]))]
        filled[places] += 1
        for place, row in zip(places, range(int(ends[code] - sizes[code]), int(ends[code])), strict=True):
            batches[place].append(row)
    return [rows for rows in batches if len(rows) > 1]


def _duos(data: TrainingData, batch: int, rng: np.random.Generator) -> tuple[dict[str, list[Any]], list[Any]]:
    duos: list[list[int]] = []
    for code in range(len(data.names)):
        rows = rng.permutation(np.flatnonzero(data.codes == code))
        duos += rows[: len(rows) // 2 * 2].reshape(-1, 2).tolist()
    pairs = np.array(duos)
    lengths = _lengths([data.texts[a] for a, _ in duos], [data.texts[b] for _, b in duos], rng, _ANY_LENGTH)
    packed = _packed(lengths, [()] * len(duos), batch // 2)
    made = {"text": list(data.texts), "label": data.codes.tolist()}
    return made, [pairs[rows].ravel().tolist() for rows in packed]


def _given_pairs(data: TrainingData, batch: int, rng: np.random.Generator) -> tuple[dict[str, list[Any]], list[Any]]:
    made: dict[str, list[Any]] = {"anchor": list(data.first), "positive": list(data.second)}
    lengths = _lengths(data.first, data.second, rng, _LIKE_LENGTHS)
    if data.kind == "scored":
        return made | {"score": data.scores.tolist()}, _packed(lengths, [()] * len(data), batch)
    keys = list(zip(*(side.tolist() for side in data.numbers), strict=True))
    return made, _packed(lengths, keys, batch)


def _lengths(first: Sequence[str], second: Sequence[str], rng: np.random.Generator, blur: float) -> Floats:
    """Return the longer of both lengths, blurred, so that batches differ from epoch to epoch."""
    longest = np.array([max(len(a), len(b), 1) for a, b in zip(first, second, strict=True)], dtype=np.float64)
    return longest * np.exp(rng.normal(0, blur, len(longest)))


def _packed(lengths: Floats, keys: Sequence[tuple[int, ...]], batch: int) -> list[list[int]]:
    """Return batches of like lengths in which no key comes twice.

    One that is left alone has nothing to be told from: it joins a batch that is full, or goes where none can take it.
    """
    batches: list[list[int]] = []
    after: dict[int, int] = {}
    first_open = 0
    for row in np.argsort(lengths, kind="stable").tolist():
        place = max([first_open, *(after.get(key, 0) for key in keys[row])])
        while place < len(batches) and len(batches[place]) >= batch:
            place += 1
        if place >= len(batches):
            place = len(batches)
            batches.append([])
        batches[place].append(row)
        after.update((key, place + 1) for key in keys[row])
        while first_open < len(batches) and len(batches[first_open]) >= batch:
            first_open += 1
    whole = [rows for rows in batches if len(rows) > 1]
    for alone in (rows[0] for rows in batches if len(rows) == 1):
        taking = (rows for rows in whole[-_LOOKED_AT:] if not any(set(keys[row]) & set(keys[alone]) for row in rows))
        next(taking, []).append(alone)
    return whole


# --- How long a training will take ----------------------------------------------------------------


RATES = "rates.json"
"""Seconds a character that goes through the model, by model and layers."""
CHARACTERS = 4.3
"""In a token of English text."""
EFFICIENCY = 0.65
"""Of a training in fp32, as a share of what small matrix products reach; MiniLM on two cores. With bf16 it is 1.1."""
TO_LOAD = 4.0
ENOUGH_STEPS = 20
A_STEP = 0.17
"""Seconds of a step that don't depend on the texts: updating the weights."""


def seconds_for(model: ModelFolder, recipe: Recipe, data: TrainingData) -> float:
    """Return about how many seconds a training takes, loading included."""
    steps = plan(data, recipe)
    known = read_json(root() / RATES).get(_key(recipe))
    if isinstance(known, int | float):
        return TO_LOAD + float(known) * steps.padded
    work = 6 * _weights_used(model) * steps.padded / CHARACTERS
    return TO_LOAD + A_STEP * len(steps.batches) + work / (EFFICIENCY * _speed())


def keep_rate(recipe: Recipe, data: TrainingData, seconds: float) -> None:
    """Remember how long a training took, for the next estimate. One of a few steps tells nothing of a longer one."""
    steps = plan(data, recipe)
    padded = steps.padded
    if len(steps.batches) < ENOUGH_STEPS or not padded or seconds <= 0:
        return
    with suppress(OSError):
        file = root() / RATES
        file.write_text(json.dumps(read_json(file) | {_key(recipe): seconds / padded}), encoding="utf-8")


def _key(recipe: Recipe) -> str:
    return f"{recipe.model}, {recipe.trained_layers or 'usual'} layers, in pieces"


def _weights_used(model: ModelFolder) -> float:
    """Return how many weights each token is multiplied with: those of the layers."""
    config = model.json("config.json")
    width = int(config.get("hidden_size") or config.get("d_model") or config.get("dim") or 384)
    layers = int(config.get("num_hidden_layers") or config.get("n_layers") or 6)
    inner = int(config.get("intermediate_size") or config.get("hidden_dim") or 4 * width)
    return layers * (4.0 * width * width + 2.0 * width * inner)


def _speed() -> float:
    """Return the floating point operations a second of small matrix products on all threads of a training.

    By the time that one core was given for it, so that other work meanwhile doesn't count: that may be over by then.
    """
    stack, block = np.ones((1000, 64, 64), dtype=np.float32), np.ones((64, 64), dtype=np.float32)
    best = float("inf")
    for _ in range(4):
        start = time.thread_time()
        np.matmul(stack, block)  # so small that each product keeps to this thread
        best = min(best, time.thread_time() - start)
    return threads() * 2 * 64**3 * len(stack) / max(best, 1e-9)
