"""The process that trains: `python -m embedlab.finetune.worker FOLDER`. One trains at a time; the others wait in line.

It says how it is getting on in `state.json`, and ends when the folder has a file `stop`. A kill at any moment leaves
whole files, and the last model that was kept.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.lock import Lock
from embedlab.encoders.transformer import tuned
from embedlab.encoders.transformer.entries import model_folder
from embedlab.finetune.batches import keep_rate
from embedlab.finetune.card import card
from embedlab.finetune.data import TrainingData
from embedlab.finetune.recipe import Recipe

NICER = 5
POLL = 0.3
OFTEN = 0.25
MOST_POINTS = 400


class Turned(Exception):  # noqa: N818 - not an error
    """It was asked to stop before its turn came."""


COUNTERS = Path("/sys/class/powercap")


class Meter:
    """Counts the joules of all processor packages from when it is made: those of other programs and of idling too.

    Linux shows the counters of the packages ("RAPL", of Intel and of AMD) in files. Mostly only the administrator may
    read them, and a virtual machine has none: then nothing is guessed.
    """

    def __init__(self, counters: Path = COUNTERS) -> None:
        self._counters = counters
        self._last = self._read()
        self._joules = 0.0

    def joules(self) -> float | None:
        """Return what was taken so far; None where it can't be read. The counters begin anew every hour or so: ask."""
        now = self._read()
        for package, (count, size) in now.items():
            self._joules += ((count - self._last.get(package, (count, size))[0]) % size) / 1e6
        self._last = now
        return self._joules if now else None

    def _read(self) -> dict[str, tuple[int, int]]:
        """Return for each package its microjoules and with how many the counter begins anew."""
        found = {}
        for place in sorted(self._counters.glob("intel-rapl:*")):
            with suppress(OSError, ValueError):
                if (place / "name").read_text().startswith("package"):  # its parts are counted in it
                    size = int((place / "max_energy_range_uj").read_text()) + 1
                    found[place.name] = (int((place / "energy_uj").read_text()), size)
        return found


