"""Conditions that a run must not meet, as one types them: "near-duplicates>2%,labels>5%,leaks"."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from embedlab.base.english import percent
from embedlab.base.errors import EmbedlabError

FAILED = 1
_WRITTEN = re.compile(r"\s*([a-z][a-z0-9-]*)\s*(?:(>=|<=|>|<)\s*([0-9]*\.?[0-9]+(?:e-?[0-9]+)?)\s*(%?))?\s*", re.I)
_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


@dataclass(frozen=True)
class NamedFigure:
    """A number that a condition can name. `of` is what a share of it is taken of; None where it is no count.

    `why` says why there is no number, where there is none (NaN).
    """

    value: float
    of: int | None = None
    why: str = ""

    def __str__(self) -> str:
        if self.of is None:
            return f"{self.value:.3g}"
        return f"{self.value:,.0f}" + (f" ({percent(self.value / self.of)})" if self.of else "")


@dataclass(frozen=True)
class Condition:
    """A condition as typed: whether the measure `name` stands in the relation `sign` to `limit`."""

    typed: str
    name: str
    sign: str
    limit: float
    share: bool


def conditions(typed: str, names: Mapping[str, bool]) -> tuple[Condition, ...]:
    """Return the conditions in `typed`, with commas between them.

    A name alone means more than none of it. `names` says of each name that is known whether it counts something, so
    that a share of it can be asked for. Raises `EmbedlabError` for what can't be read, so that no check is passed
    because of a typing error.
    """
    found = []
    for part in typed.split(","):
        if not part.strip():
            continue
        match = _WRITTEN.fullmatch(part)
        if match is None:
            raise EmbedlabError(
                f"--fail-on: “{part.strip()}” can't be read: write a name, or a name with a limit, such as labels>5%."
            )
        name, sign, limit, percent = match.groups()
        name = name.lower()
        if name not in names:
            raise EmbedlabError(f"--fail-on: “{name}” is not known: choose among {', '.join(names)}.")
        if percent and not names[name]:
            raise EmbedlabError(f"--fail-on: “{name}” is no count, so it has no per cent: name a plain number.")
        value = float(limit) / 100 if percent else float(limit or 0)
        found.append(Condition(part.strip(), name, sign or ">", value, bool(percent)))
    if not found:
        raise EmbedlabError(f"--fail-on names no condition: choose among {', '.join(names)}.")
    return tuple(found)


@dataclass(frozen=True)
class Outcome:
    """What became of the conditions `wanted`; `failed` is a sentence for each that holds."""

    wanted: tuple[Condition, ...]
    failed: tuple[str, ...]

    @property
    def status(self) -> int:
        """The exit status of the command: 1 where a condition holds."""
        return FAILED if self.failed else 0

    @property
    def facts(self) -> dict[str, list[str]]:
        """The conditions as typed, and those that hold, for `--json`."""
        return {"conditions": [one.typed for one in self.wanted], "failed": list(self.failed)}

    @property
    def lines(self) -> tuple[str, ...]:
        """What to print of it: what failed, or that all passed; nothing where nothing was wanted."""
        if self.failed:
            return tuple(f"failed: {sentence}" for sentence in self.failed)
        return (f"passed: {', '.join(one.typed for one in self.wanted)}",) if self.wanted else ()


def outcome(wanted: tuple[Condition, ...], measures: Mapping[str, NamedFigure]) -> Outcome:
    """Return which of the conditions hold.

    Raises `EmbedlabError` where one names what could not be measured: a check that did not take place is not passed.
    """
    failed = []
    for one in wanted:
        measure = measures[one.name]
        if math.isnan(measure.value):
            raise EmbedlabError(f"--fail-on: “{one.typed}” can't be told. {measure.why}".rstrip())
        value = measure.value / measure.of if one.share and measure.of else measure.value
        if _HOLDS[one.sign](value, one.limit):
            failed.append(f"{one.typed}: {one.name} is {measure}")
    return Outcome(wanted, tuple(failed))
