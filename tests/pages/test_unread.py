"""Texts that a model can't read: every page goes on with the others, says so once, and tries again when asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from embedlab import pipeline
from embedlab.corpus import Column, Corpus
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.base import STATIC, TRANSFORMER
from pages.compare import jobs as compare_jobs
from tests.conftest import LetterEncoder
from tests.pages.driving import MAIN, button, run, said, settled
from tests.pages.halves import HalfEncoder

WORDS = ["aaab", "aabb", "abbb", "cccd", "ccdd", "cddd", "eeef", "eeff", "efff", "gggh", "gghh", "ghhh"]
BAD = (7, 30)
BEFORE, AFTER = "before 2024", "from 2024"


class Refusing(LetterEncoder):
    """Gives no numbers for texts with a “z”, while it refuses them."""

    refuses = True

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        found = super().encode(texts, query)
        if self.refuses:
            found[[row for row, text in enumerate(texts) if "z" in text]] = np.nan
        return found


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    """A model that refuses two texts, and one beside it that reads them all."""
    encoder, halves = Refusing(), HalfEncoder()
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): halves if name == "halves" else encoder)
    families = {DEFAULT_MODEL: TRANSFORMER.name, "halves": STATIC.name}
    monkeypatch.setattr(compare_jobs, "_ready", lambda: families)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield encoder
    st.cache_resource.clear()


def corpus() -> Corpus:
    texts = tuple(f"{word} {'z' if row in BAD else word[::-1]}{'x' * (row % 4)}" for row, word in enumerate(WORDS * 4))
    topics = np.array([text[0] for text in texts], dtype=object)
    side = np.array([BEFORE if row < 24 else AFTER for row in range(len(texts))], dtype=object)
    columns = (Column("topic", "category", topics), Column("time", "category", side))
    return Corpus("tickets", texts, columns, label="topic")


def plain(at: AppTest) -> str:
    return "\n".join((said(at), *(str(one.value) for one in at.warning))).replace("\\", "")


def left_out(at: AppTest) -> int:
    """Return how often a page says which texts were left out."""
    return plain(at).count("2 texts are left out")


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize("page", [None, "similarity/page.py", "search/page.py", "check/page.py", "library/stored.py"])
def test_each_page_goes_on_without_them_and_says_it_once(page: str | None) -> None:
    at = run(corpus(), page)
    assert left_out(at) == 1
    assert "2 texts are left out, for “letters” could not read them: row 8, “eeff zxxx”; row 31, “eeef zxx” (" in plain(
        at
    )
    assert "46 texts, 2 more columns" in plain(at)
    assert not at.error


def test_what_is_refused_no_more_is_read_when_it_is_tried_again(refusing: Refusing) -> None:
    at = run(corpus())
    button(at, "Try these again").click().run()  # type: ignore[attr-defined]
    assert left_out(settled(at)) == 1
    refusing.refuses = False
    before = len(refusing.calls)
    button(at, "Try these again").click().run()  # type: ignore[attr-defined]
    assert left_out(settled(at)) == 0
    assert "48 texts, 2 more columns" in plain(at)
    assert not any(one.label == "Try these again" for one in at.button)
    asked = {text for call in refusing.calls[before:] for text in call}
    assert asked >= {corpus().texts[row] for row in BAD}
    assert len(asked) < 24  # the others were kept


@pytest.mark.usefixtures("refusing")
def test_drift_compares_what_is_left_of_both_sides() -> None:
    at = run(replace(corpus(), texts=tuple(text.replace("z", "y") for text in corpus().texts)))
    at.session_state["corpus"] = corpus()
    settled(at.switch_page("drift/page.py").run())  # before any other page has read them
    chosen = next(one for one in at.selectbox if one.label == "By")
    settled(chosen.set_value("time").run())
    assert f"“{BEFORE}”, 23 texts, against “{AFTER}”, 23 texts" in plain(at)
    assert left_out(at) == 1
    assert button(at, "Try these again")
    assert plain(at).count("too few texts for regions") == 1
    assert "No region of the map changed" not in plain(at)  # there is none
    assert not at.error


@pytest.mark.usefixtures("refusing")
def test_drift_against_other_texts_of_which_some_are_refused_says_which() -> None:
    at = run(replace(corpus(), texts=tuple(text.replace("z", "y") for text in corpus().texts)), "drift/page.py")
    source = next(one for one in at.segmented_control if one.label == "Compare")
    source.set_value("These and other texts").run()
    lines = "\n".join(corpus().texts)
    at.file_uploader[0].set_value(("later.csv", f"text\n{lines}\n".encode(), "text/csv")).run()
    settled(at)
    assert left_out(at) == 1
    assert "“tickets”, 48 texts, against “later”, 46 texts" in plain(at)
    assert "48 texts, 2 more columns" in plain(at)  # the sidebar's own are all read
    assert not at.error


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize("view", ["Side by side", "Disagreements", "Numbers", "Quality", "Cost", "Report"])
def test_models_are_compared_on_what_both_read(view: str) -> None:
    at = run(corpus(), "compare/page.py")
    at.segmented_control(key="compare-view").set_value(view).run()
    settled(at)
    assert not at.error
    assert left_out(at) == 1


@pytest.mark.usefixtures("refusing")
def test_the_other_model_may_be_the_one_that_can_not_read_them() -> None:
    at = AppTest.from_file(MAIN, default_timeout=60)
    at.session_state["corpus"] = corpus()
    at.session_state["model"] = "halves"
    at.run()
    at.switch_page("compare/page.py").run()
    models = next(one for one in settled(at).multiselect if one.label == "Models")
    settled(models.set_value(["halves", DEFAULT_MODEL]).run())
    assert left_out(at) == 1
    assert "48 texts, 2 more columns" in plain(at)  # elsewhere all are read
    assert not at.error
