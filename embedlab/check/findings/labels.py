"""Doubtful labels: those that a classifier which has not seen the text would give otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from embedlab.base.english import percent
from embedlab.check.base import Checked, Decision, Finding, FindingKind, Line, ShownTexts
from embedlab.check.doubts import Doubts, detail, sentence
from embedlab.check.outliers import usual
from embedlab.corpus import Column


class DoubtfulLabels(FindingKind):
    """Labels of which another one is likelier (`embedlab.check.doubts`).

    What they can be told by, or that they can't be told at all, comes first. Then their doubts are no finding: a judge
    that knows little of the labels says nothing against one of them.
    """

    key = "labels"
    title = "Doubtful labels"
    limits = (0.01, 0.1)
    heads = (
        "Text", "Label", "Likelier", "Probability of the label", "of the likelier", "Neighbours for the likelier",
    )  # fmt: skip
    offer = None  # they are gone through one by one
    needs = "labels"

    def found(self, checked: Checked) -> Finding:
        """Count the doubtful labels, or say why none can be doubted."""
        found, unread = _doubts(checked), checked.shortcut
        rows = [doubt.row for doubt in found.ranked]
        of = len(found.of)
        shown = Column("How much likelier another label is", "number", np.maximum(found.margin, 0))
        made = self.summed(sentence(found), rows, of, detail(found), usual=usual(len(rows), of), colours=shown)
        if unread is not None and unread.explains(found.right.mean):
            return replace(
                made,
                sentence=unread.sentence(found.right.mean, "a classifier that reads the vectors"),
                detail=unread.detail,
                usual=True,
                says="labels that can be told without reading",
                graded="warn",
            )
        if not found.knows:
            told = (
                "These labels say nothing to this model: a classifier names them no better than always naming the "
                f"largest class would ({percent(found.largest)}), so none is more doubtful than another."
            )
            says = "labels that say nothing to this model"
            # None of their rows stands out on a map.
            return replace(made, sentence=told, rows=made.rows[:0], usual=True, says=says, graded="fail")
        if unread is not None:
            made = replace(made, detail=f"{made.detail} {unread.note}")
        if found.judges:
            return made
        made = replace(made, usual=True)
        return replace(made, graded="warn", says="labels that are hard to tell") if rows else made

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each doubtful label, the most doubtful first, with its nearest texts."""
        for one in _doubts(checked).ranked:
            why = f"“{one.likelier}” is likelier than “{one.given}” ({one.p_likelier:.2f} against {one.p_given:.2f})"
            agree = f"{one.agree} of {len(one.neighbours)}"
            cells = (shown(one.row), one.given, one.likelier, one.p_given, one.p_likelier, agree)
            proposed = Decision(one.row, self.key, "relabel", why, one.likelier)
            yield Line(cells, (one.row, *one.neighbours), (proposed,))


def _doubts(checked: Checked) -> Doubts:
    assert checked.doubts is not None, "labels are needed"
    return checked.doubts
