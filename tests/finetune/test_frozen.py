"""Reading labels off frozen vectors: three ways, with how many labels, and which labels look wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from embedlab.base.arrays import frozen
from embedlab.base.progress import Progress, Stopped
from embedlab.corpus import Column, Corpus
from embedlab.corpus.datasets import builtin
from embedlab.corpus.split import Split, split
from embedlab.encoders import Encoder
from embedlab.evaluate.knn import prototypes
from embedlab.evaluate.label_errors import doubted
from embedlab.evaluate.probe import best_penalty, trained
from embedlab.finetune.frozen import doubtful, learning_curve, macro_f1, macro_f1_draws, readers
from embedlab.space import Space
from embedlab.space.embedding import embed
from embedlab.stats.intervals import share
from tests.compare.spaces import space_of


def groups(per_class: int, classes: int = 4, noise: float = 0.4, seed: int = 0) -> tuple[Space, Column]:
    """Return texts around as many middles as there are classes."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(classes), per_class)
    vectors = np.eye(8)[codes] + noise * rng.normal(size=(len(codes), 8))
    labels = np.array([f"class {code}" for code in codes], dtype=object)
    return space_of(vectors), Column("label", "category", labels)


def part(space: Space, labels: Column, **settings: int) -> Split:
    return split(space.corpus, labels, **settings)  # type: ignore[arg-type]


def by_hand(train: list[int], held_out: list[int], codes: list[int]) -> Split:
    names = tuple(f"class {code}" for code in range(max(codes) + 1))
    rows = (frozen(np.array(values, dtype=np.intp)) for values in (train, held_out, codes))
    return Split(*rows, names, 0, ())


# --- Readers ---------------------------------------------------------------------------------------


def test_three_ways_by_hand() -> None:
    # Class 0 lies at 0 degrees, class 1 at 80 and 100 (its mean at 90). A text at 48 degrees is nearer to the text at
    # 80, and its prototype is at 90: 48 from class 0, 42 from class 1. One at 44 is nearest to 80 (36), but 44 from 0.
    degrees = np.radians([0, 0.001, 80, 100, 48, 44])
    space = space_of(np.stack([np.cos(degrees), np.sin(degrees)], axis=1))
    found = {one.name: one for one in readers(space, by_hand([0, 1, 2, 3], [4, 5], [0, 0, 1, 1, 1, 1]))}
    assert list(found) == ["linear probe", "k-NN", "prototypes"]
    assert found["prototypes"].predicted.tolist() == [1, 0]
    assert found["prototypes"].accuracy.mean == 0.5
    nearest = {one.name: one for one in readers(space, by_hand([1, 2], [4, 5], [-1, 0, 1, -1, 1, 1]))}["k-NN"]
    assert nearest.predicted.tolist() == [1, 1]
    assert nearest.right.tolist() == [1, 1]


def test_the_probe_is_that_of_the_training_side_alone() -> None:
    space, labels = groups(20)
    found = part(space, labels)
    seen, codes = space.vectors[found.train], found.codes[found.train]
    named = trained(seen, codes, best_penalty(seen, codes)[0]).named(space.vectors[found.held_out])
    first = readers(space, found)[0]
    assert first.predicted.tolist() == named.tolist()
    assert first.right.mean() == (named == found.codes[found.held_out]).mean() == first.accuracy.mean
    assert first.accuracy == share(first.right)
    broken = space.vectors.copy()
    broken[np.setdiff1d(np.arange(len(space)), np.concatenate([found.train, found.held_out]))] = 0
    assert readers(replace(space, vectors=broken), found)[0].predicted.tolist() == named.tolist()


def test_no_more_neighbours_are_asked_than_a_class_has_texts() -> None:
    # The middle class has one text, so the nearest one decides, though five texts of another class lie little further.
    degrees = np.radians([0, 180, 40, 41, 42, 43, 44, 15, 170, 45])
    space = space_of(np.stack([np.cos(degrees), np.sin(degrees)], axis=1))
    found = readers(space, by_hand(list(range(7)), [7, 8, 9], [0, 1, 2, 2, 2, 2, 2, 0, 1, 2]))
    assert found[1].predicted.tolist() == [0, 1, 2]


