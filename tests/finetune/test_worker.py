"""The process that trains, for real on a tiny model: its line, its stop, its death; and what it says of errors."""

from __future__ import annotations

import errno
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from embedlab.base.errors import EmbedlabError
from embedlab.base.lock import Lock
from embedlab.encoders import models
from embedlab.encoders.transformer import tuned
from embedlab.encoders.transformer.entries import model_folder
from embedlab.finetune import runs
from embedlab.finetune.data import TrainingData
from embedlab.finetune.recipe import Recipe
from embedlab.finetune.runs import Run
from embedlab.finetune.worker import State, said
from tests.encoders.tiny import sentences, texts

LONG = 120.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tuning")
    sentences(made / "shelf" / "tiny")
    return made


@contextmanager
def at(place: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBEDLAB_HOME", str(place / "home"))
        patch.setenv("EMBEDLAB_MODELS", str(place / "shelf"))
        patch.setenv("HF_HUB_CACHE", str(place / "no cache"))
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        patch.setenv("OMP_NUM_THREADS", "1")  # threads that wait for each other are slow where others compute too
        yield


@pytest.fixture(autouse=True)
def home(place: Path) -> Iterator[None]:
    with at(place):
        yield


def data() -> TrainingData:
    """400 texts of ten classes, a word of its own for each, and 30 of them for validation."""
    words = ["bank", "river", "money", "card", "spring", "water", "house", "cat", "dog", "mat"]
    made = tuple(f"{text} {words[row % 10]}" for row, text in enumerate(texts(400, longest=8)))
    whole = TrainingData("labels", texts=made, codes=np.arange(400) % 10, names=tuple(words))
    return whole.with_validation(np.arange(30))


def until(true: Callable[[], bool], seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, [(run.name, run.status, run.progress, run.error) for run in runs.all_runs()]
        time.sleep(0.1)


def ended(name: str) -> Run:
    until(lambda: not runs.run(name).active)
    return runs.run(name)


def weights(name: str) -> dict[str, Any]:
    return dict(load_file(model_folder(name).path / "model.safetensors"))


@pytest.fixture(scope="module")
def two(place: Path) -> tuple[Run, Run]:
    """Two trainings with one recipe, asked for at once."""
    recipe = Recipe("tiny", "labels", epochs=2, learning_rate=1e-3)
    with at(place):
        runs.start("one", recipe, data())
        runs.start("two", recipe, data())
        until(lambda: runs.run("one").status == "running")
        assert runs.run("two").status == "queued"
        return ended("one"), ended("two")


def test_a_training_finishes_with_a_model_that_can_be_used(two: tuple[Run, Run]) -> None:
    run = two[0]
    assert (run.status, run.error, run.usable, run.device) == ("finished", "", True, "cpu")
    assert run.kept > 0
    assert [step for step, _ in run.losses] == sorted({step for step, _ in run.losses})
    assert run.scores[0][0] == 0
    assert run.scores[-1][1] > run.scores[0][1]
    assert "one" in {listing.name for listing in models() if listing.ready}
    model = model_folder("one")
    assert (model.window, model.dimensions) == (24, 32)
    left = {file.name for file in (tuned.root() / "one").iterdir()}
    assert left == {tuned.MODEL, tuned.STATE, tuned.RECIPE, tuned.LOCK, tuned.LEARNT, "log"}
    assert not list(model.path.rglob("*.bin"))  # safetensors alone


def test_no_text_is_left_anywhere(two: tuple[Run, Run]) -> None:
    a_text = data().texts[0]
    for file in (tuned.root() / "one").rglob("*"):
        assert file.is_dir() or a_text.encode() not in file.read_bytes(), file


def test_two_at_once_train_one_after_the_other(two: tuple[Run, Run]) -> None:
    first, second = two
    assert second.started >= first.started + first.seconds - 1


def test_the_same_seed_gives_the_same_model(two: tuple[Run, Run]) -> None:
    first, second = two
    assert first.losses == second.losses
    assert first.scores == second.scores
    one, other = weights("one"), weights("two")
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert first.kept == second.kept
    before = load_file(model_folder("tiny").path / "model.safetensors")
    lower, upper = (f"encoder.layer.{layer}.output.dense.weight" for layer in (0, 1))
    assert not np.array_equal(one[upper], before[upper])
    for stays in (lower, "embeddings.word_embeddings.weight"):  # the upper half is trained, unless all are asked for
        assert np.array_equal(one[stays], before[stays])


def test_a_stop_keeps_the_best_so_far_and_a_kill_the_last_that_was_kept() -> None:
    recipe = Recipe("tiny", "labels", epochs=50, trained_layers=1)
    for name in ("killed", "stopped"):
        runs.start(name, recipe, data())
    until(lambda: runs.run("killed").usable)
    pid = json.loads((tuned.root() / "killed" / tuned.STATE).read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    killed = ended("killed")
    assert (killed.status, killed.usable) == ("lost", True)
    assert "killed" in {listing.name for listing in models() if listing.ready}
    assert "can be used" in killed.error

    until(lambda: (progress := runs.run("stopped").progress) is not None and progress.done > 0)
    runs.stop("stopped")
    stopped = ended("stopped")
    assert (stopped.status, stopped.usable, stopped.error) == ("stopped", True, "")
    now, before = weights("stopped"), load_file(model_folder("tiny").path / "model.safetensors")
    same = {name for name in now if np.array_equal(now[name], before[name])}
    assert "encoder.layer.0.output.dense.weight" in same
    assert "embeddings.word_embeddings.weight" in same
    assert "encoder.layer.1.output.dense.weight" not in same


def test_one_that_waits_can_be_stopped() -> None:
    with Lock(tuned.root() / tuned.LOCK) as other:
        assert other.take()
        runs.start("waiting", Recipe("tiny", "labels"), data())
        time.sleep(1)
        assert runs.run("waiting").status == "queued"
        runs.stop("waiting")
        run = ended("waiting")
    assert (run.status, run.usable) == ("stopped", False)


# --- What it says ---


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (EmbedlabError("one\nsentence."), "one sentence."),
        (MemoryError(), "There is not enough memory for this training"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "There is not enough memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "There is not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "There is no room on the disk"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "There is no room on the disk"),
        (ValueError("x\ny"), "The training broke off (ValueError: x): the file "),
    ],
)
def test_errors_are_said_in_one_sentence(error: BaseException, sentence: str, tmp_path: Path) -> None:
    found = said(error, tmp_path / "run")
    assert found.startswith(sentence)
    assert "\n" not in found


class Model:
    """Writes what it is told, or runs out of room half-way."""

    def __init__(self, content: str, full: bool = False) -> None:
        self.content, self.full = content, full

    def save_pretrained(self, path: str, **settings: Any) -> None:
        assert settings["safe_serialization"]
        Path(path).mkdir()
        (Path(path) / "modules.json").write_text(self.content)
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_the_model_that_was_kept(tmp_path: Path) -> None:
    (tmp_path / tuned.RECIPE).write_text(json.dumps(asdict(Recipe("m", "labels"))))
    (tmp_path / tuned.SPARE).write_bytes(b"." * 10)
    state = State(tmp_path)
    state.keep(Model("first"), 1)
    state.keep(Model("second"), 2)
    with pytest.raises(OSError, match="No space"):
        state.keep(Model("third", full=True), 3)
    assert (tmp_path / tuned.MODEL / "modules.json").read_text() == "second"
    assert not (tmp_path / tuned.NEW).exists()
    assert not (tmp_path / tuned.BEFORE).exists()
    state.end("failed", "There is no room.")
    found = tuned.read_json(tmp_path / tuned.STATE)
    assert (found["status"], found["error"], found["kept"]) == ("failed", "There is no room.", 2)
    assert not (tmp_path / tuned.SPARE).exists()
