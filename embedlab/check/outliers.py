"""Texts that lie apart from all others in the space of a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import frozen
from embedlab.space import Neighbours, Space

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]

K = 20
FAR = 3.5
SPARSE = 1.5
COLLAPSED = 0.995
_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Outliers:
    """How far each text lies from the others.

    `distance` float64 (n,) is the mean cosine distance to the 20 nearest other texts. `density` float64 (n,) is the
    local outlier factor: 1 where a text lies as close to its neighbours as they to theirs, more where it is lonelier.
    `order` int are the first rows of all distinct texts, the most outlying first; `flagged` those far from the median
    (modified z-score above 3.5). `blurred` are texts that the model takes for the same as another that reads
    differently: often of a script or an alphabet that it does not know.
    """

    distance: Floats
    density: Floats
    order: Rows
    flagged: Rows
    blurred: Rows


def outliers(space: Space, near: Neighbours, apart: NDArray[np.bool_] | None = None) -> Outliers:
    """Return how far the texts lie from each other; copies count once.

    `apart` (u,) says of each distinct text that its nearest one is not a near-duplicate. Sources: Ramaswamy, Rastogi
    and Shim 2000 (distance to the nearest); Breunig et al., "LOF", 2000; Iglewicz and Hoaglin 1993.
    """
    distinct = near.distinct
    k = min(K, distinct.indices.shape[1])
    count = len(distinct)
    if not k:
        nothing = np.empty(0, dtype=np.intp)
        return Outliers(np.zeros(len(space)), np.ones(len(space)), distinct.rows, nothing, nothing)
    away = np.maximum(1.0 - distinct.cosines[:, :k].astype(np.float64), 0.0)
    beside = distinct.indices[:, :k]
    distance = away.mean(axis=1)
    reach = np.maximum(away, away[beside, -1])
    sparse = np.maximum(reach.mean(axis=1), _LEAST)
    factor = sparse * (1 / sparse[beside]).mean(axis=1)
    spread = np.median(np.abs(distance - np.median(distance))) / 0.6745 or distance.std() or 1.0
    z = (distance - np.median(distance)) / spread
    order = np.argsort(-distance, kind="stable")
    far = order[(z[order] > FAR) & (count > k)]
    same = distinct.cosines[:, 0] >= COLLAPSED
    blurred = np.flatnonzero(same & apart) if apart is not None else np.empty(0, dtype=np.intp)
    return Outliers(
        frozen(distance[distinct.place]),
        frozen(factor[distinct.place]),
        frozen(distinct.rows[order]),
        frozen(distinct.rows[far]),
        frozen(distinct.rows[blurred]),
    )
