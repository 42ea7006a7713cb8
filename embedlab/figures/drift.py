"""Two sides in pictures: the shares of regions, what chance alone makes, the drift of properties, a curve in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.drift.columns import Trait
from embedlab.drift.over_time import OverTime, PeriodPoint
from embedlab.drift.regions import Region
from embedlab.figures.colours import PALETTE, Theme
from embedlab.figures.map import MapLabel
from embedlab.figures.theme import FAINT, base, drawing, named_rows, typed, whiskers
from embedlab.stats.two_samples import Chance

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.drift.report import DriftReport
    from embedlab.space import Layout

MOST_REGIONS = 16
MOST_TRAITS = 20
_ROW = 26
_LONGEST = 34
_CLOSE = 0.12  # between two marks of one row


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
                f"{typed(one.name)}, {one.change}<br>{typed(name)}: {found[row].mean:.1%} "
                f"({found[row].low:.1%} to {found[row].high:.1%})<br>ratio {one.times}"
                for row, one in enumerate(regions)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    _rows(figure, [f"{_MARKS[one.change]} {_short(one.name)}" for one in regions], theme)
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    figure.update_traces(cliponaxis=False)  # a marker at 0 is whole
    return figure


_MARKS = {"grew": "▲", "appeared": "✚", "shrank": "▼", "vanished": "✖", "same": "·"}


def against_chance(found: Chance, title: str, *, dark: bool = False) -> Figure:
    """Return how often chance alone makes each value of a statistic, with a line at the one observed."""
    theme: Theme = "dark" if dark else "light"
    figure = drawing()
    figure.add_histogram(
        x=found.shuffled, nbinsx=40, marker={"color": FAINT[theme], "line": {"width": 0}}, name="sides shuffled",
        hovertemplate="%{x:.4~g}: %{y} shufflings<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=found.observed, line={"color": PALETTE[theme][2], "width": 3})
    figure.add_annotation(
        x=found.observed, y=1, yref="paper", yanchor="bottom", text=f"observed: {found.observed:.4g}", showarrow=False,
        xanchor="right" if found.observed > float(np.median(found.shuffled)) else "left",
        font={"color": PALETTE[theme][2]},
    )  # fmt: skip
    layout = base(theme, 230)
    layout["margin"] = {"l": 8, "r": 8, "t": 28, "b": 8}
    figure.update_layout(
        **layout,
        showlegend=False,
        bargap=0.05,
        xaxis={"title": {"text": typed(title)}, "automargin": True, **_grid(theme)},
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
    _rows(figure, [_short(one.title) for one in traits], theme)
    figure.update_xaxes(rangemode="tozero")
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
    figure.add_scatter(
        x=[*places, *reversed(places)],
        y=[*(point.chance for point in compared), *(point.low for point in reversed(compared))],
        mode="lines", fill="toself", fillcolor=f"{FAINT[theme]}40", line={"width": 0}, hoverinfo="skip",
        name="chance alone",
    )  # fmt: skip
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
    layout = base(theme, 360)
    figure.update_layout(
        **layout,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={
            "tickvals": _ticks(len(names)), "ticktext": [typed(names[place]) for place in _ticks(len(names))],
            "range": [-0.5, len(names) - 0.5], "automargin": True, **_grid(theme),
        },
        yaxis={"title": {"text": "energy distance, share"}, "automargin": True, **_grid(theme)},
    )  # fmt: skip
    return figure


def _told(point: PeriodPoint) -> str:
    auc = "" if point.auc is None else f"<br>AUC {point.auc}"
    beyond = "beyond chance" if point.beyond else "within chance"
    return f"{typed(point.name)}, {point.texts:,} texts<br>distance {point.distance:.4f}, {beyond}{auc}"


def _ticks(count: int) -> list[int]:
    return list(range(0, count, max(1, -(-count // 12))))


def _rows(figure: Figure, names: Sequence[str], theme: Theme) -> None:
    figure.update_layout(
        **base(theme, _ROW * len(names) + 90),
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        xaxis={"zeroline": False, "automargin": True, **_grid(theme)},
        yaxis={**named_rows(names), "range": [len(names) - 0.4, -0.6]},
    )


def _grid(theme: Theme) -> dict[str, Any]:
    return {"gridcolor": f"{FAINT[theme]}40", "zeroline": False}


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def region_labels(regions: Sequence[Region], layout: Layout) -> list[MapLabel]:
    """Return the regions' names, each at the text nearest to its region's median place; those that changed are larger.

    In the order of `regions`, so that a clicked name says which it is.
    """
    labels = []
    for one in regions:
        points = layout.positions[one.rows]
        middle = np.median(points, axis=0)
        x, y, *z = map(float, points[np.argmin(((points - middle) ** 2).sum(axis=1))])
        size = len(one.rows) * (1.0 if one.change == "same" else 1000.0)
        labels.append(MapLabel(f"{_MARKS[one.change]} {one.name}", x, y, z[0] if z else None, size=size))
    return labels
