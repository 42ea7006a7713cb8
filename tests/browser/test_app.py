"""The whole app with the real model in a real browser: what a person does, and what a person sees."""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.conftest import ROOT, map_of, place_of, wait_drawn, wait_on_map

TRUST = "text=/^(Trust|Don't trust) this map|too few to tell how far/"
NASTY = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<b>bold</b> &amp; <br> %{x}",
    "**bold** _it_ [link](javascript:window.pwned=1) :smile: :red[x]",
    r"$\alpha$ and $$\frac{1}{2}$$",
    "=HYPERLINK(1)",
    "مرحبا بالعالم كيف حالك",
    "😀 emoji \u200b zero width",
]


def finished(page: Any) -> Any:
    page.wait_for_selector(TRUST, timeout=90_000)
    wait_drawn(page)
    return page


def opened(page: Any, path: Path) -> Any:
    page.set_input_files("input[type=file]", str(path))
    page.click("button:has-text('Map ')")
    return finished(page)


def still(page: Any) -> None:
    """Wait until the points have moved from PCA to UMAP."""
    page.wait_for_timeout(900)
    wait_on_map(page, "!map.stage.classList.contains('elmap-moving') && map.overlay.boxes.length > 0")


def free_row(page: Any) -> int:
    """A row whose point lies under no cluster's name and nearest to its own place."""
    still(page)
    script = """[...Array(map.points.count).keys()].find((row) => {
        const at = map.plot.projector()(map.points.x[row], map.points.y[row]);
        return map.overlay.labelAt(...at) < 0 && map.plot.pick(...at, 14) === row;
    })"""
    return int(map_of(page, script))


def write_csv(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_the_first_screen_is_a_finished_labelled_map(visit: Callable[..., Any]) -> None:
    page = finished(visit())
    wait_on_map(page, "map.overlay.boxes.length >= 5")  # once the points have come to rest
    assert page.get_by_text("838 texts").first.is_visible()


def test_a_click_shows_the_text_and_its_ten_nearest(visit: Callable[..., Any]) -> None:
    page = finished(visit())
    page.mouse.click(*place_of(page, free_row(page)))
    page.wait_for_selector("text=true neighbours are near it on this map")
    page.wait_for_function("document.querySelectorAll('.elrows-row').length === 10")
    cosines = [float(told) for told in page.locator(".elrows-before").all_inner_texts()]
    assert cosines == sorted(cosines, reverse=True)


def test_neighbours_are_walked_from_the_list_and_back(visit: Callable[..., Any]) -> None:
    page = finished(visit())
    first = free_row(page)
    page.mouse.click(*place_of(page, first))
    page.locator(".elrows-text").nth(1).hover()
    page.wait_for_function("[...document.querySelectorAll('.embedlab-map')].some(({embedlabMap: map}) => map.lit >= 0)")
    lit = map_of(page, "map.lit")
    page.locator(".elrows-text").nth(1).click()
    wait_on_map(page, f"map.focus && map.focus.row === {lit}")
    page.get_by_role("button", name="Back to").click()
    wait_on_map(page, f"map.focus && map.focus.row === {first}")


def test_a_lasso_tells_what_sets_the_selection_apart(visit: Callable[..., Any]) -> None:
    page = finished(visit())
    still(page)
    page.click(".elmap button[aria-label*='asso']")
    box = page.locator(".elmap-stage").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] + 140, middle[1])
    page.mouse.down()
    for step in range(1, 25):
        turn = step / 24 * 2 * math.pi
        page.mouse.move(middle[0] + 140 * math.cos(turn), middle[1] + 140 * math.sin(turn))
    page.mouse.up()
    page.wait_for_selector("text=Words that set it apart")
    assert page.locator("text=Most typical texts").is_visible()
    page.get_by_text("As a table").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert 0 < len(rows) < 838
    assert {"row", "text", "intent"} <= set(rows[0])


def test_a_filter_that_was_cleared_stays_cleared(visit: Callable[..., Any]) -> None:
    """In the panel it is cleared by the page: what the map knows of it must not come back with the next touch."""
    page = finished(visit())
    still(page)
    page.locator(".elmap-chart", has_text="channel").locator(".elmap-entry").first.click()
    page.wait_for_selector("text=/channel: .*/")
    page.get_by_role("button", name="Clear", exact=False).last.click()
    wait_on_map(page, "map.selection === null")
    page.mouse.click(*place_of(page, free_row(page)))
    page.wait_for_selector("text=true neighbours are near it on this map")
    assert map_of(page, "map.selection") is None
    assert not page.locator(".elmap-chip").count()


def test_a_typed_sentence_is_placed_and_letters_are_found(visit: Callable[..., Any]) -> None:
    page = finished(visit())
    box = page.get_by_placeholder("A word, or a sentence to place on the map")
    box.fill("the app crashes when I log in")
    box.press("Enter")
    page.wait_for_selector("text=Your sentence")
    wait_on_map(page, "Boolean(map.placed)")
    page.get_by_text("Letters", exact=True).click()
    box.fill("refund")
    box.press("Enter")
    page.wait_for_selector("text=/\\d+ texts contain it/")


