"""An index by words: BM25 over the distinct texts of a corpus, in any script."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, Singles, frozen
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.corpus import Corpus
from embedlab.encoders.tokens import located
from embedlab.text.normalise import unaccented, well_formed
from embedlab.text.tokenise import index_form, index_words, with_marks

K1, B = 0.9, 0.4
AT_ONCE = 5_000
ENGLISH_SAMPLE = 1_000
LEAST_ENGLISH = 0.03
# Frequent in English, and rare in the languages that share its alphabet.
_ENGLISH = frozenset(("the", "and", "with", "this", "that", "from", "what", "how", "my", "you", "your"))


@dataclass(frozen=True)
class Term:
    """What is looked for: one term of a query, `words` as the query writes it, `weight` how often.

    `term` is None for an English stop word, `texts` the number of distinct texts that have the term.
    """

    term: str | None
    words: tuple[str, ...]
    weight: int
    texts: int


@dataclass(frozen=True, eq=False)
class WordIndex:
    """BM25 over distinct texts, numbered in order of first appearance as `Corpus.distinct` numbers them.

    The variant is Lucene's with k1 = 0.9 and b = 0.4 (Kamphuis et al., "Which BM25 do you mean?", ECIR 2020), which
    counts each distinct text once. Words are compared without regard to case, width and accents; scripts without
    spaces as overlapping pairs of characters. Where `stemmed`, English words are compared by their stems (Snowball)
    and stop words left out; words of other languages are compared as they are.
    """

    corpus: str  # the corpus's fingerprint
    count: int  # distinct texts
    stemmed: bool
    numbers: dict[str, int]
    _bm25: Any  # None where no text has a word

    def __len__(self) -> int:
        return self.count

    @cached_property
    def fingerprint(self) -> str:
        """Stands for the texts and the way in which words are compared."""
        return fingerprint(self.corpus, "words", K1, B, self.stemmed)

    @property
    def bytes(self) -> int:
        """The bytes of the index, without the words themselves."""
        if self._bm25 is None:
            return 0
        return int(sum(self._bm25.scores[name].nbytes for name in ("data", "indices", "indptr")))

    def terms(self, query: str) -> tuple[Term, ...]:
        """Return the terms of `query`, each once, in order of first appearance."""
        reader = _Reader(self.stemmed)
        found: dict[str, list[str]] = {}
        for word in index_words(query):
            found.setdefault(reader.term(word) or f"\0{word}", []).append(word)
        return tuple(self._term(term, written) for term, written in found.items())

    def _term(self, term: str, written: Sequence[str]) -> Term:
        distinct = tuple(dict.fromkeys(written))
        if term.startswith("\0"):
            return Term(None, distinct, len(written), 0)
        return Term(term, distinct, len(written), len(self._postings(term)[0]))

    def scores(self, query: str) -> Singles:
        """Return the BM25 score of each distinct text, float32 (u,); 0 where it has none of the query's terms."""
        known = [term for term in self.terms(query) if term.texts]
        if not known:
            return np.zeros(self.count, dtype=np.float32)
        numbers = [self.numbers[str(term.term)] for term in known for _ in range(term.weight)]
        return np.asarray(self._bm25.get_scores_from_ids(numbers), dtype=np.float32)

    def shares(self, query: str, place: int) -> list[tuple[Term, float]]:
        """Return what each term of `query` gives to the score of the distinct text `place`; they add up to it."""
        found = []
        for term in self.terms(query):
            places, scores = self._postings(term.term or "")
            here = np.flatnonzero(places == place)
            if term.term is not None and len(here):
                found.append((term, term.weight * float(scores[here[0]])))
        return found

    def matched(self, query: str, text: str) -> tuple[Rows, list[str]]:
        """Return where in `text` the query's terms stand, int (m, 2), and which term each is."""
        reader, wanted = _Reader(self.stemmed), {term.term for term in self.terms(query)} - {None}
        found, spans = located_words(text)
        terms = [reader.term(word) for word in found]
        chosen = [place for place, term in enumerate(terms) if term in wanted]
        return spans[chosen], [terms[place] for place in chosen]

    def _postings(self, term: str) -> tuple[NDArray[np.int32], Singles]:
        """Return the distinct texts that have `term`, and its score in each."""
        number = self.numbers.get(term)
        if number is None:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        index = self._bm25.scores
        inside = slice(index["indptr"][number], index["indptr"][number + 1])
        return index["indices"][inside], index["data"][inside]


