"""What every encoder is: a card that says exactly which one, and a way from texts to unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embedlab.fingerprint import fingerprint

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Card:
    """Everything that determines the vectors of an encoder, and what a person wants to know of it.

    `weights` names the exact weights (a SHA-256 or a revision). `window` is the longest input in tokens;
    what is longer is cut at its end. `runtime` says what computes ("OpenVINO bf16").
    """

    model: str
    weights: str
    dimensions: int
    window: int
    runtime: str
    prompt: str = ""
    normalised: bool = True
    checked: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """Stands for all that determines a vector besides the text; `checked` does not count."""
        return fingerprint(
            self.model, self.weights, self.dimensions, self.window, self.runtime, self.prompt, self.normalised
        )


class Encoder(Protocol):
    """From texts to unit vectors. Equal texts give equal vectors, to within rounding, whatever stands beside them."""

    @property
    def card(self) -> Card: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a new float32 array (len(texts), dimensions) with rows of length 1, in the order given."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each text has before it is cut to the window, special tokens included."""
        ...
