"""Trainings as folders: names, refusals, how one stands, and what it leaves. No process trains here."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.base.lock import Lock
from embedlab.base.progress import cores
from embedlab.corpus import Corpus
from embedlab.encoders import load, models, registry
from embedlab.encoders.base import LEXICAL, REMOTE, STATIC, TRANSFORMER, WORDS, ModelEntry
from embedlab.encoders.transformer import tuned
from embedlab.encoders.transformer.entries import model_folder
from embedlab.finetune import batches, runs, worker
from embedlab.finetune.batches import plan
from embedlab.finetune.card import METRICS
from embedlab.finetune.cases import FinetuneSetup
from embedlab.finetune.data import TrainingData, from_pairs
from embedlab.finetune.recipe import Recipe
from tests.encoders.tiny import sentences

PAIRS = from_pairs([f"a {row}" for row in range(9)], [f"b {row}" for row in range(9)])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, with a tiny model in the models folder and no process that trains."""
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EMBEDLAB_MODELS", str(tmp_path / "shelf"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no cache"))
    sentences(tmp_path / "shelf" / "tiny", readme="---\nlicense: mit\n---\n")

    class NoProcess:
        def poll(self) -> None:
            return None

    monkeypatch.setattr(runs, "_process", lambda place: NoProcess())
    monkeypatch.setattr(runs, "children", {})
    return tmp_path / "home"


def begin(name: str = "mine") -> Any:
    return runs.start(name, Recipe("tiny", "pairs"), PAIRS, {"column": "question"})


def change(name: str, **facts: Any) -> None:
    file = tuned.root() / name / tuned.STATE
    file.write_text(json.dumps(json.loads(file.read_text()) | facts))


def with_model(name: str = "mine", status: str = "finished") -> Path:
    begin(name)
    change(name, status=status, kept=7, total=9, seconds=3.5, began=1.0, revision="abc")
    return sentences(tuned.root() / name / tuned.MODEL, seed=5)


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(EmbedlabError) as caught:
        work()
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- Beginning ---


def test_what_a_training_learns_from_is_remembered_without_a_text() -> None:
    validated = from_pairs([f"left {row}" for row in range(999)], [f"right {row}" for row in range(999)])
    assert validated.validation is not None
    runs.start("mine", Recipe("tiny", "pairs"), validated)
    asked = ["left 0", "Right  199", "never seen", *validated.validation.first]
    assert tuned.learnt_from("mine", asked).tolist() == [True, True, False, *[True] * len(validated.validation)]
    assert not tuned.learnt_from("tiny", asked).any()
    assert not tuned.learnt_from("tiny", []).any()
    kept = (tuned.root() / "mine" / tuned.LEARNT).read_bytes()
    assert b"left" not in kept


def test_who_learns_from_one_that_has_learned_knows_its_texts_too() -> None:
    folder = tuned.root() / "first"
    folder.mkdir(parents=True)
    tuned.keep_learnt(folder, ["one", "two"], "tiny")
    (tuned.root() / "second").mkdir()
    tuned.keep_learnt(tuned.root() / "second", ["three"], "first")
    assert tuned.learnt_from("second", ["one", "two", "three", "four"]).tolist() == [True, True, True, False]
    (folder / tuned.LEARNT).write_bytes(b"no numbers")
    assert not tuned.learnt_from("first", ["one"]).any()


def test_a_training_begins_in_line_with_all_that_it_needs() -> None:
    run = begin()
    assert (run.status, run.active, run.usable, run.progress) == ("queued", True, False, None)
    assert run.recipe == Recipe("tiny", "pairs")
    assert run.data == PAIRS.facts | {"column": "question"}
    place = tuned.root() / "mine"
    assert TrainingData.read(place / tuned.DATA).fingerprint == PAIRS.fingerprint
    assert runs.all_runs() == (run,)


