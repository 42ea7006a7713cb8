"""Frozen or fine-tuned, decided: split, train, measure both models, advise. The one place where it is put together.

Each step is a function of its own that the pages call too, one at a time and in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stages, no_report
from embedlab.base.result import Result
from embedlab.check.shortcuts import Shortcut, of_split
from embedlab.corpus import Corpus
from embedlab.corpus.split import HELD_OUT, Split, guessed_split
from embedlab.encoders import DEFAULT_MODEL
from embedlab.finetune import runs
from embedlab.finetune.advice import Advice, advice
from embedlab.finetune.card import metrics
from embedlab.finetune.cases import FinetuneCase, FinetuneSetup, train
from embedlab.finetune.compared import FrozenVsTuned, compared
from embedlab.finetune.data import TrainingData
from embedlab.finetune.forgetting import Forgotten, Generality, forgotten, generality
from embedlab.finetune.frozen import Classifier, CurvePoint, learning_curve, readers
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.runs import Run
from embedlab.pipeline import EmbeddingChoice, embed
from embedlab.space import Space
from embedlab.space.unread import refuse_unread

if TYPE_CHECKING:
    import pandas as pd


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


@dataclass(frozen=True, eq=False, repr=False)
class FinetuneResult(Result):
    """The training `run` on labels, both models on the texts held out by `split`, and what to do.

    `curve` is how accuracy on the frozen model grows with the labels; `shortcut` how far they can be told without
    reading; `notes` are sentences on what was left out of the texts, and on what to bear in mind.
    """

    run: Run
    split: Split
    compared: FrozenVsTuned
    forgotten: Forgotten
    curve: tuple[CurvePoint, ...]
    advice: Advice
    shortcut: Shortcut
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Which of both models is better, by the linear probe."""
        return self.compared.sentence

    @property
    def without_reading(self) -> str:
        """That the labels can be told without reading, where that explains what the better model knows; else ""."""
        best = max(one.accuracy.mean for one in self.compared.probes)
        return self.shortcut.first_sentence(best, "the better model")

    def table(self) -> pd.DataFrame:
        """Return a row a way of reading labels off: its accuracy on both models, and the difference.

        Each with its 95 % interval, in `_low` and `_high`; differences are tuned minus frozen, paired.
        """
        import pandas as pd

        rows = []
        for before, after in self.compared.ways:
            row: dict[str, Any] = {"way": before.name}
            difference = self.compared.differences[before.name]
            for name, found in (("frozen", before.accuracy), ("tuned", after.accuracy), ("difference", difference)):
                row |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
            rows.append(row)
        return pd.DataFrame(rows)

    def facts(self) -> dict[str, Any]:
        """Return everything as plain values: what `embedlab finetune --json` prints."""
        run, split, compared, lost = self.run, self.split, self.compared, self.forgotten
        return {
            "name": run.name,
            "model": run.recipe.model,
            "recipe": asdict(run.recipe),
            "data": dict(run.data),
            "trained_on": len(split.train),
            "held_out": len(split.held_out),
            "measured_on": split.measured_on,
            "classes": len(split.names),
            "step_kept": run.kept,
            "training_seconds": run.seconds,
            "training_joules": run.joules,
            "losses": run.losses,
            "validation": run.scores,
            "readers": {
                before.name: {
                    "frozen": {"accuracy": asdict(before.accuracy), "macro_f1": asdict(before.macro_f1)},
                    "tuned": {"accuracy": asdict(after.accuracy), "macro_f1": asdict(after.macro_f1)},
                    "difference": asdict(compared.differences[before.name]),
                    "f1_difference": asdict(compared.f1_differences[before.name]),
                }
                for before, after in compared.ways
            },
            "verdict": compared.verdict,
            "sentence": compared.sentence,
            "detail": compared.detail,
            "beside": list(compared.beside),
            "generality": {
                "frozen": asdict(lost.before),
                "tuned": asdict(lost.after),
                "difference": asdict(lost.difference),
                "sentence": lost.sentence,
                "detail": lost.detail,
            },
            "advice": asdict(self.advice),
            "without_reading": {
                "accuracy": asdict(self.shortcut.accuracy),
                "by": self.shortcut.by,
                "sentence": self.without_reading,
            },
            "notes": list(self.notes),
        }


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
    return _carried_out(plan, about, minutes, stages)


def _planned(
    corpus: Corpus, setup: FinetuneSetup, model: str, name: str | None, epochs: int | None, stages: Stages
) -> TrainingPlan:
    with stages.stage("split"):
        together = setup.near_copies(corpus, stages.report)
        case = FinetuneCase.of(corpus, setup, EmbeddingChoice(model), together, whole=False)
    data, recipe = case.data(), case.recipe
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    return TrainingPlan(case, data, recipe, name or runs.free_name(model), runs.estimate(recipe, data))


def _carried_out(
    plan: TrainingPlan, about: Mapping[str, Any] | None, minutes: float | None, stages: Stages
) -> FinetuneResult:
    """Train as planned, measure both models, and write what was found on the new one's card."""
    case = plan.case
    with stages.stage("train"):
        train(case, plan.name, plan.recipe, plan.data, about)
        run = runs.awaited(plan.name, stages.report)
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
    refuse_unread(made.space)
    assert made.encoder is not None  # it is a model, no vectors that came along
    with stages.stage(f"read off {which}"):
        read_off = readers(made.space, case.split, stages.report)
    with stages.stage(f"generality {which}"):
        return made.space, read_off, generality(made.encoder)
