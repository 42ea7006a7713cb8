from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from embedlab.base.progress import Progress, Stopped
from embedlab.stats.two_samples import chance, delong, differing, distance, holm, largest, shuffles, smallest


def drawn(seed: int, texts: int = 60, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Correlated coordinates, a third of the texts after, moved by `shift` along the first axis."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(texts, 6)) @ rng.normal(size=(6, 8))
    side = rng.permutation(texts) < texts // 3
    vectors[side, 0] += shift
    return vectors.astype(np.float32), side


def test_the_energy_of_two_heaps_is_their_distance() -> None:
    vectors = np.array([[0.0], [0.0], [1.0], [1.0]], dtype=np.float32)
    side = np.array([False, False, True, True])
    found = differing(vectors, side, np.array([0, 0, 1, 1]), permutations=9)
    assert found.energy.observed == pytest.approx(1.0)  # 2 E|X-Y| = 2, nothing within, over 2 E|X-Y|


def test_the_distance_without_what_sizes_add_is_by_hand() -> None:
    vectors = np.array([[0.0], [2.0], [1.0], [3.0]], dtype=np.float32)
    side = np.array([False, False, True, True])
    # between: 1, 3, 1, 1 (mean 1.5); within, over pairs of different texts: 2 and 2
    found = distance(vectors, side, shuffles(side, 4, 0))
    assert found[0] == pytest.approx((2 * 1.5 - 2 - 2) / 3)


def test_a_shift_is_found_and_the_smallest_p_is_one_in_all_shufflings() -> None:
    vectors, side = drawn(0, shift=30.0)
    found = differing(vectors, side, np.arange(60), permutations=99)
    assert found.auc.mean > 0.95
    assert found.classifier.p == found.energy.p == found.p == 0.01
    assert found.scores[side].mean() > found.scores[~side].mean()
    assert not found.scores.flags.writeable


def test_a_difference_of_spread_is_seen_by_the_energy_test_alone() -> None:
    vectors, side = drawn(1, 200)
    vectors -= vectors.mean(axis=0)
    vectors[side] *= 6
    found = differing(vectors, side, np.arange(200), permutations=199)
    assert found.energy.p <= 0.01
    assert found.p <= 0.02
    assert abs(found.auc.mean - 0.5) < 0.2


def test_equal_sides_are_called_different_one_time_in_twenty() -> None:
    values = [differing(*drawn(seed), np.arange(60), permutations=99, seed=seed).p for seed in range(200)]
    assert 2 <= sum(value <= 0.05 for value in values) <= 20
    assert 0.4 < np.mean(values) < 0.6


def test_copies_in_both_sides_tell_nothing() -> None:
    vectors, _ = drawn(2, 40)
    twice = np.concatenate([vectors, vectors])
    side = np.repeat([False, True], 40)
    found = differing(twice, side, np.tile(np.arange(40), 2), permutations=99)
    assert found.auc.mean == pytest.approx(0.5, abs=0.01)
    assert found.p > 0.3


def test_vectors_that_are_all_the_same_differ_in_nothing() -> None:
    side = np.arange(50) < 20
    found = differing(np.ones((50, 4), dtype=np.float32), side, np.arange(50), permutations=49)
    assert (found.auc.mean, found.p, found.energy.p) == (0.5, 1.0, 1.0)


def test_many_dimensions_and_few_texts_work() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 900)).astype(np.float32)
    side = np.arange(50) < 25
    vectors[side] += 0.6
    assert differing(vectors, side, np.arange(50), permutations=99).p == 0.01


def test_the_same_seed_gives_the_same_result_and_another_hardly_differs() -> None:
    vectors, side = drawn(3, shift=2.0)
    first, again, other = (differing(vectors, side, np.arange(60), permutations=199, seed=seed) for seed in (1, 1, 2))
    assert first.p == again.p
    assert (first.energy.shuffled == again.energy.shuffled).all()
    assert abs(first.classifier.p - other.classifier.p) < 0.1


def test_it_can_be_stopped() -> None:
    def stop(progress: Progress) -> None:
        if progress.done:
            raise Stopped

    vectors, side = drawn(4)
    with pytest.raises(Stopped):
        differing(vectors, side, np.arange(60), permutations=99, report=stop)


def test_the_area_is_that_of_the_roc_curve() -> None:
    rng = np.random.default_rng(0)
    scores, side = rng.normal(size=80).round(1), np.arange(80) % 3 == 0
    found = delong(scores, side)
    assert found.mean == pytest.approx(roc_auc_score(side, scores))
    assert found.low < found.mean < found.high


def test_shuffles_begin_with_the_sides_as_they_are_and_keep_their_sizes() -> None:
    side = np.array([True, False, False, True, False])
    drawn_ = np.concatenate(list(shuffles(side, 20, 0)), axis=1)
    assert drawn_.shape == (5, 21)
    assert (drawn_[:, 0] == side).all()
    assert (drawn_.sum(axis=0) == 2).all()
    assert len({tuple(column) for column in drawn_.T.tolist()}) > 5


def test_p_values_are_by_hand() -> None:
    assert chance(np.array([3.0, 1.0, 3.0, 5.0])).p == 0.75  # two of three reach as far: (2 + 1) / 4
    assert holm(np.array([0.01, 0.04, 0.03])).tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert smallest(np.array([[9.0, 1, 2, 3], [0, 1, 2, 3]])) == 0.5  # one p of 1/4, and the last shuffling has it too


def test_many_statistics_together_name_one_in_one_of_twenty_runs() -> None:
    rng = np.random.default_rng(0)
    named = [(largest(np.abs(rng.normal(size=(30, 200)))) <= 0.05).any() for _ in range(200)]
    assert 2 <= sum(named) <= 20
    planted = np.abs(rng.normal(size=(30, 200)))
    planted[7, 0] = 9
    assert np.flatnonzero(largest(planted) <= 0.05).tolist() == [7]
    assert largest(np.ones((2, 50))).tolist() == [1.0, 1.0]


def test_holm_and_largest_take_nothing() -> None:
    assert not len(holm(np.empty(0)))
    assert not len(largest(np.empty((0, 10))))
