"""Plain text: a text a line, or a paragraph of a book or of notes; and lines that say more than their text."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from embedlab.base.english import counted
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.layout import FileLayout, Unit
from embedlab.corpus.reading.bibliographies import read_bibliography
from embedlab.corpus.reading.delimited import read_lines
from embedlab.corpus.reading.files import TEXTUAL
from embedlab.corpus.reading.irc import read_irc
from embedlab.corpus.reading.subtitles import read_subtitles
from embedlab.corpus.reading.transcripts import read_transcript

UNITS: tuple[Unit, ...] = ("line", "paragraph")
_PARAGRAPHS = FileLayout(delimiter="", unit="paragraph")
MARKDOWN = ("md", "markdown")
ENDINGS = ("txt", *TEXTUAL)
"""File endings of plain text, and of what is written in plain text."""

_WIDTHS = range(20, 121)
"""How many characters a wrapped line can have; below 40 only where words have no spaces."""
_ENOUGH = 6
"""Lines that must agree before a text counts as wrapped."""
_LABELS = re.compile(r"((?:__[A-Za-z]\w*?__\S+\s+)+)(\S.*)")
_LABEL = re.compile(r"__[A-Za-z]\w*?__(\S+)")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_UNDERLINE = re.compile(r"=+|-{2,}")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(.*)")
_RULE = re.compile(r"\s*(?:[-*_]\s*){3,}")
_FENCE = re.compile(r"\s*(```|~~~)")


def read_known(text: str, name: str, layout: FileLayout) -> tuple[Raw, str] | None:
    """Read text whose lines say more than texts, and what that is called; None where it is plain.

    Subtitles, chats, bibliographies, and lines that begin with labels, all known by their content.
    """
    readers: tuple[tuple[str, Callable[[], Raw | None]], ...] = (
        ("subtitles", lambda: read_subtitles(text)),
        ("a log of IRC", lambda: read_irc(text, name, layout)),
        ("a chat", lambda: read_transcript(text, name, layout)),
        ("a bibliography", lambda: read_bibliography(text)),
        ("lines of labels and texts", lambda: read_labelled(text)),
    )
    for spoken, reader in readers:
        raw = reader()
        if raw is not None:
            return raw, spoken
    return None


def read_labelled(text: str) -> Raw | None:
    """Read fastText's lines, `__label__a __label__b a text`; None where most lines are none."""
    lines = [line for line in _lines(text) if line.strip()]
    found = [_LABELS.match(line.strip()) for line in lines[:1000]]
    if not found or sum(map(bool, found)) < 0.9 * len(found):
        return None
    matches = [_LABELS.match(line.strip()) for line in lines[:MAX_ROWS]]
    labels = [_LABEL.findall(match[1]) if match else [] for match in matches]
    texts = [match[2] if match else line for match, line in zip(matches, lines, strict=False)]
    several = [row for row, some in enumerate(labels) if len(some) > 1]
    without = [row for row, match in enumerate(matches) if match is None]
    notes = noted(
        "info",
        len(several),
        f"{counted(len(several), 'text has', 'texts have')} several labels: they are one.",
        several,
    )
    notes += noted("info", len(without), f"{counted(len(without), 'line has', 'lines have')} no label.", without)
    columns: list[object] = [texts, [", ".join(some) or None for some in labels]]
    return Raw(["text", "label"], columns, len(lines), notes + beyond_limit(len(lines) - len(texts)))


def read_plain(text: str, name: str, ending: str, layout: FileLayout) -> Raw:
    """Read text as `layout` says, or as it looks: a text a line; a paragraph, where lines are wrapped, or of Markdown.

    A text for each line has a row for each line, blank ones included.
    """
    told = layout.delimiter is not None or layout.header is not None or layout.above is not None
    unit = layout.unit or ("line" if told else None)
    lines = [line.rstrip("\r\n") for line in _lines(text)]
    if ending in MARKDOWN and unit != "line":
        return replace(_markdown(lines), layout=_PARAGRAPHS, units=UNITS)
    filled = sum(bool(line.strip()) for line in lines)
    blank = any(not line.strip() for line in lines[: _last_filled(lines)])
    width = _wrapped_at(lines)
    units = UNITS if blank or width else UNITS[:1]
    if unit == "paragraph" or (width and unit is None):
        found = list(_paragraphs(lines, None if blank else width))
        if len(found) < filled and len(found) > 1:
            sentence = (
                f"The lines are wrapped at {width} characters, so {counted(len(found), 'paragraph')} were read from "
                f"{counted(filled, 'line')}; to have a text a line, choose “line” as the unit."
            )
            notes = noted("info", len(found) if width else 0, sentence)
            raw = _column(found, notes)
            return replace(raw, layout=_PARAGRAPHS, units=UNITS)
    raw = read_lines(text, name, layout)
    shown: Unit | None = "line" if units == UNITS else None
    return replace(raw, layout=replace(raw.layout, unit=shown), units=units)


