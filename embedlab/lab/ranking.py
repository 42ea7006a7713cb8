"""How good a ranking is, by judgements of what is relevant; with intervals, and one method against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import frozen
from embedlab.lab.intervals import Interval, interval

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

    items: NDArray[np.intp]
    grades: NDArray[np.float64]


def scored(ranked: Sequence[NDArray[np.intp]], judged: Sequence[Judged]) -> dict[str, NDArray[np.float64]]:
    """Return each of `METRICS` for each query, float64 (q,).

    `ranked[i]` are the items found for query i, best first, each once. As trec_eval and BEIR compute them: the gain
    of an item in nDCG is its grade, and every grade above 0 is relevant to recall and MRR. Raises `ValueError` for a
    query that nothing is relevant to.
    """
    rows = [_one(found, judgement) for found, judgement in zip(ranked, judged, strict=True)]
    columns = np.array(rows, dtype=np.float64).reshape(-1, len(METRICS)).T
    return {name: frozen(column.copy()) for name, column in zip(METRICS, columns, strict=True)}


def _one(found: NDArray[np.intp], judged: Judged) -> tuple[float, float, float, float]:
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


def _gains(found: NDArray[np.intp], judged: Judged) -> NDArray[np.float64]:
    order = np.argsort(judged.items)
    items, grades = judged.items[order], judged.grades[order]
    places = np.minimum(np.searchsorted(items, found), len(items) - 1)
    return np.where(items[places] == found, grades[places], 0.0)


def _discounted(gains: NDArray[np.float64]) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())


# --- One method against another ---


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several methods on the same queries: `values[method][metric]` is float64 (q,), a value a query."""

    values: Mapping[str, Mapping[str, NDArray[np.float64]]]

    def __len__(self) -> int:
        return len(next(iter(next(iter(self.values.values())).values())))

    def interval(self, method: str, metric: str = NDCG) -> Interval:
        """Return the mean of one method, with its interval."""
        return interval(self.values[method][metric])

    def difference(self, first: str, second: str, metric: str = NDCG) -> Interval:
        """Return how much better `first` is than `second`, with the paired interval."""
        return interval(self.values[first][metric] - self.values[second][metric])

    def order(self, metric: str = NDCG) -> list[str]:
        """Return the methods, the best mean first."""
        return sorted(self.values, key=lambda method: -float(self.values[method][metric].mean()))

    def verdict(self, first: str, second: str, metric: str = NDCG) -> str:
        """Say which of two methods is better, or that these judgements can't tell."""
        difference = self.difference(first, second, metric)
        if not difference.apart_from_zero:
            return (
                f"No difference between {first} and {second} that these {len(self):,} queries can show "
                f"({metric} {difference.mean:+.3f}, 95 % interval {difference.low:+.3f} to {difference.high:+.3f})."
            )
        if difference.mean < 0:
            first, second = second, first
            difference = Interval(-difference.mean, -difference.high, -difference.low)
        return (
            f"{first[:1].upper()}{first[1:]} beats {second} by {difference.mean:.3f} {metric} "
            f"(95 % interval {difference.low:.3f} to {difference.high:.3f}, {len(self):,} queries)."
        )
