"""Odd texts: of a length, a script, a language or a form that is out of the ordinary here."""

from __future__ import annotations

import math
from collections.abc import Iterator

from embedlab.base.english import percent
from embedlab.check.base import LEAVE_OUT, Checked, Decision, Finding, FindingKind, Line, ShownTexts
from embedlab.check.tables import Cell


class OddTexts(FindingKind):
    """Texts that are out of the ordinary by what can be said without reading them (`embedlab.check.properties`)."""

    key = "properties"
    title = "Odd texts"
    limits = (0.01, math.inf)
    heads = ("Property", "Value", "Text")
    offer = LEAVE_OUT

    def found(self, checked: Checked) -> Finding:
        """Count the texts that are odd in some way."""
        odd = [one for one in checked.properties if len(one.odd)]
        named = ", ".join(f"{one.title[0].lower()}{one.title[1:]} ({len(one.odd):,})" for one in odd)
        told = f"Out of the ordinary: {named}." if odd else "No text is out of the ordinary by its form."
        common = [
            f"{percent(len(one.common) / checked.texts)} {one.has}" for one in checked.properties if len(one.common)
        ]
        detail = f"How these texts are, and so nothing odd: {'; '.join(common)}." if common else ""
        rows = [row for one in odd for row in one.odd.tolist()]
        return self.summed(told, rows, checked.texts, detail, colours=tuple((one.title, one.odd) for one in odd))

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each odd text, property by property, and those that have what many have, to be compared with."""
        for one in checked.properties:
            for rows, flagged in ((one.odd, True), (one.common, False)):
                for row in rows.tolist():
                    value = one.values[row]
                    cell: Cell = str(value) if one.kind == "category" else round(float(value), 3)
                    drop = Decision(row, self.key, "drop", f"{one.title}: {cell}. {one.why}")
                    yield Line((one.title, cell, shown(row)), (row,), (drop,), flagged)