def test_shuffled_labels_cannot_be_read() -> None:
    space, labels = groups(100, noise=0.2)
    shuffled = Column("label", "category", np.random.default_rng(1).permutation(labels.values))
    assert readers(space, part(space, labels))[0].accuracy.low > 0.9
    for one in readers(space, part(space, shuffled)):
        assert one.accuracy.low < 0.25 < one.accuracy.high + 0.05


def test_prototypes_are_unit_means() -> None:
    made = prototypes(np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32), np.array([0, 0, 2]))
    assert made == pytest.approx(np.array([[0.5**0.5, 0.5**0.5], [0, 0], [0, 1]]))


def test_macro_f1_is_scikit_learns() -> None:
    rng = np.random.default_rng(3)
    answers = rng.integers(0, 5, 200)
    predicted = np.where(rng.random(200) < 0.6, answers, rng.integers(0, 5, 200))
    assert macro_f1(predicted, answers) == pytest.approx(f1_score(answers, predicted, average="macro"))
    drawn = macro_f1_draws([predicted, answers], answers)
    assert drawn.shape[0] == 2
    assert (drawn[1] == 1).all()
    assert abs(drawn[0].mean() - macro_f1(predicted, answers)) < 0.01
    held = readers(*_space_and_split())[0].macro_f1
    assert held.low <= held.mean <= held.high


def test_no_interval_of_a_share_ends_beyond_one() -> None:
    """All but one of the texts are told right: draws without that one, shifted by their bias, would end above 1."""
    space = space_of(np.eye(4)[np.array([0, 1, 2, 3] * 40)])
    codes = [0, 1, 2, 3] * 40
    codes[-1] = 0
    held = readers(space, by_hand(list(range(80)), list(range(80, 160)), codes))
    assert all(0 <= one.macro_f1.low < one.macro_f1.mean < one.macro_f1.high == 1 for one in held)


def _space_and_split() -> tuple[Space, Split]:
    space, labels = groups(30)
    return space, part(space, labels)


def test_an_interval_of_a_few_texts_that_are_all_right_is_none_of_a_point() -> None:
    found = share(np.ones(6))
    assert found.mean == found.high == 1
    assert found.low == pytest.approx(6 / (6 + 1.959964**2), abs=1e-6)  # Wilson's: n / (n + z^2)
    half = share(np.array([0.0, 1.0] * 50))
    assert (half.low, half.high) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_a_split_of_other_texts() -> None:
    space, labels = groups(10)
    with pytest.raises(ValueError, match="a split of 40 texts for a space of 20"):
        readers(space_of(np.eye(20)), part(space, labels))


# --- The learning curve ------------------------------------------------------------------------------


def test_more_labels_read_better_and_the_last_point_has_all() -> None:
    space, labels = groups(60, noise=0.5)
    found = part(space, labels)
    curve = learning_curve(space, found)
    assert [one.labels_a_class for one in curve] == [1, 2, 5, 10, 20, 42]
    assert [one.texts for one in curve] == [4, 8, 20, 40, 80, 168]
    assert [one.repeats for one in curve] == [5, 5, 5, 5, 5, 1]
    means = [one.accuracy.mean for one in curve]
    assert means[0] < means[2] < means[-1]
    assert curve[-1].accuracy == readers(space, found)[0].accuracy
    assert all(one.accuracy.low <= one.accuracy.mean <= one.accuracy.high for one in curve)
    assert curve[0].between_draws > curve[-2].between_draws


