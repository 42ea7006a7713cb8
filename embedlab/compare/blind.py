"""Evidence where nobody has labels: whose neighbour is the better one, judged without knowing whose it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import counted, percent
from embedlab.compare.overlap import DEFAULT_K, check_texts, overlap
from embedlab.space.space import Neighbours, Space
from embedlab.stats.intervals import Interval
from embedlab.text.same import folded

Answer = Literal["left", "right", "tie"]

QUESTIONS = 20
MOST_ASKED = 1_000
"""Nobody judges more texts than this of one pair of models."""
FEWEST_DECIDED = 10
"""No verdict rests on fewer answers."""
FEWEST_TWICE = 3
"""Fewer pairs that came twice don't tell whether a judge is consistent."""
_ONE_IN, _APART = 4, 4  # of each four texts one comes twice, four others or more later
_LEVEL = 0.05
_ODDS = 4.0  # the test bets on a judge who prefers one model four times as often as the other
_FOLLOWS_SHARE, _FOLLOWS_ONE_IN = 0.75, 100


# --- Questions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A text, and a neighbour of it from each model, by their rows; `left_is_first` says whose is whose.

    `again` says that the same two stood there before, on the other sides: it shows whether the judge is consistent.
    """

    row: int
    left: int
    right: int
    left_is_first: bool
    again: bool = False

    @property
    def turned(self) -> Question:
        """The same question with sides changed."""
        return Question(self.row, self.right, self.left, not self.left_is_first, again=True)


@dataclass(frozen=True)
class Deck:
    """All that can be asked of two models: texts with the neighbour that the first, and that the second alone has.

    `pairs` are rows (text, the first model's, the second's) in the order in which they are asked, `size` a round.
    """

    pairs: tuple[tuple[int, int, int], ...]
    size: int = QUESTIONS
    seed: int = 0

    @property
    def rounds(self) -> int:
        """How many rounds there are in which no text comes that was asked about before."""
        return math.ceil(len(self.pairs) / self.size)

    def round(self, number: int) -> tuple[Question, ...]:
        """Return the questions of one round, counted from 0; after the last of `rounds` all come again.

        Each model stands on the left in half of them, in random order; of an odd number the one left over has a random
        side. Pairs that come twice stand on the other side then and are questions beyond `size`. Empty where there is
        nothing to ask.
        """
        if not self.pairs:
            return ()
        start = number % self.rounds * self.size
        rng = np.random.default_rng([self.seed, number])
        some = self.pairs[start : start + self.size]
        sides = rng.permutation(np.arange(len(some) + len(some) % 2) % 2 == 0)[: len(some)].tolist()
        asked = [
            Question(row, own, other, True) if side else Question(row, other, own, False)
            for (row, own, other), side in zip(some, sides, strict=True)
        ]
        return tuple(_with_repeats(asked, rng))


def _with_repeats(asked: list[Question], rng: np.random.Generator) -> list[Question]:
    """Return the questions, one of each few of them once more, `_APART` others or more later."""
    last = len(asked) - 1
    after: dict[int, list[Question]] = {}
    for start in range(0, last - _APART + 1, _ONE_IN):
        at = int(rng.integers(start, min(start + _ONE_IN, last - _APART + 1)))
        after.setdefault(min(last, at + _APART + int(rng.integers(3))), []).append(asked[at].turned)
    return [one for at, question in enumerate(asked) for one in (question, *after.get(at, ()))]


def deck(
    first: Space,
    second: Space,
    near_first: Neighbours,
    near_second: Neighbours,
    size: int = QUESTIONS,
    seed: int = 0,
    k: int = DEFAULT_K,
) -> Deck:
    """Return what can be asked about texts on whose `k` nearest the two models disagree, in an order drawn with `seed`.

    Each question sets the nearest text that only the first model has against the nearest that only the second has.
    Where these are the same but for capitals, white space and Unicode form, there is nothing to judge. At most
    `MOST_ASKED` texts; none where the models agree on all neighbours. Raises `EmbedlabError` where the texts are not
    the same.
    """
    check_texts(first, second)
    found = overlap(near_first, near_second, k)
    rows, texts = found.rows, first.corpus.texts
    pairs: list[tuple[int, int, int]] = []
    for at in np.random.default_rng(seed).permutation(np.flatnonzero(found.shared[rows] < 1)).tolist():
        near, other = near_first.distinct.indices[at, : found.k], near_second.distinct.indices[at, : found.k]
        of_first, of_second = int(rows[_only(near, other)]), int(rows[_only(other, near)])
        if folded(texts[of_first]) != folded(texts[of_second]):
            pairs.append((int(rows[at]), of_first, of_second))
        if len(pairs) == MOST_ASKED:
            break
    return Deck(tuple(pairs), size, seed)


def _only(own: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    """Return the nearest of `own` that is none of `other`."""
    return int(own[~np.isin(own, other)][0])


# --- Answers -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """How the answers came out. A pair that came twice counts once, as it was judged first.

    `left` and `right` count what was pressed, repeats with it; `same` and `other` the pairs decided twice in which the
    same text was chosen both times, or the other one the second time.
    """

    wins_first: int
    wins_second: int
    ties: int
    names: tuple[str, str]
    left: int = 0
    right: int = 0
    same: int = 0
    other: int = 0

    @property
    def decided(self) -> int:
        """How many had a better one."""
        return self.wins_first + self.wins_second

    @property
    def rate(self) -> Interval:
        """How often the first model won among the decided ones, with an interval that holds whenever one stops.

        NaN before the first.
        """
        return _rate(self.wins_first, self.decided)

    @property
    def follows_side(self) -> bool:
        """Whether one side was chosen so often that the judge can't have looked at the texts.

        Three times of four or more, and so unevenly as a fair coin falls at most once in a hundred (two-sided).
        """
        pressed, most = self.left + self.right, max(self.left, self.right)
        if not pressed or most < _FOLLOWS_SHARE * pressed:
            return False
        as_uneven: int = 2 * sum(math.comb(pressed, count) for count in range(most, pressed + 1))
        return _FOLLOWS_ONE_IN * as_uneven <= 1 << pressed

    @property
    def contradicts(self) -> bool:
        """Whether the judge chose the other text in more of the pairs that came twice than the same one."""
        return self.same + self.other >= FEWEST_TWICE and self.other > self.same

    @property
    def better(self) -> str | None:
        """The model with the better neighbours; None where these answers can't tell, or can't be relied on."""
        if self.decided < FEWEST_DECIDED or self.follows_side or self.contradicts:
            return None
        if _refused(0.5, self.wins_first, self.decided):
            return self.names[0 if self.wins_first > self.wins_second else 1]
        return None

    @property
    def sentence(self) -> str:
        """Who won, or why these answers can't tell."""
        most, least = max(self.wins_first, self.wins_second), min(self.wins_first, self.wins_second)
        ahead = self.names[0 if self.wins_first > self.wins_second else 1]
        if self.better:
            return f"{self.better} has the better neighbours where the two disagree: {most} to {least}."
        if self.follows_side:
            side, times = ("left", self.left) if self.left > self.right else ("right", self.right)
            return (
                f"The answers follow the side, “{side}” {times} times of {self.left + self.right}, so they say nothing "
                "about the models."
            )
        if self.contradicts:
            return (
                f"Of {counted(self.same + self.other, 'pair')} that came twice, the other text was chosen the second "
                f"time in {self.other}, so these answers say nothing about the models."
            )
        if not self.decided:
            return "Nothing is decided yet: judge some neighbours to learn which model suits you better."
        if most == least:
            return f"These answers can't tell which model is better: {most} to {least}."
        return f"These answers can't tell which model is better: {ahead} is ahead, {most} to {least}."

    @property
    def detail(self) -> str:
        """The numbers behind the sentence: how often, how sure, what stayed undecided, how consistent the judge was."""
        said = []
        if self.decided:
            first = self.wins_first >= self.wins_second
            rate = self.rate if first else Interval(1 - self.rate.mean, 1 - self.rate.high, 1 - self.rate.low)
            said.append(
                f"{self.names[0 if first else 1]} was chosen in {percent(rate.mean)} of {self.decided:,} "
                f"(95 % interval {percent(rate.low)} to {percent(rate.high)}, whenever you stop)."
            )
        if self.ties:
            said.append(f"{self.ties:,} undecided.")
        if 0 < self.decided < FEWEST_DECIDED:
            said.append(f"A verdict takes {FEWEST_DECIDED} decided ones.")
        if twice := self.same + self.other:
            pairs = counted(
                twice, "pair that came twice with sides changed", "pairs that came twice with sides changed"
            )
            said.append(f"Of {pairs}, the same text was chosen in {self.same}.")
        return " ".join(said)


