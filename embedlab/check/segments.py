"""Where a classifier on the vectors is weakest: clusters in which it errs more often than elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.check.doubts import Doubts
from embedlab.space import Clusters
from embedlab.stats.intervals import Interval, share

Rows = NDArray[np.intp]

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
        inside = labels == number
        table = [[int(wrong[inside].sum()), int((~wrong[inside]).sum())]]
        table.append([int(wrong[~inside].sum()), int((~wrong[~inside]).sum())])
        values.append(float(fisher_exact(table, alternative="greater").pvalue))
    kept = np.array(tested)[false_discovery_control(values) <= LEVEL].tolist() if values else []
    made = []
    for number in kept:
        inside = labels == number
        made.append(
            Segment(number, rows[inside], share(wrong[inside].astype(np.float64)), float(wrong[~inside].mean()))
        )
    return tuple(sorted(made, key=lambda segment: (-segment.errors.mean, segment.cluster)))
