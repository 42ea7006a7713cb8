"""What is advised: drawn from the measurements, and as sure as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from embedlab.corpus import Column
from embedlab.corpus.split import Split, split
from embedlab.finetune.advice import OPTIONS, Advice, advice, advice_on_pairs, projected
from embedlab.finetune.compared import FrozenVsTuned, compared
from embedlab.finetune.forgetting import Forgotten
from embedlab.finetune.frozen import CurvePoint, learning_curve, readers
from embedlab.finetune.pairs import scored
from embedlab.space import Space
from embedlab.stats.intervals import Interval
from tests.compare.spaces import space_of
from tests.finetune.test_compared import answering, split_of
from tests.sentences import say, says

RISING = tuple(
    CurvePoint(labels, int(4 * labels), Interval(1 - 0.4 * labels**-0.5, 0, 1)) for labels in (1.0, 2.0, 5.0, 10.0)
)
ONE = Interval(0.5, 0.4, 0.6)
LOST = Forgotten(
    Interval(-0.1, -0.15, -0.05), "worse", "Fine-tuning cost generality: it fell.", "Correlation -0.100.", ONE, ONE
)
KEPT = Forgotten(Interval(0.0, -0.01, 0.01), "tie", "No change in generality shows.", "Correlation +0.000.", ONE, ONE)


def asked(
    before: list[int],
    after: list[int] | None,
    at: Split | None = None,
    forgotten: Forgotten | None = KEPT,
    seconds: float = 113,
    minutes: float | None = None,
    matters: str = "accuracy",
) -> Advice:
    """Return the advice for models that get the held-out texts at these places wrong."""
    at = at or split_of(400)
    frozen = answering(at, before)
    found: FrozenVsTuned | None = None if after is None else compared(frozen, answering(at, after), at)
    return advice(found, frozen, RISING, at, forgotten, seconds, minutes, matters)  # type: ignore[arg-type]


def test_a_gain_that_shows_is_worth_it() -> None:
    found = asked(list(range(80)), list(range(40)))
    assert found.level == "tune"
    assert says(found.verdict, "use the tuned model", "90.0 %", "frozen", "80.0 %")
    assert found.detail.startswith("Linear-probe accuracy, tuned minus frozen: +10.0 points (95 % interval")
    assert " Measured on a part drawn at random (seed 0): 400 texts. " in found.detail
    assert found.detail.endswith("Correlation +0.000. The training took 1.9 minutes.")
    assert "No change in generality shows." in found.notes
    # The error 0.4 / sqrt(n) is 0.1 with 16 labels a class.
    assert "With about 16 labels a class (now 10)" in found.would_change
    assert "not measured" in found.would_change


def test_what_a_training_took_does_not_overrule_a_better_model() -> None:
    wrong = list(range(80)), list(range(40))
    unset, enough, over = (asked(*wrong, seconds=780, minutes=minutes) for minutes in (None, 60, 5))
    assert unset == enough
    assert "minutes that you have" not in " ".join(unset.notes)
    assert over.level == "tune"
    assert over.verdict == unset.verdict
    assert says(over.notes[-1], "costs no more", "the next training", "13 minutes", "5 minutes")
    worse = asked(*wrong[::-1], seconds=780, minutes=5)
    assert worse.level == "stay"
    assert worse.notes[-1].startswith("Another training would take about 13 minutes")


def test_what_matters() -> None:
    wrong = list(range(80)), list(range(40))
    assert asked(*wrong, forgotten=LOST).level == "tune"
    general = asked(*wrong, forgotten=LOST, matters="generality")
    assert general.level == "stay"
    assert "fine-tuning cost some of it" in general.verdict
    assert general.notes[0].startswith("The tuned model is better: a linear probe on it is right in 90.0 %")
    assert "Correlation -0.100." in general.detail
    assert asked(*wrong, matters="generality").level == "tune"
    speed = asked(*wrong, matters="speed")
    assert speed.level == "tune"
    assert any("reads as fast as the frozen one" in note for note in speed.notes)


def test_worse_means_stay() -> None:
    found = asked(list(range(40)), list(range(80)))
    assert found.level == "stay"
    assert found.verdict.startswith(
        "Stay with the frozen model: a linear probe on it is right in 90.0 % of the held-out texts, on the tuned one"
    )


def test_a_tie_that_rules_out_a_gain_is_no_difference() -> None:
    found = asked(list(range(20)), [*range(18), 399], at=split_of(4_000))
    assert found.level == "no difference"
    assert says(found.verdict, "gains nothing", "0.1 points", "unlikely", "frozen model is the cheaper")
    assert "held-out texts to show" in found.would_change
    assert "With about 20 labels a class the curve suggests about 91 %" in found.would_change


def test_a_tie_that_rules_out_little_cannot_tell() -> None:
    wide = asked(list(range(40)), list(range(15, 50)), at=split_of(200))
    assert wide.level == "cannot tell"
    assert wide.verdict.startswith("These texts can't tell whether a linear classifier gains by tuning: ")
    few = asked([], [], at=split_of(8))
    assert few.level == "cannot tell"
    assert "37.5 points of accuracy more is as possible as no difference" in few.verdict


def test_a_tie_of_the_probe_says_who_gains_otherwise() -> None:
    at = split_of(400)
    frozen = answering(at, list(range(80)))
    tuned = (frozen[0], answering(at, list(range(40)))[1], frozen[2])
    found = advice(compared(frozen, tuned, at), frozen, RISING, at, KEPT)
    assert found.level == "cannot tell" or found.level == "no difference"
    assert says(found.notes[0], "gains", "k-NN", "90.0 % instead of 80.0 %")
    assert not compared(frozen, frozen, at).beside


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
    found = asked(list(range(80)), None, forgotten=None)
    assert found.level == "cannot tell"
    assert found.verdict.startswith("Frozen, a linear probe is right in 80.0 % of the held-out texts; whether")
    figures = ("80.0 %", "95 %", "75.8 to 83.6", "at random", "seed 0", "400 texts", "1.9 minutes")
    assert says(found.detail, *figures)
    assert "A training." in found.would_change
    perfect = asked([0], None, forgotten=None)
    assert perfect.level == "stay"
    assert perfect.notes == ("At most 1.4 points are left to win.",)


def test_before_a_training_a_budget_speaks_of_an_estimate() -> None:
    found = asked(list(range(80)), None, forgotten=None, seconds=780, minutes=5)
    assert found.level == "cannot tell"
    assert say(found.notes, ("13 minutes", "5 minutes", "a sample"))
    assert not asked(list(range(80)), None, forgotten=None, seconds=780).notes


# --- Pairs -------------------------------------------------------------------------------------------


def pairs_asked(noise: tuple[float, float], **more: Any) -> Advice:
    """Return the advice for models whose cosines follow the scores with so much noise, before and after."""
    rng = np.random.default_rng(0)
    scores = np.repeat(np.arange(6.0), 40)
    before, after = (scores + one * rng.normal(size=240) for one in noise)
    return advice_on_pairs(scored(before, after, scores), **more)


def test_advice_on_pairs() -> None:
    better = pairs_asked((5, 1), forgotten=KEPT, training_seconds=780, minutes=5)
    assert better.level == "tune"
    assert better.verdict.startswith("Use the tuned model: its Spearman on the held-out pairs is 0.8")
    assert "next training would take about 13 minutes" in better.notes[-1]
    assert better.detail.startswith("Spearman, tuned minus frozen, on 240 held-out pairs: +")
    assert pairs_asked((5, 1), forgotten=LOST, matters="generality").level == "stay"
    assert pairs_asked((1, 5)).level == "stay"
    assert pairs_asked((3, 3)).level == "cannot tell"
    assert pairs_asked((0, 0)).level == "no difference"
    nothing = advice_on_pairs(scored(np.arange(20.0), np.arange(20.0), np.ones(20)))
    assert nothing.level == "cannot tell"
    assert "nan" not in nothing.verdict + nothing.detail


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
    said = advice(found, frozen, learning_curve(space, at), at, KEPT, 100.0)
    assert said.level == "no difference"
    assert said.verdict.startswith("Tuning does not help")
    assert "shuffled" in said.notes[0]
    assert advice(None, frozen, (), at).verdict.startswith("Tuning is not likely to help")


def test_labels_that_say_something() -> None:
    space, labels = made(0, shuffled=False)
    at = split(space.corpus, labels)
    frozen = readers(space, at)
    said = advice(compared(frozen, frozen, at), frozen, learning_curve(space, at), at, KEPT, 100.0)
    assert "shuffled" not in " ".join(said.notes)


# --- The curve ---------------------------------------------------------------------------------------


def test_the_curve_is_continued_as_a_power_law() -> None:
    assert projected(RISING, 40) == pytest.approx(1 - 0.4 * 40**-0.5)
    flat = tuple(replace(point, accuracy=Interval(0.5, 0.4, 0.6)) for point in RISING)
    falling = tuple(replace(point, accuracy=Interval(0.9 - point.labels_a_class / 50, 0, 1)) for point in RISING)
    perfect = (*RISING, CurvePoint(20, 80, Interval(1, 1, 1)))
    for curve in (flat, falling, perfect, RISING[:1], ()):
        assert projected(curve, 40) is None or curve is flat


@pytest.mark.parametrize("curve", [(), RISING[:1], RISING])
@pytest.mark.parametrize("after", [None, [], [1], list(range(40)), list(range(300))])
def test_it_always_has_something_to_say(after: list[int] | None, curve: tuple[CurvePoint, ...]) -> None:
    at = split_of(400)
    frozen = answering(at, list(range(40)))
    found = None if after is None else compared(frozen, answering(at, after), at)
    for seconds, lost in ((None, None), (30.0, LOST)):
        for matters in ("accuracy", "generality", "speed"):
            said = advice(found, frozen, curve, at, lost, seconds, 0.1, matters)  # type: ignore[arg-type]
            told = (said.verdict, said.detail, said.would_change, *said.notes)
            assert all(one.endswith(".") and "nan" not in one and "  " not in one for one in told)
            assert ". " not in said.verdict  # one sentence
            assert "interval" not in said.verdict


def test_the_roads_are_explained() -> None:
    assert [road.name.split()[0] for road in OPTIONS] == ["Frozen", "Prototypes", "Linear", "Adapter:", "Fine-tuned"]
    assert all(getattr(road, of).endswith(".") for road in OPTIONS for of in ("cost", "data", "risk", "when"))
