"""Frozen or fine-tuned: what is to be decided, the jobs behind each answer, and the trainings on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab import finetune as trainer
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Job, Report, Stopwatch
from embedlab.check.near_copies import near_copies, numbered, takes_part
from embedlab.check.shortcuts import Shortcut, of_split
from embedlab.compare.common import Common, part
from embedlab.compare.models import ComparedModel
from embedlab.corpus import Column, Corpus
from embedlab.corpus.pair_split import PairSplit
from embedlab.corpus.split import Review, Split
from embedlab.corpus.split import review as _review_of
from embedlab.corpus.split import split as _split_of
from embedlab.encoders import DEFAULT_MODEL, ModelEntry, models
from embedlab.encoders.base import TRANSFORMER
from embedlab.finetune import Recipe, Run, TrainingData, from_labels, from_pairs
from embedlab.finetune.card import metrics
from embedlab.finetune.compared import FrozenVsTuned, at_chance, compared
from embedlab.finetune.forgetting import Generality, forgotten, generality
from embedlab.finetune.frozen import Classifier, CurvePoint, DoubtfulLabel, doubtful, learning_curve, readers
from embedlab.finetune.pairs import PairsCompared, measures, pairs_compared
from embedlab.finetune.recipe import Kind
from embedlab.pipeline import EmbeddingChoice, Prepared
from embedlab.stats.intervals import Interval
from pages.app import results, sidebar
from pages.app.jobs import kept, registry
from pages.compare import jobs as compare_jobs

OF_TEXTS, SPLIT = "fingerprint of the texts", "fingerprint of the split"  # facts kept beside a model

ALL, AT_RANDOM = "All", "At random"
COLUMN = "A column of labels"

Conflicting = Literal["most frequent", "leave out"]
Rows = NDArray[np.intp]
Compared = TypeVar("Compared", FrozenVsTuned, PairsCompared)

CONFLICTING: dict[str, Conflicting] = {"Most frequent": "most frequent", "Leave out": "leave out"}


# --- What is to be decided -----------------------------------------------------------------------


@dataclass(frozen=True)
class FinetuneSetup:
    """Which labels are to be learnt, and how the texts are split; `by` names a column that says which side."""

    label: str = ""
    held_out: float = 0.3
    per_class: int | None = None
    most: int | None = None
    by: str = ""
    conflicting: Conflicting = "most frequent"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class FinetuneCase:
    """What is to be decided: can the model `how` be left as it is for these labels of these texts?

    `texts` are those of `opened`, or of a sample of them only the ones that are used: no other is embedded for it.
    """

    opened: Corpus
    texts: Corpus
    setup: FinetuneSetup
    split: Split
    how: EmbeddingChoice

    kind: ClassVar[Kind] = "labels"

    @cached_property
    def key(self) -> str:
        """Stands for the texts and their split."""
        return fingerprint(self.texts.fingerprint, self.split.fingerprint)

    @property
    def title(self) -> str:
        """What a model trained on it is called after."""
        return f"{self.texts.name} {self.setup.label}"

    @property
    def counted(self) -> str:
        """How much there is to learn from."""
        return counted(len(self.split.train), "text")


def pair_copies_job(texts: tuple[str, ...]) -> Job[Rows]:
    """Return the job that looks which texts of some pairs nearly repeat each other, int (n,)."""
    return registry().job(_pair_copies_key(texts), lambda report: near_copies(texts, report))


def forget_pair_copies(texts: tuple[str, ...]) -> None:
    """Let them be looked for anew."""
    registry().forget(_pair_copies_key(texts))


def _pair_copies_key(texts: tuple[str, ...]) -> str:
    return fingerprint("near-copies of pairs", list(texts))


@dataclass(frozen=True, eq=False)
class PairCase:
    """What is to be decided: can the model `how` be left as it is for pairs like these?"""

    split: PairSplit
    how: EmbeddingChoice

    @property
    def kind(self) -> Kind:
        """Whether the pairs have scores, or just belong together."""
        return "pairs" if self.split.scores is None else "scored"

    @property
    def texts(self) -> Corpus:
        """Every text of the pairs."""
        return self.split.corpus

    @property
    def key(self) -> str:
        """Stands for the pairs and their split."""
        return self.split.fingerprint

    @property
    def title(self) -> str:
        """What a model trained on it is called after."""
        return self.texts.name

    @property
    def counted(self) -> str:
        """How much there is to learn from."""
        return counted(len(self.split.train), "pair")


Asked = FinetuneCase | PairCase


def copies_job(texts: Corpus, setup: FinetuneSetup) -> Job[Rows]:
    """Return the job that looks which of the texts that take part nearly repeat each other, int (n,) for all.

    They are the same for every share, seed and number of labels a class, unless a sample is drawn. Raises
    `EmbedlabError` where the labels can't be split.
    """
    rows = _taking(texts.fingerprint, replace(setup, per_class=None), texts)

    def work(report: Report) -> Rows:
        return numbered(len(texts), rows, near_copies([texts.texts[row] for row in rows.tolist()], report))

    return registry().job(_copies_key(texts, rows), work)


def forget_copies(texts: Corpus, setup: FinetuneSetup) -> None:
    """Let the near-copies be looked for anew."""
    rows = _taking(texts.fingerprint, replace(setup, per_class=None), texts)
    registry().forget(_copies_key(texts, rows))


def _copies_key(texts: Corpus, rows: Rows) -> str:
    return fingerprint("near-copies", texts.fingerprint, rows)


@kept
def _taking(texts: str, setup: FinetuneSetup, _corpus: Corpus) -> Rows:
    labels, of = _settings(setup, _corpus)
    return takes_part(_corpus, labels, **of)


def _settings(setup: FinetuneSetup, corpus: Corpus) -> tuple[Column, dict[str, Any]]:
    of = asdict(setup) | {"by": corpus.column(setup.by) if setup.by else None}
    return corpus.column(of.pop("label")), of


@kept
def _split(texts: str, setup: FinetuneSetup, copies: str, _corpus: Corpus, _together: Rows) -> Split:
    labels, of = _settings(setup, _corpus)
    return _split_of(_corpus, labels, together=_together, **of)


def case(texts: Corpus, setup: FinetuneSetup, how: EmbeddingChoice) -> FinetuneCase:
    """Return what is to be decided, as soon as it is known which texts nearly repeat each other (`copies_job`).

    Raises `EmbedlabError` where the labels don't allow it.
    """
    together = copies_job(texts, setup)
    together.wait()
    found = together.result()
    split = _split(texts.fingerprint, setup, fingerprint(found), texts, found)
    if setup.most is None or len(split.used) == len(texts):
        return FinetuneCase(texts, texts, setup, split, how)
    return FinetuneCase(
        texts, _used(texts.fingerprint, split.fingerprint, texts, split), setup, split.renumbered(), how
    )


@kept
def _used(texts: str, split: str, _corpus: Corpus, _split: Split) -> Corpus:
    return part(_corpus, _split.used).corpus


@kept
def _review(texts: str, label: str, _corpus: Corpus) -> Review:
    return _review_of(_corpus, _corpus.column(label))


def review(texts: Corpus, label: str) -> Review:
    """Return what there is to know of the labels before anything is split."""
    return _review(texts.fingerprint, label, texts)


@kept
def _data(case: str, _case: Asked) -> TrainingData:
    if isinstance(_case, FinetuneCase):
        return from_labels(_case.texts, _case.split)
    split = _case.split
    scores = None if split.scores is None else split.scores[split.train]
    return from_pairs(*split.texts(split.train), scores, split.seed, split.groups[split.train])


def data(case: Asked) -> TrainingData:
    """Return what a model would be trained on."""
    return _data(case.key, case)


def usual(case: Asked) -> Recipe:
    """Return the settings to begin with."""
    classes = len(case.split.names) if isinstance(case, FinetuneCase) else 0
    return Recipe.usual(case.how.model, case.kind, len(case.split.train), classes, case.split.seed)


def offered(first: str) -> list[str]:
    """Return the models that can be asked here, `first` before the others, transformers before the rest.

    Those that were fine-tuned here are left out: they may have seen the very texts that are held out.
    """
    made_here = {run.name for run in trainer.runs()}
    ready = [one for one in models() if one.ready and one.name not in made_here]
    ready.sort(
        key=lambda one: (one.name != (first or DEFAULT_MODEL), one.family != TRANSFORMER, one.name != DEFAULT_MODEL)
    )
    return [one.name for one in ready]


def listing_of(name: str) -> ModelEntry | None:
    """Return what is known of a model."""
    return next((one for one in models() if one.name == name), None)


# --- Frozen --------------------------------------------------------------------------------------


def _job_key(what: str, case: FinetuneCase, ground: Prepared) -> str:
    return fingerprint(what, case.key, ground.space.fingerprint)


def readers_job(case: FinetuneCase, ground: Prepared) -> Job[tuple[Classifier, ...]]:
    """Return the job that reads the labels of the held-out texts off frozen vectors, in every way there is."""
    return registry().job(
        _job_key("readers", case, ground), lambda report: readers(ground.space, case.split, report=report)
    )


def shortcut_job(case: FinetuneCase) -> Job[Shortcut]:
    """Return the job that tells the labels of the held-out texts without reading them."""
    labels = case.texts.column(case.setup.label)
    key = fingerprint("shortcut", case.key)
    return registry().job(key, lambda report: of_split(case.texts, labels, case.split, report))


def forget_shortcut(case: FinetuneCase) -> None:
    """Let the labels be told anew."""
    registry().forget(fingerprint("shortcut", case.key))


def curve_job(case: FinetuneCase, ground: Prepared) -> Job[tuple[CurvePoint, ...]]:
    """Return the job that measures how accuracy grows with the number of labels."""
    return registry().job(
        _job_key("curve", case, ground), lambda report: learning_curve(ground.space, case.split, report=report)
    )


def doubts_job(case: FinetuneCase, ground: Prepared) -> Job[tuple[DoubtfulLabel, ...]]:
    """Return the job that looks for labels that may be wrong."""

    return registry().job(
        _job_key("doubts", case, ground), lambda report: doubtful(ground.space, case.split, report=report)
    )


def forgetter(what: str, case: FinetuneCase, ground: Prepared) -> Callable[[], None]:
    """Return what lets one of these jobs be done anew; `what` is "readers", "curve" or "doubts"."""
    return lambda: registry().forget(_job_key(what, case, ground))


@kept
def _unreadable(key: str, _found: tuple[Classifier, ...], _split: Split) -> bool:
    return at_chance(_found, _split)


def unreadable(case: FinetuneCase, ground: Prepared, found: tuple[Classifier, ...]) -> bool:
    """Return whether none of the ways in which labels were read off does better than chance."""
    return _unreadable(_job_key("readers", case, ground), found, case.split)


def known_readers(case: FinetuneCase, ground: Prepared) -> tuple[Classifier, ...]:
    """Return how the labels were read off, if that is known by now."""
    job = registry().known(_job_key("readers", case, ground))
    return job.result() if job is not None and job.succeeded else ()


# --- Trainings -----------------------------------------------------------------------------------


def all_runs() -> tuple[Run, ...]:
    """Return every training on this machine, whoever began it; the newest first."""
    return trainer.runs()


def runs_of(case: Asked) -> tuple[Run, ...]:
    """Return the trainings on these texts and this very split that left a model, the newest first."""
    return tuple(run for run in all_runs() if run.usable and not run.active and _is_of(run, case))


def _is_of(run: Run, case: Asked) -> bool:
    if run.recipe.model != case.how.model:
        return False
    split = run.data.get(SPLIT)
    if split:
        return bool(split == case.key)
    try:
        return bool(run.data.get("fingerprint") == data(case).fingerprint)
    except EmbedlabError:  # nothing can be trained on these texts, so it was not
        return False


def estimate_job(recipe: Recipe, case: Asked) -> Job[float]:
    """Return the job that estimates how many seconds a training takes."""

    def work(report: Report) -> float:
        Stopwatch("Estimating the time", 0, report).at(0)
        return trainer.estimate(recipe, data(case))

    return registry().job(fingerprint("estimate", repr(recipe), case.key), work)


def start(name: str, recipe: Recipe, case: Asked) -> Run:
    """Begin a training, or queue it behind the one that runs."""
    about: dict[str, Any] = {"texts": case.texts.name, OF_TEXTS: case.texts.fingerprint, SPLIT: case.key}
    if isinstance(case, FinetuneCase):
        drawn = asdict(case.setup)
        if case.setup.by:  # the column says it
            del drawn["held_out"]
        about |= {name.replace("_", " "): value for name, value in drawn.items() if value not in (None, "")}
    return trainer.start(name, recipe, data(case), about)


def key(of: str, mark: str) -> str:
    """Return the key of a control of the split; each corpus has its own."""
    return f"finetune-{of}-{mark}"


def source_key(labels: bool) -> str:
    """Return the key of what is learnt from; texts with `labels` offer more."""
    return f"finetune-source-{labels}"


def model_key(offered_: list[str]) -> str:
    """Return the key of the choice of a model."""
    return f"finetune-model-{offered_}"


def split_as_then(run: Run, texts: Corpus, now: str) -> None:
    """Set the page's controls to the model and the split of a training on labels of these texts."""
    setup = setup_of(run, texts)
    if setup is None:
        return
    st.session_state[source_key(True)] = COLUMN
    models_now = offered(now)
    if run.recipe.model in models_now:
        st.session_state[model_key(models_now)] = run.recipe.model
    shown = {
        "label": setup.label,
        "held_out": round(100 * setup.held_out),
        "per_class": setup.per_class or ALL,
        "most": setup.most or ALL,
        "by": setup.by or AT_RANDOM,
        "conflicting": next(name for name, value in CONFLICTING.items() if value == setup.conflicting),
        "seed": setup.seed,
    }
    for of, value in shown.items():
        st.session_state[key(of, texts.fingerprint)] = value


