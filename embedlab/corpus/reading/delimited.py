"""Plain text, a text a line; and tables with a delimiter: CSV, TSV and their relatives."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit, check_size, most_cells, rectangle
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.guess import NUMBER, is_usual_name
from embedlab.corpus.layout import GUESSED, FileLayout

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_RARE = {
    "^": "carets", "~": "tildes", "¦": "broken bars", "\x1f": "unit separators", "\x01": "control characters",
    "::": "pairs of colons",
}  # fmt: skip
"""Marks that separate cells where none of the usual ones does."""
SPOKEN = {**_DELIMITERS, **_RARE, " ": "spaces", "": "nothing"}
"""How delimiters are called."""
_TYPED = {
    "tab": "\t", "\\t": "\t", "none": "", "comma": ",", "semicolon": ";", "bar": "|", "pipe": "|", "caret": "^",
    "space": " ",
}  # fmt: skip
"""How delimiters are typed that are hard to type as they are."""
_NONE = "\ufdd0"
"""Stands for "no delimiter": a code point that is no character, so that no text holds it."""
_SEVERAL = "\ufdd1"
"""Stands for a delimiter of several characters, which Python's csv doesn't know."""
_SAMPLE_LINES = 1000
_IN_PROSE = (",", ";", _NONE)
"""Delimiters that texts hold too: in quotation marks they separate nothing."""
_TITLES = 20
"""Titles and comments are looked for in so many lines above a table."""
_LONGEST_LINE = 200_000_000


@dataclass(frozen=True)
class Dialect:
    """How a table is written: its delimiter, backslash before a quotation mark, a space after a delimiter, the mark."""

    delimiter: str
    backslash: bool = False
    spaced: bool = False
    mark: str = '"'

    def reader(self, lines: Iterable[str], strict: bool = True, quotes: bool = True) -> Any:
        """Return the reader of Python's csv that reads `lines` so; without `quotes` they are signs like others."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.mark,
            escapechar="\\" if self.backslash and quotes else None,
            skipinitialspace=self.spaced,
            quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
            strict=strict,
        )


def read_lines(text: str, name: str = "", layout: FileLayout = GUESSED) -> Raw:
    """Return one column, "text", with a row for each line. Lines end at LF, CR LF or CR only.

    `layout` may say that lines stand above the texts, or that the first of them is the column's name.
    """
    lines = _lines(text)
    taken = FileLayout(delimiter="", above=0, header=0)
    if layout.above or layout.header:
        rows = [[line.rstrip("\r\n")] if line.strip() else [] for line in lines]
        told = replace(layout, above=layout.above or 0, header=layout.header or 0)
        raw = rectangle(name, rows[: MAX_ROWS + 1], max(0, len(rows) - MAX_ROWS - 1), "", told)
        return replace(raw, layout=replace(raw.layout, delimiter=""))
    texts = [line.rstrip("\r\n") for line in islice(lines, MAX_ROWS)]
    return Raw(["text"], [texts], len(lines), beyond_limit(len(lines) - len(texts)), layout=taken)


