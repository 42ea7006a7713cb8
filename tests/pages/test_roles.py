"""Which column of a table is what: the box says what was taken, and one can be changed alone."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from embedlab.corpus import Column, Corpus
from embedlab.corpus.judgements import judgement_columns
from embedlab.corpus.pairs import pair_columns
from embedlab.corpus.reading.table import read_table
from pages.app.roles import NO_SCORE
from tests.pages.driving import run, said, settled

pytestmark = pytest.mark.usefixtures("fresh")

TEXTS = ("the cards are lost", "a lost dog", "fish and chips", "bold letters", "no more rain", "old songs")
JUDGED = b"ticket,answer,good,by\nq1,d0,2,7\nq1,d1,0,8\nq2,d2,1,9\nq2,d3,0,7\n"
QUERIES = b"id,text\nq1,lost card\nq2,fish\n"
PAIRS = "left,right,alike,other\n" + "".join(
    f"{one},{other},{'5' if one == other else '1'},{n}\n"
    for n, (one, other) in enumerate((one, other) for one in TEXTS for other in TEXTS[:3])
)


def corpus() -> Corpus:
    ids = np.array([f"d{row}" for row in range(len(TEXTS))], dtype=object)
    return Corpus("things", TEXTS, (Column("id", "text", ids),))


def judged(*extra: tuple[str, bytes, str]) -> AppTest:
    at = run(corpus(), "search/page.py")
    at.segmented_control(key="search-view").set_value("Which finds more?").run()
    files = [("queries.csv", QUERIES, "text/csv"), ("judged.csv", JUDGED, "text/csv"), *extra]
    next(one for one in at.file_uploader if str(one.key).startswith("search-file")).set_value(files).run()
    return settled(at)


def box(at: AppTest) -> str:
    return next(one.label for one in at.expander if one.label.startswith("Columns")).replace("\\", "")


def column(at: AppTest, role: str) -> object:
    return next(one for one in at.selectbox if one.label == role)


def change(at: AppTest, role: str, name: str) -> AppTest:
    return settled(column(at, role).set_value(name).run())  # type: ignore[attr-defined]


def plain(at: AppTest) -> str:
    return said(at).replace("\\", "")


def test_the_box_on_search_says_what_was_taken_of_the_right_table() -> None:
    at = judged()
    assert box(at) == "Columns: query “ticket” · id “answer” · score “good”"
    assert [column(at, role).value for role in ("Query", "Id", "Score")] == ["ticket", "answer", "good"]  # type: ignore[attr-defined]
    assert "2 judgements with a score of 0 or less" in plain(at)


def test_one_column_of_judgements_can_be_changed_alone() -> None:
    at = change(judged(), "Score", "by")
    assert box(at) == "Columns: query “ticket” · id “answer” · score “by”"
    assert "score of 0 or less" not in plain(at)
    change(at, "Score", NO_SCORE)
    assert box(at) == "Columns: query “ticket” · id “answer” · no score"
    assert "score of 0 or less" not in plain(at)
    assert not at.error
    change(at, "Score", "good")
    assert "2 judgements with a score of 0 or less" in plain(at)


def test_what_can_be_no_score_and_what_is_named_twice_is_said() -> None:
    at = change(judged(), "Score", "answer")
    assert "The column “answer” is named twice" in at.error[0].value.replace("\\", "")
    change(at, "Id", "ticket")
    assert "No judgement in “judged.csv” can be used" in at.error[0].value.replace("\\", "") or at.error
    change(at, "Id", "answer")
    change(at, "Score", "ticket")
    assert at.error
    change(at, "Score", "good")
    assert not at.error


def compared(files: list[tuple[str, bytes, str]], source: str) -> AppTest:
    at = run(corpus(), "compare/page.py")
    at.segmented_control(key="compare-view").set_value("Quality").run()
    at.segmented_control(key="compare-evidence-False").set_value(source).run()
    at.file_uploader(key=f"compare-file-{source}").set_value(files).run()
    return settled(at)


def test_the_box_on_compare_says_what_was_taken_of_pairs_and_one_can_be_changed() -> None:
    at = compared([("pairs.csv", PAIRS.encode(), "text/csv")], "Pairs with scores")
    assert box(at) == "Columns: first text “left” · second text “right” · score “alike”"
    assert NO_SCORE not in column(at, "Score").options  # type: ignore[attr-defined]
    assert "nobody can know" not in plain(at)  # somebody can, now
    before = [frame.value.to_dict() for frame in at.dataframe]
    change(at, "Score", "other")
    assert box(at) == "Columns: first text “left” · second text “right” · score “other”"
    assert [frame.value.to_dict() for frame in at.dataframe] != before
    change(at, "Second text", "left")
    assert "The column “left” is named twice" in at.error[0].value.replace("\\", "")


def test_the_box_on_compare_says_what_was_taken_of_judgements() -> None:
    files = [("judged.csv", JUDGED, "text/csv"), ("queries.csv", QUERIES, "text/csv")]
    at = compared(files, "Judgements of a search")
    assert box(at) == "Columns: query “ticket” · id “answer” · score “good”"
    change(at, "Score", NO_SCORE)
    assert not at.error


def test_where_nothing_can_be_taken_the_columns_can_still_be_named() -> None:
    table = read_table(b"wish,thing,more\nlost,x0,a\nfish,x2,b\nsong,x5,b\n", "odd.csv")
    assert judgement_columns([table], corpus(), "id").names == ("", "", "")
    assert pair_columns(read_table(b"a1,n\nx,1\ny,2\n", "odd.csv")).names == ("", "", "")
    at = run(corpus(), "search/page.py")
    at.segmented_control(key="search-view").set_value("Which finds more?").run()
    upload = next(one for one in at.file_uploader if str(one.key).startswith("search-file"))
    upload.set_value([("odd.csv", b"wish,thing,more\nlost,d0,a\nfish,x2,b\nsong,x5,b\n", "text/csv")]).run()
    assert box(at) == "Columns: which is what?"
    assert settled(at).error
    change(at, "Query", "wish")
    change(at, "Id", "thing")
    change(at, "Score", NO_SCORE)
    assert box(at) == "Columns: query “wish” · id “thing” · no score"
    assert "2 judgements name ids that no text has" in plain(at)
    assert not at.error
