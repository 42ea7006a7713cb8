"""Personal data: what has the form of an address, a card number or the like."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from embedlab.base.english import counted
from embedlab.check.base import Checked, Decision, Finding, FindingKind, Line, Offer, ShownTexts
from embedlab.check.personal import KINDS, PLURALS


class PersonalData(FindingKind):
    """What looks like personal data (`embedlab.check.personal`): to be masked, however many there are."""

    key = "personal"
    title = "Personal data"
    limits = (0.0, math.inf)
    heads = ("Kind", "Masked", "Row", "Characters", "Text, masked")
    offer = Offer("Mask", "Mask all")

    def found(self, checked: Checked) -> Finding:
        """Count what was found, kind by kind."""
        found = checked.personal
        places = tuple((kind, np.array([one.row for one in found if one.kind == kind], np.intp)) for kind in KINDS)
        named = ", ".join(counted(len(rows), kind, PLURALS[kind]) for kind, rows in places if len(rows))
        told = f"What looks like personal data: {named}." if found else "Nothing has the form of personal data."
        told += " Names can't be told by form."
        rows = [one.row for one in found]
        return self.summed(told, rows, checked.texts, count=len(found), colours=places)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each place; the text is masked wherever it is shown."""
        read = checked.shown()
        for one in checked.personal:
            row = int(checked.space.corpus.rows[one.row]) + 1
            why = f"holds {'an' if one.kind[0] in 'eI' else 'a'} {one.kind}"
            cells = (one.kind, one.masked, row, f"{one.start + 1} to {one.end}", read(one.row))
            yield Line(cells, (one.row,), (Decision(one.row, self.key, "mask", why),))
