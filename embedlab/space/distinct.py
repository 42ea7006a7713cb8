"""Which of some vectors can be told apart: equal ones, and those that no cosine in single precision tells from them."""

from __future__ import annotations

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.encoders.base import Vectors

# Unit vectors nearer than this have a cosine that float32 rounds to 1, give or take one step: who lies nearer to whom
# among them is rounding.
NO_DIFFERENCE = 5e-4
_CELL = 40 * NO_DIFFERENCE
_AXES = 8
_GRIDS = 3  # two neighbours that a border of one grid parts stand in one cell of another
_MOST_LEADERS = 64  # of one cell: only vectors of one or two dimensions lie so densely


def distinct_vectors(vectors: Vectors) -> tuple[Rows, Rows]:
    """Return the first row of each distinct vector, int (u,), and the distinct vector of each row, int (n,).

    `vectors` is float32 (n, d), rows of length 1. Those that lie within `NO_DIFFERENCE` of one count as that one:
    nothing is strung together over many small steps. Distinct vectors are numbered in order of first appearance. Takes
    time and memory in proportion to n times d: only vectors in one cell of a grid, laid over eight random directions,
    are held against each other.
    """
    rows, place = np.arange(len(vectors)), np.arange(len(vectors))
    for seed in range(_GRIDS):
        leader = _leaders(vectors[rows], np.random.default_rng(seed))
        kept, among = np.unique(leader, return_inverse=True)
        rows, place = rows[kept], among[place]
    return rows, place


def _leaders(vectors: Vectors, rng: np.random.Generator) -> Rows:
    """Return for each vector the row of the first one in its cell that it doesn't differ from, int (n,), or its own."""
    cell = _cells(vectors, rng)
    leaders = np.arange(len(vectors))
    members = np.flatnonzero(np.bincount(cell)[cell] > 1) if len(cell) else leaders
    for _ in range(_MOST_LEADERS):
        if not len(members):
            break
        leader = np.empty(len(cell), dtype=np.intp)
        leader[cell[members[::-1]]] = members[::-1]  # the first of each cell is written last
        mine = leader[cell[members]]
        close = np.linalg.norm(vectors[members] - vectors[mine], axis=1) <= NO_DIFFERENCE
        leaders[members[close]] = mine[close]
        members = members[~close]
    return leaders


def _cells(vectors: Vectors, rng: np.random.Generator) -> Rows:
    """Return a number for the cell of each vector, int (n,), of a grid with a random turn and start."""
    axes = rng.standard_normal((vectors.shape[1], _AXES))
    axes /= np.maximum(np.linalg.norm(axes, axis=0), 1e-12)
    places = np.floor((vectors @ axes.astype(np.float32)) / _CELL + rng.random(_AXES)).astype(np.int64)
    odd = rng.integers(1, 2**62, _AXES) | 1
    keys = (places * odd).sum(axis=1)  # wraps around: a cell is a number, and a chance meeting of two does no harm
    return np.asarray(np.unique(keys, return_inverse=True)[1], dtype=np.intp)
