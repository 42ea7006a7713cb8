"""XLSX workbooks, of whatever program."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, check_size, most_cells, rectangle
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.reading.files import File
from embedlab.text.normalise import well_formed

MAX_WORKBOOK_BYTES = 1 << 29
"""The most that a workbook may hold once it is unzipped."""
MAX_RATIO = 250
"""A workbook of more than `RATIO_FROM` bytes may unzip to this many times its size; real ones reach 50."""
RATIO_FROM = 1 << 26
SHEET_ROWS = 1_048_576
"""The most rows that a sheet can have; a file that claims more is not read further."""

_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"))
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_STRICT = b"http://purl.oclc.org/ooxml/"
_NAMESPACES = (
    (_STRICT + b"spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        _STRICT + b"officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (_STRICT + b"drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
)
"""What ISO's strict form calls its parts, and what all others do."""
_YES = ("1", "true")


def read_xlsx(file: File, layout: FileLayout = GUESSED) -> Raw:
    """Read the sheet that `layout` names, by its name or its number from 1, else the first visible one with rows.

    Formulas give the values that were saved with them. Hidden rows are read, unless `layout` says otherwise; a note
    counts them.
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
    return _sheet_table(file.name, sheet, layout)


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


# --- The parts of a workbook ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _SheetPart:
    """A sheet before it is read: its name, whether it is shown, and where it lies in the archive."""

    title: str
    visible: bool
    path: str


@dataclass(frozen=True, eq=False)
class _Book:
    """An open workbook: openpyxl's reader of its archive, its strings as they are written, its sheets."""

    name: str
    reader: Any
    strings: list[str]
    sheets: tuple[_SheetPart, ...]

    def parser(self, part: _SheetPart, values: bool = True) -> Any:
        """Return openpyxl's parser of a sheet, for its values or its formulas."""
        from openpyxl.worksheet._reader import WorkSheetParser

        book = self.reader.wb
        source = self.reader.archive.open(part.path)
        return WorkSheetParser(
            source, self.strings, data_only=values, epoch=book.epoch, date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )  # fmt: skip


def _opened(file: File) -> _Book:
    """Open what is needed of a workbook: no pictures, no properties, and styles only where they can be read."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet

    reader = ExcelReader(io.BytesIO(_usual_form(file.data)), read_only=True, data_only=True)
    reader.read_manifest()
    reader.read_workbook()
    try:
        apply_stylesheet(reader.archive, reader.wb)
    except Exception:  # without styles dates are numbers, which is better than nothing
        reader.wb._date_formats = set()
    parts = tuple(
        _SheetPart(str(sheet.name), sheet.state == "visible", relation.target)
        for sheet, relation in reader.parser.find_sheets()
        if relation.target in reader.valid_files and relation.Type.endswith("/worksheet")
    )
    return _Book(file.name, reader, _shared_strings(reader), parts)


def _usual_form(data: bytes) -> bytes:
    """Return a workbook with the namespaces and the paths that are usual; most have them already."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        strict = any(_STRICT in archive.read(name) for name in names if name.endswith(".rels"))
        strict = strict or any(_STRICT in archive.read(name) for name in names if "workbook" in name.lower())
        odd = any("\\" in name or name.startswith("/") for name in names)
        if not (strict or odd):
            return data
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as written:
            for name in names:
                content = archive.read(name)
                if name.endswith((".xml", ".rels")):
                    for theirs, usual in _NAMESPACES:
                        content = content.replace(theirs, usual)
                written.writestr(name.replace("\\", "/").lstrip("/"), content)
    return stream.getvalue()


def _shared_strings(reader: Any) -> list[str]:
    """Return the strings that cells refer to, with their escapes."""
    from openpyxl.cell.text import Text
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    part = reader.package.find(SHARED_STRINGS)
    path = part.PartName.lstrip("/") if part is not None else "xl/sharedStrings.xml"
    if path not in reader.valid_files:
        return []
    strings = []
    with reader.archive.open(path) as source:
        for _, node in iterparse(source):
            if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                strings.append(Text.from_tree(node).content)
                node.clear()
    return strings


