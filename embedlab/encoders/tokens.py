"""Texts to token ids, with the model's own tokenizer and without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows
from embedlab.encoders.folder import ModelFolder
from embedlab.text.normalise import well_formed


@dataclass(frozen=True, eq=False)
class Cut:
    """A text as a tokenizer cuts it: `ids`, how each token is written, and where it begins and ends, int (t, 2).

    A special token begins where it ends.
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    spans: Rows

    @classmethod
    def of(cls, encoding: Any, text: str) -> Cut:
        """Take over a `tokenizers.Encoding` of `text`."""
        spans = np.array(encoding.offsets, dtype=np.intp).reshape(-1, 2)
        spans[np.array(encoding.special_tokens_mask, dtype=bool)] = 0
        written = (_written(token, text[a:b]) for token, (a, b) in zip(encoding.tokens, spans, strict=True))
        return cls(tuple(encoding.ids), tuple(written), spans)


def _written(token: str, characters: str) -> str:
    """Prefer the characters themselves: byte-level tokenizers write even an é as two other letters."""
    return token if token.startswith("##") or not characters.strip() else characters.strip()


class Tokens:
    """The tokenizer of one model folder, cutting at the window; `whole` is a `tokenizers.Tokenizer` that does not."""

    def __init__(self, folder: ModelFolder) -> None:
        self._padding = folder.padding_id
        self._cut = _tokenizer(folder)
        self._cut.enable_truncation(folder.window)
        self.whole = _tokenizer(folder)
        self.whole.no_truncation()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text, special tokens included, cut to the window.

        A text that has none is read as one padding token: it must not stop the others.
        """
        encodings = self._cut.encode_batch([well_formed(text) for text in texts])
        return [encoding.ids or [self._padding] for encoding in encodings]

    def cut(self, text: str) -> Cut:
        """Return the tokens of `text`, cut to the window; a text that has none is one padding token, as in `ids`."""
        text = well_formed(text)
        found = Cut.of(self._cut.encode(text), text)
        if found.ids:
            return found
        padding = self._cut.id_to_token(self._padding) or ""
        return Cut((self._padding,), (padding,), np.zeros((1, 2), dtype=np.intp))

    def count(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each whole text has, special tokens included."""
        encodings = self.whole.encode_batch([well_formed(text) for text in texts])
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


def located(text: str, words: Sequence[str]) -> Rows:
    """Return where each of `words`, which stand in `text` in this order, begins and ends, int (words, 2).

    Words may overlap, as the pairs of characters of an unspaced script do. One that is not found has no extent.
    """
    spans = np.zeros((len(words), 2), dtype=np.intp)
    start = 0
    for place, word in enumerate(words):
        found = text.find(word, start)
        if found >= 0:
            spans[place] = found, found + len(word)
            start = found + max(1, len(word) - 1 if len(word) == 2 and _overlaps(words, place) else len(word))
    return spans


def _overlaps(words: Sequence[str], place: int) -> bool:
    return place + 1 < len(words) and len(words[place + 1]) == 2 and words[place][1] == words[place + 1][0]
