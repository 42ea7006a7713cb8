"""Touches that follow each other faster than the page is made: nothing breaks, and the last one counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.speaking import Visitor, visiting

PATIENCE = 90


@pytest.fixture
def visitor(app: str) -> Iterator[Visitor]:
    with visiting(app) as one:
        yield one


def test_a_map_that_is_touched_while_it_is_made_anew_survives(visitor: Visitor) -> None:
    """The whole page is asked for with another precision: it ends early, while the texts are embedded."""
    assert visitor.look(PATIENCE, lambda: visitor.reads("rust this map"))
    _, fragment = visitor.widget("text_input", "Find")
    visitor.touch("checkbox", "Full precision", bool_value=True)
    for _ in range(15):
        visitor.look(0.1)
        visitor.ask(fragment)
    assert visitor.look(PATIENCE, lambda: visitor.reads("rust this map"))
    assert visitor.alerts == []
    visitor.touch("text_input", "Find", string_value="a sentence after all that")
    assert visitor.look(PATIENCE, lambda: visitor.reads("nearest text is at cosine"))
    assert visitor.alerts == []
