"""Copies and near-duplicates: by hand, on texts of a few words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from embedlab.base.progress import Progress, Stopped
from embedlab.check.duplicates import CLOSEST, DEFAULT_THRESHOLD, FLOOR, Duplicates, duplicates
from embedlab.check.minhash import BAND, HASHES, alike, sketched, sketches
from embedlab.check.soft_tfidf import AN_ERROR, LEAST, LITTLE, MOST, Wording
from embedlab.corpus import Corpus
from tests.compare.spaces import near, space_of

# Enough other texts that a word that one of these has is rare.
PLACES = ("north", "south", "hill", "lake", "farm", "mill", "shore", "valley")
OTHERS = [f"the {one} of the {other}" for one in ("cat", "dog", "house", "road", "tree") for other in PLACES]


def found_in(texts: Sequence[str], seed: int = 0) -> Duplicates:
    """Return what repeats among the texts; their vectors are random, so the letters must find the pairs."""
    space = space_of(np.random.default_rng(seed).normal(size=(len(texts), 16)), Corpus.of(texts))
    return duplicates(space, near(space))


def likeness(first: str, second: str) -> float:
    return Wording([first, second, *OTHERS]).likeness(0, 1)


# --- How much of two texts is worded the same ---


def test_likeness_by_hand() -> None:
    """Of 43 texts three have "blue"; "moon" is in one, "the" in 41."""
    texts = ["blue moon", "blue sun", "blue stone", *OTHERS]
    blue, moon = math.log(1 + 43 / 3), math.log(1 + 43)
    assert Wording(texts).likeness(0, 1) == pytest.approx(2 * blue / (2 * blue + 2 * moon))
    assert LEAST < blue < moon < MOST
    little, cat, north = (
        math.log(1 + 43 / 40),
        LEAST,
        math.log(1 + 43 / 5),
    )  # log(1 + 43/8) for "cat" is below the least
    assert little < LITTLE
    same = 2 * (3 * little + north)  # the, of, the, north
    assert Wording(texts).likeness(3, 11) == pytest.approx(same / (same + 2 * cat))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("the lost card was stopped", "card stopped the was lost"),
        ("my birth place", "my birthplace"),
        ("can't pay", "cant pay"),
    ],
)
def test_order_spaces_and_apostrophes_do_not_count(first: str, second: str) -> None:
    assert likeness(first, second) == 1


def test_a_typing_error_costs_a_tenth_of_its_word() -> None:
    weight = math.log(1 + 42)
    assert likeness("beneficiary", "benificiary") == pytest.approx(1 - AN_ERROR)
    assert likeness("beneficiary transfer", "benificiary trasnfer") == pytest.approx(1 - AN_ERROR)
    assert likeness("beneficiary", "bennificiary") == pytest.approx(1 - 2 * AN_ERROR)
    assert likeness("beneficiary transfer", "benificiary") == pytest.approx(
        2 * weight * (1 - AN_ERROR) / (2 * weight + math.log(1 + 42))
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("send 20 pounds", "send 21 pounds"),
        ("send 1234567", "send 1234568"),  # numbers are never mistyped
        ("a charge of $1", "a charge of €1"),
        ("turn it on", "turn it off"),
        ("my cat", "my car"),  # a short word with another letter is another word
        ("I can pay", "I can't pay"),
        ("top up by card", "top up by cheque"),
        ("why do I pay", "how do I pay"),
    ],
)
def test_another_word_is_another_text(first: str, second: str) -> None:
    assert likeness(first, second) < DEFAULT_THRESHOLD


def test_a_word_that_many_texts_have_is_no_typing_error() -> None:
    many = [f"muon {number}" for number in range(10)] + [f"kuon {number}" for number in range(10)]
    assert Wording(["muon mass", "kuon mass", *many]).likeness(0, 1) < 0.6
    assert Wording(["muon mass", "muonn mass", *many]).likeness(0, 1) > 0.9
    few = [f"muon {number}" for number in range(119)] + [f"kuon {number}" for number in range(5)]  # 120 to 6: 20 times
    mass = math.log(1 + 126 / 2)
    assert Wording(["muon mass", "kuon mass", *few]).likeness(0, 1) == pytest.approx(
        (2 * mass + 2 * 0.9 * LEAST) / (2 * mass + 2 * LEAST)
    )
    assert Wording(["muon mass", "kuon mass", *few[1:]]).likeness(0, 1) < 0.9


def test_two_words_run_together_that_many_texts_have() -> None:
    many = ["the topup of it", "to top up it"] * 10
    assert Wording(["topup fees", "top up fees", *many]).likeness(0, 1) == 1


def test_another_function_word_counts_half() -> None:
    """Of 42 texts one has "we", one "they": they tell as little as any function word may."""
    pay = math.log(1 + 42 / 2)
    assert likeness("we pay", "they pay") == pytest.approx((2 * pay + LITTLE) / (2 * pay + 2 * LITTLE))
    assert likeness("how do I pay", "how can I pay") > likeness("how do I pay", "how I pay card")
    assert likeness("we pay", "they pay") > likeness("dogs pay", "wolves pay")
    assert likeness("yp pay cards", "to pay cards") > 0.8


def test_texts_without_words_are_not_alike() -> None:
    assert likeness("🙂🙂", "🙂") == 0
    assert likeness("", "") == 0


# --- Which pairs are found ---


def test_copies_and_near_duplicates() -> None:
    texts = [
        "How do I activate my new card?", "how do i  ACTIVATE my new card?", "How do I actvate my new card?",
        "What is the exchange rate today?", "something else entirely", "How do I activate my new card?", *OTHERS,
    ]  # fmt: skip
    found = found_in(texts)
    assert [rows.tolist() for rows in found.exact] == [[0, 1, 5]]
    assert found.copies == 2
    assert found.near().tolist() == [[0, 2]]
    assert [found.first_of(row) for row in range(6)] == [0, 0, 2, 3, 4, 0]
    assert found.copies_of(5).tolist() == [0, 1, 5]
    assert found.copies_of(2).tolist() == [2]
    assert found.alike_from(2, 0.7) == [(0, found.likeness[0])]
    assert found.alike_from(2, 1.0) == found.alike_from(3, 0.7) == []
    assert (found.likeness[:-1] >= found.likeness[1:]).all()
    assert (found.likeness >= FLOOR).all()


def test_the_most_alike_come_first() -> None:
    texts = [
        "activate the virtual card",
        "actvate the virtul card",
        "close my savings account",
        "savings account my close",
    ]
    found = found_in([*texts, *OTHERS])
    assert found.near(0.85).tolist() == [[2, 3], [0, 1]]
    assert found.likeness[0] == 1 > found.likeness[1]


def test_the_threshold_and_the_borderline() -> None:
    pairs = np.array([[0, 1], [2, 3], [4, 5], [6, 7]])
    found = Duplicates((), pairs, np.array([1.0, 0.9, 0.8, 0.7]))
    assert len(found.near(0.9)) == 2
    assert len(found.near(0.7)) == 4
    assert len(found.near(1.01)) == 0
    assert found.borderline(0.85, 1).tolist() == [1, 2]
    assert found.borderline(0.5, 2).tolist() == [2, 3]
    assert found.borderline(1.01, 2).tolist() == [0, 1]


@pytest.mark.parametrize(
    "texts", [["one"], ["one", "two"], ["a"] * 5, list("abcdefgh"), ["🙂", "🙂🙂", "😀"], ["?!"] * 3]
)
def test_hardly_any_texts(texts: list[str]) -> None:
    found = found_in(texts)
    assert found.pairs.shape == (0, 2)
    assert found.copies == len(texts) - len(set(texts))


def test_very_long_texts_and_long_words() -> None:
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdefghijklmnop"), 7)) for _ in range(20_000)]
    long = " ".join(words)
    found = found_in([long, long + " indeed", "a" * 50_000, "b" * 50_000, "short", *OTHERS])
    assert found.near(0.99).tolist() == [[0, 1]]


def test_near_duplicates_in_other_scripts() -> None:
    texts = [
        "как мне активировать карту",
        "как мне активироватъ карту",
        "猫が庭で寝ている",
        "猫が庭で寝ていた",
        "ไม่มีอะไร",
        *OTHERS,
    ]
    assert [0, 1] in found_in(texts).near().tolist()


def test_so_many_alike_that_each_is_compared_with_the_closest_only() -> None:
    """Forty words of fifty, drawn anew for each of 60 texts: all pairs share most of their letters."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(50)]
    texts = [" ".join(rng.permutation(words)[:46]) for _ in range(60)]
    found = found_in(texts)
    assert found.crowded
    assert 60 * CLOSEST // 4 < len(found.pairs) <= 60 * CLOSEST
    assert len(np.unique(found.pairs, axis=0)) == len(found.pairs)
    assert not found_in(texts[:20]).crowded


