"""Leiden: the best partition where all can be tried, whole communities, the same every time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from embedlab.space.leiden import leiden


def graph_of(edges: dict[tuple[int, int], float], count: int) -> csr_matrix:
    dense = np.zeros((count, count))
    for (one, other), weight in edges.items():
        dense[one, other] = dense[other, one] = weight
    return csr_matrix(dense)


def modularity(graph: csr_matrix, labels: NDArray[np.int64], resolution: float) -> float:
    """Return the sum over communities of the share of edges within, less γ times the share expected."""
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    ends = graph.tocoo()
    within = ends.data[labels[ends.row] == labels[ends.col]].sum() / degrees.sum()
    return float(within - resolution * (np.bincount(labels, degrees) ** 2).sum() / degrees.sum() ** 2)


def partitions(count: int) -> Iterator[list[int]]:
    """Yield every partition of `count` nodes, each once."""
    if not count:
        yield []
        return
    for smaller in partitions(count - 1):
        for label in range(max(smaller, default=-1) + 2):
            yield [*smaller, label]


def some_graph(count: int, share: float, seed: int) -> csr_matrix:
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.random((count, count)) * (rng.random((count, count)) < share), 1)
    return csr_matrix(upper + upper.T)


def test_two_triangles_joined_by_an_edge() -> None:
    edges = dict.fromkeys([(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3)], 1.0)
    labels = leiden(graph_of(edges, 6), 1.0, seed=0)
    assert labels.tolist() in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])


def test_weights_decide() -> None:
    """A square: heavy edges join 0 to 1 and 2 to 3."""
    labels = leiden(graph_of({(0, 1): 5.0, (1, 2): 1.0, (2, 3): 5.0, (3, 0): 1.0}, 4), 1.0, seed=0)
    assert labels[0] == labels[1] != labels[2] == labels[3]


@pytest.mark.parametrize("resolution", [0.5, 1.0, 2.0])
def test_near_the_best_of_all_partitions(resolution: float) -> None:
    """Most of 20 graphs of seven nodes are solved; none is far off."""
    lost = []
    for seed in range(20):
        graph = some_graph(7, 0.5, seed)
        best = max(modularity(graph, np.array(labels), resolution) for labels in partitions(7))
        lost.append(best - modularity(graph, leiden(graph, resolution, seed), resolution))
    assert np.median(lost) == pytest.approx(0, abs=1e-9)
    assert max(lost) < 0.1


def test_a_ring_of_cliques() -> None:
    """Thirty cliques of five in a ring, a case where moves alone would stop early."""
    cliques, size = 30, 5
    edges = {
        (start + one, start + other): 1.0
        for start in range(0, cliques * size, size)
        for one in range(size)
        for other in range(one)
    }
    edges |= {(start, (start + size + 1) % (cliques * size)): 1.0 for start in range(0, cliques * size, size)}
    labels = leiden(graph_of(edges, cliques * size), 3.0, seed=1)
    assert np.array_equal(labels[:, None] == labels, np.kron(np.eye(cliques), np.ones((size, size))).astype(bool))


@pytest.mark.parametrize("resolution", [0.3, 1.0, 5.0])
def test_each_community_hangs_together(resolution: float) -> None:
    graph = some_graph(300, 0.02, 3)
    labels = leiden(graph, resolution, seed=0)
    assert sorted(set(labels.tolist())) == list(range(labels.max() + 1))
    for label in range(labels.max() + 1):
        rows = np.flatnonzero(labels == label)
        assert connected_components(graph[rows][:, rows])[0] == 1


def test_the_same_seed_gives_the_same_communities() -> None:
    graph = some_graph(200, 0.05, 4)
    assert np.array_equal(leiden(graph, 1.0, seed=2), leiden(graph, 1.0, seed=2))
    assert len({leiden(graph, 1.0, seed=seed).tobytes() for seed in range(4)}) > 1


def test_nodes_without_edges_are_alone() -> None:
    assert leiden(csr_matrix((3, 3)), 1.0, seed=0).tolist() == [0, 1, 2]


def test_nodes_without_edges_are_alone_beside_others() -> None:
    labels = leiden(graph_of({(1, 3): 1.0}, 5), 1.0, seed=0)
    assert labels[1] == labels[3]
    assert sorted(set(labels.tolist())) == [0, 1, 2, 3]
