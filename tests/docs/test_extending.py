"""The examples of docs/extending.md work as they are written there."""

from __future__ import annotations

import json
import re
import shutil
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import embedlab.cli
import embedlab.figures
from embedlab import pipeline
from embedlab.cli import main as command_line
from embedlab.encoders import Encoder
from tests.conftest import LetterEncoder
from tests.pages.driving import settled, tickets

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n# ([^\n]+)\n(.*?)```", DOCUMENT, re.DOTALL)


def example(name: str) -> str:
    """Return the code that the document gives for a file, or a place in one."""
    return next(code for title, code in EXAMPLES if title == name)


@pytest.fixture
def letters_read(monkeypatch: pytest.MonkeyPatch) -> Encoder:
    encoder = LetterEncoder()
    monkeypatch.setattr(pipeline, "load", lambda name="", exact=False, texts=(): encoder)
    return encoder


def added(package: object, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder whose modules belong to a package from here on."""
    folder.mkdir()
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    return folder


def test_the_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = added(embedlab.figures, tmp_path / "figures", monkeypatch)
    (place / "hubs.py").write_text(example("embedlab/figures/hubs.py"), encoding="utf-8")
    figure = import_module("embedlab.figures.hubs").hub_counts(np.array([0, 3, 3, 10]), dark=True)
    assert figure.data[0].x.tolist() == [0, 3, 3, 10]
    sys.modules.pop("embedlab.figures.hubs")


@pytest.mark.usefixtures("letters_read")
def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    place = added(embedlab.cli, tmp_path / "cli", monkeypatch)
    (place / "hubs.py").write_text(example("embedlab/cli/hubs.py"), encoding="utf-8")
    line = eval("{" + example("in COMMANDS of embedlab/cli/main.py") + "}")
    monkeypatch.setattr(command_line, "COMMANDS", {**command_line.COMMANDS, **line})
    file = tmp_path / "texts.csv"
    file.write_text("text\nab cd\nab ce\nab cf\nxy zz\n", encoding="utf-8")
    assert command_line.main(["hubs", str(file), "--most", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hubs"][0]["of"] == 3
    assert command_line.main(["hubs", str(tmp_path / "missing.csv")]) == 2
    assert "missing.csv" in capsys.readouterr().err
    sys.modules.pop("embedlab.cli.hubs")


@pytest.mark.usefixtures("letters_read")
def test_the_page(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "pages", tmp_path / "pages", ignore=shutil.ignore_patterns("__pycache__"))
    main = tmp_path / "pages" / "main.py"
    (tmp_path / "pages" / "hubs").mkdir()
    (tmp_path / "pages" / "hubs" / "page.py").write_text(example("pages/hubs/page.py"), encoding="utf-8")
    entry = example('in PAGES of pages/main.py, under "Explore"')
    begins = '    "Explore": [\n'
    main.write_text(main.read_text(encoding="utf-8").replace(begins, begins + entry), encoding="utf-8")
    at = AppTest.from_file(main, default_timeout=60)
    at.session_state["corpus"] = tickets()
    at.run()
    at.switch_page("hubs/page.py").run()
    settled(at)
    assert at.title[0].value == "Hubs"
    table = at.dataframe[0].value
    assert len(table) == 20
    assert (table["Among the nearest of"].diff().dropna() <= 0).all()
