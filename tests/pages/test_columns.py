"""Columns on the pages: what was written is shown, and far dates break nothing."""

from __future__ import annotations

import pytest

from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read_table
from tests.pages.driving import WORDS, run, said, settled

pytestmark = pytest.mark.usefixtures("fresh")


def corpus(cells: list[str], name: str = "x") -> Corpus:
    rows = "".join(
        f'{word} {word[::-1]} {at},"{cell}"\n' for at, (word, cell) in enumerate(zip(WORDS, cells, strict=True))
    )
    return read_table(f"text,{name}\n{rows}".encode(), "a.csv").corpus("text")


def test_numbers_are_filtered_and_shown_as_written() -> None:
    prices = corpus([f"${at}.50" for at in range(1, 13)], "price")
    at = run(prices)
    at.multiselect(key=f"filters-{prices.fingerprint}-0").set_value(["price"]).run()
    slider = settled(at).slider(key=f"filters-{prices.fingerprint}-0-price")
    assert (slider.min, slider.max) == (1.5, 12.5)
    slider.set_range(1.5, 4.5).run()
    assert "4 of 12 texts pass" in said(settled(at))
    assert not at.exception


def test_whole_numbers_are_filtered_in_whole_steps() -> None:
    stars = corpus([str(at % 5 + 1) for at in range(12)], "stars")
    at = run(stars)
    at.multiselect(key=f"filters-{stars.fingerprint}-0").set_value(["stars"]).run()
    slider = settled(at).slider(key=f"filters-{stars.fingerprint}-0-stars")
    assert (slider.min, slider.max, slider.step) == (1, 5, 1)
    slider.set_range(1, 2).run()
    assert "6 of 12 texts pass" in said(settled(at))


def test_the_first_and_the_last_day_of_the_calendar_can_be_filtered_by() -> None:
    cells = ["9999-12-31", "0001-01-01", *(f"2024-01-{day:02}" for day in range(1, 10)), "0000-00-00"]
    far = corpus(cells, "opened")
    at = run(far)
    at.multiselect(key=f"filters-{far.fingerprint}-0").set_value(["opened"]).run()
    assert "12 of 12 texts pass" in said(settled(at))
    assert not at.exception
