"""The command `drift`: two files, or two parts of one, as lines, as JSON and as an exit status."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import embedlab.cli.main as command_line
from embedlab import pipeline
from embedlab.corpus.reading.table import read
from embedlab.drift.drift import drift
from embedlab.drift.sides import two_sides
from embedlab.pipeline import EmbeddingChoice
from embedlab.space import Space
from tests.conftest import LetterEncoder
from tests.sentences import says

LETTERS = str.maketrans("0123456789", "fghijklmrs")  # so that no two have the same vector
OLD = [f"{'abcde'[row % 4] * 3} note {8 * row:03}".translate(LETTERS) for row in range(120)]
NEW = [f"{'abcqe'[row % 4] * 3} note {8 * row + 1:03}".translate(LETTERS) for row in range(120)]  # d became q


def write(path: Path, rows: list[tuple[object, ...]], header: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return path


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): LetterEncoder())
    before = [(text, text[0], "x@example.org") for text in OLD]
    after = [(text, text[0]) for text in NEW]
    return (
        write(tmp_path / "old.csv", before, ("text", "topic", "mail")),
        write(tmp_path / "new.csv", after, ("text", "topic")),
    )


@pytest.fixture
def one_file(files: tuple[Path, Path], tmp_path: Path) -> Path:
    rows = [(text, "web" if row < 60 else f"{'mail' if row < 120 else 'phone'}", 2000 + row // 40)
            for row, text in enumerate(OLD + NEW)]  # fmt: skip
    return write(tmp_path / "all.csv", rows, ("text", "source", "year"))


def run(*arguments: object) -> int:
    return command_line.main(["drift", *(str(argument) for argument in arguments)])


def told(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> dict[str, Any]:
    assert run(*arguments, "--json") == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert not captured.out
    return captured.err.splitlines()[-1]


def test_two_files_are_compared_in_json(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, *files, "--text", "text", "--label", "topic")
    assert found["verdict"] == "fail"
    assert found["different"] is True
    assert found["sides"] == [{"name": "old", "texts": 120}, {"name": "new", "texts": 120}]
    changed = [one for one in found["regions"] if one["beyond_chance"]]
    assert sum(one["texts"][0] for one in changed if one["change"] == "vanished") > 15
    assert sum(one["texts"][1] for one in changed if one["change"] == "appeared") > 15
    label = next(one for one in found["traits"] if one["key"] == "topic")
    assert (label["source"], label["counted"], label["beyond_chance"]) == ("label", 0.25, True)
    assert 0 < label["effect"]["low"] < label["effect"]["mean"] < label["effect"]["high"] <= 1
    assert 0 < label["chance"]["mean"] < label["chance"]["high"] < 0.25
    assert 0 < found["moved"]["low"] < 0.25 < found["moved"]["high"]
    assert all(one["text"].startswith("ddd") and 1 <= one["row"] <= 120 for one in found["typical"]["before"])
    assert all(one["text"].startswith("qqq") and 1 <= one["row"] <= 120 for one in found["typical"]["after"])
    assert "1 column is in one of the two only and left out: “mail”." in found["notes"]
    assert found["seed"] == 0
    assert set(found["seconds"]) == {"read", "model", "embed", "neighbours", "drift", "over time"}


def test_lines_say_the_verdict_first(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*files) == 0
    lines = capsys.readouterr().out.splitlines()
    assert says(lines[0], "“old”", 120, "“new”", 120, "letters")
    assert lines[1].startswith("FAIL: ")
    assert any(line.startswith("  vanished  ddd") for line in lines)
    assert any(line == "Most typical of “new”:" for line in lines)


def test_a_condition_that_holds_gives_status_one(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, *files, "--fail-on", "auc>0.6,p<0.001", status=1)
    assert len(found["failed"]) == 1
    assert found["failed"][0].startswith("auc>0.6: auc is 0.")
    assert run(*files, "--fail-on", "p<0.001") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "passed: p<0.001"
    assert "“drft” is not known: choose among verdict, p, auc" in refused(capsys, *files, "--fail-on", "drft")


def test_a_cut_by_a_year_gives_a_curve(one_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, one_file, "--text", "text", "--by", "year")
    assert [side["name"] for side in found["sides"]] == ["before 2003", "from 2003"]
    curve = found["over_time"]
    assert curve["since"] == "2003"
    assert [point["texts"] for point in curve["points"]] == [40] * 6
    assert run(one_file, "--by", "year", "--at", "2004") == 0
    out = capsys.readouterr().out
    assert "“before 2004” (160 texts) against “from 2004” (80 texts)" in out
    assert "By “year”: From “2003” on the texts differ" in out


def test_two_values_of_a_column_and_a_curve_over_another(one_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, one_file, "--by", "source", "--before", "web", "--after", "phone", "--over", "year")
    assert found["sides"] == [{"name": "web", "texts": 60}, {"name": "phone", "texts": 120}]
    assert found["over_time"]["column"] == "year"
    rest = told(capsys, one_file, "--by", "source", "--before", "web")
    assert rest["sides"][1] == {"name": "all others", "texts": 180}


def test_equal_halves_pass(tmp_path: Path, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    halves = [
        write(tmp_path / f"{name}.csv", [(text,) for text in texts], ("text",))
        for name, texts in (
            ("one", [text for row, text in enumerate(OLD) if row // 4 % 2]),
            ("two", [text for row, text in enumerate(OLD) if not row // 4 % 2]),
        )
    ]
    found = told(capsys, *halves, "--seed", 3)
    assert (found["verdict"], found["different"], found["typical"]["after"]) == ("pass", False, [])


def test_what_is_asked_for_must_make_sense(
    files: tuple[Path, Path], one_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = files
    assert "Compare two files, A and B, or the parts of one" in refused(capsys, old)
    assert "one of the two" in refused(capsys, old, new, "--by", "topic")
    assert "name that with --by" in refused(capsys, old, new, "--before", "a")
    assert "choose one of the ways" in refused(capsys, one_file, "--by", "year", "--at", "2003", "--before", "2001")
    assert "as --before" in refused(capsys, one_file, "--by", "year", "--after", "2001")
    assert "“new” has no column “mail”: name its texts with --after-text, one of “text”, “topic”" in refused(
        capsys, old, new, "--text", "mail"
    ).replace("new.csv", "new")
    assert "“source” has 3 values: name two of them" in refused(capsys, one_file, "--by", "source")
    assert "“red” is no date to cut “year” at" in refused(capsys, one_file, "--by", "year", "--at", "red")
    assert "There is no column named “when”" in refused(capsys, one_file, "--by", "when")
    assert "“source” has no order" in refused(
        capsys, one_file, "--by", "source", "--before", "web", "--after", "mail", "--over", "source"
    )
    few = write(tmp_path / "few.csv", [(text,) for text in NEW[:5]], ("text",))
    assert "“few” has 5 texts: too few to tell" in refused(capsys, old, few)
    empty = tmp_path / "empty.csv"
    empty.write_text("text\n")
    assert "empty" in refused(capsys, old, empty)


def test_the_report_stands_alone_and_hides_personal_data(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = files
    bad = tmp_path / "new <b>.csv"
    text = new.read_text(encoding="utf-8").replace("note 200", "jane.doe@example.org <script>")
    bad.write_text(text, encoding="utf-8")
    out = tmp_path / "drift.html"
    assert run(old, bad, "--text", "text", "--out", out) == 0
    page = out.read_text(encoding="utf-8")
    for wanted in ("FAIL.", "Where they differ", "Most typical texts", "Properties and columns", "Against chance"):
        assert wanted in page
    assert "new &lt;b&gt;" in page
    assert "jane.doe" not in page
    assert "default-src 'none'" in page
    assert f"{out}: the whole comparison." in capsys.readouterr().out


def test_a_report_that_can_not_be_written_is_said_at_once(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is a folder: name a file to write" in refused(capsys, *files, "--text", "text", "--out", tmp_path)


def test_the_verb_gives_what_the_command_prints(
    files: tuple[Path, Path], one_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = EmbeddingChoice("letters")
    cases = (
        (
            [*files, "--text", "text", "--seed", 3],
            drift(two_sides(*(read(file, "text") for file in files)), how=how, seed=3),
        ),
        ([one_file, "--by", "year", "--at", 2004], drift(two_sides(read(one_file), by="year", at=2004), how=how)),
        (
            [one_file, "--by", "source", "--before", "web", "--over", "year", "--reference", "previous"],
            drift(two_sides(read(one_file), by="source", before_value="web"), "year", reference="previous", how=how),
        ),
    )
    for arguments, result in cases:
        printed = told(capsys, *arguments)
        del printed["seconds"], printed["conditions"], printed["failed"]
        assert printed == json.loads(json.dumps(result.facts()))


def test_what_the_model_does_not_know_is_said(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Space, "unknown", property(lambda _: "9 of 12 pieces are unknown to this model."))
    run(*files)
    assert "note: 9 of 12 pieces are unknown to this model." in capsys.readouterr().err
