from __future__ import annotations

import re

import pytest

from embedlab.figures import html as assets
from pages.app.components import component_script
from tests.browser.conftest import map_of, place_of, wait_drawn

APP = '''
import numpy as np
import streamlit as st

from embedlab.corpus import Column
from embedlab.figures.colouring import by_codes, by_number
from embedlab.figures.map import Focus, MapLabel, Marker, Points
from pages.app import components
from pages.app.components import show_map

st.set_page_config(layout="wide")
real = components._component
COUNT = 200
rng = np.random.default_rng(0)
codes = np.arange(COUNT) % 4
positions = np.stack([codes % 2 * 10.0, codes // 2 * 10.0], axis=1) + rng.normal(size=(COUNT, 2))
texts = ["<img src=x onerror=window.pwned=1> **text** $x$ %d" % row for row in range(COUNT)]
columns = (Column("<b>n</b>", "number", np.arange(COUNT) * 1.0),)


def spy(**arguments):
    """Note which parts are sent."""
    st.session_state.setdefault("sent", []).append(" ".join(sorted(arguments["data"])))
    return real(**arguments)


components._component = spy


def first():
    part()


@st.fragment
def part():
    state = st.session_state
    other = st.toggle("other layout")
    deep = st.toggle("deep")
    places = positions[:, ::-1] * [1, 2] if other else positions
    if deep:
        places = np.column_stack([places, codes])
    points = Points(places.astype(np.float32), texts, columns)
    colouring = by_number(columns[0]) if st.toggle("by number") else by_codes("Group", codes, list("abcd"))
    chosen, row = state.get("chosen"), state.get("row")
    placed = Marker("typed", 5.0, 5.0, 1.0 if deep else None, neighbours=(0, 1)) if st.toggle("placed") else None
    events = show_map(
        points,
        colouring,
        [MapLabel("name %d" % code, *map(float, places[codes == code].mean(axis=0))) for code in range(4)],
        selection=chosen,
        focus=None if row is None else Focus(row, ((row + 1) % COUNT, (row + 2) % COUNT)),
        found=[1, 2, 3] if st.toggle("found") else None,
        placed=placed,
        key="map",
        alt="A map of <b>texts</b>",
        height=420,
    )
    if events.clicked is not None:
        state.row = events.clicked
    if events.selected is not None:
        state.chosen, state.kind = events.selected, events.kind
    if events.cleared:
        state.chosen = state.row = None
    if events.clicked is not None or events.selected is not None or events.cleared:
        st.rerun(scope="fragment")
    state.runs = state.get("runs", 0) + 1
    st.text(f"runs={state.runs}")
    st.text(f"row={row} label={events.label}")
    st.text(f"chosen={None if chosen is None else chosen.tolist()} kind={state.get('kind')}")
    st.text("sent=" + "|".join(state.sent))


def second():
    st.text("another page")


st.navigation([st.Page(first, default=True), st.Page(second, url_path="second")]).run()
'''


@pytest.fixture(scope="module")
def address(serve) -> str:
    return serve(APP)


@pytest.fixture
def opened(new_page, address):
    page = new_page()
    page.goto(address)
    wait_drawn(page)
    return page


def said(page, name: str) -> str:
    expect_text(page, f"{name}=")  # the map comes before the texts below it
    return re.search(rf"{name}=([^\n]*)", page.locator("[data-testid=stMain]").inner_text()).group(1)


def expect_text(page, text: str) -> None:
    page.get_by_text(text).first.wait_for()


def toggle(page, name: str) -> None:
    page.locator("[data-testid=stCheckbox]").filter(has_text=name).locator("label").click()


def sent_last(page) -> set[str]:
    for _ in range(100):  # the list of what was sent is drawn after the count of runs
        if len(said(page, "sent").split("|")) == int(said(page, "runs")):
            break
        page.wait_for_timeout(50)
    return set(said(page, "sent").split("|")[-1].split()) & {"place", "rows", "colours", "selection", "found"}


