"""What a finding is: one kind of thing to look for, with all that the run, the page, the report and the command ask."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.progress import Report
from embedlab.base.result import Level
from embedlab.check.evidence import Checked
from embedlab.check.plan import Decision
from embedlab.check.tables import FindingTable, Line, ShownTexts
from embedlab.corpus import Column

__all__ = [
    "KEEP_ONE", "LEAVE_OUT", "Checked", "Colours", "Decision", "Finding", "FindingKind", "Line", "Needed", "Offer",
    "ShownTexts", "SlowFinding",
]  # fmt: skip

Rows = NDArray[np.intp]
Needed = Literal["labels", "split"]
Colours = Column | Sequence[tuple[str, Rows]]
"""How a finding is shown on a map: by a value of each text, or by named kinds with the rows of each."""


@dataclass(frozen=True)
class Offer:
    """What a button does about a finding: its name for some lines, for all of them, and a sentence on what stays."""

    some: str
    every: str
    stays: str = "Nothing is lost."


LEAVE_OUT = Offer("Leave out", "Leave all out")
KEEP_ONE = "Of texts that say the same one always stays: a held-out one before one to learn from."


@dataclass(frozen=True, eq=False)
class Finding:
    """What was found of one kind: how many, in which rows (int, rising), a sentence on it, and its numbers.

    `share` is the part that they are of all that could be: of the held-out texts for leaks, of the labelled ones for
    labels and hard regions, else of all texts. `usual` says that they are so many that it is how these texts are, more
    than a fault of some (`embedlab.check.outliers.usual`). `says` is how it stands in a summary, and `graded` how much
    it matters, where neither follows from its kind and its share. `colours` show it on a map; by default its rows have
    one colour. `counted_of` is what a condition of the command takes its per cents of, 0 for all texts.
    """

    kind: FindingKind
    count: int
    rows: Rows
    share: float
    sentence: str
    detail: str = ""
    usual: bool = False
    says: str = ""
    graded: Level | None = None
    colours: Colours = ()
    counted_of: int = 0

    @property
    def key(self) -> str:
        """The key of its kind."""
        return self.kind.key

    @property
    def title(self) -> str:
        """The title of its kind."""
        return self.kind.title

    @property
    def spoken(self) -> str:
        """As it stands in a summary: "leaks"."""
        return self.says or self.title.lower()

    @property
    def level(self) -> Level:
        """What it is worth: by itself, else by the limits of its kind."""
        if self.graded is not None:
            return self.graded
        warn, fail = self.kind.limits
        if not self.count:
            return "pass"
        return "fail" if self.share >= fail else "warn" if self.share >= warn else "pass"


class FindingKind(Protocol):
    """One kind of thing that a check looks for: a subclass without one of its parts is a type error in the list.

    To add one: write a module with a subclass, and put an instance of it in `embedlab.check.findings.FINDINGS`.
    """

    key: str
    """Its name in JSON, in decisions and in `--fail-on`: small letters, digits and hyphens."""
    title: str
    """Its name for people, such as "Doubtful labels"."""
    limits: tuple[float, float]
    """From which `Finding.share` on it warns, and from which on it fails: 0 is any at all, `math.inf` never."""
    heads: tuple[str, ...]
    """The heads of its table, one for each cell of `lines`."""
    offer: Offer | None
    """The button for what its lines propose; None where there is nothing to decide."""
    needs: Needed | None = None
    """What must be known of the texts for it to be looked for at all."""
    unflagged: str = ""
    """What the page says above lines of which none is flagged (`Line.flagged`)."""

    @abstractmethod
    def found(self, checked: Checked) -> Finding:
        """Return what was found, at the threshold of `checked`; `summed` puts it together.

        It is asked anew whenever the threshold moves: what takes long belongs into a `SlowFinding`.
        """

    @abstractmethod
    def lines(self, checked: Checked, shown: ShownTexts) -> Iterable[Line]:
        """Yield what was found line by line; `shown` gives the text of a row as it may be shown here."""

    def besides(self, checked: Checked, chosen: Sequence[Line]) -> Iterable[Decision]:
        """Yield what is to be decided about other texts together with some lines: those that would stay instead."""
        return ()

    def advice(self, checked: Checked) -> Iterator[str]:
        """Yield sentences on what to do where nothing can be decided here."""
        yield from ()

    def table(self, checked: Checked, shown: ShownTexts) -> FindingTable:
        """Return all lines as a table."""
        lines = tuple(self.lines(checked, shown))
        return FindingTable(self.heads, lines, checked.space.corpus.rows, partial(self.besides, checked))

    def summed(
        self,
        sentence: str,
        rows: Sequence[int] | Rows,
        of: int,
        detail: str = "",
        *,
        count: int | None = None,
        usual: bool = False,
        colours: Colours = (),
    ) -> Finding:
        """Return a finding in these `rows`, in any order; `count` is how many, by default as many as there are rows.

        `of` is how many there could have been. The other parts are those of `Finding`.
        """
        at = frozen(np.unique(np.array(rows, dtype=np.intp)))
        count = len(at) if count is None else count
        return Finding(
            self, count, at, count / max(1, of), sentence, detail, usual, colours=colours or ((self.title, at),)
        )

    @property
    def limits_told(self) -> tuple[str, str]:
        """From where on it warns and fails, as one reads it."""
        warn, fail = map(_limit, self.limits)
        return warn, fail


class SlowFinding(FindingKind):
    """A kind that works out something that takes long: once in the run, where it says how far it is."""

    @abstractmethod
    def look(self, checked: Checked, report: Report) -> Any:
        """Return what `checked.own` has under its key from then on."""


def _limit(share: float) -> str:
    return "never" if share == math.inf else f"from {100 * share:.0f} %" if share else "any"
