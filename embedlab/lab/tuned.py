"""A fine-tuned model against the frozen one, on the same held-out texts or pairs: is it better, and where?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import frozen as read_only
from embedlab.corpus.cells import counted
from embedlab.corpus.split import Split
from embedlab.lab import chance
from embedlab.lab.frozen import PROBE, Reader, centred, macro_f1, macro_f1_draws
from embedlab.lab.intervals import Interval, share
from embedlab.lab.quality import SPEARMAN, Quality, Task
from embedlab.lab.resampling import draws, percentiles, resampled_means, spearman
from embedlab.lab.versus import Verdict, Versus, versus

TUNED, FROZEN = "the tuned model", "the frozen model"
FEW_LABELS = 5
"""With fewer texts a class to learn from, one training tells of these texts and not of the model."""
MRR = "MRR@10"

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


# --- By labels -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Compared:
    """Both models by each way of reading labels off, on the same held-out texts.

    `differences` and `f1_differences` are tuned minus frozen, by the name of the reader, with their paired interval.
    `verdict` is that of the tuned model by the linear probe alone, chosen beforehand: the other two would be further
    chances to find a difference where there is none. `sentence` says it. `few_labels` is True where a class has so few
    texts to learn from, and `unreadable` where both models name labels so badly, that the verdict is a tie whatever
    the difference.
    """

    frozen: tuple[Reader, ...]
    tuned: tuple[Reader, ...]
    differences: Mapping[str, Interval]
    f1_differences: Mapping[str, Interval]
    verdict: Verdict
    sentence: str
    few_labels: bool = False
    unreadable: bool = False

    @property
    def difference(self) -> Interval:
        """That of the linear probe's accuracy."""
        return self.differences[PROBE]


def compared(frozen: tuple[Reader, ...], tuned: tuple[Reader, ...], split: Split) -> Compared:
    """Return the paired comparison of two models' `readers` on one split.

    Differences are resampled over the held-out texts, the same draws for both models (Efron and Tibshirani 1993). The
    verdict follows `embedlab.lab.quality.versus`; below `FEW_LABELS` texts a class (the median class) it is a tie, for
    the interval knows nothing of what other texts to learn from would give. So it is where neither model is better
    than always naming the largest class: there, tuning shifts which labels are guessed, and no more. Raises
    `ValueError` for readers of another split.
    """
    texts, every = len(split.held_out), (*frozen, *tuned)
    if [one.name for one in frozen] != [one.name for one in tuned] or any(len(one.right) != texts for one in every):
        raise ValueError("readers of another split, or not the same ones")
    answers = split.codes[split.held_out]
    drawn = resampled_means(np.stack([one.right for one in every]))
    f1 = macro_f1_draws([one.predicted for one in every], answers)
    differences: dict[str, Interval] = {}
    f1_differences: dict[str, Interval] = {}
    for at, (before, after) in enumerate(zip(frozen, tuned, strict=True)):
        of_both = slice(at, None, len(frozen))
        gain = after.accuracy.mean - before.accuracy.mean
        differences[before.name] = percentiles(gain, np.diff(drawn[of_both], axis=0)[0])
        gain = macro_f1(after.predicted, answers) - macro_f1(before.predicted, answers)
        f1_differences[before.name] = centred(gain, np.diff(f1[of_both], axis=0)[0])
    at = next(at for at, one in enumerate(frozen) if one.name == PROBE)
    found = _versus(frozen[at], tuned[at], drawn[at :: len(frozen)], split)
    unreadable = at_chance((frozen[at], tuned[at]), split)
    few = not unreadable and float(np.median(split.sizes)) < FEW_LABELS
    verdict: Verdict = "tie" if unreadable or few else found.verdict
    said = _unreadable if unreadable else _few_labels if few else _as_found
    return Compared(frozen, tuned, differences, f1_differences, verdict, said(found, split), few, unreadable)


def _versus(frozen: Reader, tuned: Reader, drawn: Floats, split: Split) -> Versus:
    task = Task("labels", "held-out labels", len(split.held_out), ())
    before, after = (
        Quality(name, task, split.held_out, {PROBE: one.right}, {}, {PROBE: one.accuracy}, {PROBE: means})
        for name, one, means in zip((FROZEN, TUNED), (frozen, tuned), drawn, strict=True)
    )
    return versus(after, before, PROBE)


def largest_share(split: Split) -> float:
    """Return how often always naming the largest class of the held-out texts would be right."""
    return float(split.held_out_sizes.max() / len(split.held_out))


def at_chance(probes: Sequence[Reader], split: Split) -> bool:
    """Whether none of these does better than chance (`embedlab.lab.chance`): than always naming the largest class."""
    return not any(chance.beats(one.accuracy, largest_share(split)) for one in probes)


def _as_found(found: Versus, split: Split) -> str:
    return _start(found.told)


