"""The stand-alone map with up to a million points in a browser, beside Plotly's own page of the same points."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from plotly.graph_objects import Figure, Scattergl

from benchmarks.browsing import (
    chromium,
    circle_around,
    draw,
    drawn,
    free_rows,
    on_map,
    opened,
    place_of,
    took,
    wait_drawn,
    wait_on_map,
    wait_still,
)
from benchmarks.report import Table, ratio, seconds
from benchmarks.setting import Setting
from embedlab.corpus import Column
from embedlab.figures.charts import chart_of
from embedlab.figures.colouring import by_category, by_number
from embedlab.figures.map import MapLabel, Points
from embedlab.figures.map_view import map_html

GROUPS = 60
TOUCHES = 5
# Whether the last drawing is of where one looks now, and not the one before it, moved.
_SETTLED = "map.plot.seen && map.plot.seen.x === map.plot.camera.x && map.plot.seen.scale === map.plot.camera.scale"

Measured = dict[str, list[float]]


def browser_20k(setting: Setting) -> Table:
    """Compare the pages with 20,000 points."""
    return _beside_plotly(setting, 20_000)


def browser_100k(setting: Setting) -> Table:
    """Compare the pages with 100,000 points."""
    return _beside_plotly(setting, 100_000)


def browser_1m(setting: Setting) -> Table:
    """Compare the pages with a million points."""
    return _beside_plotly(setting, 1_000_000)


def _beside_plotly(setting: Setting, count: int) -> Table:
    """Open both pages in turn and do the same on each."""
    points = _points(count)
    pages = {"embedlab": setting.scratch / "map.html", "plotly": setting.scratch / "plotly.html"}
    pages["embedlab"].write_text(_own_page(points), encoding="utf-8")
    pages["plotly"].write_text(_plotly_page(points), encoding="utf-8")
    own: Measured = {}
    plain: Measured = {}
    with chromium() as browser:
        for _ in range(setting.runs):
            with opened(browser) as page:
                _on_own(page, pages["embedlab"], count, own)
            with opened(browser) as page:
                _on_plotly(page, pages["plotly"], points, plain)
    rows = [
        (name, seconds(times), seconds(plain[name]) if name in plain else "", _ratio(times, plain.get(name)))
        for name, times in own.items()
    ]
    sizes = {name: path.stat().st_size / 1e6 for name, path in pages.items()}
    rows.append(("size of the file", f"{sizes['embedlab']:.1f} MB", f"{sizes['plotly']:.1f} MB", ""))
    note = (
        "Drawn in software: a graphics card does better. Plotly's page shows the same texts, without search, names or "
        "charts. Moving and zooming end when all points are drawn where one looks."
    )
    return Table((f"{count:,} points", "embedlab", "Plotly's own page", "Ratio"), tuple(rows), (note,))


def _points(count: int) -> Points:
    rng = np.random.default_rng(0)
    codes = rng.integers(GROUPS, size=count)
    positions = rng.normal(scale=8, size=(GROUPS, 2))[codes] + rng.normal(size=(count, 2))
    told = "" if count > 100_000 else ", about as long as a title."
    texts = [f"Text {row} of group {code}{told}" for row, code in enumerate(codes)]
    groups = np.array([f"group {code}" for code in codes], dtype=object)
    columns = (
        Column("group", "category", groups),
        Column("year", "number", 1990.0 + codes),
        Column("length", "number", rng.lognormal(4, 0.6, size=count)),
        Column("score", "number", rng.normal(size=count)),
    )
    return Points(positions.astype(np.float32), texts, columns)


def _own_page(points: Points) -> str:
    group, year, *_ = points.columns
    colourings = {"group": by_category(group, points.positions), "year": by_number(year)}
    labels = []
    for name in sorted(set(group.values)):
        inside = points.positions[group.values == name]
        x, y = map(float, inside.mean(axis=0))
        labels.append(MapLabel(name, x, y, size=float(len(inside))))
    charts = [chart_of(column, str(at)) for at, column in enumerate(points.columns)]
    return map_html(points, colourings, labels, title=f"{len(points):,} points", charts=charts)


def _plotly_page(points: Points) -> str:
    x, y = points.positions.T
    colours = points.columns[1].values
    trace = Scattergl(x=x, y=y, mode="markers", text=points.texts, marker={"size": 3, "color": colours})
    figure = Figure(trace, {"dragmode": "pan", "width": 1300, "height": 850})
    page: str = figure.to_html(include_plotlyjs=True, config={"scrollZoom": True}, div_id="figure")
    return page


def _note(measured: Measured, name: str, took_: float) -> None:
    measured.setdefault(name, []).append(took_)


# --- embedlab's page -----------------------------------------------------------------------------


def _on_own(page: Any, path: Path, count: int, measured: Measured) -> None:
    _note(measured, "opened and drawn", took(page, lambda: page.goto(path.as_uri()), lambda: wait_still(page)))
    _note(measured, "of it drawing", page.evaluate("performance.getEntriesByName('map:points')[0].duration / 1000"))
    middle = on_map(page, "[map.plot.width / 2, map.plot.height / 2]")
    box = page.locator(".elmap-stage").bounding_box()
    centre = box["x"] + middle[0], box["y"] + middle[1]
    for row in free_rows(page, TOUCHES):
        _note(measured, "hover, the text shown", _hover(page, row))
    for _ in range(TOUCHES):
        _note(measured, "zoom by the wheel", _moved(page, centre, lambda: page.mouse.wheel(0, -120)))
    page.keyboard.press("Escape")
    for step in range(TOUCHES):
        page.mouse.move(*centre)
        page.mouse.down()
        _note(measured, "drag by 60 pixels", _moved(page, centre, partial(_drag, page, centre, step)))
        page.mouse.up()
        page.wait_for_timeout(300)
    page.locator("[data-tool=home]").click()
    wait_still(page)
    for name in ("year", "group") * 2:
        _note(measured, "recolour", _redrawn(page, partial(page.select_option, "#colour", label=name), "colours"))
    page.locator("[data-tool=lasso]").click()
    for row in range(TOUCHES):
        draw(page, circle_around(page, row, count // 5))
        _note(measured, "lasso, a fifth of the points", _redrawn(page, page.mouse.up, "standing"))
    _brushed(page, measured)


def _brushed(page: Any, measured: Measured) -> None:
    """Brush a histogram while the other charts follow."""
    chart = page.locator(".elmap-histogram").last
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 20)
    page.mouse.down()
    for step in range(TOUCHES):
        to = box["x"] + box["width"] * (0.4 + 0.08 * step)
        moved = partial(page.mouse.move, to, box["y"] + 20)
        _note(measured, "brush a histogram, all charts drawn", _redrawn(page, moved, "standing"))
    page.mouse.up()


def _hover(page: Any, row: int) -> float:
    page.mouse.move(5, 5)
    place = place_of(page, row)
    page.wait_for_timeout(100)
    return took(page, lambda: page.mouse.move(*place), page.locator(".elmap-tooltip").wait_for)


def _moved(page: Any, at: tuple[float, float], act: Callable[[], object]) -> float:
    page.mouse.move(*at)
    before = on_map(page, "map.plot.camera.x + map.plot.camera.scale")
    moved = f"map.plot.camera.x + map.plot.camera.scale !== argument && {_SETTLED}"
    seconds_ = took(page, act, lambda: wait_on_map(page, moved, before))
    page.wait_for_timeout(300)
    return seconds_


def _drag(page: Any, centre: tuple[float, float], step: int) -> None:
    page.mouse.move(centre[0] + (60 if step % 2 else -60), centre[1])


def _redrawn(page: Any, act: Callable[[], object], what: str) -> float:
    before = drawn(page, what)
    return took(page, act, lambda: wait_drawn(page, what, before + 1))


# --- Plotly's page -------------------------------------------------------------------------------

_PLOT = "document.getElementById('figure')"


def _on_plotly(page: Any, path: Path, points: Points, measured: Measured) -> None:
    ready = f"{_PLOT} && {_PLOT}._fullLayout && document.querySelector('.gl-canvas-context')"
    _note(measured, "opened and drawn", _until(page, lambda: page.goto(path.as_uri()), ready))
    page.evaluate(f"() => {{ {_PLOT}.on('plotly_hover', () => {{ window.hovered = true; }}); }}")
    for row in range(TOUCHES):
        page.mouse.move(5, 5)
        page.evaluate("window.hovered = false")
        place = _place_on_plotly(page, points, row)
        page.wait_for_timeout(100)
        _note(
            measured,
            "hover, the text shown",
            _until(page, partial(page.mouse.move, *place), "window.hovered"),
        )
    box = page.locator("#figure").bounding_box()
    centre = box["x"] + 600, box["y"] + 420
    for _ in range(TOUCHES):
        page.mouse.move(*centre)
        zoomed = f"{_PLOT}._fullLayout.xaxis.range[0] !== {_left(page)}"
        _note(measured, "zoom by the wheel", _until(page, lambda: page.mouse.wheel(0, -120), zoomed))
        page.wait_for_timeout(500)
    for step in range(TOUCHES):
        page.mouse.move(*centre)
        page.mouse.down()
        moved = f"{_PLOT}._fullLayout.xaxis.range[0] !== {_left(page)}"
        _note(measured, "drag by 60 pixels", _until(page, partial(_drag, page, centre, step), moved))
        page.mouse.up()
        page.wait_for_timeout(500)
    codes = [int(value) for value in points.columns[1].values]
    for run in range(4):
        colours = codes if run % 2 else codes[::-1]
        page.evaluate("(colours) => { window.colours = colours; window.done = false; }", colours)
        restyle = f"Plotly.restyle({_PLOT}, {{'marker.color': [colours]}}).then(() => {{ window.done = true; }})"
        act = lambda restyle=restyle: page.evaluate(f"() => {{ {restyle}; }}")  # noqa: E731
        _note(measured, "recolour", _until(page, act, "window.done"))


def _until(page: Any, act: Callable[[], object], condition: str) -> float:
    return took(page, act, lambda: page.wait_for_function(condition))


def _left(page: Any) -> float:
    left: float = page.evaluate(f"{_PLOT}._fullLayout.xaxis.range[0]")
    return left


def _place_on_plotly(page: Any, points: Points, row: int) -> tuple[float, float]:
    x, y = map(float, points.positions[row])
    right, down = page.evaluate(
        f"""([x, y]) => {{
            const {{ xaxis, yaxis }} = {_PLOT}._fullLayout;
            const box = {_PLOT}.getBoundingClientRect();
            return [box.x + xaxis._offset + xaxis.l2p(x), box.y + yaxis._offset + yaxis.l2p(y)];
        }}""",
        [x, y],
    )
    return right, down


def _ratio(ours: list[float], others: list[float] | None) -> str:
    return ratio(ours, others) if others else ""
