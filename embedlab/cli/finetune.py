"""The command `finetune`: train a copy of a model on labels, and say whether it beats the frozen one."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from embedlab import finetune
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.check.near_copies import split_apart
from embedlab.check.shortcuts import Shortcut, of_split
from embedlab.cli import arguments as _arguments
from embedlab.cli.output import print_json
from embedlab.compare.common import part
from embedlab.corpus import Column, Corpus
from embedlab.corpus.reading.table import read
from embedlab.corpus.split import HELD_OUT, Split, guessed_split
from embedlab.finetune import Recipe, Run, from_labels
from embedlab.finetune.advice import Advice, advice
from embedlab.finetune.card import metrics
from embedlab.finetune.compared import FrozenVsTuned, compared
from embedlab.finetune.forgetting import Forgotten, Generality, forgotten, generality
from embedlab.finetune.frozen import Classifier, learning_curve, readers
from embedlab.pipeline import EmbeddingChoice, embed
from embedlab.space import Space

POLL = 0.2
LONG = 30 * 60
TO_STOP = 30.0


@dataclass(frozen=True, eq=False)
class Result:
    """What came of it: the training, the models side by side on the held-out texts, what was forgotten, the advice."""

    run: Run
    split: Split
    compared: FrozenVsTuned
    general: tuple[Generality, Generality]
    forgotten: Forgotten
    advice: Advice
    shortcut: Shortcut
    notes: tuple[str, ...]

    @property
    def without_reading(self) -> str:
        """Say that the labels can be told without reading, where that explains what the better model knows."""
        best = max(one.accuracy.mean for one in self.compared.probes)
        return self.shortcut.first_sentence(best, "the better model")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    _arguments.finetune(parser)


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Train as `options` say, compare frozen with tuned, write the model's folder, and print what was found."""
    _check_out(options.out)
    if options.minutes is not None and not options.minutes > 0:
        raise EmbedlabError(f"--minutes is {options.minutes:g}: name how many you can spend, more than 0.")
    with stages.stage("read"):
        corpus = read(options.file, options.text, options.label)
    with stages.stage("split"):
        parted = _parted(corpus, options, stages)
        corpus, parted = part(corpus, parted.used).corpus, parted.renumbered()
    notes = (*(note.sentence for note in corpus.notes), *parted.notes)
    for note in notes if not options.json else ():
        print(f"note: {note}", file=sys.stderr)
    done = _trained(corpus, parted, options, stages)
    result = _measured(done, corpus, parted, notes, options, stages)
    finetune.finish(done.name, metrics(parted.measured_on, result.compared, result.forgotten))
    with stages.stage("write"):
        _write(done.name, options.out)
    if options.json:
        print_json(_facts(result), stages.seconds)
        return
    for line in _lines(result, options.out):
        print(line)


# --- What to learn from, and what to be asked about ----------------------------------------------


