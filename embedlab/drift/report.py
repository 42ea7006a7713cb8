"""What changed between two sides with how it is judged, as plain values and as tables to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from embedlab import __version__
from embedlab.base.severity import LEVELS
from embedlab.check.personal import personal
from embedlab.check.tables import masking
from embedlab.corpus.export import csv_bytes
from embedlab.drift.columns import Trait
from embedlab.drift.over_time import OverTime
from embedlab.drift.regions import Region
from embedlab.drift.verdict import Drift, Thresholds, TypicalText, Verdict, verdict
from embedlab.space import Space
from embedlab.stats.intervals import Interval

LONGEST = 300  # characters of a text that are shown
MEASURES = (
    "verdict", "p", "auc", "auc-low", "auc-p", "energy", "energy-p", "regions", "moved", "moved-low", "properties",
    "labels", "columns",
)  # fmt: skip
"""What a condition can name; see `Changes.measures`."""


@dataclass(frozen=True, eq=False)
class Changes:
    """A comparison of two sides, judged by `thresholds`. `curve` is over time, None where there is none."""

    space: Space
    drift: Drift
    thresholds: Thresholds = field(default_factory=Thresholds)
    curve: OverTime | None = None
    when: dt.date = field(default_factory=dt.date.today)

    @cached_property
    def verdict(self) -> Verdict:
        """Pass, warn or fail, with its reasons."""
        return verdict(self.drift, self.thresholds)

    @cached_property
    def typical(self) -> tuple[tuple[TypicalText, ...], tuple[TypicalText, ...]]:
        """The texts most typical of each side; none where the verdict is a pass, for then nothing sets them apart."""
        return ((), ()) if self.verdict.level == "pass" else self.drift.typical

    @cached_property
    def shown(self) -> Callable[[int], str]:
        """Give the text of a row as it may be passed on: cut to 300 characters, personal data hidden."""
        rows = sorted({one.row for side in self.drift.typical for one in side})
        texts = [self.space.corpus.texts[row] for row in rows]
        hidden = masking(texts, personal(texts), LONGEST)
        place = {row: at for at, row in enumerate(rows)}
        return lambda row: hidden(place[row])

    @property
    def measures(self) -> dict[str, float]:
        """The numbers that a condition can name, in the order of `MEASURES`.

        `verdict` is 0 for a pass, 1 for a warning, 2 for a failure; `p` is the smallest of the three questions',
        adjusted; `regions`, `properties`, `labels` and `columns` count what changed beyond chance; `moved` is the
        share of the texts that changed region. `auc-low` and `moved-low` are the lower ends of the 95 % intervals,
        which the verdict is made by; `energy` is without what chance adds.
        """
        found = self.drift
        sources = [one.source for one in found.drifted]
        return {
            "verdict": float(LEVELS.index(self.verdict.level)),
            "p": min(found.p.values()),
            "auc": found.vectors.auc.mean,
            "auc-low": found.vectors.auc.low,
            "auc-p": found.vectors.classifier.p,
            "energy": found.vectors.energy.above,
            "energy-p": found.vectors.energy.p,
            "regions": float(len(found.changed)),
            "moved": found.moved.mean,
            "moved-low": found.moved.low,
            "properties": float(sources.count("property")),
            "labels": float(sources.count("label")),
            "columns": float(sources.count("column")),
        }


def facts(changes: Changes) -> dict[str, Any]:
    """Return everything as plain values, ready for JSON. Rows are those of their file, counted from 1."""
    found, card = changes.drift, changes.space.card
    vectors = found.vectors
    return {
        "verdict": changes.verdict.level,
        "sentence": changes.verdict.sentence,
        "reasons": [asdict(one) for one in changes.verdict.reasons],
        "different": found.different,
        "sides": [
            {"name": name, "texts": size} for name, size in zip(found.sides.names, found.sides.sizes, strict=True)
        ],
        "parted_by": found.sides.column,
        "p": dict(found.p),
        "classifier": {"auc": _interval(vectors.auc), "p": vectors.classifier.p},
        "energy": {
            "coefficient": vectors.energy.above, "chance": vectors.energy.margin, "counted": vectors.energy.observed,
            "p": vectors.energy.p,
        },
        "tested": [int((found.sides.codes[found.tested] == side).sum()) for side in (0, 1)],
        "moved": _interval(found.moved) if found.changed else None,
        "regions": [_region(one) | {"beyond_chance": one in found.changed} for one in found.regions],
        "traits": [_trait(one) | {"beyond_chance": one in found.drifted} for one in found.traits],
        "left_out": [asdict(one) for one in found.left_out],
        "typical": {
            name: [_typical(changes, one) for one in side]
            for name, side in zip(("before", "after"), changes.typical, strict=True)
        },
        "over_time": None if changes.curve is None else _curve(changes.curve),
        "thresholds": asdict(changes.thresholds),
        "level": found.level,
        "permutations": found.permutations,
        "seed": found.seed,
        "model": {"model": card.model, "weights": card.weights, "dimensions": card.dimensions, "runtime": card.runtime},
        "notes": [*(note.sentence for note in changes.space.corpus.notes), *found.notes],
        "fingerprint": found.fingerprint,
        "date": changes.when.isoformat(),
        "embedlab": __version__,
    }  # fmt: skip


def regions_csv(changes: Changes) -> bytes:
    """Return the regions as CSV, those that changed first."""
    before, after = changes.drift.sides.names
    header = ["region", "change", f"texts {before}", f"texts {after}", f"share {before}", f"share {after}", "ratio",
              "ratio from", "ratio to", "p"]  # fmt: skip
    rows = [
        [one.name, one.change, *one.counts, one.before.mean, one.after.mean, one.ratio.mean, one.ratio.low,
         one.ratio.high, one.p]
        for one in changes.drift.regions
    ]  # fmt: skip
    return csv_bytes(header, rows)


def typical_csv(changes: Changes) -> bytes:
    """Return the most typical texts of both sides as CSV, personal data hidden."""
    rows: list[Sequence[object]] = []
    for name, side in zip(changes.drift.sides.names, changes.typical, strict=True):
        rows += [[name, changes.drift.sides.source_row(one.row), one.score, changes.shown(one.row)] for one in side]
    return csv_bytes(["side", "row", "score", "text"], rows)


def _interval(one: Interval) -> dict[str, float]:
    return {"mean": one.mean, "low": one.low, "high": one.high}


def _region(one: Region) -> dict[str, Any]:
    return {
        "name": one.name, "change": one.change, "texts": list(one.counts), "before": _interval(one.before),
        "after": _interval(one.after), "ratio": _interval(one.ratio), "p": one.p,
    }  # fmt: skip


def _trait(one: Trait) -> dict[str, Any]:
    return {
        "key": one.key, "title": one.title, "source": one.source, "measure": one.measure,
        "effect": _interval(one.effect), "counted": one.observed, "chance": _interval(one.chance), "p": one.p,
        "medians": None if one.medians is None else list(one.medians),
        "values": [asdict(value) for value in one.values[:20]], "counts": one.counts,
    }  # fmt: skip


def _typical(changes: Changes, one: TypicalText) -> Mapping[str, Any]:
    return {"row": changes.drift.sides.source_row(one.row), "score": one.score, "text": changes.shown(one.row)}


def _curve(curve: OverTime) -> dict[str, Any]:
    return {
        "column": curve.column, "unit": curve.unit, "reference": curve.reference, "sentence": curve.sentence,
        "caution": curve.caution,
        "since": None if curve.since is None else curve.points[curve.since].name,
        "points": [asdict(point) for point in curve.points], "notes": list(curve.notes),
    }  # fmt: skip
