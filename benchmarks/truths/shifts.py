"""What changed between two sides: nothing, labels or a number by a known amount, or a few texts on another topic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.truths.ground import Ground, Rows, Seen, column, numbered, random_vectors
from benchmarks.truths.kinds import CASES, Kind, Outcome
from embedlab.base.arrays import frozen
from embedlab.base.result import Level
from embedlab.check.findings.properties import Property
from embedlab.corpus import Column
from embedlab.drift.measure import Drift, measure
from embedlab.drift.sides import AFTER, BEFORE, Codes, Sides
from embedlab.drift.verdict import verdict
from embedlab.stats.intervals import Interval

TRUE = (0.0, 0.05, 0.1, 0.2)
CATEGORIES = (2, 5, 20, 77, 150)
SIZES = (300, 600, 1_500, 3_000)
TEXTS_A_CATEGORY = 10
DIMENSIONS = 16
LABEL, NUMBER = "label", "number"
HALVES = (300, 1_000, 4_000)
TOPICS = {
    "docstrings": ("archives", "dates and times", "email"),
    "banking77": ("exchange_rate", "card_arrival", "pin_blocked"),
}
SIDE = {0.05: 1_000, 0.1: 800}


# --- The product's answers -----------------------------------------------------------------------


def changed(seen: Seen, codes: Codes, seed: int, known: tuple[Property, ...] | None = None) -> Drift:
    """Return what differs between the two sides, as the page computes it; `known` are other properties to look at."""
    sides = Sides(seen.corpus, codes, ("before", "after"), "")
    of = seen.prepared
    return measure(seen.space, seen.near, sides, of.properties if known is None else known, of.words, seed=seed)


def level_of(found: Drift, name: str) -> Level:
    """Return how one column is graded: "pass" where it is no reason of the verdict's."""
    return next((one.level for one in verdict(found).reasons if one.key == name), "pass")


def effect_of(found: Drift, name: str) -> Interval:
    """Return by how much a column is said to differ, with its interval."""
    return next(one.effect for one in found.traits if one.key == name)


# --- A known change of the labels, and of a number -----------------------------------------------


@dataclass(frozen=True)
class _Mixed:
    """What is said of a column of labels and of one of numbers, both of which differ by a known amount."""

    levels: dict[str, Level]
    effects: dict[str, Interval]

    def said(self, name: str) -> str:
        return f"{self.levels[name]}, {self.effects[name]}"


@cache
def _numbers(size: int) -> Seen:
    """Return twice so many texts that say nothing, with vectors that know nothing."""
    return random_vectors(numbered(2 * size), DIMENSIONS, np.random.default_rng(0))


@cache
def _mixed(true: float, number: int) -> _Mixed:
    rng = np.random.default_rng([number, round(100 * true)])
    categories, size = shape(number, true)
    before, after = two_mixes(categories, true, rng)
    labels = np.concatenate([rng.choice(categories, size, p=mix) for mix in (before, after)])
    values = np.concatenate([rng.random(size), rng.random(size) + true])
    columns = column(LABEL, [f"c{code}" for code in labels]), Column(NUMBER, "number", frozen(values))
    seen = _numbers(size).with_columns(*columns, label=LABEL)
    found = changed(seen, np.repeat(np.array([BEFORE, AFTER], dtype=np.int8), size), number, known=())
    names = (LABEL, NUMBER)
    return _Mixed({name: level_of(found, name) for name in names}, {name: effect_of(found, name) for name in names})


