"""The page that compares models, with three of them and 10,000 texts, in a browser."""

from __future__ import annotations

import csv
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.browsing import chromium, free_rows, opened, painted, place_of, wait_still
from benchmarks.processes import served, timed
from benchmarks.report import Table, met, milliseconds
from benchmarks.setting import ROOT, Setting

TEXTS = 10_000
MODELS = ("all-MiniLM-L6-v2", "wordllama", "tf-idf")
COMPLETE, LIMIT, MEMORY = 20.0, 0.5, 2e9
TALL = {"width": 1400, "height": 1300}
SECTIONS = {
    "Disagreements": "Pairs whose likeness changed most",
    "Numbers": "What the measures mean",
    "Cost": "which of them are worth their cost",
    "Report": "Report as a web page",
    "Side by side": "is laid onto that of",
}
_IDLE = """() => document.querySelector('[data-test-script-state=notRunning]')
    && !document.querySelector('[data-testid=stProgress], [data-stale=true]')"""


def compare_page_10k(setting: Setting) -> Table:
    """Open the page in a new server, vectors stored, and touch it; each run is a new server and a new browser."""
    file = _first(setting, setting.file("arxiv_titles_20k.csv"))
    state = setting.shared()
    for model in MODELS[:2]:
        command = [sys.executable, "-m", "embedlab", "embed", str(file), "--text", "text", "--model", model]
        timed([*command, "--out", str(setting.scratch / f"{model}.npy")], state.environment)
    complete: list[float] = []
    peaks: list[float] = []
    touches: dict[str, list[float]] = {}
    with chromium() as browser:
        for _ in range(setting.runs):
            with (
                served(ROOT, state.environment, setting.scratch / "streamlit.log") as server,
                opened(browser, viewport=TALL) as page,
            ):
                _bring(page, server.address, file)
                complete.append(_complete(page))
                for name, act, seen in _touches(page):
                    touches.setdefault(name, []).append(_touched(page, act, seen))
                peaks.append(server.peak)
    shown = f"{statistics.median(complete):.1f} s"
    rows = [("page complete", shown, f"{COMPLETE:.0f} s", met(statistics.median(complete) <= COMPLETE))]
    rows += [
        (name, milliseconds(times), f"{1000 * LIMIT:.0f} ms", met(statistics.median(times) <= LIMIT))
        for name, times in touches.items()
    ]
    most = max(peaks)
    rows.append(("server's memory at its peak", f"{most / 1e9:.2f} GB", f"{MEMORY / 1e9:.0f} GB", met(most < MEMORY)))
    note = (
        f"{TEXTS:,} titles; {', '.join(MODELS)}. Complete: from the click on the page's name, the choice of the third "
        "model included, until both maps are laid out and drawn and nothing is being computed. A touch: until what was "
        "asked for is on the screen and the app is at rest."
    )
    return Table(("", "Seen", "Target", "Met"), tuple(rows), (note,))


def _first(setting: Setting, source: Path) -> Path:
    target = setting.folder("compared") / f"first {TEXTS:,} titles.csv"
    with source.open(encoding="utf-8", newline="") as lines, target.open("w", encoding="utf-8", newline="") as kept:
        csv.writer(kept).writerows(row for number, row in enumerate(csv.reader(lines)) if number <= TEXTS)
    return target


def _bring(page: Any, address: str, file: Path) -> None:
    """Upload the texts; the app then has them, and no map of them yet."""
    page.goto(f"{address}/texts")
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_role("button", name="Map ").first.wait_for()
    _rest(page)
    page.get_by_role("button", name="Map ").first.click()
    page.get_by_role("heading", name="Map").first.wait_for()


def _complete(page: Any) -> float:
    start = time.perf_counter()
    page.get_by_role("link", name="Compare models").first.click()
    page.get_by_role("heading", name="Compare models").wait_for()
    page.get_by_role("combobox", name="Models").click()
    page.get_by_role("option", name=MODELS[2], exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_text("True neighbours kept by the maps").wait_for()
    _rest(page)
    wait_still(page)
    return time.perf_counter() - start


def _touches(page: Any) -> list[tuple[str, Callable[[], object], Callable[[], object]]]:
    """Return what is done, how, and how one sees that it is there; the first time of a section apart from the next."""
    clicks = [partial(_click, page, row) for row in free_rows(page, 3)]
    explained = page.get_by_text("takes a pair apart").wait_for
    found: list[tuple[str, Callable[[], object], Callable[[], object]]]
    found = [("click on a text", click, explained) for click in clicks]
    one_map = page.get_by_text("One map", exact=True).click
    found += [("one map", one_map, page.get_by_text("Map of").first.wait_for), ("two maps again", one_map, explained)]
    for again in ("", ", again"):
        for name, seen in SECTIONS.items():
            button = page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first
            found.append((f"“{name}”{again}", button.click, page.get_by_text(seen).first.wait_for))
    return found


def _click(page: Any, row: int) -> None:
    page.mouse.click(*place_of(page, row))


def _touched(page: Any, act: Callable[[], object], seen: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    page.wait_for_timeout(30)
    seen()
    _rest(page)
    painted(page)
    took = time.perf_counter() - start
    page.wait_for_timeout(1_500)
    return took


def _rest(page: Any) -> None:
    page.wait_for_function(_IDLE)
