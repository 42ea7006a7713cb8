"""How good a model is on one's own labels, pairs or judgements, and what chance alone would give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from embedlab.base.arrays import Flags, Floats, Rows, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, no_report
from embedlab.corpus import Column
from embedlab.corpus.pairs import Pairs
from embedlab.corpus.split import split
from embedlab.encoders import Encoder
from embedlab.evaluate import ranking
from embedlab.evaluate.knn import knn, nearest_class, nearest_class_in_turn, nearest_named
from embedlab.evaluate.labels import FOLDS, Labelled, dealt, usable_labels
from embedlab.evaluate.pairs import compared
from embedlab.evaluate.probe import Probed, held_out_probe, linear_probe
from embedlab.evaluate.separation import agreement, shuffled_agreement, shuffled_silhouettes, silhouette
from embedlab.space.clusters import cluster
from embedlab.space.space import Clusters, Neighbours, Space
from embedlab.stats import permutation
from embedlab.stats.intervals import Interval, draws, percentiles, resampled_means, spearman

if TYPE_CHECKING:
    from embedlab.evaluate.retrieval import Evaluation

PROBE, KNN, SILHOUETTE, ARI, AMI, SPEARMAN = (
    "linear probe", "k-NN accuracy", "silhouette", "ARI", "AMI", "Spearman",
)  # fmt: skip
CLUSTERINGS = 10
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
        AMI, True,
        "How much clusters tell of the labels, over the same clusterings as ARI, corrected for chance: 1 everything, 0 "
        "no more than of shuffled labels. It forgives clusters that cut a class in two more than ARI does.",
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
    """What models are measured on. `items` counts the texts, pairs or queries; `notes` are sentences on them.

    `of` says which part of the texts they are, such as "of the test part", nothing for all; `how` is a sentence on how
    labels are asked about.
    """

    kind: Kind
    name: str
    items: int
    notes: tuple[str, ...]
    of: str = ""
    how: str = ""

    @property
    def counted(self) -> str:
        """As "3,080 texts" or "3,080 texts of the test part"."""
        nouns = {"labels": ("text",), "pairs": ("pair",), "judgements": ("query", "queries")}
        return f"{counted(self.items, *nouns[self.kind])} {self.of}".rstrip()


@dataclass(frozen=True, eq=False)
class Quality:
    """One model on one task.

    `rows` int (m,) are the items: rows of the corpus, places of pairs or of queries. `values` has a number for each of
    them, float64 (m,), where the measure has one; `single` the measures of the whole. `intervals` has all of both.
    `resamples` are their values under the bootstrap, float64 (b,): the draws of items are the same for every model on
    the same task, so that those of two models may be subtracted. `chance` is for each measure what a model must do
    better than to be said to know anything of the labels. `shifts` are by how much the probe's accuracy would change
    with each fixed penalty (`embedlab.evaluate.probe.Probed`). `nearest` are the classes whose mean is nearest to each
    item, and its own, int (m,) both: they tell whether a model knows of the labels where no accuracy can.
    """

    model: str
    task: Task
    rows: Rows
    values: Mapping[str, Floats]
    single: Mapping[str, float]
    intervals: Mapping[str, Interval]
    resamples: Mapping[str, Floats]
    chance: Mapping[str, float] = field(default_factory=dict)
    shifts: Mapping[float, float] = field(default_factory=dict)
    nearest: tuple[Rows, Rows] | None = None

    @cached_property
    def by_shuffling(self) -> float:
        """How likely labels in random order are recalled as well by the nearest class; 1 where that wasn't asked."""
        return 1.0 if self.nearest is None else permutation.by_shuffling(*self.nearest)

    def beats_chance(self, measure: str, comparisons: int = 1) -> bool:
        """Whether it is better than chance by this measure; `comparisons` models are asked at once (Bonferroni).

        True where nobody knows what chance would give.
        """
        if measure not in self.chance:
            return True
        found = percentiles(self.intervals[measure].mean, self.resamples[measure], comparisons)
        return permutation.beats(found, self.chance[measure])

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What was measured, in the order in which it is shown."""
        return tuple(MEASURES[name] for name in self.intervals)


def chance_shown(qualities: Iterable[Quality], measure: str) -> str:
    """Return what a model has to do better than by a measure, as "0.058"; a dash where nobody knows."""
    found = [one.chance[measure] for one in qualities if measure in one.chance]
    return f"{max(found) + 0.0:.3f}" if found else "–"


# --- By labels -----------------------------------------------------------------------------------


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
    learnt: Flags | None = None,
    by: Column | None = None,
    together: Rows | None = None,
) -> Quality:
    """Return linear probe, k-NN accuracy, silhouette, ARI and AMI of a space, with bootstrap intervals over texts.

    A text that repeats counts once. Accuracies are resampled as they are; of the others the jackknife's pseudo-values
    are, since one text moves the values of many. ARI and AMI are means over `CLUSTERINGS` clusterings, of which
    `clusters` is the first; each resample takes one of them, because vectors that differ by rounding alone cluster as
    differently as another seed does. `name` stands for the model instead of the card's. `learnt` bool (n,) are texts
    that one of the models compared has learned from: they are asked of none of them. `by` is a column that says which
    texts to learn from and which to hold out: then the latter are asked about, and the others are learned from and vote
    (`embedlab.corpus.split`); without it every text is asked about in turn, in `folds` parts. `together` int (n,) are
    numbers that texts share which nearly repeat each other: none is asked of what was taught its like. Raises
    `EmbedlabError` for labels that can't be used.
    """
    asked = (
        _in_turn(space, near, usable_labels(labels, space.corpus, learnt), folds, k, seed, report, together)
        if by is None
        else _by_the_file(space, labels, by, learnt, seed, report, together)
    )
    of, probed = asked.of, asked.probed
    vectors = space.vectors[of.rows]
    values = {PROBE: probed.right, KNN: asked.by_neighbours}
    distances, pseudo = silhouette(vectors, of.codes)
    values[SILHOUETTE] = distances
    others = (cluster(near, clusters.resolution, clusters.seed + run) for run in range(1, CLUSTERINGS))
    clusterings = [clusters, *others]
    found = [agreement(of.codes, one, of.rows) for one in clusterings]
    runs = [run[1][one] for one in (ARI, AMI) for run in found]
    drawn = resampled_means(np.stack([values[PROBE], values[KNN], pseudo, *runs]), seed)
    which = np.random.default_rng(seed + 1).integers(0, len(found), drawn.shape[1])
    taken = np.arange(drawn.shape[1])
    resamples = {
        **dict(zip((PROBE, KNN, SILHOUETTE), drawn[:3], strict=True)),
        ARI: drawn[3 + which, taken],
        AMI: drawn[3 + len(found) + which, taken],
    }
    single = {SILHOUETTE: float(distances.mean())}
    single |= {one: float(np.mean([run[0][one] for run in found])) for one in (ARI, AMI)}
    by_chance = dict.fromkeys((PROBE, KNN), permutation.largest_share(of.codes))
    by_chance[SILHOUETTE] = permutation.level(shuffled_silhouettes(vectors, of.codes, seed))
    mixed = shuffled_agreement(of.codes, clusterings, of.rows, seed)
    by_chance |= {one: permutation.level(mixed[one]) for one in (ARI, AMI)}
    task = Task("labels", labels.name, len(of), of.notes, asked.part, asked.how)
    quality = _quality(name or space.card.model, task, of.rows, values, single, resamples, by_chance)
    return replace(quality, shifts=probed.shifts, nearest=(frozen(asked.nearest), of.codes))


@dataclass(frozen=True, eq=False)
class _Asked:
    """Texts whose label was asked, and what a probe makes of them.

    `by_neighbours` float64 (m,) is 1 where their neighbours name the label; `nearest` int (m,) is the class whose mean
    is nearest.
    """

    of: Labelled
    probed: Probed
    by_neighbours: Floats
    nearest: Rows
    part: str
    how: str


def _in_turn(
    space: Space, near: Neighbours, of: Labelled, folds: int, k: int, seed: int, report: Report, together: Rows | None
) -> _Asked:
    folds = max(2, min(folds, len(of)))
    groups = None if together is None else together[of.rows]
    probed = linear_probe(space.vectors[of.rows], of.codes, folds, seed, report, groups)
    how = f"Every text is asked about in turn, by a probe trained on the other {folds - 1} of {folds} parts."
    of = replace(of, notes=(*of.notes, *_few(of, folds), *_kept_together(groups)))
    nearest = nearest_class_in_turn(space.vectors[of.rows], of.codes, dealt(of.codes, folds, seed, groups))
    return _Asked(of, probed, knn(space, near, of, k, groups), nearest, "", how)


def _by_the_file(
    space: Space, labels: Column, by: Column, learnt: Flags | None, seed: int, report: Report, together: Rows | None
) -> _Asked:
    parted = split(space.corpus, labels, by=by, seed=seed, together=together)
    rows = parted.held_out if learnt is None else parted.held_out[~learnt[parted.held_out]]
    notes = list(parted.notes)
    if len(rows) < len(parted.held_out):
        gone = counted(len(parted.held_out) - len(rows), "held-out text")
        notes.append(f"{gone} that a fine-tuned model has learned from left out, for all models alike.")
    codes = parted.codes[rows]
    if len(np.unique(codes)) < 2:
        raise EmbedlabError(
            f"Fewer than two labels are left among the held-out texts of “{by.name}”: ask about every text in turn."
        )
    seen, taught, asked = space.vectors[parted.train], parted.codes[parted.train], space.vectors[rows]
    alike = None if parted.together is None else parted.together[parted.train]
    probed = held_out_probe(seen, taught, asked, codes, seed, report, alike)
    k = int(np.clip(np.median(parted.sizes), 1, min(10, len(seen))))
    named = nearest_named(seen, taught, asked, k)
    of = Labelled(frozen(rows), frozen(codes), parted.names, tuple(notes))
    how = f"A probe and votes learn from the {len(seen):,} texts that “{by.name}” names for training."
    right = (named == codes).astype(np.float64)
    return _Asked(of, probed, right, nearest_class(seen, taught, asked), f"of the test part by “{by.name}”", how)


def _kept_together(groups: Rows | None) -> tuple[str, ...]:
    sizes = np.unique([] if groups is None else groups, return_counts=True)[1]
    alike = int(sizes[sizes > 1].sum())
    if not alike:
        return ()
    return (f"{counted(alike, 'text')} that nearly repeat another lie in one part with it and have no vote for it.",)


def _few(of: Labelled, folds: int) -> tuple[str, ...]:
    few = int((of.sizes < folds).sum())
    if not few:
        return ()
    classes = counted(few, "class has", "classes have")
    return (f"{classes} fewer than {folds} texts: a probe has little to learn them from.",)


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
    model, chance = name or space.card.model, {SPEARMAN: 0.0}
    return _quality(model, task, of.places, {}, {SPEARMAN: value}, {SPEARMAN: drawn}, chance)


# --- By judgements -------------------------------------------------------------------------------


def by_judgements(evaluation: Evaluation, model: str, name: str = "judgements", seed: int = 0) -> Quality:
    """Return nDCG, recall and MRR of the search by meaning, with bootstrap intervals over queries.

    `evaluation` is that of `model` by `embedlab.evaluate.retrieval.evaluate`.
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
    chance: Mapping[str, float] | None = None,
) -> Quality:
    means = {one: single[one] if one in single else float(values[one].mean()) for one in resamples}
    intervals = {one: percentiles(means[one], drawn) for one, drawn in resamples.items()}
    kept = {one: frozen(found) for one, found in values.items()}
    drawn = {one: frozen(found) for one, found in resamples.items()}
    return Quality(model, task, frozen(rows.copy()), kept, single, intervals, drawn, chance or {})
