"""Chats as plain text, a line "date, time - name: words" each, as phones export them; the lines below belong to it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from embedlab.corpus.cells import Raw
from embedlab.corpus.corpus import Note
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.chats import Conversation, Message
from embedlab.corpus.reading.records import from_chats

_DATE = r"(\d{1,4})[./\-]\s?(\d{1,2})[./\-]\s?(\d{1,4})"
_TIME = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[\s\u202f\u00a0]*([AaPp])\.?[\s\u00a0]?[Mm]\.?)?"
_LINE = re.compile(rf"[\u200e\u200f\ufeff]*(?:\[{_DATE},?\s+{_TIME}\]\s?|{_DATE},?\s+{_TIME}\s+[-–]\s)(.*)", re.DOTALL)
_SAID = re.compile(r"([^:\n]{1,80}): ?(.*)", re.DOTALL)
_NO_WORDS = re.compile(
    r"\u200e.*|<[^<>\n]{3,60}>|<?\u200e?(?:image|video|audio|sticker|GIF|document) omitted>?", re.DOTALL
)
"""What stands for a picture, or is said by the program itself: after an invisible mark, or in angle brackets."""


@dataclass(frozen=True)
class _Line:
    date: tuple[int, int, int]
    time: tuple[int, int, int]
    half: str
    words: str


def read_transcript(text: str, name: str, layout: FileLayout) -> Raw | None:
    """Read a chat as a row a message, several lines to a message; None for other text.

    Lines without a sender, and those that stand for a picture or a call, are left out and counted.
    """
    head = [line for line in text[:50_000].splitlines() if line.strip()][:400]
    begin = [found for line in head if (found := _LINE.fullmatch(line))]
    if len(begin) < 2 or len(begin) < 0.2 * len(head) or not _LINE.fullmatch(head[0]):
        return None
    if not any(_SAID.fullmatch(found.groups()[-1]) for found in begin):
        return None
    lines = list(_lines(text))
    order, certain = _order(lines)
    said = [_message(line, order) for line in lines]
    raw = from_chats([Conversation(said)], name, layout)
    raw = replace(raw, units=(*raw.units, "line"))
    if certain:
        return raw
    read = {"dmy": "day before month", "mdy": "month before day"}[order]
    sentence = f"No date settles which of its numbers is the day: they were read as {read}."
    return replace(raw, notes=[Note("info", 0, sentence), *raw.notes])


def _lines(text: str) -> Iterator[_Line]:
    """Yield the messages, each with the lines below that begin none."""
    held: _Line | None = None
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            held = replace(held, words=f"{held.words}\n{line}") if held else None
            continue
        if held:
            yield held
        groups = found.groups()
        parts = groups[:7] if groups[0] else groups[7:14]
        numbers = [int(part or 0) for part in parts[:6]]
        held = _Line(
            (numbers[0], numbers[1], numbers[2]), (numbers[3], numbers[4], numbers[5]), parts[6] or "", groups[14]
        )
    if held:
        yield held


def _message(line: _Line, order: str) -> Message:
    found = _SAID.fullmatch(line.words)
    moment = _moment(line, order)
    if found is None or _NO_WORDS.fullmatch(found[2].strip()):
        return Message(None, None, moment, notice=True)
    return Message(found[2].replace("\u200e", "").strip() or None, found[1].strip("\u200e\u202a\u202c~ \u202f"), moment)


# --- Which number is the day ----------------------------------------------------------------------


def _order(lines: Sequence[_Line]) -> tuple[str, bool]:
    """Return the order of year, month and day, and whether it is certain.

    It must make a date of each line, and then go back in time least often, for a chat is in the order of time.
    """
    sample = lines[:: max(1, len(lines) // 5000)]
    if sum(line.date[0] > 31 for line in sample) > 0.5 * len(sample):
        return "ymd", True
    worth = {order: _steps_back(sample, order) for order in ("dmy", "mdy")}
    if worth["dmy"] == worth["mdy"]:
        order = "mdy" if any(line.half for line in sample) else "dmy"
        return order, all(line.date[0] == line.date[1] for line in sample)
    return min(worth, key=lambda order: worth[order]), True


def _steps_back(lines: Sequence[_Line], order: str) -> tuple[int, int]:
    moments = [_moment(line, order) for line in lines]
    known = [moment for moment in moments if moment is not None]
    back = sum(b < a - dt.timedelta(days=1) for a, b in pairwise(known))
    return len(moments) - len(known), back


def _moment(line: _Line, order: str) -> dt.datetime | None:
    parts = dict(zip(order, line.date, strict=True))
    year = parts["y"] + (2000 if parts["y"] < 100 else 0)
    hour, minute, second = line.time
    if line.half:
        hour = hour % 12 + 12 * (line.half in "pP")
    try:
        return dt.datetime(year, parts["m"], parts["d"], hour, minute, second)
    except ValueError:
        return None
