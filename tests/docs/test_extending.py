"""The examples of docs/extending.md work as they are written there."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import embedlab.cli
import embedlab.figures
from embedlab import pipeline
from embedlab.check import findings
from embedlab.check.base import FindingKind
from embedlab.check.run import check
from embedlab.cli import main as command_line
from embedlab.corpus.reading.given import from_texts
from embedlab.encoders import Encoder
from tests.check.faulty import COPY, faulty
from tests.conftest import LetterEncoder
from tests.pages.driving import button, run, said, settled, tickets

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


@pytest.fixture
def shouting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, letters_read: Encoder) -> Iterator[FindingKind]:
    """Add the example of a finding to the list of them all."""
    place = added(findings, tmp_path / "findings", monkeypatch)
    (place / "shouting.py").write_text(example("embedlab/check/findings/shouting.py"), encoding="utf-8")
    module = import_module("embedlab.check.findings.shouting")
    (kind,) = eval("(" + example("in FINDINGS of embedlab/check/findings/__init__.py") + ")", vars(module))
    monkeypatch.setattr(findings, "FINDINGS", (*findings.FINDINGS, kind))
    yield kind
    sys.modules.pop("embedlab.check.findings.shouting")


def test_the_finding_is_in_the_check_the_report_and_the_command(
    shouting: FindingKind, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = faulty().texts  # one of them is a copy in capitals
    found = check(from_texts([*texts, "EVEN LOUDER"]), findings=[*findings.FINDINGS[:2], shouting])
    assert [one.key for one in found.findings] == ["exact", "near-duplicates", "shouting"]
    assert found.lines("shouting").table()["rows"].tolist() == [[COPY + 1], [len(texts) + 1]]
    file, out = tmp_path / "texts.csv", tmp_path / "report.html"
    file.write_text("text\n" + "\n".join(texts), encoding="utf-8")
    assert command_line.main(["check", str(file), "--fail-on", "shouting", "--out", str(out)]) == 1
    printed = capsys.readouterr().out
    assert "Shouting: 1 (2.5 %), warn" in printed
    assert "failed: shouting: shouting is 1 (2.5 %)" in printed
    assert "1 text shouts." in out.read_text(encoding="utf-8")
    assert command_line.main(["check", str(file), "--json", "--fail-on", "shouting>50%"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["limits"]["shouting"] == [0.01, 0.5]
    assert next(one for one in told["findings"] if one["key"] == "shouting")["lines"][0]["rows"] == [COPY + 1]


def test_the_finding_is_on_the_page(shouting: FindingKind) -> None:
    st.cache_resource.clear()  # what other tests made of the same texts
    at = run(faulty(), "check/page.py")
    next(one for one in at.get("button_group") if str(one.key).startswith("check-finding")).set_value(shouting.key)
    settled(at.run())
    assert "1 text shouts" in said(at)
    assert at.dataframe[0].value["Words"].tolist() == [6]
    button(at, "Leave all out (1)").click()
    settled(at.run())
    assert "Decided: 1 left out" in said(at)


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
