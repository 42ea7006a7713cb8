"""The texts that several models can all be asked about."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.compare.common import common
from embedlab.corpus import Column, Corpus
from embedlab.corpus.vectors import OwnVectors

VECTORS = np.array([[1, 0], [0, 0], [0, 1], [np.nan, 1], [1, 1], [np.inf, 0]], dtype=np.float32)


def corpus() -> Corpus:
    numbers = np.arange(6.0)
    rows = np.array([0, 2, 3, 5, 7, 8])
    return Corpus(
        "six", tuple("abcdef"), (Column("n", "number", numbers),), rows, 9, vectors=(OwnVectors("own", VECTORS),)
    )


def test_nothing_is_left_out_where_own_vectors_are_not_asked_for() -> None:
    texts = corpus()
    found = common(texts, [])
    assert found.corpus is texts
    assert found.notes == ()
    assert found.rows.tolist() == [0, 1, 2, 3, 4, 5]


def test_zeros_and_what_is_not_finite_are_left_out_counted_and_named() -> None:
    found = common(corpus(), ["own"])
    assert found.corpus.texts == ("a", "c", "e")
    assert found.corpus.rows.tolist() == [0, 3, 7]
    assert found.corpus.columns[0].values.tolist() == [0, 2, 4]
    assert found.corpus.vectors[0].values.tolist() == [[1, 0], [0, 1], [1, 1]]
    (note,) = found.notes
    assert (note.count, note.rows) == (3, (3, 6, 9))
    assert "3 texts" in note.sentence
    assert "“own”" in note.sentence
    assert "rows 3, 6, 9" in note.sentence


def test_rows_are_found_again() -> None:
    found = common(corpus(), ["own"])
    assert found.of(np.array([0, 1, 4, 5])).tolist() == [0, 2]


def test_too_few_texts_are_refused() -> None:
    bad = VECTORS.copy()
    bad[0] = 0
    texts = Corpus("six", tuple("abcdef"), vectors=(OwnVectors("own", bad),))
    with pytest.raises(EmbedlabError, match="Only 2 of 6 texts"):
        common(texts, ["own"])
