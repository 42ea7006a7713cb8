"""Checks in pictures (how much was found, where, how a property is spread) and as a page to attach to a review."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import counted, percent
from embedlab.check.base import Finding
from embedlab.check.findings.cut import sentences as cut_sentences
from embedlab.check.findings.labels import ASKED
from embedlab.check.findings.properties import Property
from embedlab.check.plan import HEADER
from embedlab.check.report import LONGEST, Inspection, worst_first
from embedlab.corpus import Column
from embedlab.drift.report import DriftReport
from embedlab.figures.colouring import Colouring, by_codes, by_column
from embedlab.figures.colours import MISSING, PALETTE, SIZE, Theme
from embedlab.figures.drift import counts, drift_values, model_rows, some
from embedlab.figures.html import render
from embedlab.figures.theme import (
    ABOVE,
    FAINT,
    TOOLBAR_WIDTH,
    UNSEEN,
    base,
    drawing,
    grid,
    named_rows,
    of_counts,
    typed,
    wrapped,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.space import Layout

OTHERS = "nothing found"
MOST_POINTS = 5_000
MOST_LINES = 20  # of a finding, in a report
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
        legend=ABOVE,
        xaxis={
            "type": "log", "range": [math.log10(_LEAST) - 0.1, 0.1], "automargin": True, **grid(theme),
            "tickvals": [0.0001, 0.001, 0.01, 0.1, 1], "ticktext": ["≤ 0.01 %", "0.1 %", "1 %", "10 %", "100 %"],
        },
        yaxis=named_rows([f"{one.title} ({one.count:,})" for one in findings], 0.6),
    )  # fmt: skip
    figure.update_traces(cliponaxis=False)
    return figure


def found_map(layout: Layout, findings: Sequence[Finding], shown: Callable[[int], str]) -> Figure:
    """Return the map with what was found on it, for a report; `shown` returns what may be shown of a text.

    A text that was found several times has the colour of its worst finding. What is usual among these texts is left
    out. Of the texts with nothing found, and of those with, an even sample of at most 5,000 each is drawn.
    """
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
                "color": MISSING["light"] if place < 0 else PALETTE["light"][place % SIZE],
                "symbol": "circle" if place < 0 else _SYMBOLS[place % len(_SYMBOLS)],
            },
            text=[f"<i>{typed(name)}</i><br>{wrapped(shown(row))}" for row in rows.tolist()],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(base("light", 480))
    figure.update_layout(
        margin={"l": 0, "r": TOOLBAR_WIDTH, "t": 0, "b": 0},
        hovermode="closest",
        legend=ABOVE | {"y": 1.0, "itemsizing": "constant"},
        **UNSEEN,
    )
    return figure


_SYMBOLS = ("square", "triangle-up", "diamond", "cross", "x", "star", "pentagon", "hexagon", "bowtie", "hourglass")


def spread(one: Property, *, dark: bool = False) -> Figure:
    """Return how a property is spread over the texts, those out of the ordinary in a colour of their own."""
    theme: Theme = "dark" if dark else "light"
    is_odd = np.zeros(len(one.values), dtype=bool)
    is_odd[one.odd] = True
    figure, highest = drawing(), 0
    for colour, (name, part) in enumerate((("ordinary", ~is_odd), ("out of the ordinary", is_odd))):
        places, heights, shown = _bars(one, part)
        highest += max(heights, default=0)
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
        margin={"l": 44, "r": TOOLBAR_WIDTH, "t": 8, "b": 60},
        legend={"orientation": "h", "y": -0.28, "x": 0},
    )
    figure.update_yaxes(title={"text": "texts"}, **of_counts(highest))
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


# --- As a page -----------------------------------------------------------------------------------


def check_html(found: Inspection, changes: DriftReport | None = None) -> str:
    """Return the check as a page that stands alone; personal data are masked, and texts are shown as typed.

    `changes` is what differs from other texts, if that is to be a part of it.
    """
    corpus, corrected = found.space.corpus, found.corrected
    ordered = worst_first(found.findings)
    return render(
        "check.html.j2",
        title=f"{corpus.name}: checked",
        read_by=f"{counted(len(corpus), 'text')}, read by {found.space.card.model}; {found.when:%d %B %Y}.",
        verdict=f"{found.grade.level.upper()}. {found.grade.sentence}",
        reasons=[(one.level, one.sentence) for one in ordered],
        skipped=found.checked.skipped,
        found_of_each=found_of_each(ordered),
        counts=[(one.title, one.level, f"{one.count:,}", _share(one), *one.kind.limits_told) for one in ordered],
        map=_map(found),
        map_told=_map_told(found),
        data=_data(found),
        data_notes=[note.sentence for note in corpus.notes],
        model=model_rows(found.space),
        accuracy=_accuracy(found),
        accuracy_notes=found.checked.doubts.notes if found.checked.doubts else (),
        findings=[*filter(None, (_finding(found, one) for one in ordered))],
        decision_heads=HEADER,
        decisions=[tuple(map(_cell, line)) for line in corrected.log] if corrected else (),
        texts_left=len(corrected.corpus) if corrected else len(corpus),
        drift=drift_values(changes) if changes else None,
        how=_how(found),
    )


def _share(one: Finding) -> str:
    return percent(one.share) if one.count else ""


def _map(found: Inspection) -> Figure | None:
    if found.layout is None or found.layout.dimensions != 2:
        return None
    return found_map(found.layout, found.findings, found.checked.shown(LONGEST))


def _map_told(found: Inspection) -> str:
    usual = [one.title.lower() for one in found.findings if one.usual]
    left = f"Left out, because so many texts have it: {', '.join(usual)}. " if usual else ""
    many = "Of many texts an even sample is drawn. " if len(found.space) > MOST_POINTS else ""
    return f"{left}{many}{'' if found.trust is None else found.trust.sentence}"


def _data(found: Inspection) -> list[tuple[str, str]]:
    corpus = found.space.corpus
    dropped = corpus.dropped
    columns = [f"{one.name} ({one.kind}, {int(one.missing.sum()):,} missing)" for one in corpus.columns]
    return [
        ("Rows", f"{corpus.rows_read:,} read, {len(corpus):,} kept, {dropped:,} dropped"),
        ("Source", found.source or "not given"),
        ("Licence", found.licence or "not given"),
        ("Languages", counts(found.languages)),
        ("Scripts", counts(found.scripts)),
        ("Texts cut", " ".join(cut_sentences(found.checked.cuts, len(corpus)))),
        ("Columns", some(columns)),
        ("Labels", found.label or "none"),
        ("Fingerprint", corpus.fingerprint),
    ]


def _accuracy(found: Inspection) -> str:
    if found.accuracy is None or found.checked.doubts is None:
        return ""
    of = found.checked.doubts.of
    return (
        f"A linear probe that has not seen the text names the label of {counted(len(of), 'text')} of "
        f"{counted(len(of.names), 'class', 'classes')} with an accuracy of {found.accuracy} (95 % interval; "
        f"{ASKED}). Doubtful "
        "labels count against it; what models are compared by is asked of the file's held-out part, where it has one."
    )


def _finding(found: Inspection, one: Finding) -> dict[str, Any] | None:
    """Return what the template says of a finding; None where nothing was found."""
    listed = found.lines(one.key)
    lines = [line for line in listed.lines if line.flagged]
    if not lines:
        return None
    return {
        "title": one.title,
        "sentence": one.sentence,
        "detail": one.detail,
        "heads": listed.heads,
        "rows": [tuple(map(_cell, line.cells)) for line in lines[:MOST_LINES]],
        "more": f"The first {MOST_LINES} of {len(lines):,}; the JSON has all." if len(lines) > MOST_LINES else "",
    }


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _how(found: Inspection) -> list[str]:
    layout, card = found.layout, found.space.card
    settings = ", ".join(f"{name} {value}" for name, value in layout.settings) if layout else ""
    return [
        f"near-duplicates from a likeness of {found.checked.threshold:g} on",
        f"labels: 5 folds, seed {found.checked.seed}",
        *([f"map: {layout.method}, {settings}"] if layout else []),
        f"model: {card.model or 'own vectors'}, weights {card.weights}",
        f"texts: fingerprint {found.space.corpus.fingerprint}",
        f"vectors: fingerprint {card.fingerprint}",
    ]
