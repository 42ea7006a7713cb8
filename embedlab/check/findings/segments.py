"""Hard regions: clusters in which a classifier errs more often than elsewhere, beyond chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.base.english import counted, percent
from embedlab.base.progress import Report
from embedlab.check.base import Checked, Finding, Line, ShownTexts, SlowFinding
from embedlab.check.findings.labels import Doubts
from embedlab.space import Clusters
from embedlab.stats.intervals import Interval, share

LEVEL = 0.05
FEWEST = 10


@dataclass(frozen=True, eq=False)
class Segment:
    """A cluster in which more labels are named wrongly: `rows` are its texts that count, `errors` the share of them
    that is, `elsewhere` that of all others."""

    cluster: int
    rows: Rows
    errors: Interval
    elsewhere: float


def segments(found: Doubts, clusters: Clusters) -> tuple[Segment, ...]:
    """Return the clusters with more errors than the rest of the corpus, the worst first.

    Of all clusters of ten texts or more those are kept whose errors chance does not explain (Fisher's exact test, one
    in twenty false by Benjamini and Hochberg 1995, because all of them are looked at).
    """
    from scipy.stats import false_discovery_control, fisher_exact

    rows, wrong = found.of.rows, found.wrong
    labels = clusters.labels[rows]
    tested = [int(number) for number in np.unique(labels) if number >= 0 and (labels == number).sum() >= FEWEST]
    values = []
    for number in tested:
        sides = labels == number, labels != number
        table = [[int(wrong[side].sum()), int((~wrong[side]).sum())] for side in sides]
        values.append(float(fisher_exact(table, alternative="greater").pvalue))
    kept = np.array(tested)[false_discovery_control(values) <= LEVEL].tolist() if values else []
    made = []
    for number, inside in ((number, labels == number) for number in kept):
        errors = share(wrong[inside].astype(np.float64))
        made.append(Segment(number, rows[inside], errors, float(wrong[~inside].mean())))
    return tuple(sorted(made, key=lambda segment: (-segment.errors.mean, segment.cluster)))


class HardRegions(SlowFinding):
    """Clusters in which labels are hard to tell. Clusters are counted, not texts."""

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
            around = f"{percent(errors.low)} to {percent(errors.high)}"
            name = checked.groups.names.of(one.cluster)
            yield Line((name, len(one.rows), errors.mean, around, one.elsewhere), tuple(one.rows.tolist()))
