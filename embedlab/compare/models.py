"""Who is compared: models by name, encoders, spaces that are there already, vectors that came with the texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Stages
from embedlab.compare.common import Common, narrowed, read_by_all, space_of
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder, ModelEntry, as_encoder, models
from embedlab.encoders.registry import asked_for
from embedlab.pipeline import EmbeddingChoice, Prepared, encoder_of, made_by, of_space, prepare, reader
from embedlab.space import Neighbours, Space

FEWEST, MOST = 2, 6
IN_FULL = "@fp32"


@dataclass(frozen=True, eq=False)
class ComparedModel:
    """One model of a comparison: what it is called there, how it reads, and what it makes of the texts."""

    name: str
    how: EmbeddingChoice
    prepared: Prepared

    @property
    def fingerprint(self) -> str:
        """A digest of the name, of how texts are read, and of the vectors."""
        return fingerprint(self.name, repr(self.how), self.space.fingerprint)

    @property
    def space(self) -> Space:
        """Its vectors of the texts."""
        return self.prepared.space

    @property
    def neighbours(self) -> Neighbours:
        """The nearest texts in it."""
        return self.prepared.neighbours

    @property
    def reads(self) -> bool:
        """Whether it can read other texts; it can't where nobody knows what made one's own vectors."""
        return bool(self.how.model)

    @property
    def encoder(self) -> Encoder:
        """What reads other texts. Raises `EmbedlabError` where there is none."""
        encoder = self.prepared.encoder
        return reader(self.space, self.how) if encoder is None else encoder

    @property
    def entry(self) -> ModelEntry | None:
        """What is known of the model on this machine; None for own vectors, and for a model that is not here."""
        return None if self.how.own else next((one for one in models() if one.name == self.how.model), None)


def name_of(how: EmbeddingChoice) -> str:
    """Return what a way of reading is called in a comparison: as it is asked for."""
    cut = f", first {how.dimensions} dimensions" if how.dimensions else ""
    return how.own or f"{how.model}{IN_FULL if how.exact else ''}{cut}"


def in_pairs(
    models: Sequence[ComparedModel], pair: tuple[ComparedModel, ComparedModel]
) -> list[tuple[ComparedModel, ComparedModel]]:
    """Return every two of the models once; first the `pair` that is looked at, in its order."""
    names = {one.name for one in pair}
    return [pair] + [two for two in combinations(models, 2) if {one.name for one in two} != names]


# --- As they are asked for -----------------------------------------------------------------------

Model = str | EmbeddingChoice | Encoder | Callable[[list[str]], Any] | Space


@dataclass(frozen=True, eq=False)
class ModelChoice:
    """A model that is to be compared; `encoder` or `space` are there where it was given as that."""

    name: str
    how: EmbeddingChoice
    encoder: Encoder | None = None
    space: Space | None = None


def chosen(models: Sequence[Model], corpus: Corpus) -> tuple[ModelChoice, ...]:
    """Return the models that are asked for.

    Raises `EmbedlabError` for fewer than two or more than six, one that is named twice, and a space of other texts.
    """
    found = tuple(_choice(one, corpus) for one in models)
    names = [one.name for one in found]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise EmbedlabError(f"“{twice}” is named twice: a model doesn't differ from itself.")
    if not FEWEST <= len(names) <= MOST:
        raise EmbedlabError(f"There are {len(names)} models to compare: name {FEWEST} to {MOST}.")
    return found


def _choice(model: Model, corpus: Corpus) -> ModelChoice:
    if isinstance(model, Space):
        if model.corpus.texts != corpus.texts:
            if len(model.unread):
                raise EmbedlabError(
                    f"{model.card.model} could not read {len(model.unread):,} of these texts: compare on those of its "
                    "space (space.corpus)."
                )
            raise EmbedlabError(f"The space of {model.card.model} holds different texts: embed these, in their order.")
        if made := made_by(model):
            return ModelChoice(model.card.column or _choice(made[0], corpus).name, *made, space=model)
        name = model.card.column or model.card.model
        return ModelChoice(name, EmbeddingChoice("", own=name), space=model)
    if isinstance(model, EmbeddingChoice):
        return ModelChoice(name_of(model), model)
    if not isinstance(model, str):
        encoder = as_encoder(model)
        return ModelChoice(encoder.card.model, EmbeddingChoice(encoder.card.model), encoder=encoder)
    if any(model == one.name for one in corpus.vectors):
        return ModelChoice(model, EmbeddingChoice("", own=model))
    how = EmbeddingChoice(asked_for(model.removesuffix(IN_FULL)), model.endswith(IN_FULL))
    return ModelChoice(name_of(how), how)


def prepared(
    choices: Sequence[ModelChoice], texts: Common, stages: Stages, tell: Callable[[str], None]
) -> tuple[tuple[ComparedModel, ...], Common, tuple[str, ...]]:
    """Return every model that can read the texts, and a sentence on each that fails on the way, which is told, too.

    Texts that one of them can't read are left out for all: what stands between the two is the texts that are left.
    Raises `EmbedlabError` where fewer than two can, and for an unknown model before anything is computed.
    """
    encoders = {one.name: one.encoder for one in choices}
    read = [one for one in choices if not one.how.own and one.encoder is None]
    encoders |= {one.name: encoder_of(texts.corpus, one.how, stages, one.name) for one in read}
    found, left_out = [], []
    for one in choices:
        try:
            found.append(ComparedModel(one.name, one.how, _prepared(one, texts, stages, encoders[one.name])))
        except EmbedlabError as error:
            if len(choices) == FEWEST:
                raise
            left_out.append(f"{one.name} is left out: {error}")
            tell(left_out[-1])
    if len(found) < FEWEST:
        raise EmbedlabError("Fewer than two of the models could read the texts: the notes say why.")
    left = read_by_all(texts, [one.space for one in found])
    for note in left.notes[len(texts.notes) :]:
        tell(note.sentence)
    if left is not texts:
        found = [_narrowed(one, texts, left, stages) for one in found]
    return tuple(found), left, tuple(left_out)


def _narrowed(one: ComparedModel, before: Common, after: Common, stages: Stages) -> ComparedModel:
    space = narrowed(one.space, before, after)
    return replace(one, prepared=of_space(space, stages, one.name, one.prepared.encoder))


def _prepared(one: ModelChoice, texts: Common, stages: Stages, encoder: Encoder | None) -> Prepared:
    if one.space is not None:
        space = replace(space_of(one.space, texts), unread=np.empty(0, dtype=np.intp))
        return of_space(space, stages, one.name, encoder)
    return prepare(texts.corpus, one.how, stages, one.name, encoder)
