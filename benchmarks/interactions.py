"""What the server computes for each touch, at 20,000 points: the functions alone, in this process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa

import embedlab as el
from benchmarks.report import Table, met, milliseconds
from benchmarks.setting import Setting
from embedlab.corpus import Corpus
from embedlab.encoders import load
from embedlab.explore.exploration import Exploration
from embedlab.explore.nearest import containing, neighbours_of, place
from embedlab.explore.selection import describe
from embedlab.figures.colouring import Colouring
from embedlab.figures.map_view import CLUSTERS, NEIGHBOURS_KEPT, colouring_of
from embedlab.pipeline import Prepared, phrases
from embedlab.space.clusters import cluster
from embedlab.space.keywords import vocabulary
from embedlab.space.names import name_clusters

FEWEST_RUNS = 15
LIMIT = 0.3
SELECTED = 4_000
WORDS = ("quantum", "graph", "neural", "galaxy", "spin", "random", "optical", "group", "learning", "of")


def interactions(setting: Setting) -> Table:
    """Each touch with other rows, words or granularities every time, so that nothing is found ready."""
    file = setting.file("arxiv_titles_20k.csv")
    setting.enter()
    space = el.embed(el.read(file, text="text", label="label"))
    explored = el.explore(space)
    touches = _touches(explored)
    runs = max(FEWEST_RUNS, setting.runs)
    rows = []
    for name, touch in touches.items():
        touch(0)
        times = [_seconds(touch, 1 + run) for run in range(runs)]
        rows.append((name, milliseconds(times), met(statistics.median(times) <= LIMIT)))
    columns = (f"{len(space):,} points, {runs} runs", "Time", f"within {1000 * LIMIT:.0f} ms")
    return Table(columns, tuple(rows))


def _touches(explored: Exploration) -> dict[str, Callable[[int], object]]:
    space, near, corpus = explored.space, explored.neighbours, explored.space.corpus
    words, encoder = vocabulary(corpus.texts), load()
    told = phrases(Prepared(space, near, encoder), words)  # once for all granularities
    rng = np.random.default_rng(0)
    categories = [CLUSTERS, *(column.name for column in corpus.columns if column.kind == "category")]

    def granularity(run: int) -> object:
        return name_clusters(cluster(near, 3.0 + 0.1 * run), words, space.vectors, None, told)

    def lasso(run: int) -> object:
        return describe(space, _around(explored, int(rng.integers(len(space)))), words)

    def sentence(run: int) -> object:
        vector = encoder.encode([f"{run} ways to measure the mass of a distant galaxy"])[0]
        return place(space, explored.layout, near, vector)

    return {
        "recolour by categories": lambda run: _payload(colouring_of(explored, categories[run % len(categories)])),
        "recolour by trust": lambda run: _payload(colouring_of(explored, NEIGHBOURS_KEPT)),
        "granularity: clusters and their names": granularity,
        "click: nearest texts and facts": lambda run: _click(explored, int(rng.integers(len(space)))),
        f"lasso: {SELECTED:,} texts described": lasso,
        "find: texts that contain a word": lambda run: containing(corpus.texts, WORDS[run % len(WORDS)]),
        "typed sentence: encoded and placed": sentence,
    }


def _seconds(touch: Callable[[int], object], run: int) -> float:
    start = time.perf_counter()
    touch(run)
    return time.perf_counter() - start


def _payload(colouring: Colouring) -> bytes:
    """Return what travels to the browser."""
    table = pa.table({"value": colouring.values})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content + str(colouring.legend()).encode() + colouring.fingerprint.encode()


def _click(explored: Exploration, row: int) -> tuple[object, list[str]]:
    hits = neighbours_of(explored.space, explored.neighbours, row)
    return hits, _facts(explored.space.corpus, row) + _facts(explored.space.corpus, int(hits.rows[0]))


def _facts(corpus: Corpus, row: int) -> list[str]:
    return [corpus.texts[row], *(column.shown(row) for column in corpus.columns)]


def _around(explored: Exploration, row: int) -> np.ndarray:
    """Return the rows that a lasso around one point encloses."""
    positions = explored.layout.positions
    away = ((positions - positions[row]) ** 2).sum(axis=1)
    return np.sort(np.argpartition(away, SELECTED)[:SELECTED])
