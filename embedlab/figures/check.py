"""Checks in pictures: how much was found of what, where on the map, and how a property is spread."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import percent
from embedlab.check.base import Finding
from embedlab.check.findings.properties import Property
from embedlab.check.report import worst_first
from embedlab.corpus import Column
from embedlab.figures.colouring import Colouring, by_codes, by_column
from embedlab.figures.colours import MISSING, PALETTE, Theme
from embedlab.figures.theme import FAINT, base, drawing, one_line, typed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.check.report import Inspection
    from embedlab.space import Layout

OTHERS = "nothing found"
MOST_POINTS = 5_000
_LEAST = 1e-4  # the least share that is told apart from none in a picture
_BINS = 40
_MOST_SCRIPTS = 12


def lens(found: Finding, texts: int) -> Colouring:
    """Return the colours that show a finding on a map of so many texts, as its kind says: by value, or by kind.

    Where a text is of several kinds, the last counts.
    """
    if isinstance(found.colours, Column):
        return by_column(found.colours)
    parts = [(name, rows) for name, rows in found.colours if len(rows)]
    codes = np.full(texts, -1, dtype=np.int32)
    for number, (_, rows) in enumerate(parts):
        codes[rows] = number
    return by_codes(found.title, codes, [name for name, _ in parts], missing_name=OTHERS)


def inspection_figure(found: Inspection) -> Figure:
    """Return how much a check found of what, and from where on it warns and fails."""
    return found_of_each(found.findings)


def found_of_each(findings: Sequence[Finding], *, dark: bool = False) -> Figure:
    """Return a row for each finding: its share on a scale of powers of ten, and from where on it warns and fails.

    What nothing was found of stands at the left end, as an open mark; levels differ in shape as well as in colour.
    """
    theme: Theme = "dark" if dark else "light"
    findings = worst_first(findings)
    figure = drawing()
    for place, (name, symbol) in enumerate((("warns from", "line-ns-open"), ("fails from", "x-thin-open"))):
        limits = [(row, one.kind.limits[place]) for row, one in enumerate(findings)]
        figure.add_scatter(
            x=[max(limit, _LEAST) for _, limit in limits if limit <= 1],
            y=[row for row, limit in limits if limit <= 1],
            mode="markers", name=name,
            marker={"size": 11, "symbol": symbol, "color": FAINT[theme], "line": {"width": 2}},
            hovertemplate=f"{name} %{{x:.1~%}}<extra></extra>",
        )  # fmt: skip
    for place, (level, symbol) in enumerate((("pass", "circle"), ("warn", "triangle-up"), ("fail", "square"))):
        found = [(row, one) for row, one in enumerate(findings) if one.level == level]
        if found:
            figure.add_scatter(
                x=[max(one.share, _LEAST) for _, one in found],
                y=[row for row, _ in found],
                mode="markers", name=level,
                marker={
                    "size": 12, "color": PALETTE[theme][place],
                    "symbol": [symbol if one.count else f"{symbol}-open" for _, one in found],
                },
                text=[f"{typed(one.title)}: {one.count:,} ({percent(one.share)}), {level}" for _, one in found],
                hovertemplate="%{text}<extra></extra>",
            )  # fmt: skip
    figure.update_layout(
        **base(theme, 26 * len(findings) + 100),
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={
            "type": "log", "range": [math.log10(_LEAST) - 0.1, 0.1], "zeroline": False, "automargin": True,
            "tickvals": [0.0001, 0.001, 0.01, 0.1, 1], "ticktext": ["≤ 0.01 %", "0.1 %", "1 %", "10 %", "100 %"],
            "gridcolor": f"{FAINT[theme]}40",
        },
        yaxis={
            "tickvals": list(range(len(findings))),
            "ticktext": [f"{typed(one.title)} ({one.count:,})" for one in findings],
            "range": [len(findings) - 0.4, -0.6], "showgrid": False, "zeroline": False, "automargin": True,
        },
    )  # fmt: skip
    figure.update_traces(cliponaxis=False)
    return figure


def found_map(
    layout: Layout, findings: Sequence[Finding], shown: Callable[[int], str], *, dark: bool = False
) -> Figure:
    """Return the map with what was found on it, for a report; `shown` returns what may be shown of a text.

    A text that was found several times has the colour of its worst finding. What is usual among these texts is left
    out. Of the texts with nothing found, and of those with, an even sample of at most 5,000 each is drawn.
    """
    theme: Theme = "dark" if dark else "light"
    number = np.full(len(layout.positions), -1)
    drawn = [one for one in worst_first(findings) if one.count and not one.usual]
    for place, one in reversed(list(enumerate(drawn))):
        number[one.rows] = place
    kept = np.zeros(len(number), dtype=bool)
    for rows in (np.flatnonzero(number < 0), np.flatnonzero(number >= 0)):
        kept[rows[:: max(1, -(-len(rows) // MOST_POINTS))]] = True
    figure = drawing()
    for place, name in enumerate((OTHERS, *(one.title for one in drawn)), -1):
        rows = np.flatnonzero(kept & (number == place))
        if not len(rows):
            continue
        figure.add_scattergl(
            x=layout.positions[rows, 0], y=layout.positions[rows, 1], mode="markers", name=typed(name),
            marker={
                "size": 4 if place < 0 else 7, "opacity": 0.5 if place < 0 else 1.0,
                "color": MISSING[theme] if place < 0 else PALETTE[theme][place % len(PALETTE[theme])],
                "symbol": "circle" if place < 0 else _SYMBOLS[place % len(_SYMBOLS)],
            },
            text=[f"<i>{typed(name)}</i><br>{_wrapped(shown(row))}" for row in rows.tolist()],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(base(theme, 480))
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "itemsizing": "constant"},
        xaxis={"visible": False},
        yaxis={"visible": False, "scaleanchor": "x"},
    )
    return figure


_SYMBOLS = ("square", "triangle-up", "diamond", "cross", "x", "star", "pentagon", "hexagon", "bowtie", "hourglass")


def _wrapped(text: str) -> str:
    lines = textwrap.wrap(one_line(text)[:300], 62, max_lines=5, placeholder="…")
    return "<br>".join(map(typed, lines))


def spread(one: Property, *, dark: bool = False) -> Figure:
    """Return how a property is spread over the texts, those out of the ordinary in a colour of their own."""
    theme: Theme = "dark" if dark else "light"
    is_odd = np.zeros(len(one.values), dtype=bool)
    is_odd[one.odd] = True
    figure = drawing()
    for colour, (name, part) in enumerate((("ordinary", ~is_odd), ("out of the ordinary", is_odd))):
        places, heights, shown = _bars(one, part)
        figure.add_bar(
            x=places,
            y=heights,
            name=name,
            customdata=shown,
            marker={"color": PALETTE[theme][colour], "line": {"width": 0}},
            hovertemplate="%{customdata}: %{y:,} texts<extra></extra>",
        )
    figure.update_layout(base(theme, 220))
    figure.update_layout(
        barmode="stack",
        bargap=0.04,
        margin={"l": 44, "r": 8, "t": 8, "b": 60},
        legend={"orientation": "h", "y": -0.28, "x": 0},
    )
    figure.update_yaxes(title={"text": "texts"})
    return figure


def _bars(one: Property, part: NDArray[np.bool_]) -> tuple[list[str] | list[float], list[int], list[str]]:
    """Return where the bars of some texts stand, how high they are, and what each stands for."""
    if one.kind == "category":
        names, counts = np.unique(one.values[part].astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")[:_MOST_SCRIPTS]
        shown = [typed(str(name)) for name in names[order]]
        return shown, [int(count) for count in counts[order]], shown
    values = one.values.astype(np.float64)
    edges = np.histogram_bin_edges(values, bins=min(_BINS, max(1, len(np.unique(values)))))
    heights = np.histogram(values[part], bins=edges)[0]
    middles = (edges[:-1] + edges[1:]) / 2
    shown = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    return [float(at) for at in middles], [int(height) for height in heights], shown
