"""What models are measured on in a comparison, how good each is by that, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Job, Report, Stopwatch
from embedlab.check.near_copies import asked_together
from embedlab.check.shortcuts import Shortcut, of_quality
from embedlab.compare.cost import Cost, cost
from embedlab.corpus import Column, Corpus
from embedlab.corpus.judgements import Judgements, judgements_in
from embedlab.corpus.pairs import Pairs, pairs_of
from embedlab.corpus.reading.table import Table
from embedlab.encoders import speed
from embedlab.encoders.speed import Timing
from embedlab.encoders.transformer import tuned
from embedlab.evaluate import quality
from embedlab.evaluate.quality import Quality
from embedlab.evaluate.retrieval import evaluate
from embedlab.evaluate.versus import Versus, all_versus
from embedlab.search.bm25 import word_index
from embedlab.space.clusters import cluster
from pages.app import results
from pages.app.jobs import kept, registry
from pages.compare.jobs import Entry, learnt_from, listing_of

# --- What they are measured on -------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Wanted:
    """What models are to be measured on: labels, pairs with scores, or judgements; one of the three is there.

    `by` is the column that says which texts to learn from and which to ask about; None asks about every text in turn.
    `learnt` bool (n,) are texts that one of the models has learned from: by labels these are asked of none.
    """

    key: str
    labels: Column | None = None
    by: Column | None = None
    learnt: NDArray[np.bool_] | None = None
    pairs: Pairs | None = None
    judgements: Judgements | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of it."""
        of = self.pairs or self.judgements
        return tuple(note.sentence for note in of.notes) if of is not None else ()


def by_column(texts: Corpus, name: str, entries: Sequence[Entry], by: Column | None = None) -> Wanted:
    """Return the labels in a column as what is to be measured on, for all of the models."""
    learnt = np.zeros(len(texts.texts), dtype=np.bool_)
    for entry in entries:
        learnt |= learnt_from(texts, entry)
    key = fingerprint("labels", texts.fingerprint, name, learnt, "" if by is None else by.name)
    return Wanted(key, labels=texts.column(name), by=by, learnt=learnt)


def flattered(texts: Corpus, entries: Sequence[Entry], wanted: Wanted) -> tuple[str, ...]:
    """Return a sentence for each model that has learned from texts on which it is measured here."""
    if wanted.labels is not None:  # these are left out
        return ()
    counts = [(entry.name, int(learnt_from(texts, entry).sum())) for entry in entries]
    return tuple(tuned.contamination_note(name, count) for name, count in counts if count)


def by_table(texts: Corpus, table: Table, named_by: str) -> Wanted:
    """Return uploaded pairs with scores as what is to be measured on."""
    found = pairs_of(table, texts, named_by)
    key = fingerprint("pairs", texts.fingerprint, list(found.first), list(found.second), found.scores)
    return Wanted(key, pairs=found)


def by_judgements(texts: Corpus, tables: Sequence[Table], named_by: str) -> Wanted:
    """Return uploaded judgements as what is to be measured on."""
    found = judgements_in(list(tables), texts, named_by)
    content = [[query, rows, grades] for query, rows, grades in zip(
        found.queries, found.rows, found.grades, strict=True
    )]  # fmt: skip
    return Wanted(fingerprint("judged", texts.fingerprint, content), judgements=found)


# --- How good they are ---------------------------------------------------------------------------


def quality_key(entry: Entry, wanted: Wanted, in_corpus: bool) -> str:
    """Return the key of how good one model is."""
    return fingerprint("quality", entry.name, entry.ground.space.fingerprint, wanted.key, in_corpus)


def quality_job(entry: Entry, wanted: Wanted, in_corpus: bool) -> Job[Quality]:
    """Return the job that measures one model; with `in_corpus` pairs of other texts than the corpus's don't count."""

    def work(report: Report) -> Quality:
        Stopwatch("Measuring", 0, report).at(0)
        space, near = entry.ground.space, entry.ground.neighbours
        if wanted.labels is not None:
            return quality.by_labels(
                space, near, cluster(near), wanted.labels, report=report, name=entry.name, learnt=wanted.learnt,
                by=wanted.by, together=_together(space.corpus, wanted).result(),
            )  # fmt: skip
        if wanted.pairs is not None:
            encoder = None if in_corpus else results.encoder(space.fingerprint, entry.how, space)
            return quality.by_pairs(space, wanted.pairs, encoder, name=entry.name)
        assert wanted.judgements is not None
        encoder = results.encoder(space.fingerprint, entry.how, space)
        index = word_index(space.corpus, report=report)
        found = evaluate(space, index, encoder, wanted.judgements, entry.how.dimensions, report)
        return quality.by_judgements(found, entry.name, wanted.judgements.name)

    return registry().job(quality_key(entry, wanted, in_corpus), work)


