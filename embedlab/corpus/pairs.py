"""Pairs of texts with a score of how alike they are, from a table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted, joined, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.corpus import Column, Corpus, Note, named_column, named_pair, noted
from embedlab.corpus.guess import NUMBER
from embedlab.corpus.judgements import ROW, rows_named
from embedlab.corpus.reading.table import MAX_CHARACTERS, Table
from embedlab.corpus.roles import RENAMED, SAMPLE, TakenColumns, likeliest, refuse_twice, score_likeness, taken_as_score
from embedlab.text.same import folded

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
    "gold_score", "rating", "mean", "label", "is_duplicate", "gold_label", "relatedness_judgment",
    "entailment_judgment", "entailment_label", "quality", "paraphrase", "is_paraphrase", "duplicate",
)  # fmt: skip
# What people write for alike and not alike, and what lies between.
_WORDS = {
    **dict.fromkeys((
        "same", "duplicate", "duplicates", "yes", "true", "paraphrase", "similar", "alike", "match", "equivalent",
        "relevant", "positive", "related", "entailment", "entails", "entailed", "y", "t",
    ), 1.0),
    **dict.fromkeys(("neutral", "partly", "partial", "partially", "somewhat", "maybe", "undecided"), 0.5),
    **dict.fromkeys((
        "different", "not same", "not the same", "not duplicate", "not a duplicate", "non duplicate", "no duplicate",
        "no", "false", "not paraphrase", "non paraphrase", "dissimilar", "not similar", "unlike", "no match",
        "not equivalent", "irrelevant", "not relevant", "negative", "unrelated", "not related", "contradiction",
        "contradicts", "not entailment", "non entailment", "not entailed", "n", "f",
    ), 0.0),
}  # fmt: skip
_NO_WORD = frozenset(("-", "--", "?", "n/a", "none", "nan"))  # as where the people asked did not agree


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


def pairs_of(table: Table, corpus: Corpus | None = None, named_by: str = ROW, columns: Sequence[str] = ()) -> Pairs:
    """Return the pairs in `table`: two texts, or two ids of texts of `corpus`, and a score in each row.

    `columns` names those of the two texts and the score. Without it they are known by their names (text1, text2, score;
    id1, id2; and the like), or by what they hold: the two columns of the longest texts, and of the columns of numbers
    the one that looks most like scores, with a note where others may be them. A header that holds a pair was none.
    Scores in words (same and different; entailment, neutral and contradiction) count 1, 0.5 and 0. An id is a value of
    the column `named_by` of `corpus`, or its row in the source, counted from 1 (`ROW`). Rows without one of the three,
    and with an id that no text has, are counted and left out; a pair that repeats, in either order, counts once with
    its mean score. Raises `EmbedlabError` where the columns are not there, a score is no number, or no pair is left.
    """
    sides, named_ids, score, notes = _roles(table, columns)
    scores, more = _scores(score)
    notes += more
    cells = [[side.shown(row).strip() for row in range(len(table))] for side in sides]
    header = [] if columns else _swallowed(table, sides, score)
    if header:
        cells = [[head, *side] for head, side in zip(header[:2], cells, strict=True)]
        scores = np.append(float(header[2]), scores)
    ids = {name: rows[0] for name, rows in rows_named(corpus, named_by).items()} if corpus is not None else {}
    texts = {text.strip(): row for row, text in reversed([*enumerate(corpus.texts)])} if corpus is not None else {}
    every = {cell for side in cells for cell in side}
    more_ids = len(every & ids.keys()) > len(every & texts.keys())
    by_id = named_ids or all(side.kind == "number" for side in sides) or more_ids
    if by_id and corpus is None:
        raise EmbedlabError(f"“{table.name}” names its texts by ids: open the texts that these are first.")
    kept = [row for row in range(len(scores)) if cells[0][row] and cells[1][row] and not math.isnan(scores[row])]
    lost = len(scores) - len(kept)
    notes += noted("dropped", lost, f"{counted(lost, 'row')} without two texts and a score left out.")
    if by_id:
        kept, unknown = _known(kept, cells, ids, named_by)
        notes += unknown
    else:
        cells = [[cell[:MAX_CHARACTERS] for cell in side] for side in cells]
    if not kept:
        said = " ".join(note.sentence for note in notes) or "it holds none."
        have = f" The texts have ids such as {listed(ids, 3)}." if by_id and ids else ""
        raise EmbedlabError(f"No pair in “{table.name}” can be used: {said[:1].lower()}{said[1:]}{have}")
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


def pair_columns(table: Table) -> TakenColumns:
    """Return what `pairs_of` takes by itself for the first text, the second and the score."""
    with suppress(EmbedlabError):
        (first, second), _, score, _ = _roles(table, ())
        return TakenColumns(table, (first.name, second.name, score.name))
    return TakenColumns(table, ("", "", ""))


def _roles(table: Table, columns: Sequence[str]) -> tuple[tuple[Column, Column], bool, Column, list[Note]]:
    """Return the two columns of texts or ids, whether their names say that they are ids, the scores, and notes."""
    if columns:
        if len(columns) != 3:
            raise EmbedlabError("Name three columns of pairs: those of both texts (or ids) and that of the score.")
        refuse_twice(columns)
        first, second, score = (table.column(name) for name in columns)
        return (first, second), False, score, []
    sides, named_ids = _sides(table)
    score, notes = _score_column(table, sides)
    return sides, named_ids, score, notes


def _sides(table: Table) -> tuple[tuple[Column, Column], bool]:
    """Return the two columns of texts or ids, and whether their names say that they are ids."""
    for names, ids in ((_TEXT_NAMES, False), (_ID_NAMES, True)):
        if pair := named_pair(table.columns, names):
            return pair, ids
    score = named_column(table.columns, _SCORE_NAMES)
    others = [column for column in table.columns if column is not score and not column.missing.all()]
    written = [column for column in others if column.kind in ("category", "text")]
    words = [one for one in written if not _in_words(one)] if len(written) > 2 else written
    if len(words) >= 2:
        longest = sorted(sorted(words, key=_length, reverse=True)[:2], key=written.index)
        return (longest[0], longest[1]), False
    numbers = [column for column in others if column.kind == "number"]
    if len(numbers) >= 2 and not written:
        return (numbers[0], numbers[1]), True
    have = listed(column.name for column in table.columns)
    raise EmbedlabError(
        f"“{table.name}” has no two columns of texts or ids (there is {have}): name them text1 and text2, or id1 and "
        "id2, and the third score."
    )


def _length(column: Column) -> float:
    """Return how long the values of a column are, the more so the more different ones there are."""
    values = [value for value in column.values[:SAMPLE] if value]
    return sum(map(len, values)) / max(1, len(values)) * len(set(values)) / max(1, len(values))


def _in_words(column: Column) -> bool:
    """Whether all values of a column are words for how alike two texts are."""
    values = {_folded(value) for value in column.values if value} - _NO_WORD
    return bool(values) and values <= _WORDS.keys()


def _folded(value: str) -> str:
    return " ".join(value.casefold().replace("_", " ").replace("-", " ").split()) or value.strip()


def _score_column(table: Table, sides: Sequence[Column]) -> tuple[Column, list[Note]]:
    named = [one for one in table.columns if one not in sides and named_column([one], _SCORE_NAMES)]
    numbers = [column for column in table.columns if column.kind == "number" and column not in sides]
    if named:
        best = min(named, key=lambda one: (not _holds_scores(one), _SCORE_NAMES.index(folded(one.name))))
        others = [
            one for one in named if one is not best and one.kind == "number" and score_likeness(one.values.tolist()) > 1
        ]
        return best, _could_be(best, others)
    found, others = likeliest(numbers)
    if found is not None and score_likeness(found.values.tolist()):
        return found, _could_be(found, others)
    worded = [one for one in table.columns if one not in sides and one.kind == "category" and _in_words(one)]
    if worded or found is not None:
        return (worded[-1] if worded else found) or sides[0], []
    have = listed(column.name for column in table.columns)
    raise EmbedlabError(
        f"“{table.name}” has no column of scores (there is {have}): add one of numbers named score, where more means "
        "more alike."
    )


def _holds_scores(column: Column) -> bool:
    return column.kind == "number" or _in_words(column) or bool(_numbers(column))


def _numbers(column: Column) -> bool:
    return all(NUMBER.fullmatch(column.shown(row).strip() or "0") for row in range(min(SAMPLE, len(column.values))))


def _could_be(best: Column, others: Sequence[Column]) -> list[Note]:
    filled = [int((~one.missing).sum()) for one in (best, *others)]
    return taken_as_score(
        best.name, filled[0], [(one.name, count) for one, count in zip(others, filled[1:], strict=True)]
    )


def _swallowed(table: Table, sides: Sequence[Column], score: Column) -> list[str]:
    """Return the first pair where it was taken for a header: its score is a number; else nothing."""
    names = [RENAMED.sub("", column.name).strip() for column in (*sides, score)]
    return names if table.layout.header != 0 and NUMBER.fullmatch(names[2]) and all(names) else []


def _scores(column: Column) -> tuple[Floats, list[Note]]:
    if column.kind == "number":
        return np.array(column.values, dtype=np.float64), []
    if _in_words(column):
        return _worded(column)
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
    return scores, []


def _worded(column: Column) -> tuple[Floats, list[Note]]:
    """Return words as numbers, and say which word counts as what, with how many rows have it."""
    words = [_folded(value) if value else "" for value in column.values]
    scores = np.array([_WORDS.get(word, math.nan) for word in words])
    rows = Counter(str(value) for value, word in zip(column.values, words, strict=True) if word in _WORDS)
    told = joined([
        f"“{word}” ({counted(count, 'row')}) counts as {_WORDS[_folded(word)]:g}" for word, count in rows.most_common(6)
    ])  # fmt: skip
    return scores, [Note("info", len(column.values), f"The scores in “{column.name}” are words: {told}.")]


# --- Which text is meant -------------------------------------------------------------------------


def _known(
    kept: list[int], cells: Sequence[Sequence[str]], ids: dict[str, int], named_by: str
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
