"""The texts that truths are planted in, as three models read them; made once for all cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.setting import Missing, Setting
from embedlab.base.arrays import frozen
from embedlab.base.fingerprint import fingerprint
from embedlab.check import near_copies
from embedlab.check.findings.properties import Property, properties
from embedlab.compare.common import part
from embedlab.corpus import Column, Corpus
from embedlab.corpus.datasets import builtin
from embedlab.corpus.reading.table import read
from embedlab.corpus.split import Split, split
from embedlab.encoders import DEFAULT_MODEL, Encoder, EncoderInfo, load
from embedlab.encoders.base import NO_WINDOW, unit
from embedlab.encoders.static import WORDLLAMA
from embedlab.encoders.store import store_for
from embedlab.encoders.tfidf import NAME as LEXICAL
from embedlab.space import Neighbours, Space
from embedlab.space.embedding import embed
from embedlab.space.keywords import Vocabulary, vocabulary
from embedlab.space.neighbours import neighbours
from embedlab.space.warm import warm_up

MODELS = (DEFAULT_MODEL, WORDLLAMA, LEXICAL)
MOST = 4_000
CLASSES = 20

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the product computes of some texts and their vectors once, for everything else; columns play no part."""

    space: Space

    @cached_property
    def near(self) -> Neighbours:
        """Who is near whom."""
        return neighbours(self.space)

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """What can be said of the texts without reading them."""
        return properties(self.space.corpus.texts)

    @cached_property
    def words(self) -> Vocabulary:
        """Which texts hold which words."""
        return vocabulary(self.space.corpus.texts)


@dataclass(frozen=True, eq=False)
class Seen:
    """Texts as one model sees them."""

    name: str
    space: Space
    prepared: Prepared

    @classmethod
    def of(cls, name: str, space: Space) -> Seen:
        """Return a space of which nothing is computed yet."""
        return cls(name, space, Prepared(space))

    @property
    def corpus(self) -> Corpus:
        """The texts."""
        return self.space.corpus

    @cached_property
    def near(self) -> Neighbours:
        """Who is near whom."""
        return replace(self.prepared.near, space=self.space.fingerprint)

    def with_columns(self, *columns: Column, label: str | None = None) -> Seen:
        """Return the same texts and neighbours with these columns, and no others."""
        corpus = replace(self.corpus, columns=columns, label=label)
        return replace(self, space=replace(self.space, corpus=corpus))


@dataclass(frozen=True, eq=False)
class TextSet:
    """Labelled texts, as each of `MODELS` sees them. `telling` are columns that don't give the label away."""

    name: str
    corpus: Corpus
    label: str
    telling: tuple[str, ...]
    spaces: Mapping[str, Space]

    def __len__(self) -> int:
        return len(self.corpus)

    @property
    def labels(self) -> Column:
        """The true labels."""
        return self.corpus.column(self.label)

    def drawn(self, count: int, rng: np.random.Generator) -> Rows:
        """Return so many rows, drawn at random, rising; all where there are fewer."""
        return np.sort(rng.permutation(len(self))[:count])

    def of_few_classes(self, count: int, rng: np.random.Generator) -> Rows:
        """Return so many rows of at most `CLASSES` classes, so that each has texts enough to learn from."""
        values = self.labels.values.astype(str)
        kept = np.isin(values, rng.permutation(np.unique(values))[:CLASSES])
        return np.sort(rng.permutation(np.flatnonzero(kept))[:count])

    def seen(self, rows: Rows, name: str = DEFAULT_MODEL) -> Seen:
        """Return the texts at `rows` as one model sees them, without columns."""
        return Seen.of(name, taken(self.spaces[name], rows))


def taken(space: Space, rows: Rows) -> Space:
    """Return the space of the texts at `rows` without their columns."""
    corpus = replace(part(space.corpus, rows).corpus, columns=(), label=None)
    return replace(space, corpus=corpus, vectors=frozen(space.vectors[rows]), over_window=space.over_window[rows])


