"""The corpus: texts, what is known about each of them, and what was lost on the way in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Flags, Rows, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.result import Result
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.origin import GIVEN, Origin
from embedlab.corpus.written import EXACT, PLAIN, Written
from embedlab.text.normalise import well_formed
from embedlab.text.same import exact, folded, numbered

if TYPE_CHECKING:
    import pandas as pd

    from embedlab.corpus.vectors import OwnVectors

Kind = Literal["category", "number", "date", "text"]
NoteKind = Literal["dropped", "changed", "info"]


@dataclass(frozen=True, eq=False)
class Column:
    """One metadata column, a value for each text.

    `values` is read-only and has one of these types by `kind`:
    category, text: object array of `str`, missing is `None`;
    number: float64, missing is NaN; date: datetime64[us] of the years 1 to 9999, missing is NaT.
    `written` says what stands around numbers where they are shown, and how exact dates are.
    """

    name: str
    kind: Kind
    values: NDArray[Any]
    written: Written = PLAIN

    @cached_property
    def missing(self) -> Flags:
        """Boolean array: True where there is no value."""
        if self.kind == "number":
            return np.asarray(np.isnan(self.values))
        if self.kind == "date":
            return np.asarray(np.isnat(self.values))
        return np.array([value is None for value in self.values], dtype=bool)

    def series(self) -> pd.Series[Any]:
        """Return the values as a pandas series; whole numbers as integers, where all of them are."""
        import pandas as pd

        if self.kind in ("category", "text"):
            return pd.Series(self.values, dtype="str")
        present = self.values[~self.missing]
        if self.kind == "number" and np.all((present == np.trunc(present)) & (np.abs(present) <= EXACT)):
            return pd.Series(self.values).astype("Int64")
        return pd.Series(self.values.copy())

    def take(self, index: Rows) -> Column:
        """Return the column of the rows `index`."""
        return replace(self, values=frozen(self.values[index]))

    def as_category(self) -> Column:
        """Return the column with its values as a person would write them."""
        values = self.values
        if self.kind in ("number", "date"):
            values = np.empty(len(self.values), dtype=object)
            values[:] = [self.shown(row) or None for row in range(len(values))]
        return Column(self.name, "category", frozen(values))

    def shown(self, row: int) -> str:
        """Return the value of `row` as a person would write it; missing is an empty string."""
        value = self.values[row]
        if self.missing[row]:
            return ""
        if self.kind == "number":
            return self.written.number(value)
        if self.kind == "date":
            if self.written.month:
                return str(value.astype("datetime64[M]"))
            return str(value.astype("datetime64[s]")).replace("T00:00:00", "").replace("T", " ")
        return str(value)

    def cells(self, rows: Iterable[int] | None = None) -> list[str | int | float]:
        """Return the values at `rows`, or all, as a table to take away has them.

        Numbers are numbers, without what stood around them; others are as `shown`; missing ones are empty strings.
        """
        chosen = range(len(self.values)) if rows is None else rows
        if self.kind != "number":
            return [self.shown(row) for row in chosen]
        numbers = ((row, float(self.values[row])) for row in chosen)
        return [
            "" if self.missing[row] else int(value) if value.is_integer() and abs(value) <= EXACT else value
            for row, value in numbers
        ]

    @property
    def parts(self) -> tuple[Any, ...]:
        """What a fingerprint counts of it: nothing more where values are written plainly."""
        plain = self.written == PLAIN
        return (self.name, self.kind, self.values, *(() if plain else (repr(self.written),)))


def named_column(columns: Iterable[Column], names: Iterable[str]) -> Column | None:
    """Return the first column that is called one of `names` (small letters), whatever its capitals; None without."""
    by_name = {folded(column.name): column for column in columns}
    return next((by_name[name] for name in names if name in by_name), None)


def named_pair(columns: Iterable[Column], names: Iterable[tuple[str, str]]) -> tuple[Column, Column] | None:
    """Return the first two columns that are called as one of these pairs of `names`; None without."""
    by_name = {folded(column.name): column for column in columns}
    return next(((by_name[a], by_name[b]) for a, b in names if a in by_name and b in by_name), None)


@dataclass(frozen=True)
class Note:
    """One thing that happened to rows on the way in, counted and said.

    `rows` are up to ten of the source row numbers concerned, counted from 1 without the header.
    """

    kind: NoteKind
    count: int
    sentence: str
    rows: tuple[int, ...] = ()


def noted(kind: NoteKind, count: int, sentence: str, rows: Iterable[int] = ()) -> list[Note]:
    """Return the note on `count` of something, with its `rows` (from 0); none where there is nothing to say."""
    return [Note(kind, count, sentence, row_numbers(rows))] if count else []


def row_numbers(rows: Iterable[int]) -> tuple[int, ...]:
    """Return the first ten of `rows` (from 0) as a person counts them (from 1)."""
    return tuple(int(row) + 1 for row in islice(rows, 10))


@dataclass(frozen=True)
class Sampled:
    """That `drawn` texts are a random sample, without replacement, of the `of` texts of “`name`”, drawn with `seed`."""

    name: str
    of: int
    drawn: int
    seed: int


@dataclass(frozen=True, eq=False, repr=False)
class Corpus(Result):
    """Texts with their metadata.

    `rows[i]` is the row of the source (from 0) that text `i` came from; `rows_read` counts all rows of the
    source, of which `dropped` are not here, and `notes` say why. `label` names the column that holds the texts' labels,
    if one does. `vectors` are those that came along, a row for each text. `layout` says how the file was read, and
    `text_columns` which of its columns the texts are; `origin` how to open it again; `sampled` that this is a sample.
    No fingerprint depends on these.
    """

    name: str
    texts: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    rows: Rows = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    rows_read: int = 0
    notes: tuple[Note, ...] = ()
    label: str | None = None
    vectors: tuple[OwnVectors, ...] = ()
    layout: FileLayout = GUESSED
    text_columns: tuple[str, ...] = ()
    origin: Origin = GIVEN
    sampled: Sampled | None = None

    def __post_init__(self) -> None:
        if not len(self.rows) and self.texts:
            object.__setattr__(self, "rows", frozen(np.arange(len(self.texts))))
            object.__setattr__(self, "rows_read", len(self.texts))
        for column in self.columns:
            if len(column.values) != len(self.texts):
                raise ValueError(f"{column.name}: {len(column.values)} values for {len(self.texts)} texts")

    @classmethod
    def of(cls, texts: Sequence[str], name: str = "texts") -> Corpus:
        """Return a corpus of these texts, without metadata; a lone surrogate becomes U+FFFD."""
        return cls(name=name, texts=tuple(map(well_formed, texts)))

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def fingerprint(self) -> str:
        """Stands for every text and every metadata value, in order."""
        return fingerprint(list(self.texts), [column.parts for column in self.columns], self.label)

    @property
    def sentence(self) -> str:
        """How many texts there are, and what was dropped."""
        lost = f", {counted(self.dropped, 'row')} dropped" if self.dropped else ""
        return f"{counted(len(self), 'text')} of “{self.name}”{self.of_all}{lost}."

    @property
    def dropped(self) -> int:
        """How many rows of the source were left out; texts that a sample did not draw are none of them."""
        return self.rows_read - len(self) - (self.sampled.of - self.sampled.drawn if self.sampled else 0)

    @property
    def of_all(self) -> str:
        """Say after a count of texts that they are a sample, for example ", a random sample of 36,000"; "" if not."""
        return f", a random sample of {self.sampled.of:,}" if self.sampled else ""

    def table(self, **more: NDArray[Any]) -> pd.DataFrame:
        """Return every text with its row in the source (from 1), its columns, and `more` columns, (n,) each.

        A name that the file's own columns have already gets underscores after it.
        """
        import pandas as pd

        columns = {column.name: column.series() for column in self.columns}
        added: dict[str, Any] = {"row": self.rows + 1, "text": pd.Series(self.texts, dtype="str"), **more}
        named = {_free(name, columns): values for name, values in added.items()}
        return pd.DataFrame({**dict(list(named.items())[:2]), **columns, **dict(list(named.items())[2:])})

    def facts(self) -> dict[str, Any]:
        """Return how the file was read, how many texts its rows gave, and what was said of them, ready for JSON."""
        return {
            "read": self.reading(),
            "rows_read": self.rows_read,
            "texts": len(self),
            "dropped": self.dropped,
            **({"sampled_from": self.sampled.of, "sample_seed": self.sampled.seed} if self.sampled else {}),
            "notes": [note.sentence for note in self.notes],
        }

    def reading(self) -> dict[str, Any]:
        """Return how the file was read, ready for JSON: its layout, and what was taken for the texts and the labels.

        `text_column` is a name, a list of several, or None where the texts came from no table.
        """
        text = self.text_columns[0] if len(self.text_columns) == 1 else list(self.text_columns) or None
        return {**self.layout.facts(), "text_column": text, "label_column": self.label}

    @cached_property
    def distinct(self) -> tuple[Rows, Rows]:
        """The first row of each distinct text (u,), and each text's place among the distinct ones (n,), as typed."""
        place = numbered(self.texts, exact)
        return frozen(np.unique(place, return_index=True)[1]), frozen(place)

    @cached_property
    def same(self) -> Rows:
        """A number for each text, int (n,), the same for those that differ in capitals, white space or form only."""
        return frozen(numbered(self.texts, folded))

    def take(self, rows: Rows) -> Corpus:
        """Return the texts at `rows`, int (m,), with their values and vectors."""
        return replace(
            self,
            texts=tuple(self.texts[row] for row in rows.tolist()),
            columns=tuple(column.take(rows) for column in self.columns),
            rows=frozen(self.rows[rows]),
            vectors=tuple(own.take(rows) for own in self.vectors),
            origin=replace(self.origin, part=True),
        )

    def sample(self, count: int, seed: int = 0) -> Corpus:
        """Return `count` of the texts, drawn at random without replacement, in their order, as a corpus of its own.

        It says everywhere that it is a sample: by its name, a note, and `sampled`. The same `seed` draws the same
        texts. All of them are returned as they are where there are no more than `count`. Raises `EmbedlabError` for a
        `count` below 1.
        """
        if count < 1:
            raise EmbedlabError(f"A sample of {count:,} texts can't be drawn: ask for one text or more.")
        if count >= len(self):
            return self
        before = self.sampled or Sampled(self.name, len(self), len(self), seed)
        told = f"These are a random sample of {count:,} of {counted(before.of, 'text')} (seed {seed})."
        rows = np.sort(np.random.default_rng(seed).choice(len(self), count, replace=False))
        again = self.sampled is not None or self.origin.part
        return replace(
            self.take(rows),
            name=f"{before.name} (sample of {count:,})",
            notes=(*self.notes, Note("info", count, told)),
            origin=replace(self.origin, part=True) if again else replace(self.origin, sample=(count, seed)),
            sampled=replace(before, drawn=count, seed=seed),
        )

    def column(self, name: str) -> Column:
        """Return the column `name`; `EmbedlabError` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        have = ", ".join(c.name for c in self.columns) or "none"
        raise EmbedlabError(f"There is no column named “{name}”: choose one of these: {have}.")


def _free(name: str, taken: Mapping[str, object]) -> str:
    while name in taken:
        name += "_"
    return name
