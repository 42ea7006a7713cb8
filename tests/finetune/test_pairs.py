"""Held-out pairs: Spearman's correlation by scores, and how early a partner is found, before and after."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embedlab.corpus.pair_split import pair_split
from embedlab.finetune.pairs import correlation, measures, pairs_compared, retrieval, retrieved, scored
from embedlab.stats.intervals import Interval
from tests.compare.spaces import space_of


def test_scored_pairs() -> None:
    rng = np.random.default_rng(0)
    scores = np.repeat(np.arange(6.0), 20)
    good, bad = scores + rng.normal(size=120), scores + 5 * rng.normal(size=120)
    found = scored(bad, good, scores)
    assert found.verdict == "better"
    assert found.difference.mean == pytest.approx(found.tuned.mean - found.frozen.mean)
    assert found.tuned == correlation(good, scores)
    assert found.sentence.startswith("The tuned model is better: Spearman 0.8")
    assert found.detail.startswith("Spearman, tuned minus frozen, on 120 held-out pairs: +0.")
    assert scored(good, bad, scores).verdict == "worse"
    assert scored(good, good, scores).verdict == "tie"


def test_cosines_that_are_all_equal_order_nothing_and_equal_scores_ask_for_nothing() -> None:
    scores = np.arange(20.0)
    assert correlation(np.ones(20), scores) == Interval(0, 0, 0)
    nothing = scored(scores, scores, np.ones(20))
    assert nothing.verdict == "tie"
    assert nothing.sentence.startswith("All 20 pairs have the same score")


def test_retrieval_by_hand() -> None:
    first = np.eye(3, dtype=np.float32)
    second = np.array([[1, 0, 0], [0.8, 0.6, 0], [0.6, 0.8, 0]], dtype=np.float32)
    found = retrieval(first, second)
    # The second text finds its own behind the third's; the third one's own is as near (0) as both others.
    assert found.ranks.tolist() == [1, 2, 3]
    assert found.recall_at_1.mean == pytest.approx(1 / 3)
    assert found.mrr.mean == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_a_second_text_that_several_pairs_share_counts_once() -> None:
    first = np.array([[1, 0], [0.9, 0.43589]], dtype=np.float32)
    second = np.array([[1, 0], [1, 0]], dtype=np.float32)
    assert retrieval(first, second).ranks.tolist() == [2, 2]
    assert retrieval(first, second, np.array([7, 7])).ranks.tolist() == [1, 1]


def test_two_models_find_pairs() -> None:
    rng = np.random.default_rng(0)
    first = space_of(rng.normal(size=(100, 16))).vectors
    near, far = (space_of(first + noise * rng.normal(size=first.shape)).vectors for noise in (0.05, 0.5))
    before, after = retrieval(first, far), retrieval(first, near)
    found = retrieved(before, after)
    assert found.verdict == "better"
    assert found.measure == "MRR@10"
    assert found.difference.low > 0
    assert found.figures["MRR@10, fine-tuned minus frozen"] == str(found.difference)
    assert found.figures["verdict"] == found.sentence
    assert retrieved(after, after).verdict == "tie"
    collapsed = retrieval(first, np.tile(first[:1], (100, 1)))
    assert collapsed.recall_at_1.mean == 0


def test_what_is_beyond_rank_ten_counts_nothing() -> None:
    first = np.eye(20, dtype=np.float32)
    found = retrieval(first, np.roll(first, 1, axis=0))
    assert found.mrr.mean == 0
    assert replace(found).reciprocal.tolist() == [0] * 20


@pytest.mark.parametrize("scored_", [True, False])
def test_pairs_of_a_split_are_measured_where_they_are_held_out(scored_: bool) -> None:
    first, second = ([f"{letter} {side}" for letter in "abcdefghij"] for side in ("left", "right"))
    scores = np.arange(10.0) if scored_ else None
    split = pair_split("ten", first, second, scores, held_out=0.5)
    vectors = np.eye(10, dtype=np.float32)[np.r_[0:10, 0:10]]  # both texts of a pair have one vector
    measured = measures(split, vectors)
    if scored_:
        assert list(measured) == ["Spearman"]
        assert measured["Spearman"].mean == 0  # all cosines are 1, and order nothing
    else:
        assert {name: one.mean for name, one in measured.items()} == {"Recall@1": 1.0, "MRR@10": 1.0}
    found = pairs_compared(split, vectors, vectors)
    assert (found.verdict, found.pairs) == ("tie", 5)
    assert found.frozen == measured[found.measure]
