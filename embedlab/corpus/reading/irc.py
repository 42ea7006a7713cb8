"""Logs of IRC, `[10:02:03] <ann> words`, in the forms of irssi, XChat, ZNC and their relatives."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

from embedlab.corpus.cells import Raw
from embedlab.corpus.dates import days
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.chats import Conversation, Message
from embedlab.corpus.reading.records import from_chats

_CLOCK = r"(?P<clock>\d{1,2}:\d\d(?::\d\d)?)"
_DATE = r"(?:(?P<date>\d{4}-\d\d-\d\d|[A-Z][a-z]{2} ?\d{1,2})[T ])?"
_WHEN = rf"[\[(]?{_DATE}{_CLOCK}(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?[\])]?\s+"
_NICK = r"[^\s<>@+%&~!/][^\s<>/]{0,30}"
_TIMED = re.compile(rf"{_WHEN}(?:<[ @+%&~]?(?P<who>{_NICK})>\s?(?P<said>.*)|(?P<notice>.*))")
_BARE = re.compile(rf"<[ @+%&~]?(?P<who>{_NICK})> (?P<said>.*)")
_ACTION = re.compile(rf"\*\s+(?P<who>{_NICK})\s+(?P<said>.+)")
_COMES = re.compile(r"(?:has )?(?:joined|quit|left|parted)\b|(?:is now|sets? |changed? |was kicked|gives |removes )")
_DAY = re.compile(
    r"(?:-{3}|\*{3,4}|#)\s*(?:Log opened|Log closed|Day changed(?: to)?|(?:BEGIN|ENDING) LOGGING AT)\s+(.*)", re.I
)
_CLOCK_INSIDE = re.compile(r"\s\d{1,2}:\d\d(?::\d\d)?")
_ENOUGH = 0.5
_ENOUGH_BARE = 0.8


def read_irc(text: str, name: str, layout: FileLayout) -> Raw | None:
    """Read a log as a row a message, with who wrote it and when; None for other text.

    Who comes and goes, and what the server says, is left out and counted. The day is that of the line, or of the last
    line that names one; without it the time is as it was written.
    """
    head = [line for line in text[:50_000].splitlines() if line.strip()][:400]
    timed = [found for line in head if (found := _TIMED.fullmatch(line)) and found["who"]]
    bare = [] if timed else [found for line in head if "</" not in line and (found := _BARE.fullmatch(line))]
    told = _ENOUGH * len(head) if timed else _ENOUGH_BARE * len(head)
    if len(timed or bare) < max(2, told) and not _mostly_notices(head, len(timed)):
        return None
    if bare and len({found["who"] for found in bare}) < 2:
        return None
    raw = from_chats([Conversation(list(_messages(text)))], name, layout)
    return replace(raw, units=(*raw.units, "line"))


def _mostly_notices(head: list[str], said: int) -> bool:
    """Whether most lines have a time, and those in which nobody says anything are the server's."""
    others = sum(1 for line in head if (found := _TIMED.fullmatch(line)) and re.match(r"[*-]", found["notice"] or ""))
    return said > 1 and said + others >= 0.9 * len(head)


def _messages(text: str) -> Iterator[Message]:
    """Yield what is said, and the lines in which nobody says anything as notices."""
    day: dt.date | None = None
    for line in text.splitlines():
        if not line.strip():
            continue
        if named := _DAY.match(line):
            day = _day(_CLOCK_INSIDE.sub("", named[1], count=1)) or day
            yield Message(None, notice=True)
            continue
        found = _TIMED.fullmatch(line) or _BARE.fullmatch(line) or _ACTION.fullmatch(line)
        parts = found.groupdict() if found else {"notice": line}
        when = _moment(parts.get("date"), parts.get("clock"), day)
        acted = _ACTION.fullmatch(parts.get("notice") or "")
        if acted and not _COMES.match(acted["said"]):
            parts |= acted.groupdict()
        said = parts.get("said")
        yield Message(None, None, when, notice=True) if said is None else Message(said or None, parts.get("who"), when)


def _day(typed: str) -> dt.date | None:
    """Return the day that "Mon Mar 04 2024" names."""
    found = days([" ".join(typed.split())])[0]
    known = next(iter(found.values()), None)
    return known[0] if known and known[1] == "day" else None


def _moment(date: str | None, clock: str | None, day: dt.date | None) -> dt.datetime | str | None:
    if clock is None:
        return None
    try:
        time = dt.time.fromisoformat(clock if len(clock) in (5, 8) else f"0{clock}")
        if date and date[0].isdigit():
            return dt.datetime.combine(dt.date.fromisoformat(date), time)
    except ValueError:
        return f"{date} {clock}" if date else clock
    if day is not None and date is None:
        return dt.datetime.combine(day, time)
    return f"{date} {clock}" if date else clock
