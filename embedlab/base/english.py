"""Counts and names as English writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return "1 row" or "1,204 rows"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def was(count: int) -> str:
    """Return "was" or "were"."""
    return "was" if count == 1 else "were"


def listed(names: Iterable[str], most: int = 10) -> str:
    """Return names in quotation marks, the first `most` of them: “a”, “b” and 3 more."""
    quoted = [f"“{name}”" for name in names]
    if len(quoted) > most:
        return ", ".join(quoted[:most]) + f" and {len(quoted) - most:,} more"
    return ", ".join(quoted)


def joined(names: Sequence[str], last: str = "and") -> str:
    """Return names as a sentence has them: a, b and c; `last` is the word before the last one."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def percent(share: float) -> str:
    """Return a share as one reads it: "66 %", "3.4 %", "0.02 %"."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 9.95 or not value else f"{value:.1f} %" if value >= 0.095 else f"{value:.1g} %"
