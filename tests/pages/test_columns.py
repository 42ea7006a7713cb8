"""Columns on the pages: what was written is shown, and far dates break nothing."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read_table
from embedlab.figures.charts import chart_of
from pages.app import session
from tests.pages.driving import WORDS, run, said, settled

pytestmark = pytest.mark.usefixtures("fresh")


def corpus(cells: list[str], name: str = "x") -> Corpus:
    rows = "".join(
        f'{word} {word[::-1]} {at},"{cell}"\n' for at, (word, cell) in enumerate(zip(WORDS, cells, strict=True))
    )
    return read_table(f"text,{name}\n{rows}".encode(), "a.csv").corpus("text")


def test_numbers_are_filtered_and_shown_as_written() -> None:
    prices = corpus([f"${at}.50" for at in range(1, 13)], "price")
    chart = chart_of(prices.column("price"), "p")
    assert chart.words[0].startswith("$1.5")
    assert sum(chart.counts) == 12
    at = run(prices)
    at.session_state["touched"] = session.Touched(prices.fingerprint, selected=np.arange(4))
    assert r"price: median \$2\.50, half of them \$1\.50 to \$3\.50" in said(settled(at.run()))
    assert not at.exception


def test_whole_numbers_are_filtered_in_whole_steps() -> None:
    stars = corpus([str(at % 5 + 1) for at in range(12)], "stars")
    chart = chart_of(stars.column("stars"), "s")
    assert (chart.words, chart.counts) == (("1", "2", "3", "4", "5"), (3, 3, 2, 2, 2))


def test_the_first_and_the_last_day_of_the_calendar_can_be_filtered_by() -> None:
    cells = ["9999-12-31", "0001-01-01", *(f"2024-01-{day:02}" for day in range(1, 10)), "0000-00-00"]
    far = corpus(cells, "opened")
    chart = chart_of(far.column("opened"), "o")
    assert (chart.words[0], chart.words[-1]) == ("0 to 199", "9800 to 9999")
    assert (chart.counts[0], chart.counts[-1], chart.missing) == (1, 1, 1)
    at = run(far)
    at.session_state["touched"] = session.Touched(far.fingerprint, selected=np.arange(3))
    assert "opened: median" in said(settled(at.run())).replace("\\", "")
    assert not at.exception
