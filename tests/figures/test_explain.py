"""Pictures of one cosine: the numbers in them, and texts as typed."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest

from embedlab.corpus import Corpus
from embedlab.explore.explain import Weighed, explain, leave_out, standing
from embedlab.figures.explain import alignment, highlighted, standing_figure
from embedlab.space.embedding import embed
from tests.conftest import LetterEncoder


def seen(html: str) -> str:
    """Return what a reader sees of the first block."""
    return unescape(re.sub(r"<[^>]+>", "", html.split("</div>")[0]))


def weighed(text: str, spans: list[tuple[int, int]], weights: list[float]) -> Weighed:
    pieces = tuple(text[a:b] or "[S]" for a, b in spans)
    return Weighed(text, pieces, np.array(spans, dtype=np.intp), np.array(weights))


def test_the_cells_are_what_each_pair_gives() -> None:
    found = explain(LetterEncoder(), "ab", "aac")
    figure = alignment(found)
    cells = figure.data[0]
    np.testing.assert_array_equal(cells.z, found.pairs)
    assert cells.zmax == -cells.zmin == pytest.approx(np.abs(found.pairs).max())
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert list(figure.layout.xaxis.ticktext) == ["a", "a", "c"]


def test_pieces_are_not_read_as_markup() -> None:
    found = leave_out(LetterEncoder(), "a", "b")
    with pytest.raises(ValueError):
        alignment(found)
    figure = alignment(explain(LetterEncoder(), "ab", "a"), dark=True)
    assert "<b>x" not in str(figure.layout.xaxis.ticktext)


@pytest.mark.parametrize("dark", [False, True])
def test_a_text_is_shown_as_typed_with_its_pieces_shaded(dark: bool) -> None:
    text = '<script>alert("x")</script> & a\nb'
    html = highlighted(weighed(text, [(0, 0), (0, 8), (28, 29), (30, 31)], [0.1, 0.5, -0.25, 0.0]), dark=dark)
    assert seen(html) == text
    assert "<script" not in html
    assert "[S]" in html
    assert html.count("<span") == 4
    strengths = [int(alpha, 16) for alpha in re.findall(r"background:#[0-9a-f]{6}([0-9a-f]{2});", html)]
    assert strengths[0] == round(0.6 * 255)  # the strongest
    assert strengths[1] == round(0.3 * 255)
    assert strengths[2] == 0


def test_pieces_that_overlap_show_each_character_once() -> None:
    html = highlighted(weighed("我的卡", [(0, 2), (1, 3)], [1.0, 0.5]))
    assert seen(html) == "我的卡"


def test_the_strongest_shade_can_be_shared() -> None:
    html = highlighted(weighed("a", [(0, 1)], [0.5]), most=1.0)
    assert f"{round(0.3 * 255):02x}" in html


def test_the_histogram_has_all_pairs_and_the_line() -> None:
    found = standing(embed(Corpus.of(["a", "b", "ab"]), LetterEncoder()))
    figure = standing_figure(found, 0.3)
    assert sum(figure.data[0].y) == pytest.approx(1)
    assert figure.layout.shapes[0].x0 == 0.3
