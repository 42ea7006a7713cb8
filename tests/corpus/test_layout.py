"""How a file is laid out can be said: what was guessed is given back, and can be overruled."""

import io
from dataclasses import replace

import openpyxl
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import read_table


def names(table):
    return [column.name for column in table.columns]


def test_a_header_is_taken_or_left_as_it_is_said():
    content = b"text,label\nthe first,a\nthe second,b\n"
    guessed = read_table(content, "t.csv")
    assert (guessed.layout.header, names(guessed), len(guessed)) == (1, ["text", "label"], 2)
    told = read_table(content, "t.csv", replace(guessed.layout, header=0))
    assert (told.layout.header, names(told), len(told)) == (0, ["column 1", "column 2"], 3)
    again = read_table(b"one of it,a\nanother one,b\n", "t.csv", FileLayout(header=1))
    assert (names(again), len(again)) == (["one of it", "a"], 1)


def test_a_delimiter_is_taken_as_it_is_said():
    content = b"text;more,label\none thing;two,a\nother things;three,b\n"
    assert names(read_table(content, "t.csv", FileLayout(delimiter=";"))) == ["text", "more,label"]
    told = read_table(content, "t.csv", FileLayout(delimiter=","))
    assert (names(told), told.layout.delimiter) == (["text;more", "label"], ",")
    lines = read_table(b"text^label\none thing^a\nother things^b\n", "t.txt", FileLayout(delimiter="^"))
    assert names(lines) == ["text", "label"]


def test_an_encoding_is_taken_as_it_is_said():
    content = "text\nпривет, как дела\nспасибо, хорошо\n".encode("koi8_r")
    told = read_table(content, "t.csv", FileLayout(encoding="koi8-r"))
    assert told.column("text").values[0] == "привет, как дела"
    assert told.layout.encoding == "koi8-r"
    assert read_table("text\ncafé noir\n".encode(), "t.csv").layout.encoding == "utf-8"


@pytest.mark.parametrize("encoding", ["no such thing", "hex", "rot13", "undefined", "a\0b", ""])
def test_an_encoding_that_is_none_is_refused(encoding):
    with pytest.raises(EmbedlabError, match="no encoding"):
        read_table(b"text\none\n", "t.csv", FileLayout(encoding=encoding))


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    for row in [("text", "label"), ("one text", "a"), ("another text", "b")]:
        book.active.append(row)
    second = book.create_sheet("Answers")
    for row in [("answer",), ("it is good",), ("it is bad",), ("it is so so",)]:
        second.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_sheet_is_read_that_is_named():
    guessed = read_table(workbook(), "b.xlsx")
    assert (guessed.layout.sheet, guessed.sheets, len(guessed)) == ("Notes", ("Notes", "Answers"), 2)
    told = read_table(workbook(), "b.xlsx", replace(guessed.layout, sheet="Answers"))
    assert (told.layout.sheet, names(told), len(told)) == ("Answers", ["answer"], 3)
    with pytest.raises(EmbedlabError, match="no sheet “Others”: choose one of"):
        read_table(workbook(), "b.xlsx", FileLayout(sheet="Others"))
