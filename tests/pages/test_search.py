"""The search page, with the letter-counting encoder in the model's place."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import FileUploader

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.encoders import Encoder
from tests.conftest import LetterEncoder
from tests.pages.driving import run, said, settled

pytestmark = pytest.mark.usefixtures("fresh")

PAGE = "search/page.py"
TEXTS = ["the cards are lost", "a lost dog", "tac dog", "<b>bold</b> $x$", "the cards are lost", "fish and chips"]


def corpus(texts: list[str] | None = None) -> Corpus:
    texts = texts or TEXTS
    topics = np.array([text.split()[-1] for text in texts], dtype=object)
    return Corpus("things", tuple(texts), (Column("topic", "category", topics),), label="topic")


def opened(texts: list[str] | None = None, query: str = "") -> AppTest:
    at = run(corpus(texts), PAGE)
    if query:
        at.text_input(key="search-query").set_value(query).run()
    return settled(at)


def uploader(at: AppTest) -> FileUploader:
    return next(one for one in at.file_uploader if str(one.key).startswith("search-file"))


def html(at: AppTest) -> str:
    return "\n".join(str(element.proto.body) for element in at.get("html"))


def test_without_a_query_it_says_what_to_do_and_offers_some() -> None:
    at = opened()
    assert at.title[0].value == "Search"
    assert "Type what you look for" in said(at)
    at.button(key="search-try-0").click().run()
    assert at.text_input(key="search-query").value == "the cards are lost"
    assert not settled(at).error


def test_a_query_is_answered_three_ways_side_by_side() -> None:
    at = opened(query="card lost")
    assert [one.value for one in at.subheader] == ["By meaning", "By words", "By both"]
    told = said(at).replace("\\", "")
    assert "BM25" in told
    assert "1st by words" in told
    assert "not among the first 100 by words" in told
    assert "2 times in these texts" in told
    assert "A text that repeats is shown once." in told
    assert "“card”" in told


def test_texts_are_shown_as_typed() -> None:
    at = opened(query="bold")
    assert "&lt;b&gt;" in html(at)
    assert "<b>" not in html(at)


def test_what_no_text_has_is_said() -> None:
    at = opened(query="zebra lost")
    assert "No text has “zebra”" in said(at).replace("\\", "")
    at.text_input(key="search-query").set_value("zebra").run()
    assert "No text has any of these words" in "\n".join(one.value for one in settled(at).info).replace("\\", "")


def test_a_query_past_the_window_is_said() -> None:
    at = opened(query="lost " * 12)
    assert "longer than the 8 tokens" in "\n".join(one.value for one in at.warning).replace("\\", "")


def test_a_query_that_the_model_refuses_is_still_looked_for_by_words(
    fresh: LetterEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = fresh.encode

    def refuses(texts: list[str], query: bool = False) -> object:
        if query:
            raise EmbedlabError("The endpoint is asleep: wake it.")
        return plain(texts)

    monkeypatch.setattr(fresh, "encode", refuses)
    at = opened(query="lost")
    assert "The endpoint is asleep" in "\n".join(one.value for one in at.info)
    assert "BM25" in said(at)
    assert not at.error
    monkeypatch.setattr(fresh, "encode", plain)
    at.run()
    assert not settled(at).info
    assert "cosine" in said(at)


def test_settings_change_the_answer() -> None:
    texts = ["cards", *(f"card {word}" for word in ("ab", "cd", "ef", "gh", "ij"))]
    at = opened(texts, query="card")
    assert "BM25" in said(at)
    at.slider(key="search-k").set_value(3).run()
    assert "4. BM25" not in said(settled(at)).replace("\\", "")
    key = next(one.key for one in at.toggle if one.key and one.key.startswith("search-stem"))
    assert at.toggle(key=key).value is False  # no sign of English
    at.text_input(key="search-query").set_value("cards").run()
    assert said(settled(at)).count(". BM25") == 1
    at.toggle(key=key).set_value(True).run()
    assert said(settled(at)).count(". BM25") == 3


def test_the_approximate_index_is_measured_beside_it() -> None:
    at = opened(query="lost")
    at.toggle(key="search-lean").set_value(True).run()
    told = said(settled(at)).replace("\\", "")
    assert "texts nearest to a text" in told
    assert "stay with it" in told
    assert not at.error


def test_which_finds_more_by_labels() -> None:
    at = opened()
    at.segmented_control(key="search-view").set_value("Which finds more?").run()
    assert "count as relevant to each" in said(settled(at))
    at.button(key="search-go").click().run()
    told = said(settled(at)).replace("\\", "")
    assert "nDCG@10" in told
    assert "queries can't show which way of searching finds most." in told
    assert "for all 3 pairs together" in told
    assert [*at.dataframe[0].value.columns] == ["Searched", "Verdict", "nDCG@10", "Behind the best"]
    assert at.dataframe[0].value["Verdict"].tolist()[0] == "the highest figure"  # of which nobody can tell
    assert at.dataframe[1].value["Measure"].tolist() == ["nDCG@10", "recall@10", "recall@100", "MRR@10"]
    assert not at.error


def test_which_finds_more_by_judgements_of_ones_own() -> None:
    at = opened()
    at.segmented_control(key="search-view").set_value("Which finds more?").run()
    at.segmented_control(key="search-relevant").set_value("Judgements of your own").run()
    assert "for example" in said(at).lower()
    table = b"query,id\nlost card,1\ndog,3\ndog,99\n"
    uploader(at).set_value([("j.csv", table, "text/csv")]).run()
    assert "1 judgement names an id that no text has (“99”)" in said(at).replace("\\", "")
    at.button(key="search-go").click().run()
    assert "2 queries" in said(settled(at))
    uploader(at).set_value([("j.csv", b"query,id\ndog,99\n", "text/csv")]).run()
    assert "No judgement in “j.csv” can be used" in at.error[0].value.replace("\\", "")


def judged(at: AppTest) -> AppTest:
    """Go to the judgements of one's own."""
    at.switch_page(PAGE).run()
    settled(at)
    at.segmented_control(key="search-view").set_value("Which finds more?").run()
    at.segmented_control(key="search-relevant").set_value("Judgements of your own").run()
    return settled(at)


