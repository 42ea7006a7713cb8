"""Cells in, a column with a kind out: category, number, date or text; what nearly all of its cells are."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from embedlab.base.arrays import Floats, frozen
from embedlab.base.english import counted, joined, listed
from embedlab.corpus.cells import cell_text, cleaned
from embedlab.corpus.corpus import Column, Kind, Note, noted
from embedlab.corpus.dates import moments
from embedlab.corpus.epochs import NANO, as_epochs, in_calendar, nanoseconds
from embedlab.corpus.guess import MISSING_WORDS, NUMBER, words_in
from embedlab.corpus.numbers import (
    are_codes,
    at_a_look,
    dotted_thousands,
    in_three_places,
    is_beyond,
    plain_numbers,
    typed_numbers,
)
from embedlab.corpus.written import EXACT, PLAIN, Written

NEARLY_ALL = 0.9
"""A column is what so many of its values are; the others become missing, and are counted."""
LEAST_READ = 5
"""With a value that is none, so many numbers or dates make a column of them."""
LEAST_SAID = 0.5
"""Of a column of which so many are numbers or dates, but not nearly all, it is said why it is read as words."""
SHOWN_ODD = 3

_UNKNOWN = MISSING_WORDS | frozenset((
    "?", "??", "???", ".", "..", "...", "…", "–", "—", "---", "x", "n.a.", "n.a", "na.", "n.d.", "nd", "n/d", "unknown",
    "unk", "unkn", "missing", "undefined", "not available", "not applicable", "not known", "not recorded", "not set",
    "no data", "no value", "tbd", "tba", "tbc", "t.b.d.", "pending", "to be determined", "to be confirmed", "invalid",
    "error", "see note", "see notes", "see below", "various", "withheld", "refused", "blank", "empty", "#value!",
    "#div/0!", "#ref!", "inf", "-inf", "infinity", "k.a.", "unbekannt", "inconnu", "desconocido", "sconosciuto",
    "0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "0000/00/00", "00.00.0000", "invalid date", "never", "nat",
))  # fmt: skip
"""What people type where they have no value. It tells nothing of what a column is; but unlike `MISSING_WORDS` it is
counted, for it may be the answer that somebody looks for."""
_CODE_NAMES = frozenset((
    "zip", "zipcode", "postcode", "postal", "plz", "phone", "tel", "telephone", "mobile", "fax", "isbn", "ean", "sku",
    "iban", "ssn", "vat", "barcode",
))  # fmt: skip
_DOTTED_NAMES = frozenset(("id", "ids", "uid", "doi", "version", "versions", "release", "section", "chapter", "clause"))
_CODE = re.compile(r"[^\W\d_]{1,5}[-_/.]?\d[\w-]*|\d+[-_/]?[^\W\d_]{1,3}\d*", re.ASCII)
_SPACES = (
    *range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
)  # fmt: skip
_ZERO_WIDTH = (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)
_BLANK = "".join(map(chr, _SPACES + _ZERO_WIDTH))
"""What is not seen: a cell of nothing else is empty."""
_SENTENCE_WORDS = 5
LONG = 1e14
"""Whole numbers from this on stand beside longer ones as identifiers do."""
_WHY = {
    "others": ("is something else", "are something else"),
    "codes": ("looks like a code", "look like codes"),
    "sentences": ("is a sentence", "are sentences"),
}
"""Why cells are not left out of a column of numbers or dates, of one and of several."""


def column_of(name: str, cells: Any, strict: bool = False) -> tuple[Column, list[Note]]:
    """Return the cells as a column of the kind that nearly all of them are, and notes on cells that had to change.

    `cells` is a list of what `Raw` allows, or a datetime64 array. Numbers: nine in ten values or more are finite
    numbers, as programs or as people write them; codes with leading zeros, versions and whole numbers beyond 2**53 are
    not. Dates: nine in ten are whole dates, day and month in an order that the values settle; times with a zone become
    UTC, and seconds since 1970 are dates where the name or the values say so. The others become missing; a note counts
    them. With `strict` every value must fit: where there is no other column, a line that is no number may be the text.
    """
    if isinstance(cells, np.ndarray):
        return _of_moments(name, cells)
    types = set(map(type, cells)) - {type(None)}
    if types and types <= {int, float, Decimal}:
        numbers = _number_cells(cells)
        if numbers is not None:
            return _finite(name, numbers)
    if types and types <= {dt.datetime, dt.date}:
        return _dated(name, cells)
    strings = cells if types <= {str} else [cell_text(cell) for cell in cells]
    return _strings(name, strings, 1.0 if strict else NEARLY_ALL)


# --- Numbers and dates that are no strings -------------------------------------------------------


def _of_moments(name: str, cells: Any) -> tuple[Column, list[Note]]:
    inside = in_calendar(cells)
    beyond = np.flatnonzero(~np.isnat(cells) & ~inside)
    values = np.where(inside, cells, np.datetime64("NaT")).astype("datetime64[us]")
    return Column(name, "date", frozen(values)), _beyond(name, beyond)


def _beyond(name: str, rows: Any) -> list[Note]:
    sentence = f"{counted(len(rows), 'date')} in “{name}” outside of the years 1 to 9999 became missing."
    return noted("changed", len(rows), sentence, rows)


def _number_cells(cells: Sequence[Any]) -> Floats | None:
    """Return the cells as float64; None where some are whole numbers that have none, as identifiers do."""
    for cell in cells:
        if type(cell) is int and not -EXACT <= cell <= EXACT:
            return None
    return np.array([math.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)


def _finite(name: str, numbers: Floats) -> tuple[Column, list[Note]]:
    infinite = np.flatnonzero(np.isinf(numbers))
    numbers[infinite] = np.nan
    sentence = f"{counted(len(infinite), 'infinite number')} in “{name}” became missing."
    column, notes = _numbered(name, numbers, [])
    return column, noted("changed", len(infinite), sentence, infinite) + notes


def _numbered(name: str, numbers: Floats, notes: list[Note], written: Written = PLAIN) -> tuple[Column, list[Note]]:
    """Return a column of numbers, or of the moments that these are."""
    epochs = as_epochs(name, numbers, NEARLY_ALL) if written == PLAIN else None
    if epochs is None:
        return Column(name, "number", frozen(numbers), written), notes
    odd = np.flatnonzero(~np.isnan(numbers) & np.isnat(epochs.moments))
    if epochs.sentence:
        notes = [*notes, Note("info", 0, epochs.sentence)]
    shown = (f"{numbers[row]:.15g}" for row in odd.tolist())
    present = int((~np.isnan(numbers)).sum())
    return Column(name, "date", frozen(epochs.moments)), notes + _odd_note(name, "date", shown, odd, present)


def _dated(name: str, cells: Sequence[dt.date | None], written: Written = PLAIN) -> tuple[Column, list[Note]]:
    zoned = [at for at, cell in enumerate(cells) if getattr(cell, "tzinfo", None) is not None]
    plain = list(cells)
    for at in zoned:
        plain[at] = _in_utc(cells[at])
    notes = noted("info", len(zoned), f"The times in “{name}” have a zone and are shown in UTC.")
    beyond = [at for at in zoned if plain[at] is None]
    values = np.array(plain, dtype="datetime64[us]")
    return Column(name, "date", frozen(values), written), notes + _beyond(name, beyond)


def _in_utc(cell: Any) -> dt.datetime | None:
    try:
        moment: dt.datetime = cell.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError:
        return None
    return moment


# --- Strings -------------------------------------------------------------------------------------


def _strings(name: str, cells: Sequence[str | None], least: float) -> tuple[Column, list[Note]]:
    cells, notes = _clean(name, cells)
    distinct = [cell for cell in dict.fromkeys(cells) if cell is not None]
    blank = {cell for cell in distinct if not cell.strip(_BLANK)}
    if blank:
        cells = [None if cell in blank else cell for cell in cells]
    values = [cell for cell in distinct if cell not in blank]
    given = _Cells(name, cells, [cell for cell in values if cell.strip().lower() not in MISSING_WORDS], least)
    told: list[Note] = []
    for read in (_as_nanoseconds, _as_numbers, _as_dates) if given.words else ():
        found = read(given)
        if isinstance(found, tuple):
            return found[0], notes + found[1]
        told = told or found
    objects = np.empty(len(cells), dtype=object)
    objects[:] = cells
    return Column(name, _kind(cells, len(values)), frozen(objects)), notes + told


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cells of a column, None where one is empty; `words` are the different ones that stand for a value."""

    name: str
    cells: Sequence[str | None]
    words: list[str]
    least: float

    @cached_property
    def worth_a_look(self) -> bool:
        """Whether of some of the cells half are short and hold a digit: columns of text are left alone at once."""
        known = {cell: count for cell, count in at_a_look(self.counts).items() if not _is_unknown(cell)}
        short = sum(count for cell, count in known.items() if len(cell) <= 60 and any(map(str.isdigit, cell)))
        return 2 * short >= sum(known.values())

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each of the words comes."""
        counts = Counter(cell for cell in self.cells if cell is not None)
        for missing in counts.keys() - set(self.words):
            del counts[missing]
        return counts


def _is_unknown(cell: str) -> bool:
    return cell.strip().lower() in _UNKNOWN


Found = tuple[Column, list[Note]] | list[Note]
"""A column with its notes; or only notes, on why the cells make none."""


def _as_numbers(given: _Cells) -> Found:
    name, cells = given.name, given.cells
    plain = plain_numbers(given.words)
    if plain is not None and not dotted_thousands(given.words):
        if _named_codes(name, given.words) or are_codes(given.words):
            return []
        return _numbered(name, _placed(cells, plain), unsettled_note(name, in_three_places(given.words)))
    found = typed_numbers(given.counts) if given.worth_a_look else None
    if found is None or not found.values or _named_codes(name, found.values) or are_codes(found.values):
        return []
    odd = {cell: given.counts[cell] for cell in found.odd}
    why = _not_all(given.counts, odd, given.least)
    if not why and odd and _look_like_codes(found.values, odd, given.counts):
        why = "codes"
    if why:
        return _said(name, "number", given.counts, odd, why)
    notes = _in_units(name, found.units)
    notes += _odd_cells(name, "number", cells, given.counts, odd) + unsettled_note(name, found.unsettled)
    return _numbered(name, _placed(cells, found.values), notes, found.written)


def _in_units(name: str, units: Sequence[str]) -> list[Note]:
    """Say in which unit numbers are that were written in several."""
    if not units:
        return []
    bytewise = " (1 MB is 1,000 kB, 1 MiB 1,024 KiB)" if {"MB", "kB", "GB"} & set(units) else ""
    sentence = f"The numbers in “{name}” are written in {joined(units, 'and')}: all are in {units[0]} here{bytewise}."
    return [Note("info", 0, sentence)]


def _as_nanoseconds(given: _Cells) -> Found:
    """Return numbers of 19 digits as moments, where they are nanoseconds since 1970."""
    read = nanoseconds(given.name, given.counts, given.least) if given.words and len(given.words[0]) >= NANO else None
    if read is None:
        return []
    odd = {cell: count for cell, count in given.counts.items() if cell not in read}
    micros = [read.get(cell, None) if cell is not None else None for cell in given.cells]
    values = np.array(["NaT" if one is None else one for one in micros], dtype="datetime64[us]")
    sentence = f"The numbers in “{given.name}” are nanoseconds since 1970, and shown as dates and times in UTC."
    notes = [Note("info", 0, sentence), *_odd_cells(given.name, "date", given.cells, given.counts, odd)]
    return Column(given.name, "date", frozen(values)), notes


def _placed(cells: Sequence[str | None], numbers: Mapping[str, float]) -> Floats:
    values = [math.nan if cell is None else numbers.get(cell, math.nan) for cell in cells]
    return np.array(values, dtype=np.float64)


def unsettled_note(name: str, taken: str) -> list[Note]:
    """Say which of two readings of a column's numbers was `taken` (“1.234” as 1234); nothing where that is empty."""
    if not taken:
        return []
    return [Note("info", 0, f"The numbers in “{name}” could be read in two ways: {taken} is the likelier, and taken.")]


