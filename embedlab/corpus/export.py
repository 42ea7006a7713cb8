"""Tables out: CSV that a spreadsheet opens safely, and the input table with new columns beside it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows
from embedlab.corpus.corpus import Corpus
from embedlab.corpus.reading.table import Table

if TYPE_CHECKING:
    import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str = ",") -> bytes:
    """Return a CSV file as UTF-8 with a byte-order mark, by which spreadsheet programs know it.

    A string, also in the header, that starts like a formula gets an apostrophe in front of it, so that no
    program runs it (OWASP, "CSV injection"). Numbers stay numbers; None, NaN, NaT and NA are empty cells.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow([_safe(cell) for cell in header])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", errors="replace")


def texts_csv(corpus: Corpus, rows: Iterable[int] | None = None) -> bytes:
    """Return the texts at some rows, or all, as CSV: their row in the source from 1, the text, and its columns."""
    chosen = list(range(len(corpus)) if rows is None else rows)
    header = ["row", "text", *(column.name for column in corpus.columns)]
    columns = [column.cells(chosen) for column in corpus.columns]
    lines = ([corpus.rows[at] + 1, corpus.texts[at], *(cells[place] for cells in columns)]
             for place, at in enumerate(chosen))  # fmt: skip
    return csv_bytes(header, lines)


def _safe(cell: object) -> object:
    if isinstance(cell, np.generic) and not isinstance(cell, np.datetime64):
        cell = cell.item()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return "" if math.isnan(cell) else cell
    if not isinstance(cell, str):
        cell = "" if cell is None or str(cell) in ("NaT", "<NA>") else str(cell)
    return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell


def with_columns(table: Table, corpus: Corpus, new: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """Return every row of the table with the columns `new` after its own.

    Each array in `new` has one value for each text of `corpus`, which was made from `table`; the rows that
    were dropped on the way have missing values there. Whole numbers keep their type (as pandas' nullable
    one where values are missing). A new column whose name the table already has is called `map_<name>`.
    """
    import pandas as pd

    columns = {column.name: column.series() for column in table.columns}
    for name, values in new.items():
        if len(values) != len(corpus):
            raise ValueError(f"{name}: {len(values)} values for {len(corpus)} texts")
        while name in columns:
            name = f"map_{name}"
        columns[name] = _spread(values, corpus.rows, len(table))
    return pd.DataFrame(columns)


def _spread(values: NDArray[Any], rows: Rows, length: int) -> pd.Series[Any]:
    """Put `values` at `rows` of a series of `length`, missing elsewhere."""
    import pandas as pd

    series = pd.Series(values.tolist(), dtype="str") if values.dtype.kind in "OU" else pd.Series(values.copy())
    if len(rows) == length:
        return series
    if values.dtype.kind == "b":
        series = series.astype("boolean")
    elif values.dtype.kind in "iu":
        series = series.astype("Int64")
    return series.set_axis(rows).reindex(range(length))
