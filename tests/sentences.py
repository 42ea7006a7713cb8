"""What a sentence tells, whatever its words."""

from __future__ import annotations

import re
from collections.abc import Iterable


def says(sentence: str, *facts: object) -> bool:
    """Return whether a sentence tells these facts, in this order, and no figure or quoted name beside them."""
    rest = sentence
    for fact in map(str, facts):
        found = re.search(rf"(?<!\d){re.escape(fact)}(?!\d)", rest, re.IGNORECASE)
        if found is None or _tells(rest[: found.start()]):
            return False
        rest = rest[found.end() :]
    return not _tells(rest)


def say(sentences: Iterable[str], *facts: tuple[object, ...]) -> bool:
    """Return whether there are as many sentences as groups of facts, each telling its own (see `says`)."""
    told = list(sentences)
    return len(told) == len(facts) and all(says(one, *group) for one, group in zip(told, facts, strict=True))


def _tells(words: str) -> bool:
    return re.search(r"[\d“]", words) is not None
