"""A lean index of vectors: one bit a dimension to find candidates, one byte a dimension to rank them."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, best, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.encoders.base import Vectors
from embedlab.stats.intervals import Interval, interval

AT_ONCE = 20_000
OVERSAMPLING = 8
LEAST_CANDIDATES = 800
SAMPLE = 200
_LEVELS = 127


@dataclass(frozen=True, eq=False)
class CompactIndex:
    """Approximate nearest vectors without the vectors.

    Each of n unit vectors, turned by `rotation` float32 (d, d) so that all dimensions count alike, is kept as the
    signs of what sets it apart from `centre` float32 (d,): `bits` is uint64 (ceil(d / 64), n). `codes` int8 (n, d)
    and `scales` float32 (n,) hold the vector itself, rounded. A search counts the signs that differ from the
    query's (Hamming distance), and ranks the candidates with the fewest by their rounded vectors.

    Source: Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002, with the rotation of
    Gong and Lazebnik, "Iterative quantization", CVPR 2011, at random.
    """

    rotation: Vectors
    centre: Vectors
    bits: NDArray[np.uint64]
    codes: NDArray[np.int8]
    scales: Vectors

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def bytes(self) -> int:
        """What the index takes in memory."""
        return sum(part.nbytes for part in (self.rotation, self.centre, self.bits, self.codes, self.scales))

    def nearest(self, vector: Vectors, count: int) -> tuple[Rows, Vectors]:
        """Return about the `count` nearest of the vectors to `vector` (d,), best first, and their cosines."""
        candidates = self._candidates(vector, max(LEAST_CANDIDATES, OVERSAMPLING * count))
        cosines = (self.codes[candidates].astype(np.float32) @ vector) * self.scales[candidates]
        order = np.argsort(-cosines, kind="stable")[:count]
        return candidates[order], np.clip(cosines[order], -1, 1)

    def _candidates(self, vector: Vectors, count: int) -> Rows:
        if count >= len(self):
            return np.arange(len(self))
        signs = _packed((vector - self.centre)[np.newaxis] @ self.rotation)[:, 0]
        differ = np.zeros(len(self), dtype=np.uint16)
        for own, theirs in zip(self.bits, signs, strict=True):
            differ += np.bitwise_count(own ^ theirs)
        bar = np.searchsorted(np.cumsum(np.bincount(differ)), count)
        return np.flatnonzero(differ <= bar)


def compact(vectors: Vectors, seed: int = 0, report: Report = no_report) -> CompactIndex:
    """Return the lean index of `vectors`, float32 (n, d), rows of length 1; `seed` fixes the rotation."""
    count, dimensions = vectors.shape
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((dimensions, dimensions)))[0].astype(np.float32)
    centre = np.asarray(vectors.mean(axis=0), dtype=np.float32)
    bits = np.empty((-(-dimensions // 64), count), dtype=np.uint64)
    codes = np.empty((count, dimensions), dtype=np.int8)
    scales = np.empty(count, dtype=np.float32)
    watch = Stopwatch("Making the lean index", count, report)
    for start in range(0, count, AT_ONCE):
        watch.at(start)
        rows = slice(start, start + AT_ONCE)
        some = vectors[rows]
        bits[:, rows] = _packed((some - centre) @ rotation)
        scales[rows] = np.maximum(np.abs(some).max(axis=1), 1e-12) / _LEVELS
        codes[rows] = np.rint(some / scales[rows, np.newaxis])
    watch.at(count)
    return CompactIndex(frozen(rotation), frozen(centre), frozen(bits), frozen(codes), frozen(scales))


def _packed(vectors: NDArray[np.floating]) -> NDArray[np.uint64]:
    """Return the signs of `vectors` (n, d) as uint64 (ceil(d / 64), n)."""
    packed = np.packbits(vectors > 0, axis=1)
    padded = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
    return np.ascontiguousarray(padded.view(np.uint64).T)


# --- What it is worth ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Worth:
    """A lean index against exact search on the same vectors.

    `recall` is the share of the true `k` nearest that it finds, with its interval over the `sample` texts that were
    taken as queries. `exact_seconds` and `lean_seconds` are medians of one search; `exact_bytes` are those of the
    float32 vectors.
    """

    recall: Interval
    k: int
    sample: int
    exact_seconds: float
    lean_seconds: float
    exact_bytes: int
    lean_bytes: int

    @property
    def sentence(self) -> str:
        """What it finds, what it saves, and whether that pays."""
        found = (
            f"It finds {100 * self.recall.mean:.1f} % of the {self.k} texts nearest to a text "
            f"({100 * self.recall.low:.1f} % to {100 * self.recall.high:.1f} %, "
            f"{counted(self.sample, 'text')} of these as queries)"
        )
        times = f"in {1000 * self.lean_seconds:.2g} ms instead of {1000 * self.exact_seconds:.2g} ms"
        parts = f"{self.lean_bytes / 1e6:,.1f} MB instead of {self.exact_bytes / 1e6:,.1f} MB"
        return f"{found}, {times}, and needs {parts}. {self._verdict()}"

    def _verdict(self) -> str:
        if self.exact_seconds - self.lean_seconds < 0.005:
            return "With so few texts exact search is as quick to a person: stay with it."
        return "It pays where many search at once, or memory is short."


def worth(vectors: Vectors, lean: CompactIndex, k: int = 10, sample: int = SAMPLE, seed: int = 0) -> Worth:
    """Measure `lean` against exact search on `vectors`, some of which, drawn with `seed`, are the queries.

    A text does not count as found by itself; any text counts that is as near as the true `k`-th. Raises
    `EmbedlabError` for fewer than two vectors.
    """
    if len(vectors) < 2:
        raise EmbedlabError("There is only one distinct text: there is nothing to find beside it.")
    k = min(k, len(vectors) - 1)
    rows = np.random.default_rng(seed).choice(len(vectors), min(sample, len(vectors)), replace=False)
    recalls, exact_times, lean_times = [], [], []
    for row in rows.tolist():
        query = vectors[row]
        start = time.perf_counter()
        best(vectors @ query, k + 1)
        middle = time.perf_counter()
        found, _ = lean.nearest(query, k + 1)
        lean_times.append(time.perf_counter() - middle)
        exact_times.append(middle - start)
        cosines = vectors @ query
        cosines[row] = -np.inf
        bar = np.partition(cosines, -k)[-k] - 1e-6
        recalls.append(min(k, int((cosines[found] >= bar).sum())) / k)
    return Worth(
        interval(np.array(recalls)),
        k,
        len(rows),
        float(np.median(exact_times)),
        float(np.median(lean_times)),
        vectors.nbytes,
        lean.bytes,
    )
