"""How large a difference is without what chance adds to it: chosen on some of the texts, and counted on the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Flags, Floats, Rows
from embedlab.stats.intervals import Interval, wilson

FOLDS = 5
REPEATS = 4
LEVEL = 0.05
_CUTS = np.array([-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0])
_LEAST = 1e-12
_HALF = np.sqrt(2 / np.pi)  # the mean of |x| where x is standard normal
# Where a category's true gap may lie, in standard errors: close to each other around none.
_STEPS = np.concatenate([-np.geomspace(0.25, 20, 18)[::-1], [0.0], np.geomspace(0.25, 20, 18)])
_EM = 100


@dataclass(frozen=True)
class Gap:
    """What share of each side's texts lies in something that was chosen; `texts` are how many each side has."""

    before: float
    after: float
    texts: tuple[int, int]

    @property
    def mean(self) -> float:
        """The difference of the shares."""
        return self.after - self.before

    @property
    def low(self) -> float:
        """The lower end of its 95 % interval, from those of both shares (Newcombe 1998, method 10; Wilson 1927)."""
        (_, up), (down, _) = wilson(self.before, self.texts[0]), wilson(self.after, self.texts[1])
        return float(self.mean - np.hypot(self.after - down, up - self.before))

    @property
    def high(self) -> float:
        """The upper end."""
        (down, _), (_, up) = wilson(self.before, self.texts[0]), wilson(self.after, self.texts[1])
        return float(self.mean + np.hypot(up - self.after, self.before - down))


def mean_of(gaps: Sequence[Gap]) -> Gap:
    """Return the mean over several dealings of the same texts."""
    before, after = (float(np.mean([getattr(one, side) for one in gaps])) for side in ("before", "after"))
    return Gap(before, after, gaps[0].texts)


def bounded(mean: float, low: float, high: float) -> Interval:
    """Return an effect as an interval from 0 to 1, with its mean inside."""
    low, high = max(0.0, low), min(1.0, high)
    return Interval(min(max(mean, low), high), low, high)


# --- Folds ---------------------------------------------------------------------------------------


def dealt(inside: Flags, seed: int) -> Iterator[Rows]:
    """Yield the fold of each text, int (n,), a few times anew: each side is spread over all folds evenly."""
    rng = np.random.default_rng(seed)
    for _ in range(REPEATS):
        fold = np.empty(len(inside), dtype=np.intp)
        for side in (~inside, inside):
            rows = np.flatnonzero(side)
            fold[rng.permutation(rows)] = np.arange(len(rows)) % FOLDS
        yield fold


def tables(codes: Rows, inside: Flags, seed: int) -> list[tuple[Floats, Floats]]:
    """Return how many texts of each step are in each fold, before and after: float64 (k, folds), for each dealing.

    `codes` int (n,) are the steps; there are no missing ones among them.
    """
    steps = int(codes.max()) + 1
    made = []
    for fold in dealt(inside, seed):
        cell = codes * FOLDS + fold
        before, after = (np.bincount(cell[side], minlength=steps * FOLDS) for side in (~inside, inside))
        made.append((before.reshape(steps, FOLDS).astype(np.float64), after.reshape(steps, FOLDS).astype(np.float64)))
    return made


# --- Effects -------------------------------------------------------------------------------------


def of_categories(folded: Sequence[tuple[Floats, Floats]], shuffled: Floats) -> Interval:
    """Return the total variation of two sides with its 95 % interval, without what chance adds.

    `folded` are the counts from `tables`; `shuffled` float64 (m,) is the total variation as counted, under m
    shufflings of the sides. These give what chance adds where no category differs. Of that as much is taken off as is
    left where some do (`_left`). The lower end comes from categories chosen on four fifths of the texts and counted on
    the last fifth: that is never more than the truth on average, whatever differs. The upper end is what all
    categories can differ by without more being counted: most where each differs by as many standard errors.
    """
    before, after = (side.sum(axis=1) for side in folded[0])
    gaps = after / after.sum() - before / before.sum()
    grown = gaps > 0
    counted = _gap(before[grown].sum(), after[grown].sum(), before, after)
    by_chance = float(shuffled.mean())
    crossed = mean_of([_chosen_categories(*one) for one in folded])
    scale = by_chance / _HALF
    return bounded(
        counted.mean - _left(before, after) * by_chance,
        crossed.low if _beyond(counted.mean, shuffled) else 0.0,
        _unfolded(counted.high / scale) * scale if scale > _LEAST else counted.high,
    )


def of_numbers(folded: Sequence[tuple[Floats, Floats]], shuffled: Floats) -> Interval:
    """Return Kolmogorov and Smirnov's D of two sides with its 95 % interval, without what chance adds.

    Steps are in the order of the values. The value at which the two cumulative shares are furthest apart is chosen on
    four fifths of the texts, and their gap counted on the last fifth. The upper end is that of the gap as counted,
    which chance can only raise.
    """
    before, after = (side.sum(axis=1) for side in folded[0])
    at, sign = _furthest(before / before.sum(), after / after.sum())
    counted = _gap(_below(before, at, sign), _below(after, at, sign), before, after)
    crossed = mean_of([_chosen_steps(*one) for one in folded])
    return bounded(crossed.mean, crossed.low if _beyond(counted.mean, shuffled) else 0.0, counted.high)


