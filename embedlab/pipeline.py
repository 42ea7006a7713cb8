"""From texts to what every question stands on: vectors, neighbours, clusters, their names, a map and its trust.

The one place where these steps are put together: the Python API, every command and every page call it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stages
from embedlab.corpus import Corpus
from embedlab.encoders import DEFAULT_MODEL, Encoder, EncoderInfo, load
from embedlab.encoders.capabilities import fitted_to_texts
from embedlab.encoders.store import opened
from embedlab.space import Clusters, Layout, Neighbours, Space
from embedlab.space import embedding as _embedding

if TYPE_CHECKING:
    from embedlab.explore.exploration import Exploration
    from embedlab.space.keywords import Vocabulary
    from embedlab.space.names import ClusterNames
    from embedlab.space.projection import LayoutSettings
    from embedlab.space.quality import Trust
    from embedlab.space.tendency import Tendency


@dataclass(frozen=True)
class EmbeddingChoice:
    """How texts become vectors: a model, or vectors that came with them; how exactly; how many dimensions.

    `exact` asks for fp32 where bfloat16 is faster. `dimensions` keeps only the first ones; None keeps all. `own` names
    a column of the corpus's own vectors; `model` is then what made them, "" where nobody knows.
    """

    model: str = DEFAULT_MODEL
    exact: bool = False
    dimensions: int | None = None
    own: str = ""


@dataclass(frozen=True, eq=False)
class Embedded:
    """A corpus as one encoder sees it; `encoder` is None for own vectors."""

    space: Space
    encoder: Encoder | None


@dataclass(frozen=True, eq=False)
class Prepared:
    """What every view of a corpus stands on; `encoder` is None for own vectors."""

    space: Space
    neighbours: Neighbours
    encoder: Encoder | None = None

    @property
    def fingerprint(self) -> str:
        """That of the space: all else follows from it."""
        return self.space.fingerprint

    @cached_property
    def pca(self) -> Layout:
        """The principal components in two dimensions, a sketch until there is a map."""
        from embedlab.space.projection import pca

        return pca(self.space)


@dataclass(frozen=True, eq=False)
class MeasuredLayout:
    """A layout, and how far to trust it; None while it is only a sketch."""

    layout: Layout
    trust: Trust | None


@dataclass(frozen=True, eq=False)
class Groups:
    """Clusters and what they are called."""

    clusters: Clusters
    names: ClusterNames


# --- Vectors and neighbours ----------------------------------------------------------------------


def encoder_of(corpus: Corpus, how: EmbeddingChoice, stages: Stages | None = None, of: str = "") -> Encoder:
    """Return the encoder that `how` names, fitted to `corpus` where it is one that has to be.

    `of` is put after the names of the stages, where several models are asked one after the other.
    """
    with (stages or Stages()).stage(f"model {of}".strip()):
        return load(how.model, how.exact, corpus.texts)


def embed(
    corpus: Corpus,
    how: EmbeddingChoice,
    stages: Stages | None = None,
    of: str = "",
    encoder: Encoder | None = None,
) -> Embedded:
    """Return `corpus` as `how` says; vectors that are stored on this machine are not computed again.

    `encoder` is what `encoder_of` gave, where that was asked before. Raises `EmbedlabError` for an empty corpus, an
    unknown model, or more dimensions than the model has.
    """
    stages = stages or Stages()
    if not how.own and encoder is None:
        encoder = encoder_of(corpus, how, stages, of)
    with stages.stage(f"embed {of}".strip()):
        if encoder is None:
            return Embedded(shortened(_embedding.own_space(corpus, how.own, how.model), how, None), None)
        with opened(encoder.card) as store:
            space = _embedding.embed(corpus, encoder, store, stages.report)
        return Embedded(shortened(space, how, encoder), encoder)


def choice_of(card: EncoderInfo) -> EmbeddingChoice:
    """Return how texts became the vectors that have this card."""
    model = "" if card.model == _embedding.UNKNOWN else card.name
    return EmbeddingChoice(
        model, card.runtime == "OpenVINO fp32", card.dimensions if card.shortened_from else None, card.column
    )


def reader(space: Space, how: EmbeddingChoice) -> Encoder:
    """Return the encoder that reads new texts into a space that was made as `how` says.

    Raises `EmbedlabError` where the space is one of own vectors and nobody knows what made them, or another model did.
    """
    if how.own and not how.model:
        raise EmbedlabError(
            "These vectors came with the texts, and what made them is not known, so no other text can be read: find by "
            "letters, or open the texts again and name the model."
        )
    found = encoder_of(space.corpus, how)
    if how.own:
        _embedding.verify_encoder(found, space)
    return found


def made_by(space: Space) -> tuple[EmbeddingChoice, Encoder] | None:
    """Return how a space was made, and the encoder that made it; None where that is not here, or not any more."""
    how, card = choice_of(space.card), space.card
    with suppress(EmbedlabError):
        for one in dict.fromkeys((replace(how, exact=False), how)):  # some machines have one precision only
            found = reader(space, one)
            if card.column or (found.card.weights, found.card.runtime) == (card.weights, card.runtime):
                return one, found
    return None


def shortened(space: Space, how: EmbeddingChoice, encoder: Encoder | None) -> Space:
    """Return a space with the dimensions that were asked for; a model that is fitted to a few texts may have fewer."""
    if how.dimensions is None:
        return space
    fewer = fitted_to_texts(encoder) is not None
    return _embedding.shortened(space, min(how.dimensions, space.card.dimensions) if fewer else how.dimensions)


def prepare(
    corpus: Corpus,
    how: EmbeddingChoice,
    stages: Stages | None = None,
    of: str = "",
    encoder: Encoder | None = None,
) -> Prepared:
    """Return what every view of `corpus` stands on: its vectors, as `embed` makes them, and the neighbours."""
    stages = stages or Stages()
    made = embed(corpus, how, stages, of, encoder)
    return of_space(made.space, stages, of, made.encoder)


def of_space(space: Space, stages: Stages | None = None, of: str = "", encoder: Encoder | None = None) -> Prepared:
    """Return a space that is there already, with its neighbours; `encoder` is what made it, if it is here."""
    from embedlab.space.neighbours import neighbours

    stages = stages or Stages()
    with stages.stage(f"neighbours {of}".strip()):
        return Prepared(space, neighbours(space, report=stages.report), encoder)


# --- A map ---------------------------------------------------------------------------------------


def group(
    of: Prepared,
    granularity: float | None = None,
    seed: int = 0,
    words: Vocabulary | None = None,
    held: Tendency | None = None,
) -> Groups:
    """Return the clusters of a space and their names; None lets the number of texts decide how many there are.

    `words` of the texts and whether the space has groups at all, `held`, are the same at every granularity, and can be
    given where they are known.
    """
    from embedlab.space.clusters import cluster
    from embedlab.space.keywords import vocabulary
    from embedlab.space.names import name_clusters
    from embedlab.space.tendency import tendency

    found, words = cluster(of.neighbours, granularity, seed), words or vocabulary(of.space.corpus.texts)
    held = held or tendency(of.space, of.neighbours, words, seed)
    return Groups(found, name_clusters(found, words, of.space.vectors, held))


def lay_out(of: Prepared, settings: LayoutSettings, stages: Stages | None = None) -> MeasuredLayout:
    """Return the map of a space by UMAP, and how far to trust it."""
    from embedlab.space.projection import umap
    from embedlab.space.quality import trust

    stages = stages or Stages()
    with stages.stage("layout"):
        layout = umap(of.space, of.neighbours, settings, stages.report)
    with stages.stage("trust"):
        return MeasuredLayout(layout, trust(of.space, of.neighbours, layout, seed=settings.seed))


def explore(
    of: Prepared,
    settings: LayoutSettings | None = None,
    granularity: float | None = None,
    stages: Stages | None = None,
) -> Exploration:
    """Return everything that a labelled map of a space shows, grouped and named beside being laid out."""
    from embedlab.space.projection import LayoutSettings

    settings, stages = settings or LayoutSettings(), stages or Stages()
    with ThreadPoolExecutor(1) as beside:  # a layout with a seed keeps one core busy
        groups = beside.submit(group, of, granularity, settings.seed)
        drawn = lay_out(of, settings, stages)
        with stages.stage("clusters"):
            found = groups.result()
    return explored(of, drawn, found)


def explored(of: Prepared, drawn: MeasuredLayout, found: Groups) -> Exploration:
    """Return what a map shows of its parts."""
    from embedlab.explore.exploration import Exploration

    return Exploration(of.space, of.neighbours, drawn.layout, found.clusters, found.names, drawn.trust)


# --- One model at two precisions -----------------------------------------------------------------


def at_two_precisions(
    corpus: Corpus, rows: Corpus, how: EmbeddingChoice, report: Report
) -> tuple[Prepared, Prepared] | None:
    """Return some `rows` of a corpus in fp32 and as usual; None where the model has one precision on this machine."""
    both = [replace(how, exact=exact) for exact in (True, False)]
    encoders = [encoder_of(corpus, one) for one in both]
    if encoders[0].card.fingerprint == encoders[1].card.fingerprint:
        return None
    full, usual = (
        prepare(rows, one, Stages(report), encoder=encoder) for one, encoder in zip(both, encoders, strict=True)
    )
    return full, usual
