"""What the readers make of good files: every format, encodings, delimiters, kinds of columns, guesses."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.corpus import Corpus
from embedlab.corpus.guess import guess_title, titles
from embedlab.corpus.reading.files import ENDINGS, TEXTUAL, stem
from embedlab.corpus.reading.table import Table, paste, read, read_table
from tests.sentences import say, says

CSV = "message,intent,stars,day\nWhere is my card?,card,4,2024-01-31\nIt works now,thanks,5,2024-02-01\n"


def table(content: str | bytes, name: str = "a.csv") -> Table:
    return read_table(content.encode() if isinstance(content, str) else content, name)


def values(source: Table | Corpus, name: str) -> list[Any]:
    return list(source.column(name).values.tolist())


def sentences(source: Table | Corpus) -> str:
    return " ".join(note.sentence for note in source.notes)


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    for at, rows in enumerate(sheets):
        sheet = book.active if at == 0 else book.create_sheet(f"Sheet {at + 1}")
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parquet(columns: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def records() -> list[dict[str, Any]]:
    return [
        {"message": "Where is my card?", "intent": "card", "stars": 4, "day": "2024-01-31"},
        {"message": "It works now", "intent": "thanks", "stars": 5, "day": "2024-02-01"},
    ]


def in_format(ending: str) -> bytes:
    rows = records()
    if ending == "csv":
        return CSV.encode()
    if ending in ("tsv", "tab"):
        return CSV.replace(",", "\t").encode()
    if ending == "json":
        return json.dumps(rows).encode()
    if ending in ("jsonl", "ndjson"):
        return "\n".join(map(json.dumps, rows)).encode()
    for row in rows:
        row["day"] = dt.date.fromisoformat(row["day"])
    if ending == "parquet":
        return parquet({name: [row[name] for row in rows] for name in rows[0]})
    return workbook([list(rows[0]), *(list(row.values()) for row in rows)])


FORMATS = [ending for ending in ENDINGS if ending not in ("txt", *TEXTUAL)]


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("zipped", [False, True])
def test_every_format_gives_the_same_table(ending: str, zipped: bool) -> None:
    content = in_format(ending)
    read = table(gzip.compress(content), f"a.{ending}.gz") if zipped else table(content, f"a.{ending}")
    kinds = [(column.name, column.kind) for column in read.columns[1:]]
    assert kinds == [("intent", "category"), ("stars", "number"), ("day", "date")]
    assert values(read, "message") == ["Where is my card?", "It works now"]
    assert values(read, "stars") == [4.0, 5.0]
    assert read.column("day").shown(0) == "2024-01-31"
    assert (read.guessed_text, read.guessed_label, read.rows_read) == ("message", "intent", 2)
    assert read.notes == ()


@pytest.mark.parametrize("ending", FORMATS)
def test_the_content_decides_the_format_and_not_the_name(ending: str) -> None:
    read = table(in_format(ending), "renamed.xlsx" if ending == "csv" else "renamed.csv")
    assert values(read, "message") == ["Where is my card?", "It works now"]


def test_gzip_is_known_by_its_content() -> None:
    assert values(table(gzip.compress(CSV.encode()), "a.csv"), "stars") == [4.0, 5.0]
    assert values(table(CSV, "a.csv.gz"), "stars") == [4.0, 5.0]


def test_read_takes_a_path_and_names_the_corpus_after_it(tmp_path: Path) -> None:
    path = tmp_path / "my.tickets.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode()))
    corpus = read(path, text="message", label="intent")
    assert corpus.name == "my.tickets"
    assert corpus.texts == ("Where is my card?", "It works now")
    assert [column.name for column in corpus.columns] == ["intent", "stars", "day"]
    assert corpus.label == "intent"
    assert read(str(path)).fingerprint == corpus.fingerprint


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.csv", "a"), ("a.CSV.GZ", "a"), ("v1.2", "v1.2"), (".csv", ".csv"), ("pasted text", "pasted text")],
)
def test_stem(name: str, expected: str) -> None:
    assert stem(name) == expected


def test_a_name_from_a_browser_is_never_a_path() -> None:
    assert table(CSV, "../../etc/tickets.csv").name == "tickets.csv"
    assert table(CSV, r"C:\Users\me\tickets.csv").name == "tickets.csv"


def test_paste_is_a_text_a_line_and_blank_lines_are_counted() -> None:
    pasted = paste("one, two\n\n  three\r\n \t\nfour\n")
    assert len(pasted) == 5
    corpus = pasted.corpus()
    assert corpus.texts == ("one, two", "  three", "four")
    assert corpus.rows.tolist() == [0, 2, 4]
    assert corpus.rows_read == 5
    assert [(note.kind, note.count, note.rows) for note in corpus.notes] == [("dropped", 2, (2, 4))]
    assert corpus.name == "pasted text"


def test_txt_lines_end_only_where_an_editor_ends_them() -> None:
    read = table("a\u2028b\x0bc\x85d\r\nnext\rlast", "a.txt")
    assert values(read, "text") == ["a\u2028b\x0bc\x85d", "next", "last"]


@pytest.mark.parametrize(("delimiter", "spoken"), [(";", "semicolons"), ("|", "vertical bars"), ("\t", "tabs")])
def test_delimiters_are_found_and_said(delimiter: str, spoken: str) -> None:
    read = table(f"text{delimiter}n\na, b, c{delimiter}1\nd, e, f{delimiter}2\n")
    assert values(read, "text") == ["a, b, c", "d, e, f"]
    assert values(read, "n") == [1.0, 2.0]
    assert spoken in sentences(read)


def test_a_declared_delimiter_counts() -> None:
    assert values(table("sep=;\ntext;n\na, b;1\n"), "text") == ["a, b"]


def test_quotes_newlines_and_delimiters_in_cells() -> None:
    read = table('text,n\n"a ""quoted"" word,\nand\r\n\na line",1\n" spaced ",2\n')
    assert values(read, "text") == ['a "quoted" word,\nand\r\n\na line', " spaced "]


def test_backslashes_before_quotes_and_spaces_after_delimiters() -> None:
    assert values(table('text,n\n"He said \\"hi\\", then",1\n"x, y",2\n'), "text") == ['He said "hi", then', "x, y"]
    assert values(table('text, n\n"a, b", 1\n"c, d", 2\n'), "text") == ["a, b", "c, d"]


def test_one_column_with_commas_in_its_texts() -> None:
    read = table('text\nHello, Bob\nNo\nWell, yes, "ok"\n"Quoted, here"\n')
    assert values(read, "text") == ["Hello, Bob", "No", 'Well, yes, "ok"', "Quoted, here"]


def test_quotation_marks_that_do_not_pair_up_swallow_nothing() -> None:
    read = table('text,label\n"open here,a\nfine one,b\n"Hello" he said,a\n"good, really",b\n')
    assert values(read, "text") == ['"open here', "fine one", '"Hello" he said', "good, really"]
    assert values(read, "label") == ["a", "b", "a", "b"]
    assert [(note.kind, note.count, note.rows) for note in read.notes] == [("changed", 2, (1, 3))]


def test_json_shapes() -> None:
    expected = ["a b", "c d"]
    shapes = [
        '["a b", "c d"]',
        '{"text": ["a b", "c d"], "n": [1, 2]}',
        '{"status": "ok", "result": {"items": [{"text": "a b"}, {"text": "c d"}]}}',
        '{"k1": {"text": "a b"}, "k2": {"text": "c d"}}',
        '{"text": {"0": "a b", "1": "c d"}, "n": {"0": 1, "1": 2}}',
        '{"columns": ["text", "n"], "index": [0, 1], "data": [["a b", 1], ["c d", 2]]}',
        '[["text", "n"], ["a b", 1], ["c d", 2]]',
        '{"train": [{"text": "a b"}], "test": [{"text": "c d"}]}',
    ]
    for shape in shapes:
        assert values(table(shape, "a.json"), "text") == expected, shape
    assert values(table(shapes[-1], "a.json"), "part") == ["train", "test"]


def test_nested_json_becomes_columns() -> None:
    rows = [
        {"user": {"name": "Ann", "at": {"city": "Rome"}}, "tags": ["x", "y"], "text": "a b", "vector": [0.5] * 8},
        {
            "user": {"name": "Bob"},
            "text": "c d",
            "lines": ["This is a whole sentence, one of two.", "And that is the other one of the two."],
        },
    ]
    read = table(json.dumps(rows), "a.json")
    assert [column.name for column in read.columns] == ["user.name", "user.at.city", "tags", "text", "lines"]
    assert values(read, "user.at.city") == ["Rome", None]
    assert values(read, "tags") == ["x, y", None]
    assert values(read, "lines")[1] == "This is a whole sentence, one of two. And that is the other one of the two."
    assert "“vector”" in sentences(read)


def test_json_deeper_than_the_limit_stays_json() -> None:
    rows = [{"text": "a b", "a": {"b": {"c": {"d": {"e": 1}}}}}]
    assert values(table(json.dumps(rows), "a.json"), "a.b.c.d") == ['{"e": 1}']


def test_parquet_types() -> None:
    zone = pa.timestamp("ns", "Europe/Berlin")
    read = table(
        parquet(
            {
                "text": ["a b", "c d"],
                "when": pa.array([dt.datetime(2024, 1, 1, 12), None], zone),
                "dictionary": pa.array(["x", "y"]).dictionary_encode(),
                "list": [["p", "q"], None],
                "struct": [{"a": 1}, {"a": None}],
                "vector": pa.array([[0.5, 1.0]] * 2, pa.list_(pa.float32())),
                "picture": [b"\x00", b"\x01"],
                "flag": [True, None],
                "large": [2**60 + 1, 1],
                "infinite": [float("inf"), 1.0],
            }
        ),
        "a.parquet",
    )
    assert [(column.name, column.kind) for column in read.columns[1:3]] == [
        ("when", "date"),
        ("dictionary", "category"),
    ]
    assert read.column("when").shown(0) == "2024-01-01 12:00:00"
    assert read.column("when").shown(1) == ""
    assert values(read, "list") == ["p, q", None]
    assert read.column("struct.a").shown(0) == "1"
    assert read.column("struct.a").shown(1) == ""
    assert values(read, "flag") == ["true", None]
    assert values(read, "large") == [str(2**60 + 1), "1"]
    assert np.isnan(values(read, "infinite")[0])
    assert {"vector", "picture"}.isdisjoint(column.name for column in read.columns)
    for said in ("“vector”", "“picture”", "infinite number"):
        assert said in sentences(read)


def test_xlsx_reads_the_first_sheet_with_a_table_and_names_the_others() -> None:
    data = [["text", "flag", "code"], ["a b", True, "007"], [None, None, None], ["c d", False, "#N/A"]]
    read = table(workbook([["A title"]], data, [["other"]]), "a.xlsx")
    assert values(read, "text") == ["a b", None, "c d"]
    assert values(read, "flag") == ["true", None, "false"]
    assert values(read, "code") == ["007", None, None]
    assert "“Sheet 2” was read; not read: “Sheet”, “Sheet 3”" in sentences(read)
    assert [note.rows for note in read.notes if note.kind == "changed"] == [(3,)]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2.5", "3e4", ""], "number"),
        (["1", "NA", "3", "n/a"], "number"),
        (["1999", "2024", "2001", "2002"], "number"),
        (["007", "12", "13", "14"], "category"),
        (["1", "two", "1", "two"], "category"),
        (["9007199254740993", "1", "1", "1"], "category"),
        (["inf", "1", "1", "1"], "category"),
        (["1_000", "1", "1", "1"], "category"),
        (["2024-01-31", "2024-02-01 10:00", "", "2024-02-01T10:00:00Z"], "date"),
        (["31/12/2024", "01/02/2024", "", ""], "date"),
        (["12/31/2024", "01/02/2024", "", ""], "date"),
        (["01.02.2024", "02.02.2024", "", ""], "date"),
        (["01/02/2024", "02/03/2024", "01/02/2024", "01/02/2024"], "category"),
        (["2024-02-30", "2024-02-01", "2024-02-01", "2024-02-01"], "category"),
        (["a", "b", "a", "b"], "category"),
        (["first long sentence here", "another one", "and a third", "the fourth"], "text"),
        (["", "", "", ""], "category"),
    ],
)
def test_kinds(cells: list[str], kind: str) -> None:
    read = table("text,x\n" + "".join(f"some words {at},{cell}\n" for at, cell in enumerate(cells)))
    assert read.column("x").kind == kind


def test_day_and_month_are_told_apart_by_the_values() -> None:
    first = table("text,d\na b,31/12/2024\nc d,01/02/2024\n").column("d")
    second = table("text,d\na b,12/31/2024\nc d,01/02/2024\n").column("d")
    assert (first.shown(1), second.shown(1)) == ("2024-02-01", "2024-01-02")


def test_times_with_a_zone_become_utc_and_it_is_said() -> None:
    read = table("text,at\na b,2024-01-01T10:00:00+02:00\nc d,2024-01-01T10:00:00Z\n")
    assert [read.column("at").shown(row) for row in (0, 1)] == ["2024-01-01 08:00:00", "2024-01-01 10:00:00"]
    assert "UTC" in sentences(read)


def test_identifiers_keep_their_last_zero() -> None:
    read = table("text,id,score\na b,1801.00120,1.50\nc d,1801.00121,2.50\n")
    assert values(read, "id") == ["1801.00120", "1801.00121"]
    assert values(read, "score") == [1.5, 2.5]


@pytest.mark.parametrize(
    ("header", "row", "text", "label"),
    [
        ("id,url,body,lang", "7f3a,https://a.example/x,some words here {},en", "body", None),
        ("title,abstract,label", "short title {},a much longer abstract of many words {},x{}", "abstract", "label"),
        ("text,split,intent", "some words {},train,i{}", "text", "intent"),
        ("comment,label", "some words {},{}", "comment", "label"),
        ("page,remark", "https://a.example/a/very/long/path/{}-{}-{},good", "remark", "page"),
        ("text,split,x", "some words {},s{},1", "text", None),
        ("score,rank", "1.5,{}", None, None),
    ],
)
def test_guesses(header: str, row: str, text: str | None, label: str | None) -> None:
    rows = "".join(row.format(at % 2, at % 2, at % 2) + "\n" for at in range(8))
    read = table(f"{header}\n{rows}")
    assert (read.guessed_text, read.guessed_label) == (text, label)


def test_label_can_be_chosen_changed_and_left_out() -> None:
    read = table("text,label,stars\na b,x,1\nc d,y,2\ne f,x,1\n")
    assert read.corpus().label == "label"
    assert read.corpus(label="").label is None
    stars = read.corpus(label="stars")
    assert stars.label == "stars"
    assert (stars.column("stars").kind, values(stars, "stars")) == ("category", ["1", "2", "1"])
    assert values(read, "stars") == [1.0, 2.0, 1.0]


# --- Titles ---


BEIR = """_id,title,text,metadata
a,Bonds,They carry interest.,x
b,,No title here.,y
c,Only a title,,x
d,,,z
"""


def test_the_title_of_a_beir_corpus_is_a_part_of_each_text() -> None:
    read = table(BEIR, "corpus.csv")
    assert (read.guessed_text, guess_title(read.columns, "text")) == ("text", "title")
    assert titles(read.columns, "text") == ("title",)
    corpus = read.corpus()
    assert corpus.texts == ("Bonds They carry interest.", "No title here.", "Only a title")
    assert [column.name for column in corpus.columns] == ["_id", "metadata"]
    assert say(
        [note.sentence for note in corpus.notes],
        ("“title”", "“text”", "one after the other"),
        ("1 row", "no text", "“title”", "“text”", "dropped"),
    )
    assert corpus.rows.tolist() == [0, 1, 2]


def test_a_column_that_is_asked_for_is_the_whole_text() -> None:
    read = table(BEIR, "corpus.csv")
    assert read.corpus("text").texts == ("They carry interest.", "No title here.")
    assert read.corpus("title").texts == ("Bonds", "Only a title")
    assert read.corpus(None, "title").texts == read.corpus("text").texts  # a label is no part of the text
    assert all("one after the other" not in note.sentence for note in read.corpus("text").notes)


@pytest.mark.parametrize("wanted", ["text,title", " text, title,text", ("text", "title")])
def test_several_columns_make_one_text_in_the_order_named(wanted: str | tuple[str, ...]) -> None:
    corpus = table(BEIR, "corpus.csv").corpus(wanted if isinstance(wanted, tuple) else wanted.strip(), "metadata")
    assert corpus.texts == ("They carry interest. Bonds", "No title here.", "Only a title")
    assert says(corpus.notes[0].sentence, "“text”", "“title”", "one after the other")


def test_a_column_whose_name_has_a_comma_is_one_column() -> None:
    read = table('"title,text",title,text\nwhole thing,a,b\nanother one,c,d\n', "a.csv")
    assert read.corpus("title,text").texts == ("whole thing", "another one")


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("_id,title,text", "title"),
        ("_id,title,text,stars", "title"),
        ("id,title,text", "title"),  # MTEB's
        ("id,url,title,text", "title"),
        ("id,title,text,author", None),
        ("title,text", None),
        ("_id,title,body", None),
        ("_id,headline,text", None),
    ],
)
def test_only_where_the_layout_says_so(header: str, title: str | None) -> None:
    cells = {"text": "They carry interest and more", "body": "They carry interest and more"}
    names = header.split(",")
    rows = "\n".join(",".join(f"{cells.get(name, name)} {row}" for name in names) for row in "ab")
    read = table(f"{header}\n{rows}\n", "a.csv")
    assert read.guessed_text in ("text", "body")
    assert guess_title(read.columns, read.guessed_text) == title
    assert titles(read.columns, read.guessed_text) == tuple({"title", "headline"} & set(names))


def test_a_title_that_is_not_read_is_said() -> None:
    read = table("_id,Title,abstract\na,Rivers,They carry water.\nb,Banks,They lend it.\n", "corpus.csv")
    told = [note.sentence for note in read.corpus().notes]
    assert say(told, ("“Title”", "not read", "name both"))
    assert read.corpus(("Title", "abstract")).texts == ("Rivers They carry water.", "Banks They lend it.")
    assert [note.sentence for note in read.corpus("abstract").notes] == []


def test_titles_that_are_all_empty_are_left_out_as_before() -> None:
    corpus = table("_id,title,text\na,,They carry interest.\nb,,More of it.\n", "corpus.csv").corpus()
    assert corpus.texts == ("They carry interest.", "More of it.")
    assert corpus.notes[0].sentence == "1 column without any value left out: “title”."


def test_what_can_be_no_part_of_the_text_is_one_sentence() -> None:
    read = table("title,text,stars\na,some words,1\nb,more words,2\n", "a.csv")
    with pytest.raises(EmbedlabError, match="“stars” holds only numbers"):
        read.corpus(("text", "stars"))
    with pytest.raises(EmbedlabError, match="no column named “title,teaser”"):
        read.corpus("title,teaser")
    with pytest.raises(EmbedlabError, match="“title” is a part of the text"):
        read.corpus("title,text", "title")


def test_words_for_missing_values_are_texts_where_texts_are_expected() -> None:
    corpus = table("word,n\nnan,1\nnull,NA\nmother,3\n").corpus()
    assert corpus.texts == ("nan", "null", "mother")
    assert values(corpus, "n")[0] == 1.0
    assert np.isnan(values(corpus, "n")[1])
    assert "only “nan”, “null”: kept as typed" in sentences(corpus)


def test_missing_values_never_become_words() -> None:
    rows = (
        '[{"text": "a b", "c": null}, {"text": null, "c": "x"}, {"c": "x"}, {"text": "c d", "c": "x"}, {"text": NaN}]'
    )
    corpus = table(rows, "a.json").corpus()
    assert corpus.texts == ("a b", "c d")
    assert values(corpus, "c") == [None, "x"]
    assert [(note.kind, note.count, note.rows) for note in corpus.notes if note.kind == "dropped"] == [
        ("dropped", 3, (2, 3, 5))
    ]


def test_heavy_libraries_are_imported_only_when_needed() -> None:
    heavy = {"pandas", "pyarrow", "openpyxl", "charset_normalizer"}
    code = (
        "import sys; from embedlab.corpus.reading.table import read_table; import embedlab.corpus.export;"
        f"read_table(b'text,n\\na b,1\\n', 'a.csv').corpus(); print({heavy} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


def test_a_cover_of_one_column_gives_way_to_the_table_but_a_list_of_texts_does_not() -> None:
    cover, data = [["Tickets of 2024"], ["Ask Anna"]], [["text", "n"], ["a b", 1], ["c d", 2], ["e f", 3]]
    assert read_table(workbook(cover, data), "a.xlsx").layout.sheet == "Sheet 2"
    texts = [["text"], ["one"], ["two"], ["three"], ["four"]]
    assert read_table(workbook(texts, data), "a.xlsx").layout.sheet == "Sheet"
    assert read_table(workbook(data[:2], data), "a.xlsx").layout.sheet == "Sheet"
