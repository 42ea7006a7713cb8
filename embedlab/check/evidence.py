"""What a check has looked at: everything that findings are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.check.cuts import Cuts
from embedlab.check.doubts import Doubts
from embedlab.check.duplicates import DEFAULT_THRESHOLD, Duplicates
from embedlab.check.outliers import Outliers
from embedlab.check.personal import PersonalMatch
from embedlab.check.plan import Decision, Spared, spared
from embedlab.check.properties import Property
from embedlab.check.shortcuts import Shortcut
from embedlab.check.tables import FindingTable, ShownTexts, masking
from embedlab.corpus import Column
from embedlab.corpus.split import held_out_first
from embedlab.pipeline import Groups
from embedlab.space import Space

if TYPE_CHECKING:
    from embedlab.check.base import Finding, FindingKind, Needed

Rows = NDArray[np.intp]


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
