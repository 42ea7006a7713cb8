"""Tables into files: the ending decides the format, and each keeps what the others would lose."""

from __future__ import annotations

import gzip
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedlab.base.english import counted, joined
from embedlab.base.errors import EmbedlabError
from embedlab.base.plain import plain
from embedlab.corpus.export import csv_bytes

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".xlsx", ".csv.gz", ".tsv.gz", ".json.gz", ".jsonl.gz")
"""What a table can be written as."""

XLSX_ROWS, XLSX_COLUMNS, XLSX_CHARACTERS = 1_048_576, 16_384, 32_767
_EXACT = 2**53
_FIRST_YEAR = 1900
_ESCAPE = re.compile(r"_(x[0-9A-Fa-f]{4}_)")


def ending_of(path: Path) -> str:
    """Return the ending of a path that says how a table is written. Raises `EmbedlabError` for any other."""
    name = path.name.lower()
    found = max((ending for ending in ENDINGS if name.endswith(ending)), key=len, default="")
    if not found or name == found:
        raise EmbedlabError(
            f"“{path.name}” says no format that a table can be written in: let its name end in "
            f"{joined(ENDINGS[:6], 'or')} (the text formats also with .gz)."
        )
    return found


def table_bytes(frame: pd.DataFrame, ending: str) -> tuple[bytes, list[str]]:
    """Return a table as a file with one of `ENDINGS` holds it, and sentences on what that format could not hold.

    Missing values are empty cells, or null. Raises `EmbedlabError` where a workbook can't hold so many rows.
    """
    if ending == ".parquet":
        stream = io.BytesIO()
        frame.to_parquet(stream, index=False)
        return stream.getvalue(), []
    if ending == ".xlsx":
        return _workbook(frame)
    content = _TEXT[ending.removesuffix(".gz")](frame)
    return gzip.compress(content, mtime=0) if ending.endswith(".gz") else content, []


def _csv(frame: pd.DataFrame) -> bytes:
    return csv_bytes(list(frame.columns), frame.itertuples(index=False))


def _tsv(frame: pd.DataFrame) -> bytes:
    return csv_bytes(list(frame.columns), frame.itertuples(index=False), "\t")


def _json(frame: pd.DataFrame) -> bytes:
    lines = ",\n".join(_objects(frame))
    return f"[\n{lines}\n]\n".encode("utf-8", errors="replace")


def _jsonl(frame: pd.DataFrame) -> bytes:
    return "".join(f"{line}\n" for line in _objects(frame)).encode("utf-8", errors="replace")


_TEXT: Mapping[str, Callable[[pd.DataFrame], bytes]] = {".csv": _csv, ".tsv": _tsv, ".json": _json, ".jsonl": _jsonl}


def _objects(frame: pd.DataFrame) -> Iterator[str]:
    names = list(frame.columns)
    for row in frame.itertuples(index=False, name=None):
        cells = (plain(_cell(value)) for value in row)
        told = {
            name: cell.isoformat() if hasattr(cell, "isoformat") else cell
            for name, cell in zip(names, cells, strict=True)
        }
        yield json.dumps(told, ensure_ascii=False, allow_nan=False)


def _cell(value: Any) -> Any:
    """Return a value of a data frame as Python's own, None where it is missing."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)
    return value.item() if hasattr(value, "item") else value


# --- Workbooks -----------------------------------------------------------------------------------


def _workbook(frame: pd.DataFrame) -> tuple[bytes, list[str]]:
    import openpyxl

    if len(frame) >= XLSX_ROWS or len(frame.columns) > XLSX_COLUMNS:
        raise EmbedlabError(
            f"A workbook holds at most {XLSX_ROWS - 1:,} rows and {XLSX_COLUMNS:,} columns below its header, and these "
            f"are {len(frame):,} and {len(frame.columns):,}: write .csv or .parquet."
        )
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("table")
    lost = {"cut": 0, "replaced": 0}
    sheet.append([_written(sheet, str(name), lost) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        sheet.append([_written(sheet, _cell(value), lost) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    cells = {name: counted(count, "cell") for name, count in lost.items() if count}
    told = {
        "cut": f"of more than {XLSX_CHARACTERS:,} characters cut to that length, which is the most a workbook holds.",
        "replaced": "with characters that no workbook can hold: they became �.",
    }
    return stream.getvalue(), [f"{count} {told[name]}" for name, count in cells.items()]


def _written(sheet: Any, value: Any, lost: dict[str, int]) -> Any:
    """Return a cell; text stays text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, float) and not math.isfinite(value):
        value = None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        value = str(value)
    if hasattr(value, "year") and value.year < _FIRST_YEAR:
        value = value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, _storable(value, lost))
    cell.data_type = "s"
    return cell


def _storable(text: str, lost: dict[str, int]) -> str:
    """Return a text as a workbook can hold it: cut, without control characters, a return as Excel writes it."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if len(text) > XLSX_CHARACTERS // 2:
        units = text.encode("utf-16-le", errors="replace")
        if len(units) > 2 * XLSX_CHARACTERS:
            text = units[: 2 * XLSX_CHARACTERS].decode("utf-16-le", errors="ignore")
            lost["cut"] += 1
    allowed = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text.encode("utf-8", errors="replace").decode())
    lost["replaced"] += allowed != text
    escaped = _ESCAPE.sub(r"_x005F_\1", allowed).replace("\r\n", "\n").replace("\r", "_x000D_")
    return escaped if len(escaped) <= XLSX_CHARACTERS else allowed[:XLSX_CHARACTERS]
