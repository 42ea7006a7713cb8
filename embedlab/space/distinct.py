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
_BLOCK = 1 << 16  # vectors that are worked on at once, so that they are never copied as a whole
_MOST_LEADERS = 64  # of one cell: only vectors of one or two dimensions lie so densely


def distinct_vectors(vectors: Vectors, some: Rows | None = None) -> tuple[Rows, Rows]:
    """Return the first row of each distinct vector, int (u,), and the distinct vector of each row, int (n,).

    `vectors` is float32 (n, d), rows of length 1; where `some` are named, only the vectors at these, int (n,), count,
    and rows are places in it. Those that lie within `NO_DIFFERENCE` of one count as that one:
    nothing is strung together over many small steps. Distinct vectors are numbered in order of first appearance. Takes
    time and memory in proportion to n times d: only vectors in one cell of a grid, laid over eight random directions,
    are held against each other.
    """
    some = np.arange(len(vectors)) if some is None else some
    rows, place = np.arange(len(some)), np.arange(len(some))
    for seed in range(_GRIDS):
        leader = _leaders(vectors, some[rows], np.random.default_rng(seed))
        kept, among = np.unique(leader, return_inverse=True)
        rows, place = rows[kept], among[place]
    return rows, place


def _leaders(vectors: Vectors, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return for each of the vectors at `rows` the place of the first one in its cell that it doesn't differ from.

    Places are those in `rows`, int (u,); that of a vector which differs from all in its cell is its own.
    """
    cell = _cells(vectors, rows, rng)
    leaders = np.arange(len(rows))
    members = np.flatnonzero(np.bincount(cell)[cell] > 1) if len(cell) else leaders
    for _ in range(_MOST_LEADERS):
        if not len(members):
            break
        leader = np.empty(len(cell), dtype=np.intp)
        leader[cell[members[::-1]]] = members[::-1]  # the first of each cell is written last
        mine = leader[cell[members]]
        close = np.concatenate(
            [
                np.linalg.norm(vectors[rows[members[some]]] - vectors[rows[mine[some]]], axis=1) <= NO_DIFFERENCE
                for some in _blocks(len(members))
            ]
        )
        leaders[members[close]] = mine[close]
        members = members[~close]
    return leaders


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, max(1, count), _BLOCK)]


def _cells(vectors: Vectors, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return a number for the cell of each vector at `rows`, int (u,), of a grid with a random turn and start."""
    axes = rng.standard_normal((vectors.shape[1], _AXES))
    axes /= np.maximum(np.linalg.norm(axes, axis=0), 1e-12)
    directions, start = axes.astype(np.float32), rng.random(_AXES)
    odd = rng.integers(1, 2**62, _AXES) | 1
    keys = np.empty(len(rows), dtype=np.int64)
    for some in _blocks(len(rows)):
        places = np.floor((vectors[rows[some]] @ directions) / _CELL + start).astype(np.int64)
        keys[some] = (places * odd).sum(axis=1)  # wraps around: a chance meeting of two cells does no harm
    return np.asarray(np.unique(keys, return_inverse=True)[1], dtype=np.intp)
