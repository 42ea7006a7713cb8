"""What the comparison of models makes once for everybody: who can be compared, and the jobs behind each answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Job, Report, Stopwatch
from embedlab.compare import blind, comparison, noise
from embedlab.compare.agreement import PairChange, pairs_changed
from embedlab.compare.blind import Deck
from embedlab.compare.common import Common, part
from embedlab.compare.common import common as _of_all
from embedlab.compare.comparison import ClusterMove, Difference
from embedlab.compare.noise import Floor, Floors
from embedlab.compare.overlap import Overlap, overlap
from embedlab.compare.replacement import QueryChange, Turnover, encode_queries, queries_changed, turnover
from embedlab.corpus import Corpus
from embedlab.encoders import ModelEntry, models
from embedlab.encoders.base import LEXICAL, STATIC, TRANSFORMER
from embedlab.encoders.transformer import tuned
from embedlab.pipeline import EmbeddingChoice, Groups, Prepared, at_two_precisions
from embedlab.space import Layout, Space
from embedlab.space.align import procrustes
from embedlab.space.projection import LayoutSettings, umap
from pages.app import results
from pages.app.jobs import kept, kept_saying, registry

MOST = 6
IN_FULL = ", full precision"


@dataclass(frozen=True, eq=False)
class Entry:
    """One model of a comparison: what it is called here, how it reads, and what its texts look like."""

    name: str
    how: EmbeddingChoice
    ground: Prepared


# --- Who can be compared -------------------------------------------------------------------------


@st.cache_data(ttl=60, show_spinner=False)
def _ready() -> dict[str, str]:
    """Return the models that can be used now, each with its family."""
    return {one.name: one.family.name for one in models() if one.ready}


def forget_models() -> None:
    """Look anew at which models there are, and what they learned from: one was made or deleted."""
    _ready.clear()
    _learnt_from.forget_all()


def listing_of(name: str) -> ModelEntry | None:
    """Return what is known of a model; None for own vectors of a model that is not here."""
    return next((one for one in models() if one.name == name), None)


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
    return _common(texts.fingerprint, tuple((one.name, one.fingerprint) for one in own), texts)


@kept
def _common(texts: str, own: tuple[tuple[str, str], ...], _corpus: Corpus) -> Common:
    return _of_all(_corpus, [name for name, _ in own])


def learnt_from(texts: Corpus, entry: Entry) -> NDArray[np.bool_]:
    """Return which of the texts a model has learned from here, bool (n,)."""
    return _learnt_from(texts.fingerprint, entry.how.model, texts)


@kept
def _learnt_from(texts: str, model: str, _corpus: Corpus) -> NDArray[np.bool_]:
    return tuned.learnt_from(model, _corpus.texts)


# --- Maps ----------------------------------------------------------------------------------------


@kept
def aligned(moving: str, onto: str, _moving: Layout, _onto: Layout, _rows: NDArray[np.intp]) -> Layout:
    """Return one layout turned, mirrored and scaled onto another."""
    return procrustes(_moving, _onto, _rows)


def map_noise_job(ground: Prepared, layout: Layout) -> Job[float]:
    """Return the job that lays out one map with another seed: how many of a text's neighbours on it stay?"""

    def work(report: Report) -> float:
        other = umap(ground.space, ground.neighbours, LayoutSettings(seed=1), report)
        return noise.seeds(layout, other)

    return registry().job(fingerprint("seeds", layout.fingerprint), work)


def forget_map_noise(layout: Layout) -> None:
    """Let the map with another seed be laid out anew."""
    registry().forget(fingerprint("seeds", layout.fingerprint))


# --- Two models in numbers -----------------------------------------------------------------------


def in_pairs(entries: Sequence[Entry], looked_at: tuple[Entry, Entry]) -> list[tuple[Entry, Entry]]:
    """Return every two of the models once; first the two looked at, in their order."""
    names = {one.name for one in looked_at}
    return [looked_at] + [pair for pair in combinations(entries, 2) if {one.name for one in pair} != names]


