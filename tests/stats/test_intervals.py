"""Bootstrap intervals: the quick ways give what resampling gives, and they cover what they say."""

from __future__ import annotations

import math
import time
import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.stats.intervals import MANY, interval


def resampled(values: NDArray[np.float64], seed: int = 0, resamples: int = 4_000) -> tuple[float, float]:
    """Return the percentile interval, one resample after the other."""
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


@pytest.mark.parametrize("repeats", [True, False])
def test_the_quick_ways_are_those_of_plain_resampling(repeats: bool) -> None:
    """By counts where values repeat, by expansion where they don't, to within what resampling itself is sure of."""
    skewed = np.random.default_rng(0).exponential(size=MANY)
    values = np.floor(skewed) if repeats else skewed
    found = interval(values)
    low, high = resampled(values)
    assert found.mean == values.mean()
    width = high - low
    assert found.low == pytest.approx(low, abs=0.03 * width)
    assert found.high == pytest.approx(high, abs=0.03 * width)
    assert found == interval(values)


def test_the_skewness_of_many_values_counts() -> None:
    """Of a mean with a long tail above, the upper end is farther away than the lower one, as resampling says."""
    values = np.random.default_rng(1).lognormal(sigma=2, size=MANY)
    found = interval(values)
    low, high = resampled(values)
    lean = (found.high - found.mean) / (found.mean - found.low)
    assert lean > 1.1
    assert lean == pytest.approx((high - values.mean()) / (values.mean() - low), rel=0.08)


def test_the_intervals_of_10_000_texts_take_no_time() -> None:
    rng = np.random.default_rng(0)
    for values in (rng.integers(0, 11, 10_000) / 10, rng.normal(size=10_000)):
        start = time.perf_counter()
        interval(values)
        assert time.perf_counter() - start < 0.25


def test_a_nan_is_not_hidden_and_not_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for values in ([0.5, 1.0], [0.5, 1.0] * 20, np.random.default_rng(0).random(MANY).tolist()):
            found = interval(np.array([*values, math.nan]))
            assert np.isnan([found.mean, found.low, found.high]).all()
            assert not found.apart_from_zero


def test_one_value_is_a_point() -> None:
    assert (interval(np.array([0.3])).low, interval(np.array([0.3])).high) == (0.3, 0.3)


REPETITIONS, ITEMS, DIFFERENCE = 2_000, 200, 0.05


def test_intervals_of_a_paired_difference_cover_it_as_often_as_they_say() -> None:
    """Of 2,000 drawn samples of 200 items, 95 % intervals must hold the true difference in 93 to 97 of 100.

    Each item is as hard for one model as for the other, which has ten tries at it, 5 points more likely to succeed:
    values repeat, and both models' values go together. With a coverage of 0.95 the binomial error of the count is 0.5
    points (one standard error): 93 and 97 lie four away.
    """
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(REPETITIONS):
        ease = rng.beta(2, 2, ITEMS) * (1 - DIFFERENCE)
        first = rng.binomial(10, ease + DIFFERENCE) / 10
        second = rng.binomial(10, ease) / 10
        found = interval(first - second, resamples=1_000)
        covered += found.low <= DIFFERENCE <= found.high
    assert 0.93 <= covered / REPETITIONS <= 0.97
