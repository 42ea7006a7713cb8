"""Two sides to compare: two corpora joined into one, or one corpus parted by a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus import Column, Corpus
from embedlab.corpus.ordering import Ordered, ordered, value_like
from embedlab.corpus.spellings import merged
from embedlab.corpus.split import says_which, sides_of
from embedlab.corpus.vectors import OwnVectors
from embedlab.corpus.written import PLAIN, Written
from embedlab.space import Space

BEFORE, AFTER, NEITHER = 0, 1, -1
OTHERS = "all others"
SOURCE = "source"
_NAMED = 8

Codes = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Sides:
    """One corpus in which every text is of the side before (0), of the one after (1), or of neither (-1).

    `codes` int8 (n,) says which, `names` what the sides are called; `column` is the one that tells them apart. `notes`
    are sentences on what was left out or changed. `first` are the rows of the first of two files, 0 for one file;
    `alone` are the columns that only one of the two has; `cut` says that they are the two ends of a column in order;
    `files` is how each of two was read.
    """

    corpus: Corpus
    codes: Codes
    names: tuple[str, str]
    column: str
    notes: tuple[str, ...] = ()
    first: int = 0
    alone: tuple[str, ...] = ()
    cut: bool = False
    files: tuple[Mapping[str, Any], ...] = ()

    @property
    def read(self) -> tuple[Mapping[str, Any], ...]:
        """How the file was read, or each of the two, as `Corpus.reading` tells it."""
        return self.files or (self.corpus.reading(),)

    def source_row(self, row: int) -> int:
        """Return the row of its file that a text comes from, counted from 1."""
        return int(self.corpus.rows[row]) + 1 - (self.first if self.codes[row] == AFTER else 0)

    def as_read(self, space: Space) -> Sides:
        """Return the sides without the texts that were left out of a space of them."""
        if not len(space.unread):
            return self
        return replace(self, corpus=space.corpus, codes=frozen(np.delete(self.codes, space.unread)))

    @property
    def sizes(self) -> tuple[int, int]:
        """Texts before and after."""
        return int((self.codes == BEFORE).sum()), int((self.codes == AFTER).sum())

    @property
    def over(self) -> str | None:
        """The column of the curve over time where nobody names one: the one that is cut; None where none is."""
        return self.column if self.cut else None

    @cached_property
    def fingerprint(self) -> str:
        """Stands for the texts, and which side each is of."""
        return fingerprint(self.corpus.fingerprint, self.codes, list(self.names), self.column)


def two_sides(
    before: Corpus,
    after: Corpus | None = None,
    by: str | None = None,
    before_value: str | None = None,
    after_value: str | None = None,
    at: str | float | None = None,
) -> Sides:
    """Return two corpora as two sides, or the parts of one that the column `by` makes.

    The parts are the texts with `before_value` against those with `after_value` (None: all others), those before
    against those from `at`, a date, number or version as a person writes it, or else what the column offers by itself
    (`by_column`). Raises `EmbedlabError` for another combination, and where a side would be empty.
    """
    if (after is None) == (by is None) or (by is None and (before_value or after_value or at is not None)):
        raise EmbedlabError("Give two corpora, or one and the column that parts it (by): one of the two.")
    if (at is not None and (before_value or after_value)) or (after_value and not before_value):
        raise EmbedlabError("Give a value of the texts before, with or without one of those after, or a cut (at).")
    if after is not None:
        return joined(before, after)
    assert by is not None
    if before_value:
        return by_values(before, by, before_value, after_value)
    if at is None:
        return by_column(before, by)
    order = ordered(before.column(by))
    return by_cut(before, by, None if order is None else cut_at(order, str(at)), order)


# --- Two corpora ---------------------------------------------------------------------------------


def joined(before: Corpus, after: Corpus) -> Sides:
    """Return two corpora as one, with a column that says which each text came from.

    Columns that both have are kept, matched by name: of one kind as they are, of two kinds as categories. Others are
    left out and named. Raises `EmbedlabError` where a side is empty.
    """
    for side, corpus in (("first", before), ("second", after)):
        if not len(corpus):
            raise EmbedlabError(f"The {side} of the two holds no texts: choose another file.")
    shared, alone, notes = _shared(before, after)
    names = (before.name, after.name) if before.name != after.name else (f"{before.name} (1)", f"{after.name} (2)")
    taken = {column.name for column in shared}
    source = next(name for number in range(1, len(taken) + 2) if (name := f"{SOURCE} {number}") not in taken)
    source = source if SOURCE in taken else SOURCE
    told = np.array([names[0]] * len(before) + [names[1]] * len(after), dtype=object)
    corpus = Corpus(
        name=f"{names[0]} and {names[1]}",
        texts=before.texts + after.texts,
        columns=(*shared, Column(source, "category", frozen(told))),
        rows=frozen(np.concatenate([before.rows, after.rows + before.rows_read])),
        rows_read=before.rows_read + after.rows_read,
        notes=before.notes + after.notes,
        label=before.label if before.label == after.label else None,
        vectors=_shared_vectors(before, after),
    )
    codes = np.repeat(np.array([BEFORE, AFTER], dtype=np.int8), [len(before), len(after)])
    read = (before.reading(), after.reading())
    return Sides(corpus, frozen(codes), names, source, tuple(notes), before.rows_read, tuple(alone), files=read)


def _shared(before: Corpus, after: Corpus) -> tuple[list[Column], list[str], list[str]]:
    others = {column.name: column for column in after.columns}
    shared: list[Column] = []
    notes: list[str] = []
    changed: list[str] = []
    for column in before.columns:
        other = others.get(column.name)
        if other is None:
            continue
        if _comparable(column, other):
            kind = column.kind if column.kind == other.kind else "category"
        else:
            column, other, kind = column.as_category(), other.as_category(), "category"
            changed.append(column.name)
        both = frozen(np.concatenate([column.values, other.values]))
        shared.append(Column(column.name, kind, both, _written(column, other, kind)))
    if before.label == after.label:
        found = [merged(column) if column.name == before.label else (column, []) for column in shared]
        shared, notes = [column for column, _ in found], [note.sentence for _, more in found for note in more]
    kept = {column.name for column in shared}
    alone = [column.name for column in (*before.columns, *after.columns) if column.name not in kept]
    if alone:
        notes.append(
            f"{counted(len(alone), 'column is', 'columns are')} in one of the two only and left out: "
            f"{listed(alone, _NAMED)}."
        )
    if changed:
        notes.append(f"Of another kind in each of the two, and taken as words: {listed(changed, _NAMED)}.")
    return shared, alone, notes


def _comparable(column: Column, other: Column) -> bool:
    """Whether the values of two columns mean the same: of one kind, and not dollars here and percents there."""
    if column.kind != other.kind:
        return {column.kind, other.kind} == {"category", "text"}
    first, second = ((one.written.prefix + one.written.suffix).replace(" ", "") for one in (column, other))
    return not first or not second or first == second


def _written(column: Column, other: Column, kind: str) -> Written:
    """Return how the values of both are shown: money where one is, a month only where both are exact to that."""
    if kind == "number":
        return other.written if column.written == PLAIN else column.written
    return column.written if kind == "date" and column.written == other.written else PLAIN


def _shared_vectors(before: Corpus, after: Corpus) -> tuple[OwnVectors, ...]:
    others = {own.name: own for own in after.vectors}
    return tuple(
        OwnVectors(own.name, frozen(np.concatenate([own.values, others[own.name].values])))
        for own in before.vectors
        if own.name in others and own.values.shape[1] == others[own.name].values.shape[1]
    )


# --- One corpus, parted by a column --------------------------------------------------------------


def values_of(column: Column) -> tuple[tuple[str, int], ...]:
    """Return the values of a column as shown, with how many texts have each, the most frequent first."""
    counts = Counter(shown for row in range(len(column.values)) if (shown := column.shown(row)))
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def by_values(corpus: Corpus, name: str, before: str, after: str | None = None) -> Sides:
    """Return the texts with the value `before` in a column against those with `after`, or against all others.

    Raises `EmbedlabError` where no text has one of the values.
    """
    column = corpus.column(name)
    shown = np.array([column.shown(row) for row in range(len(corpus))], dtype=object)
    if before == after:
        raise EmbedlabError(f"“{before}” is named on both sides: a side doesn't differ from itself.")
    for value in (before, *([after] if after is not None else [])):
        if not (shown == value).any():
            have = listed((one for one, _ in values_of(column)), _NAMED)
            raise EmbedlabError(f"No text has the value “{value}” in “{name}”: choose one of {have}.")
    codes = np.full(len(corpus), NEITHER, dtype=np.int8)
    codes[(shown == after) if after is not None else (shown != "") & (shown != before)] = AFTER
    codes[shown == before] = BEFORE
    return _parted(corpus, codes, (before, after if after is not None else OTHERS), name)


def by_cut(corpus: Corpus, name: str, at: float | None = None, order: Ordered | None = None) -> Sides:
    """Return the texts below a value of a date, number or version column against those from it on.

    `at` is a value of `Ordered`; None cuts in the middle. Raises `EmbedlabError` where the column has no order, or one
    side would be empty.
    """
    order = order or ordered(corpus.column(name))
    if order is None:
        raise EmbedlabError(
            f"“{name}” has no order in which it could be cut (dates, numbers or versions): compare two of its values."
        )
    at = middle(order) if at is None else at
    codes = np.full(len(corpus), NEITHER, dtype=np.int8)
    codes[order.values < at] = BEFORE
    codes[order.values >= at] = AFTER
    shown = order.shown(at)
    parted = _parted(corpus, codes, (f"before {shown}", f"from {shown}"), name)
    return replace(parted, notes=(*order.notes, *parted.notes), cut=True)


def cut_at(order: Ordered, typed: str) -> float:
    """Return the value that a person typed to cut a column at. Raises `EmbedlabError` for what it can't be."""
    if order.kind == "version":
        if typed in order.names:
            return float(order.names.index(typed))
        raise EmbedlabError(f"“{order.name}” has no value “{typed}”: cut it at one of {listed(order.names, _NAMED)}.")
    value = value_like(order, typed)
    if value is None:
        example = order.shown(float(order.steps[0]))
        raise EmbedlabError(f"“{typed}” is no {order.kind} to cut “{order.name}” at: write it like {example}.")
    return value


