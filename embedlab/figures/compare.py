"""Models and ways of searching in pictures: where texts went, how alike spaces are, which is better, at what cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.evaluate.ranking import METRICS, MethodScores
from embedlab.figures.colours import MISSING, PALETTE, Theme
from embedlab.figures.theme import (
    ABOVE,
    FAINT,
    SYMBOLS,
    UNSEEN,
    base,
    brief,
    drawing,
    grid,
    look,
    named_rows,
    of_shares,
    one_line,
    short,
    typed,
    whiskers,
    wrapped,
)  # fmt: skip
from embedlab.search.methods import METHODS
from embedlab.stats.intervals import Interval

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.evaluate.retrieval import Evaluation
    from embedlab.figures.colouring import Colouring
    from embedlab.search.search import SearchResult
    from embedlab.space import Layout

BACKDROP = 4_000  # texts drawn in grey behind the trails
MOST_TRAILS = 200
_APART = 0.16  # between two models, in rows

Kind = Literal["pair", "floor", "random"]


@dataclass(frozen=True)
class Mark:
    """One value on the scale of a measure: `what` it is of; the pair looked at, a noise floor, or unrelated vectors."""

    what: str
    value: float
    kind: Kind


def trails(
    first: Layout,
    second: Layout,
    rows: NDArray[np.intp],
    texts: Sequence[str],
    names: tuple[str, str],
    *,
    dark: bool = False,
) -> Figure:
    """Return the ways of the texts `rows` from their place on the first map to that on the second.

    Both layouts are of the same texts, the second aligned onto the first. All texts of the first map, at most 4,000 of
    them, stand in grey behind. Only the first 200 of `rows` are drawn.
    """
    theme: Theme = "dark" if dark else "light"
    rows = rows[:MOST_TRAILS]
    before, after = first.positions[:, :2], second.positions[:, :2]
    behind = np.arange(len(before))[:: max(1, -(-len(before) // BACKDROP))]
    figure = drawing()
    figure.add_scattergl(
        x=before[behind, 0],
        y=before[behind, 1],
        mode="markers",
        marker={"size": 3, "color": MISSING[theme], "opacity": 0.35},
        hoverinfo="skip",
        name="other texts",
    )
    line = np.full((len(rows), 3, 2), np.nan, dtype=np.float32)
    line[:, 0], line[:, 1] = before[rows], after[rows]
    figure.add_scatter(
        x=line[:, :, 0].ravel(),
        y=line[:, :, 1].ravel(),
        mode="lines",
        line={"width": 1, "color": FAINT[theme]},
        hoverinfo="skip",
        showlegend=False,
    )
    shown = [wrapped(texts[row]) for row in rows]
    for place, (name, at) in enumerate(zip(names, (before, after), strict=True)):
        figure.add_scatter(
            x=at[rows, 0],
            y=at[rows, 1],
            mode="markers",
            marker={"size": 8, "symbol": SYMBOLS[place], "color": PALETTE[theme][place]},
            name=typed(name),
            text=shown,
            customdata=rows,
            hovertemplate=f"<i>{typed(name)}</i><br>%{{text}}<extra></extra>",
        )
    figure.update_layout(
        **base(theme, 520),
        legend=ABOVE,
        **UNSEEN,
        hovermode="closest",
    )
    return figure


def scales(measures: Mapping[str, Sequence[Mark]], *, dark: bool = False) -> Figure:
    """Return a scale from 0 to 1 for each measure: the pair looked at between unrelated vectors and noise.

    The kinds differ in shape as well as in colour.
    """
    theme: Theme = "dark" if dark else "light"
    looks: dict[Kind, tuple[str, str, int, str]] = {
        "pair": ("these two models", "circle", 14, PALETTE[theme][0]),
        "floor": ("nothing but noise", "line-ns-open", 16, PALETTE[theme][2]),
        "random": ("unrelated vectors", "x-thin-open", 11, FAINT[theme]),
    }
    figure = drawing()
    for kind, (name, symbol, size, colour) in looks.items():
        marks = [(row, mark) for row, found in enumerate(measures.values()) for mark in found if mark.kind == kind]
        if marks:
            figure.add_scatter(
                x=[mark.value for _, mark in marks],
                y=[row for row, _ in marks],
                mode="markers",
                marker={"size": size, "symbol": symbol, "color": colour, "line": {"width": 2, "color": colour}},
                name=name,
                text=[typed(mark.what) for _, mark in marks],
                hovertemplate="%{text}: %{x:.3f}<extra></extra>",
            )
    _rows(figure, list(measures), theme, 62)
    lowest = min((mark.value for marks in measures.values() for mark in marks), default=0.0)
    figure.update_xaxes(range=[min(-0.02, lowest - 0.02), 1.02])
    return figure


def dots(
    measures: Mapping[str, Mapping[str, Interval]],
    chance: Mapping[str, Mapping[str, float]] | None = None,
    *,
    dark: bool = False,
) -> Figure:
    """Return a row for each measure, in it a dot for each model and a line for its 95 % interval.

    `measures[measure][model]`; `chance` has what chance alone would give, drawn as a grey stroke. Models differ in
    colour and in shape. What is NaN is left out.
    """
    theme: Theme = "dark" if dark else "light"
    names = list(dict.fromkeys(name for found in measures.values() for name in found))
    figure = drawing()
    for number, name in enumerate(names):
        offset = (number - (len(names) - 1) / 2) * _APART
        known = [
            (row + offset, measure, found[name])
            for row, (measure, found) in enumerate(measures.items())
            if name in found and not np.isnan(found[name].mean)
        ]
        figure.add_scatter(
            x=[one.mean for _, _, one in known],
            y=[row for row, _, _ in known],
            error_x=whiskers([one for _, _, one in known]),
            mode="markers",
            marker=look(number, theme),
            name=typed(name),
            text=[f"{typed(name)}, {typed(measure)}: {one}" for _, measure, one in known],
            hovertemplate="%{text}<extra></extra>",
            cliponaxis=False,  # a dot at 1, where the axis ends, is whole
        )
    _chance(figure, measures, chance or {}, names, theme)
    _rows(figure, list(measures), theme, max(60, 24 * len(names)))
    return figure


def _chance(
    figure: Figure,
    measures: Mapping[str, Mapping[str, Interval]],
    chance: Mapping[str, Mapping[str, float]],
    names: Sequence[str],
    theme: Theme,
) -> None:
    """Draw what chance alone would give, beside each model."""
    known = [
        (row + (names.index(name) - (len(names) - 1) / 2) * _APART, value)
        for row, measure in enumerate(measures)
        for name, value in chance.get(measure, {}).items()
    ]
    if known:
        figure.add_scatter(
            x=[value for _, value in known],
            y=[row for row, _ in known],
            mode="markers",
            marker={"size": 9, "symbol": "line-ns-open", "color": FAINT[theme], "line": {"width": 2}},
            name="chance",
            hovertemplate="better than chance from %{x:.3f} on<extra></extra>",
        )


def quality_and_cost(
    names: Sequence[str],
    costs: Sequence[float],
    qualities: Sequence[Interval],
    best: Sequence[int] | NDArray[np.intp],
    *,
    cost: str,
    quality: str,
    ranges: Sequence[tuple[float, float]] | None = None,
    logarithmic: bool = False,
    dark: bool = False,
) -> Figure:
    """Return the models by what they cost (rightwards) and how good they are (upwards), with their intervals.

    A line joins those in `best`, which no other beats in both: the frontier. `ranges` are the lowest and the highest
    cost that was measured of each.
    """
    theme: Theme = "dark" if dark else "light"
    figure = drawing()
    line = sorted((int(at) for at in best), key=lambda at: costs[at])
    figure.add_scatter(
        x=[costs[at] for at in line],
        y=[qualities[at].mean for at in line],
        mode="lines",
        line={"color": FAINT[theme], "dash": "dot", "width": 2, "shape": "hv"},
        name="none is both better and cheaper",
        hoverinfo="skip",
    )
    for number, name in enumerate(names):
        figure.add_scatter(
            x=[costs[number]],
            y=[qualities[number].mean],
            error_x=whiskers([Interval(costs[number], *ranges[number])]) if ranges else None,
            error_y=whiskers([qualities[number]]),
            mode="markers+text",
            marker=look(number, theme, 13),
            text=[brief(name)],
            textposition="top right" if number % 2 == 0 else "bottom right",
            cliponaxis=False,
            customdata=[f"{typed(name)}<br>{typed(quality)}: {qualities[number]}"],
            hovertemplate=f"%{{customdata}}<br>{typed(cost)}: %{{x:,.4~g}}<extra></extra>",
            showlegend=False,
        )
    axis = {"automargin": True, "showgrid": True, **grid(theme)}
    figure.update_layout(
        **base(theme, 420) | {"margin": {"l": 8, "r": 90, "t": 30, "b": 8}},
        legend=ABOVE,
        xaxis={"title": {"text": typed(cost)}, **axis, **_ticks(costs, logarithmic)},
        yaxis={"title": {"text": typed(quality)}, **axis, **of_shares(), **_one_height(qualities)},
    )
    return figure


def a_map(layout: Layout, texts: Sequence[str], colouring: Colouring, most: int) -> Figure:
    """Return the map of one of the models, for a report; those of two in the same colours stand side by side.

    Of more than `most` texts an even sample is drawn, the same for every map. `colouring` is of categories, or plain.
    """
    rows = np.arange(len(texts))[:: max(1, -(-len(texts) // most))]
    palette = np.array([*colouring.light, MISSING["light"]], dtype=object)
    codes = colouring.values[rows] if colouring.kind == "category" else np.full(len(rows), -1)
    colours = palette[codes] if colouring.kind == "category" else palette[0]
    groups = [colouring.names[code] if code >= 0 else "" for code in codes]
    figure = drawing()
    figure.add_scattergl(
        x=layout.positions[rows, 0],
        y=layout.positions[rows, 1],
        mode="markers",
        marker={"size": 5 if len(rows) < 1500 else 3, "color": colours},
        text=[
            f"{f'<i>{brief(group)}</i><br>' if group else ''}{wrapped(texts[row])}"
            for row, group in zip(rows, groups, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_layout(
        **base("light", 440) | {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}},
        showlegend=False,
        hovermode="closest",
        **UNSEEN,
    )
    return figure


# --- Ways of searching ---------------------------------------------------------------------------


def ranking_figure(scores: MethodScores, methods: Sequence[str], *, dark: bool = False) -> Figure:
    """Return a row for each measure, in it a dot for each method and a line for its 95 % interval."""
    figure = dots({metric: {one: scores.interval(one, metric) for one in methods} for metric in METRICS}, dark=dark)
    figure.update_xaxes(rangemode="tozero")
    return figure


def evaluation_figure(found: Evaluation) -> Figure:
    """Return how well the ways of searching rank, as `ranking_figure`."""
    return ranking_figure(found.comparison, METHODS)


def ranks_figure(found: SearchResult) -> Figure:
    """Return a row for each text that was found, in it a mark at its rank by each method that has it."""
    hits, figure = found.hits(), drawing()
    methods = METHODS if found.card else (found.mode,)
    for number, method in enumerate(methods):
        ranks = [hit.rank if method == found.mode else hit.others[method] for hit in hits]
        figure.add_scatter(
            x=ranks,
            y=[place if rank else None for place, rank in enumerate(ranks)],
            mode="markers",
            marker=look(number, "light"),
            name=f"by {method}",
            hovertemplate=f"%{{x}} by {method}<extra></extra>",
        )
    figure.update_layout(
        **base("light", 26 * len(hits) + 90),
        legend=ABOVE,
        xaxis=grid("light", "rank") | {"type": "log"},
        yaxis=named_rows([short(one_line(found.corpus.texts[hit.row]), 48) for hit in hits]),
    )
    return figure


# --- Pieces --------------------------------------------------------------------------------------


def _rows(figure: Figure, names: list[str], theme: Theme, each: int) -> None:
    figure.update_layout(
        **base(theme, each * len(names) + 70),
        legend=ABOVE,
        xaxis={"showgrid": True, "automargin": True, **grid(theme), **of_shares()},
        yaxis=named_rows(names),
    )


def _ticks(costs: Sequence[float], logarithmic: bool) -> dict[str, Any]:
    if max(costs) == min(costs):  # all cost the same: that is the only place on the scale
        return {"tickvals": [costs[0]], "ticktext": [f"{costs[0]:,.4g}"], "range": [0.5 * costs[0], 1.5 * costs[0]]}
    return _decades(costs) if logarithmic else {"tickformat": ",.4~r"}


def _one_height(qualities: Sequence[Interval]) -> dict[str, Any]:
    """Return an axis for qualities that are all one: Plotly's own goes from 0 to 2 around an accuracy of 1."""
    low, high = min(each.low for each in qualities), max(each.high for each in qualities)
    return {"range": [low - 0.1, high + 0.015]} if high - low < 0.01 else {}


def _decades(values: Sequence[float]) -> dict[str, Any]:
    """Return a logarithmic axis with ticks at 1, 2 and 5, or at the powers of ten alone where those would crowd."""
    low, high = math.log10(min(values)), math.log10(max(values))
    steps = (1, 2, 5) if high - low < 2.5 else (1,)
    powers = range(math.floor(low) - 1, math.ceil(high) + 1)
    ticks = [step * 10.0**power for power in powers for step in steps]
    room = 0.1 * (high - low) + 0.1
    return {
        "type": "log",
        "range": [low - room, high + room],
        "tickvals": ticks,
        "ticktext": [f"{tick:,.6g}" for tick in ticks],
    }
