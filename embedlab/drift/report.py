"""What differs between two sides and how it is judged: the result of `drift`, and its tables to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from embedlab import __version__
from embedlab.base.result import LEVELS, Result
from embedlab.check.base import masking
from embedlab.check.personal import personal
from embedlab.corpus.export import csv_bytes
from embedlab.drift.columns import Trait
from embedlab.drift.measure import Drift, TypicalText
from embedlab.drift.over_time import OverTime
from embedlab.drift.regions import Region
from embedlab.drift.verdict import Thresholds, Verdict, verdict
from embedlab.space import Space

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 300  # characters of a text that are shown
MEASURES = (
    "verdict", "p", "auc", "auc-low", "auc-p", "energy", "energy-p", "regions", "moved", "moved-low", "properties",
    "labels", "columns",
)  # fmt: skip
"""What a condition can name; see `DriftReport.measures`."""


@dataclass(frozen=True, eq=False, repr=False)
class DriftReport(Result):
    """What differs between two sides, judged by `thresholds`. `curve` is over time, None where there is none."""

    space: Space
    drift: Drift
    thresholds: Thresholds = field(default_factory=Thresholds)
    curve: OverTime | None = None
    when: dt.date = field(default_factory=dt.date.today)

    @cached_property
    def verdict(self) -> Verdict:
        """Pass, warn or fail, with its reasons."""
        return verdict(self.drift, self.thresholds)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return self.verdict.sentence

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

    def facts(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON. Rows are those of their file, counted from 1."""
        found, card, vectors = self.drift, self.space.card, self.drift.vectors
        return {
            **dict(zip(("read", "read_after"), found.sides.read, strict=False)),
            "verdict": self.verdict.level,
            "sentence": self.sentence,
            "reasons": [asdict(one) for one in self.verdict.reasons],
            "different": found.different,
            "sides": [
                {"name": name, "texts": size} for name, size in zip(found.sides.names, found.sides.sizes, strict=True)
            ],
            "parted_by": found.sides.column,
            "p": dict(found.p),
            "classifier": {"auc": asdict(vectors.auc), "p": vectors.classifier.p},
            "energy": {
                "coefficient": vectors.energy.above, "chance": vectors.energy.margin,
                "counted": vectors.energy.observed, "p": vectors.energy.p,
            },
            "tested": [int((found.sides.codes[found.tested] == side).sum()) for side in (0, 1)],
            "moved": asdict(found.moved) if found.changed else None,
            "regions": [_region(one) | {"beyond_chance": one in found.changed} for one in found.regions],
            "traits": [_trait(one) | {"beyond_chance": one in found.drifted} for one in found.traits],
            "left_out": [asdict(one) for one in found.left_out],
            "typical": {
                name: [dict(zip(("row", "score", "text"), line, strict=True)) for line in self.typical_rows(side)]
                for side, name in enumerate(("before", "after"))
            },
            "over_time": None if self.curve is None else _curve(self.curve),
            "thresholds": asdict(self.thresholds),
            "level": found.level,
            "permutations": found.permutations,
            "seed": found.seed,
            "model": {name: getattr(card, name) for name in ("model", "weights", "dimensions", "runtime")},
            "notes": [*(note.sentence for note in self.space.corpus.notes), *found.notes],
            "fingerprint": found.fingerprint,
            "date": self.when.isoformat(),
            "embedlab": __version__,
        }  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Return a row for each region, and each property and column that was judged, those that changed first.

        `value` is what `measure` says, a ratio of shares or an effect from 0 to 1, with its 95 % interval from `low` to
        `high`. `before` and `after` are the shares of the sides that lie in a region, and the medians of a number.
        """
        import pandas as pd

        regions = [("region", one.name, "ratio of shares", one.ratio, (one.before.mean, one.after.mean), one.p,
                    one in self.drift.changed) for one in self.drift.regions]  # fmt: skip
        traits = [(one.source, one.title, one.measure, one.effect, one.medians or (None, None), one.p,
                   one in self.drift.drifted) for one in self.drift.traits if one.counts]  # fmt: skip
        rows = [
            (what, name, measure, *astuple(effect), *sides, p, beyond)
            for what, name, measure, effect, sides, p, beyond in (*regions, *traits)
        ]
        heads = ["what", "name", "measure", "value", "low", "high", "before", "after", "p", "beyond_chance"]
        return pd.DataFrame(rows, columns=heads).astype({"before": float, "after": float})

    def typical_rows(self, side: int) -> list[tuple[int, float, str]]:
        """Return the texts most typical of a side (0 or 1): row in its file from 1, score, text as it may be shown."""
        sides = self.drift.sides
        return [(sides.source_row(one.row), one.score, self.shown(one.row)) for one in self.typical[side]]


def regions_csv(report: DriftReport) -> bytes:
    """Return the regions as CSV, those that changed first."""
    before, after = report.drift.sides.names
    header = ["region", "change", f"texts {before}", f"texts {after}", f"share {before}", f"share {after}", "ratio",
              "ratio from", "ratio to", "p"]  # fmt: skip
    rows = [
        [one.name, one.change, *one.counts, one.before.mean, one.after.mean, one.ratio.mean, one.ratio.low,
         one.ratio.high, one.p]
        for one in report.drift.regions
    ]  # fmt: skip
    return csv_bytes(header, rows)


def typical_csv(report: DriftReport) -> bytes:
    """Return the most typical texts of both sides as CSV, personal data hidden."""
    names = enumerate(report.drift.sides.names)
    rows = ((name, *line) for side, name in names for line in report.typical_rows(side))
    return csv_bytes(["side", "row", "score", "text"], rows)


def _region(one: Region) -> dict[str, Any]:
    return {
        "name": one.name, "change": one.change, "texts": list(one.counts), "before": asdict(one.before),
        "after": asdict(one.after), "ratio": asdict(one.ratio), "p": one.p,
    }  # fmt: skip


def _trait(one: Trait) -> dict[str, Any]:
    return {
        "key": one.key, "title": one.title, "source": one.source, "measure": one.measure,
        "effect": asdict(one.effect), "counted": one.observed, "chance": asdict(one.chance), "p": one.p,
        "medians": None if one.medians is None else list(one.medians),
        "values": [asdict(value) for value in one.values[:20]], "counts": one.counts,
    }  # fmt: skip


def _curve(curve: OverTime) -> dict[str, Any]:
    return {
        "column": curve.column, "unit": curve.unit, "reference": curve.reference, "sentence": curve.sentence,
        "caution": curve.caution,
        "since": None if curve.since is None else curve.points[curve.since].name,
        "points": [asdict(point) for point in curve.points], "notes": list(curve.notes),
    }  # fmt: skip
