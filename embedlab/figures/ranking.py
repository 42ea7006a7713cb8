"""Rankings: how well several methods rank, with intervals, and where each of them has the texts that were found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from embedlab.evaluate.ranking import METRICS, MethodScores
from embedlab.figures.colours import PALETTE, Theme
from embedlab.figures.compare import dots
from embedlab.figures.map import short
from embedlab.figures.theme import FAINT, base, drawing, named_rows, one_line
from embedlab.search.methods import METHODS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.evaluate.retrieval import Evaluation
    from embedlab.search.search import SearchResult

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")


def ranking_figure(scores: MethodScores, methods: Sequence[str], *, dark: bool = False) -> Figure:
    """Return a row for each measure, in it a dot for each method and a line for its 95 % interval."""
    figure = dots({metric: {one: scores.interval(one, metric) for one in methods} for metric in METRICS}, dark=dark)
    figure.update_xaxes(rangemode="tozero")
    return figure


def evaluation_figure(found: Evaluation) -> Figure:
    """Return how well the ways of searching rank, as `ranking_figure`."""
    return ranking_figure(found.comparison, METHODS)


def ranks_figure(found: SearchResult, *, dark: bool = False) -> Figure:
    """Return a row for each text that was found, in it a mark at its rank by each method that has it."""
    theme: Theme = "dark" if dark else "light"
    hits, figure = found.hits(), drawing()
    methods = METHODS if found.card else (found.mode,)
    for number, method in enumerate(methods):
        ranks = [hit.rank if method == found.mode else hit.others[method] for hit in hits]
        figure.add_scatter(
            x=ranks,
            y=[place if rank else None for place, rank in enumerate(ranks)],
            mode="markers",
            marker=_look(number, theme),
            name=f"by {method}",
            hovertemplate=f"%{{x}} by {method}<extra></extra>",
        )
    figure.update_layout(
        **base(theme, 26 * len(hits) + 90),
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={"title": {"text": "rank"}, "type": "log", "zeroline": False, "gridcolor": f"{FAINT[theme]}40"},
        yaxis=named_rows([short(one_line(found.corpus.texts[hit.row]), 48) for hit in hits]),
    )
    return figure


def _look(number: int, theme: Theme) -> dict[str, Any]:
    return {"size": 11, "symbol": _SYMBOLS[number % len(_SYMBOLS)], "color": PALETTE[theme][number]}
