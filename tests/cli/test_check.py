"""The command `check`: what is found, as lines, JSON and a report, and its exit status."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import embedlab.cli.main as command_line
from embedlab import pipeline
from embedlab.encoders import Encoder
from tests.check.faulty import VISA, faulty
from tests.conftest import LetterEncoder


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): LetterEncoder())
    corpus = faulty()
    path = tmp_path / "faulty.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "topic", "side", "one", "each"])
        for row, text in enumerate(corpus.texts):
            writer.writerow([text, *(column.shown(row) for column in corpus.columns), "same", f"only {row}"])
    return path


def run(*arguments: object) -> int:
    return command_line.main(["check", *(str(argument) for argument in arguments)])


def told(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> dict[str, Any]:
    assert run(*arguments, "--json") == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_every_fault_is_in_the_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, file, "--text", "text", "--label", "topic", "--licence", "CC0")
    counts = {one["key"]: one["count"] for one in found["findings"]}
    assert counts["exact"] == 1
    assert counts["near-duplicates"] == 1
    assert counts["leaks"] == 2  # the column that says train and test is found
    assert counts["personal"] == 1
    assert counts["labels"] >= 1
    copies = next(one for one in found["findings"] if one["key"] == "exact")
    assert copies["lines"][0]["rows"] == [1, 37]
    assert found["data"]["licence"] == "CC0"
    assert found["data"]["rows read"] == 40
    assert 0 < found["metrics"]["label accuracy"]["low"] < found["metrics"]["label accuracy"]["high"] <= 1
    assert found["model"]["model"] == "letters"
    assert "check" in found["seconds"]


def test_personal_data_leave_in_no_form(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(file, "--text", "text", "--out", tmp_path / "report.html") == 0
    printed = capsys.readouterr().out
    assert "41•• •••• •••• ••11" in printed
    assert VISA not in printed
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "41•• •••• •••• ••11" in page
    assert VISA not in page
    assert VISA not in json.dumps(told(capsys, file, "--text", "text"))


def test_the_report_has_what_a_review_needs(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.html"
    arguments = ["--text", "text", "--label", "topic", "--source", "the <b>help</b> desk", "--out", out]
    assert run(file, *arguments) == 0
    page = out.read_text(encoding="utf-8")
    for wanted in ("Data", "Model", "Near-duplicates", "Doubtful labels", "What was decided", "letters"):
        assert f">{wanted}</h2>" in page or wanted in page
    assert "the &lt;b&gt;help&lt;/b&gt; desk" in page
    assert "<b>help" not in page
    assert "not given" in page  # the licence
    assert "default-src 'none'" in page


def test_without_labels_it_says_what_was_not_looked_for(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, file, "--text", "text")
    assert {one["key"] for one in found["findings"]}.isdisjoint({"labels", "segments"})
    assert any("labels" in sentence for sentence in found["not looked for"])


@pytest.mark.parametrize(
    ("condition", "status"),
    [("leaks", 1), ("duplicates>10%", 0), ("duplicates>2%,personal>5", 1), ("accuracy<0.2", 0), ("accuracy>0.2", 1)],
)
def test_a_condition_decides_the_exit_status(
    file: Path, capsys: pytest.CaptureFixture[str], condition: str, status: int
) -> None:
    arguments = ["--text", "text", "--label", "topic", "--fail-on", condition]
    assert run(file, *arguments) == status
    assert ("failed: " if status else f"passed: {condition.replace(',', ', ')}") in capsys.readouterr().out
    assert bool(told(capsys, file, *arguments, status=status)["failed"]) is bool(status)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--fail-on", "leek"], "“leek” is not known: choose among exact,"),
        (["--fail-on", "labels>5%"], "“labels>5%” can't be told. Name the column of labels with --label."),
        (["--label", "one", "--fail-on", "labels"], "Labels were not checked."),
        (["--label", "each"], "Labels were not checked."),
        (["--label", "colour"], "has no column named “colour”"),
        (["--split", "topic"], "Leaks were not looked for."),
        (["--threshold", "0.2"], "threshold must be from 0.7 to 1"),
        (["--out", "/nowhere/at/all/report.html"], "does not exist: make it, or choose another"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert run(file, "--text", "text", *arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.splitlines()[-1].startswith("embedlab: ")


@pytest.mark.model
def test_the_real_model_on_a_built_in_set(
    minilm: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from embedlab.corpus.datasets import builtin

    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): minilm)
    corpus = builtin("support")
    path = tmp_path / "support.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "intent"])
        writer.writerows([text, corpus.column("intent").shown(row)] for row, text in enumerate(corpus.texts))
    found = told(capsys, path, "--text", "text", "--label", "intent")
    counts = {one["key"]: one["count"] for one in found["findings"]}
    assert counts["exact"] == 6
    assert 20 < counts["labels"] < 120
    assert found["metrics"]["label accuracy"]["mean"] > 0.65
    assert found["data"]["languages"]["English"] > 600


def test_a_check_against_the_texts_before(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tmp_path / "before.csv"
    lines = [f"xxxx yyyy zzzz {'xyz'[row % 3] * (row % 5 + 1)} {row},x" for row in range(60)]
    before.write_text("text,topic\n" + "\n".join(lines), encoding="utf-8")
    out = tmp_path / "report.html"
    arguments = ["--text", "text", "--label", "topic", "--against", before]
    assert run(file, *arguments, "--out", out, "--fail-on", "drift>1") == 1
    printed = capsys.readouterr().out
    assert "“before” against “faulty”: FAIL." in printed
    assert "failed: drift>1: drift is 2" in printed
    assert "before against faulty</h1>" in out.read_text(encoding="utf-8")
    assert told(capsys, file, *arguments)["drift"]["verdict"] == "fail"
    assert run(file, "--text", "text", "--fail-on", "drift") == 2
    assert "Name the texts before with --against." in capsys.readouterr().err


def test_a_verdict_stands_first_with_its_reasons_and_limits(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, file, "--text", "text", "--label", "topic")
    assert list(found)[:4] == ["verdict", "sentence", "reasons", "limits"]
    assert found["verdict"] == "fail"
    assert found["sentence"].startswith("Not to be built on as they are: leaks")
    assert found["reasons"][0]["level"] == "fail"
    assert found["limits"]["leaks"] == [0.0, 0.01]
    assert found["limits"]["exact"] == [0.01, None]  # never
    assert found["data"]["texts cut"] == {"in the file": 0, "at": 0, "unit": "characters", "by the model": 0}
    assert found["model"]["weights"]
    out = tmp_path / "report.html"
    assert run(file, "--text", "text", "--out", out, "--fail-on", "verdict>1,cut") == 1
    printed = capsys.readouterr().out
    assert "\nFAIL: Not to be built on as they are: leaks" in printed
    assert "Leaks: 2 (20 %), fail" in printed
    assert "failed: verdict>1: verdict is 2" in printed
    assert "leaks warns: any, fails: from 1 %" in printed
    page = out.read_text(encoding="utf-8")
    assert page.index("FAIL. Not to be built on") < page.index("How much was found") < page.index("Where it was found")
    assert "figure-found" in page
    assert "figure-map" in page
    assert "Texts cut" in page


def test_copies_that_nearly_repeat_another_text_are_no_two_duplicates(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(file, "--text", "text", "--fail-on", "duplicates>1.5,duplicates<2.5") == 1
    assert capsys.readouterr().out.count("duplicates is 2 (5.0 %)") == 2