def ink(page) -> int:
    """How many different colours the drawn points have, edges included."""
    return map_of(
        page,
        """map.plot.picture().then((layers) => {
            const canvas = document.createElement("canvas");
            const pen = canvas.getContext("2d");
            layers.forEach((layer) => pen.drawImage(layer, 0, 0, canvas.width, canvas.height));
            const { buffer } = pen.getImageData(0, 0, canvas.width, canvas.height).data;
            return new Set(new Uint32Array(buffer)).size;
        })""",
    )


def test_points_are_drawn_and_said(opened):
    assert ink(opened) > 50
    assert map_of(opened, "map.points.count") == 200
    assert opened.locator(".elmap-stage").get_attribute("aria-label") == "A map of <b>texts</b>"
    map_of(opened, "map.tell(3, [9, 9])")
    assert opened.locator(".elmap-tooltip-text").text_content() == "<img src=x onerror=window.pwned=1> **text** $x$ 3"
    assert "<b>n</b>" in opened.locator(".elmap-tooltip dt").all_text_contents()
    assert opened.evaluate("window.pwned") is None


def test_a_click_comes_back_and_its_neighbours_are_drawn(opened):
    row = map_of(
        opened,
        "Array.from({length: 200}, (_, row) => row).find((row) => "
        "map.overlay.labelAt(...map.plot.projector()(map.points.x[row], map.points.y[row])) < 0)",
    )
    x, y = place_of(opened, row)
    picked = map_of(
        opened, "map.plot.pick(...map.plot.projector()(map.points.x[argument], map.points.y[argument]), 14)", row
    )
    before = len(opened.locator(".elmap-over").screenshot())
    opened.mouse.click(x, y)
    expect_text(opened, f"row={picked} ")
    opened.wait_for_function("document.querySelector('.embedlab-map').embedlabMap.focus !== null")
    assert map_of(opened, "map.focus") == {"row": picked, "neighbours": [(picked + 1) % 200, (picked + 2) % 200]}
    assert len(opened.locator(".elmap-over").screenshot()) != before
    assert sent_last(opened) == set()


def test_a_lasso_returns_its_rows_and_the_rest_turns_grey(opened):
    stage = opened.locator(".elmap-stage").bounding_box()
    left, top, bottom = 4, 4, stage["height"] - 4
    right = map_of(opened, "map.plot.projector()(5, 5)[0]")
    opened.locator("[data-tool=lasso]").click()
    corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
    opened.mouse.move(stage["x"] + left, stage["y"] + bottom)
    opened.mouse.down()
    for x, y in corners[1:]:
        opened.mouse.move(stage["x"] + x, stage["y"] + y, steps=4)
    opened.mouse.up()
    rows = [row for row in range(200) if row % 2 == 0]
    expect_text(opened, f"chosen={rows} kind=lasso")
    grey = map_of(opened, "map.plot.element.data[0].marker.color")
    assert grey == map_of(opened, "map.plot.grey")
    assert map_of(opened, "map.plot.element.data[1].x.length") == 100
    opened.locator(".elmap-stage").focus()
    opened.keyboard.press("Escape")
    expect_text(opened, "chosen=None")
    assert map_of(opened, "map.plot.element.data.length") == 1


def test_the_legend_selects(opened):
    opened.locator(".elmap-entry", has_text="c").first.click()
    expect_text(opened, f"chosen={list(range(2, 200, 4))} kind=legend")


