"""Which labels are doubtful: what classifiers say that have not seen the text (confident learning)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from embedlab.base.arrays import Flags, Floats, Rows, Singles
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stopwatch, no_report, run_parallel
from embedlab.encoders.base import Vectors
from embedlab.evaluate.labels import dealt
from embedlab.evaluate.probe import trained

Method = Literal["logistic regression", "linear discriminant"]

FOLDS = 5
ENOUGH_TO_DOUBT = 3
PROBED = 2_000_000
MOST = 40_000_000
SHRUNK = 0.1
_NEVER = 1e-300
_CALIBRATED = 5_000
_TEMPERATURES = (0.1, 100.0)
_HALVINGS = 12


@dataclass(frozen=True, eq=False)
class Doubted:
    """What others' labels say of each of m texts.

    `likely` float64 (m, c) is how likely each class is by classifiers that have not seen the text. `margin` float64
    (m,) is how much likelier another class is than the given one: above 0 only where that class is at least as likely
    as it is for its own texts on average. `likelier` int (m,) is that class, or the likeliest other one. `order` int
    are the doubtful texts, the most doubtful first. `wrong` is how many labels are wrong by the joint distribution of
    given and likely classes: an estimate for all of them, which says nothing of any one. `method` is what judged.
    """

    likely: Floats
    margin: Floats
    likelier: Rows
    order: Rows
    wrong: float
    method: Method

    @property
    def named(self) -> Rows:
        """The likeliest class of each text, int (m,)."""
        return np.asarray(self.likely.argmax(axis=1), dtype=np.intp)


def doubted(
    vectors: Vectors, codes: Rows, classes: int, seed: int = 0, report: Report = no_report, together: Rows | None = None
) -> Doubted:
    """Return how doubtful the label of each of the `vectors` (m, d) is; `codes` int (m,) are below `classes`.

    `together` int (m,) are numbers that texts share which nearly repeat each other: no classifier has seen their like.

    A label is doubtful where another class is likelier than it, and confidently so: at least as likely as that class is
    for its own texts on average. (Confident learning as published also doubts labels that are likelier than that class,
    but less likely than usual; those are left alone.) Classes of fewer than three texts are not judged, for little is
    left to know them by. Source: Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset
    labels", 2021. That a label is doubtful doesn't make it wrong: a look at the text decides. Raises `EmbedlabError`
    for so many classes that the table of all texts and classes would not fit into memory.
    """
    if len(codes) * classes > MOST:
        raise EmbedlabError(
            f"{classes:,} labels for {len(codes):,} texts are too many to say which are doubtful: choose a column with "
            "fewer."
        )
    method: Method = "linear discriminant" if len(codes) * classes > PROBED else "logistic regression"
    likely = out_of_fold(vectors, codes, classes, seed, report, method, together)
    sizes = np.bincount(codes, minlength=classes)
    rows = np.arange(len(codes))
    own = likely[rows, codes]
    usual = np.bincount(codes, own, classes) / np.maximum(sizes, 1)
    confident = np.where((likely >= usual) & (sizes >= ENOUGH_TO_DOUBT), likely, -1)
    wrong = _estimated(confident, codes, sizes)
    confident[rows, codes] = -1
    is_doubtful = (confident.max(axis=1) > own) & (sizes[codes] >= ENOUGH_TO_DOUBT)
    others = np.where(is_doubtful[:, None], confident, likely)
    others[rows, codes] = -1
    apart = others.max(axis=1) - own
    margin = np.where(is_doubtful, apart, np.minimum(apart, 0))
    order = np.argsort(-margin, kind="stable")
    return Doubted(likely, margin, others.argmax(axis=1), order[is_doubtful[order]], wrong, method)


def _estimated(confident: Floats, codes: Rows, sizes: Rows) -> float:
    """Return how many labels are wrong by the confident joint.

    Each text counts for the class that is likeliest among those it is confidently of; the shares within each given
    class stand for all its texts. `confident` (m, c) is -1 where a class is not.
    """
    sure = (confident.max(axis=1) >= 0) & (sizes[codes] >= ENOUGH_TO_DOUBT)
    other = confident.argmax(axis=1) != codes
    counted = np.bincount(codes[sure], minlength=len(sizes))
    off = np.bincount(codes[sure & other], minlength=len(sizes))
    return float((sizes * off / np.maximum(counted, 1)).sum())


def out_of_fold(
    vectors: Vectors,
    codes: Rows,
    classes: int,
    seed: int = 0,
    report: Report = no_report,
    method: Method = "logistic regression",
    together: Rows | None = None,
) -> Floats:
    """Return how likely each class is for each text by a linear classifier that has not seen it, float64 (m, classes).

    Rows sum to 1, but for a text that nothing is left to learn from for. `together` is as in `dealt`.
    """
    likely = np.zeros((len(codes), classes))
    fold = dealt(codes, min(FOLDS, len(codes)), seed, together)
    parts = [fold == number for number in range(fold.max() + 1)] if len(codes) else []
    if len(parts) < 2:
        return likely
    learned = trained if method == "logistic regression" else discriminant

    def judged(held: Flags) -> tuple[Rows, Floats]:
        probe = learned(vectors[~held], codes[~held])
        return probe.classes, probe.probabilities(vectors[held])

    found = run_parallel(judged, parts, Stopwatch("Doubtful labels", len(parts), report))
    for held, (known, probabilities) in zip(parts, found, strict=True):
        likely[np.ix_(np.flatnonzero(held), known)] = probabilities
    return likely if method == "logistic regression" else _as_sure_as_right(likely, codes)


def _as_sure_as_right(likely: Floats, codes: Rows) -> Floats:
    """Return probabilities of which the highest are on average what share of them names the label.

    A discriminant's own are far too sure in hundreds of dimensions. All are divided by one temperature, found on up to
    5,000 texts: not the one that makes the labels likeliest, because a few wrong labels would decide it. After Guo,
    Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017.
    """
    from scipy.special import softmax

    logarithms = np.log(np.maximum(likely, _NEVER))
    some = slice(None, None, max(1, len(codes) // _CALIBRATED))
    right = float((likely[some].argmax(axis=1) == codes[some]).mean())
    low, high = _TEMPERATURES
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        too_sure = float(softmax(logarithms[some] / middle, axis=1).max(axis=1).mean()) > right
        low, high = (middle, high) if too_sure else (low, middle)
    return np.asarray(softmax(logarithms / low, axis=1))


@dataclass(frozen=True, eq=False)
class Discriminant:
    """A linear classifier in closed form. `classes` int (c,) rising are those that it has seen."""

    classes: Rows
    centre: Singles
    weights: Floats
    bias: Floats

    def probabilities(self, vectors: Vectors) -> Floats:
        """Return how likely each of `classes` is for each vector, float64 (m, c); rows sum to 1."""
        from scipy.special import softmax

        return np.asarray(softmax((vectors - self.centre) @ self.weights + self.bias, axis=1), dtype=np.float64)


def discriminant(seen: Vectors, codes: Rows) -> Discriminant:
    """Return a linear discriminant of the vectors `seen` (m, d) and their classes, int (m,).

    Each class is taken for a normal distribution around its mean, all of the same shape, a tenth of the way towards a
    sphere. It needs no steps, so that it takes a twentieth of the time of the probe, and with many texts a class it
    names as many right. Sources: Fisher 1936; Friedman, "Regularized discriminant analysis", 1989.
    """
    from scipy.linalg import solve
    from scipy.sparse import csr_array

    classes, place, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    centre = seen.mean(axis=0)
    seen = seen - centre
    belongs = csr_array((np.ones(len(place)), place, np.arange(len(place) + 1)), shape=(len(place), len(classes)))
    means = (belongs.T @ seen.astype(np.float64)) / sizes[:, None]
    within = (seen.T @ seen).astype(np.float64) - (means * sizes[:, None]).T @ means
    within /= max(1, len(seen) - len(classes))
    sphere = max(float(np.trace(within)) / len(within), 1e-9)
    within = (1 - SHRUNK) * within + SHRUNK * sphere * np.eye(len(within))
    weights = solve(within, means.T, assume_a="pos")
    bias = np.log(sizes / sizes.sum()) - np.einsum("cd,dc->c", means, weights) / 2
    return Discriminant(classes, centre, weights, bias)
