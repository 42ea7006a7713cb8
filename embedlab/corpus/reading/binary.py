"""Parquet files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit, check_size, named
from embedlab.corpus.corpus import noted
from embedlab.corpus.reading.files import MAX_BYTES, File
from embedlab.corpus.reading.records import vector_notes
from embedlab.corpus.vectors import OwnVectors, from_lists

if TYPE_CHECKING:
    import pyarrow as pa


def read_parquet(file: File) -> Raw:
    """Read a Parquet file. Lists of numbers become vectors, other nested cells JSON text; binary data is left out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(pa.BufferReader(file.data))
        schema = source.schema_arrow
        vectors = [field.name for field in schema if _is_vector(field.type)]
        binary = [field.name for field in schema if _is_binary(field.type)]
        kept = [field.name for field in schema if field.name not in {*vectors, *binary}]
        total = source.metadata.num_rows
        if not total or not kept:
            raise EmbedlabError(f"“{file.name}” holds no rows of text: choose a file that does.")
        rows = min(total, MAX_ROWS)
        check_size(file.name, rows, len(kept))
        table = _parquet_rows(source, kept if len(kept) < len(schema) else None, rows, file.name)
        columns = [_arrow_cells(table.column(at)) for at in range(table.num_columns)]
        given = {name: _own(source, name, rows, file.name) for name in vectors}
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(". ")[:200]
        raise EmbedlabError(f"“{file.name}” can't be read as Parquet ({reason}): write it again.") from None
    names, notes = named(table.column_names)
    notes += vector_notes(given)
    sentence = f"{counted(len(binary), 'column')} of binary data left out: {listed(binary)}."
    notes += noted("info", len(binary), sentence)
    own = tuple(filter(None, given.values()))
    return Raw(names, columns, total, notes + beyond_limit(total - rows), vectors=own)


def _own(source: Any, column: str, rows: int, name: str) -> OwnVectors | None:
    cells = _parquet_rows(source, [column], rows, name).column(0)
    lists = (cell.values.to_numpy(zero_copy_only=False) if cell.is_valid else None for cell in cells)
    return from_lists(column, list(lists))


def _parquet_rows(source: Any, names: list[str] | None, rows: int, name: str) -> pa.Table:
    import pyarrow as pa

    batches, held, size = [], 0, 0
    for batch in source.iter_batches(batch_size=16_384, columns=names):
        batch = batch.slice(0, rows - held)
        batches.append(batch)
        held += batch.num_rows
        size += batch.nbytes
        if size > MAX_BYTES:
            raise EmbedlabError(f"“{name}” holds more than 1 GiB of cells: keep fewer columns or fewer rows.")
        if held == rows:
            break
    return pa.Table.from_batches(batches)


def _is_vector(kind: pa.DataType) -> bool:
    import pyarrow as pa

    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(test(kind) for test in lists) and pa.types.is_floating(kind.value_type)


def _is_binary(kind: pa.DataType) -> bool:
    import pyarrow as pa

    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    if any(test(kind) for test in tests):
        return True
    return any(_is_binary(kind.field(at).type) for at in range(kind.num_fields))


def _arrow_cells(column: pa.ChunkedArray) -> Any:
    """Return the cells as Python values; dates and times as an array of datetime64, in UTC."""
    import pyarrow as pa

    kind = column.type
    if isinstance(kind, pa.ExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column.to_numpy()  # in their own unit: microseconds can't hold every year
    if pa.types.is_duration(kind):
        return column.cast(pa.duration("us"), safe=False).to_pylist()
    if pa.types.is_time(kind):
        return column.cast(pa.string()).to_pylist()
    cells = column.to_pylist()
    if pa.types.is_nested(kind):
        return [None if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in cells]
    return cells
