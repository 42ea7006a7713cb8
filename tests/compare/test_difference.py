"""Two spaces of the same texts: by hand, in closed cases, and against plain NumPy."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from embedlab.base.errors import EmbedlabError
from embedlab.compare.agreement import _pairs, cka, pairs_changed, random_cka, rank_correlation
from embedlab.compare.difference import Difference, difference, shown
from embedlab.compare.noise import Floor, Floors
from embedlab.compare.overlap import Overlap, most_changed, overlap, random_overlap
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder
from embedlab.space.embedding import embed
from embedlab.space.space import Space
from embedlab.stats.intervals import interval
from tests.compare.spaces import near, on_circle, space_of


def compared(first: Space, second: Space, k: int = 10) -> Difference:
    return difference(first, second, near(first), near(second), k)


def topics(count: int, dimensions: int, seed: int = 0, corpus: Corpus | None = None) -> Space:
    """Return texts around ten directions."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(10, dimensions))
    return space_of(middles[np.arange(count) % 10] + rng.normal(size=(count, dimensions)), corpus)


def turned(space: Space, seed: int = 1) -> Space:
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.normal(size=(space.vectors.shape[1],) * 2))[0]
    return space_of(space.vectors @ rotation, space.corpus)


# --- Neighbours in common ---


def jaccard_in_numpy(first: NDArray[np.float32], second: NDArray[np.float32], k: int) -> NDArray[np.float64]:
    values = []
    for row in range(len(first)):
        found = []
        for vectors in (first, second):
            cosines = vectors.astype(np.float64) @ vectors[row].astype(np.float64)
            cosines[row] = -np.inf
            found.append(set(np.argsort(-cosines)[:k].tolist()))
        values.append(len(found[0] & found[1]) / len(found[0] | found[1]))
    return np.array(values)


def test_overlap_is_that_of_plain_numpy_on_500_texts() -> None:
    first = topics(500, 64)
    second = space_of(first.vectors[:, :40] + 0.02 * np.random.default_rng(1).normal(size=(500, 40)), first.corpus)
    found = overlap(near(first), near(second), 10)
    plain = jaccard_in_numpy(first.vectors, second.vectors, 10)
    assert np.abs(found.jaccard - plain).max() < 1e-6
    assert 0.2 < plain.mean() < 0.8
    assert found.mean.mean == pytest.approx(plain.mean(), abs=1e-6)
    assert found.mean.low < plain.mean() < found.mean.high
    np.testing.assert_allclose(found.shared, 2 * plain / (1 + plain), atol=1e-12)


def test_the_interval_of_an_overlap_holds_when_all_texts_are_drawn_anew() -> None:
    """Of 120 corpora of 150 texts, intervals hold the mean of all in 93 of 100 or more; a bootstrap's in fewer than 90.

    The binomial error of such a count is 2 points where 95 hold. And they are no wider than it takes.
    """
    found, bootstrapped = [], []
    for draw in range(120):
        rng = np.random.default_rng([0, draw])
        first = space_of(rng.normal(size=(150, 8)))
        second = space_of(first.vectors + 0.1 * rng.normal(size=(150, 8)), first.corpus)
        one = overlap(near(first), near(second))
        found.append(one.mean)
        bootstrapped.append(interval(one.jaccard, resamples=500))
    true = float(np.mean([one.mean for one in found]))
    assert sum(one.low <= true <= one.high for one in found) >= 0.93 * 120
    assert sum(one.low <= true <= one.high for one in bootstrapped) < 0.9 * 120
    width = float(np.mean([one.high - one.low for one in found]))
    assert width < 1.15 * 2 * 1.96 * float(np.std([one.mean for one in found]))


