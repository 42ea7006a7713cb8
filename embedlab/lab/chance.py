"""What chance alone would give: a measure says something of a model only where the model does better than that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedlab.lab.intervals import Interval

_SURE = 1.959963984540054

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


def beats(found: Interval, chance: float, best: float = 1.0) -> bool:
    """Whether a measure is surely above `chance`, or half way from there to `best`.

    Half way: of a few texts all may be right without being surely better, and that is no sign of useless labels.
    """
    return bool(found.low > chance or found.mean >= (chance + best) / 2)


def largest_share(codes: Rows) -> float:
    """Return how often always naming the largest of the classes, int (m,), is right.

    No guess that doesn't look at the text does better, nor does a classifier of shuffled labels: it is the chance
    level of an accuracy.
    """
    return float(np.bincount(codes).max() / len(codes))


def level(shuffled: Floats) -> float:
    """Return what a measure stays below in 39 of 40 shufflings of the labels, by the mean and spread of some (s,)."""
    return float(shuffled.mean() + _SURE * shuffled.std(ddof=1))
