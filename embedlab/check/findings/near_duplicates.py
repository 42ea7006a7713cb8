"""Near-duplicates: texts that share nearly all of their words with another one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from embedlab.base.english import counted, percent
from embedlab.check.base import KEEP_ONE, Checked, Decision, Finding, FindingKind, Line, Offer, ShownTexts, usual
from embedlab.check.duplicates import CLOSEST


class NearDuplicates(FindingKind):
    """Texts that nearly repeat another one, from the threshold of the check on (`embedlab.check.duplicates`)."""

    key = "near-duplicates"
    title = "Near-duplicates"
    limits = (0.01, math.inf)
    heads = ("Alike", "Text", "Nearly repeats")
    offer = Offer("Keep one of each", "Keep one of each group", KEEP_ONE)

    def found(self, checked: Checked) -> Finding:
        """Count the texts that another one would stay for; the rows are those of both."""
        found, of = checked.near_repeats, checked.texts
        many = usual(len(found), of)
        told = "No text nearly repeats another one."
        if found:
            told = f"{counted(len(found), 'text nearly repeats', 'texts nearly repeat')} another one" + (
                f": {percent(len(found) / of)} of these texts, so that is how they are. No label is judged by a text's "
                "like."
                if many
                else ", which would stay."
            )
        rows = [row for one in found for row in (one.row, one.stays)]
        return self.summed(told, rows, of, " ".join(_details(checked)), count=len(found), usual=many)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield the texts that nearly repeat one that would stay, then pairs of held-out ones, which both stay."""
        found = checked.near_repeats
        size = Counter(one.stays for one in found)
        for one in sorted(found, key=lambda one: (-size[one.stays], one.stays, -one.likeness)):
            cells = (one.likeness, shown(one.row), shown(one.stays))
            yield Line(cells, (one.row, one.stays), (self.spare(one.row, checked),))
        for first, second, likeness in checked.held_out_pairs:
            yield Line((likeness, shown(second), shown(first)), (second, first), (), flagged=False)

    def besides(self, checked: Checked, chosen: Sequence[Line]) -> Iterator[Decision]:
        """Yield what is to be decided about the texts that others nearly repeat, and about their copies."""
        for stays in dict.fromkeys(line.rows[1] for line in chosen if line.proposed):
            for row in checked.duplicates.copies_of(stays).tolist():
                yield self.spare(row, checked)


def _details(checked: Checked) -> Iterator[str]:
    found = checked.near_repeats
    stay = {one.stays for one in found}
    pairs = counted(len(checked.duplicates.near(checked.threshold)), "pair")
    yield (
        f"{pairs} of texts share {100 * checked.threshold:.0f} % of their words or more, weighed by how much a word "
        "tells"
    ) + (f"; {len(stay):,} would stay for {len(found):,}." if found else ".")
    if asked := len(checked.held_out_pairs):
        held = counted(asked, "pair is", "pairs are")
        yield f"{held} of held-out texts: both stay, so that the same is asked as before."
    if checked.duplicates.crowded:
        yield f"Very many texts are alike here: each was compared with the {CLOSEST} closest only."
