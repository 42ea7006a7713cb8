"""The texts that several models can all be asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Flags, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.corpus import Note
from embedlab.space import Space
from embedlab.space.unread import unread_note

FEWEST = 3
NAMED = 5


@dataclass(frozen=True, eq=False)
class Common:
    """The texts that all models can read. `rows` int (m,) rising are theirs among all; `notes` say what is left out."""

    corpus: Corpus
    rows: NDArray[np.intp]
    notes: tuple[Note, ...] = ()

    def of(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return which of these texts stand at `rows` among all, without those that are left out."""
        places = self.places(rows)
        return places[places >= 0]

    def places(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the place of each of `rows` among these texts, int of the same shape; -1 for one that is left out."""
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[places] == rows, places, -1)


def common(corpus: Corpus, own: Sequence[str]) -> Common:
    """Return the texts that have a vector in each of the columns `own` of vectors that came along.

    A vector that is not finite, or all zeros, is none. The corpus itself where nothing is left out. Raises
    `EmbedlabError` where fewer than three texts are left.
    """
    kept = np.ones(len(corpus), dtype=bool)
    notes = []
    for one in corpus.vectors:
        if one.name in own:
            lengths = np.linalg.norm(one.values.astype(np.float64), axis=1)
            bad = ~np.isfinite(lengths) | (lengths == 0)
            kept &= ~bad
            if bad.any():
                notes.append(_left_out(corpus, one.name, np.flatnonzero(bad)))
    _refuse_few(kept, corpus, notes)
    rows = np.flatnonzero(kept)
    return Common(corpus if kept.all() else corpus.take(rows), frozen(rows), tuple(notes))


def read_by_all(texts: Common, spaces: Sequence[Space]) -> Common:
    """Return the texts that none of the models had to leave out of its space of `texts`; those themselves if none did.

    Raises `EmbedlabError` where fewer than three texts are left.
    """
    found = [note for space in spaces if (note := unread_note(space))]
    if not found:
        return texts
    kept = np.ones(len(texts.corpus), dtype=bool)
    for space in spaces:
        kept[space.unread] = False
    notes = (*texts.notes, *found)
    _refuse_few(kept, texts.corpus, notes)
    rows = np.flatnonzero(kept)
    return Common(texts.corpus.take(rows), frozen(texts.rows[rows]), notes)


def narrowed(space: Space, before: Common, after: Common) -> Space:
    """Return what a space of the texts `before` makes of those that all models read, `after`."""
    own = np.delete(before.rows, space.unread)
    some = replace(after, rows=frozen(np.searchsorted(own, after.rows)))
    return replace(space_of(space, some), corpus=after.corpus, unread=np.empty(0, dtype=np.intp))


def part(corpus: Corpus, rows: NDArray[np.intp]) -> Common:
    """Return some of the texts, those at `rows` int (m,), rising."""
    return Common(corpus.take(rows), frozen(rows.copy()))


def space_of(space: Space, some: Common) -> Space:
    """Return what a space makes of some of its texts."""
    if len(some.rows) == len(space):
        return space
    return replace(
        space, corpus=some.corpus, vectors=frozen(space.vectors[some.rows]), over_window=space.over_window[some.rows]
    )


def _refuse_few(kept: Flags, corpus: Corpus, notes: Sequence[Note]) -> None:
    if kept.sum() < FEWEST:
        raise EmbedlabError(
            f"Only {int(kept.sum())} of {counted(len(corpus), 'text')} can be read by every model: to compare takes "
            f"{FEWEST}. {' '.join(note.sentence for note in notes)}".strip()
        )


def _left_out(corpus: Corpus, name: str, rows: NDArray[np.intp]) -> Note:
    numbers = (corpus.rows[rows] + 1).tolist()
    at = ", ".join(f"{number:,}" for number in numbers[:NAMED]) + (", …" if len(numbers) > NAMED else "")
    sentence = (
        f"{counted(len(rows), 'text')} without a usable vector in “{name}” (missing, not finite or all zeros; rows "
        f"{at}) left out for all models."
    )
    return Note("dropped", len(rows), sentence, tuple(numbers[:10]))
