"""What a check has looked at, and what a finding is: one kind of thing to look for, with all that is asked of it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, frozen
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report
from embedlab.base.result import Level
from embedlab.check.duplicates import DEFAULT_THRESHOLD, Duplicates
from embedlab.check.personal import PersonalMatch, by_row, replaced
from embedlab.check.plan import Decision, Spared, spared
from embedlab.corpus import Column
from embedlab.corpus.split import held_out_first
from embedlab.pipeline import Groups
from embedlab.space import Space
from embedlab.text.cut import beginning

if TYPE_CHECKING:
    import pandas as pd

    from embedlab.check.findings.cut import Cuts
    from embedlab.check.findings.labels import Doubts
    from embedlab.check.findings.outliers import Outliers
    from embedlab.check.findings.properties import Property
    from embedlab.check.shortcuts import Shortcut

__all__ = [
    "KEEP_ONE", "LEAVE_OUT", "Checked", "Colours", "Decision", "Finding", "FindingKind", "FindingTable", "Line",
    "Needed", "Offer", "ShownTexts", "SlowFinding", "masking", "plain", "usual",
]  # fmt: skip

Cell = str | int | float
Needed = Literal["labels", "split"]
Colours = Column | Sequence[tuple[str, Rows]]
"""How a finding is shown on a map: by a value of each text, or by named kinds with the rows of each."""
USUAL = 0.05
FEW = 10


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
    than a fault of some (`usual`). `says` is how it stands in a summary, and `graded` how much
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

    def spare(self, row: int, checked: Checked) -> Decision:
        """Return that the text at a row can be left out while one that says the same stays."""
        return Decision(row, self.key, "spare", threshold=checked.threshold)

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


def usual(count: int, of: int) -> bool:
    """Whether so many texts have something that it is how these texts are, and nothing out of the ordinary.

    That is more than one in twenty, the line below which a script or a language is called rare as well; ten or fewer
    can be looked at one by one, whatever share they are.
    """
    return count > max(FEW, USUAL * of)


# --- Line by line --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Line:
    """One thing that was found: a cell for each head of its table, and the rows of the corpus that it is about.

    `proposed` is what there is to do about it. `flagged` is False for what is listed only to be compared with the
    others, or as what these texts are like: it counts in no figure, and nothing is done about it unless somebody picks
    it.
    """

    cells: tuple[Cell, ...]
    rows: tuple[int, ...]
    proposed: tuple[Decision, ...] = ()
    flagged: bool = True


@dataclass(frozen=True, eq=False)
class FindingTable:
    """The lines of one finding, and what their cells are.

    `source` int (n,) is the row of each text in the file, from 0. `besides` returns what is to be decided about other
    texts together with some lines: those that would stay instead.
    """

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    source: NDArray[np.intp]
    besides: Callable[[Sequence[Line]], Iterable[Decision]]

    def proposed(self, lines: Sequence[Line] | None = None) -> tuple[Decision, ...]:
        """Return what there is to do about some lines, or about all that are flagged; once for each text."""
        chosen = [line for line in self.lines if line.flagged] if lines is None else lines
        own = (decision for line in chosen for decision in line.proposed)
        return tuple({one.key: one for one in (*own, *self.besides(chosen))}.values())

    def facts(self) -> list[dict[str, Any]]:
        """Return the lines as plain values, ready for JSON, with the rows of the file that each is about, from 1."""
        return [
            dict(zip(self.heads, map(plain, line.cells), strict=True))
            | {"rows": [int(self.source[row]) + 1 for row in line.rows], "flagged": line.flagged}
            for line in self.lines
        ]

    def table(self) -> pd.DataFrame:
        """Return the same with a column for each head, then "rows" and "flagged"."""
        import pandas as pd

        return pd.DataFrame(self.facts(), columns=[*self.heads, "rows", "flagged"])


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: None for what is no finite number."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True, eq=False)
class ShownTexts:
    """What may be shown of each text: `hidden` personal data are masked, what is over `longest` characters is cut."""

    texts: Sequence[str]
    hidden: Mapping[int, Sequence[PersonalMatch]]
    longest: int | None = None

    def whole(self, row: int) -> str:
        """Return the text at a row, however long."""
        return replaced(self.texts[row], self.hidden.get(row, ()), lambda one: one.masked)

    def __call__(self, row: int) -> str:
        """Return as much of the text at a row as is shown."""
        text = self.whole(row)
        return text if self.longest is None else beginning(text, self.longest)


def masking(texts: Sequence[str], private: Sequence[PersonalMatch] = (), longest: int | None = None) -> ShownTexts:
    """Return what may be shown of each text: `private` data are hidden, and what is over `longest` characters cut."""
    return ShownTexts(texts, by_row(private), longest)


# --- What was looked at --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Checked:
    """Everything that a check worked out, and what findings are made of it.

    `kinds` are looked for, each in its turn. `labels` is the column of labels, `split` the one that says which texts to
    learn from; None where there is none, or none that says it. `lacking` says why in a sentence: what needs it was not
    looked for. `own` is what a kind worked out for itself, by its key. `threshold` is from which likeness on, 0 to 1,
    texts are near-duplicates. `seconds` are how long each part took.
    """

    space: Space
    groups: Groups
    kinds: tuple[FindingKind, ...]
    labels: Column | None
    split: Column | None
    lacking: Mapping[Needed, str]
    duplicates: Duplicates
    outliers: Outliers
    properties: tuple[Property, ...]
    personal: tuple[PersonalMatch, ...]
    cuts: Cuts
    doubts: Doubts | None
    shortcut: Shortcut | None
    seed: int = 0
    threshold: float = DEFAULT_THRESHOLD
    own: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def at(self, threshold: float) -> Checked:
        """Return the same with near-duplicates from another likeness on."""
        return replace(self, threshold=threshold)

    @property
    def texts(self) -> int:
        """How many texts there are."""
        return len(self.space)

    @property
    def skipped(self) -> tuple[str, ...]:
        """A sentence on each thing that could not be looked for."""
        return tuple(self.lacking.values())

    @cached_property
    def fingerprint(self) -> str:
        """Stands for what was checked, how, and at which threshold."""
        columns = [None if one is None else one.name for one in (self.labels, self.split)]
        keys = [kind.key for kind in self.kinds]
        of = self.space.fingerprint, self.groups.clusters.fingerprint
        return fingerprint("checked", *of, columns, keys, self.seed, self.threshold)

    # --- Findings ---

    def allows(self, kind: FindingKind) -> bool:
        """Whether what a kind needs is there."""
        return kind.needs not in self.lacking

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, kind by kind; kinds that could not be looked for are left out."""
        return tuple(kind.found(self) for kind in self.kinds if self.allows(kind))

    def finding(self, key: str) -> Finding:
        """Return what was found of one kind. Raises `KeyError` for one that was not looked for."""
        return {one.key: one for one in self.findings}[key]

    def lines(self, key: str, shown: ShownTexts | None = None) -> FindingTable:
        """Return a finding line by line, with the texts as they are, or as they may be `shown`."""
        return self.finding(key).kind.table(self, shown or masking(self.space.corpus.texts))

    def shown(self, longest: int | None = None) -> ShownTexts:
        """Return the texts as they may be passed on: personal data hidden, and cut at `longest` characters."""
        return masking(self.space.corpus.texts, self.personal, longest)

    # --- What says the same ---

    def rows_like(self, row: int) -> tuple[int, ...]:
        """Return the rows that hold exactly the text at `row`, rising: what a model says of it is said of all."""
        order, starts = self._by_words
        at = int(self.space.corpus.distinct[1][row])
        return tuple(order[starts[at] : starts[at + 1]].tolist())

    @cached_property
    def _by_words(self) -> tuple[Rows, Rows]:
        first, place = self.space.corpus.distinct
        order = np.argsort(place, kind="stable")
        return order, np.searchsorted(place[order], np.arange(len(first) + 1))

    @cached_property
    def ranks(self) -> Rows | None:
        """What must give way to what, int (n,), held-out texts first (`held_out_first`); None without a split."""
        return None if self.split is None else held_out_first(self.split)

    @cached_property
    def near_repeats(self) -> tuple[Spared, ...]:
        """The texts that nearly repeat another one, which would stay; held-out texts are among the others only.

        Every text is at least as alike as the threshold to the one that would stay, so that no chain of small changes
        joins texts that say different things.
        """
        return spared(self.duplicates, self._nearly(), self.ranks)

    @cached_property
    def repeats(self) -> tuple[Spared, ...]:
        """The texts that repeat another one, which would stay, as copies or nearly: each once."""
        copies = (Decision(row, "exact", "spare") for rows in self.duplicates.exact for row in rows.tolist())
        return spared(self.duplicates, (*copies, *self._nearly()), self.ranks)

    def _nearly(self) -> Iterator[Decision]:
        found = self.duplicates
        for first in np.unique(found.near(self.threshold)).tolist():
            for row in found.copies_of(first).tolist():
                yield Decision(row, "near-duplicates", "spare", threshold=self.threshold)

    @cached_property
    def held_out_pairs(self) -> tuple[tuple[int, int, float], ...]:
        """Pairs of held-out texts that nearly repeat each other, with their likeness, the most alike first."""
        found, ranks = self.duplicates, self.ranks
        if ranks is None:
            return ()
        held = {row: [at for at in found.copies_of(row).tolist() if ranks[at] == 0] for row in found.alike}
        pairs = zip(found.near(self.threshold).tolist(), found.likeness.tolist(), strict=False)
        return tuple((held[a][0], held[b][0], value) for (a, b), value in pairs if held[a] and held[b])
