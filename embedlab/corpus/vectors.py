"""Vectors that somebody has already computed and brings along with the texts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, Singles, frozen
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint

MAX_DIMENSIONS = 20_000
# What float32 holds with all its digits, and with room for a sum.
_SMALL, _LARGE = 1e-30, 1e30


@dataclass(frozen=True, eq=False)
class OwnVectors:
    """Vectors for rows: `values` is float32 (n, d), read-only, of any length; NaN where a row has none."""

    name: str
    values: Singles

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def fingerprint(self) -> str:
        """Stands for every number."""
        return fingerprint(self.values)

    def take(self, rows: Rows) -> OwnVectors:
        """Return the vectors of `rows`."""
        return OwnVectors(self.name, frozen(self.values[rows]))


def from_lists(name: str, cells: Sequence[Any]) -> OwnVectors | None:
    """Return a column of lists of numbers as vectors, None in place of a missing one; None if lengths differ."""
    lengths = {len(cell) for cell in cells if cell is not None}
    if len(lengths) != 1 or not 0 < max(lengths) <= MAX_DIMENSIONS:
        return None
    values = np.full((len(cells), lengths.pop()), np.nan)
    for row, cell in enumerate(cells):
        if cell is not None:
            values[row] = [_double(number) for number in cell]
    return OwnVectors(name, frozen(_singles(values)))


def _double(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number of more than 308 digits
        return float("nan")


def _singles(values: NDArray[Any]) -> Singles:
    """Return `values` (n, d) as float32; rows with numbers too large or too small for it are scaled, as only the
    direction of a vector counts."""
    if values.dtype.kind != "f" or values.dtype.itemsize <= 4:
        return np.array(values, dtype=np.float32)
    peaks = np.abs(values).max(axis=1, keepdims=True)
    odd = np.flatnonzero(np.isfinite(peaks) & (peaks > 0) & ((peaks < _SMALL) | (peaks > _LARGE)))
    if not len(odd):
        return np.array(values, dtype=np.float32)
    scaled = np.array(values)
    scaled[odd] = scaled[odd] / peaks[odd]
    return np.array(scaled, dtype=np.float32)


def from_npy(content: bytes, name: str, rows: int) -> OwnVectors:
    """Return the matrix in a .npy file as vectors for a table of `rows` rows. Nothing is ever unpickled.

    Raises `EmbedlabError` when it is no .npy file, holds no matrix of real numbers, or has another number of rows.
    """
    try:
        values = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        pickled = content.startswith(b"\x93NUMPY") and "allow_pickle" in str(error)
        why = "it holds pickled objects, which can run code" if pickled else "it is no .npy file"
        raise EmbedlabError(f"“{name}” can't be read ({why}): save a matrix of numbers with numpy.save.") from error
    return from_array(values, name, rows)


def from_array(values: Any, name: str, rows: int) -> OwnVectors:
    """Return a matrix (rows, d) as vectors. Raises `EmbedlabError` when it is none, or has another number of rows."""
    if not isinstance(values, np.ndarray) or values.ndim != 2 or values.dtype.kind not in "fiu" or not values.shape[1]:
        raise EmbedlabError(f"“{name}” holds no matrix of real numbers: save one row of numbers for each text.")
    if len(values) != rows:
        raise EmbedlabError(
            f"“{name}” has {len(values):,} rows, but {rows:,} rows were read with the texts: save one vector for each "
            "row, in the same order."
        )
    if values.shape[1] > MAX_DIMENSIONS:
        raise EmbedlabError(f"“{name}” has {values.shape[1]:,} dimensions: at most {MAX_DIMENSIONS:,} can be used.")
    return OwnVectors(name, frozen(_singles(values)))
