"""Trustworthiness and continuity against scikit-learn, by hand, and on maps too small to tell."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness

from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space.neighbours import neighbours
from embedlab.space.quality import FEWEST, FEWEST_TO_TRUST, Trust, trust
from embedlab.space.space import Layout, Space
from tests.sentences import says


def space_of(vectors: NDArray[np.float64], texts: list[str] | None = None) -> Space:
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    texts = texts or [f"text {number}" for number in range(len(unit))]
    card = EncoderInfo("random", "none", unit.shape[1], 8, "tests")
    return Space(Corpus.of(texts), card, unit, np.zeros(len(unit), dtype=bool))


def layout_of(positions: NDArray[np.float64], method: str = "UMAP") -> Layout:
    return Layout(positions.astype(np.float32), method, (), "space")


def judged(space: Space, layout: Layout, k: int = 15, sample: int = 2000, seed: int = 0) -> Trust:
    return trust(space, neighbours(space), layout, k, sample, seed)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("k", [1, 5, 15])
def test_same_as_scikit_learn(dimensions: int, k: int) -> None:
    rng = np.random.default_rng(0)
    space = space_of(rng.normal(size=(150, 8)))
    layout = layout_of(space.vectors[:, :dimensions] + 0.05 * rng.normal(size=(150, dimensions)))
    found = judged(space, layout, k)
    vectors = space.vectors.astype(np.float64)
    places = layout.positions.astype(np.float64)
    assert found.trustworthiness == pytest.approx(trustworthiness(vectors, places, n_neighbors=k), abs=1e-6)
    assert found.continuity == pytest.approx(trustworthiness(places, vectors, n_neighbors=k), abs=1e-6)
    assert (found.sample, found.margin) == (150, (0.0, 0.0))


def on_a_line(order: list[int]) -> tuple[Space, Layout]:
    """Up to ten texts on an arc, ten degrees apart at first and then more; on the map on a line, in `order`."""
    count = len(order)
    angles = np.radians([0, 10, 21, 33, 46, 60, 75, 91, 108, 126][:count])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    places = np.zeros((count, 2))
    places[order, 0] = [0, 1, 2.1, 3.3, 4.6, 6, 7.5, 9.1, 10.8, 12.6][:count]
    return space_of(vectors), layout_of(places)


def test_by_hand() -> None:
    """With k = 1, and 2 and 3 changed places on the map: 0 1 3 2 4, at 0, 1, 2.1, 3.3, 4.6.

    The nearest on the map are 1 of 0, 0 of 1, 1 of 3, 3 of 2 and 2 of 4. In truth (0, 10, 21, 33, 46 degrees)
    1 is third nearest to 3, after 2 and 4: two ranks off. 3 is second nearest to 2, after 1, and 2 second
    nearest to 4, after 3: one rank off each. The worst is (2 * 5 - 3 - 1) / 2 = 3 ranks a text, 15 in all.
    """
    found = judged(*on_a_line([0, 1, 3, 2, 4]), k=1)
    assert found.trustworthiness == pytest.approx(11 / 15)
    assert found.per_point.tolist() == [1, 1, 0, 0, 0]
    assert found.kept == pytest.approx(0.4)
    assert found.chance == pytest.approx(1 / 4)


def test_a_faithful_map_is_trusted_wholly() -> None:
    found = judged(*on_a_line([0, 1, 2, 3, 4]), k=2)
    assert (found.trustworthiness, found.continuity) == (1, 1)
    assert found.per_point.tolist() == [1] * 5
    said = judged(*on_a_line(list(range(10))), k=2).sentence
    assert said.startswith("Trust this map for groups of like texts and for most of a text's nearest ones")


@pytest.mark.parametrize("count", [3, 4, 5, 9])
def test_so_few_texts_are_near_each_other_on_any_map(count: int) -> None:
    found = judged(*on_a_line(list(range(count))), k=2)
    assert found.trustworthiness == 1 or (math.isnan(found.trustworthiness) and count < FEWEST)
    assert "too few" in found.sentence.lower()
    assert "10" in found.sentence  # the one number from which on it is measured
    assert "1.00" not in found.sentence


def test_a_random_map_is_hardly_better_than_chance() -> None:
    rng = np.random.default_rng(1)
    space = space_of(rng.normal(size=(400, 20)))
    found = judged(space, layout_of(rng.normal(size=(400, 2))))
    assert found.trustworthiness == pytest.approx(0.5, abs=0.05)
    assert found.continuity == pytest.approx(0.5, abs=0.05)
    assert found.kept == pytest.approx(found.chance, abs=0.02)
    assert "hardly better than chance" in found.sentence


@pytest.mark.parametrize(
    ("trustworthiness", "kept", "method", "grouped", "said"),
    [
        (0.97, 0.62, "UMAP", True, "for groups of like texts and for most of a text's nearest ones (about 9 of 15 "
         "lie next to it here), not for distances between groups and their sizes."),
        (0.97, 0.27, "UMAP", True, "for groups of like texts, not for a text's nearest ones (about 4 of 15 "
         "lie next to it here), nor for distances between groups and their sizes."),
        (0.87, 0.07, "UMAP", False, "for which texts are roughly alike, not for a text's nearest ones (about 1 of 15 "
         "lies next to it here), nor for what looks like a group: that is only how the points were "
         "laid out."),
        (0.75, 0.02, "PCA", True, "for its broad regions, not for which texts lie side by side (fewer than one "
         "of a text's 15 nearest lies next to it here); what lies far apart here is far apart in truth, but what "
         "lies close may not be."),
    ],
)  # fmt: skip
def test_one_sentence_with_one_figure_says_what_a_map_is_good_for_and_what_not(
    trustworthiness: float, kept: float, method: str, grouped: bool, said: str
) -> None:
    """A text's nearest ones are never called true where most of them lie elsewhere, however high trustworthiness is."""
    found = Trust(trustworthiness, 0.95, (0, 0), np.full(40, kept, dtype=np.float32), 0.1, 15, 40, 40, 0, method, 2)
    assert found.told(grouped) == f"Trust this map {said}"
    assert len(re.findall(r"\b(?!15\b)\d+", found.told(grouped))) <= 1


