"""Dates as they are typed: which one a cell says, and whether its column puts the day before the month.

A column in which every cell is a whole date, with or without a time, is one of dates (`moments`). What else may be one
is read where an order is asked for (`days`): to the day, month, year or decade.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Literal

from embedlab.corpus.guess import MISSING_WORDS

Unit = Literal["day", "month", "year", "decade"]
Day = tuple[dt.date, Unit]
"""A date, and how exact it is: of "1940s" the first day of 1940, to the decade."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1,
    )
    for name in names.split()
}  # fmt: skip
_MOMENT = re.compile(
    r"\d{4}([-/])\d\d\1\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)? ?(?:Z|UTC|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_TIME = re.compile(r",? (\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d\d)([01]\d)([0-3]\d)", re.ASCII)
_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(,?[T ]\d.*)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})", re.ASCII)
_QUARTER = re.compile(r"(\d{4})[- ]?Q([1-4])|Q([1-4])[- /]?(\d{4})", re.ASCII | re.I)
_YEAR = re.compile(r"(1\d{3}|2\d{3})", re.ASCII)
_DECADE = re.compile(r"(1\d{2}0|2\d{2}0)s", re.ASCII)
_WORDED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\.? )?(?P<month>[a-z]{3,9})\.?"
    r"(?: (?P<after>\d{1,2})(?:st|nd|rd|th)?)?,? (?P<year>\d{4})",
    re.ASCII | re.I,
)


def moments(cells: Iterable[str]) -> dict[str, dt.datetime | None] | None:
    """Return the date and time that each cell says, None for a missing one.

    None for all where one is no whole date, or nothing settles which of its numbers is the day.
    """
    found: dict[str, dt.datetime | None] = {}
    last: dict[str, re.Match[str]] = {}
    try:
        for cell in cells:
            word = cell.strip()
            if _MOMENT.fullmatch(word):
                plain = word.replace("/", "-").replace("UTC", "Z").replace(" Z", "Z").replace(" +", "+")
                found[cell] = dt.datetime.fromisoformat(plain)
            elif match := _LAST.fullmatch(word):
                last[cell] = match
            elif word.lower() in MISSING_WORDS:
                found[cell] = None
            else:
                return None
        day_first = _day_first(last.values())
        if last and day_first is None:
            return None
        for cell, match in last.items():
            found[cell] = _with_time(match, bool(day_first))
    except ValueError:
        return None
    return found if any(found.values()) else None


def days(words: Iterable[str]) -> tuple[dict[str, Day | None], bool]:
    """Return the day that each word says, None for what is no date, and whether day and month could be told apart.

    Where they could not, they are read as month, day, year.
    """
    matches = {word: _LAST.fullmatch(word) for word in words}
    last = [match for match in matches.values() if match]
    day_first = _day_first(last)
    return {word: _day(word, bool(day_first)) for word in matches}, day_first is not None or not last


def _day_first(matches: Iterable[re.Match[str]]) -> bool | None:
    """Return whether the day comes before the month in dates like 3/4/2020; None where no value settles it."""
    first = second = 0
    dotted = None
    for match in matches:
        first += int(match[1]) > 12
        second += int(match[3]) > 12
        dotted = dotted is not False and match[2] == "."
    return first > second if first != second else (dotted or None)


def _day(word: str, day_first: bool) -> Day | None:
    for pattern, made in _FORMS:
        match = pattern.fullmatch(word)
        if match:
            try:
                return made(match, day_first)
            except ValueError:
                return None
    return None


def _last(match: re.Match[str], day_first: bool) -> Day:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    year += 0 if len(match[4]) == 4 else 2000 if year < 70 else 1900
    day, month = (first, second) if day_first else (second, first)
    return dt.date(year, month, day), "day"


def _with_time(match: re.Match[str], day_first: bool) -> dt.datetime:
    """Return the date of a match of `_LAST` with its time; `ValueError` for a year of two digits, or another time."""
    time = _TIME.fullmatch(match[5] or " 0:00")
    if time is None or len(match[4]) != 4:
        raise ValueError("no whole date")
    day = _last(match, day_first)[0]
    hour, minute, second = (int(part or 0) for part in time.groups())
    return dt.datetime(day.year, day.month, day.day, hour, minute, second)


def _quarter(match: re.Match[str], day_first: bool) -> Day:
    year, quarter = (match[1], match[2]) if match[1] else (match[4], match[3])
    return dt.date(int(year), 3 * int(quarter) - 2, 1), "month"


def _worded(match: re.Match[str], day_first: bool) -> Day:
    month = _MONTHS.get(match["month"].lower())
    if month is None or (match["day"] and match["after"]):
        raise ValueError("no month")
    day = match["day"] or match["after"]
    return dt.date(int(match["year"]), month, int(day or 1)), "day" if day else "month"


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], bool], Day]], ...] = (
    (_DAY, lambda match, _: (dt.date(int(match[1]), int(match[2]), int(match[3])), "day")),
    (_COMPACT, lambda match, _: (dt.date(int(match[1]), int(match[2]), int(match[3])), "day")),
    (_LAST, _last),
    (_MONTH, lambda match, _: (dt.date(int(match[1]), int(match[2]), 1), "month")),
    (_QUARTER, _quarter),
    (_YEAR, lambda match, _: (dt.date(int(match[1]), 1, 1), "year")),
    (_DECADE, lambda match, _: (dt.date(int(match[1]), 1, 1), "decade")),
    (_WORDED, _worded),
)