def test_a_word_that_stands_twice_counts_twice() -> None:
    assert likeness("very very good", "good very very") == 1
    assert likeness("very very good", "very good") < 1
    assert likeness("very very good", "very very very good") < 1


def test_work_can_be_stopped() -> None:
    def stop(progress: Progress) -> None:
        raise Stopped

    space = space_of(np.random.default_rng(0).normal(size=(2, 4)), Corpus.of(["one and the same", "the same and one"]))
    with pytest.raises(Stopped):
        duplicates(space, near(space), stop)


# --- Sketches ---


def test_sketches_estimate_the_share_of_common_runs() -> None:
    """Of the runs of "abcdefgh" and "abcdexyz" four of twelve are in both: " ab", "abc", "bcd", "cde"."""
    made = sketches(["abcdefgh", "abcdexyz", "abcdefgh"])
    shares = sketched(made, np.array([[0, 1], [0, 2]]))
    assert shares[1] == 1
    assert shares[0] == pytest.approx(4 / 12, abs=4 * math.sqrt(1 / 3 * 2 / 3 / HASHES))
    many = np.mean([sketched(sketches(["abcdefgh", "abcdexyz"], seed), np.array([[0, 1]]))[0] for seed in range(40)])
    assert many == pytest.approx(4 / 12, abs=0.03)


