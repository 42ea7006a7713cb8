"""The nearest texts of each text in the original space, exactly while that is quick: once, for everyone."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, Singles, frozen
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.encoders.base import Vectors
from embedlab.space.approximate import LEAST_RECALL, VERSION, Approximate, nearly_nearest
from embedlab.space.kept import keep, kept
from embedlab.space.space import Distinct, Neighbours, Space
from embedlab.space.threads import parallel

DEFAULT_K = 30
MOST_EXACT = 60_000
"""Up to so many vectors all pairs are compared: some ten seconds on two cores."""
MOST_HARD = 200_000
"""Up to so many they are where nearly all of the nearest can't be found otherwise."""
BLOCK = 1024
_CELLS = 1 << 27  # cosines at once


def neighbours(
    space: Space, k: int = DEFAULT_K, report: Report = no_report, exact: int = MOST_EXACT, seed: int = 0
) -> Neighbours:
    """Return the `k` nearest texts of each text by cosine (all others, where there are not more than `k`).

    Up to `exact` distinct vectors, every pair of them is compared, in blocks of one matrix product. Of more, nearly all
    of the nearest are found (`nearly_nearest`, with `seed`), and the `recall` that was measured is kept; what was found
    is kept on disk, too. Where that misses too many, as of vectors without any groups, and there are no more than
    `MOST_HARD`, every pair is compared all the same. Memory grows with n. Texts that the model doesn't tell apart
    (`Space.distinct`) have a cosine of 1.
    """
    rows, place = space.distinct
    found = _found(space, max(0, min(k, len(rows) - 1)), report, exact, seed)
    apart = Distinct(rows, place, frozen(found.indices), frozen(found.cosines))
    distinct = _of_texts(space, apart, k)
    measured = (found.recall, found.sample) if found.sample else (None, 0)
    if len(distinct) == len(space):
        return Neighbours(distinct.indices, distinct.cosines, space.fingerprint, distinct, apart, *measured)
    indices, cosines = _with_copies(distinct, distinct.place, min(k, len(space) - 1))
    return Neighbours(frozen(indices), frozen(cosines), space.fingerprint, distinct, apart, *measured)


def _found(space: Space, k: int, report: Report, exact: int, seed: int) -> Approximate:
    """Return the nearest of the distinct vectors; a `sample` of 0 says that they are exact."""
    rows, _ = space.distinct
    if len(rows) > exact:
        key = fingerprint("nearly nearest", VERSION, space.fingerprint, k, seed)
        found = kept(key, (len(rows), k)) or keep(key, nearly_nearest(space.vectors, rows, k, seed, report))
        if found.recall >= LEAST_RECALL or len(rows) > MOST_HARD:
            return found
    vectors = space.vectors if len(rows) == len(space) else space.vectors[rows]
    return Approximate(*nearest(vectors, k, report), recall=1.0, sample=0)


def _of_texts(space: Space, apart: Distinct, k: int) -> Distinct:
    """Return the neighbours of the distinct texts, from those of the distinct vectors."""
    rows, place = space.corpus.distinct
    if len(rows) == len(apart):
        return apart
    indices, cosines = _with_copies(apart, apart.place[rows], min(k, len(rows) - 1))
    return Distinct(rows, place, frozen(indices), frozen(cosines))


def nearest(vectors: Vectors, k: int, report: Report = no_report) -> tuple[NDArray[np.int32], Singles]:
    """Return the `k` nearest other rows of each row of `vectors` (n, d) and their cosines, (n, k); k is less than n."""
    count = len(vectors)
    indices = np.zeros((count, k), dtype=np.int32)
    cosines = np.zeros((count, k), dtype=np.float32)
    if not k:
        return indices, cosines
    watch = Stopwatch("Finding neighbours", count, report)
    step = min(BLOCK, max(1, _CELLS // count))
    for start in range(0, count, step):
        block = vectors[start : start + step] @ vectors.T
        with parallel:
            _largest(block, start, indices, cosines)
        watch.at(min(start + step, count))
    np.clip(cosines, -1.0, 1.0, out=cosines)
    return indices, cosines


@numba.njit(cache=True, parallel=True, nogil=True)
def _largest(block: Singles, start: int, indices: NDArray[np.int32], cosines: Singles) -> None:
    """Write the k largest of each row of `block` (b, n), without column `start + row`, in falling order."""
    k = indices.shape[1]
    for row in numba.prange(block.shape[0]):
        values = np.full(k, -np.inf, dtype=np.float32)
        places = np.zeros(k, dtype=np.int32)
        for column in range(block.shape[1]):
            value = block[row, column]
            if value > values[k - 1] and column != start + row:
                slot = k - 1
                while slot > 0 and value > values[slot - 1]:
                    values[slot] = values[slot - 1]
                    places[slot] = places[slot - 1]
                    slot -= 1
                values[slot] = value
                places[slot] = column
        indices[start + row] = places
        cosines[start + row] = values


def _with_copies(distinct: Distinct, place: Rows, k: int) -> tuple[NDArray[np.int32], Singles]:
    """Return the neighbours of all that `place` int (n,) makes one of the distinct: its copies first, then others'."""
    members = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=len(distinct)))
    indices = np.zeros((len(place), k), dtype=np.int32)
    cosines = np.zeros((len(place), k), dtype=np.float32)
    _spread(place, distinct.indices, distinct.cosines, members, ends, indices, cosines)
    return indices, cosines


@numba.njit(cache=True, nogil=True)
def _spread(
    place: Rows,
    near: NDArray[np.int32],
    near_cosines: Singles,
    members: Rows,
    ends: Rows,
    indices: NDArray[np.int32],
    cosines: Singles,
) -> None:
    k = indices.shape[1]
    for row in range(indices.shape[0]):
        filled = 0
        for step in range(-1, near.shape[1]):
            if filled == k:
                break
            group = place[row] if step < 0 else near[place[row], step]
            cosine = np.float32(1.0) if step < 0 else near_cosines[place[row], step]
            first = 0 if group == 0 else ends[group - 1]
            for position in range(first, ends[group]):
                if filled == k:
                    break
                member = members[position]
                if member != row:
                    indices[row, filled] = member
                    cosines[row, filled] = cosine
                    filled += 1
