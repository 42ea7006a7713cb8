"""One map laid over another."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import procrustes as reference

from embedlab.base.errors import EmbedlabError
from embedlab.space.projection import ALIGNED_BY, procrustes
from embedlab.space.space import Layout


def map_of(positions: NDArray[np.floating], settings: tuple[tuple[str, str | int | float], ...] = ()) -> Layout:
    return Layout(np.asarray(positions, dtype=np.float32), "UMAP", settings, "space")


def residual(layout: Layout) -> float:
    return float(dict(layout.settings)["residual"])


def points(count: int = 40, dimensions: int = 2, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(count, dimensions)) * [3.0, 1.0, 0.5][:dimensions]


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("mirrored", [True, False])
def test_a_map_turned_mirrored_scaled_and_shifted_comes_back(dimensions: int, mirrored: bool) -> None:
    onto = points(dimensions=dimensions)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(dimensions, dimensions)))[0]
    if mirrored == (np.linalg.det(turn) > 0):
        turn[:, 0] *= -1
    moving = map_of(onto @ turn * 5 + 7, (("seed", 3),))
    found = procrustes(moving, map_of(onto))
    np.testing.assert_allclose(found.positions, onto, atol=1e-4)
    assert residual(found) == pytest.approx(0, abs=1e-6)
    assert found.settings[0] == ("seed", 3)
    assert dict(found.settings)["aligned"] == ALIGNED_BY
    assert (found.method, found.space) == ("UMAP", "space")
    assert found.fingerprint != moving.fingerprint
    assert found.positions.dtype == np.float32
    assert not found.positions.flags.writeable


def test_the_residual_is_scipys_disparity() -> None:
    one, other = points(seed=0), points(seed=5) + 0.5 * points(seed=0)
    found = procrustes(map_of(one), map_of(other))
    assert residual(found) == pytest.approx(reference(other, one)[2], abs=1e-5)


def test_both_have_the_same_size_and_no_turn_is_better() -> None:
    """Unrelated places: by least squares the one map would shrink to a point."""
    one, other = points(seed=0), points(seed=5)
    found = procrustes(map_of(one), map_of(other)).positions.astype(np.float64)
    assert (found - found.mean(axis=0)).std() == pytest.approx((other - other.mean(axis=0)).std(), rel=1e-4)
    np.testing.assert_allclose(found.mean(axis=0), other.mean(axis=0), atol=1e-5)
    best = ((found - other) ** 2).sum()
    middle = found.mean(axis=0)
    for degrees in (-20, -2, 2, 20, 180):
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        assert (((found - middle) @ [[c, -s], [s, c]] + middle - other) ** 2).sum() > best


def test_the_shape_does_not_change() -> None:
    one = points(seed=0)
    found = procrustes(map_of(one), map_of(points(seed=5))).positions
    apart, before = (np.linalg.norm(p[:, None] - p[None], axis=2)[np.triu_indices(40, 1)] for p in (found, one))
    np.testing.assert_allclose(apart / before, (apart / before)[0], rtol=1e-3)


def test_a_repeated_text_does_not_pull_the_map_over() -> None:
    onto = points(20)
    moving = points(20, seed=3)
    again = [*range(20), *[0] * 500]
    alone = procrustes(map_of(moving), map_of(onto))
    found = procrustes(map_of(moving[again]), map_of(onto[again]), rows=np.arange(20))
    np.testing.assert_allclose(found.positions[:20], alone.positions, atol=1e-5)
    assert residual(found) == pytest.approx(residual(alone), abs=1e-9)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_everything_in_one_place(count: int) -> None:
    place = map_of(np.full((count, 2), 3.0))
    for moving, onto in ((place, map_of(points(count))), (map_of(points(count)), place), (place, place)):
        found = procrustes(moving, onto)
        assert np.isfinite(found.positions).all()
        np.testing.assert_allclose(found.positions.mean(axis=0), onto.positions.mean(axis=0), atol=1e-5)


def test_maps_that_do_not_fit_are_refused() -> None:
    with pytest.raises(EmbedlabError, match="A map of 5 texts in 2 dimensions can't be laid over one of 5 texts in 3"):
        procrustes(map_of(points(5)), map_of(points(5, 3)))
    with pytest.raises(EmbedlabError, match="can't be laid over one of 6 texts"):
        procrustes(map_of(points(5)), map_of(points(6)))
