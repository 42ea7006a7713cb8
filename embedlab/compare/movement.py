"""What became of texts from one model to another: which moved together, where they lie, how far they went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.space import Clusters, Layout, Neighbours


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


# --- Which groups moved --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ClusterMove:
    """Texts of one cluster that went together into another.

    `rows` int (count,) are the texts; `name_first` is the number of their cluster in the first space, `name_second`
    of that in the second. `share` is their part of the first one (0 to 1). `chance` is how many texts two clusterings
    of these sizes that have nothing to do with each other would put together.
    """

    rows: Rows
    name_first: int
    name_second: int
    count: int
    share: float
    chance: float


def moved_together(
    first: Clusters, second: Clusters, least: int = 5, among: NDArray[np.integer] | None = None
) -> tuple[ClusterMove, ...]:
    """Return the groups of at least `least` texts that left their cluster together, the largest first.

    Each cluster of the first space is matched with one of the second at most, so that as many texts as possible stay
    (Kuhn 1955); whoever is elsewhere has moved. `among` are the rows that count (all if None): those of the distinct
    texts, so that copies don't make a group. Clusters differ a little between two runs of one model as well, so a
    small group says little, and one no larger than its `chance` nothing.
    """
    rows = np.arange(len(first.labels)) if among is None else np.asarray(among, dtype=np.intp)
    rows = rows[(first.labels[rows] >= 0) & (second.labels[rows] >= 0)]
    if not len(rows):
        return ()
    source, target = first.labels[rows], second.labels[rows]
    table = np.zeros((int(source.max()) + 1, int(target.max()) + 1))
    np.add.at(table, (source, target), 1)
    wanted = (table >= max(1, least)) & ~_matched(table)
    found = sorted(np.argwhere(wanted).tolist(), key=lambda cell: -table[cell[0], cell[1]])
    sizes, others = table.sum(axis=1), table.sum(axis=0)
    return tuple(
        ClusterMove(
            frozen(rows[(source == a) & (target == b)]),
            a,
            b,
            int(table[a, b]),
            float(table[a, b] / sizes[a]),
            float(sizes[a] * others[b] / len(rows)),
        )
        for a, b in found
    )


def _matched(table: Floats) -> NDArray[np.bool_]:
    from scipy.optimize import linear_sum_assignment

    matched = np.zeros(table.shape, dtype=bool)
    matched[linear_sum_assignment(table, maximize=True)] = True
    return matched
