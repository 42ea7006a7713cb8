"""The similarity heatmap: a cell for each pair of texts, with the tree or the groups that order them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.base.arrays import Singles
from embedlab.explore.similarity import Similarity
from embedlab.figures.colours import BACKGROUND, PALETTE, SIZE, Theme
from embedlab.figures.html import render
from embedlab.figures.theme import FAINT, INK, base, brief, drawing, hovered, one_line, short, typed, wrapped

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 760  # pixels
MOST_LABELS = 32

# Unlike is near the page's own colour, alike far from it. Lightness alone tells the order, so that it is read
# with any colour vision and in print.
SCALE: dict[Theme, tuple[str, ...]] = {
    "light": ("#fafbf3", "#d3e7cd", "#8fc7b8", "#439fae", "#2a6f9b", "#27427d", "#1c1a4a"),
    "dark": ("#141924", "#1d3557", "#22587a", "#2a8389", "#5cb08a", "#b3d780", "#fdf8b4"),
}
_SIDE = 0.11  # the part of the figure's width and height that the tree gets
_STRIP = 0.014
_GAP = 0.004
_LONGEST_GROUP = 24
_LETTER = 6.3  # pixels of a letter, about


def heatmap(similarity: Similarity, texts: Sequence[str], *, dark: bool = False) -> Figure:
    """Return the heatmap of `similarity`; `texts` are those of the corpus.

    The first text is at the top left. Hovering shows both texts of a cell, as typed; a click gives their
    places as `points[0].y` and `points[0].x`. The tree that orders the texts stands on the left and on top,
    its branches joining at 1 - cosine; in its place the names of the groups, where a column made some. Up to
    32 texts are written beside their rows. The figure is as wide as it is allowed to be.
    """
    theme: Theme = "dark" if dark else "light"
    count = len(similarity)
    named = [] if count > MOST_LABELS else [short(one_line(texts[row]), 34) for row in similarity.rows]
    side = _side(similarity)
    figure = drawing(_cells(similarity, theme))
    figure.update_layout(
        **base(theme, HEIGHT) | {"font": {"color": INK[theme], "size": 12}},
        hovermode="closest",
        dragmode="zoom",
        showlegend=False,
        annotations=[
            {**_PLAIN, "x": 1, "xref": "paper", "xanchor": "left", "y": place, "yref": "y", "text": typed(name)}
            for place, name in enumerate(named)
        ],
        **_axes(similarity, [_hover_text(similarity, texts, place) for place in range(count)], side),
    )
    groups = [short(one_line(name), _LONGEST_GROUP) for name in similarity.groups or ()]
    left, right = (round(_LETTER * max(map(len, names), default=0)) for names in (groups, named))
    figure.update_layout(margin={"l": 12 + left, "r": 14 + right, "t": 30, "b": 64})
    figure.update_layout(modebar_orientation="h")  # the top margin has room for it, the names are on the right
    if similarity.groups is not None:
        _add_groups(figure, similarity.groups, side, theme)
    elif similarity.linkage is not None:
        _add_trees(figure, similarity.linkage, theme)
    return figure


def heatmap_html(similarity: Similarity, texts: Sequence[str], *, title: str = "Similarity", dark: bool = False) -> str:
    """Return the heatmap as a page that stands alone; a click on a cell shows its two texts in full."""
    theme: Theme = "dark" if dark else "light"
    return render(
        "heatmap.html.j2",
        title=title,
        ink=INK[theme],
        faint=FAINT[theme],
        page=BACKGROUND[theme],
        heatmap=heatmap(similarity, texts, dark=dark),
        texts=[texts[row] for row in similarity.rows],
    )


_PLAIN: dict[str, Any] = {"showarrow": False, "captureevents": False, "font": {"size": 11}}


def _cells(similarity: Similarity, theme: Theme) -> dict[str, Any]:
    gap = 1 if len(similarity) <= 80 else 0
    return {
        "type": "heatmap",
        "z": similarity.cosines,
        "zmin": min(0.0, float(similarity.cosines.min())),
        "zmax": ends_at(similarity.cosines),
        "colorscale": scale_of(theme),
        "xgap": gap,
        "ygap": gap,
        "hovertemplate": "<b>cosine %{z:.3f}</b><br><br>%{y}<br><br>%{x}<extra></extra>",
        "colorbar": {
            "orientation": "h",
            "title": {"text": _scale_title(similarity), "side": "top", "font": {"size": 12}},
            "len": 0.4,
            "thickness": 10,
            "x": 1,
            "xanchor": "right",
            "y": 0,
            "yanchor": "top",
            "ypad": 8,
            "outlinewidth": 0,
            "tickfont": {"size": 11},
            "nticks": 6,
        },
    }


def ends_at(cosines: Singles) -> float:
    """Return the cosine, float32 (m, m) given, from which on a cell has the strongest colour.

    A text and itself are at 1, and so are copies: two in a thousand pairs may lie beyond, or the others, which one
    wants to tell apart, would all be pale.
    """
    others = cosines[~np.eye(len(cosines), dtype=bool)]
    if not len(others):
        return 1.0
    high = math.ceil(20 * float(np.quantile(others, 0.998))) / 20
    return min(1.0, max(high, 0.1))


def _scale_title(similarity: Similarity) -> str:
    highest = ends_at(similarity.cosines)
    return "cosine" if highest == 1 else f"cosine, up to {highest:.2f}"


def scale_of(theme: Theme) -> list[list[Any]]:
    """Return the colours from unlike to alike as Plotly takes them."""
    return [[step / (len(SCALE[theme]) - 1), colour] for step, colour in enumerate(SCALE[theme])]


def _side(similarity: Similarity) -> float:
    if similarity.groups is not None:
        return _STRIP + _GAP
    return _SIDE if similarity.linkage is not None else 0.0


def _axes(similarity: Similarity, hover: list[str], side: float) -> dict[str, Any]:
    """Return the axes: of the cells, and of what stands left of them (x2) and above them (y2).

    The texts are the cells' tick texts, which a hover label shows for the place it is at: so each text is
    sent once, not once for each of its cells. The ticks themselves stay hidden.
    """
    last = len(similarity) - 0.5
    above = _STRIP if similarity.groups is not None else side
    hidden: dict[str, Any] = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    texts = hovered(hover, 0)
    axes: dict[str, Any] = {
        "xaxis": {**texts, "domain": [side, 1], "range": [-0.5, last], "anchor": "y"},
        "yaxis": {**texts, "domain": [0, 1 - above], "range": [last, -0.5], "anchor": "x"},
    }
    if similarity.linkage is not None:
        axes["xaxis2"] = {**hidden, "domain": [0, side - _GAP], "anchor": "y", "fixedrange": True}
        axes["yaxis2"] = {**hidden, "domain": [1 - above + _GAP, 1], "anchor": "x", "fixedrange": True}
    return axes


def _add_trees(figure: Figure, linkage: Any, theme: Theme) -> None:
    along, height = _branches(linkage)
    top = 1.02 * max(float(linkage[-1, 2]), 1e-6)
    line = {"mode": "lines", "line": {"width": 1, "color": FAINT[theme]}, "hoverinfo": "skip"}
    figure.add_scatter(x=along, y=height, yaxis="y2", **line)
    figure.add_scatter(x=height, y=along, xaxis="x2", **line)
    figure.update_layout(xaxis2_range=[top, 0], yaxis2_range=[0, top])


def _branches(linkage: Any) -> tuple[list[float | None], list[float | None]]:
    """Return the lines of the tree, along the leaves and in height: a bracket for each join."""
    count = len(linkage) + 1
    middle = [float(leaf) for leaf in range(count)]
    level = [0.0] * count
    along: list[float | None] = []
    height: list[float | None] = []
    for first, second, distance, _ in linkage.tolist():
        left, right = sorted((int(first), int(second)), key=lambda node: middle[node])
        along += [middle[left], middle[left], middle[right], middle[right], None]
        height += [level[left], distance, distance, level[right], None]
        middle.append((middle[left] + middle[right]) / 2)
        level.append(distance)
    return along, height


def _add_groups(figure: Figure, groups: tuple[str, ...], side: float, theme: Theme) -> None:
    """Colour the groups along both sides, part them by lines, and name those with room for a name."""
    edges: list[float | None] = []
    ends: list[float | None] = []
    strips: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    start = 0
    for number, (name, members) in enumerate(groupby(groups)):
        end = start + len(list(members))
        strips += _strips(start, end, side, PALETTE[theme][number % SIZE])
        if end < len(groups):
            edges += [end - 0.5, end - 0.5, None]
            ends += [-0.5, len(groups) - 0.5, None]
        if (end - start) / len(groups) * HEIGHT > 14:
            at = {"x": side - _STRIP - _GAP, "xref": "paper", "xanchor": "right", "yref": "y"}
            names.append({**_PLAIN, **at, "y": (start + end - 1) / 2, "text": brief(name, _LONGEST_GROUP)})
        start = end
    line = {"mode": "lines", "line": {"width": 1, "color": BACKGROUND[theme]}, "hoverinfo": "skip"}
    figure.add_scatter(x=edges, y=ends, **line)
    figure.add_scatter(x=ends, y=edges, **line)
    figure.update_layout(shapes=strips, annotations=[*figure.layout.annotations, *names])


def _strips(start: int, end: int, side: float, colour: str) -> list[dict[str, Any]]:
    low, high = start - 0.5, end - 0.5
    look = {"type": "rect", "fillcolor": colour, "line": {"width": 0}}
    left = {"x0": side - _STRIP, "x1": side - _GAP, "y0": low, "y1": high, "xref": "paper", "yref": "y"}
    top = {"x0": low, "x1": high, "y0": 1 - _STRIP + _GAP, "y1": 1, "xref": "x", "yref": "paper"}
    return [{**look, **left}, {**look, **top}]


def _hover_text(similarity: Similarity, texts: Sequence[str], place: int) -> str:
    shown = wrapped(texts[similarity.rows[place]])
    if similarity.groups is None:
        return shown
    return f"<i>{brief(similarity.groups[place], 62)}</i><br>{shown}"
