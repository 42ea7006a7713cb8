"""Outliers: texts that lie apart from all others in a model's space; and those that it takes for another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted, percent
from embedlab.check.base import LEAVE_OUT, USUAL, Checked, Decision, Finding, FindingKind, Line, ShownTexts, usual
from embedlab.check.duplicates import Duplicates
from embedlab.corpus import Column
from embedlab.space import Neighbours, Space

K = 20
FAR = 3.5
COLLAPSED = 0.995
_LEAST = 1e-6
FARTHEST = 100  # lines that are shown to be compared with, where fewer are outliers


@dataclass(frozen=True, eq=False)
class Outliers:
    """How far each text lies from the others.

    `distance` float64 (n,) is the mean cosine distance to the 20 nearest other texts. `density` float64 (n,) is the
    local outlier factor: 1 where a text lies as close to its neighbours as they to theirs, more where it is lonelier.
    `order` int are the first rows of all distinct texts, the most outlying first: by distance, for a factor above 1
    also marks the edge of every dense group. `flagged` are those far above the median distance (a modified z-score
    above 3.5). `blurred` are texts that the model takes for the same as another that reads differently (a cosine of
    0.995 or more): often of a script, or of signs, that it does not know.
    """

    distance: Floats
    density: Floats
    order: Rows
    flagged: Rows
    blurred: Rows


def outliers(space: Space, near: Neighbours, repeated: Duplicates | None = None) -> Outliers:
    """Return how far the texts lie from each other; copies count once.

    `repeated` says which texts read alike, so that those are not called blurred; without it none are. Of up to 20 other
    texts nothing can be said to be far. Sources: Ramaswamy, Rastogi and Shim 2000 (distance to the nearest); Breunig
    et al., "LOF", 2000; Iglewicz and Hoaglin 1993.
    """
    distinct = near.distinct
    k = min(K, distinct.indices.shape[1])
    if not k:
        nothing = np.empty(0, dtype=np.intp)
        return Outliers(np.zeros(len(space)), np.ones(len(space)), distinct.rows, nothing, nothing)
    away = np.maximum(1.0 - distinct.cosines[:, :k].astype(np.float64), 0.0)
    distance = away.mean(axis=1)
    order = np.argsort(-distance, kind="stable")
    far = order[(modified_z(distance)[order] > FAR) & (len(distinct) > K)]
    factor = _local_outlier_factor(distinct.indices[:, :k], away)
    return Outliers(
        frozen(distance[distinct.place]),
        frozen(factor[distinct.place]),
        frozen(distinct.rows[order]),
        frozen(distinct.rows[far]),
        frozen(_blurred(near, repeated)),
    )


def modified_z(values: Floats) -> Floats:
    """Return how far each value lies from the median, in standard deviations of a normal distribution.

    The median of the absolute deviations says how much they spread; where it is 0 their mean does, and where that is 0
    too, nothing is far. Source: Iglewicz and Hoaglin, "How to detect and handle outliers", 1993.

    Both tell only of the middle half. Where that is narrow and the rest is not (most texts are cut at one length, most
    hold no digit), they would call all the rest far. So where more than one value in twenty would be above 3.5
    (`usual`), the deviation that one in twenty exceeds says how much they spread: 1.96 of a normal distribution.
    """
    if not len(values):
        return np.zeros(0)
    away = values - np.median(values)
    size = np.abs(away)
    spread = float(np.median(size)) / 0.6745 or float(size.mean()) * 1.2533
    if usual(int((size > FAR * spread).sum()), len(values)):
        spread = max(spread, float(np.quantile(size, 1 - USUAL)) / 1.96)
    return np.asarray(away / spread if spread else np.zeros(len(values)))


def _local_outlier_factor(beside: NDArray[np.int32], away: Floats) -> Floats:
    reach = np.maximum(away, away[beside, -1])  # never nearer than the other's own k nearest
    sparse = np.maximum(reach.mean(axis=1), _LEAST)
    return np.asarray(sparse * (1 / sparse[beside]).mean(axis=1))


def _blurred(near: Neighbours, repeated: Duplicates | None) -> Rows:
    """Return the first rows of the texts with nearly the vector of one that is neither a copy nor a near-duplicate."""
    if repeated is None:
        return np.empty(0, dtype=np.intp)
    alike = set(map(tuple, repeated.pairs.tolist()))
    distinct = near.distinct
    found = set()
    for at, step in np.argwhere(distinct.cosines >= COLLAPSED).tolist():
        row, other = int(distinct.rows[at]), int(distinct.rows[distinct.indices[at, step]])
        one, two = sorted((repeated.first_of(row), repeated.first_of(other)))
        if one != two and (one, two) not in alike:
            found.add(row)
    return np.array(sorted(found), dtype=np.intp)


class FarTexts(FindingKind):
    """Texts that lie apart from all others, each with its copies."""

    key = "outliers"
    title = "Outliers"
    limits = (0.01, math.inf)
    heads = ("Distance", "Density factor", "Text")
    offer = LEAVE_OUT
    unflagged = "None is out of the ordinary. These are the farthest, for you to judge."

    def found(self, checked: Checked) -> Finding:
        """Count the distinct texts that lie far away."""
        found = checked.outliers
        rows, of = found.flagged, len(found.order)
        many = usual(len(rows), of)
        told = "No text lies far from all others in the model's space."
        if len(rows):
            told = f"{counted(len(rows), 'text lies', 'texts lie')} far from all others in the model's space"
            told += f": {percent(len(rows) / of)} of them, so they are a kind of text of their own." if many else "."
        detail = "By the mean distance to the 20 nearest texts: a modified z-score above 3.5."
        colours = Column("Distance to the nearest texts", "number", found.distance)
        return self.summed(told, rows, of, detail, usual=many, colours=colours)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield the outliers and, to be compared with, others that lie far away; the farthest first."""
        found = checked.outliers
        flagged = set(found.flagged.tolist())
        for row in found.order[: max(FARTHEST, len(flagged))].tolist():
            distance, factor = float(found.distance[row]), float(found.density[row])
            why = f"lies far from all others (distance {distance:.2f})"
            rows = checked.rows_like(row)
            drops = tuple(Decision(same, self.key, "drop", why) for same in rows)
            yield Line((distance, factor, shown(row)), rows, drops, row in flagged)
