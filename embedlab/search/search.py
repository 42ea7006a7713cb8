"""A query put to a corpus: by meaning, by words and by both, and why each hit was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder
from embedlab.encoders.base import NO_WINDOW, unit
from embedlab.explore.explain import Weighed, explain
from embedlab.search.bm25 import WordIndex, located_words
from embedlab.search.quantised import CompactIndex, best
from embedlab.space.space import Space
from embedlab.text.normalise import well_formed

Method = Literal["meaning", "words", "both"]
METHODS: tuple[Method, ...] = ("meaning", "words", "both")
POOL = 100
FUSION = 60
NAMED = 5
EXCERPT = 280
_UNKNOWN = ("[UNK]", "<unk>", "<UNK>")

Places = NDArray[np.intp]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Ranking:
    """What one method found, best first.

    `places` int (p,) are distinct texts, numbered as in `Corpus.distinct`; `scores` float64 (p,) are cosines, BM25
    or the sum of reciprocal ranks. `problem` is a sentence where nothing could be looked for; `seconds` it took.
    """

    places: Places
    scores: NDArray[np.float64]
    problem: str = ""
    seconds: float = 0.0

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class Hit:
    """One text that was found.

    `row` is where it first stands in the corpus, of `copies` in all; `rank` counts from 1; `others` has its rank
    in the pool of each other method, None where it isn't there.
    """

    row: int
    copies: int
    rank: int
    score: float
    others: Mapping[Method, int | None]


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The answers of all methods to one query, in the distinct texts of `corpus`."""

    query: str
    corpus: Corpus
    pools: Mapping[Method, Ranking]

    def hits(self, method: Method, k: int = 10) -> tuple[Hit, ...]:
        """Return the first `k` of one method."""
        rows, place = self.corpus.distinct
        copies = np.bincount(place, minlength=len(rows))
        ranks = {other: self._ranks(other) for other in METHODS if other != method}
        pool = self.pools[method]
        return tuple(
            Hit(int(rows[at]), int(copies[at]), rank, score, {other: ranks[other].get(at) for other in ranks})
            for rank, (at, score) in enumerate(zip(pool.places[:k].tolist(), pool.scores.tolist(), strict=False), 1)
        )

    def only(self, method: Method, k: int = 10) -> int:
        """Return how many of the first `k` of one method are not in the pool of the other (words, meaning)."""
        other: Method = "words" if method == "meaning" else "meaning"
        return sum(hit.others[other] is None for hit in self.hits(method, k))

    def _ranks(self, method: Method) -> dict[int, int]:
        return {place: rank for rank, place in enumerate(self.pools[method].places.tolist(), 1)}


def search(
    query: str,
    space: Space,
    index: WordIndex,
    read: Callable[[str], Vectors],
    lean: CompactIndex | None = None,
    count: int = POOL,
) -> SearchResult:
    """Return what `query` finds in the texts of `space`, each distinct one once.

    By meaning: the highest cosines to the query's vector, which `read` makes (see `query_vector`); exactly, or
    through `lean`, an index of the distinct texts' vectors. By words: the highest BM25 scores. By both: reciprocal
    rank fusion of the first `count` of each (see `fused`). Where `read` raises `EmbedlabError`, its sentence stands in
    for the hits by meaning. Raises `EmbedlabError` for a query of nothing but blanks.
    """
    if not query.strip():
        raise EmbedlabError("There is nothing to look for: type some words, a question or a whole sentence.")
    query = well_formed(query)
    start = time.perf_counter()
    try:
        meant = by_meaning(space, read(query), lean, count)
    except EmbedlabError as error:
        meant = nothing(str(error))
    middle = time.perf_counter()
    worded = by_words(index, query, count)
    end = time.perf_counter()
    both = fused(meant, worded, count=count)
    pools = {"meaning": _timed(meant, middle - start), "words": _timed(worded, end - middle), "both": both}
    return SearchResult(query, space.corpus, {method: pools[method] for method in METHODS})


def query_vector(encoder: Encoder, query: str, dimensions: int | None = None) -> Vectors:
    """Return the vector (d,) of a query, with the model's prompt for queries, cut to `dimensions` if given."""
    vector: Vectors = unit(encoder.encode([query], query=True)[:, :dimensions])[0]
    return vector


def query_vectors(encoder: Encoder, queries: Sequence[str], dimensions: int | None = None) -> Vectors:
    """Return the vectors of queries as `query_vector` does, (q, d); zeros for one that a fitted model can't read."""
    try:
        made = encoder.encode(list(queries), query=True)
    except EmbedlabError:
        if encoder.card.kept:
            raise
        made = np.vstack([_vector_or_zeros(encoder, query) for query in queries])
    return unit(made[:, :dimensions])


def _vector_or_zeros(encoder: Encoder, query: str) -> Vectors:
    try:
        return encoder.encode([query], query=True)
    except EmbedlabError:
        return np.zeros((1, encoder.card.dimensions), dtype=np.float32)


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


def _timed(pool: Ranking, seconds: float) -> Ranking:
    return Ranking(pool.places, pool.scores, pool.problem, seconds)


# --- What becomes of the query -------------------------------------------------------------------


def _no_words(index: WordIndex, query: str) -> str:
    terms = index.terms(query)
    if not terms:
        return "There is no word in the query: nothing can be found by words."
    if all(term.term is None for term in terms):
        return "All of these words are too common in English to be looked for (“the”, “of”, “to”…): add another."
    return "No text has any of these words: try others, or rely on the meaning."