def test_a_sample_is_ranked_against_all_texts() -> None:
    rng = np.random.default_rng(2)
    space = space_of(rng.normal(size=(600, 6)))
    layout = layout_of(space.vectors[:, :2])
    whole = judged(space, layout)
    part = judged(space, layout, sample=200, seed=3)
    assert part.sample == 200
    assert part.texts == 600
    assert part.trustworthiness != whole.trustworthiness
    assert abs(part.trustworthiness - whole.trustworthiness) < 2 * part.margin[0]
    assert np.array_equal(part.per_point, whole.per_point)
    assert part.trustworthiness == judged(space, layout, sample=200, seed=3).trustworthiness
    assert "200 (seed 3) of 600 different texts" in part.detail


def test_copies_count_once_and_share_their_trust() -> None:
    space, layout = on_a_line([0, 1, 3, 2, 4])
    again = np.array([0, 1, 2, 3, 4, 4, 4, 0])
    copied = space_of(space.vectors[again].astype(np.float64), [f"text {row}" for row in again])
    found = judged(copied, layout_of(layout.positions[again]), k=1)
    alone = judged(space, layout, k=1)
    assert found.trustworthiness == alone.trustworthiness
    assert found.texts == 5
    assert np.array_equal(found.per_point, alone.per_point[again])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_too_few_texts_to_tell(count: int) -> None:
    found = judged(space_of(np.eye(4)[:count]), layout_of(np.zeros((count, 2))))
    assert math.isnan(found.trustworthiness)
    assert math.isnan(found.continuity)
    assert found.k == 0
    assert np.isnan(found.per_point).all()
    assert found.sentence.startswith("Too few")


def test_all_texts_the_same() -> None:
    found = judged(space_of(np.ones((50, 3)), ["same"] * 50), layout_of(np.zeros((50, 2))))
    assert found.k == 0
    assert found.texts == 1


def test_k_is_lowered_to_what_the_number_of_texts_allows() -> None:
    rng = np.random.default_rng(4)
    for count, k in [(5, 2), (6, 2), (12, 5)]:
        found = judged(space_of(rng.normal(size=(count, 3))), layout_of(rng.normal(size=(count, 2))))
        assert found.k == k
        assert 0 <= found.trustworthiness <= 1
        assert f"with k = {k}:" in found.detail


def test_different_texts_with_one_vector_are_no_errors() -> None:
    """The model can't tell them apart, so no map can get their order wrong, and no figure means anything."""
    rng = np.random.default_rng(5)
    found = judged(space_of(np.ones((40, 3))), layout_of(rng.normal(size=(40, 2))), k=5)
    assert math.isnan(found.trustworthiness)
    assert says(found.sentence, "Too few texts", FEWEST_TO_TRUST, 1)
    assert says(found.detail, "1 different vector")


@pytest.mark.parametrize("count", [12, 40])
def test_where_all_are_equally_alike_nothing_can_be_measured(count: int) -> None:
    found = judged(space_of(np.eye(count)), layout_of(np.random.default_rng(5).normal(size=(count, 2))))
    assert math.isnan(found.trustworthiness)
    assert says(found.sentence, "can't be measured", "equally alike")


def test_the_sentence_depends_on_the_map() -> None:
    space, layout = on_a_line(list(range(10)))
    flat = judged(space, layout, k=2)
    assert "distances between groups and their sizes" in flat.sentence
    linear = judged(space, Layout(layout.positions, "PCA", (), "space"), k=2)
    assert "far apart in truth" in linear.sentence
    deep = np.pad(layout.positions, ((0, 0), (0, 1)))
    assert "turn it" in judged(space, Layout(deep, "UMAP", (), "space"), k=2).sentence
    assert "turn it" not in flat.sentence
