"""Frozen or fine-tuned, decided: split, train, measure both models, advise. The one place where it is put together.

Each step is a function of its own that the pages call too, one at a time and in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stages, no_report
from embedlab.check.shortcuts import of_split
from embedlab.corpus import Corpus
from embedlab.corpus.split import HELD_OUT
from embedlab.corpus.split_column import guessed_split
from embedlab.encoders import DEFAULT_MODEL
from embedlab.finetune import runs, starting
from embedlab.finetune.advice import advice
from embedlab.finetune.card import metrics
from embedlab.finetune.cases import FinetuneCase, FinetuneSetup
from embedlab.finetune.compared import compared
from embedlab.finetune.data import TrainingData
from embedlab.finetune.forgetting import Generality, forgotten, generality
from embedlab.finetune.frozen import Classifier, learning_curve, readers
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.result import FinetuneResult
from embedlab.pipeline import EmbeddingChoice, embed
from embedlab.space import Space


@dataclass(frozen=True, eq=False)
class TrainingPlan:
    """A training before it begins: on what, how, as what, and about how many `seconds` it takes."""

    case: FinetuneCase
    data: TrainingData
    recipe: Recipe
    name: str
    seconds: float

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was left out of the texts, and on what to bear in mind."""
        return (*(note.sentence for note in self.case.opened.notes), *self.case.split.notes)


def finetune(
    corpus: Corpus,
    label: str,
    model: str = DEFAULT_MODEL,
    name: str | None = None,
    *,
    held_out: float | None = None,
    split: str | None = None,
    per_class: int | None = None,
    sample: int | None = None,
    epochs: int | None = None,
    seed: int = 0,
    minutes: float | None = None,
    report: Report = no_report,
    before: Callable[[TrainingPlan], None] = lambda plan: None,
    about: Mapping[str, Any] | None = None,
    stages: Stages | None = None,
) -> FinetuneResult:
    """Train a copy of `model` on the column `label`, and say whether it beats the frozen one on texts held out.

    The copy is kept on this machine as `name`, a free one where none is given. `split` names the column that says
    train or test; without it one that looks like it is taken, unless `held_out` gives the share to draw at random
    (0.3 where there is no such column). `per_class` learns from so many texts of a class, `sample` uses so many of all.
    `minutes` are what you can spend on a training, for the advice. The training is stopped if `report` stops it.

    `before` is told the plan before the training begins, which takes minutes; `about` are further facts to keep beside
    the model; `stages`, instead of `report`, also takes how long each stage took. Raises `EmbedlabError` for labels
    that can't be split, a model that can't be trained, or a training that failed.
    """
    if split and held_out is not None:
        raise EmbedlabError(f"“{split}” says already which texts are held out: name it or the share, not both.")
    guess = guessed_split(corpus, label) if not split and held_out is None else None
    by, share = split or (guess.name if guess else ""), HELD_OUT if held_out is None else held_out
    stages = stages or Stages(report)
    plan = _planned(corpus, FinetuneSetup(label, share, per_class, sample, by, seed=seed), model, name, epochs, stages)
    before(plan)
    told = {"file": corpus.name, **(about or {}), "label": label, "held out": len(plan.case.split.held_out)}
    return _carried_out(plan, told, minutes, stages)


def _planned(
    corpus: Corpus, setup: FinetuneSetup, model: str, name: str | None, epochs: int | None, stages: Stages
) -> TrainingPlan:
    with stages.stage("split"):
        together = setup.near_copies(corpus, stages.report)
        case = FinetuneCase.of(corpus, setup, EmbeddingChoice(model), together, whole=False)
    data, recipe = case.data(), case.recipe
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    return TrainingPlan(case, data, recipe, name or starting.free_name(model), starting.estimate(recipe, data))


def _carried_out(plan: TrainingPlan, about: Mapping[str, Any], minutes: float | None, stages: Stages) -> FinetuneResult:
    """Train as planned, measure both models, and write what was found on the new one's card."""
    case = plan.case
    with stages.stage("train"):
        starting.start(plan.name, plan.recipe, plan.data, about)
        run = starting.awaited(plan.name, stages.report)
    space, frozen, before = _measured(case, case.how.model, "frozen", stages)
    _, tuned, after = _measured(case, run.name, "tuned", stages)
    with stages.stage("learning curve"):
        curve = learning_curve(space, case.split, report=stages.report)
    found, lost = compared(frozen, tuned, case.split), forgotten(before, after)
    said = advice(found, frozen, curve, case.split, lost, run.seconds, minutes)
    with stages.stage("without reading"):
        unread = of_split(case.texts, case.labels, case.split, stages.report)
    runs.finish(run.name, metrics(case.split.measured_on, found, lost))
    return FinetuneResult(run, case.split, found, lost, curve, said, unread, plan.notes)


def _measured(
    case: FinetuneCase, model: str, which: str, stages: Stages
) -> tuple[Space, tuple[Classifier, ...], Generality]:
    """Return the texts as one of both models sees them, how well labels are read off it, and what it knows besides."""
    made = embed(case.texts, EmbeddingChoice(model), stages, which)
    assert made.encoder is not None  # it is a model, no vectors that came along
    with stages.stage(f"read off {which}"):
        read_off = readers(made.space, case.split, stages.report)
    with stages.stage(f"generality {which}"):
        return made.space, read_off, generality(made.encoder)
