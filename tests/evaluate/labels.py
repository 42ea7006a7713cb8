"""Labels and spaces of vectors that lie around one direction a class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.corpus import Column, Corpus
from embedlab.encoders import EncoderInfo
from embedlab.evaluate.quality import Quality, by_labels
from embedlab.space import Space
from embedlab.space.clusters import cluster
from embedlab.space.neighbours import neighbours


def column(values: Sequence[str | None], name: str = "kind") -> Column:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return Column(name, "category", frozen(cells))


def space_of(vectors: NDArray[np.floating], texts: Sequence[str] = (), model: str = "given") -> Space:
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    corpus = Corpus.of(texts or [str(number) for number in range(len(unit))])
    none = frozen(np.zeros(len(unit), dtype=bool))
    return Space(corpus, EncoderInfo(model, "", unit.shape[1], 8, "numpy"), frozen(unit), none)


def planted(noise: float, seed: int = 0, sizes: Sequence[int] = (40, 40, 40)) -> tuple[NDArray[np.float64], list[str]]:
    """Return noisy vectors around one direction a class, and the classes; the classes don't depend on `noise`."""
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return np.eye(len(sizes), 12)[codes] + noise * rng.normal(size=(len(codes), 12)), [f"c{code}" for code in codes]


def measured(space: Space, labels: Column, **how: int) -> Quality:
    near = neighbours(space)
    return by_labels(space, near, cluster(near, 1.0), labels, **how)
