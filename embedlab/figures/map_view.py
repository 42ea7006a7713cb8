"""An exploration as a map: what it can be coloured by, as a figure for notebooks, and as one HTML file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows
from embedlab.base.english import counted
from embedlab.corpus import Corpus
from embedlab.explore.exploration import Exploration
from embedlab.figures.charts import Chart, by_colouring, chart_of
from embedlab.figures.colouring import Colouring, by_codes, by_column, by_share, plain
from embedlab.figures.colours import MISSING
from embedlab.figures.html import render
from embedlab.figures.map import CELL, PREVIEW, MapLabel, Points, marks, packed
from embedlab.figures.theme import base, drawing, one_line, short, typed
from embedlab.pipeline import MOST_NAMED, Groups, Prepared, levels
from embedlab.space import Clusters, Layout, Space
from embedlab.space.levels import parents_of, says_no_more
from embedlab.space.projection import components, pca

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

CLUSTERS = "Clusters"
NEIGHBOURS_KEPT = "Neighbours kept by the map"
NOTHING = "Nothing"
SHOWN_NEIGHBOURS = 10
HEIGHT = 600
MOST_LABELS = 40
WRAP = 60  # characters of a line in a tooltip
SHARES = 10_000  # steps that a cosine is written in
TEXT = 2000  # characters of a text that the file carries


def points_of(explored: Exploration) -> Points:
    """Return the texts at their places."""
    return Points.of(explored.layout, explored.space.corpus)


def labels_of(explored: Exploration) -> list[MapLabel]:
    """Return the clusters' names, each at the text nearest to its cluster's median place."""
    if not explored.names.drawn:
        return []
    return [
        MapLabel.amid(name, explored.layout.positions[rows], float(len(rows)), number)
        for number, (name, rows) in enumerate(zip(explored.names.names, _members(explored.clusters), strict=True))
    ]


def labels_at(explored: Exploration, named: Sequence[Groups]) -> list[MapLabel]:
    """Return the names of the clusters at several granularities, the coarsest first, as `pipeline.levels` gives them.

    At most 400, at each granularity those of the largest clusters first. Each stands where `MapLabel.amid` puts it. The
    clusters that the map shows all have their names; a coarser one has none where one of them has the same, and a finer
    one none that says no more than the name above it: what lies in these has the label above that as its parent.
    Raises `ValueError` where those that the map shows are not among them.
    """
    if not explored.names.drawn:
        return []
    shown = next((at for at, one in enumerate(named) if one.clusters.fingerprint == explored.clusters.fingerprint), -1)
    if shown < 0:
        raise ValueError("the clusters that the map shows are not among those that are named")
    labels: list[MapLabel] = []
    above: list[int] = []  # for each coarser cluster the place of the label that stands for it
    for level, groups in enumerate(named):
        parents = [-1] * groups.clusters.count
        if level:
            parents = [above[at] if at >= 0 else -1 for at in parents_of(groups.clusters, named[level - 1].clusters)]
        repeated = _repeated(groups, named[level + 1]) if level < shown else set()
        for number, rows in enumerate(_members(groups.clusters)):
            name, parent = groups.names.names[number], parents[number]
            finer_alike = level > shown and parent >= 0 and says_no_more(name, labels[parent].text)
            if number in repeated or finer_alike or len(labels) >= MOST_NAMED:
                continue
            parents[number] = len(labels)
            label = MapLabel.amid(name, explored.layout.positions[rows], float(len(rows)), number)
            labels.append(replace(label, level=level, parent=parent, own=level == shown))
        above = parents
    return labels


def _repeated(groups: Groups, finer: Groups) -> set[int]:
    """Return the clusters that have the name of one that lies in them."""
    parents = parents_of(finer.clusters, groups.clusters).tolist()
    return {
        parent
        for name, parent in zip(finer.names.names, parents, strict=True)
        if parent >= 0 and says_no_more(name, groups.names.of(parent)) and says_no_more(groups.names.of(parent), name)
    }


def _members(clusters: Clusters) -> list[Rows]:
    """Return the rows of each cluster."""
    order = np.argsort(clusters.labels, kind="stable")
    return np.split(order[len(order) - clusters.sizes.sum() :], np.cumsum(clusters.sizes)[:-1])


def colour_names(explored: Exploration) -> list[str]:
    """Return what a map can be coloured by, the first to begin with: clusters, unless there are none to show."""
    known = (column for column in explored.space.corpus.columns if not column.missing.all())
    columns = [column.name for column in known if column.kind != "text"]  # that would give each point its own colour
    lens = [NEIGHBOURS_KEPT] if explored.trust and explored.trust.k else []
    return [CLUSTERS, *columns, *lens, NOTHING] if explored.grouped else [NOTHING, *columns, *lens]


def colouring_of(explored: Exploration, name: str) -> Colouring:
    """Return the colouring called `name`; one colour for all where there is none."""
    if name == CLUSTERS and explored.grouped:
        return by_codes(CLUSTERS, explored.clusters.labels, explored.names.names, components(explored.space))
    if name == NEIGHBOURS_KEPT and explored.trust:
        note = f"Share of a text's {counted(explored.trust.k, 'true neighbour')} that are near it on this map."
        return by_share(NEIGHBOURS_KEPT, explored.trust.per_point, note)
    if name in colour_names(explored) and name not in (NOTHING, NEIGHBOURS_KEPT):
        return by_column(explored.space.corpus.column(name), components(explored.space))
    return plain()


def charts_of(explored: Exploration) -> tuple[Chart, ...]:
    """Return a chart of the clusters, of each column but texts, and of how well the map keeps neighbours."""
    return tuple(_charts(explored))


def _charts(explored: Exploration) -> Iterator[Chart]:
    if explored.grouped:
        yield by_colouring("clusters", colouring_of(explored, CLUSTERS))
    for at, column in enumerate(explored.space.corpus.columns):
        if column.kind != "text" and not column.missing.all():
            yield chart_of(column, f"column-{at}")
    if NEIGHBOURS_KEPT in colour_names(explored):
        yield by_colouring("neighbours-kept", colouring_of(explored, NEIGHBOURS_KEPT))


def map_page(explored: Exploration, colour_by: str = "", named: Sequence[Groups] = ()) -> str:
    """Return the map as one HTML page that needs no network, coloured by `colour_by`, if there is such a colouring.

    `named` are the clusters at several granularities, where they are there already.
    """
    if not named:
        prepared = Prepared(explored.space, explored.neighbours)
        named = levels(prepared, Groups(explored.clusters, explored.names))
    return map_html(
        points_of(explored),
        {name: colouring_of(explored, name) for name in colour_names(explored)},
        labels_at(explored, named),
        title=explored.space.corpus.name,
        doubt=explored.doubt,
        trust=explored.how_far,
        footer=explored.recipe,
        neighbours=explored.neighbours.indices[:, :SHOWN_NEIGHBOURS],
        cosines=explored.neighbours.cosines[:, :SHOWN_NEIGHBOURS],
        shown=colour_by,
        charts=charts_of(explored),
    )


# --- As a figure: a trace for each group, so that a legend's click hides it -----------------------


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
    hovers = np.array([*map(_hover, corpus.texts)], dtype=object)
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


def _hover(text: str) -> str:
    return "<br>".join(map(typed, textwrap.wrap(short(one_line(text), PREVIEW), WRAP)))


# --- As one file that needs nothing else: no server, no network ----------------------------------


def map_html(
    points: Points,
    colourings: Mapping[str, Colouring],
    labels: Sequence[MapLabel] = (),
    *,
    title: str,
    doubt: str = "",
    trust: str = "",
    footer: str = "",
    neighbours: NDArray[np.int32] | None = None,
    cosines: NDArray[np.float32] | None = None,
    shown: str = "",
    charts: Sequence[Chart] = (),
) -> str:
    """Return a page that shows the map, with search, colours, tooltips and saving as PNG.

    `colourings` are offered by name, and `shown` is the one to begin with, else the first. `doubt` says what can't be
    relied on, `trust` how far the picture can be trusted, `footer` how it was made; all are plain text. `neighbours`
    int32 (n, k) and `cosines` float32 (n, k), nearest first, are listed for a clicked text, ten at most. By
    `charts` a person filters the map.
    Texts are cut to 2,000 characters. Whatever a text contains is shown as typed and never run.
    """
    offered = dict(colourings) or {"": plain()}
    data = {
        "title": short(title, TEXT),
        "doubt": doubt,
        "trust": trust,
        "footer": footer,
        "alt": f"Map of {counted(len(points), 'text')}: near points are texts of like meaning.",
        "points": points.packed(TEXT),
        "names": [short(name, CELL) for name in offered],
        "shown": list(offered).index(shown) if shown in offered else 0,
        "colourings": [{"legend": one.legend(), "values": packed(one.values)} for one in offered.values()],
        "marks": marks(labels),
        "charts": [{"key": one.id, "codes": packed(one.codes), **one.legend()} for one in charts],
        "neighbours": _packed_neighbours(neighbours, cosines),
    }
    return render("map.html.j2", title=data["title"], data=data)


def _packed_neighbours(
    neighbours: NDArray[np.int32] | None, cosines: NDArray[np.float32] | None
) -> dict[str, Any] | None:
    if neighbours is None or cosines is None or not neighbours.shape[1]:
        return None
    k = min(10, neighbours.shape[1])
    numbers = np.uint16 if len(neighbours) <= 2**16 else np.int32
    shares = np.round(np.clip(cosines[:, :k], -1, 1) * SHARES).astype(np.int16)
    return {"k": k, "rows": packed(neighbours[:, :k].astype(numbers)), "cosines": packed(shares), "of": SHARES}
