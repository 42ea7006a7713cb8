"""What `import embedlab as el` offers: a verb for each question, with the answers that the pages show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from embedlab import encoders, pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stages, no_report
from embedlab.base.result import Result
from embedlab.corpus import Corpus
from embedlab.corpus.datasets import builtin
from embedlab.corpus.reading.given import from_frame, from_texts
from embedlab.corpus.reading.table import read
from embedlab.encoders import DEFAULT_MODEL, Encoder, as_encoder
from embedlab.encoders.listing import Models
from embedlab.explore.exploration import Exploration
from embedlab.pipeline import EmbeddingChoice
from embedlab.space import Space
from embedlab.space.projection import LayoutSettings

__all__ = [
    "Corpus", "EmbedlabError", "Exploration", "LayoutSettings", "Models", "Result", "Space", "builtin", "embed",
    "explore", "from_frame", "from_texts", "models", "read",
]  # fmt: skip

Texts = Corpus | Iterable[str]
"""A corpus, or strings to make one of."""
Model = str | Encoder | Callable[[list[str]], Any]
"""A model's name, an encoder, or a function from a list of texts to an array (n, d)."""


def models() -> Models:
    """Return what there is to embed texts with: here, in packages that are installed, and on the hub."""
    return Models(tuple(encoders.models()))


def embed(
    texts: Texts,
    model: Model | None = None,
    *,
    exact: bool = False,
    dimensions: int | None = None,
    vectors: str | None = None,
    report: Report = no_report,
) -> Space:
    """Return `texts` as `model` sees them; vectors that are stored on this machine are not computed again.

    `model` is a name (see `models`), or what `embedlab.encoders.as_encoder` takes: an encoder, or a function from texts
    to an array; None is all-MiniLM-L6-v2. `exact` asks for fp32 where bfloat16 is faster; `dimensions` keeps only the
    first ones (see `embedlab.space.embedding.shortened`). `vectors` names vectors that came with the texts, which are
    then taken as they are; `model` says what made them.

    Raises `EmbedlabError` for no texts, an unknown model, or more dimensions than the model has.
    """
    if isinstance(model, str) or model is None:
        named = model or ("" if vectors else DEFAULT_MODEL)
        how, encoder = EmbeddingChoice(named, exact, dimensions, vectors or ""), None
    else:
        encoder = as_encoder(model)
        how = EmbeddingChoice(encoder.card.model, exact, dimensions)
    return pipeline.embed(_corpus(texts), how, Stages(report), encoder=encoder).space


def explore(
    texts: Space | Texts,
    settings: LayoutSettings | None = None,
    granularity: float | None = None,
    *,
    model: Model | None = None,
    report: Report = no_report,
) -> Exploration:
    """Return everything that a labelled map of `texts` shows; `.show()` opens it in a browser.

    Neighbours are found exactly, laid out by UMAP, grouped and named; how far to trust the map is measured, and whether
    there are groups at all: `.doubt` says it where there are none, or none that words can name. `granularity` is the
    resolution of the clusters; None lets the number of texts decide. `model` embeds texts that are no `Space` yet.
    """
    stages = Stages(report)
    space = texts if isinstance(texts, Space) else embed(texts, model, report=report)
    return pipeline.explore(pipeline.of_space(space, stages), settings, granularity, stages)


def _corpus(texts: Texts) -> Corpus:
    return texts if isinstance(texts, Corpus) else from_texts(texts)
