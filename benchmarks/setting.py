"""What every benchmark gets: where the data is, how often to run, and a place to work in."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA_VARIABLE = "EMBEDLAB_BENCH_DATA"


def clean_environment() -> dict[str, str]:
    """Return this process's environment, but let Python keep its bytecode as it does for everyone."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Missing(Exception):  # noqa: N818 - not an error: the benchmark is left out
    """Something that a benchmark needs is not here; the message is a sentence that says what."""


@dataclass(frozen=True)
class State:
    """What embedlab finds on disk: its data folder, and the machine code that numba has kept."""

    home: Path
    numba: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that starts in this state."""
        own = {"EMBEDLAB_HOME": str(self.home), "NUMBA_CACHE_DIR": str(self.numba), "HF_HUB_OFFLINE": "1"}
        return clean_environment() | own


@dataclass(frozen=True)
class Setting:
    """`data` holds the files, `scratch` is empty at the start and deleted at the end."""

    data: Path | None
    runs: int
    scratch: Path

    def file(self, name: str) -> Path:
        """Return the data file `name`. Raises `Missing`."""
        if self.data is None:
            raise Missing(f"It needs {name}: name the folder that holds it with --data or {DATA_VARIABLE}.")
        path = self.data / name
        if not path.is_file():
            raise Missing(f"It needs {name}, which is not in the data folder {self.data}.")
        return path

    def without(self, name: str, column: str, value: str) -> Path:
        """Return a copy of the CSV file `name` without the rows that have `value` in `column`."""
        with self.file(name).open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        path = self.folder("data") / f"{column} without {value}, {name}"
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, rows[0])
            writer.writeheader()
            writer.writerows(row for row in rows if row[column] != value)
        return path

    def folder(self, name: str) -> Path:
        """Return a folder of this name to work in, made if missing."""
        path = self.scratch / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def empty(self) -> State:
        """Return a state in which embedlab has never run."""
        return self._fresh("empty", lambda state: state.home.mkdir())

    def prepared(self) -> State:
        """Return the state after `python -m embedlab prepare`: the model converted, no vector stored."""
        made = self.scratch / "prepared"
        if not made.exists():
            part = State(self.folder("preparing") / "home", self.scratch / "preparing" / "numba")
            command = [sys.executable, "-m", "embedlab", "prepare"]
            subprocess.run(command, cwd=ROOT, env=part.environment, check=True, stdout=subprocess.DEVNULL)
            (self.scratch / "preparing").rename(made)
        return self._fresh("state", lambda state: shutil.copytree(made, state.home.parent, dirs_exist_ok=True))

    def shared(self) -> State:
        """Return a prepared state that all benchmarks of this run share, with the vectors that they stored."""
        place = self.scratch / "shared"
        if not place.exists():
            self.prepared().home.parent.rename(place)
        return State(place / "home", place / "numba")

    def enter(self) -> None:
        """Let this process itself work in the shared state."""
        os.environ |= {"EMBEDLAB_HOME": str(self.shared().home), "HF_HUB_OFFLINE": "1"}

    def _fresh(self, name: str, fill: Callable[[State], object]) -> State:
        number = sum(1 for _ in self.scratch.glob(f"{name}-*"))
        place = self.folder(f"{name}-{number}")
        state = State(place / "home", place / "numba")
        fill(state)
        return state