def test_a_name_can_be_had_once() -> None:
    begin("mine")
    assert "already a model “Mine”" in refused(lambda: begin("Mine"))
    assert "already a model “tiny”" in refused(lambda: begin("tiny"))


@pytest.mark.parametrize("name", ["", "..", "a/b", ".a", "a\\b", "a,b", "a@fp32", "x" * 65, "a ", "a.", "ä"])
def test_a_name_must_fit_a_folder(name: str) -> None:
    assert "can't be a model's name" in refused(lambda: begin(name))
    assert "There is no training" in refused(lambda: runs.run(name))


def test_free_names() -> None:
    assert runs.free_name("org/Model v2") == "Model-v2-tuned"
    begin("tiny-tuned")
    assert runs.free_name("tiny") == "tiny-tuned-2"
    assert runs.free_name("tiny-tuned") == "tiny-tuned-2"
    assert runs.free_name("tiny-tuned-2") == "tiny-tuned-2"
    assert runs.free_name("", "") == "model"


@pytest.mark.parametrize("family", [LEXICAL, STATIC, WORDS, REMOTE])
def test_only_transformers_can_be_trained(family: Any) -> None:
    listing = ModelEntry("x", family, True, "", lambda exact, texts: None)  # type: ignore[arg-type, return-value]
    said = refused(lambda: runs.trainable(listing))
    assert "“x” can't be fine-tuned" in said
    assert "train a transformer such as" in said
    runs.trainable(replace(listing, family=TRANSFORMER))
    assert "not ready here: get it" in refused(
        lambda: runs.trainable(replace(listing, family=TRANSFORMER, ready=False, how="get it"))
    )


def test_what_can_not_be_trained_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is no model" in refused(lambda: runs.start("x", Recipe("nobody", "pairs"), PAIRS))
    assert "epochs" in refused(lambda: runs.start("x", Recipe("tiny", "pairs", epochs=0), PAIRS))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: os.statvfs_result([0] * 10) and _Usage())
    assert "0 MB are free: make room" in refused(begin)
    monkeypatch.undo()
    assert tuned.trainings() == ()


class _Usage:
    free = 0


def test_a_full_disk_at_the_start_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: TrainingData, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TrainingData, "write", full)
    assert "No space left on device" in refused(begin)
    assert not (tuned.root() / "mine").exists()


# --- How one stands ---


def test_a_process_that_is_gone_is_said() -> None:
    begin()
    change("mine", status="running", pid=1, began=time.time())
    run = runs.run("mine")
    assert (run.status, run.usable) == ("lost", False)
    assert "nothing was kept yet" in run.error
    with_model("other", status="running")
    run = runs.run("other")
    assert (run.status, run.usable) == ("lost", True)
    assert "the model of step 7 is kept and can be used" in run.error


def test_one_that_holds_its_lock_is_running() -> None:
    begin()
    change("mine", status="running", pid=1, began=9.0, stage="Training", done=3, total=10, **{"stage seconds": 6.0})
    with Lock(tuned.root() / "mine" / tuned.LOCK) as lock:
        assert lock.take()
        run = runs.run("mine")
        assert run.status == "running"
        assert run.progress is not None
        assert (run.progress.done, run.progress.total, run.progress.seconds_left) == (3, 10, 14.0)


def test_one_that_never_came_up_is_lost_after_a_while() -> None:
    begin()
    change("mine", asked=time.time() - 100)
    assert runs.run("mine").status == "lost"


def test_a_state_that_can_not_be_read_is_lost() -> None:
    begin()
    (tuned.root() / "mine" / tuned.STATE).write_text("{half")
    assert runs.run("mine").status == "lost"


