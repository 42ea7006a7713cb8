from __future__ import annotations

import json

import numpy as np
import pytest

from embedlab.corpus import Column
from embedlab.figures.colouring import (
    by_category,
    by_codes,
    by_column,
    by_date,
    by_number,
    by_share,
    plain,
)
from embedlab.figures.colours import MISSING, PALETTE, ramp


def column(kind, values, name="c"):
    dtype = {"number": float, "date": "datetime64[us]"}.get(kind, object)
    return Column(name, kind, np.array(values, dtype=dtype))


def test_categories_are_counted_and_sorted_by_frequency():
    colouring = by_category(column("category", ["b", "a", None, "b", "c", "a", "b"]))
    assert colouring.names == ("b", "a", "c")
    assert colouring.counts == (3, 2, 1)
    assert colouring.values.tolist() == [0, 1, -1, 0, 2, 1, 0]
    assert colouring.values.dtype == np.int32
    assert colouring.missing == 1
    assert len(colouring.light) == len(colouring.dark) == 3
    assert len(set(colouring.light)) == 3


def test_ordered_categories_have_the_colours_of_a_scale_in_their_order():
    colouring = by_category(column("category", ["1990s", "1970s", "unknown", "1990s", None, "1980s"]))
    assert colouring.ordered
    assert colouring.legend()["ordered"]
    assert colouring.names == ("1970s", "1980s", "1990s", "unknown")
    assert colouring.counts == (1, 1, 2, 1)
    assert colouring.light == (*ramp("light", 3), MISSING["light"])
    assert colouring.dark == (*ramp("dark", 3), MISSING["dark"])
    assert not by_category(column("category", ["b", "a", "b"])).ordered


def test_very_many_ordered_categories_lie_along_the_scale_too():
    names = [f"step {number}" for number in range(1000)]
    colouring = by_category(column("category", names[::-1]))
    assert colouring.names == tuple(names)
    assert (colouring.light[0], colouring.light[-1]) == (ramp("light")[0], ramp("light")[-1])
    assert len(colouring.light) == 1000


def test_up_to_twelve_groups_get_colours_that_all_can_tell_apart_and_more_the_colours_of_their_regions():
    turn = np.repeat(np.linspace(0, 2 * np.pi, 26, endpoint=False), 20)
    places = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    codes = np.repeat(np.arange(26), 20)
    fine = by_codes("Cluster", codes, [str(code) for code in range(26)], places)
    assert not set(fine.light) & set(PALETTE["light"])
    assert len(set(fine.light)) == 26
    few = by_codes("Cluster", codes // 3, [str(code) for code in range(9)], places)
    assert len(set(few.light) & set(PALETTE["light"])) == len(set(few.dark) & set(PALETTE["dark"])) == 9
    assert [PALETTE["dark"][PALETTE["light"].index(one)] for one in few.light] == list(few.dark)


def test_groups_without_places_have_a_colour_each():
    colouring = by_codes("Group", np.arange(40), [str(code) for code in range(40)])
    assert len(set(colouring.light)) == len(set(colouring.dark)) == 40
    few = by_codes("Group", np.arange(3), ["a", "b", "c"])
    assert few.light == PALETTE["light"][:3]


def test_a_cluster_keeps_its_colour_while_others_are_cut_and_numbered_otherwise():
    rng = np.random.default_rng(0)
    places = np.concatenate([rng.normal(size=(30, 4)) + 20 * rng.normal(size=4) for _ in range(20)])
    coarse = np.repeat(np.arange(20), 30)
    fine = np.where(coarse < 10, 39 - coarse * 2 - rng.integers(0, 2, 600), coarse - 10)
    first, second = (
        by_codes("Cluster", codes, [str(code) for code in range(codes.max() + 1)], places) for codes in (coarse, fine)
    )
    assert first.light[10:] == second.light[:10]
    assert first.dark[10:] == second.dark[:10]


def test_codes_below_zero_are_missing():
    colouring = by_codes("Cluster", np.array([0, -1, 1, -7]), ["x", "y"], missing_name="no cluster")
    assert colouring.values.tolist() == [0, -1, 1, -1]
    assert colouring.legend()["missing"]["count"] == 2
    assert colouring.legend()["missing"]["name"] == "no cluster"


def test_a_code_without_a_name_is_refused():
    with pytest.raises(ValueError, match="codes up to 2 for 2 names"):
        by_codes("Cluster", np.array([0, 2]), ["x", "y"])


def test_numbers_lie_along_the_scale():
    colouring = by_number(column("number", [0, 5, 10, np.nan, np.inf]))
    assert colouring.values[:3].tolist() == [0, 0.5, 1]
    assert np.isnan(colouring.values[3])
    assert colouring.values[4] == 1
    assert colouring.missing == 1
    assert (0.0, "0") in colouring.ticks
    assert (1.0, "10") in colouring.ticks
    assert colouring.note == ""


def test_an_outlier_does_not_flatten_the_scale_and_is_said():
    values = [*np.linspace(0, 100, 1000), 1e6]
    colouring = by_number(column("number", values))
    assert colouring.values[500] == pytest.approx(0.5, abs=0.02)
    assert colouring.values[-1] == 1
    assert "share the end colours" in colouring.note


def test_one_value_and_no_value():
    same = by_number(column("number", [7, 7, 7]))
    assert same.values.tolist() == [0.5, 0.5, 0.5]
    assert same.ticks == ((0.5, "7"),)
    none = by_number(column("number", [np.nan, np.nan]))
    assert none.missing == 2
    assert none.ticks == ()


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        ("1991-03-01", "2019-04-05", ["1995", "2000", "2005", "2010", "2015"]),
        ("2019-01-05", "2019-12-01", ["2019-04", "2019-07", "2019-10"]),
        ("2019-01-05T03:00", "2019-01-05T19:00", ["2019-01-05 06:00", "2019-01-05 12:00", "2019-01-05 18:00"]),
    ],
)
def test_dates_have_round_ticks(first, last, ticks):
    colouring = by_date(column("date", [first, last, "NaT"]))
    assert [text for _, text in colouring.ticks] == ticks
    assert all(0 <= at <= 1 for at, _ in colouring.ticks)
    assert colouring.values[:2].tolist() == [0, 1]
    assert np.isnan(colouring.values[2])


def test_clipped_dates_are_said_as_dates():
    days = np.datetime64("2020-01-01", "us") + np.arange(1000).astype("timedelta64[D]")
    values = np.concatenate([days, [np.datetime64("1900-01-01", "us")]])
    assert "2020-01-10 or above 2022-09-" in by_date(Column("c", "date", values)).note


def test_shares_are_shown_as_percent_of_a_fixed_scale():
    colouring = by_share("Kept", np.array([0.25, 0.5, np.nan]), "note")
    assert colouring.values[:2].tolist() == [0.25, 0.5]
    assert colouring.percent
    assert colouring.ticks[0] == (0.0, "0 %")
    assert colouring.note == "note"


def test_column_kind_decides():
    assert by_column(column("number", [1, 2])).kind == "scale"
    assert by_column(column("date", ["2020-01-01", "2021-01-01"])).kind == "scale"
    assert by_column(column("text", ["a", "b"])).kind == "category"


def test_legend_is_json_and_the_fingerprint_follows_what_is_seen():
    colourings = [plain(), by_number(column("number", [1, 2])), by_number(column("number", [1, 3]))]
    colourings += [by_category(column("category", ["a", "b"])), by_category(column("category", ["a", "c"]))]
    assert len({one.fingerprint for one in colourings}) == 5
    for one in colourings:
        json.dumps(one.legend(), allow_nan=False)
