"""What a map shows, as data that a browser can draw: the same for the app and for the stand-alone file."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.corpus import Column, Corpus
from embedlab.figures.theme import short
from embedlab.text.cut import beginning
from embedlab.text.normalise import well_formed

if TYPE_CHECKING:
    from embedlab.space import Layout

COLUMNS = 8  # metadata columns shown beside a text
PREVIEW = 200  # characters of a text that travel to the app's tooltip
CELL = 80  # characters of a metadata value


@dataclass(frozen=True, eq=False)
class Points:
    """The texts on the map, a point each.

    `positions` is float32 (n, 2) or (n, 3), finite. `columns` are what a tooltip says of a text besides
    itself; the first eight count. `place` and `rows` are fingerprints of the positions and of the texts
    with their columns; they are made from the content where they aren't given.
    """

    positions: NDArray[np.float32]
    texts: Sequence[str]
    columns: tuple[Column, ...] = ()
    place: str = ""
    rows: str = ""

    def __post_init__(self) -> None:
        if self.positions.ndim != 2 or self.positions.shape[1] not in (2, 3):
            raise ValueError(f"positions must be (n, 2) or (n, 3), not {self.positions.shape}")
        if len(self.positions) != len(self.texts):
            raise ValueError(f"{len(self.positions)} positions for {len(self.texts)} texts")
        if not np.isfinite(self.positions).all():
            raise ValueError("positions must be finite")
        if not self.place:
            object.__setattr__(self, "place", fingerprint(self.positions))
        if not self.rows:
            object.__setattr__(self, "rows", fingerprint(list(self.texts), [column.parts for column in self.columns]))

    @classmethod
    def of(cls, layout: Layout, corpus: Corpus) -> Points:
        """Return the points of a layout, with the corpus's columns for the tooltip."""
        return cls(layout.positions, corpus.texts, corpus.columns, layout.fingerprint, corpus.fingerprint)

    def __len__(self) -> int:
        return len(self.positions)

    def place_bytes(self) -> bytes:
        """Return float32, little-endian: all x, then all y and, in three dimensions, all z."""
        return np.ascontiguousarray(self.positions.T, dtype="<f4").tobytes()

    def told(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """Return what a tooltip says of these rows: text, cut to 200 characters, and the values of `names`.

        Rows that there aren't are said to be empty.
        """
        return [self._told(row) if 0 <= row < len(self) else {"text": "", "values": []} for row in rows]

    def _told(self, row: int) -> dict[str, Any]:
        values = [short(column.shown(row), CELL) for column in self.columns[:COLUMNS]]
        return {"text": well_formed(beginning(self.texts[row], PREVIEW)), "values": values}

    @property
    def names(self) -> list[str]:
        """What the metadata columns that a tooltip tells are called."""
        return [short(column.name, CELL) for column in self.columns[:COLUMNS]]

    def packed(self, preview: int) -> dict[str, Any]:
        """Return places, texts (cut to `preview` characters) and columns, ready for JSON."""
        columns = []
        for name, column in zip(self.names, self.columns, strict=False):
            values, codes = np.unique(np.array(_shown(column), dtype=object), return_inverse=True)
            columns.append({"name": name, "values": values.tolist(), "codes": packed(codes.astype(np.int32))})
        return {
            "count": len(self),
            "axes": [packed(axis) for axis in self.positions.T],
            "texts": [short(text, preview) for text in self.texts],
            "columns": columns,
        }


@dataclass(frozen=True)
class MapLabel:
    """A name at a place on the map; of two that would overlap, the larger `size` is drawn.

    `code` is the number of the cluster that it is of, -1 for other names. Of names at several granularities `level` is
    0 for the coarsest, `parent` the place of the coarser name among all of them, -1 without one, and `own` whether it
    is of those clusters that the map can be filtered by.
    """

    text: str
    x: float
    y: float
    z: float | None = None
    size: float = 1.0
    code: int = -1
    level: int = 0
    parent: int = -1
    own: bool = True

    @classmethod
    def amid(cls, text: str, points: NDArray[np.float32], size: float, code: int = -1) -> MapLabel:
        """Return a label at that of the `points` (m, 2) or (m, 3) which is nearest to their median.

        Where the map tears a group into far parts, to that of its largest part: between them others may lie.
        """
        part = _largest_part(points)
        x, y, *z = map(float, part[np.argmin(((part - np.median(part, axis=0)) ** 2).sum(axis=1))])
        return cls(text, x, y, z[0] if z else None, size, code)


PARTS = 8  # cells on a side of the grid on which points hang together; fewer for a few points


def _largest_part(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the points of the largest part that hangs together: in cells that touch, of an eighth of all in length."""
    from scipy.ndimage import label

    low, reach = points.min(axis=0), float(np.ptp(points, axis=0).max())
    across = min(PARTS, math.isqrt(len(points)))
    if across < 3 or not reach:
        return points
    cells = np.minimum(((points - low) * (across / reach)).astype(np.intp), across - 1)
    sides = (across,) * points.shape[1]
    filled = np.zeros(sides, dtype=bool)
    filled[tuple(cells.T)] = True
    part = label(filled, np.ones((3,) * points.shape[1]))[0][tuple(cells.T)]
    return np.asarray(points[part == np.bincount(part).argmax()])


@dataclass(frozen=True)
class Focus:
    """One text and its nearest neighbours, by row, nearest first."""

    row: int
    neighbours: tuple[int, ...] = ()


@dataclass(frozen=True)
class Marker:
    """A text that is not in the corpus, put on the map by its neighbours."""

    text: str
    x: float
    y: float
    z: float | None = None
    neighbours: tuple[int, ...] = ()


def marks(labels: Sequence[MapLabel] = (), focus: Focus | None = None, placed: Marker | None = None) -> dict[str, Any]:
    """Return what is drawn over the points, ready for JSON."""
    return {
        "labels": [
            {
                "text": short(one.text, CELL),
                "at": _at(one.x, one.y, one.z),
                "size": float(one.size),
                "code": int(one.code) if one.own else -1,
                "level": one.level,
                "parent": one.parent,
            }
            for one in labels
        ],
        "focus": focus and {"row": int(focus.row), "neighbours": [*map(int, focus.neighbours)]},
        "placed": placed
        and {
            "text": short(placed.text, CELL),
            "at": _at(placed.x, placed.y, placed.z),
            "neighbours": [*map(int, placed.neighbours)],
        },
    }


def packed(values: NDArray[Any]) -> str:
    """Return an array's bytes, little-endian, in base64."""
    ordered = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(ordered.tobytes()).decode("ascii")


def _shown(column: Column) -> list[str]:
    """Every value as a person would write it, short; missing is an empty string."""
    written: dict[Any, str] = {}
    out = []
    for row, value in enumerate(column.values.tolist()):
        if value is not None and value not in written:
            written[value] = short(column.shown(row), CELL)
        out.append(written.get(value, ""))
    return out


def _at(x: float, y: float, z: float | None) -> list[float]:
    return [float(x), float(y)] if z is None else [float(x), float(y), float(z)]
