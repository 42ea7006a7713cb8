"""Which model is better on one's own labels, pairs or judgements, and whether the difference is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import Column, Corpus, frozen
from embedlab.corpus.cells import counted
from embedlab.corpus.pairs import Pairs
from embedlab.encoders import Encoder
from embedlab.errors import EmbedlabError
from embedlab.lab import ranking
from embedlab.lab.intervals import Interval
from embedlab.lab.labelled import Labelled, agreement, knn, labelled, linear_probe, silhouette
from embedlab.lab.resampling import draws, percentiles, resampled_means, spearman
from embedlab.lab.scored_pairs import compared
from embedlab.space.clusters import cluster
from embedlab.space.space import Clusters, Neighbours, Space
from embedlab.work import Report, Stopwatch, no_report

if TYPE_CHECKING:
    from embedlab.lab.search import Evaluation

PROBE, KNN, SILHOUETTE, ARI, NMI, SPEARMAN = (
    "linear probe", "k-NN accuracy", "silhouette", "ARI", "NMI", "Spearman",
)  # fmt: skip
FOLDS = 5
CLUSTERINGS = 10
FEWEST_APART = 6
"""One sign in fewer items than this can be chance: 2 x 0.5^5 is more than 5 %."""
NEGLIGIBLE = 0.0005
"""A smaller difference is none to speak of, however sure: rounding alone can make one."""

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]
Verdict = Literal["better", "worse", "tie"]
Kind = Literal["labels", "pairs", "judgements"]


# --- What is measured ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Measure:
    """One way of telling how good a model is. `points` says that it is spoken of in percentage points."""

    name: str
    higher_is_better: bool
    explained: str
    points: bool = False

    @property
    def spoken(self) -> str:
        """As it stands in a sentence: "linear-probe accuracy", "nDCG@10"."""
        return "linear-probe accuracy" if self.name == PROBE else self.name


_BY_LABELS = (
    Measure(
        PROBE, True,
        "The share of texts whose label a linear classifier (logistic regression) names, each by one that was trained "
        "on the other folds. What a simple model could learn from these vectors. The interval tells of other texts, "
        "not of other training texts.",
        points=True,
    ),
    Measure(
        KNN, True,
        "The share of texts whose label its nearest texts name, each of them with a vote as large as its cosine; a "
        "copy of the text is none. Nothing is learned: it shows what lies near what.",
        points=True,
    ),
    Measure(
        SILHOUETTE, True,
        "How much nearer, in cosine distance, a text lies to its own class than to the nearest other one: 1 far "
        "apart, 0 on the border, below 0 on the wrong side. It depends on how widely a model spreads all texts.",
    ),
    Measure(
        ARI, True,
        "How well clusters, found without the labels, agree with them, corrected for chance: 1 the same groups, 0 no "
        f"better than chance. The mean of {CLUSTERINGS} clusterings that differ in their seed; the interval holds "
        "both the draw of texts and that of the seed. It depends on the granularity, which is the same for all models.",
    ),
    Measure(
        NMI, True,
        "How much clusters tell of the labels, from 0 to 1, over the same clusterings as ARI. Not corrected for "
        "chance: more clusters score higher, so look at ARI first.",
    ),
)  # fmt: skip
_BY_PAIRS = Measure(
    SPEARMAN, True,
    "Spearman's rank correlation of the cosines with the scores: 1 the same order, 0 no relation. The interval is "
    "over pairs.",
)  # fmt: skip
MEASURES: Mapping[str, Measure] = {
    one.name: one
    for one in (*_BY_LABELS, _BY_PAIRS, *(Measure(name, True, said) for name, said in ranking.EXPLAINED.items()))
}


@dataclass(frozen=True)
class Task:
    """What models are measured on. `items` counts the texts, pairs or queries; `notes` are sentences on them."""

    kind: Kind
    name: str
    items: int
    notes: tuple[str, ...]

    @property
    def counted(self) -> str:
        """As "3,080 texts"."""
        one, many = {"labels": ("text", "texts"), "pairs": ("pair", "pairs"), "judgements": ("query", "queries")}[
            self.kind
        ]
        return counted(self.items, one, many)


@dataclass(frozen=True, eq=False)
class Quality:
    """One model on one task.

    `rows` int (m,) are the items: rows of the corpus, places of pairs or of queries. `values` has a number for each of
    them, float64 (m,), where the measure has one; `single` the measures of the whole. `intervals` has all of both.
    `resamples` are their values under the bootstrap, float64 (b,): the draws of items are the same for every model on
    the same task, so that those of two models may be subtracted.
    """

    model: str
    task: Task
    rows: Rows
    values: Mapping[str, Floats]
    single: Mapping[str, float]
    intervals: Mapping[str, Interval]
    resamples: Mapping[str, Floats]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What was measured, in the order in which it is shown."""
        return tuple(MEASURES[name] for name in self.intervals)


