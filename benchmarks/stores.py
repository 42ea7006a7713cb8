"""100,000 stored vectors: looked up by a new process, and their bytes on disk."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.processes import timed
from benchmarks.report import Table, met, ratio, seconds
from benchmarks.setting import Setting
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo, Vectors
from embedlab.encoders.base import NO_WINDOW, unit
from embedlab.encoders.store import Store, stored
from embedlab.space.embedding import embed

COUNT = 100_000
DIMENSIONS = 384
LOOKED_UP = 3.0
LARGEST = 1.15
CARD = EncoderInfo("made up", "random", DIMENSIONS, NO_WINDOW, "none")
_PLAIN = "import sys, numpy as np; np.load(sys.argv[1]).sum()"


class Nobody:
    """An encoder that has to be asked for nothing, because all is stored."""

    card = CARD

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        raise RuntimeError(f"{len(texts)} texts are not stored.")


def store_100k(setting: Setting) -> Table:
    """Look all of them up, in turn with reading the same vectors from one file of NumPy's."""
    state = setting.empty()
    os.environ |= state.environment
    vectors = unit(np.random.default_rng(0).normal(size=(COUNT, DIMENSIONS)))
    plain = setting.scratch / "vectors.npy"
    np.save(plain, vectors)
    _fill(vectors)
    size = stored()[0].bytes
    ours, theirs, inside = [], [], []
    for _ in range(setting.runs):
        took, printed = timed([sys.executable, "-m", "benchmarks.stores", str(COUNT)], state.environment)
        ours.append(took)
        inside.append(json.loads(printed)["seconds"])
        theirs.append(timed([sys.executable, "-c", _PLAIN, str(plain)], state.environment)[0])
    rows = (
        (
            "the store", seconds(ours), met(statistics.median(ours) <= LOOKED_UP), ratio(ours, theirs),
            f"{size / 1e6:.1f} MB", f"{size / vectors.nbytes:.3f}", met(size <= LARGEST * vectors.nbytes),
        ),
        (
            "one `.npy` file, without texts", seconds(theirs), "", "1",
            f"{plain.stat().st_size / 1e6:.1f} MB", f"{plain.stat().st_size / vectors.nbytes:.3f}", "",
        ),
    )  # fmt: skip
    columns = (
        f"{COUNT:,} vectors", "New process", f"within {LOOKED_UP:.0f} s", "Ratio", "On disk", "of the vectors' bytes",
        f"at most {LARGEST}",
    )  # fmt: skip
    note = (
        f"Random unit vectors of {DIMENSIONS} dimensions, stored in batches of {CARD.at_once}; the whole process, "
        f"of which `space.embedding.embed` took {seconds(inside)}."
    )
    return Table(columns, rows, (note,))


def _texts(count: int) -> list[str]:
    return [f"Text number {row}, about as long as the title of a paper" for row in range(count)]


def _fill(vectors: Vectors) -> None:
    texts, store = _texts(len(vectors)), Store(CARD)
    for start in range(0, len(texts), CARD.at_once):
        rows = slice(start, start + CARD.at_once)
        store.put(texts[rows], vectors[rows])
    store.close()


def _look_up(count: int) -> None:
    """Do what a new process does with texts that are all stored, and print its seconds."""
    corpus = Corpus.of(_texts(count))
    start = time.perf_counter()
    embed(corpus, Nobody(), Store(CARD))
    print(json.dumps({"seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    _look_up(int(sys.argv[1]))
