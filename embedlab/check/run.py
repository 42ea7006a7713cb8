"""What is wrong with a corpus: one run over everything that will bite whoever builds on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.english import counted, percent
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.base.severity import Level
from embedlab.check.cuts import Cuts, cuts
from embedlab.check.cuts import sentences as cut_sentences
from embedlab.check.doubts import Doubts, doubts
from embedlab.check.doubts import detail as doubts_detail
from embedlab.check.doubts import sentence as doubts_sentence
from embedlab.check.duplicates import CLOSEST, DEFAULT_THRESHOLD, Duplicates, duplicates
from embedlab.check.leaks import Leak, leaks
from embedlab.check.near_copies import joined
from embedlab.check.outliers import COLLAPSED, Outliers, outliers, usual
from embedlab.check.personal import KINDS, PLURALS, PersonalMatch, personal
from embedlab.check.plan import Decision, Spared, spared
from embedlab.check.properties import Property, properties, unread
from embedlab.check.segments import Segment, segments
from embedlab.check.shortcuts import Shortcut, shortcut
from embedlab.corpus import Column
from embedlab.corpus.split import held_out_first, sides_of
from embedlab.space import Clusters, Neighbours, Space

T = TypeVar("T")
Rows = NDArray[np.intp]

Key = Literal[
    "exact", "near-duplicates", "outliers", "blurred", "labels", "leaks", "personal", "cut", "properties", "segments"
]

TITLES: Mapping[Key, str] = {
    "exact": "Copies",
    "near-duplicates": "Near-duplicates",
    "labels": "Doubtful labels",
    "leaks": "Leaks",
    "personal": "Personal data",
    "cut": "Cut texts",
    "outliers": "Outliers",
    "blurred": "Blurred texts",
    "properties": "Odd texts",
    "segments": "Hard regions",
}
_STAGES = 8


@dataclass(frozen=True, eq=False)
class Checked:
    """Everything that was looked for. What could not be is None, and `skipped` says why in a sentence each."""

    texts: int
    duplicates: Duplicates
    outliers: Outliers
    properties: tuple[Property, ...]
    personal: tuple[PersonalMatch, ...]
    cuts: Cuts
    doubts: Doubts | None
    segments: tuple[Segment, ...] | None
    split: Column | None = None
    shortcut: Shortcut | None = None
    skipped: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def ranks(self) -> Rows | None:
        """What must give way to what, int (n,), held-out texts first (`held_out_first`); None without a split."""
        return None if self.split is None else held_out_first(self.split)

    def near_repeats(self, threshold: float) -> tuple[Spared, ...]:
        """Return the texts that nearly repeat another one, which would stay; held-out texts are among the others only.

        Every text is at least as alike as the threshold to the one that would stay, so that no chain of small changes
        joins texts that say different things.
        """
        return spared(self.duplicates, self._nearly(threshold), self.ranks)

    def repeats(self, threshold: float) -> tuple[Spared, ...]:
        """Return the texts that repeat another one, which would stay, as copies or nearly: each once."""
        copies = (Decision(row, "exact", "spare") for rows in self.duplicates.exact for row in rows.tolist())
        return spared(self.duplicates, (*copies, *self._nearly(threshold)), self.ranks)

    def _nearly(self, threshold: float) -> Iterator[Decision]:
        found = self.duplicates
        for first in np.unique(found.near(threshold)).tolist():
            for row in found.copies_of(first).tolist():
                yield Decision(row, "near-duplicates", "spare", threshold=threshold)

    def held_out_pairs(self, threshold: float) -> tuple[tuple[int, int, float], ...]:
        """Return pairs of held-out texts that nearly repeat each other, with their likeness, the most alike first."""
        found, ranks = self.duplicates, self.ranks
        if ranks is None:
            return ()
        held = {row: [at for at in found.copies_of(row).tolist() if ranks[at] == 0] for row in found.alike}
        pairs = zip(found.near(threshold).tolist(), found.likeness.tolist(), strict=False)
        return tuple((held[a][0], held[b][0], value) for (a, b), value in pairs if held[a] and held[b])

    def leaks_at(self, threshold: float) -> tuple[Leak, ...]:
        """Return what stands on both sides of the split, near-duplicates counting from `threshold` on."""
        return () if self.split is None else leaks(self.duplicates, self.split, threshold)


@dataclass(frozen=True, eq=False)
class Finding:
    """One kind of thing that was found: how many, in which rows (int, rising), a sentence on it, and its numbers.

    `share` is the part that they are of all that could be: of the held-out texts for leaks, of the labelled ones for
    labels and hard regions, else of all texts. `usual` says that they are so many that it is how these texts are, more
    than a fault of some (`usual`). Leaks and personal data are never that: there is something to be done about each
    one, however many there are. `says` is how it stands in a summary, and `level` how much it matters, where neither
    follows from its kind and its share.
    """

    key: Key
    title: str
    count: int
    rows: Rows
    share: float
    sentence: str
    detail: str = ""
    usual: bool = False
    says: str = ""
    level: Level | None = None

    @property
    def spoken(self) -> str:
        """As it stands in a summary: "leaks"."""
        return self.says or self.title.lower()


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
    ends = part("cut texts", lambda: cuts(space))
    alike = joined(repeated, len(space))
    doubted = part("labels", lambda: _doubts(space, near, labels, alike, seed, report, skipped))
    hardest = part("segments", lambda: None if doubted is None else segments(doubted, clusters))
    unread_labels = part("without reading", lambda: _shortcut(space, labels, doubted, alike, known, seed, report))
    by = _split(split, skipped)
    return Checked(
        len(space), repeated, apart, known, private, ends, doubted, hardest, by, unread_labels, tuple(skipped), seconds
    )


def _shortcut(
    space: Space,
    labels: Column | None,
    doubted: Doubts | None,
    alike: Rows,
    known: Sequence[Property],
    seed: int,
    report: Report,
) -> Shortcut | None:
    """Return how well the labels that are judged can be told without reading."""
    if labels is None or doubted is None:
        return None
    return shortcut(space.corpus, labels, doubted.of.rows, together=alike, known=known, seed=seed, report=report)


def _doubts(
    space: Space,
    near: Neighbours,
    labels: Column | None,
    alike: Rows,
    seed: int,
    report: Report,
    skipped: list[str],
) -> Doubts | None:
    if labels is None:
        skipped.append("Without labels it can't be said which are doubtful, or where they are hardest to tell.")
        return None
    try:
        return doubts(space, near, labels, seed, report, alike)
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
        found.append(_labels(checked.doubts, checked.shortcut))
    if checked.split is not None:
        found.append(_leaks(checked, threshold))
    found += [_personal(checked), _cut(checked), _outliers(checked), _blurred(checked), _properties(checked)]
    if checked.segments is not None:
        found.append(_segments(checked, checked.segments))
    return tuple(found)


def _finding(
    key: Key, count: int, of: int, rows: Rows, sentence: str, detail: str = "", *, usual: bool = False
) -> Finding:
    return Finding(key, TITLES[key], count, frozen(np.unique(rows)), count / max(1, of), sentence, detail, usual)


def _rows(parts: list[Rows]) -> Rows:
    return np.concatenate([np.empty(0, dtype=np.intp), *parts]).astype(np.intp)


def _copies(checked: Checked) -> Finding:
    count, of = checked.duplicates.copies, checked.texts
    told = f"{counted(count, 'text repeats', 'texts repeat')} an earlier one, but for capitals, spaces and form."
    if not count:
        told = "No text repeats an earlier one."
    many = usual(count, of)
    if many:
        told += f" So many ({percent(count / of)}) may be how these texts are: how often something is said may matter."
    return _finding("exact", count, of, _rows(list(checked.duplicates.exact)), told, usual=many)


def _near(checked: Checked, threshold: float) -> Finding:
    found, of = checked.near_repeats(threshold), checked.texts
    stay = {one.stays for one in found}
    many = usual(len(found), of)
    told = (
        f"{counted(len(found), 'text nearly repeats', 'texts nearly repeat')} another one"
        if found
        else ("No text nearly repeats another one")
    )
    told += (
        f": {percent(len(found) / of)} of these texts, so that is how they are. No label is judged by a text's like."
        if many
        else ", which would stay."
        if found
        else "."
    )
    pairs = counted(len(checked.duplicates.near(threshold)), "pair")
    detail = [
        f"{pairs} of texts share {100 * threshold:.0f} % of their words or more, weighed by how much a word tells"
        + (f"; {len(stay):,} would stay for {len(found):,}." if found else ".")
    ]
    asked = len(checked.held_out_pairs(threshold))
    if asked:
        held = counted(asked, "pair is", "pairs are")
        detail.append(f"{held} of held-out texts: both stay, so that the same is asked as before.")
    if checked.duplicates.crowded:
        detail.append(f"Very many texts are alike here: each was compared with the {CLOSEST} closest only.")
    rows = np.array([row for one in found for row in (one.row, one.stays)], dtype=np.intp)
    return _finding("near-duplicates", len(found), of, rows, told, " ".join(detail), usual=many)


def _labels(found: Doubts, unread: Shortcut | None) -> Finding:
    """Return the doubtful labels; what they can be told by, or that they can't be told at all, comes first.

    Then their doubts are no finding: a judge that knows little of the labels says nothing against one of them.
    """
    rows = np.array([doubt.row for doubt in found.ranked], dtype=np.intp)
    count, of = len(rows), len(found.of)
    told, detail = doubts_sentence(found), doubts_detail(found)
    if unread is not None and unread.explains(found.right.mean):
        told, detail = unread.sentence(found.right.mean, "a classifier that reads the vectors"), unread.detail
        made = _finding("labels", count, of, rows, told, detail, usual=True)
        return replace(made, says="labels that can be told without reading", level="warn")
    if not found.knows:
        told = (
            "These labels say nothing to this model: a classifier names them no better than always naming the largest "
            f"class would ({percent(found.largest)}), so none is more doubtful than another."
        )
        made = _finding("labels", count, of, rows[:0], told, detail, usual=True)  # none stands out on a map
        return replace(made, says="labels that say nothing to this model", level="fail")
    if unread is not None:
        detail = f"{detail} {unread.note}"
    made = _finding("labels", count, of, rows, told, detail, usual=usual(count, of) or not found.judges)
    return made if found.judges or not count else replace(made, level="warn", says="labels that are hard to tell")


def _leaks(checked: Checked, threshold: float) -> Finding:
    found = checked.leaks_at(threshold)
    rows = np.array([row for leak in found for row in (leak.learnt, leak.asked)], dtype=np.intp)
    held = 0 if checked.ranks is None else int((checked.ranks == 0).sum())
    first_of = checked.duplicates.first_of
    copies = sum(first_of(leak.asked) == first_of(leak.learnt) for leak in found)
    if not found:
        return _finding("leaks", 0, held, rows, "No held-out text stands among those to learn from, not even nearly.")
    stand = counted(len(found), "held-out text stands", "held-out texts stand")
    told = (
        f"{stand} among those to learn from too, the same or nearly: {percent(len(found) / held)} of the held-out ones."
    )
    detail = f"{copies:,} as copies, {len(found) - copies:,} nearly ({100 * threshold:.0f} % alike or more)."
    return _finding("leaks", len(found), held, rows, told, detail)


def _personal(checked: Checked) -> Finding:
    found = checked.personal
    counts = {kind: sum(one.kind == kind for one in found) for kind in KINDS}
    named = ", ".join(counted(count, kind, PLURALS[kind]) for kind, count in counts.items() if count)
    rows = np.array([one.row for one in found], dtype=np.intp)
    told = f"What looks like personal data: {named}." if found else "Nothing has the form of personal data."
    return _finding("personal", len(found), checked.texts, rows, f"{told} Names can't be told by form.")


def _cut(checked: Checked) -> Finding:
    rows, of = checked.cuts.all, checked.texts
    told, *more = cut_sentences(checked.cuts, of)
    return _finding("cut", len(rows), of, rows, told, " ".join(more), usual=usual(len(rows), of))


def _outliers(checked: Checked) -> Finding:
    rows, of = checked.outliers.flagged, len(checked.outliers.order)
    many = usual(len(rows), of)
    told = f"{counted(len(rows), 'text lies', 'texts lie')} far from all others in the model's space"
    told += f": {percent(len(rows) / of)} of them, so they are a kind of text of their own." if many else "."
    if not len(rows):
        told = "No text lies far from all others in the model's space."
    detail = "By the mean distance to the 20 nearest texts: a modified z-score above 3.5."
    return _finding("outliers", len(rows), of, rows, told, detail, usual=many)


def _blurred(checked: Checked) -> Finding:
    rows, of = checked.outliers.blurred, checked.texts
    many = usual(len(rows), of)
    if not len(rows):
        told = "The model tells all texts apart that read differently."
        return _finding("blurred", 0, of, rows, told, f"None has a cosine of {COLLAPSED:g} or more to another.")
    told = f"{counted(len(rows), 'text has', 'texts have')} nearly the same vector as another that reads differently: "
    told += (
        f"so many ({percent(len(rows) / of)}) that this model doesn't know such texts, and another may."
        if many
        else "often a script or a kind of text that this model doesn't know."
    )
    return _finding("blurred", len(rows), of, rows, told, f"A cosine of {COLLAPSED:g} or more.", usual=many)


def _properties(checked: Checked) -> Finding:
    odd = [one for one in checked.properties if len(one.odd)]
    rows = np.unique(_rows([one.odd for one in odd]))
    named = ", ".join(f"{one.title[0].lower()}{one.title[1:]} ({len(one.odd):,})" for one in odd)
    told = f"Out of the ordinary: {named}." if odd else "No text is out of the ordinary by its form."
    common = [f"{percent(len(one.common) / checked.texts)} {one.has}" for one in checked.properties if len(one.common)]
    detail = f"How these texts are, and so nothing odd: {'; '.join(common)}." if common else ""
    return _finding("properties", len(rows), checked.texts, rows, told, detail)


def _segments(checked: Checked, found: tuple[Segment, ...]) -> Finding:
    told = (
        f"In {counted(len(found), 'cluster')} a classifier errs more often than elsewhere, beyond chance."
        if found
        else "In no cluster does a classifier err more often than elsewhere, beyond chance."
    )
    rows = _rows([one.rows for one in found])
    labelled = max(1, 0 if checked.doubts is None else len(checked.doubts.of))
    return Finding("segments", TITLES["segments"], len(found), frozen(np.unique(rows)), len(rows) / labelled, told)
