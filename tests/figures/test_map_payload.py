from __future__ import annotations

import base64

import numpy as np
import pytest

from embedlab.corpus import Column, Corpus
from embedlab.figures.map import COLUMNS, Focus, MapLabel, Marker, Points, marks, packed, short
from embedlab.space import Layout

POSITIONS = np.array([[0, 1], [2, 3], [4, 5]], dtype=np.float32)


def test_positions_travel_axis_by_axis_as_float32():
    sent = Points(POSITIONS, ["a", "b", "c"]).place_bytes()
    assert np.frombuffer(sent, dtype="<f4").tolist() == [0, 2, 4, 1, 3, 5]
    deep = Points(np.zeros((3, 3), dtype=np.float32), ["a", "b", "c"]).place_bytes()
    assert len(deep) == 3 * 3 * 4


def test_texts_are_cut_and_values_written_as_a_person_would():
    columns = (
        Column("label", "category", np.array(["x", None, "x"], dtype=object)),
        Column("year", "number", np.array([1991.0, np.nan, 2.5])),
        Column("sent", "date", np.array(["2020-01-02", "NaT", "2020-01-02T03:04"], dtype="datetime64[us]")),
    )
    points = Points(POSITIONS, ["a" * 300, "b", "c"], columns)
    assert points.names == ["label", "year", "sent"]
    assert points.told([0, 1, 2]) == [
        {"text": "a" * 199 + "…", "values": ["x", "1991", "2020-01-02"]},
        {"text": "b", "values": ["", "", ""]},
        {"text": "c", "values": ["x", "2.5", "2020-01-02 03:04:00"]},
    ]
    assert points.told([7, -1]) == [{"text": "", "values": []}] * 2


def test_eight_columns_are_enough_and_names_may_repeat():
    columns = tuple(Column("same", "category", np.array(["x"] * 3, dtype=object)) for _ in range(12))
    points = Points(POSITIONS, ["a", "b", "c"], columns)
    assert points.names == ["same"] * COLUMNS
    assert len(points.told([0])[0]["values"]) == COLUMNS


def test_packed_is_the_same_as_what_is_served():
    points = Points(POSITIONS, ["a", "b", "c"], (Column("n", "number", np.array([1.0, 2.0, 1.0])),))
    found = points.packed(10)
    x = np.frombuffer(base64.b64decode(found["axes"][0]), dtype="<f4")
    codes = np.frombuffer(base64.b64decode(found["columns"][0]["codes"]), dtype="<i4")
    assert x.tolist() == [0, 2, 4]
    assert [found["columns"][0]["values"][code] for code in codes] == ["1", "2", "1"]
    assert found["texts"] == ["a", "b", "c"]


def test_packed_is_little_endian():
    assert packed(np.array([1], dtype=">i4")) == packed(np.array([1], dtype="<i4"))


def test_a_lone_surrogate_is_replaced_and_a_pair_is_kept():
    assert short("a\ud800b", 10) == "a\ufffdb"
    assert short("\U0001f600", 10) == "\U0001f600"
    assert Points(POSITIONS, ["\ud800", "b", "c"]).told([0])[0]["text"] == "\ufffd"


def test_fingerprints_follow_places_and_rows_apart():
    texts = ["a", "b", "c"]
    points = Points(POSITIONS, texts)
    assert Points(POSITIONS.copy(), texts).place == points.place
    moved = Points(POSITIONS + 1, texts)
    assert moved.place != points.place
    assert moved.rows == points.rows
    assert Points(POSITIONS, ["a", "b", "d"]).rows != points.rows


def test_points_of_a_layout_take_its_fingerprints():
    corpus = Corpus.of(["a", "b", "c"])
    layout = Layout(POSITIONS, "PCA", (), "space")
    points = Points.of(layout, corpus)
    assert (points.place, points.rows) == (layout.fingerprint, corpus.fingerprint)


@pytest.mark.parametrize(
    ("positions", "texts"),
    [
        (np.zeros((3, 4), dtype=np.float32), ["a", "b", "c"]),
        (POSITIONS, ["a", "b"]),
        (np.array([[np.nan, 0]], dtype=np.float32), ["a"]),
    ],
)
def test_points_that_cannot_be_drawn_are_refused(positions, texts):
    with pytest.raises(ValueError, match="positions"):
        Points(positions, texts)


def test_marks_are_plain_json():
    found = marks(
        [MapLabel("name", 1, np.float32(2), size=3)],
        Focus(np.int64(4), (np.int32(5),)),  # type: ignore[arg-type]
        Marker("typed", 1, 2, 3, neighbours=(6,)),
    )
    assert found == {
        "labels": [{"text": "name", "at": [1.0, 2.0], "size": 3.0, "code": -1, "level": 0, "parent": -1}],
        "focus": {"row": 4, "neighbours": [5]},
        "placed": {"text": "typed", "at": [1.0, 2.0, 3.0], "neighbours": [6]},
    }
    assert type(found["focus"]["row"]) is int
    assert marks() == {"labels": [], "focus": None, "placed": None}
