"""A second encoder beside the one that counts letters: it reads only the first word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.conftest import LetterEncoder


class HalfEncoder(LetterEncoder):
    """Counts the letters of the first word alone, each as often as it stands there, squared."""

    def __init__(self) -> None:
        super().__init__()
        self.card = replace(self.card, model="halves", weights="first words")

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        found = super().encode([text.split()[0] if text.split() else "" for text in texts]) ** 2
        return found / np.linalg.norm(found, axis=1, keepdims=True)
