"""Pictures of single words: bars of candidates, an axis with what lies on it, two axes as a plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.figures.colours import BACKGROUND, PALETTE, Theme
from embedlab.figures.theme import FAINT, INK, base, brief, drawing, one_line, short

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Floats = NDArray[np.floating]

MOST_ROWS = 40
MOST_LABELLED = 250
MOST_LABELLED_OF_MANY = 60
MOST_DRAWN_SHARP = 2_000
ROW = 18  # pixels
STRIP = 80
_BINS = 80
_LONGEST = 44  # letters beside a dot
_POLE = 22  # letters at the end of an axis
_BAND: dict[Theme, str] = {"light": "rgba(138, 146, 155, 0.18)", "dark": "rgba(124, 133, 142, 0.28)"}
_QUIET: dict[Theme, str] = {"light": "#c9ced6", "dark": "#454d59"}
# For placing labels a figure is taken to be this wide and high; on a narrower screen some may touch.
_WIDE, _HIGH, _LETTER, _LINE = 620.0, 500.0, 6.6, 14.0
_SIDES = (("left", 7, 0), ("right", -7, 0), ("center", 0, 14), ("center", 0, -14))


@dataclass(frozen=True)
class Ends:
    """What an axis is called at its low and at its high end."""

    low: str
    high: str

    @property
    def title(self) -> str:
        """Both ends with arrows, short."""
        return f"{self.first}{chr(0xA0) * 6}{self.last}"

    @property
    def first(self) -> str:
        """The low end with its arrow, short."""
        return f"← {_pole(self.low)}"

    @property
    def last(self) -> str:
        """The high end with its arrow, short."""
        return f"{_pole(self.high)} →"


def _pole(listed: str) -> str:
    """Return the words at one end, as many of them as fit, each whole: "hot, boiling, …"."""
    words = listed.split(", ")
    if len(listed) <= _POLE or len(words[0]) > _POLE - 3:
        return brief(listed, _POLE)
    fit = next(count for count in range(len(words) - 1, 0, -1) if len(", ".join(words[:count])) <= _POLE - 3)
    return brief(", ".join(words[:fit]) + ", …", _POLE)


def bars(words: Sequence[str], scores: Floats, what: str, *, marked: int | None = 0, dark: bool = False) -> Figure:
    """Return a bar for each word, the first on top, with its score written at its end.

    `what` says what a score is. The bar of the word `marked` stands out; with None, none does.
    """
    theme: Theme = "dark" if dark else "light"
    accent = PALETTE[theme][0]
    names = [f"{brief(word, 28)} " for word in words]
    figure = drawing(
        {
            "type": "bar",
            "orientation": "h",
            "y": list(range(len(words))),
            "x": scores,
            "marker": {"color": [accent if marked in (None, place) else _QUIET[theme] for place in range(len(words))]},
            "text": [f"{score:.3f}" for score in scores],
            "textposition": "outside",
            "cliponaxis": False,
            "customdata": [brief(word, 200) for word in words],
            "hovertemplate": f"<b>%{{customdata}}</b><br>{what} %{{x:.4f}}<extra></extra>",
        }
    )
    figure.update_layout(
        **base(theme, 70 + max(3, len(words)) * (ROW + 6)),
        bargap=0.25,
        dragmode=False,
        xaxis={**_axis(theme), "title": {"text": what}, "range": _bar_range(scores)},
        yaxis={**_rows(len(words)), "tickmode": "array", "tickvals": list(range(len(words))), "ticktext": names},
    )
    figure.update_layout(yaxis_showticklabels=True, yaxis_automargin=True, margin_r=48)
    return figure


def ranged(
    texts: Sequence[str],
    positions: Floats,
    between: Ends,
    *,
    everything: Floats | None = None,
    usual: tuple[float, float] | None = None,
    chance: Floats | None = None,
    scale: str = "position (poles at −1 and +1)",
    dark: bool = False,
) -> Figure:
    """Return `texts` on an axis, a row each so that no two names overlap, in the order given from the top.

    `everything` makes a strip above: how many of all the words or texts lie where. `usual` shades where most
    words lie. `chance` (m,) draws a grey bar around 0 in each row: what is inside says nothing.
    """
    theme: Theme = "dark" if dark else "light"
    count = len(texts)
    most = None if everything is None or not len(everything) else np.percentile(everything, [0.2, 99.8])
    low, high = _span([positions, most, chance, None if chance is None else -chance])
    above = STRIP if everything is not None else 0
    height = 90 + above + max(4, count) * ROW
    figure = drawing()
    if chance is not None:
        figure.add_bar(
            orientation="h", x=2 * chance, base=-chance, y=list(range(count)), width=0.7,
            marker={"color": _BAND[theme], "line": {"width": 0}}, hoverinfo="skip",
        )  # fmt: skip
    figure.add_scatter(**_dots(texts, positions, (low + high) / 2, scale, theme))
    part = above / (height - 90) if above else 0.0
    figure.update_layout(
        **base(theme, height),
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        xaxis={**_axis(theme), "title": {"text": scale, "standoff": 4}, "range": [low, high], "anchor": "y"},
        yaxis={**_rows(count), "domain": [0, 1 - part]},
        shapes=_shade(usual, theme),
        annotations=_at_ends(between, theme),
    )
    figure.update_layout(margin_b=60, margin_t=32)
    if everything is not None:
        _add_strip(figure, everything, (low, high), 1 - part, theme)
    return figure


def plane(texts: Sequence[str], xs: Floats, ys: Floats, across: Ends, up: Ends, *, dark: bool = False) -> Figure:
    """Return `texts` on two axes; names are left out where they would cover others, and shown by hovering."""
    theme: Theme = "dark" if dark else "light"
    accent = PALETTE[theme][0]
    (left, right), (low, high) = _span([xs]), _span([ys])
    figure = drawing(
        {
            "type": "scatter" if len(texts) <= MOST_DRAWN_SHARP else "scattergl",
            "mode": "markers",
            "x": xs,
            "y": ys,
            "marker": {
                "color": accent,
                **({"size": 8} if len(texts) <= MOST_LABELLED else {"size": 5, "opacity": 0.5}),
            },
            "customdata": [brief(text, 200) for text in texts],
            "hovertemplate": "<b>%{customdata}</b><br>across %{x:.2f}, up %{y:.2f}<extra></extra>",
        }
    )
    named = _placed(texts, (xs - left) / (right - left), (ys - low) / (high - low))
    figure.update_layout(
        **base(theme, 580),
        showlegend=False,
        hovermode="closest",
        dragmode="pan",
        xaxis={**_axis(theme), "title": {"text": across.title}, "range": [left, right]},
        yaxis={**_axis(theme), "title": {"text": up.title}, "range": [low, high]},
        annotations=[
            {
                "x": float(xs[place]), "y": float(ys[place]), "text": brief(texts[place], 26),
                "showarrow": False, "xanchor": anchor, "xshift": shift, "yshift": lift,
                "font": {"size": 12, "color": INK[theme]}, "captureevents": False,
            }
            for place, anchor, shift, lift in named
        ],
    )  # fmt: skip
    return figure


def _dots(texts: Sequence[str], positions: Floats, middle: float, scale: str, theme: Theme) -> dict[str, Any]:
    """Return a dot a row, its name on the side where there is room."""
    return {
        "mode": "markers+text",
        "x": positions,
        "y": list(range(len(texts))),
        "marker": {"color": PALETTE[theme][0], "size": 9},
        "text": [f" {brief(text, _LONGEST)} " for text in texts],
        "textposition": ["middle right" if position <= middle else "middle left" for position in positions],
        "textfont": {"size": 12, "color": INK[theme]},
        "cliponaxis": False,
        "customdata": [brief(text, 200) for text in texts],
        "hovertemplate": f"<b>%{{customdata}}</b><br>{scale} %{{x:.3f}}<extra></extra>",
    }


def _add_strip(figure: Figure, everything: Floats, span: tuple[float, float], bottom: float, theme: Theme) -> None:
    counts, edges = np.histogram(everything, bins=_BINS, range=span)
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=np.diff(edges),
        yaxis="y2",
        marker={"color": FAINT[theme], "line": {"width": 0}},
        customdata=np.stack([edges[:-1], edges[1:]], axis=1),
        hovertemplate="%{y:,} from %{customdata[0]:.2f} to %{customdata[1]:.2f}<extra></extra>",
    )
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "fixedrange": True}
    figure.update_layout(
        yaxis2={**hidden, "domain": [bottom + 0.02 * (1 - bottom), 1], "anchor": "x"},
    )
    figure.add_annotation(
        x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="top", xshift=4, showarrow=False,
        text=f"all {len(everything):,}", font={"size": 11, "color": FAINT[theme]}, bgcolor=BACKGROUND[theme],
    )  # fmt: skip


def _at_ends(between: Ends, theme: Theme) -> list[dict[str, Any]]:
    """Return which side is which, above the rows, where one begins to read, and below them."""
    look = {"xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 13, "color": INK[theme]}}
    places = ({"y": 1, "yanchor": "bottom", "yshift": 6}, {"y": 0, "yanchor": "top", "yshift": -36})
    sides = ({"x": 0, "xanchor": "left", "text": between.first}, {"x": 1, "xanchor": "right", "text": between.last})
    return [{**look, **place, **side} for place in places for side in sides]


def _shade(usual: tuple[float, float] | None, theme: Theme) -> list[dict[str, Any]]:
    if usual is None:
        return []
    look = {"type": "rect", "fillcolor": _BAND[theme], "line": {"width": 0}, "layer": "below"}
    return [{**look, "x0": usual[0], "x1": usual[1], "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}]


def _placed(texts: Sequence[str], xs: Floats, ys: Floats) -> list[tuple[int, str, int, int]]:
    """Return the texts whose names have room, and where: the place, the side that is held, and shifts in pixels.

    The ones farthest from the middle choose first. `xs` and `ys` are from 0 to 1. No name covers another one or, where
    there are few, another's dot.
    """
    if not len(texts):
        return []
    dots = np.stack([np.asarray(xs) * _WIDE, np.asarray(ys) * _HIGH], axis=1)
    taken = np.concatenate([dots - 4, dots + 4], axis=1) if len(dots) <= MOST_LABELLED else np.empty((0, 4))
    apart = np.abs(dots - np.median(dots, axis=0)) / np.maximum(dots.std(axis=0), 1e-9)
    most = MOST_LABELLED if len(dots) <= MOST_LABELLED else MOST_LABELLED_OF_MANY
    order = np.argsort(-apart.max(axis=1), kind="stable")[:most]
    placed = []
    for place in order.tolist():
        width = _LETTER * len(short(one_line(texts[place]), 26))
        for anchor, shift, lift in _SIDES:
            left, low, right, high = box = _box(dots[place].tolist(), width, anchor, shift, lift)
            covered = (left < taken[:, 2]) & (taken[:, 0] < right) & (low < taken[:, 3]) & (taken[:, 1] < high)
            if left >= -8 and right <= _WIDE + 8 and not covered.any():
                taken = np.vstack([taken, box])
                placed.append((place, anchor, shift, lift))
                break
    return placed


Box = tuple[float, float, float, float]


def _box(dot: list[float], width: float, anchor: str, shift: int, lift: int) -> Box:
    x, y = dot[0] + shift, dot[1] + lift
    start = {"left": x, "right": x - width, "center": x - width / 2}[anchor]
    return (start, y - _LINE / 2, start + width, y + _LINE / 2)


def _span(values: Sequence[Floats | None]) -> tuple[float, float]:
    """Return the range that holds all, with some room."""
    held = np.concatenate([np.asarray(some, dtype=float).ravel() for some in values if some is not None])
    if not len(held):
        return -1.0, 1.0
    low, high = float(held.min()), float(held.max())
    room = 0.06 * (high - low) or 0.1
    return low - room, high + room


def _bar_range(scores: Floats) -> list[float]:
    low, high = float(min(0.0, scores.min(initial=0.0))), float(scores.max(initial=0.0))
    room = 0.14 * (high - low) or 0.1
    return [low - (room if low < 0 else 0), high + room]


def _axis(theme: Theme) -> dict[str, Any]:
    return {
        "zeroline": True,
        "zerolinecolor": FAINT[theme],
        "zerolinewidth": 1,
        "gridcolor": _BAND[theme],
        "automargin": True,
        "fixedrange": False,
        "tickfont": {"size": 11},
    }


def _rows(count: int) -> dict[str, Any]:
    return {
        "range": [max(count, 3) - 0.4, -0.6],
        "showgrid": False,
        "zeroline": False,
        "showticklabels": False,
        "ticks": "",
        "fixedrange": True,
    }
