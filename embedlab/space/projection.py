"""A place on the map for each text: PCA at once, UMAP when it is ready; and one map turned onto another."""

from __future__ import annotations

import functools
import math
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, Singles, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.encoders.base import Vectors
from embedlab.space.landmarks import Landmarks
from embedlab.space.neighbours import DEFAULT_K, nearest
from embedlab.space.space import LANDMARKS, Distinct, Layout, Neighbours, Space
from embedlab.space.threads import parallel

FEWEST_FOR_UMAP = 5
FEWEST_FOR_SPECTRAL = 100
MOST_FITTED = 100_000
"""Up to so many different vectors UMAP lays out all; of more, `LANDMARKS_OF_MANY`, and each of the others by itself."""
LANDMARKS_OF_MANY = 50_000
PCA_SAMPLE = 20_000
_BLOCK = 1 << 16  # vectors that are worked on at once
FEWEST_EPOCHS, MOST_EPOCHS = 80, 200
STEPS = 1_000_000  # epochs times texts: the time for a map then grows no further until 12,500 texts
SECONDS_BETWEEN_REPORTS = 0.2
ALIGNED_BY = "orthogonal Procrustes, to the same size"


@dataclass(frozen=True)
class LayoutSettings:
    """What UMAP lets one choose (McInnes, Healy & Melville 2018), with its defaults.

    `n_neighbors`: how many neighbours each text tries to stay near; small shows detail, large the whole.
    `min_dist`: how tightly texts may be packed, 0 to 1, in map units.
    `epochs`: passes over the neighbour graph; `negative_sample_rate`: how many random texts push each text away at
    every step. None lets the number of texts decide: fewer passes (200 up to 5,000 texts, then ever fewer, 80 from
    12,500 on) with more pushes (12, then 10) than UMAP's own 500 or 200 with 5 keep more true neighbours in less time.
    `dimensions`: 2 or 3. `seed` fixes every random step: the same seed gives the same map on one machine.
    `landmarks`: how many of the different vectors are laid out, drawn evenly, where each of the others is then placed
    among them (`embedlab.space.landmarks`). None lays out all up to 100,000, and 50,000 of more.
    """

    n_neighbors: int = 15
    min_dist: float = 0.1
    epochs: int | None = None
    negative_sample_rate: int | None = None
    dimensions: int = 2
    seed: int = 0
    landmarks: int | None = None

    def __post_init__(self) -> None:
        if self.landmarks is not None and self.landmarks < FEWEST_FOR_UMAP:
            raise EmbedlabError(f"A map needs {FEWEST_FOR_UMAP} landmarks or more, not {self.landmarks}: choose 50000.")
        if self.n_neighbors < 2:
            raise EmbedlabError(f"A layout needs 2 neighbours or more, not {self.n_neighbors}: choose 15, for example.")
        if not 0 <= self.min_dist <= 1:
            raise EmbedlabError(f"The minimum distance lies between 0 and 1, not at {self.min_dist:g}: choose 0.1.")
        if self.dimensions not in (2, 3):
            raise EmbedlabError(f"A map has 2 or 3 dimensions, not {self.dimensions}: choose one of them.")
        if not 0 <= self.seed < 2**32:
            raise EmbedlabError(
                f"A seed is a whole number from 0 to {2**32 - 1}, not {self.seed}: choose one of these."
            )


def pca(space: Space, dimensions: int = 2) -> Layout:
    """Return the projection of the distinct vectors on their first principal components.

    Beyond 20,000 texts the components come from an even sample of them. Signs are fixed (the largest loading
    is positive), so that the same space always gives the same picture.
    """
    return _layout(space, _principal(space.vectors, space.distinct[0], dimensions), "PCA", {"dimensions": dimensions})


def umap(
    space: Space,
    neighbours: Neighbours,
    settings: LayoutSettings | None = None,
    report: Report = no_report,
) -> Layout:
    """Return UMAP's layout, from the neighbours.

    The distinct vectors are laid out; copies, and texts of one vector, share one place. Fewer than five of
    them are too few for UMAP: their principal components are returned, and `method` says so. Of very many only
    landmarks are laid out, from their own exact neighbours, and each other one is placed among these by itself
    (`LayoutSettings.landmarks`); the result's settings then say how many landmarks there are.
    """
    settings = settings or LayoutSettings()
    distinct = neighbours.apart
    if len(distinct) < FEWEST_FOR_UMAP:
        return pca(space, settings.dimensions)
    most = settings.landmarks or (LANDMARKS_OF_MANY if len(distinct) > MOST_FITTED else len(distinct))
    if most >= len(distinct):
        rows = distinct.rows
        vectors = space.vectors if len(rows) == len(space) else space.vectors[rows]
        positions, used = _fit(vectors, distinct.indices, distinct.cosines, settings, report)
        return _layout(space, positions, "UMAP", used)
    positions, used = _around_landmarks(space, distinct, most, settings, report)
    return _layout(space, positions, "UMAP", used | {LANDMARKS: most})


