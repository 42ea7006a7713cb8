"""The three ways to rank texts by a query: by meaning, by words, and by both together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from embedlab.base.arrays import Floats, Rows, best
from embedlab.base.errors import EmbedlabError
from embedlab.encoders import Encoder
from embedlab.encoders.base import Vectors, unit
from embedlab.encoders.capabilities import fitted_to_texts
from embedlab.search.bm25 import WordIndex
from embedlab.search.quantised import CompactIndex
from embedlab.space.embedding import one_by_one
from embedlab.space.space import Space

Method = Literal["meaning", "words", "both"]
METHODS: tuple[Method, ...] = ("meaning", "words", "both")
POOL = 100
FUSION = 60


@dataclass(frozen=True, eq=False)
class Ranking:
    """What one method found, best first.

    `places` int (p,) are distinct texts, numbered as in `Corpus.distinct`; `scores` float64 (p,) are cosines, BM25
    or the sum of reciprocal ranks. `problem` is a sentence where nothing could be looked for; `seconds` it took.
    """

    places: Rows
    scores: Floats
    problem: str = ""
    seconds: float = 0.0

    def __len__(self) -> int:
        return len(self.places)

    def timed(self, start: float) -> Ranking:
        """Return the same with how long it took since `start`, as `time.perf_counter` told it."""
        return replace(self, seconds=time.perf_counter() - start)


# --- Each by itself ------------------------------------------------------------------------------


def by_meaning(space: Space, vector: Vectors, lean: CompactIndex | None = None, count: int = POOL) -> Ranking:
    """Return the `count` distinct texts with the highest cosine to `vector` (d,), equal ones in order of row."""
    if lean is not None:
        places, near = lean.nearest(vector, count)
        return Ranking(places, near.astype(np.float64))
    rows, _ = space.corpus.distinct
    cosines = space.vectors @ vector
    if len(rows) < len(cosines):
        cosines = cosines[rows]
    places = best(cosines, count)
    return Ranking(places, np.clip(cosines[places], -1, 1).astype(np.float64))


def by_words(index: WordIndex, query: str, count: int = POOL) -> Ranking:
    """Return the `count` distinct texts with the highest BM25 score, none without a word of the query."""
    scores = index.scores(query)
    places = best(scores, count)
    places = places[scores[places] > 0]
    return Ranking(places, scores[places].astype(np.float64), "" if len(places) else _no_words(index, query))


def fused(*pools: Ranking, count: int = POOL) -> Ranking:
    """Return the pools made into one: a text's score is the sum of 1 / (60 + rank) over those that hold it.

    Equal ones are in the order of the first pool. Source: Cormack, Clarke and Büttcher, "Reciprocal rank fusion
    outperforms Condorcet and individual rank learning methods", SIGIR 2009.
    """
    start = time.perf_counter()
    together = np.concatenate([pool.places for pool in pools])
    gains = np.concatenate([1 / (FUSION + np.arange(1.0, len(pool) + 1)) for pool in pools])
    places, first, where = np.unique(together, return_index=True, return_inverse=True)
    scores = np.bincount(where, weights=gains, minlength=len(places)).astype(np.float64)
    order = np.lexsort((first, -scores))[:count]
    return Ranking(places[order].astype(np.intp), scores[order], seconds=time.perf_counter() - start)


def nothing(problem: str) -> Ranking:
    """Return a pool without texts, and why."""
    return Ranking(np.empty(0, dtype=np.intp), np.empty(0), problem)


def _no_words(index: WordIndex, query: str) -> str:
    terms = index.terms(query)
    if not terms:
        return "There is no word in the query: nothing can be found by words."
    if all(term.term is None for term in terms):
        return "All of these words are too common in English to be looked for (“the”, “of”, “to”…): add another."
    return "No text has any of these words: try others, or rely on the meaning."


# --- The query as a vector -----------------------------------------------------------------------


def query_vector(encoder: Encoder, query: str, dimensions: int | None = None) -> Vectors:
    """Return the vector (d,) of a query, with the model's prompt for queries, cut to `dimensions` if given."""
    vector: Vectors = unit(encoder.encode([query], query=True)[:, :dimensions])[0]
    return vector


def query_vectors(
    encoder: Encoder, queries: Sequence[str], dimensions: int | None = None, query: bool = True
) -> Vectors:
    """Return the vectors of queries as `query_vector` does, (q, d); zeros for one that a fitted model can't read.

    Without `query` they are read as documents.
    """

    try:
        made = encoder.encode(list(queries), query)
    except EmbedlabError:
        if fitted_to_texts(encoder) is None:
            raise
        made = one_by_one(encoder, queries, query)
    return unit(made[:, :dimensions])
