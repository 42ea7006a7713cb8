"""What is made once for everybody: jobs that take a while, and quick results."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embedlab import pipeline
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Job, Report, Stages, Stopwatch, sharing
from embedlab.corpus import Corpus
from embedlab.corpus.datasets import builtin, builtin_names
from embedlab.corpus.reading.table import Table, read_table
from embedlab.corpus.vectors import OwnVectors
from embedlab.encoders import DEFAULT_MODEL, Encoder
from embedlab.encoders.base import unit
from embedlab.encoders.capabilities import parts_of
from embedlab.encoders.speed import Timing, measure
from embedlab.encoders.transformer.hub import Snapshot, download
from embedlab.explore.explain import Explanation, Standing, explain, leave_out, standing
from embedlab.explore.selection import Selection, describe
from embedlab.pipeline import EmbeddingChoice, Groups, MeasuredLayout, Prepared
from embedlab.space import Space
from embedlab.space.embedding import NeighboursKept, embed, neighbours_kept
from embedlab.space.keywords import Vocabulary, vocabulary
from embedlab.space.projection import LayoutSettings, pca
from embedlab.space.quality import trust
from embedlab.space.tendency import Tendency, tendency
from pages.app.jobs import kept, kept_saying, registry
from pages.app.widgets import result_of

T = TypeVar("T")

PAINT_SECONDS = 2.0


# --- Work that takes a while ---------------------------------------------------------------------


def start() -> None:
    """Begin, when the server starts, with what the first visitor will look at.

    A little later, that is: who opens the page at once should not wait for its title, which shares the cores. From
    here on what a touch computes keeps to one thread, so that those of several people don't wait for each other.
    """
    sharing.in_between = 1
    threading.Timer(PAINT_SECONDS, _first_map).start()


def _first_map() -> None:
    job = ground_job(built_in(builtin_names()[0]), EmbeddingChoice(DEFAULT_MODEL))
    if job.wait() and job.succeeded:
        layout_job(job.result(), LayoutSettings())


def ground_key(texts: Corpus, how: EmbeddingChoice) -> str:
    """Return the key of the ground of `texts`."""
    own = _own(texts, how).fingerprint if how.own else ""
    return fingerprint("ground", texts.fingerprint, repr(how), own)


def ground_job(texts: Corpus, how: EmbeddingChoice) -> Job[Prepared]:
    """Return the job that embeds `texts` and finds their neighbours; `how` says with which model and how."""

    def work(report: Report) -> Prepared:
        if not how.own:
            Stopwatch("Preparing the model", 0, report).at(0)
        whole = pipeline.prepare(texts, how, Stages(report))
        made = replace(whole, encoder=None)  # models are kept elsewhere, fewer of them
        _ = made.pca
        return made

    return registry().job(ground_key(texts, how), work)


def _own(texts: Corpus, how: EmbeddingChoice) -> OwnVectors:
    return next(own for own in texts.vectors if own.name == how.own)


def timing_job(texts: Corpus, names: tuple[str, ...], exact: bool) -> Job[Timing]:
    """Return the job in which models read some of `texts` by turns."""

    def work(report: Report) -> Timing:
        encoders = []
        for name in names:
            Stopwatch(f"Preparing {name}", 0, report).at(0)
            encoders.append(pipeline.encoder_of(texts, EmbeddingChoice(name, exact)))
        return measure(encoders, texts, report)

    return registry().job(_timing_key(texts, names, exact), work)


def forget_timing(texts: Corpus, names: tuple[str, ...], exact: bool) -> None:
    """Let the models read by turns anew."""
    registry().forget(_timing_key(texts, names, exact))


def _timing_key(texts: Corpus, names: tuple[str, ...], exact: bool) -> str:
    return fingerprint("speeds", texts.fingerprint, list(names), exact)


def download_job(name: str) -> Job[Snapshot]:
    """Return the job that fetches a model from the hub."""
    return registry().job(f"download {name}", lambda report: download(name, report=report))


def downloading(name: str) -> Snapshot:
    """Return what a download brought; until then show how far it is and end this run of the page."""
    return result_of(
        download_job(name),
        lambda: registry().forget(f"download {name}"),
        "Stopped. What has come is kept: continuing goes on from there.",
    )


def layout_key(ground: Prepared, settings: LayoutSettings) -> str:
    """Return the key of one layout."""
    return fingerprint("layout", ground.space.fingerprint, repr(settings))


def layout_job(ground: Prepared, settings: LayoutSettings) -> Job[MeasuredLayout]:
    """Return the job that lays out the map and measures how far to trust it."""

    def work(report: Report) -> MeasuredLayout:
        return pipeline.lay_out(ground, settings, Stages(report))

    return registry().job(layout_key(ground, settings), work)


# --- Quick work, done once -----------------------------------------------------------------------


@kept
def built_in(name: str) -> Corpus:
    """Return a built-in data set."""
    return builtin(name)


@kept
def table(content: str, name: str, _bytes: bytes) -> Table:
    """Return an uploaded file as a table; `content` is its fingerprint."""
    return read_table(_bytes, name)


@kept
def words(texts: str, _corpus: Corpus) -> Vocabulary:
    """Return the vocabulary of a corpus."""
    return vocabulary(_corpus.texts)


@kept
def groups(space: str, resolution: float, _ground: Prepared) -> Groups:
    """Return the named clusters of a space at one granularity."""
    corpus_ = _ground.space.corpus
    told = words(corpus_.fingerprint, corpus_)
    return pipeline.group(_ground, resolution, words=told, held=tendency_of(space, _ground))


@kept
def tendency_of(space: str, _ground: Prepared) -> Tendency:
    """Return whether a space holds groups at all, and whether words can name them: once for all granularities."""
    corpus_ = _ground.space.corpus
    return tendency(_ground.space, _ground.neighbours, words(corpus_.fingerprint, corpus_))


@kept
def pca_trust(space: str, dimensions: int, _ground: Prepared) -> MeasuredLayout:
    """Return the principal components of a space and how far to trust them."""
    layout = _ground.pca if dimensions == 2 else pca(_ground.space, dimensions)
    return MeasuredLayout(layout, trust(_ground.space, _ground.neighbours, layout))


def first_sketch(ground: Prepared, dimensions: int) -> MeasuredLayout:
    """Return the principal components as a sketch until the real layout is there."""
    layout = ground.pca if dimensions == 2 else pca(ground.space, dimensions)
    return MeasuredLayout(layout, None)


@kept
def described(space: str, rows: str, _space: Space, _rows: NDArray[np.intp]) -> Selection:
    """Return the description of a selection."""
    return describe(_space, _rows, words(_space.corpus.fingerprint, _space.corpus))


@kept
def small_space(texts: str, space: str, how: EmbeddingChoice, _corpus: Corpus, _space: Space) -> Space:
    """Return the space of a few pasted texts, read as those of `_space` are."""
    read_by = encoder(space, how, _space)
    return pipeline.shortened(embed(_corpus, read_by), how, read_by)


@kept
def sentence_vector(text: str, space: str, how: EmbeddingChoice, _space: Space) -> NDArray[np.float32]:
    """Return the vector (d,) of a typed sentence among the texts of `_space`."""
    vector = encoder(space, how, _space).encode([text])[0]
    read: NDArray[np.float32] = unit(vector[None, : how.dimensions])[0] if how.dimensions else vector
    return read


@kept
def encoder(space: str, how: EmbeddingChoice, _space: Space) -> Encoder:
    """Return the encoder that reads new texts into `_space` (see `pipeline.reader`)."""
    return pipeline.reader(_space, how)


@kept_saying("Opening the model…")
def divisible(space: str, how: EmbeddingChoice, _encoder: Encoder, _text: str) -> bool:
    """Return whether the encoder's vectors, such as that of a text, can be taken apart into pieces."""
    return parts_of(_encoder, _text) is not None


@kept
def explained(
    first: str, second: str, left_out: bool, space: str, how: EmbeddingChoice, _encoder: Encoder, query: bool = False
) -> Explanation:
    """Return what carries the cosine of two texts."""
    return (leave_out if left_out else explain)(_encoder, first, second, how.dimensions, query)


@kept
def pair_cosine(first: str, second: str, space: str, how: EmbeddingChoice, _encoder: Encoder) -> float:
    """Return the cosine of two texts."""
    vectors = unit(_encoder.encode([first, second])[:, : how.dimensions])
    return float(np.clip(vectors[0] @ vectors[1], -1, 1))


@kept
def standing_of(space: str, _space: Space) -> Standing:
    """Return the cosines of the pairs of a space, or of a sample of them."""
    return standing(_space)


@kept
def kept_by_dimensions(space: str, sizes: tuple[int, ...], _space: Space) -> list[NeighboursKept]:
    """Return what fewer dimensions keep of each text's nearest texts."""
    return neighbours_kept(_space, sizes)
