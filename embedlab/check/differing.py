"""Where two texts that say nearly the same differ, word by word."""

from __future__ import annotations

from difflib import SequenceMatcher

Piece = tuple[str, bool]


def differing(first: str, second: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces: what stands there, and whether the other has it at this place too.

    Words are compared whatever their case; the pieces of a text, with single spaces between them, are the text.
    """
    ours, theirs = first.split(), second.split()
    matcher = SequenceMatcher(None, [word.casefold() for word in ours], [word.casefold() for word in theirs], False)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        for pieces, words in ((left, ours[start:end]), (right, theirs[other_start:other_end])):
            if words:
                pieces.append((" ".join(words), tag == "equal"))
    return tuple(left), tuple(right)
