"""Communities of a weighted graph by the Leiden method, compiled: a slider waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def leiden(graph: csr_matrix, resolution: float, seed: int) -> NDArray[np.int64]:
    """Return the community of each node, int64 (n,) counted from 0, that maximise modularity.

    Traag, Waltman & van Eck 2019, "From Louvain to Leiden: guaranteeing well-connected communities": fast
    local moves, refinement, aggregation, until nothing moves. The refinement takes the best merge instead of
    drawing one by its gain (their θ towards 0). Each community hangs together in the graph.

    `graph` (n, n) is symmetric with weights above 0 and no loops; `resolution` is the γ of modularity; `seed`
    sets the order in which nodes are visited. The same arguments give the same communities.
    """
    rng = np.random.default_rng(seed)
    degrees = np.asarray(graph.sum(axis=1), dtype=np.float64).ravel()
    scale = resolution / max(degrees.sum(), np.finfo(np.float64).tiny)
    members = np.arange(graph.shape[0])
    labels = members.copy()
    while True:
        nodes = (graph.indptr, graph.indices, graph.data.astype(np.float64, copy=False), degrees)
        _move(*nodes, labels, rng.permutation(len(labels)), scale)
        labels = np.unique(labels, return_inverse=True)[1]
        if labels.max(initial=-1) + 1 == len(labels):
            return np.asarray(labels[members], dtype=np.int64)
        parts = np.unique(_refined(*nodes, labels, rng.permutation(len(labels)), scale), return_inverse=True)[1]
        if parts.max() + 1 == len(labels):
            parts = labels
        graph, degrees, labels = _joined(graph, degrees, labels, parts)
        members = parts[members]


def _joined(
    graph: csr_matrix, degrees: NDArray[np.float64], labels: NDArray[np.int64], parts: NDArray[np.int64]
) -> tuple[csr_matrix, NDArray[np.float64], NDArray[np.int64]]:
    """Return the graph whose nodes are `parts` of the old one, with their degrees and communities."""
    from scipy.sparse import csr_matrix

    count = int(parts.max()) + 1
    belongs = csr_matrix((np.ones(len(parts)), parts, np.arange(len(parts) + 1)), shape=(len(parts), count))
    above = np.empty(count, dtype=np.int64)
    above[parts] = labels
    totals = np.bincount(parts, degrees, count).astype(np.float64)
    return (belongs.T @ graph @ belongs).tocsr(), totals, above


@numba.njit(cache=True, nogil=True)
def _move(
    indptr: NDArray[np.int32],
    indices: NDArray[np.int32],
    weights: NDArray[np.float64],
    degrees: NDArray[np.float64],
    labels: NDArray[np.int64],
    order: NDArray[np.int64],
    scale: float,
) -> None:
    """Move nodes to the community where they raise modularity most, until none can; changes `labels`.

    A node is visited again when a neighbour has left for another community.
    """
    count = len(labels)
    totals = np.zeros(count)
    sizes = np.zeros(count, dtype=np.int64)
    for node in range(count):
        totals[labels[node]] += degrees[node]
        sizes[labels[node]] += 1
    empty = [label for label in range(count) if sizes[label] == 0]
    empty.append(-1)
    queue = order.copy()
    waiting = np.ones(count, dtype=np.bool_)
    first, length = 0, count
    links = np.zeros(count)
    near = np.empty(count, dtype=np.int64)
    while length:
        node = queue[first]
        first, length = (first + 1) % count, length - 1
        waiting[node] = False
        old = labels[node]
        found = 0
        for edge in range(indptr[node], indptr[node + 1]):
            other = indices[edge]
            if other != node:
                label = labels[other]
                if links[label] == 0.0:
                    near[found] = label
                    found += 1
                links[label] += weights[edge]
        pull = scale * degrees[node]
        best, most = old, links[old] - pull * (totals[old] - degrees[node])
        if most < 0.0 and sizes[old] > 1 and empty[-1] >= 0:
            best, most = empty[-1], 0.0
        for place in range(found):
            label = near[place]
            gain = links[label] - pull * totals[label]
            if label != old and gain > most + 1e-12:
                best, most = label, gain
            links[label] = 0.0
        if best != old:
            if sizes[best] == 0:
                empty.pop()
            labels[node] = best
            totals[old] -= degrees[node]
            totals[best] += degrees[node]
            sizes[old] -= 1
            sizes[best] += 1
            if sizes[old] == 0:
                empty.append(old)
            for edge in range(indptr[node], indptr[node + 1]):
                other = indices[edge]
                if not waiting[other] and labels[other] != best:
                    waiting[other] = True
                    queue[(first + length) % count] = other
                    length += 1


@numba.njit(cache=True, nogil=True)
def _refined(
    indptr: NDArray[np.int32],
    indices: NDArray[np.int32],
    weights: NDArray[np.float64],
    degrees: NDArray[np.float64],
    labels: NDArray[np.int64],
    order: NDArray[np.int64],
    scale: float,
) -> NDArray[np.int64]:
    """Return the parts of each community, int64 (n,): nodes merged one by one where they are well connected."""
    count = len(labels)
    parts = np.arange(count)
    alone = np.ones(count, dtype=np.bool_)
    totals = degrees.copy()
    whole = np.zeros(count)
    ties = np.zeros(count)  # from a part to the rest of its community
    for node in range(count):
        whole[labels[node]] += degrees[node]
        for edge in range(indptr[node], indptr[node + 1]):
            if indices[edge] != node and labels[indices[edge]] == labels[node]:
                ties[node] += weights[edge]
    links = np.zeros(count)
    near = np.empty(count, dtype=np.int64)
    for node in order:
        around = whole[labels[node]]
        if not alone[node] or ties[node] < scale * degrees[node] * (around - degrees[node]):
            continue
        found = 0
        for edge in range(indptr[node], indptr[node + 1]):
            other = indices[edge]
            if other != node and labels[other] == labels[node]:
                part = parts[other]
                if links[part] == 0.0:
                    near[found] = part
                    found += 1
                links[part] += weights[edge]
        best, most, tie = parts[node], 0.0, 0.0
        for place in range(found):
            part = near[place]
            gain = links[part] - scale * degrees[node] * totals[part]
            if gain > most and ties[part] >= scale * totals[part] * (around - totals[part]):
                best, most, tie = part, gain, links[part]
            links[part] = 0.0
        if best != parts[node]:
            parts[node] = best
            alone[best] = False
            totals[best] += degrees[node]
            ties[best] += ties[node] - 2 * tie
    return parts
