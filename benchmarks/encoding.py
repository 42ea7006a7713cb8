"""Texts a second: beside sentence-transformers, from a cold process, and of each family of models."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import embedlab as el
from benchmarks.processes import timed
from benchmarks.report import Table, met, ratio, ratios, seconds
from benchmarks.setting import Setting
from benchmarks.turns import by_turns
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder, ModelEntry, Vectors, load, models
from embedlab.encoders.base import REMOTE
from embedlab.encoders.capabilities import over_window
from embedlab.encoders.folder import MINILM, minilm
from embedlab.encoders.transformer.converted import Converted, openvino
from embedlab.space.embedding import embed

PEER = "sentence-transformers"
ABSTRACTS = 600
SHORTEST, LONGEST = 150, 250
WARMED = 100

LOADED, EXACT = "as loaded", "exact"
TITLES_TIMES = {LOADED: 3.0, EXACT: 1.8}
ABSTRACTS_TIMES = {LOADED: 2.5}
COSINES = {LOADED: 0.999, EXACT: 0.99999}

COLD = 5.0
_CHECKED = """
import sys
from embedlab.cli.main import main
status = main(sys.argv[1:])
print("torch" in sys.modules)
sys.exit(status)
"""
_COLD_PEER = """
import csv, sys
import numpy as np
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True)
with open(sys.argv[2], encoding="utf-8", newline="") as file:
    texts = [row["text"] for row in csv.DictReader(file)]
np.save(sys.argv[3], model.encode(texts))
"""


# --- Beside sentence-transformers ----------------------------------------------------------------


def encode(setting: Setting) -> Table:
    """Titles and abstracts, beside sentence-transformers' own `encode` with default settings."""
    titles = el.read(setting.file("arxiv_titles_20k.csv"), text="text")
    abstracts = el.read(setting.file("arxiv_abstracts_from2018.csv.gz"), text="text")
    setting.enter()
    long = _drawn([text for text in abstracts.texts if SHORTEST <= len(text.split()) <= LONGEST], ABSTRACTS)
    rows = [
        *_beside_peer(f"{len(titles):,} titles, once", titles, 1, TITLES_TIMES),
        *_beside_peer(f"{len(long):,} abstracts", long, setting.runs, ABSTRACTS_TIMES),
    ]
    columns = ("Texts, encoder", "Texts a second", "as fast", "at least", "Lowest cosine", "not below")
    cut = int(over_window(load(), long.texts).sum())
    note = (
        "embedlab's is the whole of `space.embedding.embed`, without a store. The abstracts are drawn at random from "
        f"those of {SHORTEST} to {LONGEST} words; {cut:,} are longer than the window and cut there by both. The lowest "
        "cosine is that to sentence-transformers over all of these texts."
    )
    return Table(columns, tuple(rows), (note, _instructions()))


def _drawn(texts: Sequence[str], most: int) -> Corpus:
    rows = np.random.default_rng(0).choice(len(texts), min(most, len(texts)), replace=False)
    return Corpus.of([texts[row] for row in np.sort(rows)])


def _beside_peer(name: str, corpus: Corpus, runs: int, targets: dict[str, float]) -> list[tuple[str, ...]]:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(minilm().path), device="cpu", local_files_only=True)
    ours = {LOADED: load(), EXACT: load(exact=True)}
    few = Corpus.of(corpus.texts[:WARMED])
    reference.encode(list(few.texts))
    for encoder in ours.values():
        embed(few, encoder)
    contenders: dict[str, Callable[[], Any]] = {PEER: lambda: reference.encode(list(corpus.texts))}
    for kind, encoder in ours.items():
        contenders[kind] = partial(_vectors, corpus, encoder)
    turns = by_turns(contenders, runs)
    rows: list[tuple[str, ...]] = [(f"{name}: {PEER}", _rate(len(corpus), turns.times[PEER]), "1.00 times", "", "", "")]
    for kind, encoder in ours.items():
        times = 1 / statistics.median(ratios(turns.times[kind], turns.times[PEER]))
        cosine = _lowest_cosine(turns.made[kind], turns.made[PEER])
        rows.append(
            (
                f"{name}: embedlab {kind}, {encoder.card.runtime}",
                _rate(len(corpus), turns.times[kind]),
                f"{times:.2f} times",
                _target(targets.get(kind), times),
                f"{int(min(cosine, 1.0) * 1e7) / 1e7:.7f}",
                _target(COSINES[kind], cosine),
            )
        )
    return rows


def _vectors(corpus: Corpus, encoder: Encoder) -> Vectors:
    return embed(corpus, encoder).vectors


