from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedlab.corpus import Column
from embedlab.figures.colouring import by_category, by_codes, by_number, by_share
from embedlab.figures.map import MapLabel, Points
from embedlab.figures.map_view import map_html
from tests.browser.conftest import map_of, place_of, wait_drawn

NASTY = [
    "<script>window.pwned=1</script>",
    '<img src=x onerror="window.pwned=1">',
    "<b>bold</b>",
    r"$\alpha$",
    "**md** [a](javascript:window.pwned=1)",
    "</script><script>window.pwned=1</script>",
    "مرحبا \u202e\U0001f600\u200b",
]
GROUPS = 30


def points_of(count: int, dimensions: int = 2) -> tuple[Points, np.ndarray]:
    """Groups on a grid, so that every name has its place; the first texts are the nasty ones."""
    rng = np.random.default_rng(0)
    codes = np.arange(count) % GROUPS
    centres = np.stack([codes % 6 * 10.0, codes // 6 * 10.0, codes * 1.0], axis=1)[:, :dimensions]
    positions = (centres + rng.normal(size=(count, dimensions))).astype(np.float32)
    texts = [NASTY[row] if row < len(NASTY) else f"text {row} of group {codes[row]}" for row in range(count)]
    values = np.array([NASTY[row % len(NASTY)] for row in range(count)], dtype=object)
    columns = (
        Column(NASTY[0], "category", values),
        Column("year", "number", 1990 + codes.astype(float)),
    )
    return Points(positions, texts, columns), codes


def page_html(count: int = 600, dimensions: int = 2) -> str:
    points, codes = points_of(count, dimensions)
    names = [NASTY[code] if code < len(NASTY) else f"group number {code}" for code in range(GROUPS)]
    labels = [
        MapLabel(names[code], *map(float, points.positions[codes == code].mean(axis=0)), size=1.0 + code)
        for code in range(GROUPS)
    ]
    colourings = {
        "Cluster": by_codes("Cluster", codes, names, points.positions),
        NASTY[0]: by_category(points.columns[0], points.positions),
        "year": by_number(points.columns[1]),
        "Kept": by_share("Kept", codes / GROUPS),
    }
    near = (np.arange(count)[:, None] + np.arange(1, 11)[None, :]) % count
    return map_html(
        points,
        colourings,
        labels,
        title=NASTY[1],
        trust=NASTY[2],
        footer=NASTY[5],
        neighbours=near.astype(np.int32),
        cosines=np.full(near.shape, 0.5, dtype=np.float32),
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("html") / "map.html"
    path.write_text(page_html(), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(new_page, address):
    page = new_page()
    page.requests = []
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto(address)
    wait_drawn(page)
    return page


def touchable(page, group: int | None = None) -> int:
    """A row, of the group if one is told, whose point no name lies over."""
    return map_of(
        page,
        "Array.from({length: 600}, (_, row) => row).find((row) => (argument === null || row % 30 === argument) && "
        "row > 30 && map.overlay.labelAt(...map.plot.projector()(map.points.x[row], map.points.y[row])) < 0)",
        group,
    )


def ink(data: bytes) -> int:
    """How many different colours a picture has."""
    return len(Image.open(io.BytesIO(data)).convert("RGB").getcolors(1 << 24))


def test_opens_without_any_request(opened, address):
    opened.locator(".elmap-stage").hover()
    opened.locator("[data-tool=in]").click()
    opened.wait_for_timeout(300)
    assert opened.requests == [address]
    assert ink(opened.locator(".elmap-stage").screenshot()) > 100


def test_nothing_typed_is_run_and_all_is_shown_as_typed(opened):
    assert opened.title() == NASTY[1]
    assert opened.locator("h1").inner_text() == NASTY[1]
    assert opened.locator(".trust").inner_text() == NASTY[2]
    opened.locator(".elmap-more").first.click()
    legend = opened.locator(".elmap-bars .elmap-name").all_inner_texts()
    assert set(NASTY) <= {name.strip() for name in legend} | {NASTY[6]}
    for row in range(len(NASTY)):
        opened.mouse.move(5, 5)
        map_of(opened, "map.tell(argument, [9, 9])", row)
        assert opened.locator(".elmap-tooltip-text").text_content() == NASTY[row]
        assert NASTY[0] in opened.locator(".elmap-tooltip dt").all_text_contents()
        map_of(opened, "map.options.onClick(argument)", row)
        assert opened.locator("#panel .text").text_content() == NASTY[row]
    opened.locator("summary").click()
    assert opened.locator("#recipe").text_content() == NASTY[5]
    opened.select_option("#colour", label=NASTY[0])
    wait_drawn(opened, "colours")
    assert opened.evaluate("window.pwned") is None
    assert opened.locator("main img, main b").count() == 0


def test_hover_tells_and_click_opens_the_text_with_its_neighbours(opened):
    x, y = place_of(opened, touchable(opened, group=20))
    opened.mouse.move(x, y)
    opened.locator(".elmap-tooltip").wait_for()
    told = opened.locator(".elmap-tooltip").inner_text()
    assert "of group 20" in told
    assert "2010" in told
    opened.mouse.click(x, y)
    assert "of group 20" in opened.locator("#panel .text").inner_text()
    assert opened.locator("#panel li").count() == 10
    row = map_of(opened, "map.focus.row")
    assert map_of(opened, "map.focus.neighbours") == [(row + step) % 600 for step in range(1, 11)]
    opened.locator("#panel li button").first.click()
    assert map_of(opened, "map.focus.row") == row + 1


def test_search_counts_and_leaves_the_rest_in_grey(opened):
    opened.fill("#search", "OF GROUP 7")
    wait_drawn(opened, "standing")
    assert opened.locator("#count").inner_text() == "20 texts"
    assert sorted(map_of(opened, "[...map.found]")) == [row for row in range(600) if row % 30 == 7 and row >= 7]
    assert map_of(opened, "[map.plot.behind, map.selection.length]") == [580, 20]
    assert opened.locator(".elmap-chip-words").inner_text() == "“OF GROUP 7” in 20 texts"
    opened.locator(".elmap-stage").focus()
    opened.keyboard.press("Escape")
    opened.wait_for_function("document.getElementById('search').value === ''")
    assert map_of(opened, "[map.found, map.selection, map.plot.behind]") == [None, None, 0]
    assert opened.locator(".elmap-chip").count() == 0


def test_colour_by_and_its_legend(opened):
    opened.select_option("#colour", label="year")
    wait_drawn(opened, "colours")
    chart = opened.locator(".elmap-coloured")
    assert chart.locator(".elmap-axis span").all_inner_texts() == ["1990", "1995", "2000", "2005", "2010", "2015"]
    opened.select_option("#colour", label="Kept")
    wait_drawn(opened, "colours", 2)
    assert "100 %" in opened.locator(".elmap-coloured .elmap-axis").inner_text()
    assert map_of(opened, "new Set(map.colours).size") == GROUPS


def test_legend_isolates_a_label_and_lets_it_go(opened):
    opened.locator(".elmap-more").first.click()
    entry = opened.locator(".elmap-entry", has_text="group number 12")
    entry.click()
    wait_drawn(opened, "standing")
    assert map_of(opened, "[...map.selection]") == list(range(12, 600, 30))
    assert entry.get_attribute("aria-pressed") == "true"
    assert opened.locator(".elmap-status").inner_text() == "20 of 600 texts"
    assert opened.locator(".elmap-chip-words").inner_text() == "Cluster: group number 12"
    opened.locator(".elmap-entry", has_text="group number 13").click(modifiers=["Shift"])
    wait_drawn(opened, "standing", 2)
    assert map_of(opened, "map.selection.length") == 40
    opened.locator(".elmap-undo").click()
    assert map_of(opened, "[...map.selection]") == list(range(12, 600, 30))
    opened.locator("[data-tool=clear]").click()
    opened.wait_for_function("document.querySelectorAll('.elmap-entry[aria-pressed=true]').length === 0")
    assert map_of(opened, "map.selection") is None
    opened.locator(".elmap-stage").focus()
    opened.keyboard.press("Control+z")
    assert map_of(opened, "map.selection.length") == 20
    entry.dblclick()
    opened.wait_for_timeout(200)
    assert map_of(opened, "map.selection") is None


@pytest.mark.parametrize("tool", ["lasso", "box"])
def test_lasso_and_box_select_what_they_enclose(opened, tool):
    corners = map_of(opened, "map.plot.projector()(-5, -5).concat(map.plot.projector()(15, 5))")
    box = opened.locator(".elmap-stage").bounding_box()
    left, bottom, right, top = (
        corners[0] + box["x"],
        corners[1] + box["y"],
        corners[2] + box["x"],
        corners[3] + box["y"],
    )
    opened.locator(f"[data-tool={tool}]").click()
    opened.mouse.move(left, bottom)
    opened.mouse.down()
    for x, y in ((left, top), (right, top), (right, bottom)) if tool == "lasso" else ((right, top),):
        opened.mouse.move(x, y, steps=4)
    opened.mouse.up()
    wait_drawn(opened, "standing")
    assert {row % GROUPS for row in map_of(opened, "[...map.selection]")} == {0, 1}
    assert map_of(opened, "map.selection.length") == 40
    opened.locator(".elmap-stage").focus()
    opened.keyboard.press("Escape")
    wait_drawn(opened, "standing", 2)
    assert map_of(opened, "map.selection") is None


def overlapping(boxes: list[dict[str, float]]) -> bool:
    return any(
        abs(a["x"] - b["x"]) < (a["width"] + b["width"]) / 2 and abs(a["y"] - b["y"]) < (a["height"] + b["height"]) / 2
        for at, a in enumerate(boxes)
        for b in boxes[:at]
    )


def test_more_names_the_nearer_and_never_one_over_another(new_page, address):
    page = new_page(700, 500)
    page.goto(address)
    wait_drawn(page)
    spread = [map_of(page, "map.overlay.boxes.length / map.labels.length")]
    for _ in range(3):
        page.locator("[data-tool=in]").click()
        page.wait_for_timeout(150)
        boxes = map_of(page, "map.overlay.boxes")
        assert not overlapping(boxes)
        inside = map_of(
            page,
            "map.labels.filter(({at}) => { const [x, y] = map.plot.projector()(...at); "
            "return x > 0 && y > 0 && x < map.plot.width && y < map.plot.height; }).length",
        )
        spread.append(len(boxes) / max(1, inside))
    assert spread[0] < 1
    assert spread[-1] > spread[0]


def test_a_name_that_is_there_stays_where_it_is_while_one_comes_nearer(new_page, address):
    page = new_page(900, 600)
    page.goto(address)
    wait_drawn(page)
    shown: dict[int, set[int]] = {}
    for step in range(8):
        shown[step] = set(map_of(page, "map.overlay.boxes.map(({index}) => index)"))
        inside = set(
            map_of(
                page,
                "map.labels.map(({at}, index) => [index, map.plot.projector()(...at)]).filter(([, [x, y]]) => "
                "x > 90 && y > 60 && x < map.plot.width - 90 && y < map.plot.height - 30).map(([index]) => index)",
            )
        )
        if step:
            assert shown[step - 1] & inside <= shown[step]
        map_of(page, "map.plot.zoom(1.25)")
        page.wait_for_timeout(80)


def test_keyboard_moves_the_map_and_names_can_be_clicked(opened):
    opened.locator(".elmap-stage").focus()
    before = map_of(opened, "map.plot.camera.state")
    opened.keyboard.press("+")
    opened.keyboard.press("ArrowRight")
    after = map_of(opened, "map.plot.camera.state")
    assert after["scale"] == pytest.approx(1.5 * before["scale"])
    assert after["x"] > before["x"]
    opened.keyboard.press("0")
    opened.wait_for_timeout(200)
    assert map_of(opened, "map.plot.camera.state") == pytest.approx(before)
    box = map_of(opened, "map.overlay.boxes[0]")
    stage = opened.locator(".elmap-stage").bounding_box()
    opened.mouse.click(stage["x"] + box["x"], stage["y"] + box["y"])
    wait_drawn(opened, "standing")
    assert {row % GROUPS for row in map_of(opened, "[...map.selection]")} == {box["index"]}


def test_dragging_moves_the_map_and_recolouring_leaves_it_there(opened):
    stage = opened.locator(".elmap-stage").bounding_box()
    x, y = stage["x"] + 300, stage["y"] + 400
    under = map_of(opened, "map.plot.unproject(300, 400)")
    opened.mouse.move(x, y)
    opened.mouse.down()
    opened.mouse.move(x + 120, y + 60, steps=6)
    opened.mouse.up()
    half_a_pixel = 0.5 / map_of(opened, "map.plot.camera.scale")
    assert map_of(opened, "map.plot.unproject(420, 460)") == pytest.approx(under, abs=half_a_pixel)
    opened.mouse.wheel(0, -240)
    opened.wait_for_timeout(400)
    assert map_of(opened, "map.plot.unproject(420, 460)") == pytest.approx(under, abs=half_a_pixel)
    moved = map_of(opened, "map.plot.camera.state")
    assert moved["scale"] > map_of(opened, "map.plot.camera.home.scale")
    assert map_of(opened, "map.focus") is None
    opened.select_option("#colour", label="year")
    wait_drawn(opened, "colours")
    assert map_of(opened, "map.plot.camera.state") == moved


def test_two_fingers_move_and_zoom(opened):
    before = map_of(opened, "map.plot.camera.scale")
    opened.evaluate(
        """() => {
            const stage = document.querySelector(".elmap-stage");
            const { left, top } = stage.getBoundingClientRect();
            stage.setPointerCapture = () => {};
            const tell = (type, pointerId, x, y) => {
                const at = { clientX: left + x, clientY: top + y };
                stage.dispatchEvent(new PointerEvent(type, { pointerId, pointerType: "touch", bubbles: true, ...at }));
            };
            tell("pointerdown", 11, 200, 300);
            tell("pointerdown", 12, 300, 300);
            tell("pointermove", 12, 400, 300);
            tell("pointerup", 11, 200, 300);
            tell("pointerup", 12, 400, 300);
        }"""
    )
    assert map_of(opened, "map.plot.camera.scale") == pytest.approx(2 * before)
    assert map_of(opened, "map.gestures.pointers.size") == 0


def test_png_holds_points_names_and_legend(opened, tmp_path: Path):
    with opened.expect_download() as download:
        opened.locator("[data-tool=png]").click()
    path = tmp_path / "map.png"
    download.value.save_as(path)
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    size = map_of(opened, "[map.plot.width, map.plot.height]")
    assert (width, height) == (2 * (size[0] + 200), 2 * size[1])
    assert ink(data) > 100
    assert ink_in(data, map_of(opened, "map.overlay.boxes[0]")) > 20


def ink_in(data: bytes, box: dict[str, float]) -> int:
    """How many nearly black pixels a name's box has: its letters."""
    left, top = box["x"] - box["width"] / 2, box["y"] - box["height"] / 2
    part = (
        Image.open(io.BytesIO(data))
        .convert("L")
        .crop(tuple(int(2 * edge) for edge in (left, top, left + box["width"], top + box["height"])))
    )
    return sum(part.histogram()[:70])


def test_light_and_dark(new_page, address):
    page = new_page(color_scheme="dark")
    page.goto(address)
    wait_drawn(page)
    assert map_of(page, "map.theme.dark") is True
    dark = map_of(page, "map.colours[0]")
    page.locator("#theme").click()
    wait_drawn(page, "colours")
    assert map_of(page, "map.theme.dark") is False
    assert map_of(page, "map.colours[0]") != dark


def test_fits_a_phone(new_page, address):
    page = new_page(360, 740, has_touch=True, is_mobile=True)
    page.goto(address)
    wait_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    x, y = place_of(page, touchable(page))
    page.touchscreen.tap(x, y)
    page.locator("#panel .text").wait_for()
    assert page.locator(".elmap-entry").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_three_dimensions(new_page, tmp_path: Path):
    path = tmp_path / "deep.html"
    path.write_text(page_html(300, 3), encoding="utf-8")
    page = new_page()
    page.goto(path.as_uri())
    wait_drawn(page)
    assert page.locator("[data-tool=lasso]").is_disabled()
    at = map_of(page, "map.plot.projector()(map.points.x[9], map.points.y[9], map.points.z[9])")
    assert map_of(page, "map.plot.pick(argument[0], argument[1], 2)", at) >= 0
    map_of(page, "map.options.onClick(9)")
    assert page.locator("#panel li").count() == 10
    before = map_of(page, "map.overlay.boxes.map((box) => box.x)")
    stage = page.locator(".elmap-stage").bounding_box()
    page.mouse.move(stage["x"] + 300, stage["y"] + 300)
    page.mouse.down()
    page.mouse.move(stage["x"] + 400, stage["y"] + 320, steps=5)
    page.mouse.up()
    page.wait_for_timeout(700)
    assert map_of(page, "map.overlay.boxes.map((box) => box.x)") != before
    with page.expect_download() as download:
        page.locator("[data-tool=png]").click()
    assert ink(Path(download.value.path()).read_bytes()) > 100


@pytest.mark.parametrize("renderer", ["webgl", "pixels"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_both_ways_to_draw_show_the_same(new_page, tmp_path: Path, renderer: str, dimensions: int):
    path = tmp_path / "map.html"
    path.write_text(page_html(300, dimensions), encoding="utf-8")
    page = new_page()
    page.add_init_script(f"window.embedlabRenderer = '{renderer}'")
    page.goto(path.as_uri())
    wait_drawn(page)
    assert (
        map_of(page, "map.plot.renderer.constructor.name")
        == {"webgl": "GlRenderer", "pixels": "PixelRenderer"}[renderer]
    )
    map_of(page, "map.setLabels([])")
    page.wait_for_timeout(100)
    shown = Image.open(io.BytesIO(page.locator(".elmap-plot").screenshot())).convert("RGB")
    for row in (40, 100, 222):
        place = "map.plot.projector()(...['x', 'y', 'z'].map((axis) => map.points[axis] && map.points[axis][argument]))"
        x, y = map_of(page, place, row)
        on_top = map_of(page, "map.plot.pick(argument[0], argument[1], 1.5)", [x, y])
        packed = map_of(page, "map.colours[argument]", on_top)
        wanted = np.array([packed & 255, packed >> 8 & 255, packed >> 16 & 255])
        assert np.abs(np.array(shown.getpixel((round(x), round(y)))) - wanted).max() < 70, row


def test_a_lost_graphics_context_is_drawn_again(new_page, address):
    page = new_page()
    page.add_init_script("window.embedlabRenderer = 'webgl'")
    page.goto(address)
    wait_drawn(page)
    map_of(page, "map.plot.renderer.gl.getExtension('WEBGL_lose_context').loseContext()")
    wait_drawn(page, "colours")
    assert ink(page.locator(".elmap-plot").screenshot()) > 100
    page.problems.clear()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_very_few_points(new_page, tmp_path: Path, count: int):
    points = Points(np.zeros((count, 2), dtype=np.float32), ["same"] * count)
    path = tmp_path / "few.html"
    path.write_text(map_html(points, {}, title="few"), encoding="utf-8")
    page = new_page()
    page.goto(path.as_uri())
    wait_drawn(page)
    page.locator("[data-tool=in]").click()
    page.fill("#search", "same")
    page.wait_for_timeout(300)
    assert page.locator("#count").inner_text() == ("1 text" if count == 1 else f"{count} texts")
