"""The rows in a JSON value: what one row is, whichever way the lists and objects around it are laid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from embedlab.corpus.guess import is_usual_name
from embedlab.corpus.reading.huggingface import named_rows

MAX_DEPTH = 4
"""Objects inside objects are looked through down to this depth."""
_SPLITS = re.compile(r"(?:train|test|val|valid|validation|dev|eval|heldout|holdout|oos)(?:[_ -]?\w{1,8})?", re.I)
_ID = re.compile(r"[\W_]*(?:[A-Za-z]{0,12}[\W_]*)?\d+[\w.:-]*|[0-9a-f]{8,}(?:-[0-9a-f]+)*|-[\w-]{19}", re.I)
_MANY = 20


def rows_in(value: Any, depth: int = 0) -> tuple[list[Any], str]:
    """Return the rows in a JSON value, and the column name for rows that are plain strings."""
    if isinstance(value, list):
        return _inner_rows(value), "text"
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        return [dict(zip(map(str, value["columns"]), row, strict=False)) for row in value["data"]], "text"
    if (named := named_rows(value)) is not None:
        return named, "text"
    held = {key: item for key, item in value.items() if isinstance(item, list | dict) and item}
    lists = {key: item for key, item in held.items() if isinstance(item, list)}
    if not held and (keyed := _from_scalars(value)) is not None:
        return keyed, "text"
    if len(held) == len(value) and len(value) > 1 and not lists:
        keys = [set(item) for item in held.values()]
        unlike = 2 * len(set.intersection(*keys)) <= len(set.union(*keys))
        deeper = _deepest(value, held, depth)[0] if unlike else []
        return (deeper if len(deeper) > len(held) else _from_objects(held)), "text"
    if len(lists) == 1:
        key, items = next(iter(lists.items()))
        return _inner_rows(items), key
    if lists:
        return _from_lists(lists), "text"
    return _deepest(value, held, depth)


def _deepest(value: Mapping[str, Any], held: Mapping[str, Any], depth: int) -> tuple[list[Any], str]:
    """Look for rows in the objects of an object; the one with most of them is taken."""
    inner = [item for item in held.values() if any(isinstance(cell, list | dict) for cell in item.values())]
    found = [rows_in(item, depth + 1) for item in inner] if depth < MAX_DEPTH else []
    return max(found, key=lambda one: len(one[0])) if found else ([value], "text")


def _inner_rows(items: list[Any]) -> list[Any]:
    """Return the nodes of a list of edges, as GraphQL answers have them; other lists as they are."""
    edges = bool(items) and all(
        isinstance(item, dict) and isinstance(item.get("node"), dict) and item.keys() <= {"node", "cursor"}
        for item in items
    )
    return [item["node"] for item in items] if edges else items


def _from_scalars(value: Mapping[str, Any]) -> list[Any] | None:
    """An object of texts by key: a row each. None where it is one row, with a name for each of its cells."""
    cells = [cell for cell in value.values() if cell is not None]
    strings = [cell for cell in cells if isinstance(cell, str)]
    if len(value) < 2 or len(strings) < 0.9 * len(cells):
        return None
    if _are_texts(value) and not _are_texts(strings):
        return [{"text": key, "value": cell} for key, cell in value.items()]
    usual = sum(is_usual_name(key) for key in value)
    if _are_ids(value) or len(value) >= _MANY or (len(value) > 2 and not usual and _are_texts(strings)):
        return [{"key": key, "text": cell} for key, cell in value.items()]
    return None


def _from_objects(held: Mapping[str, Any]) -> list[Any]:
    """An object of objects: columns whose keys are row numbers (as pandas writes them), parts of columns, or rows."""
    inner = next(iter(held.values()))
    if all(key.isdigit() for key in inner):
        return [{name: column.get(row) for name, column in held.items()} for row in inner]
    if all(_are_columns(part) for part in held.values()):
        return [{**row, "part": name} for name, part in held.items() for row in _from_lists(part)]
    return [{"key": key, **row} for key, row in held.items()]


def _are_columns(part: Mapping[str, Any]) -> bool:
    lengths = {len(cells) if isinstance(cells, list) else -1 for cells in part.values()}
    return len(part) > 1 and len(lengths) == 1 and min(lengths) > 1 and any(map(is_usual_name, part))


def _from_lists(lists: Mapping[str, list[Any]]) -> list[Any]:
    """An object of lists: columns when they are equally long and hold values, else parts of one list."""
    lengths = {len(column) for column in lists.values()}
    flat = not any(isinstance(item, list | dict) for column in lists.values() for item in column)
    texts = flat and all(_are_strings(column) for column in lists.values())
    keyed = texts and len(lists) > 1 and (_are_ids(lists) or len(lists) > max(_MANY, *lengths))
    if len(lengths) == 1 and flat and not keyed:
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    part = _called(lists) if texts else "part"
    rows: list[Any] = []
    for name, items in lists.items():
        for item in items:
            if isinstance(item, dict):
                rows.append({**item, part: name})
            elif isinstance(item, list):
                rows.append({**{f"column {at}": cell for at, cell in enumerate(item, 1)}, part: name})
            else:
                rows.append({"text": item, part: name})
    return rows


def _called(lists: Mapping[str, list[Any]]) -> str:
    """Say what the keys of lists of texts are: parts of a data set, keys, or the texts' labels."""
    if all(map(_SPLITS.fullmatch, lists)):
        return "part"
    return "key" if _are_ids(lists) or sum(map(len, lists.values())) < 2 * len(lists) else "label"


def _are_ids(keys: Iterable[str]) -> bool:
    names = list(keys)
    return len(names) > 1 and sum(bool(_ID.fullmatch(name)) for name in names) >= 0.9 * len(names)


def _are_strings(cells: Sequence[Any]) -> bool:
    return all(isinstance(cell, str) or cell is None for cell in cells)


def _are_texts(cells: Iterable[str]) -> bool:
    strings = list(cells)
    return bool(strings) and sum(len(cell.split()) > 2 for cell in strings) > 0.5 * len(strings)
