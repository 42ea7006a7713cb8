"""What a map's colours mean: a category, a number, a date, a share, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import percent
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus import Column
from embedlab.corpus.ordering import in_natural_order, is_no_answer
from embedlab.figures.colours import (
    FEW,
    MISSING,
    PALETTE,
    SIZE,
    Bearing,
    Theme,
    ramp,
    regional,
    regions_of,
    told_apart,
)

Ticks = tuple[tuple[float, str], ...]

THEMES: tuple[Theme, Theme] = ("light", "dark")
CLIP = (1.0, 99.0)  # percentiles that the ends of a scale stand for when outliers would flatten it
GOLDEN, SHADES = 0.618034, 3  # hues and shades in turn that lie far from those before, where there are no places
MOST_STEPS = 256  # of a scale that categories lie along
STRETCH = 1.5  # how much wider than that the full range must be before it is cut


@dataclass(frozen=True, eq=False)
class Colouring:
    """A colour for each text, and the legend that explains it.

    `values` is read-only, by `kind`: category, int32 codes into `names`, -1 where there is no value;
    scale, float32 from 0 to 1 along the scale, NaN where there is no value; plain, empty.
    `light` and `dark` are "#rrggbb": one for each name, the steps of the scale, or one for all.
    `ticks` are (place on the scale, text); `note` is a sentence about the scale, or empty.
    `ordered` is whether the names stand in an order of their own, rather than by count.
    """

    kind: Literal["category", "scale", "plain"]
    title: str
    values: NDArray[Any]
    light: tuple[str, ...]
    dark: tuple[str, ...]
    names: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    missing: int = 0
    missing_name: str = "no value"
    ticks: Ticks = ()
    note: str = ""
    percent: bool = False
    ordered: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """Stands for everything that can be seen of it."""
        return fingerprint(str(self.legend()), self.values)

    def legend(self) -> dict[str, Any]:
        """Return all but the values as what `map.js` reads; ready for JSON."""
        return {
            "kind": self.kind,
            "title": self.title,
            "light": self.light,
            "dark": self.dark,
            "names": self.names,
            "counts": self.counts,
            "missing": {**MISSING, "count": self.missing, "name": self.missing_name},
            "ticks": self.ticks,
            "note": self.note,
            "percent": self.percent,
            "ordered": self.ordered,
        }


def plain() -> Colouring:
    """Return one colour for all texts."""
    return Colouring("plain", "", np.empty(0, dtype=np.float32), (PALETTE["light"][0],), (PALETTE["dark"][0],))


def by_codes(
    title: str,
    codes: NDArray[np.integer[Any]],
    names: Sequence[str],
    places: NDArray[np.floating[Any]] | None = None,
    missing_name: str = "no value",
) -> Colouring:
    """Return a colouring by group: `codes` (n,) are indices into `names`, negative where there is none.

    `places` (n, 2 or more) are where the texts lie: groups that lie near each other get hues alike. Best are places
    that stay the same while a map's settings change, such as the space's principal components. Up to twelve groups get
    colours of the palette, which all can tell apart; without places, groups get these in turn, or hues far from each
    other.
    """
    values = np.where(codes < 0, -1, codes).astype(np.int32)
    known = values >= 0
    counts = np.bincount(values[known], minlength=len(names))
    if len(counts) > len(names):
        raise ValueError(f"{title}: codes up to {len(counts) - 1} for {len(names)} names")
    values.flags.writeable = False
    regions = None if places is None else regions_of(values, len(names), places)
    light, dark = (_of_groups(theme, counts, regions) for theme in THEMES)
    return Colouring(
        "category",
        title,
        values,
        light,
        dark,
        names=tuple(names),
        counts=tuple(int(count) for count in counts),
        missing=int((~known).sum()),
        missing_name=missing_name,
    )


def _of_groups(theme: Theme, counts: NDArray[np.intp], regions: list[Bearing] | None) -> tuple[str, ...]:
    if regions is None and len(counts) <= SIZE:
        return PALETTE[theme][: len(counts)]
    if regions is None:
        regions = [Bearing(at * GOLDEN % 1, at % SHADES / (SHADES - 1)) for at in range(len(counts))]
    if len(counts) <= FEW:
        return tuple(PALETTE[theme][index] for index in told_apart(regions, counts.tolist()))
    return regional(theme, regions)


def by_category(column: Column, places: NDArray[np.floating[Any]] | None = None) -> Colouring:
    """Return a colouring by the values of a category or text column.

    Values that have an order of their own (decades, ranges, low to high) stand in it and get the colours of a scale;
    of others the most frequent comes first.
    """
    counts = Counter(value for value in column.values if value is not None)
    natural = in_natural_order(list(counts))
    names = natural or sorted(counts, key=lambda name: (-counts[name], name))
    code = {name: at for at, name in enumerate(names)}
    codes = np.array([-1 if value is None else code[value] for value in column.values], dtype=np.int32)
    made = by_codes(column.name, codes, names, places)
    if natural is None:
        return made
    return replace(made, ordered=True, light=_in_steps("light", natural), dark=_in_steps("dark", natural))


def _in_steps(theme: Theme, names: Sequence[str]) -> tuple[str, ...]:
    """Return the colours of values along a scale, grey for those that are no answer; of very many, some share one."""
    count = sum(not is_no_answer(name) for name in names)
    scale = ramp(theme, min(count, MOST_STEPS))
    steps = (scale[round(at * (len(scale) - 1) / max(1, count - 1))] for at in range(count))
    return (*steps, *[MISSING[theme]] * (len(names) - count))


def by_number(column: Column) -> Colouring:
    """Return a colouring along a number column; infinite values take the end colours."""

    def shown(value: float) -> str:
        return column.written.around(number_words(value))

    def ticks(low: float, high: float) -> list[tuple[float, str]]:
        return [(at, column.written.around(text)) for at, text in along_numbers(low, high)]

    return _scale(column.name, column.values.astype(np.float64), ticks, shown)


def by_date(column: Column) -> Colouring:
    """Return a colouring along a date column."""
    moments = column.values.astype("datetime64[s]")
    seconds = np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64))
    return _scale(column.name, seconds, along_dates, _date)


def by_share(title: str, values: NDArray[np.floating[Any]], note: str = "") -> Colouring:
    """Return a colouring by a share from 0 to 1 (the trust lens); NaN where there is none."""
    ticks = tuple((at, percent(at)) for at in (0.0, 0.25, 0.5, 0.75, 1.0))
    return _on_scale(title, np.clip(values, 0, 1), ticks, note, percent=True)


def by_column(column: Column, places: NDArray[np.floating[Any]] | None = None) -> Colouring:
    """Return the colouring that fits the column's kind."""
    if column.kind == "number":
        return by_number(column)
    if column.kind == "date":
        return by_date(column)
    return by_category(column, places)


