"""What became of some texts from one model to another."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embedlab.compare.movement import farthest, whereabouts
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
