"""Parquet files and XLSX workbooks."""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_CELLS, MAX_ROWS, Raw, beyond_limit, check_size, named, rectangle
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.reading.files import MAX_BYTES, File
from embedlab.corpus.reading.records import vector_notes
from embedlab.corpus.vectors import OwnVectors, from_lists

if TYPE_CHECKING:
    import pyarrow as pa

MAX_WORKBOOK_BYTES = 1 << 29
"""The most that a workbook may hold once it is unzipped."""
MAX_RATIO = 250
"""A workbook of more than `RATIO_FROM` bytes may unzip to this many times its size; real ones reach 50."""
RATIO_FROM = 1 << 26
SHEET_ROWS = 1_048_576
"""The most rows that a sheet can have; a file that claims more is not read further."""

_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"))


def read_parquet(file: File) -> Raw:
    """Read a Parquet file. Lists of numbers become vectors, other nested cells JSON text; binary data is left out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(pa.BufferReader(file.data))
        schema = source.schema_arrow
        vectors = [field.name for field in schema if _is_vector(field.type)]
        binary = [field.name for field in schema if _is_binary(field.type)]
        kept = [field.name for field in schema if field.name not in {*vectors, *binary}]
        total = source.metadata.num_rows
        if not total or not kept:
            raise EmbedlabError(f"“{file.name}” holds no rows of text: choose a file that does.")
        rows = min(total, MAX_ROWS)
        check_size(file.name, rows, len(kept))
        table = _parquet_rows(source, kept if len(kept) < len(schema) else None, rows, file.name)
        columns = [_arrow_cells(table.column(at)) for at in range(table.num_columns)]
        given = {name: _own(source, name, rows, file.name) for name in vectors}
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(". ")[:200]
        raise EmbedlabError(f"“{file.name}” can't be read as Parquet ({reason}): write it again.") from None
    names, notes = named(table.column_names)
    notes += vector_notes(given)
    sentence = f"{counted(len(binary), 'column')} of binary data left out: {listed(binary)}."
    notes += noted("info", len(binary), sentence)
    own = tuple(filter(None, given.values()))
    return Raw(names, columns, total, notes + beyond_limit(total - rows), vectors=own)


def _own(source: Any, column: str, rows: int, name: str) -> OwnVectors | None:
    cells = _parquet_rows(source, [column], rows, name).column(0)
    lists = (cell.values.to_numpy(zero_copy_only=False) if cell.is_valid else None for cell in cells)
    return from_lists(column, list(lists))


def _parquet_rows(source: Any, names: list[str] | None, rows: int, name: str) -> pa.Table:
    import pyarrow as pa

    batches, held, size = [], 0, 0
    for batch in source.iter_batches(batch_size=16_384, columns=names):
        batch = batch.slice(0, rows - held)
        batches.append(batch)
        held += batch.num_rows
        size += batch.nbytes
        if size > MAX_BYTES:
            raise EmbedlabError(f"“{name}” holds more than 1 GiB of cells: keep fewer columns or fewer rows.")
        if held == rows:
            break
    return pa.Table.from_batches(batches)


def _is_vector(kind: pa.DataType) -> bool:
    import pyarrow as pa

    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(test(kind) for test in lists) and pa.types.is_floating(kind.value_type)


def _is_binary(kind: pa.DataType) -> bool:
    import pyarrow as pa

    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    if any(test(kind) for test in tests):
        return True
    return any(_is_binary(kind.field(at).type) for at in range(kind.num_fields))


def _arrow_cells(column: pa.ChunkedArray) -> Any:
    """Return the cells as Python values; dates and times as an array of datetime64, in UTC."""
    import pyarrow as pa

    kind = column.type
    if isinstance(kind, pa.ExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column.to_numpy()  # in their own unit: microseconds can't hold every year
    if pa.types.is_duration(kind):
        return column.cast(pa.duration("us"), safe=False).to_pylist()
    if pa.types.is_time(kind):
        return column.cast(pa.string()).to_pylist()
    cells = column.to_pylist()
    if pa.types.is_nested(kind):
        return [None if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in cells]
    return cells


def read_xlsx(file: File, layout: FileLayout = GUESSED) -> Raw:
    """Read the sheet that `layout` names, else the first visible one with rows.

    Formulas give the values that were saved with them.
    """
    _check_workbook(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheet = _chosen_sheet(file, layout.sheet)
    except EmbedlabError:
        raise
    except MemoryError:
        raise EmbedlabError(f"There is not enough memory to read “{file.name}”: save it as CSV.") from None
    except Exception as error:  # openpyxl lets through whatever its many parsers raise
        reason = str(error).partition("\n")[0].rstrip(". ")[:200] or type(error).__name__
        raise EmbedlabError(
            f"“{file.name}” is damaged and can't be read as a workbook ({reason}): save it again, or as CSV."
        ) from error
    return _sheet_table(file.name, sheet, layout.header)


def _check_workbook(file: File) -> None:
    """Refuse zip bombs by what the directory says; zipfile itself unzips no more of a member than that."""
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise EmbedlabError(f"“{file.name}” is protected by a password: save it without one.")
    size = sum(member.file_size for member in members)
    if size > MAX_WORKBOOK_BYTES or (size > RATIO_FROM and size > MAX_RATIO * len(file.data)):
        raise EmbedlabError(
            f"“{file.name}” would unzip to {size / (1 << 20):,.0f} MiB, far more than a workbook of its size "
            "should hold: save it as CSV."
        )


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A sheet's rows from the first to the last with a value, without empty cells at their ends.

    `first` is the place in the sheet of the first of them; `unread` counts those beyond the limit.
    `unsaved` holds the place in the sheet of the row of each formula that was saved without a value.
    """

    title: str
    rows: list[list[Any]]
    unread: int
    first: int
    titles: tuple[str, ...] = ()
    merged: int = 0
    unsaved: tuple[int, ...] = ()


