"""The pictures of a comparison: each number of theirs can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.figures.compare import MOST_TRAILS, Mark, dots, quality_and_cost, scales, trails
from embedlab.space import Layout
from embedlab.stats.intervals import Interval


def layout(positions: list[list[float]]) -> Layout:
    return Layout(np.array(positions, dtype=np.float32), "UMAP", (), "space")


def test_a_trail_goes_from_its_place_on_one_map_to_that_on_the_other() -> None:
    first, second = layout([[0, 0], [1, 1], [2, 2]]), layout([[0, 5], [1, 1], [7, 2]])
    figure = trails(first, second, np.array([0, 2]), ["a", "b", "<b>c</b> $x$"], ("A<", "B"))
    _, lines, before, after = figure.data
    assert np.array_equal(lines.x, [0, 0, np.nan, 2, 7, np.nan], equal_nan=True)
    assert np.array_equal(lines.y, [0, 5, np.nan, 2, 2, np.nan], equal_nan=True)
    assert (before.x.tolist(), after.x.tolist()) == ([0, 2], [0, 7])
    assert before.marker.symbol != after.marker.symbol
    assert (before.name, before.text[1]) == ("A&lt;", "&lt;b&gt;c&lt;/b&gt; &#36;x&#36;")


def test_no_more_trails_are_drawn_than_can_be_told_apart() -> None:
    places = np.random.default_rng(0).normal(size=(MOST_TRAILS + 50, 2)).tolist()
    figure = trails(layout(places), layout(places), np.arange(MOST_TRAILS + 50), ["t"] * len(places), ("A", "B"))
    assert len(figure.data[2].x) == MOST_TRAILS


def test_scales_tell_the_pair_from_noise_and_chance_by_shape() -> None:
    marks = {"CKA": [Mark("A and B", 0.4, "pair"), Mark("5 % dropped", 1.0, "floor"), Mark("chance", -0.1, "random")]}
    figure = scales(marks)
    assert [trace.x[0] for trace in figure.data] == [0.4, 1.0, -0.1]
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    assert figure.layout.xaxis.range[0] < -0.1
    assert figure.layout.yaxis.ticktext == ("CKA",)


def test_dots_have_their_intervals_and_leave_out_what_is_not_known() -> None:
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    figure = dots({"ARI": {"A": Interval(0.5, 0.4, 0.7), "B": nothing}, "NMI": {"A": Interval(0.6, 0.5, 0.7)}})
    first, second = figure.data
    assert first.x == (0.5, 0.6)
    assert np.allclose(first.error_x.array, [0.2, 0.1])
    assert np.allclose(first.error_x.arrayminus, [0.1, 0.1])
    assert second.x == ()
    assert first.marker.symbol != second.marker.symbol


def test_the_frontier_is_drawn_by_rising_cost() -> None:
    found = [Interval(value, value - 0.1, value + 0.1) for value in (0.9, 0.5, 0.4)]
    figure = quality_and_cost(["A", "B<", "C"], [100, 10, 20], found, [0, 1], cost="bytes", quality="probe")
    line, *models = figure.data
    assert (line.x, line.y) == ((10, 100), (0.5, 0.9))
    assert [one.text[0] for one in models] == ["A", "B&lt;", "C"]
    assert "B&lt;<br>probe: 0.500 (0.400 to 0.600)" in models[1].customdata[0]


def test_qualities_that_are_all_one_do_not_reach_beyond_it() -> None:
    figure = quality_and_cost(["A", "B"], [10, 20], [Interval(1, 1, 1)] * 2, [0], cost="bytes", quality="probe")
    assert figure.layout.yaxis.range == pytest.approx((0.9, 1.015))
