"""Checks in pictures: what was found, on the map, and how a property is spread."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedlab.check.personal import KINDS
from embedlab.check.properties import Property
from embedlab.check.quality import Checked, Finding
from embedlab.corpus import Column
from embedlab.figures.colouring import Colouring, by_codes, by_column, by_number
from embedlab.figures.colours import PALETTE, Theme
from embedlab.figures.look import base, drawing, typed
from embedlab.space.names import ClusterNames

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

OTHERS = "nothing found"
_BINS = 40
_MOST_SCRIPTS = 12


def lens(
    checked: Checked, found: Finding, threshold: float, names: ClusterNames, one: Property | None = None
) -> Colouring:
    """Return the colours that show a finding on a map: how far out, how doubtful, or which texts and of what kind.

    `one` is the property that is looked at, where the finding is odd texts.
    """
    if found.key == "properties" and one is not None:
        return by_column(Column(one.title, one.kind, one.values))
    if found.key == "outliers":
        return by_number(Column("Distance to the nearest texts", "number", checked.outliers.distance))
    if found.key == "labels" and checked.doubts is not None:
        doubtful = np.maximum(checked.doubts.margin, 0)
        return by_number(Column("How much likelier another label is", "number", doubtful))
    parts = [(name, rows) for name, rows in _parts(checked, found, threshold, names) if len(rows)]
    codes = np.full(checked.texts, -1, dtype=np.int32)
    for number, (_, rows) in enumerate(parts):
        codes[rows] = number
    return by_codes(found.title, codes, [name for name, _ in parts], missing_name=OTHERS)


def _parts(
    checked: Checked, found: Finding, threshold: float, names: ClusterNames
) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Return the rows of each kind that a finding has; where a text is of several, the last counts."""
    if found.key == "leaks":
        leaks = checked.leaks_at(threshold)
        yield "to learn from", np.array([leak.learnt for leak in leaks], dtype=np.intp)
        yield "to be asked about", np.array([leak.asked for leak in leaks], dtype=np.intp)
    elif found.key == "personal":
        for kind in KINDS:
            yield kind, np.array([one.row for one in checked.personal if one.kind == kind], dtype=np.intp)
    elif found.key == "properties":
        yield from ((one.title, one.odd) for one in checked.properties)
    elif found.key == "segments":
        yield from ((names.of(segment.cluster), segment.rows) for segment in checked.segments or ())
    else:
        yield found.title, found.rows


def spread(one: Property, *, dark: bool = False) -> Figure:
    """Return how a property is spread over the texts, those out of the ordinary in a colour of their own."""
    theme: Theme = "dark" if dark else "light"
    is_odd = np.zeros(len(one.values), dtype=bool)
    is_odd[one.odd] = True
    figure = drawing()
    for colour, (name, part) in enumerate((("ordinary", ~is_odd), ("out of the ordinary", is_odd))):
        places, heights, shown = _bars(one, part)
        figure.add_bar(
            x=places,
            y=heights,
            name=name,
            customdata=shown,
            marker={"color": PALETTE[theme][colour], "line": {"width": 0}},
            hovertemplate="%{customdata}: %{y:,} texts<extra></extra>",
        )
    figure.update_layout(base(theme, 220))
    figure.update_layout(
        barmode="stack",
        bargap=0.04,
        margin={"l": 44, "r": 8, "t": 8, "b": 60},
        legend={"orientation": "h", "y": -0.28, "x": 0},
    )
    figure.update_yaxes(title={"text": "texts"})
    return figure


def _bars(one: Property, part: NDArray[np.bool_]) -> tuple[list[str] | list[float], list[int], list[str]]:
    """Return where the bars of some texts stand, how high they are, and what each stands for."""
    if one.kind == "category":
        names, counts = np.unique(one.values[part].astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")[:_MOST_SCRIPTS]
        shown = [typed(str(name)) for name in names[order]]
        return shown, [int(count) for count in counts[order]], shown
    values = one.values.astype(np.float64)
    edges = np.histogram_bin_edges(values, bins=min(_BINS, max(1, len(np.unique(values)))))
    heights = np.histogram(values[part], bins=edges)[0]
    middles = (edges[:-1] + edges[1:]) / 2
    shown = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    return [float(at) for at in middles], [int(height) for height in heights], shown
