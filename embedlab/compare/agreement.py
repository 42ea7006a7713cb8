"""How far two spaces of the same texts agree: CKA, and the ranks of the cosines of pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows
from embedlab.compare.overlap import check_texts
from embedlab.encoders.base import unit
from embedlab.space.space import Space

Vectors = NDArray[np.float32]

PAIRS = 100_000
SHOWN = 20
# Vectors whose variance is below this are equal but for the rounding of float32.
_NO_VARIANCE = 1e-12
_SAME_COSINE = 1e-6
_ROWS_AT_ONCE = 8192
_PAIRS_AT_ONCE = 8192


# --- The space as a whole ---


def cka(first: Space, second: Space) -> float:
    """Return the linear centred kernel alignment of two spaces of the same texts, each distinct one once: 0 to 1.

    1 where one is the other turned, mirrored, shifted or scaled as a whole, whatever the dimensions. Exact, in float64
    (Kornblith et al., "Similarity of neural network representations revisited", ICML 2019). With fewer texts than
    dimensions it is high for unrelated vectors as well: see `random_cka`. NaN where a space has one vector for all
    texts. Raises `EmbedlabError` where the texts are not the same.
    """
    check_texts(first, second)
    return _aligned(_distinct(first), _distinct(second))


def random_cka(first: Space, second: Space, seed: int = 0) -> float:
    """Return the CKA of `first` with random unit vectors of as many dimensions as `second` has."""
    count = len(first.corpus.distinct[0])
    drawn = np.random.default_rng(seed).standard_normal((count, second.vectors.shape[1]), dtype=np.float32)
    return _aligned(_distinct(first), unit(drawn), np.float32)


def _aligned(first: Vectors, second: Vectors, exactly: type[np.floating] = np.float64) -> float:
    by_texts = len(first) < max(first.shape[1], second.shape[1])
    products = _text_products if by_texts else _dimension_products
    with np.errstate(under="ignore"):
        both, own, other, variances = products(first, second, exactly)
    if min(variances) / len(first) < _NO_VARIANCE:
        return math.nan
    return min(1.0, both / math.sqrt(own * other))


def _dimension_products(
    first: Vectors, second: Vectors, exactly: type[np.floating]
) -> tuple[float, float, float, tuple[float, float]]:
    """Return the squared norms of X'Y, X'X and Y'Y (d x d, however many the texts), and both variances, summed."""
    middles = [vectors.mean(axis=0, dtype=np.float64).astype(exactly) for vectors in (first, second)]
    d, e = first.shape[1], second.shape[1]
    both, own, other = np.zeros((d, e)), np.zeros((d, d)), np.zeros((e, e))
    for start in range(0, len(first), _ROWS_AT_ONCE):
        x = first[start : start + _ROWS_AT_ONCE] - middles[0]
        y = second[start : start + _ROWS_AT_ONCE] - middles[1]
        both += x.T @ y
        own += x.T @ x
        other += y.T @ y
    variances = float(np.trace(own)), float(np.trace(other))
    return _squared(both), _squared(own), _squared(other), variances


def _text_products(
    first: Vectors, second: Vectors, exactly: type[np.floating]
) -> tuple[float, float, float, tuple[float, float]]:
    """Return the same from XX' and YY' (n x n), for fewer texts than dimensions."""
    x, y = ((vectors - vectors.mean(axis=0, dtype=np.float64)).astype(exactly) for vectors in (first, second))
    own, other = x @ x.T, y @ y.T
    variances = float(np.trace(own)), float(np.trace(other))
    return float(np.vdot(own, other)), _squared(own), _squared(other), variances


def _squared(matrix: Floats) -> float:
    return float(np.vdot(matrix, matrix))


def _distinct(space: Space) -> NDArray[np.float32]:
    rows, _ = space.corpus.distinct
    return space.vectors if len(rows) == len(space) else space.vectors[rows]


# --- Pairs of texts ---


def rank_correlation(first: Space, second: Space, pairs: int = PAIRS, seed: int = 0) -> float:
    """Return Spearman's correlation of the cosines of pairs of distinct texts in two spaces, -1 to 1.

    About `pairs` random pairs drawn with `seed`, or all of them where there are no more. NaN where a space has one
    cosine for all of them, or there are fewer than two pairs. Raises `EmbedlabError` where the texts are not the same.
    """
    check_texts(first, second)
    left, right = _pairs(len(first.corpus.distinct[0]), pairs, seed)
    before, after = _cosines(first, left, right), _cosines(second, left, right)
    if len(left) < 2 or min(np.ptp(before), np.ptp(after)) < _SAME_COSINE:
        return math.nan
    return float(np.corrcoef(_percentiles(before), _percentiles(after))[0, 1])


@dataclass(frozen=True)
class PairChange:
    """Two texts, by their rows, that are closer in one space than in the other.

    `before` and `after` say where their cosine stands among those of the sampled pairs, in the first and in the second
    space: 0 is the least alike, 1 the most.
    """

    first: int
    second: int
    before: float
    after: float

    @property
    def change(self) -> float:
        """How far they rose (above 0) or fell."""
        return self.after - self.before


def pairs_changed(
    first: Space, second: Space, count: int = SHOWN, pairs: int = PAIRS, seed: int = 0
) -> tuple[PairChange, ...]:
    """Return up to `count` pairs of distinct texts whose similarity rank changed most, the largest change first.

    Of the same random pairs as in `rank_correlation`: others may have changed more. Raises `EmbedlabError` where the
    texts are not the same.
    """
    check_texts(first, second)
    rows, _ = first.corpus.distinct
    left, right = _pairs(len(rows), pairs, seed)
    before, after = (_percentiles(_cosines(space, left, right)) for space in (first, second))
    change = np.abs(after - before)
    order = np.argsort(-change, kind="stable")[:count]
    return tuple(
        PairChange(int(rows[left[at]]), int(rows[right[at]]), float(before[at]), float(after[at]))
        for at in order[change[order] > 0]
    )


def _pairs(count: int, pairs: int, seed: int) -> tuple[Rows, Rows]:
    """Return pairs of different numbers below `count`, the smaller one first, each once, in order."""
    if count * (count - 1) // 2 <= pairs:
        return np.triu_indices(count, 1)
    rng = np.random.default_rng(seed)
    one = rng.integers(0, count, pairs)
    other = rng.integers(0, count - 1, pairs)
    other += other >= one
    codes = np.unique(np.minimum(one, other) * count + np.maximum(one, other))
    return codes // count, codes % count


def _cosines(space: Space, left: Rows, right: Rows) -> NDArray[np.float32]:
    """Return the cosines of pairs of distinct texts, float32 (p,)."""
    rows, _ = space.corpus.distinct
    cosines = np.empty(len(left), dtype=np.float32)
    for start in range(0, len(left), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        cosines[some] = np.einsum("pd,pd->p", space.vectors[rows[left[some]]], space.vectors[rows[right[some]]])
    return cosines


def _percentiles(values: NDArray[np.float32]) -> Floats:
    """Return where each value stands among all, from just above 0 to just below 1, equal ones in their middle."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles = (np.cumsum(counts) - counts / 2) / len(values)
    return np.asarray(middles[where])
