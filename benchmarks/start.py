"""How long from `streamlit run app.py` to the first paint, and to the finished map of the built-in texts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.browsing import chromium, opened, painted, wait_finished
from benchmarks.processes import served
from benchmarks.report import Table, met, seconds
from benchmarks.setting import ROOT, Setting, State, clean_environment

FIRST_PAINT = 3.0
FINISHED = 15.0
BARE = 'import streamlit as st\n\nst.title("Map")\n'


def start(setting: Setting) -> Table:
    """Start the app in three states of its data folder, in turn with a Streamlit app that is one title."""
    bare = setting.folder("bare")
    (bare / "app.py").write_text(BARE, encoding="utf-8")
    warm = setting.prepared()
    painted_at: dict[str, list[float]] = {}
    finished_at: dict[str, list[float]] = {}
    with chromium() as browser:
        _start(browser, ROOT, warm.environment, setting.scratch)
        for _ in range(setting.runs):
            paint, _ = _start(browser, bare, clean_environment(), setting.scratch, wait=False)
            painted_at.setdefault("bare", []).append(paint)
            for name, state in _states(setting, warm).items():
                paint, finish = _start(browser, ROOT, state.environment, setting.scratch)
                painted_at.setdefault(name, []).append(paint)
                finished_at.setdefault(name, []).append(finish)
    rows = [_row(name, painted_at[name], finished_at[name], painted_at["bare"]) for name in finished_at]
    rows.append(("A Streamlit app that is one title", seconds(painted_at["bare"]), "", "", "", ""))
    targets = (f"within {FIRST_PAINT:.0f} s", f"within {FINISHED:.0f} s")
    return Table(
        ("Data folder", "First paint", targets[0], "of the bare app's", "Map finished", targets[1]), tuple(rows)
    )


def _states(setting: Setting, warm: State) -> dict[str, State]:
    return {
        "empty: the model is converted and everything compiled as well": setting.empty(),
        "after `make run`'s preparation, no vectors": setting.prepared(),
        "from the second start on": warm,
    }


def _start(
    browser: Any, folder: Path, environment: Mapping[str, str], scratch: Path, wait: bool = True
) -> tuple[float, float]:
    """Return the seconds from the start of the server's process to the title and to the finished map."""
    with served(folder, environment, scratch / "streamlit.log") as server, opened(browser) as page:
        page.goto(server.address)
        page.locator("h1").first.wait_for()
        painted(page)
        paint = time.perf_counter() - server.started
        if wait:
            wait_finished(page)
        return paint, time.perf_counter() - server.started


def _row(name: str, paints: list[float], finishes: list[float], bare: list[float]) -> tuple[str, ...]:
    paint, finish = statistics.median(paints), statistics.median(finishes)
    compared = f"{paint / statistics.median(bare):.1f} times"
    return name, seconds(paints), met(paint <= FIRST_PAINT), compared, seconds(finishes), met(finish <= FINISHED)
