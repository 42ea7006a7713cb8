from __future__ import annotations

import re

import pytest

from embedlab.figures import html as assets
from pages.app.components import component_script
from tests.browser.conftest import map_of, place_of, wait_drawn

APP = """
import numpy as np
import streamlit as st

from embedlab.corpus import Column
from embedlab.figures.charts import chart_of
from embedlab.figures.colouring import by_codes, by_number
from embedlab.figures.map import Focus, MapLabel, Marker, Points
from pages.app.components import show_map

st.set_page_config(layout="wide")
COUNT = 200
rng = np.random.default_rng(0)
codes = np.arange(COUNT) % 4
positions = np.stack([codes % 2 * 10.0, codes // 2 * 10.0], axis=1) + rng.normal(size=(COUNT, 2))
texts = ["<img src=x onerror=window.pwned=1> **text** $x$ %d" % row for row in range(COUNT)]
columns = (Column("<b>n</b>", "number", np.arange(COUNT) * 1.0),)


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

    def heard(events):
        if events.clicked is not None:
            state.row = events.clicked
        if events.chosen:
            state.chosen, state.kind, state.mark, state.row = events.selected, events.kind, events.mark, None
        if events.label is not None:
            state.label = events.label
        state.asked = events.colour or events.off

    show_map(
        points,
        colouring,
        [MapLabel("name %d" % code, *map(float, places[codes == code].mean(axis=0))) for code in range(4)],
        charts=[chart_of(columns[0], "n")] if st.toggle("charts") else (),
        selection=chosen,
        mark=state.get("mark", ""),
        by=state.get("kind", ""),
        focus=None if row is None else Focus(row, ((row + 1) % COUNT, (row + 2) % COUNT)),
        found=[1, 2, 3] if st.toggle("found") else None,
        sought="what",
        placed=placed,
        key="map",
        alt="A map of <b>texts</b>",
        height=420,
        on_event=heard,
    )
    state.runs = state.get("runs", 0) + 1
    st.text(f"runs={state.runs}")
    st.text(f"row={row} label={state.get('label')} asked={state.get('asked')}")
    st.text(f"chosen={None if chosen is None else chosen.tolist()} kind={state.get('kind')}")


def second():
    st.text("another page")


st.navigation([st.Page(first, default=True), st.Page(second, url_path="second")]).run()
"""


@pytest.fixture(scope="module")
def address(serve) -> str:
    return serve(APP)


@pytest.fixture
def opened(new_page, address):
    page = new_page()
    page.fetched = []
    page.on("request", lambda request: page.fetched.append(request.url) if "/embedlab/" in request.url else None)
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


def fetched(page) -> list[str]:
    """What was fetched since this was last asked: "data", "texts" or "plotly"."""
    found = [url.split("/embedlab/")[1].split("/")[0].split("-")[0] for url in page.fetched]
    page.fetched.clear()
    return found


def ink(page) -> int:
    """How many different colours the drawn points have, edges included."""
    return map_of(
        page,
        """(() => {
            const layer = map.plot.picture(1);
            const { buffer } = layer.getContext("2d").getImageData(0, 0, layer.width, layer.height).data;
            return new Set(new Uint32Array(buffer)).size;
        })()""",
    )


def test_points_are_drawn_and_said(opened):
    assert ink(opened) > 50
    assert map_of(opened, "map.points.count") == 200
    assert opened.locator(".elmap-stage").get_attribute("aria-label") == "A map of <b>texts</b>"
    assert fetched(opened) == ["data", "data"]  # places and colours, and no text
    map_of(opened, "(map.gestures.hover = 3, map.tell(3, [9, 9]))")
    assert fetched(opened) == ["texts"]
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
    fetched(opened)
    opened.mouse.click(x, y)
    expect_text(opened, f"row={picked} ")
    opened.wait_for_function("document.querySelector('.embedlab-map').embedlabMap.focus !== null")
    assert map_of(opened, "map.focus") == {"row": picked, "neighbours": [(picked + 1) % 200, (picked + 2) % 200]}
    assert len(opened.locator(".elmap-over").screenshot()) != before
    assert "data" not in fetched(opened)


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
    assert map_of(opened, "[map.plot.behind, map.plot.layers().map(({count, grey}) => [count, Boolean(grey)])]") == [
        100, [[100, True], [100, False]]
    ]  # fmt: skip
    opened.locator(".elmap-stage").focus()
    opened.keyboard.press("Escape")
    expect_text(opened, "chosen=None")
    assert map_of(opened, "map.plot.layers().length") == 1


