"""How sure a mean is, and a difference of two: bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
LEVEL = 0.95
_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Interval:
    """A mean, and the 95 % interval in which it lies when what was measured is drawn anew."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ({self.low:.3f} to {self.high:.3f})"

    @property
    def apart_from_zero(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def interval(values: NDArray[np.float64], seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Return the mean of `values` (q,), one a query or text, and its percentile bootstrap interval over them.

    They are drawn with replacement, as many as there are, `resamples` times (Efron and Tibshirani 1993). Of two
    methods on the same ones, the interval of the differences is the paired one. NaNs for no values.
    """
    count = len(values)
    if not count:
        return Interval(float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    block = max(1, _AT_ONCE // count)
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        means[start : start + size] = values[rng.integers(0, count, (size, count))].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(values.mean()), float(low), float(high))
