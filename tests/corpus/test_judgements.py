"""Judgements: from BEIR's layout, from a table, from labels; what can't be used is counted and said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.judgements import ROW, id_columns, judgements, judgements_in, likely_ids, read_beir, same_label
from embedlab.corpus.reading.table import read, read_table
from tests.sentences import say

DOCUMENTS = [
    {"_id": "007", "title": "Bonds", "text": "They carry interest."},
    {"_id": "7", "title": "", "text": "No title here."},
    {"_id": "1e5", "title": "Only a title"},
    {"_id": "empty", "title": "", "text": " "},
]
QUERIES = [{"_id": "q1", "text": "interest"}, {"_id": "q2", "text": "title"}, {"_id": "q3", "text": "spare"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\t007\t2\nq1\t7\t0\nq2\t1e5\t1\nq2\t99\t1\nq3\tempty\t1\nq9\t7\t1\n"


def folder(path: Path, qrels: str = QRELS, zipped: bool = False) -> Path:
    (path / "qrels").mkdir()
    (path / "qrels" / "dev.tsv").write_text(qrels, encoding="utf-8")
    for name, items in (("corpus.jsonl", DOCUMENTS), ("queries.jsonl", QUERIES)):
        content = "\n".join(map(json.dumps, items)).encode()
        (path / (name + ".gz" * zipped)).write_bytes(gzip.compress(content) if zipped else content)
    return path


@pytest.mark.parametrize("zipped", [False, True])
def test_a_beir_folder_is_read_with_ids_as_written(tmp_path: Path, zipped: bool) -> None:
    corpus, judged = read_beir(folder(tmp_path, zipped=zipped), "dev")
    assert corpus.texts == ("Bonds They carry interest.", "No title here.", "Only a title")
    assert corpus.rows.tolist() == [0, 1, 2]
    assert "1 document without title and text" in corpus.notes[0].sentence
    assert judged.queries == ("interest", "title")
    assert [rows.tolist() for rows in judged.rows] == [[0], [2]]
    assert [grades.tolist() for grades in judged.grades] == [[2], [1]]
    assert judged.own == (None, None)


def test_the_corpus_of_a_beir_folder_reads_the_same_as_a_file(tmp_path: Path) -> None:
    whole = folder(tmp_path)
    assert read(whole / "corpus.jsonl").texts == read_beir(whole, "dev")[0].texts


def test_what_a_beir_folder_lacks_is_counted(tmp_path: Path) -> None:
    said = [note.sentence for note in read_beir(folder(tmp_path), "dev")[1].notes]
    assert say(
        said,
        (1, "query", "not in queries.jsonl", "left out"),
        (2, "judgements", "“99”", "“empty”", "left out"),
        (1, "judgement", "0 or less", "not relevant"),
        (1, "query", "without any relevant text", "left out"),
    )


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("corpus.jsonl", None, "There is no corpus.jsonl"),
        ("queries.jsonl", None, "There is no queries.jsonl"),
        ("qrels/dev.tsv", None, "there is none"),
        ("qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq1\t007\tmuch\n", "“much” in row 1"),
        ("qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq1\tzz\t1\n", "No judgement"),
        ("qrels/dev.tsv", "query-id\tcorpus-id\nq1\t007\n", "fewer than three columns"),
        ("corpus.jsonl", '{"_id": "1", "text": "a"}\n{"text": "b"}', "Line 2 of “corpus.jsonl”"),
        ("corpus.jsonl", '{"_id": "1", "text": "a"}\nnonsense', "Line 2 of “corpus.jsonl”"),
        ("corpus.jsonl", '{"_id": "1", "text": " "}', "No document"),
    ],
)
def test_a_broken_beir_folder_is_one_sentence(tmp_path: Path, name: str, content: str | None, says: str) -> None:
    path = folder(tmp_path) / name
    path.unlink() if content is None else path.write_text(content, encoding="utf-8")
    with pytest.raises(EmbedlabError, match=says):
        read_beir(tmp_path, "dev")


def test_another_split_names_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(EmbedlabError, match=r"there is dev"):
        read_beir(folder(tmp_path), "test")
    with pytest.raises(EmbedlabError, match="no folder"):
        read_beir(tmp_path / "nowhere")


# --- A table beside a corpus ---


def corpus() -> Corpus:
    table = read_table(b"text,code,n\nfirst,x1,10\n,x2,20\nthird,x3,30\nfourth,x3,40\n", "c.csv")
    return table.corpus("text", "")


def test_an_id_may_be_the_row_in_the_file() -> None:
    table = read_table(b"query,id,score\none,1,2\none,3,1\ntwo,4,\ntwo,2,1\n", "j.csv")
    found = judgements(table, corpus(), ROW)
    assert found.queries == ("one", "two")
    assert [rows.tolist() for rows in found.rows] == [[0, 1], [2]]
    assert [grades.tolist() for grades in found.grades] == [[2, 1], [1]]
    assert say([note.sentence for note in found.notes], (1, "judgement", "“2”", "left out"))


@pytest.mark.parametrize(("column", "ids"), [("code", "x3"), ("n", "30")])
def test_an_id_may_be_a_value_of_a_column(column: str, ids: str) -> None:
    table = read_table(f"Query\tID\nwhat\t{ids}\nwhat else\tx1\n".encode(), "j.tsv")
    found = judgements(table, corpus(), column)
    assert found.rows[0].tolist() == ([1, 2] if column == "code" else [1])


def test_rows_without_query_or_id_and_scores_of_zero_are_counted() -> None:
    table = read_table(b"query,id,score\none,1,1\n,1,1\none,,1\ntwo,1,0\nthree,9,1\n", "j.csv")
    assert say(
        [note.sentence for note in judgements(table, corpus()).notes],
        (2, "rows", "left out"),
        (1, "judgement", "“9”", "left out"),
        (1, "judgement", "0 or less", "not relevant"),
        (2, "queries", "without any relevant text", "left out"),
    )


def test_a_judgement_made_twice_counts_once_with_the_higher_score() -> None:
    found = judgements(read_table(b"query,id,score\none,1,1\none,1,3\none,1,2\n", "j.csv"), corpus())
    assert (found.rows[0].tolist(), found.grades[0].tolist()) == ([0], [3])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"question,answer\na,b\n", "no column “id”"),
        (b"words,id\na,1\n", "no column “query”"),
        (b"query,id\na,99\n", "No judgement in “j.csv” can be used: 1 judgement names an id"),
        (b"query,id,score\na,1,high\n", "“high” in row 1"),
    ],
)
def test_a_table_that_can_not_be_used_is_one_sentence(content: bytes, says: str) -> None:
    with pytest.raises(EmbedlabError, match=says):
        judgements(read_table(content, "j.csv"), corpus())


def test_columns_to_name_texts_by_begin_with_the_most_telling() -> None:
    assert id_columns(corpus()) == [ROW, "n", "code"]


# --- Labels ---


def test_the_column_that_has_most_of_the_ids_is_guessed() -> None:
    named = [read_table(b"query,id\none,x1\ntwo,x3\n", "j.csv")]
    assert likely_ids(named, corpus()) == "code"
    assert likely_ids([read_table(b"query,id\none,10\ntwo,30\n", "j.csv")], corpus()) == "n"
    assert likely_ids([read_table(b"query,id\none,1\ntwo,3\n", "j.csv")], corpus()) == ROW


def test_numbers_that_could_be_rows_are_ids_where_a_column_of_ids_has_them() -> None:
    counted_from_0 = read_table(b"_id,text\n0,first of all\n1,second of all\n2,third of all\n", "c.csv").corpus(
        "text", ""
    )
    table = read_table(b"query,id\none,1\ntwo,2\n", "j.csv")
    assert likely_ids([table], counted_from_0) == "_id"
    assert judgements(table, counted_from_0, "_id").rows[0].tolist() == [1]
    assert likely_ids([read_table(b"query,id\none,9\n", "j.csv")], counted_from_0) == ROW
    beir = [read_table(b"_id,text\n1,one\n2,two\n", "q.csv"), read_table(b"query-id,corpus-id\n1,x1\n", "qrels.csv")]
    assert likely_ids(beir, corpus()) == "code"
    assert likely_ids([read_table(b"a,b\n1,2\n", "j.csv")], corpus()) == ROW


def labelled(values: list[str | None]) -> Corpus:
    column = Column("topic", "category", np.array(values, dtype=object))
    return Corpus("c", tuple(f"text {row}" for row in range(len(values))), (column,))


def test_texts_with_the_same_label_are_relevant() -> None:
    found = same_label(labelled(["a", "b", "a", None, "c", "a", "b"]), "topic")
    assert found.queries == ("text 0", "text 1", "text 2", "text 5", "text 6")
    assert found.own == (0, 1, 2, 5, 6)
    assert [rows.tolist() for rows in found.rows] == [[0, 2, 5], [1, 6], [0, 2, 5], [0, 2, 5], [1, 6]]
    assert found.relevant.tolist() == [3, 2, 3, 3, 2]


def test_no_more_queries_than_asked_for_the_same_for_the_same_seed() -> None:
    texts = labelled(["a", "b"] * 50)
    assert len(same_label(texts, "topic", most=10)) == 10
    assert same_label(texts, "topic", 10, seed=1).own == same_label(texts, "topic", 10, seed=1).own
    assert same_label(texts, "topic", 10, seed=1).own != same_label(texts, "topic", 10, seed=2).own


def test_labels_that_nobody_shares_are_no_judgements() -> None:
    with pytest.raises(EmbedlabError, match="No two texts share"):
        same_label(labelled(["a", "b", None]), "topic")


def test_beirs_two_files_may_be_brought_to_a_corpus(tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, [{**one, "metadata": {}} for one in QUERIES])).encode()
    tables = [read_table(lines, "queries.jsonl"), read_table(QRELS.replace("q1\t7\t0", "q1\t7\t1").encode(), "dev.tsv")]
    names = np.array(["007", "7", "1e5"], dtype=object)
    texts = Corpus("docs", ("bonds", "plain", "only"), (Column("_id", "text", names),))
    for order in (tables, tables[::-1]):
        found = judgements_in(order, texts, "_id")
        assert found.queries == ("interest", "title")
        assert [rows.tolist() for rows in found.rows] == [[0, 1], [2]]
        assert "1 judgement of queries without a text left out." in [note.sentence for note in found.notes]
    with pytest.raises(EmbedlabError, match="bring the file with the queries"):
        judgements_in(tables[1:], texts, "_id")
    with pytest.raises(EmbedlabError, match="don't belong together"):
        judgements_in([tables[0], tables[0]], texts, "_id")