def difference_key(first: Prepared, second: Prepared, k: int) -> str:
    """Return the key of what differs between two spaces."""
    return fingerprint("difference", first.space.fingerprint, second.space.fingerprint, k)


def difference_job(first: Prepared, second: Prepared, k: int) -> Job[Difference]:
    """Return the job that puts the difference of two spaces into numbers."""

    def work(report: Report) -> Difference:
        Stopwatch("Comparing the two models", 0, report).at(0)
        found = comparison.difference(first.space, second.space, first.neighbours, second.neighbours, k)
        _ = found.overlap.mean  # its bootstrap takes a moment: here, not in the page
        return found

    return registry().job(difference_key(first, second, k), work)


def dropped_job(ground: Prepared, k: int) -> Job[Floor]:
    """Return the job that leaves 5 % of the texts out: how much does that alone change?"""

    def work(report: Report) -> Floor:
        Stopwatch("Leaving 5 % of the texts out", 0, report).at(0)
        return noise.dropped(ground.space, ground.neighbours, k=k)

    return registry().job(fingerprint("dropped", ground.space.fingerprint, k), work)


@kept
def maps_shared(first: str, second: str, _first: Layout, _second: Layout) -> float:
    """Return the share of a text's neighbours on one map that are its neighbours on another."""
    return noise.seeds(_first, _second)


def has_precisions(how: EmbeddingChoice) -> bool:
    """Return whether a model computes in more than one precision."""
    return not how.own and _ready().get(how.model) == TRANSFORMER.name


def precision_job(texts: Corpus, entry: Entry, k: int) -> Job[Floor]:
    """Return the job that measures on a sample of the texts what rounding alone changes.

    In fp32 and as usual where a model computes in both here; otherwise of the vectors, rounded.
    """
    how = entry.how
    key = fingerprint("precision", entry.ground.space.fingerprint, how.model, k)

    def work(report: Report) -> Floor:
        Stopwatch("Measuring what rounding changes", 0, report).at(0)
        some = part(texts, noise.sample(texts)).corpus
        both = at_two_precisions(texts, some, how, report) if has_precisions(how) else None
        if both is None:
            return noise.rounded(entry.ground.space, k)
        full, usual = both
        return noise.precision(full.space, usual.space, full.neighbours, usual.neighbours, k)

    return registry().job(key, work)


def floor_steps(texts: Corpus, pair: Sequence[Entry], k: int) -> list[tuple[str, Callable[[], Job[Floor]]]]:
    """Return what gives the jobs that measure noise, each with the model that it is of."""
    found: list[tuple[str, Callable[[], Job[Floor]]]] = [
        (entry.name, partial(dropped_job, entry.ground, k)) for entry in pair
    ]
    return found + [(entry.name, partial(precision_job, texts, entry, k)) for entry in pair]


def floors_known(jobs: Sequence[tuple[str, Job[Floor]]]) -> Floors | None:
    """Return the noise floors that are measured by now; `jobs` are by the model that each is of."""
    found = tuple(replace(job.result(), what=f"{job.result().what} ({name})") for name, job in jobs if job.succeeded)
    return Floors(found) if found else None


# --- What changed --------------------------------------------------------------------------------


@kept
def _moved(
    first: str, second: str, _first: Groups, _second: Groups, _distinct: NDArray[np.intp]
) -> tuple[ClusterMove, ...]:
    return comparison.moved_together(_first.clusters, _second.clusters, among=_distinct)


def moved(first: Groups, second: Groups, texts: Corpus) -> tuple[ClusterMove, ...]:
    """Return the groups of texts that went from one cluster to another together."""
    return _moved(first.clusters.fingerprint, second.clusters.fingerprint, first, second, texts.distinct[0])


def pairs_job(first: Prepared, second: Prepared) -> Job[tuple[PairChange, ...]]:
    """Return the job that finds the pairs of texts whose likeness changed most."""

    def work(report: Report) -> tuple[PairChange, ...]:
        Stopwatch("Looking for the pairs that changed most", 0, report).at(0)
        return pairs_changed(first.space, second.space)

    return registry().job(_pairs_key(first, second), work)


