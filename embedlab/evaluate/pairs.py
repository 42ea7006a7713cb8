"""How alike a model finds pairs of texts that a person has scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Floats, Rows, Singles, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.pairs import Pairs
from embedlab.encoders import Encoder
from embedlab.encoders.capabilities import FittedToTexts, fitted_to_texts
from embedlab.evaluate.labels import FEW
from embedlab.search.methods import query_vectors
from embedlab.space.space import Space

FEWEST = 3
_SAME = 1e-7
_SHARED = 1.5


@dataclass(frozen=True, eq=False)
class ScoredCosines:
    """The pairs that count: `places` int (p,) among all pairs, their `cosines` and `scores`, float64 (p,) each."""

    places: Rows
    cosines: Floats
    scores: Floats
    notes: tuple[str, ...]


def compared(space: Space, pairs: Pairs, encoder: Encoder | None = None) -> ScoredCosines:
    """Return the cosine of each pair under the model of `space`.

    Texts that are none of the corpus are read by `encoder`; without one, their pairs are left out. Where there are any,
    a model that is fitted to texts is fitted to those of the pairs: the corpus may be about other things. Raises
    `EmbedlabError` for fewer than three pairs, or where all scores, or all cosines, are equal.
    """
    known = (pairs.rows >= 0).all(axis=1)
    kept = np.flatnonzero(known) if encoder is None else np.arange(len(pairs))
    scores = pairs.scores[kept]
    _check(pairs, scores)
    fitted = None if known.all() else fitted_to_texts(encoder)
    vectors, rows, unread = _vectors(space, pairs, kept, encoder) if fitted is None else _fitted(space, pairs, fitted)
    cosines = np.einsum("pd,pd->p", vectors[rows[:, 0]], vectors[rows[:, 1]], dtype=np.float64)
    if np.ptp(cosines) < _SAME:
        raise EmbedlabError(
            f"{space.card.model} gives every pair of “{pairs.name}” the same cosine, so no order can be compared: "
            "bring pairs of other texts."
        )
    notes = [note.sentence for note in pairs.notes]
    if len(kept) < len(pairs):
        lost = counted(len(pairs) - len(kept), "pair")
        notes.append(f"{lost} with a text that is not in the corpus left out: no model is at hand to read it.")
    if fitted is not None:
        notes.append(
            f"{space.card.model} is fitted to the texts of the pairs, since not all of them are in the corpus."
        )
    if unread:
        none = counted(unread, "text")
        notes.append(f"{space.card.model} could make no vector of {none}: the cosine of their pairs counts as 0.")
    if len(kept) < FEW:
        notes.append(
            f"Only {counted(len(kept), 'pair counts', 'pairs count')}: hardly any difference can show, and the "
            "intervals are rough."
        )
    texts = len(np.unique(rows))
    if texts < _SHARED * len(kept):
        notes.append(
            f"These {len(kept):,} pairs are made of {texts:,} texts: pairs that share a text are no separate evidence, "
            "so the true interval is somewhat wider."
        )
    return ScoredCosines(frozen(kept), frozen(np.clip(cosines, -1, 1)), frozen(scores), tuple(notes))


def _check(pairs: Pairs, scores: Floats) -> None:
    if len(scores) < FEWEST:
        raise EmbedlabError(
            f"Only {counted(len(scores), 'pair')} of “{pairs.name}” can be used: bring {FEWEST} or more."
        )
    if np.ptp(scores) == 0:
        raise EmbedlabError(
            f"All {len(scores):,} scores in “{pairs.name}” are {scores[0]:g}, so there is no order to agree with: "
            "bring scores that differ."
        )


def _fitted(space: Space, pairs: Pairs, encoder: FittedToTexts) -> tuple[Singles, Rows, int]:
    """Return the same as `_vectors`, of the encoder fitted to the texts of all pairs."""
    texts = list(dict.fromkeys((*pairs.first, *pairs.second)))
    place = {text: at for at, text in enumerate(texts)}
    rows = np.array([[place[text] for text in both] for both in zip(pairs.first, pairs.second, strict=True)])
    fewer = space.card.dimensions if space.card.shortened_from else None
    vectors = query_vectors(encoder.refitted(texts), texts, fewer, query=False)
    return vectors, rows, int((~vectors.any(axis=1)).sum())


def _vectors(space: Space, pairs: Pairs, kept: Rows, encoder: Encoder | None) -> tuple[Singles, Rows, int]:
    """Return vectors, the rows of both texts of each pair in them, int (p, 2), and how many texts got zeros."""
    rows = pairs.rows[kept].copy()
    places: dict[str, int] = {}
    for side, texts in enumerate((pairs.first, pairs.second)):
        for at in np.flatnonzero(rows[:, side] < 0).tolist():
            rows[at, side] = len(space) + places.setdefault(texts[kept[at]], len(places))
    if not places or encoder is None:
        return space.vectors, rows, 0
    more = query_vectors(encoder, list(places), space.card.dimensions, query=False)
    return np.concatenate([space.vectors, more]), rows, int((~more.any(axis=1)).sum())