def setup_of(run: Run, texts: Corpus) -> FinetuneSetup | None:
    """Return the split with which a model was trained on labels of these texts; None where it was of others."""
    if run.data.get(OF_TEXTS) != texts.fingerprint:
        return None
    known = {name.name: run.data.get(name.name.replace("_", " "), name.default) for name in fields(FinetuneSetup)}
    return FinetuneSetup(**known) if known["label"] else None


def models_changed() -> None:
    """Let every page see that a model has come or gone."""
    compare_jobs.forget_models()
    sidebar.with_precisions.clear()


# --- Fine-tuned ----------------------------------------------------------------------------------


def tuned_reading(case: Asked, run: Run) -> EmbeddingChoice:
    """Return how the fine-tuned model reads: as precisely as the frozen one does."""
    return EmbeddingChoice(run.name, case.how.exact)


def common(case: FinetuneCase, only_held_out: bool) -> Common:
    """Return the texts for a comparison: those that no model has learnt from, or all of them."""
    return _held_out(case.key, case) if only_held_out else compare_jobs.common(case.texts, [case.how])


@kept
def _held_out(case: str, _case: FinetuneCase) -> Common:
    return part(_case.texts, _case.split.held_out)


def compared_job(case: FinetuneCase, run: Run, frozen: ComparedModel, tuned: ComparedModel) -> Job[FrozenVsTuned]:
    """Return the job that puts the fine-tuned model beside the frozen one on the held-out texts."""

    def work(report: Report) -> FrozenVsTuned:
        before = readers(frozen.ground.space, case.split, report=report)
        after = readers(tuned.ground.space, case.split, report=report)
        return _onto_card(run, case, compared(before, after, case.split), frozen, tuned)

    return registry().job(compared_key(case, frozen, tuned), work)


