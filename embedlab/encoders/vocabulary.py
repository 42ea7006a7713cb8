"""The words among the tokens of a tokenizer, and what it has no piece for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from embedlab.base.arrays import Singles
from embedlab.encoders.capabilities import Lexicon
from embedlab.text.normalise import well_formed

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
