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
from embedlab.corpus.vectors import MAX_DIMENSIONS, from_file, from_npy

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


WRITTEN = {
    "a list": lambda row: str([float(one) for one in row]),
    "as NumPy shows them": lambda row: str(np.asarray(row)).replace(" ", "\n ", 1),
    "with spaces": lambda row: " ".join(f"{one:.1f}" for one in row),
    "with semicolons": lambda row: "; ".join(f"{one:.1f}" for one in row),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_vectors_written_as_text_are_vectors(form: str) -> None:
    frame = pd.DataFrame({"text": ["a b", "c d", "e f"], "emb": [WRITTEN[form](row) for row in VECTORS]})
    table = read_table(frame.to_csv(index=False).encode(), "t.csv")
    np.testing.assert_array_equal(table.vectors[0].values, VECTORS)
    assert [column.name for column in table.columns] == ["text"]
    rows = [{"text": "a b", "emb": WRITTEN[form](row)} for row in VECTORS]
    np.testing.assert_array_equal(read_table(jsonl(*rows), "t.jsonl").vectors[0].values, VECTORS)


def test_a_cell_that_is_no_vector_has_none_and_is_counted() -> None:
    cells = [json.dumps(VECTORS[0].tolist())] * 30 + ["broken", "n/a"]
    frame = pd.DataFrame({"text": ["a b"] * 32, "emb": cells})
    table = read_table(frame.to_csv(index=False).encode(), "t.csv")
    assert np.isnan(table.vectors[0].values[30:]).all()
    assert [(note.count, note.rows) for note in table.notes if note.kind == "changed"] == [(1, (31,))]


@pytest.mark.parametrize(
    "cell", ["[0.1 0.2 ... 0.8 0.9]", "[0.1, 0.2]", "0 1 2 3 4 5 6 7 8", "1.5 litres of milk, please"]
)
def test_what_only_looks_like_a_vector_stays_text(cell: str) -> None:
    table = read_table(
        pd.DataFrame({"text": ["a b", "c d"], "emb": [cell, cell]}).to_csv(index=False).encode(), "t.csv"
    )
    assert table.vectors == ()
    assert any("shortened" in note.sentence for note in table.notes) == ("..." in cell)


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


FIELDS = np.zeros(3, dtype=[("id", "<i4"), ("v", "<f4", (9,))])
FIELDS["v"] = VECTORS
TABLE = "\n".join("\t".join(map(str, row)) for row in VECTORS).encode()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (npz(v=VECTORS), "v.npz"),
        (npz(ids=np.arange(3), v=VECTORS, other=np.zeros((4, 9))), "v.npz"),
        (npy(FIELDS), "v.npy"),
        (npy(np.array([tuple(row) for row in VECTORS], dtype=[(f"d{at}", "f4") for at in range(9)])), "v.npy"),
        (TABLE, "tensors.tsv"),
        (b"\t".join(f"d{at}".encode() for at in range(9)) + b"\n" + TABLE, "tensors.tsv"),
    ],
)
def test_vectors_in_other_files(content: bytes, name: str) -> None:
    np.testing.assert_array_equal(from_file(content, name, 3).values, VECTORS)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (npz(a=VECTORS, b=VECTORS), "v.npz", "2 matrices for these rows"),
        (npz(a=np.array([Bomb()], dtype=object)), "v.npz", "pickled objects"),
        (npz(a=VECTORS)[:-30], "v.npz", "damaged"),
        (npz(a=np.arange(3)), "v.npz", "no matrix"),
        (npz(a=VECTORS[:2]), "v.npz", "has 2 rows, but 3 rows"),
        (b"a\tb\nc\td\n", "v.tsv", "no table of numbers"),
        (b"1\t2\n3\n", "v.tsv", "no table of numbers"),
        (npy(VECTORS).replace(b"(3, 9)", b"(9999999, 9)").replace(b", }      ", b", }"), "v.npy", "is no .npy file"),
    ],
)
def test_other_files_that_hold_none_are_refused(content: bytes, name: str, said: str) -> None:
    with pytest.raises(EmbedlabError, match=said):
        from_file(content, name, 3)


def test_arrays_with_texts_are_a_table_and_others_say_what_they_are() -> None:
    table = read_table(npz(text=np.array(["a b", "c d", "e f"]), v=VECTORS, n=np.arange(3), odd=np.arange(7)), "t.npz")
    assert table.corpus("text").texts == ("a b", "c d", "e f")
    np.testing.assert_array_equal(table.vectors[0].values, VECTORS)
    assert any("“odd”" in note.sentence for note in table.notes)
    for content, name in ((npy(VECTORS), "v.npy"), (npz(v=VECTORS), "v.npz"), (npy(FIELDS), "v.npy")):
        with pytest.raises(EmbedlabError, match="no texts: open the file of the texts"):
            read_table(content, name)
    with pytest.raises(EmbedlabError, match="3 rows of 9 numbers and no texts"):
        read_table(TABLE, "tensors.tsv").corpus()


def test_vectors_beside_the_texts() -> None:
    table = read_table(b"text,n\none text,1\n,2\nthird text,3\n", "t.csv")
    corpus = table.with_vectors(from_npy(npy(VECTORS), "v.npy", len(table))).corpus("text")
    np.testing.assert_array_equal(corpus.vectors[0].values, VECTORS[[0, 2]])
    assert corpus.vectors[0].name == "v.npy"
