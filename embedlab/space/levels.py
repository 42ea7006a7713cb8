"""The same texts in coarser and in finer clusters: which lies in which, and names that tell them apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.encoders.base import Vectors
from embedlab.space.keywords import Vocabulary
from embedlab.space.names import ClusterNames, name_clusters
from embedlab.space.space import Clusters
from embedlab.text.tokenise import fold


def parents_of(finer: Clusters, coarser: Clusters) -> Rows:
    """Return for each finer cluster the number of the coarser one that holds most of its texts, int (finer.count,).

    Of two that hold as many the larger, which has the lower number; -1 where none of its texts is in any.
    """
    both = (finer.labels >= 0) & (coarser.labels >= 0)
    pairs, shared = np.unique(np.stack([finer.labels[both], coarser.labels[both]]), axis=1, return_counts=True)
    parents = np.full(finer.count, -1, dtype=np.intp)
    for at in np.lexsort((-pairs[1], shared)):  # what comes last stays
        parents[pairs[0, at]] = pairs[1, at]
    return parents


def says_no_more(name: str, above: str) -> bool:
    """Return whether a name has no word that the name above it lacks."""
    return _parts(name) <= _parts(above)


def _parts(name: str) -> set[str]:
    return {fold(part) for part in name.split(", ")}


def named_within(
    finer: Clusters, names: ClusterNames, coarser: Clusters, above: ClusterNames, words: Vocabulary, vectors: Vectors
) -> ClusterNames:
    """Return the `names` of finer clusters, those that say no more than the name `above` in other words.

    Such a cluster is named by what sets it apart from the others that lie in the same coarser one, as `name_clusters`
    does; it keeps its name where it is the only one there, or where that would be a name that is taken.
    """
    parents = parents_of(finer, coarser)
    again = [
        at
        for at, parent in enumerate(parents.tolist())
        if parent >= 0 and says_no_more(names.names[at], above.of(parent))
    ]
    found, told = list(names.names), list(names.words)
    taken = {fold(name) for name in (*names.names, *above.names)}
    for parent in sorted({int(parents[at]) for at in again}):
        inside = np.flatnonzero(parents == parent)
        if len(inside) < 2:
            continue
        local = _named_alone(finer, inside, words, vectors)
        for at in set(again) & set(inside.tolist()):
            place = int(np.searchsorted(inside, at))
            name = local.names[place]
            if fold(name) not in taken and not says_no_more(name, above.of(parent)):
                taken.add(fold(name))
                found[at], told[at] = name, local.words[place]
    return replace(names, names=tuple(found), words=tuple(told))


def _named_alone(clusters: Clusters, some: Rows, words: Vocabulary, vectors: Vectors) -> ClusterNames:
    """Return the names of some clusters, as if there were no other texts."""
    rows = np.flatnonzero(np.isin(clusters.labels, some))
    presence = words.presence[rows]
    frequencies = np.asarray(presence.sum(axis=0)).ravel().astype(np.int64)
    alone = replace(words, texts=tuple(words.texts[row] for row in rows), presence=presence, frequencies=frequencies)
    labels = np.searchsorted(some, clusters.labels[rows]).astype(np.int32)
    return name_clusters(Clusters(labels, clusters.resolution, clusters.seed, clusters.space), alone, vectors[rows])
