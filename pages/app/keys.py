"""What stands for the arguments of work: in a key, and in words."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from embedlab.base.fingerprint import fingerprint
from embedlab.corpus import Corpus
from embedlab.pipeline import EmbeddingChoice, Prepared


def stands_for(value: Any) -> Hashable:
    """Return what stands for an argument in a key: its fingerprint where it has one, else the value itself.

    Arrays are fingerprinted, encoders stand by their card. Raises `TypeError` for what can't be told apart.
    """
    if value is None:
        return None
    if isinstance(value, np.ndarray):
        return fingerprint(value)
    if isinstance(value, list | tuple):
        return tuple(stands_for(one) for one in value)
    if isinstance(value, Corpus):  # vectors that came with the texts are no part of its fingerprint
        return "Corpus", value.fingerprint, stands_for(value.vectors)
    if hasattr(value, "fingerprint"):
        return type(value).__name__, value.fingerprint
    if hasattr(value, "card"):  # an encoder
        return stands_for(value.card)
    if getattr(type(value), "__hash__", None) in (None, object.__hash__):
        raise TypeError(f"{type(value).__name__} has no fingerprint, so nothing made of it can be kept")
    hash(value)
    made: Hashable = value
    return made


def about_of(given: Sequence[Any]) -> str:
    """Return which texts, and which model, the arguments of a job are about; "" where they name none."""
    texts = next((f"“{found.name}”" for found in map(_corpus_of, given) if found is not None), "")
    models = [one.model or one.own for one in given if isinstance(one, EmbeddingChoice)]
    models += [one.space.card.model for one in given if isinstance(one, Prepared)]
    return ", ".join(filter(None, [texts, *models[:1]]))


def _corpus_of(one: Any) -> Corpus | None:
    space = getattr(one, "space", one)
    found = (one, getattr(space, "corpus", None), getattr(one, "texts", None))
    return next((it for it in found if isinstance(it, Corpus)), None)
