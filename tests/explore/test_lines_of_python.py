"""The lines of Python that a map offers: run, they make the same map of the same texts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import embedlab as el
from embedlab import pipeline
from embedlab.corpus import Corpus
from embedlab.corpus.datasets import builtin_names
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.origin import MOST_WRITTEN
from embedlab.corpus.reading.table import paste, read_table
from embedlab.corpus.vectors import from_npy
from embedlab.explore.exploration import Exploration
from embedlab.space.projection import LayoutSettings, pca
from tests.conftest import LetterEncoder

WORDS = ["aaab", "aabb", "abbb", "cccd", "ccdd", "cddd", "eeef", "eeff", "efff", "gggh", "gghh", "ghhh"]


@pytest.fixture(autouse=True)
def by_letters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An encoder that needs no weights, and a folder of the test's own to stand in."""
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): LetterEncoder())
    monkeypatch.chdir(tmp_path)


def same(explored: Exploration, **given: Any) -> None:
    """Run the lines of a map: they must open the same texts and draw the same map."""
    lines = explored.python
    made: dict[str, Any] = dict(given)
    exec(lines.replace("picture.show()", ""), made)
    assert made["corpus"].fingerprint == explored.space.corpus.fingerprint, lines
    picture = made["picture"]
    assert picture.space.fingerprint == explored.space.fingerprint, lines
    np.testing.assert_array_equal(picture.clusters.labels, explored.clusters.labels)
    assert picture.layout.method == explored.layout.method
    np.testing.assert_array_equal(picture.layout.positions, explored.layout.positions)
    assert (picture.trust is None) == (explored.trust is None)


def csv() -> bytes:
    """Return a file in which a person may want another column as the text and another as the label than guessed."""
    lines = ["message,note,topic,team"]
    for row, word in enumerate(WORDS * 2):
        lines.append(f"{word} {word[::-1]} is what I say,{word[::-1]} noted {row},t{row % 3},g{row % 2}")
    return "\n".join(lines).encode()


def written(name: str, content: bytes) -> Path:
    path = Path(name)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", builtin_names())
def test_a_built_in_set_is_opened_by_its_name(name: str) -> None:
    corpus = el.builtin(name)
    made: dict[str, Any] = {}
    exec("\n".join([*corpus.origin.imports, *corpus.origin.lines(corpus.texts)]), made)
    assert made["corpus"] is corpus


def test_a_built_in_set_gives_its_map() -> None:
    same(el.explore(el.embed(el.builtin("nouns"))))


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"text": "note"},
        {"label": "team"},
        {"label": ""},
        {"text": "note", "label": ""},
        {"text": ["note", "message"]},
    ],
    ids=str,
)
def test_a_file_is_read_by_the_columns_that_were_chosen(chosen: dict[str, Any]) -> None:
    corpus = read_table(written("tickets.csv", csv())).corpus(**chosen)
    explored = el.explore(el.embed(corpus))
    assert ("text=" in explored.python, "label=" in explored.python) == ("text" in chosen, "label" in chosen)
    same(explored)


def test_what_was_said_of_a_file_s_layout_is_said() -> None:
    content = csv().replace(b",", b";").replace(b"what", "wh\u00e4t".encode("latin-1"))
    layout = FileLayout(encoding="latin-1", delimiter=";")
    corpus = read_table(written("tickets.csv", content), layout=layout).corpus()
    assert "wh\u00e4t" in corpus.texts[0]
    same(el.explore(el.embed(corpus)))


def test_what_one_text_is_is_said() -> None:
    lines = "\n".join(f"{word} {word[::-1]} one\nand more of {word}\n" for word in WORDS).encode()
    by_paragraph = read_table(written("notes.txt", lines), layout=FileLayout(unit="paragraph")).corpus()
    same(el.explore(el.embed(by_paragraph)))


