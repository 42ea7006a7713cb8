"""What the pages Quality and Drift save as JSON is what the commands `check` and `drift` print of the same file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import embedlab.cli.main as command_line
from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read_table
from pages.app import widgets
from pages.check import decisions
from tests.check.faulty import faulty
from tests.pages.driving import run, settled
from tests.pages.test_drift import moved


@pytest.fixture
def saved(fresh: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What the pages offer to save, by key."""
    made: dict[str, Callable[[], bytes]] = {}

    def offered(label: str, content: Any, name: str, key: str = "", icon: str = "", **more: Any) -> None:
        made[key] = content

    for place in (widgets, decisions):
        monkeypatch.setattr(place, "download", offered)
    return made


def written(tmp_path: Path, corpus: Corpus) -> Path:
    """Return a corpus as a file of one column for the texts and those that it has."""
    path, columns = tmp_path / "texts.csv", corpus.columns
    lines = [",".join(["text", *(column.name for column in columns)])]
    lines += [",".join([text, *(column.shown(row) for column in columns)]) for row, text in enumerate(corpus.texts)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def of_command(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert command_line.main([str(one) for one in (*arguments, "--json")]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def alike(one: Any, other: Any) -> bool:
    """Return whether two values are the same, but for the rounding of sums that other threads make in another order."""
    if isinstance(one, float):
        return bool(other == pytest.approx(one, rel=1e-5, abs=1e-9))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


def assert_same(command: dict[str, Any], page: dict[str, Any]) -> None:
    """All that the page tells the command tells, too, and the same; how long it took is left out."""
    for told in (command, page):
        told.get("made", {}).pop("seconds", None)
    for name, value in page.items():
        assert alike(command[name], value), (name, command[name], value)
    assert command.keys() - page.keys() <= {"seconds", "failed", "conditions"}


@pytest.mark.parametrize("label", ["topic", ""])
def test_a_check(saved: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], label: str) -> None:
    file = written(tmp_path, faulty())
    command = of_command(capsys, "check", file, "--text", "text", *(["--label", label] if label else []))
    at = run(read_table(file).corpus("text", label or None), "check/page.py")
    if not label:
        next(one for one in at.selectbox if one.label == "Labels").set_value(widgets.NO_COLUMN)
        settled(at.run())
    page = json.loads(saved["check-json"]())
    assert page["verdict"] == "fail"
    assert len([one for one in page["findings"] if one["count"]]) > (5 if label else 3)
    assert_same(command, page)


def parted(at: AppTest, by: str) -> AppTest:
    next(one for one in at.selectbox if one.label == "By").set_value(by)
    return settled(at.run())


def varied() -> Corpus:
    """Return `moved` with texts of which no two have the same letters: equal ones are told apart by rounding alone."""
    rng = np.random.default_rng(0)
    ends = ["".join(rng.choice(list("efghijklmnop"), 9)) for _ in range(240)]
    return replace(moved(), texts=tuple(f"{text} {end}" for text, end in zip(moved().texts, ends, strict=True)))


@pytest.mark.parametrize("by", ["split", "year", "source"])
def test_a_drift(saved: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], by: str) -> None:
    file = written(tmp_path, varied())
    values = ["--before", "mail", "--after", "phone"] if by == "source" else []
    command = of_command(capsys, "drift", file, "--text", "text", "--label", "", "--by", by, *values)
    at = parted(run(read_table(file).corpus("text", ""), "drift/page.py"), by)
    assert not at.error
    page = json.loads(saved["drift-json"]())
    assert (page["over_time"] is not None) == (by == "year")
    assert_same(command, page)


def test_a_cut_of_many_steps(saved: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """More values than a slider has steps: it begins in the very middle all the same."""
    file, texts = tmp_path / "texts.csv", varied().texts
    file.write_text("text,at\n" + "\n".join(f"{text},{row}.5" for row, text in enumerate(texts)), encoding="utf-8")
    command = of_command(capsys, "drift", file, "--text", "text", "--label", "", "--by", "at")
    run(read_table(file).corpus("text", ""), "drift/page.py")
    page = json.loads(saved["drift-json"]())
    assert [side["texts"] for side in page["sides"]] == [120, 120]
    assert_same(command, page)
