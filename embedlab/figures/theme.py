"""How Plotly's figures look here, and how a person's text gets into one as typed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from embedlab.figures.colours import PALETTE, SIZE, Theme
from embedlab.text.cut import beginning
from embedlab.text.normalise import well_formed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.stats.intervals import Interval

INK: dict[Theme, str] = {"light": "#31333f", "dark": "#e6e9ec"}
FAINT: dict[Theme, str] = {"light": "#8a929b", "dark": "#7c858e"}
CARD: dict[Theme, str] = {"light": "#ffffff", "dark": "#1b212b"}

ABOVE: dict[str, Any] = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
"""Where a legend is: in one row above the picture."""
TOOLBAR: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
}
"""What Plotly's toolbar has: few buttons, that it stays beside the picture."""
TOOLBAR_WIDTH = 34  # pixels
FEW_COUNTS = 5
UNSEEN: dict[str, Any] = {"xaxis": {"visible": False}, "yaxis": {"visible": False, "scaleanchor": "x"}}
"""The axes of a map, which mean nothing."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
FONT = '"Source Sans", system-ui, sans-serif'  # the app's own, where the page has it


def drawing(*traces: Any) -> Figure:
    """Return a Plotly figure of these traces.

    pandas is imported first, because Plotly uses it even while another thread has imported only half of it.
    """
    import pandas  # noqa: F401
    from plotly.graph_objects import Figure

    return Figure(*traces)


def base(theme: Theme, height: int) -> dict[str, Any]:
    """Return the layout that all figures start from: `height` in pixels, no ground of their own, small margins.

    Plotly's toolbar stands upright in a margin of its own, where it covers neither legend nor picture.
    """
    return {
        "height": height,
        "margin": {"l": 8, "r": TOOLBAR_WIDTH, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK[theme], "size": 12, "family": FONT},
        "hoverlabel": {
            "bgcolor": CARD[theme],
            "bordercolor": FAINT[theme],
            "font": {"color": INK[theme], "size": 13},
            "align": "left",
            "namelength": -1,
        },
        "modebar": {
            "orientation": "v",
            "bgcolor": "rgba(0,0,0,0)",
            "color": FAINT[theme],
            "activecolor": INK[theme],
        },
    }


def whiskers(found: Sequence[Interval]) -> dict[str, Any]:
    """Return the lines on both sides of marks that show their intervals."""
    return {
        "type": "data", "symmetric": False, "thickness": 2, "width": 0,
        "array": [one.high - one.mean for one in found], "arrayminus": [one.mean - one.low for one in found],
    }  # fmt: skip


def look(number: int, theme: Theme, size: int = 11) -> dict[str, Any]:
    """Return the mark of one of several things, which differ in colour and in shape."""
    return {"size": size, "symbol": SYMBOLS[number % len(SYMBOLS)], "color": PALETTE[theme][number % SIZE]}


def band(at: Sequence[float], lows: Sequence[float], highs: Sequence[float], colour: str) -> dict[str, Any]:
    """Return a trace that fills what lies between `lows` and `highs`, as "#rrggbbaa"."""
    return {
        "type": "scatter", "mode": "lines", "x": [*at, *reversed(at)], "y": [*highs, *reversed(lows)],
        "fill": "toself", "fillcolor": colour, "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip


def grid(theme: Theme, title: str = "") -> dict[str, Any]:
    """Return an axis with faint lines, with a title if there is one."""
    axis: dict[str, Any] = {"gridcolor": f"{FAINT[theme]}40", "zeroline": False}
    return axis | {"title": {"text": title}} if title else axis


def of_shares() -> dict[str, Any]:
    """Return what ends an axis of shares, accuracies or correlations at 1: Plotly's own goes on to 1.5 or 2."""
    return {"autorangeoptions": {"clipmax": 1}}


def of_counts(most: float) -> dict[str, Any]:
    """Return what keeps the ticks of an axis of counts from 0 to `most` at whole numbers."""
    steps = {"tick0": 0, "dtick": 1} if most <= FEW_COUNTS else {"nticks": int(min(most, 9))}
    return {"rangemode": "tozero", "tickformat": ",d", **steps}


def beside_toolbar() -> dict[str, Any]:
    """Return the place of a bar of colours: below the toolbar, which is right of the picture as well."""
    return {"thickness": 10, "outlinewidth": 0, "len": 0.6, "y": 0, "yanchor": "bottom"}


def named_rows(names: Sequence[str], room: float = 0.5) -> dict[str, Any]:
    """Return an axis of rows, the first on top, with so much `room` at both ends, each with its name as typed."""
    return {
        "tickvals": list(range(len(names))), "ticktext": [typed(name) for name in names],
        "range": [len(names) - 1 + room, -room], "showgrid": False, "zeroline": False, "automargin": True,
    }  # fmt: skip


def hovered(names: Sequence[str], most: int) -> dict[str, Any]:
    """Return an axis of `names`, which hovering shows even where there are more than `most` and none is written."""
    return {
        "tickmode": "array", "tickvals": list(range(len(names))), "ticktext": list(names), "ticks": "",
        "showticklabels": len(names) <= most, "showgrid": False, "zeroline": False,
    }  # fmt: skip


def one_line(text: str) -> str:
    """Return the beginning of `text` on one line without control characters; "(blank)" if nothing shows."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text[:2000]).split())
    return line if any(map(str.isprintable, line.replace(" ", ""))) else "(blank)"


def typed(text: str) -> str:
    """Return `text` so that Plotly shows it as typed: neither as its own tags nor, with MathJax, as LaTeX."""
    return escape(text, quote=False).replace("$", "&#36;")


def short(text: str, length: int) -> str:
    """Return `text` cut to `length` characters, with lone surrogates (not valid in UTF-8) replaced."""
    return well_formed(beginning(text, length))


def brief(text: str, length: int = 34) -> str:
    """Return `text` as typed, on one line of at most `length` characters."""
    return typed(short(one_line(text), length))


def wrapped(text: str) -> str:
    """Return the first 300 characters of `text` as typed, on five lines at most."""
    lines = textwrap.wrap(short(one_line(text), 300), 62, max_lines=5, placeholder="…")
    return "<br>".join(map(typed, lines))
