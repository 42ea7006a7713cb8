"""How large the models are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embedlab.encoders.base import Models
from embedlab.figures.colours import MISSING, PALETTE
from embedlab.figures.theme import base, drawing, typed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LINE = 26  # pixels of a model


def sizes(models: Models) -> Figure:
    """Return a bar for each model, its bytes on disk; those that are not ready are grey."""
    figure = drawing()
    colours = [PALETTE["light"][0] if one.ready else MISSING["light"] for one in models]
    figure.add_bar(
        x=[one.bytes / 1e6 for one in models], y=[typed(one.name) for one in models], orientation="h",
        marker_color=colours, hovertext=[typed(one.how) for one in models],
    )  # fmt: skip
    figure.update_layout(base("light", 80 + LINE * len(models)), xaxis_title="MB on disk")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure
