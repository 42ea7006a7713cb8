"""The page that compares models, with two encoders whose vectors follow from the texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.compare.agreement import PAIRS
from embedlab.compare.comparison import Comparison
from embedlab.compare.models import chosen
from embedlab.corpus import Column, Corpus
from embedlab.corpus.vectors import OwnVectors
from embedlab.encoders import DEFAULT_MODEL, speed
from embedlab.encoders.base import LEXICAL, STATIC, TRANSFORMER
from embedlab.encoders.transformer import tuned
from embedlab.pipeline import EmbeddingChoice
from pages.app import session
from pages.compare import jobs as compare_jobs
from pages.compare import report
from tests.conftest import LetterEncoder
from tests.pages.driving import run, said, settled
from tests.pages.halves import HalfEncoder
from tests.sentences import say

PAGE = "compare/page.py"
WORDS = ["aaab", "aabb", "abbb", "cccd", "ccdd", "cddd", "eeef", "eeff", "efff", "gggh", "gghh", "ghhh"]


class Asleep(LetterEncoder):
    """Fails whenever it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.card = replace(self.card, model="asleep", weights="none")

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        raise EmbedlabError("The endpoint is asleep: wake it.")


@pytest.fixture(autouse=True)
def encoders(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kinds = {DEFAULT_MODEL: LetterEncoder, "halves": HalfEncoder, "asleep": Asleep}
    families = {DEFAULT_MODEL: TRANSFORMER.name, "halves": STATIC.name, "asleep": LEXICAL.name}
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): kinds[name]())
    monkeypatch.setattr(compare_jobs, "_ready", lambda: families)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()


def corpus(columns: bool = True, own: NDArray[np.float32] | None = None) -> Corpus:
    texts = tuple(f"{word} {word[::-1]}{'x' * (row % 5)}" for row, word in enumerate(WORDS * 4))
    topics = np.array([text[0] for text in texts], dtype=object)
    vectors = () if own is None else (OwnVectors("mine", own),)
    return Corpus(
        "words", texts, (Column("topic", "category", topics),) if columns else (), label="topic" if columns else None,
        vectors=vectors,
    )  # fmt: skip


def opened(view: str = "", texts: Corpus | None = None) -> AppTest:
    at = run(texts or corpus(), PAGE)
    if view:
        at.segmented_control(key="compare-view").set_value(view).run()
    return settled(at)


def test_models_are_called_as_the_command_calls_them() -> None:
    texts = corpus(own=np.eye(48, dtype=np.float32))
    texts = replace(texts, vectors=(*texts.vectors, OwnVectors("halves", np.eye(48, dtype=np.float32))))
    offered = compare_jobs.choices(texts, EmbeddingChoice(DEFAULT_MODEL, True, 5))
    short, *others = list(offered)
    assert (
        short == chosen([offered[short], DEFAULT_MODEL], texts)[0].name == f"{DEFAULT_MODEL}@fp32, first 5 dimensions"
    )
    assert others == ["mine", "halves", DEFAULT_MODEL, f"{DEFAULT_MODEL}@fp32", "halves (model)", "asleep"]
    known = [name for name in others if "(" not in name]
    assert [one.how for one in chosen(known, texts)] == [offered[name] for name in known]
    static = EmbeddingChoice("halves", True)  # it has one precision
    assert next(iter(compare_jobs.choices(corpus(), static))) == "halves"


def models(at: AppTest) -> object:
    return next(one for one in at.multiselect if one.label == "Models")


def plain(at: AppTest) -> str:
    return said(at).replace("\\", "")


def frames(at: AppTest) -> str:
    return "\n".join(str(frame.value.to_dict()) for frame in at.dataframe)


def test_it_opens_with_two_models_side_by_side() -> None:
    at = opened()
    assert at.title[0].value == "Compare models"
    assert models(at).value == [DEFAULT_MODEL, "halves"]  # type: ignore[attr-defined]
    assert "is laid onto that of" in plain(at)
    assert "lasso" in plain(at)
    assert not at.error


def test_what_is_selected_is_told_for_both() -> None:
    at = opened()
    texts = corpus()
    at.session_state["touched"] = session.Touched(texts.fingerprint, selected=np.array([0, 12, 24]), clicked=0)
    settled(at.run())
    told = plain(at)
    assert "Where 3 selected texts lie" in told
    assert "of their ten nearest texts are among them" in told
    assert "of its 10 nearest texts are the same in both models" in told
    assert not at.error
    next(one for one in at.button if one.key == "clear-compare").click().run()
    assert "Where 3 selected texts lie" not in plain(settled(at))


def test_one_map_can_change_into_the_other() -> None:
    at = opened()
    at.toggle(key="compare-single").set_value(True).run()
    at.segmented_control(key="compare-which").set_value("halves").run()
    assert not settled(at).error


def test_where_they_disagree() -> None:
    at = opened("Disagreements")
    told = plain(at)
    assert "texts that changed most" in told
    assert "Texts that moved together" in told
    assert "Pairs whose likeness changed most" in [expander.label for expander in at.expander]
    assert not at.error


def test_pairs_are_told_by_their_rank_in_both_models() -> None:
    at = opened("Disagreements")
    opener = next(one for one in at.expander if one.label == "Pairs whose likeness changed most")
    assert opener.key == "compare-pairs"
    at.session_state["compare-pairs"] = True
    settled(at.run())
    table = next(frame.value for frame in at.dataframe if "Rank in A" in frame.value.columns)
    assert [*table.columns] == ["Rank in A", "Rank in B", "One text", "The other"]
    assert table[["Rank in A", "Rank in B"]].to_numpy().max() <= 100
    assert f"Of {PAIRS:,} pairs drawn at random" in plain(at)


def test_numbers_stand_beside_noise_and_chance_and_queries_are_put_to_both() -> None:
    at = opened("Numbers")
    assert "Jaccard" in plain(at)
    assert "Unrelated vectors" in frames(at)
    for model in (DEFAULT_MODEL, "halves"):
        assert f"Noise: 5 % of the texts dropped ({model})" in frames(at)
        assert f"Noise: vectors rounded to bf16 ({model})" in frames(at)
    assert f"From {DEFAULT_MODEL} to halves " in plain(at)
    assert "Put as queries" in plain(at)
    at.text_area(key="compare-queries").set_value("aaab cd\n\nghhh").run()
    settled(at)
    assert "2 queries" in plain(at)
    assert not at.error


def test_maps_are_compared_beside_another_seed_of_one_of_them() -> None:
    at = opened("Numbers")
    at.toggle(key="compare-map-noise").set_value(True).run()
    assert "that differ in their seed alone" in plain(settled(at))


def test_quality_by_labels_has_intervals_and_verdicts() -> None:
    at = opened("Quality")
    told = plain(at)
    assert "No difference in" in told or "beats" in told
    assert "linear probe" in frames(at)
    assert "48 texts" in told or "distinct" in told or "count once" in told
    assert not at.error
    at.segmented_control(key="compare-view").set_value("Cost").run()
    settled(at)
    assert "'Bytes a vector': {0: 108, 1: 108}" in frames(at)
    assert "dotted line" in plain(at)


def test_speeds_are_measured_by_turns_on_these_texts_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "AT_LEAST", 0.001)
    at = opened("Cost")
    assert frames(at).count("not measured") == 2
    at.button(key="compare-measure-speed").click().run()
    settled(at)
    assert "not measured" not in frames(at)
    assert f"{speed.ROUNDS} rounds of 48 of these texts" in plain(at)
    assert "Two models count as equally fast unless one was faster in every round" in plain(at)
    assert not at.error
    assert "not measured" not in frames(opened("Cost"))
    assert frames(opened("Cost", Corpus("others", ("ab", "cd", "ef", "gh", "ij")))).count("not measured") == 2


def test_a_measurement_that_is_stopped_or_fails_says_so_and_leaves_the_page_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(*_: object) -> object:
        raise EmbedlabError("The endpoint is gone.")

    monkeypatch.setattr(speed, "measure", gone)
    at = opened("Cost")
    settled(at.button(key="compare-measure-speed").click().run())
    assert "The speeds were not measured. The endpoint is gone." in plain(at)
    assert frames(at).count("not measured") == 2
    settled(at.run())
    assert not at.error
    assert at.button(key="compare-measure-speed")