def test_recolouring_sends_colours_alone_and_another_layout_places_alone(opened):
    assert sent_last(opened) == {"place", "rows", "colours"}
    toggle(opened, "by number")
    wait_drawn(opened, "colours")
    expect_text(opened, "runs=2")
    assert sent_last(opened) == {"colours"}
    toggle(opened, "by number")
    wait_drawn(opened, "colours", 2)
    expect_text(opened, "runs=3")
    assert sent_last(opened) == set()
    toggle(opened, "other layout")
    wait_drawn(opened, "points", 2)
    expect_text(opened, "runs=4")
    assert sent_last(opened) == {"place"}


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_points_move_to_another_layout_unless_the_person_wants_no_motion(new_page, address, motion, moves):
    page = new_page(reduced_motion=motion)
    page.goto(address)
    wait_drawn(page)
    page.evaluate(
        """() => {
            const stage = document.querySelector(".elmap-stage");
            const note = () => { window.moved ||= stage.classList.contains("elmap-moving"); };
            new MutationObserver(note).observe(stage, { attributes: true });
        }"""
    )
    toggle(page, "other layout")
    wait_drawn(page, "points", 2)
    assert bool(page.evaluate("window.moved")) is moves
    assert page.locator(".elmap-moving").count() == 0
    assert ink(page) > 50


def test_an_unchanged_part_is_not_drawn_again(opened):
    toggle(opened, "placed")
    wait_drawn(opened, "over")
    drawn = opened.evaluate(
        "performance.getEntriesByType('measure').filter((one) => one.name.startsWith('map:')).map((one) => one.name)"
    )
    assert drawn == ["map:points", "map:over"]


def test_changes_in_quick_succession_end_with_the_last(opened):
    opened.evaluate(
        """() => {
            const boxes = [...document.querySelectorAll("[data-testid=stCheckbox] input")];
            for (let time = 0; time < 7; time++) {
                setTimeout(() => boxes.slice(0, 3).forEach((box) => box.click()), time * 40);
            }
        }"""
    )
    opened.wait_for_function(
        """() => {
            const map = document.querySelector(".embedlab-map").embedlabMap;
            return map.points.z && map.plot.drawn === map.points && map.colouring.title === "<b>n</b>";
        }"""
    )
    assert ink(opened) > 20


def test_found_and_placed_and_depth(opened):
    toggle(opened, "found")
    wait_drawn(opened, "colours")
    assert map_of(opened, "[...map.found]") == [1, 2, 3]
    assert opened.locator(".elmap-status").inner_text() == "3 of 200 found"
    toggle(opened, "placed")
    opened.wait_for_function("document.querySelector('.embedlab-map').embedlabMap.placed !== null")
    for times in (2, 3):
        toggle(opened, "deep")
        wait_drawn(opened, "points", times)
        assert ink(opened) > 20
    assert opened.locator("[data-tool=lasso]").is_enabled()


@pytest.mark.parametrize("times", [1, 5])
def test_what_the_browser_lost_is_sent_again(opened, times):
    # A cache that forgets: as if the message with the new places had been skipped, and the answers as well.
    opened.evaluate(
        """(times) => {
            const set = Map.prototype.set;
            window.skipped = 0;
            Map.prototype.set = function (key, value) {
                const place = Array.isArray(value) && value[0] instanceof Float32Array;
                if (place && window.skipped < times) { window.skipped++; return this; }
                return set.call(this, key, value);
            };
        }""",
        times,
    )
    toggle(opened, "other layout")
    wait_drawn(opened, "points", 2)
    assert opened.evaluate("window.skipped") == times
    assert sent_last(opened) == {"place", "rows", "colours"}


def test_coming_back_neither_draws_again_nor_sends_points(opened):
    for _ in range(2):
        opened.get_by_role("link", name="second").click()
        expect_text(opened, "another page")
        assert opened.locator(".elmap").count() == 0
        opened.get_by_role("link", name="first").click()
        opened.locator(".elmap-stage").wait_for()
        assert ink(opened) > 50
    assert sent_last(opened) == set()
    assert opened.evaluate("performance.getEntriesByName('map:points').length") == 1
    # What it is told after that arrives, and so does what is done on it.
    toggle(opened, "other layout")
    wait_drawn(opened, "points", 2)
    opened.mouse.click(*place_of(opened, 3))
    expect_text(opened, "row=3")


