"""How each kind of result is drawn, and written as a page: what `Result.figure` and `Result.page` look up."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from embedlab.base.result import Result
from embedlab.corpus import Corpus
from embedlab.drift.report import DriftReport
from embedlab.encoders.listing import Models
from embedlab.evaluate.retrieval import Evaluation
from embedlab.explore.explain import Explanation
from embedlab.explore.exploration import Exploration
from embedlab.figures.html import render
from embedlab.search.search import SearchResult
from embedlab.space import Space

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@singledispatch
def figure(result: Result) -> Figure:
    """Return a result as a Plotly figure. Raises `NotImplementedError` for a kind of result that nobody drew."""
    raise NotImplementedError(f"no figure is drawn of {type(result).__name__}")


@singledispatch
def page(result: Result) -> str:
    """Return a result as one HTML page that needs no network: its sentence and its figure, where it has no more."""
    return render("figure.html.j2", title=result.sentence, figure=figure(result))


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


@figure.register(DriftReport)
def _(result: DriftReport) -> Figure:
    from embedlab.figures.drift import against_chance, shares

    drift = result.drift
    if not drift.foremost:  # too few texts for regions
        return against_chance(drift.vectors.classifier, "AUC of the classifier")
    return shares(drift.foremost, drift.sides.names)


@page.register(DriftReport)
def _(result: DriftReport) -> str:
    from embedlab.figures.drift_report import drift_html

    return drift_html(result)


@figure.register(SearchResult)
def _(result: SearchResult) -> Figure:
    from embedlab.figures.ranking import ranks_figure

    return ranks_figure(result)


@figure.register(Evaluation)
def _(result: Evaluation) -> Figure:
    from embedlab.figures.ranking import ranking_figure

    return ranking_figure(result.comparison, list(result.comparison.values))


@figure.register(Explanation)
def _(result: Explanation) -> Figure:
    from embedlab.figures.explain import alignment, falls

    return falls(result) if result.pairs is None else alignment(result)
