"""Cells in, a column with a kind out: category, number, date or text."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from embedlab.base.arrays import Floats, frozen
from embedlab.base.english import counted
from embedlab.corpus.cells import cell_text, cleaned
from embedlab.corpus.corpus import EXACT, Column, Kind, Note, noted
from embedlab.corpus.dates import moments
from embedlab.corpus.guess import ID_NAMES, MISSING_WORDS, NUMBER, words_in

_SPACES = (
    *range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
)  # fmt: skip
_ZERO_WIDTH = (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)
_BLANK = "".join(map(chr, _SPACES + _ZERO_WIDTH))
"""What is not seen: a cell of nothing else is empty."""
_LEADING_ZERO = re.compile(r"-?0\d")


def column_of(name: str, cells: Any) -> tuple[Column, list[Note]]:
    """Return the cells as a column of the kind that fits all of them, and notes on cells that had to change.

    `cells` is a list of what `Raw` allows, or a datetime64 array. Numbers: every cell is a finite number or
    missing; codes with leading zeros and whole numbers beyond 2**53 are not. Dates: year first, or day and
    month in an order that the values settle; times with a zone become UTC. Other cells are strings.
    """
    if isinstance(cells, np.ndarray):
        return Column(name, "date", frozen(cells.astype("datetime64[us]"))), []
    types = set(map(type, cells)) - {type(None)}
    if types and types <= {int, float, Decimal}:
        numbers = _number_cells(cells)
        if numbers is not None:
            return _finite(name, numbers)
    if types and types <= {dt.datetime, dt.date}:
        return _dated(name, cells)
    strings = cells if types <= {str} else [cell_text(cell) for cell in cells]
    return _strings(name, strings)


def _number_cells(cells: Sequence[Any]) -> Floats | None:
    for cell in cells:
        if type(cell) is int and not -EXACT <= cell <= EXACT:
            return None
    return np.array([math.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)


def _finite(name: str, numbers: Floats) -> tuple[Column, list[Note]]:
    infinite = np.flatnonzero(np.isinf(numbers))
    numbers[infinite] = np.nan
    sentence = f"{counted(len(infinite), 'infinite number')} in “{name}” became missing."
    return Column(name, "number", frozen(numbers)), noted("changed", len(infinite), sentence, infinite)


def _strings(name: str, cells: Sequence[str | None]) -> tuple[Column, list[Note]]:
    cells, notes = _clean(name, cells)
    distinct = set(cells)
    distinct.discard(None)
    blank = {cell for cell in distinct if (cell is not None and not cell.strip(_BLANK)) or cell == ""}
    if blank:
        cells = [None if cell in blank else cell for cell in cells]
        distinct -= blank
    values = [cell for cell in distinct if cell is not None]
    numbers = _numbers(values)
    # Identifiers like 1801.00120 would lose their last zero as numbers.
    identifiers = bool(set(words_in(name)) & ID_NAMES) and any("." in value for value in values)
    if numbers is not None and not identifiers:
        array = np.array([math.nan if cell is None else numbers[cell] for cell in cells], dtype=np.float64)
        return Column(name, "number", frozen(array)), notes
    dates = moments(values)
    if dates is not None:
        column, more = _dated(name, [None if cell is None else dates[cell] for cell in cells])
        return column, notes + more
    objects = np.empty(len(cells), dtype=object)
    objects[:] = cells
    return Column(name, _kind(cells, len(values)), frozen(objects)), notes


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


def _numbers(distinct: Iterable[str]) -> dict[str, float] | None:
    """Return the number that each string stands for; None if one of them is no number."""
    found: dict[str, float] = {}
    any_number = False
    for cell in distinct:
        word = cell.strip()
        if NUMBER.fullmatch(word):
            found[cell] = float(word)
            any_number = True
            if _LEADING_ZERO.match(word) or math.isinf(found[cell]):
                return None
            if len(word) > 15 and "." not in word and abs(found[cell]) >= EXACT:
                return None
        elif word.lower() in MISSING_WORDS:
            found[cell] = math.nan
        else:
            return None
    return found if any_number else None


def _dated(name: str, cells: Sequence[dt.date | None]) -> tuple[Column, list[Note]]:
    zoned = [at for at, cell in enumerate(cells) if getattr(cell, "tzinfo", None) is not None]
    plain = list(cells)
    for at in zoned:
        plain[at] = _in_utc(cells[at])
    notes = noted("info", len(zoned), f"The times in “{name}” have a zone and are shown in UTC.")
    return Column(name, "date", frozen(np.array(plain, dtype="datetime64[us]"))), notes


def _in_utc(cell: Any) -> dt.datetime | None:
    try:
        moment: dt.datetime = cell.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError:
        return None
    return moment
