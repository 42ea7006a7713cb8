"""What becomes of some texts when all that was decided about them is taken together, and the log of it.

A decision is an intention, not a deed: "this text can be spared while one that says the same stays". What leaves is
derived from all decisions at once, whatever their order, so that no two of them leave out both copies of a text, and
so that a decision taken back leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from embedlab.base.arrays import Rows, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.check.duplicates import DEFAULT_THRESHOLD, Duplicates
from embedlab.check.personal import PersonalMatch, by_row, replaced
from embedlab.corpus import Column, Corpus, Note
from embedlab.corpus.corpus import row_numbers
from embedlab.corpus.epochs import in_calendar
from embedlab.corpus.numbers import number_like
from embedlab.corpus.spellings import labels_of

Action = Literal["spare", "drop", "relabel", "mask", "keep"]
Deed = Literal["drop", "relabel", "mask", "keep"]

# Ranks, see `held_out_first`: of texts to be asked about, and of those to learn from.
_HELD_OUT, _LEARNT = 0, 2
LEARNT = (1, 2)
# Findings of texts that say the same, in the order in which they are named as the reason.
_REPEATS: tuple[str, ...] = ("exact", "leaks", "near-duplicates")
HEADER = ("source row", "action", "before", "after", "why", "stays instead")


@dataclass(frozen=True)
class Decision:
    """What somebody wants for the text at `row` because of the finding with the key `found`.

    "spare": it can be left out as long as a text that says the same, decided in the same way, stays. That is a copy
    for the finding "exact"; for "near-duplicates" one that it nearly repeats, `threshold` alike or more, unless it is
    held out; for "leaks", of a text to learn from, a held-out one that is a copy or as alike. "drop": leave it out,
    whatever else stays. "relabel": give it the label `value`. "mask": hide personal data in it. "keep": as it is, which
    is logged as well: somebody looked. `why` says why, but for "spare", where the plan says it. Raises `ValueError` for
    "spare" because of any other finding: what says the same, and may stay instead, is then not known.
    """

    row: int
    found: str
    action: Action
    why: str = ""
    value: str = ""
    threshold: float = 1.0

    def __post_init__(self) -> None:
        if self.action == "spare" and self.found not in _REPEATS:
            raise ValueError(f"“{self.found}” says of no text that another one says the same: drop it instead")

    @property
    def key(self) -> tuple[int, str]:
        """A text has one decision for each finding: the last one counts."""
        return self.row, self.found


@dataclass(frozen=True)
class Change:
    """What is done to the text at `row`, why, and because of which findings.

    `stays` is the row of the text that stays instead of one that is spared. `value` is the new label.
    """

    row: int
    action: Deed
    why: str
    value: str = ""
    stays: int | None = None
    found: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Plan:
    """Every change, in order of the rows; a text that leaves has no other."""

    changes: tuple[Change, ...] = ()

    @cached_property
    def dropped(self) -> frozenset[int]:
        """The rows that leave."""
        return frozenset(one.row for one in self.changes if one.action == "drop")


Decided = Mapping[tuple[int, str], Decision]


def added(known: Decided, decisions: Iterable[Decision]) -> dict[tuple[int, str], Decision]:
    """Return what is decided when `decisions` come to those known: of two on one finding of a text the last counts.

    Where a text was to be spared from one likeness on and from another, both were meant: the lower counts.
    """
    made = dict(known)
    for one in decisions:
        before = made.get(one.key)
        if before is not None and before.action == one.action == "spare" and before.threshold < one.threshold:
            continue
        made[one.key] = one
    return made


def without(known: Decided, changes: Iterable[Change], found: str | None = None) -> dict[tuple[int, str], Decision]:
    """Return what is decided when some changes are taken back: all that makes them, or what the finding `found` does.

    A text that left stays then, whatever made it leave; where one finding alone is taken back, others may still do so.
    """
    back = {(one.row, one.action) for one in changes}

    def taken_back(one: Decision) -> bool:
        deed: Deed = "drop" if one.action == "spare" else one.action
        return (one.row, deed) in back and found in (None, one.found)

    return {key: one for key, one in known.items() if not taken_back(one)}


def plan(corpus: Corpus, repeated: Duplicates, decisions: Iterable[Decision], ranks: Rows | None = None) -> Plan:
    """Return what all decisions come to together. It depends on which there are, not on their order.

    Texts that are left out by hand leave whatever else is decided, and nothing leaves because of them: another one
    that says the same stays (`spared`). Of texts of which each was left out by hand none stays; their reasons say so.
    """
    made = {one.key: one for one in decisions}
    by_hand = [one for one in made.values() if one.action == "drop"]
    gone = {one.row for one in by_hand}
    changes = list(_by_hand(by_hand))
    for one in spared(repeated, [one for one in made.values() if one.row not in gone], ranks):
        why = _why(corpus, repeated, ranks, one)
        changes.append(Change(one.row, "drop", why, stays=one.stays, found=one.found))
    gone |= {one.row for one in changes}
    changes += (
        Change(one.row, one.action, one.why, one.value, found=(one.found,))
        for one in made.values()
        if one.action != "spare" and one.action != "drop" and one.row not in gone
    )
    return Plan(tuple(sorted(changes, key=lambda one: (one.row, one.action))))


def _by_hand(decisions: Sequence[Decision]) -> Iterator[Change]:
    why: dict[int, list[Decision]] = {}
    for one in decisions:
        why.setdefault(one.row, []).append(one)
    for row, reasons in why.items():
        told = "; ".join(dict.fromkeys(one.why for one in reasons))
        yield Change(row, "drop", told, found=tuple(one.found for one in reasons))


def _why(corpus: Corpus, repeated: Duplicates, ranks: Rows | None, one: Spared) -> str:
    number = int(corpus.rows[one.stays]) + 1
    held_out = ", which is held out" if ranks is not None and ranks[one.stays] == _HELD_OUT < ranks[one.row] else ""
    if repeated.first_of(one.row) == repeated.first_of(one.stays):
        return f"repeats row {number}{held_out}"
    return f"nearly repeats row {number}{held_out} ({one.likeness:.2f} alike)"


# --- Texts that say the same ---------------------------------------------------------------------


@dataclass(frozen=True)
class Spared:
    """A text at `row` that leaves because that at `stays` says the same and stays; by which findings, and how alike."""

    row: int
    stays: int
    likeness: float
    found: tuple[str, ...]


def spared(repeated: Duplicates, decisions: Iterable[Decision], ranks: Rows | None = None) -> tuple[Spared, ...]:
    """Return the texts that leave of those that can be spared, by row.

    They are gone through in one order: by `ranks` int (n,), the lower first, so held-out texts before all others
    (`held_out_first`); then those first that most others nearly repeat (at the default threshold, so that the order is
    always the same); then by row. A text leaves if one before it stays and says the same in a way that both were
    decided about; otherwise it stays. Hence:

    - each text that leaves has one that stays and says the same: a copy, or one as alike as the threshold decided. No
      chain of small changes joins texts that say different things, and no reasons form a circle;
    - of copies, and of any texts that say the same in a chain, at least one stays;
    - a text never leaves for one of a higher rank. A held-out one leaves for a held-out copy of it alone, because what
      is asked about must stay: "nearly the same" may be another question;
    - of texts that stay, no two say the same in a way that both were decided about, but for held-out ones;
    - a decision that is taken back leaves things as if it had never been made.
    """
    by_row: dict[int, dict[str, float]] = {}
    for one in decisions:
        if one.action == "spare":
            by_row.setdefault(one.row, {})[one.found] = one.threshold
    rank = {row: _LEARNT if ranks is None else int(ranks[row]) for row in by_row}

    def order(row: int) -> tuple[int, int, int]:
        return rank[row], -len(repeated.alike_from(repeated.first_of(row), DEFAULT_THRESHOLD)), row

    staying = _Staying(repeated, rank)
    gone = []
    for row in sorted(by_row, key=order):
        found = staying.instead_of(row, by_row[row])
        if found:
            kinds = tuple(key for key in _REPEATS if key in found)
            gone.append(Spared(row, *found[kinds[0]], kinds))
        else:
            staying.add(row, by_row[row])
    return tuple(sorted(gone, key=lambda one: one.row))


class _Staying:
    """The texts that stay so far, by what was decided about them."""

    def __init__(self, repeated: Duplicates, rank: Mapping[int, int]) -> None:
        self._repeated = repeated
        self._rank = rank
        self._rows: dict[tuple[str, int], tuple[float, int]] = {}  # of a text: the lowest threshold, and the row

    def add(self, row: int, kinds: Mapping[str, float]) -> None:
        first = self._repeated.first_of(row)
        for key, threshold in kinds.items():
            if key == "leaks" and self._rank[row] != _HELD_OUT:
                continue
            known = self._rows.get((key, first))
            if known is None or threshold < known[0]:
                self._rows[key, first] = threshold, row

    def instead_of(self, row: int, kinds: Mapping[str, float]) -> dict[str, tuple[int, float]]:
        """Return for each finding the text that stays instead of that at `row`, the most alike, with its likeness."""
        first, rank = self._repeated.first_of(row), self._rank[row]
        found: dict[str, tuple[int, float]] = {}
        for key, threshold in kinds.items():
            if (key == "leaks" and rank not in LEARNT) or (key == "near-duplicates" and rank == _HELD_OUT):
                continue
            copy = self._rows.get((key, first)) if key != "near-duplicates" else None
            if copy is not None:
                found[key] = copy[1], 1.0
            elif key != "exact":
                for other, likeness in self._repeated.alike_from(first, threshold):
                    known = self._rows.get((key, other))
                    if known is not None and likeness >= known[0]:
                        found[key] = known[1], likeness
                        break
        return found


# --- Done to the texts ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Corrected:
    """The corpus with all changes made. `log` has a line for each, in order of the source's rows, as `HEADER`."""

    corpus: Corpus
    log: tuple[tuple[object, ...], ...]


