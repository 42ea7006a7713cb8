"""What a map can be filtered by: small charts, a bin or a value of a column for each text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import counted
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus import Column
from embedlab.figures.colouring import (
    Colouring,
    Ticks,
    along_dates,
    along_numbers,
    by_category,
    number_words,
)
from embedlab.figures.map import CELL
from embedlab.figures.theme import short

MISSING = 65535
OTHERS = "others"
BINS = 40  # about so many in a histogram
MOST_BINS = 60
MOST_NAMES = 60_000
SHARES = 20  # bins of shares
LONG_TAIL = 4.0  # how much wider than the middle 98 % all values must be before the ends are cut
FEW_VALUES = 31  # whole numbers of so few values have a bin each

Codes = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart of one column: `codes` uint16 (n), read-only, a bin for each text, 65535 where it has no value.

    `words` say what each bin holds. Along a number or a date, `ticks` are (place from 0 to 1, words). `ordered` is
    whether categories stand in their natural order rather than by count. `note` is a sentence on what the bins hide.
    """

    id: str
    title: str
    kind: Literal["number", "date", "category"]
    codes: Codes
    words: tuple[str, ...]
    ticks: Ticks = ()
    ordered: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        self.codes.flags.writeable = False

    @cached_property
    def fingerprint(self) -> str:
        """Stands for everything that can be seen of it."""
        return fingerprint(str(self.legend()), self.codes)

    @property
    def missing(self) -> int:
        """How many texts have no value."""
        return int((self.codes == MISSING).sum())

    @property
    def counts(self) -> tuple[int, ...]:
        """How many texts are in each bin."""
        counts = np.bincount(self.codes[self.codes != MISSING], minlength=len(self.words))
        return tuple(map(int, counts))

    def legend(self) -> dict[str, Any]:
        """Return all but the codes as what the map's script reads; ready for JSON."""
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "bins": len(self.words),
            "words": self.words,
            "ticks": self.ticks,
            "ordered": self.ordered,
            "note": self.note,
        }


def chart_of(column: Column, known_as: str) -> Chart:
    """Return the chart that fits the column's kind."""
    if column.kind == "number":
        return _of_numbers(column, known_as)
    if column.kind == "date":
        return _of_dates(column, known_as)
    return by_colouring(known_as, by_category(column))


def by_colouring(known_as: str, colouring: Colouring) -> Chart:
    """Return what a colouring's legend shows as a chart: a value for each name, or bins along its scale."""
    if colouring.kind == "category":
        values, names = colouring.values, colouring.names
        codes = np.where(values < 0, MISSING, np.minimum(values, MOST_NAMES)).astype(np.uint16)
        if len(names) > MOST_NAMES:
            names = (*names[:MOST_NAMES], OTHERS)
        words = tuple(short(name, CELL) for name in names)
        return Chart(known_as, colouring.title, "category", codes, words, ordered=colouring.ordered)
    return _of_shares(known_as, colouring)


def _of_shares(known_as: str, colouring: Colouring) -> Chart:
    """Shares of a few have a bin each (4 of 15), others twenty bins."""
    shares = colouring.values.astype(np.float64)
    of = np.unique(shares[~np.isnan(shares)])
    few = next((count for count in range(1, FEW_VALUES) if np.allclose(of * count, np.round(of * count), atol=1e-4)), 0)
    if few:
        words = tuple(f"{100 * at / few:.0f} %" for at in range(few + 1))
        ticks = tuple(((at * few + 0.5) / (few + 1), text) for at, text in colouring.ticks)
        return Chart(known_as, colouring.title, "number", _binned(shares * few + 0.25, few + 1), words, ticks)
    words = tuple(f"{100 * at / SHARES:.0f} to {100 * (at + 1) / SHARES:.0f} %" for at in range(SHARES))
    return Chart(known_as, colouring.title, "number", _binned(shares * SHARES, SHARES), words, colouring.ticks)


# --- Numbers -------------------------------------------------------------------------------------


def _of_numbers(column: Column, known_as: str) -> Chart:
    values = column.values.astype(np.float64)
    finite = values[np.isfinite(values)]
    if not len(finite):
        # Only infinite ones are left: they have a side each.
        codes = np.where(np.isnan(values), MISSING, (values > 0).astype(np.uint16)).astype(np.uint16)
        return Chart(known_as, column.name, "number", codes, ("-∞", "∞"), note="All values are infinite.")

    def written(value: float) -> str:
        return column.written.around(number_words(value))

    own = np.unique(finite)
    if len(own) <= FEW_VALUES and (own == np.round(own)).all() and own[-1] - own[0] < MOST_BINS:
        first, bins = own[0], int(own[-1] - own[0]) + 1
        words = tuple(written(first + at) for at in range(bins))
        codes = _binned(np.clip(values, own[0], own[-1]) - first, bins)
        ticks = tuple(((at + 0.5) / bins, words[at]) for at in _spread(bins))
        return Chart(known_as, column.name, "number", codes, words, ticks, note=_infinite(values))
    if len(own) == 1:
        codes = _binned(np.where(np.isnan(values), np.nan, 0.0), 1)
        return Chart(known_as, column.name, "number", codes, (written(own[0]),), note=_infinite(values))
    low, high = _ends(finite)
    step = _round_step((high - low) / BINS)
    first = np.floor(low / step)
    bins = max(1, int(np.ceil(high / step - first)))
    edges = (first + np.arange(bins + 1)) * step
    words = tuple(f"{written(a)} to {written(b)}" for a, b in pairwise(edges))
    beyond = int(((finite < edges[0]) | (finite > edges[-1])).sum())
    told = f"{counted(beyond, 'text lies', 'texts lie')} beyond the ends, and {'is' if beyond == 1 else 'are'} "
    notes = [f"{told}counted in the outermost bars." if beyond else "", _infinite(values)]
    ticks = tuple(
        (float((at - edges[0]) / (edges[-1] - edges[0])), column.written.around(text))
        for at, text in along_numbers(float(edges[0]), float(edges[-1]))
    )
    codes = _binned(np.clip(values, edges[0], edges[-1]) / step - first, bins)
    return Chart(known_as, column.name, "number", codes, words, ticks, note=" ".join(filter(None, notes)))