def _column(texts: list[str], notes: list[Note]) -> Raw:
    kept = texts[:MAX_ROWS]
    return Raw(["text"], [kept], len(texts), notes + beyond_limit(len(texts) - len(kept)))


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()


def _last_filled(lines: list[str]) -> int:
    return max((at for at, line in enumerate(lines, 1) if line.strip()), default=0)


# --- Wrapped lines --------------------------------------------------------------------------------


def _wrapped_at(lines: list[str]) -> int | None:
    """Return the width at which lines are wrapped; None where they are lines of their own.

    A line is wrapped where the next word would not have fitted. Only lines are asked that another one follows.
    """
    followed = [(a.strip(), b.strip()) for a, b in pairwise(lines) if a.strip() and b.strip()]
    followed = [pair for pair in followed[:5000] if not _ITEM.fullmatch(pair[1])]
    if len(followed) < _ENOUGH:
        return None
    lengths = sorted(len(line) for line, _ in followed)
    width = lengths[int(0.95 * (len(lengths) - 1))]
    spaced = sum(" " in line for line, _ in followed) > 0.9 * len(followed)
    if width not in _WIDTHS or (spaced and width < 40):
        return None
    tight = sum(width - 12 <= len(line) <= width + 3 and not _fits(line, after, width) for line, after in followed)
    open_ended = sum(line[-1] not in ".!?…。！？" for line, _ in followed)
    return width if tight >= 0.75 * len(followed) and open_ended >= 0.5 * len(followed) else None


def _fits(line: str, after: str, width: int) -> bool:
    word = after.split(None, 1)[0] if " " in after or after.isascii() else after[0]
    return len(line) + (word.isascii() and 1) + len(word) < width - 1


def _paragraphs(lines: list[str], width: int | None) -> Iterator[str]:
    """Yield the lines between blank ones as one text; with a `width`, what ends with a line that is not full."""
    held: list[str] = []
    indented = sum(line[:1] in (" ", "\t", "\u3000") for line in lines)
    by_indent = width is not None and 0 < indented < 0.6 * len(lines)
    for at, line in enumerate(lines):
        if line.strip():
            held.append(line.strip())
        after = lines[at + 1] if at + 1 < len(lines) else ""
        following = after.strip()
        short = width is not None and not by_indent and _fits(line.strip(), following, width - 8) if following else True
        ends = not following or short or (by_indent and after[:1] in (" ", "\t", "\u3000"))
        if held and ends:
            yield _one_line(held)
            held = []


def _one_line(lines: list[str]) -> str:
    """Join wrapped lines: with a space, or with none after a hyphen and between signs of scripts without spaces."""
    text = lines[0]
    for line in lines[1:]:
        tight = re.search(r"\w-\Z", text) or (ord(text[-1]) > 0x2E7F and ord(line[0]) > 0x2E7F and text[-1] != "\ufffd")
        text += line if tight and not "\uac00" <= line[0] <= "\ud7a3" else f" {line}"
    return text


# --- Markdown -------------------------------------------------------------------------------------


def _markdown(lines: list[str]) -> Raw:
    """A row for each paragraph and each item of a list, with the heading that it stands under."""
    texts: list[str] = []
    headings: list[str | None] = []
    counts: Counter[str] = Counter()
    heading: str | None = None
    for kind, words in _blocks(lines):
        counts[kind] += 1
        if kind == "heading":
            heading = words
        elif kind == "text":
            texts.append(words)
            headings.append(heading)
    if not texts:
        return _column(lines, [])
    total = len(texts)
    sentence = (
        f"Each paragraph and item of a list is one text, under {counted(counts['heading'], 'heading')}; to have a text "
        "a line, choose “line” as the unit."
    )
    code = counted(counts["code"], "block")
    notes = [Note("info", total, sentence), *noted("info", counts["code"], f"{code} of code or settings left out.")]
    columns: list[object] = [texts[:MAX_ROWS]]
    if any(headings):
        columns.append(headings[:MAX_ROWS])
    return Raw(["text", "heading"][: len(columns)], columns, total, notes + beyond_limit(total - len(columns[0])))  # type: ignore[arg-type]


def _blocks(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield headings, texts, and blocks of code or settings."""
    held: list[str] = []
    fence = "---" if lines and lines[0].strip() == "---" and any(line.strip() == "---" for line in lines[1:60]) else ""
    for at, line in enumerate([*lines, ""]):
        bare = line.strip()
        if fence:
            if at and bare.startswith(fence):
                fence = ""
                yield "code", ""
            continue
        opened, titled, item = _FENCE.match(line), _HEADING.fullmatch(bare), _ITEM.fullmatch(line)
        underlined = bool(held) and _UNDERLINE.fullmatch(bare)
        if held and (not bare or opened or titled or item or underlined or _RULE.fullmatch(line)):
            yield "heading" if underlined else "text", _one_line(held)
            held = []
        if opened:
            fence = opened[1]
        elif titled:
            yield "heading", titled[1]
        elif item:
            held = [item[1].strip()] if item[1].strip() else []
        elif bare and not underlined and not _RULE.fullmatch(line):
            held.append(bare.lstrip("> ") or bare)
