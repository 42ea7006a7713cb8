"""Two versions of a model: which queries would now return something else, and what to think of the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import frozen
from embedlab.errors import EmbedlabError
from embedlab.lab.compact import best
from embedlab.lab.compare import Difference
from embedlab.lab.intervals import Interval, interval
from embedlab.lab.overlap import DEFAULT_K, Rows, check_texts
from embedlab.space.space import Space

if TYPE_CHECKING:
    from embedlab.lab.floors import Floors

_QUERIES_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class QueryChange:
    """What one query finds in each of two spaces.

    `query` is its place among the queries. `before` and `after` int (k,) are the rows of the distinct texts with the
    highest cosine, best first, in the first and the second space. `shared` is the share (0 to 1) that is in both;
    `gained` and `lost` int are the rows that only the second or only the first one finds.
    """

    query: int
    before: Rows
    after: Rows
    shared: float
    gained: Rows
    lost: Rows

    @property
    def same_first(self) -> bool:
        """Whether the best text is still the same."""
        return bool(self.before[0] == self.after[0])


def queries_changed(
    first: Space,
    second: Space,
    queries_first: NDArray[np.float32],
    queries_second: NDArray[np.float32],
    k: int = DEFAULT_K,
) -> tuple[QueryChange, ...]:
    """Return what each query finds in both spaces, in the order of the queries.

    `queries_first` (q, d) and `queries_second` (q, e) are the vectors of the same queries, of length 1, as each model
    reads them. Raises `EmbedlabError` where the texts or the number of queries are not the same, or a vector has not
    the dimensions of its space.
    """
    check_texts(first, second)
    _check_queries(first, second, queries_first, queries_second)
    before, after = _found(first, queries_first, k), _found(second, queries_second, k)
    return tuple(_change(query, *found) for query, found in enumerate(zip(before, after, strict=True)))


def _found(space: Space, queries: NDArray[np.float32], k: int) -> list[Rows]:
    rows, _ = space.corpus.distinct
    vectors = space.vectors if len(rows) == len(space) else space.vectors[rows]
    found: list[Rows] = []
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        cosines = queries[start : start + _QUERIES_AT_ONCE] @ vectors.T
        found += [frozen(rows[best(one, k)]) for one in cosines]
    return found


def _change(query: int, before: Rows, after: Rows) -> QueryChange:
    gained, lost = after[~np.isin(after, before)], before[~np.isin(before, after)]
    return QueryChange(query, before, after, 1 - len(lost) / len(before), gained, lost)


def _check_queries(first: Space, second: Space, one: NDArray[np.float32], other: NDArray[np.float32]) -> None:
    if len(one) != len(other):
        raise EmbedlabError(
            f"There are {len(one):,} queries for one model and {len(other):,} for the other: give both the same ones."
        )
    for space, queries in ((first, one), (second, other)):
        if queries.shape[1] != space.vectors.shape[1]:
            raise EmbedlabError(
                f"A query has {queries.shape[1]:,} dimensions, but the texts have {space.vectors.shape[1]:,} in "
                f"{space.card.model}: encode the queries with the model that encoded the texts."
            )


def shared_results(changes: Sequence[QueryChange]) -> Interval:
    """Return the mean share of results that stay, with its bootstrap interval over queries; NaNs for none."""
    return interval(np.array([change.shared for change in changes], dtype=np.float64))


def verdict(
    difference: Difference,
    floors: Floors | None = None,
    changes: Sequence[QueryChange] = (),
    names: tuple[str, str] = ("the first version", "the second version"),
) -> str:
    """Say what the change from one version to the other comes to: for the texts, and for queries if there are any.

    It tells how much changed, not whether it got better: that takes labels, judgements or a blind test.
    """
    said = [f"From {names[0]} to {names[1]}: {_lowered(difference.sentence(floors))}"]
    if changes:
        said.append(_of_queries(changes))
    if difference.verdict(floors) in ("different", "unrelated"):
        said.append("Whether this is better, only labels, judgements or a blind test can tell.")
    return " ".join(said)


def _of_queries(changes: Sequence[QueryChange]) -> str:
    count, k = len(changes), len(changes[0].before)
    changed = sum(change.shared < 1 for change in changes)
    firsts = sum(not change.same_first for change in changes)
    results = "result" if k == 1 else f"{k} results"
    if not changed:
        reordered = f", {firsts:,} with another one on top" if firsts else ""
        return f"Each of {count:,} queries finds the same first {results}{reordered}."
    kept = shared_results(changes)
    return (
        f"{changed:,} of {count:,} queries would return something else among the first {results}, {firsts:,} another "
        f"text on top; on average {kept.mean:.0%} of the results stay (95 % interval {kept.low:.0%} to "
        f"{kept.high:.0%})."
    )


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