def _binned(places: NDArray[np.float64], bins: int) -> Codes:
    """The bin of each place from 0 to `bins`; 65535 where it is NaN."""
    known = ~np.isnan(places)
    codes = np.full(len(places), MISSING, dtype=np.uint16)
    # What lies on an edge up to rounding belongs above it.
    codes[known] = np.clip(np.floor(places[known] + 1e-9), 0, bins - 1).astype(np.uint16)
    return codes


def _ends(finite: NDArray[np.float64]) -> tuple[float, float]:
    """What the outermost bins begin and end with: the least and the greatest, unless a few would flatten all others."""
    lowest, highest = float(finite.min()), float(finite.max())
    low, high = (float(end) for end in np.percentile(finite, (1, 99)))
    return (low, high) if high > low and highest - lowest > LONG_TAIL * (high - low) else (lowest, highest)


def _infinite(values: NDArray[np.float64]) -> str:
    count = int(np.isinf(values).sum())
    return f"{counted(count, 'infinite value is', 'infinite values are')} at the ends." if count else ""


def _round_step(rough: float) -> float:
    power = 10.0 ** np.floor(np.log10(rough))
    return float(power * next(times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * (1 - 1e-9)))


def _spread(count: int, most: int = 6) -> range:
    return range(0, count, -(-count // most))


# --- Dates ---------------------------------------------------------------------------------------

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class _Unit:
    """A step of the calendar: `many` of numpy's unit `code`, counted from 1970 or, for weeks, from a Monday."""

    code: Literal["Y", "M", "D", "h", "m", "s"]
    many: int
    say: Callable[[np.datetime64, np.datetime64], str]

    def of(self, moments: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """Return the number of the step that each moment lies in."""
        whole = moments.astype(f"datetime64[{self.code}]").astype(np.int64)
        return np.asarray((whole + self._shift) // self.many)

    def begins(self, number: int) -> np.datetime64:
        return np.datetime64(int(number * self.many - self._shift), self.code)

    @property
    def _shift(self) -> int:
        return {"Y": 1970, "D": 3}.get(self.code, 0) if self.many > 1 else 0


def _year(first: np.datetime64, last: np.datetime64) -> str:
    a, b = int(str(first)), int(str(last))
    return str(a) if a == b else f"{a} to {b}"


def _month(first: np.datetime64, _: np.datetime64) -> str:
    year, month = str(first).rsplit("-", 1)
    return f"{_MONTHS[int(month) - 1]} {year}"


def _quarter(first: np.datetime64, _: np.datetime64) -> str:
    year, month = str(first).rsplit("-", 1)
    return f"Q{(int(month) + 2) // 3} {year}"


def _day(first: np.datetime64, last: np.datetime64) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _time(first: np.datetime64, _: np.datetime64) -> str:
    told = str(first).replace("T", " ")
    return f"{told}:00" if np.datetime_data(first.dtype)[0] == "h" else told


_UNITS = (
    *(_Unit("s", many, _time) for many in (1, 10)),
    *(_Unit("m", many, _time) for many in (1, 10)),
    *(_Unit("h", many, _time) for many in (1, 6)),
    _Unit("D", 1, _day),
    _Unit("D", 7, _day),
    _Unit("M", 1, _month),
    _Unit("M", 3, _quarter),
    *(_Unit("Y", many, _year) for many in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)


def _of_dates(column: Column, known_as: str) -> Chart:
    moments = column.values.astype("datetime64[s]")
    known = ~np.isnat(moments)
    ends = np.array([moments[known].min(), moments[known].max()])
    unit = next((one for one in _UNITS if np.ptp(one.of(ends)) < MOST_BINS), _UNITS[-1])
    numbers = unit.of(moments[known])
    first, bins = int(numbers.min()), int(np.ptp(numbers)) + 1
    codes = np.full(len(moments), MISSING, dtype=np.uint16)
    codes[known] = (numbers - first).astype(np.uint16)
    starts = [unit.begins(first + at) for at in range(bins + 1)]
    one = np.timedelta64(1, unit.code)
    words = tuple(unit.say(a, b - one) for a, b in pairwise(starts))
    seconds = [float(at.astype("datetime64[s]").astype(np.int64)) for at in (starts[0], starts[-1])]
    ticks = tuple(((at - seconds[0]) / (seconds[1] - seconds[0]), text) for at, text in along_dates(*seconds))
    return Chart(known_as, column.name, "date", codes, words, tuple(tick for tick in ticks if 0 <= tick[0] <= 1))
