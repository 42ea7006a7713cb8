"""Whether the rows of two sets of vectors belong together, and if they don't, in which order they would."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, Singles
from embedlab.corpus import Corpus
from embedlab.encoders.base import Vectors
from embedlab.space.space import Neighbours, Space

Kind = Literal["moved", "backwards", "sorted", "mixed"]

FEWEST = 30
"""Fewer distinct texts fit in some order by chance."""
COMPONENTS = 16
NEAREST = 10
TRIED = 4  # so many of the shifts that stand out most are looked at closely
PROFILES = 300

# What an order must bring to be believed: in standard errors, in times, and in shares of a text's nearest.
_ERRORS, _TIMES, _MORE = 6.0, 1.5, 0.02
# A move that spares fewer rows than this, at one end, is one of all rows.
_FEW, _FEW_SHARE = 10, 0.02
_FIT_ALREADY = 0.9
# The cosines of a text to its own nearest tell it from others: so much nearer than to the next it is the same one.
_SAME = 0.3


@dataclass(frozen=True)
class Order:
    """In which order the rows of one set of vectors, the second, fit those of another, the first.

    "moved": the second's row `i + by` belongs to the first's row `i`, for the first's rows from `start` up to but not
    including `stop`, counted from 0 in the source; the others fit as they stand. "backwards": the second's last row
    belongs to the first's first one. "sorted": the second are in the order of `key`. "mixed": they are the same vectors
    in an order that none of these explains. `before` and `after` (0 to 1) are the mean shares of a text's nearest that
    both have in common, as the rows stand and put in order; NaN where "mixed".
    """

    kind: Kind
    by: int = 0
    start: int | None = None
    stop: int | None = None
    key: str = ""
    before: float = math.nan
    after: float = math.nan

    def sentence(self, first: str = "the first", second: str = "the second") -> str:
        """Say what is wrong with the rows; `first` and `second` say whose rows they are, such as "the texts"."""
        if self.kind == "mixed":
            return (
                f"The rows of {second} are in another order than those of {first}: the vectors are the same, but no "
                "shift or sorting explains their order."
            )
        if self.kind == "backwards":
            return f"The rows of {second} seem to be in the opposite order of those of {first}: backwards they fit."
        if self.kind == "sorted":
            return (
                f"The rows of {second} seem to be in another order than those of {first}: they fit the texts sorted "
                f"by {self.key}."
            )
        rows = "one row" if abs(self.by) == 1 else f"{abs(self.by):,} rows"
        at = max((self.start or 0) + 1, 1 - self.by)  # counted from 1, and so that the other is no less
        where = f" from row {self.start + 1:,} on" if self.start else f" up to row {self.stop:,}" if self.stop else ""
        return (
            f"The rows of {second} seem to be {rows} too {'low' if self.by > 0 else 'high'}{where}: what stands in row "
            f"{at + self.by:,} fits row {at:,} of {first}, and so on."
        )

    @property
    def facts(self) -> dict[str, str | int | None]:
        """The same as plain values, ready for JSON: rows are counted from 1."""
        return {
            "kind": self.kind,
            "by": self.by,
            "from_row": None if self.start is None else self.start + 1,
            "to_row": self.stop,
            "key": self.key,
            "sentence": self.sentence(),
        }


@dataclass(frozen=True, eq=False)
class Side:
    """One of two sets of vectors of the same distinct texts.

    `vectors` is float32 (u, d), rows of length 1; `near` int (u, k) are the nearest of each, `cosines` (u, k) theirs.
    """

    vectors: Vectors
    near: NDArray[np.int32]
    cosines: Singles

    @classmethod
    def of(cls, space: Space, near: Neighbours) -> Side:
        """Return a space as one side."""
        distinct = near.distinct
        return cls(space.vectors[distinct.rows], distinct.indices, distinct.cosines)


def order(first: Side, second: Side, corpus: Corpus) -> Order | None:
    """Return the order in which the rows of `second` fit those of `first`; None where no other fits better than theirs.

    Tried are all shifts, forwards and backwards, of all rows or of those from some row on or up to one; the texts
    sorted by themselves, by length and by each column; and whether both hold the same vectors anyhow. A shift is found
    from the correlations of the leading principal components at all lags at once (fast Fourier transform), so the two
    may be of different models and dimensions. What is found is believed only where the nearest texts agree clearly
    better in it. Rows are those of the source, where texts that were left out have theirs; or, if that fits better,
    of the texts alone.
    """
    distinct, _ = corpus.distinct
    if len(distinct) < FEWEST or min(first.near.shape[1], second.near.shape[1]) < 1:
        return None
    pair = _Pair(first, second, corpus.rows[distinct])
    if pair.as_is.mean() >= _FIT_ALREADY:
        return None
    orders = [*_moves(pair), *_sortings(pair, corpus, distinct)]
    if corpus.rows[-1] - corpus.rows[0] + 1 > len(corpus):
        orders += _moves(_Pair(first, second, distinct))
    best = max(orders, key=lambda found: found.after, default=None)
    return best or (Order("mixed") if _same_vectors(first, second) else None)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two sides, and the rows of the source, rising, that their texts stand in."""

    first: Side
    second: Side
    rows: Rows

    @property
    def length(self) -> int:
        """How many rows there are from the first to the last."""
        return int(self.rows[-1] - self.rows[0]) + 1

    @cached_property
    def number(self) -> Rows:
        """Which text stands in each row, int (length,), -1 for none."""
        found = np.full(self.length, -1, dtype=np.intp)
        found[self.rows - self.rows[0]] = np.arange(len(self.rows))
        return found

    @cached_property
    def as_is(self) -> Floats:
        """What the nearest of each text have in common as the rows stand."""
        return self.shared(np.arange(len(self.rows)))

    def shared(self, to: Rows) -> Floats:
        """Return what part of its nearest each text has in both, if `to` int (u,) are its vectors in the second.

        -1 is a text without one; it has nothing in common.
        """
        k = min(NEAREST, self.first.near.shape[1], self.second.near.shape[1])
        near, other = to[self.first.near[:, :k]], self.second.near[np.maximum(to, 0), :k]
        common = np.zeros(len(to))
        for place in range(k):
            common += (near == other[:, place, None]).any(axis=1)
        return np.where(to >= 0, common / k, 0.0)

    def at(self, shift: int, backwards: bool = False) -> Rows:
        """Return for each text the number of that `shift` rows further on, in a circle; -1 where no text stands."""
        rows = self.rows - self.rows[0] + shift
        return np.asarray(self.number[(-1 - rows if backwards else rows) % self.length])

    def shifts(self, backwards: bool = False) -> list[int]:
        """Return the shifts at which the leading components agree most, the best first, none larger than half of all.

        The correlation of the components of both at each lag, squared and summed: what canonical correlation makes the
        most of is then largest, too.
        """
        from scipy.fft import irfft, rfft

        one, other = (_components(side.vectors, self) for side in (self.first, self.second))
        second = rfft(other[::-1] if backwards else other, axis=0)
        strength = np.zeros(self.length)
        for column in rfft(one, axis=0).T:
            strength += (irfft(column.conj()[:, None] * second, self.length, axis=0) ** 2).sum(axis=1)
        best = np.argsort(-strength, kind="stable")[: TRIED + 1].tolist()
        return [shift - self.length if 2 * shift > self.length else shift for shift in best][: TRIED + 1]

    def better(self, shared: Floats, some: slice = slice(None)) -> bool:
        """Return whether some texts have clearly more in common than as the rows stand."""
        after, before = shared[some], self.as_is[some]
        gain = after - before
        if len(gain) < FEWEST // 2:
            return False
        error = max(float(gain.std()) / math.sqrt(len(gain)), 1e-9)
        return bool(gain.mean() > _ERRORS * error and after.mean() > _TIMES * before.mean() + _MORE)


