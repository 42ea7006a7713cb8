"""Vectors that somebody has already computed and brings along with the texts."""

from __future__ import annotations

import io
import math
import mmap
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, Singles, frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.guess import MISSING_WORDS

MAX_DIMENSIONS = 20_000
# What float32 holds with all its digits, and with room for a sum.
_SMALL, _LARGE = 1e-30, 1e30
_ROWS = 1 << 16  # that are converted at once
FEWEST = 8
"""Numbers in a cell that make it a vector."""
MAX_BYTES = 1 << 30
"""The most that an archive of arrays may hold once it is unpacked."""
FILES = ("npy", "npz", "tsv")
"""Endings of files that vectors are read from."""

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_IN_BRACKETS = re.compile(rf"[\[({{]+\s*{_NUMBER}(?:\s*,\s*|\s+|\s*$){_NUMBER}")
_DECIMALS = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?(?:\s*[,;]\s*|\s+)[-+]?\d*\.?\d*(?:[eE][-+]?\d+)?(?:[,;\s]|$)")
_BETWEEN = re.compile(r"[,;\s]+")


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

    def called(self, name: str) -> OwnVectors:
        """Return the vectors under another name."""
        return OwnVectors(name, self.values)

    def release(self) -> None:
        """Let the memory go that holds numbers of a file: they are read again when they are asked for."""
        held: Any = self.values
        while held is not None and not isinstance(held, mmap.mmap):
            held = getattr(held, "base", None)
        if held is not None and hasattr(mmap, "MADV_DONTNEED"):
            held.madvise(mmap.MADV_DONTNEED)

    def take(self, rows: Rows) -> OwnVectors:
        """Return the vectors of `rows`, int (m,); all of them, in their order, are not copied."""
        if len(rows) == len(self) and np.array_equal(rows, np.arange(len(self))):
            return self
        return OwnVectors(self.name, frozen(self.values[rows]))


def from_lists(name: str, cells: Sequence[Any]) -> OwnVectors | None:
    """Return a column of lists of numbers as vectors, None in place of a missing one; None if lengths differ."""
    lengths = {len(cell) for cell in cells if cell is not None}
    if len(lengths) != 1 or not 0 < max(lengths) <= MAX_DIMENSIONS:
        return None
    values = np.full((len(cells), lengths.pop()), np.nan)
    for row, cell in enumerate(cells):
        if cell is not None:
            values[row] = _doubles(cell)
    return OwnVectors(name, frozen(_singles(values)))


def _doubles(cell: Sequence[Any]) -> Any:
    try:
        return np.asarray(cell, dtype=np.float64)
    except OverflowError:  # a whole number of more than 308 digits
        return np.nan


def _singles(values: NDArray[Any]) -> Singles:
    """Return `values` (n, d) as float32; rows with numbers too large or too small for it are scaled, as only the
    direction of a vector counts."""
    if values.dtype.kind != "f" or values.dtype.itemsize <= 4:
        return np.array(values, dtype=np.float32)
    found = np.empty(values.shape, dtype=np.float32)
    for start in range(0, len(values), _ROWS):
        some = np.array(values[start : start + _ROWS])
        peaks = np.abs(some).max(axis=1, keepdims=True)
        odd = np.flatnonzero(np.isfinite(peaks) & (peaks > 0) & ((peaks < _SMALL) | (peaks > _LARGE)))
        some[odd] = some[odd] / peaks[odd]
        found[start : start + _ROWS] = some
    return found


def of_numbers(cells: Sequence[Any]) -> bool:
    """Whether every cell of a list is a number."""
    return all(type(number) in (int, float) for number in cells)


