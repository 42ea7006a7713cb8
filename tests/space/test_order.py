"""Whether rows of vectors belong to their texts, and in which order they would."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.compare.difference import difference
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space import Space
from embedlab.space.neighbours import neighbours
from embedlab.space.order import Order, Side, order

COUNT = 120
TEXTS = [f"text {number:03d}" for number in np.random.default_rng(0).permutation(COUNT)]


def space_of(vectors: NDArray[np.floating]) -> Space:
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    none = frozen(np.zeros(len(unit), dtype=bool))
    return Space(Corpus.of(TEXTS[: len(unit)]), EncoderInfo("given", "", unit.shape[1], 8, "numpy"), frozen(unit), none)


def vectors(seed: int = 0) -> NDArray[np.float64]:
    """Return vectors in twelve groups, so that near texts are near whatever the noise."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(12, 24))[rng.integers(0, 12, COUNT)] + 0.4 * rng.normal(size=(COUNT, 24))


def found(first: NDArray[np.floating], second: NDArray[np.floating]) -> Order | None:
    one, other = space_of(first), space_of(second)
    return order(Side.of(one, neighbours(one)), Side.of(other, neighbours(other)), one.corpus)


@pytest.mark.parametrize("by", [1, -1, 7])
def test_rolled_rows_are_said_with_their_offset(by: int) -> None:
    said = found(vectors(), np.roll(vectors(), by, axis=0))
    assert said is not None
    assert (said.kind, said.by) == ("moved", by)
    assert said.after > 0.9 > said.before
    assert ("one row" if abs(by) == 1 else "7 rows") in said.sentence()


def test_rows_backwards_and_rows_in_the_order_of_the_texts_are_said() -> None:
    backwards = found(vectors(), vectors()[::-1])
    assert backwards is not None
    assert backwards.kind == "backwards"
    by_text = found(vectors(), vectors()[np.argsort(TEXTS)])
    assert by_text is not None
    assert by_text.kind == "sorted"


def test_the_same_vectors_in_an_order_that_nothing_explains_are_called_mixed() -> None:
    said = found(vectors(), vectors()[np.random.default_rng(1).permutation(COUNT)])
    assert said is not None
    assert said.kind == "mixed"
    assert "no shift or sorting explains their order" in said.sentence()


def test_rows_in_order_and_vectors_of_another_kind_are_left_alone() -> None:
    assert found(vectors(), vectors()) is None
    for seed in range(20):
        assert found(vectors(), np.random.default_rng(seed).normal(size=(COUNT, 24))) is None


def test_a_difference_that_is_one_of_rows_is_called_that_and_not_unrelated() -> None:
    one, other = space_of(vectors()), space_of(np.roll(vectors(), 1, axis=0))
    said = difference(one, other, neighbours(one), neighbours(other), k=5)
    assert said.verdict() == "rows"
    assert said.sentence().startswith("The rows of the second seem to be one row too low")
    assert said.detail() == ""
