"""What chance gives, against all orders of the labels."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from embedlab.stats.permutation import by_shuffling


def mean_recall(named: np.ndarray, answers: np.ndarray) -> float:
    return float(np.mean([(named[answers == one] == one).mean() for one in np.unique(answers)]))


@pytest.mark.parametrize("named", [[0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0], [2, 0, 0, 1, 1, 1]])
def test_it_is_the_share_of_all_orders_that_are_recalled_as_well(named: list[int]) -> None:
    answers = np.array([0, 0, 0, 0, 1, 1])
    observed = mean_recall(np.array(named), answers)
    orders = [mean_recall(np.array(named), np.array(one)) for one in permutations(answers.tolist())]
    exact = np.mean([value >= observed - 1e-9 for value in orders])
    assert by_shuffling(np.array(named), answers) == pytest.approx(exact, abs=0.04)


def test_what_was_named_by_nothing_is_no_better_than_chance() -> None:
    assert by_shuffling(np.full(8, -1), np.array([0, 1] * 4)) == 1
