"""Neighbours: exact, against brute force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.progress import Progress, Stopped
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space import Neighbours, Space
from embedlab.space.embedding import embed
from embedlab.space.neighbours import BLOCK, DEFAULT_K, neighbours


def space_of(vectors: NDArray[Any], texts: Sequence[str] | None = None) -> Space:
    """Return a space with these vectors, scaled to length 1."""
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    corpus = Corpus.of(texts or [str(number) for number in range(len(unit))])
    card = EncoderInfo("given", "", unit.shape[1], 8, "numpy")
    return Space(corpus, card, frozen(unit), frozen(np.zeros(len(unit), dtype=bool)))


def halves(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Return vectors with four entries of ±1/2 among 12: their cosines are exact and many are equal."""
    rng = np.random.default_rng(seed)
    places = rng.random((count, 12)).argsort(axis=1)[:, :4]
    vectors = np.zeros((count, 12), dtype=np.float32)
    vectors[np.arange(count)[:, None], places] = rng.choice([-0.5, 0.5], (count, 4))
    return vectors


def brute_force(vectors: NDArray[np.float32], k: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the k nearest by sorting everything; equal cosines by where their vector first stands, then by index."""
    cosines = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    _, first, place = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    by_vector = np.argsort(first[place], kind="stable")
    order = by_vector[np.argsort(-cosines[:, by_vector], axis=1, kind="stable")[:, :k]]
    return order, np.take_along_axis(cosines, order, axis=1)


def check_shape(found: Neighbours, count: int, k: int) -> None:
    assert found.k == k
    assert found.indices.shape == found.cosines.shape == (count, k)
    assert found.indices.dtype == np.int32
    assert found.cosines.dtype == np.float32
    assert not found.indices.flags.writeable
    assert not found.cosines.flags.writeable


@pytest.mark.parametrize("k", [1, 7, 30])
@pytest.mark.parametrize("count", [40, BLOCK, BLOCK + 300])
def test_equal_to_brute_force_with_ties_by_index(count: int, k: int) -> None:
    vectors = halves(count)
    found = neighbours(space_of(vectors), k)
    indices, cosines = brute_force(vectors, k)
    check_shape(found, count, k)
    assert np.array_equal(found.indices, indices)
    assert np.array_equal(found.cosines, cosines)


def test_equal_to_brute_force_on_random_vectors() -> None:
    space = space_of(np.random.default_rng(1).standard_normal((600, 32)))
    found = neighbours(space)
    indices, cosines = brute_force(space.vectors, DEFAULT_K)
    assert found.k == DEFAULT_K
    assert (found.indices == indices).mean() > 0.999, "but for cosines that differ in the last bit"
    assert np.allclose(found.cosines, cosines, atol=1e-6)


def test_a_text_is_never_its_own_neighbour_even_among_its_likes() -> None:
    found = neighbours(space_of(np.ones((50, 4))), 30)
    for row in range(50):
        assert found.indices[row].tolist() == [other for other in range(50) if other != row][:30]
    assert (found.cosines <= 1).all()
    assert found.cosines == pytest.approx(np.ones((50, 30)))


def test_cosines_stay_within_one() -> None:
    """A length of 1 is one within rounding; what the products gain by it is cut off."""
    space = space_of(np.array([[1, 0], [1, 0], [-1, 0]]))
    longer = Space(space.corpus, space.card, space.vectors * np.float32(1 + 1e-6), space.over_window)
    found = neighbours(longer)
    assert found.cosines.tolist() == [[1, -1], [1, -1], [-1, -1]]


def test_by_hand(letters: Any) -> None:
    found = neighbours(embed(Corpus.of(["aab", "a", "b", "c", "ab"]), letters))
    check_shape(found, 5, 4)
    assert found.indices[0].tolist() == [4, 1, 2, 3]
    assert found.cosines[0].tolist() == pytest.approx([3 / 10**0.5, 2 / 5**0.5, 1 / 5**0.5, 0])
    assert found.indices[3].tolist() == [0, 1, 2, 4], "all equally far: in order"


def test_copies_come_first_then_neighbours_with_all_their_copies(letters: Any) -> None:
    texts = ["ab", "a", "c", "ab", "a", "ab", "aab"]
    found = neighbours(embed(Corpus.of(texts), letters), 5)
    check_shape(found, 7, 5)
    assert found.indices[3].tolist() == [0, 5, 6, 1, 4]
    assert found.cosines[3].tolist() == pytest.approx([1, 1, 3 / 10**0.5, 0.5**0.5, 0.5**0.5])
    assert found.indices[2].tolist() == [0, 3, 5, 1, 4]
    assert found.indices[4].tolist() == [1, 6, 0, 3, 5]


def test_the_distinct_texts_have_neighbours_of_their_own(letters: Any) -> None:
    space = embed(Corpus.of(["ab", "a", "c", "ab", "a", "ab", "aab"]), letters)
    distinct = neighbours(space, 5).distinct
    assert distinct.rows.tolist() == [0, 1, 2, 6]
    assert distinct.place.tolist() == [0, 1, 2, 0, 1, 0, 3]
    assert distinct.indices[0].tolist() == [3, 1, 2]
    assert len(distinct) == 4


def test_repeats_agree_with_brute_force() -> None:
    """Every text stands there two or three times; equal cosines may come in any order."""
    rng = np.random.default_rng(3)
    which = rng.permutation(np.concatenate([np.arange(200), np.arange(200), np.arange(100)]))
    space = space_of(rng.standard_normal((200, 16))[which], [str(number) for number in which])
    found = neighbours(space, 20)
    _, cosines = brute_force(space.vectors, 20)
    assert np.allclose(found.cosines, cosines, atol=1e-6)
    true = (space.vectors[:, None] * space.vectors[found.indices]).sum(axis=2)
    assert np.allclose(found.cosines, true, atol=1e-6)
    assert (found.indices != np.arange(500)[:, None]).all()
    assert all(len(set(row)) == 20 for row in found.indices.tolist())


@pytest.mark.parametrize(("count", "asked", "given"), [(1, 30, 0), (2, 30, 1), (5, 30, 4), (31, 30, 30), (3, 0, 0)])
def test_never_more_neighbours_than_others(count: int, asked: int, given: int) -> None:
    check_shape(neighbours(space_of(halves(count)), asked), count, given)


@pytest.mark.parametrize("count", [1, 2, 3, 500])
def test_all_rows_the_same(count: int) -> None:
    found = neighbours(space_of(np.ones((count, 4)), ["same"] * count))
    check_shape(found, count, min(30, count - 1))
    assert len(found.distinct) == 1
    assert found.distinct.indices.shape == (1, 0)
    assert (found.cosines == 1).all()
    assert found.indices[count - 1].tolist() == list(range(min(30, count - 1)))


def test_very_many_rows_the_same() -> None:
    found = neighbours(space_of(np.ones((100_000, 2)), ["same"] * 100_000))
    check_shape(found, 100_000, 30)
    assert found.indices[7].tolist() == [*range(7), *range(8, 31)]


def test_they_know_their_space() -> None:
    space = space_of(halves(10))
    assert neighbours(space).space == space.fingerprint


def test_progress_reaches_the_total_and_a_stop_stops() -> None:
    space = space_of(np.random.default_rng(0).standard_normal((2 * BLOCK + 1, 12)))
    seen: list[Progress] = []
    neighbours(space, 5, seen.append)
    assert [progress.done for progress in seen] == [BLOCK, 2 * BLOCK, 2 * BLOCK + 1]
    assert {(progress.stage, progress.total) for progress in seen} == {("Finding neighbours", 2 * BLOCK + 1)}

    def stop(progress: Progress) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        neighbours(space, 5, stop)
    assert neighbours(space, 5).k == 5, "and the next one runs"


def test_the_graph_joins_each_text_with_its_fifteen_nearest() -> None:
    found = neighbours(space_of(np.random.default_rng(4).standard_normal((60, 8))), 30)
    graph = found.distinct.graph.toarray()
    expected = np.zeros((60, 60))
    for row in range(60):
        for column, cosine in zip(found.indices[row, :15], found.cosines[row, :15], strict=True):
            expected[row, column] = expected[column, row] = max(cosine, 1e-3)
    assert np.allclose(graph, expected)
    assert not graph.diagonal().any()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_graph_of_a_few_texts(count: int) -> None:
    graph = neighbours(space_of(np.eye(count, 4))).distinct.graph
    assert graph.shape == (count, count)
    assert graph.nnz == count * (count - 1), "texts without anything in common are joined, but hardly"