def _few_labels(found: Versus, split: Split) -> str:
    median = float(np.median(split.sizes))
    labels = "1 text" if median == 1 else f"{median:g} texts"
    return (
        f"With {labels} a class to learn from, these data can't tell: on these {len(split.held_out):,} texts the tuned "
        f"model's linear-probe accuracy differs by {spoken(found.difference)}, but other texts to learn from, or "
        "another seed, could change that."
    )


def _unreadable(found: Versus, split: Split) -> str:
    return (
        "Neither model is surely better at these labels than always naming the largest class would be "
        f"({100 * largest_share(split):.1f} % of {len(split.held_out):,} texts), so the difference between them "
        f"({spoken(found.difference)}) says nothing: tuning does not help."
    )


def spoken(difference: Interval) -> str:
    """Return a difference of shares as "+1.1 points (95 % interval +0.3 to +1.9)"."""
    mean, low, high = (100 * value + 0.0 for value in (difference.mean, difference.low, difference.high))
    return f"{mean:+.1f} points (95 % interval {low:+.1f} to {high:+.1f})"


def _start(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def fixed_and_broken(frozen: Reader, tuned: Reader, split: Split) -> tuple[Rows, Rows]:
    """Return the rows of the held-out texts that only the tuned model gets right, and that only the frozen one does."""
    change = tuned.right - frozen.right
    return split.held_out[change > 0], split.held_out[change < 0]


@dataclass(frozen=True)
class Change:
    """How many held-out texts of the class `given` were `taken_for` another class, before and after."""

    given: str
    taken_for: str
    before: int
    after: int


def confusion_changed(frozen: Reader, tuned: Reader, split: Split) -> tuple[Change, ...]:
    """Return the classes that are mistaken for each other more or less often than before, most changed first."""
    answers, classes = split.codes[split.held_out], len(split.names)
    before, after = (
        np.bincount(answers * classes + one.predicted, minlength=classes**2).reshape(classes, classes)
        for one in (frozen, tuned)
    )
    changed = np.abs(after - before)
    np.fill_diagonal(changed, 0)
    given, taken = np.nonzero(changed)
    order = np.lexsort((taken, given, -changed[given, taken]))
    return tuple(
        Change(split.names[one], split.names[other], int(before[one, other]), int(after[one, other]))
        for one, other in zip(given[order].tolist(), taken[order].tolist(), strict=True)
    )


# --- By pairs ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PairsCompared:
    """Both models on the same held-out pairs by one `measure`; `difference` is tuned minus frozen, paired."""

    measure: str
    frozen: Interval
    tuned: Interval
    difference: Interval
    verdict: Verdict
    sentence: str


def scored(before: Floats, after: Floats, scores: Floats) -> PairsCompared:
    """Return Spearman's rank correlation of the cosines with the scores, before and after; all float64 (p,).

    The draws of pairs are the same for both. NaN where all scores are equal.
    """
    task = Task("pairs", "held-out pairs", len(scores), ())
    return _pairs_compared(SPEARMAN, task, _correlated(before, scores), _correlated(after, scores))


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

    `ranks` int (p,) begin at 1. `recall_at_1` is the share found first, `mrr` the mean of 1 / rank, 0 beyond rank 10.
    """

    ranks: Rows
    recall_at_1: Interval
    mrr: Interval

    @property
    def reciprocal(self) -> Floats:
        """1 / rank of each pair, 0 beyond rank 10, float64 (p,)."""
        return np.where(self.ranks <= 10, 1 / self.ranks, 0.0)


def retrieval(first: NDArray[np.float32], second: NDArray[np.float32], documents: Rows | None = None) -> Retrieval:
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
    return Retrieval(read_only(ranks), share((ranks == 1).astype(np.float64)), mrr)


def retrieved(before: Retrieval, after: Retrieval) -> PairsCompared:
    """Return the paired comparison of two models by the mean reciprocal rank of the same pairs."""
    drawn = resampled_means(np.stack([before.reciprocal, after.reciprocal]))
    task = Task("pairs", "held-out pairs", len(before.ranks), ())
    return _pairs_compared(
        MRR, task, (before.mrr, drawn[0]), (after.mrr, drawn[1]), before.reciprocal, after.reciprocal
    )


def recall_difference(before: Retrieval, after: Retrieval) -> Interval:
    """Return the share found first, after minus before, with its paired interval."""
    drawn = resampled_means(np.stack([(one.ranks == 1).astype(np.float64) for one in (before, after)]))
    return percentiles(after.recall_at_1.mean - before.recall_at_1.mean, drawn[1] - drawn[0])


def _pairs_compared(
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
        why = f"All {counted(task.items, 'pair')} have the same score: there is no order to agree with."
        return PairsCompared(measure, before[0], after[0], nothing, "tie", why)
    found = versus(one, other, measure)
    return PairsCompared(measure, before[0], after[0], found.difference, found.verdict, _start(found.told))
