"""The verb `drift`: from two sides to what differs, how much it matters, and since when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.corpus.dates import Unit
from embedlab.corpus.ordering import Ordered, ordered
from embedlab.drift.measure import measure
from embedlab.drift.over_time import FEWEST_PERIODS, OverTime, Reference, over_time
from embedlab.drift.report import DriftReport
from embedlab.drift.sides import Sides
from embedlab.encoders import Encoder
from embedlab.pipeline import EmbeddingChoice, prepare


def drift(
    sides: Sides,
    over: str | None = None,
    period: Unit | None = None,
    reference: Reference = "first",
    *,
    how: EmbeddingChoice | None = None,
    encoder: Encoder | None = None,
    seed: int = 0,
    stages: Stages | None = None,
) -> DriftReport:
    """Return what differs between two sides, with the curve of each `period` of the column `over`.

    `how` says with which model the texts are read (`encoder` is that, where it has no name here), `seed` fixes
    every random step. Without `over` the curve is that of the column which the sides are cut by, if it has three
    periods. A period is held against the first ones, or with the `reference` "previous" against the one before it.
    Raises `EmbedlabError` where `over` gives no curve, and for fewer than 20 texts on a side.
    """
    stages, name = stages or Stages(), over or sides.over
    order = ordered(sides.corpus.column(name)) if name else None  # before the work, not after it
    if over and order is None:
        raise EmbedlabError(f"“{over}” has no order: name a column of dates, numbers or versions.")
    found = against(sides, how=how, encoder=encoder, seed=seed, stages=stages)
    if name and len(found.space.unread):
        order = ordered(found.space.corpus.column(name))
    with stages.stage("over time"):
        draw = partial(over_time, found.space, unit=period, reference=reference, seed=seed, report=stages.report)
        return replace(found, curve=_curve(draw, order, bool(over)))


def against(
    sides: Sides,
    *,
    how: EmbeddingChoice | None = None,
    encoder: Encoder | None = None,
    seed: int = 0,
    stages: Stages | None = None,
    of: str = "",
) -> DriftReport:
    """Return what differs between two sides, without a curve; `of` is put after the names of the stages."""
    stages = stages or Stages()
    made = prepare(sides.corpus, how or EmbeddingChoice(), stages, of, encoder)
    sides = sides.as_read(made.space)
    with stages.stage("drift"):
        return DriftReport(made.space, measure(made.space, made.neighbours, sides, seed=seed, report=stages.report))


def _curve(draw: Callable[[Ordered], OverTime], order: Ordered | None, asked: bool) -> OverTime | None:
    """Return the curve; None where there is none, and nobody `asked` for it."""
    if order is None or (not asked and len(order.steps) < FEWEST_PERIODS):
        return None
    try:
        return draw(order)
    except EmbedlabError:
        if asked:
            raise
        return None
