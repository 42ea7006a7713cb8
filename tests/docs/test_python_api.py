"""The examples of docs/python-api.md run, and it names everything that `import embedlab as el` offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import embedlab as el

DOCUMENT = Path(__file__).parents[2] / "docs" / "python-api.md"


@pytest.mark.timeout(900)  # each verb once, with the real model
def test_every_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(DOCUMENT)
    examples = list(document.examples())
    assert len(examples) >= 7
    for example in examples:
        example.evaluate()
    assert (tmp_path / "places.csv").exists()
    assert document.namespace["space"].sentence.startswith("6 texts in ")
    assert len(document.namespace["found"].table()) == 2
    assert document.namespace["checked"].facts()["verdict"] in ("pass", "warn", "fail")


def test_every_name_is_documented() -> None:
    told = DOCUMENT.read_text(encoding="utf-8")
    verbs = [name for name in el.__all__ if name[0].islower()]
    assert not [name for name in verbs if f"`el.{name}(" not in told]
    assert not [name for name in el.__all__ if name[0].isupper() and name not in told and name != "Result"]
