"""Parquet as it is written: names of labels, binary strings, vectors, far dates, and too much in too little."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
import uuid
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.reading.table import read_table
from tests.sentences import says

TEXTS = ["The printer does not work.", "My order never arrived.", "Thank you for the help."]


def read(columns: dict[str, object], metadata: dict[str, object] | None = None, **how: object):
    table = pa.table({"text": TEXTS, **columns})
    if metadata:
        table = table.replace_schema_metadata({key: json.dumps(value) for key, value in metadata.items()})
    file = io.BytesIO()
    pq.write_table(table, file, **how)
    return read_table(file.getvalue(), "a.parquet")


NAMES = {"names": ["neg", "pos"], "_type": "ClassLabel"}


@pytest.mark.parametrize(
    "metadata",
    [
        {"huggingface": {"info": {"features": {"label": NAMES}}}},
        {"huggingface": {"features": {"label": {"names": ["neg", "pos"], "num_classes": 2, "_type": "ClassLabel"}}}},
        {
            "dataset_info": {
                "features": [{"name": "label", "dtype": {"class_label": {"names": {"0": "neg", "1": "pos"}}}}]
            }
        },
    ],
)
def test_labels_have_their_names(metadata: dict[str, object]) -> None:
    table = read({"label": [0, 1, -1]}, metadata)
    assert table.column("label").values.tolist() == ["neg", "pos", None]
    assert table.guessed_label == "label"


def test_labels_in_lists_and_structures_have_their_names() -> None:
    features = {"tags": {"feature": NAMES, "_type": "Sequence"}, "old": [NAMES], "in": {"it": NAMES}}
    columns = {"tags": [[0, 1], [1], []], "old": [[1], [0], None], "in": [{"it": 1}, {"it": 7}, None]}
    table = read(columns, {"huggingface": {"info": {"features": features}}})
    assert table.column("tags").values.tolist() == ["neg, pos", "pos", None]
    assert table.column("old").values.tolist() == ["pos", "neg", None]
    assert table.column("in.it").values.tolist() == ["pos", "7", None]


@pytest.mark.parametrize(
    "spoilt", [b"{", b"[]", b'{"info": 3}', b'{"info": {"features": {"label": {"names": 3}}}}', b"\xff"]
)
def test_metadata_that_say_nothing_harm_nothing(spoilt: bytes) -> None:
    file = io.BytesIO()
    pq.write_table(
        pa.table({"text": TEXTS, "label": [0, 1, 0]}).replace_schema_metadata({b"huggingface": spoilt}), file
    )
    assert read_table(file.getvalue(), "a.parquet").column("label").values.tolist() == [0, 1, 0]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
def test_strings_that_were_stored_as_binary_are_text(kind: pa.DataType) -> None:
    table = read({"said": pa.array([b"un caf\xc3\xa9", None, b"a\nb"], kind), "picture": [b"\x89PNG\x00"] * 3})
    assert table.column("said").values.tolist() == ["un café", None, "a\nb"]
    assert any(says(note.sentence, 1, "“picture”") for note in table.notes)


def test_structures_maps_and_lists_are_columns() -> None:
    table = read(
        {
            "st": [{"a": 1, "b": {"c": "x", "pic": b"\xff\xd8"}}, None, {"a": None, "b": {"c": "z", "pic": None}}],
            "map": pa.array([[("k", "v")], [], None], pa.map_(pa.string(), pa.string())),
            "few": [["p", "q"], [], None], "nothing": pa.array([[], [], []], pa.list_(pa.string())),
            "deep": [[["a"], ["b"]], [], None],
        }
    )  # fmt: skip
    assert table.column("st.a").shown(0) == "1"
    assert table.column("st.b.c").values.tolist() == ["x", None, "z"]
    assert table.column("map.k").values.tolist() == ["v", None, None]
    assert table.column("few").values.tolist() == ["p, q", None, None]
    assert table.column("deep").values.tolist() == ['[["a"], ["b"]]', None, None]
    assert any("“st.b.pic”" in note.sentence for note in table.notes)


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint8(), pa.int64(), pa.float16(), pa.float32()])
@pytest.mark.parametrize("fixed", [-1, 10])
def test_lists_of_numbers_are_vectors(kind: pa.DataType, fixed: int) -> None:
    values = [np.arange(10, dtype=kind.to_pandas_dtype())] * 3
    table = read({"v": pa.array([list(one) for one in values], pa.list_(kind, fixed))})
    np.testing.assert_array_equal(table.vectors[0].values, np.array(values, dtype=np.float32))


def test_marks_of_labels_and_ids_of_tokens_are_no_vectors() -> None:
    table = read({"hot": [[0, 1] * 5] * 3, "ids": [[5, 6], [7], None], "short": [[1, 2, 3]] * 3})
    assert table.vectors == ()
    assert table.column("ids").values.tolist() == ["5, 6", "7", None]


def test_dates_beyond_the_calendar_are_missing_and_counted() -> None:
    table = read(
        {
            "s": pa.array([2**40, 86_400, None], pa.timestamp("s")),
            "ms": pa.array([-(2**60), 0, 1], pa.timestamp("ms")),
            "d": pa.array([2**31 - 1, -(2**31), 0], pa.int32()).cast(pa.date32()),
            "inner": pa.array([{"d": 2**31 - 1}, {"d": 0}, None], pa.struct([("d", pa.date32())])),
            "list": pa.array([[2**31 - 1], [0], None], pa.list_(pa.date32())),
            "wait": pa.array([2**62, 1, None], pa.duration("s")),
        }
    )  # fmt: skip
    assert [table.column("d").shown(row) for row in range(3)] == ["", "", "1970-01-01"]
    assert [table.column("s").shown(row) for row in range(2)] == ["", "1970-01-02"]
    said = [note.sentence for note in table.notes if "outside of the years" in note.sentence]
    assert [says(one, count, name, 1, 9999) for one, count, name in zip(
        said, (1, 1, 2, 1, 1), ("“s”", "“ms”", "“d”", "“inner”", "“list”"), strict=True)] == [True] * 5  # fmt: skip
    assert len(table.corpus("text")) == 3


def test_the_other_types() -> None:
    one = uuid.uuid4()
    table = read(
        {
            "money": pa.array([Decimal("1.50"), None, Decimal(2)], pa.decimal128(9, 2)),
            "clock": pa.array([1_000_000, None, 2], pa.time64("us")), "id": pa.array([one.bytes] * 3, pa.uuid()),
            "spoken": pa.array(["a", "b", "a"]).dictionary_encode(),
            "view": pa.array(["x", "y", None], pa.string_view()),
            "day": [dt.date(2024, 1, 2)] * 3, "json": pa.array(['{"a": 1}'] * 3, pa.json_()), "none": pa.nulls(3),
        }
    )  # fmt: skip
    assert table.column("money").values[0] == 1.5
    assert table.column("clock").values[0] == "00:00:01.000000"
    assert table.column("id").values[0] == str(one)
    assert table.column("view").values.tolist() == ["x", "y", None]
    assert table.column("day").shown(0) == "2024-01-02"


def repeated(rows: int, size: int) -> pa.Table:
    once = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["x" * size]))
    return pa.table({"text": once})


@pytest.mark.parametrize("wrapped", ["plain", "in a list", "numbers"])
def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(wrapped: str) -> None:
    table = repeated(20_000, 100_000)
    if wrapped == "in a list":
        inner = table.column("text").chunk(0)
        table = pa.table({"text": ["a b"], "l": pa.ListArray.from_arrays(pa.array([0, 20_000], pa.int32()), inner)})
    if wrapped == "numbers":
        zeros = pa.array(np.zeros(300_000_000, np.int8))
        table = pa.table({"text": ["a b"], "l": pa.ListArray.from_arrays(pa.array([0, len(zeros)], pa.int32()), zeros)})
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", dictionary_pagesize_limit=1 << 30)
    assert len(file.getvalue()) < 20_000
    before, start = pa.total_allocated_bytes(), time.perf_counter()
    with pytest.raises(EmbedlabError, match="would unpack to more than 1 GiB"):
        read_table(file.getvalue(), "a.parquet")
    assert time.perf_counter() - start < 5
    assert pa.total_allocated_bytes() - before < 1 << 28


def test_what_comes_again_often_and_fits_is_read() -> None:
    file = io.BytesIO()
    pq.write_table(repeated(1000, 1000), file, compression="zstd")
    assert len(read_table(file.getvalue(), "a.parquet")) == 1000
