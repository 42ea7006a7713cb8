"""What models cost, and which of them are worth it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from embedlab.compare.cost import as_fast, cost, frontier, how_measured
from embedlab.corpus import Corpus
from embedlab.encoders.base import TRANSFORMER, ModelEntry
from embedlab.encoders.speed import Speed, Timing
from embedlab.space.embedding import embed, shortened
from tests.conftest import LetterEncoder

NAN = math.nan
LISTING = ModelEntry(
    "letters", TRANSFORMER, True, "", open=lambda exact, texts: LetterEncoder(), bytes=5_000, licence="MIT"
)
TIMING = Timing("2026-05-01", "", "tickets", 64, 3, {
    "letters, tests": Speed((110.0, 120.5, 130.0)), "letters, elsewhere": Speed((9.0, 9.0, 9.0)),
})  # fmt: skip


def test_cost_puts_together_what_is_known() -> None:
    space = embed(Corpus.of(["ab", "ba", "cd"]), LetterEncoder(window=8))
    found = cost(LISTING, space, TIMING)
    assert found.model == "letters"
    assert (found.rate, str(found.speed)) == (120.5, "120 (110 to 130)")
    assert (found.dimensions, found.bytes_a_text, found.memory) == (27, 108, 3 * 108)
    assert (found.disk, found.window, found.licence) == (5_000, 8, "MIT")


def test_what_nobody_knows_is_none() -> None:
    space = embed(Corpus.of(["ab", "cd"]), LetterEncoder())
    endless = replace(space, card=replace(space.card, window=0))
    found = cost(None, endless, None, name="my vectors")
    assert (found.model, found.rate, found.window, found.disk, found.licence) == ("my vectors", None, None, 0, "")


def test_fewer_dimensions_cost_less_room_but_the_same_time() -> None:
    short = shortened(embed(Corpus.of(["ab", "cd"]), LetterEncoder()), 4)
    found = cost(LISTING, short, TIMING)
    assert (found.bytes_a_text, found.rate) == (16, 120.5)


def test_the_frontier_leaves_out_what_another_beats_in_both() -> None:
    assert frontier([1, 2, 3, 4], [0.5, 0.7, 0.6, 0.9]).tolist() == [0, 1, 3]


def test_the_frontier_is_in_order_of_cost() -> None:
    assert frontier([4, 1, 2], [0.9, 0.5, 0.7]).tolist() == [1, 2, 0]


def test_equal_models_are_both_on_the_frontier_and_a_dearer_equal_is_not() -> None:
    assert frontier([1, 1, 2], [0.5, 0.5, 0.5]).tolist() == [0, 1]
    assert frontier([1, 1], [0.5, 0.6]).tolist() == [1]


def test_of_two_that_cannot_be_told_apart_the_cheaper_is_enough() -> None:
    tied = np.zeros((3, 3), dtype=bool)
    tied[1, 2] = True
    assert frontier([1, 2, 3], [0.5, 0.70, 0.71]).tolist() == [0, 1, 2]
    assert frontier([1, 2, 3], [0.5, 0.70, 0.71], tied).tolist() == [0, 1]


def test_a_tie_at_one_price_keeps_both() -> None:
    assert frontier([1, 1], [0.70, 0.71], np.ones((2, 2), dtype=bool)).tolist() == [0, 1]


def test_what_is_not_known_is_not_on_the_frontier_and_beats_none() -> None:
    assert frontier([NAN, 2, 1], [0.9, 0.7, NAN], np.ones((3, 3), dtype=bool)).tolist() == [1]
    assert frontier([], []).tolist() == []


def test_of_two_that_cost_the_same_the_better_is_enough() -> None:
    alike = np.zeros((3, 3), dtype=bool)
    alike[0, 1] = True
    assert frontier([1.0, 1.1, 3], [0.5, 0.7, 0.9]).tolist() == [0, 1, 2]
    assert frontier([1.0, 1.1, 3], [0.5, 0.7, 0.9], None, alike).tolist() == [1, 2]
    assert frontier([1.0, 1.1, 3], [0.7, 0.5, 0.9], None, alike).tolist() == [0, 2]
    assert frontier([1.0, 1.1, 3], [0.7, 0.7, 0.9], None, alike).tolist() == [0, 1, 2]
    assert frontier([1.0, NAN], [0.5, 0.9], None, np.ones((2, 2), dtype=bool)).tolist() == [0]


def test_a_fine_tuned_copy_takes_the_speed_of_its_base_and_that_is_said() -> None:
    """Two models of one shape, a third that was faster in every round, a fourth that was only so in most."""
    space = embed(Corpus.of(["ab", "cd"]), LetterEncoder())
    timing = replace(TIMING, speeds={
        "six layers, tests": Speed((100.0, 110.0, 90.0)),
        "fast, tests": Speed((105.0, 111.0, 95.0)),
        "mostly, tests": Speed((105.0, 111.0, 85.0)),
    })  # fmt: skip
    cards = {"base": "six layers", "tuned": "six layers", "fast": "", "mostly": ""}
    costs = [
        cost(None, replace(space, card=replace(space.card, model=name, shape=shape)), timing)
        for name, shape in cards.items()
    ]
    assert [one.rate for one in costs] == [100, 100, 105, 105]
    assert as_fast(costs).tolist() == [
        [True, True, False, True],
        [True, True, False, True],
        [False, False, True, True],
        [True, True, True, True],
    ]
    told = how_measured(costs, timing)
    assert "on 2026-05-01 by turns" in told[0]
    assert len(told) == 2
    assert told[1].startswith("“base”, “tuned” have the same architecture, sizes and runtime")
    assert how_measured(costs, None) == ()
    unmeasured = cost(None, space, timing)
    assert how_measured([unmeasured], timing) == ()
    assert not as_fast([unmeasured, unmeasured]).any()
