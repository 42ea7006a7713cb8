"""Why are two texts alike? Their cosine taken apart: piece by piece where it is a sum, else by leaving words out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from embedlab.base.arrays import Flags, Floats, Rows, Singles, frozen
from embedlab.base.english import counted, percent
from embedlab.base.errors import EmbedlabError
from embedlab.base.result import Result
from embedlab.corpus.export import csv_bytes
from embedlab.encoders import Encoder
from embedlab.encoders.base import unit
from embedlab.encoders.capabilities import TokenContributions, parts_of, pieces_of
from embedlab.encoders.known import KnownPair, known_pair
from embedlab.space.embedding import one_by_one
from embedlab.space.space import Space
from embedlab.text.normalise import well_formed
from embedlab.text.tokenise import word_spans

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["exact", "left out"]

MOST_WORDS = 200
ALL_PAIRS = 500_000
SAMPLED_PAIRS = 200_000
HISTOGRAM_BINS = 80
_SAME_COSINE = 1e-6


@dataclass(frozen=True, eq=False)
class Weighed:
    """A text, and what each of its pieces gives to a cosine.

    `spans` is int (p, 2), where in `text` each piece begins and ends, equal for a piece that stands for no character;
    `weights` is float64 (p,). `unknown` is bool (p,), whether the model has learned nothing of a piece; None where it
    doesn't tell.
    """

    text: str
    pieces: tuple[str, ...]
    spans: Rows
    weights: Floats
    unknown: Flags | None = None

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def outside(self) -> float:
        """What the pieces that stand for no character give, such as a model's special tokens."""
        return float(self.weights[self.spans[:, 0] == self.spans[:, 1]].sum())

    def facts(self) -> dict[str, Any]:
        """Return the text and its pieces as plain values; `unknown` are the places (from 0) of those unknown."""
        rows = zip(self.pieces, *self.spans.T.tolist(), self.weights.tolist(), strict=True)
        heads = ("piece", "start", "end", "contribution")
        unknown = [] if self.unknown is None else np.flatnonzero(self.unknown).tolist()
        return {"text": self.text, "pieces": [dict(zip(heads, row, strict=True)) for row in rows], "unknown": unknown}


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Result):
    """The cosine of two texts, and what carries it.

    By the method "exact", `pairs` is float64 (p, q): what each piece of the first and each of the second give
    together. They add up to the cosine, and so do the weights of either text. By "left out", a word's weight is how
    much the cosine falls without it; these need not add up, and `pairs` is None. `read_to` says how many words of
    each text were left out in turn, where that is not all. `known` says what the model doesn't know of the two texts.
    """

    cosine: float
    method: Method
    first: Weighed
    second: Weighed
    pairs: Floats | None = None
    read_to: int | None = None
    known: KnownPair | None = None

    @property
    def doubt(self) -> str:
        """Why the cosine may say little: pieces that the model doesn't know, or no difference; "" where it doesn't."""
        return self.known.sentence if self.known else ""

    def by_word(self) -> Explanation:
        """Return the same with the pieces of each word put together; special tokens stay by themselves."""
        if self.pairs is None:
            return self
        rows, columns = _words_of(self.first), _words_of(self.second)
        by_row = np.add.reduceat(self.pairs, [word[0] for word in rows], axis=0)
        pairs = np.add.reduceat(by_row, [word[0] for word in columns], axis=1)
        first, second = _joined(self.first, rows), _joined(self.second, columns)
        return replace(self, first=first, second=second, pairs=frozen(pairs))

    def strongest(self, count: int) -> list[tuple[str, str, float]]:
        """Return up to `count` pairs of pieces that give most, as (first, second, what they give), the most first."""
        if self.pairs is None:
            return []
        order = np.argsort(-self.pairs, axis=None, kind="stable")[:count]
        places = zip(*np.unravel_index(order, self.pairs.shape), strict=True)
        return [(self.first.pieces[i], self.second.pieces[j], float(self.pairs[i, j])) for i, j in places]

    @property
    def sentence(self) -> str:
        """The cosine, what gives most to it, and what there is to doubt."""
        return f"{self._most} {self.doubt}" if self.doubt else self._most

    @property
    def _most(self) -> str:
        if self.pairs is not None:
            ((first, second, share),) = self.strongest(1)
            return f"The cosine is {self.cosine:.3f}; “{first}” and “{second}” give most to it, {share:.3f}."
        piece, fall = max(((piece, fall) for _, piece, fall in self._rows()), key=lambda row: row[1])
        return f"The cosine is {self.cosine:.3f}; without “{piece}” it would fall most, by {fall:.3f}."

    def _rows(self) -> Iterator[tuple[str, str, float]]:
        for name, weighed in (("first", self.first), ("second", self.second)):
            yield from ((name, *row) for row in zip(weighed.pieces, weighed.weights.tolist(), strict=True))

    def table(self) -> pd.DataFrame:
        """Return each piece of both texts ("first", "second") with what it gives to the cosine."""
        import pandas as pd

        return pd.DataFrame(self._rows(), columns=["text", "piece", "contribution"])

    def facts(self) -> dict[str, Any]:
        """Return the cosine, the method, and both texts with each piece's place in characters and what it gives."""
        texts = {"first": self.first.facts(), "second": self.second.facts()}
        known = self.known.facts() if self.known else None
        return {"cosine": self.cosine, "method": self.method, **texts, "words_tried": self.read_to, "known": known}

    @property
    def detail(self) -> str:
        """How the weights were computed, and what they do not say."""
        if self.method == "exact":
            return (
                "Exact: this model's vector of a text is a sum over its pieces, so each pair of pieces gives a share, "
                "and the shares add up to the cosine. A piece's vector has taken in its neighbours wherever the model "
                "reads in context, so a share is not the word's alone."
            )
        cut = f" Only the first {self.read_to:,} words of each text were tried." if self.read_to else ""
        return (
            "One word left out at a time: a word's weight is how much the cosine falls without it. The weights need "
            f"not add up to the cosine: words that say the same thing stand in for each other.{cut}"
        )


