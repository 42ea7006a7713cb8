"""Spaces and neighbours for tests, made from vectors or places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space.neighbours import neighbours
from embedlab.space.space import Layout, Neighbours, Space


def space_of(vectors: NDArray[np.floating], corpus: Corpus | None = None, model: str = "made up") -> Space:
    """Return the space of these vectors, scaled to length 1, for texts that all differ unless `corpus` is given."""
    made = np.asarray(vectors, dtype=np.float64)
    made = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    corpus = corpus or Corpus.of([f"text {number}" for number in range(len(made))])
    return Space(corpus, EncoderInfo(model, "none", made.shape[1], 8, "tests"), made, np.zeros(len(made), dtype=bool))


def on_circle(degrees: Sequence[float], corpus: Corpus | None = None) -> Space:
    """Return texts on a circle, where the nearest are those with the nearest angle."""
    angles = np.radians(degrees)
    return space_of(np.stack([np.cos(angles), np.sin(angles)], axis=1), corpus)


def near(space: Space, k: int = 30) -> Neighbours:
    return neighbours(space, k)


def map_of(positions: NDArray[np.floating]) -> Layout:
    return Layout(np.asarray(positions, dtype=np.float32), "UMAP", (("seed", 0),), "space")
