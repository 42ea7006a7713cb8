"""Colours that colour-blind people can tell apart, on a light page and on a dark one.

Distances are Euclidean in OKLab (Ottosson 2020, "A perceptual color space for image processing").
Colour blindness is simulated with the matrices of Machado, Oliveira & Fernandes 2009, "A
Physiologically-based Model for Simulation of Color Vision Deficiency", at full severity.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats

Theme = Literal["light", "dark"]
Vision = Literal["normal", "protanopia", "deuteranopia", "tritanopia"]

BACKGROUND: dict[Theme, str] = {"light": "#ffffff", "dark": "#0e1117"}
MISSING: dict[Theme, str] = {"light": "#b8bcc4", "dark": "#5b6068"}

# Found by simulated annealing on the smallest distance between two colours under all four visions, grey
# included, with a contrast of 3:1 to the background and hues tied between the themes. The order is
# farthest first, so that few labels get very different colours.
PALETTE: dict[Theme, tuple[str, ...]] = {
    "light": (
        "#4363d5", "#9f9610", "#c2173c", "#6a214a", "#f35c76", "#692aa1", "#0e6a48",
        "#153e78", "#8585fa", "#9c5f81", "#7a4f04", "#dc61ce", "#0b985e", "#ba6217",
    ),
    "dark": (
        "#4b96f5", "#c5ef6c", "#b13d0b", "#964198", "#f096a7", "#fcc9fd", "#5de8c6",
        "#006dc5", "#a4b7f1", "#d15d76", "#d5be7c", "#b074cd", "#7dab62", "#e9811a",
    ),
}  # fmt: skip
SIZE = len(PALETTE["light"])

APART = 6  # a label never shares its colour with the labels of its six nearest groups
EVENLY = 1.0  # how much an often used colour counts against a likeness to near labels
TOO_MANY = 1500  # labels beyond which the colours simply repeat in order

_SIMULATION: dict[Vision, Floats] = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(colours: Sequence[str], vision: Vision = "normal") -> Floats:
    """Return OKLab coordinates, float64 (n, 3), of "#rrggbb" colours as a person with this vision sees them."""
    seen = np.clip(_linear(colours) @ _SIMULATION[vision].T, 0, 1)
    return np.asarray(np.cbrt(seen @ _TO_CONES.T) @ _TO_LAB.T)


def separation(colours: Sequence[str]) -> Floats:
    """Return the smallest OKLab distance under the four visions for each pair, float64 (n, n)."""
    seen = np.stack([oklab(colours, vision) for vision in _SIMULATION])
    return np.asarray(np.linalg.norm(seen[:, :, None] - seen[:, None, :], axis=3).min(axis=0))


@cache
def ramp(theme: Theme, steps: int = 64) -> tuple[str, ...]:
    """Return a sequential scale from low to high whose lightness changes evenly.

    High values stand out most: dark on a light page, light on a dark one. The hues run as in viridis
    (van der Walt & Smith 2015); the ends are moved so that both can be seen against the background.
    """
    stops = {
        "light": [(0.65, 0.15, 125.0), (0.535, 0.10, 185.0), (0.42, 0.12, 262.0), (0.30, 0.13, 310.0)],
        "dark": [(0.52, 0.15, 295.0), (0.64, 0.11, 235.0), (0.76, 0.12, 170.0), (0.90, 0.16, 105.0)],
    }[theme]
    at = np.linspace(0, len(stops) - 1, steps)
    lightness, chroma, hue = (np.interp(at, range(len(stops)), part) for part in zip(*stops, strict=True))
    return tuple(_hex(*point) for point in zip(lightness, chroma, np.radians(hue), strict=True))


def assign(count: int, centres: Floats | None = None, sizes: Floats | None = None) -> NDArray[np.int32]:
    """Return a palette index for each of `count` labels, int32 (count,).

    Up to `SIZE` labels get a colour each, in order. More must share; `centres` (count, d), the middle of each
    label's texts on the map, keeps them apart: no label shares a colour with one of its six nearest, and
    near ones differ most; `sizes` (count,) keeps large labels from sharing. The graph of six nearest is
    12-degenerate, so taking labels smallest degree last always finds one of 14 colours free. A centre with
    NaN belongs to a label that is not on the map.
    """
    order = np.arange(count, dtype=np.int32)
    if count <= SIZE or centres is None or count > TOO_MANY:
        return order % SIZE
    places = np.where(np.isfinite(centres), centres, 1e9)
    rank = _ranks(places)
    near = (rank <= APART) | (rank.T <= APART)
    weight = 1.0 / np.minimum(rank, rank.T)
    likeness = np.maximum(0, 1 - separation(PALETTE["light"]) / 0.25)
    size = np.ones(count) if sizes is None else sizes + 1.0
    share = size / size.sum() * SIZE
    colours = np.full(count, -1, dtype=np.int32)
    for label in _smallest_last(near):
        done = colours >= 0
        taken = np.zeros((count, SIZE))
        taken[done] = likeness[colours[done]]
        used = np.bincount(colours[done], weights=share[done], minlength=SIZE)
        cost = weight[label] @ taken + EVENLY * used
        cost[colours[done & near[label]]] = np.inf
        colours[label] = int(cost.argmin())
    return colours


def _ranks(places: Floats) -> Floats:
    """For each label the rank of every other by distance, 1 for the nearest; infinite for itself."""
    squares = (places**2).sum(axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * places @ places.T
    np.fill_diagonal(distances, np.inf)
    ranks = distances.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable") + 1.0
    np.fill_diagonal(ranks, np.inf)
    return np.asarray(ranks)


def _smallest_last(near: NDArray[np.bool_]) -> list[int]:
    """Order labels so that each has few neighbours among those before it (Matula & Beck 1983)."""
    near = near & ~np.eye(len(near), dtype=bool)
    degree = near.sum(axis=1).astype(float)
    order = []
    for _ in range(len(near)):
        label = int(degree.argmin())
        order.append(label)
        degree -= near[label]
        degree[label] = np.inf
    return order[::-1]


def _linear(colours: Sequence[str]) -> Floats:
    codes = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours]) / 255
    return np.asarray(np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4))


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """Return the nearest colour a screen can show: chroma gives way, lightness does not."""
    lab = np.array([lightness, chroma * np.cos(hue), chroma * np.sin(hue)])
    light = np.linalg.solve(_TO_CONES, np.linalg.solve(_TO_LAB, lab) ** 3)
    if chroma > 0 and (light.min() < 0 or light.max() > 1):
        return _hex(lightness, max(0.0, chroma - 0.004), hue)
    light = np.clip(light, 0, 1)
    codes = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(code) * 255):02x}" for code in codes)