def test_only_what_is_about_two_models_asks_which_two() -> None:
    asked = {}
    for view in ("Side by side", "Numbers", "Quality", "Cost", "Report"):
        at = opened(view)
        asked[view] = [one.label for one in at.selectbox if one.label in ("A", "B")]
    both = ["A", "B"]
    assert asked == {"Side by side": both, "Numbers": both, "Quality": [], "Cost": [], "Report": both}
    at = opened("Quality")
    at.segmented_control(key="compare-evidence-True").set_value("Judge blind").run()
    assert [one.label for one in at.selectbox if one.label in ("A", "B")] == both


@pytest.mark.parametrize("view", ["Cost", "Report"])
def test_quality_can_be_measured_from_where_it_is_missing(view: str) -> None:
    at = opened(view)
    assert "not measured" in frames(at) or view == "Report"
    next(one for one in at.button if one.label.startswith("Measure by the labels in")).click().run()
    settled(at)
    told = plain(at)
    assert "dotted line" in told or "No difference in" in told or "beats" in told
    assert not any(one.label.startswith("Measure by the labels") for one in at.button)
    assert not at.error


def test_of_three_models_the_best_is_named_first() -> None:
    at = opened("Quality")
    models(at).set_value([DEFAULT_MODEL, "halves", f"{DEFAULT_MODEL}@fp32"]).run()  # type: ignore[attr-defined]
    assert "none of the 3 models can be told from the best" in plain(settled(at))


def test_pairs_with_scores_of_ones_own() -> None:
    at = opened("Quality")
    at.segmented_control(key="compare-evidence-True").set_value("Pairs with scores").run()
    table = b"id1,id2,score\n1,2,4\n1,4,0\n1,3,2\n4,5,3\n99,1,1\n"
    at.file_uploader(key="compare-file-Pairs with scores").set_value([("p.csv", table, "text/csv")]).run()
    settled(at)
    assert "Spearman" in frames(at)
    assert plain(at).count("“99”") == 1
    at.file_uploader(key="compare-file-Pairs with scores").set_value([("p.csv", b"a,b\n1,2\n", "text/csv")]).run()
    assert settled(at).error


def test_judgements_of_a_search() -> None:
    at = opened("Quality")
    at.segmented_control(key="compare-evidence-True").set_value("Judgements of a search").run()
    table = b"query,id\naaab,1\nghhh,12\n"
    at.file_uploader(key="compare-file-Judgements of a search").set_value([("j.csv", table, "text/csv")]).run()
    settled(at)
    assert "nDCG@10" in frames(at)
    assert not at.error
    at.segmented_control(key="compare-view").set_value("Cost").run()
    settled(at)
    at.segmented_control(key="compare-view").set_value("Quality").run()
    assert "“j.csv”, as opened before for these texts." in plain(settled(at))
    at.session_state["corpus"] = replace(corpus(), texts=tuple(f"{text}z" for text in corpus().texts))
    at.switch_page(PAGE).run()
    settled(at)
    at.segmented_control(key="compare-view").set_value("Quality").run()
    at.segmented_control(key="compare-evidence-True").set_value("Judgements of a search").run()
    assert "“j.csv” was opened for other texts (“words”) and is not put to these" in plain(settled(at))
    assert "nDCG@10" not in frames(at)


def test_ids_are_looked_up_where_they_are_found() -> None:
    """Numbers that could be rows, too: by the row both would be of another text."""
    of = corpus()
    ids = np.array([float(len(of) - row) for row in range(len(of))])
    at = opened("Quality", replace(of, columns=(*of.columns, Column("_id", "number", ids))))
    at.segmented_control(key="compare-evidence-True").set_value("Judgements of a search").run()
    table = b"query,id\naaab,48\nghhh,37\n"
    at.file_uploader(key="compare-file-Judgements of a search").set_value([("j.csv", table, "text/csv")]).run()
    settled(at)
    assert next(one for one in at.selectbox if one.label == "An id is").value == "_id"


