"""How far a map may be trusted: whether who lies near whom on it is true in the original space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, Singles, frozen
from embedlab.base.english import counted, percent
from embedlab.encoders.base import Vectors
from embedlab.space.space import Distinct, Layout, Neighbours, Space
from embedlab.space.threads import parallel

DEFAULT_K = 15
FEWEST = 5
"""With fewer different vectors nearly every map keeps all neighbours, and the figures mean nothing."""
FEWEST_TO_TRUST = 10
"""Of fewer different texts any layout keeps the neighbours: its trust says nothing."""
SAMPLE = 2000
# Cosines closer than this are equal but for rounding: neither text counts as the nearer one.
_TIE = 2e-7
# So many texts tell whether all are equally alike.
_LOOKED_AT = 32
_BLOCK_CELLS = 8_000_000
# Columns compared at a time, few enough to stay in the processor's nearest cache.
_STRETCH = 2048
# Points that are looked at together: memory then does not grow with their number.
_POINTS = 1 << 16


@dataclass(frozen=True, eq=False)
class Trust:
    """How well a map keeps neighbours.

    `trustworthiness` is 1 where every neighbour on the map is a true neighbour, and falls with each that is
    not, by how far away it is in truth; `continuity` is 1 where every true neighbour is a neighbour on the
    map, and falls with each that was torn away. Both are near 0.5 for a random map. `margin` is half the
    width of the 95 % interval of each, as only `sample` of the `texts` that the model tells apart were looked at; 0 if
    all were. `per_point` is float32 (n,): the share of each text's `k` true neighbours that are among its `k`
    nearest on the map; a random map gives `chance`. All are NaN, and `k` 0, where there are too few texts.
    `landmarks` is how many of them were laid out, where the others were placed among these; `recall` the share of the
    true neighbours that was found, where the neighbours are not exact.
    """

    trustworthiness: float
    continuity: float
    margin: tuple[float, float]
    per_point: Singles
    chance: float
    k: int
    sample: int
    texts: int
    seed: int
    method: str
    dimensions: int
    landmarks: int | None = None
    recall: float | None = None

    @property
    def kept(self) -> float:
        """Mean of `per_point`: the share of true neighbours that a text keeps on the map."""
        return float(self.per_point.mean())

    @property
    def sentence(self) -> str:
        """What this map can and can't be used for."""
        return self.told()

    def told(self, grouped: bool = True) -> str:
        """Return the same; `grouped` says whether there are groups that a map could show."""
        if not self.k:
            if self.texts >= FEWEST:
                return "How far to trust this map can't be measured: the model finds all texts equally alike."
            return (
                "Too few texts between which the model sees a difference to tell how far to trust this map: it takes "
                f"at least {FEWEST_TO_TRUST}, and there {_are(self.texts)}."
            )
        if self.texts < FEWEST_TO_TRUST:
            return (
                f"{self.texts} different texts are too few to tell how far to trust this map: any picture of so few "
                f"is nearly true. From {FEWEST_TO_TRUST} on it is measured."
            )
        parts = [self._good_for(grouped) + self._caution(grouped)]
        if self.continuity < min(0.9, self.trustworthiness - 0.05):
            parts.append("texts that belong together may be torn apart")
        if self.landmarks is not None:
            parts.append(
                f"{self.landmarks:,} texts were laid out, and each other one was put beside its nearest of these"
            )
        if self.dimensions == 3:
            parts.append("turn it before believing that two points touch")
        return "; ".join(parts) + "."

    @property
    def detail(self) -> str:
        """How the figures were found, in one or two sentences."""
        if not self.k:
            return f"There {_are(self.texts)} different {'vector' if self.texts == 1 else 'vectors'}."
        which = "all" if self.sample == self.texts else f"{self.sample:,} (seed {self.seed}) of"
        margins = [f" ± {math.ceil(1000 * margin) / 1000:.3f}" if margin else "" for margin in self.margin]
        return (
            f"Measured on {which} {counted(self.texts, 'different text')}, each against all others, "
            f"with k = {self.k}: trustworthiness {self.trustworthiness:.3f}{margins[0]}, "
            f"continuity {self.continuity:.3f}{margins[1]}. "
            f"On average {percent(self.kept)} of a text's "
            f"{counted(self.k, 'nearest text is', 'nearest texts are')} among its {self.k} nearest on the map "
            f"({percent(self.chance)} by chance).{self._large}"
        )

    @property
    def _large(self) -> str:
        """What was done because there are so many."""
        laid_out = (
            f" {self.landmarks:,} of them were laid out by {self.method}, and each of the others was placed by itself "
            "among its nearest of these."
            if self.landmarks is not None
            else ""
        )
        if self.recall is None:
            return laid_out
        return f" Of a text's nearest texts {percent(self.recall)} were found (recall of the 15 nearest).{laid_out}"

    def _good_for(self, grouped: bool) -> str:
        """What the map is good for and what not: groups by trustworthiness, single neighbours by how many are kept.

        How many those are is the one figure: a reader can check it by clicking a text.
        """
        groups = "groups of like texts" if grouped else "which texts are roughly alike"
        if self.trustworthiness >= 0.7 and self.kept >= 0.5:
            return f"Trust this map for {groups} and for most of a text's nearest ones ({self._near('')})"
        if self.trustworthiness >= 0.85:
            return f"Trust this map for {groups}, not for a text's nearest ones ({self._near('')})"
        near = self._near("a text's ")
        if self.trustworthiness >= 0.7:
            return f"Trust this map for its broad regions, not for which texts lie side by side ({near})"
        return f"Don't trust this map: who lies near whom on it is hardly better than chance ({near})"

    def _near(self, whose: str) -> str:
        near = round(self.kept * self.k)
        nearest = f"{whose}{self.k} nearest" if whose else f"{self.k}"
        if not near:
            return f"fewer than one of {nearest} lies next to it here"
        return f"about {near} of {nearest} {'lies' if near == 1 else 'lie'} next to it here"

    def _caution(self, grouped: bool) -> str:
        """What else it is not good for; it goes on after what stands in brackets."""
        if self.trustworthiness < 0.7:
            return ""
        nor = ", not" if self.kept >= 0.5 else ", nor"
        if not grouped:
            return f"{nor} for what looks like a group: that is only how the points were laid out"
        if self.method == "UMAP":
            return f"{nor} for distances between groups and their sizes"
        return "; what lies far apart here is far apart in truth, but what lies close may not be"