def _unescaped(text: str) -> str:
    """Return a string with what it writes as _xHHHH_; a carriage return becomes a line end."""
    if not _ESCAPE.search(text):
        return text
    plain = well_formed(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
    return plain.replace("\r\n", "\n").replace("\r", "\n")


# --- One sheet -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A sheet's rows from its first to the last with a value, without empty cells at their ends.

    `unread` counts those beyond the limit. `hidden` are the places (from 0) of the rows that are hidden and have a
    value, `filtered` says whether a filter is set. `unsaved` holds the place of the row of each formula that was saved
    without a value.
    """

    title: str
    rows: list[list[Any]]
    unread: int
    hidden: tuple[int, ...] = ()
    filtered: bool = False
    titles: tuple[str, ...] = ()
    merged: int = 0
    unsaved: tuple[int, ...] = ()


def _chosen_sheet(file: File, title: str | None) -> _Sheet:
    """Return the sheet `title`, or the first visible one with two rows or more, else with one, else the first."""
    book = _opened(file)
    if title is not None:
        offered: Sequence[_SheetPart] = [_named(book, title)]
    else:
        offered = [part for part in book.sheets if part.visible] or book.sheets
    if not offered:
        raise EmbedlabError(f"“{file.name}” is empty: it has no sheet with cells.")
    best, source = _sheet_rows(book, offered[0]), offered[0]
    for part in offered[1:]:
        if sum(map(bool, best.rows)) > 1:
            break
        found = _sheet_rows(book, part)
        if sum(map(bool, found.rows)) > sum(map(bool, best.rows)):
            best, source = found, part
    formulas = re.search(rb"<(?:\w+:)?f[\s/>]", book.reader.archive.read(source.path)) is not None
    unsaved = tuple(_unsaved_formulas(book, source)) if formulas else ()
    return replace(best, titles=tuple(part.title for part in book.sheets), unsaved=unsaved)


def _named(book: _Book, title: str) -> _SheetPart:
    """Return the sheet of that name, else of that number, from 1."""
    for part in book.sheets:
        if part.title == title:
            return part
    folded = [part for part in book.sheets if part.title.strip().casefold() == title.strip().casefold()]
    if len(folded) == 1:
        return folded[0]
    if title.isascii() and title.isdigit() and 0 < int(title[:6]) <= len(book.sheets):
        return book.sheets[int(title[:6]) - 1]
    have = listed(part.title for part in book.sheets)
    raise EmbedlabError(f"“{book.name}” has no sheet “{title}”: choose one of {have}.")


def _sheet_rows(book: _Book, part: _SheetPart) -> _Sheet:
    parser = book.parser(part)
    rows: list[list[Any]] = []
    numbers: list[int] = []
    unread = cells = 0
    most = most_cells()
    for number, row in _rows_in_order(parser, book.name):
        if len(numbers) > MAX_ROWS:
            unread += bool(row)
            continue
        if not row:
            continue
        rows.extend([] for _ in range(min(number - 1, MAX_ROWS + 1) - len(rows)))
        rows.append(row)
        numbers.append(number)
        cells += len(row)
        if cells > most:
            check_size(book.name, len(rows), -(-cells // len(rows)))
    hidden = tuple(number - 1 for number in numbers if _is_hidden(parser, number))
    filters = getattr(getattr(parser, "auto_filter", None), "filterColumn", ())
    merged = len(getattr(parser.merged_cells, "mergeCell", ()) or ())
    return _Sheet(part.title, rows, unread, hidden, bool(filters), merged=merged)


def _is_hidden(parser: Any, number: int) -> bool:
    return parser.row_dimensions.get(str(number), {}).get("hidden", "") in _YES


def _rows_in_order(parser: Any, name: str) -> Iterator[tuple[int, list[Any]]]:
    """Yield the number of each row (from 1) and its cells, without empty ones at the end, by number.

    The cells of a row, and the rows of a sheet, may come in any order in a file, and in several pieces.
    """
    rows: dict[int, dict[int, Any]] = {}
    count = 0
    most = most_cells()
    for number, cells in parser.parse():
        if number > SHEET_ROWS:
            continue
        held = {cell["column"]: _value(cell) for cell in cells if cell["value"] is not None}
        rows[number] = {**rows[number], **held} if number in rows else held
        count += len(held)
        if count > most:
            check_size(name, len(rows), -(-count // len(rows)))
    for number, held in sorted(rows.items()):
        row = [held.get(at) for at in range(1, max(held, default=0) + 1)]
        while row and row[-1] in (None, ""):
            row.pop()
        yield number, row


def _value(cell: dict[str, Any]) -> Any:
    value = cell["value"]
    return _unescaped(value) if type(value) is str and "_x" in value else value


def _unsaved_formulas(book: _Book, part: _SheetPart) -> list[int]:
    """Return the row (from 0, in the sheet) of each formula that has no value, by reading the sheet both ways."""
    saved = {
        (number, cell["column"])
        for number, cells in book.parser(part).parse()
        for cell in cells
        if cell["value"] is not None
    }
    return [
        number - 1
        for number, cells in book.parser(part, values=False).parse()
        for cell in cells
        if cell["data_type"] == "f" and (number, cell["column"]) not in saved
    ]


# --- A sheet as a table --------------------------------------------------------------------------


def _sheet_table(name: str, sheet: _Sheet, layout: FileLayout) -> Raw:
    if sheet.unsaved and sum(map(bool, sheet.rows)) <= 1:
        raise EmbedlabError(
            f"The formulas in “{name}” were saved without their values: "
            "open it in a spreadsheet program and save it there."
        )
    if not any(sheet.rows):
        which = "no sheet has" if layout.sheet is None else f"the sheet “{sheet.title}” has not"
        raise EmbedlabError(f"“{name}” is empty: {which} a row in it.")
    rows, places = _shown_rows(name, sheet, layout.hidden)
    faulty = _without_errors(rows)
    before = len(rows) + sheet.unread
    raw = rectangle(name, rows, sheet.unread, layout=layout)
    taken_off = before - raw.rows
    table_rows = {place: at - taken_off for at, place in enumerate(places) if at >= taken_off}
    others = [title for title in sheet.titles if title != sheet.title]
    notes = []
    if others:
        notes.append(Note("info", 0, f"The sheet “{sheet.title}” was read; not read: {listed(others)}."))
    hidden = [place for place in sheet.hidden if place not in places or place in table_rows]
    notes += _hidden_notes(sheet, hidden, raw.rows, layout.hidden is False, table_rows)
    ranges = counted(sheet.merged, "range")
    sentence = f"{ranges} of merged cells: the value belongs to the first cell, the others are empty."
    notes += noted("info", sheet.merged, sentence)
    sentence = f"{counted(len(faulty), 'row has', 'rows have')} cells with an error such as #N/A: now empty."
    notes += noted("changed", len(faulty), sentence, (max(0, at - taken_off) for at in faulty))
    sentence = f"{counted(len(sheet.unsaved), 'formula was', 'formulas were')} saved without a value: now empty."
    unsaved = sorted({table_rows.get(place, 0) for place in sheet.unsaved})
    notes += noted("changed", len(sheet.unsaved), sentence, unsaved)
    read_hidden = None if not hidden else layout.hidden is not False
    taken = replace(raw.layout, sheet=sheet.title, hidden=read_hidden)
    return replace(raw, notes=notes + raw.notes, layout=taken, sheets=sheet.titles)


def _shown_rows(name: str, sheet: _Sheet, hidden: bool | None) -> tuple[list[list[Any]], Sequence[int]]:
    """Return the rows to read, and the place of each in the sheet: all, or without the hidden ones."""
    if hidden is not False or not sheet.hidden:
        return sheet.rows, range(len(sheet.rows))
    left_out = set(sheet.hidden)
    places = [place for place in range(len(sheet.rows)) if place not in left_out]
    rows = [sheet.rows[place] for place in places]
    if not any(rows):
        raise EmbedlabError(f"All rows of the sheet “{sheet.title}” of “{name}” are hidden: read them too.")
    return rows, places


def _hidden_notes(
    sheet: _Sheet, hidden: Sequence[int], rows: int, left_out: bool, table_rows: dict[int, int]
) -> list[Note]:
    """Say how many rows are hidden, and how many there are with and without them."""
    count = len(hidden)
    why = "hidden, and a filter is set" if sheet.filtered else "hidden"
    if left_out:
        sentence = (
            f"{counted(count, 'row is', 'rows are')} {why}: left out as you said, which gives {counted(rows, 'row')} "
            f"instead of {rows + count:,}."
        )
        return noted("info", count, sentence)
    sentence = (
        f"{counted(count, 'row is', 'rows are')} {why}: read all the same, which gives {counted(rows, 'row')} instead "
        f"of {rows - count:,}."
    )
    return noted("info", count, sentence, (table_rows[place] for place in hidden))


def _without_errors(rows: list[list[Any]]) -> list[int]:
    """Empty the cells that hold an error; return their rows."""
    faulty = [at for at, row in enumerate(rows) if any(type(cell) is str and cell in _ERRORS for cell in row)]
    for at in faulty:
        rows[at] = [None if type(cell) is str and cell in _ERRORS else cell for cell in rows[at]]
    return faulty