def judge(at: AppTest, keys: Sequence[str]) -> int:
    """Press `keys` in turn until nothing more is asked; return how often."""
    pressed = 0
    while any(one.key == "compare-judge-left" for one in at.button):
        at.button(key=f"compare-judge-{keys[pressed % len(keys)]}").click().run()
        pressed += 1
        assert pressed < 40
    return pressed


def shown(at: AppTest) -> list[str]:
    """Return the text and the two neighbours that stand there to be judged."""
    return [str(one.value) for one in at.text]


def test_without_labels_a_blind_test_is_offered_and_one_key_does_not_win_it() -> None:
    at = opened("Quality", corpus(columns=False))
    assert "nobody can know" in plain(at)
    assert "Question 1 of 24" in plain(at)
    judge(at, ["left"])
    told = plain(at)
    assert "The answers follow the side, “left” 24 times of 24" in told
    assert "was chosen in 50 % of 20" in told
    assert "the same text was chosen in 0" in told
    assert "One judge, and only where they disagree" in told
    at.segmented_control(key="compare-view").set_value("Report").run()
    assert "The answers follow the side" in plain(settled(at))


def test_judging_more_adds_texts_and_judging_again_begins_anew() -> None:
    at = opened("Quality", corpus(columns=False))
    judge(at, ["tie"])
    assert "20 undecided." in plain(at)
    at.button(key="compare-judge-more").click().run()
    assert "Question 25 of " in plain(at)
    judge(at, ["tie"])
    assert int(re.findall(r"(\d+) undecided", plain(at))[0]) > 20
    at.button(key="compare-judge-again").click().run()
    assert "Question 1 of " in plain(at)


def test_answers_are_kept_on_other_sections_and_one_can_go_back() -> None:
    at = opened("Quality", corpus(columns=False))
    first = shown(at)
    at.button(key="compare-judge-right").click().run()
    second = shown(at)
    assert second != first
    at.segmented_control(key="compare-view").set_value("Numbers").run()
    settled(at)
    at.segmented_control(key="compare-view").set_value("Quality").run()
    assert shown(settled(at)) == second
    at.toggle(key="compare-judge-now").set_value(True).run()
    assert "A verdict takes 10 decided ones." in plain(at)
    at.button(key="compare-judge-back").click().run()
    assert shown(at) == first
    assert "Question 1 of 24" in plain(at)


def test_the_report_can_be_taken_away() -> None:
    at = opened("Report")
    labels = [one.proto.label for one in at.get("download_button")]
    assert labels == ["Report as a web page", "Every number as JSON"]
    assert "can't be known" in plain(at)
    assert not at.error


def test_a_model_that_fails_says_why_and_the_others_stay() -> None:
    at = opened()
    models(at).set_value([DEFAULT_MODEL, "halves", "asleep"]).run()  # type: ignore[attr-defined]
    settled(at)
    assert [one.value.replace("\\", "") for one in at.error] == ["asleep: The endpoint is asleep: wake it."]
    assert "is laid onto that of" in plain(at)


def remember(model: str, texts: Sequence[str]) -> None:
    """Make it so that a model was fine-tuned here on these texts."""
    folder = tuned.root() / model
    folder.mkdir(parents=True)
    tuned.keep_learnt(folder, texts, "another")


def test_no_model_is_measured_by_labels_that_it_has_learned() -> None:
    remember("halves", corpus().texts[:12])
    at = opened("Quality")
    sentence = "12 texts that a fine-tuned model has learned from left out, for all models alike."
    assert sentence in plain(at)
    models(at).set_value([DEFAULT_MODEL, "halves", f"{DEFAULT_MODEL}@fp32"]).run()  # type: ignore[attr-defined]
    settled(at)
    at.segmented_control(key="compare-view").set_value("Cost").run()
    assert "dotted line" in plain(settled(at))
    models(at).set_value([DEFAULT_MODEL, f"{DEFAULT_MODEL}@fp32"]).run()  # type: ignore[attr-defined]
    settled(at)
    at.segmented_control(key="compare-view").set_value("Quality").run()
    assert sentence not in plain(settled(at))
    assert not at.error