def random_vectors(corpus: Corpus, dimensions: int, rng: np.random.Generator, decay: float = 0.0) -> Seen:
    """Return texts with vectors that know nothing of them: normal, the spread of dimension i being 1 / i ** `decay`."""
    scale = np.arange(1, dimensions + 1, dtype=np.float64) ** -decay
    made = unit(rng.standard_normal((len(corpus), dimensions)) * scale)
    return given_vectors(corpus, made, "random vectors")


def given_vectors(corpus: Corpus, vectors: NDArray[np.floating], name: str) -> Seen:
    """Return texts with these vectors, as if somebody had brought them along; copies of a text share the first one."""
    rows, place = corpus.distinct
    made = unit(vectors)[rows][place]
    card = EncoderInfo(name, fingerprint(made), made.shape[1], NO_WINDOW, "numpy")
    return Seen.of(name, Space(corpus, card, frozen(made), frozen(np.zeros(len(corpus), dtype=bool))))


def column(name: str, values: NDArray[np.generic] | list[str]) -> Column:
    """Return a column of categories."""
    cells = np.empty(len(values), dtype=object)
    cells[:] = [str(value) for value in values]
    return Column(name, "category", frozen(cells))


@dataclass(frozen=True, eq=False)
class Ground:
    """All that cases draw from: sets of labelled texts that embedlab brings along, and those of the data folder."""

    sets: tuple[TextSet, ...]
    encoder: Encoder

    def set_of(self, number: int) -> TextSet:
        """Return the set of a case: one after the other."""
        return self.sets[number % len(self.sets)]

    def named(self, name: str) -> TextSet:
        """Return the set of this name."""
        return next(one for one in self.sets if one.name == name)


def ground(setting: Setting) -> Ground:
    """Return what to draw from. The data folder adds sets to those that are built in, and need not be there."""
    warm_up()
    found = [
        ("support", builtin("support"), "intent", ("channel", "date", "satisfaction")),
        ("docstrings", builtin("docstrings"), "area", ("kind",)),
        *_from_folder(setting),
    ]
    sets = tuple(TextSet(name, corpus, label, telling, _spaces(corpus)) for name, corpus, label, telling in found)
    return Ground(sets, load(DEFAULT_MODEL, False, ()))


def _spaces(corpus: Corpus) -> dict[str, Space]:
    encoders = {name: load(name, False, corpus.texts) for name in MODELS}
    return {name: embed(corpus, encoder, store_for(encoder.card)) for name, encoder in encoders.items()}


def _from_folder(setting: Setting) -> list[tuple[str, Corpus, str, tuple[str, ...]]]:
    found: list[tuple[str, Corpus, str, tuple[str, ...]]] = []
    for name, file in (
        ("banking77", partial(setting.file, "banking77.csv")),
        ("clinc150", partial(setting.without, "clinc150.csv", "label", "oos")),
    ):
        try:
            corpus = read(file(), "text", "label")
        except Missing:
            continue
        rows = np.sort(np.random.default_rng(0).permutation(corpus.distinct[0])[:MOST])
        found.append((name, part(corpus, rows).corpus, "label", ("split",)))
    return found


@cache
def numbered(count: int) -> Corpus:
    """Return texts that say nothing but their number."""
    return Corpus.of([f"text {number}" for number in range(count)])


def split_apart(corpus: Corpus, labels: Column, **settings: Any) -> Split:
    """Return the `split` of these labels with these settings that keeps near-copies on one side.

    Only among the texts that take part are they looked for: of a sample, not of all the others.
    """
    rows = near_copies.takes_part(corpus, labels, **settings)
    groups = near_copies.near_copies([corpus.texts[row] for row in rows.tolist()])
    return split(corpus, labels, together=near_copies.numbered(len(corpus), rows, groups), **settings)
