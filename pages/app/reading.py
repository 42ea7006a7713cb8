"""How an uploaded file is read: what was taken is said, with a control for each guess that it could be otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.reading.delimited import SPOKEN as DELIMITERS
from embedlab.corpus.reading.files import ENCODINGS
from embedlab.corpus.reading.table import Table
from pages.app import results
from pages.app.widgets import as_typed, show_error

T = TypeVar("T")

OTHER = "Another sign…"
OFFERED = (",", ";", "\t", "|", "^", "")
SHOWN_AS = {
    "": "None: a text a line",
    "\t": "Tab",
    ",": "Comma",
    ";": "Semicolon",
    "|": "Bar",
    "^": "Caret",
    OTHER: OTHER,
}
MOST_NAMES = 3
WIDTH = 245  # pixels: "Windows-1252 (Western European)" is seen whole
UNITS = {
    "line": "A line", "paragraph": "A paragraph", "sentence": "A sentence",
    "message": "A message", "conversation": "A conversation",
}  # fmt: skip


def read_upload(upload: UploadedFile, key: str) -> Table | None:
    """Read an uploaded file as the controls say, and draw these; None where it can't be read so, which is said.

    What is chosen is remembered for this file, and put to no other.
    """
    marked = f"{key}-{fingerprint(upload.getvalue())[:16]}"
    first = _tried(upload, GUESSED)
    outer = _chosen(marked, first.layout, ("encoding", "delimiter", "sheet", "unit"))
    second = _tried(upload, outer)
    inner = f"{marked}-{fingerprint(str(outer))[:16]}"
    told = replace(outer, **_told(inner, second.layout, ("above", "header", "hidden")))
    last = _tried(upload, told)
    _draw(upload, marked, inner, (first, second, last))
    if last.problem:
        show_error(last.problem)
    return last.table


@dataclass(frozen=True)
class _Try:
    """What came of reading a file so: a table and how it was read, or a sentence that says why not."""

    layout: FileLayout
    table: Table | None = None
    problem: str = ""


def _tried(upload: UploadedFile, layout: FileLayout) -> _Try:
    try:
        table = results.table(upload, layout)
    except EmbedlabError as error:
        return _Try(layout, problem=str(error))
    return _Try(table.layout, table)


def _chosen(marked: str, guess: FileLayout, names: Iterable[str]) -> FileLayout:
    return replace(GUESSED, **_told(marked, guess, names))


def _told(marked: str, guess: FileLayout, names: Iterable[str]) -> dict[str, Any]:
    """Return what the controls say that differs from the guess; they are drawn later, but keep what was chosen."""
    told = {}
    for name in names:
        value = st.session_state.get(f"{marked}-{name}", getattr(guess, name))
        if value == OTHER:
            value = st.session_state.get(f"{marked}-other") or None
        if value is not None and value != getattr(guess, name):
            told[name] = value
    return told


def _draw(upload: UploadedFile, marked: str, inner: str, tries: tuple[_Try, _Try, _Try]) -> None:
    first, second, last = tries
    plain = first.table is None and first.layout == GUESSED
    if plain and not upload.name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".tab", ".txt")):
        return
    label = spoken(upload.name, last.layout) if last.table else "How the file is read"
    with (
        st.expander(as_typed(label), key=f"{marked}-reading", icon=":material/tune:"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        _outer(marked, first)
        if second.table is not None:
            _inner(inner, second)


def _outer(marked: str, first: _Try) -> None:
    """Offer what decides which cells there are."""
    taken, table = first.layout, first.table
    if table is not None and len(table.sheets) > 1:
        _select("Sheet", table.sheets, taken.sheet, f"{marked}-sheet", str)
    if table is None or taken.encoding is not None:
        known = [*ENCODINGS, *([taken.encoding] if taken.encoding and taken.encoding not in ENCODINGS else [])]
        _select("Encoding", known, taken.encoding or "utf-8", f"{marked}-encoding", lambda one: ENCODINGS.get(one, one))
    if table is None or taken.delimiter is not None:
        signs = list(dict.fromkeys([*OFFERED, *([] if taken.delimiter is None else [taken.delimiter]), OTHER]))
        first_sign = "," if taken.delimiter is None else taken.delimiter
        chosen = _select("Cells are separated by", signs, first_sign, f"{marked}-delimiter", _sign)
        if chosen == OTHER:
            st.text_input("Sign", key=f"{marked}-other", max_chars=5, width=90, persist_state="session")
    if table is not None and taken.unit is not None and len(table.units) > 1:
        _select("Unit: a text is", table.units, taken.unit, f"{marked}-unit", lambda one: UNITS.get(one, one))


def _inner(marked: str, second: _Try) -> None:
    """Offer what decides where the table begins, and which of its rows are read."""
    taken = second.layout
    if taken.header is not None:
        counts = range(max(MOST_NAMES, taken.header) + 1)
        _select("Rows of column names", counts, taken.header, f"{marked}-header", lambda n: str(n) if n else "None")
        st.number_input(
            "Rows above them", 0, 1000, taken.above or 0, key=f"{marked}-above", width=150, persist_state="session",
            help="Titles, comments and blank rows that are no part of the table.",
        )  # fmt: skip
    if taken.hidden is not None:
        st.checkbox("Read hidden rows and columns", taken.hidden, key=f"{marked}-hidden", persist_state="session")


def _select(label: str, options: Iterable[T], taken: T | None, key: str, shown: Callable[[T], str]) -> T:
    offered = list(options)
    first = offered.index(taken) if taken in offered else 0
    chosen: T = st.selectbox(label, offered, first, format_func=shown, key=key, width=WIDTH, persist_state="session")
    return chosen


def _sign(delimiter: str) -> str:
    return SHOWN_AS.get(delimiter) or DELIMITERS.get(delimiter, f"“{delimiter}”")


def spoken(name: str, layout: FileLayout) -> str:
    """Say how a file was read: "Read as CSV · UTF-8 · commas · 1 row of column names"."""
    parts = [_format(name, layout)]
    if layout.encoding is not None:
        parts.append(ENCODINGS.get(layout.encoding, layout.encoding))
    if layout.sheet is not None:
        parts.append(f"sheet “{layout.sheet}”")
    if layout.delimiter:
        parts.append(DELIMITERS.get(layout.delimiter, f"“{layout.delimiter}”"))
    if layout.above:
        parts.append(f"{counted(layout.above, 'row')} above")
    if layout.header is not None:
        parts.append(f"{counted(layout.header, 'row')} of column names" if layout.header else "no column names")
    if layout.unit is not None:
        parts.append(UNITS.get(layout.unit, layout.unit).lower() + " a text")
    if layout.hidden is not None:
        parts.append("what is hidden is read" if layout.hidden else "what is hidden is left out")
    return f"Read as {' · '.join(parts)}"


def _format(name: str, layout: FileLayout) -> str:
    if layout.sheet is not None:
        return "XLSX"
    ending = name.lower().removesuffix(".gz").rpartition(".")[2].upper()
    if layout.delimiter == "":
        return "lines" if ending == "TXT" else "one column"
    if layout.delimiter is not None:
        return "TSV" if layout.delimiter == "\t" else "CSV"
    return ending or "text"
