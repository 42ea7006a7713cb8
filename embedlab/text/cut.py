"""The beginning of a text that is too long to be shown: it ends between two words, and says that it goes on."""

from __future__ import annotations

import re
import unicodedata

LOST = 0.3
"""Of the room at most this share is given up to end between two words; without spaces a text ends where it has to."""
_GAP = re.compile(r"\s+")
_JOINER = "\u200d"


def beginning(text: str, length: int, lines: int | None = None) -> str:
    """Return `text` if it has at most `length` characters and `lines` lines, else its beginning, with "…" after it.

    It ends between two words where there is a space near, and never within a character that is written as several.
    """
    kept = text if lines is None else _first_lines(text, lines)
    if len(kept) <= length:
        return kept if len(kept) == len(text) else kept.rstrip() + "…"
    room = max(1, length - 1)
    gaps = [gap.start() for gap in _GAP.finditer(kept[: room + 1]) if gap.start() >= room * (1 - LOST)]
    end = gaps[-1] if gaps else _between_characters(kept, room)
    return kept[:end].rstrip() + "…"


def _first_lines(text: str, count: int) -> str:
    split = text.split("\n", count)
    return text if len(split) <= count else "\n".join(split[:count])


def _between_characters(text: str, end: int) -> int:
    """Return the last place up to `end` that lies between two characters as a reader counts them."""
    at = end
    while at > 1 and (_goes_on(text[at]) or text[at - 1] == _JOINER):
        at -= 1
    return at if at > 1 or end <= 1 else end


def _goes_on(character: str) -> bool:
    modifier = "\U0001f3fb" <= character <= "\U0001f3ff"  # a skin tone
    return modifier or character == _JOINER or unicodedata.category(character).startswith("M")
