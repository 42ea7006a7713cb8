"""A whole comparison as one HTML page that needs no network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import counted
from embedlab.compare.agreement import PAIRS
from embedlab.compare.comparison import CHANGED, LONGEST, Comparison, changed
from embedlab.compare.cost import Cost, as_fast, frontier
from embedlab.compare.difference import Difference, shown
from embedlab.compare.noise import Floors, Measured
from embedlab.evaluate.quality import PROBE, Quality, chance_shown
from embedlab.evaluate.versus import PLACE_HEADS, Versus, all_versus
from embedlab.figures.colouring import Colouring, by_codes, plain
from embedlab.figures.compare import Mark, a_map, dots, quality_and_cost, scales
from embedlab.figures.html import render

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

OVERLAP, CKA, RANKS = "Neighbour overlap", "Linear CKA", "Rank correlation"
EXPLAINED = {
    OVERLAP: "For each text its nearest texts in both models: what is in both, as a part of what is in either "
    "(Jaccard), averaged over the distinct texts.",
    CKA: "Centred kernel alignment (Kornblith and others 2019): how alike the two tables of all similarities are, "
    "whatever the rotation and scale. The broad directions rule it. With few texts and many dimensions unrelated "
    "vectors reach far up, so read it beside them.",
    RANKS: f"Spearman's correlation of the cosines of {PAIRS:,} random pairs of texts, or of all if there are fewer.",
}
MOST_POINTS = 5_000


# --- As a page -----------------------------------------------------------------------------------


def report_html(report: Comparison) -> str:
    """Return the comparison as a page that stands alone; whatever a text contains is shown as typed, never run."""
    return render(
        "compare.html.j2",
        title=report.title,
        names=report.names,
        count=len(report.texts),
        sentences=[one for one in report.sentences if one != report.verdict],  # a section further down tells that
        report_notes=report.notes,
        maps=_maps(report),
        most_points=MOST_POINTS,
        coloured=_colouring(report).kind != "plain",
        scales=scales(marks(report.names[:2], report.pair, report.floors)),
        difference_heads=("", f"{OVERLAP} (k = {report.pair.overlap.k})", CKA, RANKS),
        differences=_differences(report),
        measures=EXPLAINED.items(),
        replaced=report.verdict,
        query_count=len(report.answers.changes),
        queries=_queries(report) if report.answers.changes else (),
        quality=_quality(report) if report.qualities else None,
        cost_figure=_cost_figure(report),
        costs=[_cost(one) for one in report.costs],
        cost_notes=report.speed_notes,
        changed=[{**one, "lists": [*map(_nearest, one["lists"])]} for one in changed(report)],
        how=[*_how(report)],
    )


def _maps(report: Comparison) -> list[tuple[str, Figure]]:
    if report.layouts is None:
        return []
    maps = [a_map(layout, report.texts, _colouring(report), MOST_POINTS) for layout in report.layouts]
    return [*zip(report.names[:2], maps, strict=True)]


def _colouring(report: Comparison) -> Colouring:
    """Return the colours of the first model's clusters; one for all texts where it has none."""
    if report.layouts is None or report.groups is None or not report.groups[0].names.grouped:
        return plain()
    first = report.groups[0]
    return by_codes("Clusters", first.clusters.labels, first.names.names, report.layouts[0].positions)


def comparison_figure(report: Comparison) -> Figure:
    """Return the models by each measure with their intervals; where none was measured, how alike the first two are."""
    if report.qualities:
        return quality_dots(report.measured, report.measures)
    return scales(marks(report.names[:2], report.pair, report.floors))


def _differences(report: Comparison) -> list[tuple[str, ...]]:
    one = report.pair
    rows = [
        (f"{first} / {second}", str(found.overlap.mean), shown(found.cka), shown(found.ranks))
        for (first, second), found in report.differences.items()
    ]
    rows += [
        (f"Noise: {floor.what}", shown(floor.overlap), shown(floor.cka), shown(floor.ranks))
        for floor in (report.floors.floors if report.floors else ())
    ]
    return [*rows, ("Unrelated vectors", shown(one.random_overlap), shown(one.random_cka), "0.000")]


def marks(names: Sequence[str], one: Difference, floors: Floors | None) -> dict[str, list[Mark]]:
    """Return what is drawn on the scale of each measure; what is not known is left out."""
    pair = " and ".join(names)
    measured: tuple[tuple[str, float, float, Measured], ...] = (
        (OVERLAP, one.random_overlap, one.overlap.mean.mean, "overlap"),
        (CKA, one.random_cka, one.cka, "cka"),
        (RANKS, 0.0, one.ranks, "ranks"),
    )
    found = {}
    for name, chance, value, key in measured:
        noise = (Mark(floor.what, getattr(floor, key), "floor") for floor in (floors.floors if floors else ()))
        drawn = (Mark("unrelated vectors", chance, "random"), Mark(pair, value, "pair"), *noise)
        found[name] = [mark for mark in drawn if math.isfinite(mark.value)]
    return found


