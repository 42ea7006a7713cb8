"""CSV that is safe to open, and the input table with new columns."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from embedlab.corpus.export import csv_bytes, with_columns
from embedlab.corpus.reading.table import read_table


def cells(header: list[str], rows: list[list[object]]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_bytes(header, rows).decode("utf-8-sig"), newline="")))


def test_starts_with_a_byte_order_mark() -> None:
    assert csv_bytes(["é"], []) == b"\xef\xbb\xbf\xc3\xa9\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_cells_that_start_like_formulas_are_disarmed(start: str) -> None:
    assert cells([f"{start}x"], [[f"{start}1+1"], ["a" + start]]) == [[f"'{start}x"], [f"'{start}1+1"], ["a" + start]]


def test_numbers_stay_numbers_and_missing_values_are_empty() -> None:
    row: list[object] = [-1, -1.5, np.float32(-0.5), np.int32(-3), True, np.bool_(False)]
    missing: list[object] = [None, float("nan"), np.float32("nan"), np.datetime64("NaT"), pd.NA, pd.NaT]
    assert cells(list("abcdef"), [row, missing])[1:] == [["-1", "-1.5", "-0.5", "-3", "true", "false"], [""] * 6]


def test_texts_come_back_as_they_were() -> None:
    texts = ['a "b", c', "two\nlines", "שלום 😀", "NaT", "", "1801.00120"]
    assert [row[0] for row in cells(["text"], [[text, 1] for text in texts])[1:]] == texts


def test_dates_and_lone_surrogates() -> None:
    assert cells(["d", "t"], [[np.datetime64("2024-01-31"), "a\ud800"]])[1] == ["2024-01-31", "a?"]


TABLE = read_table(b"text,x,year,day\nsome words,7,2024,2024-01-31\n,8,2023,\nother words,,2022,2024-02-01\n", "a.csv")


def test_with_columns_holds_every_row() -> None:
    corpus = TABLE.corpus()
    new = {
        "x": np.array([0.5, 1.5], dtype=np.float32),
        "cluster": np.array([0, 1], dtype=np.int32),
        "cluster_name": np.array(["a, b", "c"], dtype=object),
        "near": np.array([True, False]),
    }
    frame = with_columns(TABLE, corpus, new)
    assert list(frame.columns) == ["text", "x", "year", "day", "map_x", "cluster", "cluster_name", "near"]
    assert frame["text"].fillna("-").tolist() == ["some words", "-", "other words"]
    assert frame["year"].tolist() == [2024, 2023, 2022]
    assert frame["x"].isna().tolist() == [False, False, True]
    for name in ("map_x", "cluster", "cluster_name", "near"):
        assert frame[name].isna().tolist() == [False, True, False], name
    assert frame["map_x"].dropna().tolist() == [0.5, 1.5]
    assert frame["cluster"].dropna().tolist() == [0, 1]
    assert frame["cluster_name"].dropna().tolist() == ["a, b", "c"]


def test_with_columns_survives_parquet_and_csv() -> None:
    frame = with_columns(TABLE, TABLE.corpus(), {"cluster": np.array([0, 1], dtype=np.int32)})
    stream = io.BytesIO()
    frame.to_parquet(stream)
    back = pd.read_parquet(stream)
    assert back["cluster"].isna().tolist() == [False, True, False]
    assert back["day"].dt.year.tolist()[0] == 2024
    rows = cells(list(frame.columns), [list(row) for row in frame.itertuples(index=False)])
    assert rows[1] == ["some words", "7", "2024", "2024-01-31 00:00:00", "0"]
    assert rows[2] == ["", "8", "2023", "", ""]


def test_taken_names_go_on_and_on() -> None:
    table = read_table(b"text,x,map_x\nsome words,1,2\nother words,3,4\n", "a.csv")
    frame = with_columns(table, table.corpus(), {"x": np.zeros(2, dtype=np.float32)})
    assert list(frame.columns) == ["text", "x", "map_x", "map_map_x"]
    assert frame["map_map_x"].dtype == np.float32


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="3 values for 2 texts"):
        with_columns(TABLE, TABLE.corpus(), {"x": np.zeros(3)})


def test_whole_numbers_stay_whole_unless_they_are_too_large() -> None:
    table = read_table(b"text,n,large\nsome words,1,1e300\nother words,,2\n", "a.csv")
    frame = with_columns(table, table.corpus(), {})
    assert (str(frame["n"].dtype), frame["n"].isna().tolist()) == ("Int64", [False, True])
    assert frame["large"].tolist() == [1e300, 2.0]
