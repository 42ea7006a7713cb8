"""Two texts side by side, on the page on similarity and from elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from embedlab.corpus import Corpus
from embedlab.corpus.vectors import OwnVectors
from pages.app import panel, session
from tests.conftest import LetterEncoder
from tests.pages.driving import MAIN, run, said, settled, tickets

pytestmark = pytest.mark.usefixtures("fresh")
PAGE = "similarity/page.py"


def two(first: str | None = None, second: str = "", corpus: Corpus | None = None) -> AppTest:
    at = run(corpus, PAGE)
    at.segmented_control(key="similarity-view").set_value(session.TWO_TEXTS).run()
    if first is not None:
        at.text_input(key="pair-first").set_value(first).run()
        at.text_input(key="pair-second").set_value(second).run()
    return settled(at)


def cosine(at: AppTest) -> float:
    return float(next(metric.value for metric in at.metric if metric.label == "Cosine"))


def test_a_pair_of_the_texts_is_there_at_once() -> None:
    at = two()
    texts = tickets().texts
    assert at.text_input(key="pair-first").value in texts
    assert at.text_input(key="pair-second").value in texts
    assert "More alike than" in said(at)
    assert "add up to the cosine" in said(at)


def test_the_score_moves_with_the_texts_and_says_by_how_much() -> None:
    at = two("aab", "ab")
    assert cosine(at) == pytest.approx(3 / np.sqrt(10), abs=0.0006)
    before = cosine(at)
    at.text_input(key="pair-second").set_value("cd").run()
    assert cosine(at) == 0
    (metric,) = at.metric
    assert "since you began" in metric.delta
    assert before > 0


def test_words_can_be_left_out_instead() -> None:
    at = two("aa b", "aa")
    at.toggle(key="pair-left-out").set_value(True).run()
    assert "One word left out at a time" in said(at)
    table = at.dataframe[0].value
    assert list(table.iloc[:, 0]) == ["aa", "b"]
    assert table.iloc[0, 1] == pytest.approx(2 / np.sqrt(5))


def test_a_model_that_can_not_be_taken_apart_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LetterEncoder, "parts", lambda self, text, query=False: None)
    at = two("aa b", "aa")
    assert "can't be shared out exactly" in said(at)
    assert cosine(at) == pytest.approx(2 / np.sqrt(5), abs=0.0006)
    at.toggle(key="pair-left-out").set_value(True).run()
    assert "One word left out at a time" in said(at)


@pytest.mark.parametrize(("first", "second"), [("", "ab"), ("ab", "  "), ("", "")])
def test_an_empty_text_asks_for_one(first: str, second: str) -> None:
    at = two(first, second)
    assert "Type two texts to compare them." in said(at)
    assert not at.error


def test_the_same_text_twice_is_one() -> None:
    assert cosine(two("aab", "aab")) == 1


def test_a_lone_text_has_no_other_to_stand_beside() -> None:
    at = two(corpus=Corpus.of(["aab"]))
    assert at.text_input(key="pair-second").value == ""
    at.text_input(key="pair-second").set_value("ab").run()
    assert "no other pairs" in said(at)


def test_what_is_past_the_window_is_said() -> None:
    at = two("a b c d e f g h i j", "a")
    assert "past the 8 tokens" in said(at)


def test_long_texts_get_room() -> None:
    corpus = Corpus.of(["a" * 200 + "\nb", "b" * 300, "ab"])
    at = run(corpus, PAGE)
    at.session_state["pair-origin"] = (corpus.texts[0], "ab")
    at.session_state["pair-first"], at.session_state["pair-second"] = corpus.texts[0], "ab"
    at.segmented_control(key="similarity-view").set_value(session.TWO_TEXTS).run()
    assert at.text_area(key="pair-first").value == corpus.texts[0]
    assert at.text_input(key="pair-second").value == "ab"


def test_a_pair_on_the_map_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    at = run()
    at.session_state["touched"] = session.Touched(tickets().fingerprint, clicked=4)
    monkeypatch.setattr(panel, "show_texts", lambda texts, **_: texts[0].row)
    at.run()
    assert at.session_state["pair-first"] == tickets().texts[4]
    assert at.session_state["pair-second"] in tickets().texts
    assert at.session_state["similarity-view"] == session.TWO_TEXTS


def test_vectors_that_came_along_are_compared_but_not_taken_apart() -> None:
    own = OwnVectors("mine", np.array([[1, 0], [0.6, 0.8], [0, 1]], dtype=np.float32))
    corpus = replace(Corpus.of(["one", "two", "three"]), vectors=(own,))
    at = AppTest.from_file(MAIN, default_timeout=60)
    at.session_state["corpus"] = corpus
    at.session_state["own"] = (corpus.fingerprint, "mine", "")
    at.session_state["pair-origin"] = ("one", "two")
    at.session_state["pair-first"], at.session_state["pair-second"] = "one", "two"
    at.session_state["similarity-view"] = session.TWO_TEXTS
    at.run()
    at.switch_page(PAGE).run()
    at = settled(at)
    assert cosine(at) == pytest.approx(0.6)
    assert "can't be taken apart" in said(at)
    at.text_input(key="pair-second").set_value("another").run()
    assert "no other text can be read" in said(at)
