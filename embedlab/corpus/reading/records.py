"""Rows of objects, as JSON and Parquet hold them, made into columns; what lies in a cell gets columns of its own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from embedlab.base.english import counted, listed, was
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit, check_size, named, rectangle
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.reading import chats
from embedlab.corpus.reading.unfold import unfolded
from embedlab.corpus.vectors import OwnVectors, from_lists, of_numbers

Columns = list[tuple[str, Any]]

MAX_DEPTH = 4
"""Objects inside objects become columns ("a.b") down to this depth; what lies deeper is kept as JSON text."""
MAX_FIELDS = 200
"""An object of more fields than this, over all rows, is no row of columns but kept as JSON text."""
VECTOR = 8
"""A column of lists of this many numbers or more holds vectors."""
LOST = object()
"""Stands for a row that can't be read."""


def from_items(
    items: list[Any], key: str, name: str, layout: FileLayout = GUESSED, unread: int = 0, lost: Sequence[int] = ()
) -> Raw:
    """Make a table of rows: objects, lists, or single values under the name `key`.

    `unread` counts rows that follow them in the file. Raises `EmbedlabError` where there are none, or too many cells.
    """
    if not items:
        raise EmbedlabError(f"The list in “{name}” is empty: put a text or an object for each row into it.")
    total = len(items) + unread
    items = items[:MAX_ROWS]
    if all(isinstance(item, list) for item in items):
        return rectangle(name, items, total - len(items), layout=layout)
    records = [_record(item, key) for item in items]
    fields = list(dict.fromkeys(field for record in records for field in record))
    check_size(name, len(records), len(fields))
    columns: Columns = [(field, [_plain(record.get(field)) for record in records]) for field in fields]
    return from_columns(columns, name, layout, total, lost)


def from_columns(
    columns: Columns, name: str, layout: FileLayout = GUESSED, total: int | None = None, lost: Sequence[int] = ()
) -> Raw:
    """Make a table of columns whose cells may be lists and objects: chats, texts inside lists, fields, vectors.

    `total` counts the rows of the file, those that were not read as well.
    """
    rows = len(columns[0][1]) if columns else 0
    unread = (total or rows) - rows
    talk = _chats(columns)
    if talk:
        return _from_chats(columns, talk, name, layout, unread, lost)
    columns, lost, notes = unfolded(columns, lost)
    return _raw(columns, name, notes, unread, tuple(lost))


def from_chats(conversations: Sequence[chats.Conversation], name: str, layout: FileLayout = GUESSED) -> Raw:
    """Make a table of chats: a row a message, or a conversation, as `layout` says or as suits them."""
    return _of_chats(chats.taken(conversations, layout.unit, len(conversations) == 1), name, 0)


def _raw(columns: Columns, name: str, notes: list[Note], unread: int, lost: tuple[int, ...]) -> Raw:
    rows = len(columns[0][1]) if columns else 0
    total = rows + unread
    columns = [(title, cells[:MAX_ROWS]) for title, cells in columns]
    rows = min(rows, MAX_ROWS)
    flat = [part for title, cells in columns for part in flattened(title, cells)]
    check_size(name, rows, len(flat))
    vectors: dict[str, OwnVectors | None] = {}
    kept: Columns = []
    for title, cells in flat:
        if not isinstance(cells, np.ndarray) and holds_vectors(cells):
            vectors[title] = from_lists(title, cells)
        else:
            cells, more = _as_strings(title, cells)
            kept.append((title, cells))
            notes = notes + more
    names, more = named([title for title, _ in kept])
    notes = notes + more + vector_notes(vectors) + beyond_limit(total - rows)
    own = tuple(filter(None, vectors.values()))
    return Raw(names, [cells for _, cells in kept], total, notes, tuple(at for at in lost if at < rows), own)


def _record(item: Any, key: str) -> dict[str, Any]:
    if isinstance(item, dict):
        return item
    if isinstance(item, list):
        return {f"column {at}": cell for at, cell in enumerate(item, 1)}
    return {} if item is None or item is LOST else {key: item}


# --- Chats ----------------------------------------------------------------------------------------


