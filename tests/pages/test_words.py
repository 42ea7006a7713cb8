"""The page of words: every question shows something at once, and bad input is answered with one sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from embedlab import pipeline
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder, Vectors
from embedlab.encoders.capabilities import Lexicon
from embedlab.words.lists import examples
from tests.conftest import LetterEncoder
from tests.pages.test_pages import button, said, settled

PAGE = Path(__file__).parents[2] / "pages" / "words" / "page.py"
TEXTS = ("abba gave a concert", "the bank gave a loan", "<b>bold</b> $x$ text")
QUESTIONS = ("Nearest", "Analogy", "Odd one out", "Axis", "Bias probe")


class WordyEncoder(LetterEncoder):
    """Counts letters, has a few words of its own, and knows nothing of what has no Latin letter."""

    WORDS = ("king", "queen", "man", "woman", "coffee", "fee", "cold", "hot", "snow", "fire", "london")

    def lexicon(self) -> Lexicon:
        return Lexicon(self.WORDS, lambda text: tuple(text.split()) if any(map(str.isascii, text)) else ())


@pytest.fixture(autouse=True)
def wordy(monkeypatch: pytest.MonkeyPatch) -> Iterator[LetterEncoder]:
    encoder = WordyEncoder()
    use(encoder, monkeypatch)
    yield encoder
    st.cache_resource.clear()


def use(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): encoder)
    st.cache_resource.clear()


def run(question: str = "", texts: Sequence[str] = TEXTS, **typed: str) -> AppTest:
    at = AppTest.from_file(PAGE, default_timeout=60)
    at.session_state["corpus"] = Corpus.of(texts)
    for key, value in typed.items():
        at.session_state[key.replace("_", "-")] = value
    at.run()
    settled(at)
    return ask(at, question) if question else at


def ask(at: AppTest, question: str) -> AppTest:
    at.segmented_control(key="words-question").set_value(question).run()
    return settled(at)


def told(at: AppTest) -> str:
    """Return the one error, as it reads."""
    assert len(at.error) == 1
    return str(at.error[0].value).replace("\\", "")


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_shows_a_picture_at_once(question: str) -> None:
    at = run(question)
    assert at.title[0].value == "Words"
    assert not at.error
    assert len(at.get("plotly_chart")) == 1
    assert at.get("download_button")


def test_the_words_of_the_model_are_counted() -> None:
    assert "11 words that the model itself has as one piece" in said(run())


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_example_shows_a_picture(question: str) -> None:
    at = run(question)
    names = [one.key for one in at.button if (one.key or "").startswith("words-try-")]
    assert len(names) >= 3
    for name in names:
        at.button(key=name).click().run()
        settled(at)
        assert not at.error, name
        assert len(at.get("plotly_chart")) == 1


def test_an_analogy_is_answered_by_the_words_of_the_model() -> None:
    """Letters: king - man + woman has w, o, k, i, g and two more; of the others “london” and “snow” share most."""
    at = run("Analogy", words_a="man", words_b="woman", words_c="king")
    best = next(one.value for one in at.markdown if one.value.startswith("### "))
    assert best.removeprefix("### ") in WordyEncoder.WORDS
    assert best.removeprefix("### ") not in ("man", "woman", "king")
    at.segmented_control(key="words-method").set_value("Multiply").run()
    assert not settled(at).error


def test_where_an_example_fails_it_is_said() -> None:
    at = run("Analogy")
    assert "One would have expected “queen”" in said(at)  # the letters of “snow” are nearer
    at.text_input(key="words-c").set_value("london").run()
    assert "One would have expected" not in said(settled(at))  # no example


def test_two_axes_make_a_plane() -> None:
    at = run("Axis")
    at.toggle(key="words-two").set_value(True).run()
    assert "The two axes" in said(settled(at))
    assert not at.error


@pytest.mark.parametrize("which", ["All words", "My texts"])
def test_an_axis_ranges_words_and_texts(which: str) -> None:
    at = run("Axis")
    at.segmented_control(key="words-range").set_value(which).run()
    kind = {"All words": "all words", "My texts": "all texts"}[which]
    assert f"Nine in ten of {kind}" in said(settled(at))
    assert not at.error


def test_ones_own_list_and_the_words_of_the_texts() -> None:
    at = run()
    at.selectbox(key="words-source").set_value("Words of the texts").run()
    assert "words of your texts" in said(settled(at))
    at.selectbox(key="words-source").set_value("My own list").run()
    settled(at)
    at.text_area(key="words-own").set_value("ab\ncd\nef").run()
    assert "3 words of your own list" in said(settled(at))
    at.text_area(key="words-own").set_value(" \n,").run()
    assert "list of words is empty" in told(settled(at))


def test_a_model_that_tells_no_words_takes_those_of_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    use(LetterEncoder(), monkeypatch)
    assert "This model doesn't tell its words" in said(run())


def test_a_word_in_several_pieces_is_said() -> None:
    assert "reads “ab cd” as ab" in said(run(words_nearest="ab cd")).replace("\\", "")


@pytest.mark.parametrize(
    ("question", "typed", "sentence"),
    [
        ("Nearest", {"words_nearest": "  "}, "A word is missing"),
        ("Nearest", {"words_nearest": "日本"}, "knows nothing of “日本”"),
        ("Analogy", {"words_b": ""}, "A word is missing"),
        ("Analogy", {"words_a": "king", "words_b": "King"}, "stands in the analogy twice"),
        ("Odd one out", {"words_odd": "one"}, "One word alone"),
        ("Odd one out", {"words_odd": "  "}, "No word"),
        ("Axis", {"words_axis_low": "cold", "words_axis_high": "Cold"}, "Both poles are “cold”"),
        ("Axis", {"words_axis_low": "", "words_axis_high": "hot"}, "first pole is empty"),
        ("Axis", {"words_axis_low": "ab", "words_axis_high": "ba"}, "sees no difference"),
        ("Axis", {"words_listed": ""}, "list of words is empty"),
        ("Axis", {"words_listed": "snow, 日本"}, "knows nothing of “日本”"),
        ("Bias probe", {"words_bias_low": "he"}, "too few words"),
        ("Bias probe", {"words_bias_low": "he, him, man, she"}, "“she” stands in both poles"),
        ("Bias probe", {"words_occupations": ""}, "no words to probe"),
    ],
)
def test_bad_input_is_answered_with_one_sentence(question: str, typed: dict[str, str], sentence: str) -> None:
    assert sentence in told(run(question, **typed))


def test_markup_is_shown_as_typed() -> None:
    at = run("Odd one out", words_odd="<b>x</b>, :smile:, $y$")
    assert not at.error
    heading = next(one.value for one in at.markdown if one.value.startswith("### "))
    assert "<b>" not in heading
    assert ":smile:" not in heading


def test_hundreds_of_words_show_the_oddest() -> None:
    letters = "abcdefghij"
    many = [f"{a}{b}{'u' * repeat}" for repeat in range(6) for a in letters for b in letters]
    assert "The 40 oddest of 600 words" in said(run("Odd one out", words_odd=", ".join(many)))


def test_vectors_of_unknown_origin_can_not_be_asked() -> None:
    at = AppTest.from_file(PAGE, default_timeout=60)
    corpus = Corpus.of(TEXTS)
    at.session_state["corpus"] = corpus
    at.session_state["own"] = (corpus.fingerprint, "emb", "")
    at.run()
    assert "what made them is not known" in told(at)


def test_a_stop_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(WordyEncoder):
        def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
            time.sleep(0.5)
            return super().encode(texts, query)

    slow = Slow()
    slow.card = replace(slow.card, at_once=2)
    use(slow, monkeypatch)
    at = AppTest.from_file(PAGE, default_timeout=60)
    at.session_state["corpus"] = Corpus.of(TEXTS)
    at.run()
    button(at, "Stop").click().run()  # type: ignore[attr-defined]
    for _ in range(40):
        if at.info:
            break
        at.run()
    assert "embedded so far are kept" in said(at)
    assert 0 < len(np.concatenate(slow.calls)) < len(WordyEncoder.WORDS)
    button(at, "Continue").click().run()  # type: ignore[attr-defined]
    assert not settled(at).error


@pytest.mark.model
def test_minilm_shows_its_examples(minilm: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one's own list of words, so that 22,000 need not be embedded."""
    use(minilm, monkeypatch)
    needed = sorted({word for four in examples().analogies for word in four})
    at = run("Analogy", words_source="My own list", words_own="\n".join(needed))
    assert "### queen" in [one.value for one in at.markdown]
    at.button(key="words-try-hot : cold = day : ?").click().run()
    assert not settled(at).error
    ask(at, "Nearest")
    at.text_input(key="words-nearest").set_value("ﷺ").run()
    assert "knows nothing of “ﷺ”" in told(settled(at))
