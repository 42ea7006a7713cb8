"""Questions put to single words: what is near, what relates them, which is odd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, best, frozen
from embedlab.base.english import joined, percent
from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import Vectors
from embedlab.text.same import firsts, folded

Method = Literal["add", "multiply"]

MOST_ASKED = 2_000
EPSILON = 1e-3
HARDLY = 0.02
_QUESTIONS_AT_ONCE = 256
_SAMPLE = 400
SHOWN = 60
NO_WORDS = "There are no words to choose from: list some of your own, or take those of your texts."


@dataclass(frozen=True, eq=False)
class Words:
    """Words as one encoder sees them, each on its own.

    `vectors` is float32 (n, d), rows of length 1. `encode` makes such vectors of what is not among the words;
    `cut` returns the pieces as which the encoder reads a text, none for one of which it knows nothing.
    """

    words: tuple[str, ...]
    vectors: Vectors
    encode: Callable[[Sequence[str]], Vectors]
    cut: Callable[[str], tuple[str, ...]] = lambda text: (text,)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and text.casefold() in self._rows

    def row(self, text: str) -> int | None:
        """Return the row of a word, written with or without capital letters; None if it isn't among them."""
        return self._rows.get(text.casefold())

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of words or other texts, float32 (len(texts), d), whether among the words or not.

        Raises `EmbedlabError` for an empty text, and for one of which the encoder knows nothing.
        """
        self._check(texts)
        vectors = np.empty((len(texts), self.vectors.shape[1]), dtype=np.float32)
        rows = [self.row(text) for text in texts]
        new = [place for place, row in enumerate(rows) if row is None]
        for place, row in enumerate(rows):
            if row is not None:
                vectors[place] = self.vectors[row]
        if new:
            vectors[new] = self.encode([texts[place] for place in new])
        return vectors

    @cached_property
    def nearest_cosines(self) -> Floats:
        """The cosine to the nearest other word, float64 in rising order, of up to 400 words drawn with seed 0."""
        rows = np.random.default_rng(0).permutation(len(self))[:_SAMPLE]
        cosines = self.vectors[rows] @ self.vectors.T
        cosines[np.arange(len(rows)), rows] = -np.inf
        return np.sort(cosines.max(axis=1).astype(np.float64)) if len(self) > 1 else np.empty(0)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word.casefold(): row for row, word in reversed(list(enumerate(self.words)))}

    def _check(self, texts: Sequence[str]) -> None:
        for text in texts:
            if not text.strip():
                raise EmbedlabError("A word is missing: type one in every box.")
            if text not in self and not self.cut(text):
                raise EmbedlabError(self._unknown(text))

    def _unknown(self, text: str) -> str:
        likely = [word for word in self.words if abs(len(word) - len(text)) <= 2]
        near = get_close_matches(text.casefold(), likely, n=3, cutoff=0.75)
        advice = (
            f"did you mean {joined([f'“{word}”' for word in near], 'or')}?"
            if near
            else "try another word, or another model."
        )
        return f"The model knows nothing of “{text[:SHOWN]}”, not even parts of it, so it has no vector: {advice}"


# --- Near words and analogies --------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class RankedWords:
    """Words in order, the best first, with their `scores`, float64 (k,)."""

    words: tuple[str, ...]
    scores: Floats

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True, eq=False)
class Analogy:
    """The answers to “a is to b as c is to ?”.

    `with_given` is the word that would come first if the three that were given were not left out. `near_b` and
    `near_c` are the nearest words to b and to c alone, the given ones left out: an answer that is one of them didn't
    need the analogy (Linzen, "Issues in evaluating semantic spaces using word analogies", 2016).
    """

    given: tuple[str, str, str]
    method: Method
    found: RankedWords
    with_given: str
    near_b: str
    near_c: str

    @property
    def caveat(self) -> str:
        """How far to trust the answer."""
        best = self.found.words[0]
        said = f"The three given words are left out, as is usual; otherwise “{self.with_given}” would come first."
        for given, near in ((self.given[2], self.near_c), (self.given[1], self.near_b)):
            if near == best:
                return f"{said} “{best}” is also the nearest word to “{given}” alone: the analogy adds little here."
        return f"{said} The nearest word to “{self.given[2]}” alone is “{self.near_c}”: the other two moved the answer."


def nearest_words(words: Words, text: str, k: int = 20) -> RankedWords:
    """Return the `k` words with the highest cosine to `text`, which may be a word or a sentence, without itself."""
    _need_words(words)
    cosines = words.vectors @ words.of([text])[0]
    return _best(words, cosines, k, _rows_of(words, [text]))


def nearness(words: Words, found: RankedWords) -> str:
    """Return how near the nearest of `found` is, beside what is usual among the words."""
    told = f"The nearest is at cosine {found.scores[0]:.2f}"
    usual_ones = words.nearest_cosines
    if len(usual_ones) > 1:
        nearer = float((usual_ones >= found.scores[0]).mean())
        told += f"; {percent(nearer)} of the words here have a nearer one (of {len(usual_ones)} drawn at random)"
    return f"{told}. Near means used alike, which opposites are too: “hot” is near “cold”."


def analogy(words: Words, a: str, b: str, c: str, k: int = 10, method: Method = "add") -> Analogy:
    """Return the `k` best answers to “`a` is to `b` as `c` is to ?”, the three given words left out.

    "add" takes the cosine to b - a + c (3CosAdd; Mikolov, Yih and Zweig 2013). "multiply" takes cos(b) cos(c) / cos(a),
    each cosine moved to 0 to 1 (3CosMul; Levy and Goldberg 2014): no single one of the three can then rule the answer.
    Raises `EmbedlabError` for an empty or unknown word, and where `a` is also `b` or `c`.
    """
    _need_words(words)
    given = words.of([a, b, c])
    if folded(a) in (folded(b), folded(c)):
        raise EmbedlabError(
            f"“{a[:SHOWN]}” stands in the analogy twice, so that nothing is left to find: change one of the two."
        )
    scores = _scores(words, given[None], method)[0]
    out = _rows_of(words, (a, b, c))
    near = [_best(words, words.vectors @ vector, 1, out).words for vector in given[1:]]
    found = _best(words, scores, k, out)
    if not found:
        raise EmbedlabError("There are no other words to answer with: choose a longer list of words.")
    whole = _best(words, scores, 1, ()).words[0]
    return Analogy((a, b, c), method, found, whole, near[0][0], near[1][0])


def answers(words: Words, questions: Rows, method: Method = "add") -> Rows:
    """Return the row of the best answer to each question, int (q,); `questions` has the rows of a, b and c, (q, 3)."""
    best = np.empty(len(questions), dtype=np.intp)
    for start in range(0, len(questions), _QUESTIONS_AT_ONCE):
        some = questions[start : start + _QUESTIONS_AT_ONCE]
        scores = _scores(words, words.vectors[some], method)
        np.put_along_axis(scores, some, -np.inf, axis=1)
        best[start : start + len(some)] = scores.argmax(axis=1)
    return best


def _scores(words: Words, given: Vectors, method: Method) -> Vectors:
    """Return the score of each word for each question, float32 (q, n); `given` is (q, 3, d)."""
    a, b, c = given[:, 0], given[:, 1], given[:, 2]
    if method == "add":
        target = b - a + c
        lengths = np.linalg.norm(target, axis=1, keepdims=True)
        return np.asarray(target / np.maximum(lengths, 1e-9) @ words.vectors.T, dtype=np.float32)
    near = [(vectors @ words.vectors.T + 1) / 2 for vectors in (a, b, c)]
    return np.asarray(near[1] * near[2] / (near[0] + EPSILON), dtype=np.float32)


# --- The odd one out -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class OddOneOut:
    """Words by how little they have to do with the others: the oddest first.

    `means` is float64 (m,), the mean cosine of each to the others. `repeated` counts words left out as repeats.
    """

    words: tuple[str, ...]
    means: Floats
    repeated: int = 0

    @property
    def caveat(self) -> str:
        """How far to trust the choice."""
        gap, rest = float(self.means[1] - self.means[0]), float(self.means[-1] - self.means[1])
        first, second = self.words[:2]
        lead = "Hardly decided: " if gap < HARDLY else ""
        return (
            f"{lead}“{first}” lies {gap:.2f} below “{second}”, the next, and the others span {rest:.2f}. Some word is "
            "always the oddest: whether it is odd, and why, you have to judge."
        )


def odd_one_out(words: Words, asked: Sequence[str]) -> OddOneOut:
    """Return the words `asked`, the one with the lowest mean cosine to the others first.

    Raises `EmbedlabError` for fewer than three different words, too many, or an unknown one.
    """
    different = distinct(asked)
    if len(different) < 3:
        count = ("No word", "One word alone", "Two words")[len(different)]
        raise EmbedlabError(f"{count} can't show which is the odd one: give at least three different words.")
    check_count(asked)
    vectors = words.of(different).astype(np.float64)
    means = (vectors @ vectors.sum(axis=0) - 1) / (len(different) - 1)
    order = np.argsort(means, kind="stable")
    return OddOneOut(tuple(different[place] for place in order), frozen(means[order]), len(asked) - len(different))


# --- What they share -----------------------------------------------------------------------------


def distinct(texts: Sequence[str]) -> tuple[str, ...]:
    """Return `texts` in order without repeats, also those in other capitals, white space or form."""
    return tuple(texts[at] for at in firsts(texts, folded))


def check_count(asked: Sequence[str]) -> None:
    """Raise `EmbedlabError` for more words than can be compared at once."""
    if len(asked) > MOST_ASKED:
        raise EmbedlabError(f"{len(asked):,} words are too many to compare at once: give up to {MOST_ASKED:,}.")


def _need_words(words: Words) -> None:
    if not len(words):
        raise EmbedlabError(NO_WORDS)


def _rows_of(words: Words, texts: Sequence[str]) -> list[int]:
    return [row for row in map(words.row, texts) if row is not None]


def _best(words: Words, scores: NDArray[np.floating], k: int, out: Sequence[int]) -> RankedWords:
    scores = np.array(scores, dtype=np.float64)
    scores[list(out)] = -np.inf
    k = min(k, len(words) - len(set(out)))
    rows = best(scores, k)
    return RankedWords(tuple(words.words[row] for row in rows), frozen(scores[rows]))
