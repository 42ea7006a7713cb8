"""What models cost, and which of them are worth it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from embedlab.corpus import Corpus
from embedlab.encoders.base import TRANSFORMER, Listing
from embedlab.lab.cost import cost, frontier
from embedlab.space.embedding import embed, shortened
from tests.conftest import LetterEncoder

NAN = math.nan
LISTING = Listing(
    "letters", TRANSFORMER, True, "", open=lambda exact, texts: LetterEncoder(), bytes=5_000, licence="MIT"
)


def test_cost_puts_together_what_is_known() -> None:
    space = embed(Corpus.of(["ab", "ba", "cd"]), LetterEncoder(window=8))
    found = cost(LISTING, space, {"letters, tests": 120.5, "letters, elsewhere": 9.0})
    assert found.model == "letters"
    assert found.rate == 120.5
    assert (found.dimensions, found.bytes_a_text, found.memory) == (27, 108, 3 * 108)
    assert (found.disk, found.window, found.licence) == (5_000, 8, "MIT")


def test_what_nobody_knows_is_none() -> None:
    space = embed(Corpus.of(["ab", "cd"]), LetterEncoder())
    endless = replace(space, card=replace(space.card, window=0))
    found = cost(None, endless, {}, name="my vectors")
    assert (found.model, found.rate, found.window, found.disk, found.licence) == ("my vectors", None, None, 0, "")


def test_fewer_dimensions_cost_less_room_but_the_same_time() -> None:
    short = shortened(embed(Corpus.of(["ab", "cd"]), LetterEncoder()), 4)
    found = cost(LISTING, short, {"letters, tests": 120.5})
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
