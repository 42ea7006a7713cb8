"""What the tests share: an encoder whose vectors follow from the text itself, and a data folder of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.encoders import Card

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class LetterEncoder:
    """Counts letters: "ab" and "ba" share one vector, "aa" and "bb" are orthogonal.

    The vector of a text is its 26 letter counts (plus one dimension for a text without letters), scaled to
    length 1, so every cosine in a test can be checked by hand. A token is a word.
    """

    def __init__(self, window: int = 8) -> None:
        self.card = Card("letters", "by hand", len(ALPHABET) + 1, window, "tests")
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        vectors = np.zeros((len(texts), self.card.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                if letter in ALPHABET:
                    vectors[row, ALPHABET.index(letter)] += 1
            if not vectors[row].any():
                vectors[row, -1] = 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.array([len(text.split()) for text in texts], dtype=np.int32)


@pytest.fixture
def letters() -> LetterEncoder:
    return LetterEncoder()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has an empty data folder of its own."""
    path = tmp_path / "home"
    monkeypatch.setenv("EMBEDLAB_HOME", str(path))
    return path
