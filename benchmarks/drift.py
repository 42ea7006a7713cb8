"""How often equal texts are called different, what is found in others, a curve over time, and how long it takes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.report import Table, met
from benchmarks.setting import Setting
from benchmarks.turns import clocked
from embedlab.check.findings.properties import properties
from embedlab.compare.common import part
from embedlab.corpus import Corpus
from embedlab.corpus.ordering import ordered
from embedlab.corpus.reading.table import read
from embedlab.drift.measure import measure
from embedlab.drift.over_time import over_time
from embedlab.drift.regions import Region
from embedlab.drift.report import DriftReport
from embedlab.drift.sides import AFTER, BEFORE, Sides, by_cut, joined
from embedlab.encoders import DEFAULT_MODEL, load
from embedlab.encoders.store import store_for
from embedlab.space import Space
from embedlab.space.embedding import embed
from embedlab.space.keywords import vocabulary
from embedlab.space.neighbours import neighbours
from embedlab.space.warm import warm_up

SPLITS = 100
TEXTS = 1_000
FALSE_ALARMS = 8
EACH = 500
MOST_P = 0.01
WITHIN = 30.0


def drift_false_alarms(setting: Setting) -> Table:
    """Of 100 random halves of 1,000 questions of BANKING77, how many are called different?"""
    corpus = _drawn(setting.file("banking77.csv"), TEXTS)
    space = _space(corpus, setting)
    near, known, words = neighbours(space), properties(corpus.texts), vocabulary(corpus.texts)
    found = []
    for seed in range(SPLITS):
        codes = np.full(len(corpus), BEFORE, dtype=np.int8)
        codes[np.random.default_rng(seed).permutation(len(corpus))[: len(corpus) // 2]] = AFTER
        found.append(
            measure(space, near, Sides(corpus, codes, ("one half", "other half"), ""), known, words, seed=seed)
        )
    alarms = sum(one.different for one in found)
    rows = [
        ("all three questions, the verdict", str(alarms), met(alarms <= FALSE_ALARMS)),
        ("vectors alone, both tests together", str(sum(one.vectors.p <= 0.05 for one in found)), ""),
        ("classifier alone", str(sum(one.vectors.classifier.p <= 0.05 for one in found)), ""),
        ("energy test alone", str(sum(one.vectors.energy.p <= 0.05 for one in found)), ""),
        ("regions alone", str(sum(any(region.p <= 0.05 for region in one.regions) for one in found)), ""),
        ("properties and labels alone", str(sum(any(trait.p <= 0.05 for trait in one.traits) for one in found)), ""),
    ]
    mean = np.mean([one.vectors.auc.mean for one in found])
    notes = (
        f"{TEXTS:,} texts of BANKING77 with their labels, {SPLITS} random halves, 999 shufflings each. The mean AUC is "
        f"{mean:.3f}.",
    )
    return Table(
        ("At the 5 % level", f"of {SPLITS} halves called different", f"at most {FALSE_ALARMS}"), tuple(rows), notes
    )


def drift_arxiv(setting: Setting) -> Table:
    """ArXiv abstracts until 2010 against such of the same categories from 2018 on, 500 of each."""
    files = ("arxiv_abstracts_until2010.csv.gz", "arxiv_abstracts_from2018.csv.gz")
    before, after = (_drawn(setting.file(name), EACH) for name in files)
    changes = _compared(joined(before, after), setting)
    found = changes.drift
    rows = [_row(one) for one in found.changed]
    vectors = found.vectors
    notes = [
        f"{EACH} of each; p = {found.p['vectors']:.3g} by the vectors, adjusted for three questions; below {MOST_P:g} "
        f"wanted: {met(found.p['vectors'] < MOST_P)}. AUC {vectors.auc}; energy coefficient "
        f"{vectors.energy.observed:.4f}, chance alone {vectors.energy.exceeded():.4f}.",
        *(f"{reason.level}: {reason.sentence}" for reason in changes.verdict.reasons),
    ]
    for name, side in zip(("until 2010", "from 2018"), found.typical, strict=True):
        titles = "; ".join(f"“{changes.shown(one.row).split('. ')[0][:90]}”" for one in side[:3])
        notes.append(f"Most typical {name}: {titles}.")
    return Table(("Region", "Change", "until 2010", "from 2018", "Ratio", "p"), tuple(rows), tuple(notes))


def drift_speeches(setting: Setting) -> Table:
    """State of the Union addresses by decade, each against the first."""
    corpus = read(setting.file("state_of_the_union.csv"), "text")
    space = _space(corpus, setting)
    order = ordered(corpus.column("decade"))
    assert order is not None
    curve = over_time(space, order)
    rows = [
        (
            point.name, f"{point.texts:,}", "reference" if point.distance is None else f"{point.distance:.4f}",
            "" if point.chance is None else f"{point.chance:.4f}", "" if point.auc is None else str(point.auc),
            "" if point.distance is None else met(point.beyond),
        )
        for point in curve.points
    ]  # fmt: skip
    columns = ("Decade", "Paragraphs", "Distance", "Chance alone, at most", "AUC", "beyond chance")
    notes = (
        curve.sentence, *curve.notes, "Paragraphs of one address are not independent of each other.",
    )  # fmt: skip
    return Table(columns, tuple(rows), notes)


def drift_20k(setting: Setting) -> Table:
    """How long it takes for 20,000 titles with vectors stored: neighbours, comparison and curve."""
    corpus = read(setting.file("arxiv_titles_20k.csv"), "text", "label")
    space = _space(corpus, setting)
    near, by_neighbours = clocked(partial(neighbours, space))
    order = ordered(corpus.column("year"))
    assert order is not None
    sides = by_cut(corpus, "year", order=order)
    found, by_drift = clocked(partial(measure, space, near, sides))
    _, by_curve = clocked(partial(over_time, space, order))
    total = by_neighbours + by_drift + by_curve
    rows = [
        ("neighbours", f"{by_neighbours:.1f} s", ""),
        *((name, f"{seconds:.1f} s", "") for name, seconds in found.seconds.items()),
        ("curve over the years", f"{by_curve:.1f} s", ""),
        ("everything", f"{total:.1f} s", met(total <= WITHIN)),
    ]
    notes = (f"{sides.names[0]}, {sides.sizes[0]:,} titles, against {sides.names[1]}, {sides.sizes[1]:,}.",)
    return Table(("20,000 titles", "Time", f"within {WITHIN:.0f} s"), tuple(rows), notes)


def _drawn(file: Path, most: int) -> Corpus:
    corpus = read(file, "text", "label")
    rows = np.sort(np.random.default_rng(0).choice(len(corpus), most, replace=False))
    return part(corpus, rows).corpus


def _space(corpus: Corpus, setting: Setting) -> Space:
    setting.enter()
    warm_up()
    encoder = load(DEFAULT_MODEL, False, corpus.texts)
    return embed(corpus, encoder, store_for(encoder.card))


def _compared(sides: Sides, setting: Setting) -> DriftReport:
    space = _space(sides.corpus, setting)
    return DriftReport(space, measure(space, neighbours(space), sides))


def _row(one: Region) -> tuple[str, ...]:
    return (one.name, one.change, f"{one.before.mean:.1%}", f"{one.after.mean:.1%}", one.times, f"{one.p:.3g}")
