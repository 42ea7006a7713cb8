"""Where two sides differ: the groups of the joint space that grew, shrank, appeared or vanished."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.drift.sides import AFTER, BEFORE, Codes
from embedlab.space import Clusters, Neighbours
from embedlab.space.clusters import cluster, default_resolution
from embedlab.space.keywords import Vocabulary
from embedlab.space.names import ClusterNames, name_clusters
from embedlab.stats.effects import FOLDS, Gap, bounded, dealt, mean_of
from embedlab.stats.intervals import Interval, Z, share
from embedlab.stats.two_samples import PERMUTATIONS, largest, shuffles

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Change = Literal["grew", "shrank", "appeared", "vanished", "same"]

LEVEL = 0.05
FEWEST = 10
GRANULARITIES = (0.25, 0.5, 1, 2, 4, 8)
HARDLY = 1 / 50

NONE = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Region:
    """A cluster of the joint space, and what share of each side lies in it.

    `rows` int are all its texts; `before` and `after` are shares with 95 % intervals, `counts` the texts they
    come from; `ratio` is after to before. `p` holds for all regions together, and where it is above 0.05 chance
    explains the change: `change` is then "same".
    """

    number: int
    name: str
    rows: Rows
    counts: tuple[int, int]
    before: Interval
    after: Interval
    ratio: Interval
    p: float
    change: Change

    @property
    def moved(self) -> float:
        """The difference of the shares."""
        return self.after.mean - self.before.mean

    @property
    def times(self) -> str:
        """The ratio as a person would write it, such as "3.2 (1.6 to 6.6)"."""
        mean, low, high = (f"{value:,.2g}" if value < 100 else f"{value:,.0f}" for value in astuple(self.ratio))
        return f"{mean} ({low} to {high})"


def regions(
    near: Neighbours,
    vocabulary: Vocabulary,
    codes: Codes,
    *,
    vectors: NDArray[np.float32] | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    level: float = LEVEL,
    report: Report = no_report,
) -> tuple[tuple[Region, ...], Interval]:
    """Return where the sides differ beyond chance, the largest change first, then the other clusters; and how much.

    Looked at are the clusters of ten texts or more at six granularities, from a quarter of the map's own to eight
    times as fine: a new topic may be a small part of an old cluster, or several of them. They don't know the sides, so
    that shuffling these shows what chance makes of the shares: each is weighed against the largest of all in each
    shuffling (maxT, Westfall and Young 1993; a scan like that of Kulldorff 1997), and on equal sides one of twenty
    runs names any region at all. Of regions that share more than half of the smaller one's texts the clearest stays.

    How much is the share of the texts that moved into regions that grew, or out of those that shrank, with its 95 %
    interval (`_moved`).
    """
    chosen = np.flatnonzero((codes == BEFORE) | (codes == AFTER))
    found = _candidates(near, chosen, seed)
    if not found:
        return (), NONE
    after = codes[chosen] == AFTER
    member = _membership(found, len(codes), chosen)
    gaps = _gaps(member, after, permutations, seed, report)
    p = largest(gaps)
    changed, others = _kept(found, member, p, gaps[:, 0], level)
    kept = (*changed, *others)
    names = _names(near, [found[at].rows for at in kept], vocabulary, vectors)
    made = [_region(number, names.of(number), found[at], codes, float(p[at]), level) for number, at in enumerate(kept)]
    limit = float(np.quantile(gaps[:, 1:].max(axis=0), 1 - level, method="higher"))
    moved = _moved(member, after, changed, limit, seed) if changed else NONE
    return tuple(sorted(made, key=lambda one: (one.change == "same", -abs(one.moved), one.number))), moved


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A cluster: all its rows, those among them that count, and whether it is of the map's own granularity."""

    rows: Rows
    counted: Rows
    coarse: bool


