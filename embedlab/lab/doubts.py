"""Which labels are doubtful: what classifiers say that have not seen the text (confident learning)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.lab.labelled import dealt, side_by_side, trained
from embedlab.work import Report, Stopwatch, no_report

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]

FOLDS = 5
ENOUGH_TO_DOUBT = 3


@dataclass(frozen=True, eq=False)
class Doubted:
    """What others' labels say of each of m texts.

    `likely` float64 (m, c) is how likely each class is by classifiers that have not seen the text. `margin` float64
    (m,) is how much likelier another class is than the given one: above 0 only where that class is at least as likely
    as it is for its own texts on average. `likelier` int (m,) is that class, or the likeliest other one. `order` int
    are the doubtful texts, the most doubtful first.
    """

    likely: Floats
    margin: Floats
    likelier: Rows
    order: Rows

    @property
    def named(self) -> Rows:
        """The likeliest class of each text, int (m,)."""
        return np.asarray(self.likely.argmax(axis=1), dtype=np.intp)


def doubted(
    vectors: NDArray[np.float32], codes: Rows, classes: int, seed: int = 0, report: Report = no_report
) -> Doubted:
    """Return how doubtful the label of each of the `vectors` (m, d) is; `codes` int (m,) are below `classes`.

    Classes of fewer than three texts are not judged, for little is left to know them by. Source: Northcutt, Jiang and
    Chuang, "Confident learning: estimating uncertainty in dataset labels", 2021. That a label is doubtful doesn't make
    it wrong: a look at the text decides.
    """
    likely = out_of_fold(vectors, codes, classes, seed, report)
    sizes = np.bincount(codes, minlength=classes)
    rows = np.arange(len(codes))
    own = likely[rows, codes]
    usual = np.bincount(codes, own, classes) / np.maximum(sizes, 1)
    others = likely.copy()
    others[rows, codes] = -1
    confident = np.where((likely >= usual) & (sizes >= ENOUGH_TO_DOUBT), others, -1)
    is_doubtful = (confident.max(axis=1) > own) & (sizes[codes] >= ENOUGH_TO_DOUBT)
    likelier = np.where(is_doubtful, confident.argmax(axis=1), others.argmax(axis=1))
    margin = np.where(is_doubtful, confident.max(axis=1) - own, np.minimum(others.max(axis=1) - own, 0))
    order = np.argsort(-margin, kind="stable")
    return Doubted(likely, margin, likelier, order[is_doubtful[order]])


def out_of_fold(
    vectors: NDArray[np.float32], codes: Rows, classes: int, seed: int = 0, report: Report = no_report
) -> Floats:
    """Return how likely each class is for each text by a linear probe that has not seen it, float64 (m, classes).

    Rows sum to 1, but for a text that nothing is left to learn from for.
    """
    likely = np.zeros((len(codes), classes))
    fold = dealt(codes, min(FOLDS, len(codes)), seed)
    parts = [fold == number for number in range(fold.max() + 1)] if len(codes) else []
    if len(parts) < 2:
        return likely

    def judged(held: NDArray[np.bool_]) -> tuple[Rows, Floats]:
        probe = trained(vectors[~held], codes[~held])
        return probe.classes, probe.probabilities(vectors[held])

    found = side_by_side(judged, parts, Stopwatch("Doubtful labels", len(parts), report))
    for held, (known, probabilities) in zip(parts, found, strict=True):
        likely[np.ix_(np.flatnonzero(held), known)] = probabilities
    return likely
