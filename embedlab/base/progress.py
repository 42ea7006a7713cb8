"""Long work: how far it is, how long is left, how to stop it, and how several share the cores."""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from embedlab.base.errors import EmbedlabError

T = TypeVar("T")
U = TypeVar("U")

# How many threads a product takes is one setting for the whole process.
_in_parallel = threading.Lock()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """Return how many threads this process may compute with: what `OMP_NUM_THREADS` says, or one for each core."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdecimal() and int(told) > 0 else cores()


# --- Several pieces of work on one machine -------------------------------------------------------


class Sharing:
    """Divides the threads among the pieces of work that compute at once in this process.

    Libraries of linear algebra take every core for each product of matrices. Alone that is quickest; of several at
    once each waits, spinning, for threads that the others keep from running, and a product that takes a ten-thousandth
    of a second takes tens of milliseconds. So a piece of work has all threads while it is alone, and its share while
    it is not; where there are as many pieces as cores, that is one. BLAS has one setting for the whole process, which
    follows the count; OpenMP and numba have one for each thread, which is set when a piece begins.
    `in_between` is how many threads BLAS has while no counted work runs; None are all. `running` pieces compute now.
    """

    _BRINGS_THREADS = ("numpy", "scipy.linalg", "sklearn", "torch", "numba")

    def __init__(self) -> None:
        self.in_between: int | None = None
        self._lock = threading.Lock()
        self._mine = threading.local()
        self.running = 0
        self._set: int | None = None
        self._blas: Sequence[Any] = ()
        self._openmp: Sequence[Any] = ()
        self._looked_at: tuple[str, ...] = ()

    @property
    def threads(self) -> int:
        """How many threads each of them has."""
        if not self.running:
            return self.in_between or threads()
        return max(1, threads() // self.running)

    @contextmanager
    def computing(self, pieces: int = 1) -> Iterator[None]:
        """Count what this thread does meanwhile as `pieces` of work. Inside each other, the larger number counts."""
        before = getattr(self._mine, "pieces", 0)
        more = max(0, pieces - before)
        self._count(more)
        try:
            yield
        finally:
            self._count(-more)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Don't count what this thread does meanwhile: it waits for another."""
        mine = getattr(self._mine, "pieces", 0)
        self._count(-mine)
        try:
            yield
        finally:
            self._count(mine)

    def _count(self, more: int) -> None:
        if not more:
            return
        self._mine.pieces = getattr(self._mine, "pieces", 0) + more
        with self._lock:
            self.running += more
            share = self.threads
            self._limit(share)
        self._limit_own(share if self._mine.pieces else threads())

    def _limit(self, share: int) -> None:
        """Give BLAS so many threads; libraries that have come since the last time are found."""
        here = tuple(name for name in self._BRINGS_THREADS if name in sys.modules)
        if here != self._looked_at:
            from threadpoolctl import ThreadpoolController

            libraries = ThreadpoolController()
            self._blas, self._openmp = (libraries.select(user_api=kind).lib_controllers for kind in ("blas", "openmp"))
            self._looked_at, self._set = here, None
        if share != self._set and self._blas:
            from threadpoolctl import OpenBLASController

            for library in self._blas:
                library.set_num_threads(share)
            OpenBLASController.clear_controlling_thread()  # otherwise no other thread could change it
            self._set = share

    def _limit_own(self, share: int) -> None:
        """Give what this thread computes with OpenMP and numba so many threads."""
        for library in self._openmp:
            library.set_num_threads(share)
        numba: Any = sys.modules.get("numba")
        if hasattr(numba, "set_num_threads"):  # it may be on its way in
            numba.set_num_threads(min(share, numba.config.NUMBA_NUM_THREADS))


sharing = Sharing()


# --- One piece of work ---------------------------------------------------------------------------


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
        """The share that is done, 0 to 1; 1 where there is nothing to do."""
        return self.done / self.total if self.total else 1.0

    @property
    def rate(self) -> float | None:
        """Items worked on per second; None before the first."""
        return self.fresh / self.seconds if self.fresh and self.seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at the present rate; None while nobody can tell."""
        return (self.total - self.done) / self.rate if self.rate else None


class Stopped(Exception):  # noqa: N818 - it is a request, not an error
    """Raised inside a `report` callback to stop the work; what was done by then is kept."""


class Paused(Stopped):
    """Raised in the same way where nobody waits for the work any more: whoever asks for it again lets it go on."""


Report = Callable[[Progress], None]


def no_report(progress: Progress) -> None:
    """Report to nobody."""


@dataclass
class Stages:
    """The stages of a longer work: where their progress goes, and how many `seconds` each took."""

    report: Report = no_report
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


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
        self._outcome: Future[T] = Future()
        self._progress: Progress | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            with sharing.computing():
                made = self._work(self._take)
        except BaseException as error:  # handed to whoever asks for the result
            self._outcome.set_exception(error)
        else:
            self._outcome.set_result(made)

    def _take(self, progress: Progress) -> None:
        self._progress = progress
        if self._stop.is_set():
            raise Stopped

    @property
    def progress(self) -> Progress | None:
        """How far it is; None before it has said so."""
        return self._progress

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._outcome.done()

    @property
    def succeeded(self) -> bool:
        """Whether it ended and its result is there."""
        return self.done and self._outcome.exception() is None

    @property
    def stopped(self) -> bool:
        """Whether it ended because it was asked to stop."""
        return self.done and isinstance(self._outcome.exception(), Stopped)

    @property
    def paused(self) -> bool:
        """Whether it ended because nobody waited for it."""
        return self.done and isinstance(self._outcome.exception(), Paused)

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and has not ended yet."""
        return self._stop.is_set() and not self.done

    def stop(self) -> None:
        """Ask the work to stop at its next report."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; return whether it came."""
        with sharing.resting():
            return bool(wait([self._outcome], seconds).done)

    def result(self) -> T:
        """Return what the work returned, or raise what it raised."""
        self.wait()
        try:
            return self._outcome.result()
        except MemoryError as error:
            raise EmbedlabError(
                "There is not enough memory for this: try fewer texts, or close other programs."
            ) from error


# --- Much of one kind ----------------------------------------------------------------------------


def run_parallel(work: Callable[[T], U], items: Sequence[T], watch: Stopwatch) -> list[U]:
    """Return what `work` makes of each item, in their order, several at a time; `watch` may stop it after each.

    For work of many small products of matrices: those lose more by waiting for each other's threads than they gain,
    so each item takes one thread.
    """
    with (
        _in_parallel,
        warnings.catch_warnings(),
        sharing.computing(cores()),
        ThreadPoolExecutor(min(len(items), cores())) as pool,
    ):
        warnings.filterwarnings("ignore", "The number of unique classes")
        warnings.filterwarnings("ignore", "`sklearn.utils.parallel.delayed`")
        found = []
        try:
            watch.at(0)
            for made in pool.map(work, items):
                found.append(made)
                watch.at(len(found))
        finally:
            pool.shutdown(cancel_futures=True)
        return found
