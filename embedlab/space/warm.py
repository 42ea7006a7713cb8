"""What the first map of a machine would wait for, done ahead of time."""

from __future__ import annotations

import numpy as np

from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space.approximate import nearly_nearest
from embedlab.space.clusters import cluster
from embedlab.space.neighbours import neighbours
from embedlab.space.projection import LayoutSettings, umap
from embedlab.space.quality import trust
from embedlab.space.space import Space

POINTS = 160


def warm_up(many: bool = False) -> None:
    """Import and compile what a map needs, by making a small one; numba keeps the machine code on disk.

    `many` also compiles what only a map of very many texts needs.
    """
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((POINTS, 8), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    card = EncoderInfo("random", "", 8, 8, "numpy")
    for repeated in (0, 1):
        corpus = Corpus.of([str(max(0, number - repeated)) for number in range(POINTS)])
        vectors[repeated] = vectors[0]
        space = Space(corpus, card, vectors, np.zeros(POINTS, dtype=bool))
        near = neighbours(space)
        cluster(near)
        for dimensions in (2, 3):
            trust(space, near, umap(space, near, LayoutSettings(epochs=2, dimensions=dimensions)))
    if many:
        nearly_nearest(vectors, np.arange(POINTS), 30)
        umap(space, near, LayoutSettings(epochs=2, landmarks=POINTS // 2))