def word_index(corpus: Corpus, stemmed: bool | None = None, report: Report = no_report) -> WordIndex:
    """Return the index of `corpus`; `stemmed` None looks whether its texts are English."""
    rows, _ = corpus.distinct
    stemmed = looks_english(corpus.texts) if stemmed is None else stemmed
    reader = _Reader(stemmed)
    numbers: dict[str, int] = {}
    ids: list[list[int]] = []
    watch = Stopwatch("Reading the words", len(rows), report)
    for start in range(0, len(rows), AT_ONCE):
        watch.at(start)
        for row in rows[start : start + AT_ONCE].tolist():
            terms = map(reader.term, index_words(corpus.texts[row]))
            ids.append([numbers.setdefault(term, len(numbers)) for term in terms if term])
    watch.at(len(rows))
    return WordIndex(corpus.fingerprint, len(rows), stemmed, numbers, _bm25(ids, numbers) if numbers else None)


def looks_english(texts: Sequence[str]) -> bool:
    """Return whether enough words of a sample of `texts` are ones that hardly any other language has."""
    sample = texts[:: max(1, len(texts) // ENGLISH_SAMPLE)]
    found = [word for text in sample for word in index_words(text[:1000])]
    return sum(word in _ENGLISH for word in found) > LEAST_ENGLISH * len(found)


def located_words(text: str) -> tuple[list[str], Rows]:
    """Return the words of `text` (see `index_words`) and where each begins and ends in it, int (w, 2).

    A word that is written in a way that can't be found again has no extent.
    """
    found = index_words(text)
    text = well_formed(text)
    if text.isascii():
        return found, located(text.lower(), found)
    clusters = with_marks(text)
    folded = [index_form(cluster) for cluster in clusters]
    lengths = np.array([len(part) for part in folded], dtype=np.intp)
    starts = np.cumsum([0, *map(len, clusters)])
    owner = np.append(np.repeat(np.arange(len(clusters)), lengths), len(clusters))
    spans = located("".join(folded), found)
    empty = spans[:, 0] == spans[:, 1]
    ends = starts[owner[np.maximum(spans[:, 1] - 1, 0)] + 1] if len(clusters) else spans[:, 1]
    back = np.stack([starts[owner[spans[:, 0]]], ends], axis=1) if len(found) else spans
    back[empty] = 0
    return found, back


class _Reader:
    """From words to terms; each distinct word is looked at once. For one thread: a stemmer is not to be shared."""

    def __init__(self, stemmed: bool) -> None:
        self._stemmer, self._stop = None, frozenset[str]()
        if stemmed:
            import Stemmer
            from bm25s.stopwords import STOPWORDS_EN

            self._stemmer, self._stop = Stemmer.Stemmer("english", 0), frozenset(STOPWORDS_EN)
        self._known: dict[str, str] = {}

    def term(self, word: str) -> str:
        """Return the term that stands for `word`; "" for a stop word."""
        if word not in self._known:
            self._known[word] = self._made(unaccented(word))
        return self._known[word]

    def _made(self, word: str) -> str:
        if word in self._stop:
            return ""
        return str(self._stemmer.stemWord(word)) if self._stemmer and word.isascii() else word


def _bm25(ids: list[list[int]], numbers: dict[str, int]) -> Any:
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    made = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy")
    made.index((ids, numbers), create_empty_token=False, show_progress=False)
    for values in (made.scores["data"], made.scores["indices"], made.scores["indptr"]):
        frozen(values)
    return made
