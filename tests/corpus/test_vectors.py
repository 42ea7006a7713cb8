"""Vectors that come with the texts: a column of lists, a .npy file, and everything that is neither."""

from __future__ import annotations

import io
import json
import pickle

import numpy as np
import pandas as pd
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.reading.table import read_table
from embedlab.corpus.vectors import MAX_DIMENSIONS, from_npy

VECTORS = np.arange(27, dtype=np.float32).reshape(3, 9)


def npy(values: object, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, values, allow_pickle=allow_pickle)
    return file.getvalue()


def jsonl(*records: object) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


def test_a_jsonl_column_of_lists_is_kept_as_vectors() -> None:
    rows = [{"text": f"text {row}", "emb": VECTORS[row].tolist()} for row in range(3)]
    table = read_table(jsonl(*rows), "t.jsonl")
    corpus = table.corpus("text")
    (own,) = corpus.vectors
    assert own.name == "emb"
    assert own.values.dtype == np.float32
    np.testing.assert_array_equal(own.values, VECTORS)
    assert [column.name for column in corpus.columns] == []
    assert any("Kept as vectors of your own: “emb” (9 numbers each)" in note.sentence for note in corpus.notes)


def test_a_parquet_column_of_lists_is_kept_as_vectors() -> None:
    file = io.BytesIO()
    pd.DataFrame({"text": ["a b", "c d", "e f"], "emb": list(VECTORS)}).to_parquet(file)
    (own,) = read_table(file.getvalue(), "t.parquet").corpus("text").vectors
    np.testing.assert_array_equal(own.values, VECTORS)


def test_rows_without_a_text_take_their_vectors_with_them() -> None:
    rows = [{"text": text, "emb": VECTORS[row].tolist()} for row, text in enumerate(["one text", "", "another"])]
    corpus = read_table(jsonl(*rows), "t.jsonl").corpus("text")
    np.testing.assert_array_equal(corpus.vectors[0].values, VECTORS[[0, 2]])


def test_a_missing_vector_is_not_a_number() -> None:
    rows = [{"text": "one text", "emb": VECTORS[0].tolist()}, {"text": "another text", "emb": None}]
    (own,) = read_table(jsonl(*rows), "t.jsonl").corpus("text").vectors
    assert np.isnan(own.values[1]).all()


def test_a_broken_line_takes_no_vectors_from_the_others() -> None:
    lines = [{"text": f"text {row}", "v": values.tolist()} for row, values in enumerate(VECTORS)]
    corpus = read_table(jsonl(*lines) + b"\n{broken\n", "a.jsonl").corpus("text")
    np.testing.assert_array_equal(corpus.vectors[0].values, VECTORS)


def test_lists_of_different_lengths_are_left_out_and_said() -> None:
    rows = [{"text": "one text", "emb": [0.5] * 9}, {"text": "another text", "emb": [0.5] * 10}]
    corpus = read_table(jsonl(*rows), "t.jsonl").corpus("text")
    assert corpus.vectors == ()
    assert any("lists of numbers of different lengths, and was left out" in note.sentence for note in corpus.notes)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int8, ">f4"])
def test_a_npy_file_of_any_real_numbers(dtype: object) -> None:
    own = from_npy(npy(VECTORS.astype(dtype)), "v.npy", 3)  # type: ignore[call-overload]
    np.testing.assert_array_equal(own.values, VECTORS)
    assert own.values.dtype == np.float32
    assert not own.values.flags.writeable


class Bomb:
    """Would be run if it were ever unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("it was unpickled",))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no .npy file"),
        (b"text", "is no .npy file"),
        (pickle.dumps(Bomb()), "“v.npy” can't be read"),
        (npy(np.array([Bomb()], dtype=object), allow_pickle=True), "pickled objects, which can run code"),
        (npy(VECTORS)[:-4], "is no .npy file"),
        (npy(VECTORS[0]), "no matrix of real numbers"),
        (npy(VECTORS.astype(complex)), "no matrix of real numbers"),
        (npy(np.array([["a"]] * 3)), "no matrix of real numbers"),
        (npy(VECTORS[:2]), "has 2 rows, but 3 rows were read with the texts"),
        (npy(np.zeros((3, 0))), "no matrix of real numbers"),
        (npy(np.zeros((3, MAX_DIMENSIONS + 1), dtype=np.int8)), "at most 20,000"),
    ],
)
def test_what_is_no_matrix_is_refused_in_one_sentence(content: bytes, said: str) -> None:
    with pytest.raises(EmbedlabError, match=said):
        from_npy(content, "v.npy", 3)


def test_vectors_beside_the_texts() -> None:
    table = read_table(b"text,n\none text,1\n,2\nthird text,3\n", "t.csv")
    corpus = table.with_vectors(from_npy(npy(VECTORS), "v.npy", len(table))).corpus("text")
    np.testing.assert_array_equal(corpus.vectors[0].values, VECTORS[[0, 2]])
    assert corpus.vectors[0].name == "v.npy"
