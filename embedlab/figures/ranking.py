"""How well several methods rank: a dot for each, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from embedlab.evaluate.ranking import METRICS, Comparison
from embedlab.figures.colours import PALETTE, Theme
from embedlab.figures.theme import FAINT, base, drawing, typed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_APART = 0.2  # between two methods, in rows


def ranking_figure(comparison: Comparison, methods: Sequence[str], *, dark: bool = False) -> Figure:
    """Return a row for each measure, in it a dot for each method and a line for its 95 % interval.

    Methods differ in colour and in shape.
    """
    theme: Theme = "dark" if dark else "light"
    figure = drawing()
    for number, method in enumerate(methods):
        found = [comparison.interval(method, metric) for metric in METRICS]
        figure.add_scatter(
            x=[one.mean for one in found],
            y=[place + (number - (len(methods) - 1) / 2) * _APART for place in range(len(METRICS))],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [one.high - one.mean for one in found],
                "arrayminus": [one.mean - one.low for one in found],
                "thickness": 2,
                "width": 0,
            },
            mode="markers",
            marker={"size": 11, "symbol": _SYMBOLS[number % len(_SYMBOLS)], "color": PALETTE[theme][number]},
            name=typed(method),
            text=[f"{typed(method)}, {metric}: {one}" for metric, one in zip(METRICS, found, strict=True)],
            hovertemplate="%{text}<extra></extra>",
        )
    figure.update_layout(
        **base(theme, 90 * len(METRICS) + 60),
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={"zeroline": False, "gridcolor": f"{FAINT[theme]}40", "rangemode": "tozero"},
        yaxis={
            "tickvals": list(range(len(METRICS))),
            "ticktext": list(METRICS),
            "range": [len(METRICS) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
    )
    return figure
