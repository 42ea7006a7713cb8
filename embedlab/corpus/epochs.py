"""Moments as computers count them: seconds, or thousandths of these, since 1970; and days written as 20240131."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Flags, Floats
from embedlab.corpus.guess import words_in

NAMES = frozenset(
    [
        "date",
        "datetime",
        "time",
        "timestamp",
        "timestamps",
        "ts",
        "epoch",
        "unix",
        "utc",
        "created",
        "updated",
        "modified",
        "changed",
        "published",
        "posted",
        "sent",
        "received",
        "at",
        "on",
        "when",
        "day",
        "start",
        "end",
        "started",
        "ended",
        "begin",
        "opened",
        "closed",
        "due",
        "joined",
        "registered",
        "seen",
        "login",
        "expires",
        "expiry",
        "deleted",
        "edited",
        "added",
        "logged",
        "recorded",
        "scraped",
        "retrieved",
        "occurred",
        "since",
        "stamp",
        "t",
    ]
)
"""Words in a column's name that speak for moments."""
_OTHER_NAMES = frozenset(
    [
        "id",
        "ids",
        "uid",
        "uuid",
        "guid",
        "key",
        "hash",
        "phone",
        "tel",
        "mobile",
        "fax",
        "zip",
        "account",
        "number",
        "no",
        "code",
        "isbn",
        "ean",
        "sku",
        "amount",
        "price",
        "revenue",
        "population",
        "count",
        "views",
        "size",
        "bytes",
        "salary",
        "cost",
        "value",
        "total",
        "sum",
        "budget",
        "gdp",
        "elapsed",
        "duration",
        "seconds",
        "hours",
        "spent",
        "taken",
        "left",
        "remaining",
        "ms",
        "latency",
    ]
)
_DURATIONS = frozenset(
    ["elapsed", "duration", "hours", "spent", "taken", "left", "remaining", "latency", "resolution", "response", "wait"]
)
_UNITS = ((1e6, "microseconds"), (1e3, "milliseconds"), (1.0, "seconds"))
_SECONDS = (631_152_000, 4_102_444_800)
"""1990 and 2100."""
_NEAR = (946_684_800, 2_051_222_400)
"""2000 and 2035: without a name that says so, moments are looked for there."""
_LEAST = 5
_LEAST_DAYS = 3
"""So many different values are needed where the name says nothing."""
_DAY = 86_400
NANO = 19
"""So many digits have nanoseconds since 1970."""
_FIRST, _LAST = np.datetime64("0001-01-01", "s"), np.datetime64("9999-12-31T23:59:59", "s")


@dataclass(frozen=True, eq=False)
class Epochs:
    """The moments that numbers stand for, datetime64[us] (n,), NaT where one is none, and what to say of it."""

    moments: NDArray[Any]
    sentence: str


def in_calendar(moments: NDArray[Any]) -> Flags:
    """Return which of these datetime64 of any unit lie in the years 1 to 9999, bool (n,)."""
    unit, step = np.datetime_data(moments.dtype)
    if unit in ("ns", "ps", "fs", "as") and step == 1:
        return np.asarray(~np.isnat(moments))  # no other year fits in
    whole = moments.astype(np.int64)
    low, high = (edge.astype(moments.dtype).astype(np.int64) for edge in (_FIRST, _LAST))
    return np.asarray(~np.isnat(moments) & (whole >= low) & (whole <= high))


def as_epochs(name: str, numbers: Floats, least: float) -> Epochs | None:
    """Return numbers (n,) as moments, where `least` of them are, and the name or how they lie speaks for it."""
    known = numbers[~np.isnan(numbers)]
    words = set(words_in(name))
    if not len(known) or words & _DURATIONS:
        return None
    speaks = bool(words & NAMES) and not words & (_OTHER_NAMES - {"ms", "seconds"})
    days = _as_days(numbers, known, least, speaks, words)
    if days is not None:
        return Epochs(days, "")
    for scale, unit in _UNITS:
        low, high = (edge * scale for edge in _SECONDS)
        inside = (known >= low) & (known <= high)
        needed = least if speaks else 1.0
        if inside.sum() < needed * len(known) or not (speaks or _spread(known, scale, words)):
            continue
        here = (numbers >= low) & (numbers <= high)
        micros = np.where(here, np.rint(numbers * (1e6 / scale)), 0).astype(np.int64)
        moments = np.where(here, micros.view("datetime64[us]"), np.datetime64("NaT", "us"))
        return Epochs(moments, f"The numbers in “{name}” are {unit} since 1970, and shown as dates and times in UTC.")
    return None


def nanoseconds(name: str, counts: Mapping[str, int], least: float) -> dict[str, np.datetime64] | None:
    """Return the moments that strings of 19 digits stand for, to the microsecond; None where they are none.

    The name must speak for it, or all of them end with three zeros: identifiers of 19 digits lie in the same range.
    """
    words = set(words_in(name))
    low, high = (edge * 10**9 for edge in _SECONDS)
    typed = {
        cell: int(cell) for cell in counts if len(bare := cell.strip()) == NANO and bare.isascii() and bare.isdigit()
    }
    found = {cell: number for cell, number in typed.items() if low <= number <= high}
    if not found or sum(counts[cell] for cell in found) < least * sum(counts.values()) or words & _DURATIONS:
        return None
    speaks = bool(words & NAMES) and not words & (_OTHER_NAMES - {"ms", "seconds"})
    rounded = len(found) >= _LEAST and not words & _OTHER_NAMES and not any(one % 1000 for one in found.values())
    if not (speaks or rounded):
        return None
    return {cell: np.datetime64(number // 1000, "us") for cell, number in found.items()}


def _spread(known: Floats, scale: float, words: set[str]) -> bool:
    """Whether numbers lie as moments do, whatever their name: in our time, over more than an hour, not rounded."""
    seconds = known / scale
    if words & _OTHER_NAMES or len(np.unique(known)) < _LEAST or seconds.min() < _NEAR[0] or seconds.max() > _NEAR[1]:
        return False
    if np.ptp(seconds) < 3600:
        return False
    if (np.mod(seconds, _DAY) == 0).all():
        return True
    return bool((np.mod(seconds, 1000) == 0).mean() < 0.1 and (scale > 1 or np.ptp(seconds) < 20 * 366 * _DAY))


def _as_days(numbers: Floats, known: Floats, least: float, speaks: bool, words: set[str]) -> NDArray[Any] | None:
    """Return numbers like 20240131 as days; None where they are none."""
    needed = least if speaks else 1.0
    likely = (known >= 19000101) & (known <= 21001231) & (known == np.floor(known))
    if likely.sum() < needed * len(known) or (
        not speaks and (words & _OTHER_NAMES or len(np.unique(known)) < _LEAST_DAYS)
    ):
        return None
    whole = np.where(np.isnan(numbers) | (np.abs(numbers) > 1e9), 0, numbers).astype(np.int64)
    year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
    there = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1900) & (year <= 2100) & (whole == numbers)
    first = np.where(there, year * 12 + month - 1 - 1970 * 12, 0).astype("datetime64[M]")
    found = first.astype("datetime64[D]") + (np.where(there, day, 1) - 1)
    there &= found.astype("datetime64[M]") == first
    if there.sum() < needed * len(known):
        return None
    return np.where(there, found.astype("datetime64[us]"), np.datetime64("NaT", "us"))
