"""What is wrong with a corpus: one run over everything that will bite whoever builds on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from embedlab.check.doubts import Doubts, doubts
from embedlab.check.doubts import sentence as doubts_sentence
from embedlab.check.duplicates import CLOSEST, DEFAULT_THRESHOLD, Duplicates, duplicates
from embedlab.check.leaks import Leak, leaks
from embedlab.check.outliers import Outliers, outliers
from embedlab.check.personal import KINDS, PLURALS, Found, personal
from embedlab.check.properties import Property, properties, unread
from embedlab.check.segments import Segment, segments
from embedlab.corpus import Column, frozen
from embedlab.corpus.cells import counted
from embedlab.corpus.split import sides_of
from embedlab.errors import EmbedlabError
from embedlab.space import Clusters, Neighbours, Space
from embedlab.work import Report, Stopwatch, no_report

T = TypeVar("T")
Rows = NDArray[np.intp]

Key = Literal[
    "exact", "near-duplicates", "outliers", "blurred", "labels", "leaks", "personal", "properties", "segments"
]

TITLES: Mapping[Key, str] = {
    "exact": "Copies",
    "near-duplicates": "Near-duplicates",
    "labels": "Doubtful labels",
    "leaks": "Leaks",
    "personal": "Personal data",
    "outliers": "Outliers",
    "blurred": "Blurred texts",
    "properties": "Odd texts",
    "segments": "Hard regions",
}
_STAGES = 6


@dataclass(frozen=True, eq=False)
class Checked:
    """Everything that was looked for. What could not be is None, and `skipped` says why in a sentence each."""

    texts: int
    duplicates: Duplicates
    outliers: Outliers
    properties: tuple[Property, ...]
    personal: tuple[Found, ...]
    doubts: Doubts | None
    segments: tuple[Segment, ...] | None
    split: Column | None = None
    skipped: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    def leaks_at(self, threshold: float) -> tuple[Leak, ...]:
        """Return what stands on both sides of the split, near-duplicates counting from `threshold` on."""
        return () if self.split is None else leaks(self.duplicates, self.split, threshold)


@dataclass(frozen=True, eq=False)
class Finding:
    """One kind of thing that was found: how many, in which rows (int, rising), and a sentence on it."""

    key: Key
    title: str
    count: int
    rows: Rows
    sentence: str


def check(
    space: Space,
    near: Neighbours,
    clusters: Clusters,
    labels: Column | None = None,
    split: Column | None = None,
    *,
    unknown: NDArray[np.float32] | None = None,
    seed: int = 0,
    report: Report = no_report,
) -> Checked:
    """Look for everything. A part that these texts don't allow is left out and said; the others stay.

    `unknown` (n,) is the share of each text's pieces that the model doesn't know, where it tells (`unknown_to`).
    """
    watch = Stopwatch("Checking", _STAGES, report)
    seconds: dict[str, float] = {}
    skipped: list[str] = []

    def part(name: str, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        made = work()
        seconds[name] = round(time.perf_counter() - start, 3)
        watch.at(len(seconds))
        return made

    watch.at(0)
    repeated = part("duplicates", lambda: duplicates(space, near, report))
    apart = part("outliers", lambda: outliers(space, near, repeated))
    extra = () if unknown is None else (unread(unknown),)
    known = part("properties", lambda: (*properties(space.corpus.texts), *extra))
    private = part("personal data", lambda: personal(space.corpus.texts))
    doubted = part("labels", lambda: _doubts(space, near, labels, seed, report, skipped))
    hardest = part("segments", lambda: None if doubted is None else segments(doubted, clusters))
    by = _split(split, skipped)
    return Checked(len(space), repeated, apart, known, private, doubted, hardest, by, tuple(skipped), seconds)


def _doubts(
    space: Space, near: Neighbours, labels: Column | None, seed: int, report: Report, skipped: list[str]
) -> Doubts | None:
    if labels is None:
        skipped.append("Without labels it can't be said which are doubtful, or where they are hardest to tell.")
        return None
    try:
        return doubts(space, near, labels, seed, report)
    except EmbedlabError as error:
        skipped.append(f"Labels were not checked. {error}")
        return None


def _split(split: Column | None, skipped: list[str]) -> Column | None:
    if split is None:
        skipped.append("Without a column that says train or test, leaks between the two can't be looked for.")
        return None
    try:
        sides_of(split)
    except EmbedlabError as error:
        skipped.append(f"Leaks were not looked for. {error}")
        return None
    return split


# --- What was found ------------------------------------------------------------------------------


def findings(checked: Checked, threshold: float = DEFAULT_THRESHOLD) -> tuple[Finding, ...]:
    """Return what was found, kind by kind; kinds that were not looked for are left out."""
    found = [_copies(checked), _near(checked, threshold)]
    if checked.doubts is not None:
        rows = np.array([doubt.row for doubt in checked.doubts.ranked], dtype=np.intp)
        found.append(_finding("labels", len(rows), rows, doubts_sentence(checked.doubts)))
    if checked.split is not None:
        found.append(_leaks(checked, threshold))
    found += [_personal(checked), _outliers(checked), _blurred(checked), _properties(checked)]
    if checked.segments is not None:
        found.append(_segments(checked.segments))
    return tuple(found)


def _finding(key: Key, count: int, rows: Rows, sentence: str) -> Finding:
    return Finding(key, TITLES[key], count, frozen(np.unique(rows)), sentence)


def _rows(parts: list[Rows]) -> Rows:
    return np.concatenate([np.empty(0, dtype=np.intp), *parts]).astype(np.intp)


def _copies(checked: Checked) -> Finding:
    groups = checked.duplicates.exact
    count = checked.duplicates.copies
    told = f"{counted(count, 'text repeats', 'texts repeat')} an earlier one, but for capitals, spaces and form."
    return _finding("exact", count, _rows(list(groups)), told)


def _near(checked: Checked, threshold: float) -> Finding:
    groups = checked.duplicates.groups(threshold)
    pairs = len(checked.duplicates.near(threshold))
    count = sum(len(group.rows) - 1 for group in groups)
    told = (
        f"{counted(pairs, 'pair')} of texts share {100 * threshold:.0f} % of their words or more, weighed by how much "
        f"a word tells: {counted(len(groups), 'group')}, in which {counted(count, 'text is', 'texts are')} too many."
    )
    if checked.duplicates.crowded:
        told += f" Very many texts are alike here: each was compared with the {CLOSEST} closest only."
    return _finding("near-duplicates", count, _rows([group.rows for group in groups]), told)


def _leaks(checked: Checked, threshold: float) -> Finding:
    found = checked.leaks_at(threshold)
    rows = np.array([row for leak in found for row in (leak.learnt, leak.asked)], dtype=np.intp)
    stand = counted(len(found), "held-out text stands", "held-out texts stand")
    return _finding("leaks", len(found), rows, f"{stand} among those to learn from too, the same or nearly.")


def _personal(checked: Checked) -> Finding:
    found = checked.personal
    counts = {kind: sum(one.kind == kind for one in found) for kind in KINDS}
    named = ", ".join(counted(count, kind, PLURALS[kind]) for kind, count in counts.items() if count)
    rows = np.array([one.row for one in found], dtype=np.intp)
    told = f"What looks like personal data: {named}." if found else "Nothing has the form of personal data."
    return _finding("personal", len(found), rows, f"{told} Names can't be told by form.")


def _outliers(checked: Checked) -> Finding:
    rows = checked.outliers.flagged
    lie = counted(len(rows), "text lies", "texts lie")
    return _finding("outliers", len(rows), rows, f"{lie} far from all others in the model's space (z above 3.5).")


def _blurred(checked: Checked) -> Finding:
    rows = checked.outliers.blurred
    told = (
        f"{counted(len(rows), 'text has', 'texts have')} nearly the same vector as another that reads differently: "
        "often a script or a kind of text that this model doesn't know."
    )
    return _finding("blurred", len(rows), rows, told)


def _properties(checked: Checked) -> Finding:
    odd = [one for one in checked.properties if len(one.odd)]
    rows = _rows([one.odd for one in odd])
    named = ", ".join(f"{one.title[0].lower()}{one.title[1:]} ({len(one.odd):,})" for one in odd)
    told = f"Out of the ordinary: {named}." if odd else "No text is out of the ordinary by its form."
    return _finding("properties", len(np.unique(rows)), rows, told)


def _segments(found: tuple[Segment, ...]) -> Finding:
    told = (
        f"In {counted(len(found), 'cluster')} a classifier errs more often than elsewhere, beyond chance."
        if found
        else "In no cluster does a classifier err more often than elsewhere, beyond chance."
    )
    return _finding("segments", len(found), _rows([one.rows for one in found]), told)
