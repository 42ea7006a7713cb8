"""Files and pasted text in: a `Table` of all that was read, and the `Corpus` that a text column makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from embedlab.base.arrays import Flags, Rows, frozen
from embedlab.base.english import counted, joined, listed, was
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import Raw, one_text
from embedlab.corpus.columns import column_of
from embedlab.corpus.corpus import Column, Corpus, Note, noted
from embedlab.corpus.guess import guess_label, guess_text, guess_title, holds_text, only_digits, titles
from embedlab.corpus.layout import GUESSED, FileLayout, Unit
from embedlab.corpus.origin import GIVEN, Origin
from embedlab.corpus.reading import aligned, delimited, json, plain
from embedlab.corpus.reading.files import ENDINGS, FORMATS, File, binary_format, decode, load, stem
from embedlab.corpus.reading.records import vector_notes
from embedlab.corpus.spellings import could_be_one, merged
from embedlab.corpus.vectors import FEWEST, OwnVectors, from_strings
from embedlab.text.same import exact, repeats

MAX_CHARACTERS = 20_000
"""Longer texts are cut to this; no encoder reads as far."""
PASTED = "pasted text"
_TABLES = ("csv", "tsv", "tab")
_MISSING_WORDS = frozenset(("nan", "NaN", "null", "NULL", "None", "<NA>", "N/A", "#N/A"))


@dataclass(frozen=True, eq=False)
class Table:
    """A file as it was read, before a text column is chosen.

    `columns` holds every column, as long as the rows that were read (`len(table)`). `rows_read` counts all
    rows of the source, those beyond `MAX_ROWS` as well. `lost` are the rows (from 0) that were unreadable:
    nothing in them is known, and a note says why. `guessed_text` is None if no column holds text,
    `guessed_label` if none looks like labels. `layout` is how the file was read: give it back to `read_table`, changed,
    where a guess was wrong. `sheets` are those of a workbook that can be chosen, `units` what one text can be,
    `origin` says how to open it again.
    """

    name: str
    columns: tuple[Column, ...]
    rows_read: int
    notes: tuple[Note, ...]
    guessed_text: str | None
    guessed_label: str | None
    lost: tuple[int, ...] = ()
    vectors: tuple[OwnVectors, ...] = ()
    layout: FileLayout = GUESSED
    sheets: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    origin: Origin = GIVEN

    def __len__(self) -> int:
        return len(self.columns[0].values)

    def corpus(self, text: str | Sequence[str] | None = None, label: str | None = None) -> Corpus:
        """Return the texts of the column `text`, the other columns as metadata, `label` naming one of them.

        Several columns, as names or as one string with commas, are one text: their values in this order, a space
        between. None means the guess, with the titles where the file's layout makes them a part of the text (see
        `guess_title`); `label=""` means no label. Rows without a text are dropped, texts longer than
        `MAX_CHARACTERS` are cut, repeated ones are kept; the corpus's notes count them all. The `dropped`
        notes add up to `rows_read` less the number of texts. A label column of numbers or dates becomes a
        category, and labels that differ in capitals, spaces or Unicode form only are one. Columns without any value
        are left out.

        Raises `EmbedlabError` when there is no such column, or it holds no text.
        """
        chosen = self._text_columns(text, label)
        missing = np.all([column.missing for column in chosen], axis=0)
        kept = np.flatnonzero(~missing)
        if not len(kept):
            raise EmbedlabError(
                f"{'The column' if len(chosen) == 1 else 'The columns'} {listed(column.name for column in chosen)} of "
                f"“{self.name}” {'is' if len(chosen) == 1 else 'are'} empty in all "
                f"{counted(len(self), 'row')}: {self._instead(chosen[0].name)}."
            )
        names = tuple(column.name for column in chosen)
        label_name = self._label_name(label, names)
        texts, cut = _cut(_texts(chosen, kept), kept)
        others = [column for column in self.columns if column.name not in names]
        empty = [column.name for column in others if column.missing.all() and column.name != label_name]
        metadata, spelled = _metadata([column.take(kept) for column in others if column.name not in empty], label_name)
        notes = [*self.notes, *_taken(names), *self._without_text(chosen, missing), *cut, *_words(texts, kept)]
        notes += _repeated(texts, kept)
        if text is None:
            notes += self._title_unread(names, label_name)
        sentence = f"{counted(len(empty), 'column')} without any value left out: {listed(empty)}."
        notes += noted("info", len(empty), sentence)
        notes += [replace(note, rows=tuple(int(kept[row - 1]) + 1 for row in note.rows)) for note in spelled]
        return Corpus(
            name=stem(self.name),
            texts=tuple(texts),
            columns=metadata,
            rows=frozen(kept),
            rows_read=self.rows_read,
            notes=tuple(notes),
            label=label_name,
            vectors=tuple(own.take(kept) for own in self.vectors),
            layout=self.layout,
            text_columns=names,
            origin=self._origin(names, label_name),
        )

    def text_names(self, typed: str) -> tuple[str, ...]:
        """Return the columns that `typed` names: one, or several with commas between."""
        names = {column.name for column in self.columns}
        parts = tuple(part.strip() for part in typed.split(","))
        return (typed,) if typed in names or not set(parts) <= names else tuple(dict.fromkeys(parts))

    def with_vectors(self, own: OwnVectors) -> Table:
        """Return the table with vectors beside its rows; they take the place of others of that name."""
        others = (other for other in self.origin.beside if other != own.name)
        origin = replace(self.origin, beside=(*others, own.name))
        return replace(self, vectors=(*(v for v in self.vectors if v.name != own.name), own), origin=origin)

    def column(self, name: str) -> Column:
        """Return the column `name`; `EmbedlabError` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        names = listed(column.name for column in self.columns)
        raise EmbedlabError(f"“{self.name}” has no column named “{name}”: choose one of {names}.")

    def _text_columns(self, text: str | Sequence[str] | None, label: str | None) -> tuple[Column, ...]:
        names = self.text_names(text) if isinstance(text, str) else tuple(dict.fromkeys(text or ()))
        if names:
            return tuple(self._text_column(name) for name in names)
        guessed = self._text_column(None)
        title = guess_title(self.columns, guessed.name)
        return (guessed,) if title is None or title == label else (self.column(title), guessed)

    def _text_column(self, name: str | None) -> Column:
        if name is None and self.guessed_text is None:
            if all(column.missing.all() for column in self.columns):
                raise EmbedlabError(f"All cells of “{self.name}” are empty: choose a file that holds texts.")
            numeric = listed(column.name for column in self.columns if column.kind == "number")
            numeric = f" ({numeric}: numbers)" if numeric else ""
            if self._is_vectors():
                raise EmbedlabError(
                    f"“{self.name}” holds {counted(len(self), 'row')} of {len(self.columns):,} numbers and no texts: "
                    "open the file of the texts, and give this one as their vectors."
                )
            raise EmbedlabError(f"No column of “{self.name}” looks like text{numeric}: {self._instead('')}.")
        column = self.column(name if name is not None else self.guessed_text or "")
        held = {"number": "numbers", "date": "dates"}.get(column.kind)
        if held is None and only_digits(column) and not column.missing.all():
            held = "numbers"
        if held:
            raise EmbedlabError(f"The column “{column.name}” holds only {held}: {self._instead(column.name)}.")
        return column

    def _is_vectors(self) -> bool:
        """Whether this is a table of vectors, without names and without anything else."""
        return len(self.columns) >= FEWEST and all(column.kind == "number" for column in self.columns)

    def _instead(self, name: str) -> str:
        """Say which columns could be the text, other than `name`."""
        useful = [column.name for column in self.columns if column.name != name and holds_text(column)]
        if not useful:
            return "no other column holds text either, so choose another file" if name else "choose another file"
        return f"choose a column that holds text ({listed(useful)})"

    def _label_name(self, label: str | None, text: tuple[str, ...]) -> str | None:
        if label == "":
            return None
        if label is None:
            others = [column for column in self.columns if column.name not in text]
            return self.guessed_label if self.guessed_label not in text else guess_label(others, None)
        if self.column(label).name in text:
            which = "the text column" if len(text) == 1 else "a part of the text"
            raise EmbedlabError(f"“{label}” is {which}: choose another column as the label, or none.")
        return label

    def _origin(self, text: tuple[str, ...], label: str | None) -> Origin:
        """Return where the corpus comes from; the columns are said where the guess would take others."""
        guessed: tuple[str, ...] = ()
        with suppress(EmbedlabError):  # there may be none
            guessed = tuple(column.name for column in self._text_columns(None, None))
        usual = self._label_name(None, text)
        return replace(
            self.origin,
            text=None if text == guessed else text,
            label=None if label == usual else label or "",
        )

    def _title_unread(self, names: Sequence[str], label: str | None) -> list[Note]:
        """Say which column may be the titles of a guessed column of texts, and how it would be read with them."""
        could_be = [name for name in titles(self.columns, names[-1]) if name != label] if len(names) == 1 else []
        if not could_be:
            return []
        sentence = f"“{could_be[0]}” may be a title of each text, and is not read with it: to do so, name both as text."
        return [Note("info", 0, sentence)]

    def _without_text(self, chosen: Sequence[Column], missing: Flags) -> list[Note]:
        rows = np.setdiff1d(np.flatnonzero(missing), self.lost)
        has = counted(len(rows), "row has", "rows have")
        columns = " or ".join(f"“{column.name}”" for column in chosen)
        sentence = f"{has} no text in {columns} and {was(len(rows))} dropped."
        return noted("dropped", len(rows), sentence, rows)


