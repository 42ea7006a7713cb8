"""Parquet's columns a few rows at a time, so that a small file that unpacks to gigabytes is refused before it does.

What a column's metadata say of its size lies low where values are written once and then counted or referred to (run
lengths, dictionaries, shared beginnings). So such columns are read as references and measured before they are unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_COLUMNS, most_cells
from embedlab.corpus.reading.files import MAX_BYTES

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 16_384
"""Rows that are unpacked at once."""
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8}


_SMALL = 1 << 22
"""Below this size of a file, references cost nothing, and whatever its metadata claim does not matter."""
_WIDE = 1 << 19
_HARDLY = 3
"""Up to so many times its size a file may unpack, however large it is."""


class Packed:
    """A Parquet file in memory, `name` for sentences; of its columns the first `rows` cells are wanted."""

    def __init__(self, data: bytes, rows: int, name: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._data, self._rows, self._name = data, rows, name
        self.source = pq.ParquetFile(pa.BufferReader(data))
        self._groups = list(self._needed())
        # What is hardly packed, such as vectors, is no trick.
        self.most = max(MAX_BYTES, _HARDLY * len(data))

    def check(self) -> None:
        """Raise `EmbedlabError` when the columns hold more than can be held in memory, by what the metadata say."""
        metadata = self.source.metadata
        if metadata.num_columns > MAX_COLUMNS:
            raise EmbedlabError(f"“{self._name}” has {metadata.num_columns:,} columns inside columns: keep fewer.")
        values, size = 0.0, 0.0
        for group, share in self._groups:
            for at in range(metadata.num_columns):
                chunk = group.column(at)
                values += chunk.num_values * share
                size += max(chunk.num_values * self._width(at, chunk), chunk.total_uncompressed_size) * share
        numbers = sum(chunk for chunk in self._numbers())
        if size > self.most or values - numbers > 4 * most_cells():
            raise self._too_much()

    def _numbers(self) -> Iterator[float]:
        """Yield how many values of columns of numbers there are, which take no more memory than they say."""
        for group, share in self._groups:
            for at in range(self.source.metadata.num_columns):
                if group.column(at).physical_type in ("FLOAT", "DOUBLE"):
                    yield group.column(at).num_values * share

    def batches(self, field: int) -> Iterator[pa.Array]:
        """Yield the cells of the column at the place `field`, each batch measured before it is unpacked."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        leaves = self._leaves(field)
        packed = [self.source.schema.column(leaf).path for leaf in leaves if self._may_explode(leaf)]
        rows = min(map(self._bounded, leaves))
        if not packed:
            yield from self._read(self.source, leaves, rows)
            return
        references = pq.ParquetFile(pa.BufferReader(self._data), read_dictionary=packed)
        kind = _spelt_out(self.source.schema_arrow.field(field).type)
        size = 0
        for column in self._read(references, leaves, rows if rows < BATCH else _WIDE):
            column = column.slice(0, self._rows)
            size += unpacked(column)
            if size > self.most:
                raise self._too_much()
            yield column if column.type == kind else column.cast(kind)

    def _read(self, source: Any, leaves: list[int], rows: int) -> Iterator[pa.Array]:
        groups = list(range(source.metadata.num_row_groups))
        for batch in source.reader.iter_batches(rows, row_groups=groups, column_indices=leaves):
            yield batch.column(0)

    def _needed(self) -> Iterator[tuple[Any, float]]:
        """Yield the groups of rows that are read, and which share of each."""
        read = 0
        for at in range(self.source.metadata.num_row_groups):
            group = self.source.metadata.row_group(at)
            if read >= self._rows:
                return
            yield group, min(1.0, (self._rows - read) / max(1, group.num_rows))
            read += group.num_rows

    def _leaves(self, field: int) -> list[int]:
        counts = [_leaf_count(one.type) for one in self.source.schema_arrow]
        start = sum(counts[:field])
        return list(range(start, start + counts[field]))

    def _width(self, leaf: int, chunk: Any) -> int:
        if chunk.physical_type == "FIXED_LEN_BYTE_ARRAY":
            return int(self.source.schema.column(leaf).length)
        return _WIDTHS.get(chunk.physical_type, 4)

    def _may_explode(self, leaf: int) -> bool:
        """Whether strings that are written once could be referred to so often that they fill the memory."""
        chunks = [group.column(leaf) for group, _ in self._groups]
        chunks = [one for one in chunks if one.physical_type == "BYTE_ARRAY" and _refers(one)]
        product = sum(one.total_uncompressed_size * one.num_values for one in chunks)
        return bool(chunks) and (product > MAX_BYTES or len(self._data) < _SMALL)

    def _bounded(self, leaf: int) -> int:
        """Return how many rows may be unpacked at once where each string can begin with all of the one before."""
        chunks = [group.column(leaf) for group, _ in self._groups]
        largest = max((one.total_uncompressed_size for one in chunks if "DELTA_BYTE_ARRAY" in one.encodings), default=0)
        return max(1, min(BATCH, MAX_BYTES // 4 // max(1, largest)))

    def _too_much(self) -> EmbedlabError:
        return EmbedlabError(
            f"“{self._name}” would unpack to more than 1 GiB of cells: keep fewer columns or fewer rows."
        )


def _refers(chunk: Any) -> bool:
    return bool(chunk.has_dictionary_page) or any("DICTIONARY" in one for one in chunk.encodings)


def _spelt_out(kind: pa.DataType) -> pa.DataType:
    """Return the type that a column of references can be cast to: strings for views of strings, wherever they are."""
    import pyarrow as pa

    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.large_binary()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_spelt_out(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_spelt_out(kind.key_type), _spelt_out(kind.item_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = kind.value_field.with_type(_spelt_out(kind.value_type))
        return pa.large_list(inner) if pa.types.is_large_list(kind) else pa.list_(inner)
    return kind


def _leaf_count(kind: pa.DataType) -> int:
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        return _leaf_count(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return _leaf_count(kind.value_type)
    return sum(_leaf_count(kind.field(at).type) for at in range(kind.num_fields)) if pa.types.is_nested(kind) else 1


def unpacked(column: pa.Array) -> int:
    """Return how many bytes the strings in a column have once each reference is replaced by what it refers to."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        lengths = pc.binary_length(column.dictionary).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        return int(lengths[column.indices.drop_null().to_numpy()].sum()) if len(lengths) else 0
    if pa.types.is_struct(kind):
        return sum(unpacked(part) for part in column.flatten())
    if pa.types.is_map(kind):
        return unpacked(column.keys) + unpacked(column.items)
    if pa.types.is_nested(kind):
        return unpacked(column.flatten())
    return int(column.nbytes)
