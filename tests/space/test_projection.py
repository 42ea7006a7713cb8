"""Layouts: the same seed, the same map; few points, copies and stops are no trouble."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.progress import Progress
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space import Layout, Space, projection
from embedlab.space.neighbours import neighbours
from embedlab.space.projection import LayoutSettings, pca, umap

ROOT = Path(__file__).parents[2]
QUICK = LayoutSettings(epochs=30)
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:umap.umap_")


def space_of(vectors: NDArray[Any], texts: list[str] | None = None) -> Space:
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    corpus = Corpus.of(texts or [str(number) for number in range(len(unit))])
    card = EncoderInfo("given", "", unit.shape[1], 8, "numpy")
    return Space(corpus, card, frozen(unit), frozen(np.zeros(len(unit), dtype=bool)))


def random(count: int, dimensions: int = 16, seed: int = 0) -> Space:
    return space_of(np.random.default_rng(seed).standard_normal((count, dimensions)))


def laid_out(space: Space, settings: LayoutSettings = QUICK, k: int = 30) -> Layout:
    return umap(space, neighbours(space, k), settings)


def check(found: Layout, count: int, dimensions: int = 2) -> None:
    assert found.positions.shape == (count, dimensions)
    assert found.dimensions == dimensions
    assert found.positions.dtype == np.float32
    assert np.isfinite(found.positions).all()
    assert not found.positions.flags.writeable


def groups(count: int = 3, each: int = 60, noise: float = 0.03) -> tuple[Space, NDArray[np.intp]]:
    members = np.repeat(np.arange(count), each)
    rng = np.random.default_rng(1)
    return space_of(np.eye(count, 32)[members] + rng.normal(scale=noise, size=(len(members), 32))), members


@pytest.mark.parametrize("count", [60, 150])
def test_the_same_seed_gives_the_same_map(count: int) -> None:
    """Up to 100 texts start from their principal components, more from the graph's eigenvectors."""
    space = random(count)
    one, same = laid_out(space), laid_out(space)
    check(one, count)
    assert one.positions.tobytes() == same.positions.tobytes()
    assert one.fingerprint == same.fingerprint
    other = laid_out(space, LayoutSettings(epochs=30, seed=1))
    assert not np.allclose(other.positions, one.positions)
    assert other.fingerprint != one.fingerprint


