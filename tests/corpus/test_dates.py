"""Which date a cell says."""

from __future__ import annotations

import datetime as dt

import pytest

from embedlab.corpus.dates import days, moments


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2020-05-17", " 2020/05/18 "], ["2020-05-17", "2020-05-18"]),
        (["2020-05-17T10:30", "n/a"], ["2020-05-17 10:30:00", None]),
        (["17/5/2020", "1/2/2020, 9:05:07"], ["2020-05-17", "2020-02-01 09:05:07"]),
        (["5/17/2020", "1/2/2020"], ["2020-05-17", "2020-01-02"]),
        (["1.2.2020", "3.4.2020 8:00"], ["2020-02-01", "2020-04-03 08:00:00"]),
    ],
)
def test_whole_dates(cells: list[str], expected: list[str | None]) -> None:
    found = moments(cells)
    assert found is not None
    assert [found[cell] for cell in cells] == [one and dt.datetime.fromisoformat(one) for one in expected]


@pytest.mark.parametrize(
    "cells",
    [
        ["1/2/2020", "3/4/2020"],  # nothing settles which is the day
        ["17/5/2020", "5/17/2020"],  # each says otherwise
        ["17/5/2020", "1/2/20"],
        ["17/5/2020 25:00"],
        ["2020-02-30"],
        ["17/5/2020", "soon"],
        ["n/a"],
        [],
        *([word] for word in ("10", "May", "Mon", "1.2", "12:30", "5 pm", "2-3", "March on", "2020", "1st")),
    ],
)
def test_what_is_no_column_of_dates(cells: list[str]) -> None:
    """The last ones are dates to python-dateutil, of this year and month."""
    assert moments(cells) is None


def test_days_are_read_where_some_cells_say_none() -> None:
    read, told_apart = days(["17/5/20", "5.6.2020 10:00", "31/2/2020", "soon", "1940s", "Q3 2020"])
    assert told_apart
    assert read == {
        "17/5/20": (dt.date(2020, 5, 17), "day"), "5.6.2020 10:00": (dt.date(2020, 6, 5), "day"),
        "31/2/2020": None, "soon": None, "1940s": (dt.date(1940, 1, 1), "decade"),
        "Q3 2020": (dt.date(2020, 7, 1), "month"),
    }  # fmt: skip
    assert not days(["1/2/2020"])[1]
    assert days([])[1]
