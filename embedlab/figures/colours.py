"""Colours that colour-blind people can tell apart, on a light page and on a dark one.

Distances are Euclidean in OKLab (Ottosson 2020, "A perceptual color space for image processing").
Colour blindness is simulated with the matrices of Machado, Oliveira & Fernandes 2009, "A
Physiologically-based Model for Simulation of Color Vision Deficiency", at full severity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

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

FEW = 12  # groups that have a colour of the palette each; of more, the hue says the region
CHROMA = 0.15
STRETCH = 2.0  # the means of groups lie nearer to the middle than their texts
CONTRAST = 3.0  # to the page, at least (WCAG 2.2, 1.4.11)
HUES, SHADES = 240, 40  # more can't be told apart
LIGHTNESS: dict[Theme, tuple[float, float]] = {"light": (0.42, 0.67), "dark": (0.58, 0.84)}
FIRST_HUE = 0.07  # of a full turn, at which the first region begins

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
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
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
    seen = np.clip(_linear(_codes(colours)) @ _SIMULATION[vision].T, 0, 1)
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
    return _written(_shown(lightness, chroma, np.radians(hue)))


@dataclass(frozen=True)
class Bearing:
    """Where a group lies among all texts: `angle` around the middle of all, `height` above it, both from 0 to 1.

    The angle is the share of all texts that come before it, the height follows from such a share: so every hue is used,
    and a group keeps its own while its texts do, whatever the others are cut into.
    """

    angle: float
    height: float


def regions_of(codes: NDArray[np.integer[Any]], count: int, places: NDArray[np.floating[Any]]) -> list[Bearing]:
    """Return the region of each of `count` groups, from the places of all texts, (n, 2) or more axes.

    The angle is in the plane of the first two axes. The height is along the last (of two, how far from the middle): of
    principal components the fourth tells what lies side by side in that plane better than the third. `codes` (n,) is
    the group of each text, negative for none. A group without texts lies in the middle.
    """
    known = codes >= 0
    centred = places - places.mean(axis=0, dtype=np.float64) if len(places) else places.astype(np.float64)
    sizes = np.maximum(np.bincount(codes[known], minlength=count), 1)
    means = np.stack([np.bincount(codes[known], weights=axis[known], minlength=count) / sizes for axis in centred.T])
    around = _shares(np.arctan2(centred[:, 1], centred[:, 0]), np.arctan2(means[1], means[0]))
    above = _shares(_heights(centred.T), _heights(means))
    far = np.clip(0.5 + STRETCH * (above - 0.5), 0, 1)
    return [Bearing(float(angle), float(height)) for angle, height in zip(around, far, strict=True)]


def _heights(axes: Floats) -> Floats:
    return np.asarray(axes[-1] if len(axes) > 2 else np.hypot(axes[0], axes[1]))


def _shares(everyone: Floats, some: Floats) -> Floats:
    """The share of `everyone` that comes before each of `some`."""
    ordered = np.sort(everyone)
    middle = (np.searchsorted(ordered, some, "left") + np.searchsorted(ordered, some, "right")) / 2
    return np.asarray(middle / max(1, len(ordered)))


def regional(theme: Theme, regions: Sequence[Bearing]) -> tuple[str, ...]:
    """Return a colour for each region: the hue says where it lies, lightness tells it from what lies beside it.

    Each has a contrast of 3:1 to the page.
    """
    low, high = LIGHTNESS[theme]
    finely = np.round([[one.angle * HUES, one.height * SHADES] for one in regions] or np.empty((0, 2)))
    told, place = np.unique(finely, axis=0, return_inverse=True)
    lightness, hues = low + (high - low) * told[:, 1] / SHADES, 2 * np.pi * (told[:, 0] / HUES + FIRST_HUE)
    colours = _written(_readable(theme, lightness, np.full(len(told), CHROMA), hues))
    return tuple(colours[at] for at in place.ravel().tolist())


def told_apart(regions: Sequence[Bearing], sizes: Sequence[int]) -> list[int]:
    """Return a palette index for each of up to `SIZE` regions, each another one, of a hue like its region's.

    The largest group chooses first, so that a small one that comes or goes changes little.
    """
    lab = oklab(PALETTE["light"])
    hues = np.arctan2(lab[:, 2], lab[:, 1]) / (2 * np.pi) % 1
    free = set(range(SIZE))
    chosen = {}
    for at in sorted(range(len(regions)), key=lambda at: (-sizes[at], at)):
        away = np.abs((regions[at].angle + FIRST_HUE) % 1 - hues)
        chosen[at] = min(free, key=lambda colour: (min(away[colour], 1 - away[colour]), colour))
        free.remove(chosen[at])
    return [chosen[at] for at in range(len(regions))]


def contrast(colours: Sequence[str], theme: Theme) -> Floats:
    """Return the contrast of each colour to the page, 1 to 21 (WCAG 2.2), float64 (n,)."""
    return _contrast(_linear(_codes(colours)), theme)


def _contrast(light: Floats, theme: Theme) -> Floats:
    """As `contrast`, of linear sRGB (n, 3)."""
    luminance, page = light @ _LUMINANCE, float((_linear(_codes([BACKGROUND[theme]])) @ _LUMINANCE)[0])
    return np.asarray((np.maximum(luminance, page) + 0.05) / (np.minimum(luminance, page) + 0.05))


def _codes(colours: Sequence[str]) -> Floats:
    """Return "#rrggbb" as sRGB (n, 3) from 0 to 1."""
    return np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours]) / 255


def _linear(codes: Floats) -> Floats:
    return np.asarray(np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4))


def _readable(theme: Theme, lightness: Floats, chroma: Floats, hue: Floats) -> Floats:
    """Return colours as `_shown` does, those that can hardly be told from the page moved away from it."""
    away = -0.005 if theme == "light" else 0.005
    while True:
        shown = _shown(lightness, chroma, hue)
        faint = _contrast(_linear(np.round(shown * 255) / 255), theme) < CONTRAST
        if not faint.any():
            return shown
        lightness = np.where(faint, lightness + away, lightness)


def _shown(lightness: Floats, chroma: Floats, hue: Floats) -> Floats:
    """Return the nearest colours a screen can show, sRGB (n, 3) from 0 to 1: chroma gives way, lightness does not."""
    while True:
        lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
        light = np.linalg.solve(_TO_CONES, np.linalg.solve(_TO_LAB, lab.T) ** 3).T
        beyond = (chroma > 0) & ((light.min(axis=-1) < 0) | (light.max(axis=-1) > 1))
        if not beyond.any():
            break
        chroma = np.where(beyond, np.maximum(0.0, chroma - 0.004), chroma)
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _written(colours: Floats) -> tuple[str, ...]:
    """Return sRGB (n, 3) from 0 to 1 as "#rrggbb"."""
    return tuple("#" + codes.tobytes().hex() for codes in np.round(colours * 255).astype(np.uint8))
