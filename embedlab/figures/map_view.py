"""An exploration as a map: its points and labels, what it can be coloured by, and its stand-alone page."""

from __future__ import annotations

import numpy as np

from embedlab.corpus import Column
from embedlab.explore.exploration import Exploration
from embedlab.figures.colouring import Colouring, by_codes, by_column, by_share, plain
from embedlab.figures.map import MapLabel, Points
from embedlab.figures.standalone import map_html

CLUSTERS = "Clusters"
NEIGHBOURS_KEPT = "Neighbours kept by the map"
NOTHING = "Nothing"
SHOWN_NEIGHBOURS = 10


def points_of(explored: Exploration) -> Points:
    """Return the texts at their places."""
    return Points.of(explored.layout, explored.space.corpus)


def labels_of(explored: Exploration) -> list[MapLabel]:
    """Return the clusters' names, each at the text nearest to its cluster's median place.

    A median stays with the bulk of a cluster that the map tears apart, where a mean would fall between.
    """
    labels: list[MapLabel] = []
    for number, name in enumerate(explored.names.names if explored.names.drawn else ()):
        points = explored.layout.positions[explored.clusters.labels == number]
        middle = np.median(points, axis=0)
        x, y, *z = map(float, points[np.argmin(((points - middle) ** 2).sum(axis=1))])
        labels.append(MapLabel(name, x, y, z[0] if z else None, size=float(len(points))))
    return labels


def colour_names(explored: Exploration) -> list[str]:
    """Return what a map can be coloured by, the first to begin with: clusters, unless there are none to show."""
    columns = [column.name for column in explored.space.corpus.columns if _colourable(column)]
    lens = [NEIGHBOURS_KEPT] if explored.trust and explored.trust.k else []
    return [CLUSTERS, *columns, *lens, NOTHING] if explored.grouped else [NOTHING, *columns, *lens]


def colouring_of(explored: Exploration, name: str) -> Colouring:
    """Return the colouring called `name`; one colour for all where there is none."""
    positions = explored.layout.positions
    if name == CLUSTERS and explored.grouped:
        return by_codes(CLUSTERS, explored.clusters.labels, explored.names.names, positions)
    if name == NEIGHBOURS_KEPT and explored.trust:
        note = f"Share of a text's {explored.trust.k} true neighbours that are near it on this map."
        return by_share(NEIGHBOURS_KEPT, explored.trust.per_point, note)
    if name in colour_names(explored) and name not in (NOTHING, NEIGHBOURS_KEPT):
        return by_column(explored.space.corpus.column(name), positions)
    return plain()


def map_page(explored: Exploration) -> str:
    """Return the map as one HTML page that needs no network."""
    return map_html(
        points_of(explored),
        {name: colouring_of(explored, name) for name in colour_names(explored)},
        labels_of(explored),
        title=explored.space.corpus.name,
        doubt=explored.doubt,
        trust=explored.how_far,
        footer=explored.recipe,
        neighbours=explored.neighbours.indices[:, :SHOWN_NEIGHBOURS],
        cosines=explored.neighbours.cosines[:, :SHOWN_NEIGHBOURS],
    )


def _colourable(column: Column) -> bool:
    """Free text would give every point a colour of its own."""
    return column.kind != "text" and not bool(column.missing.all())
