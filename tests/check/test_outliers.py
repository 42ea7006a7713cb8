"""Texts that lie apart, by hand: on a circle, and against the definitions written out."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.check.base import usual
from embedlab.check.duplicates import Duplicates, duplicates
from embedlab.check.findings.outliers import modified_z, outliers
from embedlab.corpus import Corpus
from tests.compare.spaces import near, on_circle, space_of


def test_distance_is_the_mean_to_the_nearest() -> None:
    space = on_circle([0, 90, 180])
    found = outliers(space, near(space))
    np.testing.assert_allclose(found.distance, [(1 + 2) / 2, 1, (1 + 2) / 2], atol=1e-6)
    assert found.order.tolist() == [0, 2, 1]
    assert len(found.flagged) == 0


def test_the_local_outlier_factor_is_that_of_breunig() -> None:
    """Written out from the paper, slowly, for 40 texts and k = 20."""
    space = space_of(np.random.default_rng(0).normal(size=(40, 5)))
    graph = near(space)
    away = 1.0 - space.vectors.astype(np.float64) @ space.vectors.astype(np.float64).T
    np.fill_diagonal(away, np.inf)
    k = 20
    nearest = np.argsort(away, axis=1)[:, :k]
    k_distance = np.sort(away, axis=1)[:, k - 1]
    density = [1 / np.mean([max(k_distance[o], away[p, o]) for o in nearest[p]]) for p in range(40)]
    factor = [np.mean([density[o] for o in nearest[p]]) / density[p] for p in range(40)]
    np.testing.assert_allclose(outliers(space, graph).density, factor, rtol=1e-4)


def test_one_text_far_from_all_others() -> None:
    blob = np.array([5, 0, 0, 0, 0]) + np.random.default_rng(0).normal(size=(200, 5)) / 4
    space = space_of(np.concatenate([blob, [[0, 0, 0, 0, 1]]]))
    found = outliers(space, near(space))
    assert found.order[0] == found.flagged[0] == 200
    assert len(found.flagged) < 20
    assert found.density[200] > 10
    assert np.median(found.density) == pytest.approx(1, abs=0.2)


def test_copies_count_once_and_share_their_value() -> None:
    alone = on_circle([*np.linspace(0, 20, 60), 120])
    texts = [*alone.corpus.texts, alone.corpus.texts[60], alone.corpus.texts[60]]
    doubled = on_circle([*np.linspace(0, 20, 60), 120, 120, 120], Corpus.of(texts))
    first, second = outliers(alone, near(alone)), outliers(doubled, near(doubled))
    assert second.order.tolist() == first.order.tolist()
    np.testing.assert_allclose(second.distance, [*first.distance, *[first.distance[60]] * 2], atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3, 20])
def test_few_texts_have_no_outliers(count: int) -> None:
    space = on_circle([*np.linspace(0, 5, count - 1), 170])
    found = outliers(space, near(space))
    assert found.flagged.tolist() == []
    assert len(found.order) == count
    assert np.isfinite(found.distance).all()
    assert np.isfinite(found.density).all()


def test_modified_z_by_hand() -> None:
    """Median 3, deviations 2 1 0 1 97, their median 1."""
    np.testing.assert_allclose(modified_z(np.array([1.0, 2, 3, 4, 100])), 0.6745 * np.array([-2, -1, 0, 1, 97]))
    np.testing.assert_allclose(modified_z(np.array([0.0] * 9 + [1])), [0] * 9 + [1 / (0.1 * 1.2533)])
    assert modified_z(np.zeros(5)).tolist() == [0] * 5
    assert len(modified_z(np.zeros(0))) == 0


def test_a_tenth_of_the_values_is_not_far() -> None:
    """Where more than one in twenty would be, the deviation that one in twenty exceeds stands for 1.96."""
    values = np.array([0.0] * 88 + [1.0] * 11 + [9.0])
    found = modified_z(values)
    assert found[99] == pytest.approx(1.96 * 9 / np.quantile(values, 0.95))
    assert np.flatnonzero(found > 3.5).tolist() == [99]
    assert (modified_z(np.array([0.0] * 90 + [1.0] * 10)) > 3.5).sum() == 10  # ten are few enough to be looked at


@pytest.mark.parametrize(
    ("count", "of", "expected"), [(10, 20, False), (11, 20, True), (50, 1000, False), (51, 1000, True)]
)
def test_what_is_usual(count: int, of: int, expected: bool) -> None:
    assert usual(count, of) is expected


# --- Texts that the model can't tell apart ---


def test_texts_with_one_vector_that_read_differently() -> None:
    texts = ["สวัสดี", "ลาก่อน", "how do I pay", "how do I pay?", "something else", "pay do I how", "🙂", "🙃"]
    angles = [0, 0, 40, 40, 80, 40, 120, 120]
    space = on_circle(angles, Corpus.of(texts))
    graph = near(space)
    found = outliers(space, graph, duplicates(space, graph))
    assert found.blurred.tolist() == [0, 1, 6, 7]
    assert outliers(space, graph).blurred.tolist() == []


def test_a_near_duplicate_does_not_hide_that_another_is_blurred() -> None:
    """0 and 1 read alike; 2 has their vector too."""
    space = on_circle([0, 0, 0, 90])
    repeated = Duplicates((), np.array([[0, 1]]), np.array([0.95]))
    assert outliers(space, near(space), repeated).blurred.tolist() == [0, 1, 2]


def test_all_texts_share_one_vector() -> None:
    space = space_of(np.ones((50, 4)))
    found = outliers(space, near(space), Duplicates((), np.empty((0, 2), dtype=np.intp), np.empty(0)))
    assert found.blurred.tolist() == list(range(50))
    assert found.flagged.tolist() == []
    assert np.isfinite(found.density).all()
