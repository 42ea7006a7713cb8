"""Are two sets of vectors drawn alike? Two tests by permutation, held together so that one level covers both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Flags, Floats, Rows, Singles, frozen
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.stats.intervals import Interval, Z

PERMUTATIONS = 999
FOLDS = 5
MOST_COMPONENTS = 512
RIDGE = 3.0
_AT_ONCE = 2_000_000
_LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Chance:
    """A statistic beside what chance alone makes of it.

    `observed` is of the sides as they are, `shuffled` float64 (m,) of m shufflings of them. `p` is (b + 1) / (m + 1),
    b the shufflings that reach as far (Phipson and Smyth 2010).
    """

    observed: float
    shuffled: Floats
    p: float

    @property
    def above(self) -> float:
        """What is left of the observed value without what chance makes of it on average; 0 where that is more."""
        return max(0.0, self.observed - float(self.shuffled.mean()))

    @property
    def margin(self) -> float:
        """How much of that chance alone leaves in 95 of 100 shufflings, at most."""
        return self.exceeded() - float(self.shuffled.mean())

    def exceeded(self) -> float:
        """Return the value that chance alone exceeds in 5 % of the shufflings."""
        return float(np.quantile(self.shuffled, 0.95, method="higher"))


@dataclass(frozen=True, eq=False)
class Differing:
    """What both tests say of two sets of vectors.

    `auc` is how well a classifier tells the sides apart out of fold (0.5: not at all, 1: always), with its 95 %
    interval; `classifier` is the same against chance. `energy` is the coefficient of inhomogeneity (0: drawn alike, 1:
    nothing in common) against chance. `p` is that of both together. `scores` float64 (n,) are the classifier's, out of
    fold, higher for what looks like the second side.
    """

    auc: Interval
    classifier: Chance
    energy: Chance
    p: float
    scores: Floats


def differing(
    vectors: Singles,
    side: Flags,
    group: Rows,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    report: Report = no_report,
) -> Differing:
    """Test whether the rows of `vectors` (n, d) where `side` (n,) is True are drawn as the others are.

    `group` int (n,) numbers the texts: those with one number, such as copies, stay in one fold. The tests are a
    classifier two-sample test (Lopez-Paz and Oquab 2017; Kim, Ramdas, Singh and Wasserman 2021) with a ridge
    discriminant, which sees a shift of the means best, and the energy test (Székely and Rizzo 2004, 2013), which sees
    any difference. Both shuffle the same sides, and the smaller of the two p-values is weighed against the smaller of
    the two in each shuffling (the minP of Westfall and Young 1993), so that `p` falls to 0.05 for one in twenty equal
    pairs. Exact for texts that were drawn independently of each other.
    """
    components = _components(vectors)
    parts = _parts(components, group, seed)
    distances = _distances(vectors)
    watch = Stopwatch("Shuffling the sides", permutations + 1, report)
    areas, energies, scores = [], [], np.empty(0)
    done = 0
    watch.at(done)
    for block in shuffles(side, permutations, seed):
        found = _out_of_fold(components, parts, block)
        scores = scores if done else found[:, 0].astype(np.float64)
        areas.append(_areas(found, block))
        energies.append(distances.energies(block))
        done += block.shape[1]
        watch.at(done)
    both = np.stack([np.concatenate(areas), np.concatenate(energies) / distances.scale(side)])
    return Differing(delong(scores, side), chance(both[0]), chance(both[1]), smallest(both), frozen(scores))


# --- Chance --------------------------------------------------------------------------------------


def shuffles(side: Flags, permutations: int, seed: int) -> Iterator[Singles]:
    """Yield the sides as they are, then shuffled: float32 (n, b) of zeros and ones, in blocks of columns."""
    rng = np.random.default_rng(seed + 1)
    ones = side.astype(np.float32)
    block = max(1, _AT_ONCE // max(1, len(ones)))
    for start in range(0, permutations + 1, block):
        drawn = rng.permuted(np.broadcast_to(ones, (min(block, permutations + 1 - start), len(ones))), axis=1)
        if not start:
            drawn[0] = ones
        yield np.ascontiguousarray(drawn.T)


def chance(values: Floats) -> Chance:
    """Return a statistic against chance; `values` (m + 1,) are the observed one and those of m shufflings."""
    reached = int((values[1:] >= values[0] - _LEAST).sum())
    return Chance(float(values[0]), frozen(values[1:].copy()), (reached + 1) / len(values))


def smallest(values: Floats) -> float:
    """Return one p-value for several statistics (t, m + 1) under the same shufflings, the observed ones first.

    The smallest p-value of the t is compared with the smallest in each shuffling (minP, Westfall and Young 1993).
    """
    from scipy.stats import rankdata

    rounded = np.round(values / _LEAST) * _LEAST
    least = (rankdata(-rounded, method="max", axis=1) / values.shape[1]).min(axis=0)
    return float((least <= least[0]).mean())


def largest(values: Floats) -> Floats:
    """Return a p-value for each of many statistics (t, m + 1), that holds for all of them together, float64 (t,).

    Each is scaled by its mean and spread under chance, and weighed against the largest of all in each shuffling (maxT,
    Westfall and Young 1993): one of them falls to 0.05 in one of twenty sets without any difference. A statistic
    that no shuffling changes has 1.
    """
    if not len(values):
        return np.empty(0)
    shuffled = values[:, 1:]
    spread = shuffled.std(axis=1, keepdims=True)
    scaled = np.where(
        spread > _LEAST, (values - shuffled.mean(axis=1, keepdims=True)) / np.maximum(spread, _LEAST), -np.inf
    )
    most = np.sort(scaled[:, 1:].max(axis=0))
    reached = len(most) - np.searchsorted(most, scaled[:, 0] - _LEAST, side="left")
    return np.asarray((reached + 1) / values.shape[1], dtype=np.float64)


def holm(values: Floats) -> Floats:
    """Return p-values (t,) adjusted for being looked at together (Holm 1979)."""
    order = np.argsort(values, kind="stable")
    raised = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted


# --- The classifier ------------------------------------------------------------------------------


def area_under(vectors: Singles, side: Flags, group: Rows, seed: int = 0) -> Interval:
    """Return how well the classifier of `differing` tells the sides apart, without any shuffling."""
    components = _components(vectors)
    parts = _parts(components, group, seed)
    return delong(_out_of_fold(components, parts, side.astype(np.float32)[:, None])[:, 0].astype(np.float64), side)


def delong(scores: Floats, side: Flags) -> Interval:
    """Return the area under the ROC curve with its 95 % interval by DeLong, DeLong and Clarke-Pearson (1988).

    Computed from ranks (Sun and Xu 2014). The classifier is taken as given: what another training set would change is
    not in it.
    """
    from scipy.stats import rankdata

    inside, outside = scores[side], scores[~side]
    ranks = rankdata(np.concatenate([inside, outside]))
    above = (ranks[: len(inside)] - rankdata(inside)) / len(outside)
    below = 1 - (ranks[len(inside) :] - rankdata(outside)) / len(inside)
    area = float(above.mean())
    half = Z * float(np.sqrt(above.var(ddof=1) / len(inside) + below.var(ddof=1) / len(outside)))
    return Interval(area, max(0.0, area - half), min(1.0, area + half))


@dataclass(frozen=True, eq=False)
class _Part:
    """One fold: `asked` and `learnt` are rows, `solved` (asked, r) what turns the sum of a side into scores."""

    asked: Rows
    learnt: Rows
    centred: Singles
    solved: Singles


def _components(vectors: Singles) -> Singles:
    """Return the vectors, of more than 512 dimensions the principal components: chosen without the sides."""
    centred = vectors - vectors.mean(axis=0)
    if min(centred.shape) <= MOST_COMPONENTS and centred.shape[1] <= MOST_COMPONENTS:
        return np.asarray(centred)
    from sklearn.utils.extmath import randomized_svd

    left, values, _ = randomized_svd(centred, min(MOST_COMPONENTS, *centred.shape), random_state=0)
    return np.asarray(left * values, dtype=np.float32)


def _parts(components: Singles, group: Rows, seed: int) -> list[_Part]:
    from scipy.linalg import cho_factor, cho_solve

    folds = np.random.default_rng(seed).permutation(int(group.max()) + 1)[group] % FOLDS
    made = []
    for fold in range(FOLDS):
        asked, learnt = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        if not len(asked) or not len(learnt):
            continue
        middle = components[learnt].mean(axis=0)
        centred = components[learnt] - middle
        scatter = (centred.T @ centred).astype(np.float64)
        ridge = RIDGE * np.trace(scatter) / len(scatter) + _LEAST
        factor = cho_factor(scatter + ridge * np.eye(len(scatter)))
        solved = cho_solve(factor, (components[asked] - middle).astype(np.float64).T).T
        made.append(_Part(asked, learnt, centred, solved.astype(np.float32)))
    return made


def _out_of_fold(components: Singles, parts: list[_Part], block: Singles) -> Singles:
    """Return the scores of each text under each shuffling, float32 (n, b): of a ridge regression on the side.

    It has no intercept, for that would tell of a fold how many texts of a side are in the others.
    """
    scores = np.zeros((len(components), block.shape[1]), dtype=np.float32)
    for part in parts:
        scores[part.asked] = part.solved @ (part.centred.T @ block[part.learnt])
    return scores


def _areas(scores: Singles, block: Singles) -> Floats:
    from scipy.stats import rankdata

    inside = block.sum(axis=0, dtype=np.float64)
    ranked = np.einsum("nb,nb->b", rankdata(scores, axis=0), block.astype(np.float64))
    return np.asarray((ranked - inside * (inside + 1) / 2) / (inside * (len(block) - inside)))


# --- The energy test -----------------------------------------------------------------------------


def distance(vectors: Singles, side: Flags, blocks: Iterable[Singles]) -> Floats:
    """Return the energy distance of two sides as a share of the mean distance between them, for each shuffling.

    Without the part that finite sizes add (the U-statistic): around 0 where both are drawn alike. float64 (m + 1,).
    """
    centred = _distances(vectors)
    return np.concatenate([centred.unbiased(block) for block in blocks]) / centred.scale(side)


@dataclass(frozen=True, eq=False)
class _Distances:
    """The distances of all pairs (n, n), and the same centred in rows and columns.

    Centring changes no energy, for its weights add up to zero, and keeps small differences from being rounded away.
    """

    centred: Singles
    means: Floats
    mean: float

    def scale(self, side: Flags) -> float:
        """Return twice the mean distance between the sides."""
        inside = side / side.sum()
        outside = ~side / (~side).sum()
        centred = float(inside @ (self.centred @ outside.astype(np.float32)).astype(np.float64))
        return max(2 * (centred + float(self.means @ inside + self.means @ outside) - self.mean), _LEAST)

    def energies(self, block: Singles) -> Floats:
        """Return the energy distance under each shuffling (b,): 2 E|X-Y| - E|X-X'| - E|Y-Y'|."""
        within, inside = self._within(block)
        return np.asarray(-within * (1 / inside + 1 / (len(block) - inside)) ** 2)

    def _within(self, block: Singles) -> tuple[Floats, Floats]:
        """Return the sum of the centred distances within a side, which for both is the same, and the side's size."""
        within = np.einsum("nb,nb->b", block, self.centred @ block, dtype=np.float64)
        return within, block.sum(axis=0, dtype=np.float64)

    def unbiased(self, block: Singles) -> Floats:
        """Return the same with the mean distances within a side taken over pairs of different texts."""
        within, inside = self._within(block)
        outside = len(block) - inside
        found = -within * (1 / inside + 1 / outside) ** 2
        summed = self.means @ block
        for total, count in ((summed, inside), (self.means.sum() - summed, outside)):
            mean = within / count**2 + 2 * total / count - self.mean
            found = found - mean / np.maximum(count - 1, 1)
        return np.asarray(found)


def _distances(vectors: Singles) -> _Distances:
    lengths = np.einsum("nd,nd->n", vectors, vectors)
    distances = lengths[:, None] + lengths - 2 * (vectors @ vectors.T)
    np.sqrt(np.maximum(distances, 0, out=distances), out=distances)
    np.fill_diagonal(distances, 0)
    means = distances.mean(axis=0, dtype=np.float64)
    distances -= means.astype(np.float32)
    distances -= means.astype(np.float32)[:, None]
    distances += np.float32(means.mean())
    return _Distances(distances, means, float(means.mean()))
