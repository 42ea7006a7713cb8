"""Search: how well each method ranks on SciFact, and how long a search takes, exact and through the lean index."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.report import Table, met, milliseconds, seconds
from benchmarks.setting import Setting
from benchmarks.turns import clocked
from embedlab.corpus.judgements import read_beir
from embedlab.corpus.reading.table import read
from embedlab.encoders import Encoder, load
from embedlab.encoders.store import store_for
from embedlab.evaluate.ranking import METRICS, NDCG
from embedlab.evaluate.retrieval import evaluate
from embedlab.search.bm25 import WordIndex, word_index
from embedlab.search.methods import METHODS, POOL, Method
from embedlab.search.quantised import CompactIndex, compact, worth
from embedlab.search.search import SearchResult, search
from embedlab.space import Space
from embedlab.space.embedding import embed

LEAST: dict[Method, float] = {"meaning": 0.64, "words": 0.67, "both": 0.70}
QUERIES = 100
WITHIN_20K, WITHIN_200K = 0.05, 0.3


def search_scifact(setting: Setting) -> Table:
    """Put the 300 dev claims to 5,183 abstracts in each of the three ways."""
    folder = setting.file("scifact/corpus.jsonl.gz").parent
    setting.enter()
    corpus, judged = read_beir(folder, "dev")
    encoder = load()
    space = embed(corpus, encoder, store_for(encoder.card))
    found, took = clocked(partial(evaluate, space, word_index(corpus), encoder, judged))
    rows = []
    for method in METHODS:
        values = [found.comparison.interval(method, metric) for metric in METRICS]
        reached = met(found.comparison.interval(method).mean >= LEAST[method])
        rows.append((f"by {method}", *map(str, values), f"{LEAST[method]:.2f}", reached))
    columns = ("SciFact, dev", *METRICS, f"{NDCG} wanted", "reached")
    notes = (
        f"{len(found):,} queries, {len(space):,} abstracts, {encoder.card.model} on {encoder.card.runtime}; 95 % "
        f"intervals over queries. All of them answered in {took:.1f} s.",
        f"{found.sentence} {found.comparison.detail}",
    )
    return Table(columns, tuple(rows), notes)


def search_20k(setting: Setting) -> Table:
    """Search 20,000 titles."""
    return _latency(setting, setting.file("arxiv_titles_20k.csv"), WITHIN_20K)


def search_200k(setting: Setting) -> Table:
    """Search 200,000 titles."""
    return _latency(setting, setting.file("arxiv_titles_200k.csv.gz"), WITHIN_200K)


def _latency(setting: Setting, path: Path, within: float) -> Table:
    setting.enter()
    corpus = read(path, "text")
    encoder = load()
    space = embed(corpus, encoder, store_for(encoder.card))
    index, indexed = clocked(partial(word_index, corpus))
    distinct = np.ascontiguousarray(space.vectors[corpus.distinct[0]])
    lean, made = clocked(partial(compact, distinct))
    queries = [corpus.texts[row] for row in np.random.default_rng(0).choice(len(corpus), QUERIES, replace=False)]
    _times(queries[:5], space, index, encoder, None)
    exact = _times(queries, space, index, encoder, None)
    through = _times(queries, space, index, encoder, lean)
    value = worth(distinct, lean)
    rows = (
        _row("exact", exact, value.exact_seconds, value.exact_bytes, "1", within),
        _row("approximate", through, value.lean_seconds, value.lean_bytes, str(value.recall), within),
    )
    columns = (
        f"{len(corpus):,} titles", "Whole search, median", "95 of 100", f"within {1000 * within:.0f} ms",
        "of it, reading the query and by meaning", "of it, by words", "The nearest vectors alone", "Memory",
        f"recall@{value.k}",
    )  # fmt: skip
    notes = (
        f"{QUERIES} titles as queries, one after the other: encoding the query, {POOL} texts by meaning and by words, "
        f"and both together. The index by words took {seconds([indexed])} and {index.bytes / 1e6:.0f} MB, the "
        f"approximate one {seconds([made])}.",
        f"Approximate in {value.lean_seconds / value.exact_seconds:.2f} of the time and "
        f"{value.lean_bytes / value.exact_bytes:.2f} of the memory of exact search. {value.sentence}",
    )
    return Table(columns, rows, notes)


def _times(
    queries: Sequence[str], space: Space, index: WordIndex, encoder: Encoder, lean: CompactIndex | None
) -> list[tuple[float, SearchResult]]:
    times = []
    for query in queries:
        start = time.perf_counter()
        found = search(space, query, index=index, lean=lean, encoder=lambda: encoder)
        times.append((time.perf_counter() - start, found))
    return times


def _row(
    name: str, times: list[tuple[float, SearchResult]], nearest: float, size: int, recall: str, within: float
) -> tuple[str, ...]:
    whole = [took for took, _ in times]
    parts = [[found.pools[method].seconds for _, found in times] for method in ("meaning", "words")]
    slow = float(np.quantile(whole, 0.95))
    return (
        name,
        milliseconds([float(np.median(whole))]),
        milliseconds([slow]),
        met(slow <= within),
        *(milliseconds([float(np.median(part))]) for part in parts),
        milliseconds([nearest]),
        f"{size / 1e6:.0f} MB",
        recall,
    )
