"""Two versions of a model: which queries would now return something else, and what to think of the change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, best, frozen
from embedlab.base.english import counted, percent
from embedlab.base.errors import EmbedlabError
from embedlab.compare.difference import Difference, Verdict
from embedlab.compare.models import ComparedModel
from embedlab.compare.noise import Floors
from embedlab.compare.overlap import DEFAULT_K, check_texts, overlap
from embedlab.search.methods import query_vectors
from embedlab.space.space import Neighbours, Space
from embedlab.stats.intervals import Interval, interval

if TYPE_CHECKING:
    from embedlab.encoders import Encoder

_QUERIES_AT_ONCE = 256
_PUT_AT_ONCE = 64


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


def encode_queries(
    queries: Sequence[str],
    first: Encoder,
    second: Encoder,
    dimensions: tuple[int | None, int | None] = (None, None),
) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.float32]]:
    """Return the queries that both models can read, with their vectors in each, cut to `dimensions` where given.

    A model that was fitted to the texts can't read a query that shares nothing with them. Raises `EmbedlabError` where
    no query is left, or a model can't be reached.
    """
    vectors = []
    for encoder, kept in zip((first, second), dimensions, strict=True):
        blocks = [queries[start : start + _PUT_AT_ONCE] for start in range(0, len(queries), _PUT_AT_ONCE)]
        vectors.append(np.concatenate([query_vectors(encoder, block, kept) for block in blocks]))
    readable = np.flatnonzero(vectors[0].any(axis=1) & vectors[1].any(axis=1))
    if not len(readable):
        raise EmbedlabError("None of the queries can be read by both models: use words that occur in the texts.")
    return tuple(queries[at] for at in readable.tolist()), vectors[0][readable], vectors[1][readable]


@dataclass(frozen=True, eq=False)
class QueryAnswers:
    """The queries that two models can both read, what becomes of each, and sentences on what was left out."""

    queries: tuple[str, ...] = ()
    changes: tuple[QueryChange, ...] = ()
    notes: tuple[str, ...] = ()


def ask(queries: Sequence[str], first: ComparedModel, second: ComparedModel, k: int = DEFAULT_K) -> QueryAnswers:
    """Return what each query finds with one model and with the other.

    Raises `EmbedlabError` where one of them can't be asked, or both can read none of the queries.
    """
    kept = (first.how.dimensions, second.how.dimensions)
    left, one, other = encode_queries(queries, first.encoder, second.encoder, kept)
    unread = counted(len(queries) - len(left), "query", "queries")
    notes = (f"{unread} that one of {first.name} and {second.name} can't read: left out.",)
    changes = queries_changed(first.space, second.space, one, other, k)
    return QueryAnswers(left, changes, notes if len(left) < len(queries) else ())


def answers(
    queries: Sequence[str],
    first: ComparedModel,
    second: ComparedModel,
    k: int = DEFAULT_K,
    ask: Callable[[Sequence[str], ComparedModel, ComparedModel, int], QueryAnswers] = ask,
) -> QueryAnswers:
    """Return the same, where the models can't be asked with a note on why. `ask` may remember what it answered."""
    if not queries:
        return QueryAnswers()
    for one in (first, second):
        if not one.reads:
            told = f"{one.name} are vectors without a model, which can't read a query: queries left out."
            return QueryAnswers(notes=(told,))
    try:
        return ask(queries, first, second, k)
    except EmbedlabError as error:
        return QueryAnswers(notes=(f"Queries left out: {error}",))


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


@dataclass(frozen=True)
class Turnover:
    """What becomes of the results if every distinct text is put as a query, itself left out of what it finds.

    `changed` of `texts` find something else among their first `k`, `firsts` have another text on top; `kept` is the
    mean share (0 to 1) of results that stay. A count of these very texts, so without an interval.
    """

    texts: int
    k: int
    changed: int
    firsts: int
    kept: float

    @property
    def sentence(self) -> str:
        """What it comes to; nothing where there are too few texts."""
        if not self.k:
            return ""
        results = "result" if self.k == 1 else f"{self.k} results"
        if not self.changed and not self.firsts:
            return f"Put as a query, each of the {self.texts:,} texts finds the same first {results} as before."
        return (
            f"Put as queries, {self.changed:,} of the {self.texts:,} texts would find something else among the first "
            f"{results}, {self.firsts:,} another text on top; on average {percent(self.kept)} of the results stay."
        )


def turnover(first: Neighbours, second: Neighbours, k: int = DEFAULT_K) -> Turnover:
    """Return what becomes of the results from one space to the other if the texts themselves are the queries.

    So it needs no model: two sets of vectors of one's own will do. `k` is lowered as in `overlap`. Raises
    `EmbedlabError` where the texts are not the same.
    """
    found = overlap(first, second, k)
    shared = found.shared[found.rows]
    if not found.k:
        return Turnover(len(found.rows), 0, 0, 0, float("nan"))
    firsts = first.distinct.indices[:, 0] != second.distinct.indices[:, 0]
    return Turnover(len(found.rows), found.k, int((shared < 1).sum()), int(firsts.sum()), float(shared.mean()))


def shared_results(changes: Sequence[QueryChange]) -> Interval:
    """Return the mean share of results that stay, with its bootstrap interval over queries; NaNs for none."""
    return interval(np.array([change.shared for change in changes], dtype=np.float64))


_HEADS: dict[Verdict, str] = {
    "too few": "these texts are too few to tell",
    "one vector": "one of the two gives every text the same vector, so there is nothing to compare",
    "same": "nothing changes",
    "rows": "nothing can be said, as their rows are not in the same order",
    "none": "no more changes than noise would change as well",
    "different": "results change",
    "unrelated": "everything changes, as if the two had nothing to do with each other",
}


def verdict(
    difference: Difference,
    texts: Turnover,
    floors: Floors | None = None,
    changes: Sequence[QueryChange] = (),
    names: tuple[str, str] = ("the first version", "the second version"),
) -> str:
    """Say what the change from one version to the other comes to: for the texts, and for queries if there are any.

    It tells how much changed, not whether it got better: that takes labels, judgements or a blind test.
    """
    found = difference.verdict(floors)
    said = [f"From {names[0]} to {names[1]} {_HEADS[found]}."]
    if found == "rows":
        return said[0]
    if found not in ("too few", "one vector"):
        said.append(texts.sentence)
    if changes:
        said.append(of_queries(changes))
    if found in ("different", "unrelated"):
        said.append("Whether that is better, only labels, judgements or a blind test can tell.")
    return " ".join(filter(None, said))


def of_queries(changes: Sequence[QueryChange]) -> str:
    """Say how many of the queries, one or more, would return something else, and how much stays."""
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
        f"text on top; on average {percent(kept.mean)} of the results stay (95 % interval {percent(kept.low)} to "
        f"{percent(kept.high)})."
    )
