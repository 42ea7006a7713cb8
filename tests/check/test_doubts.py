"""Doubtful labels with their evidence."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.check.findings.labels import SHOWN, detail, doubts, sentence
from embedlab.corpus import Column, Corpus
from embedlab.space import Space
from tests.compare.spaces import near, space_of
from tests.sentences import says


def column(values: list[str | None]) -> Column:
    return Column("label", "category", np.array(values, dtype=object))


def two_clouds(copies: int = 0) -> tuple[Space, list[str | None]]:
    """Return thirty texts of class a and thirty of b; text 5 is called b. The last `copies` repeat text 5."""
    rng = np.random.default_rng(0)
    vectors = np.repeat(np.eye(6)[:2], 30, axis=0) + 0.1 * rng.normal(size=(60, 6))
    names: list[str | None] = ["a"] * 30 + ["b"] * 30
    names[5] = "b"
    texts = [f"text {number}" for number in range(60)]
    again = [5] * copies
    return space_of(np.concatenate([vectors, vectors[again]]), Corpus.of([*texts, *(texts[at] for at in again)])), names


def test_a_wrong_label_with_its_evidence() -> None:
    space, names = two_clouds()
    found = doubts(space, near(space), column(names))
    (doubt,) = found.ranked
    assert (doubt.row, doubt.given, doubt.likelier) == (5, "b", "a")
    assert doubt.p_likelier > 0.9 > 0.1 > doubt.p_given
    assert doubt.neighbours == tuple(near(space).indices[5, :SHOWN].tolist())
    assert doubt.agree == SHOWN
    assert found.margin[5] == pytest.approx(doubt.p_likelier - doubt.p_given)
    assert np.nanargmax(found.margin) == 5
    assert found.wrong.tolist() == [row == 5 for row in range(60)]
    assert found.estimated == 1
    assert says(sentence(found), 1, "doubtful", "1.7 %")
    assert says(detail(found), "not seen", "98 %", "largest class", "52 %", "about 1 may be wrong")


def test_a_bad_judge_says_so() -> None:
    space, _ = two_clouds()
    found = doubts(space, near(space), column(np.random.default_rng(1).permutation(["a", "b", "c"] * 20).tolist()))
    assert found.wrong.mean() > 0.5
    assert (found.knows, found.judges) == (False, False)
    assert "knows too little of these labels" in sentence(found)
    assert "may be wrong" not in detail(found)


def test_texts_without_a_label_are_neither_judged_nor_evidence() -> None:
    space, names = two_clouds()
    nearest = near(space).indices[5].tolist()
    names[nearest[0]] = None
    names[nearest[1]] = "c"
    names[nearest[1] + 1 if nearest[1] != 4 else 0] = "c"
    found = doubts(space, near(space), column(names))
    (doubt,) = found.ranked
    assert nearest[0] not in doubt.neighbours
    assert len(doubt.neighbours) == SHOWN
    assert doubt.agree == SHOWN - 1
    assert np.isnan(found.margin[nearest[0]])
    assert "1 text without a label left out." in found.notes


def test_copies_with_other_labels_count_once() -> None:
    space, names = two_clouds(copies=2)
    found = doubts(space, near(space), column([*names, "b", "a"]))
    assert [doubt.row for doubt in found.ranked] == [5]
    assert 5 not in found.ranked[0].neighbours
    assert not set(found.ranked[0].neighbours) & {60, 61}
    assert np.isnan(found.margin[60:]).all()
    assert len(found.of) == 60


def test_numbers_as_labels() -> None:
    space, names = two_clouds()
    numbers = Column("stars", "number", np.array([1.0 if name == "a" else 2.5 for name in names]))
    (doubt,) = doubts(space, near(space), numbers).ranked
    assert (doubt.given, doubt.likelier) == ("2.5", "1")


def test_a_class_of_one_is_left_out() -> None:
    space, names = two_clouds()
    names[40] = "alone"
    found = doubts(space, near(space), column(names))
    assert 40 not in found.of.rows
    assert any("one text only" in note for note in found.notes)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ([None] * 60, "has no value for any text"),
        (["same"] * 60, "have the same one"),
        ([f"label {number}" for number in range(60)], "No two texts share"),
        (["one"] + ["other"] * 59, "Only one value"),
    ],
)
def test_labels_that_can_not_be_judged(values: list[str | None], error: str) -> None:
    space, _ = two_clouds()
    with pytest.raises(EmbedlabError, match=error):
        doubts(space, near(space), column(values))


def test_a_judge_that_is_right_because_one_class_is_large_estimates_nothing() -> None:
    rng = np.random.default_rng(0)
    rare = np.arange(400) % 10 == 0
    vectors = rng.normal(size=(400, 20))
    vectors[rare, 0] += 1.2
    space = space_of(vectors)
    found = doubts(space, near(space), column(["yes" if one else "no" for one in rare]))
    assert found.right.mean > 0.85
    assert (found.knows, found.judges) == (True, False)
    assert "may be wrong" not in detail(found)


def test_no_label_is_judged_by_a_text_that_nearly_repeats_its_own() -> None:
    rng = np.random.default_rng(0)
    space = space_of(np.repeat(rng.normal(size=(60, 90)), 4, axis=0) + 0.01 * rng.normal(size=(240, 90)))
    labels = column(np.repeat(rng.permutation(["a", "b"] * 30), 4).tolist())
    flattered = doubts(space, near(space), labels)
    honest = doubts(space, near(space), labels, together=np.repeat(np.arange(60), 4))
    assert flattered.right.mean > 0.95
    assert (flattered.knows, honest.knows) == (True, False)
