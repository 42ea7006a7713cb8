"""JSON as it is saved: whole, a value a line (JSONL), one value after the other, or inside a script."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from embedlab.base.english import counted, was
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.reading.chats import exported
from embedlab.corpus.reading.literals import python_value
from embedlab.corpus.reading.records import LOST, from_chats, from_items
from embedlab.corpus.reading.shapes import rows_in

LINE_ENDINGS = ("jsonl", "ndjson")

_BEFORE = re.compile(
    r"(?:\)\]\}',?|\s|//[^\n]*\n|/\*.*?\*/)*"
    r"(?:(?:export\s+default|(?:(?:var|let|const)\s+)?[A-Za-z_$][\w$.\[\]\"']*\s*=|[A-Za-z_$][\w$.]*\s*\()\s*)?(?=[\[{])",
    re.DOTALL,
)
"""What may stand before JSON: a name it is given to, a function it is handed to, comments."""
_AFTER = " \t\r\n;)"
_BETWEEN = re.compile(r"[\s,\x1e]*")
_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[\]}])', re.DOTALL)
_AS_PYTHON = "written as Python prints values, not as JSON, and"
_NEXT = re.compile(r"\n(?=[\[{])")


@dataclass(frozen=True, eq=False)
class _Read:
    """Values one after the other, `LOST` in place of a broken one, and what is said of them."""

    items: list[Any]
    unread: int = 0
    notes: tuple[Note, ...] = ()

    def raw(self, name: str, layout: FileLayout) -> Raw:
        lost = tuple(at for at, item in enumerate(self.items) if item is LOST)
        raw = from_items(self.items, "text", name, layout, self.unread, lost)
        return replace(raw, notes=[*self.notes, *raw.notes])


def looks_like_json(text: str) -> bool:
    """Whether text of another ending is JSON or JSONL all the same, also inside a script (`window.X = [...]`)."""
    before = _BEFORE.match(text)
    if before is None:
        return False
    bare = text[before.end() :]
    if bare.startswith("{") and isinstance(_loose(_first_line(bare)[0]), dict):
        return True
    if bare.startswith("[") and bare.rstrip().endswith("]") and python_value(bare):
        return True
    try:
        if bare.rstrip()[-1:] in ("]", "}", ")", ";") and isinstance(_value(bare), list | dict):
            return True
    except (ValueError, RecursionError):
        pass
    return bare.startswith("{") and len(_sequence(bare, most=2).items) == 2


def read_json(text: str, name: str, ending: str, layout: FileLayout = GUESSED) -> Raw:
    """Read a list of objects, of lists or of strings; an object of columns or of rows; or an object that holds a list.

    Where the first line is a whole object or list and others follow, or the ending says so, each line is
    read by itself (JSONL), and a line that is broken is dropped and counted. Objects one after the other, over
    several lines each, are rows too. What a script says around the JSON is left out, and so are comments and commas
    after the last value. What Python prints is read too (`{'a': None}`), and said.
    """
    before = _BEFORE.match(text)
    text = text[before.end() :] if before else text
    first, more = _first_line(text)
    value = _loose(first)
    alone = isinstance(value, list) and bool(value) and isinstance(value[0], dict) and not more  # a list, not a line
    if isinstance(value, list | dict) and not alone and (more or ending in LINE_ENDINGS):
        return _lines(text, name).raw(name, layout)
    try:
        value = _value(text)
    except RecursionError:
        raise EmbedlabError(f"The JSON in “{name}” is nested too deeply to be read: save a flat list.") from None
    except ValueError as error:
        printed = python_value(text)
        if printed:
            items, key = rows_in(printed)
            raw = from_items(items, key, name, layout)
            return replace(raw, notes=[Note("info", 0, f"The file is {_AS_PYTHON} was read all the same."), *raw.notes])
        several = _sequence(text)
        if len(several.items) > 1:
            return several.raw(name, layout)
        if ending in LINE_ENDINGS:
            return _lines(text, name).raw(name, layout)
        raise EmbedlabError(f"“{name}” is not valid JSON: {_where(error)}; mend it there.") from None
    if not isinstance(value, list | dict):
        raise EmbedlabError(f"“{name}” holds a single value: save a list of texts or of objects.")
    chats = exported(value)
    if chats is not None:
        return from_chats(chats, name, layout)
    items, key = rows_in(value)
    return from_items(items, key, name, layout)


def _value(text: str) -> Any:
    """Return the value; where it is no JSON as such, without a script's end, comments and commas too many."""
    try:
        return json.loads(text)
    except ValueError as error:
        bare = text.rstrip(_AFTER)
        mended = _OR_STRING.sub(lambda found: found[0] if found[0][0] == '"' else "", bare)
        if mended != text:
            try:
                return json.loads(mended)
            except ValueError:
                raise error from None
        raise


