"""What every result can do: say itself in a line, be a table, be a figure that can be changed, be a page."""

from __future__ import annotations

import json

import numpy as np
import pytest

from embedlab import pipeline
from embedlab.base.result import Result
from embedlab.corpus import Column, Corpus
from embedlab.pipeline import EmbeddingChoice
from tests.conftest import LetterEncoder

TEXTS = ("abc", "acb", "<b>xyz</b>", "zyx", "bca", "yzx", "abc")


@pytest.fixture
def explored() -> Result:
    names = np.array(["one", "one", "two", "two", None, "two", "one"], dtype=object)
    columns = (Column("text", "category", names), Column("size", "number", np.arange(7.0)))
    corpus = Corpus("letters", TEXTS, columns)
    made = pipeline.prepare(corpus, EmbeddingChoice("letters"), encoder=LetterEncoder())
    return pipeline.explore(made)


def test_a_result_is_one_line_in_a_console_and_a_table_in_a_notebook(explored) -> None:
    for result in (explored.space.corpus, explored.space, explored):
        line = repr(result)
        assert "7 texts" in line
        assert "abc" not in line
        assert "\n" not in line
        shown = result._repr_html_()
        assert "<table" in shown
        assert "<b>" not in shown.replace("<tbody>", "")
        assert "&lt;b&gt;xyz" in shown


def test_a_table_has_a_row_a_text_and_keeps_both_columns_of_one_name(explored) -> None:
    found = explored.table()
    assert list(found.columns) == ["row", "text_", "text", "size", "x", "y", "cluster", "cluster_name", "trust"]
    assert found["row"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert found["text_"].tolist() == list(TEXTS)
    assert found["size"].tolist() == list(range(7))
    np.testing.assert_array_equal(found[["x", "y"]], explored.layout.positions)
    assert list(explored.space.table().columns) == ["row", "text_", "text", "size", "over_window"]


def test_a_map_s_figure_has_every_text_once_and_can_be_changed(explored) -> None:
    figure = explored.figure()
    assert sum(len(trace.x) for trace in figure.data) == len(TEXTS)
    hovers = [text for trace in figure.data for text in trace.text]
    assert "&lt;b&gt;xyz&lt;/b&gt;" in hovers
    figure.update_layout(title="mine")
    assert figure.layout.title.text == "mine"
    assert len(explored.space.figure().data[0].x) == len(TEXTS)
    assert sorted(explored.space.corpus.figure().data[0].x) == sorted(map(len, TEXTS))


def test_facts_are_ready_for_json_and_pages_stand_alone(explored) -> None:
    for result in (explored.space.corpus, explored.space, explored):
        assert json.loads(json.dumps(result.facts(), allow_nan=False))["texts"] == 7
        page = result.page()
        assert page.startswith("<!doctype html>")
        assert "<b>xyz" not in page
