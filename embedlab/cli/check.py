"""The command `check`: what is wrong with a file of texts, as lines, as JSON, as a report, and as an exit status."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Mapping

from embedlab.base.english import percent
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.base.severity import LEVELS
from embedlab.check.doubts import ASKED
from embedlab.check.duplicates import DEFAULT_THRESHOLD, FLOOR
from embedlab.check.grades import level_of, limits_of, worst_first
from embedlab.check.report import Inspection, facts
from embedlab.check.run import TITLES, Key, check
from embedlab.cli import arguments as _arguments
from embedlab.cli.fail_on import NamedFigure, Outcome, conditions, outcome
from embedlab.cli.output import check_out, print_json, write_page
from embedlab.corpus import Column, Corpus
from embedlab.corpus.reading.table import read, read_table
from embedlab.corpus.split import guessed_split
from embedlab.drift.report import Changes
from embedlab.drift.report import facts as drift_facts
from embedlab.drift.sides import joined
from embedlab.drift.verdict import drift
from embedlab.encoders.capabilities import unknown_to
from embedlab.figures.check_report import check_html
from embedlab.figures.theme import one_line
from embedlab.pipeline import EmbeddingChoice, group, lay_out, prepare
from embedlab.space.projection import LayoutSettings

SHOWN = 3  # lines of each finding
LONGEST = 100  # characters of a cell

# What --fail-on can name besides the findings, and whether it counts something.
_MORE: Mapping[str, bool] = {"duplicates": True, "accuracy": False, "drift": False, "verdict": False}
NAMES: Mapping[str, bool] = {**dict.fromkeys(TITLES, True), **_MORE}
_LACKING: Mapping[str, str] = {
    "labels": "Name the column of labels with --label.",
    "segments": "Name the column of labels with --label.",
    "accuracy": "Name the column of labels with --label.",
    "leaks": "Name the column that says train or test with --split.",
    "drift": "Name the texts before with --against.",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    _arguments.check(parser)


def run(options: argparse.Namespace, stages: Stages) -> int:
    """Check the file in `options`, print and write what was found; return 1 where a condition that fails holds."""
    wanted = conditions(options.fail_on, NAMES) if options.fail_on is not None else ()
    threshold = _threshold(options.threshold)
    check_out(options.out)
    with stages.stage("read"):
        corpus = read(options.file, options.text, options.label)
        labels = corpus.column(options.label) if options.label else None
        split = corpus.column(options.split) if options.split else guessed_split(corpus)
    for note in corpus.notes if not options.json else ():
        print(f"note: {note.sentence}", file=sys.stderr)
    found = _inspected(corpus, labels, split, threshold, options, stages)
    _must_be_there(found, options)
    changes = _changes(corpus, options, stages) if options.against is not None else None
    came_to = outcome(wanted, measures(found, changes))
    if options.out is not None:
        with stages.stage("write"):
            write_page(options.out, check_html(found, changes))
    _print(found, changes, came_to, options, stages)
    return came_to.status


def _threshold(typed: float | None) -> float:
    if typed is None:
        return DEFAULT_THRESHOLD
    if not FLOOR <= typed <= 1:
        raise EmbedlabError(f"--threshold must be from {FLOOR:g} to 1: below that, texts share too little to repeat.")
    return typed


def _inspected(
    corpus: Corpus,
    labels: Column | None,
    split: Column | None,
    threshold: float,
    options: argparse.Namespace,
    stages: Stages,
) -> Inspection:
    made = prepare(corpus, _how(options), stages)
    space, near = made.space, made.neighbours
    with stages.stage("clusters"):
        groups = group(made)
    with stages.stage("check"):
        unknown = unknown_to(made.encoder, corpus.texts) if made.encoder else None
        checked = check(
            space, near, groups.clusters, labels, split, unknown=unknown, seed=options.seed, report=stages.report
        )
    drawn = lay_out(made, LayoutSettings(seed=options.seed), stages) if options.out is not None else None
    return Inspection(
        space, checked, groups.names, threshold, options.label, options.source, options.licence, seed=options.seed,
        layout=drawn.layout if drawn else None, trust=drawn.trust if drawn else None,
    )  # fmt: skip


def _how(options: argparse.Namespace) -> EmbeddingChoice:
    return EmbeddingChoice(options.model, options.exact, options.dimensions)


def _changes(corpus: Corpus, options: argparse.Namespace, stages: Stages) -> Changes:
    """Return what differs between the texts of --against and these."""
    with stages.stage("read against"):
        before = read_table(options.against)
        label = options.label if options.label in {column.name for column in before.columns} else ""
        sides = joined(before.corpus(options.text, label), corpus)
    both = prepare(sides.corpus, _how(options), stages, "both")
    with stages.stage("drift"):
        found = drift(both.space, both.neighbours, sides, seed=options.seed, report=stages.report)
        return Changes(both.space, found)


def _must_be_there(found: Inspection, options: argparse.Namespace) -> None:
    """A column that was asked for and can't be used is bad input, not a check that passed."""
    for typed, made, name in (
        (options.label, found.checked.doubts, "Labels"), (options.split, found.checked.split, "Leaks"),
    ):  # fmt: skip
        if typed and made is None:
            raise EmbedlabError(next(one for one in found.checked.skipped if one.startswith(name)))


