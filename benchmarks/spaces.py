"""Quality and time of clusters and layout, each beside what one would use otherwise."""

from __future__ import annotations

import statistics
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import embedlab as el
from benchmarks.report import Table, met, ratio, seconds
from benchmarks.setting import Setting
from benchmarks.turns import clocked
from embedlab.corpus import Corpus
from embedlab.space import Layout, Neighbours, Space, quality
from embedlab.space.clusters import cluster
from embedlab.space.keywords import vocabulary
from embedlab.space.names import name_clusters
from embedlab.space.neighbours import neighbours
from embedlab.space.projection import umap
from embedlab.space.warm import warm_up

SMALLEST_CLUSTER = 15
LEAST_RAND = 0.5
NAMED_IN = 2.0
TRUST_LOST = 0.005
# Beyond this many rows umap-learn looks for neighbours with pynndescent, which it has to compile first.
ENOUGH_FOR_PYNNDESCENT = 5000


def clusters(setting: Setting) -> Table:
    """Adjusted Rand index of the default clusters with the labels, beside HDBSCAN on the UMAP layout."""
    files = {
        "BANKING77": setting.file("banking77.csv"),
        "CLINC150, in scope": setting.without("clinc150.csv", "label", "oos"),
    }
    setting.enter()
    warm_up()
    rows = [row for name, file in files.items() for row in _clusters(name, file, setting.runs)]
    columns = (
        "Texts",
        "Clusters found",
        "Adjusted Rand index",
        f"at least {LEAST_RAND}",
        "Time",
        f"within {NAMED_IN:.0f} s",
    )
    note = (
        "embedlab's time is that of clusters, vocabulary and names; HDBSCAN's is its own, without the layout it "
        "stands on, and texts that it calls noise count as one more cluster."
    )
    return Table(columns, tuple(rows), (note,))


def trust(setting: Setting) -> Table:
    """Trustworthiness of the map, beside `umap.UMAP(metric="cosine")` on the same vectors."""
    files = {
        "2,000 titles": setting.file("arxiv_titles_2k.csv"),
        "20,000 titles": setting.file("arxiv_titles_20k.csv"),
        "BANKING77": setting.file("banking77.csv"),
    }
    setting.enter()
    warm_up()
    _plain_umap(np.random.default_rng(0).normal(size=(ENOUGH_FOR_PYNNDESCENT, 8)).astype(np.float32))
    columns = (
        "Texts", "embedlab", "Plain UMAP", "Difference", f"not below -{TRUST_LOST}", "Time", "Plain UMAP's", "Ratio",
    )  # fmt: skip
    rows = [_trust(name, _space(el.read(file, text="text")), setting.runs) for name, file in files.items()]
    note = (
        "Both measured by `embedlab.space.quality` on the same rows; distinct texts only. The times are those of "
        "neighbours and layout, with all functions compiled beforehand."
    )
    return Table(columns, tuple(rows), (note,))


def _space(corpus: Corpus) -> Space:
    return el.embed(corpus)


def _clusters(name: str, file: Path, runs: int) -> list[tuple[str, ...]]:
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import adjusted_rand_score

    corpus = el.read(file, text="text", label="label")
    space = _space(corpus)
    near = neighbours(space)
    layout = umap(space, near)
    labels = corpus.column("label").values.tolist()
    ours, theirs = [], []
    for _ in range(runs):
        fresh = replace(near, apart=replace(near.apart))  # without the graph that the last run has built
        (found, _), took = clocked(partial(_named, fresh, corpus))
        ours.append(took)
        dense, took = clocked(
            lambda: HDBSCAN(min_cluster_size=SMALLEST_CLUSTER, copy=True).fit_predict(layout.positions)
        )
        theirs.append(took)
    rand, other = (float(adjusted_rand_score(labels, values)) for values in (found.labels, dense))
    quick = met(statistics.median(ours) <= NAMED_IN)
    many, noise = len(set(dense.tolist()) - {-1}), float((dense < 0).mean())
    return [
        (f"{name}: embedlab", str(found.count), f"{rand:.3f}", met(rand >= LEAST_RAND), seconds(ours), quick),
        (f"{name}: HDBSCAN", f"{many}, {noise:.0%} noise", f"{other:.3f}", "", seconds(theirs), ""),
    ]


def _named(near: Neighbours, corpus: Corpus) -> tuple[Any, Any]:
    found = cluster(near)
    return found, name_clusters(found, vocabulary(corpus.texts))


def _plain_umap(vectors: Any) -> Any:
    from umap import UMAP

    return UMAP(metric="cosine", random_state=0).fit_transform(vectors)


def _trust(name: str, space: Space, runs: int) -> tuple[str, ...]:
    ours, theirs = [], []
    for _ in range(runs):
        (near, layout), took = clocked(lambda: _laid_out(space))
        ours.append(took)
        positions, took = clocked(lambda: _plain_umap(space.vectors))
        theirs.append(took)
    plain = Layout(np.asarray(positions, dtype=np.float32), "UMAP", (), space.fingerprint)
    own, other = (quality.trust(space, near, drawn).trustworthiness for drawn in (layout, plain))
    difference = own - other
    return (
        name, f"{own:.4f}", f"{other:.4f}", f"{difference:+.4f}", met(difference >= -TRUST_LOST),
        seconds(ours), seconds(theirs), ratio(ours, theirs),
    )  # fmt: skip


def _laid_out(space: Space) -> tuple[Neighbours, Layout]:
    near = neighbours(space)
    return near, umap(space, near)
