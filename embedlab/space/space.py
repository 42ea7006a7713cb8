"""A corpus as one encoder sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Flags, Rows, Singles, frozen
from embedlab.base.english import counted
from embedlab.base.fingerprint import fingerprint
from embedlab.base.result import Result
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.encoders.base import Vectors
from embedlab.encoders.known import Known

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

GRAPH_NEIGHBOURS = 15
MOST_LINKS = 16_000_000
"""So many links of a graph fit beside the vectors; of more texts than a million, each has fewer."""
FEWEST_LINKS = 5
LANDMARKS = "landmarks"
"""The setting of a layout that says how many were laid out, if not all."""
# It is said from this share of the different texts on that the model tells so many from none.
_WORTH_SAYING = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class Space(Result):
    """Texts and their vectors.

    `vectors` is float32 (n, d), read-only, rows of length 1: a dot product of two rows is their cosine.
    `over_window[i]` is True where text `i` was longer than the model's window and its end was not read.
    `encoded` counts the texts that had to be encoded now; the others were stored, or repeated. `unread`, int (u,)
    rising, are the places of the texts that were left out because the model could not read them, in the corpus that was
    to be embedded: `corpus` is without them, and the last of its notes says so. `known` says
    what the model doesn't know of the texts, None where nobody can tell.
    """

    corpus: Corpus
    card: EncoderInfo
    vectors: Vectors
    over_window: Flags
    encoded: int = 0
    unread: Rows = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    known: Known | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    @cached_property
    def fingerprint(self) -> str:
        """Stands for the texts and everything that determined their vectors."""
        return fingerprint(self.corpus.fingerprint, self.card.fingerprint)

    @cached_property
    def distinct(self) -> tuple[Rows, Rows]:
        """The first row of each distinct vector (u,), and each text's place among the distinct ones (n,).

        Different texts may have one vector: what is found from vectors alone counts it once (`distinct_vectors`).
        """
        from embedlab.space.distinct import distinct_vectors

        rows, place = self.corpus.distinct
        first, among = distinct_vectors(self.vectors, rows)
        return (rows, place) if len(first) == len(rows) else (frozen(rows[first]), frozen(among[place]))

    @cached_property
    def doubt(self) -> str:
        """That the model sees no difference between many texts; "" where it tells nearly all apart.

        Texts that differ only in capitals, white space or Unicode form are one here.
        """
        first = np.unique(self.corpus.same, return_index=True)[1]
        sizes = np.bincount(self.distinct[1][first])
        alike, texts = int(sizes[sizes > 1].sum()), len(first)
        if not alike or alike < _WORTH_SAYING * texts:
            return ""
        if sizes.max() == texts:
            return (
                f"The model sees no difference between these {counted(texts, 'different text')}: all have the same "
                "vector, so neither a map nor groups can be made of them. Choose another model, or check how the "
                "vectors were made."
            )
        groups = int((sizes > 1).sum())
        where = "one vector" if groups == 1 else f"{groups:,} vectors"
        return (
            f"The model sees no difference between {alike:,} of {counted(texts, 'different text')}: they share "
            f"{where}, and so their place and their group."
        )

    @property
    def unknown(self) -> str:
        """What the model doesn't know of these texts, in a sentence; "" where there is nothing to say."""
        return self.known.sentence if self.known else ""

    @property
    def sentence(self) -> str:
        """How many texts were read by what, in how many dimensions, and what the model doesn't know of them."""
        size = f"{counted(len(self), 'text')} in {counted(self.card.dimensions, 'dimension')}"
        return " ".join(filter(None, (f"{size}, read by {self.card.model}.", self.unknown)))

    def table(self) -> pd.DataFrame:
        """Return every text with its columns, and whether its end was not read (`over_window`)."""
        return self.corpus.table(over_window=self.over_window)

    def facts(self) -> dict[str, Any]:
        """Return what the command `embed` prints as JSON."""
        return self.corpus.facts() | {
            "over_window": int(self.over_window.sum()),
            "encoded_now": self.encoded,
            "doubt": self.doubt,
            "dimensions": self.card.dimensions,
            "model": self.card.model,
            "runtime": self.card.runtime,
            "unknown_to_model": self.known.facts() if self.known else None,
        }


