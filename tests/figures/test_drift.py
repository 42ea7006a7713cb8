"""The pictures of drift: every number in them can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.drift.columns import Trait
from embedlab.drift.over_time import OverTime, PeriodPoint
from embedlab.drift.regions import Change, Region
from embedlab.figures.drift import MOST_REGIONS, against_chance, effects, over_time, region_labels, shares
from embedlab.space import Layout
from embedlab.stats.intervals import Interval
from embedlab.stats.two_samples import Chance


def region(number: int, name: str, before: float, after: float, change: Change = "grew") -> Region:
    rows = np.arange(3) + 3 * number
    intervals = (Interval(share, share - 0.05, share + 0.1) for share in (before, after))
    return Region(number, name, rows, (1, 2), *intervals, Interval(2, 1, 4), 0.01, change)


def trait(key: str, effect: float, p: float) -> Trait:
    return Trait(
        key,
        f"<{key}> $x$",
        "property",
        "number",
        Interval(effect, effect / 2, effect * 2),
        effect + 0.05,
        Interval(0.05, 0.03, 0.08),
        p,
    )


def test_each_region_has_its_share_on_both_sides() -> None:
    regions = [region(0, "a <b>", 0.1, 0.2), region(1, "c", 0.3, 0.0, "vanished")]
    figure = shares(regions, ("old $", "new"))
    before, after = figure.data[2:]
    assert (before.name, after.name) == ("old &#36;", "new")
    assert (before.x, after.x) == ((0.1, 0.3), (0.2, 0.0))
    assert np.allclose(before.error_x.array, 0.1)
    assert np.allclose(before.error_x.arrayminus, 0.05)
    assert before.marker.symbol != after.marker.symbol
    assert before.marker.color != after.marker.color
    assert figure.layout.yaxis.ticktext == ("▲ a &lt;b&gt;", "✖ c")


def test_no_more_regions_are_drawn_than_can_be_read() -> None:
    figure = shares([region(number, str(number), 0.1, 0.2) for number in range(30)], ("old", "new"), dark=True)
    assert len(figure.data[-1].x) == MOST_REGIONS


def test_the_observed_value_stands_beside_what_chance_makes() -> None:
    figure = against_chance(Chance(0.9, np.array([0.5, 0.4, 0.6]), 0.25), "AUC")
    assert figure.data[0].x.tolist() == [0.5, 0.4, 0.6]
    assert figure.layout.shapes[0].x0 == 0.9
    assert figure.layout.annotations[0].text == "observed: 0.9"


def test_effects_beyond_chance_are_filled_and_others_open() -> None:
    figure = effects([trait("words", 0.3, 0.001), trait("digits", 0.05, 0.7)])
    *chance, counted, beyond, within = figure.data
    assert [one.x for one in chance] == [(0.03, 0.08)] * 2
    assert counted.x == pytest.approx((0.35, 0.1))
    assert (beyond.x, beyond.marker.symbol) == ((0.3,), "circle")
    assert (within.x, within.marker.symbol) == ((0.05,), "circle-open")
    assert (round(beyond.y[0]), round(within.y[0])) == (0, 1)
    assert figure.layout.yaxis.ticktext[0] == "&lt;words&gt; &#36;x&#36;"


@pytest.mark.parametrize("dark", [False, True])
def test_the_curve_has_its_band_and_the_line_of_since_when(dark: bool) -> None:
    points = (
        PeriodPoint("1940s", 0.0, 50), PeriodPoint("1950s", 1.0, 60, 0.001, -0.01, 0.02, Interval(0.5, 0.4, 0.6)),
        PeriodPoint("1960s", 2.0, 70, 0.05, -0.01, 0.03, Interval(0.8, 0.7, 0.9), beyond=True),
    )  # fmt: skip
    figure = over_time(OverTime("decade", "decade", "first", points, 2, ()), dark=dark)
    band, curve = figure.data
    assert (band.x, band.y) == ((1, 2, 2, 1), (0.02, 0.03, -0.01, -0.01))
    assert (curve.x, curve.y) == ((1, 2), (0.001, 0.05))
    assert curve.marker.symbol == ("circle-open", "circle")
    assert figure.layout.shapes[0].x0 == 1.5
    assert figure.layout.xaxis.ticktext == ("1940s", "1950s", "1960s")


def test_a_region_is_named_at_the_text_in_its_middle() -> None:
    positions = np.array([[0, 0], [1, 1], [9, 9], [5, 5], [5, 6], [5, 7]], dtype=np.float32)
    layout = Layout(positions, "UMAP", (("seed", 0),), "space")
    first, second = region_labels([region(0, "a", 0.1, 0.2), region(1, "b", 0.2, 0.2, "same")], layout)
    assert (first.text, first.x, first.y) == ("▲ a", 1.0, 1.0)
    assert (second.text, second.x, second.y) == ("· b", 5.0, 6.0)
    assert first.size > second.size
