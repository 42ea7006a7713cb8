"""What a model is trained on: texts with classes, pairs with scores, or pairs that belong together.

Nothing here needs torch, so that a page can say how long a training will take before it starts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embedlab.base.arrays import Floats, Rows, connected, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus.corpus import Corpus
from embedlab.corpus.split import Split
from embedlab.finetune.recipe import Kind
from embedlab.text.same import folded, numbered

VALIDATION = 0.05
MOST_VALIDATION = 400
FEWEST_VALIDATION = 30
SPARES_ONE = 8
"""A class of so many texts can give one away for validation."""
_FEWEST_WITH = 10 * FEWEST_VALIDATION


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Labels: `texts` with `codes` int (n,), places in `names`. Pairs: `first`, `second`; scored: also `scores` (n,).

    `validation` has the same shape and shares no text with the rest; None where there is too little for one.
    """

    kind: Kind
    texts: tuple[str, ...] = ()
    codes: Rows = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    scores: Floats = field(default_factory=lambda: np.empty(0))
    validation: TrainingData | None = None
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts) if self.kind == "labels" else len(self.first)

    @cached_property
    def fingerprint(self) -> str:
        """Stands for every text, class and score, those of the validation included."""
        own = fingerprint(
            self.kind, list(self.texts), self.codes, list(self.first), list(self.second), self.scores, list(self.names)
        )
        return fingerprint(own, self.validation.fingerprint if self.validation else "")

    @property
    def facts(self) -> dict[str, Any]:
        """What is worth keeping of it beside the model: counts and the fingerprint, no text."""
        return {
            "kind": self.kind,
            "trained on": len(self),
            "validated on": len(self.validation) if self.validation else 0,
            "classes": len(self.names),
            "fingerprint": self.fingerprint,
        }

    @property
    def all_texts(self) -> tuple[str, ...]:
        """Every text in it, those of the validation part too."""
        more = self.validation.all_texts if self.validation is not None else ()
        return (*self.texts, *self.first, *self.second, *more)

    @cached_property
    def numbers(self) -> tuple[Rows, Rows]:
        """A number for each text of both sides of pairs, int (n,) each, the same for texts that say the same."""
        found = numbered((*self.first, *self.second), folded)
        return found[: len(self.first)], found[len(self.first) :]

    @property
    def counted(self) -> str:
        """How much it is, as a person would say it."""
        if self.kind == "labels":
            return f"{counted(len(self), 'text')} in {counted(len(self.names), 'class', 'classes')}"
        return counted(len(self), "pair") + (" with scores" if self.kind == "scored" else "")

    def check(self) -> None:
        """Raise `EmbedlabError` where nothing can be learned from it."""
        if self.kind == "labels":
            sizes = np.bincount(self.codes)
            if (sizes > 1).sum() < 2:
                raise EmbedlabError(
                    "Fewer than two classes have two texts to learn from: hold fewer texts out, or bring more labels."
                )
        elif len(self) < 4:
            raise EmbedlabError(f"{counted(len(self), 'pair')} to learn from are too few: bring four or more.")
        elif self.kind == "scored" and np.ptp(self.scores) == 0:
            raise EmbedlabError("All pairs have the same score, so there is nothing to learn: bring different ones.")

    def take(self, rows: Rows) -> TrainingData:
        """Return the part in `rows`, without a validation."""
        if self.kind == "labels":
            texts = tuple(self.texts[row] for row in rows)
            return TrainingData("labels", texts=texts, codes=frozen(self.codes[rows]), names=self.names)
        first, second = (tuple(side[row] for row in rows) for side in (self.first, self.second))
        scores = frozen(self.scores[rows]) if self.kind == "scored" else self.scores
        return TrainingData(self.kind, first=first, second=second, scores=scores)

    def with_validation(self, rows: Rows) -> TrainingData:
        """Return the same data with `rows` taken out for validation."""
        rest = np.setdiff1d(np.arange(len(self)), rows)
        return replace(self.take(rest), validation=self.take(rows) if len(rows) else None)

    # --- On disk ---

    def write(self, path: Path) -> None:
        """Write it as JSON lines."""
        with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
            for line in self._lines():
                file.write(json.dumps(line) + "\n")

    def _lines(self) -> Iterator[Any]:
        yield {"kind": self.kind, "names": self.names, "training": len(self)}
        for part in (self, self.validation):
            if part is None:
                continue
            if self.kind == "labels":
                yield from zip(part.texts, part.codes.tolist(), strict=True)
            elif self.kind == "scored":
                yield from zip(part.first, part.second, part.scores.tolist(), strict=True)
            else:
                yield from zip(part.first, part.second, strict=True)

    @classmethod
    def read(cls, path: Path) -> TrainingData:
        """Return what `write` wrote."""
        with path.open(encoding="utf-8", errors="surrogatepass") as file:
            head = json.loads(file.readline())
            columns = list(zip(*map(json.loads, file), strict=True))
        kind: Kind = head["kind"]
        if kind == "labels":
            codes = np.array(columns[1], dtype=np.intp)
            whole = cls(kind, texts=columns[0], codes=codes, names=tuple(head["names"]))
        else:
            scores = np.array(columns[2] if kind == "scored" else (), dtype=np.float64)
            whole = cls(kind, first=columns[0], second=columns[1], scores=scores)
        return whole.with_validation(np.arange(head["training"], len(columns[0])))


