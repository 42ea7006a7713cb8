"""The map as one HTML file that needs nothing else: no server, no network."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.figures import assets
from embedlab.figures.colouring import Colouring, plain
from embedlab.figures.map import CELL, MapLabel, Points, marks, packed, short

TEXT = 2000  # characters of a text that the file carries

# The page may run its own script and show its own pictures, and fetch nothing at all. Plotly's WebGL layer
# compiles its drawing code when it starts, hence 'unsafe-eval'.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{styles}</style>
</head>
<body>
<header>
<h1 id="title" dir="auto"></h1>
<p class="doubt" id="doubt" dir="auto"></p>
<p class="trust" id="trust" dir="auto"></p>
</header>
<div class="controls">
<label>Find <input id="search" type="search" placeholder="a word or phrase" autocomplete="off"></label>
<span class="count" id="count" role="status"></span>
<label>Colour by <select id="colour"></select></label>
<button id="theme" type="button"></button>
</div>
<main>
<div class="map" id="map"></div>
<aside id="panel" aria-label="Details"></aside>
</main>
<footer id="footer"><details><summary>How this was made</summary><pre id="recipe"></pre></details></footer>
<script type="application/json" id="data">{data}</script>
<script>{plotly}</script>
<script>{script}</script>
</body>
</html>
"""


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
    return _PAGE.format(
        policy=_POLICY,
        title=html.escape(short(title, TEXT)),
        styles=assets.map_styles() + assets.page_styles(),
        data=script_json(data),
        plotly=assets.plotly_file().read_text(encoding="utf-8"),
        script=assets.map_script() + assets.page_script(),
    )


def script_json(data: Any) -> str:
    """Return JSON that can stand inside a `<script>` element: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for unsafe in "<>&\u2028\u2029":
        text = text.replace(unsafe, f"\\u{ord(unsafe):04x}")
    return text


def _packed_neighbours(
    neighbours: NDArray[np.int32] | None, cosines: NDArray[np.float32] | None
) -> dict[str, Any] | None:
    if neighbours is None or cosines is None or not neighbours.shape[1]:
        return None
    k = min(10, neighbours.shape[1])
    return {"k": k, "rows": packed(neighbours[:, :k]), "cosines": packed(cosines[:, :k])}
