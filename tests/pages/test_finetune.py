"""The page that decides between frozen and fine-tuned, with trainings that only pretend and vectors known by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress
from embedlab.corpus import Column, Corpus
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.base import STATIC, TRANSFORMER, ModelEntry
from embedlab.finetune import runs
from embedlab.finetune.cases import OF_TEXTS, SPLIT, FinetuneCase, FinetuneSetup
from embedlab.finetune.data import TrainingData
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.runs import Run
from embedlab.space import embedding
from embedlab.stats.intervals import share
from pages.app import results
from pages.finetune import jobs as finetune_jobs
from pages.finetune import train
from tests.conftest import LetterEncoder
from tests.pages.driving import run as opened_page
from tests.pages.driving import said, settled

PAGE = "finetune/page.py"
WORDS = ["ab", "ba", "aab", "bba", "abab", "cd", "dc", "ccd", "ddc", "cdcd", "ef", "fe", "eef", "ffe", "efef"]


class Tuned(LetterEncoder):
    """Sees nothing but which of three pairs of letters a text is made of: what a perfect training would do."""

    def __init__(self) -> None:
        super().__init__()
        self.card = replace(self.card, model="tuned", weights="trained")

    def encode(self, texts: Any, query: bool = False) -> NDArray[np.float32]:
        counted = super().encode(texts, query)
        merged = np.zeros_like(counted)
        for place in range(0, 26, 2):
            merged[:, place] = counted[:, place] + counted[:, place + 1]
        merged[:, -1] = counted[:, -1]
        return merged / np.linalg.norm(merged, axis=1, keepdims=True)


@dataclass
class Trainings:
    """Trainings that are only written down."""

    found: dict[str, Run] = field(default_factory=dict)
    finished: dict[str, Any] = field(default_factory=dict)
    started: list[tuple[str, Recipe, TrainingData]] = field(default_factory=list)

    def all_runs(self) -> tuple[Run, ...]:
        return tuple(self.found.values())

    def start(self, name: str, recipe: Recipe, data: TrainingData, about: Any = None) -> Run:
        if name in self.found:
            raise EmbedlabError(f"There is a model “{name}” already: choose another name.")
        self.started.append((name, recipe, data))
        return self.add(
            name, recipe, data, "running", data={**about, **data.facts}, progress=Progress("Training", 3, 10, 6.0, 3)
        )

    def add(self, name: str, recipe: Recipe, of: TrainingData, status: str, **more: Any) -> Run:
        facts = {"started": time.time(), "seconds": 83.0, "losses": ((1, 2.0), (2, 1.0)), "scores": ((2, 0.7),)}
        values = {"progress": None, "error": "", "usable": status in ("finished", "stopped"), "data": of.facts}
        self.found[name] = Run(name=name, recipe=recipe, status=status, **{**facts, **values, **more})
        return self.found[name]

    def stop(self, name: str) -> None:
        self.found[name] = replace(self.found[name], status="stopped", usable=True)

    def delete(self, name: str) -> None:
        del self.found[name]

    def finish(self, name: str, facts: Any) -> None:
        self.finished[name] = facts


@pytest.fixture(autouse=True)
def trainings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainings]:
    made = Trainings()
    for name in ("all_runs", "stop", "delete", "finish"):
        monkeypatch.setattr(runs, name, getattr(made, name))
    monkeypatch.setattr(runs, "archive", lambda name: None)
    monkeypatch.setattr(runs, "start", made.start)
    monkeypatch.setattr(runs, "estimate", lambda recipe, data: 100.0)
    monkeypatch.setattr(runs, "free_name", lambda model: "minilm-tuned")
    monkeypatch.setattr(
        pipeline, "load", lambda name, exact=False, texts=(): LetterEncoder() if name == DEFAULT_MODEL else Tuned()
    )
    listings = (
        ModelEntry(DEFAULT_MODEL, TRANSFORMER, True, "here", lambda exact, texts: LetterEncoder()),
        ModelEntry("static one", STATIC, True, "here", lambda exact, texts: LetterEncoder()),
    )
    monkeypatch.setattr(finetune_jobs, "models", lambda: listings)
    monkeypatch.setattr(results, "models", lambda: listings)
    monkeypatch.setattr(train, "models", lambda: listings)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield made
    st.cache_resource.clear()
    st.cache_data.clear()


def corpus(column: bool = True) -> Corpus:
    texts = tuple(f"{word} {'x' * row}" for row in range(8) for word in WORDS)
    topics = np.array(["ace"["abcdef".index(text[0]) // 2] for text in texts], dtype=object)
    return Corpus("words", texts, (Column("topic", "category", topics),) if column else (), label="topic")


def opened(view: str = "", texts: Corpus | None = None) -> AppTest:
    at = opened_page(texts or corpus(), PAGE)
    return shown(at, view) if view else at


def shown(at: AppTest, view: str) -> AppTest:
    next(one for one in at.segmented_control if one.key.startswith("finetune-view")).set_value(view).run()
    return settled(at)


def plain(at: AppTest) -> str:
    return said(at).replace("\\", "") + "\n" + "\n".join(one.value for one in at.warning)


def frames(at: AppTest) -> str:
    return "\n".join(str(frame.value.to_dict()) for frame in at.dataframe)


def metrics(at: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in at.metric}


TOPIC = FinetuneSetup("topic")


def case(texts: Corpus | None = None, setup: FinetuneSetup = TOPIC) -> FinetuneCase:
    """What the page decides on."""
    found = texts or corpus()
    return FinetuneCase.of(found, setup, pipeline.EmbeddingChoice(DEFAULT_MODEL), setup.near_copies(found))


def trained(trainings: Trainings, name: str = "minilm-tuned", status: str = "finished", **more: Any) -> None:
    asked = case()
    data = finetune_jobs.data(asked)
    about = {
        OF_TEXTS: asked.texts.fingerprint,
        SPLIT: asked.fingerprint,
        "label": "topic",
        "held out": 0.3,
    }
    trainings.add(name, Recipe(DEFAULT_MODEL, "labels"), data, status, data={**about, **data.facts}, **more)


# --- The labels, frozen --------------------------------------------------------------------------


def test_it_opens_with_the_labels_and_their_split() -> None:
    at = opened()
    assert at.title[0].value == "Frozen or fine-tuned?"
    assert metrics(at) == {"To learn from": "84", "Held out": "36", "Classes": "3"}
    assert "Held out: drawn at random with seed 0" in plain(at)
    assert "nor a near-copy of it" in plain(at)
    assert not at.error


def with_sides() -> Corpus:
    """The same texts, of which every third is for testing, and three of these once more to learn from, nearly."""
    texts = corpus()
    again = [row for row in range(90, 120) if row % 3 == 0][:3]  # long enough for a word more not to tell
    topics, sides = (
        np.array([*values, *(values[row] if keep else "train" for row in again)], dtype=object)
        for values, keep in ((texts.column("topic").values, True), (["test", "train", "train"] * 40, False))
    )
    columns = (Column("topic", "category", topics), Column("part", "category", sides))
    return Corpus("words", (*texts.texts, *(f"{texts.texts[row]}!" for row in again)), columns, label="topic")


def test_the_files_split_is_taken_without_near_copies_and_named_beside_every_figure(trainings: Trainings) -> None:
    at = opened(texts=with_sides())
    assert metrics(at) == {"To learn from": "80", "Held out": "40", "Classes": "3"}
    told = plain(at)
    assert "Held out: the file's test part. No text that is used stands on both sides, nor a near-copy of it." in told
    assert "3 texts to learn from nearly repeat a held-out one: not learned from." in told
    on = "the file's test part: 40 texts"
    assert plain(shown(at, "Frozen")).count(on) == 2  # the readers, and the curve
    assert f"measured on {on}." in plain(shown(at, "Advice"))
    asked = case(with_sides(), FinetuneSetup("topic", by="part"))
    finetune_jobs.start("mine", Recipe(DEFAULT_MODEL, "labels"), asked)
    trainings.stop("mine")
    side = plain(shown(opened(texts=with_sides()), "Side by side"))
    assert f"Measured on {on}." in side
    assert f"All of it measured on {on}." in side
    assert trainings.finished["mine"]["measured on"] == on


def test_labels_a_class_leave_the_held_out_texts_as_they_are() -> None:
    at = opened()
    next(one for one in at.selectbox if one.label == "Labels a class to learn from").set_value(5).run()
    assert metrics(settled(at)) == {"To learn from": "15", "Held out": "36", "Classes": "3"}


def test_labels_in_random_order_are_said_to_be_unreadable_and_no_more_of_them_are_asked_for() -> None:
    made = corpus()
    topics = np.random.default_rng(1).permutation(made.columns[0].values)
    at = opened("Frozen", replace(made, columns=(Column("topic", "category", topics),)))
    assert "The labels can't be read off these vectors" in plain(at)
    assert "What would more labels bring" not in plain(at)


def test_frozen_has_three_readers_and_a_curve() -> None:
    at = opened("Frozen")
    told = frames(at)
    for way in ("linear probe", "k-NN", "prototypes"):
        assert way in told
    assert "What would more labels bring" in plain(at)
    assert metrics(at)["Accuracy of the linear probe"] == "100.0 %"
    assert not at.error


def test_one_class_is_said_in_a_sentence() -> None:
    texts = Corpus("w", ("a", "b", "c", "d"), (Column("topic", "category", np.array(["x"] * 4, dtype=object)),))
    at = opened(texts=texts)
    assert [one.value for one in at.error if "same one" in one.value]


# --- Training ------------------------------------------------------------------------------------


def test_a_training_starts_with_these_labels_and_nothing_that_is_held_out(trainings: Trainings) -> None:
    at = opened("Fine-tune")
    assert "About **2 min**" in plain(at) or "About **100 s**" in plain(at)
    at.button(key="finetune-start").click().run()
    ((name, recipe, data),) = trainings.started
    asked = case()
    assert (name, recipe) == ("minilm-tuned", asked.recipe)
    assert recipe.epochs == 10  # few texts of few classes
    held = {asked.texts.texts[row] for row in asked.split.held_out}
    validated = () if data.validation is None else data.validation.texts
    assert not held & {*data.texts, *validated}


def test_what_is_kept_of_the_split_is_what_was_done(trainings: Trainings) -> None:
    texts = corpus()
    sides = Column("part", "category", np.array(["train", "train", "test"] * 40, dtype=object))
    both = replace(texts, columns=(*texts.columns, sides))
    for by in ("", "part"):
        asked = case(both, FinetuneSetup("topic", by=by))
        run = finetune_jobs.start(f"by {by}", Recipe(DEFAULT_MODEL, "labels"), asked)
        assert run.data.get("held out") == (None if by else 0.3)
        assert FinetuneSetup.of(run, both) == asked.setup


def test_how_a_training_went_names_its_loss(trainings: Trainings) -> None:
    trained(trainings)
    at = opened("Fine-tune")
    at.session_state["finetune-went-minilm-tuned"] = True
    assert "Batch semi-hard triplets, " in plain(at.run())


def test_a_training_that_runs_is_shown_can_be_stopped_and_is_kept(trainings: Trainings) -> None:
    trained(trainings, status="running", progress=Progress("Training", 3, 10, 6.0, 3))
    at = opened_page(corpus(), None)
    settled(at.switch_page(PAGE).run())
    assert "minilm-tuned is being trained" in plain(at)
    at.segmented_control(key="finetune-view-True").set_value("Fine-tune").run()
    assert any("3 of 10" in str(one.proto.text) for one in at.get("progress"))
    at.button(key="finetune-stop-minilm-tuned").click().run()
    assert trainings.found["minilm-tuned"].status == "stopped"
    assert "the best so far was kept" in plain(settled(at))


def test_one_that_waits_says_so(trainings: Trainings) -> None:
    trained(trainings, status="running", progress=Progress("Training", 3, 10, 6.0, 3))
    trained(trainings, "second", status="queued")
    at = opened_page(corpus(), None)
    settled(at.switch_page(PAGE).run())
    assert "1 more waiting" in plain(at)
    at.segmented_control(key="finetune-view-True").set_value("Fine-tune").run()
    assert any("Waiting for another" in str(one.proto.text) for one in at.get("progress"))


@pytest.mark.parametrize(
    ("status", "usable", "told"),
    [
        ("lost", True, "step 4 is kept"),
        ("lost", False, "nothing was kept"),
        ("failed", False, "disk is full"),
    ],
)
def test_one_that_ended_badly_says_what_is_left(trainings: Trainings, status: str, usable: bool, told: str) -> None:
    trained(
        trainings,
        status=status,
        usable=usable,
        error={"failed": "The disk is full."}.get(
            status, "The model of step 4 is kept." if usable else "nothing was kept"
        ),
    )
    assert told in plain(opened("Fine-tune"))


def test_a_model_can_be_used_and_deleted(trainings: Trainings) -> None:
    trained(trainings)
    at = opened("Fine-tune")
    at.button(key="finetune-use-minilm-tuned").click().run()
    assert at.session_state["model"] == "minilm-tuned"
    at.button(key="finetune-delete-minilm-tuned").click().run()
    assert not trainings.found
    assert at.session_state["model"] == DEFAULT_MODEL


def test_a_model_that_can_not_be_trained_says_what_to_do() -> None:
    at = opened()
    next(one for one in at.selectbox if one.label == "Model").set_value("static one").run()
    shown(settled(at), "Fine-tune")
    assert at.info
    assert not any(one.key == "finetune-start" for one in at.button)


def test_a_name_that_is_taken_is_an_error_in_one_sentence(trainings: Trainings) -> None:
    trained(trainings, "mine")
    at = opened("Fine-tune")
    next(one for one in at.text_input if one.label == "Name of the new model").set_value("mine").run()
    at.button(key="finetune-start").click().run()
    assert any("already" in one.value for one in at.error)


# --- Side by side and advice ---------------------------------------------------------------------


def test_without_a_model_there_is_nothing_to_compare() -> None:
    assert "Train a model under" in plain(opened("Side by side"))


def test_side_by_side_has_the_verdict_and_writes_it_into_the_model_card(trainings: Trainings) -> None:
    trained(trainings)
    at = opened("Side by side")
    assert "Accuracy, fine-tuned" in frames(at)
    assert "The verdict rests on the linear probe alone" in plain(at)
    assert "verdict" in trainings.finished["minilm-tuned"]
    assert not at.error


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ("Texts", "Fixed: "),
        ("Map", "is laid onto that of"),
        ("Neighbours", "texts that changed most"),
        ("Forgotten", "everyday"),
        ("Cost", "Energy isn't given"),
    ],
)
def test_every_view_of_the_two(trainings: Trainings, view: str, told: str) -> None:
    trained(trainings)
    at = opened("Side by side")
    at.segmented_control(key="finetune-result-view-labels").set_value(view).run()
    assert told in plain(settled(at))
    assert not at.error
    if view == "Cost":
        costs = next(frame.value for frame in at.dataframe if "Texts a second" in frame.value.columns)
        assert [*costs["Texts a second"]] == ["not measured", "not measured"]
        assert at.button(key="finetune-measure-speed")


def test_energy_is_shown_where_it_was_counted(trainings: Trainings) -> None:
    trained(trainings)
    trainings.found["minilm-tuned"] = replace(trainings.found["minilm-tuned"], joules=5_400.0)
    at = opened("Side by side")
    settled(at.segmented_control(key="finetune-result-view-labels").set_value("Cost").run())
    assert {one.label: one.value for one in at.metric}["Energy"] == "1.50 Wh"
    assert "Energy isn't given" not in plain(at)


def test_a_training_that_changed_nothing_is_no_error(trainings: Trainings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): LetterEncoder())
    trained(trainings)
    at = opened("Side by side")
    for view in ("Texts", "Map", "Neighbours", "Forgotten", "Cost", "Accuracy"):
        at.segmented_control(key="finetune-result-view-labels").set_value(view).run()
        assert not settled(at).error, view
    assert "By the linear probe no difference between the tuned and the frozen model shows" in plain(at)


def test_maps_are_of_texts_that_no_model_has_learnt_unless_asked_otherwise(trainings: Trainings) -> None:
    trained(trainings)
    at = opened("Side by side")
    at.segmented_control(key="finetune-result-view-labels").set_value("Map").run()
    settled(at)
    only = results.prepared_job(finetune_jobs.common(case(), True).corpus, pipeline.EmbeddingChoice("minilm-tuned"))
    assert only.succeeded
    assert len(only.result().space) == 36
    at.toggle(key="finetune-only-held-out").set_value(False).run()
    assert not settled(at).error


def test_a_training_that_tells_no_split_is_known_by_its_data(trainings: Trainings) -> None:
    asked = case()
    trainings.add("told by data", Recipe(DEFAULT_MODEL, "labels"), finetune_jobs.data(asked), "finished")
    few = case(setup=FinetuneSetup("topic", per_class=1))
    assert [run.name for run in finetune_jobs.runs_of(asked)] == ["told by data"]
    assert not finetune_jobs.runs_of(few)


def test_a_model_of_another_split_is_not_compared(trainings: Trainings) -> None:
    trained(trainings)
    at = opened("Side by side")
    next(one for one in at.number_input if one.label == "Seed").set_value(1).run()
    assert "Train a model under" in plain(settled(at))
    assert "another split" in plain(shown(at, "Fine-tune"))
    at.button(key="finetune-then-minilm-tuned").click().run()
    assert next(one for one in at.number_input if one.label == "Seed").value == 0
    assert "Accuracy, fine-tuned" in frames(shown(at, "Side by side"))


def test_advice_before_and_after_a_training(trainings: Trainings) -> None:
    at = opened("Advice")
    assert "No model has been trained on this split yet" in plain(at)
    assert "Stay frozen" in plain(at)  # nothing is left to win
    assert "**Linear probe on frozen vectors**" in plain(at)
    trained(trainings)
    at = opened("Advice")
    assert "No model has been trained" not in plain(at)
    assert not at.error


def test_minutes_are_not_set_and_do_not_overrule_what_is_finished(trainings: Trainings) -> None:
    at = opened("Advice")
    assert at.number_input(key="finetune-minutes").value is None
    at.number_input(key="finetune-minutes").set_value(1).run()
    assert "A training would take about 1.7 minutes, more than the 1 minute that you have" in plain(settled(at))
    trained(trainings)
    at = opened("Advice")
    assert "that you have" not in plain(at)
    at.number_input(key="finetune-minutes").set_value(1).run()
    assert "training would take about 83 s, more than the 1 minute that you have" in plain(settled(at))
    assert "Stay frozen" not in plain(at)


def test_who_votes_among_neighbours_is_told_where_the_probe_is_a_tie(
    trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def neighbours_gain(space: Any, split: Any, report: Any = None) -> Any:
        probe, knn, prototypes = own(space, split)
        right = np.ones(len(split.held_out))
        if space.card.model != "tuned":
            right[::2] = 0
        return probe, replace(knn, right=right, accuracy=share(right)), prototypes

    own = finetune_jobs.readers
    monkeypatch.setattr(finetune_jobs, "readers", neighbours_gain)
    trained(trainings)
    at = opened("Advice")
    assert "It depends on what you use it for" in plain(at)
    assert "Who searches or votes among the nearest texts gains from tuning: k-NN right in 100.0 %" in plain(at)
    assert "k-NN right in 100.0 % instead of 50.0 %" in plain(shown(at, "Side by side"))


def test_a_model_from_before_near_copies_were_kept_apart_says_so(trainings: Trainings) -> None:
    trained(trainings)
    run = trainings.found["minilm-tuned"]
    trainings.found["minilm-tuned"] = replace(run, data={**run.data, SPLIT: "another"})
    at = opened("Fine-tune")
    assert "From before near-copies were kept on one side" in plain(at)
    assert not any(one.key == "finetune-then-minilm-tuned" for one in at.button)


def test_advice_where_something_is_left_to_win_asks_for_a_training(trainings: Trainings) -> None:
    texts = corpus()
    topics = texts.column("topic").values.copy()
    topics[::6] = "a"
    at = opened("Advice", replace(texts, columns=(Column("topic", "category", topics),)))
    assert "Not known before a training" in plain(at)
    assert "These data can't tell" not in plain(at)


# --- Pairs ---------------------------------------------------------------------------------------


def with_pairs(scored: bool) -> AppTest:
    at = opened(texts=corpus(column=False))
    source = "Pairs with scores" if scored else "Pairs that belong together"
    next(one for one in at.selectbox if one.label == "Learn from").set_value(source).run()
    head = "text1,text2,score" if scored else "anchor,positive"
    rows = [
        f"{word} {'x' * row},{WORDS[(place + row) % 15]} {'y' * row}q{row}{place}" + (f",{(place + row) % 5}" * scored)
        for row in range(1, 5)
        for place, word in enumerate(WORDS)
    ]
    table = "\n".join([head, *rows]).encode()
    at.file_uploader(key=f"finetune-file-{scored}").set_value([("p.csv", table, "text/csv")]).run()
    return settled(at)


@pytest.mark.parametrize(("scored", "measure"), [(True, "Spearman"), (False, "MRR@10")])
def test_pairs_are_split_and_measured(trainings: Trainings, scored: bool, measure: str) -> None:
    at = with_pairs(scored)
    assert metrics(at) == {"To learn from": "42", "Held out": "18"}
    for view in ("Frozen", "Fine-tune", "Side by side", "Advice"):
        assert not shown(at, view).error, view
    assert measure in plain(shown(at, "Frozen")) + frames(at)
    shown(at, "Fine-tune").button(key="finetune-start").click().run()
    ((name, recipe, data),) = trainings.started
    assert recipe.kind == data.kind == ("scored" if scored else "pairs")
    trainings.stop(name)
    at = shown(settled(at.run()), "Side by side")
    assert measure in plain(at) + frames(at)
    assert not at.error
    told = plain(shown(at, "Advice"))
    assert "Measured on 18 held-out pairs, drawn at random (seed 0)." in told
    assert "What would change it" in told
    assert trainings.finished[name]["measured on"] == "18 held-out pairs, drawn at random (seed 0)"


def test_without_labels_pairs_are_asked_for() -> None:
    at = opened(texts=corpus(column=False))
    assert "no column of labels" in plain(at)
    assert not at.error


def test_of_a_sample_only_the_texts_used_are_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded = []
    own_embed = embedding.embed

    def counting(corpus: Corpus, *rest: Any) -> Any:
        embedded.append(len(corpus))
        return own_embed(corpus, *rest)

    monkeypatch.setattr(embedding, "embed", counting)
    topics = ["ace"[number % 3] for number in range(5_001)]
    texts = tuple(f"{topic * 3} {'bdf'[number % 2]} number {number}" for number, topic in enumerate(topics))
    many = Corpus("many", texts, (Column("topic", "category", np.array(topics, dtype=object)),), label="topic")
    at = opened(texts=many)
    assert embedded == [5_001]  # the map, which comes first
    settled(next(one for one in at.selectbox if one.label == "Texts used").set_value(1_000).run())
    assert "linear probe" in plain(shown(at, "Frozen"))
    assert embedded == [5_001, 1_000]
    assert not at.error
