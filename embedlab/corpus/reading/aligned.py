"""Tables that are drawn for the eye: columns with runs of spaces between, or bars and a ruled line below the names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, rectangle
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.guess import is_usual_name
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.delimited import RUNS, like_names

_SAMPLE = 1000
_FEWEST = 4
"""A table has a line of names and so many more less one."""
_WITHOUT_NAMES = 8
"""So many lines of three columns or more are a table without names."""
_TITLES = 20
_RULE = re.compile(r"[\s|+:=┼│├┤─-]*[-─=]{2,}[\s|+:=┼│├┤─-]*")
_BAR = re.compile(r"(?<!\\)[|│]")
_FOOT = re.compile(r"\(\d[\d,]* rows?\)|\d[\d,]* rows? in set.*", re.IGNORECASE)
_RUN = re.compile(r" {2,}")


def read_aligned(text: str, name: str, layout: FileLayout) -> Raw | None:
    """Read a table with bars and ruled lines, as Markdown and databases' consoles draw it, or one with runs of spaces.

    None where the text is neither: every line must be a row, and the columns must stand below each other, or every
    line must have as many runs of spaces. Where `layout` says that runs of spaces are the delimiter, they are.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if not says_runs(layout.delimiter) and (ruled := _ruled(lines)):
        above, rows, rules = ruled
        told = replace(layout, above=above if layout.above is None else layout.above, header=layout.header)
        told = replace(told, header=1 if told.header is None else told.header)
        raw = _table(name, rows, "|", told)
        sentence = f"The table is drawn with bars: {counted(rules, 'line')} of rules left out."
        return replace(raw, notes=[Note("info", 0, sentence), *raw.notes])
    found = _spaced(lines, says_runs(layout.delimiter))
    if found is None:
        return None
    rows, torn = found
    raw = _table(name, rows, RUNS, layout)
    sentence = f"{counted(len(torn), 'line has', 'lines have')} letters where others have the space between columns."
    notes = noted("changed", len(torn), sentence, (max(0, at - (len(rows) - raw.rows)) for at in torn))
    return replace(raw, notes=[Note("info", 0, "The cells are separated by runs of spaces."), *notes, *raw.notes])


def says_runs(delimiter: str | None) -> bool:
    """Whether somebody says that runs of spaces separate the cells."""
    return delimiter is not None and (delimiter == RUNS or delimiter.lower() == "spaces")


def _table(name: str, rows: list[list[str]], delimiter: str, layout: FileLayout) -> Raw:
    if not any(rows):
        raise EmbedlabError(f"“{name}” is empty: choose a file that holds a text in each row or line.")
    raw = rectangle(name, rows[: MAX_ROWS + 1], max(0, len(rows) - MAX_ROWS - 1), None, layout)
    return replace(raw, layout=replace(raw.layout, delimiter=delimiter))


# --- Bars and rules -------------------------------------------------------------------------------


def _ruled(lines: Sequence[str]) -> tuple[int, list[list[str]], int] | None:
    """Return how many lines stand above the names, the rows with these lines, and how many rules there were."""
    filled = [line for line in lines if line.strip()]
    if not any(_RULE.fullmatch(line) and _BAR.search(line.replace("+", "|")) for line in filled[: _TITLES + 2]):
        return None
    first = next((at for at, line in enumerate(filled) if _BAR.search(line) and not _RULE.fullmatch(line)), None)
    if first is None or first > _TITLES or first + 1 >= len(filled) or not _RULE.fullmatch(filled[first + 1]):
        return None
    above = [[line.strip()] for line in filled[:first] if not _RULE.fullmatch(line)]
    body = [line for line in filled[first:] if not _RULE.fullmatch(line) and not _FOOT.fullmatch(line.strip())]
    rows = [_barred(line) for line in body]
    if len(rows) < 2 or len(rows[0]) < 2 or any(not _BAR.search(line) for line in body):
        return None
    even = sum(len(row) == len(rows[0]) for row in rows)
    return (len(above), [*above, *rows], len(filled) - len(above) - len(rows)) if even >= 0.9 * len(rows) else None


def _barred(line: str) -> list[str]:
    bare = line.strip()
    inner = bare[1:] if bare[:1] in ("|", "│") else bare
    inner = inner[:-1] if inner[-1:] in ("|", "│") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(inner)]


# --- Runs of spaces -------------------------------------------------------------------------------


def _spaced(lines: Sequence[str], told: bool) -> tuple[list[list[str]], list[int]] | None:
    """Return the rows, and which of them have letters where a space should be."""
    filled = [line for line in lines if line.strip()]
    if told:
        return [_RUN.split(line.strip()) for line in filled], []
    sample = filled[:_SAMPLE]
    if len(sample) < _FEWEST or any("\t" in line for line in sample) or not all(map(_RUN.search, sample[:_FEWEST])):
        return None
    cuts = _gutters(sample)
    if cuts:
        torn = [at for at, line in enumerate(filled) if any(_is_torn(line, cut) for cut in cuts)]
        return [_cut(line, cuts) for line in filled], torn
    rows = [_RUN.split(line.strip()) for line in filled]
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if width < 2 or count < len(rows) or not like_names(rows[0]) or not any(map(is_usual_name, rows[0])):
        return None
    return rows, []


def _gutters(sample: Sequence[str]) -> list[int]:
    """Return the places between columns: two or more that are blank in every line, with something on both sides."""
    width = max(map(len, sample))
    filled = [False] * width
    for line in sample:
        for at, char in enumerate(line):
            filled[at] = filled[at] or char != " "
    cuts, blank = [], 0
    for at in range(filled.index(True), width):
        if filled[at]:
            cuts += [at - 1] if blank >= 2 else []
            blank = 0
        else:
            blank += 1
    rows = [_cut(line, cuts) for line in sample]
    columns = list(zip(*rows, strict=True))
    names = rows[0][1:] if not rows[0][0] else rows[0]  # a frame that is printed has no name above its index
    named = like_names(names) and len(rows[0]) > 1
    if not named and (len(rows) < _WITHOUT_NAMES or len(rows[0]) < 3):
        return []
    return cuts if all(sum(map(bool, column)) >= 0.5 * len(rows) for column in columns) else []


def _is_torn(line: str, cut: int) -> bool:
    return line[cut - 1 : cut + 1].strip() != "" and len(line) > cut


def _cut(line: str, cuts: Sequence[int]) -> list[str]:
    places = [0, *cuts, None]
    return [line[start:end].strip() for start, end in pairwise(places)]
