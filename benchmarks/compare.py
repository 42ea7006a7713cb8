"""Comparing two models: agreement with plain NumPy, how often the intervals hold, and how long the numbers take."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Table, met, seconds
from benchmarks.setting import Setting
from benchmarks.turns import clocked
from embedlab.compare.agreement import cka, pairs_changed, random_cka
from embedlab.compare.difference import difference
from embedlab.compare.noise import dropped
from embedlab.compare.overlap import overlap, random_overlap
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space import Space
from embedlab.space.neighbours import neighbours
from embedlab.stats.intervals import Interval, interval

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]

TOLERANCE = 1e-6
REPETITIONS, ITEMS, RESAMPLES, STEP = 2_000, 200, 2_000, 0.05
CORPORA, CORPUS, TRUTH = 1_000, 300, 10_000
LEAST, MOST = 0.93, 0.97
WITHIN, WITHIN_CLICK = 2.0, 0.5


def compare_numpy(setting: Setting) -> Table:
    """Measure 500 texts in two spaces with embedlab and with plain NumPy; turned, scaled and random ones too."""
    rng = np.random.default_rng(0)
    topics = _topics(rng, 500, 384)
    other = _unit(topics[:, :256] + 0.02 * rng.normal(size=(500, 256)))
    turned = _unit(7 * topics @ np.linalg.qr(rng.normal(size=(384, 384)))[0])
    random = _unit(rng.normal(size=(500, 256)))
    pairs = {
        "another model": (topics, other),
        "the same, turned and scaled": (topics, turned),
        "random vectors": (topics, random),
    }
    rows = tuple(_agreement(name, *both) for name, both in pairs.items())
    columns = (
        "500 texts against", "Jaccard@10", "NumPy", "CKA", "NumPy", f"within {TOLERANCE:g}",
        "unrelated: Jaccard@10", "CKA",
    )  # fmt: skip
    note = (
        "Vectors of ten made-up topics, 384 dimensions against 256. NumPy: every cosine in float64 and sets of the "
        "first ten; CKA by its definition, with centred matrices of 500 by 500."
    )
    return Table(columns, rows, (note,))


def compare_coverage(setting: Setting) -> Table:
    """Count how often 95 % intervals hold a difference that is known, and a mean overlap."""
    rows = [
        _coverage(f"difference of two models, {ITEMS} items", STEP, _covered(_paired, REPETITIONS, STEP), REPETITIONS)
    ]
    truth = float(np.mean([_jaccards(np.random.default_rng([1, at])).mean() for at in range(TRUTH)]))
    for name, find in (("as shown", _of_overlap), ("by bootstrap, which is not used", _of_jaccards)):
        name = f"mean Jaccard@10 of {CORPUS} texts, {name}"
        rows.append(_coverage(name, truth, _covered(find, CORPORA, truth), CORPORA))
    columns = ("95 % interval of", "True value", "Held it", "of", "Share, ± 1.96 binomial errors", "93 to 97 %")
    notes = (
        "Difference: each item is as hard for one model as for the other, which succeeds in each of ten tries with 5 "
        "points more. Jaccard: texts in 8 dimensions, and the same with noise; all are drawn anew each time, and "
        f"the true value is the mean of {TRUTH:,} other draws.",
        "Texts are neighbours of each other, and a bootstrap takes them as independent. The interval shown comes from "
        "random halves of the texts instead, which share no text. All of these are counts with fixed seeds: how busy "
        "the machine is changes none of them.",
    )
    return Table(columns, tuple(rows), notes)


def compare_10k(setting: Setting) -> Table:
    """Take all the numbers of one pair of models at 10,000 texts and 384 dimensions."""
    rng = np.random.default_rng(0)
    topics = _topics(rng, 10_000, 384)
    first = _space(topics)
    second = _space(_unit(topics + 0.03 * rng.normal(size=topics.shape)), first.corpus)
    near, other = neighbours(first), neighbours(second)
    work: dict[str, tuple[Callable[[], object], float]] = {
        "all the numbers of a pair": (lambda: difference(first, second, near, other).sentence(), WITHIN),
        "neighbours in common, another k": (lambda: overlap(near, other, 20).mean, WITHIN_CLICK),
        "CKA": (partial(cka, first, second), WITHIN_CLICK),
        "pairs that changed most": (partial(pairs_changed, first, second), WITHIN_CLICK),
        "floor: 5 % of the texts dropped": (partial(dropped, first, near), WITHIN_CLICK),
        "interval of 10,000 values, none alike": (lambda: interval(rng.normal(size=10_000)), WITHIN_CLICK),
    }
    rows = []
    for name, (task, within) in work.items():
        times = [clocked(task)[1] for _ in range(setting.runs)]
        rows.append((name, seconds(times), met(max(times) <= within), f"{within:g} s"))
    columns = ("10,000 texts, 384 dimensions", "Time", "reached", "wanted")
    return Table(columns, tuple(rows), ("Neighbours are found beforehand; the first run of each is among the times.",))


# --- Vectors ---


def _unit(vectors: NDArray[np.floating]) -> Vectors:
    made = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(made, dtype=np.float32)


def _topics(rng: np.random.Generator, count: int, dimensions: int) -> Vectors:
    middles = rng.normal(size=(10, dimensions))
    return _unit(middles[np.arange(count) % 10] + rng.normal(size=(count, dimensions)))


def _space(vectors: Vectors, corpus: Corpus | None = None) -> Space:
    corpus = corpus or Corpus.of([f"text {row}" for row in range(len(vectors))])
    card = EncoderInfo("made up", "none", vectors.shape[1], 0, "NumPy")
    return Space(corpus, card, vectors, np.zeros(len(vectors), dtype=bool))


# --- Agreement ---


def _agreement(name: str, one: Vectors, two: Vectors) -> tuple[str, ...]:
    first = _space(one)
    second = _space(two, first.corpus)
    near = overlap(neighbours(first), neighbours(second), 10)
    aligned, plain_near, plain_aligned = cka(first, second), _plain_jaccard(one, two), _plain_cka(one, two)
    apart = max(float(np.abs(near.jaccard - plain_near).max()), abs(aligned - plain_aligned))
    return (
        name,
        f"{near.mean.mean:.6f}",
        f"{plain_near.mean():.6f}",
        f"{aligned:.6f}",
        f"{plain_aligned:.6f}",
        f"{met(apart <= TOLERANCE)} ({apart:.0e})",
        f"{random_overlap(len(one), 10):.4f}",
        f"{random_cka(first, second):.4f}",
    )


def _plain_jaccard(one: NDArray[np.floating], two: NDArray[np.floating], k: int = 10) -> Floats:
    found = []
    for vectors in (one.astype(np.float64), two.astype(np.float64)):
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -np.inf)
        found.append(np.argsort(-cosines, axis=1)[:, :k].tolist())
    return np.array([len({*a} & {*b}) / len({*a} | {*b}) for a, b in zip(*found, strict=True)])


def _plain_cka(one: Vectors, two: Vectors) -> float:
    centring = np.eye(len(one)) - 1 / len(one)
    k, other = (centring @ (v.astype(np.float64) @ v.astype(np.float64).T) @ centring for v in (one, two))
    return float((k * other).sum() / np.sqrt((k * k).sum() * (other * other).sum()))


# --- Coverage ---


def _paired(rng: np.random.Generator) -> Interval:
    ease = rng.beta(2, 2, ITEMS) * (1 - STEP)
    return interval((rng.binomial(10, ease + STEP) - rng.binomial(10, ease)) / 10, resamples=RESAMPLES)


def _of_jaccards(rng: np.random.Generator) -> Interval:
    return interval(_jaccards(rng), resamples=RESAMPLES)


def _of_overlap(rng: np.random.Generator) -> Interval:
    first, second = map(_space, _noisy_pair(rng))
    return overlap(neighbours(first), neighbours(second)).mean


def _jaccards(rng: np.random.Generator) -> Floats:
    return _quick_jaccard(*_noisy_pair(rng))


def _noisy_pair(rng: np.random.Generator) -> tuple[Vectors, Vectors]:
    vectors = rng.normal(size=(CORPUS, 8))
    return _unit(vectors), _unit(vectors + 0.3 * rng.normal(size=vectors.shape))


def _quick_jaccard(one: Vectors, two: Vectors, k: int = 10) -> Floats:
    near = []
    for vectors in (one, two):
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -2)
        chosen = np.zeros(cosines.shape, dtype=bool)
        np.put_along_axis(chosen, np.argpartition(-cosines, k, axis=1)[:, :k], True, axis=1)
        near.append(chosen)
    common = (near[0] & near[1]).sum(axis=1)
    return np.asarray(common / (2 * k - common))


def _covered(find: Callable[[np.random.Generator], Interval], repetitions: int, truth: float) -> int:
    found = (find(np.random.default_rng([0, at])) for at in range(repetitions))
    return sum(interval.low <= truth <= interval.high for interval in found)


def _coverage(name: str, truth: float, held: int, repetitions: int) -> tuple[str, ...]:
    share = held / repetitions
    error = 1.96 * (share * (1 - share) / repetitions) ** 0.5
    reached = met(LEAST <= share <= MOST)
    return (name, f"{truth:.4f}", f"{held:,}", f"{repetitions:,}", f"{share:.1%} ± {error:.1%}", reached)
