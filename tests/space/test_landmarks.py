"""The rest of a map is placed by itself among landmarks: by hand, whatever comes along, and as part of a map."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.encoders.base import unit
from embedlab.space import Space
from embedlab.space.landmarks import Landmarks
from embedlab.space.neighbours import neighbours
from embedlab.space.projection import LayoutSettings, umap
from embedlab.space.quality import trust


def random(count: int, dimensions: int = 12, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((count, dimensions)))


def space_of(vectors: np.ndarray) -> Space:
    card = EncoderInfo("random", "", vectors.shape[1], 8, "numpy")
    texts = Corpus.of([f"text {at}" for at in range(len(vectors))])
    return Space(texts, card, vectors.astype(np.float32), np.zeros(len(vectors), dtype=bool))


def marks(count: int = 300) -> Landmarks:
    places = np.random.default_rng(1).standard_normal((count, 2)).astype(np.float32)
    return Landmarks(random(count), places)


def test_where_most_of_the_nearest_lie() -> None:
    """Two landmarks near (0, 0) outweigh the nearest one, at (100, 0), and the place is their weighted mean."""
    angles = np.radians([0.0, 10.0, 11.0, 170.0, 171.0])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    places = np.array([[100, 0], [0, 0], [1, 0], [500, 0], [501, 0]], dtype=np.float32)
    held = Landmarks(vectors, places)
    object.__setattr__(held, "reach", np.full(5, 2.0, dtype=np.float32))  # as the nearest two have it
    one = np.array([[np.cos(np.radians(4.0)), np.sin(np.radians(4.0))]], dtype=np.float32)
    found = held.place(one)
    assert found.nearest[0].tolist() == [0, 1, 2, 3, 4]
    squared = 2 - 2 * np.cos(np.radians([4.0, 6.0, 7.0, 166.0, 167.0]))
    weights = np.exp(-(squared - squared[0]) / (squared - squared[0]).mean())
    assert found.positions[0] == pytest.approx([weights[2] / (weights[1] + weights[2]), 0.0], abs=1e-3)
    assert found.agreed[0] == pytest.approx((weights[1] + weights[2]) / weights.sum(), abs=1e-3)


def test_the_same_place_alone_and_in_any_company() -> None:
    held, new = marks(), random(5_000, seed=2)
    together = held.place(new).positions
    for at in (0, 7, 4_999):
        np.testing.assert_allclose(held.place(new[at : at + 1]).positions[0], together[at], atol=1e-4)
    np.testing.assert_allclose(held.place(new[100:107]).positions, together[100:107], atol=1e-4)
    some = np.array([4_000, 3, 77])
    np.testing.assert_allclose(held.place(new, some).positions, together[some], atol=1e-4)


def test_a_landmark_is_placed_at_its_own_place() -> None:
    held = marks()
    found = held.place(held.vectors)
    np.testing.assert_array_equal(found.positions, held.positions)
    assert found.nearest[:, 0].tolist() == list(range(300))
    assert (found.agreed == 1).all()


def test_one_landmark_and_equal_ones() -> None:
    one = Landmarks(random(1), np.array([[3, 4]], dtype=np.float32))
    assert one.place(random(5, seed=3)).positions.tolist() == [[3, 4]] * 5
    equal = Landmarks(np.repeat(random(1), 20, axis=0), np.tile(np.array([[3, 4, 5]], dtype=np.float32), (20, 1)))
    found = equal.place(random(5, seed=3))
    np.testing.assert_allclose(found.positions, [[3, 4, 5]] * 5, rtol=1e-6)
    assert found.nearest.tolist() == [list(range(15))] * 5  # ties are in order


def test_what_has_no_place_is_refused() -> None:
    held, new = marks(), random(4, seed=2)
    new[2, 1] = np.nan
    with pytest.raises(EmbedlabError, match="Row 3 can't be placed: it has a vector that is not finite"):
        held.place(new)
    with pytest.raises(EmbedlabError, match="zeros"):
        held.place(np.zeros((1, 12), dtype=np.float32))
    with pytest.raises(EmbedlabError, match="12 dimensions, and these have 7"):
        held.place(random(2, 7))
    with pytest.raises(ValueError, match="2 places for 3"):
        Landmarks(random(3), np.zeros((2, 2), dtype=np.float32))


def test_a_map_of_landmarks() -> None:
    """Of 1,200 texts in 6 groups 300 are laid out; the others lie in their groups, and it is said."""
    rng = np.random.default_rng(0)
    groups = np.arange(1_200) % 6
    vectors = unit(random(6, 20, seed=5)[groups] + 0.1 * rng.standard_normal((1_200, 20)))
    space = space_of(vectors)
    near = neighbours(space)
    layout = umap(space, near, LayoutSettings(landmarks=300, epochs=60))
    assert layout.landmarks == 300
    assert dict(layout.settings)["landmarks"] == 300
    told = trust(space, near, layout)
    whole = umap(space, near, LayoutSettings(epochs=60))
    assert whole.landmarks is None
    assert "landmarks" not in dict(whole.settings)
    assert told.trustworthiness > trust(space, near, whole).trustworthiness - 0.02
    assert "300 texts were laid out, and each other one was put beside its nearest of these" in told.sentence
    assert "300 of them were laid out by UMAP" in told.detail
    middles = np.stack([layout.positions[groups == group].mean(axis=0) for group in range(6)])
    nearest = ((layout.positions[:, None] - middles) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == groups).mean() > 0.99
    again = umap(space, near, LayoutSettings(landmarks=300, epochs=60))
    np.testing.assert_array_equal(again.positions, layout.positions)


def test_too_few_landmarks() -> None:
    with pytest.raises(EmbedlabError, match="5 landmarks or more, not 4"):
        LayoutSettings(landmarks=4)