def shape(number: int, true: float = 0.0) -> tuple[int, int]:
    """Return how many categories a case has, and how many texts a side: so many that the largest change can be seen."""
    categories, size = CATEGORIES[number % len(CATEGORIES)], SIZES[number // len(CATEGORIES) % len(SIZES)]
    return categories, max(size, TEXTS_A_CATEGORY * categories) if true == TRUE[-1] else size


def two_mixes(
    categories: int, true: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the shares of so many categories on two sides whose total variation is `true`, to rounding.

    From even shares to such that fall with the rank, in which about half of the texts lose what the others gain.
    """
    before = rng.permutation(1.0 / (np.arange(categories) + 2.0) ** rng.random())
    before /= before.sum()
    order = rng.permutation(categories)
    losing = np.zeros(categories, dtype=bool)
    losing[order[: 1 + int(np.argmin(np.abs(np.cumsum(before[order]) - 0.5)))]] = True
    lost, gained = before[losing].sum(), before[~losing].sum()
    return before, before * np.where(losing, 1 - true / lost, 1 + true / gained)


def mix_graded(ground: Ground, number: int, true: float, wrong: tuple[Level, ...], name: str = LABEL) -> Outcome:
    """Return whether a change of so much is graded as it must not be."""
    found = _mixed(true, number)
    categories, size = shape(number, true)
    return Outcome(found.levels[name] in wrong, f"{categories} categories, {size:,} a side: {found.said(name)}")


def outside(ground: Ground, number: int, name: str) -> Outcome:
    """Return whether the interval of a change does not hold what it truly is."""
    true = TRUE[number % len(TRUE)]
    found = _mixed(true, number // len(TRUE)).effects[name]
    categories, size = shape(number // len(TRUE), true)
    said = f"{categories} categories, {size:,} a side: true {true:g}, said {found}"
    return Outcome(not found.low - 1e-9 <= true <= found.high + 1e-9, said)


# --- Random halves -------------------------------------------------------------------------------


@cache
def _whole(ground: Ground, name: str, most: int) -> Seen:
    of = ground.named(name)
    rows = of.drawn(most, np.random.default_rng(0))
    columns = [one.take(rows) for one in of.corpus.columns]
    return of.seen(rows).with_columns(*columns, label=of.label)


def halves(ground: Ground, number: int) -> Outcome:
    """Return whether two random halves of one set, of several sizes, don't pass."""
    seen = _whole(ground, ground.set_of(number).name, HALVES[number // len(ground.sets) % len(HALVES)])
    codes = np.full(len(seen.corpus), BEFORE, dtype=np.int8)
    codes[np.random.default_rng(number).permutation(len(codes))[: len(codes) // 2]] = AFTER
    said = verdict(changed(seen, codes, number))
    worst = said.reasons[0]
    return Outcome(said.level != "pass", f"{len(codes) // 2:,} a side: {worst.level}, {worst.sentence}")


# --- A few texts of another topic ----------------------------------------------------------------


def mixture(ground: Ground, number: int, part: float) -> Outcome:
    """Return whether it is missed that a small part of one side is about a topic that the other side has not."""
    rng = np.random.default_rng([number, round(100 * part)])
    rows, codes, topic = _with_topic(ground, number, part, rng)
    of = ground.named(_topics(ground)[number % len(_topics(ground))][0])
    said = verdict(changed(of.seen(rows), codes, number))
    return Outcome(said.level == "pass", f"{topic}, {len(rows) // 2:,} a side: {said.reasons[0].sentence}")


def _topics(ground: Ground) -> list[tuple[str, str]]:
    return [(one.name, topic) for one in ground.sets for topic in TOPICS.get(one.name, ())]


def _with_topic(ground: Ground, number: int, part: float, rng: np.random.Generator) -> tuple[Rows, Codes, str]:
    name, topic = _topics(ground)[number % len(_topics(ground))]
    foreign = ground.named(name).labels.values == topic
    others, strange = (rng.permutation(np.flatnonzero(kept)) for kept in (~foreign, foreign))
    size = min(SIDE[part], len(others) // 2, int(len(strange) / part))
    strange = strange[: round(part * size)]
    rows = np.concatenate([others[:size], others[size : 2 * size - len(strange)], strange])
    codes = np.repeat(np.array([BEFORE, AFTER], dtype=np.int8), [size, len(rows) - size])
    order = np.argsort(rows)
    return rows[order], codes[order], topic


_OUTSIDE = "95 % interval leaves the truth out"

KINDS = (
    Kind("label mix, true 0", "not passed", "false alarm", partial(mix_graded, true=0.0, wrong=("warn", "fail"))),
    Kind("label mix, true 0.05", "failed (from 0.2)", "false alarm", partial(mix_graded, true=0.05, wrong=("fail",))),
    Kind("label mix, true 0.1", "failed (from 0.2)", "false alarm", partial(mix_graded, true=0.1, wrong=("fail",))),
    Kind("label mix, true 0.2", "passed", "miss", partial(mix_graded, true=0.2, wrong=("pass",))),
    Kind("label mix, all four", _OUTSIDE, "false alarm", partial(outside, name=LABEL), 4 * CASES),
    Kind(
        "shift of a number, true 0.05", "not passed (from 0.1)", "false alarm",
        partial(mix_graded, true=0.05, wrong=("warn", "fail"), name=NUMBER),
    ),
    Kind("shift of a number, all four", _OUTSIDE, "false alarm", partial(outside, name=NUMBER), 4 * CASES),
    Kind("random halves", "not passed", "false alarm", halves, 2 * CASES),
    Kind("10 % of another topic", "passed", "miss", partial(mixture, part=0.1)),
    Kind("5 % of another topic", "passed", "miss", partial(mixture, part=0.05)),
)  # fmt: skip
