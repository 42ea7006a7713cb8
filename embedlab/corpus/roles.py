"""Which column of a table is what, where no header says it: told by what the columns hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embedlab.base.english import counted, joined
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.corpus import Column, Note
from embedlab.corpus.guess import NUMBER
from embedlab.corpus.reading.table import Table

_MOST_GRADES = 12
_FEW = 2  # with more rows than this, ids are not all the same
RENAMED = re.compile(r" \(\d+\)$")
SAMPLE = 1_000


@dataclass(frozen=True)
class Grid:
    """Rows of cells as they were written, "" for none, all as long as `names`; `headed` says if names are a header."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    headed: bool

    def column(self, at: int) -> list[str]:
        """Return the cells of one column."""
        return [row[at] for row in self.rows]

    def with_first_row(self) -> Grid:
        """Return the grid with its header as a row of data: it was none."""
        if not self.headed:
            return self
        first = tuple(RENAMED.sub("", name) if RENAMED.sub("", name) in self.names else name for name in self.names)
        return Grid(places(len(self.names)), (first, *self.rows), False)


def places(count: int) -> tuple[str, ...]:
    """Return names for columns that have none."""
    return tuple(f"column {place}" for place in range(1, count + 1))


def grid_of(table: Table) -> Grid:
    """Return a table's cells; one column of words that are equally many in each line is cut at its spaces."""
    names = tuple(column.name for column in table.columns)
    rows = tuple(zip(*([c.shown(at).strip() for at in range(len(table))] for c in table.columns), strict=True))
    if len(names) == 1:
        cut = [tuple(row[0].split()) for row in rows]
        widths = {len(row) for row in cut}
        if len(widths) == 1 and 3 <= len(cut[0]) <= 6:
            head = tuple(names[0].split())
            headed = table.layout.header == 1 and len(head) == len(cut[0])
            return Grid(head if headed else places(len(cut[0])), tuple(cut), headed)
    return Grid(names, rows, table.layout.header != 0)


def grid_of_lines(text: str) -> Grid:
    """Return lines of cells with tabs between, or commas, or spaces as TREC writes them; blank lines are left out."""
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    mark = next((mark for mark in ("\t", ",") if lines and mark in lines[0]), None)
    cut = [tuple(cell.strip().strip('"') for cell in line.split(mark)) for line in lines]
    width = max(map(len, cut), default=0)
    rows = tuple(row + ("",) * (width - len(row)) for row in cut)
    return Grid(places(width), rows, False)


