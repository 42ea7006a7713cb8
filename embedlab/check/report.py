"""Everything that a review of some texts is told: what they are, which model read them, what was found and decided."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from embedlab import __version__
from embedlab.check.decisions import HEADER, Corrected
from embedlab.check.grades import LIMITS, Grade, grade, level_of, worst_first
from embedlab.check.run import TITLES, Checked, Finding, Key, findings
from embedlab.check.tables import FindingTable, listing, masking
from embedlab.space import Layout, Space
from embedlab.space.names import ClusterNames
from embedlab.space.quality import Trust
from embedlab.stats.intervals import Interval, share
from embedlab.text.language import spoken

LONGEST = 300  # characters of a text that are shown


@dataclass(frozen=True, eq=False)
class Inspection:
    """A check with all that it was made from. `named` are the clusters' names, `label` the column of labels.

    `source` and `licence` are what somebody says of the texts. `corrected` is what was decided, None where nothing was.
    `layout` is the map, None where there is none, and `trust` says how far it can be trusted. `when` is the day of the
    check.
    """

    space: Space
    checked: Checked
    named: ClusterNames
    threshold: float
    label: str | None = None
    source: str = ""
    licence: str = ""
    corrected: Corrected | None = None
    seed: int = 0
    layout: Layout | None = None
    trust: Trust | None = None
    when: dt.date = field(default_factory=dt.date.today)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, kind by kind."""
        return findings(self.checked, self.threshold)

    @cached_property
    def grade(self) -> Grade:
        """Pass, warn or fail: what the findings come to."""
        return grade(self.findings)

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return len(self.named.names)

    @cached_property
    def languages(self) -> tuple[tuple[str, int], ...]:
        """The languages, and how many texts are in each."""
        found = next(one for one in self.checked.properties if one.key == "language")
        return spoken(found.values)

    @cached_property
    def scripts(self) -> tuple[tuple[str, int], ...]:
        """The scripts, and how many texts are in each."""
        found = next(one for one in self.checked.properties if one.key == "script")
        return tuple(Counter(found.values.tolist()).most_common())

    @cached_property
    def accuracy(self) -> Interval | None:
        """How often a linear probe that has not seen the text names its label; None without labels."""
        found = self.checked.doubts
        return None if found is None else share((~found.wrong).astype(np.float64))

    def lines(self, key: Key) -> FindingTable:
        """Return the lines of a finding with personal data hidden: what is written here is passed on."""
        shown = masking(self.space.corpus.texts, self.checked.personal, LONGEST)
        return listing(self.checked, key, self.space.corpus, self.threshold, self.named, shown)


def facts(found: Inspection) -> dict[str, Any]:
    """Return everything as plain values, ready for JSON. Rows are those of the source, counted from 1."""
    return {
        "verdict": found.grade.level,
        "sentence": found.grade.sentence,
        "reasons": [
            {"key": one.key, "level": level_of(one), "sentence": one.sentence} for one in worst_first(found.findings)
        ],
        "limits": {key: [_plain(limit) for limit in LIMITS[key]] for key in TITLES},
        "data": dict(_data(found)),
        "model": dict(_model(found)),
        "metrics": {"label accuracy": _interval(found.accuracy)} if found.accuracy else {},
        "findings": [_finding(found, one) for one in found.findings],
        "not looked for": list(found.checked.skipped),
        "decided": [dict(zip(HEADER, line, strict=True)) for line in found.corrected.log] if found.corrected else [],
        "made": dict(_made(found)),
    }


def _data(found: Inspection) -> Iterator[tuple[str, Any]]:
    corpus = found.space.corpus
    lengths = np.array([len(text) for text in corpus.texts])
    yield "name", corpus.name
    yield "rows read", corpus.rows_read
    yield "texts", len(corpus)
    yield "source", found.source
    yield "licence", found.licence
    yield "languages", dict(found.languages)
    yield "scripts", dict(found.scripts)
    if len(lengths):
        low, middle, high = np.percentile(lengths, [0, 50, 100]).tolist()
        yield "characters", {"shortest": low, "median": middle, "longest": high}
    cut = found.checked.cuts
    yield "texts cut", {"in the file": len(cut.rows), "at": cut.at, "unit": cut.unit, "by the model": len(cut.over)}
    yield (
        "columns",
        [{"name": one.name, "kind": one.kind, "missing": int(one.missing.sum())} for one in corpus.columns],
    )
    yield "labels", found.label
    yield "notes", [note.sentence for note in corpus.notes]
    yield "fingerprint", corpus.fingerprint


def _model(found: Inspection) -> Iterator[tuple[str, Any]]:
    card = found.space.card
    yield "model", card.model
    yield "weights", card.weights
    yield "revision", card.revision
    yield "dimensions", card.dimensions
    yield "window", card.window
    yield "prompt", card.prompt
    yield "computed with", card.runtime
    yield "texts over the window", int(found.space.over_window.sum())
    yield "fingerprint", card.fingerprint


def _finding(found: Inspection, one: Finding) -> dict[str, Any]:
    listed = found.lines(one.key)
    rows = found.space.corpus.rows
    return {
        "key": one.key,
        "title": one.title,
        "level": level_of(one),
        "count": one.count,
        "share": one.share,
        "usual": one.usual,
        "sentence": one.sentence,
        "detail": one.detail,
        "lines": [
            dict(zip(listed.heads, map(_plain, line.cells), strict=True))
            | {"rows": [int(rows[row]) + 1 for row in line.rows], "flagged": line.flagged}
            for line in listed.lines
        ],
    }


def _made(found: Inspection) -> Iterator[tuple[str, Any]]:
    yield "date", found.when.isoformat()
    yield "embedlab", __version__
    yield "threshold", found.threshold
    yield "seed", found.seed
    yield "seconds", dict(found.checked.seconds)


def _interval(value: Interval) -> Mapping[str, float | None]:
    return {"mean": _plain(value.mean), "low": _plain(value.low), "high": _plain(value.high)}


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
