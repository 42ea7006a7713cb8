"""What changed between two sides as one HTML page that needs no network, or as a part of another report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from embedlab.check.findings.properties import script
from embedlab.drift.columns import Trait
from embedlab.drift.regions import Region
from embedlab.drift.report import DriftReport
from embedlab.figures.cards import counts, model_rows
from embedlab.figures.drift import against_chance, effects, over_time, shares
from embedlab.figures.html import render
from embedlab.text.language import languages, spoken

MOST_READ = 5_000  # texts of a side whose language is guessed
MOST_LINES = 30
TYPICAL = 10


def drift_html(changes: DriftReport) -> str:
    """Return the comparison as a page that stands alone; personal data are masked, and texts are shown as typed."""
    return render(
        "drift.html.j2",
        title=f"{' against '.join(changes.drift.sides.names)}: drift",
        read_by=f"Read by {changes.space.card.model or 'own vectors'}; {changes.when:%d %B %Y}.",
        drift=drift_values(changes),
        model=model_rows(changes.space),
        how=_how(changes),
    )


def drift_values(changes: DriftReport) -> dict[str, Any]:
    """Return what the template of the sections says: the verdict, the data of both sides and what differs."""
    found, judged = changes.drift, changes.verdict
    names = found.sides.names
    left = len(found.changed) - MOST_LINES
    traits = [one for one in found.traits if one.counts]
    return {
        "names": names,
        "verdict": f"{judged.level.upper()}. {judged.sentence}",
        "reasons": [(reason.level, reason.sentence, reason.numbers) for reason in judged.reasons],
        "data": _data(changes),
        "data_notes": [*_notes(changes)],
        "regions": [_region(one) for one in found.changed[:MOST_LINES]],
        "more_regions": f"and {left:,} more; the JSON has all" if left > 0 else "",
        "p_regions": f"{found.p['regions']:.3g}",
        "shares": shares(found.changed, names) if found.changed else None,
        "typical": _typical(changes) if any(changes.typical) else None,
        "traits": [_trait(one) for one in traits[:MOST_LINES]],
        "effects": effects(traits) if traits else None,
        "curve": changes.curve,
        "over_time": over_time(changes.curve) if changes.curve else None,
        "against_chance": against_chance(found.vectors.classifier, "AUC of the classifier"),
        "chance": _chance(changes),
    }


def _data(changes: DriftReport) -> list[tuple[str, ...]]:
    sides = changes.drift.sides
    columns = []
    for side, size in enumerate(sides.sizes):
        rows = np.flatnonzero(sides.codes == side)
        read = rows[:: max(1, -(-len(rows) // MOST_READ))]
        texts = [sides.corpus.texts[row] for row in read.tolist()]
        lengths = np.array([len(text) for text in texts])
        scripts = Counter(map(script, texts)).most_common()
        columns.append((f"{size:,}", f"{np.median(lengths):,.0f}", counts(spoken(languages(texts))), counts(scripts)))
    titles = ("Texts", "Median length in characters", "Languages", "Scripts")
    return [*zip(titles, *columns, strict=True)]


def _notes(changes: DriftReport) -> Iterator[str]:
    if max(changes.drift.sides.sizes) > MOST_READ:
        yield f"Languages and scripts are counted on at most {MOST_READ:,} texts of a side."
    yield from (note.sentence for note in changes.space.corpus.notes)
    yield from changes.drift.notes


def _region(one: Region) -> tuple[str, ...]:
    return one.name, one.change, f"{one.before.mean:.1%}", f"{one.after.mean:.1%}", one.times, f"{one.p:.3g}"


def _typical(changes: DriftReport) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (name, [(changes.shown(one.row), f"{one.score:.1f}") for one in side[:TYPICAL]])
        for name, side in zip(changes.drift.sides.names, changes.typical, strict=True)
    ]


def _trait(one: Trait) -> tuple[str, ...]:
    medians = ("", "") if one.medians is None else tuple(f"{value:.4g}" for value in one.medians)
    return one.title, str(one.effect), f"{one.observed:.3f}", str(one.chance), one.measure, f"{one.p:.3g}", *medians


def _chance(changes: DriftReport) -> str:
    found = changes.drift
    vectors = found.vectors
    return (
        f"AUC of a classifier {vectors.auc} (p = {vectors.classifier.p:.3g}), 0.5 if guessed. Energy coefficient "
        f"{vectors.energy.observed:.4f} as counted (p = {vectors.energy.p:.3g}); chance stays below "
        f"{vectors.energy.exceeded():.4f} in 95 of 100 of {found.permutations:,} shufflings. Vectors, regions, and "
        f"properties with columns share a level of {found.level:g} (Holm): equal sides are called different once in "
        "twenty times."
    )


def _how(changes: DriftReport) -> list[str]:
    limits = ", ".join(f"{name} {value}" for name, value in vars(changes.thresholds).items())
    return [
        f"thresholds (warning, failure): {limits}",
        f"{changes.drift.permutations:,} shufflings, level {changes.drift.level:g}, seed {changes.drift.seed}",
        f"texts: fingerprint {changes.space.corpus.fingerprint}",
        f"vectors: fingerprint {changes.space.card.fingerprint}",
        f"result: fingerprint {changes.drift.fingerprint}",
    ]
