"""Different texts with one vector: one place, one cluster, no figure that means nothing, and a sentence with counts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

import embedlab as el
from embedlab.corpus.reading.given import from_texts
from embedlab.encoders.base import unit
from embedlab.explore.explain import standing
from embedlab.space.clusters import cluster
from embedlab.space.distinct import NO_DIFFERENCE, distinct_vectors
from embedlab.space.neighbours import neighbours
from embedlab.space.space import Space
from tests.sentences import says

RNG = np.random.default_rng(0)
APART = RNG.normal(size=(120, 16))


def space_of(vectors: NDArray[np.floating], texts: list[str] | None = None) -> Space:
    given = texts or [f"The text of number {number} is about {number % 7}" for number in range(len(vectors))]
    return el.embed(from_texts(given, vectors={"own": vectors}), vectors="own")


def half_equal(noise: float = 0.0) -> NDArray[np.float64]:
    """Return 120 vectors of which every second is the first one, but for noise."""
    vectors = APART.copy()
    vectors[::2] = APART[0]
    return vectors + noise * RNG.normal(size=vectors.shape)


def test_distinct_vectors_are_numbered_in_order_of_first_appearance() -> None:
    rows, place = distinct_vectors(unit(np.array([[1.0, 0], [0, 1], [2, 0], [0, 3], [-1, 0]])))
    assert rows.tolist() == [0, 1, 4]
    assert place.tolist() == [0, 1, 0, 1, 2]


@pytest.mark.parametrize("noise", [0, 1e-9, 1e-7, 1e-5])
def test_what_is_rounding_is_no_difference(noise: float) -> None:
    space = space_of(half_equal(noise))
    assert len(space.distinct[0]) == 61
    assert len(np.unique(space.distinct[1][::2])) == 1


def test_small_steps_are_not_strung_together() -> None:
    turns = np.linspace(0, 6, 3_000)
    rows, _ = distinct_vectors(unit(np.stack([np.cos(turns), np.sin(turns)], axis=1)))
    assert len(rows) == 3_000
    close = np.arange(2_000) * NO_DIFFERENCE / 4
    rows, _ = distinct_vectors(unit(np.stack([np.cos(close), np.sin(close)], axis=1)))
    assert 100 < len(rows) < 1_000


def test_no_vectors_at_all() -> None:
    rows, place = distinct_vectors(np.empty((0, 3), dtype=np.float32))
    assert len(rows) == len(place) == 0


@pytest.mark.parametrize("noise", [0, 1e-6])
def test_equal_vectors_are_one_cluster_in_one_place(noise: float) -> None:
    found = el.explore(space_of(half_equal(noise)))
    assert len(np.unique(found.clusters.labels[::2])) == 1
    assert len(np.unique(found.layout.positions[::2], axis=0)) == 1
    assert says(found.space.doubt, "no difference", 60, 120)
    assert found.doubt.startswith(found.space.doubt)
    assert found.facts()["doubt"] == found.doubt


@pytest.mark.parametrize("vectors", [np.ones((100, 16)), np.full((100, 3), 1e-200), np.ones((100, 1))])
def test_all_vectors_equal(vectors: NDArray[np.float64]) -> None:
    found = el.explore(space_of(vectors))
    assert found.count == 1
    assert says(found.space.doubt, "no difference", 100, "same vector")
    assert found.trust is not None
    assert found.trust.k == 0
    assert found.facts()["trustworthiness"] is None
    assert says(standing(found.space).sentence(1.0), "4,950", "no difference")


@pytest.mark.parametrize("kinds", [2, 3, 12])
def test_a_few_vectors_of_many_texts_are_a_cluster_each(kinds: int) -> None:
    space = space_of(np.eye(kinds)[np.arange(60) % kinds])
    assert cluster(neighbours(space)).sizes.tolist() == [60 // kinds] * kinds
    assert says(space.doubt, "no difference", 60, 60, kinds)


def test_lonely_vectors_beside_one_of_many_texts_are_not_a_cluster_each() -> None:
    space = space_of(np.where((np.arange(120) < 108)[:, None], APART[0], APART))
    found = cluster(neighbours(space))
    assert found.count < 6
    assert len(np.unique(found.labels[:108])) == 1


def test_copies_and_capitals_are_no_reason_for_doubt() -> None:
    texts = ["one"] * 30 + ["ONE", "One "] + [f"text {number}" for number in range(30)]
    assert space_of(np.vstack([APART[[0] * 32], APART[1:31]]), texts).doubt == ""


@pytest.mark.parametrize("count", range(1, 11))
@pytest.mark.parametrize("of", ["apart", "equal", "line", "two"])
def test_few_texts_give_finite_places_and_json(count: int, of: str) -> None:
    made = {
        "apart": APART[:count], "equal": APART[:1].repeat(count, 0), "line": np.outer(APART[:count, 0], APART[0]),
        "two": np.eye(2)[np.arange(count) % 2],
    }  # fmt: skip
    found = el.explore(space_of(made[of]))
    assert np.isfinite(found.layout.positions).all()
    json.dumps(found.facts(), allow_nan=False)
    assert found.trust is not None
    assert "nan" not in found.sentence


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e-44, 1e30, 1e200, 1e300])
def test_lengths_of_vectors_never_over_or_underflow(scale: float) -> None:
    np.testing.assert_allclose(space_of(APART * scale).vectors, space_of(APART).vectors, atol=1e-6)
    np.testing.assert_allclose(unit(APART * scale), unit(APART), atol=1e-6)
    if 1e-38 < scale < 1e38:
        np.testing.assert_allclose(unit((APART * scale).astype(np.float32)), unit(APART), atol=1e-6)


def test_lengths_differ_from_row_to_row() -> None:
    scales = 10.0 ** RNG.integers(-250, 250, size=(120, 1))
    np.testing.assert_allclose(space_of(APART * scales).vectors, space_of(APART).vectors, atol=1e-6)


@pytest.mark.parametrize("bad", [np.inf, np.nan, 0])
def test_a_row_without_a_usable_vector_is_named(bad: float) -> None:
    vectors = APART.astype(np.float16)
    vectors[3] = bad
    with pytest.raises(el.EmbedlabError, match=r"row 4"):
        space_of(vectors)


def test_a_number_without_end_in_a_list() -> None:
    import pandas as pd

    frame = pd.DataFrame({"text": ["one text", "another text"], "v": [[10**400, 1], [1.0, 2.0]]})
    with pytest.raises(el.EmbedlabError, match="no usable vector"):
        el.embed(el.from_frame(frame), vectors="v")
