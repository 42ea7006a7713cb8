"""What frozen vectors do with labels: how well these can be read off, from how many, and which look wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, Singles, frozen
from embedlab.base.progress import Report, Stopwatch, no_report, run_parallel
from embedlab.corpus.split import Split, ranks
from embedlab.evaluate.knn import nearest_class, nearest_named
from embedlab.evaluate.label_errors import ENOUGH_TO_DOUBT, doubted
from embedlab.evaluate.probe import best_penalty, held_out_probe, trained
from embedlab.space.space import Space
from embedlab.stats.intervals import Interval, draws, percentiles, share

PROBE, KNN, PROTOTYPES = "linear probe", "k-NN", "prototypes"
Way = Literal["linear probe", "k-NN", "prototypes"]

EXPLAINED = {
    PROBE: "A linear classifier (logistic regression) on top of the vectors, trained on the labelled texts.",
    KNN: "The label of the nearest labelled texts, each with a vote as large as its cosine. Nothing is trained.",
    PROTOTYPES: "The class whose labelled texts' mean vector is nearest. Nothing is trained but a mean.",
}
NEAREST = 10
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
_AT_ONCE = 1_024
_TEXTS_PROBED = 40_000


# --- Reading labels off --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Classifier:
    """One way of reading labels off vectors, learned from `split.train` and asked about `split.held_out`.

    `predicted` int (h,) are the classes that it names, `right` float64 (h,) is 1 where that is the label, else 0, both
    in the order of `split.held_out`. `accuracy` is their mean; `macro_f1` the mean F1 over the classes that are asked
    about. The intervals tell of other held-out texts, not of other texts to learn from. `shifts` says by how much the
    probe's accuracy would change with each fixed penalty; empty for the others.
    """

    name: Way
    predicted: Rows
    right: Floats
    accuracy: Interval
    macro_f1: Interval
    shifts: Mapping[float, float] = field(default_factory=dict)


def readers(space: Space, split: Split, report: Report = no_report) -> tuple[Classifier, ...]:
    """Return the linear probe, k-NN and prototypes, in this order.

    The probe is that of `embedlab.evaluate.probe`, its penalty chosen among the texts to learn from. k-NN asks as many
    nearest texts as a class has to learn from (the median of the classes), at most 10 (Cover and Hart 1967). A
    prototype is the mean vector of a class, scaled to length 1 (Rocchio 1971; Snell, Swersky and Zemel 2017); the
    nearest by cosine counts. Accuracies have Wilson's interval, F1 the percentile bootstrap's, within 0 and 1. Raises
    `ValueError` for a split of other texts.
    """
    seen, codes, asked = _parts(space, split)
    answers = split.codes[split.held_out]
    probe = held_out_probe(seen, codes, asked, answers, report=report, together=_together(split))
    k = int(np.clip(np.median(split.sizes), 1, min(NEAREST, len(seen))))
    named: dict[Way, Rows] = {
        "linear probe": probe.named,
        "k-NN": nearest_named(seen, codes, asked, k),
        "prototypes": nearest_class(seen, codes, asked),
    }
    drawn = macro_f1_draws(list(named.values()), answers)
    first, *others = (
        _read(name, predicted, answers, f1) for (name, predicted), f1 in zip(named.items(), drawn, strict=True)
    )
    return (replace(first, shifts=probe.shifts), *others)


def _read(name: Way, predicted: Rows, answers: Rows, f1: Floats) -> Classifier:
    right = (predicted == answers).astype(np.float64)
    of_classes = centred(macro_f1(predicted, answers), f1)
    of_classes = replace(of_classes, low=max(0.0, of_classes.low), high=min(1.0, of_classes.high))
    return Classifier(name, frozen(predicted), frozen(right), share(right), of_classes)


def _parts(space: Space, split: Split) -> tuple[Singles, Rows, Singles]:
    if len(split.codes) != len(space):
        raise ValueError(f"a split of {len(split.codes)} texts for a space of {len(space)}")
    return space.vectors[split.train], split.codes[split.train], space.vectors[split.held_out]


def _together(split: Split) -> Rows | None:
    """Return which texts to learn from nearly repeat each other, int (m,), if the split knows of it."""
    return None if split.together is None else split.together[split.train]


# --- The mean F1 of the classes ------------------------------------------------------------------


def macro_f1(predicted: Rows, answers: Rows) -> float:
    """Return the mean, over the classes among `answers`, of the harmonic mean of precision and recall."""
    return float(_f1(predicted, answers, np.ones((1, len(answers)), dtype=np.int64))[0])


def macro_f1_draws(predictions: Sequence[Rows], answers: Rows, seed: int = 0) -> Floats:
    """Return it for each of `predictions` under the bootstrap's draws of texts, float64 (p, b): the same for all."""
    blocks = [[_f1(one, answers, counts) for one in predictions] for counts in draws(len(answers), seed)]
    return np.concatenate(blocks, axis=1)


