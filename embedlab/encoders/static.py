"""Static token vectors: each token has one vector, and a text is the mean of its tokens. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, Singles
from embedlab.encoders.base import EncoderInfo, Vectors, unit
from embedlab.encoders.capabilities import Lexicon, TokenContributions
from embedlab.encoders.tokens import Cut
from embedlab.encoders.vocabulary import of_tokenizer, unknown_pieces
from embedlab.text.normalise import well_formed

RUNTIME = "SciPy fp32"
NOTHING = "(no known word)"


class StaticEncoder:
    """Token vectors and a tokenizer, computing what sentence-transformers' StaticEmbedding does.

    A vector is the mean over the tokens (special tokens are not added), scaled to length 1. A text that has no
    token, or whose token vectors add up to nothing, gets the mean of the whole vocabulary, scaled to length 1: no
    text stops the others, and such a text lies in the middle, near nothing in particular.

    model2vec itself differs in two points. It leaves out tokens that the vocabulary doesn't know, and it cuts each
    text at 512 tokens even where the tokenizer's file doesn't say so. Here a folder of model2vec is read as
    sentence-transformers reads it, so that the numbers are those of the library that most people use, and no text
    is cut unless the model's own files say it.
    """

    def __init__(self, card: EncoderInfo, tokenizer: Any, table: Vectors) -> None:
        """Take a `tokenizers.Tokenizer` and the vectors of its tokens, float32 (tokens, d), row by id."""
        self.card = card
        self._tokenizer = tokenizer
        self._table = table
        self._middle = middle(table)

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1."""
        return pooled(self._ids(texts, query), self._table, self._middle)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each whole text has."""
        encodings = self._whole.encode_batch_fast([well_formed(text) for text in texts], add_special_tokens=False)
        return np.fromiter(map(len, encodings), dtype=np.int32, count=len(texts))

    def unknown(self, texts: Sequence[str]) -> Singles:
        """Return the share of each whole text's tokens that the vocabulary doesn't have, (n,)."""
        return unknown_pieces(self._whole, texts)

    def parts(self, text: str, query: bool = False) -> TokenContributions:
        """Return the tokens with their vectors."""
        read = self.card.prompt_of(query) + well_formed(text)
        cut = Cut.of(self._tokenizer.encode(read, add_special_tokens=False), read)
        return summed(read, cut.pieces, cut.spans, self._table[list(cut.ids)], self._middle)

    def lexicon(self) -> Lexicon:
        """Return the words among its tokens."""
        return of_tokenizer(self._whole)

    def _ids(self, texts: Sequence[str], query: bool) -> list[list[int]]:
        prompt = self.card.prompt_of(query)
        read = [prompt + well_formed(text) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(read, add_special_tokens=False)]

    @cached_property
    def _whole(self) -> Any:
        from tokenizers import Tokenizer

        if not self._tokenizer.truncation:
            return self._tokenizer
        whole = Tokenizer.from_str(self._tokenizer.to_str())
        whole.no_truncation()
        return whole


def pooled(ids: Sequence[Sequence[int]], table: Vectors, instead: Vectors) -> Vectors:
    """Return the mean of the rows `ids` of `table` (tokens, d) for each text, as float32 rows of length 1.

    A text without ids, or whose rows add up to nothing, gets `instead` (d,). Only the rows that occur are read, so
    `table` may lie on disk.
    """
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *map(len, ids)])
    flat = np.fromiter(chain.from_iterable(ids), dtype=np.int64, count=int(ends[-1]))
    used, places = np.unique(flat, return_inverse=True)
    bags = csr_array((np.ones(len(flat), dtype=np.float32), places, ends), shape=(len(ids), len(used)))
    bags.sum_duplicates()
    vectors = unit(np.asarray(bags @ np.ascontiguousarray(table[used]), dtype=np.float64))
    vectors[~vectors.any(axis=1)] = instead
    return vectors


def summed(text: str, pieces: Sequence[str], spans: Rows, vectors: Vectors, instead: Vectors) -> TokenContributions:
    """Return the parts of a text whose vector `pooled` makes of `vectors` (p, d), or of `instead` (d,)."""
    mean = vectors.astype(np.float64) / max(1, len(vectors))
    if mean.sum(axis=0).any():
        return TokenContributions(text, tuple(pieces), spans, mean)
    return TokenContributions(text, (NOTHING,), np.zeros((1, 2), dtype=np.intp), instead[np.newaxis].astype(np.float64))


def middle(table: Vectors) -> Vectors:
    """Return the mean row of `table` (n, d), scaled to length 1; the first axis where the mean is nothing."""
    mean: Vectors = unit(np.mean(table, axis=0, keepdims=True, dtype=np.float64))[0]
    if not mean.any():
        mean[0] = 1
    return mean
