"""Workbooks of whatever program: other names of their parts, rows in any order, hidden rows, escapes, titles."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace

import openpyxl
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import Table, read_table
from tests.sentences import says

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STRICT = "http://purl.oclc.org/ooxml"
OF_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def inline(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def raw_workbook(
    sheets: Mapping[str, str],
    book: str = "xl/workbook.xml",
    folder: str = "xl/worksheets",
    absolute: bool = False,
    shared: Sequence[str] = (),
    strict: bool = False,
    path: str = "{}",
) -> bytes:
    """A workbook as another program writes it: a name and the XML of the rows for each sheet."""
    main = f"{STRICT}/spreadsheetml/main" if strict else MAIN
    relations = f"{STRICT}/officeDocument/relationships" if strict else RELATIONS
    parts = {f"{folder}/s{at}.xml": rows for at, rows in enumerate(sheets.values(), 1)}
    targets = [f"/{name}" if absolute else f"../{name}" for name in parts]
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/{book}" ContentType="{OF_WORKBOOK}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{relations}/officeDocument" Target="{book}"/></Relationships>',
        book: f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(sheets, 1))
        + "</sheets></workbook>",
        f"{book.rpartition('/')[0]}/_rels/{book.rpartition('/')[2]}.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="r{at}" Type="{relations}/worksheet" Target="{target}"/>'
                for at, target in enumerate(targets, 1)
            )
            + "</Relationships>"
        ),
    }
    for name, rows in parts.items():
        members[name] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    if shared:
        strings = "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in shared)
        members["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(path.format(name), content)
    return stream.getvalue()


ROWS = (
    f'<row r="1">{inline("A1", "text")}{inline("B1", "label")}</row>'
    f'<row r="2">{inline("A2", "one thing")}{inline("B2", "a")}</row>'
    f'<row r="3">{inline("A3", "another thing")}{inline("B3", "b")}</row>'
)


def table(content: bytes, **layout: object) -> Table:
    return read_table(content, "b.xlsx", FileLayout(**layout))  # type: ignore[arg-type]


def rows(read: Table) -> list[list[str]]:
    return [[column.shown(row) for column in read.columns] for row in range(len(read))]


TWO = [["one thing", "a"], ["another thing", "b"]]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"book": "xl/book.xml"},
        {"book": "data/deep/main.xml", "folder": "elsewhere/pages", "absolute": True},
        {"strict": True},
        {"strict": True, "book": "xl/strictly.xml"},
        {"path": "/{}"},
    ],
)
def test_the_parts_of_a_workbook_may_be_called_anything(how: dict[str, object]) -> None:
    read = table(raw_workbook({"Data": ROWS}, **how))  # type: ignore[arg-type]
    assert [column.name for column in read.columns] == ["text", "label"]
    assert rows(read) == TWO


def test_paths_with_backslashes() -> None:
    content = raw_workbook({"Data": ROWS})
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(stream, "w") as archive:
        for name in given.namelist():
            archive.writestr(name.replace("/", "\\") if name.startswith("xl/") else name, given.read(name))
    assert rows(table(stream.getvalue())) == TWO


@pytest.mark.parametrize(
    "sheet",
    [
        # rows in another order
        f'<row r="3">{inline("A3", "another thing")}{inline("B3", "b")}</row>'
        f'<row r="1">{inline("A1", "text")}{inline("B1", "label")}</row>'
        f'<row r="2">{inline("A2", "one thing")}{inline("B2", "a")}</row>',
        # cells in another order
        f'<row r="1">{inline("B1", "label")}{inline("A1", "text")}</row>'
        f'<row r="2">{inline("B2", "a")}{inline("A2", "one thing")}</row>'
        f'<row r="3">{inline("B3", "b")}{inline("A3", "another thing")}</row>',
        # a row in two pieces
        f'<row r="1">{inline("A1", "text")}{inline("B1", "label")}</row>'
        f'<row r="2">{inline("A2", "one thing")}</row><row r="3">{inline("A3", "another thing")}</row>'
        f'<row r="2">{inline("B2", "a")}</row><row r="3">{inline("B3", "b")}</row>',
        # no places at all
        "".join(
            "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
            for row in [["text", "label"], *TWO]
        ),
    ],
)
def test_rows_and_cells_may_come_in_any_order(sheet: str) -> None:
    read = table(raw_workbook({"Data": sheet}))
    assert [column.name for column in read.columns] == ["text", "label"]
    assert rows(read) == TWO


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Hello,_x000D_\n_x000D_\nyou", "Hello,\n\nyou"),
        ("one_x000D_two", "one\ntwo"),
        ("a_x0009_b", "a\tb"),
        ("_x005F_x000D_", "_x000D_"),
        ("smile _xD83D__xDE00_", "smile 😀"),
        ("half _xD83D_", "half \ufffd"),
        ("file_x1_y and _x00_", "file_x1_y and _x00_"),
    ],
)
def test_escapes_become_their_characters(written: str, meant: str) -> None:
    sheet = f'<row r="1">{inline("A1", "text")}</row><row r="2">{inline("A2", written)}</row>'
    assert rows(table(raw_workbook({"Data": sheet}))) == [[meant]]
    sheet = f'<row r="1">{inline("A1", "text")}</row><row r="2"><c r="A2" t="s"><v>0</v></c></row>'
    assert rows(table(raw_workbook({"Data": sheet}, shared=[written]))) == [[meant]]


def test_a_title_above_the_table_and_where_the_rows_are() -> None:
    book = openpyxl.Workbook()
    for row in [["Report Q3"], [], ["text", "stars"], ["it is good", 5], ["it is #N/A", 4], ["so so", "#N/A"]]:
        book.active.append(row)
    read = table(saved(book))
    assert (read.layout.above, read.layout.header) == (2, 1)
    assert [column.name for column in read.columns] == ["text", "stars"]
    changed = [note for note in read.notes if note.kind == "changed"]
    assert [note.rows for note in changed] == [(3,)]
    assert any(says(note.sentence, 2, "“Report Q3”") for note in read.notes)
    again = table(saved(book), above=0, header=0)
    assert len(again) == 6


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def filtered() -> bytes:
    """Ten rows, the last six of them hidden by a filter."""
    book = openpyxl.Workbook()
    book.active.append(["text", "team"])
    for at in range(10):
        book.active.append([f"message number {at}", "shop" if at < 4 else "web"])
        book.active.row_dimensions[at + 2].hidden = at >= 4
    book.active.auto_filter.ref = "A1:B11"
    book.active.auto_filter.add_filter_column(1, ["shop"])
    return saved(book)


def test_hidden_rows_are_read_and_said_or_left_out_and_said() -> None:
    read = table(filtered())
    assert (len(read), read.layout.hidden) == (10, True)
    assert any(says(note.sentence, 6, 10, 4) and "filter" in note.sentence for note in read.notes)
    told = table(filtered(), hidden=False)
    assert (len(told), told.layout.hidden) == (4, False)
    assert any(says(note.sentence, 6, 4, 10) for note in told.notes)


def test_rows_hidden_by_hand_and_none_hidden() -> None:
    book = openpyxl.Workbook()
    for row in [["text"], ["one thing"], ["another thing"], ["a third"]]:
        book.active.append(row)
    assert table(saved(book)).layout.hidden is None
    book.active.row_dimensions[3].hidden = True
    read = table(saved(book))
    assert any(says(note.sentence, 1, 3, 2) and "filter" not in note.sentence for note in read.notes)
    assert [note.rows for note in read.notes] == [(2,)]
    assert rows(table(saved(book), hidden=False)) == [["one thing"], ["a third"]]
    for row in range(1, 5):
        book.active.row_dimensions[row].hidden = True
    with pytest.raises(EmbedlabError, match="All rows of the sheet “Sheet”"):
        table(saved(book), hidden=False)


def test_hidden_columns_are_read_and_said_or_left_out_and_said() -> None:
    book = openpyxl.Workbook()
    for row in [["id", "text", "note", "team"], [1, "one thing", "secret", "x"], [2, "another thing", "hush", "y"]]:
        book.active.append(row)
    book.active.column_dimensions.group("C", "D", hidden=True)  # written as one range of columns
    read = table(saved(book))
    assert [column.name for column in read.columns] == ["id", "text", "note", "team"]
    assert read.layout.hidden
    assert [note.sentence for note in read.notes] == ["2 columns are hidden, and read all the same: “note”, “team”."]
    told = table(saved(book), hidden=False)
    assert [column.name for column in told.columns] == ["id", "text"]
    assert [note.sentence for note in told.notes] == ["2 columns are hidden, and left out as you said."]
    assert told.layout.hidden is False
    book.active.column_dimensions.group("A", "XFD", hidden=True)
    with pytest.raises(EmbedlabError, match="All columns of the sheet “Sheet”"):
        table(saved(book), hidden=False)


def test_a_sheet_by_number_and_by_a_name_in_other_letters() -> None:
    other = ROWS.replace("thing", "answer")
    content = raw_workbook({"Data": ROWS, "Answers 2024": other, "3": ROWS.replace("thing", "third")})
    assert table(content).layout.sheet == "Data"
    assert table(content, sheet="2").layout.sheet == "Answers 2024"
    assert table(content, sheet="answers 2024 ").layout.sheet == "Answers 2024"
    assert rows(table(content, sheet="3"))[0][0] == "one third"
    for wrong in ("0", "4", "Other", ""):
        with pytest.raises(EmbedlabError, match="has no sheet"):
            table(content, sheet=wrong)
    again = table(content, **table(content, sheet="2").layout.facts())
    assert again.layout == replace(again.layout, sheet="Answers 2024")


def test_styles_that_cannot_be_read_do_not_matter() -> None:
    book = openpyxl.Workbook()
    for row in [["text", "n"], ["one thing", 1], ["another thing", 2]]:
        book.active.append(row)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(book))) as given, zipfile.ZipFile(stream, "w") as archive:
        for name in given.namelist():
            content = given.read(name)
            if name == "xl/styles.xml":
                content = content.replace(b"<cellXfs", b"<cellXfs nonsense='1'").replace(b"<fills", b"<fills><what/>")
            archive.writestr(name, b"<coreProperties/>" if name == "docProps/core.xml" else content)
    assert rows(table(stream.getvalue())) == [["one thing", "1"], ["another thing", "2"]]
