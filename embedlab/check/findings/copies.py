"""Copies: texts that repeat an earlier one, but for capitals, spaces and form."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain

from embedlab.base.english import counted, percent
from embedlab.check.base import KEEP_ONE, Checked, Decision, Finding, FindingKind, Line, Offer, ShownTexts, usual


class Copies(FindingKind):
    """Texts that are the same as an earlier one (`embedlab.check.duplicates`)."""

    key = "exact"
    title = "Copies"
    limits = (0.01, math.inf)
    heads = ("Times", "Text", "Rows")
    offer = Offer("Keep one of each", "Keep one of each", KEEP_ONE)

    def found(self, checked: Checked) -> Finding:
        """Count the texts that repeat an earlier one; the rows are all of theirs."""
        count, of = checked.duplicates.copies, checked.texts
        told = f"{counted(count, 'text repeats', 'texts repeat')} an earlier one, but for capitals, spaces and form."
        if not count:
            told = "No text repeats an earlier one."
        many = usual(count, of)
        if many:
            share = percent(count / of)
            told += f" So many ({share}) may be how these texts are: how often something is said may matter."
        rows = [*chain.from_iterable(rows.tolist() for rows in checked.duplicates.exact)]
        return self.summed(told, rows, of, count=count, usual=many)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each text that occurs several times."""
        number = checked.space.corpus.rows + 1
        for rows in checked.duplicates.exact:
            told = ", ".join(str(one) for one in number[rows])
            proposed = tuple(Decision(row, self.key, "spare") for row in rows.tolist())
            yield Line((len(rows), shown(int(rows[0])), told), tuple(rows.tolist()), proposed)
