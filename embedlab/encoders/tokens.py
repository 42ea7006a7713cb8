"""Texts to token ids, with the model's own tokenizer and without torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import well_formed
from embedlab.encoders.weights import ModelFolder


class Tokens:
    """The tokenizer of one model folder, cutting at the model's window."""

    def __init__(self, folder: ModelFolder) -> None:
        from tokenizers import Tokenizer

        path = str(folder.path / "tokenizer.json")
        self._padding = folder.padding_id
        self._lower = folder.lower_case
        self._cut = Tokenizer.from_file(path)
        self._cut.no_padding()
        self._cut.enable_truncation(folder.window)
        self._whole = Tokenizer.from_file(path)
        self._whole.no_padding()
        self._whole.no_truncation()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, special tokens included, cut to the window."""
        return [encoding.ids for encoding in self._cut.encode_batch(self._read(texts))]

    def count(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each whole text has, special tokens included."""
        encodings = self._whole.encode_batch(self._read(texts))
        return np.fromiter((len(encoding) for encoding in encodings), dtype=np.int32, count=len(texts))

    def _read(self, texts: Sequence[str]) -> list[str]:
        return [well_formed(text).lower() if self._lower else well_formed(text) for text in texts]

    def padded(self, ids: Sequence[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return ids and mask as int64 (len(ids), longest), padded at the end."""
        longest = max(map(len, ids))
        padded = np.full((len(ids), longest), self._padding, dtype=np.int64)
        mask = np.zeros((len(ids), longest), dtype=np.int64)
        for row, tokens in enumerate(ids):
            padded[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return padded, mask
