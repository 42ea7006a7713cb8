"""What a selection is about, on texts whose cosines follow from their letters."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.encoders import Encoder
from embedlab.explore.selection import LabelShare, Selection, describe, label_mix
from embedlab.space.keywords import vocabulary
from embedlab.space.space import Space


def category(name: str, values: list[str | None]) -> Column:
    return Column(name, "category", np.array(values, dtype=object))


def described(letters: Encoder, texts: list[str], rows: list[int], *columns: Column) -> Selection:
    space = Space(
        Corpus("test", tuple(texts), columns),
        letters.card,
        letters.encode(texts),
        np.zeros(len(texts), dtype=bool),
    )
    return describe(space, np.array(rows, dtype=np.intp), vocabulary(texts))


def test_counts_and_words(letters: Encoder) -> None:
    found = described(letters, ["red apple", "red pear", "blue sky", "blue sea"], [1, 0, 0])
    assert found.rows.tolist() == [0, 1]
    assert (found.count, found.share) == (2, 0.5)
    assert found.words[0].term == "red"


def test_cosines_inside_and_outside_by_hand(letters: Encoder) -> None:
    """Among "aa", "ab" and "b": cos(aa, ab) = cos(ab, b) = 1/sqrt 2, cos(aa, b) = 0; "c" is at 0 to all."""
    found = described(letters, ["aa", "ab", "b", "c"], [0, 1])
    assert found.inside == pytest.approx(1 / math.sqrt(2))
    assert found.outside == pytest.approx((0 + 0 + 1 / math.sqrt(2) + 0) / 4)


def test_single_text_and_whole_corpus(letters: Encoder) -> None:
    alone = described(letters, ["a", "b"], [0])
    assert math.isnan(alone.inside)
    assert alone.outside == pytest.approx(0)
    whole = described(letters, ["a", "b"], [0, 1])
    assert math.isnan(whole.outside)
    assert whole.inside == pytest.approx(0)


def test_typical_texts_come_once_with_their_copies(letters: Encoder) -> None:
    """The sum of ab, ab, a, b points along (1, 1), which is "ab" itself."""
    found = described(letters, ["a", "ab", "b", "ab", "zzz"], [0, 1, 2, 3])
    assert [(typical.row, typical.copies) for typical in found.typical] == [(1, 2), (0, 1), (2, 1)]
    assert found.typical[0].cosine == pytest.approx(1)
    assert found.typical[1].cosine == pytest.approx(1 / math.sqrt(2))


def test_at_most_five_typical_texts(letters: Encoder) -> None:
    texts = ["a" + "b" * times for times in range(8)]
    assert len(described(letters, texts, list(range(8))).typical) == 5


def test_label_mix_with_shares_of_all() -> None:
    column = category("topic", ["x", "y", "x", None, "y", "y"])
    assert label_mix(column, np.array([0, 1, 2, 3])) == (
        LabelShare("x", 2, 0.5, 2 / 6),
        LabelShare("y", 1, 0.25, 3 / 6),
        LabelShare("no value", 1, 0.25, 1 / 6),
    )


def test_only_category_columns_are_mixed(letters: Encoder) -> None:
    number = Column("year", "number", np.array([1.0, 2.0]))
    found = described(letters, ["a", "b"], [0], number, category("topic", ["x", "y"]))
    assert list(found.labels) == ["topic"]
    with pytest.raises(EmbedlabError, match="“year” holds no categories"):
        label_mix(number, np.array([0]))


def test_empty_selection_is_refused(letters: Encoder) -> None:
    with pytest.raises(EmbedlabError, match="lasso"):
        described(letters, ["a"], [])
