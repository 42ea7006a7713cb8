"""The verb `check` and its result: a sentence, tables, a figure, a page, and the same figures as the command's."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report
from embedlab.base.result import Result
from embedlab.check.base import Checked, Decision, Finding, Line, ShownTexts, SlowFinding
from embedlab.check.report import Inspection
from embedlab.check.run import check
from embedlab.cli import main as command_line
from embedlab.corpus.reading.table import read
from embedlab.encoders import Encoder
from embedlab.pipeline import EmbeddingChoice, prepare
from tests.check.faulty import COPY, VISA, WRONG, faulty
from tests.conftest import LetterEncoder


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> Encoder:
    encoder = LetterEncoder()
    monkeypatch.setattr(pipeline, "load", lambda name="", exact=False, texts=(): encoder)
    return encoder


@pytest.fixture
def found() -> Inspection:
    return check(faulty(), "topic")


def test_a_check_is_a_result_with_a_row_a_finding(found: Inspection) -> None:
    assert isinstance(found, Result)
    assert found.sentence.startswith("Not to be built on as they are: leaks")
    assert repr(found) == f"<Inspection: {found.sentence}>"
    table = found.table().set_index("key")
    assert list(table.columns) == ["title", "level", "count", "share", "usual", "sentence", "detail"]
    assert table.index.tolist() == [kind.key for kind in found.checked.kinds]
    assert table.loc["leaks", ["level", "count", "share"]].tolist() == ["fail", 2, 0.2]
    assert VISA not in found.page()
    assert found.figure().layout.yaxis.ticktext[0] == "Leaks (2)"


def test_the_lines_of_a_finding_are_a_table_with_the_rows_of_the_file(found: Inspection) -> None:
    copies = found.lines("exact").table()
    assert copies.columns.tolist() == ["Times", "Text", "Rows", "rows", "flagged"]
    assert copies["rows"].tolist() == [[101, COPY + 101]]
    assert found.lines("labels").table()["rows"][0][0] == WRONG + 101
    assert VISA not in found.lines("personal").table().to_string()
    assert found.lines("segments").table().empty


def test_a_corpus_and_what_is_prepared_of_it_give_the_same(found: Inspection, letters: Encoder) -> None:
    ready = prepare(faulty(), EmbeddingChoice("letters"), encoder=letters)
    assert stable(check(ready, "topic").facts()) == stable(found.facts())
    assert found.layout is None
    assert check(ready, with_map=True).layout is not None


def stable(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts without how long the parts took, ready to be compared after a way through JSON."""
    facts["made"].pop("seconds")
    stable: dict[str, Any] = json.loads(json.dumps(facts, allow_nan=False))
    return stable


def test_it_gives_the_figures_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("text,topic\n" + "\n".join(f"{text},{'ab'[at % 2]}" for at, text in enumerate(faulty().texts)))
    assert (
        command_line.main(["check", str(file), "--label", "topic", "--threshold", "0.8", "--seed", "3", "--json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    extra = {"drift", "conditions", "failed", "seconds"}
    made = check(read(file, None, "topic"), "topic", threshold=0.8, seed=3)
    assert stable({key: value for key, value in told.items() if key not in extra}) == stable(made.facts())


def test_a_split_is_found_named_or_left_out() -> None:
    assert check(faulty()).checked.split is not None
    assert check(faulty(), split="side").checked.split is not None
    assert check(faulty(), split="").checked.split is None


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"label": "colour"}, "no column named “colour”"),
        ({"split": "topic"}, "Leaks were not looked for."),
        ({"label": "side", "split": "topic"}, "Leaks were not looked for."),
        ({"threshold": 0.2}, "threshold must be from 0.7 to 1"),
    ],
)
def test_what_can_not_be_checked_is_no_check_that_passed(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(EmbedlabError, match=sentence):
        check(faulty(), **asked)


class Slow(SlowFinding):
    """Long texts, counted once."""

    key, title, limits, heads, offer = "slow", "Slow", (0.0, math.inf), ("Text",), None
    looked = 0

    def look(self, checked: Checked, report: Report) -> list[int]:
        self.looked += 1
        return [row for row, text in enumerate(checked.space.corpus.texts) if len(text) > 60]

    def found(self, checked: Checked) -> Finding:
        return self.summed("So it is.", checked.own[self.key], checked.texts)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        for row in checked.own[self.key]:
            yield Line((shown(row),), (row,))


def test_what_takes_long_is_looked_for_once_and_timed() -> None:
    slow = Slow()
    found = check(faulty(), findings=[slow])
    assert [one.count for one in (*found.findings, *found.checked.at(0.8).findings)] == [1, 1]
    assert slow.looked == 1
    assert "slow" in found.checked.seconds
    assert found.facts()["limits"] == {"slow": [0.0, None]}
    assert found.page().count("So it is.") == 2  # among the reasons, and above its lines


def test_only_findings_of_texts_that_say_the_same_can_spare_one() -> None:
    with pytest.raises(ValueError, match="says of no text that another one says the same"):
        Decision(1, "slow", "spare")