def read_table(source: Path | str | bytes, name: str | None = None, layout: FileLayout = GUESSED) -> Table:
    """Read a file: TXT, CSV, TSV, JSON, JSONL, Parquet or XLSX, each also gzipped; its content decides which.

    `source` is a path, or the file's bytes with its `name`. Paths are for the command line and notebooks;
    what a browser sends comes as bytes. `layout` says how it is laid out, and need not say all.

    Raises `EmbedlabError` when the file can't be read, holds no rows, or is no table of a known format.
    """
    file = load(source, name)
    raw = _raw(file, layout)
    table = table_of(file.name, replace(raw, notes=[*raw.notes, *_not_asked(layout, raw.layout)]))
    return replace(table, origin=Origin("file", file.name, layout=layout))


def _not_asked(told: FileLayout, taken: FileLayout) -> list[Note]:
    """Say what was told of a file that has nothing of the kind, such as the sheet of a CSV file."""
    names = {
        "encoding": "encoding", "delimiter": "delimiter", "above": "rows above", "header": "rows of column names",
        "sheet": "sheet",
    }  # fmt: skip
    idle = [
        spoken for name, spoken in names.items() if getattr(told, name) is not None and getattr(taken, name) is None
    ]
    if not idle:
        return []
    return [Note("info", 0, f"The {joined(idle)} that you named made no difference: files of this kind have none.")]


