"""Splits of labelled texts: stratified, seeded, and no text on both sides."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.columns import column_of
from embedlab.corpus.labels import review
from embedlab.corpus.split import Split, guessed_split, says_which, split
from embedlab.text.same import folded


def _column(values: list[object], name: str = "label") -> Column:
    return column_of(name, values)[0]


def _texts(count: int, start: str = "text") -> list[str]:
    return [f"{start} number {at}" for at in range(count)]


def _labelled(sizes: dict[str, int]) -> tuple[Corpus, Column]:
    labels = [name for name, size in sizes.items() for _ in range(size)]
    objects = np.array(labels, dtype=object)
    return Corpus.of(_texts(len(labels))), Column("label", "category", objects)


def _sides(corpus: Corpus, found: Split) -> tuple[set[str], set[str]]:
    train, held_out = ({folded(corpus.texts[row]) for row in rows} for rows in (found.train, found.held_out))
    return train, held_out


# --- The split -----------------------------------------------------------------------------------


def test_every_class_has_its_share_held_out() -> None:
    corpus, labels = _labelled({"a": 100, "b": 10, "c": 2})
    found = split(corpus, labels)
    assert found.names == ("a", "b", "c")
    assert found.held_out_sizes.tolist() == [30, 3, 1]
    assert found.sizes.tolist() == [70, 7, 1]
    assert not set(found.train) & set(found.held_out)
    assert [labels.values[row] for row in found.held_out] == [found.names[found.codes[row]] for row in found.held_out]


def test_the_seed_alone_decides() -> None:
    corpus, labels = _labelled({"a": 50, "b": 50})
    first, again, other = (split(corpus, labels, seed=seed) for seed in (1, 1, 2))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint


def test_fewer_to_learn_from_leave_the_held_out_texts_alone_and_are_nested() -> None:
    corpus, labels = _labelled({"a": 50, "b": 30, "c": 4})
    everything, ten, two = (split(corpus, labels, per_class=most) for most in (None, 10, 2))
    assert ten.sizes.tolist() == [10, 10, 3]
    assert set(two.train) < set(ten.train) < set(everything.train)
    assert two.held_out.tolist() == ten.held_out.tolist() == everything.held_out.tolist()
    unused = np.setdiff1d(everything.train, ten.train)
    assert (ten.codes[unused] == -1).all()
    assert any("36 texts beyond 10 a class" in note for note in ten.notes)
    assert any("1 class has fewer than 10 texts" in note for note in ten.notes)


def test_no_text_stands_on_both_sides_whatever_its_capitals_spaces_and_form() -> None:
    variants = ["Where is my card", "where is  my card ", "WHERE IS MY CARD", "ｗhere is my card", "where\tis my card"]
    texts = [f"{text} {at}" for at in range(20) for text in variants]
    corpus = Corpus.of(texts)
    labels = Column("label", "category", np.array([f"{at % 4}x" for at in range(20) for _ in variants], dtype=object))
    for seed in range(5):
        found = split(corpus, labels, seed=seed)
        train, held_out = _sides(corpus, found)
        assert not train & held_out
        assert len(found.train) + len(found.held_out) == 20
    assert any(note.startswith("80 texts repeat") for note in found.notes)


def test_missing_labels_are_counted_and_take_no_part() -> None:
    corpus = Corpus.of(_texts(12))
    found = split(corpus, _column(["a", None] * 4 + ["b"] * 4))
    assert found.notes[0] == "4 texts without a label left out."
    assert (found.codes[[1, 3, 5, 7]] == -1).all()


def test_a_text_with_two_labels_counts_for_the_most_frequent_or_not_at_all() -> None:
    corpus = Corpus.of(["same", "Same", "same ", *_texts(8)])
    labels = _column(["b", "a", "a", *["a", "b"] * 4])
    kept = split(corpus, labels)
    assert kept.codes[0] == -1
    assert kept.names[kept.codes[1]] == "a"
    assert any("1 text has copies with different labels: the most frequent" in note for note in kept.notes)
    without = split(corpus, labels, conflicting="leave out")
    assert (without.codes[:3] == -1).all()
    assert any("different labels: left out" in note for note in without.notes)


def test_a_class_with_one_text_is_left_out_and_named() -> None:
    corpus, labels = _labelled({"a": 5, "alone": 1, "b": 5})
    found = split(corpus, labels)
    assert found.names == ("a", "b")
    assert found.codes[5] == -1
    assert any("1 class has one text only" in note and "“alone”" in note for note in found.notes)


def test_many_classes() -> None:
    corpus, labels = _labelled({f"class {at}": 3 for at in range(500)})
    found = split(corpus, labels)
    assert len(found.names) == 500
    assert set(found.sizes) == {2}
    assert set(found.held_out_sizes) == {1}


def test_a_split_of_the_used_texts_alone_is_the_same() -> None:
    corpus, labels = _labelled({"a": 6, "b": 4, "alone": 1})
    found = split(corpus, labels)
    small = found.renumbered()
    assert len(small.codes) == len(found.used) == 10
    assert np.array_equal(found.used[small.train], found.train)
    assert np.array_equal(found.used[small.held_out], found.held_out)
    assert np.array_equal(small.codes, found.codes[found.used])


def test_a_sample_takes_each_class_in_proportion() -> None:
    corpus, labels = _labelled({"a": 6_000, "b": 3_000, "c": 1_000})
    found = split(corpus, labels, most=1_000)
    assert len(found.train) + len(found.held_out) == 1_000
    together = found.sizes + found.held_out_sizes
    assert np.abs(together - [600, 300, 100]).max() <= 1
    assert any("1,000 of 10,000 texts are used" in note for note in found.notes)


def test_few_held_out_texts_and_the_largest_class_are_said() -> None:
    corpus, labels = _labelled({"a": 10, "b": 10})
    notes = " ".join(split(corpus, labels).notes)
    assert "Only 6 texts are held out" in notes
    assert "largest of the 2 classes would be right for 50.0 %" in notes


def test_numbers_and_dates_that_repeat_are_names() -> None:
    corpus = Corpus.of(_texts(20))
    for values in ([1, 2] * 10, ["2024-01-01", "2024-01-02"] * 10):
        found = split(corpus, _column(values))
        assert len(found.names) == 2
        assert any("are taken as names" in note for note in found.notes)


# --- Near-copies -------------------------------------------------------------------------------------


def _grouped(count: int, *groups: list[int]) -> np.ndarray:
    """Return a number for each of so many rows; those of a group share theirs."""
    numbers = np.arange(count)
    for number, rows in enumerate(groups):
        numbers[rows] = count + number
    return numbers


def _sides_by_group(found: Split, together: np.ndarray) -> tuple[set[int], set[int]]:
    return set(together[found.train].tolist()), set(together[found.held_out].tolist())


@given(
    labels=st.lists(st.sampled_from("abcd"), min_size=8, max_size=60),
    groups=st.lists(st.integers(0, 12), min_size=60, max_size=60),
    share=st.sampled_from([0.1, 0.3, 0.5, 0.8]),
    seed=st.integers(0, 5),
)
@settings(max_examples=200, deadline=None)
def test_a_group_is_never_on_both_sides_and_every_class_that_can_be_is_learned(
    labels: list[str], groups: list[int], share: float, seed: int
) -> None:
    count = len(labels)
    together = np.array(groups[:count])
    corpus, column = Corpus.of(_texts(count)), Column("label", "category", np.array(labels, dtype=object))
    able = {name for name in labels if len({together[at] for at in range(count) if labels[at] == name}) > 1}
    if len(able) < 2:
        with pytest.raises(EmbedlabError):
            split(corpus, column, held_out=share, seed=seed, together=together)
        return
    found = split(corpus, column, held_out=share, seed=seed, together=together)
    learnt, asked = _sides_by_group(found, together)
    assert not learnt & asked
    assert (found.sizes > 0).all()
    assert set(found.names) == able
    assert len(found.train) + len(found.held_out) == np.isin(labels, sorted(able)).sum()  # nothing is lost


def test_groups_keep_the_share_of_each_class_as_well_as_they_can() -> None:
    corpus, labels = _labelled({"a": 100, "b": 50})
    together = _grouped(150, *([at, at + 1, at + 2] for at in range(0, 60, 3)), [100, 101], list(range(110, 140)))
    found = split(corpus, labels, together=together)
    learnt, asked = _sides_by_group(found, together)
    assert not learnt & asked
    assert found.held_out_sizes.tolist() == [30, 15]
    assert set(range(110, 140)) <= set(found.train.tolist())  # larger than the share of its class
    assert "22 groups of near-copies stay on one side as a whole (92 texts)." in found.notes
    held = [split(corpus, labels, together=together, seed=seed).held_out for seed in range(20)]
    grouped = np.mean([(rows < 60).sum() for rows in held])
    assert 12 < grouped < 24  # of 100 texts of the class 60 are in groups: 18 of 30 by chance


def test_without_near_copies_the_split_is_the_one_it_was() -> None:
    corpus, labels = _labelled({"a": 100, "b": 10, "c": 2})
    plain, looked_for = split(corpus, labels), split(corpus, labels, together=np.arange(112))
    assert plain.fingerprint == looked_for.fingerprint
    assert plain.notes == looked_for.notes
    assert plain.together is None
    assert looked_for.together is not None


def test_a_class_of_one_group_is_left_out_and_named() -> None:
    corpus, labels = _labelled({"a": 5, "again": 4, "b": 5})
    found = split(corpus, labels, together=_grouped(14, [5, 6, 7, 8]))
    assert found.names == ("a", "b")
    assert any("1 class has near-copies of one text only" in note and "“again”" in note for note in found.notes)


def test_a_class_whose_groups_are_all_too_large_gives_the_smallest() -> None:
    corpus, labels = _labelled({"a": 10, "b": 20})
    together = _grouped(30, list(range(6)), list(range(6, 10)))
    found = split(corpus, labels, together=together)
    assert found.held_out_sizes.tolist() == [4, 6]
    assert set(found.held_out.tolist()) >= {6, 7, 8, 9}


def test_with_a_column_what_nearly_repeats_a_held_out_text_is_not_learned_from() -> None:
    corpus, labels = _labelled({"a": 6, "b": 6})
    by = _column(["train", "train", "train", "train", "test", "test"] * 2, "part")
    together = _grouped(12, [0, 4, 5], [1, 2], [6, 10])
    found = split(corpus, labels, by=by, together=together)
    assert found.held_out.tolist() == [4, 5, 10, 11]
    assert found.train.tolist() == [1, 2, 3, 7, 8, 9]
    assert found.part == "test"
    assert found.measured_on == "the file's test part: 4 texts"
    assert "2 texts to learn from nearly repeat a held-out one: not learned from." in found.notes
    assert (found.codes[[0, 6]] == -1).all()


def test_a_sample_and_fewer_labels_keep_groups_whole() -> None:
    corpus, labels = _labelled({"a": 100, "b": 100})
    together = _grouped(200, *([at, at + 1] for at in range(0, 200, 2)))
    everything, few = (split(corpus, labels, most=100, per_class=most, together=together) for most in (None, 5))
    assert everything.held_out.tolist() == few.held_out.tolist()
    for found in (everything, few):
        learnt, asked = _sides_by_group(found, together)
        assert not learnt & asked
    small = everything.renumbered()
    assert small.together is not None
    assert not set(small.together[small.train]) & set(small.together[small.held_out])


def test_groups_of_other_texts() -> None:
    corpus, labels = _labelled({"a": 5, "b": 5})
    with pytest.raises(ValueError, match="groups of 9 texts for a corpus of 10"):
        split(corpus, labels, together=np.arange(9))


# --- A column that says where ----------------------------------------------------------------------


def test_a_column_says_which_texts_are_held_out() -> None:
    corpus, labels = _labelled({"a": 6, "b": 6})
    by = _column(["Train", "train", "validation", "test", "dev", "other"] * 2, "part")
    found = split(corpus, labels, by=by)
    assert found.held_out.tolist() == [3, 9]
    assert found.train.tolist() == [0, 1, 2, 4, 6, 7, 8, 10]
    notes = " ".join(found.notes)
    assert "4 texts for validation are learned from" in notes
    assert "2 texts with no such value in “part” left out" in notes


def test_without_test_texts_those_for_validation_are_held_out() -> None:
    corpus, labels = _labelled({"a": 4, "b": 4})
    found = split(corpus, labels, by=_column(["train", "train", "train", "dev"] * 2))
    assert found.held_out.tolist() == [3, 7]
    assert found.measured_on == "the file's validation part: 2 texts"


def test_a_text_on_both_sides_is_asked_about_only() -> None:
    corpus = Corpus.of(["Hello there", "b", "c", "hello  there", "e", "f"])
    labels = _column(["x", "x", "y", "x", "y", "y"])
    found = split(corpus, labels, by=_column(["train", "train", "train", "test", "test", "train"]))
    assert found.held_out.tolist() == [3, 4]
    assert found.train.tolist() == [1, 2, 5]
    assert "1 text stands in both parts: held out, and not learned from." in found.notes


def test_classes_that_nothing_is_learned_of_are_left_out() -> None:
    corpus = Corpus.of(_texts(7))
    labels = _column(["x", "x", "y", "y", "new", "z", "x"])
    found = split(corpus, labels, by=_column(["train", "test", "train", "test", "test", "train", "train"]))
    assert found.names == ("x", "y", "z")
    assert 4 not in found.held_out
    notes = " ".join(found.notes)
    assert "1 class has no text to learn from: left out (“new”)" in notes
    assert "1 class has no held-out text" in notes


def test_which_columns_say_it() -> None:
    assert says_which(_column(["train", "test", None, "Dev"]))
    assert not says_which(_column(["train", "train"]))
    assert not says_which(_column(["train", "test", "bus"]))
    assert not says_which(_column([1, 2]))


def test_the_guess_is_the_first_column_that_says_it_but_never_the_labels() -> None:
    sides = np.array(["train", "test"], dtype=object)
    columns = tuple(Column(name, "category", sides) for name in ("label", "part", "other"))
    corpus = Corpus("c", ("one", "two"), columns)
    found = guessed_split(corpus, "label")
    assert found is not None
    assert found.name == "part"
    assert guessed_split(Corpus.of(["one", "two"])) is None


# --- What can't be split ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["a"] * 10, "have the same one"),
        ([None] * 10, "has no value for any text"),
        ([f"{at}th" for at in range(10)], "No two texts share a value"),
        (["a"] * 9 + ["b"], "Fewer than two values"),
        (list(range(10)), "hardly repeat"),
        ([f"2024-01-{at + 1:02d}" for at in range(10)], "hardly repeat"),
    ],
)
def test_labels_that_cannot_be_used(values: list[object], said: str) -> None:
    with pytest.raises(EmbedlabError, match=said) as caught:
        split(Corpus.of(_texts(10)), _column(values))
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"held_out": 0.0}, "between 0 and 1"),
        ({"held_out": 1.5}, "between 0 and 1"),
        ({"held_out": float("nan")}, "between 0 and 1"),
        ({"per_class": 0}, "choose 1 or more"),
        ({"most": 1}, "draw 4 or more"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, float], said: str) -> None:
    corpus, labels = _labelled({"a": 5, "b": 5})
    with pytest.raises(EmbedlabError, match=said):
        split(corpus, labels, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [["a", "b"] * 5, ["train"] * 10, ["test"] * 10, [None] * 10, [1, 2] * 5])
def test_a_column_that_says_nothing(values: list[object]) -> None:
    corpus, labels = _labelled({"a": 5, "b": 5})
    with pytest.raises(EmbedlabError, match="doesn't say which texts to learn from"):
        split(corpus, labels, by=_column(values, "part"))


def test_sides_that_share_no_class() -> None:
    corpus, labels = _labelled({"a": 5, "b": 5})
    with pytest.raises(EmbedlabError, match="Fewer than two values"):
        split(corpus, labels, by=_column(["train"] * 5 + ["test"] * 5, "part"))


def test_all_texts_in_conflict() -> None:
    corpus = Corpus.of(["same"] * 4)
    with pytest.raises(EmbedlabError):
        split(corpus, _column(["a", "b", "a", "b"]), conflicting="leave out")


# --- The review --------------------------------------------------------------------------------------


def test_a_review_counts_everything_and_never_raises() -> None:
    corpus = Corpus.of(["one", "One", "two", "three", "four", "five", "six"])
    found = review(corpus, _column(["a", "b", "a", "a", "b", None, "c"]))
    assert found.classes == (("a", 3), ("b", 1), ("c", 1))
    assert (found.missing, found.repeats) == (1, 1)
    assert found.conflicting == (("one", ("a", "b")),)
    assert found.alone == ("b", "c")
    assert len(found.notes) == 4
    for values in ([None] * 7, ["a"] * 7, list(range(7))):
        assert Counter(dict(review(corpus, _column(values)).classes)).total() in (0, 6)