def _components(vectors: Vectors, pair: _Pair) -> Floats:
    """Return the leading principal components at the rows of the texts, 0 in rows without one, float64 (length, c).

    Each is scaled to length 1.
    """
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    squared, directions = np.linalg.eigh(centred.T @ centred)
    kept = int((squared > max(float(squared[-1]), 1e-12) * 1e-9).sum())
    count = min(COMPONENTS, kept, max(1, len(vectors) // 8))
    scores = centred @ directions[:, len(squared) - count :]
    found = np.zeros((pair.length, count))
    found[pair.rows - pair.rows[0]] = scores / np.maximum(np.linalg.norm(scores, axis=0), 1e-12)
    return found


# --- Orders to try -------------------------------------------------------------------------------


def _moves(pair: _Pair) -> Iterator[Order]:
    before = float(pair.as_is.mean())
    for shift in pair.shifts():
        if shift:
            found = _moved(pair, shift)
            if found is not None:
                yield found
    backwards = pair.at(pair.shifts(backwards=True)[0], backwards=True)
    shared = pair.shared(backwards)
    if pair.better(shared):
        yield Order("backwards", before=before, after=float(shared.mean()))


def _moved(pair: _Pair, shift: int) -> Order | None:
    """Return the move by `shift` of all rows, or of those up to or from where it is better; None where it isn't."""
    to = pair.at(shift)
    risen = np.concatenate([[0.0], np.cumsum(pair.shared(to) - pair.as_is)])
    count = len(pair.rows)
    few = max(_FEW, int(_FEW_SHARE * count)) + abs(shift)
    start, stop = int(risen.argmin()), int(risen.argmax())
    some = slice(start if start >= few else 0, stop if count - stop >= few else count)
    if some.start >= some.stop:
        return None
    place = np.arange(count)
    place[some] = to[some]
    shared = pair.shared(place)
    if not pair.better(shared, some):
        return None
    return Order(
        "moved",
        shift,
        int(pair.rows[some.start]) if some.start else None,
        int(pair.rows[some.stop - 1]) + 1 if some.stop < count else None,
        before=float(pair.as_is.mean()),
        after=float(shared.mean()),
    )


def _sortings(pair: _Pair, corpus: Corpus, distinct: Rows) -> Iterator[Order]:
    number = np.full(len(corpus), -1, dtype=np.intp)
    number[distinct] = np.arange(len(distinct))
    for key, places in _keys(corpus):
        stands = np.empty(len(corpus), dtype=np.intp)
        stands[places] = np.arange(len(corpus))
        shared = pair.shared(number[stands[distinct]])
        if pair.better(shared):
            yield Order("sorted", key=key, before=float(pair.as_is.mean()), after=float(shared.mean()))


def _keys(corpus: Corpus) -> Iterator[tuple[str, Rows]]:
    """Yield what texts may be sorted by, with the places of the texts in that order."""
    lengths = np.array([len(text) for text in corpus.texts])
    yield "their letters", np.array(sorted(range(len(corpus)), key=corpus.texts.__getitem__), dtype=np.intp)
    yield "length, the shortest first", np.argsort(lengths, kind="stable")
    yield "length, the longest first", np.argsort(-lengths, kind="stable")
    for column in corpus.columns:
        values = column.values
        if column.kind in ("category", "text"):
            values = np.array([value or "" for value in values], dtype=object)
        yield f"“{column.name}”", np.argsort(values, kind="stable")


def _same_vectors(first: Side, second: Side) -> bool:
    """Return whether most texts have one in the second that is just as near to its own nearest, and hardly another."""
    from scipy.spatial import cKDTree

    k = min(NEAREST, first.cosines.shape[1], second.cosines.shape[1])
    step = max(1, len(first.cosines) // PROFILES)
    near, _ = cKDTree(second.cosines[:, :k]).query(first.cosines[::step, :k], 2)
    return bool(np.median(near[:, 0] / np.maximum(near[:, 1], 1e-9)) < _SAME)
