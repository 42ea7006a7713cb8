"""What all charts share: a toolbar beside the picture, shares that end at 1, counts at whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from embedlab.explore.similarity import Similarity
from embedlab.figures.compare import dots
from embedlab.figures.finetune import balance, confusions, learning_curve
from embedlab.figures.heatmap import ends_at, heatmap
from embedlab.figures.theme import TOOLBAR, TOOLBAR_WIDTH, base, of_counts
from embedlab.stats.intervals import Interval

SURE = Interval(1.0, 1.0, 1.0)


def test_the_toolbar_is_upright_in_a_margin_of_its_own() -> None:
    layout = base("light", 300)
    assert layout["modebar"]["orientation"] == "v"
    assert layout["margin"]["r"] == TOOLBAR_WIDTH
    assert "zoomIn2d" in TOOLBAR["modeBarButtonsToRemove"]


@pytest.mark.parametrize(
    ("figure", "axis"),
    [
        (dots({"accuracy": {"a": SURE}}), "xaxis"),
        (dots({"accuracy": {"a": SURE, "b": SURE}, "macro F1": {"a": SURE}}, dark=True), "xaxis"),
        (learning_curve([2, 5], [SURE, SURE]), "yaxis"),
        (learning_curve([2], [SURE], {"tuned": (2, SURE)}), "yaxis"),
    ],
    ids=["one", "several", "curve", "curve and tuned"],
)
def test_an_axis_of_shares_ends_at_one(figure: Any, axis: str) -> None:
    assert figure.layout[axis].autorangeoptions.clipmax == 1


@pytest.mark.parametrize("most", [1, 3, 5, 6, 9, 50, 55_008])
def test_ticks_of_counts_are_whole(most: int) -> None:
    axis = of_counts(most)
    assert axis["rangemode"] == "tozero"
    assert axis.get("dtick") == 1 if most <= 5 else most / axis["nticks"] >= 2 / 3
    assert axis["tickformat"] == ",d"


def test_charts_of_counts_use_such_an_axis() -> None:
    few = balance({"to learn from": {"a": 2, "b": 1}, "held out": {"a": 1, "b": 1}})
    assert few.layout.xaxis.dtick == 1
    same = balance({"to learn from": {"a": 35, "b": 35}, "held out": {"a": 15, "b": 15}})  # it once had a tick at 49.5
    assert (same.layout.xaxis.rangemode, same.layout.xaxis.tickformat) == ("tozero", ",d")
    assert confusions([("a", "b", 3, 1)]).layout.xaxis.dtick == 1


def similar(cosines: Any, groups: tuple[str, ...] | None = None) -> Similarity:
    found = np.asarray(cosines, dtype=np.float32)
    return Similarity(np.arange(len(found)), found, None, groups)


def test_the_diagonal_does_not_set_the_scale_of_a_heatmap() -> None:
    cosines = np.full((40, 40), 0.2, dtype=np.float32)
    cosines[1, 0] = cosines[0, 1] = 0.43
    cosines[3, 2] = cosines[2, 3] = 1.0  # a copy: one pair of very many
    np.fill_diagonal(cosines, 1)
    assert ends_at(cosines) == pytest.approx(0.45)
    cells = heatmap(similar(cosines), [f"text {row}" for row in range(40)]).data[0]
    assert (cells.zmin, cells.zmax) == (0, pytest.approx(0.45))
    assert cells.colorbar.title.text == "cosine, up to 0.45"


@pytest.mark.parametrize("cosines", [[[1.0]], np.ones((3, 3)), [[1, 0.99], [0.99, 1]]], ids=["one", "copies", "near"])
def test_where_all_is_alike_the_scale_ends_at_one(cosines: Any) -> None:
    cells = heatmap(similar(cosines), ["a", "b", "c"]).data[0]
    assert (cells.zmax, cells.colorbar.title.text) == (1, "cosine")


def test_the_names_of_groups_have_room() -> None:
    groups = ("a name that is long, and longer",) * 3 + ("b",) * 3
    figure = heatmap(similar(np.eye(6), groups), list("abcdef"))
    names = [note.text for note in figure.layout.annotations if note.xanchor == "right"]
    assert max(map(len, names)) * 6 <= figure.layout.margin.l
