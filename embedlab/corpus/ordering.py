"""Columns that have an order: dates in whatever form they were typed, numbers, and versions; and periods of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted, listed
from embedlab.corpus import Column
from embedlab.corpus.dates import days
from embedlab.corpus.numbers import number_like
from embedlab.corpus.written import PLAIN, Written

Unit = Literal["day", "month", "year", "decade", "value", "range"]

UNITS: tuple[Unit, ...] = ("day", "month", "year", "decade")
MOST_PERIODS = 36
LEAST_TEXTS = 30
LEAST_READ = 0.8
RANGES = 10
_VERSION = re.compile(r"(\D*?)(\d+(?:\.\d+)*)(\D*)", re.ASCII)
_NUMPY_UNITS = {"day": "D", "month": "M", "year": "Y", "decade": "10Y"}


@dataclass(frozen=True, eq=False)
class Ordered:
    """The values of a column, in an order.

    `values` float64 (n,) rise with it, NaN where there is no value or none that can be read: for dates seconds since
    1970. `finest` is how exact they are: of "1940s" a decade. `notes` are sentences on what could not be read.
    """

    name: str
    kind: Literal["date", "number", "version"]
    values: Floats
    names: tuple[str, ...] = ()
    finest: Unit = "day"
    notes: tuple[str, ...] = ()
    written: Written = PLAIN

    def shown(self, value: float) -> str:
        """Return a value as a person would write it."""
        if self.kind == "version":
            return self.names[int(value)]
        if self.kind == "number":
            return f"{value:.10g}" if self.written == PLAIN else self.written.number(value)
        return _shown(value, self.finest)

    @property
    def steps(self) -> Floats:
        """The distinct values, rising: where a cut can be."""
        return np.unique(self.values[~np.isnan(self.values)])


def ordered(column: Column) -> Ordered | None:
    """Return the column in its order; None for one that has none, or a single value.

    Dates may be typed in several forms at once: year first, day and month in an order that the values settle, months
    by name, quarters, decades. Where one in five or more is no date, the column has no order in time; fewer are left
    out and counted.
    """
    found = _in_order(column)
    return found if found is not None and len(found.steps) > 1 else None


def _in_order(column: Column) -> Ordered | None:
    if column.kind == "number":
        values = column.values.astype(np.float64)
        known = values[~np.isnan(values)]
        plain = column.written == PLAIN
        years = (
            len(known) and plain and (known == np.floor(known)).all() and known.min() >= 1400 and known.max() <= 2100
        )
        if not years:
            return Ordered(column.name, "number", frozen(values), finest="value", written=column.written)
        starts = np.nan_to_num(values - 1970).astype(np.int64).astype("datetime64[Y]")
        return Ordered(column.name, "date", frozen(np.where(np.isnan(values), np.nan, _seconds(starts))), finest="year")
    if column.kind == "date":
        finest: Unit = "month" if column.written.month else "day"
        return Ordered(column.name, "date", frozen(_seconds(column.values)), finest=finest)
    words = [None if value is None else " ".join(str(value).split()) for value in column.values]
    return _dates(column.name, words) or _versions(column.name, words)


def value_like(order: Ordered, typed: str) -> float | None:
    """Return the value that a typed number or date stands for in a column; None where it is neither."""
    if order.kind == "number":
        return number_like(typed, order.written)
    found = _dates(order.name, [" ".join(typed.split())])
    return None if found is None else float(found.values[0])


def _seconds(moments: NDArray[np.generic]) -> Floats:
    at = moments.astype("datetime64[s]")
    return np.where(np.isnat(at), np.nan, at.astype(np.int64).astype(np.float64))


def _dates(name: str, words: Sequence[str | None]) -> Ordered | None:
    read, told_apart = days(sorted({word for word in words if word}))
    present = [word for word in words if word]
    bad = [word for word in present if read[word] is None]
    if not present or len(bad) > (1 - LEAST_READ) * len(present):
        return None
    finest = max((found[1] for found in read.values() if found is not None), key=UNITS.index)
    moments = [None if not word or (found := read[word]) is None else found[0] for word in words]
    notes = []
    if bad:
        examples = listed(dict.fromkeys(bad), 3)
        notes.append(
            f"{counted(len(bad), 'value')} of “{name}” can't be read as a date ({examples}): left out of the order."
        )
    if not told_apart:
        notes.append(f"Day and month can't be told apart in “{name}”: read as month, day, year.")
    values = _seconds(np.array(moments, dtype="datetime64[D]"))
    return Ordered(name, "date", frozen(values), finest=finest, notes=tuple(notes))


def _versions(name: str, words: Sequence[str | None]) -> Ordered | None:
    """Return values that differ in a number only, such as v1, v2 and v10, in the order of that number."""
    distinct = {word for word in words if word}
    matches = {word: match for word in distinct if (match := _VERSION.fullmatch(word))}
    if len(matches) < len(distinct) or len({(match[1], match[3]) for match in matches.values()}) != 1:
        return None
    names = sorted(distinct, key=lambda word: tuple(map(int, matches[word][2].split("."))))
    place = {word: float(at) for at, word in enumerate(names)}
    values = np.array([np.nan if not word else place[word] for word in words])
    return Ordered(name, "version", frozen(values), names=tuple(names), finest="value")


# --- Categories that have an order of their own -----------------------------------------------------

_SCALES = tuple(
    tuple(scale.split())
    for scale in (
        "none low medium high", "low mid high", "very-low low moderate high very-high", "small medium large",
        "xxs xs s m l xl xxl xxxl", "bad poor fair average good very-good great excellent", "negative neutral positive",
        "never rarely seldom sometimes often usually always", "first second third fourth fifth",
        "strongly-disagree disagree neither-agree-nor-disagree neutral undecided agree strongly-agree",
        "very-dissatisfied dissatisfied neutral satisfied very-satisfied", "trivial minor major critical blocker",
        "low normal high urgent", "monday tuesday wednesday thursday friday saturday sunday",
        "mon tue wed thu fri sat sun", "beginner intermediate advanced expert", "easy medium hard",
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep sept oct nov dec", "q1 q2 q3 q4",
        "a1 a2 b1 b2 c1 c2", "i ii iii iv v vi vii",
        "morning noon afternoon evening night",
    )
)  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_AROUND = "under|below|less than|up to|over|above|more than"
_BELOW = re.compile(r"[<≤]|under\b|below\b|less than\b|up to\b", re.IGNORECASE)
_BEGINS = re.compile(rf"\W*(?:{_AROUND})?\W*\d", re.IGNORECASE)
_NO_WORD = re.compile(rf"[\d.,\W]+|\bto\b|st\b|nd\b|rd\b|th\b|{_AROUND}")
_NO_ANSWER = re.compile(
    r"|n ?a|nan|null|unknown|others?|undefined|unspecified|missing|no answer|don t know|prefer not to say|"
    r"not (?:specified|available|applicable|given|stated)"
)
_GRADE = re.compile(r"([A-F])([+\-−]?)")
LEAST_STEPS = 3


def in_natural_order(names: Sequence[str]) -> list[str] | None:
    """Return categories in the order that their names have by themselves; None where they have none.

    Such are decades and other dates, the words of common scales ("low", "medium", "high"; weekdays; months), grades
    ("A+", "B-"; "A2", "B1"), numbers with what is counted ("5 stars", "2nd"), ranges ("18-24", "65+"), and names that
    differ in a number only ("Grade 2", "Grade 10", "v1.9", "v1.10"). At least three have to be told apart. What
    `is_no_answer` ("unknown") stands behind them.
    """
    told = [name for name in names if not is_no_answer(name)]
    if len(told) < LEAST_STEPS:
        return None
    found = _on_a_scale(told) or _by_grade(told) or _by_date(told) or _by_number(told) or _by_last_number(told)
    return found and [*found, *sorted(set(names) - set(told))]


def is_no_answer(name: str) -> bool:
    """Return whether a category says that there is no value: it has no place in an order."""
    return _NO_ANSWER.fullmatch(" ".join(re.findall(r"\w+", name.lower()))) is not None


def _on_a_scale(names: Sequence[str]) -> list[str] | None:
    plain = {name: "-".join(re.findall(r"\w+", name.lower())) for name in names}
    for scale in _SCALES:
        if all(word in scale for word in plain.values()) and len(set(plain.values())) == len(names):
            return sorted(names, key=lambda name: scale.index(plain[name]))
    return None


def _by_grade(names: Sequence[str]) -> list[str] | None:
    """Letters from A to F, of which some have a sign or which are those of schools: without E, with F."""
    grades = {name: match for name in names if (match := _GRADE.fullmatch(name.strip()))}
    letters = {match[1] for match in grades.values()}
    schools = any(match[2] for match in grades.values()) or ("F" in letters and "E" not in letters)
    if len(grades) < len(names) or len({(match[1], match[2]) for match in grades.values()}) < len(names) or not schools:
        return None
    return sorted(names, key=lambda name: (grades[name][1], ("+", "", "-", "−").index(grades[name][2])))


def _by_date(names: Sequence[str]) -> list[str] | None:
    found = _dates("", [" ".join(name.split()) for name in names])
    if found is None or np.isnan(found.values).any() or len(found.steps) < len(names):
        return None
    return [names[at] for at in np.argsort(found.values, kind="stable")]


def _by_number(names: Sequence[str]) -> list[str] | None:
    """Names that begin with a number, or with a sign before it, and that have the same words after it."""
    keys: dict[str, tuple[float, ...]] = {}
    for name in names:
        numbers = [float(number.replace(",", ".")) for number in _NUMBER.findall(name)]
        if not numbers or not _BEGINS.match(name):
            return None
        keys[name] = (numbers[0] - 0.5 if _BELOW.match(name.strip()) else numbers[0], *numbers[1:])
    counted_things = {_NO_WORD.sub("", name.lower()).removesuffix("s") for name in names}
    if len(counted_things) > 1 or len(set(keys.values())) < len(names):
        return None
    return sorted(names, key=lambda name: keys[name])


def _by_last_number(names: Sequence[str]) -> list[str] | None:
    """Names that differ in a number only."""
    found = _versions("", names)
    return list(found.names) if found is not None and len(found.names) == len(names) else None


# --- Periods -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Periods:
    """Stretches of an ordered column, the earliest first.

    `codes` int (n,) is the period of each row, -1 where there is none; `names` are what they are called, `starts`
    float64 the values that they begin with; `unit` is what they are. `notes` say what was joined.
    """

    codes: Rows
    names: tuple[str, ...]
    starts: Floats
    unit: Unit
    notes: tuple[str, ...] = ()

    @property
    def sizes(self) -> Rows:
        """Texts in each, int (periods,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))