def test_the_line_is_first_come_first_served() -> None:
    for name, asked in (("late", 3.0), ("early", 1.0), ("middle", 2.0)):
        begin(name)
        change(name, asked=asked, pid=1)
    locks = {name: Lock(tuned.root() / name / tuned.LOCK) for name in ("late", "early", "middle")}
    assert all(lock.take() for lock in locks.values())
    root = tuned.root()

    def waits(name: str, asked: float) -> bool:
        return worker._ahead(root / name, (asked, name))

    assert [waits("early", 1.0), waits("middle", 2.0), waits("late", 3.0)] == [False, True, True]
    change("late", status="running")
    assert waits("early", 1.0)
    locks["late"].release()
    locks["early"].release()
    assert not waits("middle", 2.0)
    for lock in locks.values():
        lock.release()


# --- What it leaves ---


def test_a_model_that_was_tuned_is_a_model_like_any_other() -> None:
    folder = with_model()
    found = {listing.name: listing for listing in models()}["mine"]
    assert (found.ready, found.family, found.how) == (True, TRANSFORMER, "fine-tuned here from tiny")
    assert found.revision == "abc"
    assert model_folder("mine").path == folder
    assert runs.run("mine").usable
    runs.trainable(registry.listing("mine"))


def test_one_that_still_trains_is_no_model_yet() -> None:
    with_model(status="running")
    with Lock(tuned.root() / "mine" / tuned.LOCK) as lock:
        assert lock.take()
        assert "mine" not in {listing.name for listing in models()}
        assert "still training: stop it first" in refused(lambda: runs.delete("mine"))
        assert "no model to take away yet" in refused(lambda: runs.archive("mine"))
        runs.stop("mine")
        assert (tuned.root() / "mine" / tuned.STOP).exists()
    assert "mine" in {listing.name for listing in models()}


def test_killed_between_two_names_the_model_before_counts() -> None:
    folder = with_model()
    folder.rename(folder.with_name(tuned.BEFORE))
    assert runs.run("mine").usable
    assert "mine" in {listing.name for listing in models()}


def test_an_archive_is_the_folder_and_made_once() -> None:
    folder = with_model()
    path = runs.archive("mine")
    with zipfile.ZipFile(path) as packed:
        names = set(packed.namelist())
        assert {"mine/modules.json", "mine/model.safetensors", "mine/1_Pooling/config.json"} <= names
        assert packed.read("mine/model.safetensors") == (folder / "model.safetensors").read_bytes()
    made = path.stat().st_mtime_ns
    assert runs.archive("mine").stat().st_mtime_ns == made
    runs.finish("mine", {"accuracy": "0.9"})
    assert runs.archive("mine").stat().st_mtime_ns != made


def test_what_was_measured_is_kept_and_written_into_the_card() -> None:
    folder = with_model()
    runs.finish("mine", {"accuracy | frozen": "0.85 (0.84 to 0.86)"})
    assert runs.run("mine").metrics == {"accuracy | frozen": "0.85 (0.84 to 0.86)"}
    card = (folder / "README.md").read_text()
    assert "accuracy \\| frozen | 0.85 (0.84 to 0.86)" in card
    assert PAIRS.fingerprint in card
    assert "base_model: tiny\nlicense: mit" in card
    assert "step kept | 7 of 9" in card
    assert "a 1" not in card  # no text
    assert model_folder("mine").licence == "mit"
    assert "energy" not in card


