"""What models are measured by, and how good each is by that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, no_report
from embedlab.check.near_copies import asked_together
from embedlab.check.shortcuts import Shortcut, of_quality
from embedlab.compare.common import Common
from embedlab.compare.models import ComparedModel
from embedlab.corpus import Column, Corpus
from embedlab.corpus.judgements import ROW, Judgements, judgements_in
from embedlab.corpus.pairs import Pairs, pairs_of
from embedlab.corpus.reading.table import Table
from embedlab.corpus.spellings import labels_of
from embedlab.evaluate import quality
from embedlab.evaluate.quality import Quality
from embedlab.evaluate.retrieval import evaluate
from embedlab.search.bm25 import WordIndex, word_index
from embedlab.space.clusters import cluster

Learnt = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What models are measured by: labels, pairs with scores, or judgements; one of the three is there.

    `texts` is the fingerprint of the corpus. `by` is the column that says which texts to learn from and which to ask
    about; None asks about every text in turn. `learnt` bool (n,) are texts that one of the models has learned from: by
    labels these are asked of none.
    """

    texts: str
    labels: Column | None = None
    by: Column | None = None
    learnt: Learnt | None = None
    pairs: Pairs | None = None
    judgements: Judgements | None = None

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the texts and of what is known of them: equal only where both are."""
        if self.labels is not None:
            by = "" if self.by is None else self.by.name
            return fingerprint("labels", self.texts, self.labels.name, self.learnt, by)
        if self.pairs is not None:
            of = self.pairs
            return fingerprint("pairs", self.texts, list(of.first), list(of.second), of.scores)
        assert self.judgements is not None
        judged = zip(self.judgements.queries, self.judgements.rows, self.judgements.grades, strict=True)
        return fingerprint("judged", self.texts, [[query, rows, grades] for query, rows, grades in judged])

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of it."""
        of = self.pairs or self.judgements
        return tuple(note.sentence for note in of.notes) if of is not None else ()


def by_labels(corpus: Corpus, label: str, by: Column | None, learnt: Iterable[Learnt]) -> Evidence:
    """Return the labels in a column; `learnt` bool (n,) are the texts that each of the models has learned from."""
    seen = np.logical_or.reduce([np.zeros(len(corpus), dtype=np.bool_), *learnt])
    return Evidence(corpus.fingerprint, labels=labels_of(corpus, label), by=by, learnt=seen)


def by_pairs(texts: Common, pairs: Pairs | Table, named_by: str = ROW, columns: Sequence[str] = ()) -> Evidence:
    """Return pairs with scores: as a table says, or those of all texts without what no model can read.

    `columns` names those of a table where the guess is wrong (see `pairs_of`).
    """
    if isinstance(pairs, Table):
        return Evidence(texts.corpus.fingerprint, pairs=pairs_of(pairs, texts.corpus, named_by, columns))
    return Evidence(texts.corpus.fingerprint, pairs=replace(pairs, rows=texts.places(pairs.rows)))


def by_judgements(
    texts: Common, judged: Judgements | Sequence[Table], named_by: str = ROW, columns: Sequence[str] = ()
) -> Evidence:
    """Return judgements: as tables say, or those of all texts without what no model can read.

    `columns` names those of a table where the guess is wrong (see `judgements`).
    """
    if not isinstance(judged, Judgements):
        found = judgements_in(list(judged), texts.corpus, named_by, columns)
        return Evidence(texts.corpus.fingerprint, judgements=found)
    places = [texts.places(rows) for rows in judged.rows]
    asked = texts.places(np.array([-1 if own is None else own for own in judged.own], dtype=np.intp))
    found = replace(
        judged,
        rows=tuple(at[at >= 0] for at in places),
        grades=tuple(grades[at >= 0] for grades, at in zip(judged.grades, places, strict=True)),
        own=tuple(None if place < 0 else place for place in asked.tolist()),
    )
    return Evidence(texts.corpus.fingerprint, judgements=found)


def contamination_notes(evidence: Evidence | None, learnt: Mapping[str, Learnt]) -> tuple[str, ...]:
    """Return a sentence for each model that has learned from texts on which it is measured; by labels none is.

    `learnt` are the texts that each model has learned from, bool (n,), by its name.
    """
    if evidence is None or evidence.labels is not None:
        return ()
    return tuple(
        f"{name} has learned from {count:,} of these texts: what is measured on them "
        "flatters it. “Frozen or fine-tuned?” compares on texts that no model has seen."
        for name, seen in learnt.items()
        if (count := int(seen.sum()))
    )


# --- How good they are ---------------------------------------------------------------------------


def only_in_corpus(models: Sequence[ComparedModel], evidence: Evidence) -> bool:
    """Return whether pairs must be of the corpus's texts: all are, or one of the models can't read any other."""
    pairs = evidence.pairs
    return pairs is not None and (bool((pairs.rows >= 0).all()) or not all(one.reads for one in models))


def nearly_repeated(corpus: Corpus, evidence: Evidence, report: Report = no_report) -> NDArray[np.intp] | None:
    """Return which texts nearly repeat each other, int (n,): none is asked of what was taught its like.

    None where nothing is measured by labels.
    """
    return None if evidence.labels is None else asked_together(corpus, evidence.labels, evidence.by, report)


def words_of(corpus: Corpus, evidence: Evidence, report: Report = no_report) -> WordIndex | None:
    """Return the index of words that judgements are held against; None where there are none."""
    return None if evidence.judgements is None else word_index(corpus, report=report)


def quality_of(
    model: ComparedModel,
    evidence: Evidence,
    together: NDArray[np.intp] | None,
    words: WordIndex | None,
    in_corpus: bool,
    report: Report = no_report,
) -> Quality:
    """Return how good one model is; see `nearly_repeated`, `words_of` and `only_in_corpus`.

    Raises `EmbedlabError` where it can't be measured.
    """
    space, near = model.space, model.neighbours
    if evidence.labels is not None:
        return quality.by_labels(
            space, near, cluster(near), evidence.labels, report=report, name=model.name, learnt=evidence.learnt,
            by=evidence.by, together=together,
        )  # fmt: skip
    if evidence.pairs is not None:
        return quality.by_pairs(space, evidence.pairs, None if in_corpus else model.encoder, name=model.name)
    assert evidence.judgements is not None
    assert words is not None
    found = evaluate(space, words, model.encoder, evidence.judgements, model.how.dimensions, report)
    return quality.by_judgements(found, model.name, evidence.judgements.name)


def shortcut_of(
    found: Quality, corpus: Corpus, evidence: Evidence, together: NDArray[np.intp] | None, report: Report = no_report
) -> Shortcut | None:
    """Return how well the labels can be told without reading the texts that `found` was measured on; else None."""
    labels = evidence.labels
    return None if labels is None else of_quality(found, corpus, labels, evidence.by, together, report)
