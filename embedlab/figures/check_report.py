"""A check of some texts as one HTML page that needs no network: what one attaches to a review."""

from __future__ import annotations

from collections.abc import Iterator

from embedlab.base.english import counted, percent
from embedlab.check.cuts import sentences as cut_sentences
from embedlab.check.decisions import HEADER
from embedlab.check.doubts import ASKED
from embedlab.check.grades import level_of, limits_of, worst_first
from embedlab.check.report import LONGEST, Inspection
from embedlab.check.run import Finding
from embedlab.check.tables import masking
from embedlab.drift.report import Changes
from embedlab.figures.cards import counts, model_card, some
from embedlab.figures.check import MOST_POINTS, found_map, found_of_each
from embedlab.figures.document import document, heading, paragraph, plot, safe, table
from embedlab.figures.drift_report import drift_sections
from embedlab.space import Layout

MOST_LINES = 20


def check_html(found: Inspection, changes: Changes | None = None) -> str:
    """Return the check as a page that stands alone; personal data are masked, and texts are shown as typed.

    `changes` is what differs from other texts, if that is to be a part of it.
    """
    return document(f"{found.space.corpus.name}: checked", _sections(found, changes))


def _sections(found: Inspection, changes: Changes | None) -> Iterator[str]:
    corpus = found.space.corpus
    yield f"<h1 dir='auto'>{safe(corpus.name)}: checked</h1>"
    yield paragraph(
        f"{counted(len(corpus), 'text')}, read by {found.space.card.model}; {found.when:%d %B %Y}.", "aside"
    )
    yield _verdict(found)
    yield _map(found)
    yield _data(found)
    yield model_card(found.space)
    yield _metrics(found)
    for one in worst_first(found.findings):
        yield _finding(found, one)
    yield _decided(found)
    if changes is not None:
        yield f"<h1 dir='auto'>{safe(' against '.join(changes.drift.sides.names))}</h1>"
        yield from drift_sections(changes)
    yield _made(found)


def _verdict(found: Inspection) -> str:
    ordered = worst_first(found.findings)
    reasons = [(level_of(one), one.sentence) for one in ordered]
    rows = [(one.title, level_of(one), f"{one.count:,}", _share(one), *limits_of(one.key)) for one in ordered]
    heads = ("", "Level", "Found", "Share", "Warns", "Fails")
    skipped = "".join(paragraph(one, "aside") for one in found.checked.skipped)
    told = (
        "Shares are of all texts: for leaks of those held out, for labels and hard regions of those with a label, for "
        "outliers of the distinct ones."
    )
    return (
        f"{paragraph(f'{found.grade.level.upper()}. {found.grade.sentence}', 'verdict')}"
        f"{table(('', 'Reason'), reasons, 'texts')}{skipped}"
        f"{heading('How much was found')}{plot(found_of_each(ordered), 'found')}{table(heads, rows)}"
        f"{paragraph(told, 'aside')}"
    )


def _share(one: Finding) -> str:
    return percent(one.share) if one.count else ""


def _map(found: Inspection) -> str:
    if found.layout is None or found.layout.dimensions != 2:
        return ""
    shown = masking(found.space.corpus.texts, found.checked.personal, LONGEST)
    drawn = plot(found_map(found.layout, found.findings, shown), "map")
    usual = [one.title.lower() for one in found.findings if one.usual]
    left = f"Left out, because so many texts have it: {', '.join(usual)}. " if usual else ""
    many = "Of many texts an even sample is drawn. " if len(found.space) > MOST_POINTS else ""
    trusted = "" if found.trust is None else found.trust.sentence
    return f"{heading('Where it was found')}{drawn}{paragraph(f'{left}{many}{trusted}', 'aside')}"


def _data(found: Inspection) -> str:
    corpus = found.space.corpus
    dropped = corpus.rows_read - len(corpus)
    columns = [f"{one.name} ({one.kind}, {int(one.missing.sum()):,} missing)" for one in corpus.columns]
    rows = [
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
    notes = "".join(paragraph(note.sentence, "aside") for note in corpus.notes)
    told = paragraph("Languages are guessed from the letters of each text; short ones are often not sure.", "aside")
    return f"{heading('Data')}{table(('', ''), rows, 'texts')}{told}{notes}"


def _metrics(found: Inspection) -> str:
    if found.accuracy is None or found.checked.doubts is None:
        return ""
    of = found.checked.doubts.of
    told = (
        f"A linear probe that has not seen the text names the label of {counted(len(of), 'text')} of "
        f"{len(of.names):,} classes with an accuracy of {found.accuracy} (95 % interval; {ASKED}). Doubtful labels "
        "count against it; what models are compared by is asked of the file's held-out part, where it has one."
    )
    notes = "".join(paragraph(note, "aside") for note in found.checked.doubts.notes)
    return f"{heading('How well the labels can be told')}{paragraph(told)}{notes}"


def _finding(found: Inspection, one: Finding) -> str:
    lines = [line for line in found.lines(one.key).lines if line.flagged]
    if not lines:
        return ""
    heads = found.lines(one.key).heads
    rows = [tuple(_cell(cell) for cell in line.cells) for line in lines[:MOST_LINES]]
    more = f"The first {MOST_LINES} of {len(lines):,}; the JSON has all." if len(lines) > MOST_LINES else ""
    told = f"{paragraph(one.sentence)}{paragraph(one.detail, 'aside')}"
    return f"{heading(one.title)}{told}{table(heads, rows, 'texts')}{paragraph(more, 'aside')}"


def _cell(value: str | int | float) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else value


def _decided(found: Inspection) -> str:
    if found.corrected is None or not found.corrected.log:
        return f"{heading('What was decided')}{paragraph('Nothing was changed.')}"
    log, corpus = found.corrected.log, found.corrected.corpus
    told = f"{counted(len(log), 'decision')}; {counted(len(corpus), 'text')} left. Each is listed."
    rows = [tuple(_cell(cell) if isinstance(cell, str | int | float) else str(cell) for cell in line) for line in log]
    return f"{heading('What was decided')}{paragraph(told)}{table(HEADER, rows, 'texts')}"


def _made(found: Inspection) -> str:
    lines = [
        f"near-duplicates from a likeness of {found.threshold:g} on",
        f"labels: 5 folds, seed {found.seed}",
        *([] if found.layout is None else [f"map: {found.layout.method}, {_settings(found.layout)}"]),
        f"model: {found.space.card.model or 'own vectors'}, weights {found.space.card.weights}",
        f"texts: fingerprint {found.space.corpus.fingerprint}",
        f"vectors: fingerprint {found.space.card.fingerprint}",
    ]
    return f"<details><summary>How this was made</summary><pre dir='auto'>{safe(chr(10).join(lines))}</pre></details>"


def _settings(layout: Layout) -> str:
    return ", ".join(f"{name} {value}" for name, value in layout.settings)
