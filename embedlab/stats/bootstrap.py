"""The bootstrap with the same draws for every model, so that two of them can be subtracted; and Spearman under it."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats
from embedlab.stats.intervals import LEVEL, RESAMPLES, Interval

_LEAST = 1_000
_DRAWS = 40_000_000
_AT_ONCE = 2_000_000

Counts = NDArray[np.int64]


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
