"""Long work in the app: how long it takes, beginning with a sample, and the list of what runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from embedlab.base.progress import Job, Progress
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.base import REMOTE, STATIC, TRANSFORMER, ModelEntry
from embedlab.encoders.speed import Speed, Timing
from pages.app import long_reading, running
from pages.app.jobs import RunningJob, registry
from pages.app.long_reading import Expected, expected, sample_size
from tests.conftest import LetterEncoder
from tests.pages.driving import MAIN, button, said, settled, tickets


@pytest.fixture
def slow(fresh: LetterEncoder, monkeypatch: pytest.MonkeyPatch) -> LetterEncoder:
    """An encoder that takes a fifth of a second for a text, and a person who finds one second long."""
    encode: Callable[..., object] = fresh.encode

    def slowly(texts: list[str], query: bool = False) -> object:
        time.sleep(0.2 * len(texts))
        return encode(texts)

    fresh.encode = slowly  # type: ignore[method-assign,assignment]
    fresh.card = replace(fresh.card, at_once=2)
    for name, value in (("LONG", 1.0), ("TELLS", 0.15), ("FEWEST", 6), ("SAMPLE_SECONDS", 0.1)):
        monkeypatch.setattr(long_reading, name, value)
    monkeypatch.setattr(long_reading.speed, "known", lambda: ())
    monkeypatch.setattr(running, "SHOWN_AFTER", 0.0)
    return fresh


def opened() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60)
    at.session_state["corpus"] = tickets()
    return at.run()


def until(at: AppTest, is_so: Callable[[AppTest], bool]) -> AppTest:
    for _ in range(100):
        if is_so(at):
            return at
        time.sleep(0.05)
        at.run()
        assert not at.exception, at.exception
    raise AssertionError(said(at))


@pytest.mark.usefixtures("slow")
def test_a_long_job_offers_a_sample_which_says_what_it_is_and_goes_on_to_all() -> None:
    at = until(opened(), lambda at: any(one.label.startswith("Begin with a sample") for one in at.button))
    assert "All 36 texts take about" in said(at)
    table = at.dataframe[0].value
    assert list(table) == ["Model", "All 36 texts", "A sample of 6"]
    assert table["Model"][0] == DEFAULT_MODEL
    button(at, "Begin with a sample of 6").click().run()
    settled(at)
    assert "tickets (sample of 6)" in said(at)
    assert "A random sample of 36 texts (seed 0)" in said(at)
    assert "texts: 6, a random sample of 36" in at.code[1].value
    at.switch_page("library/stored.py").run()
    assert "A random sample of 36 texts (seed 0)" in said(at)
    button(at, "Read all 36").click().run()
    at.switch_page("map/page.py").run()
    assert not any(one.label.startswith("Begin with a sample") for one in settled(at).button)
    assert "36 texts" in said(at)
    assert "random sample" not in said(at)


@pytest.mark.usefixtures("slow")
def test_who_wants_all_is_not_asked_again() -> None:
    at = until(opened(), lambda at: any(one.label.startswith("Read all") for one in at.button))
    button(at, "Read all 36").click().run()
    assert not any(one.label.startswith("Begin with a sample") for one in at.button)
    assert "36 texts" in said(settled(at))


@pytest.mark.usefixtures("slow")
def test_what_runs_is_listed_beside_every_page_with_a_stop_and_only_while_it_runs() -> None:
    at = opened()
    at.switch_page("library/stored.py").run()
    until(at, lambda at: "Running now" in said(at))
    assert "Embedding" in said(at)
    assert "“tickets”, all\\-MiniLM\\-L6\\-v2 · for this tab" in said(at)
    stop = next(one for one in at.button if one.key == "running-stop-0")
    stop.click().run()
    until(at, lambda at: "Running now" not in said(at))
    at.switch_page("map/page.py").run()
    assert "Stopped. The vectors made so far are kept" in said(at)


@pytest.mark.usefixtures("slow")
def test_what_runs_is_listed_beside_the_page_that_waits_for_it_too() -> None:
    at = until(opened(), lambda at: "Running now" in said(at))
    assert at.title[0].value == "Map"
    settled(at)
    assert "Running now" not in said(at)


@pytest.mark.usefixtures("slow")
def test_work_that_a_page_waits_for_goes_on_where_it_was_paused() -> None:
    """As after a connection was away: the page holds a job that has ended, and asks anew."""
    at = opened()
    registry().forget_all(lambda key: True)
    assert "36 texts" in said(settled(at.run()))


@pytest.mark.parametrize(
    ("mine", "others", "words"),
    [
        (True, 0, "for this tab"),
        (True, 2, "for this tab and 2 other tabs or people"),
        (False, 1, "for 1 other tab or person"),
        (False, 0, "nobody waits for it"),
    ],
)
def test_the_list_says_for_whom_and_not_who(mine: bool, others: int, words: str) -> None:
    assert RunningJob(Job(lambda report: 0), "", 0.0, mine, others).whom == words


@pytest.mark.parametrize(
    ("texts", "rate", "size"),
    [(36_000, 250.0, 2_500), (36_000, 5.0, 500), (36_000, 30_000.0, 5_000), (900, 5.0, 900), (1_000, 5.0, 500)],
)
def test_a_sample_takes_some_ten_seconds_and_is_at_most_half(texts: int, rate: float, size: int) -> None:
    assert sample_size(texts, rate) == size


def test_each_model_here_says_how_long_it_takes_as_it_was_measured() -> None:
    entries = [
        ModelEntry(name, family, name != "missing", "", lambda exact, texts: LetterEncoder())
        for name, family in [
            ("in-use", TRANSFORMER), ("quick", STATIC), ("new", TRANSFORMER), ("far", REMOTE), ("missing", STATIC),
        ]
    ]  # fmt: skip
    timing = Timing("2026-01-01", "x", "y", 8, 1, {"quick, numpy": Speed((1_000.0,))})
    found = expected(Progress("Embedding", 200, 1_200, 2.0, 200), 500, "in-use", 100.0, entries, (timing,))
    assert found == [Expected("in-use", 10.0, 5.0), Expected("quick", 1.2, 0.5), Expected("new", None, None)]