def from_strings(name: str, cells: Sequence[str | None]) -> tuple[OwnVectors | None, list[Note]]:
    """Return a column of vectors that were written as text, "[0.1, ...]" or "0.1 0.2 ...", and notes.

    None where it is no such column: one in twenty of its values may be something else, and has no vector then; all
    others have as many numbers, `FEWEST` or more. NumPy's shortened form ("[0.1 ... 0.9]") is said to be unreadable.
    """
    given = (cell for cell in cells if cell and cell.strip().lower() not in MISSING_WORDS)
    first = list(islice(given, 5))
    if not first or not all(map(_looks_like_vector, first)):
        return None, []
    present = [*first, *given]
    if sum("..." in cell for cell in present[:200]) > 0.5 * len(present[:200]):
        sentence = f"“{name}” holds vectors that were shortened with “...” when they were saved: save them whole."
        return None, [Note("info", len(present), sentence)]
    found = [None if cell is None else _numbers_in(cell) for cell in cells]
    lengths = Counter(len(numbers) for numbers in found if numbers is not None)
    width, count = lengths.most_common(1)[0] if lengths else (0, 0)
    if not FEWEST <= width <= MAX_DIMENSIONS or count < 0.95 * len(present):
        return None, []
    kept = [numbers if numbers is not None and len(numbers) == width else None for numbers in found]
    known = set(present)
    odd = [row for row, numbers in enumerate(kept) if numbers is None and cells[row] in known]
    told = counted(len(odd), "cell is", "cells are")
    return from_lists(name, kept), noted("changed", len(odd), f"{told} no vector in “{name}”: missing.", odd)


def _looks_like_vector(cell: str) -> bool:
    """Whether a cell begins as numbers in a row do: in brackets, or with decimal places."""
    head = cell.strip()[:60]
    return bool(_IN_BRACKETS.match(head) or _DECIMALS.match(head))


def _numbers_in(cell: str) -> Singles | None:
    bare = cell.strip().strip("[](){}")
    bare = _BETWEEN.sub(" ", bare)
    try:
        return np.array(bare.split(), dtype=np.float32)
    except ValueError:
        return None


def from_path(path: Path, rows: int) -> OwnVectors:
    """Return the vectors in a file as `from_file` does; a .npy file of single precision is looked at, not copied.

    Its numbers are read as they are asked for, so it must not be changed meanwhile. Raises `OSError`, too.
    """
    with path.open("rb") as stream:
        if stream.read(6) != b"\x93NUMPY":
            stream.seek(0)
            return from_file(stream.read(), path.name, rows)
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, MemoryError, OverflowError):
        return from_file(path.read_bytes(), path.name, rows)  # which says what is wrong
    if not _is_matrix(values) or values.dtype != np.float32 or not values.flags.c_contiguous:
        found = from_array(_matrix(values), path.name, rows)
        OwnVectors("", values).release()
        return found
    _check_shape(values, path.name, rows)
    return OwnVectors(path.name, values)


def from_file(content: bytes, name: str, rows: int) -> OwnVectors:
    """Return the vectors in a file, .npy, .npz or a table of numbers (.tsv), for a table of `rows` rows.

    Raises `EmbedlabError` where it is none, has another number of rows, or an archive holds several that fit.
    """
    if content.startswith(b"\x93NUMPY"):
        return from_npy(content, name, rows)
    if content.startswith(b"PK"):
        return _from_npz(content, name, rows)
    if name.lower().endswith((".tsv", ".tab", ".csv", ".txt")):
        return from_array(_table_of_numbers(content, name), name, rows)
    return from_npy(content, name, rows)


def _table_of_numbers(content: bytes, name: str) -> Any:
    """Return a table of numbers as a matrix; a line of names above them is left out."""
    lines = [line.strip() for line in content.decode(errors="replace").lstrip("\ufeff").splitlines() if line.strip()]
    found = [_numbers_in(line) for line in lines]
    if found and found[0] is None:
        found = found[1:]
    lengths = {-1 if numbers is None else len(numbers) for numbers in found}
    if len(lengths) != 1 or min(lengths) < 1:
        raise EmbedlabError(
            f"“{name}” is no table of numbers: save one row of numbers for each text, and nothing else."
        )
    return np.array(found, dtype=np.float32)


