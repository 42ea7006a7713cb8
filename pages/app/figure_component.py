"""A Plotly figure in a page that says which cell was clicked, which `st.plotly_chart` does not for heatmaps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from embedlab.base.fingerprint import fingerprint
from pages.app.plotly import page_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "embedlab_figure",
    html='<div class="embedlab-figure" role="img">\n</div>',
    js="".join((HERE / name).read_text(encoding="utf-8") for name in ("plotly.js", "figure_component.js")),
    isolate_styles=False,  # Plotly writes its own styles into the document
)


def show_figure(figure: Figure, *, key: str, name: str, alt: str) -> tuple[int, int] | None:
    """Draw `figure` and return the place (x, y) of the cell clicked since the last run, or None.

    `name` is that of a saved picture; `alt` tells a screen reader what the figure shows.
    """
    written = figure.to_json()
    mark = fingerprint(written)
    height = int(figure.layout.height or 450)
    result = _component(
        key=key,
        data={"figure": written, "mark": mark, "page": page_of(name=name, alt=alt, height=height)},
        on_clicked_change=_nothing,
    )
    clicked: Any = result.get("clicked")
    if not isinstance(clicked, dict) or clicked.get("mark") != mark:
        return None
    x, y = clicked.get("x"), clicked.get("y")
    return (x, y) if isinstance(x, int) and isinstance(y, int) else None


def _nothing() -> None:
    """Streamlit returns an event only if something listens to it."""
