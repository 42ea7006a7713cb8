"""Questions put to a space: what a selection is about, what is near what, how alike some texts are."""

from embedlab.explore.nearest import Hits, Placement, containing, nearest, neighbours_of, place
from embedlab.explore.selection import LabelShare, Selection, Typical, describe, label_mix
from embedlab.explore.similarity import (
    MAX_HEATMAP,
    Pair,
    Similarity,
    sample_per_group,
    similarity,
    similarity_csv,
)

__all__ = [
    "MAX_HEATMAP",
    "Hits",
    "LabelShare",
    "Pair",
    "Placement",
    "Selection",
    "Similarity",
    "Typical",
    "containing",
    "describe",
    "label_mix",
    "nearest",
    "neighbours_of",
    "place",
    "sample_per_group",
    "similarity",
    "similarity_csv",
]
