"""All similarities between some texts, in an order that shows what belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, Singles, frozen
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column
from embedlab.corpus.export import csv_bytes
from embedlab.space.space import Space

MAX_HEATMAP = 400
NO_VALUE = "no value"


@dataclass(frozen=True)
class Pair:
    """Two texts, by their rows, and their cosine."""

    first: int
    second: int
    cosine: float


@dataclass(frozen=True, eq=False)
class Similarity:
    """The cosines between m texts, in the order in which they are to be shown.

    `rows` int (m,) are the rows of the space, in that order; `cosines` is float32 (m, m), symmetric, with
    ones on the diagonal. `linkage` is the hierarchical clustering as SciPy writes it, float64 (m - 1, 4),
    its leaves numbered in the order shown; None where a column gave the order or there is only one text.
    `groups` has the value of the grouping column for each text shown, None without one.
    """

    rows: Rows
    cosines: Singles
    linkage: Floats | None
    groups: tuple[str, ...] | None

    def __len__(self) -> int:
        return len(self.rows)

    def pair(self, i: int, j: int) -> Pair:
        """Return the two texts of the cell in row `i` and column `j`, both counted from 0 as shown."""
        if not (0 <= i < len(self) and 0 <= j < len(self)):
            raise EmbedlabError(f"There is no such cell: the heatmap has {len(self)} rows and columns.")
        return Pair(int(self.rows[i]), int(self.rows[j]), float(self.cosines[i, j]))


def similarity(space: Space, rows: Rows, by: Column | None = None) -> Similarity:
    """Return the cosines between the texts `rows` (int, up to `MAX_HEATMAP`, each once).

    They are ordered by hierarchical clustering, average linkage on 1 - cosine, with neighbouring leaves as
    alike as the tree allows (Bar-Joseph, Gifford and Jaakkola 2001). A column of categories or texts makes
    groups: similar groups beside each other, clustered order within; one of numbers or dates sorts by value,
    missing last. Raises `EmbedlabError` for no texts, too many, or rows that don't exist.
    """
    rows = np.asarray(rows, dtype=np.intp)
    _check(rows, len(space))
    vectors = space.vectors[rows]
    cosines = np.clip(vectors @ vectors.T, -1, 1)
    np.fill_diagonal(cosines, 1)
    tree, leaves = _tree(cosines)
    groups = None
    if by is None:
        order = leaves
    elif by.kind in ("number", "date"):
        order = np.argsort(by.values[rows], kind="stable")
    else:
        values = [NO_VALUE if by.values[row] is None else str(by.values[row]) for row in rows]
        order = _grouped(values, leaves)
        groups = tuple(values[place] for place in order)
    linkage = None if tree is None or by is not None else frozen(_renumbered(tree, order))
    return Similarity(frozen(rows[order]), frozen(cosines[np.ix_(order, order)]), linkage, groups)


def sample_per_group(labels: NDArray[np.int32], per_group: int, seed: int = 0, limit: int = MAX_HEATMAP) -> Rows:
    """Return the rows of up to `per_group` texts of each group, drawn with `seed`, in order of row.

    `labels` is int (n,), a negative number is no group (where all are negative, all texts are one group).
    Where they would be more than `limit`, each group gives fewer, and with more groups than that only the
    largest give one each.
    """
    labels = labels if (labels >= 0).any() else np.zeros(len(labels), dtype=np.int32)
    sizes = np.bincount(labels[labels >= 0])
    groups = np.argsort(-sizes, kind="stable")[: min(limit, np.count_nonzero(sizes))]
    each = max(1, min(per_group, limit // max(1, len(groups))))
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(np.flatnonzero(labels == group))[:each] for group in groups]
    return np.sort(np.concatenate(drawn)) if drawn else np.empty(0, dtype=np.intp)


def similarity_csv(similarity: Similarity, texts: Sequence[str]) -> bytes:
    """Return the matrix as a CSV file: for each text its row (from 1), itself, and its cosine to each row.

    `texts` are those of the corpus.
    """
    header = ["row", "text", *(str(row + 1) for row in similarity.rows)]
    cosines = similarity.cosines.astype(np.float64).round(6).tolist()
    rows = similarity.rows.tolist()
    return csv_bytes(header, ([row + 1, texts[row], *own] for row, own in zip(rows, cosines, strict=True)))


def _check(rows: Rows, count: int) -> None:
    if not len(rows):
        raise EmbedlabError("There are no texts to compare: paste, select or sample at least one.")
    if len(rows) > MAX_HEATMAP:
        raise EmbedlabError(f"{len(rows):,} texts are too many for a heatmap: choose or sample up to {MAX_HEATMAP}.")
    if rows.min() < 0 or rows.max() >= count:
        raise EmbedlabError(f"There is no text in row {rows.max() + 1:,}: the corpus holds {count:,}.")


def _tree(cosines: Singles) -> tuple[Floats | None, Rows]:
    """Return the tree, None of a single text, and its leaves in order."""
    if len(cosines) < 2:
        return None, np.arange(len(cosines))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distances = np.maximum(0, 1 - cosines.astype(np.float64))
    tree = np.asarray(linkage(squareform(distances, checks=False), "average", optimal_ordering=True))
    return tree, np.asarray(leaves_list(tree), dtype=np.intp)


def _renumbered(tree: Floats, order: Rows) -> Floats:
    """Return the tree with its leaves numbered by their place in `order`."""
    place = np.arange(2 * len(order) - 1)
    place[order] = np.arange(len(order))
    renumbered = tree.copy()
    renumbered[:, :2] = place[tree[:, :2].astype(np.intp)]
    return renumbered


def _grouped(values: list[str], leaves: Rows) -> Rows:
    """Keep each group together, groups by where the tree has them on average."""
    places: dict[str, list[int]] = {}
    for place, leaf in enumerate(leaves):
        places.setdefault(values[leaf], []).append(place)
    by_mean = sorted(places.values(), key=lambda group: float(np.mean(group)))
    return leaves[np.concatenate(by_mean)]
