"""The example of an encoder in docs/extending.md works as it stands there, in a package of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embedlab import pipeline
from embedlab.corpus import Corpus
from embedlab.encoders import load, models, registry
from embedlab.encoders.store import stored
from embedlab.pipeline import EmbeddingChoice

ROOT = Path(__file__).parents[2]
TEXTS = ["the cat sat", "the dog sat", "a cat and a dog", "rain all day", "sun all day"]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The two files of the document, as an installer would put them on the path."""
    document = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    section = document.partition("\n## An encoder\n")[2].partition("\n## ")[0]
    (project,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    told = tomllib.loads(project)["project"]
    site = tmp_path / "site"
    about = site / f"{told['name'].replace('-', '_')}-{told['version']}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {told['name']}\nVersion: {told['version']}\n")
    lines = [
        line
        for group, points in told["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in points.items()))
    ]
    (about / "entry_points.txt").write_text("\n".join(lines))
    (site / "hashed_words.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(registry, "_loaded", OrderedDict())
    yield site
    sys.modules.pop("hashed_words", None)


def test_it_is_listed_without_being_imported(package: Path) -> None:
    (entry,) = (entry for entry in models() if entry.name == "hashed-words")
    assert (entry.ready, entry.how, entry.family.name) == (True, "from the package hashed_words", "Other packages")
    assert "hashed_words" not in sys.modules


def test_it_works_in_the_pipeline_and_its_vectors_are_kept(package: Path) -> None:
    prepared = pipeline.prepare(Corpus.of(TEXTS), EmbeddingChoice("hashed-words"))
    assert prepared.space.card.model == "hashed-words"
    assert prepared.space.vectors.shape == (5, 64)
    assert prepared.space.vectors[0] @ prepared.space.vectors[1] == pytest.approx(2 / 3)
    assert [(kept.model, kept.texts) for kept in stored()] == [("hashed-words", 5)]
    assert load("hashed-words") is prepared.encoder


def test_the_command_line_takes_it(package: Path, own_home: Path, tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("text\n" + "\n".join(TEXTS))
    path = os.pathsep.join([str(package), str(ROOT)])
    command = [sys.executable, "-m", "embedlab", "embed", "texts.csv", "--text", "text", "--model", "hashed-words"]
    done = subprocess.run(
        [*command, "--out", "vectors.npy", "--json"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert (told["model"], told["dimensions"], told["encoded_now"]) == ("hashed-words", 64, 5)
    assert np.load(tmp_path / "vectors.npy").shape == (5, 64)
