"""Evidence where nobody has labels: whose neighbour is the better one, judged without knowing whose it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.lab.intervals import Interval
from embedlab.lab.overlap import DEFAULT_K, check_texts, overlap
from embedlab.space.space import Neighbours, Space

Answer = Literal["left", "right", "tie"]

QUESTIONS = 20
_Z = 1.959963984540054


@dataclass(frozen=True)
class Question:
    """A text, and a neighbour of it from each model, by their rows; `left_is_first` says whose is whose."""

    row: int
    left: int
    right: int
    left_is_first: bool


def questions(
    first: Space,
    second: Space,
    near_first: Neighbours,
    near_second: Neighbours,
    count: int = QUESTIONS,
    seed: int = 0,
    k: int = DEFAULT_K,
) -> tuple[Question, ...]:
    """Return up to `count` questions about texts on whose `k` nearest the two models disagree, drawn with `seed`.

    Each asks about the nearest text that only one model has, against the nearest that only the other has, on random
    sides. No text is asked about twice. None where the models agree on all neighbours. Raises `EmbedlabError` where the
    texts are not the same.
    """
    check_texts(first, second)
    found = overlap(near_first, near_second, k)
    rows = found.rows
    open_to_doubt = np.flatnonzero(found.shared[rows] < 1)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(open_to_doubt)[:count]
    sides = rng.random(len(chosen)) < 0.5
    asked = []
    for at, left_is_first in zip(chosen.tolist(), sides.tolist(), strict=True):
        own, other = near_first.distinct.indices[at, : found.k], near_second.distinct.indices[at, : found.k]
        pair = int(rows[_only(own, other)]), int(rows[_only(other, own)])
        left, right = pair if left_is_first else pair[::-1]
        asked.append(Question(int(rows[at]), left, right, left_is_first))
    return tuple(asked)


def _only(own: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    """Return the nearest of `own` that is none of `other`."""
    return int(own[~np.isin(own, other)][0])


@dataclass(frozen=True)
class Tally:
    """How the answers came out.

    `rate` is how often the first model won among the decided ones, with Wilson's 95 % interval; NaN before the first.
    """

    wins_first: int
    wins_second: int
    ties: int
    rate: Interval
    names: tuple[str, str]

    @property
    def decided(self) -> int:
        """How many had a better one."""
        return self.wins_first + self.wins_second

    @property
    def sentence(self) -> str:
        """Who won, or that so many answers can't tell."""
        ties = f", {self.ties} undecided" if self.ties else ""
        if not self.decided:
            return f"Nothing decided yet{ties}: judge some neighbours to learn which model suits you better."
        if self.rate.low > 0.5 or self.rate.high < 0.5:
            return f"{self._won(self.rate.low > 0.5)}{ties})."
        if self.wins_first == self.wins_second:
            return f"Nothing to choose between them so far: {self.wins_first} to {self.wins_second}{ties}."
        ahead = self._won(self.wins_first > self.wins_second, "is ahead")
        return f"These answers can't tell yet: {ahead}{ties})."

    def _won(self, first: bool, how: str = "has the better neighbours where they disagree") -> str:
        mine, others = (self.wins_first, self.wins_second) if first else (self.wins_second, self.wins_first)
        low, high = (self.rate.low, self.rate.high) if first else (1 - self.rate.high, 1 - self.rate.low)
        name = self.names[0 if first else 1]
        share = mine / self.decided
        return f"{name} {how}, {mine} to {others} ({share:.0%}, 95 % interval {low:.0%} to {high:.0%}"


def tally(questions: Sequence[Question], answers: Sequence[Answer | None], names: tuple[str, str]) -> Tally:
    """Count the answers, one for each question, None where it was not answered; `names` are the models'.

    The interval is Wilson's (1927) for a share, which holds for few answers and for none or all of them. It holds for
    a number of questions chosen beforehand: who goes on until it leaves out one half will see that happen by chance.
    It speaks of texts on which the models disagree, and of the one who judged.
    """
    sides = list(zip(questions, answers, strict=True))
    won_first = sum(answer == ("left" if question.left_is_first else "right") for question, answer in sides)
    won_second = sum(answer == ("right" if question.left_is_first else "left") for question, answer in sides)
    ties = sum(answer == "tie" for answer in answers)
    return Tally(won_first, won_second, ties, wilson(won_first, won_first + won_second), names)


def wilson(wins: int, count: int) -> Interval:
    """Return the share `wins` of `count` with its 95 % interval (Wilson 1927); NaNs for a `count` of 0."""
    if not count:
        return Interval(math.nan, math.nan, math.nan)
    share, spread = wins / count, _Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))
