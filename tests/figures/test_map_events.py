from __future__ import annotations

import base64

import numpy as np
import pytest

from embedlab.figures.map import Points
from pages.app import components

POINTS = Points(np.zeros((12, 2), dtype=np.float32), list("abcdefghijkl"))


def events(**told):
    result = {name: {"rows": POINTS.rows, "at": 1.0, **value} for name, value in told.items()}
    return components._events(result, POINTS)


def mask(*rows: int, count: int = 12) -> str:
    bits = np.zeros(count, dtype=np.uint8)
    bits[list(rows)] = 1
    return base64.b64encode(np.packbits(bits).tobytes()).decode()


def test_a_click_and_a_selection_come_back_as_rows():
    chosen = {"id": "here-1", "bits": mask(3, 1, 11), "words": "lasso", "filters": ["year: 2010"], "cleared": False}
    found = events(
        clicked={"row": 2}, chosen=chosen, label={"label": 5}, colour={"chart": "year"}, off={"what": "found"}
    )
    assert found.clicked == 2
    assert found.selected.tolist() == [1, 3, 11]
    assert (found.chosen, found.kind, found.mark, found.cleared) == (True, "lasso; year: 2010", "here-1", False)
    assert (found.label, found.colour, found.off) == (5, "year", "found")


def test_a_selection_that_was_let_go_of_is_none_and_not_empty():
    gone = events(chosen={"id": "here-2", "bits": None, "words": "", "filters": [], "cleared": True})
    assert (gone.chosen, gone.selected, gone.cleared) == (True, None, True)
    nothing_left = events(chosen={"id": "here-3", "bits": mask(), "words": "", "filters": ["a: b"], "cleared": False})
    assert nothing_left.selected.tolist() == []


def test_an_event_of_other_points_is_dropped():
    found = events(clicked={"row": 2, "rows": "others"}, chosen={"rows": "others", "bits": mask(1), "cleared": True})
    assert (found.clicked, found.chosen, found.selected, found.cleared) == (None, False, None, False)


def test_a_row_that_does_not_exist_is_dropped():
    assert events(clicked={"row": 12}).clicked is None
    assert events(clicked={"row": "2"}).clicked is None


@pytest.mark.parametrize("bits", ["no base64!", mask(1, count=40), "", 7])
def test_a_mask_that_is_none_of_these_texts_selects_nothing(bits):
    assert events(chosen={"id": "x", "bits": bits}).selected is None
