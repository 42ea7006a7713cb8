"""Hard regions: clusters in which a classifier errs more often than elsewhere, beyond chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from embedlab.base.english import counted
from embedlab.base.progress import Report
from embedlab.check.base import Finding, SlowFinding
from embedlab.check.evidence import Checked
from embedlab.check.segments import Segment, segments
from embedlab.check.tables import Line, ShownTexts


class HardRegions(SlowFinding):
    """Clusters in which labels are hard to tell (`embedlab.check.segments`). Clusters are counted, not texts."""

    key = "segments"
    title = "Hard regions"
    limits = (0.0, math.inf)
    heads = ("Cluster", "Texts", "Errors", "95 % interval", "Errors elsewhere")
    offer = None
    needs = "labels"

    def look(self, checked: Checked, report: Report) -> tuple[Segment, ...]:
        """Return the clusters, the worst first."""
        return () if checked.doubts is None else segments(checked.doubts, checked.groups.clusters)

    def found(self, checked: Checked) -> Finding:
        """Count the clusters; the share is that of their texts."""
        found: tuple[Segment, ...] = checked.own[self.key]
        errs = "a classifier errs more often than elsewhere, beyond chance."
        told = f"In {counted(len(found), 'cluster')} {errs}"
        if not found:
            told = "In no cluster does a classifier err more often than elsewhere, beyond chance."
        labelled = 0 if checked.doubts is None else len(checked.doubts.of)
        rows = [row for one in found for row in one.rows.tolist()]
        colours = tuple((checked.groups.names.of(one.cluster), one.rows) for one in found)
        made = self.summed(told, rows, labelled, colours=colours)
        return replace(made, count=len(found), counted_of=len(checked.groups.names.names))

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each of the clusters."""
        for one in checked.own[self.key]:
            errors = one.errors
            around = f"{errors.low:.0%} to {errors.high:.0%}"
            name = checked.groups.names.of(one.cluster)
            yield Line((name, len(one.rows), errors.mean, around, one.elsewhere), tuple(one.rows.tolist()))