def test_a_folder_as_the_first_version_wrote_it_still_opens() -> None:
    place = tuned.root() / "mine"
    sentences(place / tuned.MODEL, seed=5)
    recipe = {
        "model": "tiny", "kind": "labels", "loss": "", "epochs": 3, "learning_rate": 1e-4, "batch": 64,
        "trained_layers": None, "seed": 0,
        "data": {"texts": "mails", "fingerprint of the texts": "abc", "label": "topic", "trained on": 84,
                 "validated on": 0, "classes": 3, "fingerprint": "def"},
        "source": {"weights": "0" * 64, "licence": "mit", "languages": ["en"]},
        "versions": {"torch": "2.0"},
    }  # fmt: skip
    state = {"status": "finished", "asked": 5.0, "began": 6.0, "seconds": 7.0, "kept": 8, "total": 9, "pid": 1}
    state |= {"losses": [[1, 2.0]], "scores": [], "revision": "old", "device": "cpu", "error": ""}
    for name, content in ((tuned.RECIPE, recipe), (tuned.STATE, state), (METRICS, {"verdict": "A tie."})):
        (place / name).write_text(json.dumps(content))
    (run,) = runs.all_runs()
    assert (run.status, run.usable, run.kept, run.losses) == ("finished", True, 8, ((1, 2.0),))
    assert (run.recipe.mix, run.recipe.chosen_rate(3), run.metrics["verdict"]) == (1.0, 1e-4, "A tie.")
    texts = Corpus.of(["a"])
    assert FinetuneSetup.of(run, texts) is None
    texts.__dict__["fingerprint"] = "abc"
    assert FinetuneSetup.of(run, texts) == FinetuneSetup("topic")
    assert not tuned.learnt_from("mine", ["a"]).any()  # it was not kept then
    assert runs.archive("mine").exists()
    assert load("mine").card.dimensions == load("tiny").card.dimensions
    runs.finish("mine", {"verdict": "Better."})
    card = (place / tuned.MODEL / "README.md").read_text()
    assert "| mixture | the trained weights |" in card
    assert "| verdict | Better. |" in card


def test_energy_is_told_where_it_was_counted() -> None:
    folder = with_model()
    state = folder.parent / tuned.STATE
    state.write_text(json.dumps(tuned.read_json(state) | {"joules": 5400.0}))
    assert runs.run("mine").joules == 5400
    runs.finish("mine", {})
    assert "energy | 1.50 Wh, counted by the processor" in (folder / "README.md").read_text()


def test_a_deleted_training_is_gone(home: Path) -> None:
    with_model()
    converted = home / "converted" / f"mine-{model_folder('mine').sha256[:12]}-openvino-1"
    converted.mkdir(parents=True)
    runs.delete("mine")
    assert runs.all_runs() == ()
    assert not (tuned.root() / "mine").exists()
    assert not converted.exists()
    assert "mine" not in {listing.name for listing in models()}
    assert "There is no training “mine”" in refused(lambda: runs.delete("mine"))
    begin("mine")


# --- How long ---


def test_an_estimate_grows_with_the_work_and_learns_from_the_last_training(home: Path) -> None:
    recipe = Recipe("tiny", "pairs")
    first = runs.estimate(recipe, PAIRS)
    assert runs.estimate(replace(recipe, epochs=20), PAIRS) > first
    tuned.root().mkdir(parents=True)
    longer = replace(recipe, epochs=20)
    batches.keep_rate(longer, PAIRS, 100.0)
    assert runs.estimate(longer, PAIRS) == pytest.approx(batches.TO_LOAD + 100)
    assert runs.estimate(replace(longer, trained_layers=1), PAIRS) < 100
    batches.keep_rate(recipe, PAIRS, 900.0)  # a few steps, of which the first ones are slow
    assert runs.estimate(longer, PAIRS) == pytest.approx(batches.TO_LOAD + 100)


def test_an_estimate_counts_the_time_that_a_core_was_given_not_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    estimates = []
    for seconds in (1, 2):
        monkeypatch.setattr(batches.time, "thread_time", itertools.count(step=seconds).__next__)
        estimates.append(runs.estimate(Recipe("tiny", "pairs"), PAIRS) - batches.TO_LOAD)
    steps = len(plan(PAIRS, Recipe("tiny", "pairs")).batches)
    computing = [estimate - batches.A_STEP * steps for estimate in estimates]
    assert computing[1] == pytest.approx(2 * computing[0])


def test_a_training_takes_the_threads_that_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert batches.threads() == cores()
    for told, taken in (("3", 3), ("0", cores()), ("many", cores())):
        monkeypatch.setenv("OMP_NUM_THREADS", told)
        assert batches.threads() == taken