def _rate(texts: int, times: Sequence[float]) -> str:
    return f"{texts / statistics.median(times):,.0f}"


def _target(least: float | None, reached: float) -> str:
    return f"{least}: {met(reached >= least)}" if least is not None else ""


def _lowest_cosine(ours: Any, theirs: Any) -> float:
    lengths = np.linalg.norm(theirs, axis=1)
    return float((np.einsum("nd,nd->n", ours, theirs, dtype=np.float64) / lengths).min())


def _instructions() -> str:
    """Return one sentence on what multiplied the matrices, as OpenVINO itself reports it."""
    core = openvino().Core()
    converted = Converted.of(minilm())
    offered = ", ".join(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    ran = {precision: " and ".join(_products(core, converted.graph, precision)) for precision in ("bf16", "f32")}
    if converted.best() != "BF16":
        ran.pop("bf16")
    told = "; ".join(f"{kernels} in {precision}" for precision, kernels in ran.items())
    return f"Matrix products ran as {told}. OpenVINO says that this CPU can do {offered}."


def _products(core: Any, graph: Path, precision: str) -> list[str]:
    hints = {"INFERENCE_PRECISION_HINT": precision, "PERF_COUNT": True}
    request = core.compile_model(core.read_model(graph), "CPU", hints).create_infer_request()
    tokens = np.ones((16, 16), dtype=np.int64)
    request.infer([tokens, tokens])
    return sorted({part.exec_type for part in request.profiling_info if part.node_type == "FullyConnected"})


# --- From a cold process -------------------------------------------------------------------------


def cold_2k(setting: Setting) -> Table:
    """2,000 titles in a new process with the model converted and nothing stored: at most 5 s, without torch."""
    file = setting.file("arxiv_titles_2k.csv")
    out = str(setting.scratch / "vectors.npy")
    arguments = ["embed", str(file), "--text", "text", "--out", out, "--json"]
    peer = [sys.executable, "-c", _COLD_PEER, str(minilm().path), str(file), out]
    state = setting.prepared()
    _, printed = timed([sys.executable, "-c", _CHECKED, *arguments], state.environment)
    without_torch = printed.strip().splitlines()[-1] == "False"
    ours, theirs = [], []
    for _ in range(setting.runs):
        ours.append(timed([sys.executable, "-m", "embedlab", *arguments], setting.prepared().environment)[0])
        theirs.append(timed(peer, state.environment)[0])
    reached = met(statistics.median(ours) <= COLD)
    rows = (
        ("`python -m embedlab embed`", seconds(ours), reached, ratio(ours, theirs), met(without_torch)),
        (PEER, seconds(theirs), "", "1", ""),
    )
    columns = (file.name, "Time", f"within {COLD:.0f} s", f"of {PEER}'s", "torch not imported")
    return Table(columns, rows)


# --- Families ------------------------------------------------------------------------------------


def families(setting: Setting) -> Table:
    """2,000 titles by every model that is ready here, in turn."""
    corpus = el.read(setting.file("arxiv_titles_2k.csv"), text="text")
    setting.enter()
    few = Corpus.of(corpus.texts[:WARMED])
    ready = {one.name: one for one in models() if one.ready and one.family is not REMOTE}
    contenders: dict[str, Callable[[], Any]] = {}
    left_out = []
    for name, one in ready.items():
        work = _embedding(one, few, corpus)
        try:
            work()
            contenders[name] = work
        except EmbedlabError as error:
            left_out.append(f"{name} is left out: {error}")
    turns = by_turns(contenders, setting.runs)
    rows = [
        (
            f"{name}, {ready[name].family.name.lower()}",
            turns.made[name].card.runtime,
            str(turns.made[name].card.dimensions),
            _rate(len(corpus), times),
            f"{1 / statistics.median(ratios(times, turns.times[MINILM])):.1f} times",
        )
        for name, times in turns.times.items()
    ]
    columns = (f"{len(corpus):,} titles", "Runs on", "Dimensions", "Texts a second", f"as fast as {MINILM}")
    note = "A model that is fitted to the texts is fitted each time; the others are loaded beforehand."
    return Table(columns, tuple(rows), (note, *left_out))


def _embedding(one: ModelEntry, few: Corpus, corpus: Corpus) -> Callable[[], Any]:
    """Return what is timed: fitted anew each time where the model is fitted to the texts."""
    if one.on_corpus:
        return lambda: embed(corpus, one.open(False, corpus.texts))
    encoder = load(one.name)
    embed(few, encoder)
    return lambda: embed(corpus, encoder)
