"""What a touch costs the app's script at 20,000 points: whole runs of it, without a browser."""

from __future__ import annotations

import gc
import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from streamlit.config import get_option
from streamlit.testing.v1 import AppTest

import embedlab as el
from benchmarks.interactions import FEWEST_RUNS, LIMIT, SELECTED, WORDS
from benchmarks.report import Table, met, milliseconds
from benchmarks.setting import ROOT, Setting
from embedlab.corpus import Corpus

PATIENCE = 600
NOISY = "streamlit.runtime.scriptrunner_utils.script_run_context"
TWICE = ("click", "lasso")
COLOURS = ("label", "Neighbours kept by the map", "group", "year", "Clusters")

Touch = Callable[[int], object]


def reruns_20k(setting: Setting) -> Table:
    """Touch the map, with other rows, words or granularities every time, and run the script."""
    file = setting.file("arxiv_titles_20k.csv")
    setting.enter()
    logging.getLogger(NOISY).setLevel(logging.ERROR)  # it warns of this very use, outside a server
    corpus = el.read(file, text="text", label="label")
    app = _opened(corpus)
    runs = max(FEWEST_RUNS, setting.runs)
    collecting = _collecting(runs) if get_option("runner.postScriptGC") else 0.0
    rows = [_row(app, name, touch, count, collecting) for name, (touch, count) in _touches(app, corpus, runs).items()]
    note = (
        "Script: one run of the whole script by `streamlit.testing`. In the app: the same as often as the page is run "
        f"(twice for a click or a lasso), each time with the {1000 * collecting:.0f} ms of garbage collection that "
        "Streamlit's option runner.postScriptGC adds."
    )
    return Table(("Touch, runs", "Script", "In the app", f"within {1000 * LIMIT:.0f} ms"), tuple(rows), (note,))


def _opened(corpus: Corpus) -> AppTest:
    """Return the app with the finished map of `corpus`."""
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=PATIENCE)
    app.session_state["corpus"] = corpus
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        app.run()
        if any("rust this map" in text.value for text in app.text):
            return app
        if app.exception or app.error:
            raise RuntimeError("The app showed an error instead of a map.")
        time.sleep(1)
    raise RuntimeError("The app did not finish its map.")


def _touches(app: AppTest, corpus: Corpus, runs: int) -> dict[str, tuple[Touch, int]]:
    from embedlab.space.clusters import GRANULARITIES
    from pages.app import session

    rng = np.random.default_rng(0)
    slider = session.granularity_key(corpus)
    fresh = [step for step in GRANULARITIES if step != app.select_slider(key=slider).value]

    def touched(**what: Any) -> None:
        app.session_state["touched"] = session.Touched(corpus.fingerprint, **what)

    def typed(text: str) -> None:
        app.text_input(key="find").set_value(text)

    def some() -> np.ndarray:
        return np.sort(rng.choice(len(corpus), SELECTED, replace=False))

    return {
        "recolour": (lambda run: app.selectbox(key="colour_by").set_value(COLOURS[run % len(COLOURS)]), runs),
        "granularity": (lambda run: app.select_slider(key=slider).set_value(fresh[run]), len(fresh)),
        "click": (lambda run: touched(clicked=int(rng.integers(len(corpus)))), runs),
        f"lasso, {SELECTED:,} texts": (lambda run: touched(selected=some(), by="lasso"), runs),
        "find by letters": (lambda run: _by(app, "Letters", typed, WORDS[run % len(WORDS)]), runs),
        "find by meaning": (lambda run: _by(app, "Meaning", typed, f"{run} ways to weigh a galaxy"), runs),
    }


def _by(app: AppTest, mode: str, typed: Callable[[str], None], text: str) -> None:
    app.session_state["find_by"] = mode
    typed(text)


def _row(app: AppTest, name: str, touch: Touch, count: int, collecting: float) -> tuple[str, ...]:
    times = []
    for run in range(count):
        touch(run)
        start = time.perf_counter()
        app.run()
        times.append(time.perf_counter() - start)
        if app.exception or app.error:
            raise RuntimeError(f"The app showed an error after “{name}”.")
    whole = (2 if name.startswith(TWICE) else 1) * (statistics.median(times) + collecting)
    return f"{name}, {count}", milliseconds(times), milliseconds([whole]), met(whole <= LIMIT)


def _collecting(runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        gc.collect()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
