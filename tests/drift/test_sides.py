from __future__ import annotations

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.ordering import ordered
from embedlab.corpus.reading.table import read
from embedlab.corpus.vectors import OwnVectors
from embedlab.drift.sides import by_column, by_cut, by_split, by_values, cut_at, joined
from tests.sentences import say


def table(text: str, name: str = "t.csv") -> Corpus:
    return read(text.encode(), "text", name=name)


def category(*values: str | None, name: str = "tag") -> Corpus:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return Corpus("t", tuple(f"text {row}" for row in range(len(values))), (Column(name, "category", cells),))


def test_two_corpora_become_one_with_the_columns_that_both_have() -> None:
    before = table("text,label,stars,alone\na,x,1,q\nb,y,2,q\n", "old.csv")
    after = table("text,label,stars\nc,x,many\nd,y,few\n", "new.csv")
    found = joined(before, after)
    assert found.corpus.texts == ("a", "b", "c", "d")
    assert found.codes.tolist() == [0, 0, 1, 1]
    assert found.names == ("old", "new")
    assert [column.name for column in found.corpus.columns] == ["label", "stars", "source"]
    assert found.corpus.column("stars").values.tolist() == ["1", "2", "many", "few"]
    assert found.corpus.column("source").values.tolist() == ["old", "old", "new", "new"]
    assert say(found.notes, ("1 column", "left out", "“alone”"), ("as words", "“stars”"))
    assert found.corpus.rows_read == 4


def test_the_same_name_twice_is_told_apart_and_a_column_called_source_stays() -> None:
    one = table("text,source\na,web\nb,web\n")
    found = joined(one, one)
    assert found.names == ("t (1)", "t (2)")
    assert {column.name for column in found.corpus.columns} == {"source", found.column}
    assert found.column != "source"


def test_own_vectors_of_both_stay_together() -> None:
    one = Corpus("one", ("a",), vectors=(OwnVectors("v", np.ones((1, 3), dtype=np.float32)),))
    two = Corpus("two", ("b", "c"), vectors=(OwnVectors("v", np.zeros((2, 3), dtype=np.float32)),))
    assert joined(one, two).corpus.vectors[0].values.shape == (3, 3)


def test_an_empty_side_is_said() -> None:
    with pytest.raises(EmbedlabError, match="second of the two holds no texts"):
        joined(Corpus.of(["a"]), Corpus.of([]))


def test_a_value_against_another_or_against_all_others() -> None:
    corpus = category("a", "b", "c", None, "a")
    found = by_values(corpus, "tag", "a", "c")
    assert found.codes.tolist() == [0, -1, 1, -1, 0]
    assert say(found.notes, ("2 texts", "neither side", "“tag”"))
    assert by_values(corpus, "tag", "a").codes.tolist() == [0, 1, 1, -1, 0]
    with pytest.raises(EmbedlabError, match="No text has the value “z” in “tag”: choose one of “a”, “b”, “c”"):
        by_values(corpus, "tag", "a", "z")
    with pytest.raises(EmbedlabError, match="named on both sides"):
        by_values(corpus, "tag", "a", "a")


def test_a_cut_is_in_the_middle_or_where_it_is_told_to_be() -> None:
    corpus = table("text,year\na,2001\nb,2001\nc,2002\nd,2009\ne,\n")
    found = by_cut(corpus, "year")
    assert found.codes.tolist() == [0, 0, 1, 1, -1]
    assert found.names == ("before 2002", "from 2002")
    order = ordered(corpus.column("year"))
    assert order is not None
    assert by_cut(corpus, "year", cut_at(order, "2005")).codes.tolist() == [0, 0, 0, 1, -1]
    with pytest.raises(EmbedlabError, match="“red” is no date to cut “year” at: write it like 2001"):
        cut_at(order, "red")
    with pytest.raises(EmbedlabError, match="No text is on the side"):
        by_cut(corpus, "year", cut_at(order, "1900"))
    with pytest.raises(EmbedlabError, match="has no order"):
        by_cut(category("red", "blue"), "tag")


def test_a_column_of_train_and_test_says_the_sides_itself() -> None:
    found = by_column(category("train", "test", "train", None, name="split"), "split")
    assert (found.names, found.codes.tolist()) == (("train", "test"), [0, 1, 0, -1])
    assert by_split(category("train", "test"), "tag").sizes == (1, 1)


def test_two_values_are_in_the_order_in_which_they_come() -> None:
    assert by_column(category("web", "mail", "mail"), "tag").names == ("web", "mail")
    assert by_column(table("text,year\na,2018\nb,2010\nc,2018\n"), "year").names == ("2010", "2018")


def test_four_hundred_values_are_not_guessed_at() -> None:
    corpus = category(*(f"tag {'x' * (row % 400)}" for row in range(1000)))
    with pytest.raises(EmbedlabError, match=r"has 400 values: name two .* \(the largest are .* and 392"):
        by_column(corpus, "tag")
    with pytest.raises(EmbedlabError, match="one value only"):
        by_column(category("a", "a"), "tag")
