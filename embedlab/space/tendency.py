"""Whether vectors hold groups at all, and whether the words of the texts go with them: names need both."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows
from embedlab.base.english import counted
from embedlab.encoders.base import Vectors, unit
from embedlab.space.clusters import resolution_of
from embedlab.space.keywords import Vocabulary
from embedlab.space.leiden import leiden
from embedlab.space.neighbours import nearest
from embedlab.space.order import NEAREST, Order, Side, order
from embedlab.space.space import GRAPH_NEIGHBOURS, Distinct, Neighbours, Space

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Kind = Literal["groups", "none", "flowing", "other words", "unknown"]

FEWEST = 50
"""Fewer distinct texts can't tell."""
ENOUGH = 200
"""So many can tell by their vectors alone; fewer are believed to hold no groups only if their words say so, too."""
MANY = 500
"""So many can tell groups that flow into one another from groups that are too small to stand out."""
SAMPLE = 1_000
DRAWS = 6
FITTINGS = 6
SHUFFLES = 199
WORD_NEIGHBOURS = 5
WORD_COMPONENTS = 100
MOST_IN_ORDER = 20_000

# What is clearer than chance: so many standard errors and so many times more modular, or so few links that leave.
_ERRORS = 4.0
_MODULAR = 1.1
_LEAVING = 0.35
# A broad cluster has at least this part of the links, and leaves as much.
_BROAD = 0.05
# Where a text's nearest can't share even this much more words than any others do, words have no part in the vectors.
_RELATED = 2.5


@dataclass(frozen=True)
class Against:
    """A measure, and what random draws give of it: their mean, and their standard deviation."""

    value: float
    chance: float
    spread: float

    @property
    def errors(self) -> float:
        """By how many standard errors of a single draw it lies above chance."""
        return (self.value - self.chance) / max(self.spread, 1e-9)


@dataclass(frozen=True)
class Tendency:
    """How much more the vectors of a space cluster than random ones do, and whether their neighbours share words.

    `modularity` is that of the clusters that maximise it, at the granularity that a map begins with. `leaving` is of
    the broad cluster that stands apart most, at granularity 1: the share of its links that leave it, as a part of what
    would if links were drawn by lot. Both are held against random vectors of the same kind. `words` is how alike the
    words of the nearest texts are, against texts dealt out anew. None is what can't be told. Measured on `sample` of
    the `texts` distinct texts. `model` made the vectors, "" where they came along with the texts; `order` is one in
    which these fit the words.
    """

    modularity: Against | None
    leaving: Against | None
    words: Against | None
    sample: int
    texts: int
    seed: int
    model: str = ""
    order: Order | None = None

    @cached_property
    def clear(self) -> bool | None:
        """Whether clusters are clearer than in random vectors of the same kind; None where there are too few texts."""
        if self.modularity is None or self.leaving is None:
            return None
        fine, broad = self.modularity, self.leaving
        modular = fine.errors > _ERRORS and fine.value > _MODULAR * fine.chance
        return modular or broad.value < _LEAVING * broad.chance

    @cached_property
    def related(self) -> bool | None:
        """Whether the nearest texts share more words than others do; None where the words can't tell."""
        if self.words is None:
            return None
        if self.words.errors > _ERRORS:
            return True
        return False if self.words.value + 2 * self.words.spread < _RELATED * self.words.chance else None

    @cached_property
    def kind(self) -> Kind:
        """What holds: "groups"; "none"; "flowing", groups no clearer than chance that do go with the words; "other
        words", clear groups that don't; or "unknown", where texts are too few to tell.
        """
        if self.clear is None:
            return "unknown"
        if self.clear:
            return "other words" if self.related is False else "groups"
        if self.related:
            return "flowing" if self.sample >= MANY else "unknown"
        return "none" if self.related is False or self.sample >= ENOUGH else "unknown"

    @property
    def grouped(self) -> bool:
        """Whether there are groups to show."""
        return self.kind != "none"

    @property
    def named(self) -> bool:
        """Whether words can name the groups."""
        return self.kind not in ("none", "other words")

    @property
    def sentence(self) -> str:
        """What there is to doubt, in plain words; "" where there is nothing."""
        if self.kind == "none":
            said = (
                "These vectors hold no groups: random ones of the same kind give groups as clear. No names are shown."
            )
        elif self.kind == "other words":
            said = (
                "Where these vectors lie has nothing to do with the words of the texts: near texts share no more words "
                "than any others. The groups get no names."
            )
        elif self.kind == "flowing":
            return (
                "These groups flow into one another: random vectors of the same kind give groups as clear. Names "
                "say what texts are about, but not where one group ends."
            )
        else:
            return ""
        return f"{said} {self._why}".rstrip()

    @property
    def _why(self) -> str:
        """What may be wrong, if words have no part in the vectors."""
        if self.order is not None:
            return self.order.sentence("the texts", "the vectors")
        if self.kind == "none":
            return ""
        if self.model:
            return f"{self.model} may not know the language of these texts."
        return "If they were made from these texts, the order of the rows is wrong."

    @property
    def detail(self) -> str:
        """How this was found, in figures."""
        if self.modularity is None or self.leaving is None:
            there = f"There {'is' if self.texts == 1 else 'are'} {counted(self.texts, 'different vector')}"
            return f"{there}: too few to hold their groups against random vectors."
        which = "all" if self.sample == self.texts else f"{self.sample:,} (seed {self.seed}) of"
        fine, broad = self.modularity, self.leaving
        words = ""
        if self.words is not None:
            times, spread = self.words.value / self.words.chance, self.words.spread / self.words.chance
            words = f" Near texts share {times:.1f} times as many words as texts dealt out anew (1.0 ± {spread:.1f})."
        return (
            f"Measured on {which} {self.texts:,} different texts. Modularity of the clusters {fine.value:.3f}; of "
            f"random vectors with the same mean and covariance {fine.chance:.3f} ± {fine.spread:.3f}. Links that leave "
            f"the group most apart, as a part of chance: {broad.value:.2f}; of random ones {broad.chance:.2f}.{words}"
        )

    @property
    def facts(self) -> dict[str, str | float | int | None]:
        """The same as plain values, ready for JSON."""
        fine, words = self.modularity, self.words
        return {
            "kind": self.kind,
            "sentence": self.sentence,
            "modularity": None if fine is None else round(fine.value, 4),
            "modularity_of_random": None if fine is None else round(fine.chance, 4),
            "words_shared": None if words is None else round(words.value / words.chance, 3),
            "sample": self.sample,
        }


