"""What queries find before and after, and the verdict on a new version."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from embedlab.base.english import percent
from embedlab.base.errors import EmbedlabError
from embedlab.compare.difference import Difference, difference
from embedlab.compare.noise import Floor, Floors
from embedlab.compare.replacement import QueryChange, queries_changed, shared_results, turnover, verdict
from embedlab.corpus import Corpus
from embedlab.space.space import Space
from tests.compare.spaces import near, on_circle, space_of
from tests.sentences import says

FLOORS = Floors((Floor("5 % of the texts dropped", 0.9, 1, 1),))


def compared(first: Space, second: Space) -> Difference:
    return difference(first, second, near(first), near(second))


def test_what_each_query_gains_and_loses_by_hand() -> None:
    """A query at 20 degrees finds 21, 10 and 33; where 10 and 90 have changed places, 21, 33 and 0."""
    first = on_circle([0, 10, 21, 33, 90])
    second = on_circle([0, 90, 21, 33, 10.5], first.corpus)
    queries = on_circle([20, 2]).vectors
    one, other = queries_changed(first, second, queries, queries, k=3)
    assert one.before.tolist() == [2, 1, 3]
    assert one.after.tolist() == [2, 4, 3]
    assert (one.gained.tolist(), one.lost.tolist()) == ([4], [1])
    assert one.shared == pytest.approx(2 / 3)
    assert one.same_first
    assert other.before.tolist() == [0, 1, 2]
    assert (other.query, other.after.tolist()) == (1, [0, 4, 2])
    assert shared_results([one, other]).mean == pytest.approx(2 / 3)


def test_repeated_texts_are_found_once_and_few_texts_all() -> None:
    first = on_circle([0, 0, 0, 10, 20], Corpus.of(["a", "a", "a", "b", "c"]))
    (found,) = queries_changed(first, first, first.vectors[:1], first.vectors[:1])
    assert found.before.tolist() == found.after.tolist() == [0, 3, 4]
    assert (found.shared, len(found.gained), len(found.lost)) == (1, 0, 0)


def test_many_queries_in_blocks_are_those_one_by_one() -> None:
    rng = np.random.default_rng(0)
    first = space_of(rng.normal(size=(100, 6)))
    second = space_of(rng.normal(size=(100, 4)), first.corpus)
    asked = rng.permutation(np.tile(np.arange(100), 6))
    changes = queries_changed(first, second, first.vectors[asked], second.vectors[asked])
    assert [change.query for change in changes] == list(range(600))
    assert all(change.before[0] == change.after[0] == row for change, row in zip(changes, asked, strict=True))
    for change, row in list(zip(changes, asked.tolist(), strict=True))[250:260]:
        assert change.before.tolist() == np.argsort(-(first.vectors @ first.vectors[row]), kind="stable")[:10].tolist()


def test_queries_that_do_not_fit_are_refused() -> None:
    first, second = space_of(np.eye(4)), space_of(np.eye(4)[:, :4], Corpus.of([f"text {row}" for row in range(4)]))
    with pytest.raises(EmbedlabError, match="2 queries for one model and 1 for the other"):
        queries_changed(first, second, first.vectors[:2], second.vectors[:1])
    with pytest.raises(EmbedlabError, match="A query has 3 dimensions, but the texts have 4 in made up"):
        queries_changed(first, second, first.vectors[:2], second.vectors[:2, :3])


def test_the_texts_themselves_are_queries_where_nobody_has_a_model() -> None:
    """With two nearest: 0 and 10 keep both; 33 keeps one and loses the first; 90 and 21 keep one and the first."""
    first = on_circle([0, 10, 21, 33, 90])
    second = on_circle([0, 10, 21, 60, 90], first.corpus)
    found = turnover(near(first), near(second), 2)
    lists = [near(one).indices[:, :2].tolist() for one in (first, second)]
    same = [len({*one} & {*other}) / 2 for one, other in zip(*lists, strict=True)]
    firsts = sum(one[0] != other[0] for one, other in zip(*lists, strict=True))
    assert (found.texts, found.k, found.changed, found.firsts) == (5, 2, sum(part < 1 for part in same), firsts)
    assert found.kept == pytest.approx(np.mean(same))
    assert 0 < found.firsts < found.changed < 5
    numbers = (
        f"{found.changed} of the 5 texts",
        "first 2",
        f"{found.firsts} another text on top",
        percent(found.kept),
    )
    assert says(found.sentence, *numbers)
    assert turnover(near(first), near(first), 2).sentence.startswith("Put as a query, each of the 5 texts finds the")
    assert turnover(near(on_circle([0, 1])), near(on_circle([0, 1]))).sentence == ""


def told(first: Space, second: Space, changes: Sequence[QueryChange] = (), floors: Floors | None = FLOORS) -> str:
    return verdict(compared(first, second), turnover(near(first), near(second)), floors, changes, ("v1", "v2"))


def test_the_verdict_on_a_version_that_changed_something() -> None:
    rng = np.random.default_rng(0)
    first = space_of(rng.normal(size=(300, 8)))
    second = space_of(first.vectors + 0.1 * rng.normal(size=(300, 8)), first.corpus)
    queries = first.vectors[:40]
    changes = queries_changed(first, second, queries, queries)
    said = told(first, second, changes)
    assert said.startswith("From v1 to v2 results change. Put as queries, ")
    changed = sum(change.shared < 1 for change in changes)
    firsts = sum(change.before[0] != change.after[0] for change in changes)
    assert f"{changed} of 40 queries would return something else among the first 10 results, {firsts} another" in said
    assert said.endswith("Whether that is better, only labels, judgements or a blind test can tell.")


def test_the_verdict_on_the_same_version_and_on_noise() -> None:
    rng = np.random.default_rng(0)
    first = space_of(rng.normal(size=(100, 8)))
    changes = queries_changed(first, first, first.vectors[:7], first.vectors[:7])
    said = told(first, first, changes)
    assert said.startswith("From v1 to v2 nothing changes. Put as a query, each of the 100 texts")
    assert said.endswith("Each of 7 queries finds the same first 10 results.")
    assert "better" not in said
    noisy = space_of(first.vectors + 0.001 * rng.normal(size=(100, 8)), first.corpus)
    assert told(first, noisy).startswith("From v1 to v2 no more changes than noise would change as well.")
    assert says(told(on_circle([0, 1]), on_circle([0, 1])), "v1", "v2", "too few")
    assert math.isnan(shared_results([]).mean)


def test_the_verdict_says_when_only_the_order_changed() -> None:
    first = on_circle([0, 10, 21])
    second = on_circle([10, 0, 21], first.corpus)
    queries = on_circle([0]).vectors
    changes = queries_changed(first, second, queries, queries)
    assert "finds the same first 3 results, 1 with another one on top." in told(first, second, changes, None)
