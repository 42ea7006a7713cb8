"""What was found, line by line: what to show of it, which rows it is about, and what to do with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.check.personal import PersonalMatch, by_row, replaced
from embedlab.check.plan import Decision

if TYPE_CHECKING:
    import pandas as pd

Cell = str | int | float


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
        return text if self.longest is None or len(text) <= self.longest else f"{text[: self.longest]}…"


def masking(texts: Sequence[str], private: Sequence[PersonalMatch] = (), longest: int | None = None) -> ShownTexts:
    """Return what may be shown of each text: `private` data are hidden, and what is over `longest` characters cut."""
    return ShownTexts(texts, by_row(private), longest)