def share(cells: Sequence[str], known: Collection[str]) -> float:
    """Return which part of the cells that are filled (a sample) are known, 0 to 1."""
    sample = [cell for cell in cells if cell][:: max(1, len(cells) // SAMPLE)]
    return sum(cell in known for cell in sample) / len(sample) if sample else 0.0


def numeric(cells: Sequence[str]) -> bool:
    """Whether all cells that are filled are numbers, and there is one."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(NUMBER.fullmatch(cell) for cell in filled)


# --- Scores ----------------------------------------------------------------------------------------


def score_likeness(values: Sequence[float]) -> int:
    """Return how much some numbers look like scores: 3 fractions, 2 few levels, 1 others, 0 counters and constants."""
    found = np.array([value for value in values if np.isfinite(value)])
    levels = np.unique(found)
    if len(levels) < 2:
        return 0
    if (found != np.trunc(found)).any():
        return 3
    if len(levels) > 2 and (np.diff(found) == 1).mean() > 0.5:  # a counter, or ranks that begin anew
        return 0
    if len(levels) <= _MOST_GRADES and len(levels) < len(found):
        return 2
    return int(len(levels) < len(found))


def likeliest(columns: Sequence[Column]) -> tuple[Column | None, list[Column]]:
    """Return the column of numbers that most looks like scores, the last of equal ones, and others that may be it."""
    if not columns:
        return None, []
    rated = [(score_likeness(column.values.tolist()), at) for at, column in enumerate(columns)]
    best = columns[max(rated)[1]]
    others = [columns[at] for rate, at in rated if columns[at] is not best and rate >= 2]
    return best, others


def taken_as_score(name: str, count: int, others: Sequence[tuple[str, int]]) -> list[Note]:
    """Say which column was taken as the score, and which it could be as well, each with how many rows have one."""
    if not others:
        return []
    could = joined([f"“{other}” ({counted(rows, 'row')})" for other, rows in others], "or")
    return [
        Note(
            "info",
            count,
            f"The score is “{name}” ({counted(count, 'row')}); it could also be {could}: name the columns yourself if "
            "that is the one.",
        ),
    ]


@dataclass(frozen=True)
class TakenColumns:
    """Which columns of `table` are taken for what: a name for each role in order, "" where none was found."""

    table: Table
    names: tuple[str, ...]


def refuse_twice(columns: Sequence[str]) -> None:
    """Raise `EmbedlabError` where one column is named for two things."""
    for name in columns:
        if columns.count(name) > 1:
            raise EmbedlabError(f"The column “{name}” is named twice: name another one for each.")


@dataclass(frozen=True)
class JudgedColumns:
    """Three columns of judgements by their places in a grid; `grade` is None where none is a score."""

    grid: Grid
    query: int
    item: int
    grade: int | None
    others: tuple[int, ...] = ()

    def notes(self) -> list[Note]:
        """Say which columns were taken, where no header says it."""
        if self.grade is None:
            return []
        filled = {at: sum(map(bool, self.grid.column(at))) for at in (self.grade, *self.others)}
        names = self.grid.names
        return taken_as_score(names[self.grade], filled[self.grade], [(names[at], filled[at]) for at in self.others])


def judged_columns(grid: Grid, queries: Collection[str] | None, items: Collection[str]) -> JudgedColumns | None:
    """Return which columns of `grid` name queries and texts, and which has the score; None where none fits.

    `queries` are the ids that queries have, None where they are written out; `items` those of the texts. Of two columns
    that fit, the one with more different ids does: TREC's second column is 0 throughout. A header that holds such
    ids was none.
    """
    whole = grid.with_first_row() if grid.headed else grid
    columns = [whole.column(at) for at in range(len(whole.names))]
    best: tuple[tuple[float, int, int], tuple[int, int]] | None = None
    for query, asked in enumerate(columns):
        fits = _written_out(asked) if queries is None else share(asked, queries)
        for item, named in enumerate(columns):
            found = share(named, items)
            if item == query or not fits or not found or (len(named) > _FEW and len(set(named[1:])) == 1):
                continue
            key = (round(fits + found, 1), len(set(asked)) + len(set(named)), -query)
            if best is None or key > best[0]:
                best = key, (query, item)
    if best is None:
        return None
    query, item = best[1]
    head = (columns[query][0], columns[item][0]) if whole.rows else ("", "")
    known = head[1] in items and (queries is None or head[0] in queries)
    if grid.headed and not known:
        whole = grid
    elif not grid.headed and not known and _no_numbers_below(columns, query, item):
        whole = replace(whole, names=tuple(cells[0] for cells in columns), rows=whole.rows[1:], headed=True)
    return JudgedColumns(whole, query, item, *_grades(whole, query, item))


def _written_out(cells: Sequence[str]) -> float:
    """Return which part of the cells are of several words, as a query is."""
    return sum(" " in cell for cell in cells) / max(1, len(cells))


def _no_numbers_below(columns: Sequence[Sequence[str]], query: int, item: int) -> bool:
    """Whether the first row names the columns: a word stands above numbers."""
    others = [cells for at, cells in enumerate(columns) if at not in (query, item)]
    return not others or any(not NUMBER.fullmatch(cells[0]) and numeric(cells[1:]) for cells in others)


def _grades(grid: Grid, query: int, item: int) -> tuple[int | None, tuple[int, ...]]:
    able = [at for at in range(len(grid.names)) if at not in (query, item) and numeric(grid.column(at))]
    rated = {at: score_likeness([float(cell) for cell in grid.column(at) if cell]) for at in able}
    # Grades of 1 throughout are usual, and 0 throughout is TREC's second column: the last one then.
    levels = {at: 2 - (rated[at] == 3) if rated[at] >= 2 else 0 for at in able}
    if not able:
        return None, ()
    best = max(able, key=lambda at: (levels[at], set(grid.column(at)) != {"0"}, at))
    return best, tuple(at for at in able if at != best and levels[at])
