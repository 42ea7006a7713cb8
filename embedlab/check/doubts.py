"""Doubtful labels of a corpus, each with its evidence: the likelier label, and what the nearest texts are called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import Column, frozen
from embedlab.corpus.cells import counted
from embedlab.lab.doubts import Method, doubted
from embedlab.lab.labelled import Labelled, labelled
from embedlab.space import Neighbours, Space
from embedlab.work import Report, no_report

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]

SHOWN = 5
GOOD_JUDGE = 0.6


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
    """

    of: Labelled
    ranked: tuple[Doubt, ...]
    margin: Floats
    wrong: NDArray[np.bool_]
    estimated: int
    method: Method = "logistic regression"

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on which texts count, and on what judged them."""
        if self.method == "logistic regression":
            return self.of.notes
        return (*self.of.notes, "For so many texts and labels a linear discriminant judges, not a logistic regression.")


def doubts(space: Space, near: Neighbours, labels: Column, seed: int = 0, report: Report = no_report) -> Doubts:
    """Return the labels to doubt. Raises `EmbedlabError` where there are fewer than two classes of two texts."""
    of = labelled(labels, space.corpus)
    found = doubted(space.vectors[of.rows], of.codes, len(of.names), seed, report)
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
    return Doubts(of, tuple(ranked), frozen(margin), frozen(wrong), round(found.wrong), found.method)


def sentence(found: Doubts) -> str:
    """Say how many labels are doubtful, and what that means."""
    count = len(found.ranked)
    if not count:
        return "No label is doubtful."
    share = 100 * count / max(1, len(found.of))
    doubtful = counted(count, "label is", "labels are")
    meant = (
        "a look at each tells whether the label is wrong or the text is hard."
        if _right(found) >= GOOD_JUDGE
        else "these texts are hard to tell, more than their labels wrong."
    )
    return f"{doubtful} doubtful ({share:.1f} %): {meant}"


def detail(found: Doubts) -> str:
    """Say how good the judge of the labels is, and how many may be wrong in all."""
    told = (
        f"A classifier that has not seen the text, and that names {100 * _right(found):.0f} % of all labels as given, "
        "is surer of another."
    )
    believed = _right(found) >= GOOD_JUDGE
    return f"{told} Taken together, about {found.estimated:,} may be wrong." if believed else told


def _right(found: Doubts) -> float:
    return 1 - float(found.wrong.mean()) if len(found.of) else 0.0