def corrected(
    corpus: Corpus, planned: Plan, private: Iterable[PersonalMatch] = (), label: str | None = None
) -> Corrected:
    """Return the corpus as planned. The line of a text that is left out says which text it was, and which stays for it.

    `private` says where personal data stand: they are hidden in the texts that are to be masked, and everywhere in the
    log. `label` is the column that is relabelled; it keeps its kind. Raises `EmbedlabError` for a label without a
    column to write it to, or that is no number or date where the column holds those.
    """
    hidden = by_row(private)
    column = _column(corpus, label, planned)
    values = None if column is None else column.values.copy()
    texts = list(corpus.texts)
    log = []
    for change in planned.changes:
        row = change.row
        before = replaced(corpus.texts[row], hidden.get(row, ()), lambda one: f"[{one.kind}]")
        after = ""
        if change.action == "mask":
            after = texts[row] = before  # the log must not hold what was hidden
        elif change.action == "relabel" and column is not None and values is not None:
            before, after = column.shown(row), change.value
            values[row] = _value(column, change.value)
        elif change.action == "keep" and column is not None:
            before = after = column.shown(row)
        stays = "" if change.stays is None else int(corpus.rows[change.stays]) + 1
        log.append((int(corpus.rows[row]) + 1, change.action, before, after, change.why, stays))
    if column is not None and values is not None:
        column = replace(column, values=frozen(values))
    return Corrected(_made(corpus, texts, column, planned.dropped), tuple(log))