def centred(value: float, drawn: Floats) -> Interval:
    """Return the 95 % interval of a value whose draws are off by a bias: fewer classes and pairs occur in each draw."""
    return percentiles(value, drawn + (value - drawn.mean()))


def _f1(predicted: Rows, answers: Rows, counts: NDArray[np.int64]) -> Floats:
    """Return the macro F1 of texts taken `counts` times each, int (b, h); a class that is not drawn doesn't count."""
    taken = np.ascontiguousarray(counts.T, dtype=np.float32)
    classes = int(max(predicted.max(), answers.max())) + 1
    asked, named = (_by_class(codes, taken, classes) for codes in (answers, predicted))
    hits = _by_class(np.where(predicted == answers, answers, classes), taken, classes + 1)[:-1]
    with np.errstate(invalid="ignore"):
        each = np.where(asked > 0, 2 * hits / (asked + named), 0)
    return np.asarray(each.sum(axis=0) / (asked > 0).sum(axis=0))


def _by_class(codes: Rows, taken: Singles, classes: int) -> Singles:
    from scipy.sparse import csc_array

    belongs = csc_array(
        (np.ones(len(codes), dtype=np.float32), codes, np.arange(len(codes) + 1)), shape=(classes, len(codes))
    )
    return np.asarray(belongs @ taken)


# --- With how many labels ------------------------------------------------------------------------


@dataclass(frozen=True)
class CurvePoint:
    """The linear probe trained on so many `texts`, `labels_a_class` on average.

    `accuracy` is the mean over `repeats` draws of them; its interval tells of other held-out texts, and of other draws
    where there was more than one. `between_draws` is the standard deviation of the accuracy from draw to draw, NaN for
    a single one.
    """

    labels_a_class: float
    texts: int
    accuracy: Interval
    repeats: int = 1
    between_draws: float = float("nan")


