"""Texts that stand on both sides of a split: what was learned from is asked about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from embedlab.check.duplicates import Duplicates
from embedlab.corpus import Column
from embedlab.corpus.split import sides_of

Rows = NDArray[np.intp]

MOST_OTHERS = 20


@dataclass(frozen=True)
class Leak:
    """A text to learn from, at row `learnt`, and the same or nearly the same one to be asked about, at row `asked`.

    Of several texts to learn from it is the most alike, and of copies the first; `others` are up to twenty more.
    """

    learnt: int
    asked: int
    likeness: float
    others: tuple[int, ...] = field(default=(), compare=False)


def leaks(found: Duplicates, by: Column, threshold: float) -> tuple[Leak, ...]:
    """Return the leaks across the split that `by` says, the most alike first; a held-out text is named once.

    Raises `EmbedlabError` where the column does not say which texts to learn from and which to hold out.
    """
    asked = sides_of(by)
    best: dict[int, Leak] = {}

    def note(rows: Rows, others: Rows, likeness: float) -> None:
        learnt = rows[asked[rows] == 0][: MOST_OTHERS + 1].tolist()
        for held in others[asked[others] == 1].tolist() if learnt else []:
            known = best.get(held)
            if known is None or known.likeness < likeness:
                more = () if known is None else (known.learnt, *known.others)
                best[held] = Leak(learnt[0], held, likeness, (*learnt[1:], *more)[:MOST_OTHERS])
            elif len(known.others) < MOST_OTHERS:
                best[held] = replace(known, others=(*known.others, *learnt)[:MOST_OTHERS])

    for rows in found.exact:
        note(rows, rows, 1.0)
    copies = {int(rows[0]): rows for rows in found.exact}
    near = found.near(threshold)
    for (first, second), likeness in zip(near.tolist(), found.likeness.tolist(), strict=False):
        ours, theirs = (copies.get(row, np.array([row])) for row in (first, second))
        note(ours, theirs, likeness)
        note(theirs, ours, likeness)
    return tuple(sorted(best.values(), key=lambda leak: (-leak.likeness, leak.asked)))
