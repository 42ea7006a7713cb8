"""What only some encoders can do besides encoding.

Each capability is a protocol with one method, which an encoder has or has not; each is asked for by one function here,
which says what holds where it has not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Flags, Floats, Rows, Singles
from embedlab.encoders.base import NO_WINDOW, Encoder, Vectors

# --- Taking a text apart -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class TokenContributions:
    """A text taken apart: the vectors of its pieces add up, before scaling, to the vector of the text.

    `text` is what the model read, its prompt included. `pieces` are those that it was cut into, special tokens
    included. `spans` is int (p, 2), where in `text` each piece begins and ends, in characters; equal for a piece that
    stands for none of them. `vectors` is float64 (p, d): their sum, scaled to length 1, is what `encode` gives.
    """

    text: str
    pieces: tuple[str, ...]
    spans: Rows
    vectors: Floats

    def __len__(self) -> int:
        return len(self.pieces)


@runtime_checkable
class TakesApart(Protocol):
    """An encoder whose vectors are sums over the pieces of a text."""

    def parts(self, text: str, query: bool = False) -> TokenContributions | None:
        """Return the pieces whose vectors add up to that of `text`, in fp32 or better.

        None where the vector is no such sum after all (pooling other than the mean).
        """
        ...


def parts_of(encoder: Encoder, text: str, query: bool = False) -> TokenContributions | None:
    """Return the pieces whose vectors add up to that of `text`; None where it is no such sum, or nobody tells."""
    return encoder.parts(text, query) if isinstance(encoder, TakesApart) else None


# --- Leaving out what can't be read --------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Readable:
    """What an encoder makes of texts, some of which it may be unable to read.

    `vectors` is float32 (n, d); the rows in `refused` hold NaN, and it says why for each. `cut` are the rows of texts
    whose end was not read, as far as that shows only when they are.
    """

    vectors: Vectors
    refused: Mapping[int, str] = field(default_factory=dict)
    cut: tuple[int, ...] = ()


@runtime_checkable
class LeavesOut(Protocol):
    """An encoder that goes on where it can't read one of many texts."""

    def readable(self, texts: Sequence[str]) -> Readable:
        """Return the vectors of those documents that can be read. Raises `EmbedlabError` where none ever could."""
        ...


def readable(encoder: Encoder, texts: Sequence[str]) -> Readable:
    """Return what an encoder makes of documents; one whose vector is not finite can't be read."""
    found = encoder.readable(texts) if isinstance(encoder, LeavesOut) else Readable(encoder.encode(texts))
    if found.vectors.ndim != 2:
        return found
    bad = np.flatnonzero(~np.isfinite(found.vectors).all(axis=1)).tolist()
    return replace(found, refused={row: found.refused.get(row, "its vector is not finite") for row in bad})


# --- Counting tokens -----------------------------------------------------------------------------


@runtime_checkable
class CountsTokens(Protocol):
    """An encoder that tells how long a text is for it."""

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each text has before it is cut to the window, prompt and special tokens included."""
        ...


def over_window(encoder: Encoder, texts: Sequence[str]) -> Flags:
    """Return which texts are longer than the window, bool (n,); none where there is no window, or nobody counts.

    A token takes at least one byte, so texts of few bytes aren't counted.
    """
    over = np.zeros(len(texts), dtype=bool)
    window, prompt = encoder.card.window, encoder.card.prompt
    if window == NO_WINDOW or not isinstance(encoder, CountsTokens):
        return over
    long = [row for row, text in enumerate(texts) if len((prompt + text).encode("utf-8", "surrogatepass")) + 2 > window]
    if long:
        over[long] = encoder.count_tokens([texts[row] for row in long]) > window
    return over


# --- Knowing words -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Lexicon:
    """`words` are the encoder's own, letters only, up to 30,000, frequent ones first where it tells.

    `cut(text)` returns the pieces as which it reads a text; none where it knows nothing of it.
    """

    words: tuple[str, ...]
    cut: Callable[[str], tuple[str, ...]]


@runtime_checkable
class HasVocabulary(Protocol):
    """An encoder that has words of its own."""

    def lexicon(self) -> Lexicon:
        """Return its words."""
        ...


def lexicon_of(encoder: Encoder) -> Lexicon | None:
    """Return the words of an encoder; None where it doesn't tell, as a remote one."""
    return encoder.lexicon() if isinstance(encoder, HasVocabulary) else None


@dataclass(frozen=True, eq=False)
class Pieces:
    """A text as an encoder cuts it, without special tokens and prompts.

    `pieces` is how each is written, `spans` int (p, 2) where it begins and ends in the text, and `known` bool (p,)
    whether the encoder has learned anything of it: not of what it has only a token for the unknown for, of a byte of a
    character, nor of a letter of a script that its vocabulary has no words of. `tokens` are the pieces as the encoder
    itself writes them, where that is different.
    """

    pieces: tuple[str, ...]
    spans: Rows
    known: Flags
    tokens: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def unknown(self) -> int:
        """How many pieces are unknown."""
        return int(len(self.known) - self.known.sum())

    @property
    def read(self) -> tuple[str, ...]:
        """The pieces as the encoder tells them apart: what it has only one token for is one and the same."""
        return self.tokens or self.pieces


@runtime_checkable
class ReportsUnknown(Protocol):
    """An encoder that tells which pieces of a text it knows."""

    def read_pieces(self, texts: Sequence[str]) -> Iterator[Pieces]:
        """Yield the pieces of each text."""
        ...


def pieces_of(encoder: Encoder, texts: Sequence[str]) -> Iterator[Pieces] | None:
    """Return the pieces of each text as an encoder cuts it; None where it doesn't tell."""
    return encoder.read_pieces(texts) if isinstance(encoder, ReportsUnknown) else None


def unknown_to(encoder: Encoder, texts: Sequence[str]) -> Singles | None:
    """Return the share of each text's pieces that an encoder doesn't know, (n,), 0 for a text without any.

    None where the encoder doesn't tell.
    """
    found = pieces_of(encoder, texts)
    if found is None:
        return None
    return np.fromiter((one.unknown / max(1, len(one)) for one in found), dtype=np.float32, count=len(texts))


# --- Being fitted --------------------------------------------------------------------------------


@runtime_checkable
class FittedToTexts(Protocol):
    """An encoder that is fitted to texts, and can be fitted to others. It may be unable to read a text unlike them."""

    def refitted(self, texts: Sequence[str]) -> Encoder:
        """Return the same kind of encoder, fitted to `texts`. Raises `EmbedlabError` where there are none."""
        ...


def fitted_to_texts(encoder: object) -> FittedToTexts | None:
    """Return the encoder if it is one that is fitted to texts; None where it is not, or there is no encoder."""
    return encoder if isinstance(encoder, FittedToTexts) else None
