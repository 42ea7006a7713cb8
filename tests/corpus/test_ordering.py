from __future__ import annotations

import numpy as np
import pytest

from embedlab.corpus import Column
from embedlab.corpus.columns import column_of
from embedlab.corpus.ordering import Ordered, ordered, periods, value_like
from tests.sentences import say


def words(*values: str | None) -> Column:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return Column("when", "category", cells)


def days(order: Ordered | None) -> list[str]:
    assert order is not None
    return ["" if np.isnan(value) else str(np.datetime64(int(value), "s"))[:10] for value in order.values]


def test_five_forms_at_once_are_read_and_the_impossible_ones_counted() -> None:
    values = ["2020-05-17", "17/05/2020", "May 17, 2020", "17 May 2020", "20200517", "5.6.2020", None, "2020/05/18"]
    found = ordered(words(*values, *["2020-05-19"] * 4, "31/02/2020", "soon"))
    assert days(found) == [*["2020-05-17"] * 5, "2020-06-05", "", "2020-05-18", *["2020-05-19"] * 4, "", ""]
    assert found is not None
    assert say(found.notes, (2, "“when”", "can't be read as a date", "“31/02/2020”", "“soon”", "left out"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("3/14/2020", "1/2/2020"), ["2020-03-14", "2020-01-02"]),
        (("14/3/2020", "1/2/2020"), ["2020-03-14", "2020-02-01"]),
        (("1/2/20", "13/2/99"), ["2020-02-01", "1999-02-13"]),
        (("1950s", "1990s"), ["1950-01-01", "1990-01-01"]),
        (("2019-Q1", "Q4 2019"), ["2019-01-01", "2019-10-01"]),
        (("Sept 2019", "Oct 2019"), ["2019-09-01", "2019-10-01"]),
        (("2020-02", "2020-11"), ["2020-02-01", "2020-11-01"]),
    ],
)
def test_forms(values: tuple[str, ...], expected: list[str]) -> None:
    assert days(ordered(words(*values))) == expected


def test_day_and_month_that_nothing_settles_are_said() -> None:
    found = ordered(words("1/2/2020", "3/4/2020"))
    assert days(found) == ["2020-01-02", "2020-03-04"]
    assert found is not None
    assert "can't be told apart" in found.notes[0]


def test_what_is_mostly_no_date_has_no_order() -> None:
    assert ordered(words("red", "blue", "2020-05-17")) is None
    assert ordered(words("2020", "2020")) is None  # one value
    assert ordered(words(None, None)) is None


def test_versions_are_in_the_order_of_their_numbers() -> None:
    found = ordered(words("v10", "v9", "v1.2", "v1.10"))
    assert found is not None
    assert found.names == ("v1.2", "v1.10", "v9", "v10")
    assert found.values.tolist() == [3, 2, 0, 1]
    assert ordered(words("a1", "b2")) is None


def test_whole_numbers_like_years_are_years() -> None:
    column, _ = column_of("year", ["1999", "2003", None])
    found = ordered(column)
    assert days(found) == ["1999-01-01", "2003-01-01", ""]
    assert found is not None
    assert found.shown(found.steps[1]) == "2003"
    stars, _ = column_of("stars", ["1", "5", "3"])
    assert ordered(stars).kind == "number"  # type: ignore[union-attr]


def test_a_typed_value_is_read_as_the_column_is() -> None:
    year, _ = column_of("year", ["1999", "2003"])
    order = ordered(year)
    assert order is not None
    assert value_like(order, "2003") == order.steps[1]
    assert value_like(order, "May 2000") is not None
    assert value_like(order, "red") is None


def test_periods_are_the_finest_that_are_full_enough() -> None:
    cells = [f"{year}-{month:02}-03" for year in (2001, 2002, 2003) for month in range(1, 13) for _ in range(4)]
    column, _ = column_of("day", cells)
    order = ordered(column)
    assert order is not None
    found = periods(order)
    assert found.unit == "year"  # four texts a month are too few
    assert found.names == ("2001", "2002", "2003")
    assert found.sizes.tolist() == [48, 48, 48]
    assert periods(order, "decade").names == ("2000s",)


def test_small_periods_join_the_next_and_the_last_the_one_before() -> None:
    order = ordered(words(*["2001"] * 10, *["2002"] * 25, *["2003"] * 40, *["2004"] * 5))
    assert order is not None
    found = periods(order, "year")
    assert found.names == ("2001 to 2002", "2003 to 2004")
    assert found.sizes.tolist() == [35, 45]
    assert say(found.notes, ("3 periods", "fewer than 30", "joined", "4 became 2"))


def test_numbers_of_many_values_are_cut_into_ten_ranges() -> None:
    column = Column("length", "number", np.arange(1000, dtype=np.float64) / 7)
    order = ordered(column)
    assert order is not None
    found = periods(order)
    assert found.unit == "range"
    assert found.sizes.tolist() == [100] * 10
