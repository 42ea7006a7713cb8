"""A check of texts whose vectors are made for a test."""

from __future__ import annotations

import numpy as np

from embedlab.check.base import Checked
from embedlab.check.run import look
from embedlab.corpus import Column
from embedlab.pipeline import Groups, Prepared
from embedlab.space import Clusters, Neighbours, Space
from embedlab.space.clusters import cluster
from embedlab.space.names import ClusterNames
from embedlab.space.neighbours import neighbours


def groups_of(near: Neighbours) -> Groups:
    """Return clusters that are called by their numbers; one where there are too few texts."""
    texts = len(near.distinct.place)
    clusters = cluster(near) if len(near.distinct.rows) > 2 else Clusters(np.zeros(texts, np.int32), 1, 0, "")
    return Groups(clusters, ClusterNames(tuple(map(str, range(clusters.count))), (), clusters.fingerprint))


def looked_at(
    space: Space,
    labels: Column | None = None,
    split: Column | None = None,
    near: Neighbours | None = None,
    seed: int = 0,
) -> Checked:
    """Return everything that is found in the texts of a space."""
    near = neighbours(space) if near is None else near
    return look(Prepared(space, near), groups_of(near), labels, split, seed=seed)
