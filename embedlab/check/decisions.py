"""What a person decided about a corpus, applied: the corrected texts, and a log of every change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from embedlab.check.personal import Found
from embedlab.corpus import Column, Corpus, frozen
from embedlab.errors import EmbedlabError

Action = Literal["drop", "relabel", "mask", "keep"]

HEADER = ("source row", "action", "before", "after", "why")


@dataclass(frozen=True)
class Decision:
    """What to do with the text at `row`: leave it out, give it the label `value`, hide personal data in it, or keep it
    as it is, which is logged as well: somebody looked."""

    row: int
    action: Action
    why: str
    value: str = ""


@dataclass(frozen=True, eq=False)
class Corrected:
    """The corpus with all decisions applied. `log` has a line for each, in order of the source's rows, as `HEADER`."""

    corpus: Corpus
    log: tuple[tuple[object, ...], ...]


def corrected(
    corpus: Corpus, decisions: Iterable[Decision], private: Iterable[Found] = (), label: str | None = None
) -> Corrected:
    """Return the corpus as decided. A text that is left out needs no other change, and its line says which text it was.

    `private` says where personal data stand in the texts to be masked, `label` which column is relabelled. Raises
    `EmbedlabError` for a label without a column to write it to.
    """
    chosen: dict[tuple[int, Action], Decision] = {(one.row, one.action): one for one in decisions}
    dropped = {row for row, action in chosen if action == "drop"}
    of = {row: [one for one in private if one.row == row] for row, action in chosen if action == "mask"}
    labels = _labels(corpus, label, chosen)
    texts = list(corpus.texts)
    log = []
    for (row, action), decision in sorted(chosen.items()):
        if action != "drop" and row in dropped:
            continue
        before, after = texts[row], ""
        if action == "relabel":
            before, after = labels[row] or "", decision.value
            labels[row] = decision.value
        elif action == "mask":
            after = texts[row] = _masked(before, of[row])
            before = after  # the log must not hold what was hidden
        elif action == "keep":
            before = after = labels[row] or ""
        log.append((int(corpus.rows[row]) + 1, action, before, after, decision.why))
    kept = np.array([row for row in range(len(corpus)) if row not in dropped], dtype=np.intp)
    columns = tuple(
        Column(label or "", "category", frozen(labels[kept])) if column.name == label else column.take(kept)
        for column in corpus.columns
    )
    made = replace(
        corpus,
        texts=tuple(texts[row] for row in kept.tolist()),
        columns=columns,
        rows=frozen(corpus.rows[kept]),
        vectors=tuple(own.take(kept) for own in corpus.vectors),
    )
    return Corrected(made, tuple(log))


def _labels(corpus: Corpus, label: str | None, chosen: Mapping[tuple[int, Action], Decision]) -> np.ndarray:
    values = np.full(len(corpus), None, dtype=object)
    if label is not None:
        column = corpus.column(label)
        values[:] = [column.shown(row) or None for row in range(len(corpus))]
    elif any(action == "relabel" for _, action in chosen):
        raise EmbedlabError("There is no column of labels to write the new ones to: choose one first.")
    return values


def _masked(text: str, found: list[Found]) -> str:
    for one in sorted(found, key=lambda one: -one.start):
        text = text[: one.start] + f"[{one.kind}]" + text[one.end :]
    return text
