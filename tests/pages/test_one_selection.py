"""What is selected on the map is one thing: a filter, a lasso and clearing say the same beside the map and on it."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from embedlab.corpus import Corpus
from pages.app import map_view, session
from pages.app.components import MapEvents
from pages.app.panel import Chosen
from tests.pages.driving import button, run, said, settled, tickets

pytestmark = pytest.mark.usefixtures("fresh")
POST = "\n\n".join(f"A paragraph of a long post, number {number}, that goes on and on." for number in range(40))


def filtered(at: AppTest, cleared: int = 0) -> AppTest:
    key = f"filters-{tickets().fingerprint}-{cleared}"
    at.multiselect(key=key).set_value(["topic"]).run()
    return settled(at.multiselect(key=f"{key}-topic").set_value(["a"]).run())


def selecting(at: AppTest, rows: np.ndarray) -> AppTest:
    at.session_state["touched"] = session.Touched(tickets().fingerprint, selected=rows)
    return settled(at.run())


def test_a_filter_alone_is_called_one_and_can_be_cleared_where_it_is_shown() -> None:
    at = filtered(run())
    assert "**Filter**" in said(at)
    assert "**9** texts, 25 % of all" in said(at)
    settled(button(at, "Clear").click().run())
    assert "clusters**" in said(at)
    assert at.multiselect(key=f"filters-{tickets().fingerprint}-1").value == []


def test_a_selection_under_a_filter_says_both_counts_and_each_can_be_cleared() -> None:
    at = selecting(filtered(run()), np.arange(18))
    assert "6 of the 18 selected pass the filter." in said(at)
    assert "**6** texts, 17 % of all" in said(at)
    settled(button(at, "Clear the filter").click().run())
    assert "**18** texts, 50 % of all" in said(at)
    filtered(at, cleared=1)
    settled(at.button(key="clear-selection").click().run())
    assert "**9** texts, 25 % of all" in said(at)


def test_a_selection_of_which_nothing_passes_says_so() -> None:
    at = selecting(filtered(run()), np.array([3, 4]))
    assert "0 of the 2 selected pass the filter." in said(at)
    assert "widen the filter, or clear it" in said(at)


@pytest.mark.parametrize(
    ("selected", "passing", "rows", "sentence"),
    [
        (None, None, None, ""),
        ([0, 2], None, [0, 2], ""),
        (None, [True] + [False] * 35, [0], "1 of 36 texts passes the filter"),
        ([0, 1], [True] * 36, [0, 1], "2 of the 2 selected pass the filter"),
    ],
)
def test_map_and_panel_are_told_one_selection(
    monkeypatch: pytest.MonkeyPatch, selected: list[int] | None, passing: list[bool] | None, rows: list[int] | None,
    sentence: str,
) -> None:  # fmt: skip
    touched = session.Touched("", None if selected is None else np.array(selected))
    monkeypatch.setattr(session, "touched", lambda: touched)
    monkeypatch.setattr(session, "corpus", tickets)
    chosen = Chosen.now(None if passing is None else np.array(passing))
    assert (None if chosen.rows is None else chosen.rows.tolist()) == rows
    assert chosen.sentence == sentence


@pytest.mark.parametrize("kind", ["lasso", "box", "legend"])
def test_who_selects_texts_lets_go_of_the_text_that_was_clicked(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    touches: list[dict[str, object]] = []
    monkeypatch.setattr(session, "touch", lambda **changes: touches.append(changes))
    map_view.take(MapEvents(selected=np.array([1, 2]), kind=kind), explored=None)  # type: ignore[arg-type]
    assert touches[0]["clicked"] is None
    assert touches[0]["by"] == kind


def test_clearing_the_map_clears_what_was_typed_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[bool] = []
    monkeypatch.setattr(session, "touch", lambda **changes: None)
    map_view.take(MapEvents(cleared=True), explored=None, let_go=lambda: cleared.append(True))  # type: ignore[arg-type]
    assert cleared == [True]


def test_a_long_text_is_shown_up_to_where_its_neighbours_stay_in_sight() -> None:
    corpus = Corpus("posts", (POST, *tickets().texts))
    at = run(corpus)
    at.session_state["touched"] = session.Touched(corpus.fingerprint, clicked=0)
    settled(at.run())
    shown = next(one.value for one in at.text if one.value.startswith("A paragraph"))
    assert len(shown) <= 500
    assert shown.endswith("…")
    settled(button(at, "Show all").click().run())
    assert POST in [one.value for one in at.text]
    settled(button(at, "Show less").click().run())
    assert POST not in [one.value for one in at.text]


def test_three_dimensions_invite_to_no_lasso() -> None:
    at = run()
    assert "lasso" in said(at)
    settled(at.segmented_control(key="dimensions").set_value(3).run())
    assert "lasso" not in said(at)
    assert "cluster's name" in said(at)
