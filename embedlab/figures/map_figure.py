"""A map as a Plotly figure, for notebooks: a trace for each group, so that a legend's click hides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.corpus import Corpus
from embedlab.explore.exploration import Exploration
from embedlab.figures.colouring import Colouring, plain
from embedlab.figures.colours import MISSING
from embedlab.figures.map import PREVIEW, MapLabel, short
from embedlab.figures.map_view import colour_names, colouring_of, labels_of
from embedlab.figures.theme import base, drawing, one_line, typed
from embedlab.space import Layout, Space
from embedlab.space.projection import pca

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 600
MOST_LABELS = 40
WRAP = 60  # characters of a line in a tooltip


def exploration_figure(explored: Exploration) -> Figure:
    """Return a map, coloured by what it is coloured by at first, with its clusters' names."""
    colouring = colouring_of(explored, colour_names(explored)[0])
    return map_figure(explored.layout, explored.space.corpus, colouring, labels_of(explored))


def space_figure(space: Space) -> Figure:
    """Return the principal components of a space, a sketch of its map."""
    return map_figure(pca(space), space.corpus, plain())


def map_figure(layout: Layout, corpus: Corpus, colouring: Colouring, labels: Sequence[MapLabel] = ()) -> Figure:
    """Return the texts at their places (in two or three dimensions), coloured, named, each with its text to hover.

    `labels` are put on the map, the largest 40. Axes of a map mean nothing and are not shown.
    """
    axes = dict(zip("xyz", layout.positions.T, strict=False))
    hovers = _hovers(corpus)
    figure = drawing([_trace(axes, *part, hovers) for part in _parts(colouring)])
    figure.update_layout(showlegend=colouring.kind == "category")
    figure.update_layout(base("light", HEIGHT), legend_title_text=typed(colouring.title), hovermode="closest")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    figure.update_scenes(xaxis_visible=False, yaxis_visible=False, zaxis_visible=False)
    if "z" not in axes:
        for label in sorted(labels, key=lambda label: -label.size)[:MOST_LABELS]:
            figure.add_annotation(x=label.x, y=label.y, text=typed(label.text), showarrow=False, bgcolor="#ffffffb3")
    return figure


def _trace(axes: dict[str, Any], rows: Any, name: str, marker: dict[str, Any], hovers: Any) -> Any:
    import pandas  # noqa: F401 - as in `drawing`
    from plotly.graph_objects import Scatter3d, Scattergl

    kind = Scatter3d if "z" in axes else Scattergl
    places = {axis: values[rows] for axis, values in axes.items()}
    return kind(**places, mode="markers", name=name, marker=marker, text=hovers[rows], hoverinfo="text")


def _parts(colouring: Colouring) -> Iterator[tuple[Any, str, dict[str, Any]]]:
    """Yield which texts are drawn together, what they are called, and how they look."""
    look: dict[str, Any] = {"size": 5}
    if colouring.kind == "plain":
        yield slice(None), "", look | {"color": colouring.light[0]}
    elif colouring.kind == "scale":
        steps = len(colouring.light) - 1
        bar = {"tickvals": [at for at, _ in colouring.ticks], "ticktext": [typed(told) for _, told in colouring.ticks]}
        scale = [[at / steps, colour] for at, colour in enumerate(colouring.light)]
        look |= {"color": colouring.values, "colorscale": scale, "cmin": 0, "cmax": 1, "colorbar": bar}
        yield slice(None), "", look
    else:
        for code, (name, colour) in enumerate(zip(colouring.names, colouring.light, strict=True)):
            yield np.flatnonzero(colouring.values == code), typed(name), look | {"color": colour}
        if colouring.missing:
            rows = np.flatnonzero(colouring.values < 0)
            yield rows, colouring.missing_name, look | {"color": MISSING["light"]}


def _hovers(corpus: Corpus) -> Any:
    return np.array(["<br>".join(_lines(short(one_line(text), PREVIEW))) for text in corpus.texts], dtype=object)


def _lines(text: str) -> list[str]:
    from textwrap import wrap

    return [typed(line) for line in wrap(text, WRAP)] or [""]
