"""Which model is better, as the comparison tells it, on BANKING77's labels; and how long that takes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.report import Table, met
from benchmarks.setting import Setting
from benchmarks.turns import clocked
from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read
from embedlab.encoders import DEFAULT_MODEL, load
from embedlab.encoders.static import WORDLLAMA
from embedlab.encoders.store import store_for
from embedlab.encoders.tfidf import NAME as LEXICAL
from embedlab.evaluate.quality import AMI, ARI, KNN, PROBE, SILHOUETTE, Quality, by_labels
from embedlab.evaluate.versus import versus
from embedlab.space import Clusters, Neighbours, Space
from embedlab.space.clusters import cluster
from embedlab.space.embedding import embed
from embedlab.space.neighbours import neighbours
from embedlab.space.warm import warm_up

MEASURES = (PROBE, KNN, SILHOUETTE, ARI, AMI)
FULL = f"{DEFAULT_MODEL}, fp32"
WITHIN = 10.0
LARGE = 10_000


def quality_banking77(setting: Setting) -> Table:
    """Lexical < WordLlama < MiniLM by their labels on the test split; MiniLM in bfloat16 ties with itself in fp32."""
    corpus = read(setting.without("banking77.csv", "split", "train"), "text", "label")
    setting.enter()
    warm_up()
    found = {name: _measured(corpus, name) for name in (LEXICAL, WORDLLAMA, DEFAULT_MODEL, FULL)}
    rows = [
        (name, *(str(quality.intervals[measure]) for measure in MEASURES), f"{took:.1f} s")
        for name, (quality, took) in found.items()
    ]
    notes = [f"{found[FULL][0].task.counted} of BANKING77's test split; 95 % intervals. Time: all five measures."]
    for better, worse, wanted in (
        (WORDLLAMA, LEXICAL, "better"),
        (DEFAULT_MODEL, WORDLLAMA, "better"),
        (DEFAULT_MODEL, FULL, "tie"),
    ):
        for measure in MEASURES:
            one = versus(found[better][0], found[worse][0], measure)
            target = f" Wanted: {'a tie' if wanted == 'tie' else 'better'}. {met(one.verdict == wanted)}."
            notes.append(one.told + (target if measure in (PROBE, KNN) or wanted == "tie" else ""))
    return Table(("BANKING77, test", *MEASURES, "Time"), tuple(rows), tuple(notes))


def quality_10k(setting: Setting) -> Table:
    """How long all measures take on 10,000 texts with 77 and with 150 classes."""
    files = {"BANKING77": setting.file("banking77.csv"), "CLINC150": setting.without("clinc150.csv", "label", "oos")}
    setting.enter()
    warm_up()
    rows = []
    for name, file in files.items():
        quality, took = _measured(_first(file), DEFAULT_MODEL)
        classes = len({value for value in _first(file).column("label").values.tolist() if value})
        accuracy = str(quality.intervals[PROBE])
        rows.append((name, quality.task.counted, str(classes), accuracy, f"{took:.1f} s", met(took <= WITHIN)))
    columns = ("Texts of", "Texts", "Classes", PROBE, "Time of all five measures", f"within {WITHIN:.0f} s")
    return Table(columns, tuple(rows), (f"{DEFAULT_MODEL}; neighbours and clusters were there already.",))


def _first(file: Path) -> Corpus:
    """Return the first 10,000 distinct texts of a file, drawn with a seed."""
    corpus = read(file, "text", "label")
    rows = np.random.default_rng(0).permutation(corpus.distinct[0])[:LARGE]
    column = corpus.column("label").take(rows)
    return Corpus(corpus.name, tuple(corpus.texts[row] for row in rows.tolist()), (column,), label="label")


def _measured(corpus: Corpus, name: str) -> tuple[Quality, float]:
    encoder = load(DEFAULT_MODEL if name == FULL else name, name == FULL, corpus.texts)
    space = embed(corpus, encoder, store_for(encoder.card))
    near = neighbours(space)
    return clocked(partial(_by_labels, space, near, cluster(near), name))


def _by_labels(space: Space, near: Neighbours, clusters: Clusters, name: str) -> Quality:
    return by_labels(space, near, clusters, space.corpus.column("label"), name=name)
