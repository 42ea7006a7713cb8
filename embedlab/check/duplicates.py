"""Texts that say the same: copies, and copies with typing errors, other capitals or the words in another order.

A vector's cosine alone can't tell them from texts that differ in the one word that counts, so the words decide: a pair
is found by its vectors or by its letters, and measured by how much of both texts' words is the same (see `wording`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.check.minhash import alike, pairs_of, sketched, sketches
from embedlab.check.soft_tfidf import Wording
from embedlab.corpus import Corpus
from embedlab.space import Neighbours, Space
from embedlab.text.same import folded

Piece = tuple[str, bool]

FLOOR = 0.7
DEFAULT_THRESHOLD = 0.9
BY_VECTORS = 10
LEAST_COSINE = 0.5
LEAST_LETTERS = 0.35
CLOSEST = 20
_EVERY = 2_000


@dataclass(frozen=True, eq=False)
class Duplicates:
    """`exact` are the rows of each text that occurs more than once, but for capitals, white space and form.

    `pairs` int (p, 2) are near-duplicates among the first rows of the others, each of them the smaller row first;
    `likeness` float64 (p,) in `FLOOR` to 1 says how much of their words is the same, falling. `crowded` says that so
    many texts are alike that each was compared with the `CLOSEST` others only.
    """

    exact: tuple[Rows, ...]
    pairs: Rows
    likeness: Floats
    crowded: bool = False

    @cached_property
    def copies(self) -> int:
        """How many texts repeat an earlier one."""
        return sum(len(rows) - 1 for rows in self.exact)

    def near(self, threshold: float = DEFAULT_THRESHOLD) -> Rows:
        """Return the pairs at or above the threshold, int (q, 2), the most alike first."""
        return self.pairs[: int(np.searchsorted(-self.likeness, -threshold, side="right"))]

    @cached_property
    def firsts(self) -> Mapping[int, int]:
        """The first row of the text at each row that is one of several copies."""
        return {int(row): int(rows[0]) for rows in self.exact for row in rows}

    def first_of(self, row: int) -> int:
        """Return the first row of the text at `row`."""
        return self.firsts.get(row, row)

    def copies_of(self, row: int) -> Rows:
        """Return the rows of the text at `row`, itself among them, int, rising."""
        return self._copies.get(self.first_of(row), np.array([row], dtype=np.intp))

    @cached_property
    def _copies(self) -> Mapping[int, Rows]:
        return {int(rows[0]): rows for rows in self.exact}

    @cached_property
    def alike(self) -> Mapping[int, Sequence[tuple[int, float]]]:
        """For the first row of a text those that nearly repeat it, with their likeness, the most alike first."""
        found: dict[int, list[tuple[int, float]]] = {}
        for (first, second), value in zip(self.pairs.tolist(), self.likeness.tolist(), strict=True):
            found.setdefault(first, []).append((second, value))
            found.setdefault(second, []).append((first, value))
        return found

    def alike_from(self, first: int, threshold: float) -> Sequence[tuple[int, float]]:
        """Return those of `alike` at or above the threshold."""
        found = self.alike.get(first, [])
        return found[: bisect_right(found, -threshold, key=lambda one: -one[1])]

    def borderline(self, threshold: float, count: int = 5) -> Rows:
        """Return places in `pairs`: the `count` just above the threshold and the `count` just below it, int."""
        cut = len(self.near(threshold))
        return np.arange(max(0, cut - count), min(len(self.pairs), cut + count))


def duplicates(space: Space, near: Neighbours, report: Report = no_report) -> Duplicates:
    """Return what repeats among the texts of a space.

    Candidates are the ten nearest by vector, and all pairs with many short runs of letters in common (MinHash, Broder
    1997); then words decide, in whatever order they stand. Texts without a word are compared as they are only.
    """
    exact, firsts = _exact(space.corpus)
    count = len(firsts)
    texts = [folded(space.corpus.texts[row]) for row in firsts.tolist()]
    found = sketches(texts)
    first, second = np.concatenate([_by_vectors(near, firsts, len(space)), alike(found)]).T
    candidates = pairs_of(np.minimum(first, second) * count + np.maximum(first, second), count)
    letters = sketched(found, candidates)
    enough = (letters >= LEAST_LETTERS) & (candidates[:, 0] != candidates[:, 1])
    candidates, letters = candidates[enough], letters[enough]
    crowded = len(candidates) > CLOSEST * count
    if crowded:
        candidates = candidates[_closest(candidates, letters, count)]
    likeness = _measured(Wording(texts), candidates, report)
    kept = np.flatnonzero(likeness >= FLOOR)
    order = kept[np.argsort(-likeness[kept], kind="stable")]
    return Duplicates(exact, frozen(firsts[candidates[order]].reshape(-1, 2)), frozen(likeness[order]), crowded)


def _closest(pairs: Rows, letters: Floats, count: int) -> NDArray[np.bool_]:
    """Return which pairs are among those of one of their texts with the most letters in common."""
    kept = np.zeros(len(pairs), dtype=bool)
    for side in (0, 1):
        order = np.lexsort((-letters, pairs[:, side]))
        starts = np.searchsorted(pairs[order, side], np.arange(count))
        rank = np.arange(len(pairs)) - starts[pairs[order, side]]
        kept[order[rank < CLOSEST // 2]] = True
    return kept


def _measured(words: Wording, pairs: Rows, report: Report) -> Floats:
    likeness = np.zeros(len(pairs))
    watch = Stopwatch("Looking for near-duplicates", len(pairs), report)
    for at, (first, second) in enumerate(pairs.tolist()):
        likeness[at] = words.likeness(first, second)
        if (at + 1) % _EVERY == 0 or at + 1 == len(pairs):
            watch.at(at + 1)
    return likeness


def _exact(corpus: Corpus) -> tuple[tuple[Rows, ...], Rows]:
    """Return the rows of each text that repeats, the most frequent first, and the first row of every text."""
    rows = np.split(np.argsort(corpus.same, kind="stable"), np.cumsum(np.bincount(corpus.same))[:-1])
    repeated = sorted((found for found in rows if len(found) > 1), key=lambda found: (-len(found), found[0]))
    return tuple(repeated), np.array([found[0] for found in rows if len(found)], dtype=np.intp)


def _by_vectors(near: Neighbours, firsts: Rows, count: int) -> Rows:
    """Return pairs of places in `firsts` whose vectors are near, int (p, 2)."""
    distinct = near.distinct
    place = np.full(count, -1, dtype=np.intp)
    place[firsts] = np.arange(len(firsts))
    k = min(BY_VECTORS, distinct.indices.shape[1])
    first = np.repeat(place[distinct.rows], k)
    second = place[distinct.rows[distinct.indices[:, :k].ravel()]]
    close = (distinct.cosines[:, :k].ravel() >= LEAST_COSINE) & (first >= 0) & (second >= 0)
    return np.stack([first[close], second[close]], axis=1)


def differing(first: str, second: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces: what stands there, and whether the other has it at this place too.

    Words are compared whatever their case; the pieces of a text, with single spaces between them, are the text.
    """
    ours, theirs = first.split(), second.split()
    matcher = SequenceMatcher(None, [word.casefold() for word in ours], [word.casefold() for word in theirs], False)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        for pieces, words in ((left, ours[start:end]), (right, theirs[other_start:other_end])):
            if words:
                pieces.append((" ".join(words), tag == "equal"))
    return tuple(left), tuple(right)