@dataclass(frozen=True, eq=False)
class Distinct:
    """The neighbour graph of what is distinct alone, texts or vectors; repeats would make islands of their own.

    `rows` (u,) is the first row of each distinct text (or vector), `place` (n,) the distinct one of each row;
    `indices` int32 (u, k) and `cosines` float32 (u, k) are as in `Neighbours`, numbered by distinct one.
    """

    rows: Rows
    place: Rows
    indices: NDArray[np.int32]
    cosines: Singles

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def links(self) -> int:
        """How many of its nearest each is linked to in the `graph`: 15, or fewer where they are very many."""
        most = max(FEWEST_LINKS, min(GRAPH_NEIGHBOURS, MOST_LINKS // max(1, len(self))))
        return min(most, int(self.indices.shape[1]))

    @cached_property
    def graph(self) -> csr_matrix:
        """The nearest of each text (`links` of them) as an undirected graph (u, u), an edge's weight its cosine."""
        from scipy.sparse import csr_array, csr_matrix

        k = self.links
        weights = np.maximum(self.cosines[:, :k], 1e-3).ravel()
        starts = np.arange(0, len(self) * k + 1, k) if k else np.zeros(len(self) + 1, dtype=np.intp)
        shape = (len(self), len(self))
        directed = csr_array((weights, self.indices[:, :k].ravel(), starts), shape=shape)
        return csr_matrix(directed.maximum(directed.T))


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest texts of each text in the original space, nearest first, never the text itself.

    `recall` is the mean share of a vector's 15 truly nearest that are among them, measured on `measured_on` vectors
    drawn at random, where there are so many that most were never compared (`embedlab.space.approximate`); None where
    the neighbours are exact.

    `indices` is int32 (n, k), `cosines` float32 (n, k), both read-only; k is less than n. A repeated text has
    its copies first, and copies of a neighbour stand together; so do texts of one vector. Equal cosines are in order of
    first appearance. `distinct` has the different texts, `apart` the different vectors: where a model sees no
    difference between texts, there are fewer of these.
    """

    indices: NDArray[np.int32]
    cosines: Singles
    space: str  # the Space's fingerprint
    distinct: Distinct
    apart: Distinct
    recall: float | None = None
    measured_on: int = 0

    @property
    def k(self) -> int:
        """How many neighbours each text has."""
        return int(self.indices.shape[1])


@dataclass(frozen=True, eq=False)
class Layout:
    """A place on the map for each text: `positions` is float32 (n, 2) or (n, 3), read-only."""

    positions: Singles
    method: str  # "PCA" or "UMAP"
    settings: tuple[tuple[str, str | int | float], ...]
    space: str

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return int(self.positions.shape[1])

    @property
    def landmarks(self) -> int | None:
        """How many different vectors were laid out, where each of the others was placed among them; None: all were."""
        found = dict(self.settings).get(LANDMARKS)
        return int(found) if found is not None else None

    @cached_property
    def fingerprint(self) -> str:
        """Stands for the space, how it was laid out, and the places."""
        return fingerprint(self.space, self.method, [list(pair) for pair in self.settings], self.positions)


@dataclass(frozen=True, eq=False)
class Clusters:
    """A cluster number for each text: `labels` is int32 (n,), 0 is the largest cluster, -1 means none."""

    labels: NDArray[np.int32]
    resolution: float
    seed: int
    space: str

    @cached_property
    def sizes(self) -> Rows:
        """Texts in each cluster, int (count,)."""
        return np.bincount(self.labels[self.labels >= 0])

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return len(self.sizes)

    @cached_property
    def fingerprint(self) -> str:
        """Stands for the space and who is in which cluster."""
        return fingerprint(self.space, self.labels)