def _where(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} in line {error.lineno:,}, column {error.colno:,}"
    return "a number in it is too long"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _loose(text: str) -> Any:
    """Return a value in JSON's or in Python's notation; None where it is neither."""
    found = _parsed(text)
    return python_value(text) if found is None else found


def _first_line(text: str) -> tuple[str, bool]:
    """Return the first line that is not blank, and whether there are more such lines."""
    line, _, rest = text.lstrip().partition("\n")
    return line, bool(rest.strip())


def _lines(text: str, name: str) -> _Read:
    items: list[Any] = []
    broken: list[int] = []
    unread = printed = 0
    problem = ""
    for number, line in enumerate(io.StringIO(text, newline="\n"), 1):
        if not line.strip():
            continue
        if len(items) == MAX_ROWS:
            unread += 1
            continue
        try:
            value = json.loads(line.strip())
        except (ValueError, RecursionError) as error:
            value = python_value(line)
            printed += value is not None
            if value is not None:
                items.append(value)
                continue
            value = LOST
            broken.append(number)
            problem = problem or f"line {number}: {getattr(error, 'msg', str(error)).lower()}"
        items.append(value)
    if len(broken) == len(items):
        raise EmbedlabError(f"No line of “{name}” is valid JSON ({problem}): check its format.")
    lines = ", ".join(f"{number:,}" for number in broken[:10])
    more = f" and {len(broken) - 10:,} more" if len(broken) > 10 else ""
    sentence = (
        f"{counted(len(broken), 'line is', 'lines are')} not valid JSON and {was(len(broken))} dropped: "
        f"line{'s' * (len(broken) > 1)} {lines}{more}."
    )
    lost = [at for at, item in enumerate(items) if item is LOST]
    as_python = f"{counted(printed, 'line is', 'lines are')} {_AS_PYTHON} {was(printed)} read all the same."
    notes = noted("info", printed, as_python) + noted("dropped", len(broken), sentence, lost)
    return _Read(items, unread, tuple(notes))


def _sequence(text: str, most: int = MAX_ROWS) -> _Read:
    """Read objects or lists one after the other, however parted; a broken one ends where a next line begins."""
    items: list[Any] = []
    unread = 0
    for value in _one_after_the_other(text):
        if len(items) < most:
            items.append(value)
        elif most < MAX_ROWS:
            break
        else:
            unread += 1
    whole = [item for item in items if item is not LOST]
    if not whole:
        return _Read([])
    lost = [at for at, item in enumerate(items) if item is LOST]
    sentence = f"{counted(len(lost), 'object is', 'objects are')} not valid JSON and {was(len(lost))} dropped."
    return _Read(items if len(whole) > 1 else whole, unread, tuple(noted("dropped", len(lost), sentence, lost)))


def _one_after_the_other(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    at = _end(_BETWEEN, text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
            if not isinstance(value, list | dict):
                return
            yield value
        except (ValueError, RecursionError):
            yield LOST
            following = _NEXT.search(text, at)
            if following is None:
                return
            at = following.end()
        at = _end(_BETWEEN, text, at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
