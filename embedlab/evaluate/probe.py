"""A linear probe: how well labels can be read off vectors, with a penalty that is chosen, not given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from embedlab.base.arrays import Flags, Floats, Rows, Singles
from embedlab.base.progress import Report, Stopwatch, no_report, run_parallel
from embedlab.encoders.base import Vectors
from embedlab.evaluate.labels import FOLDS, dealt

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

PENALTY_C = 10.0
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""What a probe's penalty is chosen among: scikit-learn's C, the higher the weaker the penalty."""
_TRIED = 1_500
_TRIED_FOLDS = 3
_MOST_STEPS = 1_000
_ENOUGH = 1e-4


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
    vectors: Vectors,
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
    seen: Vectors,
    codes: Rows,
    asked: Vectors,
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
    seen: Vectors, codes: Rows, seed: int = 0, report: Report = no_report, together: Rows | None = None
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

    def accuracy(self, penalty: float, among: Flags | None = None) -> float:
        right = self.named[penalty] == self.codes
        return float((right if among is None else right[among]).mean())

    def best(self, among: Flags | None = None) -> float:
        """Return the penalty that names most of these texts right; of equally good ones the strongest.

        Where there are none of these texts, nothing speaks for another than the first that was tried.
        """
        if among is not None and not among.any():
            return next(iter(self.named))
        return min(self.named, key=lambda penalty: (-self.accuracy(penalty, among), penalty))


def _tried(vectors: Vectors, codes: Rows, fold: Rows, seed: int, report: Report, together: Rows | None) -> _Tries:
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


@dataclass(frozen=True, eq=False)
class LinearProbe:
    """A linear classifier that was trained on vectors. `classes` int (c,) rising are those that it has seen."""

    centre: Singles
    scale: float
    classes: Rows
    classifier: LogisticRegression | None

    def named(self, vectors: Vectors) -> Rows:
        """Return the likeliest class of each vector, int (m,); -1 where there was nothing to learn from."""
        if self.classifier is None:
            return np.full(len(vectors), self.classes[0] if len(self.classes) else -1, dtype=np.intp)
        return np.asarray(self.classifier.predict((vectors - self.centre) / self.scale), dtype=np.intp)

    def probabilities(self, vectors: Vectors) -> Floats:
        """Return how likely each of `classes` is for each vector, float64 (m, c); rows sum to 1."""
        if self.classifier is None:
            return np.ones((len(vectors), len(self.classes)))
        return np.asarray(self.classifier.predict_proba((vectors - self.centre) / self.scale), dtype=np.float64)


def trained(seen: Vectors, codes: Rows, penalty: float = PENALTY_C) -> LinearProbe:
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
