"""Which date a cell says."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedlab.corpus.columns import column_of
from embedlab.corpus.dates import days
from embedlab.corpus.ordering import ordered
from embedlab.corpus.reading.table import read_table
from embedlab.figures.colouring import by_date
from tests.sentences import say, says


def read(cells: list[str]) -> list[str]:
    """The cells of a column of dates as they are shown."""
    column, _ = column_of("when", cells)
    assert column.kind == "date", cells
    return [column.shown(row) for row in range(len(cells))]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2020-05-17", " 2020/05/18 "], ["2020-05-17", "2020-05-18"]),
        (["2020-05-17T10:30", "n/a"], ["2020-05-17 10:30:00", ""]),
        (["17/5/2020", "1/2/2020, 9:05:07"], ["2020-05-17", "2020-02-01 09:05:07"]),
        (["5/17/2020", "1/2/2020"], ["2020-05-17", "2020-01-02"]),
        (["1.2.2020", "3.4.2020 8:00"], ["2020-02-01", "2020-04-03 08:00:00"]),
        (["1/15/24", "2/3/99"], ["2024-01-15", "1999-02-03"]),
        (["05.06.24"], ["2024-06-05"]),
        (["1/15/24 3:05 PM", "1/16/24 03:05:09 am"], ["2024-01-15 15:05:00", "2024-01-16 03:05:09"]),
        (["1/15/2024, 12:00:00\u202fAM", "1/15/2024 12:30 p.m."], ["2024-01-15", "2024-01-15 12:30:00"]),
        (["2024-01", "2024/02", "March 2024"], ["2024-01", "2024-02", "2024-03"]),
        (["2024-01", "2024-02-03"], ["2024-01-01", "2024-02-03"]),
        (["Wed Oct 10 20:19:24 +0000 2018"], ["2018-10-10 20:19:24"]),
        (["Wed, 10 Oct 2018 20:19:24 GMT", "10 Oct 2018 20:19 -0700"], ["2018-10-10 20:19:24", "2018-10-11 03:19:00"]),
        (["10/Oct/2000:13:55:36 -0700"], ["2000-10-10 20:55:36"]),
        (["2024-01-01T10:00:00.123456789Z"], ["2024-01-01 10:00:00"]),
        (["2024-01-01 10:00:00.5 +02:00"], ["2024-01-01 08:00:00"]),
        (["2024-01-31T23:30:00-05:00[America/New_York]"], ["2024-02-01 04:30:00"]),
        (["20240131T101500Z"], ["2024-01-31 10:15:00"]),
        (["Jan 5, 2024 10:00", "Jan. 6th, 2024, 3 PM", "Sunday, January 7, 2024"],
         ["2024-01-05 10:00:00", "2024-01-06 15:00:00", "2024-01-07"]),
        (["2024/1/5", "2024/12/31"], ["2024-01-05", "2024-12-31"]),
        (["10-Oct-18", "5-Nov-2019"], ["2018-10-10", "2019-11-05"]),
        (["31. Januar 2024", "1. März 2024"], ["2024-01-31", "2024-03-01"]),
        (["1er février 2024", "le 3 août 2024 à 10:00"], ["2024-02-01", "2024-08-03 10:00:00"]),
        (["5 de enero de 2024", "6 de março de 2024", "7 luglio 2024", "8 mei 2024"],
         ["2024-01-05", "2024-03-06", "2024-07-07", "2024-05-08"]),
        (["2024年1月5日", "2024년 1월 6일"], ["2024-01-05", "2024-01-06"]),
        (["2020-05-17", "17/05/2020", "May 17, 2020", "17 May 2020", "20200517"], ["2020-05-17"] * 5),
        (["9999-12-31", "0001-01-01"], ["9999-12-31", "0001-01-01"]),
        (["2016-12-31 23:59:60", "2016-12-31T24:00"], ["2016-12-31 23:59:59", "2017-01-01"]),
    ],
)  # fmt: skip
def test_whole_dates(cells: list[str], expected: list[str]) -> None:
    assert read(cells) == expected


@pytest.mark.parametrize(
    "cells",
    [
        ["1/2/2020", "3/4/2020"],  # nothing settles which is the day
        ["17/5/2020", "5/17/2020"],  # each says otherwise
        ["1.2.10", "2.3.11"],  # versions
        ["May 2020 was fine"],
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
    assert column_of("x", cells)[0].kind != "date"


def test_which_number_is_the_day_is_said_where_nothing_settles_it() -> None:
    column, notes = column_of("when", ["1/2/2020", "3/4/2020", "5/6/2020"])
    assert (column.kind, column.shown(0)) == ("category", "1/2/2020")
    assert say([note.sentence for note in notes], ("“when”", "day and month", "left as typed", "2024-01-31"))


def dated(count: int) -> list[str]:
    return [f"2023-{1 + at % 12:02}-{1 + at % 28:02}" for at in range(count)]


@pytest.mark.parametrize(
    "odd", ["0000-00-00", "tbd", "31.02.2020", "2023-13-45", "12024-01-01", "yesterday", "9999-12-31T23:59:59-05:00"]
)
def test_one_odd_cell_is_missing_named_and_counted(odd: str) -> None:
    column, notes = column_of("opened", [*dated(30), odd, *dated(9)])
    assert (column.kind, int(column.missing.sum()), bool(column.missing[30])) == ("date", 1, True)
    (note,) = [note for note in notes if note.kind == "changed"]
    assert (note.count, note.rows) == (1, (31,))
    assert "T23" in odd or says(note.sentence, 1, 40, "“opened”", "no date", f"“{odd}”", "missing")


def test_several_odd_cells_are_counted_and_the_first_are_named() -> None:
    cells = [*dated(100), "tbd", "0000-00-00", "tbd", "soon", "later"]
    column, notes = column_of("date", cells)
    assert column.kind == "date"
    assert say(
        [note.sentence for note in notes],
        (5, "105 cells", "“date”", "no dates", "“tbd”", "“0000-00-00”", "“soon”", "1 more", "missing"),
    )
    assert notes[0].rows == (101, 102, 103, 104, 105)


def test_too_many_odd_cells_make_words_and_it_is_said() -> None:
    column, notes = column_of("when", [*dated(20), *["soon"] * 6])
    assert column.kind in ("category", "text")
    assert say([note.sentence for note in notes], ("“when”", "words", 20, "26 cells", "dates", 6, "“soon”"))


@pytest.mark.parametrize("name", ["created_utc", "timestamp", "ts", "published_at", "DateTime"])
@pytest.mark.parametrize(("scale", "unit"), [(1, "seconds"), (1e3, "milliseconds"), (1e6, "microseconds")])
def test_epochs_are_moments(name: str, scale: float, unit: str) -> None:
    seconds = [1367109170, 1367195570, 1700000000]
    shown = ["2013-04-28 00:32:50", "2013-04-29 00:32:50", "2023-11-14 22:13:20"]
    typed = [int(second * scale) for second in seconds]
    for cells in (
        typed,
        [str(cell) for cell in typed],
        [f"{cell}.0" for cell in typed],
        [float(cell) for cell in typed],
    ):
        column, notes = column_of(name, cells)
        assert [column.shown(row) for row in range(3)] == shown
        assert say([note.sentence for note in notes], (f"“{name}”", f" {unit} since", 1970, "UTC"))


def test_epochs_without_a_name_that_says_so_lie_as_moments_do() -> None:
    assert column_of("x", [1367109170123 + 86_400_007 * at for at in range(9)])[0].kind == "date"
    assert column_of("x", [1367109170 + 86_413 * at for at in range(20)])[0].kind == "date"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("user_id", [1367109170 + 86_413 * at for at in range(20)]),
        ("phone", [1367109170 + 86_413 * at for at in range(20)]),
        ("gdp", [1_500_000_000 + 1_000_000 * at for at in range(20)]),
        ("x", [1_500_000_000 + at for at in range(20)]),
        ("time", [12.5, 13.5, 14.0]),
        ("resolution_time_hours", [1.5, 2.25, 3.0]),
        ("year", [1999, 2003, 2010]),
    ],
)
def test_what_are_no_epochs(name: str, cells: list[float]) -> None:
    assert column_of(name, cells)[0].kind == "number"


def test_zeros_among_epochs_are_missing_and_counted() -> None:
    column, notes = column_of("created", [*range(1367109170, 1367109200), 0, 0])
    assert (column.kind, int(column.missing.sum())) == ("date", 2)
    assert says(notes[-1].sentence, 2, "32 cells", "“created”", "no dates", "“0”", "missing")


def test_compact_dates_are_dates_and_other_long_numbers_are_not() -> None:
    assert read(["20240131", "20240201"]) == ["2024-01-31", "2024-02-01"]
    column, _ = column_of("day", [20240131, 20240201])
    assert column.shown(1) == "2024-02-01"
    assert column_of("x", ["20240131", "20240201", "20240301"])[0].kind == "date"
    assert column_of("order_id", ["20240131", "20240201", "20240301"])[0].kind == "number"
    assert column_of("x", ["20240131", "20249999", "20241301"])[0].kind == "number"


@pytest.mark.parametrize("unit", ["s", "ms", "us", "D"])
def test_moments_beyond_the_calendar_are_missing_and_counted(unit: str) -> None:
    cells = np.array(["12024-01-01", "2020-01-01", "NaT", "-0044-03-15"], dtype=f"datetime64[{unit}]")
    column, notes = column_of("d", cells)
    assert [column.shown(row) for row in range(4)] == ["", "2020-01-01", "", ""]
    assert say([note.sentence for note in notes], (2, "“d”", "outside", "1 to 9999", "missing"))


def test_days_are_read_where_some_cells_say_none() -> None:
    found, told_apart = days(["17/5/20", "5.6.2020 10:00", "31/2/2020", "soon", "1940s", "Q3 2020"])
    assert told_apart
    assert found == {
        "17/5/20": (dt.date(2020, 5, 17), "day"), "5.6.2020 10:00": (dt.date(2020, 6, 5), "day"),
        "31/2/2020": None, "soon": None, "1940s": (dt.date(1940, 1, 1), "decade"),
        "Q3 2020": (dt.date(2020, 7, 1), "month"),
    }  # fmt: skip
    assert not days(["1/2/2020"])[1]
    assert days([])[1]


@pytest.mark.parametrize("kind", [pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("us", tz="UTC"), pa.date64()])
def test_parquet_files_with_far_dates_are_read(kind: pa.DataType) -> None:
    days = [20_000, 20_001, 20_000_000, None, -2_000_000, 2_932_896]
    steps = [None if day is None else day * 86_400_000 * (1000 if "us" in str(kind) else 1) for day in days]
    texts = [f"some words {at}" for at in range(len(days))]
    stream = io.BytesIO()
    pq.write_table(pa.table({"text": texts, "when": pa.array(steps, pa.int64()).cast(kind)}), stream)
    corpus = read_table(stream.getvalue(), "a.parquet").corpus()
    when = corpus.column("when")
    assert [when.shown(row) for row in range(6)] == ["2024-10-04", "2024-10-05", "", "", "", "9999-12-31"]
    assert "2 dates in “when” outside of the years 1 to 9999 became missing." in [
        note.sentence for note in corpus.notes
    ]
    corpus.table().to_csv()
    assert by_date(when).ticks
    assert ordered(when) is not None


# --- Months of years, and nanoseconds -------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["Jan-24", "Dec-23", "Jan-24"], ["2024-01", "2023-12", "2024-01"]),
        (["Okt-99", "Mär-01"], ["1999-10", "2001-03"]),
        (["Jan '24", "Feb '24"], ["2024-01", "2024-02"]),
        (["Jan 24", "Feb 24", "Mar 24", "Apr 24", "Dec 23"], ["2024-01", "2024-02", "2024-03", "2024-04", "2023-12"]),
        (["Jan 98", "Feb 97"], ["1998-01", "1997-02"]),
    ],
)
def test_months_of_short_years(cells: list[str], expected: list[str]) -> None:
    assert read(cells) == expected
    _, notes = column_of("when", cells)
    assert f"“{cells[0]}” as {expected[0]}" in notes[0].sentence


@pytest.mark.parametrize(
    "cells",
    [
        ["24-Jan", "3-Feb", "17-Mar"],
        ["Jan 24", "Feb 3", "Mar 17", "Mar 28"],
        [f"Jan-{day:02}" for day in range(1, 32)],
        ["May 01", "Jun 02"],
        ["Abc-24", "Def-23"],
    ],
)
def test_days_of_a_month_are_no_months_of_a_year(cells: list[str]) -> None:
    assert column_of("when", cells)[0].kind != "date"


NANO = [1_700_000_000_123_456_789 + day * 86_400 * 10**9 for day in range(6)]


@pytest.mark.parametrize("cells", [list(map(str, NANO)), NANO])
def test_nanoseconds_since_1970_are_moments(cells: list[object]) -> None:
    column, notes = column_of("timestamp", cells)
    assert column.kind == "date"
    assert column.values[0] == np.datetime64("2023-11-14T22:13:20.123456")
    assert says(notes[0].sentence, "“timestamp”", "nanoseconds", 1970)


def test_an_odd_cell_among_nanoseconds_is_missing_and_counted() -> None:
    column, notes = column_of("created", [*map(str, NANO), *map(str, NANO), "soon"])
    assert np.isnat(column.values).tolist() == [False] * 12 + [True]
    assert [note.rows for note in notes if note.kind == "changed"] == [(13,)]


@pytest.mark.parametrize("name", ["tweet_id", "x", "user"])
def test_identifiers_of_19_digits_are_no_moments(name: str) -> None:
    assert column_of(name, list(map(str, NANO)))[0].kind != "date"
    rounded = [str(one // 1000 * 1000) for one in NANO]
    assert (column_of(name, rounded)[0].kind == "date") == (name != "tweet_id")
