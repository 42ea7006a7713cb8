"""A headless Chromium, and what one does on a map in it."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.setting import Missing

# Software WebGL, and nothing that goes to the network by itself.
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 240_000
DESKTOP = {"width": 1400, "height": 950}

_MAP = "[...document.querySelectorAll('.elmap')].map((one) => one.embedlabMap).find(Boolean)"
_STILL = (
    "map && map.points && map.plot.drawn === map.points && !map.scheduled && !map.waiting.size "
    "&& !map.stage.classList.contains('elmap-moving')"
)
# Reading one pixel makes the browser finish what it was told to draw.
_PAINTED = """async () => {
    const canvases = [...document.querySelectorAll('.gl-canvas-context, .elmap-plot canvas')];
    const contexts = canvases.map((one) => one.getContext('webgl2') || one.getContext('webgl')).filter(Boolean);
    for (const gl of contexts) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Run a browser until the block ends. Raises `Missing`."""
    path = shutil.which("chromium")
    if path is None:
        raise Missing("It needs a browser: install Chromium so that the command “chromium” is found.")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        raise Missing("It needs playwright: install requirements-dev.txt.") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(browser: Any, **options: Any) -> Iterator[Any]:
    """Open a page with an empty cache until the block ends."""
    context = browser.new_context(**({"viewport": DESKTOP} | options))
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


def on_map(page: Any, script: str, argument: Any = None) -> Any:
    """Run JavaScript with `map`, the page's map object, and `argument`."""
    return page.evaluate(f"(argument) => {{ const map = {_MAP}; return ({script}); }}", argument)


def wait_on_map(page: Any, condition: str, argument: Any = None) -> None:
    """Wait until JavaScript with `map` and `argument` is true."""
    page.wait_for_function(f"(argument) => {{ const map = {_MAP}; return ({condition}); }}", arg=argument)


def wait_still(page: Any) -> None:
    """Wait until the map has drawn all that it was told to draw."""
    wait_on_map(page, _STILL)
    painted(page)


def painted(page: Any) -> None:
    """Wait until the next frame is on the screen, with all that WebGL was told to draw."""
    page.evaluate(_PAINTED)


def wait_finished(page: Any) -> None:
    """Wait until the app shows its finished map: UMAP's layout, and how far to trust it."""
    page.get_by_text("rust this map").first.wait_for()
    wait_still(page)


def wait_drawn(page: Any, what: str, times: int) -> None:
    """Wait until the map has drawn `what` (points, colours, standing, size, over) at least `times` times."""
    page.wait_for_function(f"performance.getEntriesByName('map:{what}').length >= {times}")


def drawn(page: Any, what: str) -> int:
    """Return how often the map has drawn `what`."""
    count: int = page.evaluate(f"performance.getEntriesByName('map:{what}').length")
    return count


def took(page: Any, act: Callable[[], object], until: Callable[[], object]) -> float:
    """Return the seconds from an action to the frame after `until` returns."""
    start = time.perf_counter()
    act()
    until()
    painted(page)
    return time.perf_counter() - start


def place_of(page: Any, row: int) -> tuple[float, float]:
    """Return where a row's point is in the window, in pixels."""
    x, y = on_map(page, "map.plot.projector()(map.points.x[argument], map.points.y[argument])", row)
    box = page.locator(".elmap-stage").first.bounding_box()
    return box["x"] + x, box["y"] + y


def free_rows(page: Any, count: int) -> list[int]:
    """Return rows from all over the map whose points can be touched: no name or button lies over them."""
    rows: list[int] = on_map(
        page,
        """(() => {
            const { x, y, count } = map.points;
            const box = map.stage.getBoundingClientRect();
            const project = map.plot.projector();
            const free = (row) => {
                const [right, down] = project(x[row], y[row]);
                const inside = right > 0 && down > 0 && right < map.plot.width && down < map.plot.height;
                const over = document.elementFromPoint(box.left + right, box.top + down);
                const clear = over && map.stage.contains(over) && !over.closest(".elmap-toolbar");
                return inside && clear && map.overlay.labelAt(right, down) < 0;
            };
            const step = Math.max(1, Math.floor(count / (20 * argument)));
            const tried = Array.from({ length: Math.ceil(count / step) }, (_, at) => at * step);
            return tried.filter(free).slice(0, argument);
        })()""",
        count,
    )
    return rows


def circle_around(page: Any, row: int, count: int, corners: int = 24) -> list[tuple[float, float]]:
    """Return a path in the window around the `count` points nearest to a row's; it stays inside the map."""
    path = on_map(
        page,
        """(() => {
            const [row, count, corners] = argument;
            const { x, y } = map.points;
            const away = Float64Array.from(x, (_, at) => Math.hypot(x[at] - x[row], y[at] - y[row]));
            const reach = away.slice().sort()[Math.min(count, x.length - 1)];
            const project = map.plot.projector();
            const { width, height } = map.plot;
            const kept = (value, end) => Math.min(end - 2, Math.max(2, value));
            return Array.from({ length: corners }, (_, at) => {
                const turn = (2 * Math.PI * at) / corners;
                const [right, down] = project(x[row] + reach * Math.cos(turn), y[row] + reach * Math.sin(turn));
                return [kept(right, width), kept(down, height)];
            });
        })()""",
        [row, count, corners],
    )
    box = page.locator(".elmap-stage").first.bounding_box()
    return [(box["x"] + right, box["y"] + down) for right, down in path]


def draw(page: Any, path: list[tuple[float, float]]) -> None:
    """Press the mouse at the start of a path and draw it; the button stays down."""
    page.mouse.move(*path[0])
    page.mouse.down()
    for corner in path[1:]:
        page.mouse.move(*corner)