def _chats(columns: Columns) -> list[str]:
    """Return the columns whose cells are lists of messages."""
    found = []
    for name, cells in columns:
        if isinstance(cells, np.ndarray):
            continue
        present = [cell for cell in cells if isinstance(cell, list | dict) and cell]
        sample = present[:: max(1, len(present) // 200)]
        if sample and sum(chats.is_chat(cell, name) for cell in sample) > 0.9 * len(sample):
            found.append(name)
    return found


def _from_chats(
    columns: Columns, talk: list[str], name: str, layout: FileLayout, unread: int, lost: Sequence[int]
) -> Raw:
    said = {title: [chats.conversation(cell) for cell in cells] for title, cells in columns if title in talk}
    first = said[talk[0]]
    gone = set(lost)
    others = [(title, cells) for title, cells in columns if title not in talk]
    about = [{title: cells[row] for title, cells in others} for row in range(len(first))]
    given = [
        chats.Conversation(one.messages if one.messages or row in gone else (), about[row])
        for row, one in enumerate(first)
    ]
    taken = chats.taken(given, layout.unit)
    if taken.unit == "message":
        return _of_chats(taken, name, unread)
    texts = {title: [chats.as_text(one.messages or ()) for one in all_of] for title, all_of in said.items()}
    rows: Columns = [(title, texts.get(title, cells)) for title, cells in columns]
    turns = [len(one.messages) if one.messages else None for one in first]
    rows += [("turns", turns)] if "turns" not in dict(columns) else []
    raw = _raw(rows, name, list(taken.notes), unread, tuple(lost))
    return replace(raw, layout=FileLayout(unit="conversation"), units=chats.UNITS)


def _of_chats(taken: chats.Taken, name: str, unread: int) -> Raw:
    raw = _raw(taken.columns, name, list(taken.notes), unread, taken.lost)
    return replace(raw, layout=FileLayout(unit=taken.unit), units=chats.UNITS)


# --- Cells ----------------------------------------------------------------------------------------


def _plain(cell: Any) -> Any:
    """Return a cell without the wrappers of extended JSON: {"$oid": "ab"} is "ab", {"$numberInt": "3"} is 3."""
    if isinstance(cell, list):
        return [_plain(one) for one in cell] if any(isinstance(one, dict | list) for one in cell) else cell
    if not isinstance(cell, dict):
        return cell
    if len(cell) == 1:
        key, inner = next(iter(cell.items()))
        if key in _EXTENDED:
            return _extended(key, inner)
    return {key: _plain(inner) for key, inner in cell.items()}


_EXTENDED = frozenset((
    "$oid", "$date", "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal", "$uuid", "$symbol",
))  # fmt: skip


def _extended(key: str, inner: Any) -> Any:
    if key == "$date":
        inner = inner.get("$numberLong") if isinstance(inner, dict) else inner
        milliseconds = isinstance(inner, int) or (isinstance(inner, str) and inner.lstrip("-").isdigit())
        return _since_1970(int(inner)) if milliseconds else inner
    return inner


def _since_1970(milliseconds: int) -> dt.datetime | None:
    try:
        return dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def flattened(name: str, cells: Any, depth: int = 0) -> Columns:
    """Return a column as it is, or where cells are objects, a column for each of their fields, "name.field"."""
    if isinstance(cells, np.ndarray) or not any(isinstance(cell, dict) for cell in cells):
        return [(name, cells)]
    fields = dict.fromkeys(key for cell in cells if isinstance(cell, dict) for key in cell)
    if depth == MAX_DEPTH - 1 or len(fields) > MAX_FIELDS:
        return [(name, [_as_json(cell) if isinstance(cell, dict) else cell for cell in cells])]
    others = [None if isinstance(cell, dict) else cell for cell in cells]
    result: Columns = [(name, others)] if any(cell is not None for cell in others) else []
    for field in fields:
        inner = [cell.get(field) if isinstance(cell, dict) else None for cell in cells]
        result += flattened(f"{name}.{field}", inner, depth + 1)
    return result


def _as_json(cell: Any) -> str | None:
    return json.dumps(cell, ensure_ascii=False, default=str) if cell else None


def holds_vectors(column: Sequence[Any]) -> bool:
    """Whether every cell is a list of `VECTOR` numbers or more, and not only of ones and zeros (labels, as a rule)."""
    present = [cell for cell in column if cell is not None]
    if not present or not all(isinstance(cell, list) and len(cell) >= VECTOR and of_numbers(cell) for cell in present):
        return False
    return not all(number in (0, 1) and type(number) is int for cell in present for number in cell)


def vector_notes(columns: Mapping[str, OwnVectors | None]) -> list[Note]:
    """Return the notes on columns that hold lists of numbers: kept as vectors, or left out."""
    kept = [f"“{name}” ({own.values.shape[1]:,} numbers each)" for name, own in columns.items() if own]
    ragged = [name for name, own in columns.items() if not own]
    holds = "holds" if len(ragged) == 1 else "hold"
    sentence = f"{listed(ragged)} {holds} lists of numbers of different lengths, and {was(len(ragged))} left out."
    notes = noted("info", len(kept), f"Kept as vectors of your own: {', '.join(kept[:10])}.")
    return notes + noted("info", len(ragged), sentence)


def _as_strings(name: str, cells: Any) -> tuple[Any, list[Note]]:
    """Return a column with its lists as text; of objects that have names, as labels do, the names."""
    if isinstance(cells, np.ndarray) or not any(isinstance(cell, list) for cell in cells):
        return cells, []
    lists = [cell for cell in cells if isinstance(cell, list) and cell]
    objects = lists and all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for cell in lists for one in cell
    )
    if not objects:
        return [_joined(cell) if isinstance(cell, list) else cell for cell in cells], []
    names = [", ".join(one["name"] for one in cell) or None if isinstance(cell, list) else cell for cell in cells]
    told = counted(len(lists), "list of objects", "lists of objects")
    return names, noted("info", len(lists), f"“{name}” holds {told}: their names are shown, and nothing else of them.")


def _joined(cells: list[Any]) -> str | None:
    """Return a list as text: sentences one after the other, short values with commas, others as JSON."""
    cells = [cell for cell in cells if cell is not None]
    if not cells:
        return None
    if all(isinstance(cell, str) for cell in cells):
        return (" " if sum(map(len, cells)) > 30 * len(cells) else ", ").join(cells)
    if all(isinstance(cell, int | float) for cell in cells):
        return ", ".join(json.dumps(cell) for cell in cells)
    return json.dumps(cells, ensure_ascii=False, default=str)
