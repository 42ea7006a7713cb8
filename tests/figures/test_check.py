"""What was found in pictures: every number in them can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.check.base import Finding
from embedlab.check.findings import FINDINGS
from embedlab.corpus import Column
from embedlab.figures.check import MOST_POINTS, OTHERS, found_map, found_of_each, lens
from embedlab.space import Layout

KINDS = {kind.key: kind for kind in FINDINGS}


def finding(key: str, rows: list[int], share: float, usual: bool = False) -> Finding:
    return Finding(KINDS[key], len(rows), np.array(rows, dtype=np.intp), share, "So it is.", usual=usual)


@pytest.mark.parametrize("dark", [False, True])
def test_each_finding_has_its_share_beside_its_limits(dark: bool) -> None:
    found = [finding("exact", [], 0.0), finding("labels", [1], 0.02), finding("leaks", [1, 2], 0.5)]
    figure = found_of_each(found, dark=dark)
    warns, fails, passed, warned, failed = figure.data
    assert figure.layout.yaxis.ticktext == ("Leaks (2)", "Doubtful labels (1)", "Copies (0)")  # the worst first
    assert (warns.x, warns.y) == ((1e-4, 0.01, 0.01), (0, 1, 2))
    assert (fails.x, fails.y) == ((0.01, 0.1), (0, 1))  # copies never fail
    assert (passed.x, passed.y, passed.marker.symbol) == ((1e-4,), (2,), ("circle-open",))
    assert (warned.x, warned.y, warned.marker.symbol) == ((0.02,), (1,), ("triangle-up",))
    assert (failed.x, failed.y, failed.marker.symbol) == ((0.5,), (0,), ("square",))
    assert failed.text == ("Leaks: 2 (50 %), fail",)


def test_a_text_found_twice_has_the_mark_of_the_worse() -> None:
    layout = Layout(np.arange(12, dtype=np.float32).reshape(6, 2), "UMAP", (), "space")
    found = [
        finding("exact", [0, 1, 2, 3, 4], 0.9, usual=True), finding("outliers", [1, 2], 0.3),
        finding("leaks", [2, 3], 0.5), finding("personal", [], 0.0),
    ]  # fmt: skip
    figure = found_map(layout, found, lambda row: f"<b>{row}</b> $x$")
    assert [one.name for one in figure.data] == [OTHERS, "Leaks", "Outliers"]
    assert [one.x.tolist() for one in figure.data] == [[0, 8, 10], [4, 6], [2]]
    assert len({one.marker.symbol for one in figure.data}) == 3
    assert figure.data[1].text[0] == "<i>Leaks</i><br>&lt;b&gt;2&lt;/b&gt; &#36;x&#36;"


def test_of_very_many_texts_a_sample_is_drawn() -> None:
    count = 2 * MOST_POINTS + 10
    layout = Layout(np.zeros((count, 2), dtype=np.float32), "UMAP", (), "space")
    figure = found_map(layout, [finding("leaks", [5, 6], 0.5)], str)
    assert len(figure.data[0].x) <= MOST_POINTS
    assert len(figure.data[1].x) == 2


def test_a_map_shows_a_finding_by_what_its_kind_says() -> None:
    plain = lens(KINDS["exact"].summed("So it is.", [3, 1], 6), 6)
    assert (plain.names, plain.values.tolist(), plain.missing_name) == (("Copies",), [-1, 0, -1, 0, -1, -1], OTHERS)
    kinds = (("none", np.array([], np.intp)), ("first", np.array([0, 1])), ("last", np.array([1, 2])))
    parted = lens(KINDS["cut"].summed("So it is.", [0, 1, 2], 6, colours=kinds), 6)
    assert (parted.names, parted.values.tolist()) == (("first", "last"), [0, 1, 1, -1, -1, -1])
    column = Column("Distance", "number", np.arange(6.0))
    scaled = lens(KINDS["outliers"].summed("So it is.", [5], 6, colours=column), 6)
    assert (scaled.kind, scaled.title) == ("scale", "Distance")