def units_of(order: Ordered) -> tuple[Unit, ...]:
    """Return the units that the periods of a column can have, the finest first."""
    if order.kind == "date":
        return UNITS[UNITS.index(order.finest) :]
    return ("value",) if order.kind == "version" or len(order.steps) <= MOST_PERIODS else ("range",)


def periods(order: Ordered, unit: Unit | None = None) -> Periods:
    """Return the column cut into periods: days, months, years or decades, single values, or ten ranges of numbers.

    By itself the finest unit that gives at most 36 periods, nearly all of them with 30 texts or more. Periods of fewer
    are joined with the next, the last with the one before.
    """
    known = np.flatnonzero(~np.isnan(order.values))
    chosen = unit or _finest_fit(order, order.values[known])
    starts = _starts(order, order.values[known], chosen)
    found, codes = np.unique(starts, return_inverse=True)
    sizes = np.bincount(codes)
    groups = _joined(sizes)
    of = np.full(len(order.values), -1, dtype=np.intp)
    of[known] = groups[codes]
    firsts = np.flatnonzero(np.diff(groups, prepend=-1))
    lasts = np.append(firsts[1:], len(found)) - 1
    names = tuple(
        _named(order, found[first], found[last], chosen)
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
    )
    return Periods(frozen(of), names, frozen(found[firsts]), chosen, _said(len(found), len(names), sizes))