def read_delimited(text: str, name: str, ending: str, layout: FileLayout = GUESSED) -> Raw:
    """Read a table. The delimiter is found, unless `layout` or the first line ("sep=;") says it."""
    csv.field_size_limit(_LONGEST_LINE)
    declared = re.match(r"sep=(.)\r?\n", text)
    if declared:
        text = text[declared.end() :]
    delimiter = _told(name, layout.delimiter)
    if delimiter is None and declared:
        delimiter = declared[1]
    lines = _lines(text)
    dialect = sniff(lines, ending) if delimiter is None else Dialect(delimiter or _NONE)
    if delimiter is None and dialect.delimiter == _NONE and (rare := _rare(lines[:_SAMPLE_LINES])):
        delimiter, dialect = rare, Dialect(rare)
    if len(dialect.delimiter) > 1:
        dialect = Dialect(_SEVERAL)
        lines = [line.replace(delimiter or "", _SEVERAL) for line in lines]
    if max(map(len, lines), default=0) > _LONGEST_LINE:
        raise EmbedlabError(
            f"“{name}” has a line of more than {_LONGEST_LINE:,} characters: put each row on a line of its own."
        )
    if delimiter is not None:
        dialect = _refined(lines[:_SAMPLE_LINES], dialect)
    joiner = delimiter if delimiter is not None else dialect.delimiter.replace(_NONE, "")
    found = _records(lines, dialect, name)
    before = len(found.rows) + found.unread
    plain = sum(map(bool, found.rows)) + found.unread
    raw = rectangle(name, found.rows, found.unread, joiner, layout)
    notes = _notes(joiner, dialect, ending, found, header_rows=before - raw.rows)
    if found.alone:
        notes += _both_counts(found.alone, raw, before - raw.rows, plain, lines, dialect)
    return replace(raw, notes=notes + raw.notes, layout=replace(raw.layout, delimiter=joiner))


def _told(name: str, delimiter: str | None) -> str | None:
    """Return a delimiter as it was typed, "tab" and "\\t" as a tab; one that can't be one is refused."""
    if delimiter is None:
        return None
    meant = _TYPED.get(delimiter.lower(), delimiter)
    if len(meant) > 5 or any(char in meant for char in "\r\n\0\"'") or meant in (_NONE, _SEVERAL):
        raise EmbedlabError(
            f"The cells of “{name}” can't be separated by “{' '.join(meant.split())[:20]}”: say a comma, a semicolon, "
            "tab, or another sign."
        )
    return meant


def is_delimited(text: str) -> bool:
    """Whether text of unknown format is clearly a table: even rows of two or more cells below a header."""
    lines = _lines(text[: 1 << 20])[:_SAMPLE_LINES]
    dialect = sniff(lines, "")
    if dialect.delimiter == _NONE:
        return False
    rows = list(islice(_sampled(lines, dialect), 200))
    return _like_names(rows[0]) and len({len(row) for row in rows}) == 1


def is_table(text: str) -> bool:
    """Whether text that is called plain is clearly a table all the same: even rows, with tabs or below usual names.

    Commas stand in prose too, so there the first line must hold column names, one of them a usual one.
    """
    lines = _lines(text[: 1 << 20])[:_SAMPLE_LINES]
    tabs = [line.count("\t") for line in lines if line.strip()]
    if len(tabs) > 1 and min(tabs) > 0 and Counter(tabs).most_common(1)[0][1] >= 0.95 * len(tabs):
        return not all(line.startswith("\t") for line in lines if line.strip())
    dialect = sniff(lines, "")
    if dialect.delimiter == _NONE:
        return False
    rows = list(islice(_sampled(lines, dialect), 200))
    even = len(rows) > 2 and len(set(map(len, rows))) == 1
    names = [cell for cell in rows[0] if cell]
    return even and _like_names(rows[0]) and any(map(is_usual_name, names)) and not any(" " in cell for cell in names)


def sniff(lines: list[str], ending: str) -> Dialect:
    """Find the dialect under which the first lines make the most even table, whatever stands above it."""
    sample = lines[:_SAMPLE_LINES]
    best = _most_even(sample, [Dialect(delimiter) for delimiter in _DELIMITERS], ending)
    if any("'" in line for line in sample):
        single = [Dialect(delimiter, mark="'") for delimiter in _DELIMITERS if _in_single(sample, delimiter)]
        best = _most_even(sample, single, ending) or best
    best = best or _below_titles(sample, ending)
    return _refined(sample, best) if best else Dialect(_NONE)