def _scale(title: str, values: NDArray[np.float64], ticks_of: Any, shown: Any) -> Colouring:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return _on_scale(title, np.full(len(values), np.nan), (), "")
    low, high, clipped = _domain(finite)
    note = ""
    if clipped:
        outside = int(((finite < low) | (finite > high)).sum())
        note = (
            f"{outside:,} {'text' if outside == 1 else 'texts'} below {shown(low)} or above {shown(high)} "
            "share the end colours."
        )
    span = (high - low) or 1.0
    start = low if high > low else low - 0.5
    ticks = tuple((float((at - start) / span), text) for at, text in ticks_of(low, high))
    return _on_scale(title, np.clip((values - start) / span, 0, 1), ticks, note)


def _on_scale(
    title: str, places: NDArray[np.floating[Any]], ticks: Ticks, note: str, percent: bool = False
) -> Colouring:
    values = places.astype(np.float32)
    values.flags.writeable = False
    missing = int(np.isnan(values).sum())
    return Colouring(
        "scale",
        title,
        values,
        ramp("light"),
        ramp("dark"),
        missing=missing,
        ticks=ticks,
        note=note,
        percent=percent,
    )


def _domain(finite: NDArray[np.float64]) -> tuple[float, float, bool]:
    """The values that the ends of the scale stand for, and whether some lie beyond them."""
    lowest, highest = float(finite.min()), float(finite.max())
    low, high = (float(end) for end in np.percentile(finite, CLIP))
    if high > low and highest - lowest > STRETCH * (high - low):
        return low, high, True
    return lowest, highest, False


def along_numbers(low: float, high: float) -> list[tuple[float, str]]:
    """Return some four to eight round numbers between two, with their words."""
    if high <= low:
        return [(low, number_words(low))]
    rough = (high - low) / 4
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min((1, 2, 5, 10), key=lambda times: abs(times * power - rough))
    first = np.ceil(low / step - 1e-9)
    count = int(np.floor(high / step + 1e-9) - first) + 1
    return [(float(at), number_words(float(at))) for at in (first + np.arange(count)) * step]


def number_words(value: float) -> str:
    """Return a number as a person would write it on an axis."""
    if value and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.3g}"
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{round(value, 6):g}"


_STEPS = (
    ("Y", (2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)),
    ("M", (6, 3, 1)),
    ("D", (14, 7, 2, 1)),
    ("h", (12, 6, 3, 1)),
    ("m", (30, 10, 5, 1)),
    ("s", (30, 10, 5, 1)),
)


def along_dates(low: float, high: float) -> list[tuple[float, str]]:
    """Return three to seven round dates between two moments in seconds since 1970."""
    first, last = (np.datetime64(int(np.floor(at)), "s") for at in (low, high))
    for unit, steps in _STEPS:
        units = np.arange(first.astype(f"datetime64[{unit}]"), last.astype(f"datetime64[{unit}]") + 1)[:10_001]
        for step in steps:
            round_ones = units[(units.astype(np.int64) + (1970 if unit == "Y" else 0)) % step == 0]
            inside = round_ones[(round_ones >= first) & (round_ones <= last)]
            if len(inside) >= 3:
                thin = inside[:: -(-len(inside) // 6)]
                return [(float(at.astype("datetime64[s]").astype(np.int64)), _moment(at)) for at in thin]
    return [(low, _date(low))]


def _date(seconds: float) -> str:
    at = np.datetime64(int(seconds), "s")
    return _moment(at.astype("datetime64[D]") if seconds % 86400 == 0 else at)


def _moment(at: np.datetime64) -> str:
    hour_only = np.datetime_data(at.dtype)[0] == "h"
    return str(at).replace("T", " ") + (":00" if hour_only else "")
