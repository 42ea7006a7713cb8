"""What the comparison of models makes once for everybody: who can be compared, and the jobs behind each answer.

The answers are those of `embedlab.compare`, which the command asks as well; here they are asked one by one, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Job, Report, Stopwatch
from embedlab.compare import blind, noise, replacement
from embedlab.compare.agreement import PairChange, pairs_changed
from embedlab.compare.blind import Deck
from embedlab.compare.common import Common
from embedlab.compare.common import common as texts_of_all
from embedlab.compare.compare import NOISES
from embedlab.compare.difference import Difference, difference
from embedlab.compare.models import ComparedModel, in_pairs
from embedlab.compare.movement import ClusterMove, moved_together
from embedlab.compare.noise import Floor
from embedlab.compare.overlap import Overlap, overlap
from embedlab.compare.replacement import QueryAnswers, Turnover, turnover
from embedlab.corpus import Corpus
from embedlab.encoders import models
from embedlab.encoders.base import LEXICAL, STATIC, TRANSFORMER
from embedlab.encoders.transformer import tuned
from embedlab.pipeline import EmbeddingChoice, Groups
from embedlab.space import Layout
from embedlab.space.align import procrustes
from embedlab.space.projection import LayoutSettings, umap
from pages.app import results
from pages.app.jobs import kept, kept_saying, registry
from pages.app.widgets import result_of

T = TypeVar("T")

IN_FULL = ", full precision"


# --- Who can be compared -------------------------------------------------------------------------


@st.cache_data(ttl=60, show_spinner=False)
def _ready() -> dict[str, str]:
    """Return the models that can be used now, each with its family."""
    return {one.name: one.family.name for one in models() if one.ready}


def forget_models() -> None:
    """Look anew at which models there are, and what they learned from: one was made or deleted."""
    _ready.clear()
    _learnt_from.forget_all()


def name_of(how: EmbeddingChoice) -> str:
    """Return what a way of reading is called in a comparison."""
    if how.own:
        return f"{how.own} (own vectors)"
    short = f", first {how.dimensions} dimensions" if how.dimensions else ""
    in_full = IN_FULL if how.exact and _ready().get(how.model) == TRANSFORMER.name else ""
    return f"{how.model}{short}{in_full}"


def choices(texts: Corpus, now: EmbeddingChoice) -> dict[str, EmbeddingChoice]:
    """Return what can be compared on `texts`, the current way of reading first."""
    found = [now]
    found += [EmbeddingChoice("", own=own.name) for own in texts.vectors if own.name != now.own]
    for model, family in _ready().items():
        found.append(EmbeddingChoice(model))
        if family == TRANSFORMER.name:
            found.append(EmbeddingChoice(model, exact=True))
    named: dict[str, EmbeddingChoice] = {}
    for how in found:
        named.setdefault(name_of(how), how)
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
    own = [one for one in texts.vectors if any(how.own == one.name for how in chosen)]
    key = "common", texts.fingerprint, *((one.name, one.fingerprint) for one in own)
    return registry().value(key, lambda: texts_of_all(texts, [one.name for one in own]))


def learnt_from(texts: Corpus, entries: Sequence[ComparedModel]) -> dict[str, NDArray[np.bool_]]:
    """Return which of the texts each model has learned from here, bool (n,) by its name."""
    return {one.name: _learnt_from(texts.fingerprint, one.how.model, texts) for one in entries}


@kept
def _learnt_from(texts: str, model: str, _corpus: Corpus) -> NDArray[np.bool_]:
    return tuned.learnt_from(model, _corpus.texts)


# --- Jobs and quick results ----------------------------------------------------------------------


def begun(key: str, saying: str, work: Callable[[Report], T]) -> Job[T]:
    """Return the job that makes `key`; until it says how far it is, it says `saying`."""

    def told(report: Report) -> T:
        Stopwatch(saying, 0, report).at(0)
        return work(report)

    return registry().job(key, told)


def awaited(key: str, job: Job[T]) -> T:
    """Return what the job of `key` made; until then show how far it is and end this run of the page."""
    return result_of(job, partial(registry().forget, key), "Stopped.")


def _key(what: str, *models: ComparedModel, k: int = 0) -> str:
    return fingerprint(what, [one.space.fingerprint for one in models], k)


def _value(make: Callable[..., T], first: ComparedModel, second: ComparedModel, *more: Hashable) -> T:
    """Return what a quick function makes of the neighbours of two models, made once."""
    key = (make.__qualname__, first.space.fingerprint, second.space.fingerprint, *more)
    return registry().value(key, lambda: make(first.neighbours, second.neighbours, *more))


# --- Maps ----------------------------------------------------------------------------------------


def aligned(moving: Layout, onto: Layout, texts: Corpus) -> Layout:
    """Return one layout of the texts turned, mirrored and scaled onto another."""
    key = "aligned", moving.fingerprint, onto.fingerprint
    return registry().value(key, lambda: procrustes(moving, onto, texts.distinct[0]))


def map_noise(model: ComparedModel, layout: Layout) -> float:
    """Return how many of a text's neighbours on a map stay if it is laid out with another seed; wait for it."""
    key = fingerprint("seeds", layout.fingerprint)

    def work(report: Report) -> float:
        return noise.seeds(layout, umap(model.space, model.neighbours, LayoutSettings(seed=1), report))

    return awaited(key, registry().job(key, work))


