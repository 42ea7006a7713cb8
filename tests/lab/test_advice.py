"""What is advised: drawn from the measurements, and as sure as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embedlab.corpus import Column
from embedlab.corpus.split import Split, split
from embedlab.lab.advice import ROADS, Advice, advice, projected
from embedlab.lab.frozen import Point, learning_curve, readers
from embedlab.lab.general import Forgotten
from embedlab.lab.intervals import Interval
from embedlab.lab.tuned import Compared, compared
from embedlab.space import Space
from tests.lab.spaces import space_of
from tests.lab.test_tuned import answering, split_of

RISING = tuple(
    Point(labels, int(4 * labels), Interval(1 - 0.4 * labels**-0.5, 0, 1)) for labels in (1.0, 2.0, 5.0, 10.0)
)
LOST = Forgotten(Interval(-0.1, -0.15, -0.05), "worse", "Fine-tuning cost generality: it fell (-0.100).")
KEPT = Forgotten(Interval(0.0, -0.01, 0.01), "tie", "No change in generality that 178 pairs can show.")


def asked(
    before: list[int],
    after: list[int] | None,
    at: Split | None = None,
    forgotten: Forgotten | None = KEPT,
    seconds: float = 113,
    minutes: float = 5,
    matters: str = "accuracy",
) -> Advice:
    """Return the advice for models that get the held-out texts at these places wrong."""
    at = at or split_of(400)
    frozen = answering(at, before)
    found: Compared | None = None if after is None else compared(frozen, answering(at, after), at)
    return advice(found, frozen, RISING, at, forgotten, seconds, minutes, matters)  # type: ignore[arg-type]


def test_a_gain_that_shows_is_worth_it() -> None:
    found = asked(list(range(80)), list(range(40)))
    assert found.level == "tune"
    assert found.verdict.startswith("The tuned model beats the frozen model by 10.0 points of linear-probe accuracy (")
    assert found.verdict.endswith(
        "; 400 texts). The training took 1.9 minutes; no change in generality that 178 pairs can show."
    )
    # The error 0.4 / sqrt(n) is 0.1 with 16 labels a class.
    assert "With about 16 labels a class (now 10)" in found.would_change
    assert "not measured" in found.would_change


def test_what_matters_and_what_there_is_time_for() -> None:
    wrong = list(range(80)), list(range(40))
    assert asked(*wrong, forgotten=LOST).level == "tune"
    general = asked(*wrong, forgotten=LOST, matters="generality")
    assert general.level == "stay"
    assert "fine-tuning cost generality" in general.verdict
    assert asked(*wrong, matters="generality").level == "tune"
    speed = asked(*wrong, matters="speed")
    assert speed.level == "stay"
    assert "reads no faster" in speed.verdict
    dear = asked(*wrong, seconds=3_600, minutes=5)
    assert dear.level == "stay"
    assert "took 60 minutes, more than the 5.0 minutes that you have" in dear.verdict
    assert asked(*wrong, seconds=3_600, minutes=90).level == "tune"


def test_worse_means_stay() -> None:
    found = asked(list(range(40)), list(range(80)))
    assert found.level == "stay"
    assert found.verdict.startswith("Stay with the frozen model. The frozen model beats the tuned model by 10.0")


def test_a_tie_that_rules_out_a_gain_is_no_difference() -> None:
    found = asked(list(range(20)), [*range(18), 399], at=split_of(4_000))
    assert found.level == "no difference"
    assert "No difference in linear-probe accuracy" in found.verdict
    assert "a gain of more than 0.1 points is unlikely" in found.verdict
    assert "held-out texts to show" in found.would_change
    assert "With about 20 labels a class the curve suggests about 91 %" in found.would_change


def test_a_tie_that_rules_out_little_cannot_tell() -> None:
    wide = asked(list(range(40)), list(range(15, 50)), at=split_of(200))
    assert wide.level == "cannot tell"
    assert "can't tell whether tuning helps" in wide.verdict
    few = asked([], [], at=split_of(8))
    assert few.level == "cannot tell"
    assert "a gain of 37.5 points is as possible as none" in few.verdict


def test_more_held_out_texts_by_the_square_root() -> None:
    # 15 fixed, 10 broken of 200: mean 2.5 points, standard error about 2.5, so about four times as many.
    found = asked(list(range(40)), [*range(15, 40), *range(60, 70)], at=split_of(200))
    needed = int(found.would_change.split("take about ")[1].split(" ")[0].replace(",", ""))
    assert 600 < needed < 900


def test_two_labels_a_class_cannot_tell() -> None:
    found = asked(list(range(80)), list(range(40)), at=split_of(400, per_class=2))
    assert found.level == "cannot tell"
    assert "these data can't tell" in found.verdict
    equal = asked(list(range(80)), list(range(80)), at=split_of(4_000, per_class=2))
    assert equal.level == "cannot tell"


def test_nothing_was_trained_yet() -> None:
    found = asked(list(range(80)), None)
    assert found.level == "cannot tell"
    assert found.verdict.startswith("Frozen, a linear probe is right in 80.0 % (95 % interval")
    assert "A training." in found.would_change
    perfect = asked([0], None)
    assert perfect.level == "stay"
    assert "At most 1.4 points are left to win" in perfect.verdict


# --- Labels that say nothing, with everything for real -----------------------------------------------


def made(seed: int, shuffled: bool) -> tuple[Space, Column]:
    rng = np.random.default_rng(seed)
    codes = np.arange(400) % 4
    space = space_of(np.eye(8)[codes] + 0.6 * rng.normal(size=(400, 8)))
    names = np.array([f"class {code}" for code in codes], dtype=object)
    return space, Column("label", "category", rng.permutation(names) if shuffled else names)


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_labels_do_not_help(seed: int) -> None:
    space, labels = made(seed, shuffled=True)
    at = split(space.corpus, labels)
    # What a training on them gives: vectors of the texts to learn from lie by their labels, others are disturbed.
    rng = np.random.default_rng(seed)
    moved = space.vectors + 0.3 * rng.normal(size=space.vectors.shape)
    moved[at.train] += 2 * np.eye(8)[at.codes[at.train]]
    tuned = replace(space, vectors=space_of(moved).vectors)
    frozen = readers(space, at)
    found = compared(frozen, readers(tuned, at), at)
    said = advice(found, frozen, learning_curve(space, at), at, KEPT, 100.0, 5.0, "accuracy")
    assert said.level == "no difference"
    assert said.verdict.startswith("Tuning does not help")
    assert "shuffled" in said.verdict
    assert advice(None, frozen, (), at, None, None, 5.0, "accuracy").verdict.startswith("Tuning is not likely to help")


def test_labels_that_say_something() -> None:
    space, labels = made(0, shuffled=False)
    at = split(space.corpus, labels)
    frozen = readers(space, at)
    said = advice(compared(frozen, frozen, at), frozen, learning_curve(space, at), at, KEPT, 100.0, 5.0, "accuracy")
    assert "shuffled" not in said.verdict


# --- The curve ---------------------------------------------------------------------------------------


def test_the_curve_is_continued_as_a_power_law() -> None:
    assert projected(RISING, 40) == pytest.approx(1 - 0.4 * 40**-0.5)
    flat = tuple(replace(point, accuracy=Interval(0.5, 0.4, 0.6)) for point in RISING)
    falling = tuple(replace(point, accuracy=Interval(0.9 - point.labels_a_class / 50, 0, 1)) for point in RISING)
    perfect = (*RISING, Point(20, 80, Interval(1, 1, 1)))
    for curve in (flat, falling, perfect, RISING[:1], ()):
        assert projected(curve, 40) is None or curve is flat


@pytest.mark.parametrize("curve", [(), RISING[:1], RISING])
@pytest.mark.parametrize("after", [None, [], [1], list(range(40)), list(range(300))])
def test_it_always_has_something_to_say(after: list[int] | None, curve: tuple[Point, ...]) -> None:
    at = split_of(400)
    frozen = answering(at, list(range(40)))
    found = None if after is None else compared(frozen, answering(at, after), at)
    for seconds, lost in ((None, None), (30.0, LOST)):
        for matters in ("accuracy", "generality", "speed"):
            said = advice(found, frozen, curve, at, lost, seconds, 5, matters)  # type: ignore[arg-type]
            assert said.verdict.endswith(".")
            assert said.would_change.endswith(".")
            assert "nan" not in said.verdict + said.would_change
            assert "  " not in said.verdict + said.would_change


def test_the_roads_are_explained() -> None:
    assert [road.name.split()[0] for road in ROADS] == ["Frozen", "Prototypes", "Linear", "Adapter:", "Fine-tuned"]
    assert all(getattr(road, of).endswith(".") for road in ROADS for of in ("cost", "data", "risk", "when"))
