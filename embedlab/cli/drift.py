"""The command `drift`: are two files of texts, or two parts of one, different, where, and since when?"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.cli.arguments import (
    TEXT,
    add_layout,
    add_model,
    add_seed,
    how,
    layout_of,
    print_notes,
    say_notes,
    say_unknown,
    say_unread,
)
from embedlab.cli.fail_on import NamedFigure, conditions, outcome
from embedlab.cli.output import check_out, give, write_report
from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read_table
from embedlab.drift.drift import drift
from embedlab.drift.over_time import OverTime
from embedlab.drift.report import MEASURES, DriftReport
from embedlab.drift.sides import Sides, two_sides
from embedlab.figures.theme import one_line

SHOWN = 5  # lines of each list
REGIONS = 15
LONGEST = 100  # characters of a text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", type=Path, metavar="A", help="the texts before")
    parser.add_argument("after_file", type=Path, nargs="?", metavar="B", help="the texts after")
    parser.add_argument("--text", metavar="COL", help=TEXT)
    parser.add_argument("--after-text", metavar="COL", help="the same in B, if it has another name there")
    parser.add_argument("--label", metavar="COL", help="the column that holds labels (default: a guess)")
    parser.add_argument("--by", metavar="COL", help="part A by this column: train and test, two values, or a cut")
    parser.add_argument("--before", metavar="V", help="with --by: the value of the texts before")
    parser.add_argument("--after", metavar="V", help="with --by: the value of the texts after (default: all others)")
    parser.add_argument("--at", metavar="V", help="with --by: cut dates, numbers or versions here")
    parser.add_argument("--over", metavar="COL", help="the column of the curve over time (default: that of --by)")
    parser.add_argument(
        "--period",
        choices=("day", "month", "year", "decade"),
        help="of the curve (default: as the texts allow)",
    )
    parser.add_argument(
        "--reference",
        choices=("first", "previous"),
        default="first",
        help="what a period is held against: the first ones, or the one before it (default first)",
    )
    add_layout(parser)
    add_model(parser)
    add_seed(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--out", type=Path, metavar="HTML", help="the report to write; it stands alone")
    parser.add_argument(
        "--fail-on",
        metavar="LIST",
        help="exit with 1 if one of these holds, such as verdict>1,auc>0.7,labels,moved>0.1; --json names them all",
    )


def run(options: argparse.Namespace, stages: Stages) -> int:
    """Compare the two sides in `options` and print what differs; return 1 where a condition that fails holds."""
    wanted = conditions(options.fail_on, dict.fromkeys(MEASURES, False)) if options.fail_on is not None else ()
    _check(options)
    check_out(options.out, beside=[options.file, options.after_file])
    with stages.stage("read"):
        before, after = _files(options)
        sides = _sides(before, after, options)
    report = drift(
        sides, options.over, options.period, options.reference, how=how(options), seed=options.seed, stages=stages
    )
    say_unread(report.space, options)
    say_unknown(report.space, options)
    came_to = outcome(wanted, {name: NamedFigure(value) for name, value in report.measures.items()})
    write_report(options, stages, report.page)
    lines = chain(_lines(report, options.out), came_to.lines)
    give(options, stages, lambda: {**report.facts(), **came_to.facts}, lines)
    return came_to.status


# --- What is compared ----------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> None:
    if (options.after_file is None) == (options.by is None):
        raise EmbedlabError("Compare two files, A and B, or the parts of one file with --by COL: one of the two.")
    if options.by is None and (options.before or options.after or options.at):
        raise EmbedlabError("--before, --after and --at part one file by a column: name that with --by.")
    if options.at and (options.before or options.after):
        raise EmbedlabError("--at cuts a column in two, --before and --after name two values: choose one of the ways.")
    if options.after and not options.before:
        raise EmbedlabError("--after names one value only: name the one to compare it with as --before.")


def _files(options: argparse.Namespace) -> tuple[Corpus, Corpus | None]:
    """Read the files, which are laid out alike."""
    before = _corpus(options, options.file, options.text, "--text")
    if options.after_file is None:
        return before, None
    return before, _corpus(options, options.after_file, options.after_text or options.text, "--after-text")


def _sides(before: Corpus, after: Corpus | None, options: argparse.Namespace) -> Sides:
    sides = two_sides(before, after, options.by, options.before or None, options.after or None, options.at or None)
    say_notes(sides.corpus, options)
    if not options.json:
        print_notes(sides.notes)
    return sides


def _corpus(options: argparse.Namespace, file: Path, text: str | None, option: str) -> Corpus:
    table, label = read_table(file, layout=layout_of(options)), options.label
    if text is not None and not {*table.text_names(text)} <= {column.name for column in table.columns}:
        have = ", ".join(f"“{column.name}”" for column in table.columns[:10])
        raise EmbedlabError(f"“{table.name}” has no column “{text}”: name its texts with {option}, one of {have}.")
    if label is not None and label not in {column.name for column in table.columns}:
        label = ""
    return table.corpus(text, label)


# --- What is printed -----------------------------------------------------------------------------


def reasons(report: DriftReport) -> Iterator[str]:
    """Return the lines that give the reasons of a verdict."""
    for reason in report.verdict.reasons:
        yield f"  {reason.level:<4}  {reason.sentence}"
        if reason.numbers:
            yield f"        {reason.numbers}"


def _lines(report: DriftReport, out: Path | None) -> Iterator[str]:
    found = report.drift
    (before, after), (first, second) = found.sides.names, found.sides.sizes
    sides = f"“{before}” ({counted(first, 'text')}) against “{after}” ({counted(second, 'text')})"
    yield f"{sides}, read by {report.space.card.model}."
    yield f"{report.verdict.level.upper()}: {report.verdict.sentence}"
    yield from reasons(report)
    if found.changed:
        yield ""
        yield "Regions that changed beyond chance, with the ratio of their shares and its 95 % interval:"
        for region in found.changed[:REGIONS]:
            shares = f"{region.before.mean:6.1%} -> {region.after.mean:6.1%}"
            yield f"  {region.change:<8}  {region.name:<32}  {shares}  x {region.times}"
        if len(found.changed) > REGIONS:
            yield f"  and {len(found.changed) - REGIONS} more; --json has them all"
    for name, side in zip((before, after), report.typical, strict=True):
        if side:
            yield ""
            yield f"Most typical of “{name}”:"
            for one in side[:SHOWN]:
                yield f"  {one.score:5.1f}  {one_line(report.shown(one.row))[:LONGEST]}"
    if report.curve is not None:
        yield ""
        yield from _over_time(report.curve)
    yield ""
    for note in found.notes[len(found.sides.notes) :]:
        yield f"note: {note}"
    if out is not None:
        yield f"{out}: the whole comparison."


def _over_time(curve: OverTime) -> Iterator[str]:
    yield f"By “{curve.column}”: {curve.sentence}"
    if curve.caution:
        yield f"  {curve.caution}"
    for point in curve.points:
        if point.distance is None or point.chance is None:
            yield f"  {point.name:<14} {point.texts:>7,} texts  reference"
        else:
            mark = "*" if point.beyond else " "
            yield f"  {point.name:<14} {point.texts:>7,} texts  {point.distance:7.4f}{mark} (chance {point.chance:.4f})"
    for note in curve.notes:
        yield f"note: {note}"
