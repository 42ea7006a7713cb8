"""The page Drift in a real browser, on a built-in set with the real model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import map_of, wait_drawn, wait_on_map

pytestmark = pytest.mark.model


def test_a_week_of_trouble_is_found_named_and_shown_on_the_map(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("/drift")
    page.get_by_text("Most typical of").first.wait_for(timeout=180_000)
    page.get_by_text("“intent” is mixed differently").wait_for()
    wait_drawn(page, name="drift-map")
    page.get_by_label("Regions").click()
    page.get_by_role("option").first.click()
    page.get_by_text("In the middle of").wait_for()
    wait_on_map(page, "map && map.selection && map.selection.length")
    selected = map_of(page, "map.selection.length")
    assert 10 <= selected <= 100
    page.get_by_role("tab", name="Against chance").click()
    page.get_by_text("Both statistics with the sides shuffled 999 times").wait_for()
    page.get_by_text("The energy distance as a share").wait_for(timeout=60_000)
    page.get_by_role("button", name="Save", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Everything as JSON").click()
    started.value.save_as(tmp_path / "drift.json")
    found = json.loads((tmp_path / "drift.json").read_text(encoding="utf-8"))
    changed = [one for one in found["regions"] if one["beyond_chance"]]
    assert len(changed[0]["texts"]) == 2
    assert sum(changed[0]["texts"]) == selected
    assert "app" in changed[0]["name"]
    assert len(found["over_time"]["points"]) > 3