def read(
    source: Path | str | bytes,
    text: str | Sequence[str] | None = None,
    label: str | None = None,
    name: str | None = None,
    layout: FileLayout = GUESSED,
) -> Corpus:
    """Read a file and return its corpus: `read_table(source, name, layout).corpus(text, label)`."""
    return read_table(source, name, layout).corpus(text, label)


def paste(text: str) -> Table:
    """Return a table of one column, "text", with a row for each line of `text`, blank ones included."""
    if not text.strip():
        raise EmbedlabError("There is no text yet: paste or type a text on each line.")
    return replace(table_of(PASTED, delimited.read_lines(text)), origin=Origin("pasted", PASTED))


def _raw(file: File, layout: FileLayout) -> Raw:
    binary = binary_format(file)
    if binary:
        raw = _binary(file, binary, layout)
        _check_unit(file.name, layout, raw)
        return raw
    if file.ending not in (*_TABLES, "json", *json.LINE_ENDINGS) and (letters := _mail(file, layout)):
        return letters
    text, encoding, notes = decode(file, layout.encoding)
    text = text.removeprefix("\ufeff")
    if not text.strip("\0 \t\r\n"):
        raise EmbedlabError(f"“{file.name}” is empty: choose a file that holds a text in each row or line.")
    raw = _from_text(text, file, layout)
    _check_unit(file.name, layout, raw)
    return replace(raw, notes=notes + raw.notes, layout=replace(raw.layout, encoding=encoding))


