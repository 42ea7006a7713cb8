"""Pictures of words: what is drawn, names that don't overlap, and texts that are shown as typed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from embedlab.figures.words import MOST_LABELLED_OF_MANY, Ends, _box, _placed, bars, plane, ranged

NASTY = ["<b>bold</b>", "$x$", "a\nb", "", "long " * 100]


def test_bars_are_in_the_order_given_and_one_stands_out() -> None:
    figure = bars(["queen", "lady"], np.array([0.6, -0.2]), "cosine")
    bar = figure.data[0]
    assert tuple(bar.x) == (0.6, -0.2)
    assert bar.text == ("0.600", "-0.200")
    assert [name.strip() for name in figure.layout.yaxis.ticktext] == ["queen", "lady"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first on top
    assert bar.marker.color[0] != bar.marker.color[1]
    assert len({*bars(["a", "b"], np.array([1, 2.0]), "cosine", marked=None).data[0].marker.color}) == 1
    assert figure.layout.xaxis.range[0] < -0.2
    assert figure.layout.xaxis.range[1] > 0.6


@pytest.mark.parametrize("dark", [False, True])
def test_what_a_person_typed_is_shown_as_typed(dark: bool) -> None:
    positions = np.linspace(-1, 1, len(NASTY))
    ends = Ends("<i>low</i>", "$high$")
    for figure in (
        bars(NASTY, positions, "cosine", dark=dark),
        ranged(NASTY, positions, ends, everything=positions, usual=(-0.5, 0.5), dark=dark),
        plane(NASTY, positions, positions, ends, ends, dark=dark),
    ):
        written = json.dumps(figure.to_plotly_json(), default=list)
        assert "<b>bold" not in written
        assert "&lt;b&gt;bold" in written
        assert "<i>low" not in written
        assert "$" not in written
        assert "long " * 50 not in written


def test_a_row_for_each_text_and_a_strip_of_all() -> None:
    everything = np.linspace(-3, 3, 1000)
    figure = ranged(["hot", "cold"], np.array([1.0, -1.0]), Ends("cold", "hot"), everything=everything, usual=(-1.5, 2))
    dots, strip = figure.data
    assert tuple(dots.y) == (0, 1)
    assert dots.textposition == ("middle left", "middle right")  # names run inwards
    assert sum(strip.y) == pytest.approx(1000, abs=5)
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (-1.5, 2)
    assert [note.text for note in figure.layout.annotations] == ["← cold", "hot →"] * 2 + ["all 1,000"]
    assert [note.y for note in figure.layout.annotations][:4] == [1, 1, 0, 0]  # above, where one begins, and below


def test_chance_is_a_bar_to_both_sides_of_nothing() -> None:
    figure = ranged(["nurse"], np.array([0.1]), Ends("he", "she"), chance=np.array([0.3]))
    assert (figure.data[0].base[0], figure.data[0].x[0]) == (-0.3, 0.6)
    low, high = figure.layout.xaxis.range
    assert low < -0.3
    assert high > 0.3


def test_names_on_a_plane_cover_neither_each_other_nor_a_dot() -> None:
    rng = np.random.default_rng(0)
    names = [f"word{number}" for number in range(80)]
    xs, ys = rng.random(80), rng.random(80)
    named = _placed(names, xs, ys)
    assert 10 < len(named) < 80
    dots = np.stack([xs * 620, ys * 500], axis=1)
    boxes = [
        _box(dots[place].tolist(), 6.6 * len(names[place]), anchor, shift, lift) for place, anchor, shift, lift in named
    ]
    for number, (left, low, right, high) in enumerate(boxes):
        assert not any(
            left < other[2] and other[0] < right and low < other[3] and other[1] < high for other in boxes[:number]
        )
        inside = (dots[:, 0] > left) & (dots[:, 0] < right) & (dots[:, 1] > low) & (dots[:, 1] < high)
        assert not inside.any()


def test_of_very_many_only_the_outermost_are_named_and_webgl_draws_them() -> None:
    rng = np.random.default_rng(0)
    xs, ys = rng.normal(size=5000), rng.normal(size=5000)
    xs[7] = 9
    figure = plane([f"w{number}" for number in range(5000)], xs, ys, Ends("a", "b"), Ends("c", "d"))
    names = [note.text for note in figure.layout.annotations]
    assert "w7" in names
    assert len(names) <= MOST_LABELLED_OF_MANY
    assert figure.data[0].type == "scattergl"


@pytest.mark.parametrize("count", [0, 1])
def test_few_or_equal_positions_have_a_range(count: int) -> None:
    positions = np.zeros(count)
    for figure in (
        ranged(["a"] * count, positions, Ends("x", "y"), everything=positions),
        plane(["a"] * count, positions, positions, Ends("x", "y"), Ends("x", "y")),
        bars(["a"] * count, positions, "cosine"),
    ):
        low, high = figure.layout.xaxis.range
        assert low < high
