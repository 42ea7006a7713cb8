"""What a benchmark found, as a table: on the screen and in docs/benchmarks.md."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.setting import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Table:
    """Rows as wide as `columns`, and sentences that belong to them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        """Return the table and its notes as Markdown."""
        lines = [_line(self.columns), _line(["---"] * len(self.columns)), *map(_line, self.rows)]
        return "\n".join([*lines, *(f"\n{note}" for note in self.notes)])


def seconds(values: Sequence[float]) -> str:
    """Return the median, and the range if there is one, for example "2.31 s (2.25 to 2.60)"."""
    return f"{statistics.median(values):.2f} s{_range([f'{value:.2f}' for value in sorted(values)])}"


def milliseconds(values: Sequence[float]) -> str:
    """Return seconds as for example "31 ms (28 to 45)" or "0.4 ms (0.3 to 0.5)"."""
    digits = 1 if statistics.median(values) < 0.01 else 0
    middle = f"{1000 * statistics.median(values):.{digits}f} ms"
    return middle + _range([f"{1000 * value:.{digits}f}" for value in sorted(values)])


def ratios(ours: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return ours / other for each pair of runs that followed each other."""
    return [own / other for own, other in zip(ours, others, strict=True)]


def ratio(ours: Sequence[float], others: Sequence[float]) -> str:
    """Return the median ratio of the pairs, for example "0.21"."""
    return f"{statistics.median(ratios(ours, others)):.2f}"


def met(reached: bool) -> str:
    """Return whether a target was met, in a word."""
    return "yes" if reached else "NO"


def write(name: str, content: str, page: Path = PAGE) -> None:
    """Put `content` between the two marks of the benchmark `name` in `page`."""
    text = page.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise SystemExit(f"{page.name} must hold “{start}” and “{end}” once each: add them where the table belongs.")
    before, rest = text.split(start)
    after = rest.split(end)[1]
    page.write_text(f"{before}{start}\n{content}\n{end}{after}", encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _range(ordered: list[str]) -> str:
    return f" ({ordered[0]} to {ordered[-1]})" if len(ordered) > 1 and ordered[0] != ordered[-1] else ""
