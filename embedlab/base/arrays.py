"""Arrays that nobody changes, and numbers for what hangs together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """Return `values` made read-only."""
    values.flags.writeable = False
    return values


def connected(first: NDArray[np.intp], second: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return a number for each of `count` things, int (count,), the same for those that pairs of them join.

    `first` and `second` int (p,) are the pairs; they join directly or through others.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(first)), (first, second)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)
