"""How each kind of result is drawn, and written as a page: what `Result.figure` and `Result.page` look up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
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


# Kinds of result whose rooms take a while to import, so that a map is drawn without them: module and function.
_DRAWN: Mapping[str, tuple[str, str]] = {"FinetuneResult": ("embedlab.figures.finetune", "result_figure")}


@singledispatch
def figure(result: Result) -> Figure:
    """Return a result as a Plotly figure. Raises `NotImplementedError` for a kind of result that nobody drew."""
    kind = type(result).__name__
    if kind not in _DRAWN:
        raise NotImplementedError(f"no figure is drawn of {kind}")
    drawn: Figure = _made(_DRAWN[kind], result)
    return drawn


def page(result: Result) -> str:
    """Return a result as one HTML page that needs no network."""
    if by := PAGES.get(type(result).__name__):
        return str(_made(by, result))
    from embedlab.figures.html import render

    return render("figure.html.j2", title=result.sentence, figure=figure(result))


def _made(by: tuple[str, str], result: Result) -> Any:
    return getattr(import_module(by[0]), by[1])(result)


@figure.register(Corpus)
def _(result: Corpus) -> Figure:
    from embedlab.figures.corpus import lengths

    return lengths(result)


@figure.register(Models)
def _(result: Models) -> Figure:
    from embedlab.figures.models import sizes

    return sizes(result)


@figure.register(Space)
def _(result: Space) -> Figure:
    from embedlab.figures.colouring import plain
    from embedlab.figures.map_figure import map_figure
    from embedlab.space.projection import pca

    return map_figure(pca(result), result.corpus, plain())


@figure.register(Exploration)
def _(result: Exploration) -> Figure:
    from embedlab.figures.map_figure import map_figure
    from embedlab.figures.map_view import colour_names, colouring_of, labels_of

    colouring = colouring_of(result, colour_names(result)[0])
    return map_figure(result.layout, result.space.corpus, colouring, labels_of(result))


@page.register(Exploration)
def _(result: Exploration) -> str:
    from embedlab.figures.map_view import map_page

    return map_page(result)