def explain(
    encoder: Encoder, first: str, second: str, dimensions: int | None = None, query: bool = False
) -> Explanation:
    """Return what carries the cosine of two texts, exactly where the encoder's vectors are sums over pieces.

    `dimensions` keeps only the first ones, as the space does; `query` reads the first text as a query. With unit
    vectors u = Σ c_i / |Σ c_i| and v likewise, the pair (i, j) gives c_i · d_j / (|Σ c| |Σ d|). Raises
    `EmbedlabError` for a text of nothing but blanks, and what the encoder raises.
    """
    _check(first, second)
    parts = parts_of(encoder, first, query)
    others = parts_of(encoder, second) if parts is not None else None
    if parts is None or others is None:
        return leave_out(encoder, first, second, dimensions, query)
    left, right = _scaled(parts, dimensions), _scaled(others, dimensions)
    pairs = left @ right.T
    return Explanation(
        cosine=float(np.clip(pairs.sum(), -1, 1)),
        method="exact",
        first=_told(encoder, Weighed(parts.text, parts.pieces, parts.spans, frozen(pairs.sum(axis=1)))),
        second=_told(encoder, Weighed(others.text, others.pieces, others.spans, frozen(pairs.sum(axis=0)))),
        pairs=frozen(pairs),
        known=known_pair(encoder, first, second),
    )