def test_sketches_of_nothing() -> None:
    made = sketches(["", " ", "a"])
    assert (made[:2] == np.iinfo(np.uint32).max).all()
    assert sketches([]).shape == (0, HASHES)
    assert alike(sketches([])).shape == (0, 2)


def test_bands_find_as_many_pairs_as_is_said() -> None:
    """Pairs of sketches that agree in a known share of their places, drawn at random."""
    rng = np.random.default_rng(0)
    for share, wanted in ((0.2, 0.0064), (0.5, 0.470), (0.7, 0.975), (0.8, 0.9996)):
        assert 1 - (1 - share**BAND) ** (HASHES // BAND) == pytest.approx(wanted, abs=0.001)
        first = rng.integers(0, 2**32, (1_000, HASHES), dtype=np.uint32)
        second = np.where(rng.random(first.shape) < share, first, rng.integers(0, 2**32, first.shape, dtype=np.uint32))
        pairs = alike(np.concatenate([first, second]))
        assert (pairs[:, 1] - pairs[:, 0] == 1_000).all()
        assert len(pairs) / 1_000 == pytest.approx(wanted, abs=0.05)


def test_a_band_that_too_many_share_tells_nothing() -> None:
    same = np.tile(np.arange(HASHES, dtype=np.uint32), (61, 1))
    assert len(alike(same)) == 0
    assert len(alike(same[:60])) == 60 * 59 / 2