def tendency(space: Space, neighbours: Neighbours, vocabulary: Vocabulary, seed: int = 0) -> Tendency:
    """Return whether the vectors of `space` cluster more than random ones, and whether their neighbours share words.

    Random vectors of the same kind have the same mean and exactly the same covariance, and nothing else in common with
    these: their principal scores are a random orthonormal basis (Haar), which is what normally distributed vectors look
    like once mean and covariance are known. They are scaled to length 1, and their 15-neighbour graph is clustered in
    the same way. That is a test of the clustering tendency (Jain and Dubes 1988, "Algorithms for clustering data",
    section 4.6) with modularity as its statistic. The words are a Mantel test (1967): the mean cosine of the TF-IDF
    vectors of each text and its five nearest, against texts dealt out anew to the vectors.

    Distinct vectors count, at most 1,000 of them, drawn with `seed`. `vocabulary` is that of the texts of `space`.
    Where vectors came along with the texts and words have no part in them, an order of rows is looked for in which they
    have.
    """
    rows, _ = space.distinct
    count, rng = len(rows), np.random.default_rng(seed)
    if count < FEWEST:
        return Tendency(None, None, None, count, count, seed)
    chosen = rows if count <= SAMPLE else rows[np.sort(rng.choice(count, SAMPLE, replace=False))]
    vectors = space.vectors[chosen]
    graph, near = _graph(vectors)
    drawn = np.array([_clarity(_graph(one)[0], seed) for one in _random(vectors, DRAWS, rng)])
    fine, broad = (_against(*one) for one in zip(_clarity(graph, seed), drawn.T, strict=True))
    words = _words(vocabulary, chosen, near[:, :WORD_NEIGHBOURS], rng)
    model = "" if space.card.column else space.card.model
    found = Tendency(fine, broad, words, len(chosen), count, seed, model)
    if found.related is False and not model and count <= MOST_IN_ORDER and not space.doubt:
        return replace(found, order=_order(space, neighbours, vocabulary))
    return found


def _against(value: float, drawn: Floats) -> Against:
    """The spread is that of one more draw: the mean of those that were drawn is known to no better."""
    return Against(float(value), float(drawn.mean()), float(drawn.std(ddof=1) * math.sqrt(1 + 1 / len(drawn))))


# --- Groups --------------------------------------------------------------------------------------


def _graph(vectors: Vectors) -> tuple[csr_matrix, NDArray[np.int32]]:
    """Return the neighbour graph as a map's clusters have it, and the nearest of each."""
    everyone = np.arange(len(vectors))
    indices, cosines = nearest(vectors, min(GRAPH_NEIGHBOURS, len(vectors) - 1))
    return Distinct(everyone, everyone, indices, cosines).graph, indices


def _clarity(graph: csr_matrix, seed: int) -> tuple[float, float]:
    """Return the modularity at the usual granularity, and how many links leave the broad cluster most apart."""
    resolution = resolution_of(graph)
    within, share = _links(graph, leiden(graph, resolution, seed))
    modularity = float(within.sum() - resolution * (share**2).sum())
    within, share = _links(graph, leiden(graph, 1.0, seed))
    broad = (share >= _BROAD) & (share <= 1 - _BROAD)
    leaving = (1 - within[broad] / share[broad]) / (1 - share[broad])
    return modularity, float(leaving.min(initial=1.0))


