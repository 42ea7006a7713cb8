"""Whose neighbours are the same: what two models have in common, text by text."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import frozen
from embedlab.errors import EmbedlabError
from embedlab.lab.intervals import Interval
from embedlab.space.space import Neighbours, Space

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]

DEFAULT_K = 10
SHOWN = 20
# Parts of the texts drawn for the interval of an overlap, and how large: so many keep enough of the neighbours known.
_PARTS = 100
_PART = 0.65
_FEWEST = 10
_Z = 1.959963984540054


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
    from parts of the texts, each with the neighbours that are left to it (subsampling: Politis and Romano 1994), scaled
    to the whole; it held 95 to 100 times, being up to 1.7 times as wide as it need be. Fewer than ten texts can't tell:
    theirs is 0 to 1. Raises `EmbedlabError` where the texts are not the same.
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
    size = round(_PART * count)
    rng = np.random.default_rng(0)
    means = np.empty(_PARTS)
    for part in range(_PARTS):
        drawn = np.zeros(count, dtype=np.bool_)
        drawn[rng.permutation(count)[:size]] = True
        means[part] = _jaccard_of_part(near, other, drawn, k)
    half = _Z * float(means.std()) * math.sqrt(size / (count - size))
    return Interval(mean, max(0.0, mean - half), min(1.0, mean + half))


@numba.njit(cache=True, nogil=True)
def _jaccard_of_part(near: NDArray[np.int32], other: NDArray[np.int32], drawn: NDArray[np.bool_], k: int) -> float:
    """Return the mean Jaccard of the `drawn` texts, of their first `k` neighbours that are drawn as well."""
    total = 0.0
    own = np.empty(k, dtype=np.int32)
    for row in range(len(near)):
        if not drawn[row]:
            continue
        found = 0
        for text in near[row]:
            if drawn[text]:
                own[found] = text
                found += 1
                if found == k:
                    break
        others, common = 0, 0
        for text in other[row]:
            if drawn[text]:
                others += 1
                for place in range(found):
                    common += own[place] == text
                if others == k:
                    break
        total += common / max(1, found + others - common)
    return float(total / max(1, drawn.sum()))


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
