"""Pairs of texts with a score of how alike they are, from a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.corpus import Column, Corpus, Note, named_column, named_pair, noted
from embedlab.corpus.judgements import ROW, rows_named
from embedlab.corpus.reading.table import MAX_CHARACTERS, Table

_TEXT_NAMES = (
    ("text1", "text2"), ("text_1", "text_2"), ("text 1", "text 2"), ("text_a", "text_b"), ("text a", "text b"),
    ("sentence1", "sentence2"), ("sentence_1", "sentence_2"), ("sentence 1", "sentence 2"),
    ("sentence_a", "sentence_b"), ("sent1", "sent2"), ("sent_1", "sent_2"), ("question1", "question2"),
    ("first", "second"), ("a", "b"), ("premise", "hypothesis"), ("left", "right"), ("source", "target"),
)  # fmt: skip
_ID_NAMES = (
    ("id1", "id2"), ("id_1", "id_2"), ("id 1", "id 2"), ("id_a", "id_b"), ("id a", "id b"), ("row1", "row2"),
    ("row_1", "row_2"), ("row 1", "row 2"), ("first_id", "second_id"), ("first id", "second id"), ("qid1", "qid2"),
)  # fmt: skip
_SCORE_NAMES = (
    "score", "scores", "similarity", "sim", "similarity_score", "relatedness", "relatedness_score", "gold",
    "gold_score", "rating", "mean", "label", "is_duplicate",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of texts, each once, and how alike a person found them.

    `scores` is float64 (p,), on any scale, more is more alike. `rows` int (p, 2) are where the two texts first stand
    in the corpus, -1 for one that doesn't. `notes` count what was left out.
    """

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    scores: Floats
    rows: Rows
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.scores)


def pairs_of(table: Table, corpus: Corpus | None = None, named_by: str = ROW) -> Pairs:
    """Return the pairs in `table`: two texts, or two ids of texts of `corpus`, and a score in each row.

    The columns are known by their names (text1, text2, score; id1, id2; and the like); otherwise the last column of
    numbers is the score, and the first two of the others are the texts. An id is a value of the column `named_by` of
    `corpus`, or its row in the source, counted from 1 (`ROW`). Rows without one of the three, and with an id that no
    text has, are counted and left out; a pair that repeats, in either order, counts once with its mean score. Raises
    `EmbedlabError` where the columns are not there, a score is no number, or no pair is left.
    """
    sides, named_ids = _sides(table)
    scores = _scores(_score_column(table, sides))
    cells = [[side.shown(row).strip() for row in range(len(table))] for side in sides]
    ids = {name: rows[0] for name, rows in rows_named(corpus, named_by).items()} if corpus is not None else {}
    texts = {text.strip(): row for row, text in reversed([*enumerate(corpus.texts)])} if corpus is not None else {}
    every = {cell for side in cells for cell in side}
    more_ids = len(every & ids.keys()) > len(every & texts.keys())
    by_id = named_ids or all(side.kind == "number" for side in sides) or more_ids
    if by_id and corpus is None:
        raise EmbedlabError(f"“{table.name}” names its texts by ids: open the texts that these are first.")
    kept = [row for row in range(len(table)) if cells[0][row] and cells[1][row] and not math.isnan(scores[row])]
    lost = len(table) - len(kept)
    notes = noted("dropped", lost, f"{counted(lost, 'row')} without two texts and a score left out.")
    if by_id:
        kept, unknown = _known(kept, cells, ids, table, named_by)
        notes += unknown
    else:
        cells = [[cell[:MAX_CHARACTERS] for cell in side] for side in cells]
    if not kept:
        said = " ".join(note.sentence for note in notes) or "it holds none."
        raise EmbedlabError(f"No pair in “{table.name}” can be used: {said[:1].lower()}{said[1:]}")
    places = ids if by_id else texts
    found = [[places.get(side[row], -1) for row in kept] for side in cells]
    rows = np.array(found, dtype=np.intp).T
    shown = [
        [corpus.texts[row] if corpus is not None and row >= 0 else side[at] for at, row in zip(kept, own, strict=True)]
        for side, own in zip(cells, found, strict=True)
    ]
    if corpus is not None and not by_id:
        notes += _elsewhere(shown, rows)
    return _each_once(table.name, shown, scores[kept], rows, notes)


