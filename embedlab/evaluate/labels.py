"""What labels say of a space: which texts count, how well their labels can be read off, how well groups agree."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stopwatch, cores, no_report, sharing
from embedlab.corpus import Column, Corpus
from embedlab.encoders.base import unit
from embedlab.search.quantised import best
from embedlab.space.space import Clusters, Distinct, Neighbours, Space

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

PENALTY_C = 10.0
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""What a probe's penalty is chosen among: scikit-learn's C, the higher the weaker the penalty."""
FEW = 30
SHUFFLES = 20
FOLDS = 5
_TRIED = 1_500
_TRIED_FOLDS = 3
_MOST_STEPS = 1_000
_ENOUGH = 1e-4
_TIE = 1e-6
_ROUNDING = 1e-7
_AT_ONCE = 1024

# How many threads a product takes is one setting for the whole process.
_probing = threading.Lock()

T = TypeVar("T")
U = TypeVar("U")
Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


# --- Which texts count ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Labelled:
    """The texts that count, each once: `rows` int (m,) rising, `codes` int (m,) their places in `names`.

    Every class has two texts or more, and there are at least two classes. `notes` are sentences on what was left out
    and on what to bear in mind.
    """

    rows: Rows
    codes: Rows
    names: tuple[str, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sizes(self) -> Rows:
        """Texts in each class, int (classes,)."""
        return np.bincount(self.codes, minlength=len(self.names))


def usable_labels(labels: Column, corpus: Corpus | None = None, learnt: NDArray[np.bool_] | None = None) -> Labelled:
    """Return the texts with a label that another text has too.

    With `corpus`, a text that repeats counts once, with the label that most of its copies have (the first of equal
    ones): copies in training and test would flatter every model. `learnt` bool (n,) are texts that one of the models
    compared has learned from: they count for none. Raises `EmbedlabError` where fewer than two classes are left, or
    numbers or dates hardly repeat.
    """
    rows = np.flatnonzero(~labels.missing)
    if not len(rows):
        raise EmbedlabError(f"The column “{labels.name}” has no value for any text: choose another column of labels.")
    notes = []
    if len(rows) < len(labels.values):
        notes.append(f"{counted(len(labels.values) - len(rows), 'text')} without a label left out.")
    if learnt is not None:
        rows, said = _not_learnt(rows, learnt)
        notes += said
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(labels.shown(row), len(numbers)) for row in rows.tolist()], dtype=np.intp)
    names = list(numbers)
    if corpus is not None:
        rows, codes, said = _each_once(rows, codes, corpus.distinct[1])
        notes += said
    alone = np.flatnonzero(np.bincount(codes, minlength=len(names)) == 1)
    kept = ~np.isin(codes, alone)
    if len(alone):
        named = listed((names[code] for code in alone), 3)
        classes = counted(len(alone), "class has", "classes have")
        notes.append(f"{classes} one text only and can't be learned from another: left out ({named}).")
    _check(labels, codes, kept)
    rows, codes = rows[kept], codes[kept]
    present, codes = np.unique(codes, return_inverse=True)
    if labels.kind in ("number", "date"):
        notes.append(f"The {labels.kind}s in “{labels.name}” are taken as names: how far apart they are doesn't count.")
    if len(rows) < FEW:
        notes.append(f"Only {len(rows)} texts count: hardly any difference can show, and the intervals are rough.")
    most = np.bincount(codes).max() / len(codes)
    notes.append(f"Always naming the largest of the {len(present)} classes would be right in {100 * most:.1f} %.")
    return Labelled(frozen(rows), frozen(codes), tuple(names[code] for code in present), tuple(notes))


def _not_learnt(rows: Rows, learnt: NDArray[np.bool_]) -> tuple[Rows, list[str]]:
    left = rows[~learnt[rows]]
    if not len(left):
        raise EmbedlabError(
            "One of the models has learned from every text with a label, so none is left to measure on: bring labelled "
            "texts that it has not seen, or leave it out."
        )
    if len(left) == len(rows):
        return rows, []
    gone = counted(len(rows) - len(left), "text")
    return left, [f"{gone} that a fine-tuned model has learned from left out, for all models alike."]


