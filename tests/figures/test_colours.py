from __future__ import annotations

import numpy as np
import pytest

from embedlab.figures.colours import (
    APART,
    BACKGROUND,
    MISSING,
    PALETTE,
    SIZE,
    Theme,
    _linear,
    assign,
    oklab,
    ramp,
    separation,
)

THEMES: tuple[Theme, ...] = ("light", "dark")
BLIND = ("protanopia", "deuteranopia", "tritanopia")


def smallest_distance(colours: tuple[str, ...], vision: str) -> float:
    lab = oklab(colours, vision)  # type: ignore[arg-type]
    distances = np.linalg.norm(lab[:, None] - lab[None], axis=2)
    return float(distances[~np.eye(len(lab), dtype=bool)].min())


def test_oklab_of_known_colours():
    # Ottosson's own figures: white is (1, 0, 0), sRGB red (0.628, 0.225, 0.126).
    assert oklab(["#ffffff", "#000000", "#ff0000"]) == pytest.approx(
        np.array([[1, 0, 0], [0, 0, 0], [0.628, 0.225, 0.126]]), abs=1e-3
    )


def test_red_and_green_are_alike_to_a_deuteranope_alone():
    red, green = "#c8553d", "#6f8a2e"
    normal = np.linalg.norm(np.subtract(*oklab([red, green])))
    deuteranope = np.linalg.norm(np.subtract(*oklab([red, green], "deuteranopia")))
    assert deuteranope < normal / 3
    assert separation([red, green])[0, 1] == pytest.approx(deuteranope)


def contrast(colour: str, background: str) -> float:
    """Return the WCAG 2 contrast ratio of two "#rrggbb" colours, 1 to 21."""
    light = _linear([colour, background]) @ np.array([0.2126, 0.7152, 0.0722])
    return float((light.max() + 0.05) / (light.min() + 0.05))


def test_contrast_is_that_of_the_web_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_palette_can_be_told_apart(theme):
    assert smallest_distance(PALETTE[theme], "normal") >= 0.13
    for vision in BLIND:
        assert smallest_distance(PALETTE[theme], vision) >= 0.065, vision
    assert separation([*PALETTE[theme], MISSING[theme]])[-1, :-1].min() >= 0.065


@pytest.mark.parametrize("theme", THEMES)
def test_palette_stands_out_from_the_page(theme):
    assert min(contrast(colour, BACKGROUND[theme]) for colour in PALETTE[theme]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_scale_is_even_and_its_ends_can_be_seen(theme):
    scale = ramp(theme)
    for vision in ("normal", *BLIND):
        steps = np.diff(oklab(scale, vision)[:, 0])  # type: ignore[arg-type]
        assert (steps > 0).all() or (steps < 0).all(), vision
    steps = np.linalg.norm(np.diff(oklab(scale), axis=0), axis=1)
    assert steps.max() < 2.5 * steps.min()
    assert contrast(scale[0], BACKGROUND[theme]) >= 3
    assert contrast(scale[-1], BACKGROUND[theme]) >= 3
    assert contrast(scale[-1], BACKGROUND[theme]) > contrast(scale[0], BACKGROUND[theme])


def test_few_labels_get_a_colour_each():
    assert assign(SIZE).tolist() == list(range(SIZE))
    assert assign(3, np.zeros((3, 2))).tolist() == [0, 1, 2]


@pytest.mark.parametrize("count", [77, 172])
@pytest.mark.parametrize("seed", range(5))
def test_near_labels_never_share_a_colour(count, seed):
    centres = np.random.default_rng(seed).normal(size=(count, 2))
    colours = assign(count, centres)
    distances = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    nearest = distances.argsort(axis=1)[:, 1 : APART + 1]
    assert (colours[nearest] != colours[:, None]).all()
    assert len(np.unique(colours)) == SIZE


def test_large_labels_do_not_share_a_colour():
    rng = np.random.default_rng(0)
    sizes = np.array([1000.0] * 5 + [10.0] * 45)
    colours = assign(50, rng.normal(size=(50, 2)), sizes)
    assert len(set(colours[:5].tolist())) == 5


def test_labels_off_the_map_and_too_many_labels():
    centres = np.random.default_rng(0).normal(size=(30, 2))
    centres[7] = np.nan
    assert ((assign(30, centres) >= 0) & (assign(30, centres) < SIZE)).all()
    assert assign(5000, np.zeros((5000, 2))).tolist() == [at % SIZE for at in range(5000)]
