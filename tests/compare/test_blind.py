"""Judging neighbours blind: fair questions, and what the answers say."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.compare.blind import FEWEST_DECIDED, MOST_ASKED, Answer, Deck, Question, Tally, deck, tally
from embedlab.corpus import Corpus
from embedlab.space.space import Neighbours, Space
from tests.compare.spaces import near, on_circle, space_of
from tests.sentences import says

NAMES = ("MiniLM", "words")


def two_spaces(count: int = 200) -> tuple[Space, Space, Neighbours, Neighbours]:
    rng = np.random.default_rng(0)
    first = space_of(rng.normal(size=(count, 8)))
    second = space_of(first.vectors + 0.3 * rng.normal(size=(count, 8)), first.corpus)
    return first, second, near(first), near(second)


def of_size(count: int, size: int = 20, seed: int = 0) -> Deck:
    """Return a deck of made-up texts."""
    return Deck(tuple((row, 1_000 + row, 2_000 + row) for row in range(count)), size, seed)


def once(asked: tuple[Question, ...]) -> list[Question]:
    return [question for question in asked if not question.again]


# --- Questions ---


def test_each_question_sets_what_one_model_alone_has_against_what_the_other_has() -> None:
    first, second, own, other = two_spaces()
    asked = once(deck(first, second, own, other, size=50).round(0))
    assert len({question.row for question in asked}) == len(asked) == 50
    for question in asked:
        mine = own.indices[question.row, :10].tolist()
        theirs = other.indices[question.row, :10].tolist()
        of_first, of_second = (
            (question.left, question.right) if question.left_is_first else (question.right, question.left)
        )
        assert of_first == next(row for row in mine if row not in theirs)
        assert of_second == next(row for row in theirs if row not in mine)


@pytest.mark.parametrize("seed", range(20))
def test_each_model_is_on_the_left_in_half_of_the_questions(seed: int) -> None:
    found = of_size(40, seed=seed)
    sides = [[question.left_is_first for question in once(found.round(number))] for number in (0, 1)]
    assert [sum(one) for one in sides] == [10, 10]
    assert sides[0] != sides[1]
    assert sum(question.left_is_first for question in once(of_size(7, seed=seed).round(0))) in (3, 4)


def test_the_order_of_texts_and_sides_is_drawn() -> None:
    spaces = two_spaces()
    assert deck(*spaces) == deck(*spaces)
    assert deck(*spaces).pairs != deck(*spaces, seed=1).pairs
    assert of_size(40).round(0) == of_size(40).round(0)
    orders = {tuple(question.left_is_first for question in of_size(20, seed=seed).round(0)) for seed in range(50)}
    assert len(orders) == 50


def test_another_round_asks_about_other_texts_as_long_as_there_are_some() -> None:
    found = of_size(47)
    rounds = [once(found.round(number)) for number in range(found.rounds)]
    assert [len(one) for one in rounds] == [20, 20, 7]
    assert sorted(question.row for one in rounds for question in one) == list(range(47))
    again = once(found.round(3))
    assert [question.row for question in again] == [question.row for question in rounds[0]]
    assert again != rounds[0]  # on other sides


def test_some_pairs_come_twice_with_sides_changed_and_not_at_once() -> None:
    for number in range(30):
        asked = of_size(600).round(number)
        assert len(asked) == 24
        for at, question in enumerate(asked):
            if question.again:
                before = next(place for place, one in enumerate(asked) if one.row == question.row)
                assert at - before > 4
                assert asked[before].turned == question
                assert (question.left, question.right) == (asked[before].right, asked[before].left)
        assert len({question.row for question in asked if question.again}) == 4


@pytest.mark.parametrize(("texts", "questions"), [(0, 0), (1, 1), (4, 4), (5, 6), (6, 7), (13, 16), (20, 24)])
def test_few_texts_make_few_questions(texts: int, questions: int) -> None:
    found = of_size(texts)
    assert (len(found.round(0)), found.rounds) == (questions, min(1, texts))


def test_nothing_is_asked_where_both_agree() -> None:
    first, _, own, _ = two_spaces()
    assert deck(first, first, own, own).pairs == ()
    one = on_circle([0])
    assert deck(one, one, near(one), near(one)).round(0) == ()


def test_no_more_is_drawn_than_anybody_judges() -> None:
    spaces = two_spaces(MOST_ASKED + 200)
    assert len(deck(*spaces).pairs) == MOST_ASKED


def circles(texts: list[str]) -> tuple[Space, Space, Neighbours, Neighbours]:
    """Return these texts on two circles: the one at its start on the first is at its end on the second."""
    before, after = [0.0, 10, 21, 33, 46], [46.0, 10, 21, 33, 0]
    corpus = Corpus.of(texts)
    first = on_circle([before[at % 5] for at in range(len(texts))], corpus)
    second = replace(on_circle([after[at % 5] for at in range(len(texts))]), corpus=corpus)
    return first, second, near(first), near(second)


def test_a_repeated_text_is_asked_about_once_and_is_no_neighbour_of_itself() -> None:
    found = deck(*circles([f"text {row % 5}" for row in range(10)]), k=2)
    assert sorted(row for row, _, _ in found.pairs) == [0, 1, 3, 4]
    assert all(row not in (first, second) and max(first, second) < 5 for row, first, second in found.pairs)


def test_where_both_neighbours_read_the_same_there_is_nothing_to_judge() -> None:
    """The outer two are what the two models disagree on; here they differ in capitals and space alone."""
    plain = deck(*circles(["Outer text", "b", "c", "d", "another"]), k=1)
    alike = deck(*circles(["Outer text", "b", "c", "d", "outer  TEXT "]), k=1)
    pairs = {row: {first, second} for row, first, second in plain.pairs}
    assert {0, 4} in pairs.values() or any(pair == {0, 4} for pair in pairs.values())
    assert [row for row, _, _ in alike.pairs] == [row for row, _, _ in plain.pairs if pairs[row] != {0, 4}]


def test_other_texts_are_refused() -> None:
    first, second = space_of(np.eye(4)), space_of(np.eye(4), Corpus.of(["a", "b", "c", "d"]))
    with pytest.raises(EmbedlabError, match="different texts"):
        deck(first, second, near(first), near(second))


# --- What answers say ---

ASKED = tuple(Question(row, row + 1, row + 2, row % 2 == 0) for row in range(20))


def answers(wins: int, losses: int, ties: int = 0) -> list[Answer | None]:
    """Return answers to `ASKED` with so many for the first model, then for the second, then ties; the rest open."""
    given: list[Answer | None] = [None] * 20
    for at in range(wins + losses):
        given[at] = "left" if (at < wins) == ASKED[at].left_is_first else "right"
    given[wins + losses : wins + losses + ties] = ["tie"] * ties
    return given


def test_sides_are_turned_back_into_models() -> None:
    found = tally(ASKED, answers(14, 3, 2), NAMES)
    assert (found.wins_first, found.wins_second, found.ties, found.decided) == (14, 3, 2, 17)
    assert (found.better, found.rate.mean) == ("MiniLM", 14 / 17)
    assert says(found.sentence, "MiniLM", "better", "14 to 3")
    assert says(found.detail, "MiniLM", "82 %", 17, "95 %", "51 %", "99 %", "whenever you stop", "2 undecided")
    lost = tally(ASKED, answers(3, 14), NAMES)
    assert (lost.better, lost.rate.mean) == ("words", 3 / 17)
    assert says(lost.sentence, "words", "better", "14 to 3")
    assert says(lost.detail, "words", "82 %", 17, "95 %", "51 %", "99 %", "whenever you stop")


def test_what_answers_cannot_tell_is_said() -> None:
    assert says(tally(ASKED, answers(11, 4), NAMES).sentence, "can't tell", "MiniLM is ahead", "11 to 4")
    assert tally(ASKED, answers(4, 11), NAMES).sentence.endswith("words is ahead, 11 to 4.")
    even = tally(ASKED, answers(7, 7, 1), NAMES)
    assert says(even.sentence, "can't tell", "7 to 7")
    assert even.detail.endswith("1 undecided.")
    nothing = tally(ASKED, answers(0, 0), NAMES)
    assert math.isnan(nothing.rate.mean)
    assert (nothing.better, nothing.detail) == (None, "")
    assert nothing.sentence.startswith("Nothing is decided yet: judge some")
    undecided = tally(ASKED, answers(0, 0, 4), NAMES)
    assert (undecided.sentence, undecided.detail) == (nothing.sentence, "4 undecided.")
    with pytest.raises(ValueError, match="shorter"):
        tally(ASKED, ["left"], NAMES)


def test_a_handful_gives_no_verdict_however_clear() -> None:
    few, enough = (tally(ASKED, answers(wins, 0), NAMES) for wins in (FEWEST_DECIDED - 1, FEWEST_DECIDED))
    assert few.rate.low > 0.5
    assert (few.better, enough.better) == (None, "MiniLM")
    assert "A verdict takes 10 decided ones." in few.detail


@pytest.mark.parametrize(
    ("wins", "losses", "refused"),
    [(8, 0, True), (7, 0, False), (10, 1, True), (9, 1, False), (16, 4, True), (15, 4, False), (30, 15, False)],
)
def test_the_interval_leaves_a_half_out_where_the_odds_are_twenty_to_one(wins: int, losses: int, refused: bool) -> None:
    """Wald's ratio by hand: of 8 in 10 against even, (1.6 ** w * 0.4 ** l + 1.6 ** l * 0.4 ** w) / 2."""
    ratio = (1.6**wins * 0.4**losses + 1.6**losses * 0.4**wins) / 2
    assert (ratio >= 20) is refused
    asked = tuple(Question(row, row + 1, row + 2, row % 2 == 0) for row in range(wins + losses))
    given: list[Answer | None] = [
        "left" if (at < wins) == question.left_is_first else "right" for at, question in enumerate(asked)
    ]
    found = tally(asked, given, NAMES).rate
    assert (found.low > 0.5) is refused
    assert found.low <= found.mean <= found.high


