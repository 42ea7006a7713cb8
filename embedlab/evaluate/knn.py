"""What lies near names a label: the k nearest texts by vote, or the class whose mean is nearest."""

from __future__ import annotations

import numpy as np

from embedlab.base.arrays import Floats, Rows, Singles, best
from embedlab.encoders.base import Vectors, unit
from embedlab.evaluate.labels import Labelled
from embedlab.space.space import Distinct, Neighbours, Space

_TIE = 1e-6
_AT_ONCE = 1024


# --- The nearest class ---


def prototypes(seen: Vectors, codes: Rows) -> Singles:
    """Return the mean of the vectors of each class, scaled to length 1; zeros for a class without any, (classes, d)."""
    sums = np.zeros((int(codes.max()) + 1, seen.shape[1]), dtype=np.float64)
    np.add.at(sums, codes, seen)
    return unit(sums)


def nearest_class(seen: Vectors, codes: Rows, asked: Vectors) -> Rows:
    """Return the class whose mean vector is nearest by cosine to each of `asked` (h, d), int (h,)."""
    return np.asarray((asked @ prototypes(seen, codes).T).argmax(axis=1), dtype=np.intp)


def nearest_class_in_turn(vectors: Vectors, codes: Rows, fold: Rows) -> Rows:
    """Return it for each of the `vectors` (m, d) by the means of the texts of other folds, int (m,); -1 without any."""
    named = np.full(len(codes), -1, dtype=np.intp)
    for number in np.unique(fold):
        held = fold == number
        if not held.all():
            named[held] = nearest_class(vectors[~held], codes[~held], vectors[held])
    return named


# --- The labels of the neighbours ----------------------------------------------------------------


def knn(space: Space, near: Neighbours, of: Labelled, k: int = 10, together: Rows | None = None) -> Floats:
    """Return 1 for each text whose label its `k` nearest others name, else 0; float64 (m,).

    They are those of the original space that count themselves, never a copy of the text, nor one that shares its number
    in `together`, int (m,). Each votes with its cosine; of labels with equal votes, that of the nearest wins.
    """
    places, cosines = _voters(space, near.distinct, of.rows, min(k, len(of) - 1), together)
    right: Floats = (voted(of.codes[places], cosines) == of.codes).astype(np.float64)
    return right


def nearest_named(seen: Vectors, codes: Rows, asked: Vectors, k: int) -> Rows:
    """Return the class that the `k` nearest of the vectors `seen` (m, d) name for each of `asked` (h, d), int (h,).

    `codes` int (m,) are the classes of those seen; each votes with its cosine (Cover and Hart 1967).
    """
    found = []
    for start in range(0, len(asked), _AT_ONCE):
        cosines = asked[start : start + _AT_ONCE] @ seen.T
        near = np.stack([best(one, k) for one in cosines])
        found.append(voted(codes[near], np.take_along_axis(cosines, near, axis=1)))
    return np.concatenate(found)


def voted(voters: Rows, cosines: Singles) -> Rows:
    """Return the class with the most votes in each row; `voters` int (m, k) are classes, the nearest first."""
    votes = np.maximum(cosines, 0)
    totals = np.where(voters[:, :, None] == voters[:, None, :], votes[:, None, :], 0).sum(axis=2)
    first = (totals >= totals.max(axis=1, keepdims=True) - _TIE).argmax(axis=1)
    return np.asarray(voters[np.arange(len(voters)), first])


def _voters(space: Space, distinct: Distinct, rows: Rows, k: int, together: Rows | None) -> tuple[Rows, Singles]:
    """Return the places in `rows` of the `k` nearest of each of them, and their cosines; both (m, k)."""
    own = distinct.place[rows]
    place = np.full(len(distinct), -1, dtype=np.intp)
    place[own] = np.arange(len(rows))
    found = place[distinct.indices[own]]
    if together is not None:
        found = np.where((found >= 0) & (together[found] == together[:, None]), -1, found)
    order = np.argsort(found < 0, axis=1, kind="stable")[:, :k]
    places = np.take_along_axis(found, order, axis=1)
    cosines = np.take_along_axis(distinct.cosines[own], order, axis=1)
    lacking = np.flatnonzero((found >= 0).sum(axis=1) < k)
    if not len(lacking):
        return places, cosines
    if places.shape[1] < k:
        places, cosines = np.zeros((len(rows), k), dtype=np.intp), np.zeros((len(rows), k), dtype=np.float32)
    vectors = space.vectors[rows]
    for start in range(0, len(lacking), _AT_ONCE):
        some = lacking[start : start + _AT_ONCE]
        block = vectors[some] @ vectors.T
        block[np.arange(len(some)), some] = -np.inf
        if together is not None:
            block[together[some][:, None] == together] = -1
        places[some] = np.argsort(-block, axis=1, kind="stable")[:, :k]
        cosines[some] = np.take_along_axis(block, places[some], axis=1)
    return places, cosines