def learning_curve(
    space: Space,
    split: Split,
    sizes: Sequence[int] | None = None,
    repeats: int = 5,
    seed: int = 0,
    report: Report = no_report,
) -> tuple[CurvePoint, ...]:
    """Return the accuracy of the linear probe with ever more of the texts to learn from; the last point has all.

    `sizes` are texts a class (1, 2, 5, 10, 20 and so on); a class that has fewer gives all. Within a draw each size
    holds the texts of the smaller ones; all have the penalty that is chosen for all texts. The interval resamples
    held-out texts and draws independently of each other (Owen 2007). With many texts fewer draws are made, at least
    two.
    """
    seen, codes, asked = _parts(space, split)
    classes = len(split.names)
    largest = int(split.sizes.max())
    steps = sorted({size for size in (_SIZES if sizes is None else sizes) if 0 < size < largest})
    texts = [int(np.minimum(split.sizes, size).sum()) for size in steps]
    repeats = max(2, min(repeats, _TEXTS_PROBED // max(1, sum(texts)))) if repeats > 1 else 1
    orders = [ranks(codes, np.random.default_rng([seed, number]))[0] for number in range(repeats)]
    chosen = [order < size for size in steps for order in orders] + [np.ones(len(codes), dtype=bool)]
    answers = split.codes[split.held_out]
    penalty, _ = best_penalty(seen, codes, report=report, together=_together(split))
    watch = Stopwatch("Learning curve", len(chosen), report)
    found = run_parallel(
        lambda kept: (trained(seen[kept], codes[kept], penalty).named(asked) == answers).astype(np.float64),
        chosen,
        watch,
    )
    rights = np.array(found[:-1]).reshape(len(steps), repeats, len(answers))
    accuracies = _over_draws(rights) if repeats > 1 and steps else [share(right[0]) for right in rights]
    between = rights.mean(axis=2).std(axis=1, ddof=1) if repeats > 1 else np.full(len(steps), np.nan)
    points = [
        CurvePoint(count / classes, count, accuracy, repeats, float(spread))
        for count, accuracy, spread in zip(texts, accuracies, between, strict=True)
    ]
    return (*points, CurvePoint(len(codes) / classes, len(codes), share(found[-1])))


def _over_draws(rights: Floats) -> list[Interval]:
    """Return the interval of the mean of each (r, h) of `rights`: of other held-out texts h, and other draws r."""
    sizes, repeats, held_out = rights.shape
    rngs = [np.random.default_rng(0) for _ in range(sizes)]
    blocks = []
    for counts in draws(held_out):
        means = (counts @ rights.reshape(-1, held_out).T / held_out).reshape(-1, sizes, repeats)
        drawn = [rng.multinomial(repeats, [1 / repeats] * repeats, len(counts)) / repeats for rng in rngs]
        blocks.append((means * np.stack(drawn, axis=1)).sum(axis=2))
    drawn_means = np.concatenate(blocks)
    return [percentiles(float(right.mean()), drawn) for right, drawn in zip(rights, drawn_means.T, strict=True)]


# --- Labels that may be wrong --------------------------------------------------------------------


@dataclass(frozen=True)
class DoubtfulLabel:
    """A text to learn from whose label may be wrong: its row in the corpus, its label, and a likelier one.

    `probability` is that of `likelier`, by a probe that has not seen the text.
    """

    row: int
    given: str
    likelier: str
    probability: float


def doubtful(space: Space, split: Split, count: int = 20, report: Report = no_report) -> tuple[DoubtfulLabel, ...]:
    """Return the texts to learn from whose label is most doubtful, at most `count`, the most doubtful first.

    Those to which a probe that has not seen them would rather give another label, in the order of how much likelier
    that one is. First come those that confident learning names (Northcutt, Jiang and Chuang 2021; see
    `embedlab.evaluate.label_errors`); with a few texts a class a probe is seldom as sure as that asks for, and wrong
    labels would be passed over. Classes with fewer than three texts to learn from are not judged, for little is left
    to know them by. That a label is doubtful doesn't make it wrong: a look at the text decides.
    """
    seen, codes, _ = _parts(space, split)
    found = doubted(seen, codes, len(split.names), report=report, together=_together(split))
    rows = np.arange(len(codes))
    margin = found.likely[rows, found.named] - found.likely[rows, codes]
    unsure = np.flatnonzero((margin > 0) & (split.sizes[codes] >= ENOUGH_TO_DOUBT))
    likelier = found.named.copy()
    likelier[found.order] = found.likelier[found.order]
    order = [*found.order.tolist(), *unsure[np.argsort(-margin[unsure], kind="stable")].tolist()]
    return tuple(
        DoubtfulLabel(
            int(split.train[at]),
            split.names[codes[at]],
            split.names[likelier[at]],
            float(found.likely[at, likelier[at]]),
        )
        for at in list(dict.fromkeys(order))[:count]
    )
