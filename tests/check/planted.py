"""Two sides with a difference that is known, for the tests of drift."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import Column, Corpus
from embedlab.drift.sides import Sides, joined
from embedlab.encoders import EncoderInfo
from embedlab.space import Neighbours, Space
from embedlab.space.neighbours import neighbours

TOPICS = ("cards", "loans", "rates", "fraud", "phone")


def side(name: str, counts: tuple[int, ...], seed: int, **columns: NDArray[np.generic]) -> Corpus:
    """Return so many texts of each topic; each has its topic's word, which its vector follows."""
    rng = np.random.default_rng(seed)
    texts = [
        f"{topic} {number} {rng.integers(1000)}" for topic, count in zip(TOPICS, counts, strict=True)
        for number in range(count)
    ]  # fmt: skip
    found = tuple(
        Column(key, "number" if values.dtype.kind == "f" else "category", values) for key, values in columns.items()
    )
    return Corpus(name, tuple(texts), found, label="label" if "label" in columns else None)


def labels(*counts: int) -> NDArray[np.object_]:
    return np.array([TOPICS[at] for at, count in enumerate(counts) for _ in range(count)], dtype=object)


def space_of_topics(corpus: Corpus, seed: int = 0, noise: float = 0.5, dimensions: int = 16) -> Space:
    """Return a space in which each topic lies around a direction of its own."""
    rng = np.random.default_rng(seed)
    centres = np.eye(dimensions)
    places = np.array([TOPICS.index(text.split()[0]) for text in corpus.texts])
    vectors = centres[places] + noise * rng.normal(size=(len(corpus), dimensions)) / np.sqrt(dimensions)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    first, place = corpus.distinct
    made = vectors[first][place].astype(np.float32)
    return Space(corpus, EncoderInfo("topics", "none", dimensions, 8, "tests"), made, np.zeros(len(corpus), dtype=bool))


def compared(before: Corpus, after: Corpus) -> tuple[Sides, Space, Neighbours]:
    sides = joined(before, after)
    space = space_of_topics(sides.corpus)
    return sides, space, neighbours(space)
