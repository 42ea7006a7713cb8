"""What is left of the texts after many touches: one step of undo for each, and nothing that stays behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedlab.corpus import Column
from embedlab.figures.charts import by_colouring, chart_of
from embedlab.figures.colouring import by_codes
from embedlab.figures.map import MapLabel, Points
from embedlab.figures.map_view import map_html
from tests.browser.conftest import map_of, wait_drawn, wait_on_map

COUNT = 120
PICTURE = """(() => {
    const { canvas } = map.plot;
    const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
    const pen = copy.getContext("2d");
    pen.drawImage(canvas, 0, 0);
    return pen.getImageData(0, 0, copy.width, copy.height).data.some((part) => part > 0);
})()"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Twelve by ten places; `number` runs from 0 to 119; of `kind`, value 20 is had by the last six texts only."""
    rows = np.arange(COUNT)
    kinds = np.array([f"kind {min(row // 6, 19) if row < 114 else 20}" for row in rows], dtype=object)
    columns = (Column("number", "number", rows.astype(float)), Column("kind", "category", kinds))
    places = np.stack([rows % 12, rows // 12], axis=1).astype(np.float32)
    points = Points(places, [f"text {row}" for row in rows], columns)
    codes = rows // 60
    clusters = by_codes("Clusters", codes, ["low", "high"])
    labels = [MapLabel.amid(name, points.positions[codes == at], 60.0, at) for at, name in enumerate(["low", "high"])]
    charts = [by_colouring("clusters", clusters), *(chart_of(one, one.name) for one in columns)]
    path: Path = tmp_path_factory.mktemp("html") / "map.html"
    path.write_text(map_html(points, {"Clusters": clusters}, labels, title="t", charts=charts), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(new_page: Any, address: str) -> Any:
    page = new_page()
    page.goto(address)
    wait_drawn(page)
    return page


def pulled(page: Any, start: float, end: float) -> None:
    """Brush the histogram from one share of its width to another, in many small moves."""
    box = page.locator(".elmap-histogram").first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], y, steps=15)
    page.mouse.up()


def test_one_pull_of_a_brush_is_one_step_of_undo(opened: Any) -> None:
    pulled(opened, 0.1, 0.6)
    left = map_of(opened, "map.filters.count")
    assert 50 < left < 90
    assert map_of(opened, "map.history.length") == 1
    pulled(opened, 0.3, 0.4)  # the same brush, moved
    assert map_of(opened, "map.history.length") == 2
    opened.locator(".elmap-undo").click()
    assert map_of(opened, "map.filters.count") == left
    opened.locator(".elmap-undo").click()
    assert map_of(opened, "map.filters.passing") is None


def test_a_range_is_said_from_its_first_value_to_its_last(opened: Any) -> None:
    pulled(opened, 0.01, 0.99)
    opened.wait_for_function("() => document.querySelector('.elmap-chip-words')?.textContent === 'number: 0 to 120'")


def test_what_is_found_stays_when_the_page_selects_and_lets_go(opened: Any) -> None:
    map_of(opened, "map.setFound(Int32Array.of(3, 70, 90), 'it')")
    map_of(opened, "map.setSelection('one', Uint8Array.from({ length: 120 }, (_, row) => +(row < 80)))")
    assert map_of(opened, "map.filters.count") == 2
    map_of(opened, "map.setSelection('', null)")
    assert map_of(opened, "[...map.selection]") == [3, 70, 90]
    map_of(opened, "map.undo()")
    assert map_of(opened, "[...map.selection]") == [3, 70]
    map_of(opened, "map.setFound(null)")
    assert map_of(opened, "map.selection.length") == 80
    map_of(opened, "map.undo()")
    assert map_of(opened, "map.selection") is None


def test_undo_does_not_filter_by_the_numbers_of_other_clusters(opened: Any) -> None:
    map_of(opened, "map.filter('clusters', { codes: [0] })")
    map_of(opened, "map.filter('clusters', null)")
    assert map_of(opened, "map.history.length") == 2
    others = "map.charts.map((chart) => (chart.id === 'clusters' ? { ...chart, key: 'finer', totals: null } : chart))"
    map_of(opened, f"map.setCharts({others})")
    map_of(opened, "map.undo()")
    assert map_of(opened, "map.selection") is None
    assert map_of(opened, "map.history.length") == 0


def test_a_chart_shows_the_values_that_are_left_however_few_texts_have_them(opened: Any) -> None:
    shown = "[...document.querySelectorAll('.elmap-name')].map((one) => one.textContent)"
    assert "kind 20" not in opened.evaluate(shown)
    map_of(opened, "map.filter('number', { from: map.charts[1].bins - 2, to: map.charts[1].bins - 1 })")
    opened.wait_for_function(f"() => {shown}.includes('kind 20')")


def test_names_without_a_text_that_stands_out_give_way(opened: Any) -> None:
    assert map_of(opened, "map.quiet") is None
    map_of(opened, "map.filter('number', { from: 0, to: 3 })")
    wait_on_map(opened, "JSON.stringify(map.quiet) === '[false,true]'")


def test_a_text_without_a_place_is_nowhere_in_view(opened: Any) -> None:
    assert map_of(opened, "map.plot.inView(1000).length") == COUNT
    map_of(opened, "map.points.x.fill(NaN, 5, 7)")
    assert map_of(opened, "map.plot.inView(1000).length") == COUNT - 2


def test_the_map_is_drawn_by_hand_where_the_graphics_card_refuses_or_keeps_failing(new_page: Any, address: str) -> None:
    refused = new_page()
    refused.add_init_script(
        "window.embedlabRenderer = 'webgl';"
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "  return kind === 'webgl2' ? null : get.call(this, kind, ...more); };"
    )
    refused.goto(address)
    wait_drawn(refused)
    assert map_of(refused, PICTURE)
    failing = new_page()
    failing.add_init_script("window.embedlabRenderer = 'webgl'")
    failing.goto(address)
    wait_drawn(failing)
    for times in range(1, 4):
        map_of(failing, "map.plot.renderer.gl.getExtension('WEBGL_lose_context').loseContext()")
        wait_on_map(failing, f"map.losses === {times} && map.plot.drawn === map.points")
    assert map_of(failing, "map.plot.renderer.constructor.name") == "PixelRenderer"
    assert map_of(failing, PICTURE)


def test_a_single_text_says_its_words_rather_than_its_cluster(new_page: Any, tmp_path: Path) -> None:
    points = Points(np.zeros((1, 2), dtype=np.float32), ["the only one"])
    labels = [MapLabel("only", 0.0, 0.0, size=1.0, code=0)]
    (tmp_path / "map.html").write_text(map_html(points, {}, labels, title="t"), encoding="utf-8")
    page = new_page()
    page.goto((tmp_path / "map.html").as_uri())
    wait_on_map(page, "map.words.length === 1 && map.words[0].text === 'the only one'")
    assert map_of(page, "map.labels.length") == 0