def tally(questions: Sequence[Question], answers: Sequence[Answer | None], names: tuple[str, str]) -> Tally:
    """Count the answers, one for each question, None where it was not answered; `names` are the models'.

    Holds whenever the judge stops, looks or goes on to another round, by Wald's sequential probability ratio test
    (1945) of a fair coin against one that prefers either model four times as often, mixed half and half: the ratio
    exceeds 20 at most once in twenty however long one goes on (Ville 1939). The interval holds each share that the same
    test, with the same odds, does not refuse. Since each model is on the left in half of the questions, a judge who
    looks at sides, or at nothing, comes out at nearly that: worked out exactly, the worst order found wins 4.9 times
    in 100, pressed for ever, with no verdict before `FEWEST_DECIDED`.
    It speaks of texts on which the models disagree, and of the one who judged.
    """
    asked = list(zip(questions, answers, strict=True))
    once = [(question, answer) for question, answer in asked if not question.again]
    won = [_won(question, answer) for question, answer in once]
    before = {question.row: chosen for (question, _), chosen in zip(once, won, strict=True)}
    again = [(before.get(question.row), _won(question, answer)) for question, answer in asked if question.again]
    twice = [earlier == later for earlier, later in again if earlier and later]
    first, second = won.count("first"), won.count("second")
    return Tally(
        first,
        second,
        sum(answer == "tie" for _, answer in once),
        names,
        left=sum(answer == "left" for answer in answers),
        right=sum(answer == "right" for answer in answers),
        same=sum(twice),
        other=len(twice) - sum(twice),
    )


