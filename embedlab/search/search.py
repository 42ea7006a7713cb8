"""The verb `search`: a query put to texts, by meaning, by words and by both; and why a text was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.base.arrays import frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.base.result import Result
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder, EncoderInfo
from embedlab.encoders.base import NO_WINDOW, Vectors
from embedlab.encoders.capabilities import over_window, parts_of
from embedlab.encoders.known import known_share
from embedlab.explore.explain import Weighed, explain
from embedlab.pipeline import EmbeddingChoice, choice_of, embed, reader
from embedlab.search.bm25 import WordIndex, located_words, word_index
from embedlab.search.methods import METHODS, POOL, Method, Ranking, by_meaning, by_words, fused, nothing, query_vector
from embedlab.search.quantised import CompactIndex
from embedlab.space.space import Space
from embedlab.space.unread import unread_note
from embedlab.text.cut import beginning
from embedlab.text.normalise import well_formed

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 60  # characters of a text in a sentence
EXCERPT = 280  # of the part of a text that tells why it was found
NAMED = 5  # words in a note
_UNKNOWN = ("[UNK]", "<unk>", "<UNK>")
BY: Mapping[Method, str] = {"meaning": "by meaning", "words": "by words", "both": "by meaning and by words"}


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


@dataclass(frozen=True, eq=False, repr=False)
class SearchResult(Result):
    """The answers to one query, in the distinct texts of `corpus`, a pool for each method.

    `mode` is the one that was asked for, and `k` how many of its texts. `word_notes` and `meaning_notes` are sentences
    on the query as each way reads it. `card` is of the model that read it, None where it was put by words alone; so
    many texts as `encoded` had to be read for it.
    """

    query: str
    corpus: Corpus
    pools: Mapping[Method, Ranking]
    mode: Method = "both"
    k: int = 10
    word_notes: tuple[str, ...] = ()
    meaning_notes: tuple[str, ...] = ()
    card: EncoderInfo | None = None
    encoded: int = 0

    def hits(self, method: Method | None = None, k: int | None = None) -> tuple[Hit, ...]:
        """Return the first `k` of one method; None stands for the mode and the number that were asked for."""
        method, k = method or self.mode, k or self.k
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

    def source_row(self, hit: Hit) -> int:
        """Return the row of the file that a text comes from, counted from 1."""
        return int(self.corpus.rows[hit.row]) + 1

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of the query as it was put."""
        notes = {"meaning": self.meaning_notes, "words": self.word_notes}
        return notes.get(self.mode, (*self.word_notes, *self.meaning_notes))

    @property
    def sentence(self) -> str:
        """How many texts were found and which comes first, or why none."""
        hits = self.hits()
        if not hits:
            return self.pools[self.mode].problem or "Nothing was found."
        first = " ".join(self.corpus.texts[hits[0].row].split())
        first = beginning(first, LONGEST)
        return " ".join(
            (f"{counted(len(hits), 'text')} for “{self.query}” {BY[self.mode]}, first of all “{first}”.", *self.notes)
        )

    def facts(self) -> dict[str, Any]:
        """Return what the command `search` prints as JSON."""
        told = {
            "query": self.query,
            "mode": self.mode,
            "read": self.corpus.reading(),
            "texts": len(self.corpus),
            "hits": [self._fact(hit) for hit in self.hits()],
            "notes": list(self.notes),
        }
        if self.card is None:
            return told
        return told | {"model": self.card.model, "runtime": self.card.runtime, "encoded_now": self.encoded}

    def _fact(self, hit: Hit) -> dict[str, Any]:
        facts = {
            "rank": hit.rank,
            "score": round(hit.score, 6),
            "row": self.source_row(hit),
            "copies": hit.copies,
            "text": self.corpus.texts[hit.row],
        }
        return facts if self.card is None else facts | {"also": dict(hit.others)}

    def table(self) -> pd.DataFrame:
        """Return the texts that were found, best first, each with its row (from 1) and its rank by the other methods.

        A rank is missing where a text is not among the first hundred of a method.
        """
        import pandas as pd

        facts = [self._fact(hit) for hit in self.hits()]
        others = [one for one in METHODS if one != self.mode and self.card]
        ranks = {f"rank by {one}": pd.array([fact["also"][one] for fact in facts], dtype="Int64") for one in others}
        return pd.DataFrame(facts, columns=["rank", "score", "row", "copies", "text"]).assign(**ranks)


