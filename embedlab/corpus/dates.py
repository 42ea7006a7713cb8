"""Dates as they are typed: which one a cell says, and whether its column puts the day before the month.

A column in which nearly every cell is a whole date, with or without a time, is one of dates (`moments`). What else may
be one is read where an order is asked for (`days`): to the day, month, year or decade.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from embedlab.corpus.numbers import at_a_look
from embedlab.text.normalise import unaccented

Unit = Literal["day", "month", "year", "decade"]
Day = tuple[dt.date, Unit]
"""A date, and how exact it is: of "1940s" the first day of 1940, to the decade."""

_MONTH_NAMES = (
    "jan january januar janvier janv enero ene gennaio gen janeiro januari",
    "feb february februar fevrier fevr fev febrero febbraio fevereiro februari",
    "mar march marz maerz mrz mars marzo marco maart mrt",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juillet juil julio luglio lug julho",
    "aug august aout agosto ago augustus",
    "sep sept september septembre septiembre settembre set setembro",
    "oct october oktober okt octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dezember dez decembre diciembre dic dicembre dezembro",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_WEEKDAYS = frozenset(
    [
        "mon",
        "monday",
        "tue",
        "tues",
        "tuesday",
        "wed",
        "wednesday",
        "thu",
        "thur",
        "thurs",
        "thursday",
        "fri",
        "friday",
        "sat",
        "saturday",
        "sun",
        "sunday",
        "mo",
        "montag",
        "di",
        "dienstag",
        "mi",
        "mittwoch",
        "do",
        "donnerstag",
        "fr",
        "freitag",
        "sa",
        "samstag",
        "so",
        "sonntag",
        "lun",
        "lundi",
        "mardi",
        "mer",
        "mercredi",
        "jeu",
        "jeudi",
        "ven",
        "vendredi",
        "sam",
        "samedi",
        "dim",
        "dimanche",
        "lunes",
        "martes",
        "mie",
        "miercoles",
        "jue",
        "jueves",
        "vie",
        "viernes",
        "sab",
        "sabado",
        "dom",
        "domingo",
        "lunedi",
        "martedi",
        "mercoledi",
        "gio",
        "giovedi",
        "venerdi",
        "sabato",
        "domenica",
        "maandag",
        "dinsdag",
        "woensdag",
        "donderdag",
        "vrijdag",
        "zaterdag",
        "zondag",
        "segunda",
        "terca",
        "quarta",
        "quinta",
        "sexta",
        "feira",
    ]
)
_BETWEEN = frozenset(
    ["of", "de", "del", "le", "the", "at", "um", "a", "om", "alle", "el", "den", "der", "am", "kl", "uhr"]
)
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8,
    "pdt": -7, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3,
    "jst": 9, "aest": 10, "aedt": 11,
}  # fmt: skip
_TWO_DIGIT_YEARS = 70
"""Years of two digits below this are of the 2000s."""

_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?(?P<zone>[a-z]{1,4}|(?:utc|gmt)?[+-]\d\d?(?::?\d\d)?)(?: \([a-z ]+\))?)?",
    re.ASCII | re.I,
)
_CLOCK = re.compile(
    r"(?<![\d:.])\d{1,2}(?::\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[ap]\.?m\b\.?)?| ?[ap]\.?m\b\.?)", re.ASCII | re.I
)
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d\d?):?(\d\d)?", re.ASCII | re.I)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:(?:[Tt]|,? )(.+))?", re.ASCII)
_EAST = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일](?: (.+))?", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d\d)([01]\d)([0-3]\d)(?:[Tt](\d\d)(\d\d)(\d\d)?(Z)?)?", re.ASCII)
_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(?:(?:,? |T)(.+))?", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})", re.ASCII)
_MONTH_LAST = re.compile(r"(\d{1,2})/(\d{4})", re.ASCII)
_MONTH_DOTTED = re.compile(r"(\d{4})\.(\d{1,2})", re.ASCII)
_QUARTER = re.compile(r"(\d{4})[- ]?Q([1-4])|Q([1-4])[- /]?(\d{4})", re.ASCII | re.I)
_APOSTROPHES = ("'", "’", " '", " ’", "-'")
_SHORT_YEAR = re.compile(r"([^\W\d_]{3,12})\.?([-/ ]?['’]?)(\d\d)")
_YEAR = re.compile(r"(1\d{3}|2\d{3})", re.ASCII)
_DECADE = re.compile(r"(1\d{2}0|2\d{2}0)s", re.ASCII)
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|o|º|\.)?", re.I)
_ABOUT = re.compile(r"(?<=\w/)(\d{4}):(?=\d\d:)| ?\[[A-Za-z_/]+\]$", re.ASCII)
"""What logs and programs write about a time: a colon before it, the name of a zone behind."""


@dataclass(frozen=True)
class MomentsRead:
    """The date and time of each cell that is one, with a zone where it has one; `odd` are the other cells.

    `unit` is how exact they are. `unsettled` says that nothing settles which number is the day: these cells are odd.
    `taken` is how cells were read that could mean something else ("“Jan-24” as 2024-01").
    """

    values: dict[str, dt.datetime]
    odd: tuple[str, ...]
    unit: Unit = "day"
    unsettled: bool = False
    taken: str = ""


def moments(counts: Mapping[str, int]) -> MomentsRead | None:
    """Return the moments that cells say, each with how often it comes; None where at a look hardly any does."""
    months = _months_of_years(counts)
    if months:
        return MomentsRead(months, tuple(cell for cell in counts if cell not in months), "month", taken=_as(months))
    look = at_a_look(counts)
    dated = sum(look[cell] for cell in look if _moment(cell, False) is not None or _moment(cell, True) is not None)
    if not dated or 2 * dated < look.total():
        return None
    cells = list(counts)
    last = {cell: match for cell in cells if (match := _LAST.fullmatch(cell.strip()))}
    day_first = _day_first(last.values())
    unsettled = bool(last) and day_first is None
    if _versions(last):
        return None
    read = {
        cell: found
        for cell in cells
        if not (unsettled and cell in last) and (found := _moment(cell, bool(day_first))) is not None
    }
    unit: Unit = "month" if read and all(unit == "month" for _, unit in read.values()) else "day"
    values = {cell: moment for cell, (moment, _) in read.items()}
    return MomentsRead(values, tuple(cell for cell in cells if cell not in values), unit, unsettled)


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
        first += 12 < int(match[1]) <= 31
        second += 12 < int(match[3]) <= 31
        dotted = dotted is not False and match[2] == "."
    return first > second if first != second else (dotted or None)


def _versions(last: Mapping[str, re.Match[str]]) -> bool:
    """Whether what looks like dates with dots and short years are versions: 1.2.10, not 01.02.10."""
    dotted = [match for match in last.values() if match[2] == "." and len(match[4]) == 2 and match[5] is None]
    return any(len(match[1]) + len(match[3]) < 4 for match in dotted)


def _months_of_years(counts: Mapping[str, int]) -> dict[str, dt.datetime]:
    """Return the months that cells like Jan-24 and Mar '23 say; nothing where most are none, or their numbers are days.

    Spreadsheets write a month of a year so, and a day of a month the other way round. With a space between it may be
    a day too: then there must be few different numbers, as of years.
    """
    look = at_a_look(counts)
    if 2 * sum(look[cell] for cell in look if _month_of_year(cell)) < look.total():
        return {}
    found = {cell: match for cell in counts if (match := _month_of_year(cell)) is not None}
    numbers = {match[3] for match in found.values()}
    sure = any(match[2] in _APOSTROPHES for match in found.values()) or any(not 1 <= int(n) <= 31 for n in numbers)
    like_days = len(numbers) > 12 and max(map(int, numbers)) > 26
    spaced = any(match[2] in (" ", "") for match in found.values())
    if not sure and (like_days or (spaced and (len(found) < 4 or 2 * len(numbers) > len(found)))):
        return {}
    return {
        cell: dt.datetime(_year(match[3]), _MONTHS[unaccented(match[1]).casefold()], 1) for cell, match in found.items()
    }


def _month_of_year(cell: str) -> re.Match[str] | None:
    match = _SHORT_YEAR.fullmatch(cell.strip())
    return match if match and unaccented(match[1]).casefold() in _MONTHS else None


def _as(months: Mapping[str, dt.datetime]) -> str:
    cell, month = next(iter(months.items()))
    return f"“{cell.strip()}” as {month:%Y-%m}"


# --- One cell ------------------------------------------------------------------------------------


def _moment(cell: str, day_first: bool) -> tuple[dt.datetime, Unit] | None:
    """Return the moment of a whole date, and whether it is exact to the day or the month; None for what is none."""
    word = " ".join(cell.split())
    try:
        if _ISO.fullmatch(word):  # what programs write, by a quick way
            return dt.datetime.fromisoformat(word), "day"
    except ValueError:  # 24:00, or no day
        pass
    word = _ABOUT.sub(r"\1 ", word)
    try:
        return _numbered(word, day_first) or _worded(word)
    except (ValueError, OverflowError):
        return None


def _numbered(word: str, day_first: bool) -> tuple[dt.datetime, Unit] | None:
    if match := _DAY.fullmatch(word):
        return _at(int(match[1]), int(match[3]), int(match[4]), match[5]), "day"
    if match := _LAST.fullmatch(word):
        first, second = int(match[1]), int(match[3])
        day, month = (first, second) if day_first else (second, first)
        return _at(_year(match[4]), month, day, match[5]), "day"
    if match := _COMPACT.fullmatch(word):
        time = ":".join(part for part in match.groups()[3:6] if part) + (match[7] or "")
        return _at(int(match[1]), int(match[2]), int(match[3]), time or None), "day"
    if match := _MONTH.fullmatch(word):
        return dt.datetime(int(match[1]), int(match[2]), 1), "month"
    if match := _MONTH_LAST.fullmatch(word):
        return dt.datetime(int(match[2]), int(match[1]), 1), "month"
    if match := _EAST.fullmatch(word):
        return _at(int(match[1]), int(match[2]), int(match[3]), match[4]), "day"
    return None


def _year(digits: str) -> int:
    return int(digits) + (0 if len(digits) == 4 else 2000 if int(digits) < _TWO_DIGIT_YEARS else 1900)


def _at(year: int, month: int, day: int, time: str | None) -> dt.datetime:
    """Return a moment; `ValueError` where there is no such day, or `time` is no time of day."""
    moment = dt.datetime(year, month, day)
    if time is None:
        return moment
    match = _TIME.fullmatch(time.strip())
    if match is None or not (match["minute"] or match["half"]):
        raise ValueError("no time of day")
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour")
        hour = hour % 12 + 12 * (match["half"].lower() == "p")
    midnight = (hour, minute, second) == (24, 0, 0)
    micro = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    moment = moment.replace(
        hour=0 if midnight else hour, minute=minute, second=min(second, 59) if second == 60 else second,
        microsecond=micro, tzinfo=_zone(match["zone"]) if match["zone"] else None,
    )  # fmt: skip
    return moment + dt.timedelta(days=1) if midnight else moment


def _zone(name: str) -> dt.timezone:
    if name.lower() in _ZONES:
        return dt.timezone(dt.timedelta(hours=_ZONES[name.lower()]))
    match = _OFFSET.fullmatch(name)
    if match is None:
        raise ValueError("no zone")
    away = dt.timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return dt.timezone(-away if match[1] == "-" else away)


def _worded(word: str) -> tuple[dt.datetime, Unit] | None:
    """Return a date whose month is a word: its parts in any order, and nothing beside them."""
    if len(word) > 60 or not any(char.isalpha() for char in word):
        return None
    clocks = _CLOCK.findall(word)
    if len(clocks) > 1:
        return None
    rest = _CLOCK.sub(" ", word) if clocks else word
    month, day, year, zone = None, None, None, ""
    for token in _tokens(rest):
        if token in _WEEKDAYS or token in _BETWEEN:
            continue
        if token in _MONTHS and month is None:
            month = _MONTHS[token]
        elif clocks and not zone and (token in _ZONES or _OFFSET.fullmatch(token)):
            zone = token
        elif year is None and (len(token) == 4 and token.isdigit()):
            year = int(token)
        elif day is None and (match := _ORDINAL.fullmatch(token)):
            day = int(match[1])
        elif year is None and day is not None and re.fullmatch(r"'?\d\d", token, re.ASCII):
            year = _year(token[-2:])
        else:
            return None
    if month is None or year is None or (clocks and day is None):
        return None
    time = f"{clocks[0]} {zone}".strip() if clocks else None
    return _at(year, month, day or 1, time), "day" if day is not None else "month"


def _tokens(rest: str) -> list[str]:
    """Return the parts of a date in words: 10-Oct-18 is three, +0000 one."""
    plain = unaccented(rest).casefold()
    plain = re.sub(r"(?<=[a-z])\.(?=\s|,|\d|$)", " ", plain)
    plain = re.sub(r"(?<=[\da-z.])[-/](?=[a-z'])|(?<=[a-z])[-/](?=[\d'])", " ", plain)
    return plain.replace(",", " ").replace("(", " ").replace(")", " ").split()


def _day(word: str, day_first: bool) -> Day | None:
    """Return the day that a word says, whole or not."""
    found = _moment(word, day_first)
    if found is not None:
        return found[0].date(), found[1]
    try:
        return _loose(word)
    except ValueError:
        return None


def _loose(word: str) -> Day | None:
    if match := _QUARTER.fullmatch(word):
        year, quarter = (match[1], match[2]) if match[1] else (match[4], match[3])
        return dt.date(int(year), 3 * int(quarter) - 2, 1), "month"
    if match := _MONTH_DOTTED.fullmatch(word):
        return dt.date(int(match[1]), int(match[2]), 1), "month"
    if match := _YEAR.fullmatch(word):
        return dt.date(int(match[1]), 1, 1), "year"
    if match := _DECADE.fullmatch(word):
        return dt.date(int(match[1]), 1, 1), "decade"
    match = _DAY.match(word)  # a day with something behind that is no time
    if match and match[5]:
        return dt.date(int(match[1]), int(match[3]), int(match[4])), "day"
    return None
