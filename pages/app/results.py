"""What is made once for everybody: jobs that take a while, and quick results."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from embedlab import pipeline
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, Stages, sharing
from embedlab.corpus import Corpus
from embedlab.corpus.datasets import builtin, builtin_names
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.reading.table import Table, read_table
from embedlab.encoders import DEFAULT_MODEL, Encoder, ModelEntry, models
from embedlab.encoders.capabilities import parts_of
from embedlab.encoders.known import Known, KnownPair, known_pair, known_to
from embedlab.encoders.speed import Timing, measure
from embedlab.encoders.transformer.hub import Snapshot, download
from embedlab.explore.explain import Explanation, explain, leave_out, standing
from embedlab.explore.selection import Selection, describe
from embedlab.figures.map_view import charts_of, colouring_of
from embedlab.pipeline import EmbeddingChoice, Groups, MeasuredLayout, Prepared
from embedlab.space import Space
from embedlab.space.embedding import cut, embed, neighbours_kept
from embedlab.space.keywords import Vocabulary, vocabulary
from embedlab.space.projection import LayoutSettings, pca
from embedlab.space.quality import trust
from embedlab.space.tendency import Tendency, tendency
from pages.app.jobs import kept, kept_saying, say, work

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
    job = prepared_job(built_in(builtin_names()[0]), EmbeddingChoice(DEFAULT_MODEL))
    if job.wait() and job.succeeded:
        layout_job(job.result(), LayoutSettings())


@work
def prepared_job(report: Report, texts: Corpus, how: EmbeddingChoice) -> Prepared:
    """Embed `texts` and find their neighbours; `how` says with which model and how."""
    if not how.own:
        say(report, "Preparing the model")
    whole = pipeline.prepare(texts, how, Stages(report))
    made = replace(whole, encoder=None)  # models are kept elsewhere, fewer of them
    _ = made.pca
    return made


@work
def timing_job(report: Report, texts: Corpus, names: tuple[str, ...], exact: bool) -> Timing:
    """Let models read some of `texts` by turns."""
    encoders = []
    for name in names:
        say(report, f"Preparing {name}")
        encoders.append(pipeline.encoder_of(texts, EmbeddingChoice(name, exact)))
    return measure(encoders, texts, report)


@work
def download_job(report: Report, name: str) -> Snapshot:
    """Fetch a model from the hub."""
    return download(name, report=report)


@work
def layout_job(report: Report, prepared: Prepared, settings: LayoutSettings) -> MeasuredLayout:
    """Lay out the map and measure how far to trust it."""
    return pipeline.lay_out(prepared, settings, Stages(report))


# --- Quick work, done once -----------------------------------------------------------------------


@st.cache_resource(ttl=60, show_spinner=False)
def listed_models() -> tuple[ModelEntry, ...]:
    """Return the models that are known here; to be cleared when one comes or goes."""
    return models()


def is_ready(model: str) -> bool:
    """Return whether a model can be used here as it is."""
    return any(entry.name == model and entry.ready for entry in listed_models())


built_in = kept(builtin)


@kept
def _table(content: str, name: str, layout: FileLayout, _bytes: bytes) -> Table:
    return read_table(_bytes, name, layout)


def table(file: UploadedFile, layout: FileLayout = GUESSED) -> Table:
    """Return an uploaded file as a table; `layout` says what is known of how it is laid out."""
    content = file.getvalue()
    return _table(fingerprint(content), file.name, layout, content)


@kept
def words(corpus: Corpus) -> Vocabulary:
    """Return the vocabulary of a corpus."""
    return vocabulary(corpus.texts)


@kept
def groups(prepared: Prepared, resolution: float) -> Groups:
    """Return the named clusters of a space at one granularity."""
    return pipeline.group(prepared, resolution, words=words(prepared.space.corpus), held=tendency_of(prepared))


@work
def levels_job(report: Report, prepared: Prepared, resolution: float) -> tuple[Groups, ...]:
    """Return the named clusters at that granularity, and at a coarser and a finer one."""
    say(report, "Naming what lies closer together")
    held = tendency_of(prepared)
    return pipeline.levels(prepared, groups(prepared, resolution), words(prepared.space.corpus), held)


@kept
def tendency_of(prepared: Prepared) -> Tendency:
    """Return whether a space holds groups at all, and whether words can name them: once for all granularities."""
    return tendency(prepared.space, prepared.neighbours, words(prepared.space.corpus))


@kept
def pca_trust(prepared: Prepared, dimensions: int) -> MeasuredLayout:
    """Return the principal components of a space and how far to trust them."""
    layout = first_sketch(prepared, dimensions).layout
    return MeasuredLayout(layout, trust(prepared.space, prepared.neighbours, layout))


def first_sketch(prepared: Prepared, dimensions: int) -> MeasuredLayout:
    """Return the principal components as a sketch until the real layout is there."""
    layout = prepared.pca if dimensions == 2 else pca(prepared.space, dimensions)
    return MeasuredLayout(layout, None)


@kept
def described(space: Space, rows: NDArray[np.intp]) -> Selection:
    """Return the description of a selection."""
    return describe(space, rows, words(space.corpus))


@kept
def small_space(corpus: Corpus, beside: Space, how: EmbeddingChoice) -> Space:
    """Return the space of a few pasted texts, read as those `beside` them are."""
    read_by = encoder(beside, how)
    return pipeline.shortened(embed(corpus, read_by), how, read_by)


@kept
def sentence_vector(text: str, space: Space, how: EmbeddingChoice) -> NDArray[np.float32]:
    """Return the vector (d,) of a typed sentence among the texts of `space`."""
    read: NDArray[np.float32] = cut(encoder(space, how).encode([text]), how.dimensions)[0]
    return read


encoder = kept(pipeline.reader)


@kept_saying("Opening the model…")
def divisible(encoder: Encoder, _text: str) -> bool:
    """Return whether the encoder's vectors, such as that of a text, can be taken apart into pieces."""
    return parts_of(encoder, _text) is not None


@kept
def explained(first: str, second: str, left_out: bool, encoder: Encoder, dimensions: int | None) -> Explanation:
    """Return what carries the cosine of two texts."""
    return (leave_out if left_out else explain)(encoder, first, second, dimensions)


@kept
def pair_cosine(first: str, second: str, encoder: Encoder, dimensions: int | None) -> float:
    """Return the cosine of two texts."""
    vectors = cut(encoder.encode([first, second]), dimensions)
    return float(np.clip(vectors[0] @ vectors[1], -1, 1))


@kept
def pair_known(first: str, second: str, encoder: Encoder) -> KnownPair | None:
    """Return what a model doesn't know of two texts."""
    return known_pair(encoder, first, second)


@kept_saying("Looking at the languages…")
def known_before(texts: Corpus, model: str) -> Known | None:
    """Return what a model doesn't know of texts that it hasn't read yet."""
    return known_to(model, [texts.texts[row] for row in texts.distinct[0]])  # each once, as on the map


charts = kept(charts_of)
coloured = kept(colouring_of)
standing_of = kept(standing)
kept_by_dimensions = kept(neighbours_kept)
