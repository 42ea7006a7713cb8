"""Numbers as people type them: money, percent, thousands, decimal commas and units, by the column's own evidence."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from typing import Literal, NamedTuple

from embedlab.corpus.guess import NUMBER
from embedlab.corpus.written import EXACT, PLAIN, Written

_SYMBOLS = {
    "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "Rs": "INR", "Rs.": "INR", "R$": "BRL",
    "₽": "RUB", "руб": "RUB", "руб.": "RUB", "₩": "KRW", "₺": "TRY", "฿": "THB", "₫": "VND", "₪": "ILS", "₦": "NGN",
    "₱": "PHP", "₴": "UAH", "грн": "UAH", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "kr": "kr", "kr.": "kr",
    "Fr.": "CHF", "A$": "AUD", "C$": "CAD", "CA$": "CAD", "AU$": "AUD", "S$": "SGD", "HK$": "HKD", "NZ$": "NZD",
    "Euro": "EUR", "euro": "EUR", "euros": "EUR", "Euros": "EUR", "dollars": "USD", "元": "CNY", "円": "JPY",
}  # fmt: skip
_CODES = (
    "USD EUR GBP JPY CNY INR BRL RUB KRW TRY THB VND ILS NGN PHP UAH PLN CZK HUF CHF AUD CAD SGD HKD NZD SEK NOK DKK "
    "MXN ZAR RON BGN IDR MYR AED SAR EGP KES ARS CLP COP PEN BTC ETH"
)
_CURRENCIES = {**_SYMBOLS, **{code: code for code in _CODES.split()}}
_UNITS = {
    unit: names.split()[0]
    for names in (
        "% pct percent", "‰", "kg kgs", "g gram grams", "mg", "t", "lb lbs", "oz", "km kms",
        "m meter meters metre metres", "cm", "mm", "mi mile miles", "ft", "in",
        "h hr hrs hour hours Std Std.", "min mins minute minutes min.",
        "s sec secs second seconds", "ms", "d day days Tage Tag", "wk wks week weeks", "mo month months",
        "y yr yrs year years Jahre", "B bytes byte", "kB KB kb", "MB mb", "GB gb", "TB", "KiB", "MiB", "GiB",
        "°", "°C", "°F", "kW", "kWh", "MHz", "GHz", "Hz", "px", "ha", "l L", "ml", "mph", "km/h", "bpm", "kcal", "cal",
        "pts points pt", "m²", "m2", "ft²", "dB",
    )
    for unit in names.split()
}  # fmt: skip
_FAMILIES: tuple[Mapping[str, float], ...] = (
    {
        "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
    },
    {"ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86_400, "wk": 604_800},
    {"mg": 1e-3, "g": 1, "kg": 1e3, "t": 1e6}, {"oz": 1, "lb": 16},
    {"mm": 1, "cm": 10, "m": 1e3, "km": 1e6}, {"in": 1, "ft": 12, "mi": 63_360},
    {"ml": 1, "l": 1e3}, {"Hz": 1, "MHz": 1e6, "GHz": 1e9},
)  # fmt: skip
"""Units of which one is so many of another: 700 KB beside 10 MB. Months and years have no length of their own."""
_CLOCK = frozenset(("h", "s", "d", "min"))
_SCALES = {
    "k": 1e3, "K": 1e3, "M": 1e6, "mn": 1e6, "Mio": 1e6, "Mio.": 1e6, "million": 1e6, "B": 1e9, "bn": 1e9, "Mrd": 1e9,
    "Mrd.": 1e9, "billion": 1e9, "thousand": 1e3,
}  # fmt: skip
_SAME = str.maketrans({
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys("\u00a0\u202f\u2009\u2007\u3000", " "),
    **dict.fromkeys("\u2212\u2013\u2010\u2011", "-"), **dict.fromkeys("’ʼ`´", "'"),
    "٫": ".", "٬": ",", "٪": "%", "\u200b": "", "\ufeff": "", "\u200e": "", "\u200f": "",
})  # fmt: skip
_TYPED = re.compile(
    r"(?P<open>\()?\s?(?P<sign>[-+])?\s?(?P<prefix>[^\d\s(),.+-][^\d\s(),+-]{0,3})?(?P<gap>\s?)(?P<inner>[-+])?"
    r"(?P<body>\d+(?:[.,' ]\d+)*[.,]?|[.,]\d+)(?P<power>[eE][+-]?\d{1,3})?"
    r"(?P<space>\s?)(?P<tail>[^\d\s()+-][^\d()+-]{0,14})?(?P<minus>-)?\s?(?P<close>\))?",
    re.ASCII,
)
_NO_CENTS = re.compile(r"(?<=\d)[.,](?:--?|—)(?=\D*$)")
"""The end of a price in whole euros: 5,- or 5.--"""
_BEFORE_BRACKET = re.compile(r"^([^\d\s().,+-]{1,4}) ?\(")
_PHONE = re.compile(r"\+\d[\d ]{8,}", re.ASCII)
_LEADING_ZERO = re.compile(r"-?0\d[\d.]*", re.ASCII)
_GROUPS = re.compile(r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*", re.ASCII)
_LAKHS = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}", re.ASCII)
_IN_THREE = re.compile(r"-?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_DECADE = re.compile(r"[12]\d\d0")
_ARXIV = re.compile(r"\d\d(?:0[1-9]|1[0-2])\.\d{4,5}(?:v\d+)?", re.ASCII)
_VERSION = re.compile(r"\d{1,2}\.(\d{1,2})", re.ASCII)
_MOST_MINOR = 40
"""A version seldom has a higher second number; money typed as 2.5 and 2.50 soon does."""
PHONE_DIGITS = 9
_LOOK = 200
"""So many different cells are looked at before all are read."""


@dataclass(frozen=True)
class NumbersRead:
    """The number of each string that is one; `odd` are the others. `unsettled` says which reading a guess took.

    `units` are those that the numbers were written in, if several: all values are in the first of them.
    """

    values: dict[str, float]
    odd: tuple[str, ...]
    written: Written = PLAIN
    unsettled: str = ""
    units: tuple[str, ...] = ()


class _Typed(NamedTuple):
    """A number in its parts: `unit` is what it is of, `body` the digits with their separators."""

    body: str
    power: str
    negative: bool
    brackets: bool
    scale: float
    unit: str
    prefix: str
    suffix: str


def at_a_look(counts: Mapping[str, int]) -> Counter[str]:
    """Return the most frequent cells and some of all others, with how often each comes."""
    if len(counts) <= _LOOK:
        return Counter(counts)
    often = nlargest(_LOOK // 2, counts, key=counts.__getitem__)
    some = list(counts)[:: 2 * len(counts) // _LOOK]
    return Counter({cell: counts[cell] for cell in (*often, *some)})


def plain_numbers(words: Iterable[str]) -> dict[str, float] | None:
    """Return the number that each string stands for, as programs write them; None if one of them is no number."""
    found: dict[str, float] = {}
    for cell in words:
        word = cell.strip()
        if NUMBER.fullmatch(word) is None or is_code(word):
            return None
        found[cell] = float(word)
    return found


def dotted_thousands(words: Iterable[str]) -> bool:
    """Whether what programs would take for decimals are thousands: 1.500 beside 850, or 1.000, 2.500 and 12.000."""
    known = [word.strip() for word in words]
    dotted = [word for word in known if "." in word]
    if not dotted or not all(_IN_THREE.fullmatch(word) for word in dotted):
        return False
    if len(dotted) < len(known):
        return any(word.endswith("0") for word in dotted) and all(len(word) < 5 for word in known if "." not in word)
    return len(dotted) > 1 and all(word.endswith("00") for word in dotted)


def in_three_places(words: Iterable[str]) -> str:
    """Return how a number was read that could be thousands, where all that have decimals have three; else nothing."""
    dotted = [word.strip() for word in words if "." in word]
    if not dotted or not all(_IN_THREE.fullmatch(word) for word in dotted):
        return ""
    return f"“{dotted[0]}” as {float(dotted[0]):.15g}"


def is_code(word: str) -> bool:
    """Whether a string of digits is none to count with: it would lose a leading zero, or its last digits."""
    return _LEADING_ZERO.fullmatch(word) is not None or is_beyond(word)


def is_beyond(word: str) -> bool:
    """Whether a number as programs write them has no float64 that is exact enough."""
    if NUMBER.fullmatch(word) is None:
        return False
    value = float(word)
    return math.isinf(value) or (len(word) > 15 and "." not in word and abs(value) >= EXACT)


def are_codes(words: Iterable[str]) -> bool:
    """Whether strings of digits are versions or identifiers by their form: 1.1 beside 1.10, 1801.00120, an ISBN."""
    known = [word.strip() for word in words]
    if len(known) >= 2 and all(_ARXIV.fullmatch(word) for word in known):
        return True
    if known and all(len(word) == 13 and word[:3] in ("978", "979") and word.isdigit() for word in known):
        return True
    minors = [match for word in known if (match := _VERSION.fullmatch(word))]
    if len(minors) < len([word for word in known if "." in word]):
        return False
    distinct = {match[0] for match in minors}
    twice = any(word.endswith("0") and len(word.partition(".")[2]) == 2 and word[:-1] in distinct for word in distinct)
    return twice and all(int(match[1]) <= _MOST_MINOR for match in minors)


def typed_numbers(counts: Mapping[str, int]) -> NumbersRead | None:
    """Return the numbers that strings stand for, each with how often it comes; None where they are codes.

    What separates thousands and decimals is settled by the cells that can be read in one way only. A unit that at
    least half of the numbers have is that of all; numbers with another are odd, unless one is so many of the other.
    """
    look = at_a_look(counts)
    if 4 * sum(look[cell] for cell in look if _parts(cell) is not None) < look.total():
        return None
    parts = {cell: part for cell in counts if not is_beyond(cell.strip()) and (part := _parts(cell)) is not None}
    padded = any(_LEADING_ZERO.fullmatch(cell.strip()) or _is_padded(parts.get(cell)) for cell in counts)
    if not parts or padded or all(_PHONE.fullmatch(cell.strip()) for cell in parts) or _phones(parts):
        return None
    parts, units = _in_one_unit(parts, counts)
    unit = _unit(parts, counts)
    bare = bool(unit) and not units  # numbers without a unit have that of the others, if there is one alone
    kept = {cell: part for cell, part in parts.items() if part.unit == unit or (bare and not part.unit)}
    if kept and all(part.brackets for part in kept.values()):
        return None
    point, sure = _point(kept, counts, unit)
    values = {cell: value for cell, part in kept.items() if (value := _value(part, point)) is not None}
    odd = tuple(cell for cell in counts if cell not in values)
    read = {cell: kept[cell] for cell in values}
    if not read:
        return NumbersRead({}, odd)
    told = "" if sure else _told(read, values)
    return NumbersRead(values, odd, _written(read, counts, point), told, units if unit in units else ())


def number_like(typed: str, written: Written) -> float | None:
    """Return the number that a person typed, as a column writes them or plainly; None where it is none."""
    found = plain_numbers([typed])
    if found is not None and written.point == ".":
        return found[typed]
    part = _parts(typed)
    return None if part is None else _value(part, written.point)


# --- One cell ------------------------------------------------------------------------------------


def _parts(cell: str) -> _Typed | None:
    word = cell.strip()
    if not word.isascii() or "`" in word:
        word = word.translate(_SAME).strip()
        word = "".join(str(digit) if (digit := unicodedata.decimal(char, None)) is not None else char for char in word)
    match = _TYPED.fullmatch(_BEFORE_BRACKET.sub(r"(\1", _NO_CENTS.sub("", word)))
    if match is None or bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["inner"]):
        return None
    prefix, tail = match["prefix"] or "", (match["tail"] or "").strip()
    scale, suffix = _tail(tail, bool(match["space"]))
    before, after = _CURRENCIES.get(prefix), _CURRENCIES.get(suffix) or _UNITS.get(suffix)
    if (prefix and before is None) or (suffix and after is None) or (before and after):
        return None
    if suffix == "s" and _DECADE.fullmatch(match["body"]):
        return None
    negative = "-" in (match["sign"], match["inner"], match["minus"]) or bool(match["open"])
    return _Typed(
        match["body"], match["power"] or "", negative, bool(match["open"]), scale, before or after or "",
        prefix + match["gap"] if prefix else "", match["space"] + suffix if suffix else "",
    )  # fmt: skip


def _tail(tail: str, spaced: bool) -> tuple[float, str]:
    """Return what the letters after a number multiply it by, and the unit that is left."""
    if tail in _UNITS and not (tail == "B" and not spaced):
        return 1.0, tail
    for length in range(len(tail), 0, -1):
        scale = _SCALES.get(tail[:length])
        rest = tail[length:].strip()
        if scale is not None and (not rest or rest in _CURRENCIES):
            return scale, rest
    return 1.0, tail


def _is_padded(part: _Typed | None) -> bool:
    return part is not None and re.match(r"0\d", part.body) is not None


def _phones(parts: Mapping[str, _Typed]) -> bool:
    """Whether groups of digits are telephone numbers or addresses of machines, and no thousands."""
    bodies = [part.body for part in parts.values()]
    if all(body.count(".") == 3 and all(int(one) <= 255 for one in body.split(".") if one) for body in bodies):
        return True
    spaced = all(" " in body and "," not in body and "." not in body for body in bodies)
    lengths = {len(body.replace(" ", "")) for body in bodies}
    return spaced and len(lengths) == 1 and min(lengths) >= PHONE_DIGITS and len(bodies) > 1


# --- The column's evidence -----------------------------------------------------------------------


def _unit(parts: Mapping[str, _Typed], counts: Mapping[str, int]) -> str:
    """Return the unit that half of the numbers or more have; none where they have no one."""
    units = Counter[str]()
    for cell, part in parts.items():
        units[part.unit] += counts[cell]
    named = [(count, unit) for unit, count in units.items() if unit]
    most, unit = max(named, default=(0, ""))
    return unit if 2 * most >= units.total() else ""


def _in_one_unit(parts: dict[str, _Typed], counts: Mapping[str, int]) -> tuple[dict[str, _Typed], tuple[str, ...]]:
    """Return the numbers in the most frequent unit of those that can be turned into each other, and all of these units.

    Where all numbers have one unit, or units of several kinds, they stay as they are.
    """
    times = Counter[str]()
    for cell, part in parts.items():
        times[part.unit] += counts[cell] if part.unit else 0
    minutes = "m" in times and bool(_CLOCK & times.keys()) and not {"mm", "cm", "km"} & times.keys()
    if minutes:  # 2h beside 30m
        parts = {cell: part._replace(unit="min") if part.unit == "m" else part for cell, part in parts.items()}
        times["min"] += times.pop("m")
    families = [(sum(times[unit] for unit in family), family) for family in _FAMILIES]
    most, family = max(families, key=lambda pair: pair[0])
    units = tuple(unit for unit, _ in times.most_common() if unit in family)
    if len(units) < 2 or 2 * most < times.total():
        return parts, ()
    suffix = Counter({p.suffix: 0 for p in parts.values() if p.unit == units[0]})
    for cell, part in parts.items():
        suffix[part.suffix] += counts[cell] if part.unit == units[0] else 0
    usual = suffix.most_common(1)[0][0]
    turned = {
        cell: part._replace(scale=part.scale * family[part.unit] / family[units[0]], unit=units[0], suffix=usual)
        if part.unit in units[1:]
        else part
        for cell, part in parts.items()
    }
    return turned, units


def _point(parts: Mapping[str, _Typed], counts: Mapping[str, int], unit: str) -> tuple[Literal[".", ","], bool]:
    """Return what stands before the decimals, and whether that is beyond doubt."""
    votes, open_ = Counter[str](), Counter[str]()
    short = 0
    for cell, part in parts.items():
        found = _settles(part.body)
        votes[found] += counts[cell]
        if not found and (triple := _GROUPS.fullmatch(part.body)):
            open_[triple[1]] += counts[cell]
        short += len(part.body) < 4 and part.body.isdigit() and part.scale == 1
    if votes["."] or votes[","]:
        point: Literal[".", ","] = "." if votes["."] >= votes[","] else ","
        return point, not (open_ and votes["."] and votes[","])
    if open_[","]:
        return ".", bool(short) or bool(unit)
    money = unit in _CURRENCIES.values()
    if open_["."] and (money or short or dotted_thousands(part.body for part in parts.values())):
        return ",", money or bool(short)
    return ".", True


def _settles(body: str) -> Literal[".", ",", ""]:
    """Return which sign stands before the decimals of this number; none where it could be either."""
    dots, commas = body.count("."), body.count(",")
    if dots and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    if dots > 1 or commas > 1:
        return "," if dots else "."
    if not dots and not commas:
        return ""
    own: Literal[".", ","] = "." if dots else ","
    return "" if _GROUPS.fullmatch(body) and body[0] != "0" else own


def _value(part: _Typed, point: str) -> float | None:
    own = _settles(part.body)
    decimal = own or point
    before, _, after = part.body.partition(decimal)
    if decimal in after or not all(char.isdigit() for char in after):
        return None
    if not before.isdigit() and before and not (_GROUPS.fullmatch(before) or _LAKHS.fullmatch(before)):
        return None
    digits = re.sub(r"\D", "", before)
    number = float(f"{digits or 0}.{after or 0}{part.power}") * part.scale
    return None if math.isinf(number) else -number if part.negative else number


def _written(read: Mapping[str, _Typed], counts: Mapping[str, int], point: Literal[".", ","]) -> Written:
    around, places, groups = Counter[tuple[str, str]](), Counter[int](), Counter[str]()
    whole = 0
    for cell, part in read.items():
        if part.unit:
            around[part.prefix, part.suffix] += counts[cell]
        if part.scale != 1:
            groups["." if point == "," else ","] += 1
            continue
        own = _settles(part.body) or point
        before, _, after = part.body.partition(own)
        places[len(after)] += bool(after)
        whole += not after
        groups.update(set(re.findall(r"[.,' ]", before)))
    prefix, suffix = around.most_common(1)[0][0] if around else ("", "")
    exact = [length for length, count in places.items() if count]
    group = groups.most_common(1)[0][0] if groups else ""
    brackets = any(part.brackets for part in read.values())
    if not (prefix or suffix or group or brackets) and point == ".":
        return PLAIN
    return Written(
        prefix, suffix, exact[0] if len(exact) == 1 else None, bool(exact) and not whole, group,
        point if exact or not group else "," if group == "." else ".",
        any(_LAKHS.match(part.body) for part in read.values()), brackets,
    )  # fmt: skip


def _told(read: Mapping[str, _Typed], values: Mapping[str, float]) -> str:
    """Say how a number was read that could be another."""
    cell = next((cell for cell, part in read.items() if _GROUPS.fullmatch(part.body)), next(iter(read)))
    return f"“{cell.strip()}” as {values[cell]:.15g}"
