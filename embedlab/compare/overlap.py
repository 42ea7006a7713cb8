"""Whose neighbours are the same: what two models have in common, text by text."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.errors import EmbedlabError
from embedlab.space.space import Neighbours, Space
from embedlab.stats.intervals import Interval, Z

DEFAULT_K = 10
SHOWN = 20
# How often the texts are halved for the interval of an overlap.
_HALVINGS = 100
_FEWEST = 10


@dataclass(frozen=True, eq=False)
class Overlap:
    """How many of its nearest texts each text has in common in two spaces.

    `shared` float64 (n,) is the share of its `k` nearest that are in both (0 to 1), `jaccard` float64 (n,) what is in
    both as a part of what is in either. Only distinct texts were compared; copies have the values of their text.
    `rows` int (u,) is the first row of each distinct text. `mean` is the mean Jaccard over them, with an interval for
    other texts of the same kind. Where there are too few texts `k` is 0, all values are NaN.
    """

    k: int
    shared: Floats
    jaccard: Floats
    rows: Rows
    mean: Interval

    @property
    def kept(self) -> float:
        """How many of its `k` nearest texts a distinct text has in common on average, 0 to `k`."""
        return float(self.k * self.shared[self.rows].mean())


def overlap(first: Neighbours, second: Neighbours, k: int = DEFAULT_K) -> Overlap:
    """Return what the `k` nearest texts in two spaces of the same texts have in common, text by text.

    Jaccard (1901): |A and B| / |A or B|. `k` is lowered where it is more than half of the other texts, as everything
    would be near everything, or more than the neighbours held; the result says which was used.

    Texts are neighbours of each other, so their values are not independent, and a bootstrap over them would be too
    sure of itself: its 95 % intervals hold 73 to 93 times in 100 when all texts are drawn anew. The interval here comes
    from halves of the texts, each with the neighbours that are left to it. Two halves share no text, so a quarter of
    the squared difference of their means has the variance of the whole's mean as its expectation, however the texts of
    a half hang together, if the variance falls as the number of texts rises (half samples: McCarthy 1969; for
    U-statistics: Wang and Lindsay 2014). It is the mean over 100 random halvings; in simulations with 12 to 1,000 texts
    it held 91 to 99 times in 100, least often with few texts; with 300 texts 949 of 1,000 (`compare_coverage` among the
    benchmarks).
    Fewer than ten texts can't tell: theirs is 0 to 1. Raises `EmbedlabError` where the texts are not the same.
    """
    if not np.array_equal(first.distinct.place, second.distinct.place):
        raise _other_texts()
    near, other, place = first.distinct.indices, second.distinct.indices, first.distinct.place
    k = max(0, min(k, near.shape[1], other.shape[1], (len(near) - 1) // 2))
    if not k:
        nothing = frozen(np.full(len(place), np.nan))
        return Overlap(0, nothing, nothing, first.distinct.rows, Interval(math.nan, math.nan, math.nan))
    common = in_common(near[:, :k], other[:, :k])
    jaccard = common / (2 * k - common)
    mean = _with_interval(float(jaccard.mean()), near, other, k)
    return Overlap(k, frozen((common / k)[place]), frozen(jaccard[place]), first.distinct.rows, mean)


def _with_interval(mean: float, near: NDArray[np.int32], other: NDArray[np.int32], k: int) -> Interval:
    count = len(near)
    if count < _FEWEST:
        return Interval(mean, 0.0, 1.0)
    k = max(1, min(k, (count // 2 - 1) // 2))  # as for the whole: not more than half of the others
    rng = np.random.default_rng(0)
    apart = np.empty(_HALVINGS)
    for halving in range(_HALVINGS):
        side = np.zeros(count, dtype=np.uint8)
        side[rng.permutation(count)[: count // 2]] = 1
        apart[halving] = _halves_apart(near, other, side, k)
    half = Z * math.sqrt(float((apart**2).mean()) / 4)
    return Interval(mean, max(0.0, mean - half), min(1.0, mean + half))


@numba.njit(cache=True, nogil=True)
def _halves_apart(near: NDArray[np.int32], other: NDArray[np.int32], side: NDArray[np.uint8], k: int) -> float:
    """Return by how much the mean Jaccard of side 1 is above that of side 0, each text with neighbours of its side."""
    totals, counts = np.zeros(2), np.zeros(2)
    of = np.full(len(near), -1, dtype=np.int32)  # whose neighbour a text was last seen to be
    for row in range(len(near)):
        found, others, common = 0, 0, 0
        for text in near[row]:
            if side[text] == side[row]:
                of[text] = row
                found += 1
                if found == k:
                    break
        for text in other[row]:
            if side[text] == side[row]:
                others += 1
                common += of[text] == row
                if others == k:
                    break
        totals[side[row]] += common / max(1, found + others - common)
        counts[side[row]] += 1
    return float(totals[1] / counts[1] - totals[0] / counts[0])


def in_common(first: NDArray[np.integer], second: NDArray[np.integer]) -> Rows:
    """Return how many numbers each row of `first` (n, k) shares with that row of `second` (n, k), none twice in a row.

    int (n,).
    """
    together = np.sort(np.hstack([first, second]), axis=1)
    return np.asarray((together[:, 1:] == together[:, :-1]).sum(axis=1), dtype=np.intp)


def most_changed(overlap: Overlap, count: int = SHOWN) -> Rows:
    """Return the rows of up to `count` texts that have the least in common, each text once, in order of row if tied.

    Texts that have all in common are left out.
    """
    values = overlap.jaccard[overlap.rows]
    order = np.argsort(values, kind="stable")[:count]
    return np.asarray(overlap.rows[order[values[order] < 1]])


def random_overlap(n: int, k: int) -> float:
    """Return the Jaccard@k to expect of `n` texts in two spaces that have nothing to do with each other.

    In closed form: what two random choices of k among n - 1 have in common is hypergeometric. NaN for no neighbours.
    """
    others = n - 1
    k = min(k, others)
    if k < 1:
        return math.nan
    ways = math.comb(others, k)
    chances = (math.comb(k, common) * math.comb(others - k, k - common) / ways for common in range(k + 1))
    return sum(chance * common / (2 * k - common) for common, chance in enumerate(chances))


def check_texts(first: Space, second: Space) -> None:
    """Make sure that both spaces hold the same texts in the same order; raises `EmbedlabError` otherwise."""
    if first.corpus is not second.corpus and first.corpus.texts != second.corpus.texts:
        raise _other_texts()


def _other_texts() -> EmbedlabError:
    return EmbedlabError("The two models hold different texts: embed the same texts, in the same order, with both.")