def test_overlap_by_hand() -> None:
    """Two nearest each: of 0 degrees 10 and 21, of 46 degrees 33 and 21. In the second 0 and 46 have changed places."""
    degrees = [0.0, 10.0, 21.0, 33.0, 46.0]
    first = on_circle(degrees)
    found = overlap(near(first), near(on_circle([46, 10, 21, 33, 0], first.corpus)), 2)
    # Before: 0: {1, 2}, 1: {0, 2}, 2: {1, 3}, 3: {2, 4}, 4: {3, 2}. After: 0: {3, 2}, 1: {4, 2}, 2: {1, 3}, 3: {2, 0}.
    assert found.k == 2
    assert found.shared.tolist() == [0.5, 0.5, 1, 0.5, 0.5]
    np.testing.assert_allclose(found.jaccard, [1 / 3, 1 / 3, 1, 1 / 3, 1 / 3])
    assert found.kept == pytest.approx(1.2)
    assert most_changed(found).tolist() == [0, 1, 3, 4]
    assert most_changed(found, 2).tolist() == [0, 1]


AGAIN = [0, 0, 1, 2, 2, 2, 3, 4, 4, 0]
FIRSTS = [0, 2, 3, 6, 7]


def copies(degrees: list[float]) -> Space:
    """Return texts on a circle, some of them more than once."""
    return on_circle([degrees[row] for row in AGAIN], Corpus.of([f"text {row}" for row in AGAIN]))


def test_repeated_texts_neither_help_nor_hide() -> None:
    """A copy is always the nearest text in both spaces: counted, it would look like agreement."""
    before, after = [0.0, 10, 21, 33, 46], [46.0, 10, 21, 33, 0]
    alone_first, alone_second = on_circle(before), on_circle(after)
    alone = compared(alone_first, alone_second, 2)
    first = copies(before)
    second = replace(copies(after), corpus=first.corpus)
    found = compared(first, second, 2)
    assert (found.cka, found.ranks, found.overlap.mean) == (alone.cka, alone.ranks, alone.overlap.mean)
    assert found.texts == 5
    assert found.overlap.jaccard.tolist() == alone.overlap.jaccard[AGAIN].tolist()
    assert most_changed(found.overlap).tolist() == [0, 2, 6, 7]
    pairs = [(pair.first, pair.second, pair.before) for pair in pairs_changed(alone_first, alone_second)]
    assert pairs
    assert [(pair.first, pair.second, pair.before) for pair in pairs_changed(first, second)] == [
        (FIRSTS[one], FIRSTS[other], before) for one, other, before in pairs
    ]


def test_k_is_lowered_where_everything_would_be_a_neighbour() -> None:
    rng = np.random.default_rng(0)
    for count, k in [(1, 0), (2, 0), (3, 1), (4, 1), (12, 5), (21, 10), (40, 10)]:
        first = space_of(rng.normal(size=(count, 4)))
        found = overlap(near(first), near(space_of(rng.normal(size=(count, 4)), first.corpus)))
        assert found.k == k
    first = space_of(rng.normal(size=(40, 4)))
    assert overlap(near(first, 4), near(first)).k == 4


def test_random_overlap_in_closed_form() -> None:
    """With 4 others and 2 nearest: 1 of 6 pairs is the same, 4 of 6 share one (1 of 3), 1 of 6 none."""
    assert random_overlap(5, 2) == pytest.approx(1 / 6 + 4 / 6 / 3)
    assert random_overlap(11, 10) == 1
    assert random_overlap(3, 10) == 1
    assert math.isnan(random_overlap(1, 10))
    assert 0 < random_overlap(100_000, 10) < 1e-4


def test_unrelated_vectors_come_near_the_ceiling() -> None:
    first = topics(1_000, 48, seed=0)
    second = topics(1_000, 64, seed=9, corpus=first.corpus)
    shuffled = space_of(second.vectors[np.random.default_rng(3).permutation(1_000)], first.corpus)
    found = compared(first, shuffled)
    assert found.overlap.mean.mean == pytest.approx(found.random_overlap, abs=0.002)
    assert found.cka < 0.1
    assert abs(found.ranks) < 0.02
    random = space_of(np.random.default_rng(5).normal(size=(1_000, 64)), first.corpus)
    assert cka(first, random) == pytest.approx(random_cka(first, random), abs=0.01)
    assert compared(first, random).verdict() == "unrelated"
    assert compared(first, random).sentence().startswith("As different as unrelated vectors")


# --- CKA ---


