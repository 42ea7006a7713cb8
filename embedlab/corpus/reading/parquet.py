"""Parquet files: columns of every type as cells, within bounds of memory whatever the file unpacks to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.base.arrays import frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, check_size
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.layout import GUESSED, FileLayout
from embedlab.corpus.reading.files import File
from embedlab.corpus.reading.huggingface import features_of, has_names, with_names
from embedlab.corpus.reading.packed import Packed
from embedlab.corpus.reading.records import VECTOR, Columns, from_columns, vector_notes
from embedlab.corpus.vectors import MAX_DIMENSIONS, OwnVectors, from_lists

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST, _LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")
_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_DAY = 86_400_000_000


def read_parquet(file: File, layout: FileLayout = GUESSED) -> Raw:
    """Read a Parquet file: lists of numbers as vectors, labels by name, structures as columns, chats as texts.

    Binary data are text where they are UTF-8, else left out. Dates outside the calendar (year 1 to 9999) become
    missing and are counted. Raises `EmbedlabError` when it is damaged, has no rows of text, or unpacks to too much.
    """
    import pyarrow as pa

    try:
        packed = Packed(file.data, MAX_ROWS, file.name)
        schema = packed.source.schema_arrow
        total = packed.source.metadata.num_rows
        rows = min(total, MAX_ROWS)
        if not total or not len(schema):
            raise EmbedlabError(f"“{file.name}” holds no rows of text: choose a file that does.")
        check_size(file.name, rows, len(schema))
        packed.check()
        found = _Gathered(features_of(schema.metadata))
        for at, field in enumerate(schema):
            found.add(field.name, _column(packed, at, rows, file.name))
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        reason = str(error).partition("\n")[0].rstrip(". ")[:200]
        raise EmbedlabError(f"“{file.name}” can't be read as Parquet ({reason}): write it again.") from None
    if not found.columns:
        raise EmbedlabError(f"“{file.name}” holds no rows of text: choose a file that does.")
    raw = from_columns(found.columns, file.name, layout, total)
    return found.given(raw, rows)


class _Gathered:
    """The columns as they come: cells, vectors, and what is said of them."""

    def __init__(self, features: dict[str, Any]) -> None:
        self.columns: Columns = []
        self._features = features
        self._vectors: dict[str, OwnVectors | None] = {}
        self._binary: list[str] = []
        self._notes: list[Note] = []

    def add(self, name: str, column: pa.ChunkedArray) -> None:
        column = _stored(column)
        feature = self._features.get(name)
        if _is_binary(column.type):
            text = _as_text(column)
            self._binary += [] if text is not None else [name]
            self.columns += [] if text is None else [(name, text)]
        elif _is_vector(column.type) or (_are_numbers(column.type) and _are_even(column) and not has_names(feature)):
            self._vectors[name] = _vectors(name, column)
        else:
            cells, far = _cells(column, name, self._binary)
            if far:
                told = f"{counted(far, 'date')} in “{name}” outside of the years 1 to 9999 became missing."
                self._notes += noted("changed", far, told)
            if feature is not None and has_names(feature) and not isinstance(cells, np.ndarray):
                cells = [with_names(cell, feature) for cell in cells]
            self.columns.append((name, cells))

    def given(self, raw: Raw, rows: int) -> Raw:
        """Return the table with the vectors and notes of the columns that are not in it."""
        own = tuple(one for one in self._vectors.values() if one is not None)
        said = vector_notes(self._vectors)
        sentence = f"{counted(len(self._binary), 'column')} of binary data left out: {listed(self._binary)}."
        notes = [*said, *noted("info", len(self._binary), sentence), *self._notes, *raw.notes]
        fits = not raw.columns or len(raw.columns[0]) == rows
        if own and not fits:
            names = listed(one.name for one in own)
            notes.append(
                Note("info", len(own), f"{names} left out: a vector belongs to a row, and rows were taken apart.")
            )
            own = ()
        return replace(raw, notes=notes, vectors=(*own, *raw.vectors))


def _column(packed: Packed, at: int, rows: int, name: str) -> pa.ChunkedArray:
    """Return the first `rows` cells of the column at a place; `EmbedlabError` where they are more than `MAX_BYTES`.

    Of binary data that are no text only the first cells are read.
    """
    import pyarrow as pa

    chunks, held, size = [], 0, 0
    for chunk in packed.batches(at):
        chunk = chunk.slice(0, rows - held)
        chunks.append(chunk)
        held += len(chunk)
        size += chunk.nbytes
        if size > packed.most:
            raise EmbedlabError(f"“{name}” holds more than 1 GiB of cells: keep fewer columns or fewer rows.")
        first = held == len(chunk) and _is_binary(chunk.type)
        if held >= rows or (first and _as_text(pa.chunked_array([chunk.slice(0, 100)])) is None):
            break
    kind = packed.source.schema_arrow.field(at).type
    return pa.chunked_array(chunks, chunks[0].type if chunks else kind)


def _stored(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of an extension type as what it is stored as, and a dictionary as its values."""
    import pyarrow as pa

    if isinstance(column.type, pa.ExtensionType | pa.BaseExtensionType):
        if column.type.extension_name == "arrow.uuid":
            return pa.chunked_array([[None if cell is None else str(cell) for cell in column.to_pylist()]], pa.string())
        return _stored(pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type))
    if pa.types.is_dictionary(column.type):
        return _stored(column.cast(column.type.value_type))
    return column


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_vector(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return _is_list(kind) and bool(pa.types.is_floating(kind.value_type))


def _are_numbers(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return _is_list(kind) and bool(pa.types.is_integer(kind.value_type))


def _are_even(column: pa.ChunkedArray) -> bool:
    """Whether lists of whole numbers are vectors: as long as each other, of more than ones and zeros."""
    import pyarrow.compute as pc

    lengths = pc.unique(pc.list_value_length(column).drop_null()).to_pylist()
    if len(lengths) != 1 or lengths[0] < VECTOR:
        return False
    values = np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks])
    return bool(len(values)) and not bool(np.isin(values, (0, 1)).all())


