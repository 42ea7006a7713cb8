"""Texts to token ids, with the model's own tokenizer and without torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import well_formed
from embedlab.encoders.weights import ModelFolder


class Tokens:
    """The tokenizer of one model folder, cutting at the model's window."""

    def __init__(self, folder: ModelFolder) -> None:
        self._padding = folder.padding_id
        self._cut = _tokenizer(folder)
        self._cut.enable_truncation(folder.window)
        self._whole = _tokenizer(folder)
        self._whole.no_truncation()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, special tokens included, cut to the window.

        A text that has none is read as one padding token: it must not stop the others.
        """
        encodings = self._cut.encode_batch([well_formed(text) for text in texts])
        return [encoding.ids or [self._padding] for encoding in encodings]

    def count(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each whole text has, special tokens included."""
        encodings = self._whole.encode_batch([well_formed(text) for text in texts])
        return np.fromiter((len(encoding) for encoding in encodings), dtype=np.int32, count=len(texts))

    def padded(self, ids: Sequence[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return ids and mask as int64 (len(ids), longest), padded at the end."""
        longest = max(map(len, ids))
        padded = np.full((len(ids), longest), self._padding, dtype=np.int64)
        mask = np.zeros((len(ids), longest), dtype=np.int64)
        for row, tokens in enumerate(ids):
            padded[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return padded, mask


def _tokenizer(folder: ModelFolder) -> Any:
    """Return the tokenizer of `folder`, lower-casing first where the model does (but never its special tokens)."""
    from tokenizers import Tokenizer, normalizers

    made = Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    made.no_padding()
    if folder.lower_case:
        made.normalizer = normalizers.Sequence([normalizers.Lowercase(), *filter(None, [made.normalizer])])
    return made
