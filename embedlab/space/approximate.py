"""The nearest of very many vectors, nearly all of them right: trees of random halves, then neighbours of neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Flags, Rows, Singles
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.encoders.base import Vectors
from embedlab.space.threads import parallel

VERSION = 1
"""Of the method: what another one found is not taken for what this one would."""
LEAST_RECALL = 0.95
"""The share of a text's nearest that must have been found, on average."""
MEASURED_AT = 15
"""So many of the nearest count for it: those that maps and clusters stand on."""
SAMPLE = 1_000
LEAF = 400  # texts that are compared with each other, all with all
TREES = 6
MOST_ROUNDS = 16
# So many of a text's nearest, and of those that it is near to, are asked for their own nearest; more of them, all anew,
# once a round raises the recall by less than `_GAIN`.
EFFORTS = (12, 30)
_GAIN = 0.02
_AT_ONCE = 32_768  # rows between two reports
_EXACTLY = 2_048  # that those which are asked are compared with at once
_LEAVES_AT_ONCE = 128
_PIECE = 1024  # rows that one thread projects at a time
_ALIKE = 1e-6  # cosines as close as this are equal but for rounding


@dataclass(frozen=True, eq=False)
class Approximate:
    """The nearest found: `indices` int32 (u, k) and `cosines` float32 (u, k), nearest first.

    `recall` is the mean share of the 15 truly nearest that are among them, over `sample` vectors drawn at random.
    """

    indices: NDArray[np.int32]
    cosines: Singles
    recall: float
    sample: int


def nearly_nearest(
    vectors: Vectors,
    rows: Rows,
    k: int,
    seed: int = 0,
    report: Report = no_report,
    least: float = LEAST_RECALL,
    sample: int = SAMPLE,
) -> Approximate:
    """Return the `k` nearest others of each of the vectors at `rows`, int (u,) places in `vectors` (n, d), by cosine.

    Trees split them at the median along the line between two of them (Dasgupta and Freund 2008, "Random projection
    trees"), until few are left, which are compared with each other; then each looks among the neighbours of its
    neighbours, and of those it is near to (Dong, Charikar and Li 2011, "Efficient k-nearest neighbor graph construction
    for generic similarity measures"), in rounds. After each round the recall is measured exactly on `sample` of them,
    until it is `least`; where rounds bring no more, each asks more of its neighbours. Time grows a little faster than
    with the number of vectors, which are never copied. The same arguments give the same neighbours on one machine.

    `k` is less than u. The recall can stay below `least` where hardly any vector is nearer than others: that is said.
    """
    found = _Found(vectors, rows, k, seed, report, sample)
    for _ in range(TREES):
        found.tree()
    recall = before = found.recall()
    for number in range(MOST_ROUNDS):
        if recall >= least:
            break
        if number and recall - before < _GAIN and not found.harder():
            break
        found.round()
        before, recall = recall, found.recall()
    found.watch.at(found.steps)
    np.clip(found.cosines, -1.0, 1.0, out=found.cosines)
    return Approximate(found.indices, found.cosines, recall, len(found.asked))


