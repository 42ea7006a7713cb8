"""The page and the command ask for the same pieces of a comparison: they can't tell different things."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray

import embedlab.cli.main as command_line
from embedlab import pipeline
from embedlab.compare.comparison import Comparison
from embedlab.corpus.reading.table import read_table
from embedlab.encoders import DEFAULT_MODEL, speed
from embedlab.encoders.base import STATIC, TRANSFORMER
from embedlab.encoders.transformer import tuned
from pages.compare import jobs as compare_jobs
from pages.compare import report
from tests.conftest import LetterEncoder
from tests.pages.driving import run, settled
from tests.pages.halves import HalfEncoder

PAGE = "compare/page.py"
NAMES = [DEFAULT_MODEL, "halves", "squares"]
WORDS = ["aaab", "aabb", "abbb", "cccd", "ccdd", "cddd", "eeef", "eeff", "efff", "gggh", "gghh", "ghhh"]
PAIRS = "id1,id2,score\n1,2,4\n1,4,0\n1,3,2\n4,5,3\n99,1,1\n"


class Squares(LetterEncoder):
    """Counts letters, each as often as it stands there, squared."""

    def __init__(self) -> None:
        super().__init__()
        self.card = replace(self.card, model="squares", weights="squared")

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        found = super().encode(texts) ** 2
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    kinds = dict(zip(NAMES, (LetterEncoder, HalfEncoder, Squares), strict=True))
    families = dict(zip(NAMES, (TRANSFORMER.name, STATIC.name, STATIC.name), strict=True))
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): kinds[name]())
    monkeypatch.setattr(compare_jobs, "_ready", lambda: families)
    monkeypatch.setattr(speed, "AT_LEAST", 0.001)
    st.cache_resource.clear()
    lines = [f"{word} {word[::-1]}{'x' * (row % 5)}" for row, word in enumerate(WORDS * 4)]
    topics = [line[0] if row % 9 else "a" for row, line in enumerate(lines)]
    path = tmp_path / "lines.csv"
    path.write_text("text,topic\n" + "\n".join(map(",".join, zip(lines, topics, strict=True))), encoding="utf-8")
    folder = tuned.root() / "halves"
    folder.mkdir(parents=True)
    tuned.keep_learnt(folder, lines[:3], "another")
    yield path
    st.cache_resource.clear()


def of_command(capsys: pytest.CaptureFixture[str], file: Path, *arguments: object) -> dict[str, Any]:
    out = file.with_name("report.html")
    given = ["compare", file, "--text", "text", "--models", ",".join(NAMES), "--json", "--out", out, *arguments]
    assert command_line.main([str(one) for one in given]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    del told["seconds"]
    return told


def of_page(
    monkeypatch: pytest.MonkeyPatch, file: Path, label: str | None, queries: str = "", pairs: str = ""
) -> dict[str, Any]:
    made: list[Comparison] = []
    gathered = report.gathered
    monkeypatch.setattr(report, "gathered", lambda compared, k: made.append(gathered(compared, k)) or made[-1])
    at = run(read_table(file).corpus("text", label), PAGE)
    next(one for one in at.multiselect if one.label == "Models").set_value(NAMES).run()
    settled(at)
    at.segmented_control(key="compare-view").set_value("Numbers").run()
    at.text_area(key="compare-queries").set_value(queries).run()
    settled(at)
    at.segmented_control(key="compare-view").set_value("Quality").run()
    if pairs:
        at.segmented_control(key="compare-evidence-True").set_value("Pairs with scores").run()
        given = [("pairs.csv", pairs.encode(), "text/csv")]
        at.file_uploader(key="compare-file-Pairs with scores").set_value(given).run()
    settled(at)
    at.segmented_control(key="compare-view").set_value("Report").run()
    settled(at)
    assert not at.error
    return made[-1].facts()


def assert_same(command: dict[str, Any], page: dict[str, Any]) -> None:
    for one in (*command["models"], *page["models"]):
        one.pop("encoded_now")  # who comes second finds the vectors in the store
    assert command.keys() == page.keys()
    for name, value in json.loads(json.dumps(page)).items():
        assert command[name] == value, name


def test_by_labels_and_with_queries(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = file.with_name("queries.txt")
    queries.write_text("aaab\nghhh cd\n", encoding="utf-8")
    command = of_command(capsys, file, "--label", "topic", "--queries", queries)
    page = of_page(monkeypatch, file, "topic", queries="aaab\nghhh cd")
    assert len(command["quality"]["verdicts"]) == 15
    assert command["quality"]["without_reading"] is not None
    assert len(command["noise_floors"]) == 4
    assert len(command["queries"]) == 2
    assert all(one["rate"] for one in command["cost"])
    assert_same(command, page)


def test_by_pairs_of_which_a_model_has_learned(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = file.with_name("pairs.csv")
    pairs.write_text(PAIRS, encoding="utf-8")
    command = of_command(capsys, file, "--pairs", pairs)
    assert any("has learned from" in note for note in command["notes"])
    assert_same(command, of_page(monkeypatch, file, None, pairs=PAIRS))
