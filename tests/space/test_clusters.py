"""Clusters: planted groups are found, at any granularity, the same every time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space import Clusters, Neighbours, Space
from embedlab.space.clusters import cluster
from embedlab.space.embedding import embed
from embedlab.space.neighbours import neighbours

SIZES = (20, 50, 30)


def planted(sizes: tuple[int, ...] = SIZES, noise: float = 0.02, seed: int = 0) -> tuple[Neighbours, NDArray[np.intp]]:
    """Return groups of texts around directions at right angles, shuffled, and each text's group."""
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    vectors = np.eye(len(sizes), 64)[groups] + rng.normal(scale=noise, size=(len(groups), 64))
    return near(vectors), groups


def near(vectors: NDArray[Any], texts: list[str] | None = None) -> Neighbours:
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    corpus = Corpus.of(texts or [str(number) for number in range(len(unit))])
    card = EncoderInfo("given", "", unit.shape[1], 8, "numpy")
    return neighbours(Space(corpus, card, frozen(unit), frozen(np.zeros(len(unit), dtype=bool))))


def joined(found: Clusters) -> NDArray[np.bool_]:
    return np.asarray(found.labels[:, None] == found.labels)


def test_planted_groups_are_found() -> None:
    close, groups = planted()
    found = cluster(close, resolution=0.5)
    assert found.count == 3
    assert np.array_equal(joined(found), groups[:, None] == groups)


def test_numbered_by_falling_size() -> None:
    close, groups = planted()
    found = cluster(close, resolution=0.5)
    assert found.sizes.tolist() == [50, 30, 20]
    assert [groups[found.labels == label][0] for label in range(3)] == [1, 2, 0]
    fine = cluster(close, resolution=5.0)
    assert (np.diff(fine.sizes) <= 0).all()


def test_equal_sizes_are_in_order_of_appearance() -> None:
    close, _ = planted((20, 20, 20))
    labels = cluster(close, resolution=0.5).labels
    assert labels[np.sort(np.unique(labels, return_index=True)[1])].tolist() == [0, 1, 2]


def test_more_granularity_gives_more_clusters() -> None:
    close, _ = planted((60, 60, 60), noise=0.1)
    counts = [cluster(close, resolution).count for resolution in (0.3, 1.0, 3.0, 10.0, 30.0)]
    assert counts == sorted(counts)
    assert counts[0] == 3
    assert counts[-1] > 3 * counts[1]


def test_fine_clusters_stay_within_the_groups() -> None:
    close, groups = planted()
    found = cluster(close, resolution=5.0)
    assert found.count > 3
    assert all(len(set(groups[found.labels == label])) == 1 for label in range(found.count))


def test_the_same_seed_gives_the_same_clusters() -> None:
    close = near(np.random.default_rng(5).standard_normal((400, 6)))
    one, same = cluster(close, 3.0, seed=3), cluster(close, 3.0, seed=3)
    assert np.array_equal(one.labels, same.labels)
    assert one.fingerprint == same.fingerprint
    others = [cluster(close, 3.0, seed=seed) for seed in range(4)]
    assert len({other.fingerprint for other in others}) > 1


def test_labels_are_int32_and_read_only_and_know_where_they_are_from() -> None:
    close, _ = planted()
    found = cluster(close, resolution=2.0, seed=7)
    assert found.labels.dtype == np.int32
    assert not found.labels.flags.writeable
    assert (found.resolution, found.seed, found.space) == (2.0, 7, close.space)
    assert sorted(set(found.labels.tolist())) == list(range(found.count))
    assert found.sizes.sum() == len(found.labels)


def test_copies_share_a_cluster_and_count_for_its_size(letters: Any) -> None:
    """Forty copies of one text: its cluster is the largest, though it has fewer distinct texts."""
    words = ["a" * n for n in range(1, 21)] + ["b" * n + "b" for n in range(1, 10)] + ["b"] * 40
    close = neighbours(embed(Corpus.of(words), letters))
    found = cluster(close, resolution=0.1)
    assert len(set(found.labels[-40:].tolist())) == 1
    assert found.labels[-1] == 0
    assert found.labels[0] == 1


def test_communities_hang_together_in_the_graph() -> None:
    from scipy.sparse.csgraph import connected_components

    close = near(np.random.default_rng(6).standard_normal((600, 12)))
    for seed in range(3):
        found = cluster(close, resolution=1.0, seed=seed)
        for label in range(found.count):
            rows = np.flatnonzero(found.labels == label)
            assert connected_components(close.distinct.graph[rows][:, rows])[0] == 1


@pytest.mark.parametrize("resolution", [0.0, -1.0, float("nan")])
def test_a_granularity_that_is_not_above_zero_is_refused(resolution: float) -> None:
    with pytest.raises(EmbedlabError, match="granularity must be above 0"):
        cluster(planted()[0], resolution)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_a_few_texts(count: int) -> None:
    found = cluster(near(np.eye(count, 8)))
    assert len(found.labels) == count
    assert found.labels[0] == 0
    assert found.sizes.sum() == count


@pytest.mark.parametrize("count", [1, 2, 500])
def test_all_rows_the_same_are_one_cluster(count: int) -> None:
    found = cluster(near(np.ones((count, 4)), ["same"] * count))
    assert found.labels.tolist() == [0] * count
