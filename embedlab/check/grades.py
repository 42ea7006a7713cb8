"""How much a finding matters: nothing, a look, or a stop; by limits that are said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embedlab.base.severity import LEVELS, Level
from embedlab.check.run import Finding, Key

LIMITS: Mapping[Key, tuple[float, float]] = {
    "exact": (0.01, math.inf),
    "near-duplicates": (0.01, math.inf),
    "labels": (0.01, 0.1),
    "leaks": (0.0, 0.01),
    "personal": (0.0, math.inf),
    "cut": (0.01, 0.2),
    "outliers": (0.01, math.inf),
    "blurred": (0.01, 0.2),
    "properties": (0.01, math.inf),
    "segments": (0.0, math.inf),
}
"""From which share (`Finding.share`) on a finding warns, and from which on it fails; 0 is any at all.

One text in a hundred is worth a look. What fails makes figures wrong: a hundredth of the held-out texts known by heart
moves an accuracy by a point, which is what models are chosen by; a tenth of the labels doubtful is more than most
differences between models; a fifth of the texts cut or unreadable are not the texts that were meant. Personal data and
hard regions are always to be looked at, and never a reason to stop: they are found by form and by chance's limit only.
"""


@dataclass(frozen=True)
class Grade:
    """What some findings come to: the worst level of them, and a sentence."""

    level: Level
    sentence: str


def level_of(found: Finding) -> Level:
    """Return what a finding is worth: by itself, else by `LIMITS`."""
    if found.level is not None:
        return found.level
    warn, fail = LIMITS[found.key]
    if not found.count:
        return "pass"
    return "fail" if found.share >= fail else "warn" if found.share >= warn else "pass"


def worst_first(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings in the order in which to look at them: by level, then as they come."""
    return tuple(sorted(found, key=lambda one: -LEVELS.index(level_of(one))))


def grade(found: Sequence[Finding]) -> Grade:
    """Return what the findings come to together."""
    ordered = worst_first(found)
    level = level_of(ordered[0]) if ordered else "pass"
    names = _named([one.spoken for one in ordered if level_of(one) == level])
    return Grade(
        level,
        {
            "pass": "Nothing was found that stands in the way.",
            "warn": f"Something to look at first: {names}.",
            "fail": f"Not to be built on as they are: {names}.",
        }[level],
    )


def limits_of(key: Key) -> tuple[str, str]:
    """Return from where on a finding warns and fails, as one reads it."""
    warn, fail = map(_limit, LIMITS[key])
    return warn, fail


def _limit(share: float) -> str:
    return "never" if share == math.inf else f"from {100 * share:.0f} %" if share else "any"


def _named(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
