"""A place on a map for vectors that it was not made of: among the landmarks nearest to them, where most of these are.

The one rule for the rest of a large corpus, for the texts of a new file on an old map, and for rows in other processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, Singles, frozen
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.encoders.base import Vectors, first_bad
from embedlab.space.distinct import NO_DIFFERENCE
from embedlab.space.threads import parallel

NEAREST = 15
REACH = 15
"""The reach of a landmark ends at so many-th nearest landmark on the map."""
_SPARE = 9  # more candidates than are needed: products of matrices round otherwise for other numbers of rows
_CELLS = 8_000_000  # cosines at once


@dataclass(frozen=True, eq=False)
class Placed:
    """Where some vectors lie on the map, and by which landmarks.

    `positions` is float32 (n, 2) or (n, 3). `nearest` int32 (n, k) are the landmarks nearest to each, nearest first,
    `cosines` float32 (n, k) theirs. `agreed` float32 (n,) is the part of their weight, 0 to 1, that lies where the
    vector was put: a low one says that its nearest lie apart on the map.
    """

    positions: Singles
    nearest: NDArray[np.int32]
    cosines: Singles
    agreed: Singles


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What has a place: `vectors` float32 (m, d), rows of length 1, and `positions` float32 (m, 2) or (m, 3)."""

    vectors: Vectors
    positions: Singles

    def __post_init__(self) -> None:
        if not len(self.vectors) or len(self.vectors) != len(self.positions):
            raise ValueError(f"{len(self.positions)} places for {len(self.vectors)} landmarks")

    @cached_property
    def reach(self) -> Singles:
        """How far from each landmark its 15 nearest on the map lie, in map units, float32 (m,)."""
        from scipy.spatial import cKDTree

        count = min(REACH, len(self.positions) - 1)
        if not count:
            return np.zeros(len(self.positions), dtype=np.float32)
        places = self.positions.astype(np.float64)
        distances, _ = cKDTree(places).query(places, count + 1, workers=-1)
        return np.asarray(distances[:, -1], dtype=np.float32)

    def place(self, vectors: Vectors, rows: Rows | None = None, report: Report = no_report) -> Placed:
        """Return the places of `vectors` (n, d), rows of length 1; or of those at `rows`, int (r,), alone.

        Each is placed by itself, whatever comes along with it. Of its 15 nearest landmarks, by cosine and exactly, each
        weighs the less, the farther it is than the nearest. The one around which most weight lies on the map, within
        its `reach`, is chosen, and the weighted mean of those within that reach is the place (a mean of all would lie
        between groups, where nothing is). What does not differ from a landmark gets its place. Texts lie closer
        together around landmarks than they would on a map made of all.

        Raises `EmbedlabError` for vectors of other dimensions than the landmarks', or that are zero or not finite.
        """
        rows = np.arange(len(vectors)) if rows is None else rows
        if vectors.shape[1] != self.vectors.shape[1]:
            raise EmbedlabError(
                f"The map was made of vectors of {self.vectors.shape[1]:,} dimensions, and these have "
                f"{vectors.shape[1]:,}: use the model that made the map."
            )
        count = min(NEAREST, len(self.vectors))
        spare = min(count + _SPARE, len(self.vectors))
        positions = np.empty((len(rows), self.positions.shape[1]), dtype=np.float32)
        nearest = np.empty((len(rows), count), dtype=np.int32)
        cosines, agreed = np.empty((len(rows), count), dtype=np.float32), np.empty(len(rows), dtype=np.float32)
        watch = Stopwatch("Placing texts", len(rows), report)
        step = max(1, _CELLS // len(self.vectors))
        for start in range(0, len(rows), step):
            some = vectors[rows[start : start + step]]
            if (bad := first_bad(some)) is not None:
                raise EmbedlabError(f"Row {int(rows[start + bad[0]]) + 1:,} can't be placed: it has {bad[1]}.")
            stop = start + len(some)
            block = some @ self.vectors.T
            with parallel:
                _placed(
                    block, some, self.vectors, self.positions, self.reach, spare,
                    positions[start:stop], nearest[start:stop], cosines[start:stop], agreed[start:stop],
                )  # fmt: skip
            watch.at(stop)
        return Placed(frozen(positions), frozen(nearest), frozen(cosines), frozen(agreed))


@numba.njit(cache=True, nogil=True)
def _highest(values: Singles, places: NDArray[np.int32], kept: Singles) -> None:
    """Write the places of the highest `values` in falling order, equal ones as they come, and the values."""
    count = len(places)
    kept[:] = -np.inf
    for at in range(len(values)):
        value = values[at]
        if value > kept[count - 1]:
            slot = count - 1
            while slot > 0 and value > kept[slot - 1]:
                kept[slot], places[slot] = kept[slot - 1], places[slot - 1]
                slot -= 1
            kept[slot], places[slot] = value, at


@numba.njit(cache=True, parallel=True, nogil=True)
def _placed(
    block: Singles,
    vectors: Vectors,
    marks: Vectors,
    places: Singles,
    reach: Singles,
    spare: int,
    positions: Singles,
    nearest: NDArray[np.int32],
    cosines: Singles,
    agreed: Singles,
) -> None:
    """Place each of `vectors` (b, d), whose cosines with the landmarks are in `block` (b, m), nearly."""
    count = nearest.shape[1]
    for row in numba.prange(block.shape[0]):
        candidates = np.zeros(spare, dtype=np.int32)
        _highest(block[row], candidates, np.empty(spare, dtype=np.float32))
        candidates = np.sort(candidates)
        # Again, in one order of summing: who is nearest must not hang on what else is placed.
        squared = np.zeros(spare)
        for at in range(spare):
            mark = marks[candidates[at]]
            for axis in range(len(mark)):
                squared[at] += (np.float64(vectors[row, axis]) - np.float64(mark[axis])) ** 2
        order = np.argsort(squared, kind="mergesort")[:count]
        for at in range(count):
            nearest[row, at] = candidates[order[at]]
            cosines[row, at] = 1.0 - squared[order[at]] / 2
        own = nearest[row]
        if squared[order[0]] <= NO_DIFFERENCE**2:
            positions[row] = places[own[0]]
            agreed[row] = 1.0
            continue
        weights = _weights(squared[order])
        best, most = 0, -1.0
        for one in range(count):
            weight = 0.0
            for other in range(count):
                if _near(places, own[one], own[other], reach[own[one]]):
                    weight += weights[other]
            if weight > most + 1e-9:
                best, most = one, weight
        mean = np.zeros(places.shape[1])
        for other in range(count):
            if _near(places, own[best], own[other], reach[own[best]]):
                for axis in range(places.shape[1]):
                    mean[axis] += weights[other] * places[own[other], axis]
        for axis in range(places.shape[1]):
            positions[row, axis] = mean[axis] / most
        agreed[row] = most / weights.sum()


@numba.njit(cache=True, nogil=True)
def _weights(squared: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each landmark weighs, from its squared distance: 1 the nearest, 1/e one of mean distance."""
    farther = squared - squared[0]
    return np.exp(-farther / max(farther.mean(), 1e-12))  # type: ignore[no-any-return]


@numba.njit(cache=True, nogil=True)
def _near(places: Singles, one: int, other: int, reach: float) -> bool:
    squared = 0.0
    for axis in range(places.shape[1]):
        squared += (places[one, axis] - places[other, axis]) ** 2
    return bool(squared <= np.float64(reach) ** 2 * (1 + 1e-6))
