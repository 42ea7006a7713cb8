"""Tuned against frozen: the paired difference, when it is one, and where it comes from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embedlab.corpus.split import Split
from embedlab.finetune.card import metrics
from embedlab.finetune.compared import (
    ConfusionChange,
    compared,
    confusion_changed,
    fixed_and_broken,
    percent,
    spoken,
)
from embedlab.finetune.forgetting import forgotten, generality
from embedlab.finetune.frozen import Classifier, readers
from embedlab.stats.intervals import Interval, interval, share
from tests.compare.spaces import space_of
from tests.conftest import LetterEncoder
from tests.sentences import say, says

CLASSES = 4


def split_of(held_out: int, per_class: int = 10) -> Split:
    """Return a split whose first rows are learned from, and the rest held out, of the classes 0, 1, 2, 3 in turn."""
    train = per_class * CLASSES
    codes = np.arange(train + held_out) % CLASSES
    rows = np.arange(train + held_out)
    return Split(rows[:train], rows[train:], codes, tuple(f"class {code}" for code in range(CLASSES)), 0, ())


def answering(split: Split, wrong: list[int], instead: int = 1) -> tuple[Classifier, ...]:
    """Return readers that are right but for the held-out texts at these places, taken for the next class."""
    predicted = split.codes[split.held_out].copy()
    predicted[wrong] = (predicted[wrong] + instead) % CLASSES
    right = (predicted == split.codes[split.held_out]).astype(np.float64)
    nothing = Interval(0, 0, 0)
    return tuple(
        Classifier(name, predicted, right, share(right), nothing) for name in ("linear probe", "k-NN", "prototypes")
    )


def test_a_difference_that_shows() -> None:
    split = split_of(200)
    before, after = answering(split, list(range(40))), answering(split, list(range(10)))
    found = compared(before, after, split)
    assert found.verdict == "better"
    assert found.difference.mean == pytest.approx(0.15)
    expected = interval(after[0].right - before[0].right)
    assert (found.difference.low, found.difference.high) == pytest.approx((expected.low, expected.high), abs=0.006)
    assert says(found.sentence, "tuned model is better", "95.0 %", "frozen", "80.0 %")
    assert found.detail.startswith("Linear-probe accuracy, tuned minus frozen: +15.0 points (95 % interval +")
    assert found.detail.endswith("Measured on a part drawn at random (seed 0): 200 texts.")
    assert set(found.differences) == set(found.f1_differences) == {"linear probe", "k-NN", "prototypes"}
    assert found.f1_differences["k-NN"].mean == pytest.approx(0.15, abs=0.01)
    assert found.f1_differences["k-NN"].low > 0
    other = compared(after, before, split)
    assert other.verdict == "worse"
    assert other.sentence.startswith("The frozen model is better: a linear probe on it is right in 95.0 % of the held")


def test_the_pairing_counts() -> None:
    # 100 of 400 wrong before; afterwards 8 of them right and none broken. Unpaired intervals would hide it.
    split = split_of(400)
    found = compared(answering(split, list(range(100))), answering(split, list(range(92))), split)
    assert found.verdict == "better"
    assert found.frozen[0].accuracy.high > found.tuned[0].accuracy.mean


def test_what_could_be_chance_is_a_tie() -> None:
    split = split_of(200)
    half_and_half = compared(answering(split, list(range(12))), answering(split, list(range(6, 20))), split)
    assert half_and_half.verdict == "tie"
    assert half_and_half.sentence.startswith("By the linear probe no difference between the tuned and the")
    five = compared(answering(split, list(range(5))), answering(split, []), split)
    assert five.verdict == "tie"
    assert "They differ in 5 texts, too few to tell." in five.detail
    same = answering(split, [3])
    assert "Both are right about the same texts." in compared(same, same, split).detail


def test_with_two_labels_a_class_the_data_cannot_tell() -> None:
    split = split_of(200, per_class=2)
    found = compared(answering(split, list(range(40))), answering(split, list(range(10))), split)
    assert found.verdict == "tie"
    assert found.few_labels
    assert says(found.sentence, "2 texts a class", "can't tell")
    assert "+15.0 points (95 % interval +1" in found.detail
    assert not found.beside
    assert not compared(*[answering(split_of(200, 5), [])] * 2, split_of(200, 5)).few_labels


def test_labels_that_neither_model_can_read_are_a_tie_whatever_the_difference() -> None:
    split = split_of(200)
    guessing = compared(answering(split, list(range(170))), answering(split, list(range(145))), split)
    assert guessing.differences["linear probe"].low > 0
    assert guessing.verdict == "tie"
    assert guessing.unreadable
    assert guessing.sentence.endswith("so tuning does not help.")
    assert "The largest class alone would be right in 25.0 %." in guessing.detail
    assert not guessing.beside
    learned = compared(answering(split, list(range(170))), answering(split, list(range(20))), split)
    assert learned.verdict == "better"
    assert not learned.unreadable
    assert compared(answering(split, []), answering(split, list(range(170))), split).verdict == "worse"


def test_a_few_texts_that_are_all_right_are_no_sign_of_useless_labels() -> None:
    split = replace(split_of(6), codes=np.array([*range(4)] * 10 + [0, 0, 0, 0, 0, 1]))
    assert not compared(answering(split, []), answering(split, []), split).unreadable
    assert compared(answering(split, [5]), answering(split, [5]), split).unreadable


def test_the_verdict_is_that_of_the_linear_probe_alone() -> None:
    split = split_of(200)
    before = answering(split, list(range(40)))
    after = (before[0], *answering(split, [])[1:])
    found = compared(before, after, split)
    assert found.verdict == "tie"
    assert found.differences["k-NN"].low > 0
    nearest, means = "k-NN right in 100.0 % instead of 80.0 %", "prototypes right in 100.0 % instead of 80.0 %"
    assert say(found.beside, ("gains", nearest, means))
    assert "widened for the 3 ways looked at" in found.detail
    lost = compared(after, before, split).beside
    assert len(lost) == 1
    assert "class means, loses by tuning: k-NN right in 80.0 % instead of 100.0 %" in lost[0]


def test_the_other_readers_have_to_be_surer_than_the_probe() -> None:
    # 9 of 200 texts fixed and 2 broken: sure for one look (0.035 +- 1.96 * 0.016), not for one of three (2.39 * 0.016).
    split = split_of(200)
    before, after = answering(split, list(range(20, 40))), answering(split, list(range(29, 42)))
    found = compared(before, after, split)
    assert found.difference.low > 0
    assert found.verdict == "better"
    assert found.differences["k-NN"].low < 0
    assert not found.beside
    ratio = (found.differences["k-NN"].mean - found.differences["k-NN"].low) / (
        found.difference.mean - found.difference.low
    )
    assert ratio == pytest.approx(2.394 / 1.960, abs=0.001)


def test_what_a_model_card_says_names_on_what_it_was_measured() -> None:
    split = replace(split_of(200), part="test")
    found = compared(answering(split, list(range(40))), answering(split, list(range(10))), split)
    lost = forgotten(generality(LetterEncoder()), generality(LetterEncoder()))
    told = metrics(split.measured_on, found, lost)
    assert told["measured on"] == "the file's test part: 200 texts"
    assert told["accuracy, linear probe, fine-tuned"] == str(found.tuned[0].accuracy)
    assert told["verdict"].startswith(found.sentence)
    assert told["figures behind it"] == found.detail
    assert told["general similarity (Spearman), after"] == str(lost.after)
    assert told["general similarity, difference"].startswith("0.000")


def test_percent_tells_apart_what_differs() -> None:
    assert percent(0.5, 0.9) == ("50.0 %", "90.0 %")
    assert percent(0.8690, 0.8694) == ("86.90 %", "86.94 %")
    assert percent(0.5, 0.5) == ("50.0 %", "50.0 %")
    assert spoken(Interval(0.0002, -0.01, 0.02)) == "+0.02 points (95 % interval -1.00 to +2.00)"


def test_readers_of_another_split() -> None:
    split = split_of(40)
    with pytest.raises(ValueError, match="another split"):
        compared(answering(split, []), answering(split_of(44), []), split)
    with pytest.raises(ValueError, match="another split"):
        compared(answering(split, []), answering(split, [])[::-1], split)


def test_fixed_and_broken_texts_are_rows_of_the_corpus() -> None:
    split = split_of(20)
    fixed, broken = fixed_and_broken(answering(split, [0, 1])[0], answering(split, [1, 7])[0], split)
    assert fixed.tolist() == [40]
    assert broken.tolist() == [47]


def test_confusion_that_changed() -> None:
    split = split_of(40)
    # Places 0, 4, 8 are of class 0, taken for 1; place 1 is of class 1, taken for 2 both times.
    before, after = answering(split, [0, 4, 8, 1])[0], answering(split, [0, 1, 2])[0]
    assert confusion_changed(before, after, split) == (
        ConfusionChange("class 0", "class 1", 3, 1),
        ConfusionChange("class 2", "class 3", 0, 1),
    )
    assert confusion_changed(before, before, split) == ()


def test_readers_of_real_spaces() -> None:
    split = split_of(80)
    rng = np.random.default_rng(0)
    middles = np.eye(CLASSES)[split.codes]
    near, far = (space_of(middles + noise * rng.normal(size=middles.shape)) for noise in (0.3, 1.5))
    found = compared(readers(far, split), readers(near, split), split)
    assert found.verdict == "better"
    f1 = found.f1_differences["linear probe"]
    assert f1.low < found.tuned[0].macro_f1.mean - found.frozen[0].macro_f1.mean < f1.high