def test_groups_stay_together() -> None:
    space, members = groups()
    positions = laid_out(space, LayoutSettings(epochs=100)).positions
    distances = np.linalg.norm(positions[:, None] - positions, axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argsort(axis=1)[:, :10]
    assert (members[nearest] == members[:, None]).mean() > 0.95


def test_settings_are_said() -> None:
    space = random(40)
    found = laid_out(space, LayoutSettings(n_neighbors=10, min_dist=0.5, dimensions=3, seed=4))
    assert (found.method, found.space) == ("UMAP", space.fingerprint)
    assert dict(found.settings) == {
        "n_neighbors": 10,
        "min_dist": 0.5,
        "epochs": 200,
        "negative_sample_rate": 12,
        "dimensions": 3,
        "seed": 4,
    }


@pytest.mark.parametrize("count", [60, 150])
def test_three_dimensions(count: int) -> None:
    found = laid_out(random(count), LayoutSettings(epochs=30, dimensions=3))
    check(found, count, 3)
    assert np.linalg.matrix_rank(found.positions) == 3


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize(
    ("count", "method"), [(1, "PCA"), (2, "PCA"), (3, "PCA"), (4, "PCA"), (5, "UMAP"), (6, "UMAP")]
)
def test_a_few_texts(count: int, method: str, dimensions: int) -> None:
    found = laid_out(random(count), LayoutSettings(epochs=30, dimensions=dimensions))
    check(found, count, dimensions)
    assert found.method == method


@pytest.mark.parametrize(("count", "k", "used"), [(8, 30, 7), (15, 30, 14), (16, 30, 15), (120, 4, 5), (120, 1, 2)])
def test_fewer_texts_or_neighbours_than_asked_for(count: int, k: int, used: int) -> None:
    found = laid_out(random(count), k=k)
    check(found, count)
    assert dict(found.settings)["n_neighbors"] == used


@pytest.mark.parametrize("count", [20, 120])
def test_different_texts_with_one_vector(count: int) -> None:
    check(laid_out(space_of(np.ones((count, 8)))), count)


def test_a_graph_in_many_pieces() -> None:
    space, _ = groups(count=30, each=5, noise=1e-3)
    check(laid_out(space, k=4), 150)


def test_copies_change_nothing_for_the_others() -> None:
    alone = random(50)
    which = np.append(np.arange(50), np.arange(7))
    corpus = Corpus.of([str(number) for number in which])
    together = Space(corpus, alone.card, alone.vectors[which], alone.over_window[which])
    expected = laid_out(alone).positions
    assert np.array_equal(laid_out(together).positions, expected[which])


def test_copies_share_a_place() -> None:
    rng = np.random.default_rng(2)
    which = rng.permutation(np.repeat(np.arange(50), 3))
    space = space_of(rng.standard_normal((50, 16))[which], [str(number) for number in which])
    for found in (laid_out(space), pca(space)):
        check(found, 150)
        assert len(np.unique(found.positions, axis=0)) == 50
        for number in range(50):
            assert len(np.unique(found.positions[which == number], axis=0)) == 1


@pytest.mark.parametrize("count", [1, 2, 300])
def test_all_rows_the_same(count: int) -> None:
    found = laid_out(space_of(np.ones((count, 4)), ["same"] * count))
    check(found, count)
    assert found.method == "PCA"
    assert not found.positions.any()


def test_progress_reaches_the_total() -> None:
    seen: list[Progress] = []
    space = random(60)
    umap(space, neighbours(space), LayoutSettings(epochs=40), seen.append)
    assert {(progress.stage, progress.total) for progress in seen} == {("Laying out the map", 40)}
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[-1] == 40


STOPPING = """
import threading
from test_projection import *
from embedlab.base.progress import Job

space = random(300)
near = neighbours(space)
laid_out(space)
started = threading.Event()
job = Job(lambda report: umap(space, near, LayoutSettings(epochs=1_000_000), lambda p: (started.set(), report(p))))
started.wait()
job.stop()
print(job.wait(30), job.stopped, flush=True)

waiting = threading.Event()
for _ in range(3):  # a new thread may not get the identity of the old one
    threading.Thread(target=waiting.wait, daemon=True).start()
job = Job(lambda report: umap(space, near, QUICK, report))
print(job.wait(10), flush=True)
os._exit(0)
"""


def test_a_stop_stops_and_the_next_layout_in_another_thread_runs() -> None:
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parents[1]), str(Path(__file__).parent)])
    environment = os.environ | {"PYTHONPATH": path}
    command = [sys.executable, "-c", STOPPING]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines() == ["True True", "True"]


def test_pca_equals_scikit_learn_up_to_sign() -> None:
    from sklearn.decomposition import PCA

    space = random(200, 12)
    found = pca(space, 3)
    check(found, 200, 3)
    assert (found.method, found.settings) == ("PCA", (("dimensions", 3),))
    expected = PCA(3, svd_solver="full").fit_transform(space.vectors.astype(np.float64))
    for axis in range(3):
        one, other = found.positions[:, axis], expected[:, axis]
        assert np.allclose(one, other, atol=1e-5) or np.allclose(one, -other, atol=1e-5)


def test_pca_signs_are_fixed() -> None:
    """The largest loading of each component is positive, whatever order the texts come in."""
    space = random(80, 6)
    found = pca(space).positions
    centred = space.vectors - space.vectors.mean(axis=0)
    loadings, *_ = np.linalg.lstsq(centred.T @ centred, centred.T @ found, rcond=None)
    assert (loadings[np.abs(loadings).argmax(axis=0), [0, 1]] > 0).all()
    order = np.random.default_rng(3).permutation(80)
    shuffled = space_of(space.vectors[order], [str(number) for number in order])
    assert np.allclose(pca(shuffled).positions, found[order], atol=1e-5)


def test_pca_of_many_texts_rests_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    stretched = np.random.default_rng(4).standard_normal((2_000, 6)) * [3, 2, 1, 1, 1, 1] + [0, 0, 9, 0, 0, 0]
    space = space_of(stretched)
    whole = pca(space).positions
    monkeypatch.setattr(projection, "PCA_SAMPLE", 500)
    sampled = pca(space).positions
    check(pca(space), 2_000)
    assert not np.array_equal(sampled, whole)
    for axis in (0, 1):
        assert np.corrcoef(sampled[:, axis], whole[:, axis])[0, 1] > 0.99


@pytest.mark.parametrize("columns", [1, 2])
def test_pca_of_fewer_dimensions_than_asked_for(columns: int) -> None:
    space = space_of(np.random.default_rng(5).standard_normal((10, columns)))
    found = pca(space, 3)
    check(found, 10, 3)
    assert not found.positions[:, columns:].any()


def test_a_layout_is_centred() -> None:
    assert np.allclose(laid_out(random(60)).positions.mean(axis=0), 0, atol=1e-4)