# --- Which column is what ------------------------------------------------------------------------


def _sides(table: Table) -> tuple[tuple[Column, Column], bool]:
    """Return the two columns of texts or ids, and whether their names say that they are ids."""
    for names, ids in ((_TEXT_NAMES, False), (_ID_NAMES, True)):
        if pair := named_pair(table.columns, names):
            return pair, ids
    score = named_column(table.columns, _SCORE_NAMES)
    others = [column for column in table.columns if column is not score and not column.missing.all()]
    written = [column for column in others if column.kind != "number"]
    if len(written) >= 2:
        return (written[0], written[1]), False
    numbers = [column for column in others if column.kind == "number"]
    if len(numbers) >= 2 and not written:
        return (numbers[0], numbers[1]), True
    have = listed(column.name for column in table.columns)
    raise EmbedlabError(
        f"“{table.name}” has no two columns of texts or ids (there is {have}): name them text1 and text2, or id1 and "
        "id2, and the third score."
    )


def _score_column(table: Table, sides: Sequence[Column]) -> Column:
    named = named_column(table.columns, _SCORE_NAMES)
    numbers = [column for column in table.columns if column.kind == "number" and column not in sides]
    if named is None and not numbers:
        have = listed(column.name for column in table.columns)
        raise EmbedlabError(
            f"“{table.name}” has no column of scores (there is {have}): add one of numbers named score, where more "
            "means more alike."
        )
    return numbers[-1] if named is None else named


def _scores(column: Column) -> Floats:
    if column.kind == "number":
        return np.asarray(column.values, dtype=np.float64)
    scores = np.full(len(column.values), np.nan)
    for row in np.flatnonzero(~column.missing).tolist():
        written = column.shown(row).strip()
        try:
            scores[row] = float(written)
        except ValueError:
            scores[row] = np.nan
        if not math.isfinite(scores[row]):
            raise EmbedlabError(
                f"The score “{written[:40]}” in row {row + 1:,} of “{column.name}” is no number: mend it there."
            )
    return scores


# --- Which text is meant -------------------------------------------------------------------------


def _known(
    kept: list[int], cells: Sequence[Sequence[str]], ids: dict[str, int], table: Table, named_by: str
) -> tuple[list[int], list[Note]]:
    known = [row for row in kept if cells[0][row] in ids and cells[1][row] in ids]
    unknown = dict.fromkeys(cell for row in kept for cell in (cells[0][row], cells[1][row]) if cell not in ids)
    lost = len(kept) - len(known)
    names = counted(lost, "pair names an id", "pairs name ids")
    sentence = f"{names} that no text has in “{named_by}” ({listed(unknown, 3)}): left out."
    return known, noted("dropped", lost, sentence)


def _elsewhere(shown: Sequence[Sequence[str]], rows: Rows) -> list[Note]:
    texts = {
        text
        for side, own in zip(shown, rows.T.tolist(), strict=True)
        for text, row in zip(side, own, strict=True)
        if row < 0
    }
    are = counted(len(texts), "text of the pairs is", "texts of the pairs are")
    return noted("info", len(texts), f"{are} not among the texts that are open.")


def _each_once(name: str, shown: Sequence[Sequence[str]], scores: Floats, rows: Rows, notes: list[Note]) -> Pairs:
    at: dict[tuple[str, str], int] = {}
    place = np.empty(len(scores), dtype=np.intp)
    kept = []
    for number, (first, second) in enumerate(zip(*shown, strict=True)):
        key = (min(first, second), max(first, second))
        if key not in at:
            at[key] = len(at)
            kept.append(number)
        place[number] = at[key]
    lost = len(scores) - len(kept)
    repeats = counted(lost, "pair repeats", "pairs repeat")
    notes += noted("changed", lost, f"{repeats} an earlier one: each counts once, with its mean score.")
    means = np.bincount(place, scores) / np.bincount(place)
    first, second = (tuple(side[number] for number in kept) for side in shown)
    return Pairs(name, first, second, frozen(means), frozen(rows[kept]), tuple(notes))
