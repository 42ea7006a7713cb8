"""Texts that stand on both sides of a split: what was learned from is asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.check.duplicates import Duplicates
from embedlab.corpus import Column
from embedlab.corpus.split import sides_of

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Leak:
    """A text to learn from, at row `learnt`, and the same or nearly the same one to be asked about, at row `asked`.

    Of several texts to learn from it is the most alike, and of copies the first.
    """

    learnt: int
    asked: int
    likeness: float


def leaks(found: Duplicates, by: Column, threshold: float) -> tuple[Leak, ...]:
    """Return the leaks across the split that `by` says, the most alike first; a held-out text is named once.

    Raises `EmbedlabError` where the column does not say which texts to learn from and which to hold out.
    """
    asked = sides_of(by)
    best: dict[int, Leak] = {}

    def note(rows: Rows, others: Rows, likeness: float) -> None:
        learnt = rows[asked[rows] == 0]
        for held in others[asked[others] == 1].tolist() if len(learnt) else []:
            if held not in best or best[held].likeness < likeness:
                best[held] = Leak(int(learnt[0]), held, likeness)

    for rows in found.exact:
        note(rows, rows, 1.0)
    copies = {int(rows[0]): rows for rows in found.exact}
    near = found.near(threshold)
    for (first, second), likeness in zip(near.tolist(), found.likeness.tolist(), strict=False):
        ours, theirs = (copies.get(row, np.array([row])) for row in (first, second))
        note(ours, theirs, likeness)
        note(theirs, ours, likeness)
    return tuple(sorted(best.values(), key=lambda leak: (-leak.likeness, leak.asked)))