def _won(question: Question, answer: Answer | None) -> Literal["first", "second"] | None:
    if answer not in ("left", "right"):
        return None
    return "first" if (answer == "left") == question.left_is_first else "second"


def _rate(wins: int, count: int) -> Interval:
    """Return the share `wins` of `count` with the shares that the test in `tally` does not refuse; NaNs for none."""
    if not count:
        return Interval(math.nan, math.nan, math.nan)
    share = wins / count
    return Interval(share, _bound(0.0, share, wins, count), _bound(1.0, share, wins, count))


def _bound(outer: float, share: float, wins: int, count: int) -> float:
    """Return the share farthest from `share` towards `outer` that is not refused, by bisection."""
    if not _refused(outer, wins, count):
        return outer
    inner = share
    for _ in range(30):
        middle = (outer + inner) / 2
        outer, inner = (middle, inner) if _refused(middle, wins, count) else (outer, middle)
    return inner


def _refused(share: float, wins: int, count: int) -> bool:
    """Return whether a coin that falls so with the chance `share` would hardly ever show so many `wins`."""
    bets = [sign * wins * math.log(_ODDS) - count * math.log1p(share * (_ODDS**sign - 1)) for sign in (1, -1)]
    most = max(bets)
    return most + math.log(sum(math.exp(bet - most) for bet in bets) / 2) >= -math.log(_LEVEL)
