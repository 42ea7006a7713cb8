"""The command `drift`: are two files of texts, or two parts of one, different, where, and since when?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.cli import arguments as _arguments
from embedlab.cli.fail_on import NamedFigure, Outcome, conditions, outcome
from embedlab.cli.output import check_out, print_json, write_page
from embedlab.corpus import Corpus
from embedlab.corpus.dates import ordered
from embedlab.corpus.reading.table import read_table
from embedlab.drift.over_time import FEWEST_PERIODS, OverTime, over_time
from embedlab.drift.regions import Region
from embedlab.drift.report import MEASURES, Changes, facts
from embedlab.drift.sides import Sides, by_column, by_cut, by_values, cut_at, joined
from embedlab.drift.verdict import drift
from embedlab.figures.drift_report import drift_html
from embedlab.figures.theme import one_line
from embedlab.pipeline import EmbeddingChoice, prepare
from embedlab.space import Space

SHOWN = 5  # lines of each list
REGIONS = 15
LONGEST = 100  # characters of a text

# What --fail-on can name, and whether a share of it can be asked for: all are plain numbers.
NAMES: Mapping[str, bool] = dict.fromkeys(MEASURES, False)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    _arguments.drift(parser)


def run(options: argparse.Namespace, stages: Stages) -> int:
    """Compare the two sides in `options` and print what differs; return 1 where a condition that fails holds."""
    wanted = conditions(options.fail_on, NAMES) if options.fail_on is not None else ()
    _check(options)
    check_out(options.out)
    with stages.stage("read"):
        sides = _sides(options)
        order = ordered(sides.corpus.column(options.over)) if options.over else None
        if options.over and order is None:
            raise EmbedlabError(
                f"“{options.over}” has no order: name a column of dates, numbers or versions as --over."
            )
    changes = _compared(sides, options, stages)
    came_to = outcome(wanted, {name: NamedFigure(value) for name, value in changes.measures.items()})
    if options.out is not None:
        with stages.stage("write"):
            write_page(options.out, drift_html(changes))
    _print(changes, came_to, options, stages)
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


def _sides(options: argparse.Namespace) -> Sides:
    before = _corpus(options.file, options.text, options.label, "--text")
    if options.by is None:
        name = options.after_text or options.text
        after = _corpus(options.after_file, name, options.label, "--after-text")
        sides = joined(before, after)
    elif options.before:
        sides = by_values(before, options.by, options.before, options.after)
    elif options.at:
        order = ordered(before.column(options.by))
        sides = by_cut(before, options.by, None if order is None else cut_at(order, options.at), order)
    else:
        sides = by_column(before, options.by)
    for sentence in (*(note.sentence for note in sides.corpus.notes), *sides.notes) if not options.json else ():
        print(f"note: {sentence}", file=sys.stderr)
    return sides


def _corpus(file: Path, text: str | None, label: str | None, option: str) -> Corpus:
    table = read_table(file)
    if text is not None and not {*table.text_names(text)} <= {column.name for column in table.columns}:
        have = ", ".join(f"“{column.name}”" for column in table.columns[:10])
        raise EmbedlabError(f"“{table.name}” has no column “{text}”: name its texts with {option}, one of {have}.")
    if label is not None and label not in {column.name for column in table.columns}:
        label = ""
    return table.corpus(text, label)


def _compared(sides: Sides, options: argparse.Namespace, stages: Stages) -> Changes:
    made = prepare(sides.corpus, EmbeddingChoice(options.model, options.exact, options.dimensions), stages)
    with stages.stage("drift"):
        found = drift(made.space, made.neighbours, sides, seed=options.seed, report=stages.report)
    with stages.stage("over time"):
        return Changes(made.space, found, curve=_curve(made.space, sides, options, stages))


def _curve(space: Space, sides: Sides, options: argparse.Namespace, stages: Stages) -> OverTime | None:
    """Return the curve over the column asked for, or over the one that the sides are cut by if it has the periods."""
    name = options.over or (options.by if not options.before else None)
    order = ordered(sides.corpus.column(name)) if name else None
    if order is None or (not options.over and len(order.steps) < FEWEST_PERIODS):
        return None
    try:
        return over_time(
            space, order, unit=options.period, reference=options.reference, seed=options.seed, report=stages.report
        )
    except EmbedlabError:
        if options.over:
            raise
        return None


# --- What is printed -----------------------------------------------------------------------------


def _print(changes: Changes, came_to: Outcome, options: argparse.Namespace, stages: Stages) -> None:
    if options.json:
        print_json({**facts(changes), **came_to.facts}, stages.seconds)
        return
    for line in _lines(changes):
        print(line)
    if options.out is not None:
        print(f"{options.out}: the whole comparison.")
    for line in came_to.lines:
        print(line)


def _lines(changes: Changes) -> Iterator[str]:
    found = changes.drift
    (before, after), (first, second) = found.sides.names, found.sides.sizes
    yield f"“{before}” ({first:,} texts) against “{after}” ({second:,} texts), read by {changes.space.card.model}."
    yield f"{changes.verdict.level.upper()}: {changes.verdict.sentence}"
    for reason in changes.verdict.reasons:
        yield f"  {reason.level:<4}  {reason.sentence}"
        if reason.numbers:
            yield f"        {reason.numbers}"
    if found.changed:
        yield ""
        yield "Regions that changed beyond chance, with the ratio of their shares and its 95 % interval:"
        for region in found.changed[:REGIONS]:
            yield f"  {_region(region)}"
        if len(found.changed) > REGIONS:
            yield f"  and {len(found.changed) - REGIONS} more; --json has them all"
    for name, side in zip((before, after), changes.typical, strict=True):
        if side:
            yield ""
            yield f"Most typical of “{name}”:"
            for one in side[:SHOWN]:
                yield f"  {one.score:5.1f}  {one_line(changes.shown(one.row))[:LONGEST]}"
    if changes.curve is not None:
        yield ""
        yield from _over_time(changes.curve)
    yield ""
    for note in found.notes[len(found.sides.notes) :]:
        yield f"note: {note}"


def _region(one: Region) -> str:
    return f"{one.change:<8}  {one.name:<32}  {one.before.mean:6.1%} -> {one.after.mean:6.1%}  x {one.times}"


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