def from_labels(corpus: Corpus, split: Split) -> TrainingData:
    """Return the training side of `split`; a twentieth is kept for validation, no near-copy of which is trained on.

    Raises `EmbedlabError` where fewer than two classes have two texts.
    """
    codes = split.codes[split.train]
    texts = tuple(corpus.texts[row] for row in split.train)
    data = TrainingData("labels", texts=texts, codes=frozen(codes.copy()), names=split.names)
    data.check()
    groups = np.arange(len(codes)) if split.together is None else split.together[split.train]
    return data.with_validation(_spared(codes, groups, split.seed))


def _spared(codes: Rows, groups: Rows, seed: int) -> Rows:
    """Return the rows to validate on: a few of classes that can give one away, none where there is too little.

    They share their number in `groups` with no other row: near-copies in training would flatter the model.
    """
    rng = np.random.default_rng(seed)
    count = _to_validate(len(codes))
    sizes = np.bincount(codes)
    # The first of each class, then the second of each, and so on; of no class more than its share.
    of, members = np.unique(groups, return_inverse=True, return_counts=True)[1:]
    order = rng.permutation(len(codes))
    order = order[members[of][order] == 1]
    ranks = np.empty(len(codes), dtype=np.intp)
    for code in range(len(sizes)):
        own = order[codes[order] == code]
        ranks[own] = np.arange(len(own))
    able = order[(ranks < sizes[codes] // SPARES_ONE)[order]]
    chosen = able[np.argsort(ranks[able], kind="stable")][:count]
    return np.sort(chosen) if len(chosen) >= FEWEST_VALIDATION else np.empty(0, dtype=np.intp)


def _to_validate(count: int) -> int:
    """Return how many of `count` texts or pairs to keep for validation: a twentieth, thirty at least, or none."""
    most = min(MOST_VALIDATION, max(FEWEST_VALIDATION, int(VALIDATION * count)))
    return most if count >= _FEWEST_WITH else 0


def from_pairs(
    first: Sequence[str],
    second: Sequence[str],
    scores: Sequence[float] | Floats | None = None,
    seed: int = 0,
    groups: Rows | None = None,
) -> TrainingData:
    """Return pairs as training data: with `scores` (n,) how alike they are, without them that they belong together.

    A twentieth is kept for validation, of whose texts none is trained on. `groups` int (n,) is a number that pairs
    share which must not be parted (`PairSplit.groups`); without it those that share a text. Raises `EmbedlabError` for
    fewer than four pairs, or scores that are all the same.
    """
    kind: Kind = "pairs" if scores is None else "scored"
    values = np.asarray(() if scores is None else scores, dtype=np.float64)
    data = TrainingData(kind, first=tuple(first), second=tuple(second), scores=frozen(values.copy()))
    data.check()
    if groups is None:
        first_of, second_of = data.numbers
        groups = connected(first_of, second_of, int(max(first_of.max(), second_of.max())) + 1)[first_of]
    rng = np.random.default_rng(seed)
    most = _to_validate(len(data))
    chosen: list[int] = []
    for group in rng.permutation(np.unique(groups)):
        rows = np.flatnonzero(groups == group) if len(chosen) < most else ()
        if len(chosen) + len(rows) <= most:
            chosen += list(rows)
        if len(chosen) == most:
            break
    enough = len(chosen) >= FEWEST_VALIDATION
    return data.with_validation(np.array(sorted(chosen) if enough else [], dtype=np.intp))
