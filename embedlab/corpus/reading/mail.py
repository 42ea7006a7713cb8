"""Mail as programs save it: a box of messages (mbox), or one message (eml); a text a message."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Any

from embedlab.base.english import counted
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit
from embedlab.corpus.corpus import Note, noted

ENDINGS = ("mbox", "eml")
_BOX = re.compile(rb"\s*From \S+[^\n]*\d{4}[^\n]*\r?\n[A-Za-z][\w-]*:")
_NEXT = re.compile(rb"(?:\A\s*|\r?\n\r?\n)From \S+[^\n]*\d{4}[^\n]*\r?\n(?=[A-Za-z][\w-]*:)")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER = re.compile(rb"([A-Za-z][\w-]*):[^\n]*\n(?:[ \t][^\n]*\n)*")
_KNOWN = frozenset((
    b"from", b"to", b"subject", b"date", b"message-id", b"received", b"return-path", b"mime-version",
    b"content-type", b"reply-to", b"cc", b"delivered-to", b"x-mailer", b"content-transfer-encoding",
))  # fmt: skip
_FEWEST = 3
"""So many lines of a letter's head make a message of what has no such ending."""
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, AssertionError)
"""What the parser raises for heads and bodies that keep no rules."""
LONGEST_PAGE = 500_000
"""Characters of HTML of which a text is made; no model reads as far."""
_INVISIBLE = re.compile(r"<(style|script|head)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def read_mail(data: bytes, ending: str) -> Raw | None:
    """Read a box of messages, or one, as a row a message: its text, subject, sender, recipient and date.

    The plain text of a message is taken, else that of its HTML. None where `data` is no mail. Attachments are left
    out and counted.
    """
    if _BOX.match(data):
        pieces = _pieces(data)
    elif _is_message(data, ending):
        pieces = iter([data])
    else:
        return None
    rows: list[tuple[Any, ...]] = []
    attached = total = 0
    for piece in pieces:
        total += 1
        if len(rows) < MAX_ROWS:
            row, count = _row(piece)
            rows.append(row)
            attached += count
    names = ["text", "subject", "from", "to", "date"]
    columns = [list(column) for column in zip(*rows, strict=True)]
    kept = [at for at, cells in enumerate(columns) if at == 0 or any(cell is not None for cell in cells)]
    notes = [Note("info", 0, f"The file was read as mail: {counted(total, 'message')}, each a text.")]
    left_out = counted(attached, "attachment was", "attachments were")
    notes += noted("info", attached, f"{left_out} left out.")
    return Raw([names[at] for at in kept], [columns[at] for at in kept], total, notes + beyond_limit(total - len(rows)))


def _pieces(data: bytes) -> Iterator[bytes]:
    starts = list(_NEXT.finditer(data))
    for found, following in zip(starts, [*starts[1:], None], strict=True):
        yield _QUOTED.sub(rb"\1", data[found.end() : following.start() if following else len(data)])


def _is_message(data: bytes, ending: str) -> bool:
    """Whether a text begins with the head of a message: lines of names that every message has, and a blank one."""
    at, names = 0, set[bytes]()
    text = data[: 1 << 16].lstrip().replace(b"\r\n", b"\n")
    while found := _HEADER.match(text, at):
        names.add(found[1].lower())
        at = found.end()
    ended = at == len(text) or text[at : at + 1] == b"\n"
    return ended and len(names & _KNOWN) >= (1 if ending in ENDINGS else _FEWEST) and b"from" in names


def _row(piece: bytes) -> tuple[tuple[Any, ...], int]:
    message = BytesParser(_class=EmailMessage, policy=default).parsebytes(piece.lstrip(b"\r\n"))
    heads = (_head(message, name) for name in ("subject", "from", "to"))
    attached = sum(part.get_content_disposition() == "attachment" for part in message.walk())
    return (_text(message), *heads, _date(_head(message, "date"))), attached


def _head(message: Message, name: str) -> str | None:
    try:
        found = message[name]
        return " ".join(str(found).split()) or None if found is not None else None
    except _UNREADABLE:
        return None


def _date(typed: str | None) -> dt.datetime | None:
    try:
        return parsedate_to_datetime(typed) if typed else None
    except (ValueError, TypeError, OverflowError):
        return None


def _text(message: EmailMessage) -> str | None:
    """Return the plain text of a message, or that of its HTML."""
    try:
        body = message.get_body(("plain", "html"))
    except _UNREADABLE:
        body = None
    if body is None:
        return None
    try:
        content = body.get_content()
    except _UNREADABLE:  # an alphabet that nobody knows
        payload = body.get_payload(decode=True)
        content = payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else ""
    shown = _shown(content) if body.get_content_subtype() == "html" else str(content)
    return shown.replace("\r\n", "\n").strip() or None


def _shown(page: str) -> str:
    """Return what a page of HTML shows, a line for each of its blocks."""
    bare = _TAG.sub("", _BREAK.sub("\n", _INVISIBLE.sub("", page[:LONGEST_PAGE])))
    lines = (" ".join(line.split()) for line in html.unescape(bare).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
