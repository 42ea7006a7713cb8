"""Pieces that several pages show: what was picked counts once, and a column may be none."""

from __future__ import annotations

import pytest
import streamlit as st

from pages.app import widgets


def test_a_row_counts_in_the_run_in_which_it_is_picked(monkeypatch: pytest.MonkeyPatch) -> None:
    picked: dict[str, list[int]] = {"one": [], "other": []}
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(st, "dataframe", lambda columns, key, **more: {"selection": {"rows": list(picked[key])}})

    def run() -> tuple[int | None, int | None]:
        return widgets.newly_picked({}, "one"), widgets.newly_picked({}, "other")

    assert run() == (None, None)
    picked["one"] = [3]
    assert [run(), run()] == [(3, None), (None, None)]
    picked["other"] = [0]
    assert [run(), run()] == [(None, 0), (None, None)]
    picked["one"] = [4]
    assert run() == (4, None)


@pytest.mark.parametrize(("guess", "first"), [("b", "b"), (None, ""), ("gone", "")])
def test_a_column_may_be_none(guess: str | None, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "selectbox", lambda label, offered, index, **more: offered[index])
    assert widgets.choose_column("Column", ["a", "b"], guess, "key", "help") == first