def _as_dates(given: _Cells) -> Found:
    name, cells, counts = given.name, given.cells, given.counts if given.worth_a_look else Counter[str]()
    read = moments(counts)
    if read is None:
        return []
    odd = {cell: counts[cell] for cell in read.odd}
    why = _not_all(counts, odd, given.least)
    if why and read.unsettled:
        sentence = (
            f"“{name}” may hold dates, but nothing in it tells day and month apart: it is left as typed. "
            "Write the year first, as in 2024-01-31, to have dates."
        )
        return [Note("info", 0, sentence)]
    if why:
        return _said(name, "date", counts, odd, why)
    moment: list[dt.datetime | None] = [None if cell is None else read.values.get(cell) for cell in cells]
    column, notes = _dated(name, moment, replace(PLAIN, month=read.unit == "month"))
    if read.taken:
        notes = [*notes, Note("info", 0, f"The values of “{name}” are months of years: {read.taken}.")]
    return column, notes + _odd_cells(name, "date", cells, counts, odd)


def _not_all(counts: Mapping[str, int], odd: Mapping[str, int], least: float) -> str:
    """Return why a column with these odd cells is not what the others are; nothing where it is."""
    if not odd:
        return ""
    unknown = sum(count for cell, count in odd.items() if _is_unknown(cell))
    read = sum(counts.values()) - sum(odd.values())
    others = sum(odd.values()) - unknown
    if least == 1.0 or read < LEAST_READ or read < least * (read + others) or read < unknown:
        return "others"
    sentences = [cell for cell in odd if len(cell.split()) >= _SENTENCE_WORDS]
    return "sentences" if len(sentences) >= LEAST_READ else ""


