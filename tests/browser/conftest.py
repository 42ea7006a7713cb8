"""A real browser, and a Streamlit server for a script of the test's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
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
# On a deep link Streamlit looks for its server under the page's path first.
HARMLESS = ("/_stcore/",)
# Each place for a map in the page, with what is known of the map that is, or was, in it.
HOW_MAPS_ARE = """() => [...document.querySelectorAll(".embedlab-map")].map((place) => {
    const map = place.embedlabMap;
    const { points, colouring, plot, waiting, gone, losses } = map || {};
    return {
        shown: place.childElementCount, size: [place.clientWidth, place.clientHeight], map: Boolean(map),
        points: points?.count, colours: Boolean(colouring), drawn: Boolean(plot?.drawn) && plot.drawn === points,
        room: [plot?.width, plot?.height], waiting: [...(waiting || [])], gone, losses,
    };
})"""


APP = """
import streamlit as st

from pages.app.served import routes

app = st.App("main.py", routes=routes())
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is needed for the browser tests")
    pytest.skip(f"{what} is not installed")


def _told(message: Any) -> str:
    return f"{message.text} {message.location.get('url', '')}"


def _is_problem(message: Any) -> bool:
    if "Too many active WebGL contexts" in message.text:
        return True
    return message.type == "error" and not any(known in _told(message) for known in HARMLESS)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A running Chromium; the test is skipped without one, and fails in CI.

    One a module: while it runs, no other test can use Playwright in its own way.
    """
    path = shutil.which("chromium")
    if path is None:
        _missing("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        _missing("playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages whose errors make the test fail."""
    contexts, problems = [], []

    def open_page(width: int = 1280, height: int = 800, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: problems.append(error.stack or str(error)))
        page.on("console", lambda message: problems.append(_told(message)) if _is_problem(message) else None)
        page.problems = problems
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Starts Streamlit on a script, with the app's own routes, and returns its address."""
    servers = []

    def start(script: str, *options: str) -> str:
        folder = tmp_path_factory.mktemp("app")
        (folder / "main.py").write_text(script, encoding="utf-8")
        (folder / "app.py").write_text(APP, encoding="utf-8")
        port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
        settings = {
            "server.headless": "true",
            "server.address": "localhost",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        command += [f"--{name}={value}" for name, value in settings.items()] + [*options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "EMBEDLAB_HOME": str(folder / "home")}
        with (folder / "log").open("wb") as log:
            servers.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT))
        address = f"http://localhost:{port}"
        base = next((option.split("=")[1] for option in options if "baseUrlPath" in option), "")
        wait_for_server(f"{address}/{base}/_stcore/health".replace("//_", "/_"), folder / "log")
        return address

    yield start
    for server in servers:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


def wait_for_server(url: str, log: Path) -> None:
    """Wait until `url` answers; the test fails with the server's log if it never does."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"Streamlit did not start: {log.read_text()}")


def wait_drawn(page: Any, what: str = "points", times: int = 1, name: str = "map") -> None:
    """Wait until the map has drawn `what` at least `times` times; the test fails with how the maps are otherwise."""
    wait_for_maps(page, f"() => performance.getEntriesByName('{name}:{what}').length >= {times}")


def wait_for_maps(page: Any, condition: str, argument: Any = None, **options: Any) -> None:
    """Wait until JavaScript is true; the test fails with how the maps are if it doesn't become so."""
    try:
        page.wait_for_function(condition, arg=argument, **options)
    except Exception as error:
        raise AssertionError(f"not so: {condition}; the maps: {page.evaluate(HOW_MAPS_ARE)}") from error


def map_of(page: Any, script: str, argument: Any = None) -> Any:
    """Run JavaScript with `map`, the page's map object, and `argument`."""
    return page.evaluate(_on_map(script), argument)


def wait_on_map(page: Any, condition: str) -> None:
    """Wait until JavaScript with `map`, the page's map object, is true: the text beside a map may come before it."""
    page.wait_for_function(_on_map(condition))


def _on_map(script: str) -> str:
    find = "[...document.querySelectorAll('.elmap')].map((one) => one.embedlabMap).find(Boolean)"
    return f"(argument) => {{ const map = {find}; return ({script}); }}"


def place_of(page: Any, row: int) -> tuple[float, float]:
    """Where a row's point is on the screen, in pixels."""
    x, y = map_of(page, "map.plot.projector()(map.points.x[argument], map.points.y[argument])", row)
    box = page.locator(".elmap-stage").bounding_box()
    return box["x"] + x, box["y"] + y


@pytest.fixture(scope="session")
def app(minilm_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running app whose data folder already holds the converted model."""
    port = free_port()
    log = tmp_path_factory.mktemp("app") / "log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    with log.open("wb") as file:
        server = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "EMBEDLAB_HOME": str(minilm_home)}, stdout=file, stderr=file
        )
    wait_for_server(f"http://localhost:{port}/_stcore/health", log)
    yield f"http://localhost:{port}"
    server.terminate()
    server.wait(10)
    assert "Traceback" not in log.read_text(encoding="utf-8")


@pytest.fixture
def visit(app: str, new_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens a page of the app; every request must stay on this machine."""

    def open_page(path: str = "/", **options: Any) -> Any:
        page = new_page(1400, 950, **options)
        page.on("request", lambda request: _local(page, request.url))
        page.goto(app + path)
        return page

    return open_page


def _local(page: Any, url: str) -> None:
    if not url.startswith(("http://localhost", "ws://localhost", "data:", "blob:")):
        page.problems.append(f"a request left this machine: {url}")
