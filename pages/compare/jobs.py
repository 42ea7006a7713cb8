"""What the comparison of models makes once for everybody: who can be compared, and the jobs behind each answer.

The answers are those of `embedlab.compare`, which the command asks as well; here they are asked one by one, and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embedlab.base.progress import Job, Report
from embedlab.check.shortcuts import Shortcut
from embedlab.compare import blind, cost, noise, replacement
from embedlab.compare.agreement import PairChange, pairs_changed
from embedlab.compare.blind import Deck
from embedlab.compare.common import Common
from embedlab.compare.common import common as texts_of_all
from embedlab.compare.compare import NOISES
from embedlab.compare.cost import Cost
from embedlab.compare.difference import Difference, difference
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
from embedlab.compare.models import ComparedModel, in_pairs, name_of
from embedlab.compare.movement import ClusterMove, moved_together
from embedlab.compare.noise import Floor
from embedlab.compare.overlap import Overlap, overlap
from embedlab.compare.replacement import Turnover, turnover
from embedlab.corpus import Column, Corpus
from embedlab.encoders.base import LEXICAL, STATIC, TRANSFORMER
from embedlab.encoders.speed import Timing
from embedlab.encoders.transformer import tuned
from embedlab.evaluate.quality import Quality
from embedlab.pipeline import EmbeddingChoice
from embedlab.space import Clusters, Layout
from embedlab.space.projection import LayoutSettings, procrustes, umap
from pages.app import results
from pages.app.jobs import kept, kept_saying, say, work

# --- Who can be compared -------------------------------------------------------------------------


def _ready() -> dict[str, str]:
    """Return the models that can be used now, each with its family."""
    return {one.name: one.family.name for one in results.listed_models() if one.ready}


def models_changed() -> None:
    """Look anew at which models there are, and what they learned from: one was made or deleted."""
    results.listed_models.clear()
    _learnt_from.forget_all()


def choices(texts: Corpus, now: EmbeddingChoice) -> dict[str, EmbeddingChoice]:
    """Return what can be compared on `texts`, by name, the current way of reading first.

    Only transformers have more than one precision. A model that is called as own vectors are is said to be one.
    """
    found = [now]
    found += [EmbeddingChoice("", own=own.name) for own in texts.vectors if own.name != now.own]
    for model, family in _ready().items():
        found.append(EmbeddingChoice(model))
        if family == TRANSFORMER.name:
            found.append(EmbeddingChoice(model, exact=True))
    named: dict[str, EmbeddingChoice] = {}
    for how in found:
        name = name_of(replace(how, exact=how.exact and _ready().get(how.model) == TRANSFORMER.name))
        if name in named and named[name].own != how.own:
            name += " (model)" if named[name].own else " (own vectors)"
        named.setdefault(name, how)
    return named


def default(offered: Mapping[str, EmbeddingChoice]) -> list[str]:
    """Return two to begin with: the current one, and one that is quick to compute; of own vectors, two of them."""
    first, *others = offered
    if offered[first].own and others and offered[others[0]].own:
        return [first, others[0]]
    quick = [
        name for family in (STATIC.name, LEXICAL.name) for name in others if _ready().get(offered[name].model) == family
    ]
    return [first, *(quick or others)[:1]]


def common(texts: Corpus, chosen: Sequence[EmbeddingChoice]) -> Common:
    """Return the texts that every model chosen can read. Raises `EmbedlabError` where too few are left."""
    return _common(texts, tuple(one.name for one in texts.vectors if any(how.own == one.name for how in chosen)))


_common = kept(texts_of_all)


def learnt_from(texts: Corpus, entries: Sequence[ComparedModel]) -> dict[str, NDArray[np.bool_]]:
    """Return which of the texts each model has learned from here, bool (n,) by its name."""
    return {one.name: _learnt_from(texts, one.how.model) for one in entries}


@kept
def _learnt_from(texts: Corpus, model: str) -> NDArray[np.bool_]:
    return tuned.learnt_from(model, texts.texts)


# --- Maps ----------------------------------------------------------------------------------------


@kept
def aligned(moving: Layout, onto: Layout, texts: Corpus) -> Layout:
    """Return one layout of the texts turned, mirrored and scaled onto another."""
    return procrustes(moving, onto, texts.distinct[0])


@work
def map_noise_job(report: Report, model: ComparedModel, layout: Layout) -> float:
    """Lay out a map with another seed: how many of a text's neighbours on it stay?"""
    return noise.seeds(layout, umap(model.space, model.neighbours, LayoutSettings(seed=1), report))


maps_shared = kept(noise.seeds)


# --- Two models in numbers -----------------------------------------------------------------------


@work
def difference_job(report: Report, first: ComparedModel, second: ComparedModel, k: int) -> Difference:
    """Put the difference of two models into numbers."""
    say(report, "Comparing the two models")
    return difference(first.space, second.space, first.neighbours, second.neighbours, k)


@work
def noise_job(report: Report, model: ComparedModel, which: int, k: int) -> Floor:
    """Measure what one kind of noise alone changes in a model; `which` is its place among `NOISES`."""
    say(report, "Measuring what noise alone changes")
    return NOISES[which](model, k, report)


def noise_jobs(pair: Sequence[ComparedModel], k: int) -> list[tuple[str, Job[Floor]]]:
    """Return the jobs that measure noise, each with the name of the model that it is of."""
    return [(one.name, noise_job(one, which, k)) for one in pair for which in range(len(NOISES))]


# --- What changed --------------------------------------------------------------------------------


@kept
def moved(first: Clusters, second: Clusters, texts: Corpus) -> tuple[ClusterMove, ...]:
    """Return the groups of texts that went from one cluster to another together."""
    return moved_together(first, second, among=texts.distinct[0])


@work
def pairs_job(report: Report, first: ComparedModel, second: ComparedModel) -> tuple[PairChange, ...]:
    """Find the pairs of texts whose likeness changed most."""
    say(report, "Looking for the pairs that changed most")
    return pairs_changed(first.space, second.space)


@kept
def overlapped(first: ComparedModel, second: ComparedModel, k: int) -> Overlap:
    """Return how much of each text's neighbourhood two models share."""
    return overlap(first.neighbours, second.neighbours, k)


@kept
def results_changed(first: ComparedModel, second: ComparedModel, k: int) -> Turnover:
    """Return what would become of the results if the texts themselves were the queries."""
    return turnover(first.neighbours, second.neighbours, k)


@kept
def blind_deck(first: ComparedModel, second: ComparedModel, k: int) -> Deck:
    """Return the neighbours to judge without knowing whose they are."""
    return blind.deck(first.space, second.space, first.neighbours, second.neighbours, k=k)


ask = kept_saying("Asking both models…")(replacement.ask)


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


# --- Ahead of time -------------------------------------------------------------------------------


@work
def ahead(
    report: Report,
    texts: Corpus,
    entries: tuple[ComparedModel, ...],
    pair: tuple[ComparedModel, ComparedModel],
    k: int,
    granularities: tuple[float, float],
) -> None:
    """Make, one after another, the quick work that sections not yet opened will ask for: then they open at once.

    `granularities` are those at which the two models looked at are clustered.
    """
    overlapped(*pair, k)
    first, second = (results.groups(one.prepared, at) for one, at in zip(pair, granularities, strict=True))
    moved(first.clusters, second.clusters, texts)
    results_changed(*pair, k)
    blind_deck(*pair, k)
    pairs_job(*pair).wait()
    for one, two in in_pairs(entries, pair):
        difference_job(one, two, k).wait()
    for which in range(len(NOISES)):
        for one in pair:
            noise_job(one, which, k).wait()
