"""The lexical baseline: words counted and weighed (TF-IDF), then the directions in which these texts differ (SVD)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.encoders.base import LEXICAL, NO_WINDOW, EncoderInfo, ModelEntry, Vectors, unit
from embedlab.encoders.capabilities import Lexicon, Pieces, TokenContributions
from embedlab.encoders.tokens import located, proper_words
from embedlab.text.normalise import well_formed
from embedlab.text.tokenise import index_form, index_words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "tf-idf"
DIMENSIONS = 256
TRUNCATES_TO = (32, 64, 128)
# A text of whose length (1) the directions keep less than this is placed by its words instead.
LEAST_KEPT = 0.02
POWER_ITERATIONS = 5
# Changes whenever the vectors of the same texts change: with `index_words`, too.
METHOD = 2
# Stands for a text in which nothing can be seen.
BLANK = ""


def entries() -> tuple[ModelEntry, ...]:
    """Return the one lexical model; it needs nothing but the texts, and fitting it reads all of them."""
    return (
        ModelEntry(
            name=NAME,
            family=LEXICAL,
            ready=True,
            how="Part of embedlab: fitted to the texts each time they change.",
            open=lambda exact, texts: LexicalEncoder.fitted(texts),
            window=NO_WINDOW,
            dimensions=DIMENSIONS,
            languages="any",
            licence="none needed",
            truncates_to=TRUNCATES_TO,
            on_corpus=True,
        ),
    )


class LexicalEncoder:
    """TF-IDF and SVD (latent semantic analysis) of one corpus; `LexicalEncoder.fitted` makes one.

    Source: Deerwester et al., "Indexing by latent semantic analysis", JASIS 41 (1990).

    A text whose words are all rare may lie in none of the kept directions. What is left of it would be rounding
    noise, so such a text is placed by a random projection of its words, the same for each word everywhere: it lies
    near the texts that share its rare words and about at right angles to all others, as in TF-IDF itself.
    """

    def __init__(self, card: EncoderInfo, vectoriser: Any, directions: Vectors, seed: int) -> None:
        self.card = card
        self._vectoriser = vectoriser
        self._directions = directions
        self._seed = seed

    @classmethod
    def fitted(cls, texts: Sequence[str], dimensions: int = DIMENSIONS, seed: int = 0) -> LexicalEncoder:
        """Return the encoder fitted to the distinct `texts`; neither their order nor their repeats matter.

        There are as many dimensions as asked for, but no more than distinct texts or distinct words, so that few
        texts lose nothing. They are ordered: the first ones tell the most. Raises `EmbedlabError` for no texts.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.utils.extmath import randomized_svd

        distinct = sorted({well_formed(text) for text in texts})
        if not distinct:
            raise EmbedlabError("There are no texts to fit TF-IDF to: open a file or paste some lines that hold text.")
        vectoriser = TfidfVectorizer(analyzer=_terms, sublinear_tf=True, dtype=np.float32)
        weighed = vectoriser.fit_transform(distinct)
        kept = min(dimensions, *weighed.shape)
        _, _, directions = randomized_svd(weighed, kept, n_iter=POWER_ITERATIONS, random_state=seed)
        card = EncoderInfo(
            model=NAME,
            weights=fingerprint(METHOD, seed, distinct),
            dimensions=kept,
            window=NO_WINDOW,
            runtime="scikit-learn",
            kept=False,
            languages="any",
        )
        return cls(card, vectoriser, np.ascontiguousarray(directions.T, dtype=np.float32), seed)

    def refitted(self, texts: Sequence[str]) -> LexicalEncoder:
        """Return the same kind of encoder, fitted to other texts."""
        return LexicalEncoder.fitted(texts, seed=self._seed)

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), dimensions), rows of length 1; queries and documents are treated alike.

        Raises `EmbedlabError` for a text none of whose words is in the texts that the encoder was fitted to.
        """
        if not len(texts):
            return np.empty((0, self.card.dimensions), dtype=np.float32)
        weighed = self._vectoriser.transform([well_formed(text) for text in texts])
        unknown = np.flatnonzero(np.diff(weighed.indptr) == 0)
        if len(unknown):
            raise EmbedlabError(
                f"TF-IDF can't place “{texts[unknown[0]][:60]}”, none of whose words is in your texts: use words "
                "that are, or choose another model."
            )
        rows = np.asarray(weighed @ self._directions)
        for row in np.flatnonzero(np.linalg.norm(rows, axis=1) < LEAST_KEPT):
            rows[row] = self._projected(weighed, int(row))
        return unit(rows)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of words of each text; 0 for a text in which nothing can be seen."""
        return np.fromiter((len(index_words(text)) for text in texts), dtype=np.int32, count=len(texts))

    def parts(self, text: str, query: bool = False) -> TokenContributions:
        """Return the words that are in the texts it was fitted to; a repeated word's weight is shared out evenly.

        Raises `EmbedlabError` where there is none, as `encode` does.
        """
        self.encode([text])
        read = well_formed(text)
        folded = index_form(read)
        numbers = self._vectoriser.vocabulary_
        found = _terms(read)
        known = [place for place, word in enumerate(found) if word in numbers]
        rows = [numbers[found[place]] for place in known]
        weighed = self._vectoriser.transform([read])
        shares = np.array([weighed[0, row] / rows.count(row) for row in rows])
        vectors = shares[:, np.newaxis] * self._directions[rows].astype(np.float64)
        if np.linalg.norm(vectors.sum(axis=0)) < LEAST_KEPT:
            vectors = shares[:, np.newaxis] * np.stack([self._direction(row) for row in rows])
        spans = located(folded, found)[known]
        return TokenContributions(
            read if len(read) == len(folded) else folded, tuple(found[place] for place in known), spans, vectors
        )

    def read_pieces(self, texts: Sequence[str]) -> Iterator[Pieces]:
        """Yield each text's words, and whether they are in the texts that it was fitted to."""
        numbers = self._vectoriser.vocabulary_
        for text in texts:
            folded = index_form(text)
            words = [one for one in _terms(text) if one]
            known = np.array([word in numbers for word in words], dtype=bool)
            yield Pieces(tuple(words), located(folded, words), known)

    def lexicon(self) -> Lexicon:
        """Return the words of the texts that it was fitted to, those in most texts first."""
        numbers: dict[str, int] = self._vectoriser.vocabulary_
        rarity = self._vectoriser.idf_
        frequent = sorted(numbers, key=lambda word: (rarity[numbers[word]], word))
        return Lexicon(
            proper_words(frequent), lambda text: tuple(word for word in _terms(well_formed(text)) if word in numbers)
        )

    def _projected(self, weighed: csr_matrix, row: int) -> Vectors:
        inside = slice(weighed.indptr[row], weighed.indptr[row + 1])
        total = np.zeros(self.card.dimensions)
        for word, weight in sorted(zip(weighed.indices[inside], weighed.data[inside], strict=True)):
            total += weight * self._direction(int(word))
        return np.asarray(total, dtype=np.float32)

    def _direction(self, word: int) -> Floats:
        """Return the direction (d,) by which a word stands for itself, the same whenever it is asked for."""
        return np.random.default_rng((self._seed, word)).standard_normal(self.card.dimensions)


def _terms(text: str) -> list[str]:
    return index_words(text) or [BLANK]
