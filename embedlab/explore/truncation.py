"""What it costs to keep only the first dimensions of each vector."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from embedlab.encoders.base import unit
from embedlab.space import Space

K = 10
SAMPLE = 1000


@dataclass(frozen=True)
class NeighboursKept:
    """How many of a text's nearest texts are still among them with `dimensions` instead of all.

    `share` is the mean over the sampled texts, `margin` half of its 95 % interval.
    """

    dimensions: int
    share: float
    margin: float


def neighbours_kept(
    space: Space, sizes: Iterable[int], k: int = K, sample: int = SAMPLE, seed: int = 0
) -> list[NeighboursKept]:
    """Return what each size in `sizes` keeps of the `k` nearest texts by cosine, exactly, for sampled texts.

    Repeated texts count once. The margin is that of sampling texts: 1.96 standard errors of the mean.
    """
    rows, _ = space.corpus.distinct
    vectors = space.vectors[rows]
    k = min(k, len(vectors) - 1)
    if k < 1:
        return [NeighboursKept(size, 1.0, 0.0) for size in sizes]
    chosen = np.sort(np.random.default_rng(seed).choice(len(vectors), min(sample, len(vectors)), replace=False))
    whole = _nearest(vectors, chosen, k)
    return [_kept(size, whole, _nearest(unit(vectors[:, :size]), chosen, k)) for size in sizes]


def _nearest(vectors: np.ndarray, chosen: np.ndarray, k: int) -> np.ndarray:
    cosines = vectors[chosen] @ vectors.T
    cosines[np.arange(len(chosen)), chosen] = -np.inf
    return np.argpartition(-cosines, k - 1, axis=1)[:, :k]


def _kept(size: int, whole: np.ndarray, short: np.ndarray) -> NeighboursKept:
    shares = np.array([len(np.intersect1d(a, b)) for a, b in zip(whole, short, strict=True)]) / whole.shape[1]
    margin = 1.96 * shares.std(ddof=1) / np.sqrt(len(shares)) if len(shares) > 1 else 0.0
    return NeighboursKept(size, float(shares.mean()), float(margin))
