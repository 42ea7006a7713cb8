"""Doubtful labels: those that a classifier which has not seen the text would give otherwise, with the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted, percent
from embedlab.base.progress import Report, no_report
from embedlab.check.base import Checked, Decision, Finding, FindingKind, Line, ShownTexts, usual
from embedlab.corpus import Column
from embedlab.evaluate.label_errors import Method, doubted
from embedlab.evaluate.labels import Labelled, usable_labels
from embedlab.space import Neighbours, Space
from embedlab.stats import permutation
from embedlab.stats.intervals import Interval, share

ASKED = "every text in turn, in 5 folds, near-copies in one, one penalty for all"
"""How the labels of a corpus are asked about, whatever the file's split."""
SHOWN = 5
GOOD_JUDGE = 0.6
"""The part of the way from always naming the largest class to being always right that a judge of labels must go."""


@dataclass(frozen=True)
class Doubt:
    """A label to look at. `p_given` and `p_likelier` are how likely both labels are to a classifier that has not seen
    the text; `neighbours` its nearest labelled texts, of which `agree` have the likelier label."""

    row: int
    given: str
    likelier: str
    p_given: float
    p_likelier: float
    neighbours: tuple[int, ...]
    agree: int


@dataclass(frozen=True, eq=False)
class Doubts:
    """The doubtful labels, the most doubtful first.

    `margin` float64 (n,) is for each row of the corpus how much likelier another label is than its own, NaN where it
    doesn't count. `wrong` (m,) says for each text that counts (`of.rows`) whether its likeliest label is another.
    `estimated` is how many labels are wrong by the joint distribution of given and likely labels, all taken together.
    `by_shuffling` is how likely labels in random order are told apart as well, each weighed by how rare it is.
    """

    of: Labelled
    ranked: tuple[Doubt, ...]
    margin: Floats
    wrong: NDArray[np.bool_]
    estimated: int
    method: Method = "logistic regression"
    by_shuffling: float = 1.0

    @property
    def right(self) -> Interval:
        """The share of the labels that the classifier names as given, with Wilson's interval."""
        return share((~self.wrong).astype(np.float64))

    @property
    def largest(self) -> float:
        """The share of the labels that always naming the largest class would name."""
        return permutation.largest_share(self.of.codes)

    @property
    def knows(self) -> bool:
        """Whether the classifier knows anything of the labels."""
        return permutation.beats(self.right, self.largest) or self.by_shuffling < permutation.UNLIKELY / 2

    @property
    def judges(self) -> bool:
        """Whether the classifier knows the labels so well that its doubts speak of them, and not of itself."""
        return self.right.mean - self.largest >= GOOD_JUDGE * (1 - self.largest)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on which texts count, and on what judged them."""
        if self.method == "logistic regression":
            return self.of.notes
        return (*self.of.notes, "For so many texts and labels a linear discriminant judges, not a logistic regression.")


def doubts(
    space: Space,
    near: Neighbours,
    labels: Column,
    seed: int = 0,
    report: Report = no_report,
    together: Rows | None = None,
) -> Doubts:
    """Return the labels to doubt. Raises `EmbedlabError` where there are fewer than two classes of two texts.

    `together` int (n,) are numbers that texts share which nearly repeat each other: none is judged by its like.
    """
    of = usable_labels(labels, space.corpus)
    groups = None if together is None else together[of.rows]
    found = doubted(space.vectors[of.rows], of.codes, len(of.names), seed, report, groups)
    margin = np.full(len(space), np.nan)
    margin[of.rows] = found.margin
    code = np.full(len(space), -1, dtype=np.intp)
    code[of.rows] = of.codes
    ranked = []
    for at in found.order.tolist():
        row = int(of.rows[at])
        beside = [int(other) for other in near.indices[row] if code[other] >= 0][:SHOWN]
        likelier = int(found.likelier[at])
        ranked.append(
            Doubt(
                row,
                of.names[of.codes[at]],
                of.names[likelier],
                float(found.likely[at, of.codes[at]]),
                float(found.likely[at, likelier]),
                tuple(beside),
                sum(int(code[other]) == likelier for other in beside),
            )
        )
    wrong = found.named != of.codes
    by_rarity = (found.likely / np.bincount(of.codes)).argmax(axis=1)
    made = Doubts(of, tuple(ranked), frozen(margin), frozen(wrong), round(found.wrong), found.method)
    return made if made.knows else replace(made, by_shuffling=permutation.by_shuffling(by_rarity, of.codes))


def sentence(found: Doubts) -> str:
    """Say how many labels are doubtful, and what that means."""
    count = len(found.ranked)
    if not count:
        return "No label is doubtful."
    share_of = 100 * count / max(1, len(found.of))
    doubtful = counted(count, "label is", "labels are")
    meant = (
        "a look at each tells whether the label is wrong or the text is hard."
        if found.judges
        else "the classifier that doubts them knows too little of these labels for that to speak against them."
    )
    return f"{doubtful} doubtful ({share_of:.1f} %): {meant}"


def detail(found: Doubts) -> str:
    """Say how good the judge of the labels is, and how many may be wrong in all."""
    told = (
        f"A classifier that has not seen the text, nor one like it, names {100 * found.right.mean:.0f} % of all labels "
        f"as given; always naming the largest class would name {100 * found.largest:.0f} %."
    )
    estimate = found.ranked and found.judges
    return f"{told} Taken together, about {found.estimated:,} may be wrong." if estimate else told


class DoubtfulLabels(FindingKind):
    """Labels of which another one is likelier.

    What they can be told by, or that they can't be told at all, comes first. Then their doubts are no finding: a judge
    that knows little of the labels says nothing against one of them.
    """

    key = "labels"
    title = "Doubtful labels"
    limits = (0.01, 0.1)
    heads = (
        "Text", "Label", "Likelier", "Probability of the label", "of the likelier", "Neighbours for the likelier",
    )  # fmt: skip
    offer = None  # they are gone through one by one
    needs = "labels"

    def found(self, checked: Checked) -> Finding:
        """Count the doubtful labels, or say why none can be doubted."""
        found, unread = _doubts(checked), checked.shortcut
        rows = [doubt.row for doubt in found.ranked]
        of = len(found.of)
        shown = Column("How much likelier another label is", "number", np.maximum(found.margin, 0))
        made = self.summed(sentence(found), rows, of, detail(found), usual=usual(len(rows), of), colours=shown)
        if unread is not None and unread.explains(found.right.mean):
            return replace(
                made,
                sentence=unread.sentence(found.right.mean, "a classifier that reads the vectors"),
                detail=unread.detail,
                usual=True,
                says="labels that can be told without reading",
                graded="warn",
            )
        if not found.knows:
            told = (
                "These labels say nothing to this model: a classifier names them no better than always naming the "
                f"largest class would ({percent(found.largest)}), so none is more doubtful than another."
            )
            says = "labels that say nothing to this model"
            # None of their rows stands out on a map.
            return replace(made, sentence=told, rows=made.rows[:0], usual=True, says=says, graded="fail")
        if unread is not None:
            made = replace(made, detail=f"{made.detail} {unread.note}")
        if found.judges:
            return made
        made = replace(made, usual=True)
        return replace(made, graded="warn", says="labels that are hard to tell") if rows else made

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each doubtful label, the most doubtful first, with its nearest texts."""
        for one in _doubts(checked).ranked:
            why = f"“{one.likelier}” is likelier than “{one.given}” ({one.p_likelier:.2f} against {one.p_given:.2f})"
            agree = f"{one.agree} of {len(one.neighbours)}"
            cells = (shown(one.row), one.given, one.likelier, one.p_given, one.p_likelier, agree)
            proposed = Decision(one.row, self.key, "relabel", why, one.likelier)
            yield Line(cells, (one.row, *one.neighbours), (proposed,))


def _doubts(checked: Checked) -> Doubts:
    assert checked.doubts is not None, "labels are needed"
    return checked.doubts
