"""The map as one HTML file that needs nothing else: no server, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.figures.colouring import Colouring, plain
from embedlab.figures.html import render
from embedlab.figures.map import CELL, MapLabel, Points, marks, packed, short

TEXT = 2000  # characters of a text that the file carries


def map_html(
    points: Points,
    colourings: Mapping[str, Colouring],
    labels: Sequence[MapLabel] = (),
    *,
    title: str,
    doubt: str = "",
    trust: str = "",
    footer: str = "",
    alt: str = "",
    neighbours: NDArray[np.int32] | None = None,
    cosines: NDArray[np.float32] | None = None,
) -> str:
    """Return a page that shows the map, with search, colours, tooltips and saving as PNG.

    `colourings` are offered by name, the first is shown. `doubt` says what can't be relied on, `trust` how far the
    picture can be trusted, `footer` how it was made; all are plain text. `neighbours` int32 (n, k) and `cosines`
    float32 (n, k), nearest first, are listed for a clicked text, ten at most.
    Texts are cut to 2,000 characters. Whatever a text contains is shown as typed and never run.
    """
    offered = dict(colourings) or {"": plain()}
    data = {
        "title": short(title, TEXT),
        "doubt": doubt,
        "trust": trust,
        "footer": footer,
        "alt": alt or f"Map of {len(points):,} texts: near points are texts of like meaning.",
        "points": points.packed(TEXT),
        "names": [short(name, CELL) for name in offered],
        "colourings": [{"legend": one.legend(), "values": packed(one.values)} for one in offered.values()],
        "marks": marks(labels),
        "neighbours": _packed_neighbours(neighbours, cosines),
    }
    return render("map.html.j2", title=data["title"], data=data)


def _packed_neighbours(
    neighbours: NDArray[np.int32] | None, cosines: NDArray[np.float32] | None
) -> dict[str, Any] | None:
    if neighbours is None or cosines is None or not neighbours.shape[1]:
        return None
    k = min(10, neighbours.shape[1])
    return {"k": k, "rows": packed(neighbours[:, :k]), "cosines": packed(cosines[:, :k])}
