"""`python -m embedlab map` on very many texts that come with their vectors: time, memory, recall, trust, growth.

The vectors are made up: groups of many sizes, each a curved sheet of ten dimensions in a space of 384, with noise, so
that who is near whom means something. The counts can be set by a variable, EMBEDLAB_BENCH_TEXTS=20000,100000.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.maps import PEER
from benchmarks.processes import timed
from benchmarks.report import Table, met
from benchmarks.setting import Setting, State, clean_environment

COUNTS = (100_000, 1_000_000)
TEXTS_VARIABLE = "EMBEDLAB_BENCH_TEXTS"
DIMENSIONS = 384
FEW = 2_000
LEAST_RECALL, TRUST_LOST, MOST_MEMORY, MOST_GROWTH = 0.95, 0.02, 2.5, 1.15
LANDMARKS = (50_000, 10_000)
"""Of 100,000 texts: what a map of more takes, and the part that it takes of 500,000."""
_GROUPS, _INNER, _NOISE = 400, 10, 0.45
_AT_ONCE = 50_000


@dataclass(frozen=True)
class Run:
    """One map: seconds, the peak of memory in bytes, and the facts that the command printed."""

    count: int
    took: float
    peak: int
    facts: dict[str, Any]


def large(setting: Setting) -> Table:
    """Map few and ten times as many texts in new processes; measure what landmarks cost on the fewer."""
    counts = (
        tuple(int(one) for one in os.environ[TEXTS_VARIABLE].split(",")) if TEXTS_VARIABLE in os.environ else COUNTS
    )
    state = setting.prepared()
    base = _map(setting, state, FEW)
    runs = [_map(setting, state, count) for count in counts]
    rows: list[tuple[str, ...]] = [_row(run, base) for run in runs]
    if len(runs) > 1:
        growth = math.log(runs[-1].took / runs[0].took) / math.log(runs[-1].count / runs[0].count)
        rows.append((f"growth, {runs[0].count:,} to {runs[-1].count:,}", f"n^{growth:.2f}", met(growth <= MOST_GROWTH)))
    rows += list(_peer(setting, state, counts)) + _landmarks(setting, state, counts[0])
    width = max(map(len, rows))
    notes = (
        f"{DIMENSIONS} dimensions; stages in seconds: {'; '.join(_stages(run) for run in runs)}.",
        f"Memory is the peak of the process above that for {FEW:,} texts ({_megabytes(base.peak)}, which is Python and "
        "its libraries). Landmarks are compared on the same vectors in this process.",
    )
    columns = ("Texts", "Time", "Peak", "of the vectors' size", f"at most {MOST_MEMORY}", "Recall of 15", "Trust")
    return Table(columns, tuple(row + ("",) * (max(width, len(columns)) - len(row)) for row in rows), notes)


def _row(run: Run, base: Run) -> tuple[str, ...]:
    times = (run.peak - base.peak) / (4 * run.count * DIMENSIONS)
    recall, laid_out = run.facts["neighbours_recall"], run.facts["landmarks"]
    return (
        f"{run.count:,}" + (f", {laid_out:,} laid out" if laid_out else ""),
        f"{run.took:.0f} s",
        _megabytes(run.peak),
        f"{times:.2f}",
        met(times <= MOST_MEMORY),
        "exact" if recall is None else f"{recall:.3f}, {LEAST_RECALL} or more: {met(recall >= LEAST_RECALL)}",
        f"{run.facts['trustworthiness']:.3f}, continuity {run.facts['continuity']:.3f}",
    )


def _stages(run: Run) -> str:
    return f"{run.count:,}: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.facts["seconds"].items())


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def _map(setting: Setting, state: State, count: int) -> Run:
    """Map so many texts, a table as the result, in a process of its own."""
    texts, vectors = _files(setting, count)
    out = setting.scratch / "large.parquet"
    arguments = [
        "map", str(texts), "--text", "text", "--vectors", str(vectors), "--table", str(out), "--json",
    ]  # fmt: skip
    took, printed = timed([sys.executable, "-m", "benchmarks.large", *arguments], state.environment)
    facts, peak = printed.strip().splitlines()[-2:]
    return Run(count, took, int(peak), json.loads(facts))


def _files(setting: Setting, count: int) -> tuple[Path, Path]:
    """Return a file of made-up texts and one of their vectors."""
    texts, vectors = setting.folder("large") / f"{count}.csv", setting.folder("large") / f"{count}.npy"
    if not vectors.exists():
        held = np.lib.format.open_memmap(vectors, "w+", np.float32, (count, DIMENSIONS))
        with texts.open("w", encoding="utf-8") as file:
            file.write("text,group\n")
            start = 0
            for some, groups in generated(count):
                held[start : start + len(some)] = some
                file.writelines(_lines(groups, start))
                start += len(some)
        held.flush()
    return texts, vectors


def _lines(groups: Any, start: int) -> Iterator[str]:
    for at, group in enumerate(groups.tolist(), start):
        yield f"note {at} on subject{group} and theme{group % 20} by writer{at % 97},theme{group % 20}\n"


def generated(count: int, seed: int = 0) -> Iterator[tuple[Any, Any]]:
    """Yield vectors float32 (m, 384) of length 1 and their groups int (m,), `count` in all."""
    world, rng = np.random.default_rng(99), np.random.default_rng(seed)
    centres = world.standard_normal((_GROUPS, DIMENSIONS), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    straight, bent = world.standard_normal((2, _GROUPS, _INNER, DIMENSIONS), dtype=np.float32) / math.sqrt(DIMENSIONS)
    wide = (0.35 * 0.93 ** np.arange(_INNER)).astype(np.float32)
    often = 1 / (np.arange(_GROUPS) + 5.0)
    for start in range(0, count, _AT_ONCE):
        groups = rng.choice(_GROUPS, min(_AT_ONCE, count - start), p=often / often.sum())
        inner = rng.standard_normal((len(groups), _INNER), dtype=np.float32)
        made = rng.standard_normal((len(groups), DIMENSIONS), dtype=np.float32) * np.float32(_NOISE / DIMENSIONS**0.5)
        for group in np.unique(groups).tolist():
            rows = np.flatnonzero(groups == group)
            made[rows] += centres[group] + (inner[rows] * wide) @ straight[group]
            made[rows] += (0.15 * np.sin(2 * inner[rows])) @ bent[group]
        yield made / np.linalg.norm(made, axis=1, keepdims=True), groups


def _landmarks(setting: Setting, state: State, count: int) -> list[tuple[str, ...]]:
    """Return the trust in maps of which only a part was laid out, beside that in one of all."""
    _, vectors = _files(setting, count)
    command = [sys.executable, "-m", "benchmarks.large", "landmarks", str(vectors)]
    found = json.loads(timed(command, state.environment)[1].strip().splitlines()[-1])
    best = found[0]["trustworthiness"]
    rows: list[tuple[str, ...]] = []
    for one in found:
        shown = f"trustworthiness {one['trustworthiness']:.3f}", f"continuity {one['continuity']:.3f}"
        close = met(one["trustworthiness"] >= best - TRUST_LOST)
        rows.append((f"{count:,}, {one['laid_out']:,} laid out", *shown, f"neighbours kept {one['kept']:.3f}", close))
    return rows


def _tell_landmarks(file: str) -> None:
    from embedlab.corpus import Corpus
    from embedlab.encoders import EncoderInfo
    from embedlab.space import Space
    from embedlab.space.neighbours import neighbours
    from embedlab.space.projection import LayoutSettings, umap
    from embedlab.space.quality import trust

    vectors = np.load(file, mmap_mode="r")
    count = len(vectors)
    texts = Corpus.of([f"text {at}" for at in range(count)])
    space = Space(texts, EncoderInfo("made up", "", DIMENSIONS, 8, "numpy"), vectors, np.zeros(count, dtype=bool))
    near = neighbours(space)
    found = []
    for most in (count, *(one * count // COUNTS[0] for one in LANDMARKS)):
        told = trust(space, near, umap(space, near, LayoutSettings(landmarks=most)))
        figures = {"trustworthiness": told.trustworthiness, "continuity": told.continuity, "kept": told.kept}
        found.append({"laid_out": most, **figures})
    print(json.dumps(found))


def _peer(setting: Setting, state: State, counts: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the seconds that Embedding Atlas takes for the fewest, where it is here."""
    if not PEER.exists():
        return
    import pandas as pd

    texts, vectors = _files(setting, counts[0])
    frame = pd.read_csv(texts)
    frame["vector"] = list(np.load(vectors))
    file, out = setting.scratch / "peer.parquet", setting.scratch / "peer.zip"
    frame.to_parquet(file)
    command = [str(PEER), str(file), "--text", "text", "--vector", "vector", "--export-application", str(out)]
    try:
        took, _ = timed(command, clean_environment() | {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""})
    except RuntimeError as error:
        yield (f"Embedding Atlas, {counts[0]:,}", f"can't: {error}")
        return
    yield (f"Embedding Atlas, {counts[0]:,}", f"{took:.0f} s")


if __name__ == "__main__":
    if sys.argv[1] == "landmarks":
        _tell_landmarks(sys.argv[2])
    else:
        from benchmarks.memory import _peak
        from embedlab.cli.main import main

        status = main(sys.argv[1:])
        print(_peak())
        sys.exit(status)