def cka_in_numpy(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """By its definition with Gram matrices: HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L))."""
    count = len(first)
    centring = np.eye(count) - np.ones((count, count)) / count
    k, other = (centring @ (v.astype(np.float64) @ v.astype(np.float64).T) @ centring for v in (first, second))
    return float((k * other).sum() / np.sqrt((k * k).sum() * (other * other).sum()))


@pytest.mark.parametrize(("count", "dimensions"), [(500, 64), (500, 700), (9_000, 6)])
def test_cka_is_that_of_plain_numpy(count: int, dimensions: int) -> None:
    """By dimensions, by texts, and in blocks."""
    first = topics(count, dimensions)
    second = topics(count, 40, seed=2, corpus=first.corpus)
    if count > 500:
        x, y = (
            space.vectors.astype(np.float64) - space.vectors.mean(axis=0, dtype=np.float64) for space in (first, second)
        )
        plain = np.linalg.norm(x.T @ y) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)
    else:
        plain = cka_in_numpy(first.vectors, second.vectors)
    assert cka(first, second) == pytest.approx(plain, abs=1e-6)
    assert cka(second, first) == pytest.approx(plain, abs=1e-6)


def test_the_same_space_turned_mirrored_or_padded_is_the_same() -> None:
    first = topics(500, 32)
    mirrored = space_of(first.vectors * [-1, *[1] * 31], first.corpus)
    padded = space_of(np.pad(first.vectors, ((0, 0), (5, 0))), first.corpus)
    scaled = space_of(first.vectors * 7.0, first.corpus)
    for second in (first, turned(first), mirrored, padded, scaled):
        found = compared(first, second)
        assert found.cka == pytest.approx(1, abs=1e-9)
        assert found.ranks == pytest.approx(1, abs=1e-6)
        assert found.overlap.mean.mean > 0.999
        assert found.verdict() == "same"
        assert found.sentence().startswith("No difference at all: to these texts the two are one model")


def test_cka_of_vectors_of_any_length_by_hand() -> None:
    """Centred: (-1, 0, 1) against (1, -2, 1), orthogonal: 0. Against (-1, -0.5, 1.5): 6.25 / (2 x 3.5)."""
    base = space_of(np.eye(3))

    def raw(values: list[float]) -> Space:
        return replace(base, vectors=np.array(values, dtype=np.float32)[:, None])

    assert cka(raw([-1, 0, 1]), raw([1, -2, 1])) == pytest.approx(0, abs=1e-12)
    assert cka(raw([-1, 0, 1]), raw([5, 5.5, 7.5])) == pytest.approx(6.25 / 7)
    assert cka(raw([-1, 0, 1]), raw([3, 1, -1])) == pytest.approx(1)


# --- Ranks of similarities ---


def test_ranks_of_all_pairs_are_those_of_scipy() -> None:
    first, second = topics(60, 8), topics(60, 5, seed=3)
    second = replace(second, corpus=first.corpus)
    pairs = np.array(list(combinations(range(60), 2)))
    cosines = [
        np.einsum("pd,pd->p", space.vectors[pairs[:, 0]], space.vectors[pairs[:, 1]]) for space in (first, second)
    ]
    assert rank_correlation(first, second) == pytest.approx(spearmanr(*cosines).statistic, abs=1e-9)


def test_a_sample_of_pairs_comes_near_all_of_them() -> None:
    first = topics(600, 16)
    second = space_of(first.vectors[:, :6], first.corpus)
    whole = rank_correlation(first, second)
    part = rank_correlation(first, second, pairs=20_000)
    assert part == rank_correlation(first, second, pairs=20_000)
    assert part != rank_correlation(first, second, pairs=20_000, seed=1)
    assert part == pytest.approx(whole, abs=0.02)
    assert 0.3 < whole < 0.95


def test_pairs_are_of_two_texts_and_each_pair_is_as_likely() -> None:
    left, right = _pairs(60, 1_000, seed=0)
    assert (left < right).all()
    assert len({*zip(left.tolist(), right.tolist(), strict=True)}) == len(left)
    draws = [np.bincount(np.concatenate(_pairs(60, 1_000, seed)), minlength=60) for seed in range(50)]
    assert np.mean(draws, axis=0) == pytest.approx(2 * len(left) / 60, rel=0.1)