class State:
    """What the world knows of a training: `state.json`, written whole or not at all. Follows it as its watcher."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._facts = tuned.read_json(folder / tuned.STATE) | {"pid": os.getpid(), "losses": [], "scores": []}
        self._written = 0.0
        self._stage_began = self._began = time.time()
        self._asked_to_stop = False
        self._meter: Meter | None = None
        self.write()

    def write(self, **facts: Any) -> None:
        """Add `facts` and write everything. A disk that is full is no reason to end here."""
        now = time.time()
        self._facts |= facts | {
            "written": now,
            "seconds": round(now - self._began, 1),
            "stage seconds": round(now - self._stage_began, 2),
        }
        joules = self._meter.joules() if self._meter else None
        if joules is not None:
            self._facts["joules"] = round(joules, 1)
        self._written = now
        beside = self._folder / f"{tuned.STATE}.new"
        with suppress(OSError):
            beside.write_text(json.dumps(self._facts), encoding="utf-8")
            os.replace(beside, self._folder / tuned.STATE)

    def end(self, status: tuned.Status, error: str = "") -> None:
        """Say how it ended, also on a full disk: the spare file makes room."""
        (self._folder / tuned.SPARE).unlink(missing_ok=True)
        self.write(status=status, error=error)

    def begin(self, device: str) -> None:
        """It is its turn."""
        self._began = self._stage_began = time.time()
        self._meter = Meter() if device == "cpu" else None  # a graphics card takes most of it, and isn't counted
        self.write(status="running", began=self._began, device=device, stage="Loading the model", done=0, total=0)

    def stop(self, *_: Any) -> None:
        """Stop at the next chance."""
        self._asked_to_stop = True

    def fact(self, name: str) -> Any:
        """Return one fact."""
        return self._facts.get(name)

    # --- As the watcher of a training ---

    def stage(self, name: str, total: int = 0) -> None:
        """A new stage begins."""
        self._stage_began = time.time()
        self.write(stage=name, done=0, total=total)

    def step(self, done: int) -> None:
        """So many steps are done."""
        self._facts["done"] = done
        if time.time() - self._written > OFTEN or done == self._facts["total"]:
            self.write()

    def loss(self, step: int, value: float) -> None:
        """Remember the mean loss since the last time."""
        self._facts["losses"] = [*self._facts["losses"], (step, round(value, 6))][-MOST_POINTS:]

    def score(self, step: int, value: float) -> None:
        """Remember the score on the validation part."""
        self._facts["scores"] = [*self._facts["scores"], (step, round(value, 6))]
        self.write()

    def stopping(self) -> bool:
        """Say whether it was asked to stop."""
        return self._asked_to_stop or (self._folder / tuned.STOP).exists()

    def keep(self, model: Any, step: int) -> None:
        """Write the model beside the one that is kept, then put it in its place."""
        new, kept, before = (self._folder / name for name in (tuned.NEW, tuned.MODEL, tuned.BEFORE))
        shutil.rmtree(new, ignore_errors=True)
        saved = tuned.read_json(self._folder / tuned.RECIPE)
        revision = fingerprint(json.dumps(saved, sort_keys=True), step)[:12]
        try:
            model.save_pretrained(str(new), create_model_card=False, safe_serialization=True)
            self._facts |= {"kept": step, "revision": revision}
            (new / "README.md").write_text(card(self._folder), encoding="utf-8")
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        shutil.rmtree(before, ignore_errors=True)
        if kept.exists():
            kept.rename(before)
        new.rename(kept)
        shutil.rmtree(before, ignore_errors=True)
        self.write()


def main(folder: Path) -> int:
    """Wait for its turn, train, and say how it ended; return the exit status."""
    own, machine = Lock(folder / tuned.LOCK), Lock(tuned.root() / tuned.LOCK)
    if not own.take():
        return 1
    state = State(folder)
    signal.signal(signal.SIGTERM, state.stop)
    try:
        _wait(folder, state, machine)
        _train(folder, state)
        state.end("stopped" if state.stopping() else "finished")
    except Turned:
        state.end("stopped")
    except BaseException as error:
        traceback.print_exc()
        state.end("failed", said(error, folder))
        return 1
    finally:
        (folder / tuned.DATA).unlink(missing_ok=True)
        shutil.rmtree(folder / "scratch", ignore_errors=True)
        with suppress(OSError):  # the card again, now that it is known how long the training took
            if (folder / tuned.MODEL).is_dir():
                (folder / tuned.MODEL / "README.md").write_text(card(folder), encoding="utf-8")
        machine.release()
        own.release()
    return 0


def _wait(folder: Path, state: State, machine: Lock) -> None:
    """Return when no other trains and none that asked earlier still waits."""
    place = (state.fact("asked") or 0.0, folder.name)
    while True:
        if state.stopping():
            raise Turned
        if not _ahead(folder, place) and machine.take():
            return
        time.sleep(POLL)


def _ahead(folder: Path, place: tuple[float, str]) -> bool:
    for other in tuned.trainings():
        facts = tuned.read_json(other / tuned.STATE)
        status = tuned.status(other, facts) if other != folder else "lost"
        if status == "running" or (status == "queued" and (facts.get("asked") or 0.0, other.name) < place):
            return True
    return False


def _train(folder: Path, state: State) -> None:
    from embedlab.finetune.train import device, train

    on = device()
    state.begin(on)
    recipe = Recipe.of(tuned.read_json(folder / tuned.RECIPE))
    data = TrainingData.read(folder / tuned.DATA)
    source = model_folder(recipe.model)
    train(source, recipe, data, folder / "scratch", state, on)
    if not state.stopping():
        keep_rate(recipe, data, float(state.fact("stage seconds") or 0))


def said(error: BaseException, folder: Path) -> str:
    """Return what went wrong in one sentence that says what to do."""
    text = str(error).lower()
    if isinstance(error, EmbedlabError):
        return " ".join(str(error).split())
    if isinstance(error, MemoryError) or "out of memory" in text or "allocate memory" in text or "alloc" in text:
        return (
            "There is not enough memory for this training: choose a smaller batch, fewer layers or a smaller model, or "
            "close other programs."
        )
    if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "no space left" in text:
        return f"There is no room on the disk for the model: free some at {folder.parent}, then train again."
    first = (str(error).strip().splitlines() or [""])[0][:200]
    return f"The training broke off ({type(error).__name__}: {first}): the file {folder / 'log'} tells more."


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(NICER)
    sys.exit(main(Path(sys.argv[1])))
