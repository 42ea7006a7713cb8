"""How far the classes of labels stand apart (silhouette), and how well clusters agree with them (ARI, AMI)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from embedlab.base.arrays import Floats, Rows
from embedlab.encoders.base import Vectors
from embedlab.space.space import Clusters

SHUFFLES = 20
_TIE = 1e-6
_ROUNDING = 1e-7


# --- How far the classes stand apart -------------------------------------------------------------


def silhouette(vectors: Vectors, codes: Rows) -> tuple[Floats, Floats]:
    """Return the silhouette of each text by cosine distance, and the jackknife's pseudo-values; float64 (m,) each.

    Exact for any number of texts: the mean cosine to a class is the cosine to the mean of its vectors, so no pair has
    to be looked at. A text also moves the values of others; the pseudo-values add that (the infinitesimal jackknife),
    and their mean is the same. A text that is alone in its class has 0. Sources: Rousseeuw 1987; Jaeckel 1972, Efron
    1982.
    """
    unit = _unit(vectors)
    within, apart, other, sizes = _distances(unit, codes)
    larger = np.maximum(within, apart)
    larger[larger == 0] = 1
    values = _silhouettes(within, apart, sizes[codes])
    closer = within < apart
    by_within = np.where(closer, -1, -apart / larger) / larger
    by_apart = np.where(closer, within / larger, 1) / larger
    alone = sizes[codes] == 1
    by_within[alone] = by_apart[alone] = 0
    others = np.maximum(sizes[codes] - 1, 1)
    given = _given(unit, codes, by_within / others, within, codes, len(sizes)) + by_within * within / others
    given += _given(unit, codes, by_apart / sizes[other], apart, other, len(sizes))
    return values, values + given


def shuffled_silhouettes(vectors: Vectors, codes: Rows, seed: int = 0) -> Floats:
    """Return the mean silhouette of each of `SHUFFLES` random orders of the labels, float64 (s,)."""
    unit = _unit(vectors)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(SHUFFLES):
        mixed = rng.permutation(codes)
        within, apart, _, sizes = _distances(unit, mixed)
        found.append(float(_silhouettes(within, apart, sizes[mixed]).mean()))
    return np.array(found)


def _unit(vectors: Vectors) -> Floats:
    """Return vectors of length 1; one of length 0 stays, and has the cosine 0 to all."""
    unit = vectors.astype(np.float64)
    lengths = np.linalg.norm(unit, axis=1, keepdims=True)
    return unit / np.where(lengths > 0, lengths, 1)


def _distances(unit: Floats, codes: Rows) -> tuple[Floats, Floats, Rows, Floats]:
    """Return the mean distance of each text to its own class and to the nearest other, which that is, and all sizes."""
    sizes = np.bincount(codes).astype(np.float64)
    away = 1 - unit @ _summed(unit, codes, len(sizes)).T / np.maximum(sizes, 1)
    rows, n_own = np.arange(len(codes)), sizes[codes]
    to_itself = ~unit.any(axis=1)  # a vector of length 0 is at distance 1 from itself, too
    within = _none_below((away[rows, codes] * n_own - to_itself) / np.maximum(n_own - 1, 1))
    away[rows, codes] = np.inf
    away[:, sizes == 0] = np.inf
    other = away.argmin(axis=1)
    return within, _none_below(away[rows, other]), other, sizes


def _silhouettes(within: Floats, apart: Floats, n_own: Floats) -> Floats:
    larger = np.maximum(within, apart)
    return np.where((n_own == 1) | (larger == 0), 0, (apart - within) / np.where(larger == 0, 1, larger))


def _none_below(distances: Floats) -> Floats:
    """Take for 0 what the vectors' float32 can't tell from it."""
    return np.where(distances < _ROUNDING, 0, distances)


def _summed(values: Floats, codes: Rows, classes: int) -> Floats:
    from scipy.sparse import csr_array

    belongs = csr_array((np.ones(len(codes)), codes, np.arange(len(codes) + 1)), shape=(len(codes), classes))
    return np.asarray(belongs.T @ values)


def _given(unit: Floats, codes: Rows, weights: Floats, means: Floats, towards: Rows, classes: int) -> Floats:
    """Return for each text j the sum of weight (distance to j - mean) over the texts that look towards its class."""
    heads = _summed(unit * weights[:, None], towards, classes)
    constant = np.bincount(towards, weights * (1 - means), classes)
    return np.asarray(constant[codes] - np.einsum("md,md->m", unit, heads[codes]))


# --- How well clusters agree with the labels -----------------------------------------------------


def agreement(codes: Rows, clusters: Clusters, rows: Rows) -> tuple[dict[str, float], dict[str, Floats]]:
    """Return ARI and AMI of the clusters with the classes, and the jackknife's pseudo-values of both, float64 (m,).

    Both are corrected for chance: 0 is what clusters of these sizes have in common with shuffled labels. The
    pseudo-values are each from the table without one text, and shifted to have the measure as their mean; what AMI
    expects by chance is taken to fall with the number of texts. Sources: Hubert and Arabie 1985 (adjusted Rand index);
    Vinh, Epps and Bailey 2010 (adjusted mutual information, by the mean of both entropies); Quenouille and Tukey's
    jackknife.
    """
    groups = np.unique(clusters.labels[rows], return_inverse=True)[1]
    cell = np.unique(codes * (groups.max() + 1) + groups, return_inverse=True)[1]
    margins = [np.bincount(values).astype(np.float64) for values in (cell, codes, groups)]
    own = [margin[values] for margin, values in zip(margins, (cell, codes, groups), strict=True)]
    count = float(len(codes))
    expected = _expected_information(margins[1], margins[2])
    single, pseudo = {}, {}
    for name, sums_of, measure in (("ARI", _pairs_of, _rand), ("AMI", _x_log_x, _information)):
        whole = [sums_of(margin).sum(keepdims=True) for margin in margins]
        value = float(measure(whole, count, expected)[0])
        without = [total - sums_of(size) + sums_of(size - 1) for total, size in zip(whole, own, strict=True)]
        less = measure(without, count - 1, expected * count / (count - 1))
        single[name] = value
        pseudo[name] = value + (count - 1) * (less.mean() - less)
    return single, pseudo


def shuffled_agreement(codes: Rows, clusterings: Sequence[Clusters], rows: Rows, seed: int = 0) -> dict[str, Floats]:
    """Return the mean ARI and AMI of the clusterings with each of `SHUFFLES` random orders of the labels, (s,) each."""
    rng = np.random.default_rng(seed)
    mixed = [rng.permutation(codes) for _ in range(SHUFFLES)]
    totals = {"ARI": np.zeros(SHUFFLES), "AMI": np.zeros(SHUFFLES)}
    for one in clusterings:
        groups = np.unique(one.labels[rows], return_inverse=True)[1]
        classes, width = np.bincount(codes).astype(np.float64), int(groups.max()) + 1
        sizes, count = np.bincount(groups).astype(np.float64), float(len(codes))
        expected = _expected_information(classes, sizes)
        for at, order in enumerate(mixed):
            cells = np.bincount(order * width + groups).astype(np.float64)
            for name, sums_of, measure in (("ARI", _pairs_of, _rand), ("AMI", _x_log_x, _information)):
                whole = [sums_of(margin).sum(keepdims=True) for margin in (cells, classes, sizes)]
                totals[name][at] += float(measure(whole, count, expected)[0]) / len(clusterings)
    return totals


def _expected_information(classes: Floats, groups: Floats) -> float:
    """Return the mutual information that shuffled labels have with the clusters on average, in nats."""
    return _expected_of(tuple(np.sort(classes).tolist()), tuple(np.sort(groups).tolist()))


@lru_cache(maxsize=256)
def _expected_of(classes: tuple[float, ...], groups: tuple[float, ...]) -> float:
    from sklearn.metrics.cluster import expected_mutual_information

    count = int(sum(classes))
    # Only the sums of the table's rows and columns matter.
    table = np.zeros((len(classes), len(groups)), dtype=np.int64)
    table[:, 0] = classes
    table[0, :] += np.array(groups, dtype=np.int64)
    table[0, 0] -= count
    return float(expected_mutual_information(table, count))


def _pairs_of(sizes: Floats) -> Floats:
    return sizes * (sizes - 1) / 2


def _x_log_x(sizes: Floats) -> Floats:
    return sizes * np.log(np.maximum(sizes, 1))


def _rand(pairs: Sequence[Floats], count: float, _: float) -> Floats:
    together, in_classes, in_groups = pairs
    expected = in_classes * in_groups / (count * (count - 1) / 2)
    most = (in_classes + in_groups) / 2
    return np.asarray((together - expected) / np.where(most > expected, most - expected, 1))


def _information(sums: Sequence[Floats], count: float, by_chance: float) -> Floats:
    of_both, of_classes, of_groups = (np.log(count) - one / count for one in sums)
    most = (of_classes + of_groups) / 2
    shared = of_classes + of_groups - of_both
    return np.asarray((shared - by_chance) / np.maximum(most - by_chance, _TIE))
