"""Pictures of a sentence on its way through a transformer, and of one word's meanings drifting apart."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import percent
from embedlab.figures.colours import BACKGROUND, PALETTE, SIZE, Theme
from embedlab.figures.explain import AGAINST, FOR
from embedlab.figures.heatmap import scale_of
from embedlab.figures.html import render
from embedlab.figures.theme import (
    FAINT,
    INK,
    band,
    base,
    beside_toolbar,
    brief,
    drawing,
    hovered,
    one_line,
    short,
    typed,
)
from embedlab.words.layers import Kind, Passage
from embedlab.words.senses import Meanings, SenseScores, Separation
from embedlab.words.uses import Use

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_NAMED = 60  # tokens; more names than that can't be read, and hovering shows them
MOST_ENDS = 40  # names at the ends of the paths
_WIDE, _HIGH = 0.08, 0.035  # what a name takes up, as parts of the picture
ACROSS = 96  # dimensions in one row of the strip
NO_SENSE = "(no sense given)"
_TOLD: dict[Kind, str] = {"word": "", "special": "special", "unknown": "unknown", "prompt": "prompt"}
_SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "star")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BARE: dict[str, Any] = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}


# --- A sentence goes through ---------------------------------------------------------------------


def chips(passage: Passage, *, dark: bool = False) -> str:
    """Return the tokens as HTML, as typed: each with its id, and what it is if it is no piece of the text itself.

    Where the model reads another form of it (without capitals or accents), that stands before the id.
    """
    theme: Theme = "dark" if dark else "light"
    spans = (passage.trace.spans - len(passage.prompt)).tolist()
    pieces = [short(one_line(piece), 40) for piece in passage.trace.pieces]
    looks = [_look(span, kind, theme) for span, kind in zip(spans, passage.kinds, strict=True)]
    read = passage.trace.read or passage.trace.pieces
    told = [
        " ".join(filter(None, (f"read as {short(form, 40)} ·" if form != piece else "", str(token), _TOLD[kind])))
        for token, kind, form, piece in zip(passage.trace.ids, passage.kinds, read, passage.trace.pieces, strict=True)
    ]
    return render("chips.html.j2", tokens=[*zip(pieces, told, looks, strict=True)], ink=INK[theme], faint=FAINT[theme])


def paths(passage: Passage, *, dark: bool = False) -> Figure:
    """Return the path of each token through the layers: small and pale at the start, large and full at the end."""
    theme: Theme = "dark" if dark else "light"
    positions = passage.paths.positions
    count = positions.shape[1]
    names = _names(passage)
    figure = drawing([_bundle(positions, names, colour, theme) for colour in range(min(SIZE, count))])
    if count <= MOST_ENDS:
        figure.add_scatter(**_ends(positions, names, theme))
    figure.update_layout(
        **base(theme, 500),
        showlegend=False,
        hovermode="closest",
        xaxis={**_BARE, **_padded(positions[..., 0], 0.12)},
        yaxis={**_BARE, **_padded(positions[..., 1], 0.08)},
    )
    return figure


def attention(
    passage: Passage, layer: int, head: int | None = None, *, special: bool = True, dark: bool = False
) -> Figure:
    """Return what each token (row) takes from each (column) in `layer` (from 1); None is the mean of all heads.

    Without `special` the special tokens' rows and columns are left out, and what remains keeps its numbers.
    """
    theme: Theme = "dark" if dark else "light"
    shown = np.arange(len(passage.trace)) if special or not len(passage.own) else passage.own
    taken = passage.attention(layer, head)[np.ix_(shown, shown)]
    names = [_names(passage)[place] for place in shown]
    figure = drawing(
        {
            "type": "heatmap",
            "z": taken,
            "zmin": 0,
            "zmax": float(taken.max()) or 1.0,
            "colorscale": scale_of(theme),
            "xgap": 1 if len(names) <= MOST_NAMED else 0,
            "ygap": 1 if len(names) <= MOST_NAMED else 0,
            "hovertemplate": "<b>%{z:.1%}</b><br>from %{y}<br>to %{x}<extra></extra>",
            "colorbar": {**beside_toolbar(), "tickformat": ".0%", "nticks": 5},
        }
    )
    axis = hovered(names, MOST_NAMED) | {"automargin": True}
    figure.update_layout(
        **base(theme, max(280, min(640, 110 + 24 * len(names)))),
        xaxis={**axis, "side": "top", "tickangle": -60, "title": {"text": "to", "standoff": 4}},
        yaxis={**axis, "autorange": "reversed", "title": {"text": "from", "standoff": 4}},
    )
    return figure


def pooling(passage: Passage, *, dark: bool = False) -> Figure:
    """Return how much of the vector comes from each token, beside the weight that the pooling gives it.

    Raises `ValueError` for a passage whose pooling is no weighted sum.
    """
    if passage.shares is None or passage.weights is None:
        raise ValueError("this pooling is no weighted sum of tokens")
    theme: Theme = "dark" if dark else "light"
    names = _names(passage)
    places = np.arange(len(names))
    figure = drawing(
        {
            "type": "bar",
            "x": places,
            "y": passage.shares,
            "marker": {"color": [(FOR if share >= 0 else AGAINST)[theme] for share in passage.shares]},
            "hovertemplate": "%{x}<br><b>%{y:.1%}</b> of the vector<extra></extra>",
        }
    )
    figure.add_scatter(
        x=places,
        y=passage.weights,
        mode="markers",
        marker={"symbol": "line-ew-open", "size": 12, "color": INK[theme], "line": {"width": 2}},
        hovertemplate="%{x}<br>weight in the pooling <b>%{y:.1%}</b><extra></extra>",
    )
    figure.update_layout(
        **base(theme, 300),
        showlegend=False,
        bargap=0.25 if len(names) <= MOST_NAMED else 0,
        xaxis=hovered(names, MOST_NAMED) | {"tickangle": -60, "automargin": True},
        yaxis={
            "tickformat": ".0%",
            "nticks": 5,
            "gridcolor": f"{FAINT[theme]}44",
            "zerolinecolor": FAINT[theme],
            "automargin": True,
        },
    )
    return figure


def strip(vector: NDArray[np.float32], *, dark: bool = False) -> Figure:
    """Return all numbers of a vector (d,) as cells, row after row, in two colours around 0."""
    theme: Theme = "dark" if dark else "light"
    across = min(ACROSS, len(vector))
    rows = -(-len(vector) // across)
    cells = np.full(rows * across, np.nan, dtype=np.float32)
    cells[: len(vector)] = vector
    most = float(np.abs(vector).max()) or 1.0
    figure = drawing(
        {
            "type": "heatmap",
            "z": cells.reshape(rows, across),
            "customdata": np.arange(rows * across).reshape(rows, across),
            "zmin": -most,
            "zmax": most,
            "colorscale": [[0, AGAINST[theme]], [0.5, BACKGROUND[theme]], [1, FOR[theme]]],
            "hoverongaps": False,
            "hovertemplate": "dimension %{customdata}<br><b>%{z:+.4f}</b><extra></extra>",
            "colorbar": {**beside_toolbar(), "nticks": 5},
        }
    )
    figure.update_layout(
        **base(theme, max(120, min(480, 34 + 22 * rows))), xaxis=_BARE, yaxis={**_BARE, "autorange": "reversed"}
    )
    return figure


# --- One word, several meanings ------------------------------------------------------------------


def plane(meanings: Meanings, layer: int, *, dark: bool = False) -> Figure:
    """Return the word's vectors at `layer` (0 is the input) on their first two principal components, by sense.

    The scale is the same for every layer, so that growing distances can be seen.
    """
    theme: Theme = "dark" if dark else "light"
    positions, _ = meanings.planes[layer]
    everywhere = np.stack([points for points, _ in meanings.planes])
    hover = [_sentence(use) for use in meanings.uses.uses]
    senses = list(dict.fromkeys(meanings.senses))
    corners = {"x0": 0, "x1": 1, "y0": 0, "y1": 1, "xref": "x domain", "yref": "y domain"}
    frame = {"type": "rect", **corners, "line": {"width": 1, "color": f"{FAINT[theme]}66"}, "layer": "below"}
    figure = drawing()
    for number, sense in enumerate(senses):
        rows = [row for row, other in enumerate(meanings.senses) if other == sense]
        figure.add_scatter(
            x=positions[rows, 0],
            y=positions[rows, 1],
            mode="markers",
            name=brief(sense, 30) if sense else NO_SENSE,
            text=[hover[row] for row in rows],
            hovertemplate="%{text}<extra></extra>",
            marker={
                "size": 11,
                "color": PALETTE[theme][number % SIZE],
                "symbol": _SHAPES[number % len(_SHAPES)],
                "line": {"width": 1, "color": BACKGROUND[theme]},
            },
        )
    figure.update_layout(
        **base(theme, 480),
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "bgcolor": "rgba(0,0,0,0)"},
        xaxis={**_BARE, **_padded(everywhere[..., 0], 0.06)},
        yaxis={**_BARE, **_padded(everywhere[..., 1], 0.06), "scaleanchor": "x"},
        shapes=[frame],
    )
    return figure


def curve(told: SenseScores, layer: int, *, dark: bool = False) -> Figure:
    """Return how well each layer tells the senses apart, with its 95 % interval, beside what else could do it."""
    theme: Theme = "dark" if dark else "light"
    layers = list(range(len(told.layers)))
    colour = FOR[theme]
    low, high = [one.low for one in told.layers], [one.high for one in told.layers]
    figure = drawing(band(layers, low, high, f"{colour}33") | {"showlegend": False})
    figure.add_scatter(
        x=layers,
        y=[one.auc for one in told.layers],
        customdata=np.array([low, high]).T,
        mode="lines+markers",
        name=f"“{brief(told.word, 20)}”, by layer",
        line={"color": colour, "width": 2},
        marker={"size": [13 if one == layer else 7 for one in layers], "color": colour},
        hovertemplate="layer %{x}<br><b>%{y:.1%}</b>, 95 % interval %{customdata[0]:.0%} to %{customdata[1]:.0%}"
        "<extra></extra>",
    )
    for name, found, dash in (
        ("the whole sentence's vector", told.whole, "dot"),
        (typed(told.static_name), told.static, "dash"),
    ):
        if found is not None:
            figure.add_scatter(**_level(name, found, layers, dash, theme))
    figure.add_hline(y=0.5, line={"color": FAINT[theme], "width": 1})
    lowest = min(0.4, *low, *(found.auc for found in (told.whole, told.static) if found))
    figure.update_layout(
        **base(theme, 400),
        showlegend=True,
        legend={"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0, "bgcolor": "rgba(0,0,0,0)"},
        xaxis={
            "title": {"text": "layer", "standoff": 4},
            "tickmode": "array",
            "tickvals": layers,
            "ticktext": ["input", *map(str, layers[1:])],
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={
            "tickformat": ".0%",
            "range": [lowest - 0.03, 1.03],
            "gridcolor": f"{FAINT[theme]}33",
            "zeroline": False,
            "automargin": True,
        },
    )
    return figure


# --- Parts ---------------------------------------------------------------------------------------


def _look(span: list[int], kind: Kind, theme: Theme) -> dict[str, str]:
    """Return which characters a token stands for, and the line around it."""
    edge = {"unknown": AGAINST[theme], "special": FAINT[theme], "prompt": FAINT[theme]}.get(kind, FOR[theme])
    line = "dashed" if kind in ("special", "prompt") else "solid"
    where = f"characters {span[0] + 1} to {span[1]}" if kind in ("word", "unknown") else "stands for none of the text"
    return {"where": where, "border": f"1px {line} {edge}"}


def _bundle(positions: NDArray[np.float32], names: Sequence[str], colour: int, theme: Theme) -> dict[str, Any]:
    """Return the paths of every token that has this colour, one line each, in one trace."""
    layers, count, _ = positions.shape
    chosen = range(colour, count, SIZE)
    scale = 1 if count <= MOST_ENDS else 0.55
    steps = [*range(layers), None]
    part = [0.0 if step is None else step / max(1, layers - 1) for step in steps]
    told = ["" if step is None else "input" if step == 0 else f"layer {step}" for step in steps]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [None if step is None else float(positions[step, token, 0]) for token in chosen for step in steps],
        "y": [None if step is None else float(positions[step, token, 1]) for token in chosen for step in steps],
        "text": [f"<b>{names[token]}</b><br>{one}" for token in chosen for one in told],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"width": scale, "color": PALETTE[theme][colour]},
        "marker": {
            "color": PALETTE[theme][colour],
            "size": [(4 + 6 * one) * scale for _ in chosen for one in part],
            "opacity": [0.35 + 0.65 * one for _ in chosen for one in part],
            "line": {"width": 0},
        },
    }


def _ends(positions: NDArray[np.float32], names: Sequence[str], theme: Theme) -> dict[str, Any]:
    """Return names at the ends of the paths, leaving out those that would be written over another."""
    ends = positions[-1]
    apart = np.abs(ends[:, None] - ends[None]) / np.maximum(np.ptp(positions, axis=(0, 1)), 1e-9)
    kept: list[int] = []
    for token in range(len(names)):
        if all(apart[token, other, 0] > _WIDE or apart[token, other, 1] > _HIGH for other in kept):
            kept.append(token)
    points, middle = ends[kept], ends.mean(axis=0)
    return {
        "x": points[:, 0],
        "y": points[:, 1],
        "mode": "text",
        "text": [names[token] for token in kept],
        "textposition": [
            f"{'top' if y >= middle[1] else 'bottom'} {'right' if x >= middle[0] else 'left'}" for x, y in points
        ],
        "textfont": {"color": INK[theme], "size": 12, "shadow": "auto"},
        "hoverinfo": "skip",
    }


def _level(name: str, found: Separation, layers: list[int], dash: str, theme: Theme) -> dict[str, Any]:
    return {
        "x": layers,
        "y": [found.auc] * len(layers),
        "mode": "lines",
        "name": name,
        "line": {"color": INK[theme], "width": 1.5, "dash": dash},
        "hovertemplate": f"{name}<br><b>%{{y:.1%}}</b>, 95 % interval {percent(found.low)} to {percent(found.high)}"
        "<extra></extra>",
    }


def _names(passage: Passage) -> list[str]:
    return [brief(piece, 24) for piece in passage.trace.pieces]


def _padded(values: NDArray[np.float32], by: float) -> dict[str, Any]:
    low, high = float(values.min()), float(values.max())
    room = by * ((high - low) or 1.0)
    return {"range": [low - room, high + room]}


def _sentence(use: Use) -> str:
    """Return the sentence for a hover label, its word in bold."""
    text = _CONTROL.sub(" ", use.text)
    before, word, after = text[: use.start], text[use.start : use.end], text[use.end :]
    around = f"{'…' if len(before) > 150 else ''}{before[-150:]}\x00{word}\x01{short(after, 150)}"
    marked = " ".join(around.split())
    lines = "<br>".join(map(typed, textwrap.wrap(marked, 58)))
    return lines.replace("\x00", "<b>").replace("\x01", "</b>")
