"""Which model is better by labels, where none is: shuffled labels, random vectors, and one model twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks.truths.ground import MODELS, Ground, Seen, column, given_vectors, random_vectors, taken
from benchmarks.truths.kinds import Kind, Outcome
from embedlab.corpus import Column
from embedlab.encoders import DEFAULT_MODEL
from embedlab.evaluate.quality import KNN, PROBE, Quality, by_labels
from embedlab.evaluate.versus import all_versus, headline
from embedlab.space.clusters import cluster

TEXTS = 200
RARE = 6
DIMENSIONS = 384
ROUNDING = 2.0**-9
"""How far rounding to bfloat16 moves a number, as a share of it."""


# --- The product's answers -----------------------------------------------------------------------


def measured(models: Sequence[Seen], labels: Column) -> list[Quality]:
    """Return what the labels say of each model."""
    return [by_labels(one.space, one.near, cluster(one.near), labels, name=one.name) for one in models]


def ahead(found: Sequence[Quality]) -> list[tuple[str, str, str]]:
    """Return who is said to be better than whom, and by which measure."""
    told = [one for measure in found[0].intervals for one in all_versus(found, measure)]
    return [
        (one.first, one.second, one.measure) if one.verdict == "better" else (one.second, one.first, one.measure)
        for one in told
        if one.verdict != "tie"
    ]


def first_sentence(found: Sequence[Quality]) -> str:
    """Return what a reader of the comparison reads first on these labels."""
    return headline(found, next(iter(found[0].intervals)))


def says_nothing(found: Sequence[Quality]) -> bool:
    """Whether the first sentence says that these labels say nothing here."""
    return "say nothing" in first_sentence(found)


# --- Labels that say nothing ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
    ahead: tuple[tuple[str, str, str], ...]
    nothing: bool
    first: str

    def of(self, name: str) -> list[str]:
        """Say over whom a model is ahead, and by what."""
        return [f"{best} ahead of {other} by {measure}" for best, other, measure in self.ahead if best == name]


@cache
def _shuffled(ground: Ground, number: int) -> _Said:
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    labels = column("label", rng.permutation(of.labels.values[rows]))
    models = [of.seen(rows, name) for name in MODELS]
    return _said(measured([*models, random_vectors(models[0].corpus, DIMENSIONS, rng)], labels))


def _said(found: Sequence[Quality]) -> _Said:
    return _Said(tuple(ahead(found)), says_nothing(found), first_sentence(found))


def shuffled_crowned(ground: Ground, number: int) -> Outcome:
    """Return whether any of four models is said to be better than another by shuffled labels."""
    said = _shuffled(ground, number).ahead
    return Outcome(bool(said), "; ".join(f"{best} ahead of {other} by {measure}" for best, other, measure in said))


def shuffled_told(ground: Ground, number: int) -> Outcome:
    """Return whether the first sentence fails to say that shuffled labels say nothing."""
    said = _shuffled(ground, number)
    return Outcome(not said.nothing, said.first)


# --- Vectors that know nothing -------------------------------------------------------------------


@cache
def _beside_random(ground: Ground, number: int) -> _Said:
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    labels = of.labels.take(rows)
    models = [of.seen(rows, name) for name in MODELS]
    return _said(measured([*models, random_vectors(models[0].corpus, DIMENSIONS, rng)], labels))


def random_crowned(ground: Ground, number: int) -> Outcome:
    """Return whether random vectors are said to be better than a real model by true labels."""
    said = _beside_random(ground, number).of("random vectors")
    return Outcome(bool(said), "; ".join(said))


def random_not_beaten(ground: Ground, number: int) -> Outcome:
    """Return whether the best real model is not said to be better than random vectors by true labels."""
    said = _beside_random(ground, number)
    beaten = {measure for best, other, measure in said.ahead if (best, other) == (DEFAULT_MODEL, "random vectors")}
    missing = [measure for measure in (PROBE, KNN) if measure not in beaten]
    return Outcome(bool(missing), f"not ahead by {' and '.join(missing)}; {said.first}")


def true_labels_denied(ground: Ground, number: int) -> Outcome:
    """Return whether true labels are said to say nothing."""
    said = _beside_random(ground, number)
    return Outcome(said.nothing, said.first)


def rare_denied(ground: Ground, number: int) -> Outcome:
    """Return whether a rare class, one of twenty against all others, is said to say nothing."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    values = of.labels.values[rows].astype(str)
    names, counts = np.unique(values, return_counts=True)
    rare = rng.choice(names[(counts >= RARE) & (counts <= 2 * RARE)])
    labels = column("label", np.where(values == rare, "it", "another"))
    found = measured([of.seen(rows, name) for name in MODELS], labels)
    return Outcome(says_nothing(found), first_sentence(found))


# --- One model twice -----------------------------------------------------------------------------


def same_model(ground: Ground, number: int) -> Outcome:
    """Return whether a model is said to be better or worse than itself with its numbers rounded."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    space = taken(of.spaces[MODELS[number % 2]], rows)
    rounded = space.vectors * (1 + ROUNDING * rng.uniform(-1, 1, space.vectors.shape))
    models = [Seen.of("the model", space), given_vectors(space.corpus, rounded, "the same, rounded")]
    said = ahead(measured(models, of.labels.take(rows)))
    return Outcome(bool(said), "; ".join(f"{best} ahead by {measure}" for best, _, measure in said))


KINDS = (
    Kind("shuffled labels, four models", "one is called better than another", "false alarm", shuffled_crowned),
    Kind("shuffled labels, four models", "the first sentence doesn't say that they say nothing", "miss", shuffled_told),
    Kind("random vectors, true labels", "they are called better than a model", "false alarm", random_crowned),
    Kind("random vectors, true labels", "MiniLM is not ahead of them", "miss", random_not_beaten),
    Kind("random vectors, true labels", "the labels are said to say nothing", "false alarm", true_labels_denied),
    Kind("a class of a few texts against all others", "the label is said to say nothing", "false alarm", rare_denied),
    Kind("one model twice, once rounded", "one is called better", "false alarm", same_model),
)
