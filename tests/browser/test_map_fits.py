"""The map in its window: refitted, seen whole in depth, names clear of the toolbar, and one selection with its page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedlab.figures.colouring import by_codes
from embedlab.figures.map import MapLabel, Points
from embedlab.figures.map_view import map_html
from tests.browser.conftest import map_of, place_of, wait_drawn, wait_on_map

OUTSIDE = """(() => {
    const project = map.plot.projector();
    const { x, y, z, count } = map.points;
    const at = (row) => project(x[row], y[row], z ? z[row] : 0);
    return Array.from({ length: count }, (_, row) => at(row)).filter(
        ([right, down]) => right < 0 || down < 0 || right > map.plot.width || down > map.plot.height).length;
})()"""
APP = """
import numpy as np
import streamlit as st

from embedlab.figures.colouring import by_codes
from embedlab.figures.map import Focus, Points
from pages.app.components import show_map

COUNT = 60
positions = np.random.default_rng(0).normal(size=(COUNT, 2)).astype(np.float32)
codes = np.arange(COUNT) % 3


@st.fragment
def main():
    state = st.session_state
    rows, clicked = state.get("rows"), state.get("clicked")
    if st.query_params.get("tall"):
        st.container(height=700).write("what stands above")

    def heard(events):
        if events.clicked is not None:
            state.clicked = events.clicked
        if events.chosen:
            state.rows, state.mark, state.by, state.clicked = events.selected, events.mark, events.kind, None

    def own():
        state.rows, state.mark, state.by = np.arange(1, COUNT), "", "by the page"

    show_map(
        Points(positions, [f"text {row}" for row in range(COUNT)]),
        by_codes("Group", codes, list("abc")),
        selection=rows, mark=state.get("mark", ""), by=state.get("by", ""),
        focus=None if clicked is None else Focus(clicked, (0, 1)),
        key="map", alt="A map", height=420, on_event=heard, beside="beside-map",
    )
    st.button("all but one", on_click=own)
    with st.container(key="beside-map"):
        st.text(f"panel={None if rows is None else len(rows)} clicked={clicked}")
        st.container(height=900).write("more")


