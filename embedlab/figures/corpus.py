"""What a corpus looks like before any model has read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embedlab.corpus import Corpus
from embedlab.figures.colours import PALETTE
from embedlab.figures.theme import base, drawing

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 280


def lengths(corpus: Corpus) -> Figure:
    """Return how long the texts are, in characters, as a histogram."""
    figure = drawing()
    figure.add_histogram(x=[len(text) for text in corpus.texts], marker_color=PALETTE["light"][0])
    figure.update_layout(base("light", HEIGHT), xaxis_title="characters of a text", yaxis_title="texts", bargap=0.05)
    return figure
