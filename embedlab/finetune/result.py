"""What came of a fine-tuning: the tuned model beside the frozen one, what it forgot, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from embedlab.base.result import Result
from embedlab.check.shortcuts import Shortcut
from embedlab.corpus.split import Split
from embedlab.finetune.advice import Advice
from embedlab.finetune.compared import FrozenVsTuned
from embedlab.finetune.forgetting import Forgotten
from embedlab.finetune.frozen import CurvePoint
from embedlab.finetune.runs import Run

if TYPE_CHECKING:
    import pandas as pd


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
            "recipe": run.recipe.as_facts(),
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