def _each_once(rows: Rows, codes: Rows, place: Rows) -> tuple[Rows, Rows, list[str]]:
    """Return one row for each distinct text: the first with the label that most of its copies have."""
    pairs = np.stack([place[rows], codes], axis=1)
    pairs, first, counts = np.unique(pairs, axis=0, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts, pairs[:, 0]))
    texts = pairs[order, 0]
    best = order[np.flatnonzero(np.diff(texts, prepend=-1))]
    chosen = np.sort(first[best])
    notes = []
    if len(chosen) < len(rows):
        repeats = counted(len(rows) - len(chosen), "text repeats", "texts repeat")
        notes.append(f"{repeats} an earlier one: each counts once, so that no model is asked for what it was taught.")
    unlike = int((np.unique(texts, return_counts=True)[1] > 1).sum())
    if unlike:
        have = counted(unlike, "text has", "texts have")
        notes.append(f"{have} copies with different labels: the most frequent label counts.")
    return rows[chosen], codes[chosen], notes


def _check(labels: Column, codes: Rows, kept: NDArray[np.bool_]) -> None:
    found = len(np.unique(codes))
    if found == 1:
        raise EmbedlabError(
            f"All texts with a value of “{labels.name}” have the same one: choose a column with two labels or more."
        )
    if labels.kind in ("number", "date") and kept.mean() < 0.5:
        raise EmbedlabError(
            f"“{labels.name}” holds {labels.kind}s that hardly repeat, so they can't be labels: choose a column of "
            "categories."
        )
    if not kept.any():
        raise EmbedlabError(f"No two texts share a value of “{labels.name}”: choose another column of labels.")
    if len(np.unique(codes[kept])) == 1:
        raise EmbedlabError(
            f"Only one value of “{labels.name}” has two texts or more: choose a column with two labels or more."
        )


# --- A linear probe ------------------------------------------------------------------------------


def dealt(codes: Rows, folds: int, seed: int = 0, together: Rows | None = None) -> Rows:
    """Return the fold of each text, int (m,): each class is spread evenly, and all folds are of like size.

    `together` int (m,) are numbers that texts share which must lie in one fold, as near-copies must.
    """
    groups = np.arange(len(codes)) if together is None else np.unique(together, return_inverse=True)[1]
    firsts = np.unique(groups, return_index=True)[1]
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.permutation(len(firsts)), codes[firsts]))
    fold = np.empty(len(firsts), dtype=np.intp)
    fold[order] = np.arange(len(firsts)) % folds
    return np.asarray(fold[groups])


@dataclass(frozen=True, eq=False)
class Probed:
    """What a linear probe makes of texts that it has not seen.

    `named` int (m,) are the classes that it names and `right` float64 (m,) is 1 where that is the label, else 0.
    `penalties` are those that were chosen, one for each classifier. `shifts` says for each penalty that was tried by
    how much the accuracy would change if it were fixed instead of chosen.
    """

    named: Rows
    right: Floats
    penalties: tuple[float, ...]
    shifts: Mapping[float, float]


def linear_probe(
    vectors: NDArray[np.float32],
    codes: Rows,
    folds: int = FOLDS,
    seed: int = 0,
    report: Report = no_report,
    together: Rows | None = None,
) -> Probed:
    """Return what a linear classifier names each text that was trained on all folds but the text's own (see `dealt`).

    Multinomial logistic regression with an L2 penalty. The penalty of each fold's classifier is the one of `PENALTIES`
    that names most texts of the other folds right, each by a classifier that has not seen it. Where there are more than
    1,500 texts, it is looked for on so many of them, and is not weaker than `PENALTY_C`. Source: Alain and Bengio,
    "Understanding intermediate layers using linear classifier probes", 2016; Stone, "Cross-validatory choice and
    assessment of statistical predictions", 1974.
    """
    fold = dealt(codes, folds, seed, together)
    parts = [fold == number for number in range(folds)]
    tries = _tried(vectors, codes, fold, seed, report, together)
    penalties = tuple(tries.best(~held[tries.rows]) for held in parts)
    named = np.empty(len(codes), dtype=np.intp)
    if len(tries.rows) == len(codes):
        for held, penalty in zip(parts, penalties, strict=True):
            named[held] = tries.named[penalty][held]
    else:
        found = run_parallel(
            lambda item: trained(vectors[~item[0]], codes[~item[0]], item[1]).named(vectors[item[0]]),
            list(zip(parts, penalties, strict=True)),
            Stopwatch("Linear probe", folds, report),
        )
        for held, of_fold in zip(parts, found, strict=True):
            named[held] = of_fold
    right = (named == codes).astype(np.float64)
    usual = right[tries.rows].mean() if len(tries.rows) == len(codes) else tries.accuracy(tries.best())
    shifts = {penalty: tries.accuracy(penalty) - float(usual) for penalty in tries.named}
    return Probed(named, right, penalties, shifts)