def _most_even(sample: list[str], dialects: Iterable[Dialect], ending: str) -> Dialect | None:
    best, best_key = None, (False, 0.0, 0)
    for dialect in dialects:
        rows = list(_sampled(sample, dialect))
        lengths = list(map(len, rows))
        if not lengths:
            continue
        width, count = Counter(lengths[1:] or lengths).most_common(1)[0]
        share = count / max(1, len(lengths) - 1)
        if not _plausible(rows, lengths, width, share):
            continue
        key = (lengths[0] == width, share + (ending in ("tsv", "tab") and dialect.delimiter == "\t"), width)
        if key > best_key:
            best, best_key = dialect, key
    return best


def _in_single(sample: list[str], delimiter: str) -> bool:
    """Whether cells stand in single quotation marks: in every row some do, and double ones enclose none."""
    lines = [line.rstrip("\r\n") for line in sample if line.strip()]
    begins = re.compile(rf"(?:^|{re.escape(delimiter)}) ?'")
    ends = re.compile(rf"'(?:$|{re.escape(delimiter)})")
    both = sum(bool(begins.search(line) and ends.search(line)) for line in lines[1:])
    double = re.compile(rf'(?:^|{re.escape(delimiter)}) ?"')
    return both >= 0.8 * max(1, len(lines) - 1) and not any(map(double.search, lines))


def _below_titles(sample: list[str], ending: str) -> Dialect | None:
    """Find the dialect of a table that has titles or comments above its names."""
    first = next((at for at, line in enumerate(sample) if line.strip()), 0)
    for start in range(first + 1, min(first + _TITLES, len(sample) - 2)):
        if not sample[start].strip():
            continue
        below = sample[start : start + 100]
        found = _most_even(below, [Dialect(delimiter) for delimiter in _DELIMITERS], ending)
        if found is None:
            continue
        rows = list(_sampled(below, found))
        width = len(rows[0])
        even = sum(len(row) == width for row in rows) >= 0.9 * len(rows)
        titles = [line.strip() for line in sample[first:start] if line.strip()]
        commented = all(re.match("#|//|%|--", title) for title in titles)
        usual = sum(map(is_usual_name, rows[0]))
        spaced = any(not line.strip() for line in sample[first:start])
        apart = not is_usual_name(titles[0]) and (commented or spaced or (usual and width > 2))
        if even and len(rows) > 2 and width > 1 and _like_names(rows[0]) and (usual > 1 or apart):
            return found
    return None


def _rare(sample: list[str]) -> str | None:
    """Find a rare mark that cuts every row into as many cells."""
    for delimiter in _RARE:
        rows = [line.rstrip("\r\n").split(delimiter) for line in sample if line.strip()]
        lengths = set(map(len, rows))
        if len(rows) > 1 and len(lengths) == 1 and lengths.pop() > 1 and (_like_names(rows[0]) or len(rows) > 4):
            return delimiter
    return None


def _plausible(rows: list[list[str]], lengths: list[int], width: int, share: float) -> bool:
    """Whether a delimiter makes a table: rows of even length, or a header and few rows that disagree."""
    if width < 2:
        return False
    if len(rows) == 1:
        return _like_names(rows[0])
    if lengths[0] == 1:
        return width >= 3 and share >= 0.9 and len(rows) > 5
    if share >= 0.8:
        return True
    full = sum(length >= lengths[0] for length in lengths) / len(lengths)
    even = lengths.count(lengths[0]) / len(lengths)
    return _like_names(rows[0]) and (full >= 0.9 or even >= 0.5 or any(map(is_usual_name, rows[0])))


def _like_names(row: list[str]) -> bool:
    cells = [cell.strip() for cell in row]
    return len(set(cells)) == len(cells) and all(
        cell and len(cell) <= 40 and cell[-1] not in ".!?" and not NUMBER.fullmatch(cell) for cell in cells
    )


