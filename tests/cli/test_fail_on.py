"""Conditions as one types them."""

from __future__ import annotations

import math

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.cli.fail_on import NamedFigure, conditions, outcome

NAMES = {"copies": True, "leaks": True, "auc": False}


@pytest.mark.parametrize(
    ("typed", "copies", "holds"),
    [
        ("copies", 0, False),
        ("copies", 1, True),
        ("copies>2%", 2, False),
        ("copies>2%", 3, True),
        ("copies>=2%", 2, True),
        ("copies>2", 2, False),
        ("COPIES < 5", 4, True),
        ("copies<=0.5%", 0, True),
        ("copies > 2e0", 3, True),
    ],
)
def test_a_condition_is_read_as_typed(typed: str, copies: int, holds: bool) -> None:
    assert outcome(conditions(typed, NAMES), {"copies": NamedFigure(copies, 100)}).status == holds


def test_each_that_holds_is_told() -> None:
    measures = {"copies": NamedFigure(3, 100), "leaks": NamedFigure(0, 100), "auc": NamedFigure(0.91234)}
    found = outcome(conditions("copies>2%, leaks ,auc>0.9,", NAMES), measures)
    assert found.failed == ("copies>2%: copies is 3 (3.0 %)", "auc>0.9: auc is 0.912")
    assert found.lines == ("failed: copies>2%: copies is 3 (3.0 %)", "failed: auc>0.9: auc is 0.912")
    assert found.facts == {"conditions": ["copies>2%", "leaks", "auc>0.9"], "failed": list(found.failed)}
    assert outcome(conditions("leaks,auc>1", NAMES), measures).lines == ("passed: leaks, auc>1",)
    assert outcome((), measures).lines == ()


@pytest.mark.parametrize("typed", ["", " , ", "copies>", "copies=3", "copies>x", "copy", "copies>2%%", "auc>80%", ">3"])
def test_what_cannot_be_read_is_refused(typed: str) -> None:
    with pytest.raises(EmbedlabError, match="--fail-on"):
        conditions(typed, NAMES)


def test_what_was_not_measured_is_not_passed() -> None:
    with pytest.raises(EmbedlabError, match=r"“leaks” can't be told. Name a column with --split."):
        outcome(conditions("leaks", NAMES), {"leaks": NamedFigure(math.nan, why="Name a column with --split.")})


def test_no_texts_no_share() -> None:
    assert not outcome(conditions("copies>2%", NAMES), {"copies": NamedFigure(0, 0)}).failed