def test_tied_similarities_share_their_rank(letters: Any) -> None:
    """Cosines 1, 0 and 0 against 0, 1 and 0: ranks 3, 1.5, 1.5 and 1.5, 3, 1.5, correlation -1/2."""
    first = embed(Corpus.of(["ab", "ba", "cd"]), letters)
    second = replace(embed(Corpus.of(["ab", "cd", "ba"]), letters), corpus=first.corpus)
    assert rank_correlation(first, second) == pytest.approx(-0.5)


def test_the_pairs_that_changed_most() -> None:
    """Five on a circle, and the first comes round to the other end."""
    first = on_circle([0, 5, 40, 42, 90])
    second = on_circle([88, 5, 40, 42, 90], first.corpus)
    changed = pairs_changed(first, second)
    assert {(pair.first, pair.second) for pair in changed[:2]} == {(0, 1), (0, 4)}
    fell = next(pair for pair in changed if pair.second == 1)
    rose = next(pair for pair in changed if (pair.first, pair.second) == (0, 4))
    # Of ten pairs, 0 and 1 are the second closest at first (5 degrees after 2), and the second farthest at last.
    assert (fell.before, fell.after) == (pytest.approx(0.85), pytest.approx(0.15))
    assert (rose.before, rose.after) == (pytest.approx(0.05), pytest.approx(0.9))
    assert rose.change == pytest.approx(0.85)
    assert list(map(abs, [p.change for p in changed])) == sorted([abs(p.change) for p in changed], reverse=True)
    assert len(pairs_changed(first, second, count=3)) == 3
    assert pairs_changed(first, first) == ()


# --- All together ---


def difference_of(jaccard: float, cka: float = 0.8, ranks: float = 0.7, spread: float = 0.05) -> Difference:
    values = np.clip(jaccard + spread * np.tile([-1.0, 1.0], 100), 0, 1)
    found = Overlap(10, 2 * values / (1 + values), values, np.arange(200), interval(values))
    return Difference(found, cka, ranks, 0.03, 0.2, 200)


FLOORS = Floors(
    (Floor("5 % of the texts dropped", 0.9, 1, 1), Floor("fp32 against bf16 of one model", 0.95, 0.999, 0.999))
)


def test_a_difference_is_held_against_its_floor_and_its_ceiling() -> None:
    said = difference_of(0.4).sentence(FLOORS)
    assert said.startswith("Different neighbours in part: a text has 5.7 of its 10 nearest texts in common on average")
    assert "Jaccard" not in said
    detail = difference_of(0.4).detail(FLOORS)
    assert detail.startswith(
        "Jaccard 0.400, 95 % interval 0.393 to 0.407; 5 % of the texts dropped 0.900, unrelated vectors 0.030."
    )
    assert "The broad picture is alike in part (CKA 0.800, unrelated vectors 0.200, rank correlation" in detail
    assert difference_of(0.4).detail().count("dropped") == 0
    assert difference_of(0.7).sentence(FLOORS).startswith("Much the same neighbours, with a difference")
    assert difference_of(0.1).sentence(FLOORS).startswith("Mostly different neighbours")
    assert difference_of(0.03, spread=0.02).sentence(FLOORS).startswith("As different as unrelated vectors")
    assert "The broad picture is another one" in difference_of(0.1, 0.4).detail(FLOORS)
    assert "The broad picture is nearly the same" in difference_of(0.1, 0.95).detail(FLOORS)


def test_a_difference_no_larger_than_the_floor_is_called_none() -> None:
    none = difference_of(0.93, 0.995)
    assert (none.verdict(FLOORS), none.verdict()) == ("none", "different")
    assert none.sentence(FLOORS).startswith("No difference that means anything: a text has 9.6 of its 10")
    assert "The broad picture is the same" in none.detail(FLOORS)
    assert difference_of(0.89, 0.995).verdict(FLOORS) == "different"
    assert difference_of(0.899, 0.995).verdict(FLOORS) == "none"  # its interval reaches 0.9
    broad = difference_of(0.93, 0.8)
    assert broad.verdict(FLOORS) == "different"
    assert broad.sentence(FLOORS).startswith("The same neighbours: ")
    assert "alike in part" in broad.detail(FLOORS)


