"""Where a classifier errs more often than elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.check.findings.labels import Doubts
from embedlab.check.findings.segments import segments
from embedlab.evaluate.labels import Labelled
from embedlab.space import Clusters
from embedlab.stats.intervals import share


def judged(wrong: NDArray[np.bool_], rows: NDArray[np.intp] | None = None) -> Doubts:
    rows = np.arange(len(wrong)) if rows is None else rows
    of = Labelled(rows, np.zeros(len(wrong), dtype=np.intp), ("a", "b"), ())
    return Doubts(of, (), np.zeros(int(rows.max()) + 1), wrong, 0)


def groups(*sizes: int) -> Clusters:
    return Clusters(np.repeat(np.arange(len(sizes)), sizes).astype(np.int32), 1.0, 0, "space")


def test_the_worst_first_with_their_share_and_that_of_the_rest() -> None:
    wrong = np.zeros(300, dtype=bool)
    wrong[:30] = True  # all of cluster 2 but in another order: 30 of 100 in cluster 0
    wrong[200:260] = True  # 60 of 100 in cluster 2
    found = segments(judged(wrong), groups(100, 100, 100))
    assert [(one.cluster, one.errors.mean) for one in found] == [(2, 0.6)]
    assert found[0].rows.tolist() == list(range(200, 300))
    assert found[0].elsewhere == pytest.approx(30 / 200)
    assert found[0].errors == share(wrong[200:].astype(float))


def test_chance_makes_no_segments() -> None:
    """Of 100 corpora without a weak place about one in twenty may show one."""
    rng = np.random.default_rng(0)
    false = [len(segments(judged(rng.random(400) < 0.2), groups(*[40] * 10))) > 0 for _ in range(100)]
    assert sum(false) <= 8


def test_a_weak_place_among_many_is_still_found() -> None:
    rng = np.random.default_rng(0)
    wrong = rng.random(2_000) < 0.05
    wrong[:40] = rng.random(40) < 0.5
    found = segments(judged(wrong), groups(*[40] * 50))
    assert [one.cluster for one in found] == [0]


def test_small_clusters_and_texts_outside_are_not_tested() -> None:
    wrong = np.zeros(60, dtype=bool)
    wrong[:9] = True
    assert segments(judged(wrong), groups(9, 51)) == ()
    outside = Clusters(np.array([-1] * 20 + [0] * 40, dtype=np.int32), 1.0, 0, "space")
    wrong[:20] = True
    assert segments(judged(wrong), outside) == ()


def test_only_the_texts_that_count() -> None:
    rows = np.arange(0, 100, 2)
    wrong = np.zeros(50, dtype=bool)
    wrong[:20] = True
    found = segments(judged(wrong, rows), groups(50, 50))
    assert [(one.cluster, one.rows.tolist()) for one in found] == [(0, list(range(0, 50, 2)))]


def test_nothing_wrong_and_all_wrong() -> None:
    assert segments(judged(np.zeros(40, dtype=bool)), groups(20, 20)) == ()
    assert segments(judged(np.ones(40, dtype=bool)), groups(20, 20)) == ()
    assert segments(judged(np.ones(40, dtype=bool)), groups(40)) == ()
