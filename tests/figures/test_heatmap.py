"""The heatmap: what is drawn, and that texts are shown as typed, also in a real browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from embedlab.corpus import Column, Corpus
from embedlab.encoders import Encoder
from embedlab.explore.similarity import Similarity, similarity
from embedlab.figures.colours import oklab
from embedlab.figures.heatmap import MOST_LABELS, SCALE, heatmap, heatmap_html
from embedlab.space.space import Space

NASTY = [
    "<b>bold</b> a<br>b",
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "$\\alpha$ and $b$",
    "%{x} %{customdata[0]}",
    "&lt;i&gt; &amp; &#60;",
    "a < b & c > d",
]


def compared(letters: Encoder, texts: list[str], by: Column | None = None) -> Similarity:
    space = Space(Corpus.of(texts), letters.card, letters.encode(texts), np.zeros(len(texts), dtype=bool))
    return similarity(space, np.arange(len(texts)), by)


def test_cells_and_trees(letters: Encoder) -> None:
    texts = ["a", "z", "ab", "zy"]
    found = compared(letters, texts)
    figure = heatmap(found, texts)
    assert [trace.type for trace in figure.data] == ["heatmap", "scatter", "scatter"]
    assert np.array_equal(figure.data[0].z, found.cosines)
    assert figure.layout.yaxis.range == (3.5, -0.5)
    assert figure.layout.xaxis.ticktext == tuple(texts[row] for row in found.rows)
    top, left = figure.data[1:]
    assert (top.x, top.y) == (left.y, left.x)


def test_the_tree_by_hand(letters: Encoder) -> None:
    """Two texts at cosine 0 join at height 1, half way between them."""
    figure = heatmap(compared(letters, ["a", "b"]), ["a", "b"])
    assert figure.data[1].x == (0, 0, 1, 1, None)
    assert figure.data[1].y == (0, 1, 1, 0, None)


def test_groups_take_the_place_of_the_trees(letters: Encoder) -> None:
    texts = ["a", "z", "ab", "zy"]
    by = Column("topic", "category", np.array(["<i>x", "y", "<i>x", "y"], dtype=object))
    figure = heatmap(compared(letters, texts, by), texts)
    notes = [note.text for note in figure.layout.annotations]
    assert {"&lt;i&gt;x", "y"} <= {*notes}
    assert len(figure.layout.shapes) == 4
    assert figure.data[1].x == (1.5, 1.5, None)
    assert figure.layout.xaxis.ticktext[0].startswith("<i>")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_and_equal_texts(letters: Encoder, count: int) -> None:
    figure = heatmap(compared(letters, ["same"] * count), ["same"] * count)
    assert figure.data[0].z.shape == (count, count)
    json.loads(figure.to_json())


def test_texts_are_written_beside_few_rows_only(letters: Encoder) -> None:
    few, many = ["a"] * MOST_LABELS, ["a"] * (MOST_LABELS + 1)
    assert len(heatmap(compared(letters, few), few).layout.annotations) == MOST_LABELS
    assert len(heatmap(compared(letters, many), many).layout.annotations) == 0


def test_long_blank_and_broken_texts(letters: Encoder) -> None:
    texts = ["word " * 500, "x" * 5000, "\u200b \n", "lone \ud800", "two\nlines\x00"]
    found = compared(letters, texts)
    shown = dict(zip(found.rows.tolist(), heatmap(found, texts).layout.xaxis.ticktext, strict=True))
    assert max(map(len, shown.values())) < 400
    assert shown[2] == "(blank)"
    assert shown[3] == "lone \ufffd"
    assert shown[4] == "two lines"
    heatmap_html(found, texts).encode("utf-8")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_scale_is_read_by_lightness_alone(theme: str) -> None:
    for vision in ("normal", "protanopia", "deuteranopia", "tritanopia"):
        steps = np.diff(oklab(SCALE[theme], vision)[:, 0])
        assert (steps < -0.02).all() or (steps > 0.02).all()


def test_the_page_stands_alone(letters: Encoder) -> None:
    page = heatmap_html(compared(letters, ["a", "b"]), ["a", "b"], title="<b>mine</b>", dark=True)
    assert "<title>&lt;b&gt;mine&lt;/b&gt;</title>" in page
    assert "<script src=" not in page
    assert "</script><script>window" not in page


@pytest.mark.browser
def test_texts_are_shown_as_typed_in_a_browser(letters: Encoder, tmp_path: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    found = compared(letters, NASTY)
    path = tmp_path / "heatmap.html"
    path.write_text(heatmap_html(found, NASTY), encoding="utf-8")
    order = [NASTY[row] for row in found.rows]
    asked: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector(".nsewdrag")
        beside = page.locator(".annotation-text").all_text_contents()
        box = page.locator(".nsewdrag").first.bounding_box()
        assert box is not None
        step = box["width"] / len(order)
        for place, text in enumerate(order):
            across = (place + 1) % len(order)
            page.mouse.move(
                box["x"] + step * (across + 0.5),
                box["y"] + box["height"] * (place + 0.5) / len(order),
            )
            page.wait_for_function(
                "wanted => document.querySelector('.hoverlayer')?.textContent.endsWith(wanted)",
                arg=text + order[across],
            )
        page.mouse.down()
        page.mouse.up()
        page.wait_for_function("document.getElementById('first').textContent !== ''")
        first, second = page.locator("#first").text_content(), page.locator("#second").text_content()
        hacked = page.evaluate("window.hacked")
        browser.close()
    assert beside == [text if len(text) <= 34 else f"{text[:33]}…" for text in order]
    assert (first, second) == (order[-1], order[0])
    assert hacked is None
    assert [url for url in asked if not url.startswith("file:")] == []