def test_vectors_that_lay_beside_a_file_are_brought_along() -> None:
    rng = np.random.default_rng(0)
    content = csv().replace(b",", b";")
    table = read_table(written("tickets.csv", content), layout=FileLayout(delimiter=";", header=1))
    for name in ("a.npy", "b.npy"):
        buffer = io.BytesIO()
        np.save(buffer, rng.normal(size=(len(table), 8)).astype(np.float32))
        table = table.with_vectors(from_npy(written(name, buffer.getvalue()).read_bytes(), name, len(table)))
    same(el.explore(el.embed(table.corpus(label=""), vectors="b.npy")))


def test_pasted_text_is_a_list_or_says_that_it_has_to_be_saved() -> None:
    few = paste("\n".join(['it\'s "here"', "", *WORDS])).corpus("text", "")
    explored = el.explore(el.embed(few))
    assert "from_texts([" in explored.python
    same(explored)
    numbers = "abcdefghij"
    typed = "\n".join(
        word + "".join(numbers[int(digit)] * 3 for digit in str(number))
        for number, word in enumerate(WORDS * (MOST_WRITTEN // 100))
    )
    many = el.explore(el.embed(paste(typed).corpus("text", "")))
    assert "the lines that you pasted, saved as this file" in many.python
    written("pasted text.txt", typed.encode())
    same(many)


@pytest.mark.parametrize("how", ["list", "frame"])
def test_what_was_made_in_python_is_named_there(how: str) -> None:
    frame = pd.DataFrame({"text": [f"{word} and more words {word}" for word in WORDS], "note": WORDS})
    corpus = el.from_texts(WORDS) if how == "list" else el.from_frame(frame, text="note")
    same(el.explore(el.embed(corpus)), **({} if how == "list" else {"frame": frame}))


def test_a_part_of_the_texts_is_called_a_part() -> None:
    corpus = el.builtin("nouns").take(np.arange(40))
    lines = "\n".join(corpus.origin.lines(corpus.texts))
    assert "el.builtin('nouns')" in lines
    assert "40 texts" in lines


@pytest.mark.parametrize(
    "settings",
    [LayoutSettings(n_neighbors=5, min_dist=0.3), LayoutSettings(dimensions=3, epochs=20)],
    ids=["settings", "three dimensions"],
)
def test_the_layout_is_that_of_the_page(settings: LayoutSettings) -> None:
    same(el.explore(el.embed(corpus_of_lines()), settings, 3.0))


def corpus_of_lines() -> Corpus:
    return paste("\n".join(f"{word} {word[::-1]}{'x' * (row % 5)}" for row, word in enumerate(WORDS * 3))).corpus()


@pytest.mark.parametrize("layout", ["PCA", "another seed"])
def test_a_map_that_explore_does_not_make_is_put_together(layout: str) -> None:
    """By PCA, or with clusters of another seed than the layout's, as the page has them."""
    prepared = pipeline.prepare(corpus_of_lines(), pipeline.EmbeddingChoice("all-MiniLM-L6-v2"))
    if layout == "PCA":
        from embedlab.space.quality import trust

        found = pca(prepared.space, 3)
        drawn = pipeline.MeasuredLayout(found, trust(prepared.space, prepared.neighbours, found))
    else:
        drawn = pipeline.lay_out(prepared, LayoutSettings(seed=7))
    same(pipeline.explored(prepared, drawn, pipeline.group(prepared, 2.0)))


def test_three_texts_too() -> None:
    same(el.explore(el.embed(paste("aab\nabb\nccd").corpus())))


def test_fewer_dimensions_and_a_function_are_said() -> None:
    corpus = corpus_of_lines()
    same(el.explore(el.embed(corpus, dimensions=10)))

    def model(texts: list[str]) -> Any:
        return LetterEncoder().encode(texts)

    explored = el.explore(el.embed(corpus, model=model))
    made: dict[str, Any] = {"model": model}
    exec(explored.python.replace("picture.show()", ""), made)  # a function has no fingerprint that lasts
    np.testing.assert_array_equal(made["space"].vectors, explored.space.vectors)
