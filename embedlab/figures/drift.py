"""Two sides in pictures and as a page: shares of regions, what chance alone makes, properties, a curve in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.base.english import counted
from embedlab.drift.columns import Trait
from embedlab.drift.over_time import OverTime, PeriodPoint
from embedlab.drift.regions import Region
from embedlab.drift.report import DriftReport
from embedlab.figures.colours import PALETTE, Theme
from embedlab.figures.html import render
from embedlab.figures.map import MapLabel
from embedlab.figures.theme import (
    ABOVE,
    FAINT,
    band,
    base,
    drawing,
    grid,
    named_rows,
    of_shares,
    one_line,
    short,
    typed,
    whiskers,
)
from embedlab.space import Layout, Space
from embedlab.stats.two_samples import Chance
from embedlab.text.language import languages, spoken
from embedlab.text.tokenise import script

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_REGIONS = 16
MOST_TRAITS = 20
_ROW = 26
_LONGEST = 34
_CLOSE = 0.12  # between two marks of one row
MOST_READ = 5_000  # texts of a side whose language is guessed
MOST_LINES = 30
TYPICAL = 10
MOST_NAMED = 12


def drift_figure(report: DriftReport) -> Figure:
    """Return what to look at first: the regions, or the classifier where there are too few texts for any."""
    found = report.drift
    if not found.foremost:
        return against_chance(found.vectors.classifier, "AUC of the classifier")
    return shares(found.foremost, found.sides.names)


def shares(regions: Sequence[Region], names: tuple[str, str], *, dark: bool = False) -> Figure:
    """Return a row for each region with its share before (a circle) and after (a diamond), and their 95 % intervals.

    The first 16 are drawn. A line joins the two; the sides differ in shape as well as in colour.
    """
    theme: Theme = "dark" if dark else "light"
    regions = regions[:MOST_REGIONS]
    figure = drawing()
    for row, one in enumerate(regions):
        figure.add_scatter(
            x=[one.before.mean, one.after.mean], y=[row - _CLOSE, row + _CLOSE], mode="lines",
            line={"color": FAINT[theme], "width": 1.5}, hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    for place, (name, symbol, offset) in enumerate(zip(names, ("circle", "diamond"), (-_CLOSE, _CLOSE), strict=True)):
        found = [one.after if place else one.before for one in regions]
        figure.add_scatter(
            x=[one.mean for one in found],
            y=[row + offset for row in range(len(regions))],
            error_x=whiskers(found),
            mode="markers",
            marker={"size": 10, "symbol": symbol, "color": PALETTE[theme][place]},
            name=typed(name),
            customdata=[one.number for one in regions],
            text=[
                f"{typed(one.name)}, {one.change}<br>{typed(name)}: {100 * found[row].mean:.1f} % "
                f"({100 * found[row].low:.1f} % to {100 * found[row].high:.1f} %)<br>ratio {one.times}"
                for row, one in enumerate(regions)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    _rows(figure, [f"{_MARKS[one.change]} {short(one_line(one.name), _LONGEST)}" for one in regions], theme)
    figure.update_xaxes(tickformat=".0%", rangemode="tozero", **of_shares())
    figure.update_traces(cliponaxis=False)  # a marker at 0 is whole,
    figure.update_yaxes(ticklabelstandoff=8)  # and covers no name
    return figure


_MARKS = {"grew": "▲", "appeared": "✚", "shrank": "▼", "vanished": "✖", "same": "·"}


def against_chance(found: Chance, title: str, *, dark: bool = False) -> Figure:
    """Return how often chance alone makes each value of a statistic, with a line at the one observed."""
    theme: Theme = "dark" if dark else "light"
    figure = drawing()
    figure.add_histogram(
        x=found.shuffled, nbinsx=40, marker={"color": FAINT[theme], "line": {"width": 0}}, name="sides shuffled",
        hovertemplate="%{x:.4~g}: %{y:,} shufflings<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=found.observed, line={"color": PALETTE[theme][2], "width": 3})
    figure.add_annotation(
        x=found.observed, y=1, yref="paper", yanchor="bottom", text=f"observed: {found.observed:.4g}", showarrow=False,
        xanchor="right" if found.observed > float(np.median(found.shuffled)) else "left",
        font={"color": PALETTE[theme][2]},
    )  # fmt: skip
    layout = base(theme, 230)
    layout["margin"] |= {"t": 28}
    figure.update_layout(
        **layout,
        showlegend=False,
        bargap=0.05,
        xaxis={"title": {"text": typed(title)}, "automargin": True, **grid(theme)},
        yaxis={"visible": False},
    )
    return figure


def effects(traits: Sequence[Trait], *, dark: bool = False) -> Figure:
    """Return a row for each property and column: its effect without what chance adds, with the 95 % interval.

    Beside it in grey what was counted, and what chance alone makes of that in 95 of 100 shufflings. An effect that
    chance explains is an open circle. The first 20 are drawn.
    """
    theme: Theme = "dark" if dark else "light"
    traits = traits[:MOST_TRAITS]
    figure = drawing()
    for row, one in enumerate(traits):
        figure.add_scatter(
            x=[one.chance.low, one.chance.high], y=[row + 2 * _CLOSE] * 2, mode="lines", name="chance alone",
            line={"color": FAINT[theme], "width": 5}, showlegend=not row, legendgroup="chance",
            hovertemplate=f"chance alone makes {one.chance}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=[one.observed for one in traits], y=[row + 2 * _CLOSE for row in range(len(traits))], mode="markers",
        name="as counted", marker={"size": 8, "symbol": "x-thin-open", "color": FAINT[theme], "line": {"width": 2}},
        hovertemplate="as counted %{x:.3f}<extra></extra>",
    )  # fmt: skip
    for name, symbol, beyond in (("without chance", "circle", True), ("within chance", "circle-open", False)):
        found = [(row, one) for row, one in enumerate(traits) if (one.p <= 0.05) == beyond]
        if found:
            figure.add_scatter(
                x=[one.effect.mean for _, one in found],
                y=[row - _CLOSE for row, _ in found],
                error_x=whiskers([one.effect for _, one in found]),
                mode="markers",
                marker={"size": 11, "symbol": symbol, "color": PALETTE[theme][0]},
                name=name,
                text=[f"{typed(one.title)}: {one.measure} {one.effect}, p = {one.p:.3g}" for _, one in found],
                hovertemplate="%{text}<extra></extra>",
            )
    _rows(figure, [short(one_line(one.title), _LONGEST) for one in traits], theme)
    figure.update_xaxes(rangemode="tozero", **of_shares())
    figure.update_traces(cliponaxis=False)
    return figure


def over_time(curve: OverTime, *, dark: bool = False) -> Figure:
    """Return the distance of each period from the reference, with a band for what chance alone makes.

    A period beyond chance is a filled mark, another an open one; a line stands where all later ones are beyond.
    """
    theme: Theme = "dark" if dark else "light"
    colour = PALETTE[theme][0]
    compared = [point for point in curve.points if point.distance is not None]
    names = [point.name for point in curve.points]
    at = {name: place for place, name in enumerate(names)}
    figure = drawing()
    places = [at[point.name] for point in compared]
    lows, highs = [point.low or 0.0 for point in compared], [point.chance or 0.0 for point in compared]
    figure.add_trace(band(places, lows, highs, f"{FAINT[theme]}40") | {"name": "chance alone"})
    figure.add_scatter(
        x=places,
        y=[point.distance for point in compared],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={
            "size": 10, "color": colour, "symbol": ["circle" if point.beyond else "circle-open" for point in compared],
        },
        name="distance to the reference" if curve.reference == "first" else "distance to the period before",
        text=[_told(point) for point in compared],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    if curve.since is not None and curve.reference == "first":
        figure.add_vline(x=curve.since - 0.5, line={"color": PALETTE[theme][2], "width": 2, "dash": "dot"})
    figure.update_layout(
        **base(theme, 360),
        legend=ABOVE,
        xaxis={
            "tickvals": _ticks(len(names)), "ticktext": [typed(names[place]) for place in _ticks(len(names))],
            "range": [-0.5, len(names) - 0.5], "automargin": True, **grid(theme),
        },
        yaxis={"title": {"text": "energy distance, share"}, "automargin": True, **grid(theme)},
    )  # fmt: skip
    return figure


def _told(point: PeriodPoint) -> str:
    auc = "" if point.auc is None else f"<br>AUC {point.auc}"
    beyond = "beyond chance" if point.beyond else "within chance"
    return f"{typed(point.name)}, {counted(point.texts, 'text')}<br>distance {point.distance:.4f}, {beyond}{auc}"


def _ticks(count: int) -> list[int]:
    return list(range(0, count, max(1, -(-count // 12))))


def _rows(figure: Figure, names: Sequence[str], theme: Theme) -> None:
    figure.update_layout(
        **base(theme, _ROW * len(names) + 90),
        legend=ABOVE | {"y": 1.0},
        xaxis={"automargin": True, **grid(theme)},
        yaxis=named_rows(names, 0.6),
    )


def region_labels(regions: Sequence[Region], layout: Layout) -> list[MapLabel]:
    """Return the regions' names, each at the text nearest to its region's median place; those that changed are larger.

    In the order of `regions`, so that a clicked name says which it is.
    """
    labels = []
    for one in regions:
        points = layout.positions[one.rows]
        size = len(one.rows) * (1.0 if one.change == "same" else 1000.0)
        labels.append(MapLabel.amid(f"{_MARKS[one.change]} {one.name}", points, size))
    return labels


# --- As a page, or as a part of another ----------------------------------------------------------


def drift_html(changes: DriftReport) -> str:
    """Return the comparison as a page that stands alone; personal data are masked, and texts are shown as typed."""
    return render(
        "drift.html.j2",
        title=f"{' against '.join(changes.drift.sides.names)}: drift",
        read_by=f"Read by {changes.space.card.model or 'own vectors'}; {changes.when:%d %B %Y}.",
        drift=drift_values(changes),
        model=model_rows(changes.space),
        how=_how(changes),
    )


def drift_values(changes: DriftReport) -> dict[str, Any]:
    """Return what the template of the sections says: the verdict, the data of both sides and what differs."""
    found, judged = changes.drift, changes.verdict
    names = found.sides.names
    left = len(found.changed) - MOST_LINES
    traits = [one for one in found.traits if one.counts]
    return {
        "names": names,
        "verdict": f"{judged.level.upper()}. {judged.sentence}",
        "reasons": [(reason.level, reason.sentence, reason.numbers) for reason in judged.reasons],
        "data": _data(changes),
        "data_notes": [*_notes(changes)],
        "regions": [_region(one) for one in found.changed[:MOST_LINES]],
        "more_regions": f"and {left:,} more; the JSON has all" if left > 0 else "",
        "p_regions": f"{found.p['regions']:.3g}",
        "shares": shares(found.changed, names) if found.changed else None,
        "typical": _typical(changes) if any(changes.typical) else None,
        "traits": [_trait(one) for one in traits[:MOST_LINES]],
        "effects": effects(traits) if traits else None,
        "curve": changes.curve,
        "over_time": over_time(changes.curve) if changes.curve else None,
        "against_chance": against_chance(found.vectors.classifier, "AUC of the classifier"),
        "chance": _chance(changes),
    }


def _data(changes: DriftReport) -> list[tuple[str, ...]]:
    sides = changes.drift.sides
    columns = []
    for side, size in enumerate(sides.sizes):
        rows = np.flatnonzero(sides.codes == side)
        read = rows[:: max(1, -(-len(rows) // MOST_READ))]
        texts = [sides.corpus.texts[row] for row in read.tolist()]
        lengths = np.array([len(text) for text in texts])
        scripts = Counter(map(script, texts)).most_common()
        columns.append((f"{size:,}", f"{np.median(lengths):,.0f}", counts(spoken(languages(texts))), counts(scripts)))
    titles = ("Texts", "Median length in characters", "Languages", "Scripts")
    return [*zip(titles, *columns, strict=True)]


def _notes(changes: DriftReport) -> Iterator[str]:
    if max(changes.drift.sides.sizes) > MOST_READ:
        yield f"Languages and scripts are counted on at most {MOST_READ:,} texts of a side."
    yield from (note.sentence for note in changes.space.corpus.notes)
    yield from changes.drift.notes


def _region(one: Region) -> tuple[str, ...]:
    return (
        one.name,
        one.change,
        f"{100 * one.before.mean:.1f} %",
        f"{100 * one.after.mean:.1f} %",
        one.times,
        f"{one.p:.3g}",
    )


def _typical(changes: DriftReport) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (name, [(changes.shown(one.row), f"{one.score:.1f}") for one in side[:TYPICAL]])
        for name, side in zip(changes.drift.sides.names, changes.typical, strict=True)
    ]


def _trait(one: Trait) -> tuple[str, ...]:
    medians = ("", "") if one.medians is None else tuple(map(one.median, one.medians))
    return one.title, str(one.effect), f"{one.observed:.3f}", str(one.chance), one.measure, f"{one.p:.3g}", *medians


def _chance(changes: DriftReport) -> str:
    found = changes.drift
    vectors = found.vectors
    return (
        f"AUC of a classifier {vectors.auc} (p = {vectors.classifier.p:.3g}), 0.5 if guessed. Energy coefficient "
        f"{vectors.energy.observed:.4f} as counted (p = {vectors.energy.p:.3g}); chance stays below "
        f"{vectors.energy.exceeded():.4f} in 95 of 100 of {found.permutations:,} shufflings. Vectors, regions, and "
        f"properties with columns share a level of {found.level:g} (Holm): equal sides are called different once in "
        "twenty times."
    )


def _how(changes: DriftReport) -> list[str]:
    limits = ", ".join(f"{name} {value}" for name, value in vars(changes.thresholds).items())
    return [
        f"thresholds (warning, failure): {limits}",
        f"{changes.drift.permutations:,} shufflings, level {changes.drift.level:g}, seed {changes.drift.seed}",
        f"texts: fingerprint {changes.space.corpus.fingerprint}",
        f"vectors: fingerprint {changes.space.card.fingerprint}",
        f"result: fingerprint {changes.drift.fingerprint}",
    ]


def model_rows(space: Space) -> list[tuple[str, str]]:
    """Return which model read the texts, with all that determines its vectors, as the rows of a table."""
    card = space.card
    over = int(space.over_window.sum())
    window = f"{card.window:,} tokens" if card.window else "none known"
    return [
        ("Model", card.model or "not known: the vectors came with the texts"),
        ("Weights", card.weights),
        ("Revision", card.revision or "none"),
        ("Dimensions", f"{card.dimensions:,}" + (f" of {card.shortened_from:,}" if card.shortened_from else "")),
        ("Window", f"{window}; {counted(over, 'text is', 'texts are')} longer" if card.window or over else window),
        ("Prompt", card.prompt or "none"),
        ("Computed with", card.runtime),
    ]


def counts(found: Sequence[tuple[str, int]]) -> str:
    """Return names with their counts, the first twelve of them."""
    return some([f"{name} ({count:,})" for name, count in found])


def some(names: Sequence[str]) -> str:
    """Return the first twelve names, and how many more there are."""
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more or "none"