class _Found:
    """What is found so far, and what was `fresh` in the last round."""

    def __init__(self, vectors: Vectors, rows: Rows, k: int, seed: int, report: Report, sample: int) -> None:
        self.vectors, self.rows, self.k = vectors, np.ascontiguousarray(rows, dtype=np.int64), k
        self.indices = np.full((len(rows), k), -1, dtype=np.int32)
        self.cosines = np.full((len(rows), k), -np.inf, dtype=np.float32)
        self.fresh: Flags = np.ones((len(rows), k), dtype=np.bool_)
        self.rng = np.random.default_rng(seed)
        self.asked = np.sort(self.rng.choice(len(rows), min(sample, len(rows)), replace=False))
        self.effort = 0
        self.leaf = max(LEAF, 3 * k)  # so that each text finds enough in one tree
        # A tree and a round take about as long; there are three rounds, as a rule.
        self.steps, self.done = len(rows) * (TREES + 3), 0
        self.watch = Stopwatch("Finding neighbours", self.steps, report)
        self._truth: Singles | None = None

    def _on(self, count: int) -> None:
        self.done += count
        self.watch.at(min(self.done, self.steps - 1))

    def tree(self) -> None:
        """Split all by random halves, and compare within the last ones."""
        members, ends = np.arange(len(self.rows)), np.array([0, len(self.rows)])
        while np.diff(ends).max() > self.leaf:
            ends = self._halved(members, ends)
        for start in range(0, len(ends) - 1, _LEAVES_AT_ONCE):
            some = ends[start : start + _LEAVES_AT_ONCE + 1]
            with parallel:
                _within(self.vectors, self.rows, members, some, self.indices, self.cosines, self.fresh)
            self._on(int(some[-1] - some[0]))

    def _halved(self, members: Rows, ends: Rows) -> Rows:
        """Put the `members` of each part, those from one of the `ends` to the next, in order of halves.

        Return the ends of the halves. Equal ones are parted as they come, so that no half is ever larger.
        """
        sizes = np.diff(ends)
        one = (self.rng.random(len(sizes)) * sizes).astype(np.intp)
        other = (one + 1 + (self.rng.random(len(sizes)) * (sizes - 1)).astype(np.intp)) % sizes
        pairs = self.rows[members[ends[:-1] + np.stack([one, other])]]
        places = np.empty(len(members), dtype=np.float32)
        with parallel:
            _projected(self.vectors, self.rows, members, ends, pairs, places)
        middles = ends[:-1] + sizes // 2
        for start, middle, stop in zip(ends[:-1].tolist(), middles.tolist(), ends[1:].tolist(), strict=True):
            part = members[start:stop].copy()
            order = np.argpartition(places[start:stop], middle - start)
            members[start:middle] = np.sort(part[order[: middle - start]])
            members[middle:stop] = np.sort(part[order[middle - start :]])
        return np.sort(np.concatenate([ends, middles]))

    def harder(self) -> bool:
        """Let more be asked in the next round, and all anew; return False where no more can be."""
        if self.effort + 1 == len(EFFORTS):
            return False
        self.effort += 1
        self.fresh[:] = True
        return True

    def round(self) -> None:
        """Let each look among the neighbours of its neighbours."""
        before, fresh, near = self.indices.copy(), self.fresh, min(EFFORTS[self.effort], self.k)
        back = _backwards(before[:, :near], self.rng.permutation(len(before)), EFFORTS[self.effort])
        self.fresh = np.zeros_like(fresh)
        for start in range(0, len(self.rows), _AT_ONCE):
            stop = min(start + _AT_ONCE, len(self.rows))
            with parallel:
                _descended(
                    self.vectors, self.rows, before, fresh, back, near, start, stop,
                    self.indices, self.cosines, self.fresh,
                )  # fmt: skip
            self._on(stop - start)

    def recall(self) -> float:
        """Return the mean share of the truly nearest of those that are asked that were found."""
        count = min(MEASURED_AT, self.k)
        if not count:
            return 1.0
        if self._truth is None:
            self._truth = self._truly(count)
        return float((self.cosines[self.asked, :count] >= self._truth[:, None] - _ALIKE).mean())

    def _truly(self, count: int) -> Singles:
        """Return the cosine of the `count`-th nearest of those that are asked, exactly, float32 (a,)."""
        asked = self.vectors[self.rows[self.asked]]
        best = np.full((len(asked), count), -np.inf, dtype=np.float32)
        for start in range(0, len(self.rows), _EXACTLY):
            cosines = asked @ self.vectors[self.rows[start : start + _EXACTLY]].T
            own = np.flatnonzero((self.asked >= start) & (self.asked < start + _EXACTLY))
            cosines[own, self.asked[own] - start] = -np.inf
            among = np.concatenate([best, cosines], axis=1)
            best = np.partition(among, among.shape[1] - count, axis=1)[:, -count:]
            self.watch.at(min(self.done, self.steps - 1))
        return np.asarray(best.min(axis=1))


@numba.njit(cache=True, nogil=True, fastmath=True)
def _dot(one: Singles, other: Singles) -> float:
    total = np.float32(0.0)
    for at in range(len(one)):
        total += one[at] * other[at]
    return float(total)


@numba.njit(cache=True, parallel=True, nogil=True)
def _projected(vectors: Vectors, rows: Rows, members: Rows, ends: Rows, pairs: Rows, places: Singles) -> None:
    """Write where the members of each part lie on the line between the two of its pair; `pairs` is (2, parts)."""
    pieces = (len(members) + _PIECE - 1) // _PIECE
    for piece in numba.prange(pieces):
        first = piece * _PIECE
        part = np.searchsorted(ends, first, side="right") - 1
        direction = vectors[pairs[0, part]] - vectors[pairs[1, part]]
        for at in range(first, min(first + _PIECE, len(members))):
            if at >= ends[part + 1]:
                part += 1
                direction = vectors[pairs[0, part]] - vectors[pairs[1, part]]
            places[at] = _dot(vectors[rows[members[at]]], direction)