def test_a_deep_link_first_and_many_visits_leave_no_graphics_context_behind(new_page, address):
    page = new_page()
    page.goto(f"{address}/second")
    for _ in range(8):
        page.get_by_role("link", name="first").click()
        page.locator(".elmap-stage").wait_for()
        page.get_by_role("link", name="second").click()
        expect_text(page, "another page")
    page.get_by_role("link", name="first").click()
    page.locator(".elmap-stage").wait_for()
    assert ink(page) > 50


def test_only_the_last_run_closes_the_map(opened):
    """Streamlit cleans up a run that the next one has overtaken while the map is in use.

    The closed map keeps its graphics contexts to come back with, until there are too many others.
    """
    states = opened.evaluate(
        """async (source) => {
            const { default: run } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
            const parentElement = document.body.appendChild(document.createElement("div"));
            parentElement.style.cssText = "position: fixed; top: 0; width: 400px";
            const root = parentElement.appendChild(document.createElement("div"));
            root.className = "embedlab-map";
            const child = (values) => ({ toArray: () => values, get: () => "t" });
            const column = (values) => ({ getChild: (name) => (name === "z" ? null : child(values)) });
            const data = {
                fingerprints: { place: "p", rows: "r", colours: "c", selection: "", found: "" },
                place: column(Float32Array.of(0, 1)),
                rows: { ...column([]), numRows: 2 },
                names: [],
                colours: column(Int32Array.of(0, 0)),
                legend: { kind: "plain", title: "", light: ["#000"], dark: ["#fff"], missing: { light: "", dark: "" } },
                marks: { labels: [], focus: null, placed: null },
                page: { alt: "", height: 200, name: "twice", base: "", script: "SCRIPT" },
            };
            const call = () => run({ data, parentElement, setTriggerValue: () => {} });
            const drawn = async (name) => {
                const times = () => performance.getEntriesByName(`${name}:points`).length;
                for (let tries = 0; tries < 200 && !times(); tries++) await new Promise((go) => setTimeout(go, 50));
            };
            const [first, second] = [call(), call()];
            first();
            await drawn("twice");
            const open = Boolean(root.querySelector(".elmap-stage"));
            const canvases = [...root.querySelectorAll(".gl-container canvas")];
            const lost = () => canvases.map((canvas) => canvas.getContext("webgl").isContextLost());
            second();
            const closed = [!root.querySelector(".elmap-stage"), ...lost()];
            for (const name of ["second", "third", "fourth", "fifth", "sixth"]) {
                data.page = { ...data.page, name };
                const close = call();
                await drawn(name);
                close();
            }
            return [open, closed, lost()];
        }""".replace("SCRIPT", f"embedlab/plotly-{assets.plotly_version()}.min.js"),
        assets.map_script() + component_script("map_component.js"),
    )
    assert states == [True, [True, False, False, False], [True, True, True]]


def test_the_theme_is_followed(new_page, address):
    page = new_page(color_scheme="dark")
    page.goto(address)
    wait_drawn(page)
    assert map_of(page, "map.theme.dark") is True
    page.emulate_media(color_scheme="light")
    wait_drawn(page, "colours")
    assert map_of(page, "map.theme.dark") is False


def test_it_says_when_the_drawing_library_is_missing(new_page, address):
    page = new_page()
    page.route("**/embedlab/plotly*", lambda route: route.abort())
    page.goto(address)
    expect_text(page, "could not be loaded: reload the page")
    page.problems.clear()


def test_works_under_a_path(new_page, serve):
    address = serve(APP, "--server.baseUrlPath=some/where")
    page = new_page()
    page.set_default_timeout(8_000)
    page.goto(f"{address}/some/where/")
    wait_drawn(page)
    assert ink(page) > 50
