"""Texts on both sides of a split."""

from __future__ import annotations

import time

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.check.duplicates import Duplicates
from embedlab.check.findings.leaks import Leak, leaks
from embedlab.corpus import Column


def sides(*values: str | None) -> Column:
    return Column("split", "category", np.array(values, dtype=object))


def repeated(*exact: list[int], pairs: dict[tuple[int, int], float] | None = None) -> Duplicates:
    pairs = pairs or {}
    return Duplicates(
        tuple(map(np.array, exact)),
        np.array(list(pairs), dtype=np.intp).reshape(-1, 2),
        np.array(list(pairs.values()), dtype=np.float64),
    )


def test_copies_on_both_sides() -> None:
    found = leaks(repeated([0, 2, 3], [1, 4]), sides("train", "train", "test", "test", "train"), 0.9)
    assert found == (Leak(0, 2, 1.0), Leak(0, 3, 1.0))


def test_near_ones_the_most_alike_first_and_each_held_out_text_once() -> None:
    near = repeated(pairs={(0, 3): 0.97, (1, 3): 0.95, (2, 4): 0.92, (1, 2): 0.91})
    by = sides("train", "train", "train", "test", "test")
    assert leaks(near, by, 0.9) == (Leak(0, 3, 0.97), Leak(2, 4, 0.92))
    assert leaks(near, by, 0.95) == (Leak(0, 3, 0.97),)


def test_copies_of_a_near_duplicate_leak_too() -> None:
    """0 is like 1, and 2 is a copy of 1: both are held out."""
    found = leaks(repeated([1, 2], pairs={(0, 1): 0.93}), sides("train", "test", "test"), 0.9)
    assert found == (Leak(0, 1, 0.93), Leak(0, 2, 0.93))
    assert leaks(repeated([1, 2], pairs={(0, 1): 0.93}), sides("test", "train", "train"), 0.9) == (Leak(1, 0, 0.93),)


def test_neither_side_does_not_count() -> None:
    assert leaks(repeated([0, 1], [2, 3]), sides("train", None, "train", "test"), 0.9) == (Leak(2, 3, 1.0),)


def test_validation_texts_are_learned_from_where_there_are_test_texts() -> None:
    found = repeated([0, 1, 2])
    assert leaks(found, sides("train", "val", "test"), 0.9) == (Leak(0, 2, 1.0),)
    assert leaks(found, sides("train", "val", "train"), 0.9) == (Leak(0, 1, 1.0),)


@pytest.mark.parametrize("values", [("a", "b"), ("train", "train"), ("test", "test"), (None, None)])
def test_a_column_that_says_neither(values: tuple[str | None, ...]) -> None:
    with pytest.raises(EmbedlabError, match="doesn't say which texts to learn from"):
        leaks(repeated([0, 1]), sides(*values), 0.9)


def test_many_copies_take_no_square_of_time() -> None:
    half = 20_000
    by = Column("split", "category", np.array(["train"] * half + ["test"] * half, dtype=object))
    start = time.perf_counter()
    found = leaks(repeated(list(range(2 * half))), by, 0.9)
    assert len(found) == half
    assert time.perf_counter() - start < 5


def test_all_that_say_the_same_are_named_the_most_alike_first() -> None:
    found = repeated([0, 1], pairs={(0, 3): 0.95, (2, 3): 0.97})
    (leak,) = leaks(found, sides("train", "train", "train", "test"), 0.9)
    assert (leak.learnt, leak.asked, leak.likeness) == (2, 3, 0.97)
    assert leak.others == (0, 1)
