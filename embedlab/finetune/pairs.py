"""How well models know pairs of texts that were held out, and whether fine-tuning changed it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Floats, Rows, Singles
from embedlab.base.arrays import frozen as read_only
from embedlab.base.english import counted
from embedlab.corpus.pair_split import PairSplit
from embedlab.evaluate.quality import SPEARMAN, Quality, Task
from embedlab.evaluate.versus import Verdict, versus
from embedlab.finetune.compared import FROZEN, TUNED, changed
from embedlab.stats.intervals import Interval, draws, percentiles, resampled_means, share, spearman

MRR, RECALL = "MRR@10", "Recall@1"


@dataclass(frozen=True, eq=False)
class PairsCompared:
    """Both models on the same `pairs` held out, by one `measure`; `difference` is tuned minus frozen, paired.

    `sentence` says the verdict, `detail` the figures behind it.
    """

    measure: str
    frozen: Interval
    tuned: Interval
    difference: Interval
    verdict: Verdict
    sentence: str
    detail: str
    pairs: int

    @property
    def figures(self) -> dict[str, str]:
        """What a model card says of it: the figures of both models, the verdict, and what it rests on."""
        sides = {"frozen": self.frozen, "fine-tuned": self.tuned, "fine-tuned minus frozen": self.difference}
        figures = {f"{self.measure}, {side}": str(found) for side, found in sides.items()}
        return figures | {"verdict": self.sentence, "figures behind it": self.detail}


def measures(split: PairSplit, vectors: Singles) -> dict[str, Interval]:
    """Return how well `vectors` (n, d) of the texts of pairs know those held out: intervals by the name of a measure.

    Spearman's correlation where pairs have scores; else how often a partner is found first, and how early.
    """
    if split.scores is not None:
        return {SPEARMAN: correlation(split.cosines(vectors), split.scores[split.held_out])}
    found = _retrieval(split, vectors)
    return {RECALL: found.recall_at_1, MRR: found.mrr}


def pairs_compared(split: PairSplit, frozen: Singles, tuned: Singles) -> PairsCompared:
    """Return the paired comparison of two models, by their vectors (n, d) each, on the held-out pairs of `split`."""
    if split.scores is not None:
        return scored(split.cosines(frozen), split.cosines(tuned), split.scores[split.held_out])
    return retrieved(_retrieval(split, frozen), _retrieval(split, tuned))


def _retrieval(split: PairSplit, vectors: Singles) -> Retrieval:
    return retrieval(*split.asked(vectors), split.second[split.held_out])


def scored(before: Floats, after: Floats, scores: Floats) -> PairsCompared:
    """Return Spearman's rank correlation of the cosines with the scores, before and after; all float64 (p,).

    The draws of pairs are the same for both. NaN where all scores are equal.
    """
    task = Task("pairs", "held-out pairs", len(scores), ())
    return _compared(SPEARMAN, task, _correlated(before, scores), _correlated(after, scores))


def correlation(cosines: Floats, scores: Floats) -> Interval:
    """Return Spearman's rank correlation of float64 (p,) both, with its bootstrap interval over pairs.

    0 where all cosines are equal, for they order nothing; NaN where all scores are.
    """
    return _correlated(cosines, scores)[0]


def _correlated(cosines: Floats, scores: Floats) -> tuple[Interval, Floats]:
    if np.ptp(scores) == 0:
        return Interval(*[float("nan")] * 3), np.full(1, np.nan)
    whole = np.ones((1, len(scores)), dtype=np.int64)
    value, drawn = (
        np.nan_to_num(np.concatenate([spearman(cosines, scores, counts) for counts in all_counts]))
        for all_counts in ([whole], draws(len(scores)))
    )
    return percentiles(float(value[0]), drawn), drawn


@dataclass(frozen=True, eq=False)
class Retrieval:
    """How early each first text finds the second one that belongs to it, among the second texts of all pairs.

    `ranks` int (p,) begin at 1. `recall_at_1` is the share found first, `mrr` the mean
    of `reciprocal`, float64 (p,): 1 / rank of each pair, 0 beyond rank 10.
    """

    ranks: Rows
    recall_at_1: Interval
    mrr: Interval
    reciprocal: Floats


def retrieval(first: Singles, second: Singles, documents: Rows | None = None) -> Retrieval:
    """Return how well pairs of unit vectors, (p, d) both, find each other by cosine.

    `documents` int (p,) are numbers that equal second texts share; each counts once. Of equally near texts the wrong
    one counts as the nearer, so that a model for which all texts are one finds nothing.
    """
    numbers = np.arange(len(second)) if documents is None else documents
    _, rows, own = np.unique(numbers, return_index=True, return_inverse=True)
    cosines = first.astype(np.float64) @ second[rows].T.astype(np.float64)
    found = cosines[np.arange(len(own)), own]
    ranks = (cosines >= found[:, None] - 1e-9).sum(axis=1)
    reciprocal = np.where(ranks <= 10, 1 / ranks, 0.0)
    mrr = percentiles(float(reciprocal.mean()), resampled_means(reciprocal[None])[0])
    return Retrieval(read_only(ranks), share((ranks == 1).astype(np.float64)), mrr, reciprocal)


def retrieved(before: Retrieval, after: Retrieval) -> PairsCompared:
    """Return the paired comparison of two models by the mean reciprocal rank of the same pairs."""
    drawn = resampled_means(np.stack([before.reciprocal, after.reciprocal]))
    task = Task("pairs", "held-out pairs", len(before.ranks), ())
    return _compared(MRR, task, (before.mrr, drawn[0]), (after.mrr, drawn[1]), before.reciprocal, after.reciprocal)


def _compared(
    measure: str,
    task: Task,
    before: tuple[Interval, Floats],
    after: tuple[Interval, Floats],
    values_before: Floats | None = None,
    values_after: Floats | None = None,
) -> PairsCompared:
    items = np.arange(task.items)
    one, other = (
        Quality(name, task, items, {} if values is None else {measure: values}, {}, {measure: mean}, {measure: drawn})
        for name, (mean, drawn), values in ((TUNED, after, values_after), (FROZEN, before, values_before))
    )
    if not (np.isfinite(before[0].mean) and np.isfinite(after[0].mean)):
        nothing = Interval(*[float("nan")] * 3)
        why = f"All {counted(task.items, 'pair')} have the same score, so there is no order to agree with."
        return PairsCompared(measure, before[0], after[0], nothing, "tie", why, "", task.items)
    found = versus(one, other, measure)
    detail = f"{measure}, tuned minus frozen, on {counted(task.items, 'held-out pair')}: {changed(found.difference)}."
    sentence = _sentence(measure, found.verdict, before[0], after[0])
    return PairsCompared(measure, before[0], after[0], found.difference, found.verdict, sentence, detail, task.items)


def _sentence(measure: str, verdict: Verdict, before: Interval, after: Interval) -> str:
    if verdict == "tie":
        return "No difference between the tuned and the frozen model shows on these held-out pairs."
    first, second = (after, before) if verdict == "better" else (before, after)
    models = (TUNED, FROZEN) if verdict == "better" else (FROZEN, TUNED)
    return (
        f"{models[0].capitalize()} is better: {measure} {first.mean:.3f} on the held-out pairs, {models[1]} "
        f"{second.mean:.3f}."
    )
