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
from embedlab.corpus.cells import MAX_CELLS, MAX_ROWS, Raw, beyond_limit, check_size, rectangle
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.guess import NUMBER, is_usual_name
from embedlab.corpus.layout import GUESSED, FileLayout

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_NONE = "\ufdd0"
"""Stands for "no delimiter": a code point that is no character, so that no text holds it."""
_SAMPLE_LINES = 1000
_LONGEST_LINE = 200_000_000


@dataclass(frozen=True)
class Dialect:
    """How a table is written: its delimiter, backslash before a quotation mark, a space after a delimiter."""

    delimiter: str
    backslash: bool = False
    spaced: bool = False

    def reader(self, lines: Iterable[str], strict: bool = True, quotes: bool = True) -> Any:
        """Return the reader of Python's csv that reads `lines` so; without `quotes` they are signs like others."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            escapechar="\\" if self.backslash and quotes else None,
            skipinitialspace=self.spaced,
            quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
            strict=strict,
        )


def read_lines(text: str) -> Raw:
    """Return one column, "text", with a row for each line. Lines end at LF, CR LF or CR only."""
    lines = _lines(text)
    texts = [line.rstrip("\r\n") for line in islice(lines, MAX_ROWS)]
    return Raw(["text"], [texts], len(lines), beyond_limit(len(lines) - len(texts)))


def read_delimited(text: str, name: str, ending: str, layout: FileLayout = GUESSED) -> Raw:
    """Read a table. The delimiter is found, unless `layout` or the first line ("sep=;") says it."""
    csv.field_size_limit(_LONGEST_LINE)
    declared = re.match(r"sep=(.)\r?\n", text)
    if declared:
        text = text[declared.end() :]
    lines = _lines(text)
    if max(map(len, lines), default=0) > _LONGEST_LINE:
        raise EmbedlabError(
            f"“{name}” has a line of more than {_LONGEST_LINE:,} characters: put each row on a line of its own."
        )
    delimiter = layout.delimiter or (declared[1] if declared else None)
    dialect = _refined(lines[:_SAMPLE_LINES], Dialect(delimiter)) if delimiter else sniff(lines, ending)
    rows, unread, literal = _records(lines, dialect, name)
    before = len(rows) + unread
    joiner = "" if dialect.delimiter == _NONE else dialect.delimiter
    raw = rectangle(name, rows, unread, joiner, layout.header)
    notes = _notes(dialect, ending, literal, header_rows=before - raw.rows)
    return replace(raw, notes=notes + raw.notes, layout=replace(raw.layout, delimiter=joiner))


def is_delimited(text: str) -> bool:
    """Whether text of unknown format is clearly a table: even rows of two or more cells below a header."""
    lines = _lines(text[: 1 << 20])[:_SAMPLE_LINES]
    dialect = sniff(lines, "")
    if dialect.delimiter == _NONE:
        return False
    rows = list(islice(_sampled(lines, dialect), 200))
    return _like_names(rows[0]) and len({len(row) for row in rows}) == 1


def sniff(lines: list[str], ending: str) -> Dialect:
    """Find the dialect under which the first lines make the most even table."""
    sample = lines[:_SAMPLE_LINES]
    best, best_key = Dialect(_NONE), (False, 0.0, 0)
    for delimiter in _DELIMITERS:
        rows = list(_sampled(sample, Dialect(delimiter)))
        lengths = list(map(len, rows))
        if not lengths:
            continue
        width, count = Counter(lengths[1:] or lengths).most_common(1)[0]
        share = count / max(1, len(lengths) - 1)
        if not _plausible(rows, lengths, width, share):
            continue
        key = (lengths[0] == width, share + (ending in ("tsv", "tab") and delimiter == "\t"), width)
        if key > best_key:
            best, best_key = Dialect(delimiter), key
    return best if best.delimiter == _NONE else _refined(sample, best)


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
    rows, _, literal = _records(sample, dialect, "")
    width = Counter(map(len, rows)).most_common(1)[0][0]
    return len(literal) + sum(len(row) != width for row in rows if row)


def _sampled(sample: list[str], dialect: Dialect) -> Iterator[list[str]]:
    return (row for row in _records(sample, dialect, "")[0] if row)


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()


def _records(lines: list[str], dialect: Dialect, name: str) -> tuple[list[list[str]], int, list[int]]:
    """Return the rows, how many more there are than may be read, and which rows were taken literally."""
    rows: list[list[str]] = []
    literal: list[int] = []
    unread = cells = 0
    for row, as_typed in _parsed(lines, dialect):
        if len(rows) > MAX_ROWS:
            unread += bool(row)
        elif row or rows:
            if as_typed:
                literal.append(len(rows))
            rows.append(row)
            cells += len(row)
            if cells > MAX_CELLS:
                check_size(name, len(rows), -(-cells // len(rows)))
    while rows and not rows[-1]:
        rows.pop()
    return rows, unread, literal


def _parsed(lines: list[str], dialect: Dialect) -> Iterator[tuple[list[str], bool]]:
    """Yield each row, and whether its quotation marks don't pair up.

    Those would swallow the lines up to the next one. So the strict reader stops there, that line is read by
    itself with its quotation marks as they are, and reading goes on with the next line.
    """
    start = width = 0
    while start < len(lines):
        reader = dialect.reader(lines[at] for at in range(start, len(lines)))
        read = 0
        try:
            for row in reader:
                read = reader.line_num
                width = width or len(row)
                yield row, False
            return
        except csv.Error:
            row = _literal(lines[start + read], dialect, width)
            width = width or len(row)
            yield row, True
            start += read + 1


def _literal(line: str, dialect: Dialect, width: int) -> list[str]:
    """Cut one line at its delimiters, or by its quotation marks where only that gives `width` cells."""
    plain: list[str] = next(dialect.reader([line], strict=False, quotes=False), [])
    if len(plain) == width:
        return plain
    lenient: list[str] = next(dialect.reader([line], strict=False), [])
    return lenient if len(lenient) == width else plain


def _notes(dialect: Dialect, ending: str, literal: list[int], header_rows: int) -> list[Note]:
    notes = []
    usual = "\t" if ending in ("tsv", "tab") else ","
    if dialect.delimiter not in (usual, _NONE):
        spoken = _DELIMITERS.get(dialect.delimiter, f"“{dialect.delimiter}”")
        notes.append(Note("info", 0, f"The cells are separated by {spoken}."))
    sentence = (
        f"{counted(len(literal), 'row has', 'rows have')} quotation marks that don't pair up: "
        "they were read as part of the text."
    )
    return notes + noted("changed", len(literal), sentence, (max(0, row - header_rows) for row in literal))
