"""What changes nothing that matters, measured as two models are: a smaller difference is none."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, frozen
from embedlab.base.progress import Report, no_report
from embedlab.compare.agreement import cka, rank_correlation
from embedlab.compare.common import part, space_of
from embedlab.compare.models import ComparedModel
from embedlab.compare.overlap import DEFAULT_K, in_common, overlap
from embedlab.corpus import Corpus
from embedlab.encoders.base import TRANSFORMER, unit
from embedlab.pipeline import at_two_precisions
from embedlab.space.neighbours import neighbours
from embedlab.space.space import Layout, Neighbours, Space

Measured = Literal["overlap", "cka", "ranks"]
SAMPLE = 1_000
"""So many texts are enough for what rounding changes."""


@dataclass(frozen=True)
class Floor:
    """One way of changing nothing that matters, and how alike the two sides still are.

    `overlap` is the mean Jaccard of the nearest texts, `cka` and `ranks` are as in `compare.Difference`; NaN where
    there are too few texts to tell.
    """

    what: str
    overlap: float
    cka: float
    ranks: float


@dataclass(frozen=True)
class Floors:
    """How far noise alone moves each measure, for each kind of noise that was tried (see `Floor`)."""

    floors: tuple[Floor, ...]

    def least(self, measure: Measured = "overlap") -> Floor | None:
        """Return the floor with the lowest value: what is no lower is no difference. None if all are NaN."""
        known = [floor for floor in self.floors if not math.isnan(getattr(floor, measure))]
        return min(known, key=lambda floor: float(getattr(floor, measure)), default=None)


def dropped(space: Space, near: Neighbours, share: float = 0.05, k: int = DEFAULT_K, seed: int = 0) -> Floor:
    """Return what the other texts keep of their `k` nearest when a `share` of the texts, drawn with `seed`, is dropped.

    Distinct texts count, each once. The distances between the texts that stay do not change, so CKA and ranks are 1:
    this is a floor for neighbours alone. `k` is lowered as in `compare.overlap`, and where `near` holds too few.
    """
    what = f"{100 * share:.0f} % of the texts dropped"
    indices = near.distinct.indices
    count = len(indices)
    gone = np.zeros(count, dtype=bool)
    gone[np.random.default_rng(seed).permutation(count)[: max(1, round(share * count))]] = True
    indices = indices[~gone]
    stays = ~gone[indices]
    k = min(k, indices.shape[1], (count - 1) // 2, int(stays.sum(axis=1).min(initial=count)))
    if k < 1 or not len(indices):
        return Floor(what, math.nan, math.nan, math.nan)
    rest = np.take_along_axis(indices, np.argsort(~stays, axis=1, kind="stable")[:, :k], axis=1)
    common = in_common(indices[:, :k], rest)
    return Floor(what, float((common / (2 * k - common)).mean()), 1.0, 1.0)


def precision(
    space: Space, other: Space, near: Neighbours, near_other: Neighbours, k: int = DEFAULT_K, seed: int = 0
) -> Floor:
    """Return how alike one model's vectors are to themselves in another precision: `space` in fp32, `other` in bf16."""
    found = overlap(near, near_other, k)
    ranks = rank_correlation(space, other, seed=seed)
    return Floor("fp32 against bf16 of one model", found.mean.mean, cka(space, other), ranks)


def rounded(space: Space, k: int = DEFAULT_K, seed: int = 0) -> Floor:
    """Return how alike a space is to itself when every number is rounded to bfloat16, as a small vector store would.

    It needs no model, so it is there for vectors of one's own, and where a machine computes in one precision only. Of
    up to `SAMPLE` distinct texts, drawn with `seed`.
    """
    full = space_of(space, part(space.corpus, sample(space.corpus, seed)))
    card = replace(space.card, runtime=f"{space.card.runtime}, rounded to bf16")
    small = replace(full, card=card, vectors=frozen(unit(_to_bf16(full.vectors))))
    return replace(precision(full, small, neighbours(full), neighbours(small), k, seed), what="vectors rounded to bf16")


def rounding(model: ComparedModel, k: int = DEFAULT_K, report: Report = no_report) -> Floor:
    """Return what rounding alone changes in a model, on a sample of its texts.

    In fp32 and as usual where it computes in both on this machine; otherwise of its vectors, rounded.
    """
    texts, entry = model.space.corpus, model.entry
    several = entry is not None and entry.family.name == TRANSFORMER.name
    both = at_two_precisions(texts, part(texts, sample(texts)).corpus, model.how, report) if several else None
    if both is None:
        return rounded(model.space, k)
    full, usual = both
    return precision(full.space, usual.space, full.neighbours, usual.neighbours, k)


def texts_left_out(model: ComparedModel, k: int = DEFAULT_K, report: Report = no_report) -> Floor:
    """Return what leaving a few texts out alone changes in a model."""
    return dropped(model.space, model.neighbours, k=k)


def in_order(found: Iterable[tuple[str, Floor]]) -> Floors | None:
    """Return the floors that were measured, each with the name of its model; None where there is none."""
    named = tuple(replace(floor, what=f"{floor.what} ({name})") for name, floor in found)
    return Floors(named) if named else None


def sample(corpus: Corpus, seed: int = 0) -> Rows:
    """Return the rows of up to `SAMPLE` distinct texts, drawn with `seed`, int (m,) rising."""
    rows, _ = corpus.distinct
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
    return np.asarray(rows, dtype=np.intp)


def _to_bf16(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the nearest numbers with eight bits of precision, ties to the even one, as float32."""
    bits = np.ascontiguousarray(vectors).view(np.uint32)
    kept = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    return np.asarray(kept.view(np.float32))


def seeds(first: Layout, second: Layout, k: int = 15) -> float:
    """Return the mean share of its `k` nearest on the map that a text keeps with another seed, 0 to 1.

    For two layouts of one space: whatever two models' maps have less in common than this is no difference of the
    models. Texts that lie in one place on both maps, as copies do, count once. `k` is lowered to half of the others;
    NaN for fewer than three places.
    """
    both = np.hstack([first.positions, second.positions])
    rows = np.sort(np.unique(both, axis=0, return_index=True)[1])
    k = min(k, (len(rows) - 1) // 2)
    if k < 1:
        return math.nan
    near, other = (_on_map(layout.positions[rows], k) for layout in (first, second))
    return float(in_common(near, other).mean() / k)


def _on_map(positions: NDArray[np.float32], k: int) -> Rows:
    """Return the `k` others nearest to each place, int (n, k)."""
    from scipy.spatial import cKDTree

    _, found = cKDTree(positions).query(positions, k + 1)
    itself = found == np.arange(len(positions))[:, None]
    itself[~itself.any(axis=1), -1] = True  # more than k others in the very same place
    return np.asarray(found[~itself].reshape(len(positions), k), dtype=np.intp)