def only_in_corpus(entries: Sequence[Entry], wanted: Wanted) -> bool:
    """Return whether pairs must be of the corpus's texts, because one of the models can't read any other."""
    pairs = wanted.pairs
    return pairs is not None and (
        bool((pairs.rows >= 0).all()) or any(entry.how.own and not entry.how.model for entry in entries)
    )


def qualities_known(entries: Sequence[Entry], wanted: Wanted) -> tuple[Quality, ...]:
    """Return how good each model is, as far as it is measured by now."""
    in_corpus = only_in_corpus(entries, wanted)
    jobs = (registry().known(quality_key(entry, wanted, in_corpus)) for entry in entries)
    return tuple(job.result() for job in jobs if job is not None and job.succeeded)


def shortcut_job(texts: Corpus, wanted: Wanted, found: Quality) -> Job[Shortcut]:
    """Return the job that tells the labels without reading the texts that `found` was measured on."""
    labels = wanted.labels
    assert labels is not None

    def work(report: Report) -> Shortcut:
        return of_quality(found, texts, labels, wanted.by, _together(texts, wanted).result(), report)

    return registry().job(_shortcut_key(texts, wanted), work)


def _together(texts: Corpus, wanted: Wanted) -> Job[NDArray[np.intp]]:
    """Return the job that finds which texts nearly repeat each other: none is asked of what was taught its like."""
    labels = wanted.labels
    assert labels is not None
    key = fingerprint("asked together", texts.fingerprint, wanted.key)
    return registry().job(key, lambda report: asked_together(texts, labels, wanted.by, report))


def shortcut_known(texts: Corpus, wanted: Wanted) -> Shortcut | None:
    """Return how well the labels can be told without reading, if that was looked at."""
    job = registry().known(_shortcut_key(texts, wanted))
    return job.result() if job is not None and job.succeeded else None


def _shortcut_key(texts: Corpus, wanted: Wanted) -> str:
    return fingerprint("shortcut", texts.fingerprint, wanted.key)


@kept
def versus(measure: str, keys: tuple[str, ...], _qualities: tuple[Quality, ...]) -> tuple[Versus, ...]:
    """Return every pair of models by one measure; `keys` stand for the qualities."""
    return all_versus(_qualities, measure)


# --- What they cost ------------------------------------------------------------------------------


def timed(entries: Sequence[Entry]) -> Timing | None:
    """Return how fast the models read, measured by turns on these very texts; None until that was done."""
    return speed.together(_shapes(entries), _texts(entries))


def timing_job(entries: Sequence[Entry]) -> Job[Timing]:
    """Return the job in which the models read by turns; those of own vectors, which read nothing, are left out."""

    def work(report: Report) -> Timing:
        Stopwatch("Preparing the models", 0, report).at(0)
        spaces = [(entry.ground.space, entry.how) for entry in entries if not entry.how.own]
        encoders = [results.encoder(space.fingerprint, how, space) for space, how in spaces]
        return speed.measure(encoders, _texts(entries), report)

    return registry().job(_timing_key(entries), work)


def forget_timing(entries: Sequence[Entry]) -> None:
    """Let the models read by turns anew."""
    registry().forget(_timing_key(entries))


def costs(entries: Sequence[Entry]) -> tuple[Cost, ...]:
    """Return what each model costs, its speed if it was measured by turns with the others on these texts."""
    timing = timed(entries)
    return tuple(
        cost(None if entry.how.own else listing_of(entry.how.model), entry.ground.space, timing, entry.name)
        for entry in entries
    )


def _texts(entries: Sequence[Entry]) -> Corpus:
    return entries[0].ground.space.corpus


def _shapes(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(speed.shape_of(one.ground.space.card) for one in entries if not one.how.own))


def _timing_key(entries: Sequence[Entry]) -> str:
    return fingerprint("speed", _texts(entries).fingerprint, sorted(_shapes(entries)))
