"""Delimiters and quotation marks as they are in files: tables called .txt, rare marks, stray and single quotes."""

from __future__ import annotations

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import Table, read_table
from tests.sentences import says


def table(content: str, name: str = "t.csv", **layout: object) -> Table:
    return read_table(content.encode(), name, FileLayout(**layout))  # type: ignore[arg-type]


def names(read: Table) -> list[str]:
    return [column.name for column in read.columns]


def cells(read: Table, name: str) -> list[object]:
    return list(read.column(name).values.tolist())


# --- Text or table? ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "id\tdocument\tlabel\n1\thello there, you\t0\n2\tgood bye\t1\n",
        "text,label\nhello there,a\ngood bye,b\nsee you,a\n",
        "text;label\nhello, there;a\ngood bye;b\nsee you;a\n",
        "id|text\n1|hello there\n2|good bye\n3|see you\n",
    ],
)
def test_a_table_that_is_called_txt_is_a_table_and_it_is_said(content: str) -> None:
    read = table(content, "t.txt")
    assert "label" in names(read) or "text" in names(read)
    assert len(names(read)) > 1
    assert "By its content" in read.notes[0].sentence
    assert names(table(content, "t.txt", delimiter="")) == ["text"]


@pytest.mark.parametrize(
    "content",
    [
        "Hello there, you\nGood bye, me\nWell, yes\n",
        "Name: x, y\nTitle, or so: z\nText, more: a\n",
        "\tIndented at first\nnot here\n\tand again\n",
        "One; two\nthree; four\nfive; six\n",
        "Dear text, I write\nlabel, or so\nin lines, always\n",
    ],
)
def test_prose_stays_a_text_a_line(content: str) -> None:
    read = table(content, "t.txt")
    assert (names(read), len(read)) == (["text"], 3)
    assert read.layout == FileLayout(encoding="utf-8", delimiter="", above=0, header=0)


@pytest.mark.parametrize("delimiter", ["^", "~", "¦", "\x01", "\x1f", "::"])
def test_rare_marks_are_found(delimiter: str) -> None:
    rows = "".join(f"{at}{delimiter}words here, and {at}{delimiter}a\n" for at in range(6))
    read = table(f"id{delimiter}text{delimiter}label\n{rows}")
    assert (names(read), read.layout.delimiter, len(read)) == (["id", "text", "label"], delimiter, 6)


@pytest.mark.parametrize(
    ("typed", "taken"),
    [("tab", "\t"), ("\\t", "\t"), ("TAB", "\t"), ("none", ""), ("semicolon", ";"), ("||", "||"), ("–", "–")],
)
def test_a_delimiter_as_it_is_typed(typed: str, taken: str) -> None:
    content = f"text{taken or ','}n\nhello there{taken or ','}1\n"
    read = table(content, delimiter=typed)
    assert read.layout.delimiter == taken
    assert names(read) == (["text", "n"] if taken else ["text,n"])


@pytest.mark.parametrize("typed", ["\n", "\r", '"', "a long one", "\0"])
def test_what_is_no_delimiter_is_refused(typed: str) -> None:
    with pytest.raises(EmbedlabError, match="can't be separated by"):
        table("text,n\na b,1\n", delimiter=typed)


def test_what_a_file_has_not_made_no_difference_and_it_is_said() -> None:
    read = read_table(b'[{"text": "a b"}]', "t.json", FileLayout(delimiter=";", sheet="2"))
    assert any("delimiter and sheet" in note.sentence for note in read.notes)
    assert read_table(b"text\na b\n", "t.csv", FileLayout(delimiter=",")).notes == ()


# --- Quotation marks -----------------------------------------------------------------------------


def lines(delimiter: str, changed: dict[int, tuple[str, str]], key: str = "") -> str:
    rows = [(f"{key}{at}", *changed.get(at, (f"words {at} here", f"others {at}"))) for at in range(30)]
    return "\n".join(delimiter.join(row) for row in [("id", "first", "second"), *rows]) + "\n"


@pytest.mark.parametrize(
    ("content", "name", "instead"),
    [
        (lines("\t", {5: ('"We are sorry', "x"), 9: ("the end", 'of it"')}), "t.tsv", 26),
        (lines("\t", {5: ('"We are sorry', "x"), 9: ("the end", 'of it"')}, "k"), "t.tsv", 26),
        (lines(",", {5: ('"We are sorry', "x"), 9: ("the end", 'of it"')}), "t.csv", 26),
        (
            lines(",", {3: ('24" monitor', "ok"), 4: ('"5"" disk"', "fine"), 8: ('"half', "q"), 10: ('12"', "z")}),
            "t.csv",
            28,
        ),
        (lines("|", {1: ('"open', "x"), 2: ("y", 'shut"'), 20: ('"open', "x"), 21: ("y", 'shut"')}), "t.txt", 28),
    ],
)
def test_stray_quotation_marks_swallow_no_rows_and_both_counts_are_said(content: str, name: str, instead: int) -> None:
    read = table(content, name)
    assert len(read) == 30
    swallowing = [note for note in read.notes if note.kind == "changed"]
    assert any(says(note.sentence, note.count, 30, instead) for note in swallowing)


def test_a_quotation_that_covers_two_cells_of_a_tsv_is_two_cells() -> None:
    read = table(lines("\t", {7: ('"It is late, he said.', 'She said so."')}), "t.tsv")
    assert cells(read, "first")[7] == '"It is late, he said.'
    assert cells(read, "second")[7] == 'She said so."'
    assert [(note.kind, note.count, note.rows) for note in read.notes] == [("changed", 1, (8,))]


@pytest.mark.parametrize(
    "content",
    [
        'text\tlabel\n"first line\nsecond line"\ta\n"another\n\nthird"\tb\nplain\ta\n',
        'text,label\n"Hello, you\nand more, me",a\n"plain",b\n"x, y",c\n',
        "text,label\n" + '"same, words\nand more",a\n' * 20,
        "id,text,label\n" + '1,"Hello, Bob\nit is late",a\n2,plain,b\n' * 20,
    ],
)
def test_cells_with_line_ends_stay_whole(content: str) -> None:
    read = table(content, "t.tsv" if "\t" in content else "t.csv")
    assert "\n" in str(cells(read, "text")[0])
    assert not [note for note in read.notes if note.kind == "changed"]


def test_single_quotation_marks_around_cells_are_taken_off_and_it_is_said() -> None:
    read = table("id,text\n1,'it is, fine'\n2,'don''t, do'\n3,'yes, no'\n")
    assert cells(read, "text") == ["it is, fine", "don't, do", "yes, no"]
    assert any("single quotation marks" in note.sentence for note in read.notes)
    assert cells(table("id;text\n1;'it is'\n2;'so'\n3;'be it'\n"), "text") == ["it is", "so", "be it"]


@pytest.mark.parametrize(
    "content",
    ["text,label\nit's fine,a\n'tis good,b\ndon't,a\n", "text,label\n'quoted', he said,a\nno,b\nthe 'thing',a\n"],
)
def test_apostrophes_are_signs(content: str) -> None:
    assert any("'" in str(cell) for cell in cells(table(content), "text"))