@numba.njit(cache=True, nogil=True, inline="always")
def _taken(index: int, cosine: float, indices: NDArray[np.int32], cosines: Singles, fresh: Flags) -> None:
    """Put one among the nearest of a text, which are in falling order; equal ones in order of first appearance."""
    last = len(indices) - 1
    if cosine < cosines[last] or (cosine == cosines[last] and index > indices[last] >= 0):
        return
    for at in range(last + 1):
        if indices[at] == index:
            return
    slot = last
    while slot > 0 and (cosine > cosines[slot - 1] or (cosine == cosines[slot - 1] and index < indices[slot - 1])):
        cosines[slot], indices[slot], fresh[slot] = cosines[slot - 1], indices[slot - 1], fresh[slot - 1]
        slot -= 1
    cosines[slot], indices[slot], fresh[slot] = cosine, index, True


@numba.njit(cache=True, parallel=True, nogil=True)
def _within(
    vectors: Vectors, rows: Rows, members: Rows, ends: Rows, indices: NDArray[np.int32], cosines: Singles, fresh: Flags
) -> None:
    """Let the members of each part take what of its others is near."""
    for part in numba.prange(len(ends) - 1):
        own = members[ends[part] : ends[part + 1]]
        block = np.empty((len(own), vectors.shape[1]), dtype=np.float32)
        for at in range(len(own)):
            block[at] = vectors[rows[own[at]]]
        for at in range(len(own)):
            one = own[at]
            for beside in range(at):
                other = own[beside]
                cosine = _dot(block[at], block[beside])
                if cosine >= cosines[one, -1]:
                    _taken(other, cosine, indices[one], cosines[one], fresh[one])
                if cosine >= cosines[other, -1]:
                    _taken(one, cosine, indices[other], cosines[other], fresh[other])


@numba.njit(cache=True, nogil=True)
def _backwards(near: NDArray[np.int32], order: Rows, most: int) -> NDArray[np.int32]:
    """Return of each `most` of those that it is among the nearest of, int32 (u, most), -1 for none.

    Those that it is nearest to come first; which of these, `order` decides.
    """
    back = np.full((len(near), most), -1, dtype=np.int32)
    filled = np.zeros(len(near), dtype=np.int32)
    for place in range(near.shape[1]):
        for row in order:
            other = near[row, place]
            if other >= 0 and filled[other] < most:
                back[other, filled[other]] = row
                filled[other] += 1
    return back


@numba.njit(cache=True, parallel=True, nogil=True)
def _descended(
    vectors: Vectors,
    rows: Rows,
    before: NDArray[np.int32],
    fresh: Flags,
    back: NDArray[np.int32],
    near: int,
    start: int,
    stop: int,
    indices: NDArray[np.int32],
    cosines: Singles,
    now: Flags,
) -> None:
    """Let the rows from `start` to `stop` look among the neighbours of their neighbours as they were `before`.

    A pair that a neighbour has already had in the last round was looked at then: only `fresh` links are followed.
    """
    for own in numba.prange(start, stop):
        seen = np.empty((near + back.shape[1]) * (near + back.shape[1]) + back.shape[1], dtype=np.int32)
        many = 0
        mine = vectors[rows[own]]
        for step in range(near + back.shape[1]):
            if step < near:
                middle = before[own, step]
                new = fresh[own, step] if middle >= 0 else False
            else:
                middle = back[own, step - near]
                new = True
            if middle < 0:
                continue
            if step >= near:
                seen[many] = middle
                many += 1
            for place in range(near):
                other = before[middle, place]
                if other >= 0 and other != own and (new or fresh[middle, place]):
                    seen[many] = other
                    many += 1
            for place in range(back.shape[1]):
                other = back[middle, place]
                if other < 0:
                    break
                if other != own:
                    seen[many] = other
                    many += 1
        candidates = np.sort(seen[:many])
        for at in range(many):
            other = candidates[at]
            if other == own or (at and candidates[at - 1] == other):
                continue
            cosine = _dot(mine, vectors[rows[other]])
            if cosine >= cosines[own, -1]:
                _taken(other, cosine, indices[own], cosines[own], now[own])