def _candidates(near: Neighbours, chosen: Rows, seed: int) -> list[_Candidate]:
    counts = np.zeros(len(near.indices), dtype=bool)
    counts[chosen] = True
    resolution = default_resolution(near)
    made, seen = [], set()
    for times in GRANULARITIES:
        labels = cluster(near, resolution * times, seed).labels
        order = np.argsort(labels, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
            inside = rows[counts[rows]]
            if len(inside) >= FEWEST and rows.tobytes() not in seen:
                seen.add(rows.tobytes())
                made.append(_Candidate(rows, inside, times == 1))
    return made


def _membership(found: list[_Candidate], texts: int, chosen: Rows) -> csr_array:
    """Return which of the texts that count are in which cluster, float32 (t, n) of zeros and ones."""
    from scipy.sparse import csr_array

    place = np.full(texts, -1, dtype=np.intp)
    place[chosen] = np.arange(len(chosen))
    columns = place[np.concatenate([one.counted for one in found])]
    starts = np.concatenate([[0], np.cumsum([len(one.counted) for one in found])])
    return csr_array((np.ones(len(columns), dtype=np.float32), columns, starts), shape=(len(found), len(chosen)))


def _gaps(member: csr_array, after: NDArray[np.bool_], permutations: int, seed: int, report: Report) -> Floats:
    """Return how far each share is from what the region has of all texts, in standard errors, float64 (t, m + 1)."""
    held = np.asarray(member.sum(axis=1), dtype=np.float64)[:, None]
    watch = Stopwatch("Comparing regions", permutations + 1, report)
    gaps, done = [], 0
    for block in shuffles(after, permutations, seed + 3):
        watch.at(done)
        inside = np.asarray(member @ block, dtype=np.float64)
        gaps.append(np.abs(_in_errors(inside, held, after.sum(), len(after))))
        done += block.shape[1]
    watch.at(done)
    return np.concatenate(gaps, axis=1)


def _in_errors(inside: Floats, held: Floats, after: Floats | int, total: Floats | int) -> Floats:
    """Return how many more of `held` texts are of the side after than there should be, in standard errors."""
    total = np.maximum(total, 2)
    rate = after / total
    spread = np.sqrt(np.maximum(held * rate * (1 - rate) * (total - held) / (total - 1), 1e-12))
    return np.asarray((inside - held * rate) / spread)


def _kept(
    found: list[_Candidate], member: csr_array, p: Floats, gaps: Floats, level: float
) -> tuple[list[int], list[int]]:
    """Return the places of the regions that changed, the clearest first, and of the map's clusters apart from them."""
    changed = [at for at in np.lexsort((-gaps, p)).tolist() if p[at] <= level]
    others = [at for at, one in enumerate(found) if one.coarse and p[at] > level]
    kept = _clearest(member, [*changed, *others])
    return [at for at in kept if p[at] <= level], [at for at in kept if p[at] > level]


def _clearest(member: csr_array, order: list[int]) -> list[int]:
    """Return the places in `order` that share at most half of the smaller one's texts with each that is kept before."""
    if not order:
        return []
    chosen = member[order]
    sizes = np.asarray(chosen.sum(axis=1))
    shared = (chosen @ chosen.T).toarray() / np.minimum.outer(sizes, sizes)
    kept: list[int] = []
    for at in range(len(order)):
        if (shared[at, kept] <= 0.5).all():
            kept.append(at)
    return [order[at] for at in kept]


# --- How much moved ------------------------------------------------------------------------------


def _moved(member: csr_array, after: NDArray[np.bool_], changed: list[int], limit: float, seed: int) -> Interval:
    """Return what share of the texts moved into regions that grew, or out of those that shrank: the larger of the two.

    A text in two regions counts once. Regions are chosen because they changed, and so seem to have changed by more
    than they did. Therefore they are chosen anew on four fifths of the texts, by the same `limit` in standard errors,
    and the change is counted on the last fifth: that is never more than the truth on average. The upper end is that of
    the change as counted on all texts.
    """
    inside = np.asarray(member @ after.astype(np.float32), dtype=np.float64)
    held = np.asarray(member.sum(axis=1), dtype=np.float64)
    gaps = _in_errors(inside, held, int(after.sum()), len(after))
    counted = {grew: _share_of(_within(member, gaps, changed, grew), after) for grew in (True, False)}
    grew = counted[True].mean >= counted[False].mean
    crossed = mean_of([_crossed(member, after, fold, limit, grew) for fold in dealt(after, seed + 5)])
    return bounded(crossed.mean, crossed.low, counted[grew].high)


def _crossed(member: csr_array, after: NDArray[np.bool_], fold: Rows, limit: float, grew: bool) -> Gap:
    """Return the change of the regions that changed in all other folds, each fold counted for itself."""
    cells = np.zeros((len(after), 2 * FOLDS), dtype=np.float32)
    cells[np.arange(len(after)), fold + FOLDS * after] = 1
    counts, sizes = np.asarray(member @ cells, dtype=np.float64), cells.sum(axis=0, dtype=np.float64)
    inside, held = counts[:, FOLDS:], counts[:, :FOLDS] + counts[:, FOLDS:]
    taken = np.zeros(len(after), dtype=bool)
    for at in range(FOLDS):
        gaps = _in_errors(
            inside.sum(axis=1) - inside[:, at],
            held.sum(axis=1) - held[:, at],
            sizes[FOLDS:].sum() - sizes[FOLDS + at],
            sizes.sum() - sizes[at] - sizes[FOLDS + at],
        )
        order = np.argsort(-np.abs(gaps), kind="stable")
        changed = _clearest(member, order[np.abs(gaps[order]) >= limit].tolist())
        taken[fold == at] = _within(member, gaps, changed, grew)[fold == at]
    return _share_of(taken, after)


def _within(member: csr_array, gaps: Floats, changed: list[int], grew: bool) -> NDArray[np.bool_]:
    """Return which texts are in a region that grew; or else which are in none that shrank, for these became more."""
    places = [at for at in changed if (gaps[at] > 0) == grew]
    texts = np.asarray(member[places].sum(axis=0)) > 0
    return texts if grew else ~texts


def _share_of(taken: NDArray[np.bool_], after: NDArray[np.bool_]) -> Gap:
    return Gap(float(taken[~after].mean()), float(taken[after].mean()), (int((~after).sum()), int(after.sum())))


def _names(
    near: Neighbours, found: list[Rows], vocabulary: Vocabulary, vectors: NDArray[np.float32] | None
) -> ClusterNames:
    """Return names that set the regions apart; a text of two regions names the first of them."""
    labels = np.full(len(near.indices), -1, dtype=np.int32)
    for number in range(len(found) - 1, -1, -1):
        labels[found[number]] = number
    return name_clusters(Clusters(labels, 0.0, 0, near.space), vocabulary, vectors)


def _region(number: int, name: str, of: _Candidate, codes: Codes, p: float, level: float) -> Region:
    totals = [int((codes == side).sum()) for side in (BEFORE, AFTER)]
    counts = [int((codes[of.counted] == side).sum()) for side in (BEFORE, AFTER)]
    before, after = (_share(count, total) for count, total in zip(counts, totals, strict=True))
    ratio = _ratio(counts, totals)
    return Region(
        number, name, of.rows, (counts[0], counts[1]), before, after, ratio, p,
        _change(before.mean, after.mean) if p <= level else "same",
    )  # fmt: skip


def _share(count: int, total: int) -> Interval:
    return share(np.repeat([1.0, 0.0], [count, total - count]))


def _change(before: float, after: float) -> Change:
    """A region of which at most one part in fifty was there before, side for side, appeared."""
    if before <= HARDLY * after:
        return "appeared"
    if after <= HARDLY * before:
        return "vanished"
    return "grew" if after > before else "shrank"


def _ratio(counts: list[int], totals: list[int]) -> Interval:
    """Return the ratio of the shares, its interval on the log scale with half a text added (Walter 1975; Katz 1978)."""
    (first, second), (all_first, all_second) = counts, totals
    ratio = np.log((second + 0.5) / (all_second + 0.5)) - np.log((first + 0.5) / (all_first + 0.5))
    error = 1 / (first + 0.5) + 1 / (second + 0.5) - 1 / (all_first + 0.5) - 1 / (all_second + 0.5)
    half = Z * np.sqrt(max(0.0, error))
    return Interval(float(np.exp(ratio)), float(np.exp(ratio - half)), float(np.exp(ratio + half)))
