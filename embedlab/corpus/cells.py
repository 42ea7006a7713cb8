"""Rows of cells as a file holds them, made into one rectangle with a name for each column."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from embedlab.base.english import counted, listed, was
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.guess import has_header
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.vectors import OwnVectors

MAX_ROWS = 500_000
"""Rows of a file beyond this many are counted, but not read."""
MAX_COLUMNS = 10_000
MAX_CELLS = 50_000_000
"""Rows times columns; more would not fit into the memory of a laptop."""
NAME_CHARACTERS = 200

_UNSAFE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, eq=False)
class Raw:
    """What a reader hands on: a list of cells for each column, all of the same length.

    A cell is None, str, bool, int, float, Decimal, date, datetime, list or dict; a column of dates may also
    be a datetime64 array. `rows` counts all rows of the source, also those beyond `MAX_ROWS`. `lost` are
    the rows (from 0) that could not be read: they are in the columns, with None in every cell, and a note
    in `notes` counts them. `vectors` are the columns of lists of numbers, a row for each row here. `layout` is how the
    file was read, `sheets` are those of a workbook that could be chosen.
    """

    names: list[str]
    columns: list[Any]
    rows: int
    notes: list[Note] = field(default_factory=list)
    lost: tuple[int, ...] = ()
    vectors: tuple[OwnVectors, ...] = ()
    layout: FileLayout = GUESSED
    sheets: tuple[str, ...] = ()


def cleaned(text: str) -> str:
    """Return `text` without NULs and with U+FFFD for each lone surrogate: what every encoding can hold."""
    return _UNSAFE.sub(lambda found: "" if found.group() == "\0" else "\ufffd", text)


def cell_text(cell: Any) -> str | None:
    """Return a cell as a person would write it; None stays None, and so does NaN."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return None if math.isnan(cell) else f"{cell:.15g}"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(cell, int | Decimal | dt.date | dt.time | dt.timedelta):
        return str(cell)
    return json.dumps(cell, ensure_ascii=False, default=str)


def one_text(parts: Iterable[str | None]) -> str:
    """Return what several cells of a row say together, such as a title and a text: a space between, none around."""
    return " ".join(filter(None, parts)).strip()


def check_size(name: str, rows: int, columns: int) -> None:
    """Raise `EmbedlabError` when a table of this size can't be held in memory."""
    if columns > MAX_COLUMNS:
        raise EmbedlabError(
            f"“{name}” has {columns:,} columns, and {MAX_COLUMNS:,} is the most that can be read: "
            "keep the text and the columns to colour or filter by."
        )
    if rows * columns > MAX_CELLS:
        raise EmbedlabError(
            f"“{name}” has {rows:,} rows of {columns:,} columns, more than {MAX_CELLS:,} cells: "
            "keep fewer columns or fewer rows."
        )


def beyond_limit(count: int) -> list[Note]:
    """Return the note on `count` rows after the first `MAX_ROWS`."""
    sentence = f"{counted(count, 'row')} beyond the first {MAX_ROWS:,} {was(count)} not read."
    return noted("dropped", count, sentence, range(MAX_ROWS, MAX_ROWS + count))


def named(names: Sequence[Any]) -> tuple[list[str], list[Note]]:
    """Return a name for each column, all different and none empty, and notes on those that had to change."""
    taken: set[str] = set()
    result, empty, repeated, cut = [], 0, [], 0
    given = [cleaned(cell_text(name) or "").strip() for name in names]
    for place, name in enumerate(given, 1):
        empty += not name
        cut += len(name) > NAME_CHARACTERS
        name = name[:NAME_CHARACTERS] or f"column {place}"
        free, number = name, 2
        while free in taken or (free != name and free in given):
            free, number = f"{name} ({number})", number + 1
        if free != name:
            repeated.append(free)
        taken.add(free)
        result.append(free)
    nameless = f"{counted(empty, 'column has', 'columns have')} no name and got one from the place."
    twice = f"{counted(len(repeated), 'column name')} came twice: renamed to {listed(repeated)}."
    long = f"{counted(cut, 'column name')} {was(cut)} cut to {NAME_CHARACTERS} characters."
    notes = [*noted("changed", empty, nameless), *noted("changed", len(repeated), twice), *noted("changed", cut, long)]
    return result, notes