def _links(graph: csr_matrix, labels: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return of each cluster the part of all links that lies within it, and the part that has an end there, (c,)."""
    degrees = np.asarray(graph.sum(axis=1), dtype=np.float64).ravel()
    total, count = degrees.sum(), int(labels.max()) + 1
    starts = np.repeat(labels, np.diff(graph.indptr))
    inside = starts == labels[graph.indices]
    within = np.bincount(starts[inside], graph.data[inside], count) / total
    return within, np.bincount(labels, degrees, count) / total


def _random(vectors: Vectors, draws: int, rng: np.random.Generator) -> Iterator[Vectors]:
    """Yield unit vectors with the mean and the covariance of `vectors` (n, d) and nothing else in common with them.

    They are told in the basis of the principal components, which changes no cosine. The last column is what of the mean
    lies outside of these. Scaling to length 1 changes mean and covariance, so both are put right beforehand.
    """
    mean, spread = _principal(vectors)
    for draw in range(draws):
        drawn = rng.standard_normal((len(vectors), len(spread) - 1), dtype=np.float32)
        basis, _ = np.linalg.qr(drawn - drawn.mean(axis=0))
        basis = np.hstack([basis, np.zeros((len(vectors), 1), dtype=basis.dtype)])
        if not draw:
            mean, spread = _before_scaling(basis, mean, spread)
        yield unit(basis * spread + mean)


def _principal(vectors: Vectors) -> tuple[Floats, Floats]:
    """Return the mean in the basis of the principal components, and the length of each one's scores, both (c + 1,)."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = vectors - mean
    count, dimensions = vectors.shape
    if dimensions < count:
        squared, directions = np.linalg.eigh(centred.T @ centred)
    else:
        squared, scores = np.linalg.eigh(centred @ centred.T)
        directions = centred.T @ (scores / np.sqrt(np.maximum(squared, 1e-12)))
    kept = squared > max(float(squared[-1]), 1e-12) * 1e-9
    middle = mean @ directions[:, kept]
    beside = math.sqrt(max(0.0, float(mean @ mean - middle @ middle)))
    return np.append(middle, beside), np.append(np.sqrt(squared[kept]), 0.0)


def _before_scaling(basis: Vectors, mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return the mean and the spread that draws must have for theirs to be `mean` and `spread` at length 1."""
    middle, wide = mean.copy(), spread.copy()
    for _ in range(FITTINGS):
        made = unit(basis * wide + middle)
        now = made.mean(axis=0, dtype=np.float64)
        middle += mean - now
        wide *= spread / np.maximum(np.linalg.norm(made - now, axis=0), 1e-12)
    return middle, wide


# --- Words ---------------------------------------------------------------------------------------


def _words(vocabulary: Vocabulary, rows: Rows, near: NDArray[np.int32], rng: np.random.Generator) -> Against | None:
    """Return how alike the words of neighbours are, against texts dealt out anew; None where no two texts share any."""
    weighted = _weighted(vocabulary, rows)
    alike = np.asarray((weighted @ weighted.T).toarray(), dtype=np.float32)
    count, k = near.shape
    one, other = np.repeat(np.arange(count), k), near.ravel()
    dealt = np.empty(SHUFFLES)
    for shuffle in range(SHUFFLES):
        order = rng.permutation(count)
        dealt[shuffle] = alike[order[one], order[other]].mean()
    return _against(float(alike[one, other].mean()), dealt) if dealt.mean() > 0 else None


def _weighted(vocabulary: Vocabulary, rows: Rows) -> csr_matrix:
    """Return the TF-IDF vectors of some texts at length 1, (m, terms): rare words count much, those of all nothing."""
    from scipy import sparse

    held = vocabulary.presence[rows].astype(np.float32)
    often = np.asarray(held.sum(axis=0)).ravel()
    weighted = (held @ sparse.diags(np.log(len(rows) / np.maximum(often, 1)))).tocsr()
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(lengths, 1e-12)) @ weighted).tocsr()


def _order(space: Space, neighbours: Neighbours, vocabulary: Vocabulary) -> Order | None:
    """Return the order of rows in which the vectors fit the words of the texts (TF-IDF, its leading components)."""
    from scipy.sparse.linalg import svds

    rows, _ = space.corpus.distinct
    weighted = _weighted(vocabulary, rows)
    count = min(WORD_COMPONENTS, *(size - 1 for size in weighted.shape))
    if count < 2:
        return None
    left, lengths, _ = svds(weighted, k=count, rng=np.random.default_rng(0))
    vectors = unit(left * lengths)
    return order(Side(vectors, *nearest(vectors, NEAREST)), Side.of(space, neighbours), space.corpus)
