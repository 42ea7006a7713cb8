"""Measures of a ranking and their intervals, checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embedlab.evaluate.ranking import METRICS, MRR, NDCG, RECALL_10, RECALL_100, Judged, MethodScores, scored
from embedlab.stats.intervals import interval
from tests.sentences import says


def judged(**grades: float) -> Judged:
    items = np.array([int(name[1:]) for name in grades], dtype=np.intp)
    return Judged(items, np.array(list(grades.values()), dtype=float))


def one(found: list[int], judgement: Judged) -> dict[str, float]:
    return {name: float(values[0]) for name, values in scored([np.array(found, dtype=np.intp)], [judgement]).items()}


def test_a_perfect_order_scores_one() -> None:
    assert one([7, 3, 1], judged(i7=2, i3=1)) == {NDCG: 1, RECALL_10: 1, RECALL_100: 1, MRR: 1}


def test_ndcg_by_hand_takes_the_grade_itself_as_the_gain() -> None:
    found = one([9, 3, 7], judged(i7=3, i3=1, i5=2))
    gained = 1 / math.log2(3) + 3 / math.log2(4)
    best = 3 + 2 / math.log2(3) + 1 / math.log2(4)
    assert found[NDCG] == pytest.approx(gained / best)
    assert found[RECALL_10] == pytest.approx(2 / 3)
    assert found[MRR] == 1 / 2


def test_ndcg_looks_at_ten_and_recall_at_a_hundred() -> None:
    found = one(list(range(200)), judged(i10=1, i50=1, i150=1))
    assert found == {NDCG: 0, RECALL_10: 0, RECALL_100: pytest.approx(2 / 3), MRR: 0}


def test_the_ideal_order_is_of_ten_however_many_are_relevant() -> None:
    relevant = judged(**{f"i{item}": 1 for item in range(30)})
    assert one(list(range(10)), relevant) == {
        NDCG: 1,
        RECALL_10: pytest.approx(1 / 3),
        RECALL_100: pytest.approx(1 / 3),
        MRR: 1,
    }


def test_nothing_found_scores_nothing() -> None:
    assert set(one([], judged(i1=1)).values()) == {0}


def test_a_query_without_anything_relevant_is_a_fault() -> None:
    with pytest.raises(ValueError, match="nothing is relevant"):
        one([1], judged())


def test_values_are_in_the_order_of_the_queries() -> None:
    found = [np.array([1]), np.array([2]), np.array([3, 1])]
    values = scored(found, [judged(i1=1)] * 3)
    assert values[MRR].tolist() == [1, 0, 1 / 2]
    assert list(values) == list(METRICS)


# --- Intervals ---


def test_the_interval_of_equal_values_is_a_point() -> None:
    found = interval(np.full(20, 0.25))
    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)


def test_the_interval_is_as_wide_as_the_binomial_says() -> None:
    """Of 100 coins, half of them heads: 0.5 plus or minus 1.96 x 0.05."""
    found = interval(np.array([0.0, 1.0] * 50))
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.402, abs=0.011)
    assert found.high == pytest.approx(0.598, abs=0.011)


def test_the_interval_is_the_same_for_the_same_seed_and_in_blocks() -> None:
    values = np.random.default_rng(1).random(3_000)
    assert interval(values, seed=3) == interval(values, seed=3)
    assert interval(values, seed=3) != interval(values, seed=4)
    assert interval(values).high - interval(values).low == pytest.approx(2 * 1.96 * values.std() / 3_000**0.5, rel=0.1)


def test_no_values_have_no_interval() -> None:
    assert math.isnan(interval(np.empty(0)).mean)


def compared(first: list[float], second: list[float]) -> MethodScores:
    return MethodScores({"meaning": {NDCG: np.array(first)}, "words": {NDCG: np.array(second)}})


def test_a_small_difference_in_every_query_is_shown_by_pairs() -> None:
    """Both intervals overlap widely, that of the difference does not hold 0."""
    words = np.linspace(0, 0.9, 40)
    found = compared((words + 0.02).tolist(), words.tolist())
    assert found.interval("meaning").low < found.interval("words").high
    assert found.difference("meaning", "words").low > 0.019
    assert found.apart("meaning", "words")
    assert says(found.verdict(), "meaning finds most", "words")
    assert says(found.detail, "nDCG@10", "40 queries", "paired", "95 %")
    assert [one.method for one in found.ranked()] == ["meaning", "words"]


def test_a_difference_that_may_be_chance_is_called_none() -> None:
    found = compared([0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 0.5, 0.4])
    assert says(found.verdict(), "4 queries", "can't show")


@pytest.mark.parametrize(("count", "told"), [(5, False), (6, True)])
def test_a_handful_of_queries_tells_nothing_however_they_agree(count: int, told: bool) -> None:
    """All for the one: of six 2 x 0.5^6 is 3 %, of five 6 %. Queries on which both are equal don't count."""
    words = np.linspace(0, 0.5, 30)
    found = compared((words + 0.2 * (np.arange(30) < count)).tolist(), words.tolist())
    assert found.difference("meaning", "words").apart_from_zero
    assert found.apart("meaning", "words") is told


def three(both: float, words: float) -> MethodScores:
    """Return three methods on 60 queries: both together and words so much better than meaning, give or take."""
    rng = np.random.default_rng(0)
    meaning = rng.random(60) * 0.5
    values = {"meaning": meaning, "words": meaning + words, "both": meaning + both}
    return MethodScores({name: {NDCG: some + rng.normal(scale=0.02, size=60)} for name, some in values.items()})


def test_of_three_the_best_is_named_and_who_can_not_be_told_from_it() -> None:
    clear = three(0.2, 0.1)
    assert says(clear.verdict(), "both finds most", "words", "meaning")
    assert [(one.method, one.verdict) for one in clear.ranked()] == [
        ("both", "best"), ("words", "less"), ("meaning", "less"),
    ]  # fmt: skip
    assert clear.ranked()[0].behind is None
    close = three(0.2, 0.2)
    best, second, last = (one.method for one in close.ranked())
    assert (last, {best, second}) == ("meaning", {"both", "words"})
    assert says(close.verdict(), f"{best} finds most", "60 queries", "can't tell", second)


def test_of_three_the_intervals_hold_for_all_pairs_at_once_and_for_few_queries() -> None:
    """Bonferroni of three: Student's quantile of 0.05 / 6 with 59 degrees of freedom is 2.463, of 0.05 / 2 2.001."""
    of_three = three(0.2, 0.1)
    of_two = MethodScores({name: of_three.values[name] for name in ("both", "words")})
    wide, plain = (one.difference("both", "words") for one in (of_three, of_two))
    assert wide.mean == plain.mean
    assert wide.high - wide.mean == pytest.approx((plain.high - plain.mean) * 2.463 / 2.001, rel=1e-3)
    values = of_two.values["both"][NDCG] - of_two.values["words"][NDCG]
    assert plain.high - plain.mean == pytest.approx(2.001 * values.std(ddof=1) / 60**0.5, rel=0.1)


@pytest.mark.parametrize("queries", [8, 20])
def test_three_equal_ways_are_told_apart_at_most_once_in_twenty(queries: int) -> None:
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(100):
        drawn = MethodScores({name: {NDCG: rng.random(queries).round(1)} for name in ("meaning", "words", "both")})
        alarms += any(one.verdict == "less" for one in drawn.ranked())
    assert alarms <= 5
