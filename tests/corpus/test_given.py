"""Lists and frames come through the same door as files: typed columns, notes, and one sentence for what is wrong."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.reading.given import from_frame, from_texts


def test_texts_with_labels_columns_and_vectors() -> None:
    found = from_texts(
        ["a cat", None, "a dog", "  "],
        labels=["x", "x", 3, "y"],
        columns={"size": np.array([1.5, 2, np.nan, 4])},
        vectors={"mine": np.eye(4)},
        name="animals",
    )
    assert found.texts == ("a cat", "a dog")
    assert found.rows.tolist() == [0, 2]
    assert found.rows_read == 4
    assert "2 rows have no text" in " ".join(note.sentence for note in found.notes)
    assert found.label == "label"
    assert found.column("label").values.tolist() == ["x", "3"]
    assert found.column("size").kind == "number"
    assert found.column("size").missing.tolist() == [False, True]
    np.testing.assert_array_equal(found.vectors[0].values, np.eye(4)[[0, 2]])


@pytest.mark.parametrize(
    ("texts", "more", "said"),
    [
        ([], {}, "There are no texts in “texts”"),
        (["a", 3], {}, "Text 2 is no string but int"),
        (["a", "b"], {"labels": ["x"]}, "“label” has 1 values for 2 texts"),
        (["a", "b"], {"columns": {"n": [1, 2, 3]}}, "“n” has 3 values for 2 texts"),
        (["a", "b"], {"vectors": {"v": np.eye(3)}}, "“v” has 3 rows, but 2 rows were read"),
        (["a", "b"], {"vectors": {"v": [["a"], ["b"]]}}, "holds no matrix of real numbers"),
        ([None, ""], {}, "empty in all 2 rows"),
    ],
)
def test_what_is_wrong_with_texts_is_one_sentence(texts, more, said) -> None:
    with pytest.raises(EmbedlabError, match=said):
        from_texts(texts, **more)


def test_one_string_is_one_text() -> None:
    assert from_texts("hello there").texts == ("hello there",)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "message": ["the cat sat", "a dog barked", None],
            "topic": pd.Categorical(["pet", "pet", "pet"]),
            "when": pd.to_datetime(["2020-01-01T10:00+02:00", None, "2021-05-06T00:00+02:00"]),
            "day": [dt.date(2020, 1, 1), None, dt.date(2021, 1, 1)],
            "count": pd.array([1, None, 3], dtype="Int64"),
            "vector": [np.array([1.0, 0.0]), [0.0, 1.0], None],
            "pairs": [{"a": 1}, [1, "b"], None],
        }
    )


def test_a_frame_keeps_its_types() -> None:
    found = from_frame(frame(), "message", name="tickets")
    assert found.name == "tickets"
    assert found.texts == ("the cat sat", "a dog barked")
    assert found.rows_read == 3
    kinds = {column.name: column.kind for column in found.columns}
    assert kinds["when"] == kinds["day"] == "date"
    assert kinds["count"] == "number"
    assert kinds["topic"] == "category"
    assert found.column("when").shown(0) == "2020-01-01 08:00:00"
    np.testing.assert_array_equal(found.vectors[0].values, [[1, 0], [0, 1]])


def test_other_frames_and_named_indexes_are_read_as_well() -> None:
    table = pa.table({"text": ["one text", "two texts"], "n": [1, 2]})
    assert from_frame(table).texts == ("one text", "two texts")
    indexed = pd.DataFrame({"text": ["one text", "two texts"]}, index=pd.Index(["x", "y"], name="id"))
    assert from_frame(indexed, "text").column("id").values.tolist() == ["x", "y"]


def test_what_is_wrong_with_a_frame_is_one_sentence() -> None:
    with pytest.raises(EmbedlabError, match="no data frame but list"):
        from_frame([1, 2])
    with pytest.raises(EmbedlabError, match="There are no texts"):
        from_frame(pd.DataFrame({"text": []}))
    with pytest.raises(EmbedlabError, match="no column named “body”"):
        from_frame(frame(), "body")
    twice = pd.DataFrame([["a b", "c d"]], columns=["text", "text"])
    assert [column.name for column in from_frame(twice, "text").columns] == ["text (2)"]
