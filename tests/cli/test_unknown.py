"""What a model doesn't know of the texts stands in `--json` as on the page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedlab import pipeline
from embedlab.cli.main import main
from embedlab.encoders.capabilities import Pieces
from tests.conftest import LetterEncoder

TEXTS = ["red apple", "green pear", "빨간 사과", "초록 배 pear", "blue plum", "old plum"]


class Telling(LetterEncoder):
    """Knows the words that are written in the letters a to z."""

    def __init__(self, languages: str = "") -> None:
        super().__init__()
        self.card = replace(self.card, languages=languages)

    def read_pieces(self, texts: Sequence[str]) -> Iterator[Pieces]:
        for text in texts:
            words = text.split()
            ends = np.cumsum([len(word) + 1 for word in words], dtype=np.intp) - 1
            spans = np.stack([ends - [len(word) for word in words], ends], axis=1)
            yield Pieces(tuple(words), spans, np.array([word.isascii() for word in words]))


def told(tmp_path: Path, capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    file = tmp_path / "texts.csv"
    file.write_text("text\n" + "\n".join(TEXTS * 3) + "\n", encoding="utf-8")
    assert main([command[0], str(file), *command[1:], "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_embed_counts_the_pieces_that_a_model_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "load", lambda *_: Telling())
    unknown = told(tmp_path, capsys, "embed", "--out", str(tmp_path / "v.npy"))["unknown_to_model"]
    assert (unknown["pieces"], unknown["unknown"]) == (13, 4)  # of each text once
    assert (unknown["texts_mostly_unknown"], unknown["texts_looked_at"]) == (2, 6)
    assert unknown["sentence"].startswith("4 of 13 pieces of these texts are unknown to letters (Korean letters)")
    assert unknown["other_languages"] == {}


def test_compare_says_it_of_each_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Telling()
    other.card = replace(other.card, model="silent", weights="none")
    encoders = {"all-MiniLM-L6-v2": Telling(), "tf-idf": other}
    monkeypatch.setattr(pipeline, "load", lambda name, *_: encoders[name])
    made = told(tmp_path, capsys, "compare", "--models", "all-MiniLM-L6-v2,tf-idf")
    assert [model["unknown_to_model"]["unknown"] for model in made["models"]] == [4, 4]


def test_a_model_that_does_not_tell_leaves_it_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "load", lambda *_: LetterEncoder())
    made = told(tmp_path, capsys, "embed", "--out", str(tmp_path / "v.npy"))
    assert made["unknown_to_model"] is None
