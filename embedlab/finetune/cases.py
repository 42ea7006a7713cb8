"""What is to be decided: which labels or pairs a model would learn from, and which are held out to ask about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

from embedlab.base.arrays import Rows
from embedlab.base.english import counted
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, no_report
from embedlab.check import near_copies
from embedlab.corpus import Column, Corpus
from embedlab.corpus.labels import Conflicting
from embedlab.corpus.pair_split import PairSplit
from embedlab.corpus.spellings import labels_of
from embedlab.corpus.split import HELD_OUT, Split, split
from embedlab.finetune import runs
from embedlab.finetune.data import TrainingData, from_labels, from_pairs
from embedlab.finetune.recipe import Kind, Recipe
from embedlab.finetune.runs import Run
from embedlab.pipeline import EmbeddingChoice

OF_TEXTS, SPLIT = "fingerprint of the texts", "fingerprint of the split"
"""Facts that are kept beside a model, so that the training is known again."""


@dataclass(frozen=True)
class FinetuneSetup:
    """Which labels are to be learnt, and how the texts are split (see `embedlab.corpus.split.split`).

    `by` names a column that says which side a text is on, "" draws at random; `most` is how many texts to draw.
    """

    label: str = ""
    held_out: float = HELD_OUT
    per_class: int | None = None
    most: int | None = None
    by: str = ""
    conflicting: Conflicting = "most frequent"
    seed: int = 0

    def takes_part(self, corpus: Corpus) -> Rows:
        """Return the rows that are split, int, rising; `per_class` leaves some of them out only afterwards.

        Raises `EmbedlabError`, as `split` does, for labels or columns that can't be split.
        """
        labels, settings = self._settings(corpus)
        return near_copies.takes_part(corpus, labels, **settings)

    def near_copies(self, corpus: Corpus, report: Report = no_report) -> Rows:
        """Return a number for each text, int (n,), the same for those that take part and nearly repeat each other."""
        rows = self.takes_part(corpus)
        found = near_copies.near_copies([corpus.texts[row] for row in rows.tolist()], report)
        return near_copies.numbered(len(corpus), rows, found)

    def split(self, corpus: Corpus, together: Rows) -> Split:
        """Return the split; `together` is what `near_copies` gave."""
        labels, settings = self._settings(corpus)
        return split(corpus, labels, together=together, **settings)

    def _settings(self, corpus: Corpus) -> tuple[Column, dict[str, Any]]:
        settings = asdict(self) | {"by": corpus.column(self.by) if self.by else None}
        return labels_of(corpus, settings.pop("label")), settings

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept of it beside a model."""
        facts = {name.replace("_", " "): value for name, value in asdict(self).items() if value not in (None, "")}
        if self.by:  # the column says it
            del facts["held out"]
        return facts

    @classmethod
    def of(cls, run: Run, texts: Corpus) -> FinetuneSetup | None:
        """Return the setup with which a model was trained on labels of these texts; None where it was of others."""
        if run.data.get(OF_TEXTS) != texts.fingerprint:
            return None
        known = {name.name: run.data.get(name.name.replace("_", " "), name.default) for name in fields(cls)}
        return cls(**known) if known["label"] else None


@dataclass(frozen=True, eq=False)
class FinetuneCase:
    """Can the model `how` be left as it is for these labels of these texts?

    `texts` are those of `opened`, or only the ones that are used: no other is embedded for it. `split` is of `texts`.
    `mark` stands for the split, whether or not `texts` holds those that are in neither part.
    """

    opened: Corpus
    texts: Corpus
    setup: FinetuneSetup
    split: Split
    how: EmbeddingChoice
    mark: str

    kind: ClassVar[Kind] = "labels"

    @classmethod
    def of(
        cls, texts: Corpus, setup: FinetuneSetup, how: EmbeddingChoice, together: Rows, whole: bool = True
    ) -> FinetuneCase:
        """Return what is to be decided; `together` is what `setup.near_copies` gave.

        `whole` keeps all texts, because they are embedded anyway; otherwise, and of a sample, only those used are.
        Raises `EmbedlabError` where the labels don't allow it.
        """
        part, parted = texts, setup.split(texts, together)
        mark = fingerprint(texts.fingerprint, parted.fingerprint)
        if len(parted.used) < len(texts) and not (whole and setup.most is None):
            part, parted = texts.take(parted.used), parted.renumbered()
        if setup.most is not None:
            mark = fingerprint(part.fingerprint, parted.fingerprint)
        return cls(texts, part, setup, parted, how, mark)

    @cached_property
    def fingerprint(self) -> str:
        """Stands for the texts and their split."""
        return fingerprint(self.texts.fingerprint, self.split.fingerprint)

    @property
    def labels(self) -> Column:
        """The column that is learnt."""
        return labels_of(self.texts, self.setup.label)

    @property
    def counted(self) -> str:
        """How much there is to learn from."""
        return counted(len(self.split.train), "text")

    def data(self) -> TrainingData:
        """Return what a model would be trained on. Raises `EmbedlabError` where nothing can be learnt from it."""
        return from_labels(self.texts, self.split)

    @property
    def recipe(self) -> Recipe:
        """The settings to begin with."""
        learnt, classes = len(self.split.train), len(self.split.names)
        return Recipe.usual(self.how.model, self.kind, learnt, classes, self.split.seed)

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept of it beside a model, no text."""
        return _facts(self.opened, self.mark) | self.setup.facts


@dataclass(frozen=True, eq=False)
class PairCase:
    """Can the model `how` be left as it is for pairs like these?"""

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
    def fingerprint(self) -> str:
        """Stands for the pairs and their split."""
        return self.split.fingerprint

    @property
    def counted(self) -> str:
        """How much there is to learn from."""
        return counted(len(self.split.train), "pair")

    def data(self) -> TrainingData:
        """Return what a model would be trained on. Raises `EmbedlabError` where nothing can be learnt from it."""
        parted = self.split
        scores = None if parted.scores is None else parted.scores[parted.train]
        return from_pairs(*parted.texts(parted.train), scores, parted.seed, parted.groups[parted.train])

    @property
    def recipe(self) -> Recipe:
        """The settings to begin with."""
        return Recipe.usual(self.how.model, self.kind, len(self.split.train), 0, self.split.seed)

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept of it beside a model, no text."""
        return _facts(self.texts, self.fingerprint)


Asked = FinetuneCase | PairCase


def _facts(texts: Corpus, mark: str) -> dict[str, Any]:
    return {"texts": texts.name, OF_TEXTS: texts.fingerprint, SPLIT: mark}


def train(case: Asked, name: str, recipe: Recipe, data: TrainingData, about: Mapping[str, Any] | None = None) -> Run:
    """Begin the training of `name` on `data`, that of the case, as `runs.start` does.

    What is kept beside the model are `case.facts`, by which the training is known again, and what is told `about` it.
    """
    return runs.start(name, recipe, data, {**(about or {}), **case.facts})