def word_notes(index: WordIndex, query: str) -> tuple[str, ...]:
    """Return what to know of the query as it is looked for by words: which of them no text has."""
    terms = index.terms(query)
    missing = [" / ".join(term.words) for term in terms if term.term is not None and not term.texts]
    if not missing or len(missing) == len([term for term in terms if term.term is not None]):
        return ()
    return (f"No text has {_listed(missing)}: by words, the rest of the query decides.",)


def meaning_notes(encoder: Encoder, query: str, apart: bool = True) -> tuple[str, ...]:
    """Return what to know of the query as the model reads it: an end that is not read, words without a vector.

    The latter only if the query may be taken `apart`, which makes a transformer convert its layers the first time.
    """
    notes = []
    window = encoder.card.window
    if window != NO_WINDOW and encoder.count_tokens([query])[0] > window:
        notes.append(
            f"The query is longer than the {window} tokens that {encoder.card.model} reads: by meaning its end does "
            "not count, by words it does."
        )
    unknown, known = _read_words(encoder, query) if apart else ([], 0)
    if unknown and not known:
        notes.append(
            f"{encoder.card.model} knows no word of this query: what it gives by meaning lies in the middle of "
            "everything, not near the query. Rely on the words, or choose a model for this language."
        )
    elif unknown:
        notes.append(f"{encoder.card.model} does not know {_listed(unknown)}: by meaning, the rest decides.")
    return tuple(notes)


def _read_words(encoder: Encoder, query: str) -> tuple[list[str], int]:
    """Return the words of the query that no known piece covers, and how many others there are."""
    parts = encoder.parts(query, query=True)
    if parts is None:
        return [], 0
    known = np.zeros(len(parts.text) + 1, dtype=bool)
    for piece, (start, end) in zip(parts.pieces, parts.spans.tolist(), strict=True):
        if piece not in _UNKNOWN:
            known[start:end] = True
    read_to = len(parts.text) if encoder.card.window == NO_WINDOW else int(parts.spans.max(initial=0))
    _, spans = located_words(parts.text)
    prompt = len(encoder.card.query_prompt)
    unknown, covered = [], 0
    for start, end in spans.tolist():
        if prompt <= start < end <= read_to:
            covered += bool(known[start:end].any())
            if not known[start:end].any():
                unknown.append(parts.text[start:end])
    return list(dict.fromkeys(unknown)), covered


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(f"“{word[:40]}”" for word in words[:NAMED])
    return f"{shown} and {len(words) - NAMED} more" if len(words) > NAMED else shown


# --- Why a hit was found -------------------------------------------------------------------------


def why_by_words(index: WordIndex, found: SearchResult, row: int) -> tuple[Weighed, list[tuple[str, float]]]:
    """Return the text of `row` with the query's words weighed, and what each term gives to its BM25 score.

    A term is written as the query writes it; what it gives is shared out evenly over the places where it stands.
    """
    text = found.corpus.texts[row]
    shares = index.shares(found.query, int(found.corpus.distinct[1][row]))
    spans, terms = index.matched(found.query, text)
    given = {term.term: share for term, share in shares}
    weights = np.array([given.get(term, 0.0) / terms.count(term) for term in terms])
    text = well_formed(text)
    pieces = tuple(text[start:end] for start, end in spans.tolist())
    weighed = Weighed(text, pieces, frozen(spans), frozen(weights))
    return weighed, [(" / ".join(term.words), share) for term, share in shares]


def why_by_meaning(encoder: Encoder, found: SearchResult, row: int, dimensions: int | None = None) -> Weighed:
    """Return the text of `row` with each word weighed by its part in the cosine to the query (see `lab.explain`)."""
    made = explain(encoder, found.query, found.corpus.texts[row], dimensions, query=True)
    return made.by_word().second


def excerpt(weighed: Weighed, width: int = EXCERPT) -> Weighed:
    """Return the stretch of the text, up to `width` characters, whose pieces weigh most; "…" marks what is left out.

    Of equal ones the first counts, so that without any weight it is the beginning. Pieces that stand for no character
    are left out.
    """
    text = weighed.text
    start = _heaviest(weighed, width) if len(text) > width else 0
    end = min(len(text), start + width)
    before, after = "…" * (start > 0), "…" * (end < len(text))
    first, last = weighed.spans.T
    chosen = np.flatnonzero((first >= start) & (last <= end) & (first < last))
    return Weighed(
        before + text[start:end] + after,
        tuple(weighed.pieces[place] for place in chosen),
        frozen(weighed.spans[chosen] - start + len(before)),
        frozen(weighed.weights[chosen]),
    )


def _heaviest(weighed: Weighed, width: int) -> int:
    """Return where the heaviest stretch begins: at the start of the text, or a little before one of the pieces."""
    lead = width // 8
    first, last = weighed.spans.T
    begins = np.concatenate([[0], np.maximum(first - lead, 0)])
    sums = np.zeros(len(begins))
    for place, begin in enumerate(begins):
        sums[place] = np.maximum(weighed.weights[(first >= begin) & (last <= begin + width)], 0).sum()
    begin = int(begins[np.argmax(sums > sums.max() - 1e-9)])
    space = weighed.text.find(" ", begin, begin + lead) if begin else -1
    return begin if space < 0 else space + 1
