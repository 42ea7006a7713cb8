from __future__ import annotations

import numpy as np
import pytest

from embedlab.figures.colours import (
    BACKGROUND,
    FIRST_HUE,
    MISSING,
    PALETTE,
    Bearing,
    Theme,
    oklab,
    ramp,
    regional,
    regions_of,
    separation,
    told_apart,
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
    codes = np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in (colour, background)]) / 255
    linear = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722])
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


def at(angle: float, height: float = 0.5) -> Bearing:
    return Bearing(angle, height)


def test_a_region_is_the_share_of_texts_before_it_around_the_middle():
    turn = np.linspace(-np.pi, np.pi, 400, endpoint=False) + 0.001
    places = np.stack([np.cos(turn), np.sin(turn), np.linspace(-1, 1, 400)], axis=1)
    codes = np.arange(400) // 100
    found = regions_of(codes, 5, places)
    assert [one.angle for one in found[:4]] == pytest.approx([0.125, 0.375, 0.625, 0.875], abs=0.01)
    # Shares of an eighth, three, five and seven, twice as far from the middle.
    assert [one.height for one in found[:4]] == pytest.approx([0, 0.25, 0.75, 1], abs=0.01)
    assert 0 <= found[4].angle <= 1


def test_of_more_axes_the_last_says_the_height():
    places = np.array([[1, 0, 9, -1], [-1, 0, 9, 1], [0, 1, -9, 0], [0, -1, -9, 0]], dtype=np.float32)
    found = regions_of(np.array([0, 1, -1, -1]), 2, places)
    assert found[0].height < 0.5 < found[1].height


def test_a_group_keeps_its_region_when_the_others_are_cut_otherwise():
    rng = np.random.default_rng(0)
    places = rng.normal(size=(300, 3))
    coarse = np.where(places[:, 0] > 0, 1, 0)
    fine = np.where(places[:, 0] > 0, 2, (places[:, 1] > 0).astype(int))
    assert regions_of(coarse, 2, places)[1] == regions_of(fine, 3, places)[2]


@pytest.mark.parametrize("theme", THEMES)
def test_regions_beside_each_other_have_hues_alike_and_far_ones_do_not(theme):
    colours = oklab(regional(theme, [at(angle / 24) for angle in range(24)]))
    hues = np.arctan2(colours[:, 2], colours[:, 1])
    steps = np.abs(np.angle(np.exp(1j * np.diff(np.append(hues, hues[0])))))
    assert steps.max() < 0.6
    assert steps.sum() == pytest.approx(2 * np.pi, rel=0.05)
    opposite = np.abs(np.angle(np.exp(1j * (hues[:12] - hues[12:]))))
    assert opposite.min() > 2


@pytest.mark.parametrize("theme", THEMES)
def test_regional_colours_can_be_seen_on_the_page(theme):
    colours = regional(theme, [at(angle / 20, height) for angle in range(20) for height in (0.0, 0.5, 1.0)])
    assert min(contrast(colour, BACKGROUND[theme]) for colour in colours) >= 3
    assert len(set(colours)) == len(colours)


def test_a_few_groups_get_a_colour_each_of_a_hue_like_their_regions():
    regions = [at(angle / 10) for angle in range(10)]
    sizes = [100 - step for step in range(10)]
    chosen = told_apart(regions, sizes)
    assert len(set(chosen)) == 10
    assert told_apart(regions[:-1], sizes[:-1]) == chosen[:-1]
    hues = oklab([PALETTE["light"][index] for index in chosen[:3]])
    wanted = 2 * np.pi * (np.arange(3) / 10 + FIRST_HUE)
    away = np.angle(np.exp(1j * (np.arctan2(hues[:, 2], hues[:, 1]) - wanted)))
    assert np.abs(away).max() < 0.7


def test_groups_in_one_place_and_no_groups_at_all():
    codes = np.zeros(4, dtype=np.int32)
    found = regions_of(codes, 1, np.zeros((4, 2), dtype=np.float32))
    assert (found[0].angle, found[0].height) == (0.5, 0.5)
    assert regions_of(codes[:0], 0, np.zeros((0, 3), dtype=np.float32)) == []
    assert regional("light", []) == ()
