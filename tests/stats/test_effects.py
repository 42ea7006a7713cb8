"""How large a difference is: near the truth, none where there is none, and at least what its lower end says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.stats.effects import FOLDS, Gap, dealt, of_categories, of_numbers, tables
from embedlab.stats.intervals import Interval

Floats = NDArray[np.float64]


def variation(before: NDArray[np.intp], after: NDArray[np.intp]) -> Floats:
    """The total variation of each column of two tables of counts."""
    return np.asarray(np.abs(after / after.sum(axis=0) - before / before.sum(axis=0)).sum(axis=0) / 2)


def compared(before: Floats, after: Floats, texts: int, seed: int) -> tuple[float, float, Interval]:
    """Draw texts from two mixes; return the total variation as counted, by chance, and without that."""
    rng = np.random.default_rng(seed)
    codes = np.concatenate([rng.choice(len(before), texts, p=mix) for mix in (before, after)])
    inside = np.repeat([False, True], texts)
    counts = [np.bincount(codes[side], minlength=len(before))[:, None] for side in (~inside, inside)]
    total = (counts[0] + counts[1])[:, 0]
    drawn = rng.multivariate_hypergeometric(total, texts, 199).T
    shuffled = variation(total[:, None] - drawn, drawn)
    return float(variation(*counts)[0]), float(shuffled.mean()), of_categories(tables(codes, inside, seed), shuffled)


def mixes(count: int, shift: float) -> tuple[Floats, Floats]:
    """Two mixes of so many categories: one of them grew by `shift`, and all others shrank in proportion."""
    before = np.full(count, 1 / count)
    after = before * (1 - shift / (1 - before[0]))
    after[0] = before[0] + shift
    return before, after


@pytest.mark.parametrize("count", [2, 20, 77, 150])
def test_random_halves_differ_by_nothing(count: int) -> None:
    before, after = mixes(count, 0)
    found = [compared(before, after, 500, seed) for seed in range(20)]
    counted, by_chance = np.mean([one[:2] for one in found], axis=0)
    assert counted == pytest.approx(by_chance, rel=0.3)
    assert np.mean([one.mean for *_, one in found]) < 0.2 * max(counted, 0.1)
    assert sum(one.low > 0 for *_, one in found) <= 3
    assert max(one.low for *_, one in found) < 0.03


@pytest.mark.parametrize("count", [2, 20, 77, 150])
@pytest.mark.parametrize("shift", [0.1, 0.2])
def test_what_differs_is_found_near_the_truth_and_inside_the_interval(count: int, shift: float) -> None:
    before, after = mixes(count, shift)
    found = [compared(before, after, 1500, seed) for seed in range(20)]
    effects = [one for *_, one in found]
    assert np.mean([one.mean for one in effects]) == pytest.approx(shift, abs=0.02)
    assert sum(one.low <= shift <= one.high for one in effects) >= 18
    assert all(one.low <= one.mean <= one.high for one in effects)
    assert np.mean([one.low for one in effects]) > shift / 2
    if count == 77:
        assert np.mean([counted for counted, *_ in found]) > shift + 0.03  # what was shown before


def test_two_categories_that_clearly_differ_lose_nothing() -> None:
    codes = np.repeat([0, 1, 0, 1], [80, 20, 20, 80])
    inside = np.repeat([False, True], 100)
    found = of_categories(tables(codes, inside, 0), np.linspace(0, 0.15, 99))
    assert found.mean == pytest.approx(0.6, abs=1e-6)
    # Wilson's intervals of the shares are 0.7112 to 0.8666 and 0.1334 to 0.2888
    assert found.low == pytest.approx(0.6 - np.hypot(0.0888, 0.0888), abs=1e-4)
    assert found.high == pytest.approx(0.6 + np.hypot(0.0666, 0.0666), abs=1e-3)


def test_what_half_of_the_shufflings_reach_may_be_nothing() -> None:
    codes = np.repeat([0, 1, 0, 1], [55, 45, 45, 55])
    inside = np.repeat([False, True], 100)
    assert of_categories(tables(codes, inside, 0), np.linspace(0, 0.2, 99)).low == 0
    assert of_numbers(tables(codes, inside, 0), np.linspace(0, 0.2, 99)).low == 0


def test_numbers_differ_by_the_gap_where_it_is_largest() -> None:
    codes = np.repeat([0, 1, 2, 0, 1, 2], [60, 30, 10, 20, 70, 10])  # of 100 each: 0.6 against 0.2, then 0.9 and 0.9
    inside = np.repeat([False, True], 100)
    found = of_numbers(tables(codes, inside, 0), np.linspace(0, 0.15, 99))
    assert found.mean == pytest.approx(0.4)
    gap = Gap(0.2, 0.6, (100, 100))
    assert (found.low, found.high) == (pytest.approx(gap.low), pytest.approx(gap.high))


def test_random_numbers_differ_by_nothing_and_shifted_ones_by_their_shift() -> None:
    inside = np.repeat([False, True], 500)
    chance = np.abs(np.random.default_rng(0).normal(0.05, 0.015, 199))
    effects: dict[float, list[Interval]] = {0.0: [], 0.2: []}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for shift, made in effects.items():
            values = rng.random(1000)
            moved = inside & (values < shift)  # the lowest become the highest
            codes = (np.where(moved, 1 - values / 2, values) * 100).astype(np.intp)
            made.append(of_numbers(tables(codes, inside, seed), chance))
    assert np.mean([one.mean for one in effects[0.0]]) < 0.03
    assert sum(one.low > 0 for one in effects[0.0]) <= 3
    assert np.mean([one.mean for one in effects[0.2]]) == pytest.approx(0.2, abs=0.02)
    assert sum(one.low <= 0.2 <= one.high for one in effects[0.2]) >= 18


def test_the_interval_of_a_gap_is_newcombes() -> None:
    found = Gap(48 / 80, 56 / 70, (80, 70))  # his example (a), method 10
    assert found.mean == pytest.approx(0.2)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_each_side_is_dealt_evenly() -> None:
    inside = np.arange(53) % 3 == 0
    for fold in dealt(inside, 1):
        for side in (inside, ~inside):
            sizes = np.bincount(fold[side], minlength=FOLDS)
            assert sizes.max() - sizes.min() <= 1
