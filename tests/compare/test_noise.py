"""What changes nothing that matters: by hand, and against texts that are really dropped."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embedlab.compare import noise
from embedlab.compare.noise import Floor, Floors, dropped, precision, rounded, sample, seeds
from embedlab.corpus import Corpus
from tests.compare.spaces import map_of, near, on_circle, space_of


def test_dropping_texts_is_the_same_as_finding_neighbours_among_the_rest() -> None:
    rng = np.random.default_rng(0)
    space = space_of(rng.normal(size=(200, 5)))
    found = dropped(space, near(space), 0.1, k=5, seed=3)
    gone = np.random.default_rng(3).permutation(200)[:20]
    stay = np.setdiff1d(np.arange(200), gone)
    rest = near(space_of(space.vectors[stay])).indices[:, :5]
    whole = near(space).indices[stay, :5]
    common = np.array([len(set(stay[one]) & set(other)) for one, other in zip(rest, whole.tolist(), strict=True)])
    assert found.overlap == pytest.approx((common / (10 - common)).mean())
    assert 0.75 < found.overlap < 0.9
    assert (found.what, found.cka, found.ranks) == ("10 % of the texts dropped", 1, 1)
    assert found == dropped(space, near(space), 0.1, k=5, seed=3)
    assert found != dropped(space, near(space), 0.1, k=5, seed=4)


def test_five_in_a_hundred_dropped_costs_half_a_neighbour_in_ten() -> None:
    """How many of ten are gone is binomial; the mean Jaccard follows."""
    chances = [math.comb(10, gone) * 0.05**gone * 0.95 ** (10 - gone) for gone in range(11)]
    expected = sum(chance * (10 - gone) / (10 + gone) for gone, chance in enumerate(chances))
    space = space_of(np.random.default_rng(1).normal(size=(2_000, 8)))
    assert dropped(space, near(space)).overlap == pytest.approx(expected, abs=0.005)


def test_copies_are_dropped_with_their_text() -> None:
    angles = np.random.default_rng(2).random(40) * 180
    alone = on_circle(angles.tolist())
    texts = [*alone.corpus.texts, *alone.corpus.texts]
    doubled = on_circle([*angles, *angles], Corpus.of(texts))
    assert dropped(doubled, near(doubled)) == dropped(alone, near(alone))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 12])
def test_few_texts(count: int) -> None:
    space = space_of(np.random.default_rng(0).normal(size=(count, 4)))
    found = dropped(space, near(space))
    assert math.isnan(found.overlap) == (count < 3)
    assert math.isnan(found.overlap) or 0 <= found.overlap <= 1


def test_too_few_stored_neighbours_lower_k() -> None:
    space = space_of(np.random.default_rng(0).normal(size=(300, 4)))
    found = dropped(space, near(space, 10))
    assert 0.8 < found.overlap < 0.98


def test_precision_is_the_difference_of_both_spaces() -> None:
    rng = np.random.default_rng(0)
    space = space_of(rng.normal(size=(300, 8)))
    other = space_of(space.vectors + 0.01 * rng.normal(size=(300, 8)), space.corpus)
    found = precision(space, other, near(space), near(other))
    assert 0.7 < found.overlap < 1
    assert 0.99 < found.cka < 1
    assert 0.99 < found.ranks < 1


def test_vectors_are_rounded_to_eight_bits() -> None:
    """Between 1 and 2 bfloat16 has steps of 1/128; halfway the even one is taken."""
    given = np.array([[1 + 1 / 256, 1 + 3 / 256, 1 + 1 / 200, -1 / 3]], dtype=np.float32)
    assert noise._to_bf16(given)[0].tolist() == [1, 1 + 2 / 128, 1 + 1 / 128, -0.333984375]


def test_rounding_is_a_floor_for_vectors_that_no_model_is_known_of() -> None:
    space = space_of(np.random.default_rng(0).normal(size=(1_500, 8)))
    found = rounded(space)
    assert found.what == "vectors rounded to bf16"
    assert 0.95 < found.overlap < 1
    assert 0.9999 < found.cka < 1
    assert found == rounded(space)
    assert len(sample(space.corpus)) == 1_000
    few = space_of(np.random.default_rng(0).normal(size=(30, 8)))
    assert sample(few.corpus).tolist() == list(range(30))


def test_the_lowest_floor_counts() -> None:
    low, high = Floor("a", 0.8, 0.99, 1), Floor("b", 0.9, 0.98, 0.97)
    known = Floors((low, high, Floor("c", math.nan, math.nan, math.nan)))
    assert (known.least(), known.least("cka"), known.least("ranks")) == (low, high, high)
    assert Floors(()).least() is None
    assert Floors((Floor("c", math.nan, 1, 1),)).least() is None


# --- Maps ---


def test_seeds_by_hand() -> None:
    """Five on a line, one nearest each; then 2 and 3 have changed places."""
    first = np.array([[0, 0], [1, 0], [2.1, 0], [3.3, 0], [4.6, 0]])
    # Nearest: 0: 1, 1: 0, 2: 1, 3: 2, 4: 3. With 2 and 3 exchanged: 0: 1, 1: 0, 3: 1, 2: 3, 4: 2.
    assert seeds(map_of(first), map_of(first[[0, 1, 3, 2, 4]]), k=1) == pytest.approx(2 / 5)
    assert seeds(map_of(first), map_of(first[:, ::-1] * 3), k=2) == 1


def test_copies_on_a_map_count_once() -> None:
    first = np.array([[0, 0], [1, 0], [2.1, 0], [3.3, 0], [4.6, 0]])
    second = first[[0, 1, 3, 2, 4]]
    again = [0, 1, 2, 3, 4, 0, 0, 0, 4, 4, 4, 4, 4]
    assert seeds(map_of(first[again]), map_of(second[again]), k=1) == pytest.approx(2 / 5)


def test_maps_with_everything_in_one_place() -> None:
    line = np.arange(20)[:, None] * [1.0, 0.0]
    assert 0 <= seeds(map_of(np.zeros((20, 2))), map_of(line)) <= 1
    assert math.isnan(seeds(map_of(np.zeros((20, 2))), map_of(np.zeros((20, 2)))))
    assert math.isnan(seeds(map_of(line[:2]), map_of(line[:2])))