def _vectors(name: str, column: pa.ChunkedArray) -> OwnVectors | None:
    whole = _whole(column)
    if whole is not None:
        return OwnVectors(name, frozen(whole))
    cells: Iterable[Any] = (
        cell.values.to_numpy(zero_copy_only=False) if cell.is_valid else None
        for chunk in column.chunks
        for cell in chunk
    )
    kept = [None if cell is None or not len(cell) else cell for cell in cells]
    if max((len(cell) for cell in kept if cell is not None), default=0) > MAX_DIMENSIONS:
        return None
    return from_lists(name, kept)


def _whole(column: pa.ChunkedArray) -> Any:
    """Return lists of single or half precision that are all there and as long as each other, float32 (n, d), or None.

    They are copied once, a chunk at a time.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type.value_type
    if column.null_count or not len(column) or not (pa.types.is_float32(kind) or pa.types.is_float16(kind)):
        return None
    bounds = pc.min_max(pc.list_value_length(column)).as_py()
    size = bounds["min"]
    if size != bounds["max"] or not 0 < size <= MAX_DIMENSIONS:
        return None
    found, at = np.empty((len(column), size), dtype=np.float32), 0
    for chunk in column.chunks:
        numbers = chunk.flatten().to_numpy(zero_copy_only=False)
        found[at : at + len(chunk)] = numbers.reshape(len(chunk), size)
        at += len(chunk)
    return found


def _is_binary(kind: pa.DataType) -> bool:
    import pyarrow as pa

    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)


def _as_text(column: pa.ChunkedArray) -> list[str | None] | None:
    """Return binary cells as the text that they are; None where one is no UTF-8, or holds signs that no text has."""
    cells: list[str | None] = []
    try:
        for cell in column.to_pylist():
            text = None if cell is None else cell.decode()
            if text and not text.isprintable() and any(sign < " " and sign not in "\t\n\r\f\v" for sign in text):
                return None
            cells.append(text)
    except UnicodeDecodeError:
        return None
    return cells


# --- Cells ----------------------------------------------------------------------------------------


def _cells(column: pa.ChunkedArray, name: str, binary: list[str]) -> tuple[Any, int]:
    """Return the cells as Python values, dates and times as datetime64[us] in UTC, and how many dates were too far."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _moments(column)
    if pa.types.is_time(kind):
        return column.cast(pa.string()).to_pylist(), 0
    if pa.types.is_duration(kind):
        return _each(column.cast(pa.duration("us"), safe=False))
    if pa.types.is_float16(kind):
        return [None if cell is None else float(cell) for cell in column.to_pylist()], 0
    if pa.types.is_struct(kind):
        return _structures(column, name, binary)
    if pa.types.is_map(kind):
        keyed, far = _each(column)
        return [None if cell is None else {_key(key): value for key, value in cell} for cell in keyed], far
    if pa.types.is_nested(kind):
        cells, far = _each(column)
        return [_without_bytes(cell) for cell in cells], far
    return column.to_pylist(), 0