def _pairs_key(first: Prepared, second: Prepared) -> str:
    return fingerprint("pairs", first.space.fingerprint, second.space.fingerprint)


@kept
def _overlapped(first: str, second: str, k: int, _first: Prepared, _second: Prepared) -> Overlap:
    return overlap(_first.neighbours, _second.neighbours, k)


def overlapped(first: Prepared, second: Prepared, k: int) -> Overlap:
    """Return how much of each text's neighbourhood two models share."""
    return _overlapped(first.space.fingerprint, second.space.fingerprint, k, first, second)


@kept
def _turnover(first: str, second: str, k: int, _first: Prepared, _second: Prepared) -> Turnover:
    return turnover(_first.neighbours, _second.neighbours, k)


def results_changed(first: Prepared, second: Prepared, k: int) -> Turnover:
    """Return what would become of the results if the texts themselves were the queries."""
    return _turnover(first.space.fingerprint, second.space.fingerprint, k, first, second)


def forget_pairs(first: Prepared, second: Prepared) -> None:
    """Let the pairs that changed most be looked for anew."""
    registry().forget(_pairs_key(first, second))


@kept
def _deck(first: str, second: str, k: int, _first: Prepared, _second: Prepared) -> Deck:
    return blind.deck(_first.space, _second.space, _first.neighbours, _second.neighbours, k=k)


def blind_deck(first: Prepared, second: Prepared, k: int) -> Deck:
    """Return the neighbours to judge without knowing whose they are."""
    return _deck(first.space.fingerprint, second.space.fingerprint, k, first, second)


@kept_saying("Asking both models…")
def _queries_answered(
    queries: tuple[str, ...],
    first: str,
    second: str,
    how: tuple[EmbeddingChoice, EmbeddingChoice],
    k: int,
    _first: Space,
    _second: Space,
) -> tuple[tuple[str, ...], tuple[QueryChange, ...]]:
    one, other = (
        results.encoder(space.fingerprint, reading, space)
        for space, reading in zip((_first, _second), how, strict=True)
    )
    left, before, after = encode_queries(queries, one, other, (how[0].dimensions, how[1].dimensions))
    return left, queries_changed(_first, _second, before, after, k)


def queries_answered(
    queries: tuple[str, ...], first: Entry, second: Entry, k: int
) -> tuple[tuple[str, ...], tuple[QueryChange, ...]]:
    """Return the queries that both models can read, and what each finds with one and with the other.

    Raises `EmbedlabError` where nobody knows what made one's own vectors, or no query can be read.
    """
    one, other = first.ground.space, second.ground.space
    return _queries_answered(queries, one.fingerprint, other.fingerprint, (first.how, second.how), k, one, other)


# --- Ahead of time -------------------------------------------------------------------------------


def ahead(
    texts: Corpus, entries: Sequence[Entry], looked_at: tuple[Entry, Entry], k: int, granularities: tuple[float, float]
) -> None:
    """Begin, one after another, the quick work that sections not yet opened will ask for: then they open at once.

    `granularities` are those at which the two models looked at are clustered.
    """
    steps: list[Callable[[], Job[Any]]] = [partial(pairs_job, *(one.ground for one in looked_at))]
    steps += [partial(difference_job, one.ground, two.ground, k) for one, two in in_pairs(entries, looked_at)]
    steps += [step for _, step in floor_steps(texts, looked_at, k)]

    def work(report: Report) -> None:
        one, two = (entry.ground for entry in looked_at)
        overlapped(one, two, k)
        groups = [
            results.groups(ground.space.fingerprint, at, ground)
            for ground, at in zip((one, two), granularities, strict=True)
        ]
        moved(groups[0], groups[1], texts)
        results_changed(one, two, k)
        blind_deck(one, two, k)
        for step in steps:
            step().wait()

    spaces = [entry.ground.space.fingerprint for entry in (*looked_at, *entries)]
    registry().job(fingerprint("ahead", spaces, k, list(granularities)), work)
