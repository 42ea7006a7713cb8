"""Texts and tables that are in memory already, through the same door as files: the same notes, limits and errors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit, check_size, named
from embedlab.corpus.corpus import Corpus
from embedlab.corpus.origin import Origin
from embedlab.corpus.reading.records import vector_notes
from embedlab.corpus.reading.table import Table, table_of
from embedlab.corpus.vectors import OwnVectors, from_array, from_lists

if TYPE_CHECKING:
    import pandas as pd

TEXT, LABEL = "text", "label"
MISSING = ("NAType", "NaTType")  # of pandas
PLAIN = (str, bool, int, float, list, dict)


def as_corpus(texts: object) -> Corpus:
    """Return what a verb takes for texts as a corpus: one, strings, or a data frame, whose columns are guessed.

    Raises `EmbedlabError` for anything else, and for one string alone: that is a file's name more often than a text.
    """
    if isinstance(texts, Corpus):
        return texts
    if isinstance(texts, str | bytes | PathLike):
        raise EmbedlabError(
            f"“{str(texts)[:60]}” is no list of texts: open a file with read, and give a text in a list, or to "
            "from_texts."
        )
    if _is_frame(texts):
        return from_frame(texts)
    if not isinstance(texts, Iterable):
        raise EmbedlabError(
            f"These are no texts but {type(texts).__name__}: give a corpus (a space has one as .corpus), a list of "
            "strings or a data frame."
        )
    return from_texts(texts)


def from_texts(
    texts: Iterable[str | None],
    labels: Iterable[Any] | None = None,
    columns: Mapping[str, Iterable[Any]] | None = None,
    vectors: Mapping[str, Any] | None = None,
    name: str = "texts",
) -> Corpus:
    """Return a corpus of `texts`, with a label each, further columns, and vectors (n, d) that came with them.

    None and blank texts are dropped, and the corpus's notes say so. Raises `EmbedlabError` where a text is no string,
    something has another length than the texts, or nothing is left.
    """
    if _is_frame(texts):
        raise EmbedlabError("This is a data frame: give it to from_frame, or one of its columns as the texts.")
    cells = [texts] if isinstance(texts, str) else list(texts)
    wrong = next((at for at, cell in enumerate(cells) if cell is not None and not isinstance(cell, str)), None)
    if wrong is not None:
        kind = type(cells[wrong]).__name__
        raise EmbedlabError(f"Text {wrong + 1} is no string but {kind}: give a list of strings, or a frame.")
    given = {TEXT: cells, **({} if labels is None else {LABEL: labels}), **(columns or {})}
    lists = {title: [plain(value) for value in values] for title, values in given.items()}
    for title, values in lists.items():
        if len(values) != len(cells):
            raise EmbedlabError(
                f"“{title}” has {len(values):,} values for {counted(len(cells), 'text')}: give one for each."
            )
    own = {title: from_array(np.asarray(array), title, len(cells)) for title, array in (vectors or {}).items()}
    return _table(name, list(lists.items()), own).corpus(TEXT, LABEL if labels is not None else "")


def from_frame(
    frame: Any, text: str | Sequence[str] | None = None, label: str | None = None, name: str = "frame"
) -> Corpus:
    """Return the corpus of a data frame: of pandas, or of whatever has `to_pandas()`, such as polars and Arrow.

    `text` and `label` name columns and are guessed where they are None, as for a file; a named index is a column too.
    Columns of lists of numbers are vectors that came with the texts. Raises `EmbedlabError` as `read` does.
    """
    import pandas as pd

    table = frame.to_pandas() if hasattr(frame, "to_pandas") else frame
    if not isinstance(table, pd.DataFrame):
        raise EmbedlabError(f"This is no data frame but {type(frame).__name__}: give one of pandas, polars or Arrow.")
    table = table.reset_index() if any(title is not None for title in table.index.names) else table
    columns = [(title, _cells(table.iloc[:, at])) for at, title in enumerate(table.columns)]
    own = {str(title): from_lists(str(title), cells) for title, cells in columns if _are_vectors(cells)}
    others = [(title, cells) for title, cells in columns if str(title) not in own]
    return replace(_table(name, others, own), origin=Origin("frame", name)).corpus(text, label)


def _is_frame(texts: object) -> bool:
    return hasattr(texts, "columns") and (hasattr(texts, "to_pandas") or hasattr(texts, "iloc"))


def _table(name: str, columns: Sequence[tuple[Any, Any]], own: Mapping[str, OwnVectors | None]) -> Table:
    rows = max((len(cells) for _, cells in columns), default=0)
    if not rows:
        raise EmbedlabError(f"There are no texts in “{name}”: give at least one.")
    kept = min(rows, MAX_ROWS)
    check_size(name, kept, len(columns))
    names, notes = named([title for title, _ in columns])
    vectors = tuple(one.take(np.arange(kept)) for one in own.values() if one is not None)
    notes += vector_notes(own) + beyond_limit(rows - kept)
    return table_of(name, Raw(names, [cells[:kept] for _, cells in columns], rows, notes, vectors=vectors))


def _cells(series: pd.Series[Any]) -> Any:
    """Return the values of a column as readers of files give them; dates as an array of datetime64, in UTC."""
    if series.dtype.kind == "M":
        moments = series.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(series.dtype, "tz", None) else series
        return moments.to_numpy()
    return [plain(value) for value in series.tolist()]


def plain(value: Any) -> Any:
    """Return a value of NumPy or pandas as Python's own; what stands for a missing one is None."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]")  # nanoseconds would be a number
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value).__name__ in MISSING or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, PLAIN) or type(value).__module__ in ("datetime", "decimal"):
        return value
    return value.to_pydatetime() if hasattr(value, "to_pydatetime") else str(value)


def _are_vectors(cells: Any) -> bool:
    """Say whether every value of a column is a list of numbers, and there is one."""
    present = [cell for cell in cells if cell is not None] if isinstance(cells, list) else []
    return bool(present) and all(
        isinstance(cell, list) and cell and all(isinstance(one, int | float) for one in cell) for cell in present
    )
