"""Which of some vectors can be told apart: equal ones, and those that no cosine in single precision tells from them."""

from __future__ import annotations

import numpy as np

from embedlab.base.arrays import Rows, connected
from embedlab.encoders.base import Vectors

# Unit vectors nearer than this have a cosine that float32 rounds to 1, give or take one step: who lies nearer to whom
# among them is rounding.
NO_DIFFERENCE = 5e-4
_CELL = 40 * NO_DIFFERENCE
_AXES = 8
_GRIDS = 3  # two neighbours that a border of one grid parts stand in one cell of another
_LEADERS = 64  # of one cell: only vectors of one or two dimensions lie so densely


def distinct_vectors(vectors: Vectors) -> tuple[Rows, Rows]:
    """Return the first row of each distinct vector, int (u,), and the distinct vector of each row, int (n,).

    `vectors` is float32 (n, d), rows of length 1. Those that lie within `NO_DIFFERENCE` of one count as that one, so
    nothing is strung together over many small steps. Distinct vectors are numbered in order of first appearance. Takes
    time and memory in proportion to n times d: only vectors in one cell of a grid, laid over eight random directions,
    are held against each other.
    """
    pairs = [pair for seed in range(_GRIDS) for pair in _near(vectors, np.random.default_rng(seed))]
    if not pairs:
        everyone = np.arange(len(vectors))
        return everyone, everyone
    first, second = np.concatenate(pairs, axis=1)
    _, rows, place = np.unique(connected(first, second, len(vectors)), return_index=True, return_inverse=True)
    order = np.argsort(rows, kind="stable")
    number = np.empty(len(order), dtype=np.intp)
    number[order] = np.arange(len(order))
    return rows[order], number[place]


def _near(vectors: Vectors, rng: np.random.Generator) -> list[Rows]:
    """Return pairs of rows, int (2, p) each, of vectors in one cell: its first one and those that don't differ."""
    cell = _cells(vectors, rng)
    members = np.flatnonzero(np.bincount(cell)[cell] > 1)
    found = []
    for _ in range(_LEADERS):
        if not len(members):
            break
        leader = np.full(len(cell), -1, dtype=np.intp)
        leader[cell[members[::-1]]] = members[::-1]  # the first of each cell is written last
        mine = leader[cell[members]]
        close = np.linalg.norm(vectors[members] - vectors[mine], axis=1) <= NO_DIFFERENCE
        found.append(np.stack([mine[close], members[close]]))
        members = members[~close]
    return found


def _cells(vectors: Vectors, rng: np.random.Generator) -> Rows:
    """Return a number for the cell of each vector, int (n,), of a grid with a random turn and start."""
    axes = rng.standard_normal((vectors.shape[1], _AXES))
    axes /= np.maximum(np.linalg.norm(axes, axis=0), 1e-12)
    places = np.floor((vectors @ axes.astype(np.float32)) / _CELL + rng.random(_AXES)).astype(np.int64)
    odd = rng.integers(1, 2**62, _AXES) | 1
    keys = (places * odd).sum(axis=1)  # wraps around: a cell is a number, and a chance meeting of two does no harm
    return np.asarray(np.unique(keys, return_inverse=True)[1], dtype=np.intp)
