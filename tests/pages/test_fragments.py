"""Parts of a page that run on their own: none writes outside of itself."""

from __future__ import annotations

import ast
from pathlib import Path

from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).parents[2] / "pages"


def _is_fragment(decorator: ast.expr) -> bool:
    return "st.fragment" in ast.unparse(decorator)


def _fragments() -> list[tuple[str, ast.FunctionDef]]:
    return [
        (f"{path.relative_to(PAGES)}: {node.name}", node)
        for path in sorted(PAGES.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and any(map(_is_fragment, node.decorator_list))
    ]


def test_no_fragment_is_handed_a_container() -> None:
    found = _fragments()
    assert len(found) > 10
    handed = [
        name
        for name, node in found
        for one in (*node.args.args, *node.args.kwonlyargs)
        if one.annotation is None or "DeltaGenerator" in ast.unparse(one.annotation)
    ]
    assert handed == []


def test_a_fragment_that_writes_outside_is_noticed_by_every_test_of_a_page() -> None:
    def page() -> None:
        import streamlit as st

        outside = st.container()

        @st.fragment
        def part() -> None:
            outside.text("from inside")

        part()

    at = AppTest.from_function(page).run()
    assert at.exception
