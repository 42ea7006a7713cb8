"""The command `check`: what is wrong with a file of texts, as lines, as JSON, as a report, and as an exit status."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from embedlab.base.english import counted, percent
from embedlab.base.progress import Stages
from embedlab.base.result import LEVELS
from embedlab.check import findings
from embedlab.check.base import Needed
from embedlab.check.duplicates import DEFAULT_THRESHOLD
from embedlab.check.findings.labels import ASKED
from embedlab.check.report import Inspection, worst_first
from embedlab.check.run import check
from embedlab.cli.arguments import (
    TEXT,
    add_layout,
    add_model,
    add_seed,
    how,
    layout_of,
    say_notes,
    say_unknown,
    say_unread,
)  # fmt: skip
from embedlab.cli.drift import reasons
from embedlab.cli.fail_on import NamedFigure, conditions, outcome
from embedlab.cli.output import check_out, give, write_report
from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read, read_table
from embedlab.drift.drift import against
from embedlab.drift.report import DriftReport
from embedlab.drift.sides import joined
from embedlab.figures.check import check_html
from embedlab.figures.theme import one_line

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
    parser.add_argument("file", type=Path, metavar="FILE", help="the texts to check")
    parser.add_argument("--text", metavar="COL", help=TEXT)
    parser.add_argument("--label", metavar="COL", help="the column that holds labels, to find doubtful ones")
    parser.add_argument("--split", metavar="COL", help="the column that says train or test, to find leaks")
    add_layout(parser)
    add_model(parser)
    parser.add_argument(
        "--threshold", type=float, default=DEFAULT_THRESHOLD, metavar="X", help="how alike near-duplicates are, 0 to 1"
    )
    add_seed(parser)
    parser.add_argument("--against", type=Path, metavar="FILE", help="also say what differs from these texts before")
    parser.add_argument("--source", default="", metavar="TEXT", help="where the texts come from, for the report")
    parser.add_argument("--licence", default="", metavar="TEXT", help="the texts' licence, for the report")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--out", type=Path, metavar="HTML", help="the report to write; it stands alone")
    parser.add_argument(
        "--fail-on",
        metavar="LIST",
        help="exit with 1 if one of these holds, such as verdict>1,duplicates>2%%,labels>5%%,leaks,cut,accuracy<0.8",
    )


def run(options: argparse.Namespace, stages: Stages) -> int:
    """Check the file in `options`, print and write what was found; return 1 where a condition that fails holds."""
    names = {**{kind.key: True for kind in findings.FINDINGS}, **_MORE}
    wanted = conditions(options.fail_on, names) if options.fail_on is not None else ()
    check_out(options.out, beside=[options.file, options.against])
    with stages.stage("read"):
        corpus = read(options.file, options.text, options.label, layout=layout_of(options))
    say_notes(corpus, options)
    found = check(
        corpus, options.label, options.split, options.threshold, how=how(options), seed=options.seed,
        source=options.source, licence=options.licence, with_map=options.out is not None, stages=stages,
    )  # fmt: skip
    say_unread(found.checked.space, options)
    say_unknown(found.space, options)
    before = _before(options, stages) if options.against is not None else None
    changes = None if before is None else _changes(before, corpus, options, stages)
    came_to = outcome(wanted, measures(found, changes))
    write_report(options, stages, lambda: check_html(found, changes))
    give(
        options, stages,
        lambda: {**found.facts(), "drift": None if changes is None else changes.facts(), **came_to.facts},
        chain(_lines(found, changes, options.out), came_to.lines),
    )  # fmt: skip
    return came_to.status


def _before(options: argparse.Namespace, stages: Stages) -> Corpus:
    """Return the texts of --against, a file that is laid out like the other."""
    with stages.stage("read against"):
        before = read_table(options.against, layout=layout_of(options))
        label = options.label if options.label in {column.name for column in before.columns} else ""
        return before.corpus(options.text, label)


def _changes(before: Corpus, corpus: Corpus, options: argparse.Namespace, stages: Stages) -> DriftReport:
    """Return what differs between the texts `before` and these."""
    sides = joined(before, corpus)
    return against(sides, how=how(options), seed=options.seed, stages=stages, of="both")


def measures(found: Inspection, changes: DriftReport | None = None) -> dict[str, NamedFigure]:
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


def _lines(found: Inspection, changes: DriftReport | None, out: Path | None) -> Iterator[str]:
    card = found.space.card
    yield f"{counted(len(found.space), 'text')}, read by {card.model} (weights {card.weights})."
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
    if changes is not None:
        before, after = changes.drift.sides.names
        yield f"“{before}” against “{after}”: {changes.verdict.level.upper()}. {changes.verdict.sentence}"
        yield from reasons(changes)
        for note in changes.drift.notes:
            yield f"note: {note}"
    if out is not None:
        yield f"{out}: the whole check."


def _first(found: Inspection, key: str) -> Iterator[str]:
    for line in [one for one in found.lines(key).lines if one.flagged][:SHOWN]:
        cells = (f"{cell:.2f}" if isinstance(cell, float) else one_line(str(cell))[:LONGEST] for cell in line.cells)
        yield " | ".join(cells)