def leave_out(
    encoder: Encoder, first: str, second: str, dimensions: int | None = None, query: bool = False
) -> Explanation:
    """Return how much the cosine of two texts falls without each of their words; any encoder will do.

    That is one call a text, of as many texts as it has words and one (up to `MOST_WORDS`). A text's only word has all
    of the cosine. Raises `EmbedlabError` for a text of nothing but blanks, and what the encoder raises.
    """
    _check(first, second)
    texts = tuple(map(well_formed, (first, second)))
    # all of a text that has no word
    spans = tuple(np.array(list(word_spans(text)) or [(0, len(text))], dtype=np.intp) for text in texts)
    without = [_without(text, found[:MOST_WORDS]) for text, found in zip(texts, spans, strict=True)]
    left = _encoded(encoder, [texts[0], *without[0]], dimensions, query)
    right = _encoded(encoder, [texts[1], *without[1]], dimensions, False)
    cosine = float(np.clip(left[0] @ right[0], -1, 1))
    weighed = (
        _told(encoder, _fallen(texts[0], spans[0], cosine, left[1:] @ right[0])),
        _told(encoder, _fallen(texts[1], spans[1], cosine, right[1:] @ left[0])),
    )
    read_to = MOST_WORDS if max(map(len, spans)) > MOST_WORDS else None
    known = known_pair(encoder, first, second)
    return Explanation(cosine, "left out", *weighed, read_to=read_to, known=known)


def explanation_csv(explanation: Explanation) -> bytes:
    """Return what carries a cosine as a CSV file: a row for each pair of pieces, or for each word left out."""
    first, second = explanation.first, explanation.second
    if explanation.pairs is None:
        rows = ((name, piece, round(fall, 6)) for name, piece, fall in explanation._rows())
        return csv_bytes(["text", "without", "cosine falls by"], rows)
    shares = explanation.pairs.round(6).tolist()
    cells = (
        [piece, other, share]
        for piece, row in zip(first.pieces, shares, strict=True)
        for other, share in zip(second.pieces, row, strict=True)
    )
    return csv_bytes(["first", "second", "part of the cosine"], cells)


def _told(encoder: Encoder, weighed: Weighed) -> Weighed:
    """Return a text with which of its pieces hold nothing that the encoder knows; as it is where that isn't told."""
    cut = pieces_of(encoder, [weighed.text])
    if cut is None:
        return weighed
    (read,) = cut
    first, last = weighed.spans.T[:, :, np.newaxis]
    inside = (read.spans[:, 0] < last) & (read.spans[:, 1] > first)
    unknown = inside.any(axis=1) & ~(inside & read.known).any(axis=1)
    return replace(weighed, unknown=frozen(unknown))


def _check(first: str, second: str) -> None:
    for text, which in ((first, "first"), (second, "second")):
        if not text.strip():
            raise EmbedlabError(f"The {which} text is empty: type one to compare.")


def _scaled(parts: TokenContributions, dimensions: int | None) -> Floats:
    vectors = parts.vectors[:, :dimensions].astype(np.float64)
    length = float(np.linalg.norm(vectors.sum(axis=0)))
    if not length:
        raise EmbedlabError(f"The model gave no usable vector for “{parts.text[:60]}”: try another text or model.")
    return np.asarray(vectors / length)


def _encoded(encoder: Encoder, texts: Sequence[str], dimensions: int | None, query: bool) -> Floats:
    """Return the vectors of a text and of what is left of it; zeros where the model can't read what is left."""
    try:
        made = encoder.encode(texts, query)
    except EmbedlabError:
        made = np.vstack([encoder.encode(texts[:1], query), one_by_one(encoder, texts[1:], query)])
    return unit(made[:, :dimensions]).astype(np.float64)


def _without(text: str, spans: Rows) -> list[str]:
    """Return `text` without each of its words in turn; nothing where it has only one."""
    if len(spans) == 1:
        return []
    return [" ".join((text[:start] + " " + text[end:]).split()) for start, end in spans.tolist()]


def _fallen(text: str, spans: Rows, cosine: float, left: Floats) -> Weighed:
    """Return by how much the cosine falls to `left`; all of it where nothing was left."""
    falls = cosine - left
    falls = falls if len(falls) else np.array([cosine])
    spans = spans[: len(falls)]
    pieces = tuple(text[start:end] for start, end in spans.tolist())
    return Weighed(text, pieces, frozen(spans.copy()), frozen(falls.copy()))


