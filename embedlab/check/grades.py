"""What findings come to together: nothing, a look, or a stop; by the limits of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embedlab.base.result import LEVELS, Level
from embedlab.check.base import Finding


@dataclass(frozen=True)
class Grade:
    """What some findings come to: the worst level of them, and a sentence."""

    level: Level
    sentence: str


def worst_first(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings in the order in which to look at them: by level, then as they come."""
    return tuple(sorted(found, key=lambda one: -LEVELS.index(one.level)))


def grade(found: Sequence[Finding]) -> Grade:
    """Return what the findings come to together."""
    ordered = worst_first(found)
    level = ordered[0].level if ordered else "pass"
    names = _named([one.spoken for one in ordered if one.level == level])
    return Grade(
        level,
        {
            "pass": "Nothing was found that stands in the way.",
            "warn": f"Something to look at first: {names}.",
            "fail": f"Not to be built on as they are: {names}.",
        }[level],
    )


def _named(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
