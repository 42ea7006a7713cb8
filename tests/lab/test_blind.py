"""Judging neighbours blind: fair questions, and what the answers say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from embedlab.corpus import Corpus
from embedlab.errors import EmbedlabError
from embedlab.lab.blind import Answer, Question, questions, tally, wilson
from embedlab.space.space import Neighbours, Space
from tests.lab.spaces import near, on_circle, space_of

NAMES = ("MiniLM", "words")


def two_spaces(count: int = 200) -> tuple[Space, Space, Neighbours, Neighbours]:
    rng = np.random.default_rng(0)
    first = space_of(rng.normal(size=(count, 8)))
    second = space_of(first.vectors + 0.3 * rng.normal(size=(count, 8)), first.corpus)
    return first, second, near(first), near(second)


def test_each_question_sets_what_one_model_alone_has_against_what_the_other_has() -> None:
    first, second, own, other = two_spaces()
    asked = questions(first, second, own, other, count=50)
    assert len({question.row for question in asked}) == 50
    for question in asked:
        mine = own.indices[question.row, :10].tolist()
        theirs = other.indices[question.row, :10].tolist()
        of_first, of_second = (
            (question.left, question.right) if question.left_is_first else (question.right, question.left)
        )
        assert of_first == next(row for row in mine if row not in theirs)
        assert of_second == next(row for row in theirs if row not in mine)


def test_sides_and_texts_are_drawn() -> None:
    spaces = two_spaces()
    asked = questions(*spaces, count=100)
    assert 30 < sum(question.left_is_first for question in asked) < 70
    assert asked == questions(*spaces, count=100)
    assert asked != questions(*spaces, count=100, seed=1)
    assert len(questions(*spaces)) == 20


def test_nothing_is_asked_where_both_agree() -> None:
    first, _, own, _ = two_spaces()
    assert questions(first, first, own, own) == ()
    one = on_circle([0])
    assert questions(one, one, near(one), near(one)) == ()


def test_a_repeated_text_is_asked_about_once_and_is_no_neighbour_of_itself() -> None:
    before, after = [0.0, 10, 21, 33, 46], [46.0, 10, 21, 33, 0]
    again = [*range(5), *range(5), 0, 0]
    first = on_circle([before[row] for row in again], Corpus.of([f"text {row}" for row in again]))
    second = replace(on_circle([after[row] for row in again]), corpus=first.corpus)
    asked = questions(first, second, near(first), near(second), k=2)
    assert sorted(question.row for question in asked) == [0, 1, 3, 4]
    assert all(question.row not in (question.left, question.right) for question in asked)
    assert all(max(question.left, question.right) < 5 for question in asked)


def test_other_texts_are_refused() -> None:
    first, second = space_of(np.eye(4)), space_of(np.eye(4), Corpus.of(["a", "b", "c", "d"]))
    with pytest.raises(EmbedlabError, match="different texts"):
        questions(first, second, near(first), near(second))


ASKED = tuple(Question(row, row + 1, row + 2, row % 2 == 0) for row in range(20))


def answers(wins: int, losses: int, ties: int = 0) -> list[Answer | None]:
    """Return answers to `ASKED` with so many for the first model, then for the second, then ties; the rest open."""
    given: list[Answer | None] = [None] * 20
    for at in range(wins + losses):
        given[at] = "left" if (at < wins) == ASKED[at].left_is_first else "right"
    given[wins + losses : wins + losses + ties] = ["tie"] * ties
    return given


def test_sides_are_turned_back_into_models() -> None:
    found = tally(ASKED, answers(12, 3, 2), NAMES)
    assert (found.wins_first, found.wins_second, found.ties, found.decided) == (12, 3, 2, 15)
    assert found.rate.mean == 0.8
    assert found.sentence == (
        "MiniLM has the better neighbours where they disagree, 12 to 3 (80%, 95 % interval 55% to 93%, 2 undecided)."
    )
    lost = tally(ASKED, answers(3, 12), NAMES)
    assert lost.sentence == (
        "words has the better neighbours where they disagree, 12 to 3 (80%, 95 % interval 55% to 93%)."
    )


def test_what_answers_cannot_tell_is_said() -> None:
    assert tally(ASKED, answers(9, 6), NAMES).sentence == (
        "These answers can't tell yet: MiniLM is ahead, 9 to 6 (60%, 95 % interval 36% to 80%)."
    )
    assert tally(ASKED, answers(7, 7, 1), NAMES).sentence == (
        "Nothing to choose between them so far: 7 to 7, 1 undecided."
    )
    nothing = tally(ASKED, answers(0, 0), NAMES)
    assert math.isnan(nothing.rate.mean)
    assert nothing.sentence.startswith("Nothing decided yet: judge some")
    assert tally(ASKED, answers(0, 0, 4), NAMES).sentence.startswith("Nothing decided yet, 4 undecided: judge some")
    with pytest.raises(ValueError, match="shorter"):
        tally(ASKED, ["left"], NAMES)


def test_wilson_as_published() -> None:
    """Newcombe (1998), method 3: 81 of 263 and 15 of 148, 0 of 20, 29 of 29."""
    assert (wilson(81, 263).low, wilson(81, 263).high) == (
        pytest.approx(0.2553, abs=5e-5),
        pytest.approx(0.3662, abs=5e-5),
    )
    assert (wilson(15, 148).low, wilson(15, 148).high) == (
        pytest.approx(0.0624, abs=5e-5),
        pytest.approx(0.1605, abs=5e-5),
    )
    assert (wilson(0, 20).low, wilson(0, 20).high) == (0, pytest.approx(0.1611, abs=5e-5))
    assert (wilson(29, 29).low, wilson(29, 29).high) == (pytest.approx(0.8830, abs=5e-5), 1)
