"""What is written on the card of a fine-tuned model: by the command as by the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import streamlit as st

import embedlab.cli.main as command_line
from embedlab.corpus.reading.table import read
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.base import TRANSFORMER, ModelEntry
from embedlab.encoders.transformer import tuned
from embedlab.finetune import decision, runs
from embedlab.finetune.card import METRICS
from embedlab.finetune.cases import FinetuneSetup
from embedlab.pipeline import EmbeddingChoice
from pages.app import results
from pages.finetune import jobs as finetune_jobs
from tests.conftest import LetterEncoder
from tests.finetune.pretended import pretend, table
from tests.pages.driving import run as opened_page
from tests.pages.driving import said, settled


def test_the_command_and_the_page_write_the_same_of_the_same_training(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch)
    listings = (ModelEntry(DEFAULT_MODEL, TRANSFORMER, True, "here", lambda exact, texts: LetterEncoder()),)
    monkeypatch.setattr(finetune_jobs, "models", lambda: listings)
    monkeypatch.setattr(results, "models", lambda: listings)
    st.cache_resource.clear()
    file = tmp_path / "texts.csv"
    file.write_text(table(), encoding="utf-8")
    assert command_line.main(["finetune", str(file), "--label", "kind", "--out", str(tmp_path / "mine")]) == 0
    kept = tuned.root() / "mine"
    by_command, card = (kept / METRICS).read_text(), (kept / tuned.MODEL / "README.md").read_text()
    (kept / METRICS).unlink()

    at = opened_page(read(file, None, "kind"), "finetune/page.py")
    at.segmented_control(key="finetune-view-True").set_value("Side by side").run()
    assert "All of it measured on the file's test part: 40 texts." in said(settled(at)).replace("\\", "")
    assert json.loads((kept / METRICS).read_text()) == json.loads(by_command)
    assert (kept / tuned.MODEL / "README.md").read_text() == card
    assert "| general similarity, difference |" in card
    st.cache_resource.clear()


@pytest.mark.parametrize("holes", [False, True])
def test_a_training_by_command_is_known_as_of_these_texts_and_this_split(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, holes: bool
) -> None:
    pretend(monkeypatch)
    listings = (ModelEntry(DEFAULT_MODEL, TRANSFORMER, True, "here", lambda exact, texts: LetterEncoder()),)
    monkeypatch.setattr(finetune_jobs, "models", lambda: listings)
    monkeypatch.setattr(results, "models", lambda: listings)
    st.cache_resource.clear()
    file = tmp_path / "texts.csv"
    file.write_text(table() + ("\nno label,,train\n" if holes else ""), encoding="utf-8")
    texts = read(file, None, "kind")
    decision.finetune(texts, "kind", name="mine", held_out=0.2, seed=3)

    at = opened_page(texts, "finetune/page.py")
    at.segmented_control(key="finetune-view-True").set_value("Fine-tune").run()
    assert "Of another split" in said(settled(at))
    assert "Trained on other texts" not in said(at)
    at.button(key="finetune-then-mine").click().run()
    assert next(one for one in at.number_input if one.label == "Seed").value == 3
    assert "Of another split" not in said(settled(at))
    assert "near-copies were kept" not in said(at)
    (run,) = runs.all_runs()
    case = finetune_jobs.case(texts, FinetuneSetup("kind", 0.2, seed=3), EmbeddingChoice(DEFAULT_MODEL))
    assert run.data.items() >= case.facts.items()
    assert finetune_jobs.runs_of(case) == (run,)
    st.cache_resource.clear()