def _said(name: str, what: str, counts: Mapping[str, int], odd: Mapping[str, int], why: str) -> list[Note]:
    """Say that a column of which most values are numbers or dates is read as words; nothing where few are."""
    total, others = counts_of(counts), counts_of(odd)
    if total - others < LEAST_READ or total - others < LEAST_SAID * total:
        return []
    examples = listed((cell.strip()[:40] for cell in sorted(odd, key=lambda cell: -odd[cell])), SHOWN_ODD)
    one, more = _WHY[why]
    sentence = (
        f"“{name}” is read as words: {total - others:,} of {counted(total, 'cell')} are {what}s, but {others:,} "
        f"({examples}) {one if others == 1 else more}."
    )
    return [Note("info", others, sentence)]


def counts_of(counts: Mapping[str, int]) -> int:
    """Return how many cells there are, of so many of each."""
    return sum(counts.values())


def _odd_cells(
    name: str, what: str, cells: Sequence[str | None], counts: Mapping[str, int], odd: Mapping[str, int]
) -> list[Note]:
    if not odd:
        return []
    rows = [at for at, cell in enumerate(cells) if cell in odd]
    shown = (str(cells[row]).strip()[:40] for row in rows)
    return _odd_note(name, what, shown, rows, counts_of(counts))


def _odd_note(name: str, what: str, shown: Iterable[str], rows: Sequence[int] | Any, present: int) -> list[Note]:
    """Say how many of the cells are none of `what` ("number"), with the first of them as written."""
    count = len(rows)
    are = f"is no {what}" if count == 1 else f"are no {what}s"
    examples = listed(dict.fromkeys(shown), SHOWN_ODD)
    sentence = f"{count:,} of {counted(present, 'cell')} in “{name}” {are} ({examples}): missing."
    return noted("changed", count, sentence, rows)


