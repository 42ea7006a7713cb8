"""Texts that say the same: copies, and copies with typing errors, other capitals or the words in another order.

A vector's cosine alone can't tell them from texts that differ in the one word that counts, so the words decide: a pair
is found by its vectors or by its letters, and measured by how much of both texts' words is the same, rare words
counting more (after the soft TF-IDF of Cohen, Ravikumar and Fienberg, "A comparison of string distance metrics for
name-matching tasks", 2003).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embedlab.check.sketches import alike, sketched, sketches
from embedlab.corpus import Corpus, frozen
from embedlab.corpus.split import same_text
from embedlab.space import Neighbours, Space
from embedlab.work import Report, Stopwatch, no_report

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]

FLOOR = 0.6
DEFAULT_THRESHOLD = 0.85
BY_VECTORS = 10
LEAST_COSINE = 0.5
LEAST_LETTERS = 0.3
RARE = 3
PLAINLY_ALIKE = 0.85
_EVERY = 2_000

# A run of letters, a number, or one character of a script that is written without spaces.
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|\d+")


@dataclass(frozen=True, eq=False)
class Group:
    """Texts that say the same: `rows` int, rising.

    `kept` is the one that all others are compared with, `least` the lowest likeness to it.
    """

    kept: int
    rows: Rows
    least: float


@dataclass(frozen=True, eq=False)
class Duplicates:
    """`exact` are the rows of each text that occurs more than once, but for capitals, white space and form.

    `pairs` int (p, 2) are near-duplicates among the first rows of the others, each of them the smaller row first;
    `likeness` float64 (p,) in `FLOOR` to 1 says how much of their words is the same, falling.
    """

    exact: tuple[Rows, ...]
    pairs: Rows
    likeness: Floats

    @cached_property
    def copies(self) -> int:
        """How many texts repeat an earlier one."""
        return sum(len(rows) - 1 for rows in self.exact)

    def near(self, threshold: float = DEFAULT_THRESHOLD) -> Rows:
        """Return the pairs at or above the threshold, int (q, 2), the most alike first."""
        return self.pairs[: int(np.searchsorted(-self.likeness, -threshold, side="right"))]

    def groups(self, threshold: float = DEFAULT_THRESHOLD) -> tuple[Group, ...]:
        """Return groups of near-duplicates, the largest first; copies of their texts are among them.

        Every text is at least as alike as the threshold to the one that is kept, so that no chain of small changes
        joins texts that say different things.
        """
        near = self.near(threshold)
        likeness = {(int(a), int(b)): float(value) for (a, b), value in zip(near, self.likeness, strict=False)}
        beside: dict[int, list[int]] = {}
        for first, second in likeness:
            beside.setdefault(first, []).append(second)
            beside.setdefault(second, []).append(first)
        copies = {int(rows[0]): rows for rows in self.exact}
        taken: set[int] = set()
        found = []
        for kept in sorted(beside, key=lambda row: (-len(beside[row]), row)):
            if kept in taken:
                continue
            others = [row for row in beside[kept] if row not in taken]
            if not others:
                continue
            taken |= {kept, *others}
            least = min(likeness[min(kept, row), max(kept, row)] for row in others)
            members = [copies.get(row, np.array([row])) for row in (kept, *others)]
            found.append(Group(kept, np.unique(np.concatenate(members)), least))
        return tuple(sorted(found, key=lambda group: (-len(group.rows), group.kept)))

    def borderline(self, threshold: float, count: int = 5) -> Rows:
        """Return places in `pairs`: the `count` just above the threshold and the `count` just below it, int."""
        cut = len(self.near(threshold))
        return np.arange(max(0, cut - count), min(len(self.pairs), cut + count))


def duplicates(space: Space, near: Neighbours, report: Report = no_report) -> Duplicates:
    """Return what repeats among the texts of a space.

    Candidates are the ten nearest by vector, and all pairs with many short runs of letters in common (MinHash, Broder
    1997); then words decide. Texts without a word are compared as they are only.
    """
    exact, firsts = _exact(space.corpus)
    texts = [same_text(space.corpus.texts[row]) for row in firsts.tolist()]
    found = sketches(texts)
    candidates = np.concatenate([_by_vectors(near, firsts, len(space)), alike(found)])
    candidates = np.unique(np.sort(candidates[candidates[:, 0] != candidates[:, 1]], axis=1), axis=0)
    candidates = candidates[sketched(found, candidates) >= LEAST_LETTERS]
    words = _Words(texts)
    likeness = np.zeros(len(candidates))
    watch = Stopwatch("Looking for near-duplicates", len(candidates), report)
    for start in range(0, len(candidates), _EVERY):
        for at in range(start, min(start + _EVERY, len(candidates))):
            likeness[at] = words.likeness(*candidates[at].tolist())
        watch.at(min(start + _EVERY, len(candidates)))
    kept = np.flatnonzero(likeness >= FLOOR)
    order = kept[np.argsort(-likeness[kept], kind="stable")]
    return Duplicates(exact, frozen(firsts[candidates[order]].reshape(-1, 2)), frozen(likeness[order]))


def _exact(corpus: Corpus) -> tuple[tuple[Rows, ...], Rows]:
    """Return the rows of each text that repeats, the most frequent first, and the first row of every text."""
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(corpus.texts):
        rows.setdefault(same_text(text), []).append(row)
    repeated = sorted((found for found in rows.values() if len(found) > 1), key=lambda found: (-len(found), found[0]))
    return tuple(np.array(found) for found in repeated), np.array([found[0] for found in rows.values()], dtype=np.intp)


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


class _Words:
    """The words of texts, and how much each tells: those that few texts have tell more (inverse document frequency)."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._words = [_WORDS.findall(text) for text in texts]
        self._texts = Counter(word for words in self._words for word in set(words))
        self._weights = {word: math.log(1 + len(texts) / count) for word, count in self._texts.items()}

    def likeness(self, first: int, second: int) -> float:
        """Return the share of the weight of both texts' words that is in both, 0 to 1.

        A word counts as often as it stands there. Two words that differ by a typing error count as one word, nearly.
        """
        ours, theirs = Counter(self._words[first]), Counter(self._words[second])
        both = ours & theirs
        same = sum(self._weights[word] * count for word, count in both.items())
        alone, others = list((ours - both).elements()), list((theirs - both).elements())
        matched, unmatched = self._matched(alone, others)
        total = 2 * (same + matched[1]) + unmatched
        return 2 * (same + matched[0]) / total if total else 0.0

    def _matched(self, ours: list[str], theirs: list[str]) -> tuple[tuple[float, float], float]:
        """Return the weight of words that are the same but for a typing error, times their likeness and without, and
        the weight of the others."""
        if ours and "".join(ours) == "".join(theirs):  # only the spaces differ
            weight = max(sum(self._weights[word] for word in words) for words in (ours, theirs))
            return (weight, weight), 0.0
        found = sorted(
            ((self._mistyped(a, b), i, j) for i, a in enumerate(ours) for j, b in enumerate(theirs)), reverse=True
        )
        alike = weight = 0.0
        left, right = set(range(len(ours))), set(range(len(theirs)))
        for value, i, j in found:
            if value > 0 and i in left and j in right:
                left.remove(i)
                right.remove(j)
                least = min(self._weights[ours[i]], self._weights[theirs[j]])  # the error makes a word rare
                alike, weight = alike + value * least, weight + least
        lone = sum(self._weights[ours[i]] for i in left) + sum(self._weights[theirs[j]] for j in right)
        return (alike, weight), lone

    def _mistyped(self, first: str, second: str) -> float:
        """Return how alike two words are if one may be a typing error for the other, else 0.

        Numbers are no typing errors. Two words that many texts have are two words, unless they are long and almost
        alike (a plural, say).
        """
        from rapidfuzz.distance import OSA

        if first.isdecimal() or second.isdecimal():
            return 0.0
        distance = OSA.distance(first, second, score_cutoff=2)
        longest = max(len(first), len(second))
        value = 1 - distance / longest
        if distance > (1 if longest < 6 else 2) or longest < 3:
            return 0.0
        rare = min(self._texts[first], self._texts[second]) <= RARE
        return value if rare or value >= PLAINLY_ALIKE else 0.0
