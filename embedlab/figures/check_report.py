"""A check of some texts as one HTML page that needs no network: what one attaches to a review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embedlab.base.english import counted, percent
from embedlab.check.base import Finding
from embedlab.check.findings.cut import sentences as cut_sentences
from embedlab.check.findings.labels import ASKED
from embedlab.check.plan import HEADER
from embedlab.check.report import LONGEST, Inspection, worst_first
from embedlab.drift.report import DriftReport
from embedlab.figures.cards import counts, model_rows, some
from embedlab.figures.check import MOST_POINTS, found_map, found_of_each
from embedlab.figures.drift_report import drift_values
from embedlab.figures.html import render

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_LINES = 20


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
    dropped = corpus.rows_read - len(corpus)
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
        f"{len(of.names):,} classes with an accuracy of {found.accuracy} (95 % interval; {ASKED}). Doubtful labels "
        "count against it; what models are compared by is asked of the file's held-out part, where it has one."
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
