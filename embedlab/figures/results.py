"""How each kind of result is drawn, and written as a page: what `Result.figure` and `Result.page` look up."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from embedlab.base.result import Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# By the names of their classes, so that drawing one kind of result imports nothing of the others.
FIGURES: Mapping[str, str] = {
    "Comparison": "report.comparison_figure",
    "Corpus": "corpus.lengths",
    "DriftReport": "drift.drift_figure",
    "Evaluation": "ranking.evaluation_figure",
    "Explanation": "explain.explanation_figure",
    "Exploration": "map_figure.exploration_figure",
    "FinetuneResult": "finetune.finetune_figure",
    "Inspection": "check.inspection_figure",
    "Models": "models.sizes",
    "SearchResult": "ranking.ranks_figure",
    "Space": "map_figure.space_figure",
}
PAGES: Mapping[str, str] = {
    "Comparison": "report.report_html",
    "DriftReport": "drift_report.drift_html",
    "Exploration": "map_view.map_page",
    "Inspection": "check_report.check_html",
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
