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
from embedlab.check import findings
from embedlab.check.base import Needed
from embedlab.check.doubts import ASKED
from embedlab.check.duplicates import DEFAULT_THRESHOLD, FLOOR
from embedlab.check.grades import worst_first
from embedlab.check.report import Inspection
from embedlab.check.run import check
from embedlab.cli import arguments as _arguments
from embedlab.cli.fail_on import NamedFigure, Outcome, conditions, outcome
from embedlab.cli.output import check_out, print_json, write_page
from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read, read_table
from embedlab.drift.report import Changes
from embedlab.drift.report import facts as drift_facts
from embedlab.drift.sides import joined
from embedlab.drift.verdict import drift
from embedlab.figures.check_report import check_html
from embedlab.figures.theme import one_line
from embedlab.pipeline import EmbeddingChoice, prepare

SHOWN = 3  # lines of each finding
LONGEST = 100  # characters of a cell

# What --fail-on can name besides the findings, and whether it counts something.
_MORE: Mapping[str, bool] = {"duplicates": True, "accuracy": False, "drift": False, "verdict": False}
_NEEDS: Mapping[Needed, str] = {
    "labels": "Name the column of labels with --label.",
    "split": "Name the column that says train or test with --split.",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    _arguments.check(parser)


def run(options: argparse.Namespace, stages: Stages) -> int:
    """Check the file in `options`, print and write what was found; return 1 where a condition that fails holds."""
    names = {**{kind.key: True for kind in findings.FINDINGS}, **_MORE}
    wanted = conditions(options.fail_on, names) if options.fail_on is not None else ()
    threshold = _threshold(options.threshold)
    check_out(options.out)
    with stages.stage("read"):
        corpus = read(options.file, options.text, options.label)
    for note in corpus.notes if not options.json else ():
        print(f"note: {note.sentence}", file=sys.stderr)
    found = check(
        corpus, options.label, options.split, threshold, how=_how(options), seed=options.seed, source=options.source,
        licence=options.licence, with_map=options.out is not None, stages=stages,
    )  # fmt: skip
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


def measures(found: Inspection, changes: Changes | None = None) -> dict[str, NamedFigure]:
    """Return the numbers that a condition can name; NaN for what was not looked for.

    `verdict` is 0 where the findings pass, 1 for a warning, 2 for a failure; `drift` is the same for these texts beside
    those of --against. `duplicates` are copies and near-duplicates together, none counted twice.
    """
    checked, texts = found.checked, found.checked.texts
    made = {kind.key: _unknown(_NEEDS[kind.needs]) for kind in checked.kinds if kind.needs}
    made |= {one.key: NamedFigure(one.count, one.counted_of or texts) for one in found.findings}
    accuracy, of_drift = found.accuracy, "Name the texts before with --against."
    return made | {
        "duplicates": NamedFigure(len(checked.repeats), texts),
        "verdict": NamedFigure(float(LEVELS.index(found.grade.level))),
        "accuracy": _unknown(_NEEDS["labels"]) if accuracy is None else NamedFigure(accuracy.mean),
        "drift": _unknown(of_drift) if changes is None else NamedFigure(changes.measures["verdict"]),
    }


def _unknown(why: str) -> NamedFigure:
    return NamedFigure(math.nan, why=why)


# --- What is printed and written -----------------------------------------------------------------


def _print(
    found: Inspection, changes: Changes | None, came_to: Outcome, options: argparse.Namespace, stages: Stages
) -> None:
    if options.json:
        of_drift = None if changes is None else drift_facts(changes)
        print_json({**found.facts(), "drift": of_drift, **came_to.facts}, stages.seconds)
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
        yield f"{one.title}: {one.count:,}{share}, {one.level}"
        yield f"  {one.sentence}"
        if one.detail:
            yield f"  {one.detail}"
        for line in _first(found, one.key):
            yield f"    {line}"
    yield ""
    limits = {one.title: one.kind.limits_told for one in found.findings}
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


def _first(found: Inspection, key: str) -> Iterator[str]:
    for line in [one for one in found.lines(key).lines if one.flagged][:SHOWN]:
        cells = (f"{cell:.2f}" if isinstance(cell, float) else one_line(str(cell))[:LONGEST] for cell in line.cells)
        yield " | ".join(cells)
