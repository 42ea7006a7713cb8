"""What is selected on the map is one thing: a filter, a lasso and clearing say the same beside the map and on it."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from embedlab.corpus import Corpus
from pages.app import map_view, session
from pages.app.components import MapEvents
from tests.pages.driving import button, run, said, settled, tickets

pytestmark = pytest.mark.usefixtures("fresh")
POST = "\n\n".join(f"A paragraph of a long post, number {number}, that goes on and on." for number in range(40))


def selecting(at: AppTest, rows: np.ndarray, **more: str) -> AppTest:
    at.session_state["touched"] = session.Touched(tickets().fingerprint, selected=rows, **more)
    return settled(at.run())


def test_a_selection_says_how_it_came_about_and_is_let_go_of_where_it_is_shown() -> None:
    at = selecting(run(), np.arange(9), by="lasso; topic: a")
    assert r"lasso; topic: a" in said(at).replace("\\", "")
    assert "**9** texts, 25 % of all" in said(at)
    settled(button(at, "Clear").click().run())
    assert "Click a point for its nearest texts" in said(at)


def test_a_selection_of_which_nothing_is_left_says_so() -> None:
    at = selecting(run(), np.array([], dtype=np.intp))
    assert "No text is left: widen a filter, or take one off." in said(at)


def test_a_selection_is_compared_with_all_texts_in_every_column() -> None:
    at = selecting(run(), np.arange(6))
    assert "stars: median" in said(at)
    assert "of all" in said(at)


def test_neighbours_are_walked_and_there_is_a_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(session.st, "session_state", state)
    monkeypatch.setattr(session, "corpus", tickets)
    for row in (4, 7, 7, 2):
        session.look_at(row)
    assert (session.touched().clicked, session.touched().before) == (2, (4, 7))
    session.look_at(7, back=True)
    assert (session.touched().clicked, session.touched().before) == (7, (4,))
    session.look_at(None)
    assert (session.touched().clicked, session.touched().before) == (None, ())


@pytest.mark.parametrize("kind", ["lasso", "box", "year: 2010"])
def test_who_selects_texts_lets_go_of_the_text_that_was_clicked(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    touches: list[dict[str, object]] = []
    monkeypatch.setattr(session, "touch", lambda **changes: touches.append(changes))
    map_view.take(MapEvents(chosen=True, selected=np.array([1, 2]), kind=kind, mark="here-1"), explored=None)  # type: ignore[arg-type]
    assert touches[0]["clicked"] is None
    assert (touches[0]["by"], touches[0]["mark"]) == (kind, "here-1")


def test_who_takes_what_was_found_off_the_map_clears_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    off: list[str] = []
    map_view.take(MapEvents(off="found"), explored=None, let_go=off.append)  # type: ignore[arg-type]
    assert off == ["found"]


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
    assert "draw around some with the lasso" in said(at)
    settled(at.segmented_control(key="dimensions").set_value(3).run())
    assert "draw around" not in said(at)
    assert "touch a chart" in said(at)