def _words_of(weighed: Weighed) -> list[list[int]]:
    """Return the places of the pieces of each word: those that touch, letter to letter, or share one are of one."""
    words: list[list[int]] = []
    before, ends = 0, -1
    for place, (start, end) in enumerate(weighed.spans.tolist()):
        # A model that takes syllables or accents apart has several pieces in one character.
        shared = before <= start < ends and end <= ends
        if start < end and (shared or (start == ends and _within(weighed.text, start))):
            words[-1].append(place)
        else:
            words.append([place])
        before, ends = start, end
    return words


def _within(text: str, place: int) -> bool:
    """Return whether a word goes on at `place`."""
    start = next((start for start, end in word_spans(text, max(0, place - 64)) if end > place), place)
    return start < place


def _joined(weighed: Weighed, words: list[list[int]]) -> Weighed:
    spans = np.array([(weighed.spans[word[0], 0], weighed.spans[word[-1], 1]) for word in words], dtype=np.intp)
    pieces = tuple(
        weighed.pieces[word[0]] if len(word) == 1 else weighed.text[start:end]
        for word, (start, end) in zip(words, spans.tolist(), strict=True)
    )
    weights = np.add.reduceat(weighed.weights, [word[0] for word in words])
    unknown = None if weighed.unknown is None else frozen(np.array([weighed.unknown[word].all() for word in words]))
    return Weighed(weighed.text, pieces, frozen(spans), frozen(weights), unknown)


# --- Where a cosine stands among all -------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Standing:
    """The cosines of the pairs of distinct texts of a space: all of them, or a sample.

    `cosines` is float32 (pairs,), in rising order; `sampled` says whether it is a sample.
    """

    cosines: Singles
    sampled: bool

    def __len__(self) -> int:
        return len(self.cosines)

    def below(self, cosine: float) -> float:
        """Return the share (0 to 1) of the pairs that are less alike; pairs exactly as alike count half."""
        low, high = np.searchsorted(self.cosines, [cosine - 1e-6, cosine + 1e-6])
        return float(low + high) / (2 * len(self.cosines)) if len(self.cosines) else float("nan")

    def histogram(self) -> tuple[Floats, Floats]:
        """Return the shares of the pairs in `HISTOGRAM_BINS` bins, and the bins' edges."""
        counts, edges = np.histogram(self.cosines, HISTOGRAM_BINS)
        return counts / max(1, len(self.cosines)), edges.astype(np.float64)

    def sentence(self, cosine: float) -> str:
        """Where `cosine` stands, in words."""
        if not len(self):
            return "There are no other pairs to compare with."
        if np.ptp(self.cosines) < _SAME_COSINE:
            return f"All {len(self):,} pairs of these texts are as alike: the model sees no difference between them."
        share = self.below(cosine)
        all_of = "the only pair" if len(self) == 1 else f"all {len(self):,} pairs"
        of = f"{counted(len(self), 'pair')} drawn at random" if self.sampled else all_of
        if share >= 1 - 0.5 / len(self):
            return f"More alike than every one of {of} of these texts."
        shown = f"{100 * min(share, 0.9999):.2f} %" if share > 0.99 else percent(share)
        return f"More alike than {shown} of {of} of these texts."


def standing(space: Space, seed: int = 0) -> Standing:
    """Return the cosines of all pairs of distinct texts; of 200,000 random pairs where they are over 500,000."""
    rows, _ = space.corpus.distinct
    count = len(rows)
    if count * (count - 1) // 2 <= ALL_PAIRS:
        vectors = space.vectors[rows]
        cosines = (vectors @ vectors.T)[np.triu_indices(count, 1)]
        return Standing(frozen(np.sort(cosines)), False)
    rng = np.random.default_rng(seed)
    first = rng.integers(0, count, SAMPLED_PAIRS)
    second = (first + rng.integers(1, count, SAMPLED_PAIRS)) % count
    cosines = np.empty(SAMPLED_PAIRS, dtype=np.float32)
    for start in range(0, SAMPLED_PAIRS, 20_000):
        some = slice(start, start + 20_000)
        cosines[some] = np.einsum("nd,nd->n", space.vectors[rows[first[some]]], space.vectors[rows[second[some]]])
    return Standing(frozen(np.sort(cosines)), True)
