"""What a model knows of language at large, and what it forgot when it was fine-tuned: everyday sentences, graded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from embedlab.base.arrays import Floats, frozen
from embedlab.base.english import counted
from embedlab.corpus.pairs import Pairs
from embedlab.encoders import Encoder
from embedlab.evaluate.versus import Verdict
from embedlab.finetune.compared import changed
from embedlab.finetune.pairs import correlation, scored
from embedlab.stats.intervals import Interval


@dataclass(frozen=True, eq=False)
class Generality:
    """How well the cosines of a model, float64 (p,), agree with the grades: Spearman's rank correlation."""

    spearman: Interval
    cosines: Floats


@dataclass(frozen=True)
class Forgotten:
    """How much better a model agrees with the grades after fine-tuning than before (paired); below 0: forgotten.

    `sentence` says it, `detail` the figures behind it; `before` and `after` are what each of both knows.
    """

    difference: Interval
    verdict: Verdict
    sentence: str
    detail: str
    before: Interval
    after: Interval

    @property
    def figures(self) -> dict[str, str]:
        """What a model card says of it."""
        return {
            "general similarity (Spearman), before": str(self.before),
            "general similarity (Spearman), after": str(self.after),
            "general similarity, difference": str(self.difference),
        }


@cache
def general_pairs() -> Pairs:
    """Return the pairs that come with embedlab, of broad everyday topics, graded from 0 (unrelated) to 5 (the same)."""
    read = json.loads(files("embedlab.finetune").joinpath("general.json").read_text(encoding="utf-8"))
    scores, first, second = zip(*read["pairs"], strict=True)
    nowhere = np.full((len(scores), 2), -1)
    return Pairs("everyday sentences", first, second, frozen(np.array(scores, dtype=np.float64)), frozen(nowhere))


def generality(encoder: Encoder) -> Generality:
    """Return how well a model agrees with the grades of `general_pairs`; the interval is over pairs.

    They are no benchmark that models are ranked by: a few short English sentences, graded by one author, just enough
    to see whether a model lost what it had. Raises `EmbedlabError` where the encoder can't read them.
    """
    pairs = general_pairs()
    vectors = encoder.encode([*pairs.first, *pairs.second]).astype(np.float64)
    cosines = np.einsum("pd,pd->p", vectors[: len(pairs)], vectors[len(pairs) :])
    return Generality(correlation(cosines, pairs.scores), frozen(np.clip(cosines, -1, 1)))


def forgotten(before: Generality, after: Generality) -> Forgotten:
    """Return the change of agreement with the grades, after minus before, with its paired bootstrap interval."""
    pairs = general_pairs()
    found = scored(before.cosines, after.cosines, pairs.scores)
    detail = (
        f"Spearman's correlation with the grades of {counted(len(pairs), 'pair')} of everyday sentences, tuned minus "
        f"frozen: {changed(found.difference)}."
    )
    sentence = {
        "worse": "Fine-tuning cost generality: the tuned model knows less of everyday sentences than the frozen one.",
        "better": "Fine-tuning cost no generality: the tuned model knows more of everyday sentences than before.",
        "tie": "No change in generality shows on everyday sentences.",
    }[found.verdict]
    return Forgotten(found.difference, found.verdict, sentence, detail, before.spearman, after.spearman)
