"""What a person decided about a corpus, applied: the corrected texts, and a log of every change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from embedlab.base.arrays import frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.check.personal import PersonalMatch, by_row, replaced
from embedlab.check.plan import Plan
from embedlab.corpus import Column, Corpus, Note
from embedlab.corpus.corpus import row_numbers

HEADER = ("source row", "action", "before", "after", "why", "stays instead")


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
        column = Column(column.name, column.kind, frozen(values))
    return Corrected(_made(corpus, texts, column, planned.dropped), tuple(log))


def _made(corpus: Corpus, texts: list[str], label: Column | None, dropped: frozenset[int]) -> Corpus:
    kept = np.array([row for row in range(len(corpus)) if row not in dropped], dtype=np.intp)
    columns = (label if label is not None and column.name == label.name else column for column in corpus.columns)
    notes = corpus.notes
    if dropped:
        told = f"{counted(len(dropped), 'text')} left out by decision: the log of changes lists them."
        notes += (Note("dropped", len(dropped), told, row_numbers(corpus.rows[sorted(dropped)])),)
    return replace(
        corpus,
        texts=tuple(texts[row] for row in kept.tolist()),
        columns=tuple(column.take(kept) for column in columns),
        rows=frozen(corpus.rows[kept]),
        notes=notes,
        vectors=tuple(own.take(kept) for own in corpus.vectors),
    )


def _column(corpus: Corpus, label: str | None, planned: Plan) -> Column | None:
    if label is not None:
        return corpus.column(label)
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
    try:
        return float(shown) if column.kind == "number" else np.datetime64(shown, "us")
    except ValueError:
        raise EmbedlabError(f"“{shown}” is no {column.kind}, as “{column.name}” holds: give one.") from None
