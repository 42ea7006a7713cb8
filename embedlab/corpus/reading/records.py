"""JSON in the shapes that people save tables in, and JSONL."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from embedlab.base.english import counted, listed, was
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit, check_size, named, rectangle
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.vectors import OwnVectors, from_lists

LINE_ENDINGS = ("jsonl", "ndjson")
MAX_DEPTH = 4
"""Objects inside objects become columns ("a.b") down to this depth; what lies deeper is kept as JSON text."""
VECTOR = 8
"""A column of lists of this many numbers or more holds vectors."""

_LOST = object()


def looks_like_json(text: str) -> bool:
    """Whether text of another ending is JSON or JSONL all the same."""
    if text.lstrip()[:1] not in ("[", "{"):
        return False
    if text.lstrip().startswith("{") and isinstance(_parsed(_first_line(text)[0]), dict):
        return True
    return isinstance(_parsed(text), list | dict)


def read_json(text: str, name: str, ending: str) -> Raw:
    """Read a list of objects, of lists or of strings; an object of columns; or an object that holds a list.

    Where the first line is a whole object or list and others follow, or the ending says so, each line is
    read by itself (JSONL), and a line that is broken is dropped and counted.
    """
    first, more = _first_line(text)
    whole_line = isinstance(_parsed(first), list | dict)
    if whole_line and (more or ending in LINE_ENDINGS):
        return _read_lines(text, name)
    try:
        value = json.loads(text)
    except RecursionError:
        raise EmbedlabError(f"The JSON in “{name}” is nested too deeply to be read: save a flat list.") from None
    except ValueError as error:
        if ending in LINE_ENDINGS:
            return _read_lines(text, name)
        raise EmbedlabError(f"“{name}” is not valid JSON: {_where(error)}; mend it there.") from None
    if not isinstance(value, list | dict):
        raise EmbedlabError(f"“{name}” holds a single value: save a list of texts or of objects.")
    return _from_items(*_items(value), name)


def _where(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} in line {error.lineno:,}, column {error.colno:,}"
    return "a number in it is too long"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _first_line(text: str) -> tuple[str, bool]:
    """Return the first line that is not blank, and whether there are more such lines."""
    line, _, rest = text.lstrip().partition("\n")
    return line, bool(rest.strip())


def _read_lines(text: str, name: str) -> Raw:
    items: list[Any] = []
    broken: list[int] = []
    unread = 0
    problem = ""
    for number, line in enumerate(io.StringIO(text, newline="\n"), 1):
        if not line.strip():
            continue
        if len(items) == MAX_ROWS:
            unread += 1
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            value = _LOST
            broken.append(number)
            problem = problem or f"line {number}: {getattr(error, 'msg', str(error)).lower()}"
        items.append(value)
    if len(broken) == len(items):
        raise EmbedlabError(f"No line of “{name}” is valid JSON ({problem}): check its format.")
    raw = _from_items(items, "text", name, unread)
    lines = ", ".join(f"{number:,}" for number in broken[:10])
    more = f" and {len(broken) - 10:,} more" if len(broken) > 10 else ""
    sentence = (
        f"{counted(len(broken), 'line is', 'lines are')} not valid JSON and {was(len(broken))} dropped: "
        f"line{'s' * (len(broken) > 1)} {lines}{more}."
    )
    lost = tuple(at for at, item in enumerate(items) if item is _LOST)
    notes = noted("dropped", len(broken), sentence, lost)
    return replace(raw, notes=notes + raw.notes, lost=lost)


def _items(value: Any, depth: int = 0) -> tuple[list[Any], str]:
    """Return the rows in a JSON value, and the column name for rows that are plain strings."""
    if isinstance(value, list):
        return value, "text"
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        return [dict(zip(map(str, value["columns"]), row, strict=False)) for row in value["data"]], "text"
    held = {key: item for key, item in value.items() if isinstance(item, list | dict) and item}
    lists = {key: item for key, item in held.items() if isinstance(item, list)}
    if len(held) == len(value) and len(value) > 1 and not lists:
        return _from_objects(held), "text"
    if len(lists) == 1:
        key, items = next(iter(lists.items()))
        return items, key
    if len(lists) > 1:
        return _from_lists(lists), "text"
    for item in held.values():
        if depth < MAX_DEPTH and any(isinstance(inner, list | dict) for inner in dict(item).values()):
            return _items(item, depth + 1)
    return [value], "text"


def _from_objects(held: dict[str, Any]) -> list[Any]:
    """An object of objects: columns whose keys are row numbers (as pandas writes them), or rows by key."""
    inner = next(iter(held.values()))
    if all(key.isdigit() for key in inner):
        return [{name: column.get(row) for name, column in held.items()} for row in inner]
    return [{"key": key, **row} for key, row in held.items()]


def _from_lists(lists: dict[str, list[Any]]) -> list[Any]:
    """An object of lists: columns when they are equally long and hold values, else parts of one list."""
    lengths = {len(column) for column in lists.values()}
    flat = not any(isinstance(item, list | dict) for column in lists.values() for item in column)
    if len(lengths) == 1 and flat:
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    rows: list[Any] = []
    for part, items in lists.items():
        for item in items:
            if isinstance(item, dict):
                rows.append({**item, "part": part})
            elif isinstance(item, list):
                rows.append({**{f"column {at}": cell for at, cell in enumerate(item, 1)}, "part": part})
            else:
                rows.append({"text": item, "part": part})
    return rows


def _from_items(items: list[Any], key: str, name: str, unread: int = 0) -> Raw:
    if not items:
        raise EmbedlabError(f"The list in “{name}” is empty: put a text or an object for each row into it.")
    total = len(items) + unread
    items = items[:MAX_ROWS]
    if all(isinstance(item, list) for item in items):
        return rectangle(name, items, total - len(items))
    records = [_record(item, key) for item in items]
    nested = any(isinstance(cell, dict) for record in records for cell in record.values())
    if nested:
        records = [_flat(record) for record in records]
    keys = list(dict.fromkeys(field for record in records for field in record))
    check_size(name, len(records), len(keys))
    columns: list[Any] = []
    kept: list[str] = []
    vectors: dict[str, OwnVectors | None] = {}
    for field in keys:
        column = [record.get(field) for record in records]
        if _holds_vectors(column):
            vectors[field] = from_lists(field, column)
        else:
            kept.append(field)
            columns.append([_joined(cell) if isinstance(cell, list) else cell for cell in column])
    names, notes = named(kept)
    notes += vector_notes(vectors) + beyond_limit(total - len(records))
    return Raw(names, columns, total, notes, vectors=tuple(filter(None, vectors.values())))


def _record(item: Any, key: str) -> dict[str, Any]:
    if isinstance(item, dict):
        return item
    if isinstance(item, list):
        return {f"column {at}": cell for at, cell in enumerate(item, 1)}
    return {} if item is None or item is _LOST else {key: item}


def _flat(record: dict[str, Any], prefix: str = "", depth: int = 1) -> dict[str, Any]:
    """Return the record with the fields of inner objects as "outer.inner"."""
    flat: dict[str, Any] = {}
    for key, cell in record.items():
        inner = {prefix + key: cell}
        if isinstance(cell, dict):
            if depth < MAX_DEPTH and cell:
                inner = _flat(cell, f"{prefix}{key}.", depth + 1)
            else:
                inner = {prefix + key: json.dumps(cell, ensure_ascii=False) if cell else None}
        for name, value in inner.items():
            while name in flat:
                name += " (2)"
            flat[name] = value
    return flat


def _holds_vectors(column: Sequence[Any]) -> bool:
    present = [cell for cell in column if cell is not None]
    return bool(present) and all(
        isinstance(cell, list) and len(cell) >= VECTOR and all(type(number) in (int, float) for number in cell)
        for cell in present
    )


def vector_notes(columns: Mapping[str, OwnVectors | None]) -> list[Note]:
    """Return the notes on columns that hold lists of numbers: kept as vectors, or left out."""
    kept = [f"“{name}” ({own.values.shape[1]:,} numbers each)" for name, own in columns.items() if own]
    ragged = [name for name, own in columns.items() if not own]
    holds = "holds" if len(ragged) == 1 else "hold"
    sentence = f"{listed(ragged)} {holds} lists of numbers of different lengths, and {was(len(ragged))} left out."
    notes = noted("info", len(kept), f"Kept as vectors of your own: {', '.join(kept[:10])}.")
    return notes + noted("info", len(ragged), sentence)


def _joined(cells: list[Any]) -> str | None:
    """Return a list as text: sentences one after the other, short values with commas, others as JSON."""
    if not cells:
        return None
    if all(isinstance(cell, str) for cell in cells):
        return (" " if sum(map(len, cells)) > 30 * len(cells) else ", ").join(cells)
    if all(isinstance(cell, int | float) for cell in cells):
        return ", ".join(json.dumps(cell) for cell in cells)
    return json.dumps(cells, ensure_ascii=False)
