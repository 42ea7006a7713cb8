"""The stand-alone map with 100,000 points in a browser, beside Plotly's own page of the same points."""

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
from embedlab.figures.colouring import by_category, by_number
from embedlab.figures.map import MapLabel, Points
from embedlab.figures.map_view import map_html

POINTS = 100_000
GROUPS = 60
ENCLOSED = 20_000
TOUCHES = 5

Measured = dict[str, list[float]]


def browser_100k(setting: Setting) -> Table:
    """Open both pages in turn and do the same on each."""
    points = _points()
    pages = {"embedlab": setting.scratch / "map.html", "plotly": setting.scratch / "plotly.html"}
    pages["embedlab"].write_text(_own_page(points), encoding="utf-8")
    pages["plotly"].write_text(_plotly_page(points), encoding="utf-8")
    own: Measured = {}
    plain: Measured = {}
    with chromium() as browser:
        for _ in range(setting.runs):
            with opened(browser) as page:
                _on_own(page, pages["embedlab"], own)
            with opened(browser) as page:
                _on_plotly(page, pages["plotly"], points, plain)
    rows = [
        (name, seconds(times), seconds(plain[name]) if name in plain else "", _ratio(times, plain.get(name)))
        for name, times in own.items()
    ]
    sizes = {name: path.stat().st_size / 1e6 for name, path in pages.items()}
    rows.append(("size of the file", f"{sizes['embedlab']:.1f} MB", f"{sizes['plotly']:.1f} MB", ""))
    note = (
        "Drawn in software: a graphics card does better. Plotly's page shows the same texts, without search or names."
    )
    return Table((f"{POINTS:,} points", "embedlab", "Plotly's own page", "Ratio"), tuple(rows), (note,))


def _points() -> Points:
    rng = np.random.default_rng(0)
    codes = rng.integers(GROUPS, size=POINTS)
    positions = rng.normal(scale=8, size=(GROUPS, 2))[codes] + rng.normal(size=(POINTS, 2))
    texts = [f"Text number {row} of the group {code}, about as long as a title." for row, code in enumerate(codes)]
    groups = np.array([f"group {code}" for code in codes], dtype=object)
    columns = (Column("group", "category", groups), Column("year", "number", 1990.0 + codes))
    return Points(positions.astype(np.float32), texts, columns)


def _own_page(points: Points) -> str:
    group, year = points.columns
    colourings = {"group": by_category(group, points.positions), "year": by_number(year)}
    labels = []
    for name in sorted(set(group.values)):
        inside = points.positions[group.values == name]
        x, y = map(float, inside.mean(axis=0))
        labels.append(MapLabel(name, x, y, size=float(len(inside))))
    return map_html(points, colourings, labels, title="100,000 points")


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


def _on_own(page: Any, path: Path, measured: Measured) -> None:
    _note(measured, "opened and drawn", took(page, lambda: page.goto(path.as_uri()), lambda: wait_still(page)))
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
        _note(measured, "recolour", _redrawn(page, partial(page.select_option, "#colour", label=name)))
    page.locator("[data-tool=lasso]").click()
    for row in range(TOUCHES):
        draw(page, circle_around(page, row, ENCLOSED))
        _note(measured, f"lasso, about {ENCLOSED:,} points", _redrawn(page, page.mouse.up))


def _hover(page: Any, row: int) -> float:
    page.mouse.move(5, 5)
    place = place_of(page, row)
    page.wait_for_timeout(100)
    return took(page, lambda: page.mouse.move(*place), page.locator(".elmap-tooltip").wait_for)


def _moved(page: Any, at: tuple[float, float], act: Callable[[], object]) -> float:
    page.mouse.move(*at)
    before = on_map(page, "map.plot.view.x[0]")
    seconds_ = took(page, act, lambda: wait_on_map(page, "map.plot.view.x[0] !== argument", before))
    page.wait_for_timeout(300)
    return seconds_


def _drag(page: Any, centre: tuple[float, float], step: int) -> None:
    page.mouse.move(centre[0] + (60 if step % 2 else -60), centre[1])


def _redrawn(page: Any, act: Callable[[], object]) -> float:
    before = drawn(page, "colours")
    return took(page, act, lambda: wait_drawn(page, "colours", before + 1))


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
