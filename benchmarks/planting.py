"""Faults to plant in a corpus, so that it can be counted which of them are found."""

from __future__ import annotations

import numpy as np

from embedlab.text.same import folded

SHORTEST = 10
LETTERS_AN_EDIT = 30
MOST_EDITS = 3
REORDERED = 0.25
OTHER_CASE = 1 / 3
SPACES = 0.1

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def editable(text: str) -> bool:
    """Whether `text` has ten letters or more in Latin words, so that an edit leaves it what it says."""
    return sum(len(word) for word in text.split() if _latin(word)) >= SHORTEST


def _latin(word: str) -> bool:
    return word.isascii() and word.isalpha()


def near_duplicate(text: str, rng: np.random.Generator) -> str:
    """Return `text` as somebody else might type it: one edit, and one more for every 30 characters, three at most.

    An edit is a typing error, or in one case of four the words in another order; a third of the texts are also written
    in other capitals. The result is never the same text but for capitals.
    """
    words = text.split()
    for _ in range(min(MOST_EDITS, 1 + len(text) // LETTERS_AN_EDIT)):
        words = _reordered(words, rng) if len(words) > 2 and rng.random() < REORDERED else _mistyped(words, rng)
    made = " ".join(words)
    if folded(made) == folded(text):
        return near_duplicate(text, rng)
    return _in_other_case(made, rng) if rng.random() < OTHER_CASE else made


def _reordered(words: list[str], rng: np.random.Generator) -> list[str]:
    """Exchange two words that stand side by side, or what is before a place with what is after it."""
    at = int(rng.integers(1, len(words)))
    if rng.random() < 0.5:
        return [*words[: at - 1], words[at], words[at - 1], *words[at + 1 :]]
    return [*words[at:], *words[:at]]


def _mistyped(words: list[str], rng: np.random.Generator) -> list[str]:
    """Make one error at a letter drawn at random, so that long words get more of them; numbers get none."""
    able = [
        (at, place) for at, word in enumerate(words) if word.isascii() and word.isalpha() for place in range(len(word))
    ]
    if not able:
        return words
    at, place = able[rng.integers(len(able))]
    if rng.random() < SPACES and len(words) > 1:
        at = min(at, len(words) - 2)
        return [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]
    return [*words[:at], _with_error(words[at], place, rng), *words[at + 1 :]]


def _with_error(word: str, place: int, rng: np.random.Generator) -> str:
    """Leave a letter out, double it, take the key beside it, or exchange it with the next one."""
    before, letter, after = word[:place], word[place], word[place + 1 :]
    kind = rng.integers(4)
    if kind == 0 and len(word) > 1:
        return before + after
    if kind == 1:
        return before + letter * 2 + after
    if kind == 2 and after:
        return before + after[0] + letter + after[1:]
    return before + _beside(letter, rng) + after


def _beside(letter: str, rng: np.random.Generator) -> str:
    for row in _KEYS:
        at = row.find(letter.lower())
        if at >= 0:
            return row[at + 1] if at == 0 or (at + 1 < len(row) and rng.random() < 0.5) else row[at - 1]
    return letter * 2


def _in_other_case(text: str, rng: np.random.Generator) -> str:
    return (text.upper(), text.lower(), text.title())[rng.integers(3)]


def flipped(values: np.ndarray, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return labels of which `share` is exchanged for another class drawn at random, and the rows of those."""
    rows = np.sort(rng.permutation(len(values))[: round(share * len(values))])
    classes = np.unique(values)
    made = values.copy()
    for row in rows.tolist():
        made[row] = rng.choice(classes[classes != values[row]])
    return made, rows
