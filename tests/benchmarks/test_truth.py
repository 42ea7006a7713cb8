"""The benchmark of planted truths: that it counts rightly, and that what it plants is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.truth import KINDS, told
from benchmarks.truths import judging, leaks, shifts
from benchmarks.truths.ground import CLASSES, MODELS, Ground, TextSet, column, random_vectors
from benchmarks.truths.kinds import Kind, Outcome, totals, tried
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from tests.sentences import says


def kind(*numbers: int, error: str = "false alarm") -> Kind:
    """A kind whose cases of these numbers are wrong."""
    return Kind("planted", "wrong", error, lambda ground, number: Outcome(number in numbers, f"said {number}"))


@pytest.fixture
def ground(letters) -> Ground:
    """Sixty texts, of which each model makes vectors of its own that know nothing."""
    texts = [f"text number {number} says {'abcdefghij'[number % 10] * 12}" for number in range(60)]
    corpus = Corpus("texts", tuple(texts), (column("label", [number % 2 for number in range(60)]),), label="label")
    rng = np.random.default_rng(0)
    spaces = {name: random_vectors(corpus, 8, rng).space for name in MODELS}
    return Ground((TextSet("texts", corpus, "label", (), spaces),), letters)


def test_wrong_cases_are_counted_and_shown(ground):
    found = tried(kind(3, 5), ground, cases=4, first=2)  # cases 2, 3, 4 and 5
    assert (found.wrong, found.share.mean) == (2, 0.5)
    assert found.examples == ("case 3: said 3", "case 5: said 5")
    assert found.row[:5] == ("planted", "wrong", "false alarm", "4", "2")


def test_a_refusal_to_answer_is_wrong(ground):
    def refuses(ground: Ground, number: int) -> Outcome:
        raise EmbedlabError("too few texts")

    found = tried(Kind("planted", "wrong", "miss", refuses), ground, cases=1)
    assert found.examples == ("case 0: refused: too few texts",)


@pytest.mark.parametrize(
    ("wrong", "error", "few"),
    [
        (1, "false alarm", "yes"),  # 1 of 20 are 5 %
        (2, "false alarm", "open"),  # 2.8 % to 30 %
        (4, "false alarm", "NO"),  # 8 % to 42 %
        (20, "miss", ""),
    ],
)
def test_false_alarms_are_few_or_not_or_it_can_not_be_told(ground, wrong, error, few):
    assert tried(kind(*range(wrong), error=error), ground).few == few


def test_false_alarms_and_misses_are_told_apart(ground):
    found = [tried(kind(0), ground, 4), tried(kind(), ground, 6), tried(kind(0, 1, error="miss"), ground, 4)]
    assert says(totals(found), "false alarms", "1 of 10", "10.0%", "misses", "2 of 4", "50.0%")


def test_the_table_has_a_line_a_kind_and_the_first_wrong_case(ground):
    table = told(ground, [tried(kind(1, 2), ground, 4), tried(kind(), ground, 4)])
    assert len(table.rows) == 2
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert [note for note in table.notes if note.startswith("planted")] == ["planted: case 1: said 1"]


def test_no_kind_stands_twice_and_each_has_cases_enough():
    assert len({(one.planted, one.wrong) for one in KINDS}) == len(KINDS)
    assert all(one.cases >= 20 for one in KINDS)


@pytest.mark.parametrize("categories", shifts.CATEGORIES)
@pytest.mark.parametrize("true", shifts.TRUE)
def test_two_mixes_differ_by_exactly_what_is_said(categories, true):
    for seed in range(20):
        before, after = shifts.two_mixes(categories, true, np.random.default_rng(seed))
        assert before.sum() == pytest.approx(1)
        assert after.sum() == pytest.approx(1)
        assert after.min() >= 0
        assert np.abs(after - before).sum() / 2 == pytest.approx(true, abs=1e-12)


def test_every_number_of_categories_meets_every_size():
    shapes = {shifts.shape(number) for number in range(20)}
    assert len(shapes) == len(shifts.CATEGORIES) * len(shifts.SIZES)


def test_planted_leaks_are_held_out_texts_among_those_to_learn_from(monkeypatch):
    monkeypatch.setattr(leaks, "TEXTS", 100)
    texts = tuple(f"{number} {'abcdefghij'[number % 10] * 9}" for number in range(100))
    vectors = random_vectors(Corpus.of(texts), 8, np.random.default_rng(0)).space.vectors
    base = leaks._Base(np.arange(100), texts, vectors, texts, vectors)
    made = leaks._planted(base, False, np.random.default_rng(0))
    held, learnt = np.flatnonzero(made.held), np.flatnonzero(~made.held)
    assert len(np.intersect1d(made.origin[held], made.origin[learnt])) == leaks.PLANTED
    assert made.crossing(learnt, held) >= leaks.PLANTED
    assert made.crossing(np.setdiff1d(learnt, np.flatnonzero(np.isin(made.origin, made.origin[held]))), held) == 0
    assert [made.seen.corpus.texts[row] for row in (0, -1)] == [texts[made.origin[row]] for row in (0, -1)]


def test_a_good_judge_gets_a_verdict_and_the_same_number_the_same_case(ground):
    assert sum(judging.good(ground, number).wrong for number in range(10)) <= 1
    assert judging.tossing(ground, 4) == judging.tossing(ground, 4)


def test_texts_are_drawn_of_few_classes():
    values = np.array([str(number % 50) for number in range(200)])  # four texts a class
    corpus = Corpus("many", tuple(f"text {number}" for number in range(200)), (column("label", values),))
    of = TextSet("many", corpus, "label", (), {})
    rows = of.of_few_classes(1_000, np.random.default_rng(0))
    assert len(set(values[rows].tolist())) == CLASSES
    assert len(rows) == 4 * CLASSES
    assert len(of.of_few_classes(3 * CLASSES, np.random.default_rng(0))) == 3 * CLASSES
