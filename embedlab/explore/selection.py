"""What a selection of texts is about, and how it differs from the rest."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Floats, Rows, Singles
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column
from embedlab.space.keywords import Vocabulary, Word, distinctive_of
from embedlab.space.space import Space

TYPICAL = 5
NO_VALUE = "no value"


@dataclass(frozen=True)
class Typical:
    """A text near the middle of a selection: its row, its cosine to the middle, how many rows repeat it."""

    row: int
    cosine: float
    copies: int


@dataclass(frozen=True)
class LabelShare:
    """How often one value of a category column occurs: in the selection, and as shares of it and of all."""

    name: str
    count: int
    share: float
    share_in_all: float


@dataclass(frozen=True)
class Quartiles:
    """The quartiles of a number or date column, as a person would write them: in the selection, and in all texts."""

    name: str
    here: tuple[str, str, str]
    everywhere: tuple[str, str, str]

    @property
    def sentence(self) -> str:
        """Both in words."""
        low, middle, high = self.here
        of_all = f"of all {self.everywhere[1]} ({self.everywhere[0]} to {self.everywhere[2]})"
        return f"{self.name}: median {middle}, half of them {low} to {high}; {of_all}"


@dataclass(frozen=True, eq=False)
class Selection:
    """Some texts, described.

    `share` is their part of all texts. `words` set them apart from the rest. `typical` are the texts nearest
    to the selection's mean direction, each text once. `inside` is the mean cosine between two of its texts
    (NaN for a single one), `outside` the mean cosine between one of its texts and one of the rest (NaN if
    there is no rest), both exact over all pairs. `labels` holds for each category column its values in the
    selection, most frequent first, `spreads` the quartiles of each number and date column that has values there.
    """

    rows: Rows
    share: float
    words: tuple[Word, ...]
    typical: tuple[Typical, ...]
    inside: float
    outside: float
    labels: dict[str, tuple[LabelShare, ...]]
    spreads: tuple[Quartiles, ...] = ()

    @property
    def count(self) -> int:
        """How many texts are selected."""
        return len(self.rows)


def describe(space: Space, rows: Rows, vocabulary: Vocabulary) -> Selection:
    """Describe the texts `rows` (int, each row once, any order) of `space`.

    Raises `EmbedlabError` for an empty selection.
    """
    rows = np.unique(np.asarray(rows, dtype=np.intp))
    if not len(rows):
        raise EmbedlabError("No texts are selected: lasso some points on the map, or click one.")
    chosen = space.vectors[rows]
    total = chosen.sum(axis=0, dtype=np.float64)
    inside, outside = _tightness(total, space.vectors.sum(axis=0, dtype=np.float64), len(rows), len(space))
    categories = [column for column in space.corpus.columns if column.kind == "category"]
    return Selection(
        rows,
        len(rows) / len(space),
        distinctive_of(vocabulary, rows),
        _typical(space, rows, chosen @ _direction(total)),
        inside,
        outside,
        {column.name: label_mix(column, rows) for column in categories},
        tuple(found for column in space.corpus.columns if (found := quartiles(column, rows)) is not None),
    )


def quartiles(column: Column, rows: Rows) -> Quartiles | None:
    """Return the quartiles of a number or date column among `rows` and in all; None where there are none."""
    if column.kind not in ("number", "date") or column.missing[rows].all():
        return None
    return Quartiles(column.name, _quarters(column, column.values[rows]), _quarters(column, column.values))


def _quarters(column: Column, values: np.ndarray) -> tuple[str, str, str]:
    if column.kind == "date":
        days = values[~np.isnat(values)].astype("datetime64[D]").astype(np.int64)
        low, middle, high = np.percentile(days, (25, 50, 75), method="lower")
        first, second, third = (str(np.datetime64(int(day), "D")) for day in (low, middle, high))
        return first, second, third
    known = values[~np.isnan(values)].astype(np.float64)
    low, middle, high = np.percentile(known, (25, 50, 75), method="lower")  # values that are there
    return _written(column, low), _written(column, middle), _written(column, high)


def _written(column: Column, value: float) -> str:
    return column.written.number(float(value)) if np.isfinite(value) else f"{value:g}"


def label_mix(column: Column, rows: Rows) -> tuple[LabelShare, ...]:
    """Return the values of a category column among `rows`, most frequent first; "no value" where missing.

    Raises `EmbedlabError` if the column holds no categories.
    """
    if column.kind != "category":
        raise EmbedlabError(f"The column “{column.name}” holds no categories: choose one that does.")
    everywhere = Counter(column.values.tolist())
    here = Counter(column.values[rows].tolist())
    ordered = sorted(here.items(), key=lambda item: (-item[1], item[0] is None, item[0]))
    return tuple(
        LabelShare(
            NO_VALUE if value is None else value,
            count,
            count / len(rows),
            everywhere[value] / len(column.values),
        )
        for value, count in ordered
    )


def _tightness(chosen: Floats, everyone: Floats, count: int, total: int) -> tuple[float, float]:
    """Return the mean cosine inside and to the outside, from the sums of unit vectors alone."""
    rest = everyone - chosen
    inside = (chosen @ chosen - count) / (count * (count - 1)) if count > 1 else math.nan
    outside = chosen @ rest / (count * (total - count)) if count < total else math.nan
    return float(np.minimum(1, inside)), float(outside)


def _direction(total: Floats) -> Singles:
    length = float(np.linalg.norm(total))
    return (total / length if length > 1e-9 else np.zeros_like(total)).astype(np.float32)


def _typical(space: Space, rows: Rows, cosines: Singles) -> tuple[Typical, ...]:
    copies = Counter(space.corpus.texts[row] for row in rows.tolist())
    found: dict[str, Typical] = {}
    for place in np.argsort(-cosines, kind="stable").tolist():
        text = space.corpus.texts[rows[place]]
        if text not in found:
            found[text] = Typical(int(rows[place]), float(cosines[place]), copies[text])
        if len(found) == TYPICAL:
            break
    return tuple(found.values())
