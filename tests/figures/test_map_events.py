from __future__ import annotations

import numpy as np
import pytest

from embedlab.figures.map import Points
from pages.app import components

POINTS = Points(np.zeros((4, 2), dtype=np.float32), ["a", "b", "c", "d"])


def events(**told):
    result = {name: {"rows": POINTS.rows, "at": 1.0, **value} for name, value in told.items()}
    return components._events(result, POINTS)


def test_a_click_and_a_selection_come_back_as_rows():
    found = events(clicked={"row": 2}, selected={"chosen": [3, 1, 1], "kind": "lasso"}, label={"label": 5})
    assert found.clicked == 2
    assert found.selected.tolist() == [1, 3]
    assert (found.kind, found.label, found.cleared) == ("lasso", 5, False)


def test_an_event_of_other_points_is_dropped():
    found = events(clicked={"row": 2, "rows": "others"}, cleared={"rows": "others"})
    assert (found.clicked, found.cleared) == (None, False)


def test_rows_that_do_not_exist_are_dropped():
    found = events(clicked={"row": 9}, selected={"chosen": [-1, 0, 99], "kind": "box"})
    assert found.clicked is None
    assert found.selected.tolist() == [0]


@pytest.mark.parametrize(("selected", "cleared", "kept"), [(1.0, 2.0, False), (2.0, 1.0, True)])
def test_of_a_selection_and_a_clearing_the_later_counts(selected, cleared, kept):
    found = events(selected={"chosen": [0], "kind": "box", "at": selected}, cleared={"at": cleared})
    assert (found.selected is not None, found.cleared) == (kept, not kept)


def test_a_part_is_sent_once_and_again_when_it_was_forgotten(monkeypatch):
    monkeypatch.setattr(components.st, "session_state", {})
    marks = {"place": "p", "rows": "r", "selection": ""}
    assert components._unsent(marks) == ["place", "rows"]
    assert components._unsent(marks) == []
    assert components._unsent({**marks, "place": "q"}) == ["place"]
    assert components._unsent(marks) == []
    components._forget()
    assert components._unsent(marks) == ["place", "rows"]


def test_only_a_few_parts_are_believed_to_be_there(monkeypatch):
    monkeypatch.setattr(components.st, "session_state", {})
    for mark in ("a", "b", "c", "d", "e"):
        components._unsent({"place": mark})
    assert components._unsent({"place": "a"}) == ["place"]
    assert components._unsent({"place": "e"}) == []