def test_the_same_file_again_encodes_nothing_and_settings_survive_pages(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    words = ["river", "bank", "money", "loan", "fish", "boat", "cash", "coin", "stream", "shore"]
    rows = [[f"the {one} and the {two}", one] for one in words for two in words]
    page = visit("/texts")
    page.wait_for_selector("text=A file with texts")
    opened(page, write_csv(tmp_path / "pairs.csv", ["sentence", "first"], rows))
    assert page.get_by_text("100 texts").first.is_visible()
    page.get_by_role("link", name="Similarity").click()
    page.wait_for_selector(".embedlab-figure .plot-container")
    page.get_by_role("link", name="Map").click()
    finished(page)
    assert map_of(page, "map.points.count") == 100


def test_nasty_texts_and_column_names_are_shown_as_typed(visit: Callable[..., Any], tmp_path: Path) -> None:
    header = ["text", *NASTY[:5]]
    rows = [[text, *(NASTY[(place + shift) % 8] for shift in range(5))] for place, text in enumerate(NASTY)]
    page = visit("/texts")
    page.wait_for_selector("text=A file with texts")
    opened(page, write_csv(tmp_path / "<img src=x onerror=window.pwned=1>.csv", header, rows))
    for row in range(len(NASTY)):
        map_of(page, "map.options.onClick(argument)", row)
        page.wait_for_selector("text=Nearest texts in the original space")
        page.wait_for_function("(text) => document.body.innerText.includes(text)", arg=NASTY[row].split(" \u200b")[0])
        page.get_by_role("button", name="Clear").first.click()
        page.wait_for_timeout(300)
    page.get_by_role("link", name="Similarity").click()
    page.wait_for_selector(".embedlab-figure .plot-container")
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src='x']").count() == 0


def test_a_cell_of_the_heatmap_shows_its_pair(visit: Callable[..., Any]) -> None:
    page = visit("/similarity")
    page.wait_for_selector(".embedlab-figure .heatmaplayer", timeout=90_000)
    page.wait_for_timeout(500)
    cells = page.locator(".embedlab-figure .nsewdrag.drag").first.bounding_box()
    page.mouse.click(cells["x"] + cells["width"] * 0.5, cells["y"] + cells["height"] * 0.25)
    page.wait_for_selector("[data-testid=stMetricValue]")
    assert -1 <= float(page.locator("[data-testid=stMetricValue]").inner_text()) <= 1


def test_every_page_can_be_the_first_one_visited(visit: Callable[..., Any]) -> None:
    titles = {
        "/similarity": "Similarity",
        "/search": "Search",
        "/words": "Words",
        "/inside": "Inside the model",
        "/texts": "Texts",
        "/models": "Models",
        "/stored": "Stored vectors",
    }
    for path, title in titles.items():
        page = visit(path)
        page.wait_for_selector(f"h1:has-text('{title}')")
        page.wait_for_timeout(500)
        assert page.get_by_text("Page not found").count() == 0


def test_the_map_fits_a_phone(app: str, new_page: Callable[..., Any]) -> None:
    page = new_page(390, 844, has_touch=True)
    page.goto(app)
    finished(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_closing_the_browser_in_the_middle_loses_nothing(
    app: str, visit: Callable[..., Any], minilm_home: Path, tmp_path: Path
) -> None:
    rows = [
        [f"sentence number {number} about {['rain', 'bread', 'trains'][number % 3]} {'and more ' * (number % 40)}"]
        for number in range(3000)
    ]
    path = write_csv(tmp_path / "long.csv", ["text"], rows)
    page = visit("/texts")
    page.wait_for_selector("text=A file with texts")
    page.set_input_files("input[type=file]", str(path))
    page.click("button:has-text('Map ')")
    page.wait_for_selector("text=/all-MiniLM-L6-v2 reads. Embedding: [1-9][\\d,]* of 3,000/", timeout=60_000)
    page.close()
    time.sleep(1)
    command = [sys.executable, "-m", "embedlab", "embed", str(path), "--out", str(tmp_path / "v.npy"), "--json"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "EMBEDLAB_HOME": str(minilm_home)},
        check=True,
    )
    assert json.loads(done.stdout)["encoded_now"] < 3000


def test_a_model_is_chosen_with_one_click_and_read_with_fewer_dimensions(visit: Callable[..., Any]) -> None:
    page = visit("/models")
    page.click(".st-key-use-wordllama button")
    page.wait_for_selector("text=Of 10 nearest texts kept", state="attached", timeout=60_000)
    page.focus(".st-key-dimensions-wordllama input[type=range]")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("text=512 bytes a text, of 1,024")
    page.click("[data-testid=stSidebarNav] a:has-text('Map')")
    finished(page)
    page.wait_for_selector("[data-testid=stSidebar] :text('128 dimensions')")
    assert page.locator("[data-testid=stSidebar] :text-is('wordllama')").count() == 1