def test_the_interval_holds_whenever_one_stops() -> None:
    """A judge who prefers the first in 7 of 10: the interval leaves that out at any of 60 answers 1 time in 20."""
    rng = np.random.default_rng(3)
    asked = tuple(Question(row, row + 1, row + 2, row % 2 == 0) for row in range(60))
    left_out = 0
    for _ in range(100):
        wins = rng.random(60) < 0.7
        given = ["left" if won == one.left_is_first else "right" for won, one in zip(wins, asked, strict=True)]
        intervals = (tally(asked[:at], given[:at], NAMES).rate for at in range(2, 61, 4))  # type: ignore[arg-type]
        left_out += any(not one.low <= 0.7 <= one.high for one in intervals)
    assert left_out <= 5


# --- Judges who don't read ---

Keys = Callable[[int, random.Random], Answer]
STRATEGIES: dict[str, Keys] = {
    "left": lambda at, rng: "left",
    "right": lambda at, rng: "right",
    "tie": lambda at, rng: "tie",
    "left and right in turn": lambda at, rng: ("left", "right")[at % 2],  # type: ignore[return-value]
    "two left, two right": lambda at, rng: ("left", "right")[at // 2 % 2],  # type: ignore[return-value]
    "all three in turn": lambda at, rng: ("left", "tie", "right")[at % 3],  # type: ignore[return-value]
    "at random": lambda at, rng: rng.choice(("left", "right", "tie")),
    "at random, no ties": lambda at, rng: rng.choice(("left", "right")),
    "mostly left": lambda at, rng: "left" if rng.random() < 0.7 else "right",
}


@pytest.mark.parametrize("name", STRATEGIES)
def test_keys_pressed_without_reading_win_at_most_once_in_twenty_whenever_one_stops(name: str) -> None:
    """300 judges who look after every second answer of two rounds, and stop at the first verdict they see."""
    crowned = 0
    for seed in range(300):
        found, rng = of_size(40, seed=seed), random.Random(seed)
        asked = (*found.round(0), *found.round(1))
        given: list[Answer | None] = [STRATEGIES[name](at, rng) for at in range(len(asked))]
        crowned += any(tally(asked[:at], given[:at], NAMES).better for at in range(10, len(asked) + 1, 2))
    assert crowned <= 0.05 * 300
    if name in ("left", "right", "tie"):
        assert not crowned


def test_the_worst_order_of_keys_wins_less_than_once_in_twenty_worked_out_exactly() -> None:
    """Left and right in turn, ten rounds of twenty with ten and ten: the chance of each number of wins, by hand."""
    crowned, chances, decided = 0.0, {0: 1.0}, 0
    for _ in range(10):
        states = {(10, wins): chance for wins, chance in chances.items()}  # how often the first is still to be left
        for at in range(20):
            decided += 1
            later: dict[tuple[int, int], float] = {}
            for (left, wins), chance in states.items():
                for is_left, odds in ((True, left / (20 - at)), (False, 1 - left / (20 - at))):
                    state = left - is_left, wins + (is_left == (at % 2 == 0))
                    later[state] = later.get(state, 0.0) + chance * odds
            won = {wins for _, wins in later if Tally(wins, decided - wins, 0, NAMES).better}
            crowned += sum(chance for (_, wins), chance in later.items() if wins in won)
            states = {state: chance for state, chance in later.items() if state[1] not in won}
        chances = {}
        for (_, wins), chance in states.items():
            chances[wins] = chances.get(wins, 0.0) + chance
    assert 0.045 < crowned < 0.05


@pytest.mark.parametrize("key", ["left", "right"])
def test_one_key_twenty_times_is_ten_to_ten_and_told_so(key: Answer) -> None:
    for seed in range(20):
        asked = of_size(20, seed=seed).round(0)
        found = tally(asked, [key] * len(asked), NAMES)
        assert (found.wins_first, found.wins_second, found.same, found.other) == (10, 10, 0, 4)
        assert found.better is None
        assert says(found.sentence, "the side", f"“{key}”", "24 times of 24", "nothing about the models")


def test_who_reads_gets_a_verdict_and_is_not_told_off() -> None:
    for seed in range(50):
        asked = of_size(20, seed=seed).round(0)
        given: list[Answer | None] = ["left" if one.left_is_first else "right" for one in asked]
        found = tally(asked, given, NAMES)
        assert (found.better, found.wins_first, found.decided) == ("MiniLM", 20, 20)  # repeats count once
        assert (found.same, found.other, found.follows_side, found.contradicts) == (4, 0, False, False)
        assert "Of 4 pairs that came twice with sides changed, the same text was chosen in 4." in found.detail


def test_who_chooses_the_other_text_the_second_time_gets_no_verdict() -> None:
    asked = of_size(20).round(0)
    given: list[Answer | None] = ["left" if one.left_is_first != one.again else "right" for one in asked]
    found = tally(asked, given, NAMES)
    assert (found.wins_first, found.wins_second, found.same, found.other) == (20, 0, 0, 4)
    assert (found.better, found.follows_side) == (None, False)
    assert says(found.sentence, "4 pairs", "the other text", "in 4", "nothing about the models")


def test_a_pair_left_undecided_once_says_nothing_of_consistency() -> None:
    asked = of_size(20).round(0)
    given: list[Answer | None] = ["tie" if one.again else "left" if one.left_is_first else "right" for one in asked]
    found = tally(asked, given, NAMES)
    assert (found.same, found.other, found.ties, found.better) == (0, 0, 0, "MiniLM")
