"""All benchmarks by name, and the module that each lives in."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from benchmarks.report import Table
from benchmarks.setting import Setting

BENCHMARKS = {
    "start": "start",
    "map_2k": "maps",
    "map_20k": "maps",
    "stored_20k": "maps",
    "interactions": "interactions",
    "reruns_20k": "reruns",
    "clusters": "spaces",
    "trust": "spaces",
    "browser_100k": "browser",
    "encode": "encoding",
    "cold_2k": "encoding",
    "families": "encoding",
    "search_scifact": "search",
    "search_20k": "search",
    "search_200k": "search",
    "analogies": "analogies",
    "senses": "senses",
    "compare_numpy": "compare",
    "compare_coverage": "compare",
    "compare_10k": "compare",
    "compare_page_10k": "comparing",
    "quality_banking77": "quality",
    "quality_10k": "quality",
    "check_banking77": "checking",
    "check_large": "checking",
    "finetune_banking77": "finetuning",
    "truth": "truth",
    "drift_false_alarms": "drift",
    "drift_arxiv": "drift",
    "drift_speeches": "drift",
    "drift_20k": "drift",
    "store_100k": "stores",
    "memory": "memory",
    "large": "large",
}


def measure(name: str, setting: Setting) -> Table:
    """Run one benchmark. Raises `Missing` when something that it needs is not here."""
    benchmark: Callable[[Setting], Table] = getattr(import_module(f"benchmarks.{BENCHMARKS[name]}"), name)
    return benchmark(setting)