def _mail(file: File, layout: FileLayout) -> Raw | None:
    """Read mail, unless somebody says that the file is something else."""
    if layout.delimiter is not None or layout.unit in plain.UNITS:
        return None
    from embedlab.corpus.reading.mail import read_mail

    return read_mail(file.data, file.ending)


def _check_unit(name: str, layout: FileLayout, raw: Raw) -> None:
    if layout.unit is None or layout.unit in (*raw.units, raw.layout.unit):
        return
    could = joined([f"“{unit}”" for unit in raw.units], "or")
    instead = f"choose {could}" if could else "leave the unit out"
    raise EmbedlabError(f"The texts of “{name}” can't be read by the unit “{layout.unit}”: {instead}.")


def _binary(file: File, kind: str, layout: FileLayout) -> Raw:
    if kind == "parquet":
        from embedlab.corpus.reading.parquet import read_parquet

        return read_parquet(file, layout)
    if kind == "arrays":
        from embedlab.corpus.reading.arrays import read_arrays

        return read_arrays(file)
    from embedlab.corpus.reading.workbook import read_xlsx

    return read_xlsx(file, layout)


def _from_text(text: str, file: File, layout: FileLayout) -> Raw:
    if file.ending in ("json", *json.LINE_ENDINGS):
        return json.read_json(text, file.name, file.ending, layout)
    if text[:1000].lstrip().lower().startswith(("<!doctype html", "<html")) and file.ending not in ("txt", ""):
        raise EmbedlabError(f"“{file.name}” is a web page, not a table: save the texts as {FORMATS}.")
    guessing = layout.delimiter is None and layout.unit not in plain.UNITS
    if layout.delimiter is None and json.looks_like_json(text):
        raw, found = json.read_json(text, file.name, "", layout), "JSON"
    elif guessing and file.ending not in _TABLES and (known := plain.read_known(text, file.name, layout)):
        return replace(known[0], notes=[Note("info", 0, f"The file was read as {known[1]}."), *known[0].notes])
    elif _may_be_drawn(layout) and (drawn := aligned.read_aligned(text, file.name, layout)):
        return drawn
    elif layout.unit in plain.UNITS or _holds_lines(text, file, layout):
        raw, found = plain.read_plain(text, file.name, file.ending, layout), "TXT"
        found = file.ending.upper() if file.ending in plain.ENDINGS else found
    else:
        raw = delimited.read_delimited(text, file.name, file.ending, layout)
        found = file.ending.upper() if file.ending in _TABLES else "CSV"
    if found.lower() == file.ending or layout.delimiter is not None:
        return raw
    spoken = {"TXT": "plain text, a text a line", "JSON": "JSON"}.get(found, "a table with a delimiter")
    note = Note("info", 0, f"By its content the file was read as {spoken}.")
    return replace(raw, notes=[note, *raw.notes])


def _may_be_drawn(layout: FileLayout) -> bool:
    return aligned.says_runs(layout.delimiter) or (layout.delimiter is None and layout.unit is None)


