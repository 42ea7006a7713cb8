"""Pictures of one cosine: which pieces carry it, both texts shaded by them, and where it stands among all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.explore.explain import Explanation, Standing, Weighed
from embedlab.figures.colours import Theme
from embedlab.figures.html import render
from embedlab.figures.theme import FAINT, INK, base, beside_toolbar, brief, drawing, hovered
from embedlab.figures.words import MOST_ROWS, bars

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# For and against the likeness; between them the page's own colour. Told apart with any colour vision.
FOR: dict[Theme, str] = {"light": "#2a6f9b", "dark": "#4fa8d8"}
AGAINST: dict[Theme, str] = {"light": "#c05a12", "dark": "#e08a3c"}
_GROUND: dict[Theme, str] = {"light": "#ffffff", "dark": "#12161c"}
MOST_NAMED = 48
_STRONGEST = 0.6  # the opacity of the strongest piece: its letters must stay readable


def alignment(explanation: Explanation, *, dark: bool = False) -> Figure:
    """Return the heatmap of what each pair of pieces gives: the first text's pieces down, the second's across.

    Raises `ValueError` for an explanation without pairs.
    """
    if explanation.pairs is None:
        raise ValueError("there are no pairs: words were left out one at a time")
    theme: Theme = "dark" if dark else "light"
    rows, columns = explanation.pairs.shape
    most = float(np.abs(explanation.pairs).max()) or 1.0
    figure = drawing(
        {
            "type": "heatmap",
            "z": explanation.pairs,
            "zmin": -most,
            "zmax": most,
            "colorscale": [[0, AGAINST[theme]], [0.5, _GROUND[theme]], [1, FOR[theme]]],
            "xgap": 1 if columns <= MOST_NAMED else 0,
            "ygap": 1 if rows <= MOST_NAMED else 0,
            "hovertemplate": f"<b>%{{z:+.4f}}</b> of {explanation.cosine:.3f}<br>%{{y}}<br>%{{x}}<extra></extra>",
            "colorbar": {
                "title": {"text": "part of the cosine", "side": "right", "font": {"size": 12}},
                **beside_toolbar(),
                "tickfont": {"size": 11},
                "nticks": 5,
            },
        }
    )
    figure.update_layout(
        **base(theme, max(300, min(720, 90 + 24 * rows))),
        xaxis={**_named(explanation.second), "side": "bottom", "tickangle": -45},
        yaxis={**_named(explanation.first), "autorange": "reversed"},
    )
    return figure


def explanation_figure(explanation: Explanation) -> Figure:
    """Return what each pair of pieces gives, or by how much the cosine falls without the words that matter most."""
    if explanation.pairs is not None:
        return alignment(explanation)
    table = explanation.table()
    strongest = table.iloc[table["contribution"].abs().argsort(kind="stable")[::-1][:MOST_ROWS]]
    names = [f"{row.piece} ({row.text})" for row in strongest.itertuples()]
    return bars(names, strongest["contribution"].to_numpy(), "cosine falls by", marked=None)


def standing_figure(standing: Standing, cosine: float, *, dark: bool = False) -> Figure:
    """Return how often each cosine occurs among the pairs of the corpus, with a line at `cosine`."""
    theme: Theme = "dark" if dark else "light"
    shares, edges = standing.histogram()
    middles = (edges[:-1] + edges[1:]) / 2
    figure = drawing(
        {
            "type": "bar",
            "x": middles,
            "y": shares,
            "width": np.diff(edges),
            "marker": {"color": FAINT[theme], "line": {"width": 0}},
            "hovertemplate": "cosine about %{x:.2f}<br>%{y:.2%} of the pairs<extra></extra>",
        }
    )
    figure.add_vline(x=cosine, line={"color": FOR[theme], "width": 2})
    figure.update_layout(
        **base(theme, 190),
        bargap=0,
        showlegend=False,
        xaxis={"title": {"text": "cosine"}, "showgrid": False, "zeroline": False},
        yaxis={"title": {"text": "pairs"}, "showgrid": False, "zeroline": False, "showticklabels": False},
    )
    return figure


def highlighted(weighed: Weighed, *, dark: bool = False, most: float | None = None) -> str:
    """Return the text as HTML, each piece shaded by what it gives; pieces that stand for no character come first.

    `most` is the weight with the strongest shade (None: the highest of this text). Texts are shown as typed; what the
    model doesn't know has a dashed line under it, and says so when it is pointed at.
    """
    theme: Theme = "dark" if dark else "light"
    most = most or float(np.abs(weighed.weights).max(initial=0.0)) or 1.0
    apart, parts, at = [], [], 0
    for place, (start, end) in enumerate(weighed.spans.tolist()):
        look = *_shade(weighed, place, most, theme), _under(weighed, place, theme)
        if start == end:
            apart.append((weighed.pieces[place], *look))
            continue
        start = max(start, at)  # pairs of characters overlap
        parts += [(weighed.text[at:start], "", "", ""), (weighed.text[start:end], *look)]
        at = max(at, end)
    parts.append((weighed.text[at:], "", "", ""))
    return render("highlighted.html.j2", parts=parts, apart=apart, ink=INK[theme])


def _unknown(weighed: Weighed, place: int) -> bool:
    return weighed.unknown is not None and bool(weighed.unknown[place])


def _under(weighed: Weighed, place: int, theme: Theme) -> str:
    return f"border-bottom:2px dashed {AGAINST[theme]};" if _unknown(weighed, place) else ""


def _shade(weighed: Weighed, place: int, most: float, theme: Theme) -> tuple[str, str]:
    """Return what a piece says when it is pointed at, and its colour."""
    weight = float(weighed.weights[place])
    strength = min(1.0, abs(weight) / most) * _STRONGEST
    colour = (FOR if weight >= 0 else AGAINST)[theme]
    told = ", unknown to the model" if _unknown(weighed, place) else ""
    return f"{weighed.pieces[place]}: {weight:+.4f}{told}", f"{colour}{round(255 * strength):02x}"


def _named(weighed: Weighed) -> dict[str, Any]:
    return hovered([brief(piece, 24) for piece in weighed.pieces], MOST_NAMED) | {"automargin": True}