# --- By labels -----------------------------------------------------------------------------------


def labels_usable(labels: Column, corpus: Corpus | None = None) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows that count, int (m,) rising, and sentences on what was left out and what to bear in mind.

    With `corpus`, texts that repeat count once, as in `by_labels`. Raises `EmbedlabError` for fewer than two classes
    of two texts or more.
    """
    found = labelled(labels, corpus)
    return found.rows, found.notes


def by_labels(
    space: Space,
    near: Neighbours,
    clusters: Clusters,
    labels: Column,
    folds: int = FOLDS,
    k: int = 10,
    seed: int = 0,
    report: Report = no_report,
    name: str = "",
    learnt: NDArray[np.bool_] | None = None,
) -> Quality:
    """Return linear probe, k-NN accuracy, silhouette, ARI and NMI of a space, with bootstrap intervals over texts.

    A text that repeats counts once. Accuracies are resampled as they are; of the others the jackknife's pseudo-values
    are, since one text moves the values of many. ARI and NMI are means over `CLUSTERINGS` clusterings, of which
    `clusters` is the first; each resample takes one of them, because vectors that differ by rounding alone cluster as
    differently as another seed does. `name` stands for the model instead of the card's. `learnt` bool (n,) are texts
    that one of the models compared has learned from: they count for none of them. Raises `EmbedlabError` for labels
    that can't be used.
    """
    of = labelled(labels, space.corpus, learnt)
    folds = max(2, min(folds, len(of)))
    vectors = space.vectors[of.rows]
    values = {
        PROBE: linear_probe(vectors, of.codes, folds, seed, report),
        KNN: knn(space, near, of, k),
    }
    distances, pseudo = silhouette(vectors, of.codes)
    values[SILHOUETTE] = distances
    found = _clusterings(near, clusters, of, report)
    runs = [run[1][one] for one in (ARI, NMI) for run in found]
    drawn = resampled_means(np.stack([values[PROBE], values[KNN], pseudo, *runs]), seed)
    which = np.random.default_rng(seed + 1).integers(0, len(found), drawn.shape[1])
    taken = np.arange(drawn.shape[1])
    resamples = {
        **dict(zip((PROBE, KNN, SILHOUETTE), drawn[:3], strict=True)),
        ARI: drawn[3 + which, taken],
        NMI: drawn[3 + len(found) + which, taken],
    }
    single = {SILHOUETTE: float(distances.mean())}
    single |= {one: float(np.mean([run[0][one] for run in found])) for one in (ARI, NMI)}
    task = Task("labels", labels.name, len(of), (*of.notes, *_few(of, folds)))
    return _quality(name or space.card.model, task, of.rows, values, single, resamples)


def _few(of: Labelled, folds: int) -> tuple[str, ...]:
    few = int((of.sizes < folds).sum())
    if not few:
        return ()
    classes = counted(few, "class has", "classes have")
    return (f"{classes} fewer than {folds} texts: a probe has little to learn them from.",)


def _clusterings(
    near: Neighbours, clusters: Clusters, of: Labelled, report: Report
) -> list[tuple[dict[str, float], dict[str, Floats]]]:
    watch = Stopwatch("Clusterings", CLUSTERINGS, report)
    found = []
    for run in range(CLUSTERINGS):
        one = clusters if not run else cluster(near, clusters.resolution, clusters.seed + run)
        found.append(agreement(of.codes, one, of.rows))
        watch.at(run + 1)
    return found


# --- By pairs with scores ------------------------------------------------------------------------


def by_pairs(space: Space, pairs: Pairs, encoder: Encoder | None = None, seed: int = 0, name: str = "") -> Quality:
    """Return Spearman's rank correlation of the cosines with the scores, with its bootstrap interval over pairs.

    Texts that are none of the corpus are read by `encoder`; without one, their pairs are left out and counted. Two
    models can be compared on the same pairs only, so give all of them an encoder, or none. Raises `EmbedlabError` for
    fewer than three pairs, or where all scores, or all cosines, are equal.
    """
    of = compared(space, pairs, encoder)
    count = len(of.places)
    value = float(spearman(of.cosines, of.scores, np.ones((1, count), dtype=np.int64))[0])
    drawn = np.concatenate([spearman(of.cosines, of.scores, counts) for counts in draws(count, seed)])
    task = Task("pairs", pairs.name, count, of.notes)
    return _quality(name or space.card.model, task, of.places, {}, {SPEARMAN: value}, {SPEARMAN: drawn})


# --- By judgements -------------------------------------------------------------------------------


def by_judgements(evaluation: Evaluation, model: str, name: str = "judgements", seed: int = 0) -> Quality:
    """Return nDCG, recall and MRR of the search by meaning, with bootstrap intervals over queries.

    `evaluation` is that of `model` by `embedlab.lab.search.evaluate`.
    """
    values = dict(evaluation.comparison.values["meaning"])
    drawn = resampled_means(np.stack(list(values.values())), seed)
    task = Task("judgements", name, len(evaluation), evaluation.notes)
    return _quality(model, task, evaluation.queries, values, {}, dict(zip(values, drawn, strict=True)))


def _quality(
    model: str,
    task: Task,
    rows: Rows,
    values: Mapping[str, Floats],
    single: Mapping[str, float],
    resamples: Mapping[str, Floats],
) -> Quality:
    means = {one: single[one] if one in single else float(values[one].mean()) for one in resamples}
    intervals = {one: percentiles(means[one], drawn) for one, drawn in resamples.items()}
    kept = {one: frozen(found) for one, found in values.items()}
    drawn = {one: frozen(found) for one, found in resamples.items()}
    return Quality(model, task, frozen(rows.copy()), kept, single, intervals, drawn)


# --- One model against another -------------------------------------------------------------------


@dataclass(frozen=True)
class Versus:
    """Two models by one measure: how much the first is better, and whether that is more than chance.

    `verdict` is that of the first model. `comparisons` says for how many at once the interval holds.
    """

    first: str
    second: str
    measure: str
    difference: Interval
    verdict: Verdict
    sentence: str
    comparisons: int = 1


def versus(first: Quality, second: Quality, measure: str, comparisons: int = 1) -> Versus:
    """Return the paired comparison of two models on the same items.

    `difference` is the first's value less the second's, with the percentile interval of the differences under the
    same draws. A tie where it holds 0, where it is `NEGLIGIBLE`, and where fewer than `FEWEST_APART` items tell the
    models apart (a sign test could then show nothing). With `comparisons` above 1 the interval is widened so that all
    of that many hold together 95 times of 100 (Bonferroni). Raises `EmbedlabError` where the models were not measured
    on the same items, or not by this measure.
    """
    for quality in (first, second):
        if measure not in quality.intervals:
            have = ", ".join(quality.intervals)
            raise EmbedlabError(f"{quality.model} was not measured by “{measure}”: choose one of {have}.")
    if first.task.kind != second.task.kind or not np.array_equal(first.rows, second.rows):
        raise EmbedlabError(
            f"{first.model} and {second.model} were not measured on the same items ({first.task.counted} and "
            f"{second.task.counted}): measure them on the same ones."
        )
    mean = first.intervals[measure].mean - second.intervals[measure].mean
    difference = percentiles(mean, first.resamples[measure] - second.resamples[measure], comparisons)
    apart = _items_apart(first, second, measure)
    verdict: Verdict = "tie"
    if difference.apart_from_zero and apart >= FEWEST_APART and abs(mean) >= NEGLIGIBLE:
        verdict = "better" if (difference.mean > 0) == MEASURES[measure].higher_is_better else "worse"
    sentence = _sentence(first, second, MEASURES[measure], difference, verdict, comparisons, apart)
    return Versus(first.model, second.model, measure, difference, verdict, sentence, comparisons)


def all_versus(qualities: Sequence[Quality], measure: str) -> tuple[Versus, ...]:
    """Return every pair of models, the better mean first, the best pairs first; intervals hold for all pairs at once.

    Corrected (Bonferroni) for the number of pairs under this one measure, not for the number of measures.
    """
    sign = 1 if MEASURES[measure].higher_is_better else -1
    order = sorted(qualities, key=lambda quality: -sign * quality.intervals[measure].mean)
    pairs = list(combinations(order, 2))
    return tuple(versus(one, other, measure, len(pairs)) for one, other in pairs)


def summary(qualities: Sequence[Quality], measure: str) -> str:
    """Say which of three models or more is best by a measure, and which can't be told from it.

    The intervals behind it hold for all pairs at once, as in `all_versus`.
    """
    found = all_versus(qualities, measure)
    best = found[0].first
    tied = [one.second for one in found if one.first == best and one.verdict == "tie"]
    count, spoken = f"{len(qualities):,} models", MEASURES[measure].spoken
    if not tied:
        return f"Of {count} {best} has the best {spoken}, clearly ahead of all others."
    if len(tied) == len(qualities) - 1:
        return f"By {spoken} none of the {count} can be told from the best, {best}."
    return f"Of {count} {best} has the best {spoken}; {_joined(tied)} can't be told from it."


def _joined(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _items_apart(first: Quality, second: Quality, measure: str) -> int:
    """Return how many items tell the models apart; all may, by a measure of the whole."""
    if measure not in first.values:
        return first.task.items
    return int((np.abs(first.values[measure] - second.values[measure]) > 1e-12).sum())


def _sentence(
    first: Quality,
    second: Quality,
    measure: Measure,
    difference: Interval,
    verdict: Verdict,
    comparisons: int,
    apart: int,
) -> str:
    what = f"95 % interval{f' for all {comparisons:,} comparisons together' if comparisons > 1 else ''}"
    if verdict == "tie":
        mean, low, high = _written(difference, measure, "+")
        said = f"No difference in {measure.spoken} between {first.model} and {second.model}"
        if apart < FEWEST_APART:
            only = "they are equal in all of them" if not apart else f"they differ in {apart} of them, too few to tell"
            return f"{said} that these {first.task.counted} can show: {only}."
        if difference.mean == difference.low == difference.high == 0:
            return f"{said} that these {first.task.counted} can show: they are equal."
        numbers = f"{mean}{' points' if measure.points else ''}, {what} {low} to {high}"
        if difference.apart_from_zero:
            return f"{said} to speak of ({numbers}; {first.task.counted})."
        return f"{said} that these {first.task.counted} can show ({numbers})."
    names = (first.model, second.model)
    if verdict == "worse":
        names = (second.model, first.model)
    if difference.mean < 0:
        difference = Interval(-difference.mean, -difference.high, -difference.low)
    mean, low, high = _written(difference, measure)
    unit_said = f"{mean} points of {measure.spoken}" if measure.points else f"{mean} {measure.spoken}"
    return f"{names[0]} beats {names[1]} by {unit_said} ({what} {low} to {high}; {first.task.counted})."


def _written(difference: Interval, measure: Measure, sign: str = "") -> tuple[str, str, str]:
    """Return the mean and the bounds with as many digits as it takes not to write one beside 0 as 0."""
    scale, digits = (100.0, 1) if measure.points else (1.0, 3)
    numbers = [scale * value + 0.0 for value in (difference.mean, difference.low, difference.high)]
    while digits < 6 and any(value and not float(f"{value:.{digits}f}") for value in numbers):
        digits += 1
    mean, low, high = (f"{value:{sign}.{digits}f}" for value in numbers)
    return mean, low, high