def _holds_lines(text: str, file: File, layout: FileLayout) -> bool:
    """Whether the file is plain text, a text a line, and no table."""
    if file.ending in ENDINGS and file.ending not in plain.ENDINGS:
        return False
    if layout.delimiter is not None:
        return layout.delimiter in ("", "none")
    if file.ending in plain.ENDINGS:
        return file.ending not in ("txt", "text", "log") or not delimited.is_table(text)
    return not delimited.is_delimited(text)


def table_of(name: str, raw: Raw) -> Table:
    """Return what a reader handed on as a table: its columns typed, the text and the label guessed."""
    notes = list(raw.notes)
    columns: list[Column] = []
    cells: list[Any] = raw.columns
    vectors: list[OwnVectors] = []
    for at, title in enumerate(raw.names):
        given = cells[at]
        cells[at] = None
        own, more = from_strings(title, given) if _strings(given) else (None, [])
        notes += more
        if own is not None:
            vectors.append(own)
            continue
        column, more = column_of(title, given, strict=len(raw.names) == 1)
        columns.append(column)
        notes += more
    if not columns:
        raise EmbedlabError(f"“{name}” holds no column of values: choose a file that holds texts.")
    text = guess_text(columns)
    label = guess_label(columns, text)
    notes += vector_notes({own.name: own for own in vectors})
    return Table(
        name,
        tuple(columns),
        raw.rows,
        tuple(notes),
        text,
        label,
        raw.lost,
        (*raw.vectors, *vectors),
        raw.layout,
        raw.sheets,
        raw.units,
    )


def _strings(cells: Any) -> bool:
    """Whether a column holds strings, and nothing else."""
    return not isinstance(cells, np.ndarray) and {*map(type, cells)} <= {str, type(None)}


def _texts(columns: Sequence[Column], rows: Rows) -> list[str]:
    if len(columns) == 1:
        return [columns[0].values[row] for row in rows]
    return [one_text(column.values[row] for column in columns) for row in rows]


def _metadata(columns: Sequence[Column], label: str | None) -> tuple[tuple[Column, ...], list[Note]]:
    """Return the columns with the label as a category, each class spelled in one way, and notes on spellings."""
    made, notes = list(columns), list[Note]()
    for at, column in enumerate(columns):
        if column.name == label:
            made[at], notes = merged(column.as_category())
    return tuple(made), notes + could_be_one(column for column in columns if column.name != label)


def _taken(names: Sequence[str]) -> list[Note]:
    """Say what a text is made of, where that is more than one column."""
    if len(names) == 1:
        return []
    return [Note("info", 0, f"Each text is {' and '.join(f'its “{name}”' for name in names)}, one after the other.")]


def _cut(texts: list[str], rows: Rows) -> tuple[list[str], list[Note]]:
    long = [at for at, text in enumerate(texts) if len(text) > MAX_CHARACTERS]
    for at in long:
        texts[at] = texts[at][:MAX_CHARACTERS]
    told = f"{counted(len(long), 'text')} of more than {MAX_CHARACTERS:,} characters"
    sentence = f"{told} {was(len(long))} cut to that length."
    return texts, noted("changed", len(long), sentence, rows[long])


def _words(texts: list[str], rows: Rows) -> list[Note]:
    """Say which texts are words that other programs take for a missing value."""
    found = [at for at, text in enumerate(texts) if len(text) <= 4 and text in _MISSING_WORDS]
    words = listed(sorted({texts[at] for at in found}))
    sentence = (
        f"{counted(len(found), 'text reads', 'texts read')} only {words}: kept as typed, though other programs "
        "write that for a missing value."
    )
    return noted("info", len(found), sentence, rows[found])


def _repeated(texts: Sequence[str], rows: Rows) -> list[Note]:
    again = repeats(texts, exact)
    told = counted(len(again), "text repeats an earlier one and is", "texts repeat an earlier one and are")
    return noted("info", len(again), f"{told} kept.", rows[again])
