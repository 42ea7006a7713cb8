"""Arrays of NumPy, .npy and .npz, that hold the texts themselves: strings as columns, matrices as vectors."""

from __future__ import annotations

from typing import Any

from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit, check_size, named
from embedlab.corpus.corpus import noted
from embedlab.corpus.reading.files import File
from embedlab.corpus.reading.records import Columns, vector_notes
from embedlab.corpus.vectors import arrays_in, from_array


def read_arrays(file: File) -> Raw:
    """Read arrays of one length, or an array with fields, as a table; those of another length are left out and named.

    Raises `EmbedlabError` where no array holds strings: numbers alone are vectors, which belong to texts.
    """
    arrays = _fields(arrays_in(file.data, file.name))
    texts = [title for title, array in arrays.items() if array.ndim == 1 and array.dtype.kind in "US"]
    if not texts:
        shapes = ", ".join(" by ".join(f"{size:,}" for size in array.shape) for array in arrays.values())
        raise EmbedlabError(
            f"“{file.name}” holds numbers ({shapes}) and no texts: open the file of the texts, and give this one as "
            "their vectors."
        )
    rows = len(arrays[texts[0]])
    kept = min(rows, MAX_ROWS)
    columns: Columns = []
    vectors = {}
    left_out = []
    for title, array in arrays.items():
        if not array.ndim or len(array) != rows:
            left_out.append(title)
        elif array.ndim == 2 and array.dtype.kind in "fiu" and array.shape[1]:
            vectors[title] = from_array(array[:kept], title, kept)
        elif array.ndim == 1 and array.dtype.kind in "USfiubM":
            columns.append((title, _cells(array[:kept])))
        else:
            left_out.append(title)
    check_size(file.name, kept, len(columns))
    names, notes = named([title for title, _ in columns])
    sentence = (
        f"{counted(len(left_out), 'array is', 'arrays are')} no column of these rows and left out: {listed(left_out)}."
    )
    notes += vector_notes(vectors) + noted("info", len(left_out), sentence) + beyond_limit(rows - kept)
    return Raw(names, [cells for _, cells in columns], rows, notes, vectors=tuple(vectors.values()))


def _fields(arrays: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of arrays that have some beside the other arrays."""
    found: dict[str, Any] = {}
    for title, array in arrays.items():
        fields = array.dtype.names or ()
        found |= {f"{title}.{field}" if title else field: array[field] for field in fields} or {
            title or "values": array
        }
    return found


def _cells(array: Any) -> Any:
    if array.dtype.kind == "M":
        return array.astype("datetime64[us]")
    if array.dtype.kind == "S":
        return [cell.decode(errors="replace") for cell in array.tolist()]
    return array.tolist()
