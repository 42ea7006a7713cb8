"""Frozen against fine-tuned in pictures: classes, learning curves, a training as it goes, what changed and was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from embedlab.base.arrays import Floats
from embedlab.figures.colours import MISSING, PALETTE, Theme
from embedlab.figures.theme import (
    ABOVE,
    FAINT,
    INK,
    band,
    base,
    beside_toolbar,
    brief,
    drawing,
    grid,
    named_rows,
    of_counts,
    of_shares,
    one_line,
    short,
    typed,
    whiskers,
)  # fmt: skip
from embedlab.stats.intervals import Interval

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.finetune.decision import FinetuneResult

MOST_CLASSES = 30
CLOSEST = 1.35  # two ticks nearer than this factor would overprint on a phone
_ROW = 20


def balance(counts: Mapping[str, Mapping[str, int]], *, dark: bool = False) -> Figure:
    """Return a bar for each class, in two parts: `counts[part][class]` texts, such as those of the training side.

    The first 30 classes are drawn.
    """
    theme: Theme = "dark" if dark else "light"
    classes = list(dict.fromkeys(name for found in counts.values() for name in found))[:MOST_CLASSES]
    colours = (PALETTE[theme][0], MISSING[theme])
    most = max((sum(found.get(name, 0) for found in counts.values()) for name in classes), default=0)
    figure = drawing()
    for (part, found), colour in zip(counts.items(), colours, strict=True):
        figure.add_bar(
            y=list(range(len(classes))),
            x=[found.get(name, 0) for name in classes],
            orientation="h",
            name=typed(part),
            marker={"color": colour, "line": {"width": 0}},
            text=[typed(name) for name in classes],
            textposition="none",
            hovertemplate=f"%{{text}}: %{{x:,}} {typed(part)}<extra></extra>",
        )
    figure.update_layout(
        **base(theme, _ROW * len(classes) + 70),
        barmode="stack",
        bargap=0.3,
        legend={**ABOVE, "traceorder": "normal"},
        xaxis=grid(theme, "texts") | of_counts(most),
        yaxis=named_rows([short(one_line(name), 52) for name in classes], 0.6),
    )
    return figure


def finetune_figure(result: FinetuneResult) -> Figure:
    """Return the learning curve of the frozen model with the fine-tuned one beside it, each with its 95 % interval."""
    at = result.curve[-1].labels_a_class
    tuned = {result.run.name: (at, result.compared.probes[1].accuracy)}
    found = [point.accuracy for point in result.curve]
    return learning_curve([point.labels_a_class for point in result.curve], found, tuned)


def learning_curve(
    labels: Sequence[float],
    accuracies: Sequence[Interval],
    others: Mapping[str, tuple[float, Interval]] | None = None,
    *,
    dark: bool = False,
) -> Figure:
    """Return accuracy by labels a class on a logarithmic axis, with a band for the 95 % intervals.

    `others` are single results beside the curve, each with its labels a class: the fine-tuned model, for example.
    """
    theme: Theme = "dark" if dark else "light"
    colour = PALETTE[theme][0]
    figure = drawing()
    lows, highs = [one.low for one in accuracies], [one.high for one in accuracies]
    figure.add_trace(band(labels, lows, highs, f"{colour}30") | {"showlegend": False})
    figure.add_scatter(
        x=list(labels),
        y=[one.mean for one in accuracies],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 8},
        cliponaxis=False,
        name="frozen, linear probe",
        text=[
            f"{_labels(at)} label{'s' * (at != 1)} a class: {one}" for at, one in zip(labels, accuracies, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    for number, (name, (at, accuracy)) in enumerate((others or {}).items(), start=1):
        figure.add_scatter(
            x=[at],
            y=[accuracy.mean],
            error_y=whiskers([accuracy]),
            mode="markers",
            marker={"size": 12, "symbol": "diamond", "color": PALETTE[theme][number % len(PALETTE[theme])]},
            cliponaxis=False,
            name=brief(name),
            hovertemplate=f"{typed(name)}: {accuracy}<extra></extra>",
        )
    ticks = _apart(sorted({*labels, *(at for at, _ in (others or {}).values())}))
    figure.update_layout(
        **base(theme, 340),
        legend=ABOVE,
        xaxis=grid(theme, "labels a class") | {"type": "log", "tickvals": ticks, "ticktext": [*map(_labels, ticks)]},
        yaxis=grid(theme, "accuracy") | of_shares() | {"tickformat": ".0%", "automargin": True},
    )
    return figure


def _labels(count: float) -> str:
    """Return a mean number of labels a class: whole from a hundred on."""
    return f"{count:,.0f}" if count >= 100 else f"{count:.3g}"


def _apart(ticks: Sequence[float]) -> list[float]:
    """Leave out what would stand on its neighbour on a logarithmic axis; the largest stays."""
    kept: list[float] = []
    for tick in reversed(ticks):
        if not kept or kept[-1] >= CLOSEST * tick:
            kept.append(tick)
    return kept[::-1]


def training(
    losses: Sequence[tuple[int, float]], scores: Sequence[tuple[int, float]], steps: int = 0, *, dark: bool = False
) -> Figure:
    """Return the loss of a training by its steps, and above it the validation score with the best one marked.

    `steps` are those that the training will have; 0 where it is over.
    """
    theme: Theme = "dark" if dark else "light"
    figure = drawing()
    figure.add_scatter(
        x=[step for step, _ in losses],
        y=[loss for _, loss in losses],
        mode="lines" if len(losses) > 1 else "markers",
        line={"color": PALETTE[theme][0], "width": 2},
        name="loss",
        hovertemplate="step %{x:,}: loss %{y:.4~g}<extra></extra>",
    )
    best = max(scores, key=lambda one: one[1], default=None)
    figure.add_scatter(
        x=[step for step, _ in scores],
        y=[score for _, score in scores],
        yaxis="y2",
        mode="lines+markers",
        line={"color": PALETTE[theme][2], "width": 2},
        marker={
            "color": PALETTE[theme][2],
            "size": [13 if one == best else 7 for one in scores],
            "symbol": ["star" if one == best else "circle" for one in scores],
        },
        name="validation score (★ the best, kept)",
        cliponaxis=False,
        hovertemplate="step %{x:,}: validation %{y:.4~g}<extra></extra>",
    )
    upper = bool(scores)
    last = steps or max(step for step, _ in (*losses, *scores, (1, 0.0)))
    figure.update_layout(
        **base(theme, 300 if upper else 190),
        legend=ABOVE,
        showlegend=True,
        xaxis=grid(theme, "steps") | {"anchor": "y"} | of_counts(last) | {"range": [0, last]},
        yaxis=grid(theme, "loss") | {"domain": [0, 0.5 if upper else 1], "automargin": True},
        yaxis2=grid(theme, "validation")
        | of_shares()
        | {"domain": [0.58, 1], "anchor": "x", "automargin": True, "visible": upper},
    )
    return figure


def confusions(changes: Sequence[tuple[str, str, int, int]], *, dark: bool = False) -> Figure:
    """Return for each pair of classes how often the first was taken for the second, before and after.

    `changes` are (class, taken for, times with the frozen model, times with the fine-tuned one).
    """
    theme: Theme = "dark" if dark else "light"
    # On two lines, so that a narrow screen has room for the counts.
    names = [f"{brief(given, 28)}<br>→ {brief(taken, 28)}" for given, taken, _, _ in changes]
    rows = list(range(len(names)))
    figure = drawing()
    figure.add_scatter(
        x=[at for _, _, before, after in changes for at in (before, after, None)],
        y=[at for row in rows for at in (row, row, None)],
        mode="lines",
        line={"color": FAINT[theme], "width": 2},
        hoverinfo="skip",
        showlegend=False,
    )
    for place, (name, symbol) in enumerate((("frozen", "circle-open"), ("fine-tuned", "circle"))):
        counts = [change[2 + place] for change in changes]
        figure.add_scatter(
            x=counts,
            y=rows,
            mode="markers",
            marker={
                "size": 11,
                "symbol": symbol,
                "color": PALETTE[theme][place * 2],
                "line": {"width": 2, "color": PALETTE[theme][place * 2]},
            },
            name=name,
            text=[typed(f"{given} taken for {taken}") for given, taken, _, _ in changes],
            hovertemplate=f"%{{text}}: %{{x:,}} times, {name}<extra></extra>",
        )
    most = max((max(before, after) for _, _, before, after in changes), default=1)
    figure.update_layout(
        **base(theme, 44 * len(names) + 80),
        legend=ABOVE,
        xaxis=grid(theme, "held-out texts") | of_counts(most),
        yaxis=named_rows(names, 0.6) | {"ticktext": names},
    )
    figure.update_xaxes(range=[-0.02 * most - 0.2, 1.02 * most + 0.2])  # whole markers at both ends
    return figure


def general(
    before: Floats, after: Floats, scores: Floats, pairs: Sequence[tuple[str, str]], *, dark: bool = False
) -> Figure:
    """Return the general pairs by their cosine before (rightwards) and after (upwards), coloured by their likeness.

    `before`, `after` and `scores` are (p,), the scores are the grades of their author. On the diagonal nothing changed.
    """
    theme: Theme = "dark" if dark else "light"
    lowest = float(min(before.min(initial=0), after.min(initial=0)))
    ends = [lowest - 0.03, 1.03]
    figure = drawing()
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": FAINT[theme], "dash": "dot"}, hoverinfo="skip", showlegend=False
    )
    shown = [f"{typed(one_line(first)[:90])}<br>{typed(one_line(second)[:90])}" for first, second in pairs]
    figure.add_scatter(
        x=before,
        y=after,
        mode="markers",
        marker={
            "size": 8,
            "color": scores,
            "colorscale": "Viridis" if dark else "Cividis",
            "reversescale": not dark,
            "line": {"width": 0.5, "color": INK[theme]},
            "colorbar": {"title": {"text": "grade"}, **beside_toolbar()},
        },
        text=shown,
        customdata=scores,
        hovertemplate="%{text}<br>grade %{customdata:.3~g}; cosine %{x:.2f}, then %{y:.2f}<extra></extra>",
        showlegend=False,
    )  # fmt: skip
    figure.update_layout(
        **base(theme, 380),
        xaxis=grid(theme, "cosine, frozen") | {"range": ends},
        yaxis=grid(theme, "cosine, fine-tuned") | {"range": ends, "automargin": True},
    )
    return figure
