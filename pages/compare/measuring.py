"""The jobs that measure the models of a comparison: how good each is, and how fast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Job, Report
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
from pages.app.jobs import registry
from pages.compare.jobs import begun, learnt_from

# --- How good they are ---------------------------------------------------------------------------


def by_column(texts: Corpus, name: str, entries: Sequence[ComparedModel], by: Column | None = None) -> Evidence:
    """Return the labels in a column as what is to be measured on, for all of the models."""
    return by_labels(texts, name, by, learnt_from(texts, entries).values())


def flattered(texts: Corpus, entries: Sequence[ComparedModel], evidence: Evidence | None) -> tuple[str, ...]:
    """Return a sentence for each model that has learned from texts on which it is measured here."""
    return contamination_notes(evidence, learnt_from(texts, entries))


def quality_key(entry: ComparedModel, evidence: Evidence, in_corpus: bool) -> str:
    """Return the key of how good one model is."""
    return fingerprint("quality", entry.name, entry.space.fingerprint, evidence.key, in_corpus)


def quality_job(entry: ComparedModel, evidence: Evidence, in_corpus: bool) -> Job[Quality]:
    """Return the job that measures one model; with `in_corpus` pairs of other texts than the corpus's don't count."""

    def work(report: Report) -> Quality:
        texts = entry.space.corpus
        together, words = _together(texts, evidence).result(), words_of(texts, evidence, report)
        return quality_of(entry, evidence, together, words, in_corpus, report)

    return begun(quality_key(entry, evidence, in_corpus), "Measuring", work)


def qualities_known(entries: Sequence[ComparedModel], evidence: Evidence | None) -> tuple[Quality, ...]:
    """Return how good each model is, as far as it is measured by now."""
    if evidence is None:
        return ()
    in_corpus = only_in_corpus(entries, evidence)
    jobs = (registry().known(quality_key(entry, evidence, in_corpus)) for entry in entries)
    return tuple(job.result() for job in jobs if job is not None and job.succeeded)


def shortcut_job(texts: Corpus, evidence: Evidence, found: Quality) -> Job[Shortcut | None]:
    """Return the job that tells the labels without reading the texts that `found` was measured on."""
    return registry().job(
        _shortcut_key(texts, evidence),
        lambda report: shortcut_of(found, texts, evidence, _together(texts, evidence).result(), report),
    )


def _together(texts: Corpus, evidence: Evidence) -> Job[NDArray[np.intp] | None]:
    """Return the job that finds which texts nearly repeat each other."""
    key = fingerprint("asked together", texts.fingerprint, evidence.key)
    return registry().job(key, lambda report: nearly_repeated(texts, evidence, report))


def shortcut_known(texts: Corpus, evidence: Evidence | None) -> Shortcut | None:
    """Return how well the labels can be told without reading, if that was looked at."""
    job = None if evidence is None else registry().known(_shortcut_key(texts, evidence))
    return job.result() if job is not None and job.succeeded else None


def _shortcut_key(texts: Corpus, evidence: Evidence) -> str:
    return fingerprint("shortcut", texts.fingerprint, evidence.key)


# --- What they cost ------------------------------------------------------------------------------


def timing_job(entries: Sequence[ComparedModel]) -> Job[Timing]:
    """Return the job in which the models read by turns; those of own vectors, which read nothing, are left out."""
    return begun(_timing_key(entries), "Preparing the models", lambda report: cost.timing(entries, report))


def forget_timing(entries: Sequence[ComparedModel]) -> None:
    """Let the models read by turns anew."""
    registry().forget(_timing_key(entries))


def costs(entries: Sequence[ComparedModel]) -> tuple[Cost, ...]:
    """Return what each model costs, its speed if it was measured by turns with the others on these texts."""
    return cost.costs_of(entries, cost.timing_known(entries))


def _timing_key(entries: Sequence[ComparedModel]) -> str:
    return fingerprint("speed", entries[0].space.corpus.fingerprint, cost.shapes_of(entries))
