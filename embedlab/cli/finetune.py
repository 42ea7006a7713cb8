"""The command `finetune`: train a copy of a model on labels, and say whether it beats the frozen one."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.cli.arguments import TEXT, add_layout, add_seed, layout_of, print_notes
from embedlab.cli.output import give
from embedlab.corpus.reading.table import read
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.registry import asked_for
from embedlab.finetune import runs
from embedlab.finetune.decision import FinetuneResult, TrainingPlan, finetune

LONG = 30 * 60


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the labelled texts")
    parser.add_argument("--text", metavar="COL", help=TEXT)
    parser.add_argument("--label", required=True, metavar="COL", help="the column that holds the labels")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="NAME", help=f"what to train (default {DEFAULT_MODEL})"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the new folder for the trained model")
    parser.add_argument("--split", metavar="COL", help="the column that says train or test (default: a guess)")
    parser.add_argument(
        "--held-out", type=float, metavar="SHARE", help="draw what is held out at random: this share (default 0.3)"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="use N of the texts, of each class in proportion")
    parser.add_argument("--per-class", type=int, metavar="N", help="learn from at most N texts of each class")
    parser.add_argument("--epochs", type=int, metavar="N", help="how often (default: the more texts, the less often)")
    parser.add_argument(
        "--minutes", type=float, metavar="N", help="what you can spend on a training: more is said, not refused"
    )
    add_layout(parser)
    add_seed(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Train as `options` say, compare frozen with tuned, write the model's folder, and print what was found."""
    _check(options)
    with stages.stage("read"):
        corpus = read(options.file, options.text, options.label, layout=layout_of(options))
    name = runs.free_name(options.out.name, "") if options.out.name else None
    model = asked_for(options.model, everywhere=True)
    result = finetune(
        corpus, options.label, model, name, held_out=options.held_out, split=options.split,
        per_class=options.per_class, sample=options.sample, epochs=options.epochs, seed=options.seed,
        minutes=options.minutes, before=partial(_announce, options),
        about={"file": corpus.name, "text": options.text or ""}, stages=stages,
    )  # fmt: skip
    with stages.stage("write"):
        _write(result.run.name, runs.folder_of(result.run.name), options.out)
    give(options, stages, lambda: result.facts() | {"read": corpus.reading()}, _lines(result, options.out))


def _check(options: argparse.Namespace) -> None:
    out = options.out  # a training takes minutes: a place that can't be written to is said before
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise EmbedlabError(f"{out} is there already: name a folder that is new or empty with --out.")
    parent = next((place for place in out.absolute().parents if place.exists()), None)
    if parent is None or not os.access(parent, os.W_OK):
        raise EmbedlabError(f"{out} can't be made there: choose another place for --out.")
    if options.minutes is not None and not options.minutes > 0:
        raise EmbedlabError(f"--minutes is {options.minutes:g}: name how many you can spend, more than 0.")
    if options.split and options.held_out is not None:
        raise EmbedlabError("--split says already which texts are held out: leave out --held-out.")


def _announce(options: argparse.Namespace, plan: TrainingPlan) -> None:
    """Say before it begins what was left out, and how long it takes."""
    if not options.json:
        print_notes(plan.notes)
    told = f"{plan.data.counted} to learn from, about {_shown(plan.seconds)}.{_hint(plan.seconds, options)}"
    print(f"{plan.name}: {told}", file=sys.stderr)


def _hint(seconds: float, options: argparse.Namespace) -> str:
    """Say what makes a training shorter that takes long, or longer than somebody said that they have."""
    if options.minutes is not None and seconds > 60 * options.minutes:
        return f" That is more than the {options.minutes:g} min that you have: --sample or --per-class make it shorter."
    return " A sample tells most of it: --sample 5000." if seconds > LONG and options.sample is None else ""


def _write(name: str, model: Path, out: Path) -> None:
    try:
        shutil.copytree(model, out, dirs_exist_ok=True)
    except OSError as error:
        raise EmbedlabError(
            f"{out} can't be written ({error.strerror or error}): the model is kept as “{name}”, copy it from there."
        ) from error


def _lines(result: FinetuneResult, out: Path) -> Iterator[str]:
    said = result.advice
    if result.without_reading:
        yield result.without_reading
    yield said.verdict
    yield from said.notes
    yield f"What would change it: {said.would_change}"
    yield ""
    yield (
        f"Trained on {counted(len(result.split.train), 'text')} of "
        f"{counted(len(result.split.names), 'class', 'classes')} in "
        f"{_shown(result.run.seconds)}; measured on {result.split.measured_on}. 95 % intervals."
    )
    yield f"{'accuracy':<14}  {'frozen':<22}  {'fine-tuned':<22}  difference, paired"
    for before, after in result.compared.ways:
        difference = result.compared.differences[before.name]
        yield f"{before.name:<14}  {before.accuracy!s:<22}  {after.accuracy!s:<22}  {difference}"
    lost = result.forgotten
    yield f"{'general pairs':<14}  {lost.before!s:<22}  {lost.after!s:<22}  {lost.difference}"
    yield said.detail
    yield result.shortcut.detail if result.without_reading else result.shortcut.note
    yield ""
    yield f"{out}: the model, also in the library as “{result.run.name}”."


def _shown(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3_600:.1f} h"
