"""An index by words: BM25 over the distinct texts of a corpus, in any script."""

from __future__ import annotations

import logging
import re
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
from embedlab.text.forms import forms
from embedlab.text.normalise import alike, well_formed
from embedlab.text.tokenise import compounds, index_form, index_spans, index_words, with_marks

K1, B = 0.9, 0.4
AT_ONCE = 5_000
ENGLISH_SAMPLE = 1_000
LEAST_ENGLISH = 0.03
# Frequent in English, and rare in the languages that share its alphabet.
_ENGLISH = frozenset(("the", "and", "with", "this", "that", "from", "what", "how", "my", "you", "your"))


@dataclass(frozen=True)
class Term:
    """What is looked for: one term of a query, `words` as the query writes it, `weight` how often.

    `term` is None for an English stop word, `texts` the number of distinct texts that have the term. `forms` are the
    ways in which it stands in the texts: mostly itself alone, with particles and articles in some languages.
    """

    term: str | None
    words: tuple[str, ...]
    weight: int
    texts: int
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class WordIndex:
    """BM25 over distinct texts, numbered in order of first appearance as `Corpus.distinct` numbers them.

    The variant is Lucene's with k1 = 0.9 and b = 0.4 (Kamphuis et al., "Which BM25 do you mean?", ECIR 2020), which
    counts each distinct text once. Words are compared without regard to case, width and accents; scripts without
    spaces as overlapping pairs of characters. A word with hyphens counts as its parts and as one (e-mail as email,
    too). Where `stemmed`, English words are compared by their stems (Snowball) and stop words left out; words of other
    languages are compared as they are, but for what their scripts write onto a word (see `embedlab.text.forms`): such
    forms count as one term, by how many texts have any of them.
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
        for word in compounded(query):
            if (term := reader.term(word)) in self.numbers:
                found.setdefault(term, []).append(word)
        return tuple(self._term(term, written) for term, written in found.items())

    def _term(self, term: str, written: Sequence[str]) -> Term:
        distinct = tuple(dict.fromkeys(written))
        if term.startswith("\0"):
            return Term(None, distinct, len(written), 0)
        own = self._forms(term)
        return Term(term, distinct, len(written), len(self._postings(own)[0]), own)

    def _forms(self, term: str) -> tuple[str, ...]:
        """Return the terms of the texts that are forms of `term`, itself first; none where no text has any."""
        own = (term,) if term in self.numbers else ()
        pattern = forms(term)
        if pattern is None:
            return own
        found = re.finditer(f"^{pattern.pattern}$", self._foreign, re.MULTILINE)
        return own + tuple(one[0] for one in found if one[0] != term)

    @cached_property
    def _foreign(self) -> str:
        """All terms that are not of plain letters, a line each."""
        return "\n".join(term for term in self.numbers if not term.isascii())

    def scores(self, query: str) -> Singles:
        """Return the BM25 score of each distinct text, float32 (u,); 0 where it has none of the query's terms."""
        known = [term for term in self.terms(query) if term.texts]
        if not known:
            return np.zeros(self.count, dtype=np.float32)
        numbers = [self.numbers[term.forms[0]] for term in known for _ in range(term.weight) if len(term.forms) == 1]
        found = np.zeros(self.count, dtype=np.float32)
        if numbers:
            found += np.asarray(self._bm25.get_scores_from_ids(numbers), dtype=np.float32)
        for term in known:
            if len(term.forms) > 1:
                places, scores = self._postings(term.forms)
                found[places] += term.weight * scores
        return found

    def shares(self, query: str, place: int) -> list[tuple[Term, float]]:
        """Return what each term of `query` gives to the score of the distinct text `place`; they add up to it."""
        found = []
        for term in self.terms(query):
            places, scores = self._postings(term.forms)
            here = np.flatnonzero(places == place)
            if term.term is not None and len(here):
                found.append((term, term.weight * float(scores[here[0]])))
        return found

    def matched(self, query: str, text: str) -> tuple[Rows, list[str]]:
        """Return where in `text` the query's terms stand, int (m, 2), and which term each is."""
        reader = _Reader(self.stemmed)
        wanted = {form: term.term for term in self.terms(query) for form in term.forms}
        found, spans = located_words(text, apart=False)
        terms = [wanted.get(reader.term(word)) for word in found]
        chosen = [place for place, term in enumerate(terms) if term is not None]
        return spans[chosen], [str(terms[place]) for place in chosen]

    def _postings(self, forms: Sequence[str]) -> tuple[NDArray[np.int32], Singles]:
        """Return the distinct texts that have any of some forms of one term, and its score in each."""
        each = [self._posting(form) for form in forms]
        if len(each) == 1:
            return each[0]
        if not each:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        places, place = np.unique(np.concatenate([places for places, _ in each]), return_inverse=True)
        rarity = self._rarity(len(places))
        scores = np.concatenate([scores * (rarity / self._rarity(len(places))) for places, scores in each])
        return places, np.bincount(place, weights=scores, minlength=len(places)).astype(np.float32)

    def _rarity(self, texts: int) -> float:
        """Return what a term counts that so many texts have: Lucene's inverse document frequency."""
        return float(np.log1p((self.count - texts + 0.5) / (texts + 0.5)))

    def _posting(self, term: str) -> tuple[NDArray[np.int32], Singles]:
        index, number = self._bm25.scores, self.numbers[term]
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
            text = corpus.texts[row]
            terms = map(reader.term, (*index_words(text), *compounded(text)))
            ids.append([numbers.setdefault(term, len(numbers)) for term in terms if term])
    watch.at(len(rows))
    return WordIndex(corpus.fingerprint, len(rows), stemmed, numbers, _bm25(ids, numbers) if numbers else None)


def looks_english(texts: Sequence[str]) -> bool:
    """Return whether enough words of a sample of `texts` are ones that hardly any other language has."""
    sample = texts[:: max(1, len(texts) // ENGLISH_SAMPLE)]
    found = [word for text in sample for word in index_words(text[:1000])]
    return sum(word in _ENGLISH for word in found) > LEAST_ENGLISH * len(found)


def compounded(text: str) -> list[str]:
    """Return the words of `text` that have hyphens, each as one word without."""
    return [word for word, _, _ in compounds(index_form(text))]


def located_words(text: str, apart: bool = True) -> tuple[list[str], Rows]:
    """Return the words of `text` (see `index_words`) and where each begins and ends in it, int (w, 2).

    Unless they are to be `apart` only, words with hyphens come once more as one. Where a text has nothing but
    punctuation, there are none.
    """
    clusters = with_marks(well_formed(text)) if not text.isascii() else list(text)
    folded = [index_form(cluster) for cluster in clusters] if not text.isascii() else clusters
    form = "".join(folded) if not text.isascii() else text.lower()
    found = [*index_spans(form), *(() if apart else compounds(form))]
    spans = np.array([(start, end) for _, start, end in found], dtype=np.intp).reshape(-1, 2)
    if text.isascii() or not found:
        return [word for word, _, _ in found], spans
    starts = np.cumsum([0, *map(len, clusters)])
    owner = np.repeat(np.arange(len(clusters)), np.array([len(part) for part in folded], dtype=np.intp))
    return [word for word, _, _ in found], np.stack([starts[owner[spans[:, 0]]], starts[owner[spans[:, 1] - 1] + 1]], 1)


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
            self._known[word] = self._made(alike(word))
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
