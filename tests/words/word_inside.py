"""Layers that can be worked out by hand: a token is a word, and each layer adds the mean of the sentence."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from embedlab.encoders.folder import Pooling
from embedlab.encoders.transformer.layers import Trace
from tests.conftest import ALPHABET

START, UNKNOWN = 1, 0


class WordInside:
    """Two layers of two heads. At the input a word is its first letter, whatever stands around it.

    A [START] comes first, in a direction of its own, the last. A word that begins with no letter is unknown and 0.
    The first head of the first layer looks at all alike, the others only at the token itself.
    """

    weights = "by hand"
    unknown = UNKNOWN
    first = "A token's first vector is the row of a table that has its number."

    def __init__(self, pooling: Pooling = "mean", window: int = 12, dimensions: int = 27) -> None:
        self.pooling, self.window, self.dimensions = pooling, window, dimensions

    def count(self, text: str) -> int:
        return 1 + len(text.split())

    def trace(self, text: str) -> Trace:
        words = list(re.finditer(r"\S+", text))[: self.window - 1]
        ids = [START, *(_id(word[0]) for word in words)]
        spans = np.array([(0, 0), *(word.span() for word in words)], dtype=np.intp)
        first = np.zeros((len(ids), 27), dtype=np.float32)
        first[0, 26] = 1
        for row, token in enumerate(ids):
            if token > START:
                first[row, token - 2] = 1
        second = first + first.mean(axis=0)
        third = second + second.mean(axis=0)
        looks = np.tile(np.eye(len(ids), dtype=np.float32), (2, 2, 1, 1))
        looks[0, 0] = 1 / len(ids)
        return Trace(
            text, tuple(ids), ("[START]", *(word[0] for word in words)), spans, np.stack([first, second, third]), looks
        )


def _id(word: str) -> int:
    return ALPHABET.index(word[0].lower()) + 2 if word[0].lower() in ALPHABET else UNKNOWN


def letter(of: str) -> NDArray[np.float32]:
    """Return the vector of a word that begins with this letter."""
    vector = np.zeros(27, dtype=np.float32)
    vector[ALPHABET.index(of)] = 1
    return vector