def _around_landmarks(
    space: Space, distinct: Distinct, most: int, settings: LayoutSettings, report: Report
) -> tuple[Singles, dict[str, Any]]:
    """Return places for the distinct vectors, float32 (u, dims), of which `most` are laid out, and the settings."""
    chosen = np.sort(np.random.default_rng(settings.seed).choice(len(distinct), most, replace=False))
    marks = space.vectors[distinct.rows[chosen]]
    near = nearest(marks, min(max(DEFAULT_K, settings.n_neighbors), most - 1), report)
    fitted, used = _fit(marks, *near, settings, report)
    others = np.setdiff1d(np.arange(len(distinct)), chosen)
    positions = np.empty((len(distinct), settings.dimensions), dtype=np.float32)
    positions[chosen] = fitted
    positions[others] = Landmarks(marks, fitted).place(space.vectors, distinct.rows[others], report).positions
    return positions, used


def _fit(
    vectors: Vectors, indices: NDArray[np.int32], cosines: Singles, settings: LayoutSettings, report: Report
) -> tuple[Singles, dict[str, Any]]:
    """Return UMAP's places for vectors (u, d) with these neighbours, float32 (u, dims), and with what settings."""
    count = len(vectors)
    n_neighbors = min(settings.n_neighbors, count - 1, indices.shape[1] + 1)
    epochs = settings.epochs or min(MOST_EPOCHS, max(FEWEST_EPOCHS, STEPS // count))
    rate = settings.negative_sample_rate or (12 if STEPS // count > FEWEST_EPOCHS else 10)
    model = _module().UMAP(
        n_neighbors=n_neighbors,
        n_components=settings.dimensions,
        min_dist=settings.min_dist,
        spread=max(1.0, settings.min_dist),
        n_epochs=epochs,
        negative_sample_rate=rate,
        metric="cosine",
        init=_start(vectors, settings),
        random_state=settings.seed,
        precomputed_knn=_with_self(indices, cosines, n_neighbors),
        force_approximation_algorithm=True,
        tqdm_kwds={"report": report},
    )
    with parallel:
        positions = model.fit_transform(vectors)
    used = asdict(settings) | {"n_neighbors": n_neighbors, "epochs": epochs, "negative_sample_rate": rate}
    del used[LANDMARKS]
    return np.asarray(positions, dtype=np.float32), used


def _layout(space: Space, positions: Singles, method: str, used: dict[str, Any]) -> Layout:
    centred = positions - positions.mean(axis=0)
    everyone = np.ascontiguousarray(centred[space.distinct[1]], dtype=np.float32)
    return Layout(frozen(everyone), method, tuple(used.items()), space.fingerprint)


def _principal(vectors: Vectors, rows: Rows, dimensions: int) -> Singles:
    """Return the first principal components of the vectors at `rows`, float32 (u, dimensions)."""
    sample = vectors[rows[:: max(1, len(rows) // PCA_SAMPLE)]]
    mean = sample.mean(axis=0)
    centred = (sample - mean).astype(np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)
    components = directions[:, ::-1][:, :dimensions]
    largest = np.abs(components).argmax(axis=0)
    components = (components * np.sign(components[largest, np.arange(components.shape[1])])).astype(np.float32)
    blocks = (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
    found = np.concatenate([(vectors[block] - mean) @ components for block in blocks])
    flat = dimensions - found.shape[1]
    return np.pad(found, ((0, 0), (0, flat))) if flat > 0 else found


def _with_self(indices: NDArray[np.int32], cosines: Singles, count: int) -> tuple[NDArray[np.int32], Singles]:
    """Return indices and cosine distances (u, count) as UMAP wants them: each text first among its own."""
    own = np.arange(len(indices), dtype=np.int32)[:, None]
    near = np.maximum(1.0 - cosines[:, : count - 1], 0.0)
    distances = np.hstack([np.zeros((len(indices), 1), dtype=np.float32), near])
    joined = np.hstack([own, indices[:, : count - 1]])
    return np.ascontiguousarray(joined), np.ascontiguousarray(distances, dtype=np.float32)


def _start(vectors: Vectors, settings: LayoutSettings) -> str | Singles:
    """Return where UMAP's points begin.

    Laplacian eigenvectors, found from a truncated SVD, keep more true neighbours than principal components do
    and cost less than UMAP's default way to them; on a few points their solver gives up.
    """
    if len(vectors) > FEWEST_FOR_SPECTRAL:
        return "tswspectral"
    start = _principal(vectors, np.arange(len(vectors)), settings.dimensions)
    start = start * (10.0 / max(float(np.abs(start).max()), 1e-12))
    noise = np.random.default_rng(settings.seed).normal(scale=1e-4, size=start.shape)
    return (start + noise).astype(np.float32)


def _epochs(epochs: range, report: Report = no_report, **_: Any) -> Iterator[int]:
    """Stand in for UMAP's progress bar, which is the one place where it says how far it is.

    The bar itself (tqdm) can't be stopped from inside: it would keep its lock, and the next thread wait for ever.
    """
    watch = Stopwatch("Laying out the map", len(epochs), report)
    watch.at(0)
    said = time.monotonic()
    for epoch in epochs:
        yield epoch
        if time.monotonic() - said >= SECONDS_BETWEEN_REPORTS or epoch + 1 == len(epochs):
            said = time.monotonic()
            watch.at(epoch + 1)


_loading = threading.Lock()


@functools.cache
def _module() -> ModuleType:
    """Import umap, one thread at a time, and switch numba's on-disk cache on for its functions.

    Otherwise every new process compiles for six seconds what the last one had compiled already.
    """
    with _loading:
        # It warns of fewer neighbours, of seeds and of a missing search index, all chosen here.
        warnings.filterwarnings("ignore", category=UserWarning, module="umap")
        import umap
        import umap.layouts
        import umap.umap_
        import umap.utils
        from numba.core.registry import CPUDispatcher

        for module in (umap.layouts, umap.umap_, umap.utils):
            for function in vars(module).values():
                if isinstance(function, CPUDispatcher) and not function.stats.cache_path:
                    function.enable_caching()
        umap.layouts.tqdm = _epochs
        loaded: ModuleType = umap
        return loaded


# --- One map turned onto another --------------------------------------------------------------


def procrustes(moving: Layout, onto: Layout, rows: NDArray[np.integer] | None = None) -> Layout:
    """Return `moving` shifted, turned or mirrored, and scaled to the size of `onto`, so that its texts lie near theirs.

    The turn is the best by least squares (Schönemann 1966; Gower 1975), over all texts or over `rows`, those of the
    distinct texts, so that a text does not pull as often as it is repeated. The scale makes both spreads equal: by
    least squares the map would shrink, the more the less both have in common. No two distances change their ratio.

    The settings of the result say how it was `aligned`, and the `residual`: the part of the spread that would remain
    with the best scale, 0 (the same picture) to 1 (nothing in common, as when all texts lie in one place). Raises
    `EmbedlabError` for maps of different dimensions or numbers of texts.
    """
    if moving.positions.shape != onto.positions.shape:
        raise EmbedlabError(
            f"A map of {_size(moving)} can't be laid over one of {_size(onto)}: draw both of the same texts, and with "
            "the same dimensions."
        )
    chosen = slice(None) if rows is None else rows
    source = moving.positions[chosen].astype(np.float64)
    target = onto.positions[chosen].astype(np.float64)
    middle, centre = source.mean(axis=0), target.mean(axis=0)
    turn, scale, residual = _fitted(source - middle, target - centre)
    placed = ((moving.positions - middle) @ turn * scale + centre).astype(np.float32)
    used = (*moving.settings, ("aligned", ALIGNED_BY), ("residual", residual))
    return replace(moving, positions=frozen(placed), settings=used)


def _fitted(source: Floats, target: Floats) -> tuple[Floats, float, float]:
    """Return the orthogonal matrix, the scale and the residual that bring centred `source` to `target`."""
    from scipy.linalg import orthogonal_procrustes

    size, wanted = float((source**2).sum()), float((target**2).sum())
    if not size or not wanted:
        return np.eye(source.shape[1]), 1.0, 1.0
    turn, reached = orthogonal_procrustes(source, target)
    return turn, math.sqrt(wanted / size), max(0.0, 1 - float(reached) ** 2 / (size * wanted))


def _size(layout: Layout) -> str:
    return f"{counted(len(layout.positions), 'text')} in {counted(layout.dimensions, 'dimension')}"