def _onto_card(run: Run, case: Asked, found: Compared, frozen: Entry, tuned: Entry) -> Compared:
    lost = forgotten(*(generality_job(one).result() for one in (frozen, tuned)))
    trainer.finish(run.name, metrics(case.split.measured_on, found, lost))
    return found


def compared_key(case: Asked, frozen: Entry, tuned: Entry) -> str:
    """Return the key of that job."""
    return fingerprint("compared", case.key, frozen.space.fingerprint, tuned.space.fingerprint)


def pairs_job(case: PairCase, ground: Prepared) -> Job[dict[str, Interval]]:
    """Return the job that measures a frozen model on the held-out pairs."""

    def work(report: Report) -> dict[str, Interval]:
        Stopwatch("Measuring the held-out pairs", 0, report).at(0)
        return measures(case.split, ground.space.vectors)

    return registry().job(pairs_key(case, ground), work)


def pairs_key(case: PairCase, ground: Prepared) -> str:
    """Return the key of that job."""
    return fingerprint("pairs", case.key, ground.space.fingerprint)


def pairs_compared_job(case: PairCase, run: Run, frozen: ComparedModel, tuned: ComparedModel) -> Job[PairsCompared]:
    """Return the job that puts the fine-tuned model beside the frozen one on the held-out pairs."""

    def work(report: Report) -> PairsCompared:
        Stopwatch("Measuring the held-out pairs", 0, report).at(0)
        found = pairs_compared(case.split, frozen.ground.space.vectors, tuned.ground.space.vectors)
        return _onto_card(run, case, found, frozen, tuned)

    return registry().job(compared_key(case, frozen, tuned), work)


def generality_job(entry: Entry) -> Job[Generality]:
    """Return the job that measures how well a model knows everyday sentences."""

    def work(report: Report) -> Generality:
        Stopwatch(f"Reading everyday sentences with {entry.name}", 0, report).at(0)
        return generality(results.encoder(entry.space.fingerprint, entry.how, entry.space))

    return registry().job(generality_key(entry), work)


def generality_key(entry: ComparedModel) -> str:
    """Return the key of that job."""
    return fingerprint("generality", entry.space.card.fingerprint)
