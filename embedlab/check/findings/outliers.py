"""Outliers: texts that lie far from all others in the model's space."""

from __future__ import annotations

import math
from collections.abc import Iterator

from embedlab.base.english import counted, percent
from embedlab.check.base import LEAVE_OUT, Checked, Decision, Finding, FindingKind, Line, ShownTexts
from embedlab.check.outliers import usual
from embedlab.corpus import Column

FARTHEST = 100  # lines that are shown to be compared with, where fewer are outliers


class FarTexts(FindingKind):
    """Texts that lie apart from all others (`embedlab.check.outliers`), each with its copies."""

    key = "outliers"
    title = "Outliers"
    limits = (0.01, math.inf)
    heads = ("Distance", "Density factor", "Text")
    offer = LEAVE_OUT
    unflagged = "None is out of the ordinary. These are the farthest, for you to judge."

    def found(self, checked: Checked) -> Finding:
        """Count the distinct texts that lie far away."""
        found = checked.outliers
        rows, of = found.flagged, len(found.order)
        many = usual(len(rows), of)
        told = "No text lies far from all others in the model's space."
        if len(rows):
            told = f"{counted(len(rows), 'text lies', 'texts lie')} far from all others in the model's space"
            told += f": {percent(len(rows) / of)} of them, so they are a kind of text of their own." if many else "."
        detail = "By the mean distance to the 20 nearest texts: a modified z-score above 3.5."
        colours = Column("Distance to the nearest texts", "number", found.distance)
        return self.summed(told, rows, of, detail, usual=many, colours=colours)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield the outliers and, to be compared with, others that lie far away; the farthest first."""
        found = checked.outliers
        flagged = set(found.flagged.tolist())
        for row in found.order[: max(FARTHEST, len(flagged))].tolist():
            distance, factor = float(found.distance[row]), float(found.density[row])
            why = f"lies far from all others (distance {distance:.2f})"
            rows = checked.rows_like(row)
            drops = tuple(Decision(same, self.key, "drop", why) for same in rows)
            yield Line((distance, factor, shown(row)), rows, drops, row in flagged)
