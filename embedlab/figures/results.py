"""How each kind of result is drawn, and written as a page: what `Result.figure` and `Result.page` look up."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from embedlab.base.result import Result
from embedlab.figures.colours import MISSING, PALETTE
from embedlab.figures.theme import base, drawing, of_counts, typed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.corpus import Corpus
    from embedlab.encoders.base import Models

# By the names of their classes, so that drawing one kind of result imports nothing of the others.
FIGURES: Mapping[str, str] = {
    "Comparison": "report.comparison_figure",
    "Corpus": "results.lengths",
    "DriftReport": "drift.drift_figure",
    "Evaluation": "compare.evaluation_figure",
    "Explanation": "explain.explanation_figure",
    "Exploration": "map_view.exploration_figure",
    "FinetuneResult": "finetune.finetune_figure",
    "Inspection": "check.inspection_figure",
    "Models": "results.sizes",
    "SearchResult": "compare.ranks_figure",
    "Space": "map_view.space_figure",
}
PAGES: Mapping[str, str] = {
    "Comparison": "report.report_html",
    "DriftReport": "drift.drift_html",
    "Exploration": "map_view.map_page",
    "Inspection": "check.check_html",
}
"""Those that have a page of their own; others get their sentence and their figure."""


def figure(result: Result) -> Figure:
    """Return a result as a Plotly figure. Raises `KeyError` for a kind of result that nobody drew."""
    drawn: Figure = _made(FIGURES[type(result).__name__], result)
    return drawn


def page(result: Result) -> str:
    """Return a result as one HTML page that needs no network."""
    if by := PAGES.get(type(result).__name__):
        return str(_made(by, result))
    from embedlab.figures.html import render

    return render("figure.html.j2", title=result.sentence, figure=figure(result))


def _made(by: str, result: Result) -> Any:
    module, _, function = by.partition(".")
    return getattr(import_module(f"embedlab.figures.{module}"), function)(result)


def sizes(models: Models) -> Figure:
    """Return a bar for each model, its bytes on disk; those that are not ready are grey."""
    figure = drawing()
    colours = [PALETTE["light"][0] if one.ready else MISSING["light"] for one in models]
    figure.add_bar(
        x=[one.bytes / 1e6 for one in models], y=[typed(one.name) for one in models], orientation="h",
        marker_color=colours, hovertext=[typed(one.how) for one in models],
    )  # fmt: skip
    figure.update_layout(base("light", 80 + 26 * len(models)), xaxis_title="MB on disk")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def lengths(corpus: Corpus) -> Figure:
    """Return how long the texts are, in characters, as a histogram."""
    figure = drawing()
    figure.add_histogram(x=[len(text) for text in corpus.texts], marker_color=PALETTE["light"][0])
    figure.update_layout(base("light", 280), xaxis_title="characters of a text", yaxis_title="texts", bargap=0.05)
    figure.update_yaxes(**of_counts(len(corpus)))
    return figure
