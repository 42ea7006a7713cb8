"""Comparing models in a real browser, with the real MiniLM and WordLlama: what a chooser does, to the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.conftest import wait_for_maps

READY = 120_000
MAPS = "[...document.querySelectorAll('.elmap')].map((one) => one.embedlabMap)"
# A row whose point lies clear of the buttons and of the names, and is the nearest to its own place.
TOUCHABLE = """(() => {
    const at = map.plot.projector();
    for (let row = 0; row < map.points.count; row++) {
        const [x, y] = at(map.points.x[row], map.points.y[row]);
        if (y > 80 && map.overlay.labelAt(x, y) < 0 && map.plot.pick(x, y, 5) === row) return [row, x, y];
    }
})()"""
AT_REST = "map.plot.drawn === map.points && !map.waiting.size && !map.stage.classList.contains('elmap-moving')"
STILL = f"{MAPS}.length === argument && {MAPS}.every((map) => {AT_REST})"


@pytest.fixture
def compared(visit: Callable[..., Any]) -> Any:
    """The page with both maps laid out."""
    page = visit("/compare")
    page.get_by_text("True neighbours kept by the maps").wait_for(timeout=READY)
    still(page, 2)
    return page


def still(page: Any, maps: int) -> None:
    wait_for_maps(page, f"(argument) => {STILL}", maps, timeout=READY)


def section(page: Any, name: str) -> None:
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()


def on(page: Any, place: int, script: str) -> Any:
    return page.evaluate(f"() => {{ const map = {MAPS}[{place}]; return ({script}); }}")


def lasso(page: Any, place: int) -> None:
    """Draw around the middle of one of the maps."""
    stage = page.locator(".elmap-stage").nth(place)
    stage.locator("[data-tool=lasso]").click()
    box = stage.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 70, y - 70)
    page.mouse.down()
    for right, down in ((70, -70), (70, 70), (-70, 70), (-70, -60)):
        page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def test_what_is_enclosed_on_one_map_is_shown_on_the_other(compared: Any) -> None:
    lasso(compared, 0)
    compared.get_by_text("selected texts lie").wait_for()
    compared.wait_for_function(f"() => {MAPS}.every((map) => map.selection && map.selection.length)")
    first, second = (on(compared, place, "Array.from(map.selection)") for place in (0, 1))
    assert first == second
    assert len(first) > 3
    assert compared.get_by_text(f"Where {len(first)} selected texts lie").count() == 1


def test_a_click_gives_both_lists_and_one_map_goes_to_the_other(compared: Any) -> None:
    row, x, y = on(compared, 1, TOUCHABLE)
    box = compared.locator(".elmap-stage").nth(1).bounding_box()
    compared.mouse.click(box["x"] + x, box["y"] + y)
    compared.get_by_text("takes a pair apart").wait_for()
    assert [on(compared, place, "map.focus.row") for place in (0, 1)] == [row, row]
    places = [on(compared, place, "Array.from(map.points.x)") for place in (0, 1)]
    assert places[0] != places[1]
    compared.get_by_text("One map", exact=True).click()
    still(compared, 1)
    assert on(compared, 0, "Array.from(map.points.x)") == places[0]
    compared.get_by_role("radio", name="wordllama").or_(compared.get_by_role("button", name="wordllama")).last.click()
    compared.wait_for_function(f"(there) => {MAPS}[0].points.x[5] === there", arg=places[1][5])


def test_the_second_map_is_turned_onto_the_first(compared: Any) -> None:
    """The rotation that lays the second onto the first (Schönemann 1966) is none any more."""
    maps = [np.array(on(compared, place, "[Array.from(map.points.x), Array.from(map.points.y)]")).T for place in (0, 1)]
    first, second = (places - places.mean(axis=0) for places in maps)
    left, _, right = np.linalg.svd(second.T @ first)
    assert np.allclose(left @ right, np.eye(2), atol=0.01)


def test_groups_that_moved_together_are_selected(compared: Any) -> None:
    section(compared, "Disagreements")
    compared.get_by_text("Texts that moved together").wait_for()
    groups = compared.locator("[data-testid=stDataFrame]").nth(1)
    groups.scroll_into_view_if_needed()
    chosen = []
    for row in (0, 1):
        box = groups.bounding_box()
        compared.mouse.click(box["x"] + 18, box["y"] + 35 * (row + 1.5))
        compared.wait_for_function(
            f"(before) => {{ const now = {MAPS}[0].selection; return now && now.length && now[0] !== before; }}",
            arg=chosen[0][0] if chosen else -1,
        )
        chosen.append(on(compared, 0, "Array.from(map.selection)"))
    assert min(map(len, chosen)) >= 5
    assert not {*chosen[0]} & {*chosen[1]}


def test_a_pair_that_changed_can_be_read(compared: Any) -> None:
    section(compared, "Disagreements")
    compared.get_by_text("Pairs whose likeness changed most").click()
    compared.get_by_text("A rank of 100 %").wait_for(timeout=READY)
    pairs = compared.locator("[data-testid=stDataFrame]").nth(2)
    pairs.scroll_into_view_if_needed()
    box = pairs.bounding_box()
    compared.mouse.click(box["x"] + 18, box["y"] + 35 * 1.5)
    compared.get_by_role("button", name="Why?").wait_for()
    heads = pairs.locator("canvas th").all_text_contents()
    assert heads[-4:] == ["Rank in A", "Rank in B", "One text", "The other"]


def test_from_numbers_and_a_verdict_to_a_report_that_opens_alone(
    compared: Any, new_page: Callable[..., Any], tmp_path: Path
) -> None:
    section(compared, "Numbers")
    compared.get_by_text("of the texts dropped").first.wait_for(timeout=READY, state="attached")
    compared.get_by_text("Put as queries").wait_for()
    section(compared, "Quality")
    compared.get_by_text("linear-probe accuracy").first.wait_for(timeout=READY)
    verdict = compared.get_by_text("linear-probe accuracy").first.inner_text()
    assert "95 %" not in verdict
    compared.get_by_text("95 % interval").first.wait_for()
    section(compared, "Cost")
    compared.get_by_text("joins the models that no other beats").wait_for(timeout=READY)
    section(compared, "Report")
    with compared.expect_download() as download:
        compared.get_by_role("button", name="Every number as JSON").click()
    told = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert [one["name"] for one in told["models"]] == ["all-MiniLM-L6-v2", "wordllama"]
    probe = told["quality"]["measures"]["linear probe"]
    assert probe["all-MiniLM-L6-v2"]["mean"] > 0.7
    with compared.expect_download() as download:
        compared.get_by_role("button", name="Report as a web page").click()
    path = tmp_path / "report.html"
    download.value.save_as(path)
    alone = new_page(1200, 900)
    alone.on("request", lambda request: request.url.startswith("http") and alone.problems.append(request.url))
    alone.goto(path.as_uri())
    alone.locator(".elmap-stage, .js-plotly-plot").first.wait_for(timeout=READY)
    assert verdict in alone.locator("body").inner_text()