def held_out_probe(
    seen: NDArray[np.float32],
    codes: Rows,
    asked: NDArray[np.float32],
    answers: Rows,
    seed: int = 0,
    report: Report = no_report,
    together: Rows | None = None,
) -> Probed:
    """Return what a linear classifier names the vectors `asked` (h, d), trained on `seen` (m, d) of classes `codes`.

    The penalty is chosen as in `linear_probe`, by cross-validation among the texts to learn from alone. `answers` int
    (h,) are the labels of those asked about; `together` int (m,) is as in `dealt`.
    """
    penalty, tried = best_penalty(seen, codes, seed, report, together)
    at = PENALTIES.index(penalty)
    tried = tuple(sorted({*tried, *PENALTIES[max(0, at - 1) : at + 2]})) if len(tried) > 1 else tried
    found = run_parallel(
        lambda one: trained(seen, codes, one).named(asked), tried, Stopwatch("Linear probe", len(tried), report)
    )
    by_penalty = dict(zip(tried, found, strict=True))
    right = (by_penalty[penalty] == answers).astype(np.float64)
    shifts = {one: float((named == answers).mean() - right.mean()) for one, named in by_penalty.items()}
    return Probed(by_penalty[penalty], right, (penalty,), shifts)


def best_penalty(
    seen: NDArray[np.float32], codes: Rows, seed: int = 0, report: Report = no_report, together: Rows | None = None
) -> tuple[float, tuple[float, ...]]:
    """Return the penalty with which a probe names most texts right that it has not seen, and all that were tried."""
    folds = min(FOLDS, len(codes))
    if folds < 2 or len(np.unique(codes)) < 2:
        return PENALTY_C, (PENALTY_C,)
    tries = _tried(seen, codes, dealt(codes, folds, seed, together), seed, report, together)
    return tries.best(), tuple(sorted(tries.named))


@dataclass(frozen=True, eq=False)
class _Tries:
    """Texts at `rows`, int (t,), of classes `codes`, with what a probe of each penalty tried names them."""

    rows: Rows
    codes: Rows
    named: Mapping[float, Rows]

    def accuracy(self, penalty: float, among: NDArray[np.bool_] | None = None) -> float:
        right = self.named[penalty] == self.codes
        return float((right if among is None else right[among]).mean())

    def best(self, among: NDArray[np.bool_] | None = None) -> float:
        """Return the penalty that names most of these texts right; of equally good ones the strongest."""
        return min(self.named, key=lambda penalty: (-self.accuracy(penalty, among), penalty))


def _tried(
    vectors: NDArray[np.float32], codes: Rows, fold: Rows, seed: int, report: Report, together: Rows | None
) -> _Tries:
    """Try the usual penalty and its neighbours, and go on in a direction as long as that names more texts right."""
    rows, sampled = np.arange(len(codes)), len(codes) > _TRIED
    if sampled:
        # In another order than the folds': the same one would fall into few of them.
        rows = _drawn(codes, _TRIED, seed + 1)
        fold = dealt(codes[rows], _TRIED_FOLDS, seed, None if together is None else together[rows])
    vectors, codes = vectors[rows], codes[rows]
    held_out = [fold == number for number in np.unique(fold)]
    named: dict[float, Rows] = {}
    usual = PENALTIES.index(PENALTY_C)
    # Few texts ask for a weaker penalty than many (BANKING77 and CLINC150: 30 to 100 is best for 1,000 texts, 10 for
    # 8,000), so a sample can't speak for a weaker one than the usual.
    able = PENALTIES[: usual + 1] if sampled else PENALTIES
    wanted = set(able[usual - 1 : usual + 2])
    while wanted:
        items = [(penalty, held) for penalty in sorted(wanted) for held in held_out]
        watch = Stopwatch("Choosing the probe's penalty", len(items), report)
        found = run_parallel(
            lambda item: trained(vectors[~item[1]], codes[~item[1]], item[0]).named(vectors[item[1]]), items, watch
        )
        for (penalty, held), of_fold in zip(items, found, strict=True):
            named.setdefault(penalty, np.empty(len(codes), dtype=np.intp))[held] = of_fold
        best = PENALTIES.index(_Tries(rows, codes, named).best())
        wanted = {able[at] for at in (best - 1, best + 1) if 0 <= at < len(able)} - set(named)
    return _Tries(rows, codes, named)


