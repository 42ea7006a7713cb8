"""A kind of planted truth, what counts as wrong there, and how often a verdict was."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.truths.ground import Ground
from embedlab.base.errors import EmbedlabError
from embedlab.stats.intervals import Interval, share

CASES = 20
MOST = 0.05
"""No more false alarms than this are meant to be raised."""

Error = Literal["false alarm", "miss"]


@dataclass(frozen=True)
class Outcome:
    """What came of one case: whether the verdict was wrong, and what it said."""

    wrong: bool
    said: str


@dataclass(frozen=True)
class Kind:
    """One kind of case. `planted` says what is known to be true, `wrong` which verdict is wrong then.

    A false alarm claims something where there is nothing, or more than there is; a miss does not say what is there.
    `case` takes a number, draws everything from it, and returns what came of it: the same for the same number.
    """

    planted: str
    wrong: str
    error: Error
    case: Callable[[Ground, int], Outcome]
    cases: int = CASES


@dataclass(frozen=True, eq=False)
class Tally:
    """How the cases of one kind came out. `examples` are what was said in the wrong ones, with their numbers."""

    kind: Kind
    outcomes: tuple[Outcome, ...]
    seconds: tuple[float, ...]
    first: int = 0

    @property
    def wrong(self) -> int:
        """How many verdicts were wrong."""
        return sum(one.wrong for one in self.outcomes)

    @property
    def share(self) -> Interval:
        """The share of wrong ones with Wilson's 95 % interval."""
        return share(np.array([one.wrong for one in self.outcomes], dtype=np.float64))

    @property
    def few(self) -> str:
        """Whether false alarms are as few as is meant: "yes", "NO", or "open" where so few cases can't tell."""
        if self.kind.error == "miss":
            return ""
        if self.share.mean <= MOST:
            return "yes"
        return "NO" if self.share.low > MOST else "open"

    @property
    def examples(self) -> tuple[str, ...]:
        """What was said in each of the wrong ones."""
        return tuple(f"case {at}: {one.said}" for at, one in enumerate(self.outcomes, self.first) if one.wrong)

    @property
    def row(self) -> tuple[str, ...]:
        """The line of the table."""
        found = self.share
        around = f"{found.mean:.1%} ({found.low:.1%} to {found.high:.1%})"
        took = f"{statistics.median(self.seconds):.2f} s"
        kind = self.kind
        return kind.planted, kind.wrong, kind.error, str(len(self.outcomes)), str(self.wrong), around, self.few, took


COLUMNS = ("Planted", "Wrong is", "Error", "Cases", "Wrong", "Share", f"at most {MOST:.0%}", "A case")


def tried(kind: Kind, ground: Ground, cases: int | None = None, first: int = 0) -> Tally:
    """Return what came of the cases of one kind, numbered from `first` on. A refusal to answer is a wrong answer."""
    outcomes, seconds = [], []
    for number in range(first, first + (cases or kind.cases)):
        start = time.perf_counter()
        try:
            outcomes.append(kind.case(ground, number))
        except EmbedlabError as error:
            outcomes.append(Outcome(True, f"refused: {error}"))
        seconds.append(time.perf_counter() - start)
    return Tally(kind, tuple(outcomes), tuple(seconds), first)


def totals(tallies: Iterable[Tally]) -> str:
    """Return one sentence on all false alarms and all misses together."""
    told = []
    for error, name in (("false alarm", "False alarms"), ("miss", "Misses")):
        outcomes = [one for tally in tallies if tally.kind.error == error for one in tally.outcomes]
        if outcomes:
            found = share(np.array([one.wrong for one in outcomes], dtype=np.float64))
            wrong = sum(one.wrong for one in outcomes)
            told.append(f"{name}: {wrong:,} of {len(outcomes):,} cases ({found.mean:.1%}).")
    return " ".join(told)
