"""Texts to tokens without torch: their ids, the words among them, and what a tokenizer has no piece for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, Singles
from embedlab.encoders.capabilities import Lexicon
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


# --- The words among the tokens, and what there is no piece for -----------------------------------


MOST_WORDS = 30_000
# How tokenizers mark a token that goes on a word (WordPiece), or one that begins it (SentencePiece, byte-level BPE).
_GOES_ON, _BEGINS = "##", ("▁", "Ġ")
_UNKNOWN = ("[UNK]", "<unk>")
_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")


def unknown_pieces(tokenizer: Any, texts: Sequence[str]) -> Singles:
    """Return the share of each text's tokens for which a `tokenizers.Tokenizer` has only its token for the unknown.

    A tokenizer without such a token, as those of bytes, knows everything. Special tokens don't count.
    """
    named = getattr(tokenizer.model, "unk_token", None)
    ids = {tokenizer.token_to_id(token) for token in ((named,) if named else _UNKNOWN)} - {None}
    if not ids:
        return np.zeros(len(texts), dtype=np.float32)
    encodings = tokenizer.encode_batch_fast([well_formed(text) for text in texts], add_special_tokens=False)
    shares = (sum(one in ids for one in encoding.ids) / max(1, len(encoding.ids)) for encoding in encodings)
    return np.fromiter(shares, dtype=np.float32, count=len(texts))


def proper_words(written: Iterable[str], most: int = MOST_WORDS) -> tuple[str, ...]:
    """Return those of `written` that are words, in order, up to `most`: at least two letters, and nothing else.

    Of spellings that differ only in capital letters one is kept: the one without, if there is one.
    """
    kept: dict[str, str] = {}
    for word in filter(_is_word, written):
        folded = word.casefold()
        if folded not in kept or word == word.lower():
            kept[folded] = word
    return tuple(kept.values())[:most]


def of_tokenizer(tokenizer: Any) -> Lexicon:
    """Return the words among the tokens of a `tokenizers.Tokenizer`: those that are no part of a longer word.

    They come in order of id, by which tokenizers have the frequent ones first.
    """
    numbered = tokenizer.get_vocab(with_added_tokens=False)
    tokens = sorted(numbered, key=numbered.__getitem__)

    def cut(text: str) -> tuple[str, ...]:
        pieces = tuple(tokenizer.encode(well_formed(text), add_special_tokens=False).tokens)
        return pieces if any(_says_something(piece) for piece in pieces) else ()

    return Lexicon(proper_words(_whole(tokens, tokenizer)), cut)


def _whole(tokens: list[str], tokenizer: Any) -> Iterable[str]:
    """Return the tokens that begin a word, without the mark by which a tokenizer tells them from the others.

    Tokens that go on a word in WordPiece stay: they begin with a sign that is no letter, and so are no words.
    """
    marked = {mark: sum(token.startswith(mark) for token in tokens) for mark in (_GOES_ON, *_BEGINS)}
    mark = max(marked, key=marked.__getitem__)
    if mark == _GOES_ON:
        return tokens
    begin = (token for token in tokens if token.startswith(mark))
    if mark == "Ġ" and tokenizer.decoder is not None:
        return (tokenizer.decoder.decode([token]).strip() for token in begin)
    return (token.removeprefix(mark) for token in begin)


def _is_word(written: str) -> bool:
    """Return whether it is made of letters; the marks without which some scripts can't be written count too."""
    if len(written) < 2:
        return False
    return written.isalpha() or (
        written[0].isalpha() and all(unicodedata.category(sign)[0] in "LM" for sign in written)
    )


def _says_something(piece: str) -> bool:
    return piece not in _UNKNOWN and not _BYTE.fullmatch(piece) and piece.strip("▁Ġ") != ""
