"""Where two sides differ: the groups of the joint space that grew, shrank, appeared or vanished."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.check.sides import AFTER, BEFORE, Codes
from embedlab.check.two_samples import PERMUTATIONS, largest, shuffles
from embedlab.lab.intervals import Interval, share
from embedlab.space import Clusters, Neighbours
from embedlab.space.clusters import cluster, default_resolution
from embedlab.space.names import ClusterNames, name_clusters
from embedlab.space.words import Vocabulary
from embedlab.work import Report, Stopwatch, no_report

Change = Literal["grew", "shrank", "appeared", "vanished", "same"]

LEVEL = 0.05
FEWEST = 10
GRANULARITIES = (0.25, 0.5, 1, 2, 4, 8)
HARDLY = 1 / 50
_Z = 1.959963984540054

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


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
) -> tuple[Region, ...]:
    """Return where the sides differ beyond chance, the largest change first, and then the other clusters.

    Looked at are the clusters of ten texts or more at six granularities, from a quarter of the map's own to eight
    times as fine: a new topic may be a small part of an old cluster, or several of them. They don't know the sides, so
    that shuffling these shows what chance makes of the shares: each is weighed against the largest of all in each
    shuffling (maxT, Westfall and Young 1993; a scan like that of Kulldorff 1997), and on equal sides one of twenty
    runs names any region at all. Of regions that share more than half of the smaller one's texts the clearest stays.
    """
    chosen = np.flatnonzero((codes == BEFORE) | (codes == AFTER))
    found = _candidates(near, chosen, seed)
    if not found:
        return ()
    statistics = _gaps(found, len(codes), chosen, codes[chosen] == AFTER, permutations, seed, report)
    p = largest(statistics)
    kept = _kept(found, p, statistics[:, 0], level)
    names = _names(near, [found[at].rows for at in kept], vocabulary, vectors)
    made = [_region(number, names.of(number), found[at], codes, float(p[at]), level) for number, at in enumerate(kept)]
    return tuple(sorted(made, key=lambda one: (one.change == "same", -abs(one.moved), one.number)))


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


def _gaps(
    found: list[_Candidate],
    texts: int,
    chosen: Rows,
    inside: NDArray[np.bool_],
    permutations: int,
    seed: int,
    report: Report,
) -> Floats:
    """Return how far each share is from what the region has of all texts, in standard errors, float64 (t, m + 1)."""
    from scipy.sparse import csr_array

    place = np.full(texts, -1, dtype=np.intp)
    place[chosen] = np.arange(len(chosen))
    sizes = np.array([len(one.counted) for one in found])
    columns = place[np.concatenate([one.counted for one in found])]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    member = csr_array((np.ones(len(columns), dtype=np.float32), columns, starts), shape=(len(found), len(chosen)))
    rate, total, held = inside.mean(), len(chosen), sizes[:, None]
    spread = np.sqrt(np.maximum(held * rate * (1 - rate) * (total - held) / max(1, total - 1), 1e-12))
    watch = Stopwatch("Comparing regions", permutations + 1, report)
    gaps, done = [], 0
    for block in shuffles(inside, permutations, seed + 3):
        watch.at(done)
        gaps.append(np.abs(np.asarray(member @ block, dtype=np.float64) - held * rate) / spread)
        done += block.shape[1]
    watch.at(done)
    return np.concatenate(gaps, axis=1)


def _kept(found: list[_Candidate], p: Floats, gaps: Floats, level: float) -> list[int]:
    """Return the places of the regions that changed, the clearest first, and of the map's clusters apart from them."""
    changed = [at for at in np.lexsort((-gaps, p)).tolist() if p[at] <= level]
    others = [at for at, one in enumerate(found) if one.coarse and p[at] > level]
    kept: list[int] = []
    for at in (*changed, *others):
        rows = found[at].counted
        if all(_shared(rows, found[other].counted) <= 0.5 for other in kept):
            kept.append(at)
    return kept


def _shared(first: Rows, second: Rows) -> float:
    return len(np.intersect1d(first, second, assume_unique=True)) / min(len(first), len(second))


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
    half = _Z * np.sqrt(max(0.0, error))
    return Interval(float(np.exp(ratio)), float(np.exp(ratio - half)), float(np.exp(ratio + half)))
