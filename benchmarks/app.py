"""Touches in the running app at 20,000 points: from the browser's request to the end of the server's answer."""

from __future__ import annotations

import base64
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browsing import chromium, circle_around, draw, free_rows, opened, painted, place_of, took, wait_finished
from benchmarks.interactions import FEWEST_RUNS, LIMIT, SELECTED, WORDS
from benchmarks.processes import served
from benchmarks.report import Table, met, milliseconds
from benchmarks.setting import ROOT, Setting

DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
SMALL = 400  # bytes; the message that a run has ended is shorter
# Notes when each message of Streamlit's connection was sent or came in.
_LISTENING = f"""
    window.messages = [];
    const coded = (data) => btoa(String.fromCharCode(...new Uint8Array(data)));
    const note = (sent, data) => {{
        const size = data.byteLength || 0;
        if (sent ? size > 0 : size > 0 && size < {SMALL})
            window.messages.push([sent, performance.now(), sent && size > 60000 ? "" : coded(data)]);
    }};
    window.WebSocket = class extends WebSocket {{
        constructor(...parts) {{
            super(...parts);
            this.addEventListener("message", (event) => note(false, event.data));
        }}
        send(data) {{
            note(true, data);
            super.send(data);
        }}
    }};
"""


@dataclass
class Times:
    """Seconds of each run of one touch: the server's answer, and until it was seen."""

    answered: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)


def app_20k(setting: Setting) -> Table:
    """Open the file in the app as a person does, then touch the map."""
    file = setting.file("arxiv_titles_20k.csv")
    environment = setting.shared().environment
    log = setting.scratch / "streamlit.log"
    runs = max(FEWEST_RUNS, setting.runs)
    with chromium() as browser, served(ROOT, environment, log) as server, opened(browser) as page:
        page.add_init_script(_LISTENING)
        _open(page, server.address, file)
        touched = {name: touch(page, runs) for name, touch in TOUCHES.items()}
    rows = [_row(name, times) for name, times in touched.items()]
    columns = ("Touch, runs", "Server's answer", f"within {1000 * LIMIT:.0f} ms", "Seen in the browser")
    note = (
        "The answer is measured in the browser, from sending the request to the message that the run has ended, "
        "with all that travels; “seen” ends when the page has painted it (software WebGL)."
    )
    return Table(columns, tuple(rows), (note,))


def _open(page: Any, address: str, file: Path) -> None:
    page.goto(address)
    wait_finished(page)
    page.get_by_role("link", name="Texts", exact=True).first.click()
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Map 20,000 texts").click()
    page.get_by_role("button", name="Map 20,000 texts").wait_for(state="detached")
    page.locator("[data-testid=stSidebar]").get_by_text("20,000 texts").wait_for()
    wait_finished(page)
    page.wait_for_timeout(2000)


def _answers(page: Any) -> list[float]:
    """Return when, in seconds, the first request was sent and the last run ended; empty until it has."""
    messages = page.evaluate("window.messages")
    asked = [at for sent, at, data in messages if sent and _asks(data)]
    ended = [at for sent, at, data in messages if not sent and _ends(data)]
    return [asked[0] / 1000, ended[-1] / 1000] if asked and ended and ended[-1] > asked[-1] else []


def _asks(data: str) -> bool:
    return not data or BackMsg.FromString(base64.b64decode(data)).WhichOneof("type") == "rerun_script"


def _ends(data: str) -> bool:
    message = ForwardMsg.FromString(base64.b64decode(data))
    return message.WhichOneof("type") == "script_finished" and message.script_finished in DONE


def _touch(page: Any, times: Times, act: Callable[[], object]) -> None:
    """Do something, and wait until the server has answered and the page has painted it."""
    page.evaluate("window.messages = []")

    def until() -> None:
        while not _answers(page):
            page.wait_for_timeout(5)

    seen = took(page, act, until)
    page.wait_for_timeout(250)  # nothing else may follow
    asked, ended = _answers(page)
    times.answered.append(ended - asked)
    times.seen.append(seen)
    painted(page)


def _recolour(page: Any, runs: int) -> Times:
    times = Times()
    names = ("label", "Neighbours kept by the map", "group", "year", "Clusters")
    for run in range(runs):
        page.get_by_role("combobox", name="Colour by").click()
        option = page.get_by_role("option", name=names[run % len(names)], exact=True)
        option.wait_for()
        _touch(page, times, option.click)
    return times


def _granularity(page: Any, runs: int) -> Times:
    """Visit each granularity once: the second time it would be found ready."""
    times = Times()
    slider = page.get_by_role("slider", name="Granularity")
    slider.focus()
    for key in ["ArrowLeft"] * 4 + ["ArrowRight"] * 8:
        _touch(page, times, lambda key=key: page.keyboard.press(key))
    fresh = [*range(4), *range(8, 12)]
    return Times([times.answered[at] for at in fresh], [times.seen[at] for at in fresh])


def _click(page: Any, runs: int) -> Times:
    times = Times()
    for row in free_rows(page, runs):
        place = place_of(page, row)
        _touch(page, times, lambda place=place: page.mouse.click(*place))
    _clear(page)
    return times


def _lasso(page: Any, runs: int) -> Times:
    times = Times()
    page.locator("[data-tool=lasso]").click()
    for row in random.Random(0).sample(range(20_000), runs):
        draw(page, circle_around(page, row, SELECTED))
        _touch(page, times, page.mouse.up)
    page.locator("[data-tool=pan]").click()
    _clear(page)
    return times


def _find(page: Any, runs: int) -> Times:
    page.get_by_role("radio", name="Letters").or_(page.get_by_role("button", name="Letters")).first.click()
    page.wait_for_timeout(1000)
    return _typed(page, [WORDS[run % len(WORDS)] for run in range(runs)])


def _sentence(page: Any, runs: int) -> Times:
    page.get_by_role("radio", name="Meaning").or_(page.get_by_role("button", name="Meaning")).first.click()
    page.wait_for_timeout(1000)
    return _typed(page, [f"{run} ways to measure the mass of a distant galaxy" for run in range(runs)])


def _typed(page: Any, typed: list[str]) -> Times:
    times = Times()
    field_ = page.get_by_label("Find", exact=True).first
    for text in typed:
        field_.fill(text)
        _touch(page, times, lambda: field_.press("Enter"))
    return times


def _clear(page: Any) -> None:
    page.locator("[data-tool=clear]").click()
    page.wait_for_timeout(1500)


TOUCHES: dict[str, Callable[[Any, int], Times]] = {
    "recolour": _recolour,
    "granularity": _granularity,
    "click": _click,
    f"lasso, about {SELECTED:,} texts": _lasso,
    "find": _find,
    "typed sentence": _sentence,
}


def _row(name: str, times: Times) -> tuple[str, ...]:
    quick = met(statistics.median(times.answered) <= LIMIT)
    return f"{name}, {len(times.answered)}", milliseconds(times.answered), quick, milliseconds(times.seen)
