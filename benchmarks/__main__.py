"""`python -m benchmarks --data FOLDER`: run the benchmarks, print their tables, and with --write keep them."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from benchmarks import report
from benchmarks.alone import alone, ending_tidily
from benchmarks.catalogue import BENCHMARKS
from benchmarks.machine import BUSY, circumstances, load, machine
from benchmarks.report import Table
from benchmarks.setting import DATA_VARIABLE, Missing, Setting

RUNS = 3


def main() -> None:
    """Run what was asked for, each benchmark in a process of its own."""
    options = _options()
    busy = load()
    print(machine())
    if busy > BUSY:
        print(f"Warning: other work keeps {busy:.2f} cores busy; figures mean little on a busy machine.")
    with ending_tidily(), tempfile.TemporaryDirectory(prefix="embedlab-bench-") as scratch:
        setting = Setting(options.data, options.runs, Path(scratch))
        for name in options.only or BENCHMARKS:
            print(f"\n{name}", flush=True)
            table = _run(name, setting)
            if table and options.write:
                told = f"{machine()} {circumstances(options.runs, busy)}"
                report.write(name, f"{table.markdown()}\n\n{told}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = os.environ.get(DATA_VARIABLE)
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(known) if known else None,
        metavar="FOLDER",
        help=f"holds the CSV files that docs/benchmarks.md describes (default: the variable {DATA_VARIABLE})",
    )
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--runs", type=int, default=RUNS, help=f"how often each is run (default {RUNS})")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs must be 1 or more")
    return options


def _run(name: str, setting: Setting) -> Table | None:
    start = time.perf_counter()
    try:
        table = alone(name, setting)
    except Missing as missing:
        print(f"Left out. {missing}")
        return None
    except Exception as error:  # the other benchmarks still run
        print(f"Failed. {type(error).__name__}: {error}")
        return None
    print(table.markdown())
    print(f"\n(It took {time.perf_counter() - start:.0f} s.)", flush=True)
    return table


if __name__ == "__main__":
    main()
