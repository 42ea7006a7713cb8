"""What chance alone would give: a measure says something of a model only where the model does better than that."""

from __future__ import annotations

import numpy as np

from embedlab.base.arrays import Floats, Rows
from embedlab.stats.intervals import Interval, Z

_LEAST = 1e-9
UNLIKELY = 0.025
"""What chance gives more seldom than this is no chance: one side of a 95 % interval."""
_ORDERS = 1_999
_AT_ONCE = 1_000_000


def beats(found: Interval, chance: float) -> bool:
    """Whether a measure is surely above `chance`, or half way from there to 1, the best.

    Half way: of a few texts all may be right without being surely better, and that is no sign of useless labels.
    """
    return bool(found.low > chance or found.mean >= (chance + 1) / 2)


def largest_share(codes: Rows) -> float:
    """Return how often always naming the largest of the classes, int (m,), is right.

    No guess that doesn't look at the text does better, nor does a classifier of shuffled labels: it is the chance
    level of an accuracy.
    """
    return float(np.bincount(codes).max() / len(codes))


def by_shuffling(named: Rows, answers: Rows, seed: int = 0) -> float:
    """Return how likely labels in random order are recalled at least as well by the classes `named`; both int (m,).

    The mean recall of the classes that are asked about, against 1,999 orders of the labels. A class of few texts weighs
    as much as one of many: where one is rare, no classifier may be right more often than always naming the other, and
    still tell both apart. Source: Phipson and Smyth, "Permutation p-values should never be zero", 2010.
    """
    sizes = np.bincount(answers)
    weights = np.where(sizes > 0, 1 / np.maximum(sizes, 1), 0)
    observed = weights[answers[named == answers]].sum()
    rng = np.random.default_rng(seed)
    at_once = max(1, _AT_ONCE // len(answers))
    reached = 0
    for start in range(0, _ORDERS, at_once):
        orders = rng.permuted(np.tile(answers, (min(at_once, _ORDERS - start), 1)), axis=1)
        recalled = np.where(orders == named, weights[orders], 0).sum(axis=1)
        reached += int((recalled >= observed - _LEAST).sum())
    return (1 + reached) / (1 + _ORDERS)


def level(shuffled: Floats) -> float:
    """Return what a measure stays below in 39 of 40 shufflings of the labels, by the mean and spread of some (s,)."""
    return float(shuffled.mean() + Z * shuffled.std(ddof=1))
