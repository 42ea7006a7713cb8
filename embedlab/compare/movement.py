"""What became of some texts from one model to another: do they stay together, and how far did they go on the map?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.space import Clusters, Layout, Neighbours

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Whereabouts:
    """Where some texts lie in one model: how much they keep to themselves, and in which clusters they are.

    `together` is the share (0 to 1) of their nearest texts that are among them, NaN without neighbours; `expected`
    what it would be for as many texts drawn at random. `clusters` are pairs of a cluster's number and how many of
    them are in it, the fullest first.
    """

    together: float
    expected: float
    clusters: tuple[tuple[int, int], ...]


def whereabouts(neighbours: Neighbours, clusters: Clusters, rows: Rows, k: int = 10) -> Whereabouts:
    """Return where the texts `rows`, each once, lie in one model; `k` nearest texts of each count."""
    near = neighbours.indices[rows, :k]
    together = float(np.isin(near, rows).mean()) if near.size else float("nan")
    others = len(neighbours.indices) - 1
    expected = (len(rows) - 1) / others if others else float("nan")
    numbers, counts = np.unique(clusters.labels[rows], return_counts=True)
    order = np.lexsort((numbers, -counts))
    return Whereabouts(together, expected, tuple((int(numbers[at]), int(counts[at])) for at in order))


def farthest(first: Layout, second: Layout, count: int) -> Rows:
    """Return the `count` texts whose places on two aligned maps lie farthest apart, the farthest first.

    Copies share a place on a map; only the first of them is returned. Equal ones are in order of row.
    """
    away = np.linalg.norm(first.positions.astype(np.float64) - second.positions, axis=1)
    both = np.hstack([first.positions, second.positions])
    _, rows = np.unique(both, axis=0, return_index=True)
    rows = np.sort(rows)
    return np.asarray(rows[np.argsort(-away[rows], kind="stable")][:count], dtype=np.intp)