def measures(found: Inspection, changes: Changes | None = None) -> dict[str, NamedFigure]:
    """Return the numbers that a condition can name; NaN for what was not looked for.

    `verdict` is 0 where the findings pass, 1 for a warning, 2 for a failure; `drift` is the same for these texts beside
    those of --against. `duplicates` are copies and near-duplicates together, none counted twice.
    """
    texts = len(found.space)
    made = {name: NamedFigure(math.nan, texts, _LACKING.get(name, "")) for name in NAMES}
    for one in found.findings:
        made[one.key] = NamedFigure(one.count, found.clusters if one.key == "segments" else texts)
    made["duplicates"] = NamedFigure(len(found.checked.repeats(found.threshold)), texts)
    made["verdict"] = NamedFigure(float(LEVELS.index(found.grade.level)))
    if found.accuracy is not None:
        made["accuracy"] = NamedFigure(found.accuracy.mean)
    if changes is not None:
        made["drift"] = NamedFigure(changes.measures["verdict"])
    return made


# --- What is printed and written -----------------------------------------------------------------


def _print(
    found: Inspection, changes: Changes | None, came_to: Outcome, options: argparse.Namespace, stages: Stages
) -> None:
    if options.json:
        of_drift = None if changes is None else drift_facts(changes)
        print_json({**facts(found), "drift": of_drift, **came_to.facts}, stages.seconds)
        return
    for line in (*_lines(found), *(_drift_lines(changes) if changes is not None else ())):
        print(line)
    if options.out is not None:
        print(f"{options.out}: the whole check.")
    for line in came_to.lines:
        print(line)


def _lines(found: Inspection) -> Iterator[str]:
    card = found.space.card
    yield f"{len(found.space):,} texts, read by {card.model} (weights {card.weights})."
    yield f"{found.grade.level.upper()}: {found.grade.sentence}"
    if found.accuracy is not None:
        yield f"Accuracy of a linear probe on “{found.label}”: {found.accuracy} (95 % interval; {ASKED})."
    for one in worst_first(found.findings):
        yield ""
        share = f" ({percent(one.share)})" if one.count else ""
        yield f"{one.title}: {one.count:,}{share}, {level_of(one)}"
        yield f"  {one.sentence}"
        if one.detail:
            yield f"  {one.detail}"
        for line in _first(found, one.key):
            yield f"    {line}"
    yield ""
    limits = {one.title: limits_of(one.key) for one in found.findings}
    told = "; ".join(f"{title.lower()} warns: {warn}, fails: {fail}" for title, (warn, fail) in limits.items())
    yield f"Limits: {told}."
    yield from found.checked.skipped


def _drift_lines(changes: Changes) -> Iterator[str]:
    before, after = changes.drift.sides.names
    yield f"“{before}” against “{after}”: {changes.verdict.level.upper()}. {changes.verdict.sentence}"
    for reason in changes.verdict.reasons:
        yield f"  {reason.level:<4}  {reason.sentence}"
        if reason.numbers:
            yield f"        {reason.numbers}"
    for note in changes.drift.notes:
        yield f"note: {note}"


def _first(found: Inspection, key: Key) -> Iterator[str]:
    for line in [one for one in found.lines(key).lines if one.flagged][:SHOWN]:
        cells = (f"{cell:.2f}" if isinstance(cell, float) else one_line(str(cell))[:LONGEST] for cell in line.cells)
        yield " | ".join(cells)
