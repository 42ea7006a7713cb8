"""What a map is filtered by: the bins of numbers and dates, the values of categories, and what has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from embedlab.corpus import Column
from embedlab.figures.charts import MISSING, Chart, by_colouring, chart_of
from embedlab.figures.colouring import by_share


def numbers(*values: float) -> Chart:
    return chart_of(Column("n", "number", np.array(values, dtype=float)), "n")


def dates(*values: str) -> Chart:
    return chart_of(Column("d", "date", np.array(values, dtype="datetime64[us]")), "d")


def test_a_few_whole_numbers_have_a_bin_each() -> None:
    chart = numbers(1, 5, 5, np.nan, 3)
    assert chart.words == ("1", "2", "3", "4", "5")
    assert chart.counts == (1, 0, 1, 0, 2)
    assert chart.missing == 1
    assert chart.codes.tolist() == [0, 4, 4, MISSING, 2]


def test_other_numbers_have_round_bins_that_agree_with_pandas() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(50, 20, size=5000)
    chart = numbers(*values)
    first, last = (float(chart.words[at].split(" to ")[at != 0]) for at in (0, -1))
    edges = np.linspace(first, last, len(chart.words) + 1)
    wanted = pd.cut(pd.Series(values), edges, right=False).value_counts(sort=False)
    assert chart.counts == tuple(wanted)
    assert 20 <= len(chart.words) <= 60


def test_a_long_tail_is_in_the_last_bin_and_said() -> None:
    chart = numbers(*np.linspace(0, 100, 2001), 1e9, 1e9, np.inf)
    assert sum(chart.counts) == 2004
    assert chart.counts[-1] >= 3
    assert "counted in the outermost bars" in chart.note
    assert "1 infinite value is at the ends" in chart.note


@pytest.mark.parametrize(
    ("values", "words", "counts"),
    [
        ((2.5, 2.5), ("2.5",), (2,)),
        ((7, 7), ("7",), (2,)),
        ((np.inf, -np.inf, np.nan), ("-∞", "∞"), (1, 1)),
        ((1e300, -1e300), None, (1, 1)),
        ((1e-300, 2e-300), None, (1, 1)),
    ],
)
def test_strange_numbers_have_a_chart(values: tuple[float, ...], words: tuple[str, ...] | None, counts) -> None:
    chart = numbers(*values)
    if words is not None:
        assert chart.words == words
    assert tuple(count for count in chart.counts if count) == counts


def test_dates_have_whole_units_of_the_calendar() -> None:
    years = dates("1990-05-01", "2010-01-01", "NaT", "2010-12-31")
    assert (years.words[0], years.words[-1]) == ("1990", "2010")
    assert (years.counts[0], years.counts[-1], years.missing) == (1, 2, 1)
    months = dates("2020-01-31", "2020-02-01", "2021-06-01")
    assert months.words[:2] == ("Jan 2020", "Feb 2020")
    assert months.counts[:2] == (1, 1)
    weeks = dates("2024-01-01", "2024-01-07", "2024-01-08", "2024-06-01")
    assert weeks.words[0] == "2024-01-01 to 2024-01-07"
    assert weeks.counts[:2] == (2, 1)
    hours = dates("2024-01-01T05:10", "2024-01-02T03:00")
    assert hours.words[0] == "2024-01-01 05:00"


def test_the_ticks_of_all_years_that_there_can_be_reach_from_end_to_end() -> None:
    ticks = dates("0001-06-15", "9999-06-15").ticks
    assert [words for _, words in ticks][-3:] == ["6000", "8000", "10000"]
    assert [round(place, 3) for place, _ in ticks][-3:] == [0.6, 0.8, 1.0]


@pytest.mark.parametrize(
    "ends", [("0001-01-01", "9999-12-31"), ("2024-01-01", "2024-01-01"), ("1969-12-31", "1970-01-01")]
)
def test_any_span_of_time_has_at_most_sixty_bins(ends: tuple[str, str]) -> None:
    chart = dates(*ends)
    assert 1 <= len(chart.words) <= 60
    assert sum(chart.counts) == 2
    assert all(0 <= at <= 1 for at, _ in chart.ticks)


def test_categories_come_by_count_or_in_their_own_order() -> None:
    plain = chart_of(Column("c", "category", np.array(["b", "a", "b", None], dtype=object)), "c")
    assert (plain.words, plain.counts, plain.missing, plain.ordered) == (("b", "a"), (2, 1), 1, False)
    decades = chart_of(Column("c", "category", np.array(["1990s", "1970s", "1990s", "1980s"], dtype=object)), "c")
    assert (decades.words, decades.counts, decades.ordered) == (("1970s", "1980s", "1990s"), (1, 1, 2), True)


def test_more_categories_than_codes_are_one_more() -> None:
    names = np.array([f"name {at:06}" for at in range(61_000)], dtype=object)
    chart = chart_of(Column("c", "category", names), "c")
    assert chart.words[-1] == "others"
    assert chart.counts[-1] == 1000
    assert chart.missing == 0


def test_shares_of_a_few_have_a_bin_each() -> None:
    chart = by_colouring("kept", by_share("Kept", np.array([0, 1 / 3, 1 / 3, 1, np.nan])))
    assert chart.words == ("0 %", "33 %", "67 %", "100 %")
    assert chart.counts == (1, 2, 0, 1)
    many = by_colouring("kept", by_share("Kept", np.linspace(0, 1, 1001)))
    assert len(many.words) == 20
    assert sum(many.counts) == 1001


def test_what_can_be_seen_has_a_fingerprint() -> None:
    assert numbers(1, 2).fingerprint == numbers(1, 2).fingerprint
    assert numbers(1, 2).fingerprint != numbers(2, 1).fingerprint
    with pytest.raises(ValueError, match="read-only"):
        numbers(1, 2).codes[0] = 1
