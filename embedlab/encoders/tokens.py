"""Texts to tokens without torch: their ids, the words among them, and what a tokenizer has no piece for."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows
from embedlab.encoders.capabilities import Lexicon, Pieces
from embedlab.encoders.folder import ModelFolder
from embedlab.text.normalise import searched, well_formed
from embedlab.text.tokenise import script

# How tokenizers mark a token that goes on a word (WordPiece), or one that begins it (SentencePiece, byte-level BPE).
_GOES_ON, _BEGINS = "##", ("▁", "Ġ")
_UNKNOWN = ("[UNK]", "<unk>")
_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")


@dataclass(frozen=True, eq=False)
class Cut:
    """A text as a tokenizer cuts it: `ids`, how each token is written, and where it begins and ends, int (t, 2).

    A special token begins where it ends. `read` is each token as the model reads it: without capitals or accents where
    it takes them away.
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    spans: Rows
    read: tuple[str, ...] = ()

    @classmethod
    def of(cls, encoding: Any, text: str) -> Cut:
        """Take over a `tokenizers.Encoding` of `text`."""
        spans = np.array(encoding.offsets, dtype=np.intp).reshape(-1, 2)
        spans[np.array(encoding.special_tokens_mask, dtype=bool)] = 0
        tokens = [(token, text[a:b]) for token, (a, b) in zip(encoding.tokens, spans, strict=True)]
        written = (_written(token, characters) for token, characters in tokens)
        read = (_as_read(token, characters) for token, characters in tokens)
        return cls(tuple(encoding.ids), tuple(written), spans, tuple(read))


def _written(token: str, characters: str) -> str:
    """Prefer the characters themselves: byte-level tokenizers write even an é as two other letters."""
    return token if token.startswith("##") or not characters.strip() else characters.strip()


def _as_read(token: str, characters: str) -> str:
    """Return the token itself where it is the same letters in another form; a byte-level one stands for characters."""
    plain = token.removeprefix(_GOES_ON).lstrip("".join(_BEGINS))
    if not characters.strip() or searched(plain) == searched(characters.strip()):
        return token.lstrip("".join(_BEGINS)) or token
    return token if token in _UNKNOWN else characters.strip()


class Tokens:
    """The tokenizer of one model folder, cutting at the window; `whole` is a `tokenizers.Tokenizer` that does not."""

    def __init__(self, folder: ModelFolder) -> None:
        self._padding = folder.padding_id
        self._cut = _tokenizer(folder)
        self._cut.enable_truncation(folder.window)
        self.whole = _tokenizer(folder)
        self.whole.no_truncation()

    @cached_property
    def reader(self) -> PieceReader:
        """What tells which pieces of whole texts are known."""
        return PieceReader(self.whole)

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
        return Cut((self._padding,), (padding,), np.zeros((1, 2), dtype=np.intp), (padding,))

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


# A script is known that this many of the vocabulary's tokens are words of: of a thousand, but a hundred are enough.
_OF_VOCABULARY, _ENOUGH_WORDS = 0.001, 100
_ENOUGH_HAN = 2000  # characters, where each is a token
_BATCH = 1_000


class PieceReader:
    """What a `tokenizers.Tokenizer` makes of texts, and which of the pieces its vocabulary can have learned."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        named = getattr(tokenizer.model, "unk_token", None)
        self._unknown = {tokenizer.token_to_id(token) for token in ((named,) if named else _UNKNOWN)} - {None}
        self._known: dict[tuple[int, str], bool] = {}

    def read(self, texts: Sequence[str]) -> Iterator[Pieces]:
        """Yield the pieces of each text; marks that stand for white space alone are none."""
        for start in range(0, len(texts), _BATCH):
            read = [well_formed(text) for text in texts[start : start + _BATCH]]
            encodings = self._tokenizer.encode_batch(read, add_special_tokens=False)
            for text, encoding in zip(read, encodings, strict=True):
                yield self._pieces(text, encoding)

    def _pieces(self, text: str, encoding: Any) -> Pieces:
        cut = Cut.of(encoding, text)
        tokens: list[str] = encoding.tokens
        shown = [place for place, token in enumerate(tokens) if token.strip("▁Ġ")]
        spans = cut.spans[shown]
        known = [self._knows(cut.ids[place], text[slice(*cut.spans[place])]) for place in shown]
        for place in range(1, len(shown)) if self._bytes else ():
            if (spans[place] == spans[place - 1]).all():  # parts of one character
                known[place - 1] = known[place] = False
        pieces, written = (tuple(some[place] for place in shown) for some in (cut.pieces, tokens))
        return Pieces(pieces, spans, np.array(known, dtype=bool), written)

    def _knows(self, token: int, written: str) -> bool:
        key = token, "" if written.isascii() else written
        if key not in self._known:
            self._known[key] = token not in self._unknown and self._read(token, written)
        return self._known[key]

    def _read(self, token: int, written: str) -> bool:
        if _BYTE.fullmatch(self._tokenizer.id_to_token(token) or ""):
            return False
        found = script(written)
        if found == "none" and any(unicodedata.category(sign)[0] == "M" for sign in written):
            found = unicodedata.name(written.strip()[0], "none").split()[0].capitalize()  # a vowel sign alone
        return found in ("Latin", "none", "Combining", "Variation", "Zero") or found in self._scripts

    @cached_property
    def _bytes(self) -> bool:
        return type(self._tokenizer.decoder).__name__ == "ByteLevel"

    @cached_property
    def _scripts(self) -> frozenset[str]:
        """The scripts that the vocabulary has words of."""
        numbered = self._tokenizer.get_vocab(with_added_tokens=False)
        written = [token.removeprefix(_GOES_ON).lstrip("".join(_BEGINS)) for token in numbered]
        if self._bytes:
            written = [self._tokenizer.decoder.decode([token]).strip() for token in numbered]
        foreign = [word for word in written if not word.isascii()]
        counts = Counter(script(word) for word in foreign if sum(map(str.isalpha, word)) > 1)
        least = min(_ENOUGH_WORDS, _OF_VOCABULARY * len(numbered))
        found = {name for name, count in counts.items() if count >= least}
        if sum(len(word) == 1 and script(word) == "Chinese" for word in foreign) >= _ENOUGH_HAN:
            found |= {"Chinese", "Japanese"}
        return frozenset(found)


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