def search(
    of: Corpus | Space,
    query: str,
    mode: Method = "both",
    k: int = 10,
    *,
    how: EmbeddingChoice | None = None,
    index: WordIndex | None = None,
    lean: CompactIndex | None = None,
    encoder: Callable[[], Encoder] | None = None,
    stages: Stages | None = None,
) -> SearchResult:
    """Return what `query` finds in some texts, each distinct one once; by words alone no model is opened.

    By meaning: the highest cosines to the query's vector, exactly, or through `lean`, an index of the distinct texts'
    vectors. By words: the highest BM25 scores in `index`. By both: reciprocal rank fusion of the first hundred of each.
    `how` says with which model a corpus is read, or was; `encoder` opens that model. They and `index` are made where
    they are not given. Where the model can't read the query, a note says so. Raises `EmbedlabError` for a query of
    nothing but blanks, `k` below 1, an unknown mode or model, and by meaning alone where the query can't be read.
    """
    if not query.strip():
        raise EmbedlabError("There is nothing to look for: type some words, a question or a whole sentence.")
    if k < 1 or mode not in METHODS:
        raise EmbedlabError(f"Search for 1 text or more, by one of {', '.join(METHODS)}: not for {k} by “{mode}”.")
    corpus, query, stages = of if isinstance(of, Corpus) else of.corpus, well_formed(query), stages or Stages()
    if index is None:
        with stages.stage("index"):
            index = word_index(corpus, report=stages.report)
    count, told = max(POOL, k), word_notes(index, query)
    if mode == "words":
        with stages.stage("search"):
            pools: dict[Method, Ranking] = {"meaning": nothing(""), "words": nothing(""), "both": nothing("")}
            return SearchResult(query, corpus, pools | {"words": by_words(index, query, count)}, mode, k, told)
    space, how, encoder = _read(of, how, encoder, stages)
    left_out = unread_note(space) if isinstance(of, Corpus) else None
    if left_out is not None:  # an index has a place for each text
        corpus = space.corpus
        index = word_index(corpus, report=stages.report)
        told = (left_out.sentence, *word_notes(index, query))
    with stages.stage("search"):
        pools = rankings(query, space, index, lambda text: query_vector(encoder(), text, how.dimensions), lean, count)
    problem = pools["meaning"].problem
    if problem and mode == "meaning":
        raise EmbedlabError(problem)
    read: tuple[str, ...] = (problem,)
    if not problem:
        opened = encoder()  # a transformer's layers would first have to be converted to take the query apart
        read = meaning_notes(opened, query, apart=opened.card.window == NO_WINDOW)
    return SearchResult(query, corpus, pools, mode, k, told, read, space.card, space.encoded)


def _read(
    of: Corpus | Space, how: EmbeddingChoice | None, encoder: Callable[[], Encoder] | None, stages: Stages
) -> tuple[Space, EmbeddingChoice, Callable[[], Encoder]]:
    """Return the texts as a model sees them, how, and what opens the model."""
    if isinstance(of, Space):
        how = how or choice_of(of.card)
        return of, how, encoder or partial(reader, of, how)
    how = how or EmbeddingChoice()
    made = embed(of, how, stages)
    opened = made.encoder
    return made.space, how, encoder or (partial(reader, made.space, how) if opened is None else lambda: opened)


def rankings(
    query: str,
    space: Space,
    index: WordIndex,
    read: Callable[[str], Vectors],
    lean: CompactIndex | None = None,
    count: int = POOL,
) -> dict[Method, Ranking]:
    """Return the first `count` texts by each method; `read` makes the query's vector (d,).

    Where `read` raises `EmbedlabError`, its sentence stands in for the hits by meaning.
    """
    start = time.perf_counter()
    try:
        meant = by_meaning(space, read(query), lean, count)
    except EmbedlabError as error:
        meant = nothing(str(error))
    meant, start = meant.timed(start), time.perf_counter()
    worded = by_words(index, query, count).timed(start)
    return {"meaning": meant, "words": worded, "both": fused(meant, worded, count=count)}


# --- What becomes of a query ---------------------------------------------------------------------


def word_notes(index: WordIndex, query: str) -> tuple[str, ...]:
    """Return what to know of the query as it is looked for by words: which of them no text has."""
    terms = index.terms(query)
    missing = [" / ".join(term.words) for term in terms if term.term is not None and not term.texts]
    if not missing or len(missing) == len([term for term in terms if term.term is not None]):
        return ()
    return (f"No text has {_named(missing)}: by words, the rest of the query decides.",)


def meaning_notes(encoder: Encoder, query: str, apart: bool = True) -> tuple[str, ...]:
    """Return what to know of the query as the model reads it: an end that is not read, words without a vector.

    The latter only if the query may be taken `apart`, which makes a transformer convert its layers the first time.
    """
    notes = []
    if over_window(encoder, [query])[0]:
        notes.append(
            f"The query is longer than the {encoder.card.window} tokens that {encoder.card.model} reads: by meaning "
            "its end does not count, by words it does."
        )
    unknown, known = _read_words(encoder, query) if apart else ([], 0)
    if unknown and not known:
        notes.append(
            f"{encoder.card.model} knows no word of this query: what it gives by meaning lies in the middle of "
            "everything, not near the query. Rely on the words, or choose a model for this language."
        )
    elif unknown:
        notes.append(f"{encoder.card.model} does not know {_named(unknown)}: by meaning, the rest decides.")
    else:
        read = known_share(encoder, [query])
        if read is not None and read.sentence:
            notes.append(f"By meaning: {read.sentence}")
    return tuple(notes)


def _read_words(encoder: Encoder, query: str) -> tuple[list[str], int]:
    """Return the words of the query that no known piece covers, and how many others there are."""
    parts = parts_of(encoder, query, query=True)
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


def _named(words: Sequence[str]) -> str:
    return listed((word[:40] for word in words), NAMED)


# --- Why a text was found ------------------------------------------------------------------------


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
    """Return the text of `row` with each word weighed by its part in the cosine to the query (see `explain`)."""
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
