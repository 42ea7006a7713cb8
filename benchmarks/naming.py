"""Whether the name of a cluster says what most of its texts are about, beside c-TF-IDF and the clusters' own means."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import embedlab as el
from benchmarks.report import Table, met
from benchmarks.setting import Setting
from embedlab import pipeline
from embedlab.encoders import Vectors, load
from embedlab.encoders.base import unit
from embedlab.space.clusters import cluster
from embedlab.space.keywords import vocabulary
from embedlab.space.names import name_clusters

TEXTS, SEEDS = 8_000, 3
LEAST = {"BANKING77": 0.72, "CLINC150": 0.75}
OTHER, SHOWN = "arxiv_titles_2k.csv", 10


def names(setting: Setting) -> Table:
    """Share of clusters whose name lies nearer to the label of their majority than to any other, by MiniLM."""
    files = {"BANKING77": setting.file("banking77.csv"), "CLINC150": setting.file("clinc150.csv")}
    setting.enter()
    rows = [_measured(name, file, seed) for name, file in files.items() for seed in range(SEEDS)]
    columns = ("8,000 texts", "Clusters", "Phrases", "Words alone", "c-TF-IDF", "Their mean vectors", "Wanted")
    note = (
        "Each cluster counts once. The name and all labels are embedded (_ and - as spaces); the label of the "
        "cluster's majority must come first. The texts are drawn, and clustered, with the seed. c-TF-IDF: the three "
        "strongest words (Grootendorst 2022). The mean vectors read all texts and need no name."
    )
    return Table(columns, tuple(rows), (note, *_side_by_side(setting)))


def _measured(name: str, file: Path, seed: int) -> tuple[str, ...]:
    with file.open(encoding="utf-8", newline="") as source:
        read = [(row["text"], row["label"]) for row in csv.DictReader(source)]
    chosen = np.sort(np.random.default_rng(seed).choice(len(read), min(TEXTS, len(read)), replace=False))
    corpus = el.from_texts([read[row][0] for row in chosen])
    labels = np.array([read[row][1] for row in chosen])
    of = pipeline.prepare(corpus, pipeline.EmbeddingChoice())
    found, words = cluster(of.neighbours, seed=seed), vocabulary(corpus.texts)
    vectors, groups = of.space.vectors, found.labels
    ours = name_clusters(found, words, vectors, None, pipeline.phrases(of, words)).names
    alone = name_clusters(found, words, vectors).names
    means = unit(np.stack([vectors[groups == one].mean(axis=0) for one in range(found.count)]))
    read_by = load().encode
    shares = [
        _first(made, labels, groups)
        for made in (read_by(ours), read_by(alone), read_by(_class_tfidf(corpus.texts, groups)), means)
    ]
    wanted = f"at least {LEAST[name]}: {met(shares[0] >= LEAST[name])}"
    return (f"{name}, seed {seed}", str(found.count), *(f"{share:.3f}" for share in shares), wanted)


def _first(vectors: Vectors, labels: np.ndarray, groups: np.ndarray) -> float:
    """Return for how many clusters the majority's label is the nearest to their vector, as a share."""
    known, place = np.unique(labels, return_inverse=True)
    told = load().encode([label.replace("_", " ").replace("-", " ") for label in known.tolist()])
    most = np.array([np.bincount(place[groups == one], minlength=len(known)).argmax() for one in range(len(vectors))])
    return float(((vectors @ told.T).argmax(axis=1) == most).mean())


def _class_tfidf(texts: Sequence[str], groups: np.ndarray) -> list[str]:
    """Return the three strongest words of each cluster by class-based TF-IDF, as BERTopic names topics."""
    from sklearn.feature_extraction.text import CountVectorizer

    joined = [
        " ".join(texts[row] for row in np.flatnonzero(groups == one).tolist()) for one in range(int(groups.max()) + 1)
    ]
    counter = CountVectorizer(stop_words="english")
    counts = counter.fit_transform(joined).toarray().astype(np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    weights = share * np.log(1 + counts.sum() / len(joined) / np.maximum(counts.sum(axis=0), 1))
    words = counter.get_feature_names_out()
    return [", ".join(words[np.argsort(-row, kind="stable")[:3]]) for row in weights]


def _side_by_side(setting: Setting) -> tuple[str, ...]:
    """Return names of another file's largest clusters for a person to read; none where it is not there."""
    if setting.data is None or not (setting.data / OTHER).is_file():
        return ()
    of = pipeline.prepare(el.read(setting.data / OTHER, text="text"), pipeline.EmbeddingChoice())
    words, found = vocabulary(of.space.corpus.texts), cluster(of.neighbours)
    ours = name_clusters(found, words, of.space.vectors, None, pipeline.phrases(of, words)).names
    other = _class_tfidf(of.space.corpus.texts, found.labels)
    pairs = (f"“{one}” ({two})" for one, two in zip(ours[:SHOWN], other[:SHOWN], strict=True))
    return (f"{OTHER}, the largest clusters, c-TF-IDF in brackets: {'; '.join(pairs)}.",)