def rectangle(name: str, rows: list[Any], unread: int = 0, joiner: str | None = None, header: int | None = None) -> Raw:
    """Make rows of any length into columns; the first row gives the names, if it looks like a header or `header` is 1.

    `rows` are lists or tuples of cells, and are changed in place where they are ragged. `unread` counts
    the rows that follow them in the file. Short rows are filled up with None. The surplus of long rows is
    put back with `joiner` into the longest column (a delimiter in unquoted text), or gets columns of its
    own when `joiner` is None or nearly all rows have it.
    """
    before = len(rows)
    titles, notes = _titles(name, rows, joiner, header)
    taken = FileLayout(header=before - len(rows))
    width = _width(len(titles), rows, joiner)
    check_size(name, len(rows), width)
    titles.extend([""] * (width - len(titles)))
    notes += _squared(rows, width, joiner, titles)
    names, name_notes = named(titles)
    total = len(rows) + unread
    del rows[MAX_ROWS:]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return Raw(names, columns, total, notes + name_notes + beyond_limit(total - len(rows)), layout=taken)


def _titles(name: str, rows: list[Any], joiner: str | None, header: int | None) -> tuple[list[Any], list[Note]]:
    """Take the header off `rows`, or make one up."""
    if header or (header is None and has_header([[cell_text(cell) for cell in row] for row in rows[:200]])):
        titles = list(rows.pop(0))
        if not rows:
            first = listed([(cell_text(title) or "")[:40] for title in titles], 3)
            raise EmbedlabError(f"“{name}” holds column names but no rows: add rows below {first}.")
        return titles, []
    lengths = Counter(map(len, filter(None, rows[:200])))
    width = max(lengths) if joiner is None else lengths.most_common(1)[0][0]
    titles = ["text"] if width == 1 else [f"column {place}" for place in range(1, width + 1)]
    called = listed(titles, 3)
    sentence = f"The first row looks like data, not like column names: the columns are called {called}."
    return titles, [Note("info", 0, sentence)]


def _width(width: int, rows: list[Any], joiner: str | None) -> int:
    lengths = Counter(map(len, rows))
    longest = max(lengths)
    if longest <= width or joiner is None:
        return max(longest, width)
    length, count = lengths.most_common(1)[0]
    return length if length > width > 1 and count >= 0.9 * len(rows) else width


def _squared(rows: list[Any], width: int, joiner: str | None, titles: list[Any]) -> list[Note]:
    short, long = [], []
    uneven = [index for index, row in enumerate(rows) if len(row) != width]
    target = _longest_column(rows, width) if uneven else 0
    for index in uneven:
        row = list(rows[index])
        while len(row) > width and not row[-1]:
            row.pop()
        surplus = len(row) - width
        if surplus > 0:
            long.append(index)
            row[target : target + surplus + 1] = [(joiner or "").join(row[target : target + surplus + 1])]
        elif surplus < 0:
            if row and joiner is not None:
                short.append(index)
            row.extend([None] * -surplus)
        rows[index] = row
    few = f"{counted(len(short), 'row has', 'rows have')} fewer cells than columns: the rest is empty."
    column = f"“{cleaned(cell_text(titles[target]) or f'column {target + 1}')[:NAME_CHARACTERS]}”"
    many = (
        f"{counted(len(long), 'row has', 'rows have')} more cells than columns: "
        f"the surplus was joined to {column}, the longest column."
    )
    return noted("changed", len(short), few, short) + noted("changed", len(long), many, long)


def _longest_column(rows: list[Any], width: int) -> int:
    even = [row for row in rows[:2000] if len(row) == width]
    lengths = [sum(len(cell_text(row[place]) or "") for row in even) for place in range(width)] if even else [0]
    return lengths.index(max(lengths))
