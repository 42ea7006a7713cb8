"""Blurred texts: they read differently and have nearly the same vector, so the model does not know them."""

from __future__ import annotations

from collections.abc import Iterator

from embedlab.base.english import counted, percent
from embedlab.check.base import LEAVE_OUT, Checked, Decision, Finding, FindingKind, Line, ShownTexts, usual
from embedlab.check.findings.outliers import COLLAPSED


class Blurred(FindingKind):
    """Texts that the model takes for another one (`embedlab.check.findings.outliers`), each with its copies."""

    key = "blurred"
    title = "Blurred texts"
    limits = (0.01, 0.2)
    heads = ("Text",)
    offer = LEAVE_OUT

    def found(self, checked: Checked) -> Finding:
        """Count the texts that the model can't tell from another."""
        rows, of = checked.outliers.blurred, checked.texts
        many = usual(len(rows), of)
        if not len(rows):
            told = "The model tells all texts apart that read differently."
            return self.summed(told, rows, of, f"None has a cosine of {COLLAPSED:g} or more to another.")
        have = counted(len(rows), "text has", "texts have")
        told = f"{have} nearly the same vector as another that reads differently: " + (
            f"so many ({percent(len(rows) / of)}) that this model doesn't know such texts, and another may."
            if many
            else "often a script or a kind of text that this model doesn't know."
        )
        return self.summed(told, rows, of, f"A cosine of {COLLAPSED:g} or more.", usual=many)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each of the texts."""
        for row in checked.outliers.blurred.tolist():
            rows = checked.rows_like(row)
            why = "the model can't tell it from another text"
            yield Line((shown(row),), rows, tuple(Decision(same, self.key, "drop", why) for same in rows))
