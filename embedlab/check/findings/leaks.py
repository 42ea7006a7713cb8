"""Leaks: held-out texts that stand among those to learn from too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from embedlab.base.english import counted, percent
from embedlab.check.base import Checked, Decision, Finding, FindingKind, Line, Offer, ShownTexts
from embedlab.check.plan import LEARNT


class Leaks(FindingKind):
    """Texts on both sides of the split, the same or nearly (`embedlab.check.leaks`); a fault however many there are."""

    key = "leaks"
    title = "Leaks"
    limits = (0.0, 0.01)
    heads = ("Alike", "To be asked about", "To learn from")
    offer = Offer("Take from the training side", "Take all from the training side", "The held-out texts stay.")
    needs = "split"

    def found(self, checked: Checked) -> Finding:
        """Count the held-out texts that leak; the rows are those of both sides."""
        found, first_of = checked.leaks, checked.duplicates.first_of
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
        for one in checked.leaks:
            cells = (one.likeness, shown(one.asked), shown(one.learnt))
            learnt = dict.fromkeys((one.learnt, *one.others))
            yield Line(cells, (one.asked, *learnt), (self._spare(one.asked, checked),))

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
                    yield self._spare(row, checked)

    def _spare(self, row: int, checked: Checked) -> Decision:
        return Decision(row, self.key, "spare", threshold=checked.threshold)
