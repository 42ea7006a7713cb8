"""Decisions applied: the corrected corpus, and a log in which nothing is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.check.duplicates import Duplicates
from embedlab.check.personal import PersonalMatch, personal
from embedlab.check.plan import HEADER, Corrected, Decision, Deed, corrected, plan
from embedlab.corpus import Column, Corpus

TEXTS = ("first", "write to jane@example.com", "third", "call +44 20 7946 0958 or joe@example.com", "fifth")


def corpus(values: Any = ("a", "b", "a", None, "b"), kind: Any = "category", dtype: Any = object) -> Corpus:
    return Corpus(
        "made up", TEXTS,
        columns=(Column("label", kind, np.array(values, dtype=dtype)), Column("n", "number", np.arange(5.0))),
        rows=np.array([0, 2, 3, 7, 9]), rows_read=10, label="label",
    )  # fmt: skip


def decide(row: int, action: Deed, why: str, value: str = "") -> Decision:
    found: dict[Deed, str] = {"drop": "outliers", "relabel": "labels", "keep": "labels", "mask": "personal"}
    return Decision(row, found[action], action, why, value)


def applied(
    before: Corpus, decisions: Sequence[Decision], private: Sequence[PersonalMatch] = (), label: str | None = None
) -> Corrected:
    nothing = Duplicates((), np.empty((0, 2), dtype=np.intp), np.empty(0))
    return corrected(before, plan(before, nothing, decisions), private, label)


def test_what_is_left_out_is_in_the_log_and_in_the_notes() -> None:
    before = corpus()
    made = applied(before, [decide(2, "drop", "a copy"), decide(0, "drop", "an outlier", "")])
    assert made.corpus.texts == (TEXTS[1], TEXTS[3], TEXTS[4])
    assert made.corpus.rows.tolist() == [2, 7, 9]
    assert made.corpus.column("label").values.tolist() == ["b", None, "b"]
    assert made.corpus.column("n").values.tolist() == [1, 3, 4]
    assert len(HEADER) == len(made.log[0])
    # The source's rows, counted from 1.
    assert made.log == ((1, "drop", "first", "", "an outlier", ""), (4, "drop", "third", "", "a copy", ""))
    (note,) = made.corpus.notes
    assert (note.kind, note.count, note.rows) == ("dropped", 2, (1, 4))
    assert len(before) - len(made.corpus) == len(made.log)
    assert before.texts == TEXTS


def test_new_labels() -> None:
    made = applied(
        corpus(), [decide(3, "relabel", "doubtful", "b"), decide(1, "relabel", "doubtful", "c")], label="label"
    )
    column = made.corpus.column("label")
    assert (column.kind, column.values.tolist()) == ("category", ["a", "c", "a", "b", "b"])
    assert made.log == ((3, "relabel", "b", "c", "doubtful", ""), (8, "relabel", "", "b", "doubtful", ""))
    assert made.corpus.label == "label"


def test_numbers_stay_numbers() -> None:
    numbers = corpus((1.0, 2.5, 1.0, np.nan, 1 / 3), "number", np.float64)
    third = numbers.column("label").shown(4)
    made = applied(numbers, [decide(0, "relabel", "", third), decide(1, "relabel", "", "7")], label="label")
    column = made.corpus.column("label")
    assert column.kind == "number"
    np.testing.assert_array_equal(column.values, [1 / 3, 7, 1, np.nan, 1 / 3])
    assert made.log[0][2:4] == ("1", third)
    with pytest.raises(EmbedlabError, match="“many” is no number"):
        applied(numbers, [decide(0, "relabel", "", "many")], label="label")


def test_dates_stay_dates() -> None:
    dates = corpus(["2020-01-02", "2021-03-04T05:06", "NaT", "2020-01-02", "2022-01-01"], "date", "datetime64[us]")
    shown = dates.column("label").shown(1)
    made = applied(dates, [decide(0, "relabel", "", shown), decide(2, "relabel", "", "1999-12-31")], label="label")
    column = made.corpus.column("label")
    assert (column.kind, column.values.dtype) == ("date", np.dtype("datetime64[us]"))
    assert [column.shown(row) for row in (0, 2)] == ["2021-03-04 05:06:00", "1999-12-31"]
    with pytest.raises(EmbedlabError, match="is no date"):
        applied(dates, [decide(0, "relabel", "", "soon")], label="label")


def test_a_column_that_nobody_changes_is_the_same() -> None:
    made = applied(corpus((1.0, 2.0, 1.0, np.nan, 2.0), "number", np.float64), [], label="label")
    assert made.corpus.column("label").kind == "number"
    assert (made.corpus.texts, made.log) == (TEXTS, ())
    assert made.corpus.fingerprint == corpus((1.0, 2.0, 1.0, np.nan, 2.0), "number", np.float64).fingerprint


def test_masks_hide_everything_that_was_found() -> None:
    made = applied(corpus(), [decide(row, "mask", "personal data") for row in (1, 3)], personal(TEXTS))
    assert made.corpus.texts[1] == "write to [e-mail address]"
    assert made.corpus.texts[3] == "call [phone number] or [e-mail address]"
    assert "example.com" not in repr(made.log)
    assert "7946" not in repr(made.log)
    assert [line[:2] for line in made.log] == [(3, "mask"), (8, "mask")]


def test_what_is_left_out_is_hidden_in_the_log_too() -> None:
    made = applied(corpus(), [decide(1, "mask", "personal data"), decide(1, "drop", "a copy", "")], personal(TEXTS))
    assert made.log == ((3, "drop", "write to [e-mail address]", "", "a copy", ""),)
    made = applied(corpus(), [decide(3, "drop", "a copy")], personal(TEXTS))
    assert "example.com" not in repr(made.log)


def test_only_texts_that_are_to_be_masked_are() -> None:
    made = applied(corpus(), [decide(1, "mask", "")], personal(TEXTS))
    assert made.corpus.texts[3] == TEXTS[3]


def test_all_at_once_on_one_text() -> None:
    decisions = [decide(1, "relabel", "doubtful", "a"), decide(1, "mask", "personal data")]
    made = applied(corpus(), decisions, personal(TEXTS), "label")
    assert [line[1] for line in made.log] == ["mask", "relabel"]
    assert made.corpus.texts[1] == "write to [e-mail address]"
    assert made.corpus.column("label").values[1] == "a"


def test_the_last_decision_on_a_text_counts() -> None:
    made = applied(corpus(), [decide(1, "relabel", "", "x"), decide(1, "relabel", "", "y")], label="label")
    assert [line[3] for line in made.log] == ["y"]


def test_everything_left_out() -> None:
    made = applied(corpus(), [decide(row, "drop", "") for row in range(5)])
    assert (len(made.corpus), len(made.log), made.corpus.rows_read) == (0, 5, 10)


def test_labels_without_a_column() -> None:
    with pytest.raises(EmbedlabError, match="no column of labels"):
        applied(corpus(), [decide(0, "relabel", "", "x")])
    with pytest.raises(EmbedlabError, match="no column named"):
        applied(corpus(), [decide(0, "relabel", "", "x")], label="other")
