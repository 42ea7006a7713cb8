"""Pairs of texts in two parts: some to learn from, others to be asked about, and no text in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embedlab.base.arrays import Flags, Floats, Rows, Singles, connected, frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus.corpus import Column, Corpus, named_pair
from embedlab.corpus.reading.table import MAX_CHARACTERS, Table
from embedlab.corpus.split import FEW, HELD_OUT, whole_note
from embedlab.text.same import folded, numbered

FEWEST = 3
_NAMES = (
    ("anchor", "positive"), ("query", "positive"), ("query", "answer"), ("question", "answer"), ("query", "document"),
    ("query", "passage"), ("text1", "text2"), ("text 1", "text 2"), ("text_1", "text_2"), ("sentence1", "sentence2"),
    ("first", "second"), ("source", "target"), ("a", "b"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class PairSplit:
    """Pairs of texts, each with the side it is on.

    `corpus` holds every text of the pairs once; `first` and `second` int (p,) are rows of it. `scores` float64 (p,)
    say how alike two are; None for pairs that belong together. `train` and `held_out` are numbers of pairs, int,
    rising; no text is on both sides. `groups` int (p,) is a number that pairs share which must be on one side.
    `notes` are sentences on what was left out and on what to bear in mind.
    """

    corpus: Corpus
    first: Rows
    second: Rows
    scores: Floats | None
    train: Rows
    held_out: Rows
    groups: Rows
    seed: int
    notes: tuple[str, ...]

    @property
    def measured_on(self) -> str:
        """What its figures are measured on, as "18 held-out pairs, drawn at random (seed 0)"."""
        return f"{counted(len(self.held_out), 'held-out pair')}, drawn at random (seed {self.seed})"

    @cached_property
    def fingerprint(self) -> str:
        """Stands for every text, every score, and which pairs are where."""
        scores = "" if self.scores is None else self.scores
        return fingerprint(self.corpus.fingerprint, self.first, self.second, scores, self.train, self.held_out)

    def texts(self, pairs: Rows) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the first and the second texts of some pairs."""
        first, second = (tuple(self.corpus.texts[row] for row in side[pairs]) for side in (self.first, self.second))
        return first, second

    def asked(self, vectors: Singles) -> tuple[Singles, Singles]:
        """Return the vectors of both texts of the held-out pairs, (h, d) each, of `vectors` (n, d) of the corpus."""
        return vectors[self.first[self.held_out]], vectors[self.second[self.held_out]]

    def cosines(self, vectors: Singles) -> Floats:
        """Return the cosines of the held-out pairs, float64 (h,), of unit `vectors` (n, d) of the corpus."""
        first, second = self.asked(vectors)
        return np.asarray(np.clip(np.einsum("pd,pd->p", first, second, dtype=np.float64), -1, 1))


def pair_split(
    name: str,
    first: Sequence[str],
    second: Sequence[str],
    scores: Floats | None = None,
    *,
    held_out: float = HELD_OUT,
    seed: int = 0,
    together: Rows | None = None,
) -> PairSplit:
    """Return the pairs with about the share `held_out` of them put aside, drawn with `seed`.

    Pairs that share a text, directly or through others, stay on one side; texts are the same that differ in capitals,
    white space or the form of their characters only. `together` int (n,) is a number for each of `pair_texts`, the
    same for those that nearly repeat each other: they stay on one side, too. Raises `EmbedlabError` where fewer than
    three pairs would be on one of the sides, as where nearly all of them hang together.
    """
    sides, written = _numbered(first, second)
    near = np.arange(len(written)) if together is None else np.unique(together, return_inverse=True)[1]
    if len(near) != len(written):
        raise ValueError(f"groups of {len(near)} texts for pairs of {len(written)}")
    of_first, of_second = near[sides[0]], near[sides[1]]
    groups = connected(of_first, of_second, len(written))[of_first]
    asked = _drawn(groups, held_out, seed)
    if min(asked.sum(), (~asked).sum()) < FEWEST:
        raise EmbedlabError(
            f"The {counted(len(asked), 'pair')} of “{name}” can't be split: too few of them, or nearly all hang "
            f"together by texts that they share or nearly share; bring pairs of other texts, so that {FEWEST} or more "
            "can be held out."
        )
    notes = whole_note(near)
    if asked.sum() < FEW:
        notes.append(
            f"Only {counted(int(asked.sum()), 'pair is', 'pairs are')} held out: hardly any difference can show, and "
            "the intervals are rough."
        )
    return PairSplit(
        Corpus.of(written, name), frozen(sides[0]), frozen(sides[1]), scores, frozen(np.flatnonzero(~asked)),
        frozen(np.flatnonzero(asked)), frozen(groups), seed, tuple(notes),
    )  # fmt: skip


def pair_texts(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """Return every text of these pairs once, as the first of its copies is written, in the order of `pair_split`."""
    return tuple(_numbered(first, second)[1])


def _numbered(first: Sequence[str], second: Sequence[str]) -> tuple[tuple[Rows, Rows], list[str]]:
    """Return a number for each text of both sides, the same for texts that are the same, and a text for each number."""
    texts = (*first, *second)
    numbers = numbered(texts, folded)
    written = [texts[at] for at in np.unique(numbers, return_index=True)[1]]
    return (numbers[: len(first)], numbers[len(first) :]), written


def _drawn(groups: Rows, share: float, seed: int) -> Flags:
    """Return which pairs are held out: whole groups in random order, as long as they fit into the share."""
    wanted = round(share * len(groups))
    sizes = np.bincount(groups) if len(groups) else np.zeros(0, dtype=np.intp)
    taken = np.zeros(len(sizes), dtype=bool)
    total = 0
    for group in np.random.default_rng(seed).permutation(len(sizes)).tolist():
        if sizes[group] and total + sizes[group] <= wanted:
            taken[group] = True
            total += int(sizes[group])
    return np.asarray(taken[groups], dtype=bool)


def belonging(table: Table) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the first and the second texts of the pairs in `table` that belong together, each once, and notes.

    The columns are known by their names (anchor, positive; query, answer; and the like); otherwise they are the first
    two columns of texts. Raises `EmbedlabError` where there are no two such columns, or no pair in them.
    """
    left, right = _columns(table)
    found: dict[tuple[str, str], None] = {}
    empty = 0
    for row in range(len(table)):
        pair = (left.shown(row).strip()[:MAX_CHARACTERS], right.shown(row).strip()[:MAX_CHARACTERS])
        if all(pair) and folded(pair[0]) != folded(pair[1]):
            found.setdefault(pair)
        else:
            empty += 1
    if not found:
        raise EmbedlabError(f"“{table.name}” holds no pair of two different texts: bring one in each row.")
    notes = [f"{counted(empty, 'row')} without two different texts left out."] if empty else []
    repeats = len(table) - empty - len(found)
    if repeats:
        notes.append(f"{counted(repeats, 'pair repeats', 'pairs repeat')} an earlier one: each counts once.")
    return tuple(first for first, _ in found), tuple(second for _, second in found), tuple(notes)


def _columns(table: Table) -> tuple[Column, Column]:
    if pair := named_pair(table.columns, _NAMES):
        return pair
    written = [column for column in table.columns if column.kind in ("text", "category") and not column.missing.all()]
    if len(written) < 2:
        have = listed(column.name for column in table.columns)
        raise EmbedlabError(
            f"“{table.name}” has no two columns of texts (there is {have}): name them anchor and positive."
        )
    return written[0], written[1]