def test_what_a_few_texts_cannot_tell_is_not_told() -> None:
    values = np.array([0.0, 1, 0, 1])
    wide = Overlap(1, values, values, np.arange(4), interval(values))
    found = Difference(wide, 0.9, 0.5, 1 / 3, 0.8, 4)
    assert found.verdict(FLOORS) == found.verdict() == "too few"
    assert found.sentence(FLOORS).startswith("These 4 texts are too few to tell: a text has 0.5 of its nearest text in")
    assert "So few texts say little about the broad picture" in found.detail(FLOORS)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_texts_to_compare(count: int) -> None:
    first = space_of(np.eye(4)[:count] + 0.1)
    second = space_of(np.eye(5)[:count] + 0.2, first.corpus)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compared(first, second)
        said = found.sentence(FLOORS)
    assert said.startswith("Too few different texts")
    assert math.isnan(found.ranks)
    assert math.isnan(found.overlap.mean.mean)
    assert np.isnan(found.overlap.jaccard).all()
    assert len(most_changed(found.overlap)) == 0
    assert pairs_changed(first, second) == ()


def test_three_texts_are_compared() -> None:
    first = on_circle([0, 10, 40])
    found = compared(first, on_circle([0, 35, 40], first.corpus))
    assert found.overlap.shared.tolist() == [1, 0, 1]
    assert 0 < found.cka < 1
    assert (found.overlap.mean.low, found.overlap.mean.high) == (0, 1)
    assert found.verdict() == "too few"
    assert compared(first, first).verdict() == "same"


def test_one_vector_for_all_texts_is_said() -> None:
    first = topics(50, 8)
    flat = space_of(np.ones((50, 3)), first.corpus)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for found in (compared(first, flat), compared(flat, first), compared(flat, flat)):
            assert math.isnan(found.cka)
            assert math.isnan(found.ranks)
            assert found.verdict(FLOORS) == "one vector"
            assert "the same vector: there is nothing to compare" in found.sentence(FLOORS)
    wide = space_of(np.ones((50, 80)), first.corpus)
    assert math.isnan(cka(wide, first))


def test_all_texts_the_same() -> None:
    first = space_of(np.ones((20, 4)), Corpus.of(["one text"] * 20))
    found = compared(first, first)
    assert found.texts == 1
    assert found.verdict() == "too few"


def test_other_texts_are_refused() -> None:
    first, second = space_of(np.eye(3)), space_of(np.eye(3), Corpus.of(["a", "b", "c"]))
    with pytest.raises(EmbedlabError, match="The two models hold different texts"):
        compared(first, second)
    with pytest.raises(EmbedlabError, match="The two models hold different texts"):
        overlap(near(first), near(space_of(np.eye(4))))
    assert cka(first, replace(first, corpus=Corpus.of(first.corpus.texts))) == 1


def test_one_is_shown_only_where_it_is_one() -> None:
    assert [shown(value) for value in (1.0, 1 - 1e-12, 0.99996, 0.5, math.nan)] == [
        "1.000", "1.000", "0.999", "0.500", "undefined",
    ]  # fmt: skip
    assert shown(-0.25) == "-0.250"


@pytest.mark.model
def test_minilm_in_two_precisions_against_a_lexical_model(minilm: Encoder, exact: Encoder, letters: Any) -> None:
    words = ["river", "bank", "money", "loan", "water", "boat", "cat", "dog", "kitten", "puppy", "guitar", "piano"]
    corpus = Corpus.of([f"The {one} and the {other}." for one, other in combinations(words, 2)])
    own, full, lexical = (embed(corpus, encoder) for encoder in (minilm, exact, letters))
    alike, unlike = compared(own, full), compared(full, lexical)
    assert alike.overlap.mean.mean > 0.9 > unlike.overlap.mean.mean
    assert alike.cka > 0.999 > unlike.cka
