"""What can be known of texts without reading them, in numbers: their form, and what other columns say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from embedlab.check.properties import Property, properties
from embedlab.corpus import Column, Corpus
from embedlab.corpus.guess import NAMES_OF_IDS, words_in
from embedlab.corpus.split import says_which

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]

_READS = frozenset(("language", "unknown"))  # guessed from the words, or by the model: no matter of form
_SAME = 0.99
_MOST_VALUES = 0.5

Feature = tuple[str, bool, Floats]
"""What it is called, whether it is a column, and a number for each text, float64 (m,)."""


def by_form(corpus: Corpus, used: Rows, known: Sequence[Property] | None) -> Iterator[Feature]:
    """Yield what the form of the texts at `used`, int (m,), says; `known` are the properties of all texts, if there."""
    texts = [corpus.texts[row] for row in used.tolist()]
    if known is None:
        known, used = properties(texts), np.arange(len(texts))
    for one in known:
        if one.key not in _READS:
            values = one.values[used]
            yield one.title, False, values.astype(np.float64) if one.kind == "number" else _ordered(values.tolist())
    yield "First character", False, _ordered([text.lstrip()[:1] for text in texts])
    yield "Last character", False, _ordered([text.rstrip()[-1:] for text in texts])
    yield "Number of lines", False, np.array([text.count("\n") for text in texts], dtype=np.float64)


def by_columns(corpus: Corpus, labels: Column, used: Rows, codes: Rows) -> tuple[list[Feature], tuple[str, ...]]:
    """Return what the other columns say of the texts at `used`, int (m,), and the names of those left out.

    Left out are columns that say no more than the label itself, of which `codes` int (m,) are the numbers.
    """
    found: list[Feature] = []
    same = []
    for column in corpus.columns:
        if column.name == labels.name or says_which(column) or set(words_in(column.name)) & NAMES_OF_IDS:
            continue
        values = _values(column.take(used))
        if values is None:
            continue
        if _follows(values, codes):
            same.append(column.name)
        else:
            found.append((column.name, True, values))
    return found, tuple(same)


def _values(column: Column) -> Floats | None:
    """Return a column in numbers, a missing value below all others; None where hardly any value repeats."""
    present = column.values[~column.missing]
    if not len(present):
        return None
    if column.kind in ("number", "date"):
        dated = column.kind == "date"
        values = column.values.astype("datetime64[s]").astype(np.int64) if dated else column.values
        numbers = values.astype(np.float64)
        known = numbers[~column.missing]
        counts_rows = len(np.unique(known)) == len(known) and bool((known == np.rint(known)).all()) and not dated
        if counts_rows or np.ptp(known) == 0:
            return None
        return np.where(column.missing, known.min() - 1, numbers)
    names = ["" if value is None else str(value) for value in column.values]
    distinct = len(set(names))
    return None if distinct < 2 or distinct > _MOST_VALUES * len(names) else _ordered(names)


def _ordered(values: Sequence[str]) -> Floats:
    """Return categories as numbers, the most frequent first, so that few thresholds part the large ones."""
    names, place, counts = np.unique(np.array(values, dtype=str), return_inverse=True, return_counts=True)
    rank = np.empty(len(names))
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(names))
    return rank[place]


def _follows(values: Floats, codes: Rows) -> bool:
    """Whether the label says the value: within nearly each label nearly all texts have the same one."""
    place = np.unique(values, return_inverse=True)[1]
    if place.max() == 0:
        return True
    table = np.zeros((int(codes.max()) + 1, int(place.max()) + 1), dtype=np.int64)
    np.add.at(table, (codes, place), 1)
    most = np.bincount(place).max()
    return bool(table.max(axis=1).sum() >= _SAME * len(codes) and most < _SAME * len(codes))
