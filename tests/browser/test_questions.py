"""What a person asks beside the map, in a real browser with the real model: why, search, words, inside."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

READY = 90_000


def drawn(page: Any, kind: str = ".js-plotly-plot") -> None:
    page.wait_for_selector(f"{kind} .main-svg", timeout=READY)


def test_a_pair_is_taken_apart_and_its_score_moves_while_typing(visit: Callable[..., Any]) -> None:
    page = visit("/similarity")
    page.get_by_text("Two texts", exact=True).click(timeout=READY)
    page.get_by_label("First text").fill("The bank raised its interest rates.")
    page.get_by_label("Second text").fill("My savings earn interest at the bank.")
    page.wait_for_selector("text=add up to the cosine", timeout=READY)
    page.wait_for_function("(document.querySelector('[data-testid=stMetricValue]') || {}).innerText > '0.5'")
    page.wait_for_function("document.querySelectorAll(\"span[title^='bank']\").length === 2")  # both texts are read
    page.wait_for_function("document.querySelectorAll(\"span[title^='[CLS]']\").length === 2")
    before = float(page.locator("[data-testid=stMetricValue]").inner_text())
    page.get_by_label("Second text").press_sequentially(" And we had soup.", delay=10)  # neither Enter nor Tab
    page.wait_for_function(f"+document.querySelector('[data-testid=stMetricValue]').innerText < {before}")


def test_why_leads_from_the_heatmap_to_the_pair(visit: Callable[..., Any]) -> None:
    page = visit("/similarity")
    page.wait_for_selector(".embedlab-figure .heatmaplayer", timeout=READY)
    page.wait_for_timeout(500)
    cells = page.locator(".embedlab-figure .nsewdrag.drag").first.bounding_box()
    page.mouse.click(cells["x"] + cells["width"] * 0.5, cells["y"] + cells["height"] * 0.25)
    page.wait_for_selector("[data-testid=stMetricValue]")
    cosine = float(page.locator("[data-testid=stMetricValue]").inner_text())
    page.get_by_role("button", name="Why?").click()
    page.wait_for_selector("text=add up to the cosine", timeout=READY)
    assert (
        abs(float(page.locator("[data-testid=stMetricValue]").inner_text()) - cosine) < 0.005
    )  # bf16 there, fp32 here


def test_three_ways_to_search_and_what_one_finds_alone(visit: Callable[..., Any]) -> None:
    page = visit("/search")
    page.get_by_label("Query").fill("my parcel did not arrive", timeout=READY)
    page.keyboard.press("Enter")
    for method in ("By meaning", "By words", "By both"):
        page.wait_for_selector(f"text={method}", timeout=READY)
    page.wait_for_selector("text=/not among the first \\d+ by words/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    rows = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) > 10


def test_an_analogy_is_solved(visit: Callable[..., Any]) -> None:
    page = visit("/words")
    page.get_by_text("Analogy", exact=True).click(timeout=READY)
    page.get_by_role("button", name="man : king = woman : ?").click(timeout=READY)
    page.wait_for_selector("text=man is to king as woman is to queen", timeout=READY)
    drawn(page)


def test_a_sentence_goes_through_and_a_word_has_two_meanings(visit: Callable[..., Any]) -> None:
    page = visit("/inside")
    page.wait_for_selector("text=6. The vector", timeout=READY)
    page.get_by_text("[CLS]", exact=True).first.wait_for()
    page.get_by_text("One word, several meanings", exact=True).click()
    page.wait_for_selector("text=Meanings told apart", timeout=READY)
    page.wait_for_selector("text=/for wordllama.* in 50\\s%/")
