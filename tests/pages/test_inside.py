"""The page on a model's inside, through Streamlit's own test harness: with layers by hand, and once the real ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import registry
from pages.inside import jobs as shared
from tests.conftest import LetterEncoder
from tests.words.word_inside import WordInside

PAGE = Path(__file__).parents[2] / "pages" / "inside" / "page.py"


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[WordInside]:
    inside = WordInside(window=60)
    monkeypatch.setattr(registry, "inside", lambda name: inside)
    monkeypatch.setattr(shared, "load", lambda name: LetterEncoder())
    monkeypatch.setattr(shared, "prompts", lambda: {"all-MiniLM-L6-v2": "", "other": "query: "})
    st.cache_resource.clear()
    yield inside
    st.cache_resource.clear()


def run(**state: object) -> AppTest:
    at = AppTest.from_file(PAGE, default_timeout=60)
    for key, value in state.items():
        at.session_state[key.replace("_", "-")] = value
    return settled(at.run())


def settled(at: AppTest) -> AppTest:
    for _ in range(300):
        assert not at.exception, at.exception
        if not at.get("progress"):
            return at
        time.sleep(0.2)
        at.run()
    raise AssertionError("the page never finished")


def said(at: AppTest) -> str:
    kinds = (at.text, at.caption, at.markdown, at.error, at.subheader, at.title, at.metric, at.get("html"))
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def words(**state: object) -> AppTest:
    return run(inside_view="One word, several meanings", **state)


def test_a_sentence_goes_through_in_six_steps() -> None:
    at = run()
    assert [one.value for one in at.subheader] == [
        "1. Characters", "2. Tokens", "3. Layer by layer", "4. Attention", "5. Pooling", "6. The vector",
    ]  # fmt: skip
    assert "16 tokens, 1 of them special" in said(at)
    assert "these 27 numbers" in said(at)
    assert not at.error


def test_layer_head_and_special_tokens_can_be_chosen() -> None:
    at = run()
    told = "{} of what the text's own tokens take comes from special tokens"
    assert told.format("3.1 %") in said(at)
    at.selectbox(key="inside-head-2").set_value(1).run()
    at.toggle(key="inside-special").set_value(False).run()
    assert told.format("6.2 %") in said(settled(at))
    at.slider(key="inside-layer-2").set_value(2).run()
    assert told.format("0 %") in said(settled(at))


def test_an_example_takes_the_place_of_the_sentence() -> None:
    at = run()
    at.button(key="inside-example-Other signs").click().run()
    assert at.text_area(key="inside-text").value.startswith("¡Olé!")
    assert "U+1F680 rocket" in said(settled(at))
    assert "unknown: the vocabulary has nothing for them" in said(at)


@pytest.mark.parametrize(
    "text",
    [
        "word",
        "a " * 5000,
        "x" * 10_000,
        "💚🚀👩‍👩‍👧",
        "<script>alert(1)</script> $x$ **b** :red[x]",
        "a\x00b\n\nc",
    ],
    ids=["one word", "long", "one long word", "emoji", "markup", "control"],
)
def test_strange_sentences_go_through(text: str) -> None:
    at = run(inside_text=text)
    assert not at.error
    assert len(at.subheader) == 6
    assert "<script>" not in "".join(str(one.value) for one in at.get("html"))


def test_what_is_cut_is_said() -> None:
    assert "The model reads 60 tokens: 4,941 at the end are cut off" in said(run(inside_text="a " * 5000))


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_is_answered_with_one_sentence(text: str) -> None:
    at = run(inside_text=text)
    assert [one.value.replace("\\", "") for one in at.error] == ["There is no sentence to follow: type one."]


def test_a_prompt_is_said_and_a_pooling_that_is_no_mean_as_well(by_hand: WordInside) -> None:
    at = run()
    at.selectbox(key="inside-model-all-MiniLM-L6-v2").set_value("other").run()
    assert "The model puts “query: ” before every text" in said(settled(at))
    by_hand.pooling = "other"
    by_hand.weights = "other"
    at.run()
    assert "does more than take a mean" in said(settled(at))
    assert len(at.subheader) == 6


def test_a_model_without_layers_gives_way_and_that_is_said() -> None:
    assert "“wordllama” has no layers to look into, so this is all-MiniLM-L6-v2" in said(run(model="wordllama"))


def test_layers_that_cannot_be_had_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str) -> None:
        raise EmbedlabError("The layers of “x” can't be shown: choose another.")

    monkeypatch.setattr(registry, "inside", refused)
    at = run()
    assert len(at.error) == 1
    assert "can't be shown" in said(at)
    assert any(one.label == "Try again" for one in at.button)


def test_no_transformer_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "prompts", dict)
    assert "no transformer here" in said(run())


@pytest.mark.parametrize("word", ["bank", "spring"])
def test_a_built_in_word_is_followed(word: str) -> None:
    at = words(inside_word=word)
    assert not at.error
    assert f"sentences that mean the same “{word}” are more alike than two that don't in" in said(at)
    assert "for letters, with one vector for each way of writing it, in" in said(at)
    at.select_slider(key="inside-word-layer-2").set_value(0).run()
    at.toggle(key="inside-centred").set_value(True).run()
    assert "95 % interval" in settled(at).metric[0].delta


def test_a_word_of_ones_own() -> None:
    at = words(inside_word="Your own…")
    assert "mean the same “mouse”" in said(at)
    at.text_input(key="inside-own-word").set_value("owl").run()
    assert "Left out: 7 without “owl”" in said(settled(at))
    assert "No number without senses" in said(at)


@pytest.mark.parametrize(
    ("word", "sentences", "answer"),
    [
        ("", "a bank", "There is no word to follow"),
        ("zebra", "a bank", "None of the sentences has the word “zebra”"),
        ("bank", "", "None of the sentences has the word"),
        ("bank", "x " * 100 + "bank", "comes later in every sentence"),
    ],
)
def test_words_that_cannot_be_followed_are_answered_with_one_sentence(word: str, sentences: str, answer: str) -> None:
    at = words(inside_word="Your own…", inside_own_word=word, inside_own_sentences=sentences)
    for _ in range(20):
        if at.error:
            break
        at.run()
    assert len(at.error) == 1
    assert answer in said(at)


@pytest.mark.parametrize("word", ["💚", "<b>", "$x$", "銀行", "a*"])
def test_strange_words_are_followed(word: str) -> None:
    lines = f"I {word} it | <i>\nyou {word} it | <i>\nthey {word} him | $y$\n"
    at = words(inside_word="Your own…", inside_own_word=word, inside_own_sentences=lines)
    assert not at.error
    assert f"“{word}”" in "\n".join(one.value for one in at.text)


@pytest.mark.model
def test_the_real_model(minilm_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("EMBEDLAB_HOME", str(minilm_home))
    st.cache_resource.clear()
    at = run()
    assert "18 tokens, 2 of them special" in said(at)
    assert "384 numbers" in said(at)
    at.segmented_control(key="inside-view").set_value("One word, several meanings").run()
    assert "for wordllama, with one vector for each way of writing it, in 50\u00a0%" in said(settled(at))