def _refined(sample: list[str], dialect: Dialect) -> Dialect:
    """Allow for backslashes before quotation marks or spaces after delimiters where that mends rows."""
    best, fewest = dialect, _uneven(sample, dialect)
    if fewest:
        for other in (Dialect(dialect.delimiter, backslash=True), Dialect(dialect.delimiter, spaced=True)):
            uneven = _uneven(sample, other)
            if uneven < fewest:
                best, fewest = other, uneven
    return best


def _uneven(sample: list[str], dialect: Dialect) -> int:
    found = _records(sample, dialect, "")
    width = Counter(map(len, found.rows)).most_common(1)[0][0]
    return len(found.literal) + sum(len(row) != width for row in found.rows if row)


def _sampled(sample: list[str], dialect: Dialect) -> Iterator[list[str]]:
    return (row for row in _records(sample, dialect, "").rows if row)


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()


@dataclass(frozen=True, eq=False)
class _Records:
    """The rows, blank ones above the first too, and how many more there are than may be read.

    `literal` are the rows whose quotation marks don't pair up; `alone` those that would have swallowed whole rows.
    """

    rows: list[list[str]]
    unread: int
    literal: list[int]
    alone: list[int]


def _records(lines: list[str], dialect: Dialect, name: str) -> _Records:
    rows: list[list[str]] = []
    literal: list[int] = []
    alone: list[int] = []
    unread = cells = 0
    most = most_cells()
    for row, how in _parsed(lines, dialect):
        if len(rows) > MAX_ROWS:
            unread += bool(row)
            continue
        if how == _LITERAL:
            literal.append(len(rows))
        elif how == _ALONE:
            alone.append(len(rows))
        rows.append(row)
        cells += len(row)
        if cells > most:
            check_size(name, len(rows), -(-cells // len(rows)))
    while rows and not rows[-1]:
        rows.pop()
    return _Records(rows, unread, literal, alone)


_PAIRED, _LITERAL, _ALONE = range(3)


def _parsed(lines: list[str], dialect: Dialect) -> Iterator[tuple[list[str], int]]:
    """Yield each row, and how its quotation marks were read: in pairs, or as plain signs, for one of two reasons.

    Those that don't pair up would swallow the lines up to the next one. So the strict reader stops there, that line is
    read by itself with its quotation marks as they are, and reading goes on with the next line. So it does where marks
    that do pair up enclose what looks like whole rows, or the delimiters that a row lacks (see `_Shape`).
    """
    start, width = 0, 0
    shape = _shape(lines[:_SAMPLE_LINES], dialect) if any(dialect.mark in line for line in lines) else _Shape(0)
    while start < len(lines):
        reader = dialect.reader(lines[at] for at in range(start, len(lines)))
        read = 0
        how = _LITERAL
        try:
            for row in reader:
                odd = shape.width > 1 and (reader.line_num - read > 1 or len(row) < shape.width)
                if odd and shape.swallows(lines[start + read : start + reader.line_num], dialect):
                    how = _ALONE
                    break
                read = reader.line_num
                width = width or len(row)
                yield row, _PAIRED
            else:
                return
        except csv.Error:
            pass
        row = _literal(lines[start + read], dialect, width)
        width = width or len(row)
        yield row, how
        start += read + 1


@dataclass(frozen=True)
class _Shape:
    """What most rows look like: how many cells they have, which columns hold numbers.

    `loose` says whether lines in quotation marks are rows where they could be, though no column of numbers tells it:
    such marks are few, and nothing in the file shows that others enclose delimiters.
    """

    width: int
    numbers: tuple[int, ...] = ()
    loose: bool = False

    def swallows(self, lines: list[str], dialect: Dialect) -> bool:
        """Whether quotation marks make one row or cell of several."""
        if len(lines) == 1 and dialect.delimiter in _IN_PROSE:
            return False
        return self.are_rows(lines, dialect) and (bool(self.numbers) or self.loose)

    def are_rows(self, lines: list[str], dialect: Dialect) -> bool:
        """Whether each line could be a row by itself, its quotation marks being plain signs."""
        enough = all(line.count(dialect.delimiter) >= self.width - 1 for line in lines)
        if not enough or dialect.mark not in lines[0]:
            return False
        rows = [_literal(line, dialect, self.width) for line in lines]
        numbers = all(NUMBER.fullmatch(row[at].strip()) for row in rows for at in self.numbers if at < len(row))
        return numbers and all(len(row) == self.width for row in rows)


def _shape(sample: list[str], dialect: Dialect) -> _Shape:
    reader = dialect.reader(sample, strict=False)
    rows: list[list[str]] = []
    spans: list[tuple[int, int]] = []
    read = 0
    for row in reader:
        if row:
            rows.append(row)
            spans.append((read, reader.line_num))
        read = reader.line_num
    if not rows:
        return _Shape(0)
    width = Counter(map(len, rows)).most_common(1)[0][0]
    whole = [row for row in rows[1:] if len(row) == width]
    numbers = tuple(at for at in range(width) if len(whole) > 4 and _is_numeric([row[at] for row in whole]))
    shape = _Shape(width, numbers)
    several = [sample[start:end] for start, end in spans if end - start > 1]
    could_be = sum(shape.are_rows(lines, dialect) for lines in several)
    delimiter = re.escape(dialect.delimiter)
    encloses = re.compile(rf'(?:^|{delimiter})"[^"]*{delimiter}[^"]*"(?:$|{delimiter})')
    shown = could_be < len(several) or any(encloses.search(line.rstrip("\r\n")) for line in sample)
    few = could_be <= max(2, 0.1 * len(rows))
    return replace(shape, loose=few and not (dialect.delimiter in _IN_PROSE and shown))


def _is_numeric(cells: list[str]) -> bool:
    return sum(NUMBER.fullmatch(cell.strip()) is not None for cell in cells) >= 0.9 * len(cells)


def _literal(line: str, dialect: Dialect, width: int) -> list[str]:
    """Cut one line at its delimiters, or by its quotation marks where only that gives `width` cells."""
    plain: list[str] = next(dialect.reader([line], strict=False, quotes=False), [])
    if len(plain) == width:
        return plain
    lenient: list[str] = next(dialect.reader([line], strict=False), [])
    return lenient if len(lenient) == width else plain


def _notes(delimiter: str, dialect: Dialect, ending: str, found: _Records, header_rows: int) -> list[Note]:
    notes = []
    usual = "\t" if ending in ("tsv", "tab") else ","
    if delimiter not in (usual, ""):
        spoken = SPOKEN.get(delimiter, f"“{delimiter}”")
        notes.append(Note("info", 0, f"The cells are separated by {spoken}."))
    if dialect.mark == "'":
        notes.append(Note("info", 0, "The cells stand in single quotation marks, which were taken off."))
    sentence = (
        f"{counted(len(found.literal), 'row has', 'rows have')} quotation marks that don't pair up: "
        "they were read as part of the text."
    )
    rows = (max(0, row - header_rows) for row in found.literal)
    return notes + noted("changed", len(found.literal), sentence, rows)


def _both_counts(
    alone: list[int], raw: Raw, header_rows: int, plain: int, lines: list[str], dialect: Dialect
) -> list[Note]:
    """Say how many rows there are with quotation marks as plain signs, and how many if they enclosed cells."""
    paired = sum(map(bool, dialect.reader(lines, strict=False)))
    begin = (
        f"Quotation marks in {counted(len(alone), 'row')} enclose what looks like several cells or rows, and were read"
    )
    sentence = (
        f"{begin} as part of the text: that gives {counted(raw.rows, 'row')}, instead of "
        f"{max(0, raw.rows - (plain - paired)):,}."
        if plain != paired
        else f"{begin} as part of the text, so that each row has as many cells as the others."
    )
    return noted("changed", len(alone), sentence, (max(0, row - header_rows) for row in alone))
