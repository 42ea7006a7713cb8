"""How each kind of result is drawn, and written as a page: what `Result.figure` and `Result.page` look up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatch
from importlib import import_module
from typing import TYPE_CHECKING, Any

from embedlab.base.result import Result
from embedlab.corpus import Corpus
from embedlab.encoders.listing import Models
from embedlab.explore.exploration import Exploration
from embedlab.figures.html import render
from embedlab.space import Space

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


# By the names of their classes, so that drawing one kind of result imports nothing of the others.
FIGURES: Mapping[str, str] = {
    "DriftReport": "drift.drift_figure",
    "Evaluation": "ranking.evaluation_figure",
    "Explanation": "explain.explanation_figure",
    "SearchResult": "ranking.ranks_figure",
}
PAGES: Mapping[str, str] = {"DriftReport": "drift_report.drift_html"}


def _drawing(table: Mapping[str, str], result: Result) -> Callable[[Any], Any] | None:
    module, _, function = table.get(type(result).__name__, "").partition(".")
    return getattr(import_module(f"embedlab.figures.{module}"), function) if module else None


@singledispatch
def figure(result: Result) -> Figure:
    """Return a result as a Plotly figure. Raises `NotImplementedError` for a kind of result that nobody drew."""
    draw = _drawing(FIGURES, result)
    if draw is None:
        raise NotImplementedError(f"no figure is drawn of {type(result).__name__}")
    drawn: Figure = draw(result)
    return drawn


@singledispatch
def page(result: Result) -> str:
    """Return a result as one HTML page that needs no network: its sentence and its figure, where it has no more."""
    write = _drawing(PAGES, result)
    return str(write(result)) if write else render("figure.html.j2", title=result.sentence, figure=figure(result))


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
