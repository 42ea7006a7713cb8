"""Frozen or fine-tuned: two models whose labels say nothing, and two of which one is really better."""

from __future__ import annotations

import numpy as np

from benchmarks.truths.ground import MODELS, Ground, Rows, Seen, column, given_vectors, random_vectors, split_apart
from benchmarks.truths.kinds import Kind, Outcome
from embedlab.corpus import Column
from embedlab.finetune.advice import Advice, advice
from embedlab.finetune.compared import FrozenVsTuned, compared
from embedlab.finetune.frozen import readers

TEXTS = 500
TOOK = 780.0
"""Seconds of a training: they are spent, whatever time there was."""
NOISE = 0.1
"""In each dimension: about twice as long as the vectors themselves."""


# --- The product's answers -----------------------------------------------------------------------


def advised(frozen: Seen, tuned: Seen, labels: Column, seed: int) -> tuple[FrozenVsTuned, Advice]:
    """Return the comparison of two models on the labels, and what is advised where nobody has set a budget."""
    parted = split_apart(frozen.corpus, labels, seed=seed)
    before, after = (readers(one.space, parted) for one in (frozen, tuned))
    found = compared(before, after, parted)
    return found, advice(found, before, (), parted, training_seconds=TOOK)


# --- The cases -----------------------------------------------------------------------------------


def shuffled_labels(ground: Ground, number: int) -> Outcome:
    """Return whether the tuned model is called better, or tuning advised, where labels were shuffled."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    labels = column("label", rng.permutation(of.labels.values[rows]))
    found, said = advised(*_pair(ground, number, rows, rng), labels, number)
    return Outcome(found.verdict == "better" or said.level == "tune", f"{said.level}: {found.sentence}")


def _pair(ground: Ground, number: int, rows: Rows, rng: np.random.Generator) -> tuple[Seen, Seen]:
    """Return two models: any two, or one and random vectors, in either order."""
    of = ground.set_of(number)
    names = rng.permutation(len(MODELS))[:2]
    first, second = (of.seen(rows, MODELS[at]) for at in names)
    if number % 3 == 0:
        second = random_vectors(first.corpus, 384, rng)
    return (first, second) if number % 2 else (second, first)


def really_better(ground: Ground, number: int) -> Outcome:
    """Return whether a model is not advised beside which the frozen one is much blurred, after a long training."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    tuned = of.seen(rows)
    blurred = tuned.space.vectors + NOISE * rng.standard_normal(tuned.space.vectors.shape)
    _, said = advised(given_vectors(tuned.corpus, blurred, "blurred"), tuned, of.labels.take(rows), number)
    return Outcome(said.level != "tune", f"{said.level}: {said.verdict}")


KINDS = (
    Kind("fine-tuning, shuffled labels", "the tuned model is called better", "false alarm", shuffled_labels),
    Kind("fine-tuning, far better, no budget set", "it is not advised", "miss", really_better),
)