def _made(corpus: Corpus, texts: list[str], label: Column | None, dropped: frozenset[int]) -> Corpus:
    columns = tuple(label if label is not None and column.name == label.name else column for column in corpus.columns)
    notes = corpus.notes
    if dropped:
        told = f"{counted(len(dropped), 'text')} left out by decision: the log of changes lists them."
        notes += (Note("dropped", len(dropped), told, row_numbers(corpus.rows[sorted(dropped)])),)
    kept = np.array([row for row in range(len(corpus)) if row not in dropped], dtype=np.intp)
    return replace(corpus, texts=tuple(texts), columns=columns, notes=notes).take(kept)


def _column(corpus: Corpus, label: str | None, planned: Plan) -> Column | None:
    if label is not None:
        return labels_of(corpus, label)
    if any(change.action == "relabel" for change in planned.changes):
        raise EmbedlabError("There is no column of labels to write the new ones to: choose one first.")
    return None


def _value(column: Column, shown: str) -> Any:
    """Return the value that is shown like that in a column: that of another text, or one of the column's kind."""
    if column.kind not in ("number", "date"):
        return shown
    for row in np.flatnonzero(~column.missing).tolist():
        if column.shown(row) == shown:
            return column.values[row]
    found = _typed(column, shown)
    if found is None:
        raise EmbedlabError(f"“{shown}” is no {column.kind}, as “{column.name}” holds: give one.")
    return found


def _typed(column: Column, shown: str) -> Any:
    """Return the number or date that was typed; None for what is none."""
    if column.kind == "number":
        return number_like(shown, column.written)
    try:
        found = np.datetime64(shown, "us")
    except ValueError:
        return None
    return None if np.isnat(found) or not in_calendar(found.reshape(1)).all() else found
