"""How Plotly's figures look here, and how a person's text gets into one as typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from embedlab.figures.colours import Theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.stats.intervals import Interval

INK: dict[Theme, str] = {"light": "#31333f", "dark": "#e6e9ec"}
FAINT: dict[Theme, str] = {"light": "#8a929b", "dark": "#7c858e"}
CARD: dict[Theme, str] = {"light": "#ffffff", "dark": "#1b212b"}

FONT = '"Source Sans", system-ui, sans-serif'  # the app's own, where the page has it


def drawing(*traces: Any) -> Figure:
    """Return a Plotly figure of these traces.

    pandas is imported first, because Plotly uses it even while another thread has imported only half of it.
    """
    import pandas  # noqa: F401
    from plotly.graph_objects import Figure

    return Figure(*traces)


def base(theme: Theme, height: int) -> dict[str, Any]:
    """Return the layout that all figures start from: `height` in pixels, no ground of their own, small margins."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK[theme], "size": 12, "family": FONT},
        "hoverlabel": hover_label(theme),
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": FAINT[theme], "activecolor": INK[theme]},
    }


def hover_label(theme: Theme) -> dict[str, Any]:
    """Return the look of a hover label."""
    return {
        "bgcolor": CARD[theme],
        "bordercolor": FAINT[theme],
        "font": {"color": INK[theme], "size": 13},
        "align": "left",
        "namelength": -1,
    }


def whiskers(found: Sequence[Interval]) -> dict[str, Any]:
    """Return the lines on both sides of marks that show their intervals."""
    return {
        "type": "data", "symmetric": False, "thickness": 2, "width": 0,
        "array": [one.high - one.mean for one in found], "arrayminus": [one.mean - one.low for one in found],
    }  # fmt: skip


def named_rows(names: Sequence[str]) -> dict[str, Any]:
    """Return an axis of rows, the first on top, each with its name as typed."""
    return {
        "tickvals": list(range(len(names))), "ticktext": [typed(name) for name in names],
        "range": [len(names) - 0.5, -0.5], "showgrid": False, "zeroline": False, "automargin": True,
    }  # fmt: skip


def one_line(text: str) -> str:
    """Return the beginning of `text` on one line without control characters; "(blank)" if nothing shows."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text[:2000]).split())
    return line if any(map(str.isprintable, line.replace(" ", ""))) else "(blank)"


def typed(text: str) -> str:
    """Return `text` so that Plotly shows it as typed: neither as its own tags nor, with MathJax, as LaTeX."""
    return escape(text, quote=False).replace("$", "&#36;")