def _structures(column: pa.ChunkedArray, name: str, binary: list[str]) -> tuple[list[Any], int]:
    """Return structures as objects, each field read as a column would be; binary data in them are left out."""
    import pyarrow.compute as pc

    fields: dict[str, Any] = {}
    far = 0
    for at, field in enumerate(column.type):
        inner = _stored(pc.struct_field(column, [at]))
        if _is_binary(inner.type):
            text = _as_text(inner)
            binary += [] if text is not None else [f"{name}.{field.name}"]
            cells: Any = text
        else:
            cells, more = _cells(inner, f"{name}.{field.name}", binary)
            far += more
        if cells is not None:
            fields[field.name] = _listed(cells)
    valid = column.is_valid().to_pylist()
    return [
        {key: cells[row] for key, cells in fields.items()} if there else None for row, there in enumerate(valid)
    ], far


def _listed(cells: Any) -> list[Any]:
    if not isinstance(cells, np.ndarray):
        return list(cells)
    return [None if np.isnat(cell) else cell.astype(object) for cell in cells]


def _moments(column: pa.ChunkedArray) -> tuple[Any, int]:
    """Return dates and times; those that Python's calendar has not are missing, and counted."""
    import pyarrow as pa

    numbers = column.cast(pa.int32() if pa.types.is_date32(column.type) else pa.int64())
    missing = column.is_null().to_numpy()
    values = numbers.fill_null(0).to_numpy().astype(np.int64)
    unit = "ms" if pa.types.is_date64(column.type) else getattr(column.type, "unit", "")
    scale = _DAY if pa.types.is_date32(column.type) else _UNITS.get(unit, 1)
    values = values // 1000 if unit == "ns" else values
    first, last = _FIRST.astype(np.int64) // scale, _LAST.astype(np.int64) // scale
    far = ((values < first) | (values > last)) & ~missing
    moments = (np.where(far | missing, 0, values) * scale).astype("datetime64[us]")
    moments[far | missing] = np.datetime64("NaT")
    return moments, int(far.sum())


def _each(column: pa.ChunkedArray) -> tuple[list[Any], int]:
    """Return the cells as Python values; those that Python has none for, dates beyond its calendar, are missing."""
    try:
        return column.to_pylist(), 0
    except (OverflowError, ValueError):
        cells = list(_one_by_one(column, lambda cell: cell.as_py()))
        return [cell for cell, _ in cells], sum(failed for _, failed in cells)


def _one_by_one(column: pa.ChunkedArray, value: Callable[[Any], Any]) -> Iterator[tuple[Any, bool]]:
    for cell in column:
        try:
            yield value(cell), False
        except (OverflowError, ValueError):
            yield None, True


def _key(key: Any) -> str:
    return (
        key
        if isinstance(key, str)
        else key.decode(errors="replace")
        if isinstance(key, bytes)
        else json.dumps(key, default=str)
    )


def _without_bytes(cell: Any) -> Any:
    """Return a cell with bytes as text where they are; others say how many they are."""
    if isinstance(cell, bytes):
        try:
            return cell.decode()
        except UnicodeDecodeError:
            return f"({counted(len(cell), 'byte')})"
    if isinstance(cell, list):
        return [_without_bytes(one) for one in cell]
    return {key: _without_bytes(one) for key, one in cell.items()} if isinstance(cell, dict) else cell
