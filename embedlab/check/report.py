"""Everything that a review of some texts is told: what they are, which model read them, what was found and decided."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab import __version__
from embedlab.base.result import LEVELS, Level, Result
from embedlab.check.base import Checked, Finding, FindingTable, plain
from embedlab.check.plan import HEADER, Corrected
from embedlab.space import Layout, Space
from embedlab.space.quality import Trust
from embedlab.stats.intervals import Interval
from embedlab.text.language import spoken

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 300  # characters of a text that are shown


@dataclass(frozen=True, eq=False, repr=False)
class Inspection(Result):
    """A check with what somebody says of it: all that a review needs.

    `source` and `licence` are what somebody says of the texts. `corrected` is what was decided, None where nothing was.
    `layout` is the map, None where there is none, and `trust` says how far it can be trusted. `when` is the day of the
    check.
    """

    checked: Checked
    source: str = ""
    licence: str = ""
    corrected: Corrected | None = None
    layout: Layout | None = None
    trust: Trust | None = None
    when: dt.date = field(default_factory=dt.date.today)

    @property
    def space(self) -> Space:
        """The texts, and how the model sees them."""
        return self.checked.space

    @property
    def label(self) -> str | None:
        """The name of the column of labels; None where none was named."""
        return None if self.checked.labels is None else self.checked.labels.name

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, kind by kind."""
        return self.checked.findings

    @cached_property
    def grade(self) -> Grade:
        """Pass, warn or fail: what the findings come to."""
        return grade(self.findings)

    @property
    def sentence(self) -> str:
        """What the findings come to."""
        return self.grade.sentence

    @cached_property
    def languages(self) -> tuple[tuple[str, int], ...]:
        """The languages, and how many texts are in each."""
        return spoken(self._property("language"))

    @cached_property
    def scripts(self) -> tuple[tuple[str, int], ...]:
        """The scripts, and how many texts are in each."""
        return tuple(Counter(self._property("script").tolist()).most_common())

    def _property(self, key: str) -> NDArray[Any]:
        return next(one.values for one in self.checked.properties if one.key == key)

    @cached_property
    def accuracy(self) -> Interval | None:
        """How often a linear probe that has not seen the text names its label; None without labels."""
        found = self.checked.doubts
        return None if found is None else found.right

    def lines(self, key: str) -> FindingTable:
        """Return the lines of a finding with personal data hidden: what is written here is passed on."""
        return self.checked.lines(key, self.checked.shown(LONGEST))

    def table(self) -> pd.DataFrame:
        """Return a row for each finding, as they come; `lines` has what is behind each."""
        import pandas as pd

        return pd.DataFrame([_finding(one) for one in self.findings])

    def facts(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON. Rows are those of the source, counted from 1."""
        ordered, log = worst_first(self.findings), self.corrected.log if self.corrected else ()
        return {
            "verdict": self.grade.level,
            "sentence": self.sentence,
            "reasons": [{"key": one.key, "level": one.level, "sentence": one.sentence} for one in ordered],
            "limits": {kind.key: [plain(limit) for limit in kind.limits] for kind in self.checked.kinds},
            "read": self.checked.space.corpus.reading(),
            "data": dict(_data(self)),
            "model": dict(_model(self)),
            "metrics": {"label accuracy": _interval(self.accuracy)} if self.accuracy else {},
            "findings": [_finding(one) | {"lines": self.lines(one.key).facts()} for one in self.findings],
            "not looked for": list(self.checked.skipped),
            "decided": [dict(zip(HEADER, line, strict=True)) for line in log],
            "made": dict(_made(self)),
        }


def _finding(one: Finding) -> dict[str, Any]:
    names = ("key", "title", "level", "count", "share", "usual", "sentence", "detail")
    return {name: getattr(one, name) for name in names}


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
    yield "unknown to it", found.space.unknown
    yield "fingerprint", card.fingerprint


def _made(found: Inspection) -> Iterator[tuple[str, Any]]:
    yield "date", found.when.isoformat()
    yield "embedlab", __version__
    yield "threshold", found.checked.threshold
    yield "seed", found.checked.seed
    yield "seconds", dict(found.checked.seconds)


def _interval(value: Interval) -> Mapping[str, float | None]:
    return {"mean": plain(value.mean), "low": plain(value.low), "high": plain(value.high)}


@dataclass(frozen=True)
class Grade:
    """What some findings come to: the worst level of them, and a sentence."""

    level: Level
    sentence: str


def worst_first(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings in the order in which to look at them: by level, then as they come."""
    return tuple(sorted(found, key=lambda one: -LEVELS.index(one.level)))


def grade(found: Sequence[Finding]) -> Grade:
    """Return what the findings come to together."""
    ordered = worst_first(found)
    level = ordered[0].level if ordered else "pass"
    names = _named([one.spoken for one in ordered if one.level == level])
    return Grade(
        level,
        {
            "pass": "Nothing was found that stands in the way.",
            "warn": f"Something to look at first: {names}.",
            "fail": f"Not to be built on as they are: {names}.",
        }[level],
    )


def _named(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
