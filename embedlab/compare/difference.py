"""Two models on the same texts: how alike the spaces are, in numbers and in one sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from embedlab.compare.agreement import cka, random_cka, rank_correlation
from embedlab.compare.noise import Floor, Floors
from embedlab.compare.overlap import DEFAULT_K, Overlap, overlap, random_overlap
from embedlab.space.order import NEAREST, Order, Side, order
from embedlab.space.space import Neighbours, Space

Verdict = Literal["too few", "one vector", "same", "rows", "none", "different", "unrelated"]

# Nothing but the rounding of float32 is so little; bfloat16 is far more.
_SAME_CKA = 1e-9
_CLEAR = 0.1
# A CKA lower than its floor by less than this is no difference that anybody could use.
_CKA_MARGIN = 0.01


@dataclass(frozen=True, eq=False)
class Difference:
    """Two spaces in numbers, each beside what unrelated vectors reach.

    `overlap` is of the nearest texts, text by text; `cka` and `ranks` (Spearman) look at all distances. Each is 1 where
    both spaces are the same. `texts` counts the distinct ones. NaN where something can't be said. `order` is that in
    which the rows of the second fit those of the first, if they don't as they stand.
    """

    overlap: Overlap
    cka: float
    ranks: float
    random_overlap: float
    random_cka: float
    texts: int
    order: Order | None = None

    def verdict(self, floors: Floors | None = None) -> Verdict:
        """Return what to call the difference: "rows" if rows of one are out of order, "none" if noise does as much.

        See `sentence`.
        """
        mean, floor = self.overlap.mean, floors.least("overlap") if floors else None
        if not self.overlap.k:
            return "too few"
        if math.isnan(self.cka):
            return "one vector"
        if self.cka > 1 - _SAME_CKA:  # two sets of unit vectors then have the same order of cosines
            return "same"
        if self.order is not None:
            return "rows"
        unlike, alike = mean.low <= self.random_overlap, bool(floor and mean.high >= floor.overlap)
        if unlike and (alike or mean.high > self.random_overlap + _CLEAR):
            return "too few"
        if alike and self._broadly_same(floors):
            return "none"
        return "unrelated" if unlike else "different"

    def sentence(self, floors: Floors | None = None) -> str:
        """Say in one plain sentence how different the two are, compared with what changes nothing and with chance.

        The neighbours are no different where the interval of their mean Jaccard reaches the lowest floor, and
        unrelated where it reaches what chance gives.
        """
        verdict = self.verdict(floors)
        if verdict == "too few" and not self.overlap.k:
            return "Too few different texts to compare two models: it takes at least three."
        if verdict == "one vector":
            return "One of the two gives all of these texts the same vector: there is nothing to compare."
        if verdict == "same":
            ties = "" if self.overlap.mean.mean == 1 else " but for ties"
            return (
                f"No difference at all: to these texts the two are one model, turned or scaled at most (CKA 1, and "
                f"the same {self._nearest} of every text{ties})."
            )
        if verdict == "rows" and self.order is not None:
            return f"{self.order.sentence()} {self.in_order}".rstrip()
        return self._near(verdict, floors)

    def detail(self, floors: Floors | None = None) -> str:
        """Return the figures behind the sentence; empty where there are none, or the rows are out of order."""
        if self.verdict(floors) in ("one vector", "same", "rows") or not self.overlap.k:
            return ""
        mean, floor = self.overlap.mean, floors.least("overlap") if floors else None
        beside = f"unrelated vectors {shown(self.random_overlap)}"
        if floor:
            beside = f"{floor.what} {shown(floor.overlap)}, {beside}"
        near = f"Jaccard {shown(mean.mean)}, 95 % interval {shown(mean.low)} to {shown(mean.high)}; {beside}."
        return f"{near} {self._far(floors)}"

    @property
    def in_order(self) -> str:
        """What putting the rows in order brings, in figures; "" where they are, or nobody knows in which."""
        if self.order is None or math.isnan(self.order.after):
            return ""
        before, after = (NEAREST * share for share in (self.order.before, self.order.after))
        return (
            f"Put in order, a text has {after:.1f} of its {NEAREST} nearest texts in common, instead of {before:.1f}."
        )

    @property
    def _nearest(self) -> str:
        return "nearest text" if self.overlap.k == 1 else f"{self.overlap.k} nearest texts"

    def _near(self, verdict: Verdict, floors: Floors | None) -> str:
        floor = floors.least("overlap") if floors else None
        kept = f"a text has {self.overlap.kept:.1f} of its {self._nearest} in common on average."
        said = {
            "too few": f"These {self.texts:,} texts are too few to tell",
            "none": "No difference that means anything",
            "unrelated": "As different as unrelated vectors",
        }
        return f"{said.get(verdict) or self._degree(floor)}: {kept}"

    def _degree(self, floor: Floor | None) -> str:
        if floor and self.overlap.mean.high >= floor.overlap:
            return "The same neighbours"
        above_chance = (self.overlap.mean.mean - self.random_overlap) / (1 - self.random_overlap)
        if above_chance >= 0.6:
            return "Much the same neighbours, with a difference"
        if above_chance >= 0.3:
            return "Different neighbours in part"
        return "Mostly different neighbours"

    def _far(self, floors: Floors | None) -> str:
        ranks = "" if math.isnan(self.ranks) else f", rank correlation of the similarities {shown(self.ranks)}"
        numbers = f"(CKA {shown(self.cka)}, unrelated vectors {shown(self.random_cka)}{ranks})"
        if self.random_cka > 0.5:
            return f"So few texts say little about the broad picture {numbers}."
        above_chance = (self.cka - self.random_cka) / (1 - self.random_cka)
        if floors and self._broadly_same(floors):
            return f"The broad picture is the same {numbers}."
        if above_chance >= 0.8:
            return f"The broad picture is nearly the same {numbers}."
        if above_chance >= 0.4:
            return f"The broad picture is alike in part {numbers}."
        return f"The broad picture is another one {numbers}."

    def _broadly_same(self, floors: Floors | None) -> bool:
        floor = floors.least("cka") if floors else None
        return floor is None or self.cka >= floor.cka - _CKA_MARGIN


def difference(
    first: Space, second: Space, near_first: Neighbours, near_second: Neighbours, k: int = DEFAULT_K, seed: int = 0
) -> Difference:
    """Return how different two spaces of the same texts are; `seed` draws pairs and unrelated vectors.

    Where they differ, it is looked whether they would fit in another order of rows, as vectors that came from elsewhere
    do where one row was lost.

    Raises `EmbedlabError` where the texts are not the same.
    """
    found, alike = overlap(near_first, near_second, k), cka(first, second)
    differ = found.k and alike <= 1 - _SAME_CKA
    return Difference(
        found,
        alike,
        rank_correlation(first, second, seed=seed),
        random_overlap(len(found.rows), found.k),
        random_cka(first, second, seed),
        len(found.rows),
        order(Side.of(first, near_first), Side.of(second, near_second), first.corpus)
        if differ and not (first.doubt or second.doubt)
        else None,
    )


def shown(value: float) -> str:
    """Return a measure with three digits, 1.000 only where it is 1 but for rounding; "undefined" for NaN."""
    if math.isnan(value):
        return "undefined"
    written = f"{value if value > 1 - 1e-9 else min(value, 0.999):.3f}"
    return "0.000" if written == "-0.000" else written