def _beyond(observed: float, shuffled: Floats) -> bool:
    """Whether at most one of twenty shufflings reaches so far: if more do, nothing at all may differ."""
    return bool((shuffled >= observed - 1e-9).sum() + 1 <= LEVEL * (len(shuffled) + 1))


def _gap(of_before: float, of_after: float, before: Floats, after: Floats) -> Gap:
    first, second = float(before.sum()), float(after.sum())
    return Gap(float(of_before) / first, float(of_after) / second, (round(first), round(second)))


def _standard(before: Floats, after: Floats, first: Floats, second: Floats) -> Floats:
    """Return the gap of each category in standard errors; `first` and `second` are how many texts there are."""
    first, second = np.maximum(first, 1), np.maximum(second, 1)
    rate = (before + after) / (first + second)
    error = np.sqrt(rate * (1 - rate) * (1 / first + 1 / second))
    return np.asarray((after / second - before / first) / np.maximum(error, _LEAST))


def _chosen_categories(before: Floats, after: Floats) -> Gap:
    """Return the gap, each fold counted in the categories that grew in the others.

    Which have grown so much that they are taken, is chosen by the same means within the others: one large change with
    all the rest a little down asks for another cut than many small ones.
    """
    texts = before.sum(axis=0), after.sum(axis=0)
    inside = np.zeros(2)
    for fold in range(FOLDS):
        others = np.flatnonzero(np.arange(FOLDS) != fold)
        learnt = [side[:, others].sum(axis=1) for side in (before, after)]
        sizes = [side[others].sum() for side in texts]
        inner = _standard(
            *(of[:, None] - side[:, others] for of, side in zip(learnt, (before, after), strict=True)),
            *(size - side[others] for size, side in zip(sizes, texts, strict=True)),
        )  # fmt: skip
        taken = inner[:, :, None] > _CUTS
        first, second = (np.einsum("kf,kfc->c", side[:, others], taken) for side in (before, after))
        gains = second / max(1.0, sizes[1]) - first / max(1.0, sizes[0])
        cut = _CUTS[gains.argmax()] if gains.max() > 0 else 0.0
        grown = _standard(*learnt, *(np.asarray(size) for size in sizes)) > cut
        inside += before[grown, fold].sum(), after[grown, fold].sum()
    return _gap(inside[0], inside[1], before, after)


def _chosen_steps(before: Floats, after: Floats) -> Gap:
    inside = np.zeros(2)
    for fold in range(FOLDS):
        learnt = [side.sum(axis=1) - side[:, fold] for side in (before, after)]
        at, sign = _furthest(*(side / max(1.0, side.sum()) for side in learnt))
        inside += [_below(side[:, fold], at, sign) for side in (before, after)]
    return _gap(inside[0], inside[1], before, after)


def _furthest(before: Floats, after: Floats) -> tuple[int, bool]:
    """Return the step at which the cumulative shares are furthest apart, and whether that after is the larger one."""
    gaps = np.cumsum(after - before)
    at = int(np.abs(gaps).argmax())
    return at, bool(gaps[at] > 0)


def _below(counts: Floats, at: int, below: bool) -> float:
    return float(counts[: at + 1].sum() if below else counts[at + 1 :].sum())


# --- What chance adds ----------------------------------------------------------------------------


def _left(before: Floats, after: Floats) -> float:
    """Return how much is left of what chance adds to a total variation: 1 where nothing differs, 0 where all does.

    Chance adds to |gap| most where the true gap is none and nearly nothing where it is two standard errors. How the
    true ones lie, is estimated from all of the categories together, by the distribution that makes them likeliest
    (Kiefer and Wolfowitz 1956; Koenker and Mizera 2014) with one category more that didn't change.
    """
    there = before + after > 0
    before, after = before[there], after[there]
    first, second = before.sum(), after.sum()
    rate = (before + after) / (first + second)
    weights = np.sqrt(rate * (1 - rate))
    z = np.clip(_standard(before, after, first, second), -20, 20)
    likely = np.exp(-((z[:, None] - _STEPS) ** 2) / 2)
    of = likely / likely.sum(axis=1, keepdims=True)
    for _ in range(_EM):
        # The gaps add up to none, so that of k there are k - 1 that tell something.
        prior = of.sum(axis=0) * (len(z) - 1) / len(z)
        prior[len(_STEPS) // 2] += 1
        of = likely * (prior / prior.sum())
        of /= of.sum(axis=1, keepdims=True)
    added = (_folded(np.abs(_STEPS)) - np.abs(_STEPS)) / _HALF
    return float((of @ added) @ weights / max(weights.sum(), _LEAST))


def _folded(true: Floats) -> Floats:
    """Return the mean of |x| where x is normal around `true` (0 or more) with a standard error of one."""
    from scipy.special import ndtr

    return np.asarray(_HALF * np.exp(-(true**2) / 2) + true * (2 * ndtr(true) - 1))


def _unfolded(mean: float) -> float:
    """Return around what x is if the mean of |x| is so large: `_folded` turned round, 0 below what it is for 0."""
    steps = np.linspace(0, 8, 3201)
    return mean if mean >= 8 else float(np.interp(mean, _folded(steps), steps))
