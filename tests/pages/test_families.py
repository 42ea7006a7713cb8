"""Every family of models, for real: the same file through the page and through the command line."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

import embedlab.cli.main as command_line
from embedlab.corpus.reading.table import read
from embedlab.encoders import models, registry
from tests.encoders.endpoint import serving
from tests.pages.driving import run, said, settled

LINES = [
    f"{who} {what} {where}"
    for who in ("the bank", "my neighbour", "a young cat")
    for what in ("raised its voice", "lost the money", "slept for hours")
    for where in ("near the river", "in the kitchen")
]


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_loaded", OrderedDict(registry._loaded))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An endpoint on this machine, set up in the environment."""
    with serving() as server:
        monkeypatch.setenv("EMBEDLAB_REMOTE_URL", server.url)
        monkeypatch.setenv("EMBEDLAB_REMOTE_MODEL", "letters")
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lines.csv"
    path.write_text("text,n\n" + "\n".join(f"{line},{row}" for row, line in enumerate(LINES)), encoding="utf-8")
    return path


@pytest.mark.model
@pytest.mark.parametrize("name", ["tf-idf", "wordllama", "glove-6b-50d", "all-MiniLM-L6-v2", "remote/letters"])
def test_it_is_in_the_library_and_embeds_a_file_by_page_and_command_line(
    name: str,
    file: Path,
    tmp_path: Path,
    remote: None,
    minilm_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EMBEDLAB_HOME", str(minilm_home))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    listing = next(one for one in models() if one.name == name)
    if not listing.ready:
        pytest.skip(listing.how)
    at = run(read(file, text="text"), "library/models.py")
    if name != registry.DEFAULT_MODEL:
        at.button(key=f"use-{name}").click().run()
    at.switch_page("map/page.py").run()
    at = settled(at)
    assert "Trust " in said(at)
    at.text_input(key="find").set_value("the bank lost the money").run()
    assert not at.error
    assert "Nearest texts in the original space" in said(at)
    out = tmp_path / "v.npy"
    arguments = ["embed", str(file), "--text", "text", "--model", name, "--out", str(out), "--json"]
    assert command_line.main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    vectors = np.load(out)
    assert vectors.shape == (len(LINES), told["dimensions"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-4)
    kept_by_the_page = 0 if name == "tf-idf" else len(LINES)
    assert told["encoded_now"] == len(LINES) - kept_by_the_page


def test_a_remote_model_that_is_gone_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        url = server.url
    monkeypatch.setenv("EMBEDLAB_REMOTE_URL", url)
    monkeypatch.setenv("EMBEDLAB_REMOTE_MODEL", "letters")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    at = run(read(file, text="text"), "library/models.py")
    at.button(key="use-remote/letters").click().run()
    at.switch_page("map/page.py").run()
    for _ in range(300):
        if at.error:
            break
        at.run()
    assert len(at.error) == 1
    assert any(one.label == "Try again" for one in at.button)
