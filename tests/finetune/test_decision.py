"""Frozen or fine-tuned in one call: what comes of it, and that the command says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import embedlab.cli.main as command_line
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress, Stopped
from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read
from embedlab.finetune import runs
from embedlab.finetune.decision import TrainingPlan, finetune
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.runs import Run
from tests.finetune.pretended import pretend, table


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path / "home"))
    pretend(monkeypatch)
    path = tmp_path / "texts.csv"
    path.write_text(table(), encoding="utf-8")
    return path


@pytest.fixture
def corpus(file: Path) -> Corpus:
    return read(file, None, "kind")


def test_the_answer_is_a_sentence_a_table_and_a_figure(corpus: Corpus) -> None:
    found = finetune(corpus, "kind", name="mine")
    assert found.sentence.startswith("The tuned model is better: a linear probe on it is right in 100.0 %")
    assert repr(found) == f"<FinetuneResult: {found.sentence}>"
    told = found.table()
    assert list(told["way"]) == ["linear probe", "k-NN", "prototypes"]
    assert (told["difference"] - (told["tuned"] - told["frozen"])).abs().max() < 1e-9
    assert (told["tuned_low"] <= told["tuned"]).all()
    assert told["difference_low"][0] > 0
    tuned = found.figure().data[-1]
    assert (tuned.name, tuned.x, tuned.y) == ("mine", (20.0,), (told["tuned"][0],))
    assert "The tuned model is better" in found.page()
    assert runs.run("mine").metrics["verdict"].startswith(found.sentence)


def test_the_command_says_what_the_call_returns(
    file: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["finetune", str(file), "--label", "kind", "--out", str(tmp_path / "mine"), "--json", "--per-class", "12"]
    assert command_line.main([*asked, "--epochs", "2", "--seed", "3", "--minutes", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    del (
        told["seconds"],
        told["read"],
        told["data"]["file"],
        told["data"]["text"],
    )  # what was read, only the command says
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path / "another"))
    found = finetune(corpus, "kind", name="mine", per_class=12, epochs=2, seed=3, minutes=1)
    assert json.loads(json.dumps(found.facts())) == told
    assert told["recipe"]["epochs"] == 2


def test_who_asks_hears_before_anything_is_trained_what_will_be_done(corpus: Corpus) -> None:
    plans: list[TrainingPlan] = []

    def declined(plan: TrainingPlan) -> None:
        plans.append(plan)
        raise Stopped

    with pytest.raises(Stopped):
        finetune(corpus, "kind", name="mine", per_class=12, sample=60, before=declined)
    (plan,) = plans
    assert (plan.name, plan.seconds, len(plan.case.texts)) == ("mine", 130.0, len(plan.case.split.used))
    assert "60 of 120 texts are used: drawn at random, of each class in proportion." in plan.notes
    assert runs.all_runs() == ()


def test_a_column_and_a_share_are_not_both_asked_for(corpus: Corpus) -> None:
    with pytest.raises(EmbedlabError, match="name it or the share, not both"):
        finetune(corpus, "kind", held_out=0.2, split="part")


def test_a_wait_that_is_stopped_stops_the_training(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def standing(name: str) -> Run:
        progress = Progress("Training", 1, 4, 1.0, 1)
        return Run(name, Recipe("m", "labels"), "stopped" if asked else "running", progress)

    def stopping(progress: Progress) -> None:
        if progress.stage == "Training":
            raise Stopped

    monkeypatch.setattr(runs, "run", standing)
    monkeypatch.setattr(runs, "stop", asked.append)
    with pytest.raises(Stopped):
        finetune(corpus, "kind", name="mine", report=stopping)
    assert asked == ["mine"]
    with pytest.raises(EmbedlabError, match="was stopped: start it again"):
        finetune(corpus, "kind", name="mine")
