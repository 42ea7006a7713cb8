"""Groups of texts that are near each other in the original space, at any granularity, at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.errors import EmbedlabError
from embedlab.space.leiden import leiden
from embedlab.space.space import GRAPH_NEIGHBOURS, Clusters, Neighbours

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

DEFAULT_RESOLUTION = 3.0
GRANULARITIES = (0.3, 0.5, 1.0, 2.0, DEFAULT_RESOLUTION, 5.0, 8.0, 13.0, 20.0)
"""Those that are offered; the one to begin with is one of them."""

TRIES = 6  # resolutions that are tried for a number of clusters
NEAR = 1.15  # how far the number may be from the one that was asked for
FINEST, COARSEST = 1000.0, 0.01
GROWTH = 0.75  # clusters grow with about this power of the resolution


def default_resolution(neighbours: Neighbours) -> float:
    """Return the granularity to begin with: 3, or less where texts are so few that most would be alone.

    Two linked nodes of average degree in an unweighted graph of u nodes and e edge ends join below u² / e.
    """
    return resolution_of(neighbours.apart.graph) if len(neighbours.apart) else DEFAULT_RESOLUTION


def resolution_of(graph: csr_matrix) -> float:
    """Return the granularity to begin with on a neighbour graph: the nearest that is offered."""
    suits = min(DEFAULT_RESOLUTION, graph.shape[0] ** 2 / (1.5 * graph.nnz)) if graph.nnz else DEFAULT_RESOLUTION
    return min(GRANULARITIES, key=lambda step: abs(math.log(step / suits)))


def cluster(neighbours: Neighbours, resolution: float | None = None, seed: int = 0) -> Clusters:
    """Return the communities of the neighbour graph that maximise modularity.

    Found by `embedlab.space.leiden`. The graph joins each distinct vector with its 15 nearest, weighted by cosine;
    copies, and texts that the model doesn't tell apart, share a cluster. Where there are
    but a few different vectors, each of several texts, each is a cluster.
    `resolution` sets the granularity (None: `default_resolution`): more gives more and smaller clusters.
    `seed` sets the order in which texts are visited. Clusters are numbered by falling size. The map plays no
    part, so its distortions don't either.

    Raises `EmbedlabError` for a resolution that is not above 0.
    """
    resolution = default_resolution(neighbours) if resolution is None else resolution
    if not resolution > 0:
        raise EmbedlabError(f"The granularity must be above 0, not {resolution:g}: move it to the right.")
    distinct = neighbours.apart
    if _are_kinds(neighbours):
        labels = np.arange(len(distinct))
    else:
        labels = leiden(distinct.graph, resolution, seed) if len(distinct) > 2 else np.zeros(len(distinct), np.int64)
    return Clusters(frozen(_by_size(labels[distinct.place])), resolution, seed, neighbours.space)


def near_count(neighbours: Neighbours, wanted: float, start: Clusters) -> Clusters:
    """Return clusters of the same texts as `start`, with its seed, about `wanted` of them.

    The resolution is looked for between those that gave too few and too many. Where none of six gives a number within
    15 % of it (a graph in parts has at least a cluster for each), the nearest is returned; that may be `start`.
    """
    if not start.count:
        return start

    def off(one: Clusters) -> float:
        return abs(math.log(one.count / wanted))

    below, above, best, last = COARSEST, FINEST, start, start
    for _ in range(TRIES):
        if off(best) <= math.log(NEAR):
            break
        below, above = (last.resolution, above) if last.count < wanted else (below, last.resolution)
        resolution = last.resolution * (wanted / last.count) ** (1 / GROWTH)
        last = cluster(neighbours, resolution if below < resolution < above else math.sqrt(below * above), start.seed)
        best = min(best, last, key=off)
    return best


def _are_kinds(neighbours: Neighbours) -> bool:
    """Whether a model sees but a few kinds of texts, each with several: a graph of so few nodes has no communities."""
    apart = neighbours.apart
    texts_of = np.bincount(apart.place[neighbours.distinct.rows], minlength=len(apart))
    return 1 < len(apart) <= GRAPH_NEIGHBOURS and bool(texts_of.min() > 1)


def _by_size(labels: NDArray[np.int64]) -> NDArray[np.int32]:
    """Renumber so that 0 is the largest cluster; equal sizes are in order of first appearance."""
    values, first, places = np.unique(labels, return_index=True, return_inverse=True)
    sizes = np.bincount(places, minlength=len(values))
    order = np.lexsort((first, -sizes))
    number = np.empty(len(values), dtype=np.int32)
    number[order] = np.arange(len(values), dtype=np.int32)
    return number[places]
