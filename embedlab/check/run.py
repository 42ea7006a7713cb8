"""The verb `check`: from texts to everything about them that will bite whoever builds on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stages, Stopwatch, no_report
from embedlab.check import findings as every
from embedlab.check.base import Checked, FindingKind, Needed, SlowFinding
from embedlab.check.duplicates import DEFAULT_THRESHOLD, FLOOR, duplicates
from embedlab.check.findings.cut import cuts
from embedlab.check.findings.labels import doubts
from embedlab.check.findings.outliers import outliers
from embedlab.check.findings.properties import properties, unread
from embedlab.check.near_copies import joined
from embedlab.check.personal import personal
from embedlab.check.report import Inspection
from embedlab.check.shortcuts import shortcut
from embedlab.corpus import Column, Corpus
from embedlab.corpus.spellings import labels_of
from embedlab.corpus.split import guessed_split, sides_of
from embedlab.encoders.capabilities import unknown_to
from embedlab.pipeline import EmbeddingChoice, Groups, Prepared, group, lay_out, made_by, prepare

T = TypeVar("T")

_PARTS = 7
# What is said without a column, and before the reason why one can't be used.
_LACKING: dict[Needed, tuple[str, str]] = {
    "labels": (
        "Without labels it can't be said which are doubtful, or where they are hardest to tell.",
        "Labels were not checked.",
    ),
    "split": (
        "Without a column that says train or test, leaks between the two can't be looked for.",
        "Leaks were not looked for.",
    ),
}


def check(
    texts: Corpus | Prepared,
    label: str | None = None,
    split: str | None = None,
    threshold: float = DEFAULT_THRESHOLD,
    *,
    how: EmbeddingChoice | None = None,
    seed: int = 0,
    source: str = "",
    licence: str = "",
    with_map: bool = False,
    findings: Iterable[FindingKind] | None = None,
    stages: Stages | None = None,
) -> Inspection:
    """Return what is wrong with some texts, or with those of a space that is prepared already.

    `label` names the column of labels and `split` the one that says train or test; without it one is looked for, ""
    means none. `threshold` is from which likeness on texts are near-duplicates, 0.7 to 1. `how` says how texts become
    vectors, `source` and `licence` what a report says of the texts, `with_map` whether it has a map. `findings` are the
    kinds that are looked for, by default all of `embedlab.check.findings.FINDINGS`.

    Raises `EmbedlabError` for a column that isn't there or can't be used: a check that did not take place is not
    passed.
    """
    from embedlab.space.projection import LayoutSettings

    if not FLOOR <= threshold <= 1:
        raise EmbedlabError(f"The threshold must be from {FLOOR:g} to 1: below that, texts share too little to repeat.")
    stages = stages or Stages()
    corpus = texts if isinstance(texts, Corpus) else texts.space.corpus
    labels = labels_of(corpus, label) if label else None
    sides = corpus.column(split) if split else guessed_split(corpus) if split is None else None
    made = prepare(texts, how or EmbeddingChoice(), stages) if isinstance(texts, Corpus) else texts
    read = made.space.corpus  # which may be without texts that the model could not read
    labels, sides = (column and read.column(column.name) for column in (labels, sides))
    with stages.stage("clusters"):
        groups = group(made)
    with stages.stage("check"):
        looked_at = look(made, groups, labels, sides, seed=seed, report=stages.report, findings=findings)
    asked: dict[Needed, str | None] = {"labels": label, "split": split}
    for need, name in asked.items():
        if name and need in looked_at.lacking:
            raise EmbedlabError(looked_at.lacking[need])
    drawn = lay_out(made, LayoutSettings(seed=seed), stages) if with_map else None
    map_, trust = (drawn.layout, drawn.trust) if drawn else (None, None)
    return Inspection(looked_at.at(threshold), source, licence, layout=map_, trust=trust)


def look(
    of: Prepared,
    groups: Groups,
    labels: Column | None = None,
    split: Column | None = None,
    *,
    seed: int = 0,
    report: Report = no_report,
    findings: Iterable[FindingKind] | None = None,
) -> Checked:
    """Look for everything. A part that these texts don't allow is left out and said; the others stay.

    The encoder that made the space, where it is here and tells, says which texts it does not know. `findings` are as in
    `check`.
    """
    kinds = tuple(every.FINDINGS if findings is None else findings)
    slow = [kind for kind in kinds if isinstance(kind, SlowFinding)]
    space, near, texts = of.space, of.neighbours, of.space.corpus.texts
    part, lacking = _Parts(_PARTS + len(slow), report), dict[Needed, str]()
    repeated = part("duplicates", lambda: duplicates(space, near, report))
    apart = part("outliers", lambda: outliers(space, near, repeated))
    made = None if of.encoder else made_by(space)
    encoder = made[1] if made else of.encoder
    unknown = unknown_to(encoder, texts) if encoder else None
    known = part("properties", lambda: (*properties(texts), *(() if unknown is None else (unread(unknown),))))
    private = part("personal data", lambda: personal(texts))
    ends = part("cut texts", lambda: cuts(space))
    alike = joined(repeated, len(space))
    judge = partial(doubts, space, near, seed=seed, report=report, together=alike)
    judged = part("labels", lambda: _asked("labels", labels, judge, lacking))
    tell = partial(shortcut, space.corpus, together=alike, known=known, seed=seed, report=report)
    by_form = part("without reading", lambda: tell(labels, judged.of.rows) if labels and judged else None)
    parted = None if _asked("split", split, sides_of, lacking) is None else split
    checked = Checked(
        space, groups, kinds, labels, parted, lacking, repeated, apart, known, private, ends, judged, by_form, seed
    )
    own = {kind.key: part(kind.key, partial(_own, kind, checked, report)) for kind in slow}
    return replace(checked, own=own, seconds=part.seconds)


class _Parts:
    """Does the parts of a check, one after the other: times each, and tells how far the whole is."""

    def __init__(self, count: int, report: Report) -> None:
        self.seconds: dict[str, float] = {}
        self._watch = Stopwatch("Checking", count, report)
        self._watch.at(0)

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        made = work()
        self.seconds[name] = round(time.perf_counter() - start, 3)
        self._watch.at(len(self.seconds))
        return made


def _own(kind: SlowFinding, checked: Checked, report: Report) -> Any:
    return kind.look(checked, report) if checked.allows(kind) else None


def _asked(need: Needed, column: Column | None, work: Callable[[Column], T], lacking: dict[Needed, str]) -> T | None:
    """Return what `work` makes of a column; None where there is none, or it can't be used, and note why."""
    without, failed = _LACKING[need]
    if column is None:
        lacking[need] = without
        return None
    try:
        return work(column)
    except EmbedlabError as error:
        lacking[need] = f"{failed} {error}"
        return None
