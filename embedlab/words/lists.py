"""Lists of words: a model's own, those of some texts, one's own; and the examples that come with embedlab."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np

from embedlab.base.arrays import Singles, frozen
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, no_report
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder
from embedlab.encoders.capabilities import lexicon_of
from embedlab.encoders.store import Store
from embedlab.encoders.tokens import MOST_WORDS, proper_words
from embedlab.space.embedding import cut, embed
from embedlab.text.tokenise import index_words
from embedlab.words.analogies import Words, distinct

REMEMBERED = 20_000
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "؟", "।")
_BETWEEN = re.compile(r"[,;\n、，；،]")


def words_of_model(encoder: Encoder) -> tuple[str, ...]:
    """Return the encoder's own words, up to 30,000; none where it doesn't tell, as a remote one."""
    found = lexicon_of(encoder)
    return found.words if found else ()


def words_of_texts(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the words of `texts`, those that occur most often first, up to 30,000."""
    counts = Counter(word for text in texts for word in index_words(text))
    return proper_words(sorted(counts, key=lambda word: (-counts[word], word)))


def listed(typed: str) -> tuple[str, ...]:
    """Return the words of a list as a person types it: one a line, or with commas or semicolons between.

    Repeats, also in other capital letters, are left out. Raises `EmbedlabError` for none, or more than 30,000.
    """
    found = distinct([part.strip() for part in _BETWEEN.split(typed) if part.strip()])
    if not found:
        raise EmbedlabError("The list of words is empty: type or paste some, one a line.")
    if len(found) > MOST_WORDS:
        raise EmbedlabError(f"{len(found):,} words are too many: give up to {MOST_WORDS:,}.")
    return found


def pole(typed: str) -> tuple[str, ...]:
    """Return the words of a pole, with commas between; what ends like a sentence is one. None for nothing typed."""
    if typed.strip().endswith(_SENTENCE_ENDS):
        return (typed.strip(),)
    return listed(typed) if _BETWEEN.sub("", typed).strip() else ()


def seen_by(
    encoder: Encoder,
    words: Sequence[str],
    store: Store | None = None,
    dimensions: int | None = None,
    report: Report = no_report,
) -> Words:
    """Return `words` as the encoder sees them, and a way to any other; only the first `dimensions` of their vectors.

    Words that it can't read are left out. Vectors are taken from `store` and kept in it; those of other words are kept
    in memory.
    """
    lexicon = lexicon_of(encoder)
    most = min(dimensions or encoder.card.dimensions, encoder.card.dimensions)
    vectors = np.empty((0, most), dtype=np.float32)
    if words:
        space = embed(Corpus.of(words, "words"), encoder, store, report)
        words, vectors = space.corpus.texts if len(space.unread) else words, cut(space.vectors, most)
    encode = Remembering(lambda texts: cut(encoder.encode(texts), most))
    seen = Words(tuple(words), frozen(vectors), encode)
    return seen if lexicon is None else replace(seen, cut=lexicon.cut)


class Remembering:
    """Encodes each text once; several threads may ask."""

    def __init__(self, encode: Callable[[Sequence[str]], Singles]) -> None:
        self._encode = encode
        self._kept: dict[str, Singles] = {}

    def __call__(self, texts: Sequence[str]) -> Singles:
        """Return float32 (len(texts), d)."""
        kept = self._kept
        new = [text for text in dict.fromkeys(texts) if text not in kept]
        if new:
            kept = kept if len(kept) < REMEMBERED else {text: kept[text] for text in texts if text in kept}
            kept = self._kept = {**kept, **dict(zip(new, self._encode(new), strict=True))}
        return np.stack([kept[text] for text in texts])


# --- Examples ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AxisExample:
    """Two poles, as one types them, and words to range between them."""

    name: str
    low: str
    high: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Examples:
    """Words to begin with, written for embedlab; all English.

    `analogies` are a, b, c and what one expects. `planes` are the names of two of the `axes`, whose words the first one
    gives. `biases` are axes of which the words are occupations.
    """

    nearest: tuple[str, ...]
    analogies: tuple[tuple[str, str, str, str], ...]
    odd: tuple[tuple[str, ...], ...]
    axes: tuple[AxisExample, ...]
    planes: tuple[tuple[str, str], ...]
    biases: tuple[AxisExample, ...]

    def axis(self, name: str) -> AxisExample:
        """Return the axis called `name`."""
        return next(one for one in self.axes if one.name == name)


@cache
def examples() -> Examples:
    """Return the examples that come with embedlab."""
    read = json.loads(files("embedlab.words").joinpath("words.json").read_text(encoding="utf-8"))
    occupations = read["occupations"]
    return Examples(
        tuple(read["nearest"]),
        tuple(tuple(four) for four in read["analogies"]),
        tuple(tuple(some) for some in read["odd"]),
        tuple(_axis(one, one["words"]) for one in read["axes"]),
        tuple(tuple(two) for two in read["planes"]),
        tuple(_axis(one, occupations) for one in read["biases"]),
    )


def _axis(read: dict[str, str], words: str | Sequence[str]) -> AxisExample:
    return AxisExample(
        read["name"], read["low"], read["high"], tuple(words.split() if isinstance(words, str) else words)
    )
