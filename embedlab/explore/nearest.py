"""Finding texts: by what they contain, by what they mean, and where a new one belongs on the map."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Rows, Singles, best, frozen
from embedlab.base.english import percent
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders.base import Vectors
from embedlab.space.space import Layout, Neighbours, Space
from embedlab.text.forms import holder
from embedlab.text.normalise import searched

# Points closer than this part of the map's size lie together.
_TOGETHER = 0.08


@dataclass(frozen=True, eq=False)
class Hits:
    """Texts nearest to a vector: `rows` int (k,), `cosines` float32 (k,), nearest first."""

    rows: Rows
    cosines: Singles

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a new text belongs on the map.

    `hits` are its true nearest texts. `position` is float32 (2,) or (3,), the middle of those of them that
    lie together; `together` says how many do. `spread` is the distance of all of them from there on average,
    as a part of the map's size. `fit` is the share of the corpus' distinct texts (0 to 1) that are no closer to
    their nearest other text than this one is to its nearest; NaN where there is only one.
    """

    hits: Hits
    position: Singles
    together: int
    spread: float
    fit: float

    @property
    def nearest(self) -> float:
        """The cosine of the nearest text."""
        return float(self.hits.cosines[0])

    @property
    def sentence(self) -> str:
        """How well the text fits in, and how much its place on the map means."""
        return f"{self._fit()} {self._place()}"

    def _fit(self) -> str:
        cosine = f"its nearest text is at cosine {self.nearest:.2f}"
        if math.isnan(self.fit):
            return f"There is only one text to compare with: {cosine}."
        if self.nearest > 1 - 1e-5:
            return "This text is in the corpus already, or one that the model takes for the same."
        if self.fit >= 0.25:
            return f"Fits well, as close to its neighbours as texts here are to theirs: {cosine}."
        if self.fit >= 0.05:
            return f"Fits loosely: {cosine}, and {percent(1 - self.fit)} of the texts here have a closer one."
        if self.fit >= 0.01:
            return f"Hardly fits: {cosine}, and {percent(1 - self.fit)} of the texts here have a closer one."
        return f"Nothing like this is in the corpus: {cosine}, so its place means little."

    def _place(self) -> str:
        count = len(self.hits)
        if count == 1:
            return "It is placed on its only neighbour."
        if self.together == count:
            return f"All of its {count} nearest texts lie together on the map."
        if 2 * self.together > count:
            return f"It is placed where {self.together} of its {count} nearest texts lie together."
        return (
            f"Its {count} nearest texts are scattered over the map: it is placed where most of them agree, "
            f"{self.together} of {count}."
        )


def containing(texts: Sequence[str], needle: str) -> Rows:
    """Return the rows of the texts that contain `needle`, in the middle of a word, too: literally, as browsers do,
    but for case, accents and what else makes no difference to a reader (see `searched`).

    Raises `EmbedlabError` if there is nothing to look for.
    """
    wanted = searched(needle)
    if not wanted.strip():
        raise EmbedlabError("There is nothing to look for: type some letters of the texts to find.")
    return np.array([row for row, text in enumerate(texts) if wanted in searched(text)], dtype=np.intp)


def found_in(corpus: Corpus, needle: str, by: Callable[[Sequence[str], str], Rows]) -> Rows:
    """Return the rows of a corpus whose text, or whose value in another column of texts, has `needle`, rising.

    `by` says how it is looked for: `containing` or `holding`, whose errors it raises.
    """
    beside = [column.values.tolist() for column in corpus.columns if column.kind == "text"]
    read = [corpus.texts, *([value or "" for value in values] for values in beside)]
    return np.unique(np.concatenate([by(texts, needle) for texts in read]))


def holding(texts: Sequence[str], needle: str) -> Rows:
    """Return the rows of the texts that hold `needle` as whole words side by side (see `embedlab.text.forms.holder`).

    Raises `EmbedlabError` if there is no word in it.
    """
    held = holder(needle)
    if held is None:
        raise EmbedlabError("There is no word to look for: type one, or find by letters.")
    return np.array([row for row, text in enumerate(texts) if held(searched(text))], dtype=np.intp)


def nearest(space: Space, vector: Vectors, k: int = 10) -> Hits:
    """Return the `k` texts (or all, if fewer) with the highest cosine to `vector` (d,), of any length but 0.

    Equal cosines are in order of row. Raises `EmbedlabError` if the vector isn't one of this space.
    """
    cosines = space.vectors @ _unit(space, vector)
    return _best(cosines, min(k, len(space)))


def neighbours_of(space: Space, neighbours: Neighbours, row: int, k: int = 10) -> Hits:
    """Return the `k` nearest texts of the text `row`, never itself, as far as there are so many."""
    if not 0 <= row < len(space):
        raise EmbedlabError(f"There is no text number {row + 1}: the corpus holds {len(space):,}.")
    if k <= neighbours.k:
        return Hits(neighbours.indices[row, :k].astype(np.intp), neighbours.cosines[row, :k])
    cosines = space.vectors @ space.vectors[row]
    cosines[row] = -np.inf
    return _best(cosines, min(k, len(space) - 1))


def place(space: Space, layout: Layout, neighbours: Neighbours, vector: Vectors, k: int = 10) -> Placement:
    """Place a new text, given its `vector` (d,), among its `k` true nearest texts; no layout is run.

    Its position is the middle, weighted by cosine, of those neighbours that lie together on the map: the
    neighbour with the most weight around it, and all within 8 % of the map's size of that one. A mean of all
    would fall into the void between two groups.
    """
    hits = nearest(space, vector, k)
    size = _map_size(layout.positions)
    points = layout.positions[hits.rows].astype(np.float64)
    weights = np.maximum(hits.cosines.astype(np.float64), 1e-3)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    close = apart <= _TOGETHER * size
    group = close[np.argmax(close @ weights)]
    position = np.average(points[group], axis=0, weights=weights[group])
    spread = np.linalg.norm(points - position, axis=1).mean() / size
    return Placement(hits, frozen(position.astype(np.float32)), int(group.sum()), float(spread), _fit(neighbours, hits))


def _fit(neighbours: Neighbours, hits: Hits) -> float:
    """Compare with the distinct texts: a copy is no measure of how close texts usually are."""
    cosines = neighbours.distinct.cosines
    return float((cosines[:, 0] <= hits.cosines[0] + 1e-6).mean()) if cosines.shape[1] else math.nan


def _map_size(positions: Singles) -> float:
    """Return the diagonal of the box that holds the middle 98 % on each axis; 1 if all points coincide."""
    low, high = np.percentile(positions, [1, 99], axis=0)
    return float(np.linalg.norm(high - low)) or float(np.linalg.norm(np.ptp(positions, axis=0))) or 1.0


def _unit(space: Space, vector: Vectors) -> Singles:
    vector = np.asarray(vector, dtype=np.float32)
    dimensions = space.vectors.shape[1]
    if vector.shape != (dimensions,):
        raise EmbedlabError(
            f"The vector has the shape {vector.shape}, but the texts have {dimensions} dimensions: "
            "encode the text with the model that encoded the corpus."
        )
    length = float(np.linalg.norm(vector))
    if not 0 < length < math.inf:
        raise EmbedlabError("The model gave no usable vector for this text: try another text or model.")
    return np.asarray(vector / np.float32(length), dtype=np.float32)


def _best(cosines: Singles, k: int) -> Hits:
    """Return the `k` highest cosines in falling order, equal ones in order of row."""
    rows = best(cosines, k)
    return Hits(rows, np.clip(cosines[rows], -1, 1))