def _drawn(codes: Rows, count: int, seed: int) -> Rows:
    """Return `count` places, int rising: of each class its share, to within one."""
    order = np.lexsort((np.random.default_rng(seed).permutation(len(codes)), codes))
    return np.sort(order[np.arange(count) * len(codes) // count])


def run_parallel(work: Callable[[T], U], items: Sequence[T], watch: Stopwatch) -> list[U]:
    """Return what `work` makes of each item, in their order, several at a time; `watch` may stop it after each.

    For work of many small products of matrices: those lose more by waiting for each other's threads than they gain,
    so each item takes one thread.
    """
    with (
        _probing,
        warnings.catch_warnings(),
        sharing.computing(cores()),
        ThreadPoolExecutor(min(len(items), cores())) as pool,
    ):
        warnings.filterwarnings("ignore", "The number of unique classes")
        warnings.filterwarnings("ignore", "`sklearn.utils.parallel.delayed`")
        found = []
        try:
            watch.at(0)
            for made in pool.map(work, items):
                found.append(made)
                watch.at(len(found))
        finally:
            pool.shutdown(cancel_futures=True)
        return found


@dataclass(frozen=True, eq=False)
class LinearProbe:
    """A linear classifier that was trained on vectors. `classes` int (c,) rising are those that it has seen."""

    centre: NDArray[np.float32]
    scale: float
    classes: Rows
    classifier: LogisticRegression | None

    def named(self, vectors: NDArray[np.float32]) -> Rows:
        """Return the likeliest class of each vector, int (m,); -1 where there was nothing to learn from."""
        if self.classifier is None:
            return np.full(len(vectors), self.classes[0] if len(self.classes) else -1, dtype=np.intp)
        return np.asarray(self.classifier.predict((vectors - self.centre) / self.scale), dtype=np.intp)

    def probabilities(self, vectors: NDArray[np.float32]) -> Floats:
        """Return how likely each of `classes` is for each vector, float64 (m, c); rows sum to 1."""
        if self.classifier is None:
            return np.ones((len(vectors), len(self.classes)))
        return np.asarray(self.classifier.predict_proba((vectors - self.centre) / self.scale), dtype=np.float64)


def trained(seen: NDArray[np.float32], codes: Rows, penalty: float = PENALTY_C) -> LinearProbe:
    """Return a probe trained on the vectors `seen` (m, d) and their classes, int (m,); of one class it knows no other.

    Of none it knows none, which happens where all texts nearly repeat each other and lie in one fold.

    The vectors are centred, and scaled to mean square length 1, so that one penalty suits models whose vectors lie
    in a narrow cone as well as those that spread. `PENALTY_C` was best of 1, 10 and 100 on BANKING77 for a lexical, a
    static and a transformer model alike; where a verdict rests on it, the penalty is chosen (`best_penalty`).
    """
    from sklearn.linear_model import LogisticRegression

    if not len(seen):
        return LinearProbe(np.zeros(seen.shape[1], dtype=np.float32), 1.0, codes, None)
    centre = seen.mean(axis=0)
    seen = seen - centre
    scale = float(np.sqrt(np.einsum("md,md->", seen, seen) / len(seen))) or 1.0
    classes = np.unique(codes)
    if len(classes) == 1:
        return LinearProbe(centre, scale, classes, None)
    probe = LogisticRegression(C=penalty, max_iter=_MOST_STEPS, tol=_ENOUGH)
    probe.fit(seen / scale, codes)
    return LinearProbe(centre, scale, classes, probe)


# --- The nearest class ---


def prototypes(seen: NDArray[np.float32], codes: Rows) -> NDArray[np.float32]:
    """Return the mean of the vectors of each class, scaled to length 1; zeros for a class without any, (classes, d)."""
    sums = np.zeros((int(codes.max()) + 1, seen.shape[1]), dtype=np.float64)
    np.add.at(sums, codes, seen)
    return unit(sums)


def nearest_class(seen: NDArray[np.float32], codes: Rows, asked: NDArray[np.float32]) -> Rows:
    """Return the class whose mean vector is nearest by cosine to each of `asked` (h, d), int (h,)."""
    return np.asarray((asked @ prototypes(seen, codes).T).argmax(axis=1), dtype=np.intp)


def nearest_class_in_turn(vectors: NDArray[np.float32], codes: Rows, fold: Rows) -> Rows:
    """Return it for each of the `vectors` (m, d) by the means of the texts of other folds, int (m,); -1 without any."""
    named = np.full(len(codes), -1, dtype=np.intp)
    for number in np.unique(fold):
        held = fold == number
        if not held.all():
            named[held] = nearest_class(vectors[~held], codes[~held], vectors[held])
    return named


# --- The labels of the neighbours ----------------------------------------------------------------


def knn(space: Space, near: Neighbours, of: Labelled, k: int = 10, together: Rows | None = None) -> Floats:
    """Return 1 for each text whose label its `k` nearest others name, else 0; float64 (m,).

    They are those of the original space that count themselves, never a copy of the text, nor one that shares its number
    in `together`, int (m,). Each votes with its cosine; of labels with equal votes, that of the nearest wins.
    """
    places, cosines = _voters(space, near.distinct, of.rows, min(k, len(of) - 1), together)
    right: Floats = (voted(of.codes[places], cosines) == of.codes).astype(np.float64)
    return right


def nearest_named(seen: NDArray[np.float32], codes: Rows, asked: NDArray[np.float32], k: int) -> Rows:
    """Return the class that the `k` nearest of the vectors `seen` (m, d) name for each of `asked` (h, d), int (h,).

    `codes` int (m,) are the classes of those seen; each votes with its cosine (Cover and Hart 1967).
    """
    found = []
    for start in range(0, len(asked), _AT_ONCE):
        cosines = asked[start : start + _AT_ONCE] @ seen.T
        near = np.stack([best(one, k) for one in cosines])
        found.append(voted(codes[near], np.take_along_axis(cosines, near, axis=1)))
    return np.concatenate(found)


def voted(voters: Rows, cosines: NDArray[np.float32]) -> Rows:
    """Return the class with the most votes in each row; `voters` int (m, k) are classes, the nearest first."""
    votes = np.maximum(cosines, 0)
    totals = np.where(voters[:, :, None] == voters[:, None, :], votes[:, None, :], 0).sum(axis=2)
    first = (totals >= totals.max(axis=1, keepdims=True) - _TIE).argmax(axis=1)
    return np.asarray(voters[np.arange(len(voters)), first])


def _voters(
    space: Space, distinct: Distinct, rows: Rows, k: int, together: Rows | None
) -> tuple[Rows, NDArray[np.float32]]:
    """Return the places in `rows` of the `k` nearest of each of them, and their cosines; both (m, k)."""
    own = distinct.place[rows]
    place = np.full(len(distinct), -1, dtype=np.intp)
    place[own] = np.arange(len(rows))
    found = place[distinct.indices[own]]
    if together is not None:
        found = np.where((found >= 0) & (together[found] == together[:, None]), -1, found)
    order = np.argsort(found < 0, axis=1, kind="stable")[:, :k]
    places = np.take_along_axis(found, order, axis=1)
    cosines = np.take_along_axis(distinct.cosines[own], order, axis=1)
    lacking = np.flatnonzero((found >= 0).sum(axis=1) < k)
    if not len(lacking):
        return places, cosines
    if places.shape[1] < k:
        places, cosines = np.zeros((len(rows), k), dtype=np.intp), np.zeros((len(rows), k), dtype=np.float32)
    vectors = space.vectors[rows]
    for start in range(0, len(lacking), _AT_ONCE):
        some = lacking[start : start + _AT_ONCE]
        block = vectors[some] @ vectors.T
        block[np.arange(len(some)), some] = -np.inf
        if together is not None:
            block[together[some][:, None] == together] = -1
        places[some] = np.argsort(-block, axis=1, kind="stable")[:, :k]
        cosines[some] = np.take_along_axis(block, places[some], axis=1)
    return places, cosines


# --- How far the classes stand apart -------------------------------------------------------------


def silhouette(vectors: NDArray[np.float32], codes: Rows) -> tuple[Floats, Floats]:
    """Return the silhouette of each text by cosine distance, and the jackknife's pseudo-values; float64 (m,) each.

    Exact for any number of texts: the mean cosine to a class is the cosine to the mean of its vectors, so no pair has
    to be looked at. A text also moves the values of others; the pseudo-values add that (the infinitesimal jackknife),
    and their mean is the same. A text that is alone in its class has 0. Sources: Rousseeuw 1987; Jaeckel 1972, Efron
    1982.
    """
    unit = vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    within, apart, other, sizes = _distances(unit, codes)
    larger = np.maximum(within, apart)
    larger[larger == 0] = 1
    values = _silhouettes(within, apart, sizes[codes])
    closer = within < apart
    by_within = np.where(closer, -1, -apart / larger) / larger
    by_apart = np.where(closer, within / larger, 1) / larger
    alone = sizes[codes] == 1
    by_within[alone] = by_apart[alone] = 0
    others = np.maximum(sizes[codes] - 1, 1)
    given = _given(unit, codes, by_within / others, within, codes, len(sizes)) + by_within * within / others
    given += _given(unit, codes, by_apart / sizes[other], apart, other, len(sizes))
    return values, values + given


def shuffled_silhouettes(vectors: NDArray[np.float32], codes: Rows, seed: int = 0) -> Floats:
    """Return the mean silhouette of each of `SHUFFLES` random orders of the labels, float64 (s,)."""
    unit = vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(SHUFFLES):
        mixed = rng.permutation(codes)
        within, apart, _, sizes = _distances(unit, mixed)
        found.append(float(_silhouettes(within, apart, sizes[mixed]).mean()))
    return np.array(found)


def _distances(unit: Floats, codes: Rows) -> tuple[Floats, Floats, Rows, Floats]:
    """Return the mean distance of each text to its own class and to the nearest other, which that is, and all sizes."""
    sizes = np.bincount(codes).astype(np.float64)
    away = 1 - unit @ _summed(unit, codes, len(sizes)).T / np.maximum(sizes, 1)
    rows, n_own = np.arange(len(codes)), sizes[codes]
    within = _none_below(away[rows, codes] * n_own / np.maximum(n_own - 1, 1))
    away[rows, codes] = np.inf
    away[:, sizes == 0] = np.inf
    other = away.argmin(axis=1)
    return within, _none_below(away[rows, other]), other, sizes


def _silhouettes(within: Floats, apart: Floats, n_own: Floats) -> Floats:
    larger = np.maximum(within, apart)
    return np.where((n_own == 1) | (larger == 0), 0, (apart - within) / np.where(larger == 0, 1, larger))


def _none_below(distances: Floats) -> Floats:
    """Take for 0 what the vectors' float32 can't tell from it."""
    return np.where(distances < _ROUNDING, 0, distances)


def _summed(values: Floats, codes: Rows, classes: int) -> Floats:
    from scipy.sparse import csr_array

    belongs = csr_array((np.ones(len(codes)), codes, np.arange(len(codes) + 1)), shape=(len(codes), classes))
    return np.asarray(belongs.T @ values)


def _given(unit: Floats, codes: Rows, weights: Floats, means: Floats, towards: Rows, classes: int) -> Floats:
    """Return for each text j the sum of weight (distance to j - mean) over the texts that look towards its class."""
    heads = _summed(unit * weights[:, None], towards, classes)
    constant = np.bincount(towards, weights * (1 - means), classes)
    return np.asarray(constant[codes] - np.einsum("md,md->m", unit, heads[codes]))


# --- How well clusters agree with the labels -----------------------------------------------------


def agreement(codes: Rows, clusters: Clusters, rows: Rows) -> tuple[dict[str, float], dict[str, Floats]]:
    """Return ARI and AMI of the clusters with the classes, and the jackknife's pseudo-values of both, float64 (m,).

    Both are corrected for chance: 0 is what clusters of these sizes have in common with shuffled labels. The
    pseudo-values are each from the table without one text, and shifted to have the measure as their mean; what AMI
    expects by chance is taken to fall with the number of texts. Sources: Hubert and Arabie 1985 (adjusted Rand index);
    Vinh, Epps and Bailey 2010 (adjusted mutual information, by the mean of both entropies); Quenouille and Tukey's
    jackknife.
    """
    groups = np.unique(clusters.labels[rows], return_inverse=True)[1]
    cell = np.unique(codes * (groups.max() + 1) + groups, return_inverse=True)[1]
    margins = [np.bincount(values).astype(np.float64) for values in (cell, codes, groups)]
    own = [margin[values] for margin, values in zip(margins, (cell, codes, groups), strict=True)]
    count = float(len(codes))
    expected = _expected_information(margins[1], margins[2])
    single, pseudo = {}, {}
    for name, sums_of, measure in (("ARI", _pairs_of, _rand), ("AMI", _x_log_x, _information)):
        whole = [sums_of(margin).sum(keepdims=True) for margin in margins]
        value = float(measure(whole, count, expected)[0])
        without = [total - sums_of(size) + sums_of(size - 1) for total, size in zip(whole, own, strict=True)]
        less = measure(without, count - 1, expected * count / (count - 1))
        single[name] = value
        pseudo[name] = value + (count - 1) * (less.mean() - less)
    return single, pseudo


def shuffled_agreement(codes: Rows, clusterings: Sequence[Clusters], rows: Rows, seed: int = 0) -> dict[str, Floats]:
    """Return the mean ARI and AMI of the clusterings with each of `SHUFFLES` random orders of the labels, (s,) each."""
    rng = np.random.default_rng(seed)
    mixed = [rng.permutation(codes) for _ in range(SHUFFLES)]
    totals = {"ARI": np.zeros(SHUFFLES), "AMI": np.zeros(SHUFFLES)}
    for one in clusterings:
        groups = np.unique(one.labels[rows], return_inverse=True)[1]
        classes, width = np.bincount(codes).astype(np.float64), int(groups.max()) + 1
        sizes, count = np.bincount(groups).astype(np.float64), float(len(codes))
        expected = _expected_information(classes, sizes)
        for at, order in enumerate(mixed):
            cells = np.bincount(order * width + groups).astype(np.float64)
            for name, sums_of, measure in (("ARI", _pairs_of, _rand), ("AMI", _x_log_x, _information)):
                whole = [sums_of(margin).sum(keepdims=True) for margin in (cells, classes, sizes)]
                totals[name][at] += float(measure(whole, count, expected)[0]) / len(clusterings)
    return totals


def _expected_information(classes: Floats, groups: Floats) -> float:
    """Return the mutual information that shuffled labels have with the clusters on average, in nats."""
    return _expected_of(tuple(np.sort(classes).tolist()), tuple(np.sort(groups).tolist()))


@lru_cache(maxsize=256)
def _expected_of(classes: tuple[float, ...], groups: tuple[float, ...]) -> float:
    from sklearn.metrics.cluster import expected_mutual_information

    count = int(sum(classes))
    # Only the sums of the table's rows and columns matter.
    table = np.zeros((len(classes), len(groups)), dtype=np.int64)
    table[:, 0] = classes
    table[0, :] += np.array(groups, dtype=np.int64)
    table[0, 0] -= count
    return float(expected_mutual_information(table, count))


def _pairs_of(sizes: Floats) -> Floats:
    return sizes * (sizes - 1) / 2


def _x_log_x(sizes: Floats) -> Floats:
    return sizes * np.log(np.maximum(sizes, 1))


def _rand(pairs: Sequence[Floats], count: float, _: float) -> Floats:
    together, in_classes, in_groups = pairs
    expected = in_classes * in_groups / (count * (count - 1) / 2)
    most = (in_classes + in_groups) / 2
    return np.asarray((together - expected) / np.where(most > expected, most - expected, 1))


def _information(sums: Sequence[Floats], count: float, by_chance: float) -> Floats:
    of_both, of_classes, of_groups = (np.log(count) - one / count for one in sums)
    most = (of_classes + of_groups) / 2
    shared = of_classes + of_groups - of_both
    return np.asarray((shared - by_chance) / np.maximum(most - by_chance, _TIE))
