"""What a column's name says, and what only its values can say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from embedlab.corpus import Column
from embedlab.corpus.columns import column_of
from embedlab.corpus.guess import is_identifier
from embedlab.corpus.reading.given import from_frame
from embedlab.corpus.reading.table import read_table


@pytest.mark.parametrize("name", ["key", "link", "created", "path", "file", "index", "hash", "time"])
def test_a_category_can_be_the_label_whatever_it_is_called(name: str) -> None:
    rows = "".join(f"some words here {at},{'red' if at % 2 else 'blue'}\n" for at in range(20))
    assert read_table(f"message,{name}\n{rows}".encode(), "a.csv").guessed_label == name


@pytest.mark.parametrize("name", ["key", "link", "path", "file", "index"])
def test_single_words_can_be_the_text_whatever_they_are_called(name: str) -> None:
    rows = "".join(f"{at}.5,{'abcdefghij'[at]}{word}\n" for at, word in enumerate(["lamp", "chair"] * 5))
    assert read_table(f"score,{name}\n{rows}".encode(), "a.csv").guessed_text == name


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("link", "https://a.example/{}"), ("path", "/a/b/{}.txt"), ("email", "a{}@b.example"), ("key", "7f3a{}"),
        ("user_id", "u{}"), ("file", "img_{}.png"),
    ],
)  # fmt: skip
def test_addresses_and_codes_are_neither_label_nor_text(name: str, cell: str) -> None:
    rows = "".join(f"some words here {at},{cell.format(at % 3)}\n" for at in range(20))
    read = read_table(f"message,{name}\n{rows}".encode(), "a.csv")
    assert (read.guessed_text, read.guessed_label) == ("message", None)


def test_identifiers_are_known_by_name_and_values() -> None:
    def column(name: str, cells: list[str]) -> Column:
        return column_of(name, cells)[0]

    counts, halves = [str(at) for at in range(40)], [f"{at}.5" for at in range(40)]
    assert is_identifier(column("id", counts))
    assert is_identifier(column("user_id", ["a", "b"] * 20))
    assert is_identifier(column("index", counts))
    assert is_identifier(column("hash", [f"7f{at}" for at in range(40)]))
    assert not is_identifier(column("sentiment_index", halves))
    assert not is_identifier(column("key", ["C major", "A minor"] * 20))
    assert not is_identifier(column("index", ["1", "2", "3", "4"] * 10))
    assert not is_identifier(column("stars", counts))


def test_dates_of_frames_that_no_microsecond_holds() -> None:
    far = np.array(["12024-01-01", "2020-01-01", "NaT"] * 4, dtype="datetime64[s]")
    nanoseconds = [np.datetime64("2020-01-01T00:00:00", "ns")] * 12
    texts = [f"some words {at}" for at in range(12)]
    frame = pd.DataFrame({"text": texts, "far": far, "given": pd.Series(nanoseconds, dtype=object)})
    corpus = from_frame(frame)
    assert [corpus.column("far").shown(row) for row in range(3)] == ["", "2020-01-01", ""]
    assert corpus.column("given").shown(0) == "2020-01-01"
    assert any("years 1 to 9999" in note.sentence for note in corpus.notes)
    assert corpus.table()["far"].dt.year.max() == 2020