def _quality(report: Comparison) -> dict[str, Any]:
    """Return what the template says of how good the models are; there must be some that were measured."""
    measured, measures = report.measured, report.measures
    versus = {measure: all_versus(report.qualities, measure) for measure in measures}
    return {
        "task": report.qualities[0].task,
        "sentences": report.quality_sentences,
        "first": measures[0],
        "place_heads": PLACE_HEADS,
        "ranking": [one.cells for one in report.places] if len(report.qualities) > 2 else [],
        "dots": quality_dots(measured, measures),
        "heads": ("Measure", *(one.model for one in measured), "Chance"),
        "rows": [
            (one, *(str(model.intervals.get(one, "–")) for model in measured), chance_shown(report.qualities, one))
            for one in measures
        ],
        "pair_heads": ("", *measures),
        "pairs": [
            (f"{first} less {second}", *(_paired(versus[one], first, second) for one in measures))
            for first, second in combinations([one.model for one in report.qualities], 2)
        ],
        "hangs": [one.hangs for one in versus.get(PROBE, ()) if one.hangs],
        "notes": report.quality_notes,
        "terms": [(one.name, one.explained) for one in report.qualities[0].measures],
    }


def quality_dots(measured: Sequence[Quality], measures: Sequence[str], *, dark: bool = False) -> Figure:
    """Return a dot for each model by each measure, with the intervals, and what chance alone would give."""
    return dots(
        {name: {one.model: one.intervals[name] for one in measured if name in one.intervals} for name in measures},
        {name: {one.model: one.chance[name] for one in measured if name in one.chance} for name in measures},
        dark=dark,
    )


def _paired(found: Sequence[Versus], first: str, second: str) -> str:
    one = next(one for one in found if {one.first, one.second} == {first, second})
    turned = one.first != first
    mean, low, high = (
        (-one.difference.mean, -one.difference.high, -one.difference.low)
        if turned
        else (one.difference.mean, one.difference.low, one.difference.high)
    )
    tie = "tie: " if one.verdict == "tie" else ""
    return f"{tie}{mean + 0.0:+.3f}\n({low + 0.0:+.3f} to {high + 0.0:+.3f})"


def _queries(report: Comparison) -> list[tuple[str, ...]]:
    """Return the queries that change most, each with what it finds first."""
    texts = report.texts
    found = sorted(zip(report.answers.queries, report.answers.changes, strict=True), key=lambda one: one[1].shared)[
        :CHANGED
    ]
    return [
        (
            query,
            f"{len(one.before) - len(one.lost)} of {len(one.before)}",
            texts[one.before[0]][:LONGEST],
            texts[one.after[0]][:LONGEST],
        )
        for query, one in found
    ]


def _cost(one: Cost) -> tuple[str, ...]:
    return (
        one.model,
        str(one.speed or "not measured"),
        f"{one.dimensions:,}",
        f"{one.bytes_a_text:,}",
        f"{one.memory / 1e6:,.1f} MB" if one.memory else "–",
        f"{one.disk / 1e6:,.1f} MB" if one.disk else "–",
        f"{one.window:,}" if one.window else "–",
        one.licence or "–",
    )


def _cost_figure(report: Comparison) -> Figure | None:
    measured = {one.model: one for one in report.qualities}
    if len(measured) < 2 or any(one.model not in measured for one in report.costs):
        return None
    return cost_figure(report.costs, [measured[one.model] for one in report.costs], report.measures[0])


def cost_figure(
    costs: Sequence[Cost], qualities: Sequence[Quality], measure: str, by_size: bool = False, *, dark: bool = False
) -> Figure:
    """Return quality against cost with the frontier; the cost is milliseconds a text, or bytes a vector.

    Bytes are taken where a model's speed was not measured, too. Models whose speeds can't be told apart cost the same.
    """
    speeds = [one.speed for one in costs if one.speed and not by_size]
    by_size = len(speeds) < len(costs)
    price = [float(one.bytes_a_text) for one in costs] if by_size else [1000 / one.rate for one in speeds]
    found = [one.intervals[measure] for one in qualities]
    best = frontier(price, [one.mean for one in found], tied(qualities, measure), None if by_size else as_fast(costs))
    return quality_and_cost(
        [one.model for one in costs],
        price,
        found,
        best,
        cost="bytes a vector" if by_size else "milliseconds a text, on this machine",
        quality=measure,
        ranges=None if by_size else [(1000 / one.fastest, 1000 / one.slowest) for one in speeds],
        logarithmic=max(price) > 8 * min(price),
        dark=dark,
    )


def tied(qualities: Sequence[Quality], measure: str) -> NDArray[np.bool_]:
    """Return which models can't be told apart by a measure, bool (m, m)."""
    place = {one.model: number for number, one in enumerate(qualities)}
    found = np.eye(len(qualities), dtype=bool)
    for one in all_versus(qualities, measure):
        found[place[one.first], place[one.second]] = found[place[one.second], place[one.first]] = one.verdict == "tie"
    return found


def _nearest(side: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    return side["model"], [(near["text"], f"{near['cosine']:.2f}") for near in side["nearest"]]


def _how(report: Comparison) -> Iterator[str]:
    for name, space in zip(report.names, report.spaces, strict=True):
        card, over = space.card, int(space.over_window.sum())
        revision = f", revision {card.revision}" if card.revision else ""
        longer = f"; {counted(over, 'text is', 'texts are')} longer than its window" if over else ""
        known = f"{card.model}, {counted(card.dimensions, 'dimension')}, weights {card.weights}, {card.runtime}"
        yield f"{name}: {known}{revision}{longer}"
    yield f"texts: fingerprint {report.spaces[0].corpus.fingerprint}"
    yield "random steps: seed 0; intervals: 95 %, of the neighbour overlap from halves of the texts, else bootstrap"
