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
from embedlab.base.memory import available
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.header import SAMPLE_ROWS, Head, called, find_head
from embedlab.corpus.layout import GUESSED, FileLayout, Unit
from embedlab.corpus.vectors import OwnVectors

MAX_ROWS = 2**31 - 1
"""Rows of a file beyond this many are counted, but not read: places of texts have 32 bits. Memory ends sooner."""
MAX_COLUMNS = 10_000
CELL_BYTES = 120
"""What a cell takes while its file is read: a short string, and its place in rows and columns."""
MAX_CELLS = 50_000_000
"""Rows times columns, where nothing tells how much memory is free."""
NAME_CHARACTERS = 200

_UNSAFE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, eq=False)
class Raw:
    """What a reader hands on: a list of cells for each column, all of the same length.

    A cell is None, str, bool, int, float, Decimal, date, datetime, list or dict; a column of dates may also
    be a datetime64 array. `rows` counts all rows of the source, also those beyond `MAX_ROWS`. `lost` are
    the rows (from 0) that could not be read: they are in the columns, with None in every cell, and a note
    in `notes` counts them. `vectors` are the columns of lists of numbers, a row for each row here. `layout` is how the
    file was read, `sheets` are those of a workbook that could be chosen, `units` what one text could be in this file.
    """

    names: list[str]
    columns: list[Any]
    rows: int
    notes: list[Note] = field(default_factory=list)
    lost: tuple[int, ...] = ()
    vectors: tuple[OwnVectors, ...] = ()
    layout: FileLayout = GUESSED
    sheets: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()


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
    if rows * columns > (most := most_cells()):
        raise EmbedlabError(
            f"“{name}” has {rows:,} rows of {columns:,} columns, more than {most:,} cells, which is what the free "
            "memory holds: keep fewer columns, or a sample of the rows."
        )


def most_cells() -> int:
    """Return how many cells fit into the memory that is free now."""
    free = available()
    return MAX_CELLS if free is None else free // CELL_BYTES


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


def rectangle(
    name: str, rows: list[Any], unread: int = 0, joiner: str | None = None, layout: FileLayout = GUESSED
) -> Raw:
    """Make rows of any length into columns, named by the first rows, if these look like a header or `layout` says so.

    `rows` are lists or tuples of cells, and are changed in place; leading blank ones count as rows above the table.
    `unread` counts the rows that follow them in the file. Short rows are filled up with None. The surplus of long rows
    is put back with `joiner` into the longest column (a delimiter in unquoted text), or gets columns of its
    own when `joiner` is None or nearly all rows have it.
    """
    titles, head, notes = _titles(name, rows, joiner, layout)
    width = _width(len(titles), rows, joiner)
    check_size(name, len(rows), width)
    titles.extend([""] * (width - len(titles)))
    notes += _squared(rows, width, joiner, titles)
    names, name_notes = named(titles)
    total = len(rows) + unread
    del rows[MAX_ROWS:]
    columns = [list(column) for column in zip(*rows, strict=True)]
    taken = FileLayout(above=head.above, header=head.names)
    return Raw(names, columns, total, notes + name_notes + beyond_limit(total - len(rows)), layout=taken)


def _titles(name: str, rows: list[Any], joiner: str | None, layout: FileLayout) -> tuple[list[Any], Head, list[Note]]:
    """Take what stands before the data off `rows`; return the names in it, or made up ones, and what it was."""
    _check_told(name, layout)
    sample = [[cell_text(cell) for cell in row] for row in rows[:SAMPLE_ROWS]]
    head = find_head(sample, layout.above, layout.header)
    above = rows[: head.above]
    del rows[: head.above]
    if not any(map(len, rows)):
        raise EmbedlabError(
            f"“{name}” has no row below the first {counted(head.above, 'row')}: say that fewer stand above the table."
        )
    notes = _above_notes(above)
    if not head.names:
        titles = _made_up(rows, joiner)
        why = "looks like data, not like column names" if layout.header is None else "was read as data"
        return (
            titles,
            head,
            [*notes, Note("info", 0, f"The first row {why}: the columns are called {listed(titles, 3)}.")],
        )
    of_names = [row for row in rows if len(row)][: head.names]
    last = next(at for at, row in enumerate(rows) if row is of_names[-1]) + 1
    del rows[:last]
    if not any(map(len, rows)) or len(of_names) < head.names:
        first = listed([(cell_text(title) or "")[:40] for title in of_names[0]], 3)
        raise EmbedlabError(f"“{name}” holds column names but no rows: add rows below {first}.")
    if len(of_names) == 1:
        return list(of_names[0]), head, notes
    texts = [[cell_text(cell) for cell in row] for row in of_names]
    titles = list(called(texts, max(map(len, texts))))
    sentence = (
        f"The table has {len(of_names)} rows of column names: each column is called by what can be read in them, such "
        f"as {listed([title for title in titles if title][:1])}."
    )
    return titles, head, [*notes, Note("info", 0, sentence)]


def _check_told(name: str, layout: FileLayout) -> None:
    for count, of in ((layout.above, "rows above the table"), (layout.header, "rows of column names")):
        if count is not None and not 0 <= count <= MAX_ROWS:
            raise EmbedlabError(f"“{name}” can't have {count:,} {of}: say how many there are, 0 for none.")


def _above_notes(above: list[Any]) -> list[Note]:
    """Say what stood above the table, if it was more than blank rows."""
    texts = [one_text(cell_text(cell) for cell in row) for row in above]
    told = [text[:60] for text in texts if text]
    if not told:
        return []
    sentence = f"{counted(len(above), 'row')} above the column names {was(len(above))} left out: {listed(told, 3)}."
    return [Note("info", len(above), sentence)]


def _made_up(rows: list[Any], joiner: str | None) -> list[Any]:
    lengths = Counter(map(len, filter(None, rows[:200])))
    width = max(lengths) if joiner is None else lengths.most_common(1)[0][0]
    return ["text"] if width == 1 else [f"column {place}" for place in range(1, width + 1)]


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