def test_judgements_stay_with_the_texts_that_they_were_opened_for() -> None:
    at = judged(opened())
    uploader(at).set_value([("j.csv", b"query,id\nlost card,1\ndog,3\n", "text/csv")]).run()
    assert "Put 2 queries to all three" in [one.label for one in at.button]
    at.switch_page("library/texts.py").run()
    judged(at)
    assert "“j.csv”, as opened before for these texts." in said(at).replace("\\", "")
    assert "Put 2 queries to all three" in [one.label for one in at.button]
    at.switch_page("library/texts.py").run()
    at.session_state["corpus"] = corpus(["a dog", "a cat", "a dog and a cat", "a cat and a dog"])
    judged(at)
    assert "“j.csv” was opened for other texts (“things”) and is not put to these: open it again to do so." in said(
        at
    ).replace("\\", "")
    assert not any(one.key == "search-go" for one in at.button)
    assert not uploader(at).value


def test_files_left_from_before_beside_new_ones_are_named() -> None:
    at = judged(opened())
    files = [(name, b"query,id\ndog,3\n", "text/csv") for name in ("old.csv", "new.csv")]
    uploader(at).set_value(files).run()
    assert "“old.csv”, “new.csv” don't belong together: take out what is left from before" in at.error[0].value.replace(
        "\\", ""
    )
    uploader(at).set_value(files[1:]).run()
    assert not at.error
    uploader(at).set_value([]).run()
    assert "For example" in said(at)


def test_a_query_survives_a_visit_to_another_page_and_other_texts() -> None:
    at = opened(query="lost dog")
    at.switch_page("library/texts.py").run()
    at.session_state["corpus"] = corpus(["a dog", "a cat"])
    at.switch_page(PAGE).run()
    assert at.text_input(key="search-query").value == "lost dog"
    assert "By meaning" in [one.value for one in settled(at).subheader]


@pytest.mark.parametrize("texts", [["alone"], ["same"] * 5, ["...", "!!"], ["東京タワー", "ภาษาไทย"]])
def test_small_and_strange_corpora(texts: list[str]) -> None:
    at = opened(texts, query="same 東京")
    assert not at.error
    at.toggle(key="search-lean").set_value(True).run()
    assert len(settled(at).error) <= 1
    at.segmented_control(key="search-view").set_value("Which finds more?").run()
    assert len(settled(at).error) <= 1


@pytest.mark.model
def test_minilm_answers_and_shades(monkeypatch: pytest.MonkeyPatch, minilm: Encoder) -> None:
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): minilm)
    at = opened(["We had lunch on the bank of the river.", "The bank raised its rates."], query="eating by a stream")
    assert "cosine" in said(at)
    assert "Shaded is what carried a text" in said(at)
    assert "background:" in html(at)
