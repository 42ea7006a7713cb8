"""Texts that a model can't read are left out of every answer, with a note and true counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import embedlab as el
from embedlab import pipeline
from embedlab.cli.main import main
from embedlab.compare.common import common, read_by_all
from embedlab.corpus.judgements import Judgements
from embedlab.space.unread import unread_note
from tests.conftest import LetterEncoder

WORDS = ["river bank", "money bank", "green cat", "red dog", "spring water", "blue house", "old card", "new mat"]
TEXTS = [f"{word} {'abcdefgh'[n % 8] * (1 + n % 5)}" for n, word in enumerate(WORDS * 8)]
BAD = (3, 40)


class Choking(LetterEncoder):
    """Gives NaN for texts that hold a mark."""

    def __init__(self, mark: str = "bad") -> None:
        super().__init__()
        self.mark = mark
        self.card = replace(self.card, model=f"letters without {mark}")

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        made = super().encode(texts, query)
        made[[row for row, text in enumerate(texts) if self.mark in text]] = np.nan
        return made


def corpus() -> el.Corpus:
    texts = [f"a bad text {n}" if n in BAD else text for n, text in enumerate(TEXTS)]
    rows = [{"text": text, "label": "ab"[n % 2], "time": f"20{10 + n % 8}-01-01"} for n, text in enumerate(texts)]
    import pandas as pd

    return el.from_frame(pd.DataFrame(rows), text="text", label="label")


def test_a_space_its_note_and_its_counts() -> None:
    space = el.embed(corpus(), model=Choking())
    assert (len(space), space.unread.tolist(), space.corpus.rows_read) == (62, list(BAD), 64)
    note = unread_note(space)
    assert note is not None
    assert note.sentence in space.facts()["notes"]
    assert space.facts()["dropped"] == 2
    assert space.corpus.column("label").values.tolist() == [
        value for row, value in enumerate(corpus().column("label").values) if row not in BAD
    ]


def test_a_check_has_the_labels_of_what_is_left() -> None:
    found = el.check(corpus(), label="label", model=Choking())
    assert len(found.checked.space) == 62
    assert found.checked.labels is not None
    assert len(found.checked.labels.values) == 62
    assert "could not read" in json.dumps(found.facts(), ensure_ascii=False)


def test_drift_knows_the_sides_of_what_is_left() -> None:
    texts = corpus()
    report = el.drift(texts.take(np.arange(30)), texts.take(np.arange(30, 64)), model=Choking())
    assert report.drift.sides.sizes == (29, 33)
    assert any("could not read" in note for note in report.facts()["notes"])


def test_a_search_finds_among_what_is_left_and_says_so() -> None:
    found = el.search(corpus(), "green cat", model=Choking(), k=3)
    assert found.corpus.texts[found.hits()[0].row].startswith("green cat")


def test_a_search_of_a_named_model_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", lambda *_: Choking())
    found = el.search(corpus(), "green cat", k=3)
    assert found.corpus.texts[found.hits()[0].row].startswith("green cat")
    assert "could not read" in found.notes[0]


def test_models_are_compared_on_what_all_of_them_read() -> None:
    texts = corpus()
    spaces = [el.embed(texts, model=Choking(mark)) for mark in ("bad", "old card", "nothing")]
    left = read_by_all(common(texts, []), spaces)
    assert [len(space) for space in spaces] == [62, 56, 64]
    assert len(left.corpus) == 64 - 2 - 8
    assert [note.count for note in left.notes] == [2, 8]
    assert left.places(np.array([0, 3, 4, 6])).tolist() == [0, -1, 3, -1]


def test_a_comparison_leaves_out_the_same_for_all() -> None:
    texts = corpus()
    encoders = [Choking("bad"), Choking("old card")]
    found = el.compare(texts, encoders, label="label")
    assert [len(space) for space in found.spaces] == [54, 54]
    assert found.spaces[0].corpus.texts == found.spaces[1].corpus.texts == found.texts
    assert np.allclose(found.spaces[0].vectors, found.spaces[1].vectors)
    assert sum("could not read" in note for note in found.notes) == 2


def test_judgements_of_what_is_left() -> None:
    rows = (np.array([0, 3]), np.array([3]), np.array([5]))
    judged = Judgements("j", ("a", "b", "c"), rows, tuple(np.ones(len(one)) for one in rows), (3, None, 5))
    left = judged.without(np.array(BAD), 64)
    assert (left.queries, [one.tolist() for one in left.rows], left.own) == (("a", "c"), [[0], [4]], (None, 4))
    assert left.notes[-1].sentence.startswith("1 query has no relevant text")


@pytest.mark.parametrize("command", ["embed", "map", "check"])
def test_the_commands_say_it(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "load", lambda *_: Choking())
    file = tmp_path / "texts.csv"
    file.write_text("text\n" + "\n".join(corpus().texts), encoding="utf-8")
    out = tmp_path / ("v.npy" if command == "embed" else "out.html")
    assert main([command, str(file), "--text", "text", "--out", str(out)]) == 0
    assert capsys.readouterr().err.count("could not read them: row 4, “a bad text 3”") == 1
    assert main([command, str(file), "--text", "text", "--out", str(out), "--json"]) == 0
    told = capsys.readouterr().out
    assert json.loads(told)
    assert "could not read them" in told
    if command == "embed":
        assert np.load(out).shape == (62, 27)