def _chosen_sheet(file: File, title: str | None) -> _Sheet:
    """Return the sheet `title`, or the first visible one with two rows or more, else with one, else the first."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(file.data), read_only=True, data_only=True)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    if title is not None:
        visible = [sheet for sheet in book.worksheets if sheet.title == title]
        if not visible:
            have = listed(sheet.title for sheet in book.worksheets)
            raise EmbedlabError(f"“{file.name}” has no sheet “{title}”: choose one of {have}.")
    if not visible:
        raise EmbedlabError(f"“{file.name}” is empty: it has no sheet with cells.")
    best, source = _sheet_rows(visible[0], file.name), visible[0]
    for sheet in visible[1:]:
        if len(best.rows) > 1:
            break
        found = _sheet_rows(sheet, file.name)
        if len(found.rows) > len(best.rows):
            best, source = found, sheet
    formulas, merged = _scan(file, source)
    titles = tuple(sheet.title for sheet in book.worksheets)
    unsaved = tuple(_unsaved_formulas(file, source)) if formulas else ()
    return replace(best, titles=titles, merged=merged, unsaved=unsaved)


def _sheet_table(name: str, sheet: _Sheet, header: int | None) -> Raw:
    if sheet.unsaved and len(sheet.rows) <= 1:
        raise EmbedlabError(
            f"The formulas in “{name}” were saved without their values: "
            "open it in a spreadsheet program and save it there."
        )
    if not sheet.rows:
        raise EmbedlabError(f"“{name}” is empty: no sheet has a row in it.")
    faulty = _without_errors(sheet.rows)
    before = len(sheet.rows) + sheet.unread
    raw = rectangle(name, sheet.rows, sheet.unread, header=header)
    header = before - raw.rows
    notes = []
    others = [title for title in sheet.titles if title != sheet.title]
    if others:
        sentence = f"The sheet “{sheet.title}” was read; not read: {listed(others)}."
        notes.append(Note("info", 0, sentence))
    ranges = counted(sheet.merged, "range")
    sentence = f"{ranges} of merged cells: the value belongs to the first cell, the others are empty."
    notes += noted("info", sheet.merged, sentence)
    sentence = f"{counted(len(faulty), 'row has', 'rows have')} cells with an error such as #N/A: now empty."
    notes += noted("changed", len(faulty), sentence, (max(0, at - header) for at in faulty))
    sentence = f"{counted(len(sheet.unsaved), 'formula was', 'formulas were')} saved without a value: now empty."
    rows = sorted({max(0, at - sheet.first - header) for at in sheet.unsaved})
    notes += noted("changed", len(sheet.unsaved), sentence, rows)
    taken = replace(raw.layout, sheet=sheet.title)
    return replace(raw, notes=notes + raw.notes, layout=taken, sheets=sheet.titles)


def _sheet_rows(sheet: Any, name: str) -> _Sheet:
    rows: list[list[Any]] = []
    first = filled = unread = cells = 0
    for at, values in enumerate(_all_rows(sheet)):
        row = list(values)
        while row and row[-1] in (None, ""):
            row.pop()
        if len(rows) > MAX_ROWS:
            unread += bool(row)
        elif row or rows:
            first = first if rows else at
            rows.append(row)
            filled = len(rows) if row else filled
            cells += len(row)
            if cells > MAX_CELLS:
                check_size(name, len(rows), -(-cells // len(rows)))
    return _Sheet(sheet.title, rows[:filled], unread, first)


def _all_rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows as they are in the file, whatever size it claims (which would fill up short rows)."""
    sheet.reset_dimensions()
    return islice(sheet.iter_rows(values_only=True), SHEET_ROWS)


def _without_errors(rows: list[list[Any]]) -> list[int]:
    """Empty the cells that hold an error; return their rows."""
    faulty = [at for at, row in enumerate(rows) if any(type(cell) is str and cell in _ERRORS for cell in row)]
    for at in faulty:
        rows[at] = [None if type(cell) is str and cell in _ERRORS else cell for cell in rows[at]]
    return faulty


def _scan(file: File, sheet: Any) -> tuple[bool, int]:
    """Whether the sheet has formulas, and how many ranges of merged cells (read-only sheets don't tell)."""
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        xml = archive.read(sheet._worksheet_path)
    formulas = re.search(rb"<(?:\w+:)?f[\s/>]", xml) is not None
    return formulas, len(re.findall(rb"<(?:\w+:)?mergeCell\s", xml))


def _unsaved_formulas(file: File, sheet: Any) -> list[int]:
    """Return the row (from 0, in the sheet) of each formula that has no value, by reading the sheet both ways."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(file.data), read_only=True, data_only=False)
    both = zip(_all_rows(sheet), _all_rows(book[sheet.title]), strict=False)
    return [
        at
        for at, (values, formulas) in enumerate(both)
        for value, formula in zip(values, formulas, strict=False)
        if value is None and formula is not None
    ]