def _named_codes(name: str, words: Iterable[str]) -> bool:
    """Whether a column's name and its values together say that these are codes: long digits under "phone"."""
    said = set(words_in(name))
    known = [word.strip() for word in words]
    if said & _CODE_NAMES and all(word.isdigit() and len(word) >= 4 for word in known):
        return True
    if not said & _DOTTED_NAMES or not all(NUMBER.fullmatch(word) for word in known):
        return False
    tails = [word.partition(".")[2] for word in known if "." in word]
    return bool(tails) and any(tail.endswith("0") and tail != "0" for tail in tails)


def _look_like_codes(read: Mapping[str, float], odd: Mapping[str, int], counts: Mapping[str, int]) -> bool:
    """Whether whole numbers, and others that are too long or have letters among them, are codes: 10234, A12."""
    if not all(value.is_integer() and value >= 0 for value in read.values()):
        return False
    middle = sorted(read.values())[len(read) // 2]
    if middle >= LONG and any(is_beyond(cell.strip()) for cell in odd):
        return True
    coded = [cell for cell in odd if _CODE.fullmatch(cell.strip())]
    seldom = 2 * len(read) > sum(counts[cell] for cell in read)
    return bool(coded) and (middle >= 1000 or (len(coded) > 1 and seldom))


def _clean(name: str, cells: Sequence[str | None]) -> tuple[Sequence[str | None], list[Note]]:
    """Mend what no encoding can hold. Whole blocks are looked at first: hardly any file has such cells."""
    changed: dict[int, str] = {}
    for start in range(0, len(cells), 10_000):
        block = cells[start : start + 10_000]
        if _holds_unsafe("".join(filter(None, block))):
            mended = {start + at: cleaned(cell) for at, cell in enumerate(block) if cell}
            changed.update({at: text for at, text in mended.items() if text != cells[at]})
    if not changed:
        return cells, []
    sentence = (
        f"{counted(len(changed), 'cell')} in “{name}” held NUL characters (taken out) or half characters, "
        "lone surrogates (now �)."
    )
    notes = noted("changed", len(changed), sentence, changed)
    return [changed.get(at, cell) for at, cell in enumerate(cells)], notes


def _holds_unsafe(text: str) -> bool:
    if "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _kind(cells: Sequence[str | None], distinct: int) -> Kind:
    """Category when values come again and are short; text when most are different, or long."""
    present = [cell for cell in cells if cell is not None]
    if distinct <= 1:
        return "category"
    sample = present[:: max(1, len(present) // 2000)]
    length = sum(map(len, sample)) / len(sample)
    if len(present) <= 20:
        words = max(len(cell.split()) for cell in sample)
        return "category" if (words <= 2 and length <= 30) or distinct <= len(present) / 2 else "text"
    return "category" if distinct <= len(present) / 2 and length <= 100 else "text"