def trust(
    space: Space,
    neighbours: Neighbours,
    layout: Layout,
    k: int = DEFAULT_K,
    sample: int = SAMPLE,
    seed: int = 0,
) -> Trust:
    """Compare the neighbours on the map with those in the original space.

    Trustworthiness and continuity as in Venna and Kaski (2001, "Neighborhood preservation in nonlinear
    projection methods"; 2006, "Local multidimensional scaling"), for `sample` texts drawn with `seed`, each
    ranked exactly against all others. Only distinct vectors count, as copies and texts of one vector lie in one
    place on every map; fewer than `FEWEST` can't tell.
    Tied texts share the better rank. `k` is lowered where it is not less than half the number of texts, or
    more than `neighbours` hold; the result says which was used.
    """
    distinct = neighbours.apart
    count = len(distinct)
    k = max(0, min(k, distinct.indices.shape[1], (count - 1) // 2)) if _can_tell(space.vectors, distinct.rows) else 0
    if not k:
        nothing = frozen(np.full(len(space), np.nan, dtype=np.float32))
        nan = math.nan
        return Trust(nan, nan, (nan, nan), nothing, nan, 0, 0, count, seed, layout.method, layout.dimensions)
    positions = layout.positions[distinct.rows].astype(np.float64)
    near, reach = _nearest_on_map(positions, k)
    kept = _kept(positions, distinct.indices[:, :k], reach)
    chosen = np.arange(count)
    if sample < count:
        chosen = np.sort(np.random.default_rng(seed).choice(count, sample, replace=False))
    false, torn = _penalties(space.vectors, positions, distinct, near[chosen].astype(np.int64), chosen, k)
    worst = k * (2 * count - 3 * k - 1) / 2
    trusted, continuous = 1 - false / worst, 1 - torn / worst
    return Trust(
        float(trusted.mean()),
        float(continuous.mean()),
        (_margin(trusted, count), _margin(continuous, count)),
        frozen(kept[distinct.place]),
        k / (count - 1),
        k,
        len(chosen),
        count,
        seed,
        layout.method,
        layout.dimensions,
        layout.landmarks,
        neighbours.recall,
    )


def _nearest_on_map(positions: Floats, k: int) -> tuple[NDArray[np.int32], Floats]:
    """Return the `k` other points nearest to each on the map, and the squared distance of the last one."""
    from scipy.spatial import cKDTree

    # Many points in one place would make the search quadratic: it looks at them moved apart by a hair.
    hair = np.random.default_rng(0).random(positions.shape) * (np.ptp(positions) or 1.0) * 1e-9
    moved = positions + hair
    tree = cKDTree(moved)
    near, reach = np.empty((len(positions), k), dtype=np.int32), np.empty(len(positions))
    for start in range(0, len(positions), _POINTS):
        some = np.arange(start, min(start + _POINTS, len(positions)))
        _, found = tree.query(moved[some], k + 1, workers=-1)
        own = found == some[:, None]
        near[some] = np.take_along_axis(found, np.argsort(own, axis=1, kind="stable"), axis=1)[:, :k]
        reach[some] = _squared(positions, some, near[some]).max(axis=1)
    return near, reach


def _squared(positions: Floats, rows: Rows, others: NDArray[np.integer[Any]]) -> Floats:
    """Return the squared distance of each point at `rows` to its `others`, int (r, k), as they are."""
    squared = np.zeros(others.shape)
    for axis in positions.T:
        squared += (axis[others] - axis[rows, None]) ** 2
    return squared


def _kept(positions: Floats, true: NDArray[np.int32], reach: Floats) -> Singles:
    """Return the share of each point's `true` neighbours, int (n, k), that lie within its `reach`, squared (n,)."""
    kept = np.empty(len(positions), dtype=np.float32)
    for start in range(0, len(positions), _POINTS):
        some = np.arange(start, min(start + _POINTS, len(positions)))
        near = _squared(positions, some, true[some]) <= reach[some, None]
        kept[some] = near.mean(axis=1, dtype=np.float32)
    return kept


def _penalties(
    vectors: Vectors, positions: Floats, distinct: Distinct, near: NDArray[np.int64], chosen: Rows, k: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each chosen text by how many ranks its neighbours on the map, and its true ones, are off.

    `near` int64 (chosen, k) are those on the map.
    """
    false = np.empty(len(chosen), dtype=np.int64)
    torn = np.empty(len(chosen), dtype=np.int64)
    step = max(1, _BLOCK_CELLS // len(distinct))
    by_axis = np.ascontiguousarray(positions.T)
    for start in range(0, len(chosen), step):
        rows = chosen[start : start + step]
        cosines = _cosines(vectors, distinct.rows[rows], distinct.rows)
        with parallel:
            _ranks_off(cosines, rows, near[start : start + step], _TIE, false[start : start + step])
            _ranks_off_on_map(by_axis, rows, distinct.indices[rows, :k], torn[start : start + step])
    return false, torn


@numba.njit(cache=True, parallel=True, nogil=True)
def _ranks_off(cosines: Singles, rows: Rows, others: NDArray[np.int64], tie: float, off: NDArray[np.int64]) -> None:
    k = others.shape[1]
    for place in numba.prange(len(rows)):
        row = cosines[place]
        row[rows[place]] = -np.inf
        bars = np.empty(k, dtype=np.float32)
        for other in range(k):
            bars[other] = row[others[place, other]] + tie
        closer = np.zeros(k, dtype=np.int32)
        for start in range(0, len(row), _STRETCH):
            stretch = row[start : start + _STRETCH]
            for other in range(k):
                closer[other] += _above(stretch, bars[other])
        off[place] = np.maximum(0, closer + 1 - k).sum()


@numba.njit(cache=True, parallel=True, nogil=True)
def _ranks_off_on_map(positions: Floats, rows: Rows, others: NDArray[np.int32], off: NDArray[np.int64]) -> None:
    k = others.shape[1]
    for place in numba.prange(len(rows)):
        own = rows[place]
        bars = np.zeros(k)
        for axis in range(positions.shape[0]):
            for other in range(k):
                bars[other] -= (positions[axis, others[place, other]] - positions[axis, own]) ** 2
        # The text itself is nearer than all, and is left out again.
        closer = np.where(bars < 0, -1, 0).astype(np.int32)
        near = np.empty(_STRETCH)
        for start in range(0, positions.shape[1], _STRETCH):
            stretch = near[: min(_STRETCH, positions.shape[1] - start)]
            stretch[:] = 0
            for axis in range(positions.shape[0]):
                centre = positions[axis, own]
                for at in range(len(stretch)):
                    stretch[at] -= (positions[axis, start + at] - centre) ** 2
            for other in range(k):
                closer[other] += _above(stretch, bars[other])
        off[place] = np.maximum(0, closer + 1 - k).sum()


@numba.njit(cache=True, nogil=True, inline="always")
def _above(values: NDArray[np.floating[Any]], bar: float) -> int:
    count = np.int32(0)
    for value in values:
        count += np.int32(value > bar)
    return int(count)


def _cosines(vectors: Vectors, some: Rows, rows: Rows) -> Singles:
    """Return the cosines of the vectors at `some` with those at `rows`, float32 (s, r); few are copied at a time."""
    if len(rows) == len(vectors):
        return np.asarray(vectors[some] @ vectors.T)
    found = np.empty((len(some), len(rows)), dtype=np.float32)
    for start in range(0, len(rows), _POINTS):
        found[:, start : start + _POINTS] = vectors[some] @ vectors[rows[start : start + _POINTS]].T
    return found


def _can_tell(vectors: Vectors, rows: Rows) -> bool:
    """Whether there are enough vectors at `rows`, and some are nearer to each other than others."""
    if len(rows) < FEWEST:
        return False
    cosines = _cosines(vectors, rows[:_LOOKED_AT], rows)
    np.fill_diagonal(cosines, cosines[0, 1])  # each with itself says nothing
    return bool(np.ptp(cosines) > _TIE)


def _are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count:,}"


def _margin(values: Floats, population: int) -> float:
    """Return half the width of the 95 % interval of the mean, for a sample without replacement."""
    if len(values) >= population or len(values) < 2:
        return 0.0
    left = (population - len(values)) / (population - 1)
    return float(1.96 * values.std(ddof=1) * math.sqrt(left / len(values)))
