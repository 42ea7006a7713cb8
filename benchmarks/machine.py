"""What ran: the processor, what it can do, how busy it was, and which versions."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import time
from pathlib import Path

BUSY = 0.2
WATCHED = 2.0
VERSIONS = ("streamlit", "openvino", "umap-learn", "numba", "plotly", "torch", "sentence-transformers")


def load() -> float:
    """Return how many cores others keep busy, over two seconds of watching.

    The load average would still hold the benchmark before this one.
    """
    if not Path("/proc/stat").exists():
        return os.getloadavg()[0]
    before = _ticks()
    time.sleep(WATCHED)
    busy, whole = (after - start for start, after in zip(before, _ticks(), strict=True))
    return (os.cpu_count() or 1) * busy / max(1, whole)


def _ticks() -> tuple[int, int]:
    """Return the ticks in which the cores were busy, and all of them."""
    counts = [int(field) for field in Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]]
    return sum(counts) - counts[3] - counts[4], sum(counts)


def machine() -> str:
    """Return one sentence on the processor and the programs."""
    model, flags = _processor()
    able = [flag for flag in ("avx512_bf16", "amx_bf16") if flag in flags]
    bf16 = f"with {' and '.join(able)}" if able else "without bfloat16 instructions"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in VERSIONS)
    return f"{cores} cores of {model}, {bf16}; {platform.system()}, Python {platform.python_version()}, {versions}."


def circumstances(runs: int, busy: float) -> str:
    """Return one sentence on when and how often it ran, with a warning if the machine was busy."""
    warning = ": the machine was busy, these figures are not to be trusted" if busy > BUSY else ""
    times = "once" if runs == 1 else f"{runs} runs, medians"
    return f"{datetime.date.today():%d %B %Y}, {times}; {busy:.2f} cores busy with other work at the start{warning}."


def _processor() -> tuple[str, str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine(), ""
    known = dict(reversed([[part.strip() for part in line.split(":", 1)] for line in lines if ":" in line]))
    return known.get("model name", platform.machine()), known.get("flags", known.get("Features", ""))