main()
"""


def opened(new_page: Any, path: Path, dimensions: int, **options: Any) -> Any:
    """A map whose lowest cluster is far from the others, and one of whose names would lie under the toolbar."""
    rng = np.random.default_rng(1)
    codes = np.arange(240) % 4
    centres = np.array([[0, 12, 0], [12, 12, 1], [12, 0, 2], [6, 5, -14]], dtype=float)[:, :dimensions]
    positions = (centres[codes] + rng.normal(size=(240, dimensions)) * 0.8).astype(np.float32)
    labels = [MapLabel.amid(f"cluster {code}", positions[codes == code], 60.0) for code in range(4)]
    colourings = {name: by_codes(name, codes, list("abcd")) for name in ("First", "Second")}
    path.write_text(
        map_html(Points(positions, [str(row) for row in range(240)]), colourings, labels, title="t", shown="Second"),
        encoding="utf-8",
    )
    page = new_page(**options)
    page.goto(path.as_uri())
    wait_drawn(page)
    return page


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("size", [(1280, 800), (1600, 520), (500, 800)])
def test_the_whole_map_is_seen_and_stays_so_when_the_window_changes(
    new_page: Any, tmp_path: Path, dimensions: int, size: tuple[int, int]
) -> None:
    page = opened(new_page, tmp_path / "map.html", dimensions, width=size[0], height=size[1])
    assert map_of(page, OUTSIDE) == 0
    page.set_viewport_size({"width": 420, "height": 640})
    page.wait_for_timeout(800)
    assert map_of(page, OUTSIDE) == 0
    page.set_viewport_size({"width": 1400, "height": 900})
    page.wait_for_timeout(800)
    assert map_of(page, OUTSIDE) == 0


def test_who_has_zoomed_sees_the_same_part_in_another_window(new_page: Any, tmp_path: Path) -> None:
    page = opened(new_page, tmp_path / "map.html", 2)
    map_of(page, "map.plot.zoom(3)")
    page.wait_for_timeout(400)
    seen = "[map.plot.unproject(0, 0), map.plot.unproject(map.plot.width, map.plot.height)]"
    (left, high), (right, low) = map_of(page, seen)
    page.set_viewport_size({"width": 900, "height": 600})
    page.wait_for_timeout(800)
    (lefter, higher), (righter, lower) = map_of(page, seen)
    assert lefter <= left + 1e-6
    assert righter >= right - 1e-6
    assert higher >= high - 1e-6
    assert lower <= low + 1e-6
    assert map_of(page, "map.plot.zoomed") > 1.5


def test_no_name_lies_under_the_toolbar_and_the_page_begins_with_the_colours_that_were_chosen(
    new_page: Any, tmp_path: Path
) -> None:
    page = opened(new_page, tmp_path / "map.html", 2)
    assert map_of(page, "map.colouring.title") == "Second"
    assert page.locator("#colour option:checked").inner_text() == "Second"
    for _ in range(12):  # a name is pushed up under the toolbar, step by step
        map_of(page, "map.plot.pan(-10, -20)")
        page.wait_for_timeout(60)
        bar = map_of(page, "(({offsetLeft: l, offsetTop: t, offsetWidth: w, offsetHeight: h}) => "
                     "[l, t, l + w, t + h])(map.toolbar.bar)")  # fmt: skip
        for box in map_of(page, "map.overlay.boxes.map(({x, y, width, height}) => [x, y, width, height])"):
            x, y, width, height = box
            apart = x - width / 2 >= bar[2] or x + width / 2 <= bar[0] or y - height / 2 >= bar[3]
            assert apart, (box, bar)


def test_the_page_and_the_map_speak_of_one_selection(new_page: Any, serve: Any) -> None:
    page = new_page()
    page.goto(serve(APP))
    wait_drawn(page)
    shown = "[map.status.textContent, map.selection && map.selection.length, map.focus && map.focus.row]"
    assert map_of(page, shown) == ["60 texts", None, None]
    page.mouse.click(*place_of(page, 30))
    page.get_by_text("clicked=30").wait_for()
    map_of(page, "map.choose(new Uint8Array(60).fill(1, 0, 20), 'lasso')")
    page.get_by_text("panel=20 clicked=None").wait_for()
    assert map_of(page, shown) == ["20 of 60 texts", 20, None]
    page.locator(".elmap-entry", has_text="b").first.click()
    page.get_by_text("panel=7 clicked=None").wait_for()
    assert page.locator(".elmap-chip-words").all_inner_texts() == ["Group: b", "lasso: 20 texts"]
    page.get_by_role("button", name="all but one").click()  # the page's own selection takes the place of all of it
    page.get_by_text("panel=59").wait_for()
    wait_on_map(page, "map.selection.length === 59")
    assert page.locator(".elmap-chip-words").all_inner_texts() == ["by the page: 59 texts"]
    page.locator("[data-tool=clear]").click()
    page.get_by_text("panel=None").wait_for()
    assert map_of(page, shown) == ["60 texts", None, None]
    page.locator(".elmap-undo").click()
    page.get_by_text("panel=59").wait_for()


def test_on_a_phone_what_was_clicked_is_brought_into_sight(new_page: Any, serve: Any) -> None:
    page = new_page(390, 844, has_touch=True, reduced_motion="reduce")
    page.goto(serve(APP) + "?tall=1")
    wait_drawn(page)
    page.locator(".elmap-stage").scroll_into_view_if_needed()
    map_of(page, "map.options.onClick(3)")
    page.get_by_text("clicked=3").wait_for()
    page.wait_for_timeout(900)
    assert page.locator(".st-key-beside-map").bounding_box()["y"] < 844 * 0.75