def test_the_legend_selects(opened):
    opened.locator(".elmap-entry", has_text="c").first.click()
    expect_text(opened, f"chosen={list(range(2, 200, 4))} kind=Group: c")


def test_filters_add_up_and_each_can_be_taken_off(opened):
    toggle(opened, "charts")
    opened.locator(".elmap-histogram").wait_for()
    opened.locator(".elmap-entry", has_text="b").first.click()
    box = opened.locator(".elmap-histogram").bounding_box()
    opened.mouse.move(box["x"] + 1, box["y"] + 20)
    opened.mouse.down()
    opened.mouse.move(box["x"] + box["width"] / 2 - 2, box["y"] + 20, steps=5)
    opened.mouse.up()
    expect_text(opened, f"chosen={list(range(1, 100, 4))} kind=Group: b; <b>n</b>: 0 to 100")
    assert opened.locator(".elmap-charts-left").inner_text() == "25 of 200 texts"
    assert opened.locator(".elmap-chip").count() == 2
    opened.locator(".elmap-chip .elmap-off").first.click()
    expect_text(opened, f"chosen={list(range(100))} kind=<b>n</b>")
    opened.locator(".elmap-histogram").focus()
    opened.keyboard.press("ArrowRight")
    expect_text(opened, f"chosen={list(range(5, 105))} kind=<b>n</b>")
    opened.keyboard.press("Escape")
    expect_text(opened, "chosen=None")
    opened.locator(".elmap-paint:visible").first.click()
    expect_text(opened, "asked=<b>n</b>")


def test_recolouring_fetches_colours_alone_and_another_layout_places_alone(opened):
    fetched(opened)
    toggle(opened, "by number")
    wait_drawn(opened, "colours")
    assert fetched(opened) == ["data"]
    toggle(opened, "by number")
    wait_drawn(opened, "colours", 2)
    assert fetched(opened) == []
    toggle(opened, "other layout")
    wait_drawn(opened, "points", 2)
    assert fetched(opened) == ["data"]
    place = map_of(opened, "[map.points.x.length, map.points.y.length, map.points.z]")
    assert place == [200, 200, None]


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
    page.wait_for_function("document.querySelectorAll('.elmap-moving').length === 0")
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
    wait_drawn(opened, "standing")
    assert map_of(opened, "[...map.found]") == [1, 2, 3]
    assert opened.locator(".elmap-status").inner_text() == "3 of 200 texts"
    assert opened.locator(".elmap-chip-words").inner_text() == "what in 3 texts"
    opened.locator(".elmap-chip .elmap-off").click()
    expect_text(opened, "asked=found")
    toggle(opened, "placed")
    opened.wait_for_function("document.querySelector('.embedlab-map').embedlabMap.placed !== null")
    for times in (2, 3):
        toggle(opened, "deep")
        wait_drawn(opened, "points", times)
        assert ink(opened) > 20
    assert opened.locator("[data-tool=lasso]").is_enabled()


def test_what_is_no_longer_served_is_offered_again(opened):
    """As after much else was looked at, or the server was started anew."""
    gone = []

    def answer(route):
        if gone:
            route.continue_()
        else:
            gone.append(route.request.url)
            route.fulfill(status=404, body="gone")

    opened.route("**/embedlab/data/**", answer)
    toggle(opened, "other layout")
    wait_drawn(opened, "points", 2)
    assert len(gone) == 1
    opened.problems.clear()


def test_a_server_that_serves_nothing_is_said_and_asked_no_more(new_page, address):
    page = new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/embedlab/data/" in request.url else None)
    page.route("**/embedlab/data/**", lambda route: route.fulfill(status=404, body="gone"))
    page.goto(address)
    expect_text(page, "The map could not be drawn: reload the page")
    count = len(asked)
    page.wait_for_timeout(1500)
    assert len(asked) == count
    page.problems.clear()


