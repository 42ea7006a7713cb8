"""Which texts are the same: one answer, in two strictnesses, for everybody who asks.

`folded` decides wherever a copy would give an answer away, or count twice: what is learned from and what is asked
about, folds, votes, judgements, sides of a drift. A model that makes no difference between capitals would otherwise be
asked what it was taught. `exact` decides where vectors are made, stored and compared: a model may read "Hello" and
"HELLO" differently, so these have two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.text.normalise import caseless


def exact(text: str) -> str:
    """Return the text itself: only what is typed alike is the same."""
    return text


def folded(text: str) -> str:
    """Return what texts have in common that differ in capitals, white space or the form of their characters only.

    The form is that of Unicode's NFKC: full-width letters are like others, and so is an accent put on by itself.
    """
    return " ".join(caseless(text).casefold().split())  # composed letters such as ΐ fold to more than one again


def numbered(texts: Iterable[str], key: Callable[[str], str]) -> Rows:
    """Return a number for each text, int (n,), the same for those that are the same by `key` (`exact` or `folded`).

    Numbers rise from 0 in order of first appearance.
    """
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(key(text), len(numbers)) for text in texts], dtype=np.intp)


def firsts(texts: Sequence[str], key: Callable[[str], str]) -> list[int]:
    """Return the place of each text that is the same as no earlier one, rising."""
    found: list[int] = np.unique(numbered(texts, key), return_index=True)[1].tolist()
    return found


def repeats(texts: Sequence[str], key: Callable[[str], str]) -> Rows:
    """Return the places of texts that are the same as an earlier one, int, rising."""
    return np.delete(np.arange(len(texts)), firsts(texts, key))
