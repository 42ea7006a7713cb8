"""Workbooks, Parquet and gzip files that are damaged, protected or made to harm."""

from __future__ import annotations

import gzip
import io
import time
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.reading import files
from embedlab.corpus.reading import workbook as workbook_reading
from embedlab.corpus.reading.table import Table, read_table

GOOD = "text,label\nsome words here,a\nother words there,b\n"


def table(content: str | bytes, name: str = "a.csv") -> Table:
    return read_table(content.encode() if isinstance(content, str) else content, name)


def refused(content: str | bytes, name: str = "a.csv", **chosen: str) -> str:
    """The one sentence with which this input is refused."""
    with pytest.raises(EmbedlabError) as caught:
        table(content, name).corpus(**chosen)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def workbook(*rows: list[object], merge: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose only sheet is this XML."""
    with zipfile.ZipFile(io.BytesIO(workbook(["text"], ["a b"]))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**members, "xl/worksheets/sheet1.xml": xml})


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def test_xlsx_formulas_without_values_and_merged_cells() -> None:
    content = workbook(["text", "n", "group"], ["a b", 1, "x"], ["c d", "=1+1", None], ["e f", 3, "y"], merge="C2:C3")
    read = table(content, "a.xlsx")
    assert read.column("n").shown(1) == ""
    assert read.column("group").values.tolist() == ["x", None, "y"]
    found = {note.kind: (note.count, note.rows) for note in read.notes}
    assert found == {"info": (1, ()), "changed": (1, (2,))}
    assert "saved without their values" in refused(workbook(["text"], ["=1+1"]), "a.xlsx")


def test_xlsx_that_is_empty_or_damaged() -> None:
    content = workbook(["text"], ["a b"])
    assert "is empty" in refused(workbook(), "a.xlsx")
    assert "damaged" in refused(content[:-60], "a.xlsx")
    assert "damaged" in refused(zipped({"xl/workbook.xml": b"x"}), "a.xlsx")


def test_password_protected_xlsx() -> None:
    sentence = refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xlsx")
    assert "password" in sentence
    assert ".xls format" in sentence


def test_zip_bomb_in_xlsx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reading, "RATIO_FROM", 1 << 20)
    bomb = with_sheet(SHEET % (b" " * (8 << 20)))
    assert len(bomb) < 20_000
    assert "would unzip to 8 MiB" in refused(bomb, "a.xlsx")
    monkeypatch.setattr(workbook_reading, "MAX_WORKBOOK_BYTES", 1 << 10)
    assert "would unzip to" in refused(workbook(["text"], ["a b"]), "a.xlsx")


def test_xlsx_whose_directory_lies_about_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(SHEET % b"") + (4 << 20)
    bomb = with_sheet(SHEET % (b" " * (4 << 20)))
    assert bomb.count(size.to_bytes(4, "little")) == 2
    assert "damaged" in refused(bomb.replace(size.to_bytes(4, "little"), (300).to_bytes(4, "little")), "a.xlsx")


def test_xlsx_with_entities_or_impossible_places() -> None:
    entity = (
        b'<!DOCTYPE x [<!ENTITY a "aaa">]>'
        + SHEET % b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row>'
    )
    assert "damaged" in refused(with_sheet(entity), "a.xlsx")
    cell = b'<row r="%d"><c r="%s" t="inlineStr"><is><t>text</t></is></c></row>'
    start = time.perf_counter()
    assert "no rows" in refused(
        with_sheet(SHEET % (cell % (1, b"A1") + cell % (2_000_000_000, b"A2000000000"))), "a.xlsx"
    )
    assert time.perf_counter() - start < 10
    wide = b"".join(cell % (row, b"XFD%d" % row) for row in range(1, 9))
    assert "16,384 columns" in refused(with_sheet(SHEET % wide), "a.xlsx")


def test_gzip_cut_damaged_or_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gzip.compress(GOOD.encode() * 50)
    assert "ends too early" in refused(whole[:-12], "a.csv.gz")
    assert "damaged" in refused(b"\x1f\x8b" + b"x" * 40, "a.csv.gz")
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 21)
    bomb = gzip.compress(b"a" * (1 << 22))
    assert "once it is unzipped" in refused(bomb, "a.csv.gz")
    monkeypatch.setattr(files, "available", lambda: 6 << 21)
    assert "larger than 2 MiB, which is what can be read with the memory that is free" in refused(b"a" * (1 << 22))
    monkeypatch.setattr(files, "available", lambda: None)
    assert "larger than 2 MiB" in refused(b"a" * (1 << 22))


def test_damaged_or_empty_parquet() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"text": ["a b"]}), stream)
    assert "can't be read as Parquet" in refused(stream.getvalue()[:-20], "a.parquet")
    stream = io.BytesIO()
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), stream)
    assert "no rows" in refused(stream.getvalue(), "a.parquet")