def _said(before: int, after: int, sizes: Rows) -> tuple[str, ...]:
    if before == after:
        return ()
    few = int((sizes < LEAST_TEXTS).sum())
    return (
        f"{counted(few, 'period has', 'periods have')} fewer than {LEAST_TEXTS} texts and "
        f"{'was' if few == 1 else 'were'} joined with the next: {before:,} became {after:,}.",
    )


def _finest_fit(order: Ordered, values: Floats) -> Unit:
    options = units_of(order)
    for unit in options:
        sizes = np.unique(_starts(order, values, unit), return_counts=True)[1]
        if len(sizes) <= MOST_PERIODS and sizes[sizes >= LEAST_TEXTS].sum() >= 0.9 * len(values):
            return unit
    return options[-1]


def _starts(order: Ordered, values: Floats, unit: Unit) -> Floats:
    if unit == "value":
        return values
    if unit == "range":
        edges = np.unique(np.sort(values)[np.arange(RANGES) * len(values) // RANGES])
        return np.asarray(edges[np.searchsorted(edges, values, side="right") - 1])
    return _seconds(values.astype("datetime64[s]").astype(f"datetime64[{_NUMPY_UNITS[unit]}]"))


def _joined(sizes: Rows) -> Rows:
    """Return for each stretch the number of the period that it is part of."""
    groups = np.empty(len(sizes), dtype=np.intp)
    number, filled = 0, 0
    for at, size in enumerate(sizes.tolist()):
        groups[at] = number
        filled += size
        if filled >= LEAST_TEXTS:
            number, filled = number + 1, 0
    if filled and number:
        groups[groups == number] = number - 1
    return groups


def _named(order: Ordered, first: float, last: float, unit: Unit) -> str:
    if unit == "range":
        return f"from {order.shown(first)}"
    shown = _shown if order.kind == "date" else lambda value, _: order.shown(value)
    start, end = shown(first, unit), shown(last, unit)
    return start if start == end else f"{start} to {end}"


def _shown(value: float, unit: Unit) -> str:
    moment = np.datetime64(int(value), "s")
    if unit == "decade":
        return f"{moment.astype('datetime64[Y]')}s"
    return str(moment.astype(f"datetime64[{_NUMPY_UNITS.get(unit, 'D')}]"))