def _check_out(out: Path) -> None:
    """A training takes minutes: a place that can't be written to is said before."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise EmbedlabError(f"{out} is there already: name a folder that is new or empty with --out.")
    parent = next((place for place in out.absolute().parents if place.exists()), None)
    if parent is None or not os.access(parent, os.W_OK):
        raise EmbedlabError(f"{out} can't be made there: choose another place for --out.")


def _parted(corpus: Corpus, options: argparse.Namespace, stages: Stages) -> Split:
    share = HELD_OUT if options.held_out is None else options.held_out
    return split_apart(
        corpus,
        corpus.column(options.label),
        held_out=share,
        per_class=options.per_class,
        most=options.sample,
        by=_by(corpus, options),
        seed=options.seed,
        report=stages.report,
    )


def _by(corpus: Corpus, options: argparse.Namespace) -> Column | None:
    """Return the column that says what is held out: the one that was named, or what looks like one; None at random."""
    if options.split and options.held_out is not None:
        raise EmbedlabError("--split says already which texts are held out: leave out --held-out.")
    if options.split:
        return corpus.column(options.split)
    return guessed_split(corpus, options.label) if options.held_out is None else None


# --- Training and measuring ----------------------------------------------------------------------


def _trained(corpus: Corpus, parted: Split, options: argparse.Namespace, stages: Stages) -> Run:
    data = from_labels(corpus, parted)
    recipe = Recipe.usual(options.model, "labels", len(parted.train), len(parted.names), options.seed)
    if options.epochs is not None:
        recipe = replace(recipe, epochs=options.epochs)
    about = {"file": corpus.name, "text": options.text or "", "label": options.label, "held out": len(parted.held_out)}
    name = _name(options.out, options.model)
    seconds = finetune.estimate(recipe, data)
    print(f"{name}: {data.counted} to learn from, about {_shown(seconds)}.{_hint(seconds, options)}", file=sys.stderr)
    with stages.stage("train"):
        finetune.start(name, recipe, data, about)
        try:
            done = _followed(name, stages)
        except KeyboardInterrupt:
            _stopped(name)
            raise
    if done.status != "finished":
        error = done.error or f"The training of “{name}” was stopped: start it again."
        raise EmbedlabError(error)
    return done


def _hint(seconds: float, options: argparse.Namespace) -> str:
    """Say what makes a training shorter that takes long, or longer than somebody said that they have."""
    if options.minutes is not None and seconds > 60 * options.minutes:
        return f" That is more than the {options.minutes:g} min that you have: --sample or --per-class make it shorter."
    return " A sample tells most of it: --sample 5000." if seconds > LONG and options.sample is None else ""


def _name(out: Path, model: str) -> str:
    """Return the name in the library: that of the folder where it can be had."""
    return finetune.free_name(model) if not out.name else finetune.free_name(out.name, "")


def _followed(name: str, stages: Stages) -> Run:
    while (now := finetune.run(name)).active:
        if now.progress is not None:
            stages.report(now.progress)
        time.sleep(POLL)
    return now


def _stopped(name: str) -> None:
    finetune.stop(name)
    end = time.monotonic() + TO_STOP
    while finetune.run(name).active and time.monotonic() < end:
        time.sleep(POLL)


def _measured(
    done: Run,
    corpus: Corpus,
    parted: Split,
    notes: tuple[str, ...],
    options: argparse.Namespace,
    stages: Stages,
) -> Result:
    spaces: list[Space] = []
    read_off: list[tuple[Classifier, ...]] = []
    general: list[Generality] = []
    for name, which in ((options.model, "frozen"), (done.name, "tuned")):
        made = embed(corpus, EmbeddingChoice(name), stages, which)
        assert made.encoder is not None
        spaces.append(made.space)
        with stages.stage(f"read off {which}"):
            read_off.append(readers(spaces[-1], parted, stages.report))
        with stages.stage(f"generality {which}"):
            general.append(generality(made.encoder))
    with stages.stage("learning curve"):
        curve = learning_curve(spaces[0], parted, report=stages.report)
    (frozen_ones, tuned_ones), (before, after) = read_off, general
    found, lost = compared(frozen_ones, tuned_ones, parted), forgotten(before, after)
    said = advice(found, frozen_ones, curve, parted, lost, done.seconds, options.minutes)
    with stages.stage("without reading"):
        unread = of_split(corpus, corpus.column(options.label), parted, stages.report)
    return Result(done, parted, found, (before, after), lost, said, unread, notes)


# --- What is written and printed -----------------------------------------------------------------


def _write(name: str, out: Path) -> None:
    try:
        shutil.copytree(finetune.folder_of(name), out, dirs_exist_ok=True)
    except OSError as error:
        raise EmbedlabError(
            f"{out} can't be written ({error.strerror or error}): the model is kept as “{name}”, copy it from there."
        ) from error


def _beside(result: Result) -> Iterator[tuple[Classifier, Classifier]]:
    return zip(result.compared.frozen, result.compared.tuned, strict=True)


def _facts(result: Result) -> dict[str, Any]:
    return {
        "name": result.run.name,
        "model": result.run.recipe.model,
        "recipe": result.run.recipe.as_facts(),
        "data": dict(result.run.data),
        "trained_on": len(result.split.train),
        "held_out": len(result.split.held_out),
        "measured_on": result.split.measured_on,
        "classes": len(result.split.names),
        "step_kept": result.run.kept,
        "training_seconds": result.run.seconds,
        "training_joules": result.run.joules,
        "losses": result.run.losses,
        "validation": result.run.scores,
        "readers": {
            before.name: {
                "frozen": {"accuracy": asdict(before.accuracy), "macro_f1": asdict(before.macro_f1)},
                "tuned": {"accuracy": asdict(after.accuracy), "macro_f1": asdict(after.macro_f1)},
                "difference": asdict(result.compared.differences[before.name]),
                "f1_difference": asdict(result.compared.f1_differences[before.name]),
            }
            for before, after in _beside(result)
        },
        "verdict": result.compared.verdict,
        "sentence": result.compared.sentence,
        "detail": result.compared.detail,
        "beside": list(result.compared.beside),
        "generality": {
            "frozen": asdict(result.general[0].spearman),
            "tuned": asdict(result.general[1].spearman),
            "difference": asdict(result.forgotten.difference),
            "sentence": result.forgotten.sentence,
            "detail": result.forgotten.detail,
        },
        "advice": asdict(result.advice),
        "without_reading": {
            "accuracy": asdict(result.shortcut.accuracy),
            "by": result.shortcut.by,
            "sentence": result.without_reading,
        },
        "notes": list(result.notes),
    }


def _lines(result: Result, out: Path) -> Iterator[str]:
    said = result.advice
    if result.without_reading:
        yield result.without_reading
    yield said.verdict
    yield from said.notes
    yield f"What would change it: {said.would_change}"
    yield ""
    yield (
        f"Trained on {len(result.split.train):,} texts of {len(result.split.names):,} classes in "
        f"{_shown(result.run.seconds)}; measured on {result.split.measured_on}. 95 % intervals."
    )
    yield f"{'accuracy':<14}  {'frozen':<22}  {'fine-tuned':<22}  difference, paired"
    for before, after in _beside(result):
        difference = result.compared.differences[before.name]
        yield f"{before.name:<14}  {before.accuracy!s:<22}  {after.accuracy!s:<22}  {difference}"
    general = "  ".join(f"{one.spearman!s:<22}" for one in result.general)
    yield f"{'general pairs':<14}  {general}  {result.forgotten.difference}"
    yield said.detail
    yield result.shortcut.detail if result.without_reading else result.shortcut.note
    yield ""
    yield f"{out}: the model, also in the library as “{result.run.name}”."


def _shown(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3_600:.1f} h"