def middle(order: Ordered) -> float:
    """Return the value that cuts a column into the two most equal sides."""
    values = np.sort(order.values[~np.isnan(order.values)])
    below = np.searchsorted(values, order.steps, side="left")
    return float(order.steps[1:][np.argmin(np.abs(below[1:] - len(values) / 2))])


def by_split(corpus: Corpus, name: str) -> Sides:
    """Return the texts to learn from against those held out, as a column says ("train", "test")."""
    codes = sides_of(corpus.column(name)).astype(np.int8)
    return _parted(corpus, codes, ("train", "test"), name)


def by_column(corpus: Corpus, name: str) -> Sides:
    """Return the sides that a column offers by itself: train and test, its two values, or a cut in its middle.

    Two values without an order are taken as they come.

    Raises `EmbedlabError` for a column of more values without an order, and names the largest.
    """
    column = corpus.column(name)
    if says_which(column):
        return by_split(corpus, name)
    values = values_of(column)
    if len(values) < 2:
        raise EmbedlabError(f"“{name}” has one value only: it tells no sides apart, so choose another column.")
    order = ordered(column)
    if len(values) == 2:
        rows = range(len(corpus)) if order is None else np.argsort(order.values, kind="stable").tolist()
        first, second = dict.fromkeys(shown for row in rows if (shown := column.shown(row)))
        return by_values(corpus, name, first, second)
    if order is not None:
        return by_cut(corpus, name, order=order)
    largest = listed((value for value, _ in values), _NAMED)
    raise EmbedlabError(
        f"“{name}” has {counted(len(values), 'value')}: name two of them to compare (the largest are {largest})."
    )


def _parted(corpus: Corpus, codes: Codes, names: tuple[str, str], column: str) -> Sides:
    for side, name in zip((BEFORE, AFTER), names, strict=True):
        if not (codes == side).any():
            raise EmbedlabError(f"No text is on the side “{name}” of “{column}”: choose another value.")
    aside = int((codes == NEITHER).sum())
    notes = []
    if aside:
        notes.append(f"{counted(aside, 'text is', 'texts are')} on neither side of “{column}” and only shown in grey.")
    return Sides(corpus, frozen(codes), names, column, tuple(notes))
