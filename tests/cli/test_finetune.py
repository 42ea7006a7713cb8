"""The command `finetune`: what it prints and writes, and one line with status 2 for bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import embedlab.cli.main as command_line
from embedlab.cli import finetune as command
from embedlab.encoders import load
from embedlab.finetune import runs
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.runs import Run
from tests.finetune.pretended import pretend, table


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """120 labelled texts, and a training that is over at once."""
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path / "home"))
    pretend(monkeypatch)
    path = tmp_path / "texts.csv"
    path.write_text(table(), encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    return command_line.main([str(argument) for argument in ("finetune", *arguments)])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert run(*arguments) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("embedlab: ")
    return said


def test_both_models_are_compared_and_the_tuned_one_is_written(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(file, "--text", "text", "--label", "kind", "--out", out, "--split", "part", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["held_out"], told["trained_on"], told["classes"]) == ("out", 40, 80, 4)
    probe = told["readers"]["linear probe"]
    gain = probe["difference"]
    assert gain["low"] > 0
    assert probe["tuned"]["accuracy"]["mean"] - probe["frozen"]["accuracy"]["mean"] == pytest.approx(gain["mean"])
    assert told["verdict"] == "better"
    assert set(told["generality"]) == {"frozen", "tuned", "difference", "sentence", "detail"}
    assert told["measured_on"] == "the file's test part: 40 texts"
    assert told["advice"]["level"] == "tune"
    assert told["advice"]["detail"].startswith(told["detail"])
    assert told["beside"][0].startswith("Who searches or votes among the nearest texts")
    assert told["training_seconds"] == 61.0
    assert told["data"]["label"] == "kind"
    assert {"read", "train", "embed frozen", "embed tuned", "write"} <= set(told["seconds"])
    assert (out / "modules.json").exists()
    card = (out / "README.md").read_text()
    assert "accuracy, linear probe, fine-tuned" in card
    assert "general similarity (Spearman), after" in card
    assert "| measured on | the file's test part: 40 texts |" in card


def test_a_person_reads_lines(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(file, "--label", "kind", "--out", tmp_path / "out", "--per-class", "12") == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].startswith("Use the tuned model: a linear probe on it is right in 100.0 % of the held-out texts")
    assert "interval" not in lines[0]
    assert "48 texts of 4 classes in 61 s; measured on the file's test part: 40 texts." in printed.out
    assert "What would change it: " in printed.out
    assert re.search(r"^linear probe +0\.\d+ .* +\+?-?0\.\d+", printed.out, re.MULTILINE)
    assert re.search(r"^general pairs ", printed.out, re.MULTILINE)
    assert "also in the library as “out”" in printed.out
    assert "about 2 min.\n" in printed.err


def test_a_share_draws_at_random_although_a_column_says_train_and_test(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(file, "--label", "kind", "--out", tmp_path / "out", "--held-out", "0.3", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["measured_on"] == "a part drawn at random (seed 0): 36 texts"


def test_minutes_count_only_where_somebody_says_them(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for minutes, said in (((), False), (("--minutes", "5"), False), (("--minutes", "1"), True)):
        place = tmp_path / f"out{len(minutes)}{said}"
        assert run(file, "--label", "kind", "--out", place, *minutes) == 0
        printed = capsys.readouterr()
        assert ("That is more than the 1 min that you have" in printed.err) == said
        assert ("training would take about 61 s, more than the 1 minute that you have" in printed.out) == said


def test_near_copies_of_what_is_held_out_are_not_learned_from(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    tested = [row for row in rows if row.endswith(",test")][:7]
    copies = [row.replace('"', '"!', 1).upper().replace(",TEST", ",train") for row in tested]
    copies = [f"{row.rsplit(',', 2)[0]},{row.rsplit(',', 2)[1].lower()},train" for row in copies]
    file.write_text("\n".join([head, *rows, *copies]), encoding="utf-8")
    assert run(file, "--label", "kind", "--out", tmp_path / "out", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["held_out"], told["trained_on"]) == (40, 80)
    assert "7 texts to learn from nearly repeat a held-out one: not learned from." in told["notes"]


def test_of_many_texts_a_sample_is_offered_and_taken(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "estimate", lambda recipe, data: 7200.0)
    assert run(file, "--label", "kind", "--out", tmp_path / "whole") == 0
    assert "about 2.0 h. A sample tells most of it: --sample 5000." in capsys.readouterr().err
    assert run(file, "--label", "kind", "--out", tmp_path / "part", "--sample", "60", "--json") == 0
    printed = capsys.readouterr()
    assert "A sample tells" not in printed.err
    told = json.loads(printed.out)
    assert (told["trained_on"] + told["held_out"], told["classes"]) == (60, 4)
    assert any("60 of 120 texts are used" in note for note in told["notes"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--label", "nothing"), "no column named “nothing”"),
        (("--label", "part", "--held-out", "2"), "The share to hold out is 2"),
        (("--label", "kind", "--split", "part", "--held-out", "0.2"), "leave out --held-out"),
        (("--label", "kind", "--split", "kind"), "kind"),
        (("--label", "kind", "--sample", "3"), "A sample of 3 texts can't be split"),
        (("--label", "kind", "--minutes", "0"), "--minutes is 0"),
        (("--label", "kind", "--minutes", "nan"), "--minutes is nan"),
        (("--label", "kind", "--per-class", "1"), "Fewer than two classes have two texts"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], said: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in refused(capsys, file, *arguments, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_place_that_is_taken_is_said_before_anything_is_done(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "read", None)
    assert "is there already" in refused(capsys, file, "--label", "kind", "--out", tmp_path)
    assert "is there already" in refused(capsys, file, "--label", "kind", "--out", file)


def test_a_model_that_can_not_be_trained(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    said = refused(capsys, file, "--label", "kind", "--out", tmp_path / "out", "--model", "tf-idf")
    assert "“tf-idf” can't be fine-tuned" in said


def test_a_training_that_fails_is_said(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Run("out", Recipe("m", "labels"), "failed", error="There is not enough memory.")
    monkeypatch.setattr(runs, "run", lambda name: failed)
    assert "There is not enough memory." in refused(capsys, file, "--label", "kind", "--out", tmp_path / "out")


def test_interrupted_it_stops_the_training(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = []

    def interrupted(name: str) -> Run:
        if stopped:  # it has heard of it
            return Run(name, Recipe("m", "labels"), "stopped")
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "run", interrupted)
    monkeypatch.setattr(runs, "stop", stopped.append)
    assert run(file, "--label", "kind", "--out", tmp_path / "out") == command_line.INTERRUPTED
    assert stopped == ["out"]


@pytest.mark.model
def test_minilm_is_trained_for_real(
    tmp_path: Path, minilm_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "converted").symlink_to(minilm_home / "converted")
    about = {
        "money": "pay owe cost price bank",
        "animals": "dog cat horse bird fish",
        "sky": "sun moon rain star cloud",
    }
    rows = [f"the {word} {verb},{kind}" for kind, words in about.items() for word in words.split()
            for verb in ("is here", "was gone", "came late", "matters")]  # fmt: skip
    file = tmp_path / "texts.csv"
    file.write_text("text,kind\n" + "\n".join(rows), encoding="utf-8")
    out = tmp_path / "mine"
    assert run(file, "--label", "kind", "--out", out, "--epochs", "1", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] in ("better", "worse", "tie")
    encoder = load("mine")
    assert encoder.card.dimensions == 384
    before = load().encode(["the dog is here"])
    cosine = float((before * encoder.encode(["the dog is here"])).sum())
    assert 0.5 < cosine < 0.9999  # another model, but not far
