"""How the house is kept: one class for one name, no module that nobody would look for, the names of the street."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from embedlab.figures.results import FIGURES, PAGES

ROOT = Path(__file__).parents[1]
MODULES = [path for room in ("embedlab", "pages") for path in sorted((ROOT / room).rglob("*.py"))]


def test_no_class_name_stands_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "misc", "shared", "lab"}
    assert not [str(path) for path in MODULES if empty & {*path.relative_to(ROOT).with_suffix("").parts}]


def test_the_packages_are_those_of_the_picture() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [place.name for place in (ROOT / "embedlab").iterdir() if (place / "__init__.py").exists()]
    assert not [room for room in rooms if f"| `{room}`" not in told and f"`{room}`" not in told]


def test_every_kind_of_result_has_a_figure() -> None:
    results = {
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and "Result" in map(ast.unparse, node.bases)
    }

    assert results
    assert set(FIGURES) == results
    assert set(PAGES) <= results
