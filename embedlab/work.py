"""Long work: how far it is, how long is left, and how to stop it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from embedlab.errors import EmbedlabError

T = TypeVar("T")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Progress:
    """How far one stage of some work is.

    `seconds` is the time spent on this stage so far. `fresh` counts the items that were really worked on
    (not found ready in a store); the rate and the estimate rest on those alone.
    """

    stage: str
    done: int
    total: int
    seconds: float
    fresh: int

    @property
    def fraction(self) -> float:
        return self.done / self.total if self.total else 1.0

    @property
    def rate(self) -> float | None:
        """Items worked on per second; None before the first."""
        return self.fresh / self.seconds if self.fresh and self.seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        return (self.total - self.done) / self.rate if self.rate else None


class Stopped(Exception):  # noqa: N818 - it is a request, not an error
    """Raised inside a `report` callback to stop the work; what was done by then is kept."""


Report = Callable[[Progress], None]


def no_report(progress: Progress) -> None:
    """Report to nobody."""


class Stopwatch:
    """Turns counts into `Progress` for one stage."""

    def __init__(self, stage: str, total: int, report: Report = no_report, ready: int = 0) -> None:
        self._stage, self._total, self._report, self._ready = stage, total, report, ready
        self._start = time.perf_counter()
        self.done = ready

    def at(self, done: int) -> None:
        """Report that `done` items of the total are finished. May raise `Stopped`."""
        self.done = done
        seconds = time.perf_counter() - self._start
        self._report(Progress(self._stage, done, self._total, seconds, max(0, done - self._ready)))


class Job(Generic[T]):
    """A function running in a thread of its own, watched from elsewhere.

    `work` gets a `report` callback; after `stop()` the next report raises `Stopped` inside it.
    """

    def __init__(self, work: Callable[[Report], T]) -> None:
        self._work = work
        self._stop = threading.Event()
        self._finished = threading.Event()
        self._progress: Progress | None = None
        self._result: T | None = None
        self._error: BaseException | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._result = self._work(self._take)
        except BaseException as error:  # handed to whoever asks for the result
            self._error = error
        finally:
            self._finished.set()

    def _take(self, progress: Progress) -> None:
        self._progress = progress
        if self._stop.is_set():
            raise Stopped

    @property
    def progress(self) -> Progress | None:
        return self._progress

    @property
    def done(self) -> bool:
        return self._finished.is_set()

    @property
    def succeeded(self) -> bool:
        """Whether it ended and its result is there."""
        return self.done and self._error is None

    @property
    def stopped(self) -> bool:
        """Whether it ended because it was asked to stop."""
        return isinstance(self._error, Stopped)

    def stop(self) -> None:
        """Ask the work to stop at its next report."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; return whether it came."""
        return self._finished.wait(seconds)

    def result(self) -> T:
        """Return what the work returned, or raise what it raised."""
        self._finished.wait()
        if isinstance(self._error, MemoryError):
            raise EmbedlabError(
                "There is not enough memory for this: try fewer texts, or close other programs."
            ) from self._error
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]
