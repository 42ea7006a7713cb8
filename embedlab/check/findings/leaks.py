"""Leaks: held-out texts that stand among those to learn from too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.base.english import counted, percent
from embedlab.check.base import Checked, Decision, Finding, FindingKind, Line, Offer, ShownTexts
from embedlab.check.duplicates import Duplicates
from embedlab.check.plan import LEARNT
from embedlab.corpus import Column
from embedlab.corpus.split import sides_of

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
    near = found.near(threshold)
    for (first, second), likeness in zip(near.tolist(), found.likeness.tolist(), strict=False):
        ours, theirs = map(found.copies_of, (first, second))
        note(ours, theirs, likeness)
        note(theirs, ours, likeness)
    return tuple(sorted(best.values(), key=lambda leak: (-leak.likeness, leak.asked)))


class Leaks(FindingKind):
    """Texts on both sides of the split, the same or nearly; a fault however many there are."""

    key = "leaks"
    title = "Leaks"
    limits = (0.0, 0.01)
    heads = ("Alike", "To be asked about", "To learn from")
    offer = Offer("Take from the training side", "Take all from the training side", "The held-out texts stay.")
    needs = "split"

    def found(self, checked: Checked) -> Finding:
        """Count the held-out texts that leak; the rows are those of both sides."""
        found, first_of = _leaks(checked), checked.duplicates.first_of
        learnt, asked = (np.array([getattr(one, side) for one in found], np.intp) for side in ("learnt", "asked"))
        held = 0 if checked.ranks is None else int((checked.ranks == 0).sum())
        told, detail = "No held-out text stands among those to learn from, not even nearly.", ""
        if found:
            stand = counted(len(found), "held-out text stands", "held-out texts stand")
            share = percent(len(found) / held)
            told = f"{stand} among those to learn from too, the same or nearly: {share} of the held-out ones."
            copies = sum(first_of(one.asked) == first_of(one.learnt) for one in found)
            nearly = f"{len(found) - copies:,} nearly ({100 * checked.threshold:.0f} % alike or more)"
            detail = f"{copies:,} as copies, {nearly}."
        colours = (("to learn from", learnt), ("to be asked about", asked))
        return self.summed(told, np.concatenate([learnt, asked]), held, detail, count=len(found), colours=colours)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each held-out text that leaks, with the most alike one to learn from."""
        for one in _leaks(checked):
            cells = (one.likeness, shown(one.asked), shown(one.learnt))
            learnt = dict.fromkeys((one.learnt, *one.others))
            yield Line(cells, (one.asked, *learnt), (self.spare(one.asked, checked),))

    def besides(self, checked: Checked, chosen: Sequence[Line]) -> Iterator[Decision]:
        """Yield what is to be decided about all texts to learn from that say the same as the held-out ones of lines.

        A line names twenty of them at most; there may be more copies.
        """
        found, ranks = checked.duplicates, checked.ranks
        asked = {found.first_of(line.rows[0]) for line in chosen}
        alike = (other for first in asked for other, _ in found.alike_from(first, checked.threshold))
        for first in dict.fromkeys((*asked, *alike)):
            for row in found.copies_of(first).tolist():
                if ranks is not None and ranks[row] in LEARNT:
                    yield self.spare(row, checked)


def _leaks(checked: Checked) -> tuple[Leak, ...]:
    return () if checked.split is None else leaks(checked.duplicates, checked.split, checked.threshold)
