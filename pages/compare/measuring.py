"""The jobs that measure the models of a comparison: how good each is, and how fast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedlab.base.progress import Report
from embedlab.check.shortcuts import Shortcut
from embedlab.compare import cost
from embedlab.compare.cost import Cost
from embedlab.compare.evidence import (
    Evidence,
    by_labels,
    contamination_notes,
    nearly_repeated,
    only_in_corpus,
    quality_of,
    shortcut_of,
    words_of,
)  # fmt: skip
from embedlab.compare.models import ComparedModel
from embedlab.corpus import Column, Corpus
from embedlab.encoders.speed import Timing
from embedlab.evaluate.quality import Quality
from pages.app.jobs import work
from pages.compare.jobs import learnt_from, say

# --- How good they are ---------------------------------------------------------------------------


def by_column(texts: Corpus, name: str, entries: Sequence[ComparedModel], by: Column | None = None) -> Evidence:
    """Return the labels in a column as what is to be measured on, for all of the models."""
    return by_labels(texts, name, by, learnt_from(texts, entries).values())


def flattered(texts: Corpus, entries: Sequence[ComparedModel], evidence: Evidence | None) -> tuple[str, ...]:
    """Return a sentence for each model that has learned from texts on which it is measured here."""
    return contamination_notes(evidence, learnt_from(texts, entries))


@work
def quality_job(report: Report, entry: ComparedModel, evidence: Evidence, in_corpus: bool) -> Quality:
    """Measure one model; with `in_corpus` pairs of other texts than the corpus's don't count."""
    say(report, "Measuring")
    texts = entry.space.corpus
    together, words = _together(texts, evidence).result(), words_of(texts, evidence, report)
    return quality_of(entry, evidence, together, words, in_corpus, report)


def qualities_known(entries: Sequence[ComparedModel], evidence: Evidence | None) -> tuple[Quality, ...]:
    """Return how good each model is, as far as it is measured by now."""
    if evidence is None:
        return ()
    in_corpus = only_in_corpus(entries, evidence)
    return tuple(filter(None, (quality_job.made(entry, evidence, in_corpus) for entry in entries)))


@work
def shortcut_job(report: Report, texts: Corpus, evidence: Evidence, _found: Quality | None = None) -> Shortcut | None:
    """Tell the labels without reading the texts that `_found` was measured on, whichever model that was."""
    assert _found is not None
    return shortcut_of(_found, texts, evidence, _together(texts, evidence).result(), report)


@work
def _together(report: Report, texts: Corpus, evidence: Evidence) -> NDArray[np.intp] | None:
    return nearly_repeated(texts, evidence, report)


# --- What they cost ------------------------------------------------------------------------------


@work
def timing_job(report: Report, entries: tuple[ComparedModel, ...]) -> Timing:
    """Let the models read by turns; those of own vectors, which read nothing, are left out."""
    say(report, "Preparing the models")
    return cost.timing(entries, report)


def costs(entries: Sequence[ComparedModel]) -> tuple[Cost, ...]:
    """Return what each model costs, its speed if it was measured by turns with the others on these texts."""
    return cost.costs_of(entries, cost.timing_known(entries))
