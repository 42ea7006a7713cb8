"""The steps of an exploration as one reads them in a notebook; `import embedlab as el` offers these."""

from __future__ import annotations

from embedlab import pipeline
from embedlab.base.progress import Report, Stages, no_report
from embedlab.corpus import Corpus
from embedlab.corpus.datasets import builtin
from embedlab.corpus.reading.table import read
from embedlab.encoders import DEFAULT_MODEL, models
from embedlab.explore.exploration import Exploration
from embedlab.pipeline import EmbeddingChoice
from embedlab.space import Space
from embedlab.space.clusters import cluster
from embedlab.space.embedding import own_space
from embedlab.space.keywords import vocabulary
from embedlab.space.names import name_clusters
from embedlab.space.neighbours import neighbours
from embedlab.space.projection import LayoutSettings, pca, umap
from embedlab.space.quality import trust
from embedlab.space.tendency import tendency

__all__ = [
    "LayoutSettings", "builtin", "cluster", "embed", "explore", "models", "name_clusters", "neighbours", "own_space",
    "pca", "read", "tendency", "trust", "umap", "vocabulary",
]  # fmt: skip


def embed(
    corpus: Corpus,
    model: str = DEFAULT_MODEL,
    exact: bool = False,
    dimensions: int | None = None,
    report: Report = no_report,
) -> Space:
    """Return `corpus` as `model` sees it; vectors that are stored on this machine are not computed again.

    `exact` asks for fp32 where bfloat16 is faster; `dimensions` keeps only the first ones (see
    `embedlab.space.embedding.shortened`). `models()` lists what there is.

    Raises `EmbedlabError` for an empty corpus or an unknown model.
    """
    return pipeline.embed(corpus, EmbeddingChoice(model, exact, dimensions), Stages(report)).space


def explore(
    space: Space,
    settings: LayoutSettings | None = None,
    granularity: float | None = None,
    report: Report = no_report,
) -> Exploration:
    """Return everything that a labelled map of `space` shows; `.show()` opens it in a browser.

    Neighbours are found exactly, laid out by UMAP, grouped and named; how far to trust the map is measured, and whether
    there are groups at all: `.doubt` says it where there are none, or none that words can name.
    `granularity` is the resolution of the clusters; None lets the number of texts decide.
    """
    stages = Stages(report)
    return pipeline.explore(pipeline.of_space(space, stages), settings, granularity, stages)
