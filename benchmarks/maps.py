"""`python -m embedlab map` in a new process, in turn with Embedding Atlas on the same file and model."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import timed
from benchmarks.report import Table, met, ratio, ratios, seconds
from benchmarks.setting import ROOT, Missing, Setting, State, clean_environment

PEER = ROOT / ".venv-peers" / "bin" / "embedding-atlas"
STORED = 12.0
FEW = 60


@dataclass
class Runs:
    """Seconds of each run, and of its stages."""

    whole: list[float] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)

    def add(self, setting: Setting, file: Path, state: State) -> None:
        """Map `file` once more."""
        out = setting.scratch / "map.html"
        command = [sys.executable, "-m", "embedlab", "map", str(file), "--text", "text", "--out", str(out), "--json"]
        took, printed = timed(command, state.environment)
        self.whole.append(took)
        self.stages.append(json.loads(printed.strip().splitlines()[-1])["seconds"])

    def note(self) -> str:
        """Return the stages in one sentence."""
        names = self.stages[0]
        middle = {name: statistics.median(stage[name] for stage in self.stages) for name in names}
        shown = ", ".join(f"{name} {value:.2f}" for name, value in middle.items())
        return f"embedlab's stages in seconds, imports apart: {shown}."


def map_2k(setting: Setting) -> Table:
    """2,000 titles: at most an eighth of Embedding Atlas's time."""
    return _against_peer(setting, setting.file("arxiv_titles_2k.csv"), 1 / 8, "1/8")


def map_20k(setting: Setting) -> Table:
    """20,000 titles: at most a third of Embedding Atlas's time."""
    return _against_peer(setting, setting.file("arxiv_titles_20k.csv"), 1 / 3, "1/3")


def stored_20k(setting: Setting) -> Table:
    """20,000 titles whose vectors are stored: at most 12 s from a cold process."""
    file = setting.file("arxiv_titles_20k.csv")
    state = setting.prepared()
    first, again = Runs(), Runs()
    first.add(setting, file, state)
    for _ in range(setting.runs):
        again.add(setting, file, state)
    middle = statistics.median(again.whole)
    rows = (
        ("vectors stored", seconds(again.whole), f"{middle / first.whole[0]:.2f}", met(middle <= STORED)),
        ("vectors not stored, once", seconds(first.whole), "1", ""),
    )
    return Table(("20,000 titles", "Time", "of the first run's", f"within {STORED:.0f} s"), rows, (again.note(),))


def _against_peer(setting: Setting, file: Path, target: float, shown: str) -> Table:
    if not PEER.exists():
        raise Missing("It needs Embedding Atlas: run `make bench`, which makes .venv-peers.")
    _first_use(setting, file)
    ours, theirs, empty = Runs(), [], Runs()
    for _ in range(setting.runs):
        ours.add(setting, file, setting.prepared())
        theirs.append(_peer(setting, file))
    empty.add(setting, file, setting.empty())
    reached = met(statistics.median(ratios(ours.whole, theirs)) <= target)
    rows = (
        ("embedlab, prepared, no vectors stored", seconds(ours.whole), ratio(ours.whole, theirs), reached),
        ("embedlab, everything empty, once", seconds(empty.whole), ratio(empty.whole, [statistics.median(theirs)]), ""),
        ("Embedding Atlas", seconds(theirs), "1", ""),
    )
    return Table((file.name, "Time", "of Embedding Atlas's", f"at most {shown}"), rows, (ours.note(),))


def _first_use(setting: Setting, file: Path) -> None:
    """Let both run on a few rows, so that neither compiles its Python files in a timed run."""
    few = setting.folder("data") / "few.csv"
    with file.open(encoding="utf-8") as source:
        few.write_text("".join(line for _, line in zip(range(FEW), source, strict=False)), encoding="utf-8")
    Runs().add(setting, few, setting.prepared())
    _peer(setting, few)


def _peer(setting: Setting, file: Path) -> float:
    """Return Embedding Atlas's seconds, with its own cache empty and the weights that embedlab uses."""
    from embedlab.encoders.folder import minilm

    cache = setting.scratch / "peer-cache"
    shutil.rmtree(cache, ignore_errors=True)
    out = setting.scratch / "atlas.zip"
    out.unlink(missing_ok=True)
    options = ["--text", "text", "--model", str(minilm().path), "--export-application", str(out)]
    own = {"XDG_CACHE_HOME": str(cache), "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    took, _ = timed([str(PEER), str(file), *options], clean_environment() | own)
    if not out.exists():
        raise RuntimeError("Embedding Atlas wrote nothing.")
    return took
