"""The corpus itself: rows, columns, repeats, fingerprints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from embedlab.base.arrays import frozen
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.corpus import Kind
from embedlab.corpus.vectors import from_array

TEXTS = ("b", "a", "b", "c", "a", "b")


def column(kind: Kind, values: list[Any], name: str = "column") -> Column:
    types: dict[str, Any] = {"number": np.float64, "date": "datetime64[us]"}
    return Column(name, kind, frozen(np.array(values, dtype=types.get(kind, object))))


def test_texts_alone_make_a_corpus() -> None:
    corpus = Corpus.of(["one", "", "one"])
    assert corpus.texts == ("one", "", "one")
    assert len(corpus) == 3
    assert corpus.rows.tolist() == [0, 1, 2]
    assert corpus.rows_read == 3
    assert corpus.columns == ()


def test_an_empty_corpus_is_one() -> None:
    corpus = Corpus.of([])
    assert len(corpus) == corpus.rows_read == 0
    assert corpus.distinct[0].tolist() == corpus.distinct[1].tolist() == []


def test_rows_and_what_was_read_are_kept() -> None:
    corpus = Corpus("x", ("a", "b"), rows=np.array([1, 4]), rows_read=6)
    assert corpus.rows.tolist() == [1, 4]
    assert corpus.rows_read == 6


def test_distinct_texts_by_hand() -> None:
    rows, place = Corpus.of(TEXTS).distinct
    assert rows.tolist() == [0, 1, 3]
    assert place.tolist() == [0, 1, 0, 2, 1, 0]
    assert [TEXTS[row] for row in rows[place]] == list(TEXTS)


def test_distinct_is_read_only_and_exact() -> None:
    rows, place = Corpus.of(["a", "a ", "A", "a\u200b", "\ud800"]).distinct
    assert len(rows) == 5, "what differs by a space, by case or by something unseen is another text"
    assert not rows.flags.writeable
    assert not place.flags.writeable


def test_a_column_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="intent: 1 values for 2 texts"):
        Corpus("x", ("a", "b"), (column("category", ["only"], "intent"),))


def test_missing_values_by_kind() -> None:
    assert column("number", [1.0, np.nan]).missing.tolist() == [False, True]
    assert column("date", ["2020-01-01", "NaT"]).missing.tolist() == [False, True]
    assert column("category", ["x", None]).missing.tolist() == [False, True]
    assert column("text", ["", None]).missing.tolist() == [False, True]


SHOWN: list[tuple[Kind, Any, str]] = [
    ("number", 3.0, "3"),
    ("number", 0.1, "0.1"),
    ("number", -1234567.25, "-1234567.25"),
    ("number", np.nan, ""),
    ("date", "2020-02-29", "2020-02-29"),
    ("date", "2020-02-29T13:05:09.5", "2020-02-29 13:05:09"),
    ("date", "NaT", ""),
    ("category", "None", "None"),
    ("category", None, ""),
    ("text", "<b>", "<b>"),
]


@pytest.mark.parametrize(("kind", "value", "shown"), SHOWN)
def test_values_are_shown_as_one_writes_them(kind: Kind, value: Any, shown: str) -> None:
    assert column(kind, [value]).shown(0) == shown


def test_take_keeps_name_kind_and_order() -> None:
    taken = column("number", [1.0, 2.0, 3.0], "year").take(np.array([2, 0]))
    assert (taken.name, taken.kind, taken.values.tolist()) == ("year", "number", [3.0, 1.0])
    assert not taken.values.flags.writeable


def test_some_texts_of_a_corpus_take_their_rows_values_and_vectors_along() -> None:
    own = from_array(np.arange(6.0).reshape(3, 2), "own", 3)
    columns, rows = (column("number", [1.0, 2.0, 3.0], "year"),), frozen(np.array([2, 5, 7]))
    taken = Corpus("x", ("a", "b", "c"), columns, rows, 9, vectors=(own,)).take(np.array([0, 2]))
    assert (taken.texts, taken.rows.tolist(), taken.rows_read) == (("a", "c"), [2, 7], 9)
    assert taken.column("year").values.tolist() == [1.0, 3.0]
    assert taken.vectors[0].values.tolist() == [[0.0, 1.0], [4.0, 5.0]]


def test_a_column_is_found_by_name_or_the_names_are_said() -> None:
    corpus = Corpus("x", ("a",), (column("category", ["u"], "one"), column("number", [1.0], "two")))
    assert corpus.column("two").values.tolist() == [1.0]
    with pytest.raises(EmbedlabError, match="no column named “three”: choose one of these: one, two"):
        corpus.column("three")
    with pytest.raises(EmbedlabError, match="none"):
        Corpus.of(["a"]).column("one")


def labelled(**changes: Any) -> Corpus:
    parts: dict[str, Any] = {
        "name": "x",
        "texts": ("a", "b"),
        "columns": (column("category", ["u", "v"], "one"),),
        "label": "one",
    }
    return Corpus(**(parts | changes))


CHANGES: dict[str, dict[str, Any]] = {
    "text": {"texts": ("a", "c")},
    "order": {"texts": ("b", "a")},
    "value": {"columns": (column("category", ["u", "w"], "one"),)},
    "missing": {"columns": (column("category", ["u", None], "one"),)},
    "kind": {"columns": (column("text", ["u", "v"], "one"),)},
    "name of a column": {"columns": (column("category", ["u", "v"], "One"),)},
    "no columns": {"columns": ()},
    "label": {"label": None},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_everything_in_it_counts_for_the_fingerprint(changes: dict[str, Any]) -> None:
    assert labelled(**changes).fingerprint != labelled().fingerprint


def test_its_name_does_not_count_for_the_fingerprint() -> None:
    assert labelled(name="another file").fingerprint == labelled().fingerprint


def test_frozen_is_read_only() -> None:
    values = frozen(np.arange(3))
    with pytest.raises(ValueError):
        values[0] = 1