def test_draws_widen_the_interval() -> None:
    space, labels = groups(60, noise=0.5)
    found = part(space, labels)
    for seed in range(3):
        point = learning_curve(space, found, sizes=[1], seed=seed)[0]
        of_draws_alone = 2 * 1.96 * point.between_draws * (4 / 5) ** 0.5 / 5**0.5
        assert point.between_draws > 0
        assert point.accuracy.high - point.accuracy.low > 0.95 * of_draws_alone


def test_the_same_seed_gives_the_same_curve() -> None:
    space, labels = groups(20)
    found = part(space, labels)
    assert learning_curve(space, found, seed=4) == pytest.approx(learning_curve(space, found, seed=4), nan_ok=True)
    assert learning_curve(space, found, seed=4)[0] != learning_curve(space, found, seed=5)[0]


def test_classes_of_unlike_sizes_give_what_they_have() -> None:
    corpus = Corpus.of([f"t{at}" for at in range(26)])
    labels = Column("label", "category", np.array(["a"] * 20 + ["b"] * 6, dtype=object))
    space = space_of(np.random.default_rng(0).normal(size=(26, 4)), corpus)
    curve = learning_curve(space, split(corpus, labels))  # 14 and 4 to learn from
    assert [one.texts for one in curve] == [2, 4, 9, 14, 18]
    assert [one.labels_a_class for one in curve] == [1, 2, 4.5, 7, 9]


def test_it_can_be_stopped_and_begun_again() -> None:
    space, labels = groups(20)
    found = part(space, labels)

    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        learning_curve(space, found, report=stop)
    assert learning_curve(space, found)


# --- Doubtful labels -----------------------------------------------------------------------------------


def test_wrong_labels_are_found() -> None:
    space, labels = groups(40, noise=0.2)
    values = labels.values.copy()
    found = part(space, labels)
    wrong = found.train[[3, 30, 60]]
    values[wrong] = [f"class {(int(str(values[row])[-1]) + 1) % 4}" for row in wrong]
    changed = part(space, Column("label", "category", values))
    doubts = doubtful(space, changed)
    here = set(wrong) & set(changed.train)
    assert here
    assert {one.row for one in doubts[: len(here)]} == here
    first = doubts[0]
    assert first.given == values[first.row]
    assert first.likelier == labels.values[first.row]
    assert 0.25 < first.probability <= 1
    assert len(doubtful(space, changed, count=1)) == 1


def test_wrong_labels_are_found_where_a_probe_is_seldom_sure() -> None:
    space, labels = groups(6, classes=8, noise=0.25, seed=2)
    values = labels.values.copy()
    values[[1, 9, 20]] = "class 6"
    changed = part(space, Column("label", "category", values), held_out=0.2)
    assert {1, 9, 20} <= set(changed.train)
    sure = doubted(space.vectors[changed.train], changed.codes[changed.train], 8).order
    assert changed.train[sure].tolist() == [1]  # all that confident learning names
    doubts = doubtful(space, changed)
    assert [one.row for one in doubts] == [1, 9, 20, 3]
    assert [(one.given, one.likelier) for one in doubts[:3]] == [("class 6", f"class {code}") for code in (0, 1, 3)]


def test_classes_of_a_text_or_two_are_not_judged() -> None:
    space, labels = groups(2, classes=6)
    assert doubtful(space, part(space, labels)) == ()


@pytest.mark.filterwarnings("error")
def test_hardly_any_texts() -> None:
    space, labels = groups(2, classes=2)
    found = part(space, labels)
    assert len(readers(space, found)) == 3
    assert len(learning_curve(space, found)) == 1
    assert doubtful(space, found) == ()


# --- The real model ------------------------------------------------------------------------------------


@pytest.mark.model
def test_minilm_reads_the_support_messages(minilm: Encoder) -> None:
    corpus = builtin("support")
    found = split(corpus, corpus.column("intent"), per_class=10)
    space = embed(corpus, minilm)
    probe = readers(space, found)[0]
    assert probe.accuracy.low > 0.6
    curve = learning_curve(space, found, repeats=2)
    assert curve[0].accuracy.mean < curve[-1].accuracy.mean
