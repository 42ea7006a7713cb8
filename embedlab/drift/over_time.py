"""How far the texts of each period lie from those of a reference, and since when."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stopwatch, no_report, run_parallel
from embedlab.corpus.ordering import Ordered, Periods, Unit, periods
from embedlab.space import Space
from embedlab.stats.intervals import Interval
from embedlab.stats.two_samples import PERMUTATIONS, area_under, distance, shuffles

Reference = Literal["first", "previous"]

LEVEL = 0.05
MOST = 500
FEWEST_PERIODS = 3
REFERENCE_TEXTS = 100


@dataclass(frozen=True)
class PeriodPoint:
    """One period: how far its texts lie from those of the reference.

    `distance` is the energy distance as a share of the mean distance between the two, without what their sizes add: 0
    where both are drawn alike, and below by chance. `chance` is what it exceeds by chance alone in one of twenty
    curves without any change; `low` what chance leaves it above in 95 of 100 shufflings. `auc` is how well a
    classifier tells the two apart. None of these for a reference. `beyond` says that chance does not explain it.
    """

    name: str
    start: float
    texts: int
    distance: float | None = None
    low: float | None = None
    chance: float | None = None
    auc: Interval | None = None
    beyond: bool = False


@dataclass(frozen=True, eq=False)
class OverTime:
    """The curve over the periods of a column.

    `since` is the place of the first period from which on all are beyond chance, None where there is none; the curve
    says when a change could be told, which is never before it began. `notes` say what was joined, sampled or unread.
    """

    column: str
    unit: Unit
    reference: Reference
    points: tuple[PeriodPoint, ...]
    since: int | None
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What the curve says."""
        against = _against(self)
        compared = [point for point in self.points if point.distance is not None]
        beyond = [point for point in compared if point.beyond]
        if not beyond:
            return f"No period differs from {against} beyond chance."
        if self.reference == "previous":
            named = ", ".join(f"“{point.name}”" for point in beyond[:5])
            more = f" and {len(beyond) - 5} more" if len(beyond) > 5 else ""
            return f"The texts changed beyond chance in {named}{more}, each against {against}."
        if self.since is None:
            return (
                f"{counted(len(beyond), 'period differs', 'periods differ')} from {against} beyond chance, but the "
                "last does not: the texts went and came back."
            )
        name = self.points[self.since].name
        if self.since == len(self.points) - 1:
            return f"“{name}”, the last period, differs from {against} beyond chance."
        return f"From “{name}” on the texts differ from {against} beyond chance."

    @property
    def caution(self) -> str:
        """What the sentence doesn't say; empty where there is nothing."""
        if self.since is None or self.reference == "previous":
            return ""
        return "That is when it could be told with so many texts: the change itself may have begun before."


def _against(found: OverTime) -> str:
    if found.reference == "previous":
        return "the period before"
    names = [point.name for point in found.points if point.distance is None]
    return f"“{names[0]}”" if len(names) == 1 else f"“{names[0]}” to “{names[-1]}”"


def over_time(
    space: Space,
    order: Ordered,
    *,
    unit: Unit | None = None,
    reference: Reference = "first",
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    report: Report = no_report,
) -> OverTime:
    """Return the curve: each period against the first (of 100 texts or more, joined up to that), or the one before.

    At most 500 texts of a period count, drawn with `seed`. The noise is from shuffling the texts of the period and of
    its reference, widened for the number of periods (Bonferroni); many periods take more shufflings. Raises
    `EmbedlabError` for fewer than three periods.
    """
    cut = periods(order, unit)
    if len(cut.names) < FEWEST_PERIODS:
        raise EmbedlabError(
            f"“{order.name}” gives {counted(len(cut.names), 'period')} of texts enough to compare: a curve takes "
            f"{FEWEST_PERIODS}, so choose finer periods or another column."
        )
    first = _reference_ends(cut) if reference == "first" else 1
    rng = np.random.default_rng(seed)
    of = [_drawn(np.flatnonzero(cut.codes == at), rng) for at in range(len(cut.names))]
    base = _drawn(np.flatnonzero((cut.codes >= 0) & (cut.codes < first)), rng)
    compared = range(first, len(of))
    permutations = max(permutations, math.ceil(len(compared) / LEVEL))  # fewer could not tell so small a share

    def point(at: int) -> PeriodPoint:
        against = base if reference == "first" else of[at - 1]
        return _compared(space, cut, at, against, of[at], len(compared), permutations, seed)

    watch = Stopwatch("Comparing periods", len(compared), report)
    points = [*(_point(cut, at) for at in range(first)), *run_parallel(point, compared, watch)]
    return OverTime(order.name, cut.unit, reference, tuple(points), _since(points), _notes(order, cut))


def _reference_ends(cut: Periods) -> int:
    """Return how many periods at the beginning are the reference: up to 100 texts, while three periods are left."""
    ends = int(np.searchsorted(np.cumsum(cut.sizes), REFERENCE_TEXTS)) + 1
    return max(1, min(ends, len(cut.names) - FEWEST_PERIODS + 1))


def _drawn(rows: Rows, rng: np.random.Generator) -> Rows:
    return rows if len(rows) <= MOST else np.sort(rng.choice(rows, MOST, replace=False))


def _point(cut: Periods, at: int) -> PeriodPoint:
    return PeriodPoint(cut.names[at], float(cut.starts[at]), int(cut.sizes[at]))


def _compared(
    space: Space, cut: Periods, at: int, before: Rows, after: Rows, periods_compared: int, permutations: int, seed: int
) -> PeriodPoint:
    rows = np.concatenate([before, after])
    side = np.repeat([False, True], [len(before), len(after)])
    vectors = space.vectors[rows]
    values = distance(vectors, side, shuffles(side, permutations, seed + at))
    observed, shuffled = float(values[0]), values[1:]
    tail = LEVEL / periods_compared
    band = float(np.quantile(shuffled, 1 - tail, method="higher"))
    low = float(np.quantile(shuffled, 1 - 0.95, method="lower"))
    auc = area_under(vectors, side, space.corpus.same[rows], seed)
    return replace(_point(cut, at), distance=observed, low=low, chance=band, auc=auc, beyond=observed > band)


def _since(points: list[PeriodPoint]) -> int | None:
    since = next((at for at in range(len(points), 0, -1) if not points[at - 1].beyond), 0)
    return since if since < len(points) else None


def _notes(order: Ordered, cut: Periods) -> tuple[str, ...]:
    notes = [*order.notes, *cut.notes]
    without = int((cut.codes < 0).sum())
    if without:
        has = counted(without, "text has", "texts have")
        notes.append(f"{has} no value in “{order.name}” and no place in the curve.")
    many = int((cut.sizes > MOST).sum())
    if many:
        notes.append(f"Of {counted(many, 'period')} with more than {MOST} texts, {MOST} drawn at random count.")
    return tuple(notes)
