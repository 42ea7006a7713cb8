"""What changed between two sides as one HTML page that needs no network, or as a part of another report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from embedlab.check.properties import script
from embedlab.drift.columns import Trait
from embedlab.drift.regions import Region
from embedlab.drift.report import Changes
from embedlab.drift.verdict import TypicalText
from embedlab.figures.cards import counts, model_card
from embedlab.figures.document import document, heading, paragraph, plot, safe, table
from embedlab.figures.drift import against_chance, effects, over_time, shares
from embedlab.text.language import languages, spoken

MOST_READ = 5_000  # texts of a side whose language is guessed
MOST_LINES = 30
TYPICAL = 10


def drift_html(changes: Changes) -> str:
    """Return the comparison as a page that stands alone; personal data are masked, and texts are shown as typed."""
    title = f"{' against '.join(changes.drift.sides.names)}: drift"
    return document(title, _page(changes, title))


def _page(changes: Changes, title: str) -> Iterator[str]:
    yield f"<h1 dir='auto'>{safe(title)}</h1>"
    yield paragraph(f"Read by {changes.space.card.model or 'own vectors'}; {changes.when:%d %B %Y}.", "aside")
    yield from drift_sections(changes)
    yield model_card(changes.space)
    yield _made(changes)


def drift_sections(changes: Changes) -> Iterator[str]:
    """Return the verdict, the data of both sides and what differs, as HTML sections without a title."""
    yield _verdict(changes)
    yield _data(changes)
    yield _regions(changes)
    yield _typical(changes)
    yield _traits(changes)
    yield _curve(changes)
    yield _chance(changes)


def _verdict(changes: Changes) -> str:
    found = changes.verdict
    rows = [(reason.level, reason.sentence, reason.numbers) for reason in found.reasons]
    heads = ("", "Reason", "Numbers")
    return f"{paragraph(f'{found.level.upper()}. {found.sentence}', 'verdict')}{table(heads, rows, 'texts')}"


def _data(changes: Changes) -> str:
    sides = changes.drift.sides
    columns = []
    for side, (name, size) in enumerate(zip(sides.names, sides.sizes, strict=True)):
        rows = np.flatnonzero(sides.codes == side)
        read = rows[:: max(1, -(-len(rows) // MOST_READ))]
        texts = [sides.corpus.texts[row] for row in read.tolist()]
        lengths = np.array([len(text) for text in texts])
        scripts = Counter(map(script, texts)).most_common()
        columns.append(
            (name, f"{size:,}", f"{np.median(lengths):,.0f}", counts(spoken(languages(texts))), counts(scripts))
        )
    heads = ("", *(column[0] for column in columns))
    titles = ("Texts", "Median length in characters", "Languages", "Scripts")
    lines = [(title, *(column[place] for column in columns)) for place, title in enumerate(titles, 1)]
    sampled = paragraph(f"Languages and scripts are counted on at most {MOST_READ:,} texts of a side.", "aside")
    notes = "".join(paragraph(note, "aside") for note in _notes(changes))
    return f"{heading('Data')}{table(heads, lines, 'texts')}{sampled if max(sides.sizes) > MOST_READ else ''}{notes}"


def _notes(changes: Changes) -> Iterator[str]:
    yield from (note.sentence for note in changes.space.corpus.notes)
    yield from changes.drift.notes


def _regions(changes: Changes) -> str:
    found = changes.drift
    if not found.changed:
        p = paragraph(f"p = {found.p['regions']:.3g}", "aside")
        return f"{heading('Where they differ')}{paragraph('No region of the map changed beyond chance.')}{p}"
    names = found.sides.names
    heads = ("Region", "Change", names[0], names[1], "Ratio", "p")
    lines = [_region(one) for one in found.changed[:MOST_LINES]]
    left = len(found.changed) - MOST_LINES
    more = paragraph(f"and {left:,} more; the JSON has all", "aside") if left > 0 else ""
    return f"{heading('Where they differ')}{plot(shares(found.changed, names), 'regions')}{table(heads, lines)}{more}"


def _region(one: Region) -> tuple[str, ...]:
    ratio = one.times
    return one.name, one.change, f"{one.before.mean:.1%}", f"{one.after.mean:.1%}", ratio, f"{one.p:.3g}"


def _typical(changes: Changes) -> str:
    if not any(changes.typical):
        return ""
    sides = "".join(
        f"<div><h4 dir='auto'>{safe(name)}</h4><ol>{''.join(_text(changes, one) for one in side[:TYPICAL])}</ol></div>"
        for name, side in zip(changes.drift.sides.names, changes.typical, strict=True)
    )
    told = "By a classifier that has not seen the text: 1 is the average of its side, -1 that of the other."
    return f"{heading('Most typical texts')}<div class='pair'>{sides}</div>{paragraph(told, 'aside')}"


def _text(changes: Changes, one: TypicalText) -> str:
    return f"<li dir='auto'>{safe(changes.shown(one.row))} <i>{one.score:.1f}</i></li>"


def _traits(changes: Changes) -> str:
    counted = [one for one in changes.drift.traits if one.counts]
    if not counted:
        return ""
    heads = ("", "Effect (0 to 1), 95 % interval", "As counted", "By chance", "Measure", "p", "Median before", "after")
    lines = [_trait(one) for one in counted[:MOST_LINES]]
    title = heading("Properties and columns")
    told = paragraph("An effect is what is left of the one counted without what chance adds to it.", "aside")
    return f"{title}{plot(effects(counted), 'effects')}{table(heads, lines)}{told}"


def _trait(one: Trait) -> tuple[str, ...]:
    medians = ("", "") if one.medians is None else tuple(f"{value:.4g}" for value in one.medians)
    return one.title, str(one.effect), f"{one.observed:.3f}", str(one.chance), one.measure, f"{one.p:.3g}", *medians


def _curve(changes: Changes) -> str:
    if changes.curve is None:
        return ""
    notes = "".join(paragraph(note, "aside") for note in changes.curve.notes)
    caution = paragraph(changes.curve.caution, "aside")
    drawn = plot(over_time(changes.curve), "curve")
    return f"{heading('Over time')}{paragraph(changes.curve.sentence)}{caution}{drawn}{notes}"


def _chance(changes: Changes) -> str:
    found = changes.drift
    vectors = found.vectors
    told = (
        f"AUC of a classifier {vectors.auc} (p = {vectors.classifier.p:.3g}), 0.5 if guessed. Energy coefficient "
        f"{vectors.energy.observed:.4f} as counted (p = {vectors.energy.p:.3g}); chance stays below "
        f"{vectors.energy.exceeded():.4f} in 95 of 100 of {found.permutations:,} shufflings. Vectors, regions, and "
        f"properties with columns share a level of {found.level:g} (Holm): equal sides are called different once in "
        "twenty times."
    )
    drawn = plot(against_chance(vectors.classifier, "AUC of the classifier"), "auc")
    return f"{heading('Against chance')}{drawn}{paragraph(told, 'aside')}"


def _made(changes: Changes) -> str:
    limits = ", ".join(f"{name} {value}" for name, value in vars(changes.thresholds).items())
    lines = [
        f"thresholds (warning, failure): {limits}",
        f"{changes.drift.permutations:,} shufflings, level {changes.drift.level:g}, seed {changes.drift.seed}",
        f"texts: fingerprint {changes.space.corpus.fingerprint}",
        f"vectors: fingerprint {changes.space.card.fingerprint}",
        f"result: fingerprint {changes.drift.fingerprint}",
    ]
    return f"<details><summary>How this was made</summary><pre dir='auto'>{safe(chr(10).join(lines))}</pre></details>"