def maps_shared(first: Layout, second: Layout) -> float:
    """Return the share of a text's neighbours on one map that are its neighbours on another."""
    return registry().value(("shared", first.fingerprint, second.fingerprint), lambda: noise.seeds(first, second))


# --- Two models in numbers -----------------------------------------------------------------------


def difference_key(first: ComparedModel, second: ComparedModel, k: int) -> str:
    """Return the key of what differs between two models."""
    return _key("difference", first, second, k=k)


def difference_job(first: ComparedModel, second: ComparedModel, k: int) -> Job[Difference]:
    """Return the job that puts the difference of two models into numbers."""

    def work(report: Report) -> Difference:
        return difference(first.space, second.space, first.neighbours, second.neighbours, k)

    return begun(difference_key(first, second, k), "Comparing the two models", work)


def noise_job(model: ComparedModel, which: Callable[[ComparedModel, int, Report], Floor], k: int) -> Job[Floor]:
    """Return the job that measures what one kind of noise alone changes in a model."""
    key = fingerprint(which.__name__, model.space.fingerprint, repr(model.how), k)
    return begun(key, "Measuring what noise alone changes", lambda report: which(model, k, report))


def noise_steps(pair: Sequence[ComparedModel], k: int) -> list[tuple[str, Callable[[], Job[Floor]]]]:
    """Return what gives the jobs that measure noise, each with the model that it is of."""
    return [(one.name, partial(noise_job, one, which, k)) for one in pair for which in NOISES]


# --- What changed --------------------------------------------------------------------------------


def moved(first: Groups, second: Groups, texts: Corpus) -> tuple[ClusterMove, ...]:
    """Return the groups of texts that went from one cluster to another together."""
    one, other = first.clusters, second.clusters
    key = "moved", one.fingerprint, other.fingerprint
    return registry().value(key, lambda: moved_together(one, other, among=texts.distinct[0]))


def pairs_key(first: ComparedModel, second: ComparedModel) -> str:
    """Return the key of the pairs of texts whose likeness changed most."""
    return _key("pairs", first, second)


def pairs_job(first: ComparedModel, second: ComparedModel) -> Job[tuple[PairChange, ...]]:
    """Return the job that finds the pairs of texts whose likeness changed most."""
    return begun(
        pairs_key(first, second),
        "Looking for the pairs that changed most",
        lambda report: pairs_changed(first.space, second.space),
    )


def overlapped(first: ComparedModel, second: ComparedModel, k: int) -> Overlap:
    """Return how much of each text's neighbourhood two models share."""
    return _value(overlap, first, second, k)


def results_changed(first: ComparedModel, second: ComparedModel, k: int) -> Turnover:
    """Return what would become of the results if the texts themselves were the queries."""
    return _value(turnover, first, second, k)


def blind_deck(first: ComparedModel, second: ComparedModel, k: int) -> Deck:
    """Return the neighbours to judge without knowing whose they are."""
    key = _key("deck", first, second, k=k)
    return registry().value(
        key, lambda: blind.deck(first.space, second.space, first.neighbours, second.neighbours, k=k)
    )


@kept_saying("Asking both models…")
def _asked(
    queries: tuple[str, ...],
    spaces: tuple[str, str],
    names: tuple[str, str],
    k: int,
    _first: ComparedModel,
    _second: ComparedModel,
) -> QueryAnswers:
    return replacement.ask(queries, _first, _second, k)


def ask(queries: Sequence[str], first: ComparedModel, second: ComparedModel, k: int) -> QueryAnswers:
    """Return the queries that both models can read, and what each finds with one and with the other.

    Raises `EmbedlabError` where nobody knows what made one's own vectors, or no query can be read.
    """
    spaces = first.space.fingerprint, second.space.fingerprint
    return _asked(tuple(queries), spaces, (first.name, second.name), k, first, second)


# --- Ahead of time -------------------------------------------------------------------------------


def ahead(
    texts: Corpus,
    entries: Sequence[ComparedModel],
    pair: tuple[ComparedModel, ComparedModel],
    k: int,
    granularities: tuple[float, float],
) -> None:
    """Begin, one after another, the quick work that sections not yet opened will ask for: then they open at once.

    `granularities` are those at which the two models looked at are clustered.
    """
    steps: list[Callable[[], Job[Any]]] = [partial(pairs_job, *pair)]
    steps += [partial(difference_job, one, two, k) for one, two in in_pairs(entries, pair)]
    steps += [step for _, step in noise_steps(pair, k)]

    def work(report: Report) -> None:
        overlapped(*pair, k)
        first, second = (
            results.groups(one.space.fingerprint, at, one.prepared) for one, at in zip(pair, granularities, strict=True)
        )
        moved(first, second, texts)
        results_changed(*pair, k)
        blind_deck(*pair, k)
        for step in steps:
            step().wait()

    registry().job(fingerprint(_key("ahead", *pair, *entries, k=k), list(granularities)), work)
