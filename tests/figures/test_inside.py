"""Pictures of a model's inside: what is drawn, how much of it, and texts as typed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from embedlab.figures.inside import (
    ACROSS,
    MOST_ENDS,
    MOST_NAMED,
    _ends,
    attention,
    chips,
    curve,
    paths,
    plane,
    pooling,
    strip,
)
from embedlab.words.layers import Passage, through
from embedlab.words.senses import Meanings, meanings
from embedlab.words.uses import uses
from tests.words.word_inside import WordInside

NASTY = "<b>bold</b> <script>alert(1)</script> $x$ &lt; \ud800 \x00 100%"


def passed(text: str, window: int = 400, **how: str) -> Passage:
    return through(WordInside(how.get("pooling", "mean"), window), text, how.get("prompt", ""))


def followed(*sentences: tuple[str, str]) -> Meanings:
    return meanings(WordInside(window=80), uses("bank", sentences))


@pytest.mark.parametrize("dark", [False, True])
def test_chips_are_escaped_and_say_what_they_are(dark: bool) -> None:
    html = chips(passed(f"{NASTY} 🚀", prompt="query: "), dark=dark)
    assert html.count("<li") == 10
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert html.count("special</small>") == 1
    assert html.count("prompt</small>") == 1
    assert html.count("unknown</small>") >= 2
    assert "characters 1 to 11" in html
    html.encode("utf-8")


@pytest.mark.parametrize("dark", [False, True])
def test_every_picture_can_be_sent(dark: bool) -> None:
    for text in ("a", NASTY, "word " * 200):
        passage = passed(text)
        for figure in (
            paths(passage, dark=dark),
            attention(passage, 1, dark=dark),
            attention(passage, 2, 1, special=False, dark=dark),
            pooling(passage, dark=dark),
            strip(np.asarray(passage.vector), dark=dark),
        ):
            written = figure.to_json()
            json.loads(written)
            assert "<script" not in written


def test_a_path_has_a_point_for_each_layer_and_a_gap() -> None:
    passage = passed("a b")
    figure = paths(passage)
    first = figure.data[0]
    assert len(first.x) == 4
    assert first.x[-1] is None
    assert first.x[:3] == tuple(map(float, passage.paths.positions[:, 0, 0]))
    assert first.text[0] == "<b>[START]</b><br>input"
    assert first.text[2] == "<b>[START]</b><br>layer 2"
    assert list(first.marker.size) == [*sorted(first.marker.size[:3]), 4]
    assert set(figure.data[-1].text) == {"[START]", "a", "b"}


def test_many_paths_share_colours_and_have_no_names() -> None:
    few, many = paths(passed("a " * (MOST_ENDS - 1))), paths(passed("a " * MOST_ENDS))
    assert few.data[-1].mode == "text"
    assert many.data[-1].mode == "lines+markers"
    assert sum(sum(x is None for x in trace.x) for trace in many.data) == MOST_ENDS + 1


def test_names_at_the_ends_are_not_written_over_each_other() -> None:
    """All tokens "a" end in one place; those apart in one direction only keep their names."""
    corners = np.array([[[0, 0], [1, 0], [0, 1], [0.01, 1.01]]], dtype=np.float32)
    assert _ends(corners, ["a", "b", "c", "d"], "light")["text"] == ["a", "b", "c"]
    assert paths(passed("a a a a")).data[-1].text == ("[START]", "a")


def test_attention_keeps_its_numbers_without_special_tokens() -> None:
    passage = passed("a b c")
    assert attention(passage, 1).data[0].z.shape == (4, 4)
    bare = attention(passage, 1, special=False)
    assert bare.data[0].z.shape == (3, 3)
    assert bare.data[0].z.max() == pytest.approx((1 + 0.25) / 2)
    assert bare.layout.xaxis.ticktext == ("a", "b", "c")
    assert attention(passed("🚀", window=1), 1, special=False).data[0].z.shape == (1, 1)


def test_many_tokens_are_named_by_hovering_only() -> None:
    few, many = (attention(passed("a " * count), 1) for count in (MOST_NAMED - 1, MOST_NAMED))
    assert few.layout.xaxis.showticklabels
    assert not many.layout.xaxis.showticklabels
    assert len(many.layout.xaxis.ticktext) == MOST_NAMED + 1
    assert many.layout.height == 640


def test_pooling_shows_shares_beside_weights() -> None:
    figure = pooling(passed("a a"))
    assert sum(figure.data[0].y) == pytest.approx(1)
    assert list(figure.data[1].y) == pytest.approx([1 / 3] * 3)
    with pytest.raises(ValueError, match="no weighted sum"):
        pooling(passed("a", pooling="other"))


def test_the_strip_holds_every_number_once() -> None:
    vector = np.arange(-100, 100, dtype=np.float32)
    cells = strip(vector).data[0]
    assert cells.z.shape == (3, ACROSS)
    assert np.array_equal(cells.z.ravel()[:200], vector)
    assert np.isnan(cells.z.ravel()[200:]).all()
    assert cells.customdata[1, 0] == ACROSS
    assert (cells.zmin, cells.zmax) == (-100, 100)
    assert strip(np.zeros(3, dtype=np.float32)).data[0].z.shape == (1, 3)


def test_the_plane_has_a_trace_for_each_sense_and_one_scale() -> None:
    found = followed(("bank a", "<i>x"), ("bank b", "<i>x"), ("bank c", ""), ("<b>no</b> bank here", "y"))
    figures = [plane(found, layer) for layer in range(3)]
    assert [trace.name for trace in figures[0].data] == ["&lt;i&gt;x", "(no sense given)", "y"]
    assert figures[0].data[2].text == ("&lt;b&gt;no&lt;/b&gt; <b>bank</b> here",)
    assert len({str(figure.layout.xaxis.range) for figure in figures}) == 1


def test_a_long_sentence_is_shown_around_its_word() -> None:
    text = followed(("x " * 70 + "bank" + " y" * 300, "")).uses.uses[0].text
    shown = plane(followed((text, "")), 0).data[0].text[0]
    assert "<b>bank</b>" in shown
    assert len(shown) < 600


def test_the_curve_shows_interval_and_references() -> None:
    told = followed(("bank r", "x"), ("bank r2", "x"), ("bank m", "y"), ("bank m2", "y")).told
    assert told is not None
    figure = curve(told, 1, dark=True)
    assert list(figure.data[1].y) == [0.5, 1, 1]
    assert list(figure.data[1].marker.size) == [7, 13, 7]
    assert figure.layout.xaxis.ticktext == ("input", "1", "2")
    assert [trace.name for trace in figure.data[2:]] == ["the whole sentence's vector"]
