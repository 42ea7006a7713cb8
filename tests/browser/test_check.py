"""The page Quality in a real browser, on a built-in set with the real model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import wait_drawn, wait_on_map

MAP = "[...document.querySelectorAll('.elmap')].map((one) => one.embedlabMap).find(Boolean)"

pytestmark = pytest.mark.model


def pill(page: Any, finding: str) -> Any:
    return page.locator("[data-testid=stButtonGroup] button").filter(has_text=finding).first


def shown(page: Any, finding: str) -> None:
    pill(page, finding).click()
    page.locator("p strong", has_text=finding).first.wait_for()


def at_rest(page: Any) -> None:
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")


def to_go(page: Any) -> int:
    return int(page.get_by_text(" to go").inner_text().split(" to go")[0].split()[-1].replace(",", ""))


def test_labels_are_decided_with_the_keyboard_and_taken_away(
    visit: Callable[..., Any], new_page: Callable[..., Any], tmp_path: Path
) -> None:
    page = visit("/check")
    pill(page, "Copies").click(timeout=120_000)
    page.get_by_text("6 texts repeat an earlier one").wait_for(timeout=120_000)
    wait_drawn(page, name="check-map")
    page.get_by_role("button", name="Keep one of each (6)").click()
    page.get_by_text("Decided: 6 left out").wait_for()
    shown(page, "Doubtful labels")
    page.get_by_text(" to go").wait_for()
    before = to_go(page)
    for left, key in enumerate("aks", 1):
        at_rest(page)
        page.keyboard.press(key)
        page.wait_for_function("(wanted) => document.body.innerText.includes(`${wanted} to go`)", arg=before - left)
    page.get_by_text("Decided: 6 left out, 1 relabelled, 1 kept as it is").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Everything as JSON").click()
    started.value.save_as(tmp_path / "check.json")
    found = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))
    assert sorted(one["action"] for one in found["decided"]) == ["drop"] * 6 + ["keep", "relabel"]
    assert next(one for one in found["findings"] if one["key"] == "labels")["count"] == before
    with page.expect_download() as started:
        page.get_by_role("button", name="Report as a web page").click()
    started.value.save_as(tmp_path / "check.html")
    alone = new_page(1100, 900)
    alone.on("request", lambda request: request.url.startswith("http") and alone.problems.append(request.url))
    alone.goto((tmp_path / "check.html").as_uri())
    told = alone.locator("body").inner_text()
    assert "8 decisions; 832 texts left" in told
    assert "all-MiniLM-L6-v2" in told


def test_a_finding_is_a_lens_on_the_map_and_a_lasso_narrows_the_list(visit: Callable[..., Any]) -> None:
    page = visit("/check")
    pill(page, "Copies").click(timeout=120_000)
    page.get_by_text("6 texts repeat an earlier one").wait_for(timeout=120_000)
    wait_drawn(page, name="check-map")
    shown(page, "Personal data")
    at_rest(page)
    page.wait_for_function(f"() => {MAP}.found && {MAP}.found.length === 2")
    stage = page.locator(".elmap-stage")
    stage.locator("[data-tool=lasso]").click()
    box = stage.bounding_box()
    left, top = box["x"] + 60, box["y"] + 200
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((left + 160, top), (left + 160, top + 200), (left, top + 200), (left, top + 10)):
        page.mouse.move(x, y, steps=4)
    page.mouse.up()
    page.get_by_text("Only what concerns the").wait_for()
    wait_on_map(page, "map.selection && map.selection.length > 3")