def arrays_in(content: bytes, name: str) -> dict[str, Any]:
    """Return the arrays in a .npy or .npz file by their names (of a .npy file: ""); nothing is unpickled.

    Raises `EmbedlabError` where it can't be read, is pickled, or claims to hold more than it does.
    """
    if content.startswith(b"\x93NUMPY"):
        return {"": _array(content, name)}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(".npy")]
            if sum(one.file_size for one in members) > MAX_BYTES:
                raise EmbedlabError(f"“{name}” would unpack to more than 1 GiB: keep fewer arrays in it.")
            found = {one.filename.removesuffix(".npy"): archive.read(one) for one in members}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        raise EmbedlabError(f"“{name}” is damaged and can't be read: save it again with numpy.savez.") from None
    if not found:
        raise EmbedlabError(f"“{name}” holds no arrays: save them with numpy.savez.")
    return {title: _array(inner, name) for title, inner in found.items()}


def _from_npz(content: bytes, name: str, rows: int) -> OwnVectors:
    arrays = {title: _matrix(array) for title, array in arrays_in(content, name).items()}
    matrices = {title: array for title, array in arrays.items() if _is_matrix(array)}
    fitting = [title for title, array in matrices.items() if len(array) == rows]
    if len(fitting) > 1:
        raise EmbedlabError(
            f"“{name}” holds {len(fitting)} matrices for these rows ({listed(fitting)}): save the one you mean with "
            "numpy.save."
        )
    if not matrices:
        raise EmbedlabError(f"“{name}” holds no matrix of real numbers: save one row of numbers for each text.")
    return from_array(matrices[fitting[0] if fitting else next(iter(matrices))], name, rows)


def _array(content: bytes, name: str) -> Any:
    try:
        _check_header(content)
        return np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, OSError, EOFError, MemoryError, OverflowError) as error:
        pickled = content.startswith(b"\x93NUMPY") and "allow_pickle" in str(error)
        why = "it holds pickled objects, which can run code" if pickled else "it is no .npy file"
        raise EmbedlabError(f"“{name}” can't be read ({why}): save a matrix of numbers with numpy.save.") from error


def _check_header(content: bytes) -> None:
    """Raise `ValueError` where a header claims more numbers than follow it, before memory is taken for them."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    if not dtype.hasobject and math.prod(shape) * dtype.itemsize > len(content) - stream.tell():
        raise ValueError("ends too early")


def from_npy(content: bytes, name: str, rows: int) -> OwnVectors:
    """Return the matrix in a .npy file as vectors for a table of `rows` rows. Nothing is ever unpickled.

    Of an array with fields, the field that is a matrix is taken, or all fields where each is a column of numbers.
    Raises `EmbedlabError` when it is no .npy file, holds no matrix of real numbers, or has another number of rows.
    """
    return from_array(_matrix(_array(content, name)), name, rows)


def _matrix(values: Any) -> Any:
    """Return an array with fields as the one matrix that it holds; others as they are."""
    fields = getattr(getattr(values, "dtype", None), "names", None)
    if not fields or values.ndim != 1:
        return values
    matrices = [values[field] for field in fields if _is_matrix(values[field])]
    if len(matrices) == 1:
        return matrices[0]
    numbers = [values[field] for field in fields]
    plain = all(one.ndim == 1 and one.dtype.kind in "fiu" for one in numbers)
    return np.column_stack(numbers) if plain and not matrices else values


def _is_matrix(values: Any) -> bool:
    return isinstance(values, np.ndarray) and values.ndim == 2 and values.dtype.kind in "fiu" and values.shape[1] > 0


def from_array(values: Any, name: str, rows: int) -> OwnVectors:
    """Return a matrix (rows, d) as vectors. Raises `EmbedlabError` when it is none, or has another number of rows."""
    _check_shape(values, name, rows)
    return OwnVectors(name, frozen(_singles(values)))


def _check_shape(values: Any, name: str, rows: int) -> None:
    if not _is_matrix(values):
        raise EmbedlabError(f"“{name}” holds no matrix of real numbers: save one row of numbers for each text.")
    if len(values) != rows:
        raise EmbedlabError(
            f"“{name}” has {len(values):,} rows, but {rows:,} rows were read with the texts: save one vector for each "
            "row, in the same order."
        )
    if values.shape[1] > MAX_DIMENSIONS:
        raise EmbedlabError(f"“{name}” has {values.shape[1]:,} dimensions: at most {MAX_DIMENSIONS:,} can be used.")
