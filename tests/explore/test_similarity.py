"""All cosines between some texts, and the order they are shown in."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.encoders import Encoder
from embedlab.explore.similarity import MAX_HEATMAP, Similarity, sample_per_group, similarity, similarity_csv
from embedlab.space.space import Space


def space_of(letters: Encoder, texts: list[str]) -> Space:
    return Space(Corpus.of(texts), letters.card, letters.encode(texts), np.zeros(len(texts), dtype=bool))


def compared(letters: Encoder, texts: list[str], by: Column | None = None) -> Similarity:
    return similarity(space_of(letters, texts), np.arange(len(texts)), by)


def test_alike_texts_come_together(letters: Encoder) -> None:
    texts = ["aa", "bb", "aab", "bbz", "a"]
    found = compared(letters, texts)
    shown = [texts[row] for row in found.rows]
    assert {*shown[:3]} == {"aa", "a", "aab"} or {*shown[2:]} == {"aa", "a", "aab"}
    assert found.groups is None


def test_cosines_follow_the_order_shown(letters: Encoder) -> None:
    texts = ["a", "c", "ab", "cd"]
    found = compared(letters, texts)
    vectors = letters.encode(texts)
    for i in range(4):
        for j in range(4):
            pair = found.pair(i, j)
            assert pair.cosine == pytest.approx(vectors[pair.first] @ vectors[pair.second])
            assert found.cosines[i, j] == found.cosines[j, i]
    assert found.cosines.diagonal().tolist() == [1] * 4
    with pytest.raises(EmbedlabError, match="no such cell"):
        found.pair(0, 4)


def test_the_tree_is_numbered_as_shown(letters: Encoder) -> None:
    """Leaves in the order shown never cross: each join is of neighbouring stretches."""
    found = compared(letters, ["a", "z", "aab", "zy", "ab", "zzy"])
    assert found.linkage is not None
    stretches = {leaf: (leaf, leaf) for leaf in range(6)}
    for number, (first, second, distance, _) in enumerate(found.linkage):
        left, right = sorted([stretches[int(first)], stretches[int(second)]])
        assert left[1] + 1 == right[0]
        stretches[6 + number] = (left[0], right[1])
        within = found.cosines[left[0] : left[1] + 1, right[0] : right[1] + 1]
        assert distance == pytest.approx(1 - within.mean(), abs=1e-5)


def test_one_two_and_equal_texts(letters: Encoder) -> None:
    one = compared(letters, ["a"])
    assert (len(one), one.linkage, one.cosines.tolist()) == (1, None, [[1]])
    two = compared(letters, ["a", "ab"])
    assert two.cosines[0, 1] == pytest.approx(1 / math.sqrt(2))
    same = compared(letters, ["a"] * 5)
    assert sorted(same.rows.tolist()) == [0, 1, 2, 3, 4]
    assert (same.cosines == 1).all()


def test_a_category_column_makes_groups(letters: Encoder) -> None:
    by = Column("topic", "category", np.array(["x", "y", None, "x", "y"], dtype=object))
    found = compared(letters, ["a", "z", "mm", "ab", "zy"], by)
    assert found.groups is not None
    assert [*dict.fromkeys(found.groups)] == [name for name, _ in zip(*_runs(found.groups), strict=True)]
    assert sorted(found.groups) == ["no value", "x", "x", "y", "y"]
    assert [by.values[row] or "no value" for row in found.rows] == [*found.groups]
    assert found.linkage is None


def _runs(groups: tuple[str, ...]) -> tuple[list[str], list[int]]:
    starts = [at for at in range(len(groups)) if at == 0 or groups[at] != groups[at - 1]]
    return [groups[at] for at in starts], starts


def test_a_number_column_sorts_with_missing_last(letters: Encoder) -> None:
    by = Column("year", "number", np.array([3.0, np.nan, 1.0, 2.0]))
    found = compared(letters, ["a", "b", "c", "d"], by)
    assert found.rows.tolist() == [2, 3, 0, 1]
    assert found.groups is None


def test_too_many_none_and_unknown_texts(letters: Encoder) -> None:
    space = space_of(letters, ["a"] * (MAX_HEATMAP + 1))
    with pytest.raises(EmbedlabError, match="401 texts are too many"):
        similarity(space, np.arange(MAX_HEATMAP + 1))
    with pytest.raises(EmbedlabError, match="no texts to compare"):
        similarity(space, np.array([], dtype=np.intp))
    with pytest.raises(EmbedlabError, match="no text in row 403"):
        similarity(space, np.array([402]))


def test_sample_per_group() -> None:
    labels = np.array([0] * 10 + [1] * 3 + [-1] * 5 + [2], dtype=np.int32)
    rows = sample_per_group(labels, 4, seed=1)
    assert np.bincount(labels[rows]).tolist() == [4, 3, 1]
    assert rows.tolist() == sorted({*rows.tolist()})
    assert rows.tolist() == sample_per_group(labels, 4, seed=1).tolist()
    assert rows.tolist() != sample_per_group(labels, 4, seed=2).tolist()


def test_sample_keeps_to_the_limit() -> None:
    labels = np.repeat(np.arange(10, dtype=np.int32), np.arange(20, 10, -1))
    assert np.bincount(labels[sample_per_group(labels, 10, limit=30)]).tolist() == [3] * 10
    assert labels[sample_per_group(labels, 10, limit=4)].tolist() == [0, 1, 2, 3]
    assert len(sample_per_group(np.full(9, -1, dtype=np.int32), 5)) == 5
    assert len(sample_per_group(np.empty(0, dtype=np.int32), 5)) == 0


def test_csv_holds_texts_and_cosines_and_no_formula(letters: Encoder) -> None:
    texts = ["=ab", 'b, "b"\nb']
    found = compared(letters, texts)
    table = list(csv.reader(io.StringIO(similarity_csv(found, texts).decode("utf-8-sig"), newline="")))
    assert table[0] == ["row", "text", *(str(row + 1) for row in found.rows)]
    by_row = {line[0]: line for line in table[1:]}
    assert by_row["1"][1] == "'=ab"
    assert by_row["2"][1] == texts[1]
    other = 2 + found.rows.tolist().index(1)
    assert float(by_row["1"][other]) == pytest.approx(1 / math.sqrt(2), abs=1e-6)
