"""Bad input: the right result with everything lost counted, or one clear sentence."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import cells
from embedlab.corpus.corpus import Corpus, Note
from embedlab.corpus.reading import delimited, parquet, plain, records
from embedlab.corpus.reading import json as json_text
from embedlab.corpus.reading.table import MAX_CHARACTERS, Table, paste, read_table
from tests.sentences import says

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


def notes(source: Table | Corpus, kind: str) -> list[Note]:
    return [note for note in source.notes if note.kind == kind]


def adds_up(corpus: Corpus) -> bool:
    return sum(note.count for note in notes(corpus, "dropped")) == corpus.rows_read - len(corpus)


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


@pytest.mark.parametrize("content", ["", " \n\r\n\t", "\ufeff"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.json", "a.foo"])
def test_empty_file(content: str, name: str) -> None:
    assert "is empty" in refused(content, name)
    assert "is empty" in refused(gzip.compress(content.encode()), name)


def test_header_only() -> None:
    assert "column names but no rows" in refused("text,label\n")
    assert "column names but no rows" in refused(workbook(["text", "label"]), "a.xlsx")


def test_one_row_and_two_rows() -> None:
    assert table("text,label\nhello there,x\n").corpus().texts == ("hello there",)
    assert table("text,label\nhello there,x\nyes,y\n").corpus().texts == ("hello there", "yes")
    assert paste("hello").corpus().texts == ("hello",)


def test_all_rows_the_same() -> None:
    corpus = table("text,label\n" + "same words,a\n" * 4).corpus()
    assert corpus.texts == ("same words",) * 4
    assert [(note.kind, note.count, note.rows) for note in corpus.notes] == [("info", 3, (2, 3, 4))]
    assert len(table("same words\n" * 4)) == 4


def test_a_hundred_thousand_rows_the_same_are_fast() -> None:
    start = time.perf_counter()
    corpus = table("text,label\n" + "same words,a\n" * 100_000).corpus()
    assert time.perf_counter() - start < 2
    assert len(corpus) == 100_000
    assert notes(corpus, "info")[0].count == 99_999
    assert len(notes(corpus, "info")[0].rows) == 10


def test_only_empty_cells() -> None:
    assert "are empty" in refused(",,\n , ,\n,,\n")
    assert "are empty" in refused("text,label\n,\n,\n")
    assert "are empty" in refused('[{"text": null}, {"text": "  "}]', "a.json")
    assert "“text” of “a.csv” is empty in all 2 rows" in refused("text,note\n,hello there\n,good day\n", text="text")


def test_empty_cells_are_dropped_and_counted() -> None:
    corpus = table("text,label\na b,x\n,y\n   ,y\n\u200b\u3000,y\n\nc d,y\n").corpus()
    assert corpus.texts == ("a b", "c d")
    assert [(note.count, note.rows) for note in notes(corpus, "dropped")] == [(4, (2, 3, 4, 5))]
    assert corpus.rows.tolist() == [0, 5]
    assert adds_up(corpus)


def test_a_column_of_numbers() -> None:
    content = "text,comment,day\n1,good things,2024-01-01\n2,bad things,2024-01-02\n"
    assert says(refused(content, text="text"), "“text”", "only numbers", "choose", "“comment”")
    assert "holds only dates" in refused(content, text="day")
    assert "“a.csv” looks like text (“n”: numbers)" in refused("n\n1\n2\n")
    assert "only numbers" in refused("text,x\n007,1\n012,2\n", text="text")
    with pytest.raises(EmbedlabError, match="numbers"):
        paste("1\n2\n3").corpus()


def test_no_such_column() -> None:
    assert says(refused(GOOD, text="txt"), "“a.csv”", "no column", "“txt”", "choose", "“text”", "“label”")
    assert "no column named “x”" in refused(GOOD, label="x")
    assert "choose another column as the label" in refused(GOOD, text="text", label="text")


def test_no_header() -> None:
    read = table("Where is my card now?,card\nMy card is not here yet.,card\nIt works again.,thanks\n")
    assert [column.name for column in read.columns] == ["column 1", "column 2"]
    assert len(read) == 3
    assert "looks like data" in read.notes[0].sentence
    assert (read.guessed_text, read.guessed_label) == ("column 1", "column 2")
    assert len(table("1,some words\n2,other words\n")) == 2
    assert len(table("I am still waiting for it.\nWhere is my new card now?\nIt does not work at all.\n")) == 3


def test_a_header_of_questions_is_a_header() -> None:
    header = "How satisfied are you with us?,Would you like to add anything at all?"
    assert len(table(f"{header}\n5,no\n4,It was really nice to be served so well\n")) == 2
    assert len(table("What did you like the least about our new shop?\nqueues\nprices\nnoise\n")) == 3


def test_duplicated_and_empty_column_names() -> None:
    read = table("name,name,,name (2),text\na b,c,d,e,hello there\nf g,h,i,j,good day\n")
    names = [column.name for column in read.columns]
    assert names == ["name", "name (3)", "column 3", "name (2)", "text"]
    assert [note.kind for note in read.notes] == ["changed", "changed"]


def test_ragged_rows_are_filled_or_joined_and_counted() -> None:
    read = table("text,label,n\nsome words,a,1\nhi, there, man,b,2\nshort\nother words,c,3,,\n")
    assert read.column("text").values.tolist() == ["some words", "hi, there, man", "short", "other words"]
    assert read.column("label").values.tolist() == ["a", "b", None, "c"]
    assert [(note.count, note.rows) for note in read.notes] == [(1, (3,)), (1, (2,))]


def test_more_cells_than_names_in_all_rows_get_columns() -> None:
    read = table("text,label\n" + "some words,a,7\n" * 3 + "other words,b,8\n" * 3)
    assert [column.name for column in read.columns] == ["text", "label", "column 3"]
    assert read.column("column 3").values.tolist() == [7.0] * 3 + [8.0] * 3


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 20,
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"%PDF-1.7\n%text",
        b"\x00\x01\x02" * 99,
        b"\xca\xfe\xba\xbe" + bytes(range(32)) * 9,
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.json", "a.parquet", "a.xlsx", "a.foo"])
def test_binary_with_a_wrong_name(content: bytes, name: str) -> None:
    assert "save the texts as CSV" in refused(content, name)


def test_other_kinds_of_file() -> None:
    assert "web page" in refused("<!DOCTYPE html><html><body>a,b</body></html>")
    assert "ZIP archive" in refused(zipped({"a.csv": b"x"}), "a.zip")
    assert "Word document" in refused(zipped({"word/document.xml": b"x"}), "a.docx")
    assert "save it as .xlsx" in refused(zipped({"content.xml": b"x"}), "a.ods")
    assert "archive inside an archive" in refused(gzip.compress(gzip.compress(GOOD.encode())), "a.csv.gz")


def test_unknown_ending_is_read_by_content() -> None:
    assert table(GOOD, "a.foo").guessed_label == "label"
    lines = table("Hello you.\nWhat, now?\n", "a.foo")
    assert lines.corpus().texts == ("Hello you.", "What, now?")
    assert "plain text" in lines.notes[0].sentence
    assert table('{"text": "a b"}\n{"text": "c d"}\n', "a.foo").corpus().texts == ("a b", "c d")
    assert table("[1] first note\n[2] second note\n", "a.txt").corpus().texts == ("[1] first note", "[2] second note")


def test_lone_surrogates_and_nuls() -> None:
    content = '[{"text": "a \\ud800 b"}, {"text": "x\\u0000y"}, {"text": "\\ud83d\\ude00"}, {"text": "\\u0000"}]'
    corpus = table(content, "a.json").corpus()
    assert corpus.texts == ("a \ufffd b", "xy", "😀")
    assert [(note.count, note.rows) for note in notes(corpus, "changed")] == [(3, (1, 2, 4))]
    assert [note.rows for note in notes(corpus, "dropped")] == [(4,)]
    assert table("text,l\na\0b,x\nc,y\n").corpus().texts == ("ab", "c")
    assert paste("a \udfff b").corpus().texts == ("a \ufffd b",)


def test_surrogates_in_column_names_and_metadata() -> None:
    read = table('[{"te\\ud800xt": "a b", "c": "\\udc00"}, {"te\\ud800xt": "c d", "c": "x"}]', "a.json")
    assert [column.name for column in read.columns] == ["te\ufffdxt", "c"]
    assert read.column("c").values.tolist() == ["\ufffd", "x"]


def test_a_5_mb_cell_is_kept_and_cut() -> None:
    corpus = table('text,label\n"' + "long, words " * 450_000 + '",a\nshort,b\n').corpus()
    assert [len(text) for text in corpus.texts] == [MAX_CHARACTERS, 5]
    assert [(note.count, note.rows) for note in notes(corpus, "changed")] == [(1, (1,))]


def test_a_text_of_just_the_limit_is_not_cut() -> None:
    assert notes(paste("x" * MAX_CHARACTERS).corpus(), "changed") == []


def test_300_columns() -> None:
    header = ",".join(f"c{at}" for at in range(300))
    row = ",".join("some words here" if at == 7 else str(at) for at in range(300))
    corpus = table(f"{header}\n{row}\n{row}\n").corpus()
    assert corpus.texts == ("some words here",) * 2
    assert len(corpus.columns) == 299


def test_too_many_columns_and_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "10,001 columns" in refused("x," * 10_000 + "x\n" + "1," * 10_000 + "1\n")
    monkeypatch.setattr(cells, "available", lambda: 100 * cells.CELL_BYTES)
    assert "more than 100 cells" in refused("a,b\n" + "c d,e\n" * 60)


def test_rows_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cells, delimited, json_text, parquet, plain, records):
        monkeypatch.setattr(module, "MAX_ROWS", 3)
    stream = io.BytesIO()
    pq.write_table(pa.table({"text": [f"words {at}" for at in range(5)]}), stream)
    for content, name in [
        ("text,n\n" + "".join(f"words {at},1\n" for at in range(5)), "a.csv"),
        ("".join(f"words {at}\n" for at in range(5)), "a.txt"),
        (json.dumps([f"words {at}" for at in range(5)]), "a.json"),
        ("".join(f'{{"text": "words {at}"}}\n' for at in range(5)), "a.jsonl"),
        (stream.getvalue(), "a.parquet"),
        (workbook(["text"], *([f"words {at}"] for at in range(5))), "a.xlsx"),
    ]:
        read = table(content, name)
        corpus = read.corpus()
        assert corpus.texts == ("words 0", "words 1", "words 2"), name
        assert len(read) == 3
        assert corpus.rows_read == 5
        assert [(note.kind, note.count, note.rows) for note in read.notes] == [("dropped", 2, (4, 5))], name
        assert adds_up(corpus)


def test_broken_json_says_where() -> None:
    assert "line 2, column 11" in refused('[{"text": "a"},\n {"text": }]', "a.json")
    assert "nested too deeply" in refused("[" * 200_000, "a.json")
    assert "not valid JSON" in refused('[{"n": ' + "9" * 5000 + "}]", "a.json")
    assert "single value" in refused("3", "a.json")
    assert "is empty" in refused("[]", "a.json")
    assert "no column" in refused("[{}]", "a.json")


def test_jsonl_with_a_broken_line_7() -> None:
    lines = [f'{{"text": "words {at}"}}' for at in range(1, 11)]
    lines[6] = '{"text": oops'
    corpus = table("\n".join(lines), "a.jsonl").corpus()
    assert len(corpus) == 9
    dropped = notes(corpus, "dropped")
    assert [(note.count, note.rows) for note in dropped] == [(1, (7,))]
    assert "line 7." in dropped[0].sentence
    assert corpus.rows.tolist() == [0, 1, 2, 3, 4, 5, 7, 8, 9]
    assert adds_up(corpus)


def test_jsonl_names_lines_of_the_file_and_rows_of_the_table() -> None:
    read = table('{"text": "a b"}\n\nbroken\n{"text": "c d"}\n', "a.jsonl")
    assert "line 3." in read.notes[0].sentence
    assert read.notes[0].rows == (2,)
    assert table('oops\n{"text": "a b"}\n', "a.jsonl").corpus().texts == ("a b",)
    assert "No line" in refused("oops\nno\n", "a.jsonl")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b>bold</b> %{x} <extra></extra>",
        "**bold** $x^2$ [a](javascript:b)",
        "=1+1 is a formula",
        "שלום עולם",
        "👩‍👩‍👧 and zero\u200bwidth \u202eturned",
    ],
)
def test_texts_are_kept_exactly_as_typed(text: str) -> None:
    assert table(f"text,{text}\n{text},a\nother words,b\n").corpus(text="text").texts[0] == text
    assert table(f"text,{text}\n{text},a\nother words,b\n").columns[1].name == text
    assert paste(text).corpus().texts == (text,)
    assert table(json.dumps([{"text": text}]), "a.json").corpus().texts == (text,)


@pytest.mark.parametrize("path", ["missing.csv", "a\0b", "x" * 5000, "https://example.org/a.csv"])
def test_unreadable_paths(path: str) -> None:
    with pytest.raises(EmbedlabError):
        read_table(path)


def test_a_folder_and_a_forbidden_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EmbedlabError, match="is a folder"):
        read_table(tmp_path)

    def forbidden(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(EmbedlabError, match=r"can't be read \(Permission denied\)"):
        read_table(tmp_path / "a.csv")


def test_nothing_pasted() -> None:
    with pytest.raises(EmbedlabError, match="paste or type"):
        paste(" \n\t\n")


def test_bytes_need_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        read_table(GOOD.encode())
