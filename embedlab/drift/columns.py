"""How what is known of each text drifts between two sides: its properties, and the columns that both sides have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.check.findings.properties import Property
from embedlab.corpus import Column
from embedlab.corpus.guess import is_identifier
from embedlab.corpus.ordering import ordered
from embedlab.corpus.written import PLAIN, Written
from embedlab.drift.sides import AFTER, Sides
from embedlab.stats.effects import of_categories, of_numbers, tables
from embedlab.stats.intervals import Interval
from embedlab.stats.two_samples import largest, shuffles

MOST_VALUES = 200
LEAST_A_VALUE = 2
BINS = 200
OTHER = "(other values)"
MISSING = "(no value)"
ONE_VALUE = "one value only"

Source = Literal["property", "label", "column"]


@dataclass(frozen=True, eq=False)
class ShareChange:
    """One value of a category, with its share of the texts before and after."""

    value: str
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Trait:
    """One thing that is known of each text, on both sides.

    `effect` from 0 (the same) to 1 (nothing in common) with its 95 % interval: for numbers the largest difference of
    the two cumulative shares (Kolmogorov and Smirnov's D), for categories the share of texts that would have to change
    (total variation), without what chance adds. `observed` is the same as counted, and `chance` what chance alone makes
    of that: its mean, and where 95 of 100 shufflings lie. `p` holds for all traits together. `medians` are of a number,
    before and after; `values` the categories that moved most. `counts` is False where it only says when, or which
    side, so that it is left out of the verdict.
    """

    key: str
    title: str
    source: Source
    kind: Literal["number", "category"]
    effect: Interval
    observed: float
    chance: Interval
    p: float
    medians: tuple[float, float] | None = None
    values: tuple[ShareChange, ...] = ()
    counts: bool = True
    written: Written = PLAIN

    def median(self, value: float) -> str:
        """Return one of the medians in four digits, as the column's numbers are written."""
        return self.written.around(f"{value:.4g}")

    @property
    def measure(self) -> str:
        """What the effect is."""
        return "Kolmogorov-Smirnov D" if self.kind == "number" else "total variation"


@dataclass(frozen=True)
class LeftOut:
    """A column that is not compared, or not judged, and why: "one value only", for example."""

    column: str
    why: str


@dataclass(frozen=True, eq=False)
class _Coded:
    """A trait in steps: `codes` (n,) is the step of each row, -1 for none; in the order of the values of a number.

    `when` says that it is a column of dates.
    """

    key: str
    title: str
    source: Source
    kind: Literal["number", "category"]
    codes: Rows
    names: tuple[str, ...] = ()
    values: Floats | None = None
    when: bool = False
    written: Written = PLAIN


def traits(
    sides: Sides, known: Sequence[Property], rows: Rows, *, permutations: int, seed: int, report: Report = no_report
) -> tuple[tuple[Trait, ...], tuple[LeftOut, ...]]:
    """Return each property and each shared column in which the sides `rows` may differ, and the columns left out.

    The largest effect against chance comes first. Columns of names and free text (most values different) have no
    shares to compare and are left out; those that only say when, or which side, are measured but not judged.
    """
    inside = sides.codes[rows] == AFTER
    coded, skipped = _coded(sides, known, rows)
    if not coded:
        return (), tuple(skipped)
    statistics: list[list[Floats]] = [[] for _ in coded]
    watch = Stopwatch("Comparing properties and columns", permutations + 1, report)
    done = 0
    for block in shuffles(inside, permutations, seed + 2):
        watch.at(done)
        for place, one in enumerate(coded):
            statistics[place].append(_effects(one, block))
        done += block.shape[1]
    watch.at(done)
    values = np.stack([np.concatenate(parts) for parts in statistics])
    chosen = np.array([_tells(one, inside) for one in coded])
    p = np.ones(len(coded))
    p[chosen] = largest(values[chosen])
    found = [
        _trait(one, inside, values[place], float(p[place]), bool(chosen[place]), seed)
        for place, one in enumerate(coded)
    ]
    skipped += [LeftOut(one.title, "says only when, or which side") for one in found if not one.counts]
    return tuple(sorted(found, key=lambda one: (not one.counts, one.p, -one.effect.mean))), tuple(skipped)


def _coded(sides: Sides, known: Sequence[Property], rows: Rows) -> tuple[list[_Coded], list[LeftOut]]:
    made, skipped = [], []
    for one in known:
        if one.kind == "category":
            coded = _category(one.key, one.title, "property", one.values[rows].tolist())
        else:
            coded = _number(one.key, one.title, "property", one.values[rows].astype(np.float64))
        if coded is not None:
            made.append(coded)
    for column in sides.corpus.columns:
        if column.name == sides.column:
            continue
        found = _of_column(column.take(rows), "label" if column.name == sides.corpus.label else "column")
        if isinstance(found, str):
            skipped.append(LeftOut(column.name, found))
        else:
            order = ordered(column)
            made.append(replace(found, when=order is not None and order.kind == "date", written=column.written))
    return made, skipped


def _of_column(column: Column, source: Source) -> _Coded | str:
    """Return the column in steps, or why it can't be compared."""
    if source == "column" and is_identifier(column):
        return "an identifier"
    if column.kind in ("number", "date"):
        dated = column.kind == "date"
        values = column.values.astype("datetime64[s]").astype(np.int64) if dated else column.values
        found = _number(column.name, column.name, source, np.where(column.missing, np.nan, values.astype(np.float64)))
        return ONE_VALUE if found is None else replace(found, values=None) if dated else found
    present = [value for value in column.values if value is not None]
    if len(set(present)) > len(present) / LEAST_A_VALUE:
        return "hardly any value repeats"
    shown = [MISSING if value is None else value for value in column.values]
    return _category(column.name, column.name, source, shown) or ONE_VALUE


def _number(key: str, title: str, source: Source, values: Floats) -> _Coded | None:
    known = ~np.isnan(values)
    if not known.any():
        return None
    steps = np.unique(values[known])
    if len(steps) > BINS:
        steps = np.unique(np.quantile(values[known], np.linspace(0, 1, BINS + 1)[:-1], method="lower"))
    codes = np.where(known, np.searchsorted(steps, np.where(known, values, 0), side="right") - 1, -1)
    return _Coded(key, title, source, "number", codes, values=values) if len(steps) > 1 else None


def _category(key: str, title: str, source: Source, values: Sequence[str]) -> _Coded | None:
    names, counts = np.unique(np.array(values, dtype=str), return_counts=True)
    if len(names) < 2:
        return None
    kept = names[np.sort(np.argsort(-counts, kind="stable")[:MOST_VALUES])].tolist()
    place = {name: at for at, name in enumerate(kept)}
    codes = np.array([place.get(value, len(kept)) for value in values], dtype=np.intp)
    return _Coded(key, title, source, "category", codes, (*kept, OTHER))


def _tells(one: _Coded, inside: NDArray[np.bool_]) -> bool:
    """Whether a column says more than the sides do: a date does not, nor one without a value in common."""
    if one.source != "column":
        return True
    if one.when:
        return False
    known = one.codes >= 0
    before, after = one.codes[known & ~inside], one.codes[known & inside]
    if not len(before) or not len(after):
        return False
    if one.kind == "number":
        return bool(before.max() >= after.min() and after.max() >= before.min())
    return bool(np.isin(before, after).any())


def _effects(one: _Coded, block: NDArray[np.float32]) -> Floats:
    """Return the effect under each shuffling, float64 (b,)."""
    from scipy.sparse import csr_array

    known = np.flatnonzero(one.codes >= 0)
    count = int(one.codes.max()) + 1
    steps = csr_array((np.ones(len(known), dtype=np.float32), (one.codes[known], known)), shape=(count, len(one.codes)))
    after = np.asarray(steps @ block, dtype=np.float64)
    before = np.bincount(one.codes[known], minlength=count)[:, None] - after
    gap = after / np.maximum(after.sum(axis=0), 1) - before / np.maximum(before.sum(axis=0), 1)
    if one.kind == "number":
        return np.asarray(np.abs(np.cumsum(gap, axis=0)).max(axis=0))
    return np.asarray(np.abs(gap).sum(axis=0) / 2)


def _trait(one: _Coded, inside: NDArray[np.bool_], values: Floats, p: float, counts: bool, seed: int) -> Trait:
    known = one.codes >= 0
    count = int(one.codes.max()) + 1
    before, after = (np.bincount(one.codes[known & side], minlength=count) for side in (~inside, inside))
    medians = None
    if one.values is not None and before.sum() and after.sum():
        medians = (float(np.median(one.values[known & ~inside])), float(np.median(one.values[known & inside])))
    observed, shuffled = float(values[0]), values[1:]
    least, most = np.quantile(shuffled, [0.025, 0.975])
    chance = Interval(float(shuffled.mean()), float(least), float(most))
    return Trait(
        one.key, one.title, one.source, one.kind, _effect(one, inside, observed, shuffled, seed), observed, chance, p,
        medians, _moved(one, before, after), counts, one.written,
    )  # fmt: skip


def _effect(one: _Coded, inside: NDArray[np.bool_], observed: float, shuffled: Floats, seed: int) -> Interval:
    known = one.codes >= 0
    if inside[known].all() or not inside[known].any():
        return Interval(observed, observed, observed)
    folded = tables(one.codes[known], inside[known], seed + 4)
    return of_categories(folded, shuffled) if one.kind == "category" else of_numbers(folded, shuffled)


def _moved(one: _Coded, before: Rows, after: Rows) -> tuple[ShareChange, ...]:
    if one.kind != "category":
        return ()
    first, second = before / max(1, before.sum()), after / max(1, after.sum())
    order = np.argsort(-np.abs(second - first), kind="stable")
    there = [at for at in order.tolist() if first[at] + second[at]]
    return tuple(ShareChange(one.names[at], float(first[at]), float(second[at])) for at in there)