def test_coming_back_neither_draws_again_nor_sends_points(opened):
    for _ in range(2):
        opened.get_by_role("link", name="second").click()
        expect_text(opened, "another page")
        assert opened.locator(".elmap").count() == 0
        opened.get_by_role("link", name="first").click()
        opened.locator(".elmap-stage").wait_for()
        assert ink(opened) > 50
    assert "data" not in fetched(opened)[2:]
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

    The closed map keeps its drawing to come back with, until there are too many others.
    """
    states = opened.evaluate(
        """async (source) => {
            const { default: run } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
            const parentElement = document.body.appendChild(document.createElement("div"));
            parentElement.style.cssText = "position: fixed; top: 0; width: 400px";
            const root = parentElement.appendChild(document.createElement("div"));
            root.className = "embedlab-map";
            window.fetch = async () => new Response(new Uint8Array(16));
            const colours = { light: ["#000000"], dark: ["#ffffff"], missing: { light: "#000000", dark: "#000000" } };
            const data = {
                parts: {
                    place: { id: "p", url: "p", axes: 2 },
                    rows: { id: "r", url: "r", count: 2, names: [] },
                    colours: { id: "c", url: "c", legend: { kind: "plain", title: "", ...colours } },
                    charts: [],
                    selection: { id: "", url: "" },
                    found: { id: "", url: "" },
                },
                marks: { labels: [], focus: null, placed: null, goto: null },
                page: { alt: "", height: 200, name: "twice", base: "" },
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
            const map = root.embedlabMap;
            second();
            const closed = [!root.querySelector(".elmap-stage"), Boolean(map.gone)];
            for (let number = 0; number < 7; number++) {
                data.page = { ...data.page, name: `other ${number}` };
                const close = call();
                await drawn(data.page.name);
                close();
            }
            return [open, closed, Boolean(map.gone)];
        }""",
        assets.map_script() + component_script("map_component.js"),
    )
    assert states == [True, [True, False], True]


def test_a_place_that_is_told_of_once_more_before_it_leaves_gives_the_drawing_back(opened):
    """Streamlit may draw a map's new place first, and the old one once more before it goes."""
    states = opened.evaluate(
        """async (source) => {
            const { default: run } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
            let answer;
            const asked = new Promise((go) => { answer = go; });
            window.fetch = async () => { await asked; return new Response(new Uint8Array(16)); };
            const colours = { light: ["#000000"], dark: ["#ffffff"], missing: { light: "#000000", dark: "#000000" } };
            const data = {
                parts: {
                    place: { id: "p", url: "p", axes: 2 },
                    rows: { id: "r", url: "r", count: 2, names: [] },
                    colours: { id: "c", url: "c", legend: { kind: "plain", title: "", ...colours } },
                    charts: [],
                    selection: { id: "", url: "" },
                    found: { id: "", url: "" },
                },
                marks: { labels: [], focus: null, placed: null, goto: null },
                page: { alt: "", height: 200, name: "moved", base: "" },
            };
            const place = () => {
                const parentElement = document.body.appendChild(document.createElement("div"));
                parentElement.style.cssText = "position: fixed; top: 0; width: 400px";
                const root = parentElement.appendChild(document.createElement("div"));
                root.className = "embedlab-map";
                return { root, call: () => run({ data, parentElement, setTriggerValue: () => {} }) };
            };
            const [before, after] = [place(), place()];
            const first = before.call();
            after.call();
            const second = before.call();
            first();
            second();
            before.root.remove();
            answer();
            const times = () => performance.getEntriesByName("moved:points").length;
            for (let tries = 0; tries < 100 && !times(); tries++) await new Promise((go) => setTimeout(go, 50));
            return [times(), Boolean(after.root.querySelector(".elmap-stage")), after.root.embedlabMap.points?.count];
        }""",
        assets.map_script() + component_script("map_component.js"),
    )
    assert states == [1, True, 2]


def test_the_theme_is_followed(new_page, address):
    page = new_page(color_scheme="dark")
    page.goto(address)
    wait_drawn(page)
    assert map_of(page, "map.theme.dark") is True
    page.emulate_media(color_scheme="light")
    wait_drawn(page, "colours")
    assert map_of(page, "map.theme.dark") is False


def test_works_under_a_path(new_page, serve):
    address = serve(APP, "--server.baseUrlPath=some/where")
    page = new_page()
    page.set_default_timeout(8_000)
    page.goto(f"{address}/some/where/")
    wait_drawn(page)
    assert ink(page) > 50
