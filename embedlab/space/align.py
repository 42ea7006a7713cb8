"""One map turned onto another, so that what is left of the difference is a difference."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, frozen
from embedlab.base.errors import EmbedlabError
from embedlab.space.space import Layout

METHOD = "orthogonal Procrustes, to the same size"


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
    used = (*moving.settings, ("aligned", METHOD), ("residual", residual))
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
    return f"{len(layout.positions):,} texts in {layout.dimensions} dimensions"
