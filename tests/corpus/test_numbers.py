"""Numbers as people type them: what they are, how they are shown, and what is none."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from embedlab.base.english import joined
from embedlab.corpus import Column, Corpus
from embedlab.corpus.columns import column_of
from embedlab.corpus.export import texts_csv
from embedlab.corpus.numbers import number_like
from embedlab.corpus.ordering import ordered, value_like
from embedlab.corpus.reading.table import read_table
from embedlab.figures.colouring import by_number
from tests.sentences import say, says


def numbers(cells: list[str], name: str = "x") -> Column:
    column, _ = column_of(name, cells)
    assert column.kind == "number", cells
    return column


def shown(column: Column) -> list[str]:
    return [column.shown(row) for row in range(len(column.values))]


AS_WRITTEN: list[tuple[list[str], list[float]]] = [
    (["$10.99", "$1,200.50", "-$5.00"], [10.99, 1200.5, -5]),
    (["10,99 €", "1.200,50 €", "-5,00 €"], [10.99, 1200.5, -5]),
    (["EUR 1.200,50", "EUR 3,10"], [1200.5, 3.1]),
    (["£5", "-£7", "£1,200"], [5, -7, 1200]),
    (["₹1,00,000", "₹12,34,567", "₹500"], [100_000, 1_234_567, 500]),
    (["R$ 1.234,50", "R$ 10,00"], [1234.5, 10]),
    (["(5.00)", "12.50", "3.00"], [-5, 12.5, 3]),
    (["($5.00)", "$12.50", "$3.00"], [-5, 12.5, 3]),
    (["5%", "0.5%", "12.25%"], [5, 0.5, 12.25]),
    (["5 %", "7 %"], [5, 7]),
    (["1,000", "1,037", "999"], [1000, 1037, 999]),
    (["1,000,000", "1,037", "1,234.5"], [1_000_000, 1037, 1234.5]),
    (["1.000.000", "1.037", "2,5"], [1_000_000, 1037, 2.5]),
    (["1.500", "850", "12.000"], [1500, 850, 12_000]),
    (["1 000", "12 500", "3 000 000"], [1000, 12_500, 3_000_000]),
    (["1'000", "12'500.50"], [1000, 12_500.5]),
    (["1,00,000", "12,34,567", "500"], [100_000, 1_234_567, 500]),
    (["1,5", "2,25", "3"], [1.5, 2.25, 3]),
    (["0,123", "1,234"], [0.123, 1.234]),
    (["1 234,5", "10,5"], [1234.5, 10.5]),
    (["12 kg", "13.5 kg"], [12, 13.5]),
    (["3.5h", "2h"], [3.5, 2]),
    (["21.5 °C", "-3 °C"], [21.5, -3]),
]


@pytest.mark.parametrize(("cells", "expected"), AS_WRITTEN)
def test_numbers_are_read_and_shown_as_written(cells: list[str], expected: list[float]) -> None:
    column = numbers(cells)
    assert column.values.tolist() == expected
    assert shown(column) == cells
    assert column.as_category().values.tolist() == cells


@pytest.mark.parametrize(
    ("cells", "expected", "written"),
    [
        (["1\u202f000", "12\u00a0500"], [1000, 12_500], ["1 000", "12 500"]),
        (["USD 3k", "USD 12k"], [3000, 12_000], ["USD 3,000", "USD 12,000"]),
        (["1.2K", "3M", "950"], [1200, 3_000_000, 950], ["1,200", "3,000,000", "950"]),
        (["10,- €", "12,50 €"], [10, 12.5], ["10 €", "12,50 €"]),
        (["１２", "３４"], [12, 34], ["12", "34"]),
        (["−5", "+3"], [-5, 3], ["-5", "3"]),
        (["٣٫٥", "٤"], [3.5, 4], ["3.5", "4"]),
        (["3 days", "1 day", "12 days"], [3, 1, 12], ["3 days", "1 days", "12 days"]),
        (["$5", "7", "$8", "9"], [5, 7, 8, 9], ["$5", "$7", "$8", "$9"]),
        (["5.00-", "3.00"], [-5, 3], ["-5", "3"]),
        (["$(7.00)", "$9.00", "-$5.00"], [-7, 9, -5], ["($7.00)", "$9.00", "($5.00)"]),
    ],
)
def test_numbers_that_are_shown_in_one_form(cells: list[str], expected: list[float], written: list[str]) -> None:
    column = numbers(cells)
    assert (column.values.tolist(), shown(column)) == (expected, written)


@pytest.mark.parametrize(
    ("cells", "value"),
    [(["1,234", "5,678"], 1234), (["1.000", "2.500", "12.000"], 1000), (["1.234", "5.678"], 1.234)],
)
def test_the_likelier_of_two_readings_is_taken_and_said(cells: list[str], value: float) -> None:
    column, notes = column_of("n", cells)
    assert column.values[0] == value
    assert say([note.sentence for note in notes], ("“n”", "two ways", f"“{cells[0]}”", f"{value:.15g}", "likelier"))


def test_one_cell_settles_how_all_are_read() -> None:
    assert numbers(["1.234", "5.678", "1.234,5"]).values.tolist() == [1234, 5678, 1234.5]
    assert numbers(["1,234", "5,678", "1,234.5"]).values.tolist() == [1234, 5678, 1234.5]
    assert numbers(["1,234", "5,678", "0,5"]).values.tolist() == [1.234, 5.678, 0.5]
    for settled in (["1,234", "1,234.5"], ["1,234", "999"], ["0.123", "1.234"], ["1.5", "1.234"]):
        assert column_of("n", settled)[1] == []


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("version", ["1.1", "1.10", "1.2"]),
        ("x", ["1.1", "1.10", "1.2"]),
        ("release", ["1.9", "1.10", "1.11"]),
        ("x", ["1.2.3", "1.2.10"]),
        ("x", ["1801.00120", "1801.00121", "1911.12345"]),
        ("id", ["12.0010", "12.0011"]),
        ("x", ["9783161484100", "9780306406157"]),
        ("phone", ["4915112345678", "4930123456"]),
        ("x", ["+49 151 1234567", "+49 30 123456"]),
        ("x", ["612 345 678", "622 333 444"]),
        ("x", ["+15551234567", "+15559876543"]),
        ("x", ["02134", "90210"]),
        ("zip", ["90210", "10001"]),
        ("x", ["123", "00123", "55"]),
        ("x", ["192.168.100.101", "192.168.100.120"]),
        ("x", ["A12", "B7", "C9"]),
        ("x", ["12A", "13A", "14A"]),
        ("x", ["1990s", "1980s"]),
        ("x", ["10-20", "20-30"]),
        ("x", ["1st", "2nd", "3rd"]),
        ("x", ["$5", "€6", "$7", "€8", "£9"]),
        ("x", ["5 kg", "6 lb", "7 g"]),
        ("x", ["(1)", "(2)"]),
        ("x", ["10:30", "11:45"]),
        ("x", ["1/2", "3/4"]),
        ("x", ["12345678901234567890", "2"]),
    ],
)
def test_codes_versions_and_mixtures_stay_as_typed(name: str, cells: list[str]) -> None:
    column, _ = column_of(name, cells)
    assert column.kind in ("category", "text")
    assert shown(column) == cells


@pytest.mark.parametrize(
    "name",
    [
        "resolution_time_hours", "sentiment_index", "file_size_mb", "key", "link", "created", "index", "path_length",
        "updated", "url", "hash_rate", "email_count",
    ],
)  # fmt: skip
def test_a_name_alone_makes_no_words_of_numbers(name: str) -> None:
    assert numbers(["1.50", "2.25", "0.75"], name).values.tolist() == [1.5, 2.25, 0.75]
    assert shown(numbers(["$1.50", "$2.25"], name)) == ["$1.50", "$2.25"]


def test_numbers_with_words_among_them() -> None:
    cells = [*map(str, range(60)), "n/a", "unknown", "-", "<5", "12 (est.)", "see note"]
    column, notes = column_of("age", cells)
    assert column.kind == "number"
    assert int(column.missing.sum()) == 6
    assert [(note.kind, note.count, note.rows) for note in notes] == [("changed", 4, (62, 64, 65, 66))]
    assert says(
        notes[0].sentence, 4, "64 cells", "“age”", "no numbers", "“unknown”", "“<5”", "“12 (est.)”", "1 more", "missing"
    )


@pytest.mark.parametrize("odd", ["tba", "?", "~7", ">100", "ten", "5+", "approx. 3", "5*"])
@pytest.mark.parametrize("regular", ["{}", "{}.25", "${}.10", "{}%", "{},5"])
def test_one_odd_cell_among_numbers(odd: str, regular: str) -> None:
    cells = [*(regular.format(at) for at in range(1, 20)), odd]
    column, notes = column_of("x", cells)
    assert (column.kind, int(column.missing.sum())) == ("number", 1)
    assert say([note.sentence for note in notes], (1, "20 cells", "“x”", "no number", f"“{odd}”", "missing"))


def test_ids_that_are_mostly_digits_are_no_numbers_and_it_is_said() -> None:
    column, notes = column_of("ticket", [*(str(10_000 + at) for at in range(50)), "A12"])
    assert column.kind in ("category", "text")
    assert say([note.sentence for note in notes], ("“ticket”", "words", 50, "51 cells", "numbers", 1, "“A12”", "code"))
    assert column_of("ticket", [*(str(at) for at in range(1, 90)), "0090"])[0].kind != "number"


def test_one_number_beyond_all_others_is_missing_and_identifiers_are_not() -> None:
    column, notes = column_of("n", [*range(30), 10**20])
    assert (column.kind, notes[0].rows) == ("number", (31,))
    assert column_of("n", [10**15 + 7 * at for at in range(30)] + [10**17])[0].kind != "number"


def test_too_few_numbers_make_words_and_it_is_said() -> None:
    column, notes = column_of("x", [*map(str, range(16)), "red", "blue", "green", "pink"])
    assert column.kind in ("category", "text")
    assert says(notes[0].sentence, "“x”", "words", 16, "20 cells", "numbers", 4, "“red”", "“blue”", "“green”", "1 more")
    assert column_of("x", ["5", "unknown", "unknown"])[0].kind == "category"
    assert column_of("x", ["yes", "no", "5"])[1] == []


def test_sentences_among_numbers_are_kept() -> None:
    said = [f"I was rather unhappy with it {at}" for at in range(6)]
    column, notes = column_of("answer", [*["5"] * 94, *said])
    assert column.kind in ("category", "text")
    assert "sentences" in notes[0].sentence
    many = [*(str(at % 5) for at in range(1000)), *(f"about {at}" for at in range(40))]
    assert column_of("answer", many)[0].kind == "number"  # hardly any number differs, and each odd cell does


def test_a_line_that_is_no_number_stays_where_there_is_no_other_column() -> None:
    read = read_table("".join(f"{at}\n" for at in range(100, 130)).encode() + b"hello\n", "a.txt")
    assert read.column("text").shown(30) == "hello"


def sales() -> Corpus:
    rows = "".join(f'some words {at},${at}.99,"{1000 + at:,}",{at}%,-{at}.5\n' for at in range(1, 40))
    return read_table(f"product,price,units,share,balance\n{rows}".encode(), "a.csv").corpus()


def test_tables_have_numbers_and_screens_have_what_was_written() -> None:
    corpus = sales()
    assert [column.kind for column in corpus.columns] == ["number"] * 4
    assert [column.shown(2) for column in corpus.columns] == ["$3.99", "1,003", "3%", "-3.5"]
    frame = corpus.table()
    assert frame["price"].tolist()[:2] == [1.99, 2.99]
    assert str(frame["units"].dtype) == "Int64"
    lines = list(csv.reader(io.StringIO(texts_csv(corpus, [2]).decode("utf-8-sig"))))
    assert lines[1] == ["3", "some words 3", "3.99", "1003", "3", "-3.5"]


def test_legends_and_typed_values_are_as_written() -> None:
    corpus = sales()
    assert all(text.startswith("$") for _, text in by_number(corpus.column("price")).ticks)
    assert all(text.endswith("%") for _, text in by_number(corpus.column("share")).ticks)
    order = ordered(corpus.column("price"))
    assert order is not None
    assert order.shown(1.99) == "$1.99"
    assert value_like(order, "$5") == value_like(order, "5") == 5
    assert value_like(order, "five") is None
    commas = numbers(["1.200,50 €", "3,10 €"]).written
    assert number_like("1.200 €", commas) == 1200
    assert by_number(numbers(["0,5", "0,1", "0,9"])).ticks[0][1] == "0,2"


def test_what_is_written_counts_for_the_fingerprint_only_where_it_is_not_plain() -> None:
    def corpus(cell: str) -> Corpus:
        return read_table(f"text,n\nsome words,{cell}\nother words,2\n".encode(), "a.csv").corpus()

    assert len({corpus(cell).fingerprint for cell in ("5", "$5", "5%")}) == 3
    assert corpus("5").fingerprint == corpus("5.0").fingerprint
    plain = Column("n", "number", np.array([5.0, 2.0]))
    assert plain.parts[:2] == ("n", "number")
    assert len(plain.parts) == 3


def test_what_is_written_goes_along() -> None:
    column = numbers(["$1.50", "$2.25", "$3.75"])
    assert shown(column.take(np.array([2, 0]))) == ["$3.75", "$1.50"]


# --- Several units in one column ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "values", "shown", "units"),
    [
        (["10 MB", "700 KB", "1.5 GB", "20 MB"], [10, 0.7, 1500, 20], "10 MB", ("MB", "kB", "GB")),
        (["2 h", "30 min", "1 h"], [2, 0.5, 1], "2 h", ("h", "min")),
        (["2h", "30m", "1h"], [2, 0.5, 1], "2h", ("h", "min")),
        (["500 g", "1,2 kg", "750 g"], [500, 1200, 750], "500 g", ("g", "kg")),
        (["5 km", "800 m", "2 km"], [5, 0.8, 2], "5 km", ("km", "m")),
    ],
)
def test_numbers_in_several_units_are_in_the_most_frequent_one_and_it_is_said(
    cells: list[str], values: list[float], shown: str, units: tuple[str, ...]
) -> None:
    column, notes = column_of("how much", cells)
    assert column.kind == "number"
    np.testing.assert_allclose(column.values, values)
    assert column.shown(0) == shown
    assert any(f"in {joined(units)}: all are in {units[0]}" in note.sentence for note in notes)


def test_units_of_different_kinds_are_not_turned_into_each_other() -> None:
    column, notes = column_of(
        "how much", ["10 MB", "20 MB", "30 MB", "5 MB", "1 MB", "2 MB", "3 MB", "4 MB", "6 MB", "7 kg"]
    )
    assert np.isnan(column.values).tolist() == [False] * 9 + [True]
    assert any("7 kg" in note.sentence for note in notes)


def test_a_number_without_a_unit_is_none_where_units_differ() -> None:
    column, _ = column_of("size", ["1 MB", "2 MB", "3 MB", "4 MB", "5 MB", "6 MB", "7 MB", "8 MB", "900 KB", "12"])
    assert np.isnan(column.values).tolist() == [False] * 9 + [True]
