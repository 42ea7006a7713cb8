"""What became of some texts from one model to another."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embedlab.compare.movement import farthest, moved_together, whereabouts
from embedlab.corpus import Corpus
from embedlab.space import Clusters, Layout
from embedlab.space.embedding import embed
from embedlab.space.neighbours import neighbours
from tests.conftest import LetterEncoder


def layout(positions: list[list[float]]) -> Layout:
    return Layout(np.array(positions, dtype=np.float32), "UMAP", (), "space")


def test_where_texts_lie_and_whether_they_keep_to_themselves() -> None:
    space = embed(Corpus.of(["aab", "aaab", "aaaab", "ccd", "cccd", "ccccd"]), LetterEncoder())
    clusters = Clusters(np.array([1, 1, 1, 0, 0, 0], dtype=np.int32), 1.0, 0, space.fingerprint)
    found = whereabouts(neighbours(space), clusters, np.array([0, 1, 2, 3]), k=2)
    assert found.together == pytest.approx(6 / 8)  # the fourth text's two nearest are not among them
    assert found.expected == pytest.approx(3 / 5)
    assert found.clusters == ((1, 3), (0, 1))


def test_a_single_text_has_nobody_beside_it() -> None:
    space = embed(Corpus.of(["a"]), LetterEncoder())
    clusters = Clusters(np.zeros(1, dtype=np.int32), 1.0, 0, space.fingerprint)
    assert math.isnan(whereabouts(neighbours(space), clusters, np.array([0])).together)


def test_those_that_went_farthest_come_first_and_copies_once() -> None:
    first = layout([[0, 0], [1, 0], [1, 0], [5, 5], [6, 6]])
    second = layout([[0, 1], [1, 3], [1, 3], [5, 5], [6, 4]])
    assert farthest(first, second, 3).tolist() == [1, 4, 0]


# --- Clusters ---


def clusters_of(labels: list[int]) -> Clusters:
    return Clusters(np.array(labels, dtype=np.int32), 1.0, 0, "space")


def test_texts_that_left_their_cluster_together() -> None:
    """Of cluster 0 six go to the cluster that holds 1 from now on, and two elsewhere; cluster 2 is only renamed."""
    before = [0] * 20 + [1] * 10 + [2] * 8
    after = [0] * 12 + [2] * 6 + [1] * 2 + [2] * 10 + [1] * 8
    (moved,) = moved_together(clusters_of(before), clusters_of(after))
    assert (moved.name_first, moved.name_second, moved.count, moved.share) == (0, 2, 6, 0.3)
    assert moved.chance == pytest.approx(20 * 16 / 38)
    assert moved.rows.tolist() == list(range(12, 18))
    assert moved_together(clusters_of(before), clusters_of(after), least=7) == ()


def test_a_merged_cluster_has_moved_as_a_whole() -> None:
    before = [0] * 20 + [1] * 10 + [2] * 30
    (moved,) = moved_together(clusters_of(before), clusters_of([0] * 30 + [1] * 30))
    assert (moved.name_first, moved.name_second, moved.share) == (1, 0, 1.0)


def test_the_same_clusters_under_other_numbers_have_not_moved() -> None:
    labels = np.random.default_rng(0).integers(0, 6, 300)
    assert moved_together(clusters_of(labels.tolist()), clusters_of(((labels + 2) % 6).tolist())) == ()


def test_groups_of_unrelated_clusters_are_as_large_as_chance_makes_them() -> None:
    rng = np.random.default_rng(0)
    found = moved_together(*(clusters_of(rng.integers(0, 10, 2_000).tolist()) for _ in range(2)))
    assert len(found) == 90
    assert sum(group.count for group in found) == pytest.approx(sum(group.chance for group in found), rel=0.05)
    assert [group.count for group in found] == sorted((group.count for group in found), reverse=True)


def test_copies_and_texts_without_a_cluster_make_no_group() -> None:
    before, after = [0] * 10 + [1] * 10 + [0] * 9, [0] * 10 + [1] * 10 + [1] * 9
    assert moved_together(clusters_of(before), clusters_of(after))[0].count == 9
    assert moved_together(clusters_of(before), clusters_of(after), among=np.arange(21)) == ()
    assert moved_together(clusters_of(before), clusters_of(after), least=0)[0].count == 9
    assert moved_together(clusters_of([-1] * 9), clusters_of([0] * 9)) == ()
    assert moved_together(clusters_of([0] * 9), clusters_of([-1] * 9)) == ()
