"""Frozen or fine-tuned: what is made once for everybody, and the trainings on this machine.

What takes a while runs in the background: until it is there, whoever asks shows how far it is and ends this run of the
page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report
from embedlab.check.near_copies import near_copies
from embedlab.check.shortcuts import Shortcut, of_split
from embedlab.compare.common import Common, part
from embedlab.compare.models import ComparedModel
from embedlab.corpus import Corpus
from embedlab.corpus.labels import Review
from embedlab.corpus.labels import review as _review_of
from embedlab.encoders import DEFAULT_MODEL, EncoderInfo, models
from embedlab.encoders.base import TRANSFORMER
from embedlab.finetune import runs
from embedlab.finetune.card import metrics
from embedlab.finetune.cases import SPLIT, Asked, FinetuneCase, FinetuneSetup, PairCase, train
from embedlab.finetune.compared import FrozenVsTuned, at_chance, compared
from embedlab.finetune.data import TrainingData
from embedlab.finetune.forgetting import Forgotten, Generality, forgotten, generality
from embedlab.finetune.frozen import Classifier, CurvePoint, DoubtfulLabel, doubtful, learning_curve, readers
from embedlab.finetune.pairs import PairsCompared, measures, pairs_compared
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.runs import Run
from embedlab.pipeline import EmbeddingChoice, Prepared
from embedlab.space import Space
from embedlab.stats.intervals import Interval
from pages.app import results, session
from pages.app.jobs import kept, say, work
from pages.app.widgets import awaited, made
from pages.compare import jobs as compare_jobs

Rows = NDArray[np.intp]
Found = TypeVar("Found", FrozenVsTuned, PairsCompared)

STOPPED = "Stopped before it was done."
NO_NEAR_COPIES = (
    "Stopped before all near-copies were found: without them a text to learn from could be held out as well."
)


# --- What is to be decided -----------------------------------------------------------------------


def case(texts: Corpus, setup: FinetuneSetup, how: EmbeddingChoice) -> FinetuneCase:
    """Return what is to be decided, as soon as it is known which texts nearly repeat each other.

    That is the same for every share, seed and number of labels a class, unless a sample is drawn. Raises
    `EmbedlabError` where the labels don't allow it.
    """
    of = replace(setup, per_class=None)
    return replace(_case(texts, setup, _near_copies(texts, _taking(of, texts), of)), how=how)


@awaited(NO_NEAR_COPIES)
def _near_copies(report: Report, texts: Corpus, taking: Rows, _setup: FinetuneSetup) -> Rows:
    return _setup.near_copies(texts, report)


_taking = kept(FinetuneSetup.takes_part)


@kept
def _case(texts: Corpus, setup: FinetuneSetup, together: Rows) -> FinetuneCase:
    return FinetuneCase.of(texts, setup, EmbeddingChoice(), together)


@awaited(NO_NEAR_COPIES)
def near_copies_of_pairs(report: Report, texts: tuple[str, ...]) -> Rows:
    """Return which texts of some pairs nearly repeat each other, int (n,)."""
    return near_copies(texts, report)


@kept
def review(texts: Corpus, label: str) -> Review:
    """Return what there is to know of the labels before anything is split."""
    return _review_of(texts, texts.column(label))


@kept
def data(case: Asked) -> TrainingData:
    """Return what a model would be trained on."""
    return case.data()


def offered(first: str) -> list[str]:
    """Return the models that can be asked here, `first` before the others, transformers before the rest.

    Those that were fine-tuned here are left out: they may have seen the very texts that are held out.
    """
    made_here = {run.name for run in runs.all_runs()}
    ready = [one for one in models() if one.ready and one.name not in made_here]
    ready.sort(
        key=lambda one: (one.name != (first or DEFAULT_MODEL), one.family != TRANSFORMER, one.name != DEFAULT_MODEL)
    )
    return [one.name for one in ready]


# --- Frozen --------------------------------------------------------------------------------------


@awaited(STOPPED)
def read_off(report: Report, case: FinetuneCase, prepared: Prepared) -> tuple[Classifier, ...]:
    """Return how well the labels of the held-out texts are read off, in every way there is."""
    return readers(prepared.space, case.split, report=report)


@awaited(STOPPED)
def unread(report: Report, case: FinetuneCase) -> Shortcut:
    """Return how well the labels of the held-out texts are told without reading them."""
    return of_split(case.texts, case.labels, case.split, report)


@awaited(STOPPED)
def curve(report: Report, case: FinetuneCase, prepared: Prepared) -> tuple[CurvePoint, ...]:
    """Return how accuracy grows with the number of labels."""
    return learning_curve(prepared.space, case.split, report=report)


@awaited(STOPPED)
def doubts(report: Report, case: FinetuneCase, prepared: Prepared) -> tuple[DoubtfulLabel, ...]:
    """Return labels that may be wrong."""
    return doubtful(prepared.space, case.split, report=report)


@kept
def unreadable(case: FinetuneCase, space: Space, _found: tuple[Classifier, ...]) -> bool:
    """Return whether none of the ways in which labels were read off a space does better than chance."""
    return at_chance(_found, case.split)


@awaited()
def pair_measures(report: Report, case: PairCase, prepared: Prepared) -> dict[str, Interval]:
    """Return how well a frozen model knows the held-out pairs, by measure."""
    say(report, "Measuring the held-out pairs")
    return measures(case.split, prepared.space.vectors)


# --- Trainings -----------------------------------------------------------------------------------


def runs_of(case: Asked) -> tuple[Run, ...]:
    """Return the trainings on these texts and this very split that left a model, the newest first."""
    return tuple(run for run in runs.all_runs() if run.usable and not run.active and _is_of(run, case))


def _is_of(run: Run, case: Asked) -> bool:
    if run.recipe.model != case.how.model:
        return False
    split = run.data.get(SPLIT)
    if split:
        return bool(split == case.facts[SPLIT])
    try:
        return bool(run.data.get("fingerprint") == data(case).fingerprint)
    except EmbedlabError:  # nothing can be trained on these texts, so it was not
        return False


@work
def estimate_job(report: Report, recipe: Recipe, case: Asked) -> float:
    """Estimate how many seconds a training takes."""
    say(report, "Estimating the time")
    return runs.estimate(recipe, data(case))


def start(name: str, recipe: Recipe, case: Asked) -> Run:
    """Begin a training, or queue it behind the one that runs."""
    return train(case, name, recipe, data(case))


# --- Fine-tuned ----------------------------------------------------------------------------------


def entries(case: Asked, run: Run) -> tuple[ComparedModel, ComparedModel]:
    """Return both models with their vectors; the fine-tuned one reads as precisely as the frozen one does."""
    before, how = session.prepared(case.texts, case.how), EmbeddingChoice(run.name, case.how.exact)
    after = session.prepared(case.texts, how)
    return ComparedModel(case.how.model, case.how, before), ComparedModel(run.name, how, after)


def common(case: FinetuneCase, only_held_out: bool) -> Common:
    """Return the texts for a comparison: those that no model has learnt from, or all of them."""
    return _held_out(case) if only_held_out else compare_jobs.common(case.texts, [case.how])


@kept
def _held_out(case: FinetuneCase) -> Common:
    return part(case.texts, case.split.held_out)


def labels_compared(case: FinetuneCase, run: Run, frozen: ComparedModel, tuned: ComparedModel) -> FrozenVsTuned:
    """Return both models on the held-out texts; it is written on the card of the fine-tuned one."""
    before, after = read_off(case, frozen.prepared), read_off(case, tuned.prepared)
    return _onto_card(case, run, frozen, tuned, lambda: compared(before, after, case.split))


def pairs_compared_by(case: PairCase, run: Run, frozen: ComparedModel, tuned: ComparedModel) -> PairsCompared:
    """Return both models on the held-out pairs; it is written on the card of the fine-tuned one."""
    before, after = frozen.space.vectors, tuned.space.vectors
    return _onto_card(case, run, frozen, tuned, lambda: pairs_compared(case.split, before, after))


def _onto_card(
    case: Asked, run: Run, frozen: ComparedModel, tuned: ComparedModel, compare: Callable[[], Found]
) -> Found:
    lost = forgotten_by(frozen, tuned)

    def work(report: Report) -> Found:
        say(report, "Measuring what is held out")
        found = compare()
        runs.finish(run.name, metrics(case.split.measured_on, found, lost))
        return found

    key = fingerprint("compared", case.fingerprint, frozen.space.fingerprint, tuned.space.fingerprint)
    return made(key, work, STOPPED)


def forgotten_by(frozen: ComparedModel, tuned: ComparedModel) -> Forgotten:
    """Return what the fine-tuned model has forgotten of everyday sentences."""
    return _forgotten(frozen.space.card, tuned.space.card, *generalities(frozen, tuned))


@kept
def _forgotten(frozen: EncoderInfo, tuned: EncoderInfo, _before: Generality, _after: Generality) -> Forgotten:
    return forgotten(_before, _after)


def generalities(frozen: ComparedModel, tuned: ComparedModel) -> tuple[Generality, Generality]:
    """Return how well both models know everyday sentences."""
    before, after = (_generality(entry.space.card, entry) for entry in (frozen, tuned))
    return before, after


@awaited(STOPPED)
def _generality(report: Report, card: EncoderInfo, _entry: ComparedModel) -> Generality:
    say(report, f"Reading everyday sentences with {_entry.name}")
    return generality(results.encoder(_entry.space, _entry.how))
