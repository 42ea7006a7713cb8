"""A whole comparison as one HTML page that needs no network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedlab.compare.agreement import PAIRS
from embedlab.compare.comparison import Difference, shown
from embedlab.compare.cost import Cost, as_fast, frontier, how_measured
from embedlab.compare.noise import Floors
from embedlab.evaluate.quality import PROBE, Quality
from embedlab.evaluate.versus import Place, Versus, all_versus, ranked
from embedlab.figures.compare import Mark, a_map, dots, quality_and_cost, scales
from embedlab.figures.document import document, plot, safe, table
from embedlab.figures.report_facts import CHANGED, LONGEST, Report, changed

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


def report_html(report: Report) -> str:
    """Return the comparison as a page that stands alone; whatever a text contains is shown as typed, never run."""
    return document(report.title, _sections(report))


def _sections(report: Report) -> Iterator[str]:
    yield f"<h1 dir='auto'>{safe(report.title)}</h1>"
    count = len(report.texts)
    yield f"<p class='aside'>{count:,} texts, {len(report.names)} models: {safe(', '.join(report.names))}.</p>"
    yield "<ul class='verdicts'>" + "".join(f"<li dir='auto'>{safe(one)}</li>" for one in _told(report)) + "</ul>"
    yield "".join(f"<p class='aside'>{safe(note)}</p>" for note in report.notes)
    yield _maps(report)
    yield _numbers(report)
    yield _replaced(report)
    yield _measured(report)
    yield _costs(report)
    yield _texts_changed(report)
    yield _made(report)


def _told(report: Report) -> Iterator[str]:
    """Yield what stands on top; of a replacement a section further down tells."""
    yield from (one for one in report.sentences if one != report.verdict)


def _maps(report: Report) -> str:
    if report.layouts is None or report.colouring is None:
        return ""
    drawn_maps = "".join(
        f"<div><h3 dir='auto'>{safe(name)}</h3>"
        f"{plot(a_map(layout, report.texts, report.colouring, MOST_POINTS), f'map-{number}')}</div>"
        for number, (layout, name) in enumerate(zip(report.layouts, report.names[:2], strict=True))
    )
    count = len(report.texts)
    coloured = "" if report.colouring.kind == "plain" else "; colours are the clusters of the first model in both"
    drawn = (
        f"{MOST_POINTS:,} or fewer of the {count:,} texts, an even sample, are drawn. " if count > MOST_POINTS else ""
    )
    return (
        f"<h2>Maps</h2><div class='pair'>{drawn_maps}</div><p class='aside'>{drawn}The second map is turned, "
        f"mirrored and scaled onto the first (orthogonal Procrustes){coloured}. Maps of one model differ from seed to "
        "seed as well: distances between groups mean little.</p>"
    )


def _numbers(report: Report) -> str:
    one = report.pair
    rows = [
        (f"{first} / {second}", str(found.overlap.mean), _number(found.cka), _number(found.ranks))
        for (first, second), found in report.differences.items()
    ]
    rows += [
        (f"Noise: {floor.what}", _number(floor.overlap), _number(floor.cka), _number(floor.ranks))
        for floor in (report.floors.floors if report.floors else ())
    ]
    rows.append(("Unrelated vectors", _number(one.random_overlap), _number(one.random_cka), "0.000"))
    explained = "".join(f"<p class='aside'><b>{safe(name)}.</b> {safe(said)}</p>" for name, said in EXPLAINED.items())
    figure = scales(marks(report.names[:2], one, report.floors))
    return (
        f"<h2>How different are they?</h2>{plot(figure, 'scales')}"
        f"{table(('', f'{OVERLAP} (k = {one.overlap.k})', CKA, RANKS), rows)}{explained}"
    )


def marks(names: Sequence[str], one: Difference, floors: Floors | None) -> dict[str, list[Mark]]:
    """Return what is drawn on the scale of each measure; what is not known is left out."""
    pair = " and ".join(names)
    found = {
        OVERLAP: [
            Mark("unrelated vectors", one.random_overlap, "random"), Mark(pair, one.overlap.mean.mean, "pair"),
        ],
        CKA: [Mark("unrelated vectors", one.random_cka, "random"), Mark(pair, one.cka, "pair")],
        RANKS: [Mark("unrelated vectors", 0.0, "random"), Mark(pair, one.ranks, "pair")],
    }  # fmt: skip
    for floor in floors.floors if floors else ():
        for name, value in ((OVERLAP, floor.overlap), (CKA, floor.cka), (RANKS, floor.ranks)):
            found[name].append(Mark(floor.what, value, "floor"))
    return {name: [mark for mark in values if math.isfinite(mark.value)] for name, values in found.items()}


def _measured(report: Report) -> str:
    if not report.qualities:
        return ""
    task = report.qualities[0].task
    measured = report.measured
    rows = [
        (measure, *(str(one.intervals.get(measure, "–")) for one in measured), chance_shown(report.qualities, measure))
        for measure in report.measures
    ]
    figure = quality_dots(measured, report.measures)
    notes = "".join(f"<p class='aside'>{safe(note)}</p>" for note in report.quality_notes)
    explained = "".join(
        f"<p class='aside'><b>{safe(one.name)}.</b> {safe(one.explained)}</p>" for one in report.qualities[0].measures
    )
    told = "".join(f"<p dir='auto'><b>{safe(one)}</b></p>" for one in report.quality_sentences)
    return (
        f"<h2>Which is better? By {safe(task.kind)}: {safe(task.name)}, {safe(task.counted)}</h2>{told}"
        f"{_ranking(report)}{plot(figure, 'quality')}"
        f"{table(('Measure', *(one.model for one in measured), 'Chance'), rows)}"
        f"{_differences(report)}{notes}{explained}"
    )


def quality_dots(measured: Sequence[Quality], measures: Sequence[str], *, dark: bool = False) -> Figure:
    """Return a dot for each model by each measure, with the intervals, and what chance alone would give."""
    return dots(
        {name: {one.model: one.intervals[name] for one in measured if name in one.intervals} for name in measures},
        {name: {one.model: one.chance[name] for one in measured if name in one.chance} for name in measures},
        dark=dark,
    )


def chance_shown(qualities: Sequence[Quality], measure: str) -> str:
    """Return what a model has to do better than by a measure, as "0.058"; a dash where nobody knows."""
    found = [one.chance[measure] for one in qualities if measure in one.chance]
    return f"{max(found) + 0.0:.3f}" if found else "–"


def place_shown(one: Place) -> tuple[str, str, str, str]:
    """Return a place in the order of a measure as the cells of a table; see `PLACE_HEADS`."""
    behind = "" if one.behind is None else f"{one.behind.mean:.3f} ({one.behind.low:+.3f} to {one.behind.high:+.3f})"
    return one.model, str(one.value), behind, one.verdict


PLACE_HEADS = ("Model", "Value (95 % interval)", "Behind the first", "Verdict")


def _ranking(report: Report) -> str:
    """Return three models or more in the order of the first measure."""
    if len(report.qualities) < 3:
        return ""
    measure = report.measures[0]
    rows = [place_shown(one) for one in ranked(report.qualities, measure)]
    return f"<h3>In order, by {safe(measure)}</h3>{table(PLACE_HEADS, rows)}"


def _differences(report: Report) -> str:
    """Return every pair of models by every measure: the paired difference, or that it is a tie."""
    found = {measure: all_versus(report.qualities, measure) for measure in report.measures}
    pairs = list(combinations([one.model for one in report.qualities], 2))
    rows = [
        (f"{first} less {second}", *(_paired(found[one], first, second) for one in found)) for first, second in pairs
    ]
    count = len(pairs)
    hangs = "".join(f"<p class='aside'>{safe(one.hangs)}</p>" for one in found.get(PROBE, ()) if one.hangs)
    together = f", for all {count:,} pairs of a measure together" if count > 1 else ""
    return (
        f"<h3>Paired differences</h3>{table(('', *found), rows, 'numbers small')}"
        f"<p class='aside'>Each with its 95 % interval{together}. "
        "A tie is a difference that these texts, pairs or queries can't show, one too small to matter, or one between "
        f"models that do no better than chance.</p>{hangs}"
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


def _replaced(report: Report) -> str:
    if not report.verdict:
        return ""
    table = _queries(report) if report.changes else ""
    heading = f"If {report.names[1]} replaced {report.names[0]}: what would return something else?"
    return f"<h2>{safe(heading)}</h2><p dir='auto'>{safe(report.verdict)}</p>{table}"


def _queries(report: Report) -> str:
    """Return the queries that change most, each with what it finds first."""
    texts = report.texts
    found = sorted(zip(report.queries, report.changes, strict=True), key=lambda one: one[1].shared)[:CHANGED]
    rows = [
        (
            query,
            f"{len(one.before) - len(one.lost)} of {len(one.before)}",
            texts[one.before[0]][:LONGEST],
            texts[one.after[0]][:LONGEST],
        )
        for query, one in found
    ]
    heads = ("Query", "In common", f"First in {report.names[0]}", f"First in {report.names[1]}")
    count = len(report.queries)
    told = f"<p class='aside'>The {len(found):,} of {count:,} queries that change most.</p>" if count > CHANGED else ""
    return f"{told}{table(heads, rows, 'texts')}"


def _costs(report: Report) -> str:
    rows = [
        (
            one.model,
            str(one.speed or "not measured"),
            f"{one.dimensions:,}",
            f"{one.bytes_a_text:,}",
            f"{one.memory / 1e6:,.1f} MB" if one.memory else "–",
            f"{one.disk / 1e6:,.1f} MB" if one.disk else "–",
            f"{one.window:,}" if one.window else "–",
            one.licence or "–",
        )
        for one in report.costs
    ]
    heads = (
        "Model", "Texts a second here", "Dimensions", "Bytes a vector", "These texts in memory", "On disk",
        "Window (tokens)", "Licence",
    )  # fmt: skip
    drawn = ""
    measured = {one.model: one for one in report.qualities}
    if len(measured) > 1 and all(one.model in measured for one in report.costs):
        measure = report.measures[0]
        drawn = plot(cost_figure(report.costs, [measured[one.model] for one in report.costs], measure), "cost")
    notes = "".join(f"<p class='aside'>{safe(one)}</p>" for one in how_measured(report.costs, report.timing))
    return f"<h2>What do they cost?</h2>{drawn}{table(heads, rows)}{notes}"


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


def _texts_changed(report: Report) -> str:
    found = list(changed(report))
    if not found:
        return ""
    shown = []
    for one in found:
        lists = "".join(
            f"<div><h4 dir='auto'>{safe(side['model'])}</h4><ol>"
            + "".join(
                f"<li dir='auto'>{safe(near['text'])} <i>{near['cosine']:.2f}</i></li>" for near in side["nearest"]
            )
            + "</ol></div>"
            for side in one["lists"]
        )
        shown.append(
            f"<article><p class='text' dir='auto'>{safe(one['text'])}</p><p class='aside'>Row {one['row']:,}; "
            f"{one['in_common']} of its {one['of']} nearest texts in common.</p><div class='pair'>{lists}</div>"
            "</article>"
        )
    return f"<h2>The texts that changed most</h2>{''.join(shown)}"


def _made(report: Report) -> str:
    lines = []
    for name, space in zip(report.names, report.spaces, strict=True):
        card = space.card
        lines.append(
            f"{name}: {card.model}, {card.dimensions} dimensions, weights {card.weights}, {card.runtime}"
            + (f", revision {card.revision}" if card.revision else "")
            + (
                f"; {int(space.over_window.sum()):,} texts are longer than its window"
                if space.over_window.any()
                else ""
            )
        )
    lines.append(f"texts: fingerprint {report.spaces[0].corpus.fingerprint}")
    lines.append(
        "random steps: seed 0; intervals: 95 %, of the neighbour overlap from halves of the texts, else bootstrap"
    )
    return f"<details><summary>How this was made</summary><pre dir='auto'>{safe(chr(10).join(lines))}</pre></details>"


def _number(value: float) -> str:
    return shown(value)