def test_pairs_that_a_model_has_learned_from_flatter_it(monkeypatch: pytest.MonkeyPatch) -> None:
    remember("halves", corpus().texts[:2])
    made: list[Comparison] = []
    gathered = report.gathered
    monkeypatch.setattr(report, "gathered", lambda compared, k: made.append(gathered(compared, k)) or made[-1])
    at = opened("Quality")
    at.segmented_control(key="compare-evidence-True").set_value("Pairs with scores").run()
    table = b"id1,id2,score\n1,2,4\n1,4,0\n1,3,2\n4,5,3\n"
    at.file_uploader(key="compare-file-Pairs with scores").set_value([("p.csv", table, "text/csv")]).run()
    settled(at)
    sentence = "halves has learned from 2 of these texts"
    assert sentence in "\n".join(one.value for one in at.warning)
    for view in ("Cost", "Report"):
        at.segmented_control(key="compare-view").set_value(view).run()
        assert sentence in "\n".join(one.value for one in settled(at).warning)
    assert any(note.startswith(sentence) for note in made[-1].notes)


def test_the_report_names_a_model_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Comparison] = []
    gathered = report.gathered
    monkeypatch.setattr(report, "gathered", lambda compared, k: made.append(gathered(compared, k)) or made[-1])
    at = opened("Report")
    assert not any("asleep" in note for note in made[-1].notes)
    models(at).set_value([DEFAULT_MODEL, "halves", "asleep"]).run()  # type: ignore[attr-defined]
    settled(at)
    assert say(made[-1].notes[-1:], ("asleep is left out", "wake it"))
    assert made[-1].names == (DEFAULT_MODEL, "halves")


def test_labels_that_measure_nothing_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = replace(corpus(), columns=(Column("topic", "category", np.array(["one"] * 48, dtype=object)),))
    at = opened("Quality", alone)
    assert len(at.error) == 1
    for view in ("Cost", "Report"):
        at.segmented_control(key="compare-view").set_value(view).run()
        assert not settled(at).error
    assert "Measure the models under" in plain(at) or "measure the models under" in plain(at).lower()
    at.segmented_control(key="compare-view").set_value("Quality").run()
    assert len(settled(at).error) == 1


def test_two_models_that_are_the_same_are_said_to_be() -> None:
    at = opened()
    models(at).set_value([DEFAULT_MODEL, f"{DEFAULT_MODEL}@fp32"]).run()  # type: ignore[attr-defined]
    settled(at)
    assert "give the very same vectors" in plain(at)
    for view in ("Disagreements", "Numbers", "Quality", "Cost", "Report"):
        at.segmented_control(key="compare-view").set_value(view).run()
        assert not settled(at).error


def test_own_vectors_with_unusable_rows_are_left_out_of_all() -> None:
    own = np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32)
    own[3], own[7, 1] = 0, np.nan
    at = opened(texts=corpus(own=own))
    models(at).set_value([DEFAULT_MODEL, "mine"]).run()  # type: ignore[attr-defined]
    settled(at)
    assert "2 texts without a usable vector" in "\n".join(one.value for one in at.warning).replace("\\", "")
    assert "is laid onto that of" in plain(at)
    for view in ("Disagreements", "Numbers", "Quality", "Cost", "Report"):
        at.segmented_control(key="compare-view").set_value(view).run()
        assert not settled(at).error


def test_one_model_is_nothing_to_compare() -> None:
    at = opened()
    models(at).set_value([DEFAULT_MODEL]).run()  # type: ignore[attr-defined]
    assert "Choose two models" in plain(at)


@pytest.mark.parametrize("view", ["Side by side", "Disagreements", "Numbers", "Quality", "Cost", "Report"])
@pytest.mark.parametrize("count", [3, 5])
def test_a_few_texts_are_no_reason_to_fail(count: int, view: str) -> None:
    at = opened(view, Corpus.of(WORDS[:count], "few"))
    assert not at.error
