"""Communities of a weighted graph by the Leiden method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def leiden(graph: csr_matrix, resolution: float, seed: int) -> NDArray[np.int64]:
    """Return the community of each node, int64 (n,) counted from 0, that maximise modularity.

    Traag, Waltman & van Eck 2019, "From Louvain to Leiden: guaranteeing well-connected communities", as
    graspologic-native has it. Each community hangs together in the graph.

    `graph` (n, n) is symmetric with weights above 0 and no loops; `resolution` is the γ of modularity, above 0; `seed`
    sets the order in which nodes are visited. The same arguments give the same communities.
    """
    import graspologic_native

    count = graph.shape[0]
    if not graph.nnz:  # the library panics
        return np.arange(count)
    edges = (graph.indptr.astype(np.int64), graph.indices.astype(np.int32), graph.data.astype(np.float64))
    _, labels = graspologic_native.leiden_csr(*edges, count, resolution=resolution, seed=seed)
    return np.fromiter(map(labels.__getitem__, range(count)), np.int64, count)
