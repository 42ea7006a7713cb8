"""How sure a mean is, and a difference of two: the bootstrap, for several models with the same draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats

RESAMPLES = 10_000
LEVEL = 0.95
MANY = 5_000
_AT_ONCE = 2_000_000
_LEAST = 1_000
_DRAWS = 40_000_000
# Drawing how often a value occurs costs as much as drawing about eight values.
_REPEATS = 8
Z = 1.959963984540054
"""How many standard deviations lie between the mean of a normal distribution and either end of 95 % of it."""


Counts = NDArray[np.int64]


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


def interval(values: Floats, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Return the mean of `values` (q,), one a query or text, and its percentile bootstrap interval over them.

    They are drawn with replacement, as many as there are, `resamples` times (Efron and Tibshirani 1993). Of two
    methods on the same ones, the interval of the differences is the paired one. It takes them as drawn independently
    of each other, and is too narrow for a handful: 20 or more are needed for it to hold nearly as often as it says.

    For `MANY` values that hardly repeat, the quantiles of the resampled means come from their mean, variance and
    skewness (Cornish and Fisher 1938; Hall 1992), closer than resampling gets. NaNs for no values, or a NaN among them.
    """
    count = len(values)
    if not count:
        return Interval(float("nan"), float("nan"), float("nan"))
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) == 1:
        return Interval(*[float(distinct[0])] * 3)
    tails = np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    rng = np.random.default_rng(seed)
    if _REPEATS * len(distinct) <= count:  # the same in less time: how often each distinct value is drawn
        means = _in_blocks(
            lambda b: rng.multinomial(count, counts / count, b) @ distinct / count, resamples, len(distinct)
        )
        low, high = np.quantile(means, tails)
    elif count < MANY:
        means = _in_blocks(lambda b: values[rng.integers(0, count, (b, count))].mean(axis=1), resamples, count)
        low, high = np.quantile(means, tails)
    else:
        low, high = _expanded(values)
    return Interval(float(values.mean()), float(low), float(high))


def share(right: Floats) -> Interval:
    """Return the mean of zeros and ones (q,) and its 95 % interval by the score method (Wilson 1927).

    Unlike the bootstrap's it holds for a few texts, and for texts that are all right, too. NaNs for no values.
    """
    count = len(right)
    if not count:
        return Interval(float("nan"), float("nan"), float("nan"))
    mean = float(right.mean())
    low, high = wilson(mean, count)
    return Interval(mean, min(mean, max(0.0, low)), max(mean, min(1.0, high)))


def wilson(mean: float, count: float) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a share of `count` by the score method (Wilson 1927)."""
    scale = 1 + Z**2 / count
    middle = (mean + Z**2 / (2 * count)) / scale
    half = Z * (max(0.0, mean * (1 - mean)) / count + Z**2 / (4 * count**2)) ** 0.5 / scale
    return middle - half, middle + half


def _in_blocks(drawn: Callable[[int], Floats], resamples: int, width: int) -> Floats:
    """Return the means that `drawn` gives of so many resamples, of which each takes `width` numbers at a time."""
    block = max(1, _AT_ONCE // width)
    return np.concatenate([drawn(min(block, resamples - start)) for start in range(0, resamples, block)])


def _expanded(values: Floats) -> tuple[float, float]:
    mean, spread = float(values.mean()), float(values.std())
    root = len(values) ** 0.5
    skewness = float((((values - mean) / spread) ** 3).mean())
    shift = skewness * (Z**2 - 1) / (6 * root)
    return mean + (shift - Z) * spread / root, mean + (shift + Z) * spread / root


# --- The same draws for every model ----------------------------------------------------------------


def draws(items: int, seed: int = 0) -> Iterator[Counts]:
    """Yield how often each item is drawn, int64 (b, items), in blocks: the same for the same number and seed.

    `RESAMPLES` draws in all, fewer (at least 1,000) above 4,000 items, where a mean is so near to normal that its
    quantiles need less.
    """
    rng = np.random.default_rng(seed)
    times = int(np.clip(_DRAWS // items, _LEAST, RESAMPLES))
    block = max(1, _AT_ONCE // items)
    for start in range(0, times, block):
        size = min(block, times - start)
        drawn = rng.integers(0, items, (size, items), dtype=np.int32) + np.arange(size)[:, None] * items
        yield np.bincount(drawn.ravel(), minlength=size * items).reshape(size, items)


def resampled_means(values: Floats, seed: int = 0) -> Floats:
    """Return the mean of each row of `values` (v, m) under the bootstrap's draws of its items, float64 (v, b)."""
    items = values.shape[1]
    drawn = [counts.astype(np.float64) @ values.T / items for counts in draws(items, seed)]
    return np.ascontiguousarray(np.concatenate(drawn).T)


def percentiles(mean: float, drawn: Floats, comparisons: int = 1) -> Interval:
    """Return the 95 % percentile interval of what was drawn (b,), around `mean`; NaNs don't count.

    With `comparisons` above 1 it is widened as Bonferroni asks of that many, by the ratio of the normal quantiles: the
    draws are too few to reach that far out.
    """
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    wider = NormalDist().inv_cdf(tail / comparisons) / NormalDist().inv_cdf(tail)
    return Interval(mean, mean + wider * (float(low) - mean), mean + wider * (float(high) - mean))


def spearman(first: Floats, second: Floats, counts: Counts) -> Floats:
    """Return Spearman's rho of items taken `counts` times each, int (b, p); float64 (b,), NaN where it's undefined."""
    middle = (counts.sum(axis=1, keepdims=True) + 1) / 2
    a, b = (_ranks(values, counts) - middle for values in (first, second))
    spread = (counts * a * a).sum(axis=1) * (counts * b * b).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((counts * a * b).sum(axis=1) / np.sqrt(spread))


def _ranks(values: Floats, counts: Counts) -> Floats:
    """Return the rank of each item among those taken, equal ones sharing the middle of theirs; float64 (b, p)."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-np.inf))
    together = np.add.reduceat(counts[:, order], starts, axis=1)
    middles = np.cumsum(together, axis=1) - (together - 1) / 2
    places = np.empty(len(values), dtype=np.intp)
    places[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(values)))
    return np.asarray(middles[:, places])
