"""Rows that hold lists of texts, taken apart: a row a pattern of an intent, or a question of a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from embedlab.base.english import counted
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.guess import words_in
from embedlab.corpus.reading.chats import spoken

Columns = list[tuple[str, Any]]

MAX_DEPTH = 4
_SAMPLE = 500
_QUESTIONS = frozenset(("qas", "questions", "qa", "qa_pairs", "question_answer_pairs"))
_ASKED = ("question", "query", "q", "input_text", "prompt")
_ANSWERS = frozenset(("answers", "answer"))
_PIECES = frozenset(("data", "parts", "text", "text_entities"))
_PATTERNS = (
    "patterns", "examples", "utterances", "training_phrases", "trainingPhrases", "phrases", "samples", "queries",
    "questions", "sentences", "texts", "inputs",
)  # fmt: skip
_NO_TEXTS = frozenset(("title", "name", "headline", "heading", "subject", "description", "url", "link", "part", "id"))
_ENDS_OPEN = re.compile(r"\s\Z|\A\s")


def unfolded(columns: Columns, lost: Sequence[int] = ()) -> tuple[Columns, tuple[int, ...], list[Note]]:
    """Return the columns with a row for each text, the unreadable rows among them, and notes.

    Lists are left as they are where a column beside them holds texts of its own, but for questions about those.
    """
    notes: list[Note] = []
    for _ in range(MAX_DEPTH):
        columns = [(name, _pieces_joined(name, cells)) for name, cells in columns]
        name = _to_unfold(columns)
        if name is None:
            break
        rows = len(columns[0][1])
        columns, index = _apart(columns, name)
        again = set(lost)
        lost = [at for at, row in enumerate(index) if row in again]
        sentence = (
            f"“{name}” holds lists: the {counted(rows, 'row')} became {counted(len(index), 'row')}, one for each."
        )
        notes.append(Note("info", len(index), sentence))
    answered, more = _first_answers(columns)
    return answered, tuple(lost), notes + more


def _to_unfold(columns: Columns) -> str | None:
    """Return the column of lists that hold the texts; None where there is none, or the texts stand beside them."""
    lists = {name: _lists(cells) for name, cells in columns if not isinstance(cells, np.ndarray)}
    lists = {name: found for name, found in lists.items() if found}
    for name, found in lists.items():
        if name.lower() in _QUESTIONS and _hold_questions(name, found):
            return name
    if any(name not in lists and _is_text(name, cells) for name, cells in columns):
        return None
    worth = {name: _texts_in(found) for name, found in lists.items()}
    known = [name for name in _PATTERNS if worth.get(name)]
    best = max(worth, key=lambda name: worth[name], default=None)
    return known[0] if known else best if best is not None and worth[best] else None


def _lists(cells: Sequence[Any]) -> list[list[Any]]:
    """Return some of the lists of a column, none where most of its cells are something else."""
    present = [cell for cell in cells if cell is not None and cell != ""]
    sample = present[:: max(1, len(present) // _SAMPLE)]
    found = [cell for cell in sample if isinstance(cell, list)]
    return [cell for cell in found if cell] if found and len(found) > 0.5 * len(sample) else []


def _is_text(name: str, cells: Any) -> bool:
    """Whether a column holds texts of its own: strings of several words, under a name other than a title's."""
    if isinstance(cells, np.ndarray) or set(words_in(name)) & _NO_TEXTS:
        return False
    present = [cell for cell in cells if cell is not None and cell != ""]
    sample = present[:: max(1, len(present) // _SAMPLE)]
    strings = [cell for cell in sample if isinstance(cell, str)]
    return bool(strings) and _wordy(strings) > 0.5 * len(sample)


def _wordy(strings: Sequence[str]) -> int:
    """Count the strings of several words; of scripts without spaces, those of more than a few signs beyond ASCII."""
    return sum(len(one.split(None, 1)) > 1 or (len(one) > 6 and not one[:6].isascii()) for one in strings)


def _texts_in(lists: Sequence[list[Any]]) -> int:
    """Return how many texts stand in these lists, 0 where they hold other things or hardly any list has two."""
    items = [item for cells in lists for item in cells]
    strings = [item for item in items if isinstance(item, str)]
    if len(strings) == len(items):
        return len(items) if _wordy(strings) > 0.5 * len(items) and len(items) > 1.2 * len(lists) else 0
    if not all(isinstance(item, dict) for item in items):
        return 0
    return len(items) if sum(_has_text(item) for item in items) > 0.5 * len(items) else 0


def _has_text(item: Mapping[str, Any], depth: int = 1) -> bool:
    strings = [cell for key, cell in item.items() if isinstance(cell, str) and key not in _NO_TEXTS]
    if _wordy(strings):
        return True
    inner = [one for cell in item.values() if isinstance(cell, list) for one in cell[:3]]
    if _wordy([one for one in inner if isinstance(one, str)]):
        return True
    return depth < MAX_DEPTH and any(_has_text(one, depth + 1) for one in inner if isinstance(one, dict))


def _hold_questions(name: str, lists: Sequence[list[Any]]) -> bool:
    items = [item for cells in lists for item in cells]
    asked = sum(isinstance(item, dict) and any(isinstance(item.get(key), str) for key in _ASKED) for item in items)
    asked += sum(isinstance(item, str) and len(item.split()) > 2 for item in items)
    return asked > 0.5 * len(items)


def _apart(columns: Columns, name: str) -> tuple[Columns, list[int]]:
    """Return a row for each item of the lists in the column `name`, and the row that each comes from."""
    cells = dict(columns)[name]
    together = {name, *_alongside(columns, name)} if name.lower() in _QUESTIONS else {name}
    index = [row for row, cell in enumerate(cells) for _ in range(max(1, len(cell)) if isinstance(cell, list) else 1)]
    taken = {other for other, _ in columns if other not in together}
    result: Columns = []
    for other, values in columns:
        if other in together:
            result += _spread(other, list(_items(values)), taken, alone=other == name)
        elif isinstance(values, np.ndarray):
            result.append((other, values[index]))
        else:
            result.append((other, [values[row] for row in index]))
    return result, index


def _items(cells: Sequence[Any]) -> Iterator[Any]:
    for cell in cells:
        yield from (cell or [None]) if isinstance(cell, list) else [cell]


def _alongside(columns: Columns, name: str) -> Iterator[str]:
    """Yield the columns whose lists are as long as those of the column `name`, row for row: answers to questions."""
    lengths = [len(cell) if isinstance(cell, list) else 0 for cell in dict(columns)[name]]
    for other, cells in columns:
        if other == name or isinstance(cells, np.ndarray):
            continue
        if [len(cell) if isinstance(cell, list) else -1 for cell in cells] == lengths and max(lengths) > 1:
            yield other


def _spread(name: str, items: list[Any], taken: set[str], alone: bool) -> Columns:
    """Return items as a column, or their fields as columns where they are objects."""
    if not any(isinstance(item, dict) for item in items):
        single = name[:-1] if alone and name.lower() in _QUESTIONS and name.endswith("s") else name
        return [(name if single in taken else single, items)]
    records = [item if isinstance(item, dict) else {} if item is None else {name: item} for item in items]
    fields = dict.fromkeys(key for record in records for key in record)
    named = {key: key if alone and key not in taken else f"{name}.{key}" for key in fields}
    return [(title, [record.get(key) for record in records]) for key, title in named.items()]


def _pieces_joined(name: str, cells: Any) -> Any:
    """Return texts in pieces as whole texts: [{"text": "to "}, {"text": "Rome", "entity": "city"}]."""
    if isinstance(cells, np.ndarray):
        return cells
    lists = _lists(cells)
    items = [item for cell in lists for item in cell]
    objects = [item for item in items if isinstance(item, dict)]
    if not objects or not all(isinstance(item, str) or _is_piece(item) for item in items):
        return cells
    if not (len(objects) < len(items) or name in _PIECES or any(map(_open, objects))):
        return cells
    return [spoken(cell) if isinstance(cell, list) else cell for cell in cells]


def _is_piece(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("text"), str)


def _open(item: Mapping[str, Any]) -> bool:
    return _ENDS_OPEN.search(item["text"]) is not None


def _first_answers(columns: Columns) -> tuple[Columns, list[Note]]:
    """Return the first of several answers to a question as its answer, in a column of that name."""
    names = {name for name, _ in columns}
    result: Columns = []
    notes: list[Note] = []
    for name, cells in columns:
        found = None if isinstance(cells, np.ndarray) or name not in _ANSWERS else [_answers(cell) for cell in cells]
        if found is None or any(one is None for one in found) or not any(found):
            result.append((name, cells))
            continue
        more = [row for row, one in enumerate(found) if one and len(set(one)) > 1]
        title = "answer" if "answer" not in names or name == "answer" else name
        result.append((title, [one[0] if one else None for one in found]))
        has = counted(len(more), "question has", "questions have")
        notes += noted("info", len(more), f"{has} more than one answer: the first is kept.", more)
    return result, notes


def _answers(cell: Any) -> list[str] | None:
    """Return the answers in a cell; None where it holds something else."""
    if cell is None:
        return []
    if isinstance(cell, dict) and isinstance(cell.get("text"), list):
        cell = cell["text"]
    elif isinstance(cell, list) and all(isinstance(one, dict) and "text" in one for one in cell):
        cell = [one["text"] for one in cell]
    else:
        return None
    return cell if all(isinstance(one, str) for one in cell) else None
