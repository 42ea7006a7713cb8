"""What the documents name is there: modules, functions, files, and the names of the API."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PARTS = {place.name for place in (ROOT / "embedlab").iterdir() if place.name != "__pycache__"}


def is_there(name: str) -> bool:
    try:
        if find_spec(name):
            return True
    except ModuleNotFoundError:
        pass
    module, _, attribute = name.rpartition(".")
    return "." in name and is_there(module) and hasattr(import_module(module), attribute)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_module_that_a_document_names_is_there(document: Path) -> None:
    named = set(re.findall(r"`(embedlab(?:\.\w+)+)`", document.read_text(encoding="utf-8")))
    named = {name for name in named if name.split(".")[1] in PARTS or name.split(".")[1] + ".py" in PARTS}
    assert not [name for name in sorted(named) if not is_there(name)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_links_to_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (document.parent / link).exists()]


def test_a_name_that_is_gone_would_be_noticed() -> None:
    assert is_there("embedlab.space.projection.pca")
    assert not is_there("embedlab.space.projection.tsne")
    assert not is_there("embedlab.lab.projection")
