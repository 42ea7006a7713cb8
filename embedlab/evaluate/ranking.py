"""How good a ranking is, by judgements of what is relevant; with intervals, and one method against another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted
from embedlab.stats.intervals import LEVEL, Interval, interval

NDCG, RECALL_10, RECALL_100, MRR = "nDCG@10", "recall@10", "recall@100", "MRR@10"
METRICS = (NDCG, RECALL_10, RECALL_100, MRR)
EXPLAINED = {
    NDCG: "How much of what is relevant stands in the first ten, each less the further down it stands "
    "(1 / log2 of its rank + 1), as a part of the best order possible.",
    RECALL_10: "The share of all relevant texts that are among the first ten.",
    RECALL_100: "The share of all relevant texts that are among the first hundred.",
    MRR: "One divided by the rank of the first relevant text, 0 if none is among the first ten.",
}


@dataclass(frozen=True, eq=False)
class Judged:
    """What is relevant to one query: `items` int (r,), each once, and their `grades` float64 (r,), above 0."""

    items: Rows
    grades: Floats


def scored(ranked: Sequence[Rows], judged: Sequence[Judged]) -> dict[str, Floats]:
    """Return each of `METRICS` for each query, float64 (q,).

    `ranked[i]` are the items found for query i, best first, each once. As trec_eval and BEIR compute them: the gain
    of an item in nDCG is its grade, and every grade above 0 is relevant to recall and MRR. Raises `ValueError` for a
    query that nothing is relevant to.
    """
    rows = [_one(found, judgement) for found, judgement in zip(ranked, judged, strict=True)]
    columns = np.array(rows, dtype=np.float64).reshape(-1, len(METRICS)).T
    return {name: frozen(column.copy()) for name, column in zip(METRICS, columns, strict=True)}


def _one(found: Rows, judged: Judged) -> tuple[float, float, float, float]:
    if not len(judged.items):
        raise ValueError("nothing is relevant to this query")
    gains = _gains(found[:100], judged)
    best = np.sort(judged.grades)[::-1][:10]
    first = np.flatnonzero(gains[:10] > 0)
    return (
        _discounted(gains[:10]) / _discounted(best),
        float((gains[:10] > 0).sum()) / len(judged.items),
        float((gains > 0).sum()) / len(judged.items),
        1 / (1 + float(first[0])) if len(first) else 0.0,
    )


def _gains(found: Rows, judged: Judged) -> Floats:
    order = np.argsort(judged.items)
    items, grades = judged.items[order], judged.grades[order]
    places = np.minimum(np.searchsorted(items, found), len(items) - 1)
    return np.where(items[places] == found, grades[places], 0.0)


def _discounted(gains: Floats) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())


# --- One method against another ---

Verdict = Literal["best", "less", "tie"]


@dataclass(frozen=True)
class Ranked:
    """The place of one method among all by one measure.

    `interval` is its mean with its own interval, `behind` how much less that is than the best one's, with an interval
    that holds for all pairs of methods at once; None for the best. `verdict` says whether it is less, or can't be told
    from the best.
    """

    method: str
    interval: Interval
    behind: Interval | None
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class MethodScores:
    """Several methods on the same queries: `values[method][metric]` is float64 (q,), a value a query."""

    values: Mapping[str, Mapping[str, Floats]]

    def __len__(self) -> int:
        return len(next(iter(next(iter(self.values.values())).values())))

    @property
    def pairs(self) -> int:
        """How many pairs of methods there are."""
        return math.comb(len(self.values), 2)

    def interval(self, method: str, metric: str = NDCG) -> Interval:
        """Return the mean of one method, with its interval."""
        return interval(self.values[method][metric])

    def difference(self, first: str, second: str, metric: str = NDCG) -> Interval:
        """Return how much better `first` is than `second`, with the paired interval, which holds for all pairs at once.

        The bootstrap's is widened as Bonferroni asks of so many pairs, and as few queries ask for: by Student's
        quantile for the normal one, and for the variance that resampling loses (Hesterberg 2015).
        """
        found = interval(self.values[first][metric] - self.values[second][metric])
        wider = _wider(len(self), self.pairs)
        return Interval(found.mean, *(found.mean + wider * (end - found.mean) for end in (found.low, found.high)))

    def apart(self, first: str, second: str, metric: str = NDCG) -> bool:
        """Return whether two methods can be told apart: the interval of their difference leaves 0 out.

        And so many queries tell them apart that one sign in all of them would not be chance, for all pairs at once.
        """
        differing = np.abs(self.values[first][metric] - self.values[second][metric]) > 1e-12
        enough = self.pairs * 0.5 ** (int(differing.sum()) - 1) <= 1 - LEVEL
        return enough and self.difference(first, second, metric).apart_from_zero

    def ranked(self, metric: str = NDCG) -> tuple[Ranked, ...]:
        """Return the methods, the best mean first."""
        best, *others = sorted(self.values, key=lambda method: -float(self.values[method][metric].mean()))
        return Ranked(best, self.interval(best, metric), None, "best"), *(
            Ranked(
                method,
                self.interval(method, metric),
                self.difference(best, method, metric),
                "less" if self.apart(best, method, metric) else "tie",
            )
            for method in others
        )

    def verdict(self, metric: str = NDCG) -> str:
        """Say which way of searching finds most, or that these queries can't show it."""
        best, *others = self.ranked(metric)
        tied = [one.method for one in others if one.verdict == "tie"]
        queries = "This query" if len(self) == 1 else f"These {len(self):,} queries"
        if len(tied) == len(others):
            return f"{queries} can't show which way of searching finds most."
        if tied:
            queries = queries.lower()
            return f"Searching by {best.method} finds most, but {queries} can't tell it from searching by {tied[0]}."
        return f"Searching by {best.method} finds most, more than by {' or '.join(one.method for one in others)}."

    @property
    def detail(self) -> str:
        """What the verdict rests on, for a line below it."""
        pairs = f", for all {self.pairs} pairs together" if self.pairs > 1 else ""
        return f"{NDCG} over {counted(len(self), 'query', 'queries')}; differences paired, 95 % intervals{pairs}."


def _wider(count: int, pairs: int) -> float:
    """Return by how much the 95 % bootstrap interval of a mean of `count` values is to be widened."""
    from scipy.special import stdtrit

    if count < 2:
        return 1.0
    tail = (1 - LEVEL) / 2
    quantile = float(stdtrit(count - 1, tail / pairs)) / NormalDist().inv_cdf(tail)
    return quantile * math.sqrt(count / (count - 1))
