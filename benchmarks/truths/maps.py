"""Groups on the map: of vectors that have none, and of such that have some."""

from __future__ import annotations

import numpy as np

from benchmarks.truths.ground import MODELS, Ground, Seen, given_vectors, random_vectors
from benchmarks.truths.kinds import Kind, Outcome
from embedlab.corpus import Corpus
from embedlab.space.clusters import cluster
from embedlab.space.names import name_clusters
from embedlab.space.order import Side, order
from embedlab.space.tendency import tendency

TEXTS = (300, 800, 2_000)
DIMENSIONS = (16, 64, 384, 768)
GROUPS = (4, 8, 16, 32)
FEWEST = 20
"""Texts of a planted group, on average."""
SPREAD = (0.5, 1.0, 1.5)
"""How far a planted group's texts lie from its middle, measured by how far that lies from the origin."""


# --- The product's answers -----------------------------------------------------------------------


def named(seen: Seen) -> int:
    """Return how many groups the map names."""
    found, words = cluster(seen.near), seen.prepared.words
    names = name_clusters(found, words, seen.space.vectors, tendency(seen.space, seen.near, words))
    return len(names.names) if names.drawn else 0


def rolled_by(first: Seen, second: Seen) -> int | None:
    """Return by how many rows the second vectors are said to be shifted against the first; None for not at all."""
    found = order(Side.of(first.space, first.near), Side.of(second.space, second.near), first.corpus)
    return found.by if found is not None else None


# --- The cases -----------------------------------------------------------------------------------


def random(ground: Ground, number: int) -> Outcome:
    """Return whether groups are named among random vectors, the spread of whose dimensions is even or falls."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    texts = of.seen(of.drawn(TEXTS[number % len(TEXTS)], rng)).corpus
    dimensions = DIMENSIONS[number // len(TEXTS) % len(DIMENSIONS)]
    decay = float(rng.uniform(0, 1))
    groups = named(random_vectors(texts, dimensions, rng, decay))
    said = f"{groups} groups named among {len(texts):,} random vectors of {dimensions} dimensions, decay {decay:.2f}"
    return Outcome(groups > 1, said)


def real(ground: Ground, number: int) -> Outcome:
    """Return whether no groups are named among the vectors of a real model."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    model = MODELS[number // len(ground.sets) % len(MODELS)]
    seen = of.seen(of.drawn(TEXTS[number % len(TEXTS)], rng), model)
    return Outcome(named(seen) < 2, f"no groups named in {len(seen.corpus):,} texts of {of.name} by {model}")


def planted(ground: Ground, number: int) -> Outcome:
    """Return whether no groups are named among vectors drawn around a few middles, with words of each group's own."""
    rng = np.random.default_rng(number)
    count = TEXTS[number % len(TEXTS)]
    dimensions = rng.choice(DIMENSIONS[1:])
    groups = rng.choice([some for some in GROUPS if some * FEWEST <= count])
    spread = SPREAD[number // len(TEXTS) % len(SPREAD)]
    of = rng.integers(0, groups, count)
    around = rng.standard_normal((groups, dimensions))[of] + spread * rng.standard_normal((count, dimensions))
    found = named(given_vectors(Corpus.of([_worded(group, rng) for group in of.tolist()]), around, "planted groups"))
    said = f"no groups named among {count:,} vectors of {dimensions} dimensions in {groups} groups, spread {spread:g}"
    return Outcome(found < 2, said)


def _worded(group: int, rng: np.random.Generator) -> str:
    """Return a text of made-up words: three of its group's own six, and five of a hundred that all groups use."""
    own = rng.permutation([f"own{group}{letter}" for letter in "abcdef"])[:3]
    common = [f"common{word}" for word in rng.integers(0, 100, 5)]
    return " ".join(rng.permutation([*own, *common]))


def rolled(ground: Ground, number: int) -> Outcome:
    """Return whether it is missed that vectors stand some rows beside their texts."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    seen = of.seen(of.drawn(400, rng), MODELS[number % 2])
    rows = int(rng.choice([-2, -1, 1, 2, 3]))
    said = rolled_by(seen, given_vectors(seen.corpus, np.roll(seen.space.vectors, rows, axis=0), "own vectors"))
    return Outcome(said not in (rows, -rows), f"{of.name} rolled by {rows}: said {said}")


def unlike(ground: Ground, number: int) -> Outcome:
    """Return whether the vectors of another model, or random ones, are said to be shifted."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.drawn(400, rng)
    seen = of.seen(rows)
    other = of.seen(rows, MODELS[1 + number % 2]) if number % 3 else random_vectors(seen.corpus, 384, rng)
    said = rolled_by(seen, other)
    return Outcome(said is not None, f"{of.name}, {other.name}: said to be shifted by {said}")


KINDS = (
    Kind("random vectors on the map", "groups are named", "false alarm", random),
    Kind("real vectors on the map", "no groups are named", "miss", real),
    Kind("planted groups on the map", "no groups are named", "miss", planted),
    Kind("own vectors some rows off", "that is not said", "miss", rolled),
    Kind("another model, or random vectors", "said to be some rows off", "false alarm", unlike),
)
