"""What is made once for everybody, jobs and quick results alike, and kept while there is room for it."""

from __future__ import annotations

import inspect
import os
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Job, Paused, Progress, Report, Stopwatch, sharing
from pages.app.keys import about_of, stands_for
from pages.app.weighing import pieces

P = ParamSpec("P")
T = TypeVar("T")

ENVIRONMENT = "EMBEDLAB_RESULTS_MB"
SHARE_OF_MEMORY = 4
LEAST_BYTES, MOST_BYTES = 250_000_000, 8_000_000_000
PAUSE = 10.0
"""Seconds for which work goes on that nobody waits for any more: a page may be reloaded, or a connection come back."""
GRACE = 60.0
"""Seconds for which nothing goes: what was asked for so lately, or shown so lately, may be asked for again."""
ENTRY_BYTES = 2_000
"""What an entry takes beside its result."""

_NOT_MADE = object()


@dataclass(eq=False)
class _Entry:
    """One thing that is made, or being made. `held` are the pieces of its memory once it is there.

    `about` says what a job is about, `askers` are the sessions that asked for it, each with what it looked at then, and
    `parents` the keys of the jobs that did. `at_start` is one that nobody asked for but this server, when it began.
    `unwanted` is since when nobody waits for it.
    """

    job: Job[Any] | None = None
    made: Any = _NOT_MADE
    asked: float = 0.0
    held: dict[int, int] | None = None
    making: threading.Lock = field(default_factory=threading.Lock)
    about: str = ""
    askers: dict[str, Hashable] = field(default_factory=dict)
    parents: set[Hashable] = field(default_factory=set)
    begun: float = 0.0
    at_start: bool = False
    unwanted: float | None = None


@dataclass(eq=False)
class _Session:
    """What one session shows: `now` is what its page asked for, `left` when it last showed what it no longer asks for.

    `away` is since when nobody is connected to it; a session whose connection broke for a moment may come back.
    `looks_at` stands for the texts it looks at, and how they are read.
    """

    now: set[Hashable] = field(default_factory=set)
    left: dict[Hashable, float] = field(default_factory=dict)
    away: float | None = None
    looks_at: Hashable = None

    def turned(self, when: float) -> None:
        """Begin a page anew."""
        self.left = {key: at for key, at in self.left.items() if when - at < GRACE}
        self.left |= dict.fromkeys(self.now, when)
        self.now = set()


@dataclass(frozen=True)
class RunningJob:
    """A job on its way, what it is `about` ("" where nothing says so), for how many `seconds` now, and for whom.

    `mine` says whether the page that asks waits for it, `others` how many other tabs or people do.
    """

    job: Job[Any]
    about: str
    seconds: float
    mine: bool
    others: int

    @property
    def whom(self) -> str:
        """For whom it is made, in words."""
        others = f"{self.others} other {'tab or person' if self.others == 1 else 'tabs or people'}"
        if self.mine:
            return f"for this tab and {others}" if self.others else "for this tab"
        return f"for {others}" if self.others else "nobody waits for it"


class JobRegistry:
    """The jobs and the quick results of all sessions, by what they make.

    A job goes on while somebody waits: a session that asked for it, is open, and still looks at the same texts in the
    same way; or a job that needs it. Otherwise it pauses: it ends at its next report and is forgotten, so that whoever
    asks again begins it anew, with all that was kept on disk by then.

    Two people who open the same file share one job, and it goes on when they leave the page. Results are kept until
    they hold more than `budget` bytes together; then those go that were not asked for longest. What an open session
    shows never goes, nor what was asked for within the last minute: the page would make it again at the next touch.
    `is_open` says of a session whether somebody is connected to it.
    """

    def __init__(
        self, budget: int, is_open: Callable[[str], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.budget = budget
        self.is_open, self._clock = is_open, clock
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._sessions: dict[str, _Session] = {}
        self._weights: dict[int, int] = {}
        self._holders: Counter[int] = Counter()
        self._bytes = 0
        self._lock = threading.RLock()
        self._working = threading.local()

    # --- Asking ---

    def job(self, key: Hashable, work: Callable[[Report], T], about: str = "") -> Job[T]:
        """Return the job that makes `key`, started if there is none; `about` is what `running` says of it."""
        with self._lock:
            entry = self._asked(key)
            if entry.job is None:
                entry.about, entry.begun = about, self._clock()
                entry.job = Job(lambda report: self._worked(key, entry, work, report))
            return entry.job

    def known(self, key: Hashable) -> Job[Any] | None:
        """Return the job that makes `key`, if there is one."""
        with self._lock:
            return self._asked(key).job if key in self._entries else None

    def value(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returns, made once; whoever asks meanwhile waits for it."""
        with self._lock:
            entry = self._asked(key)
        with entry.making:
            if entry.made is _NOT_MADE:
                try:
                    with sharing.computing():
                        entry.made = make()
                except BaseException:
                    self._drop(key, entry)
                    raise
                self._take_in(key, entry, entry.made)
        made: T = entry.made
        return made

    def has(self, key: Hashable) -> bool:
        """Return whether a quick result is there."""
        entry = self._entries.get(key)
        return entry is not None and entry.made is not _NOT_MADE

    def forget(self, key: Hashable) -> None:
        """Let `key` be made anew."""
        with self._lock:
            if key in self._entries:
                self._drop(key, self._entries[key])

    def forget_all(self, which: Callable[[Hashable], bool]) -> None:
        """Let everything whose key is one of `which` be made anew."""
        with self._lock:
            for key in [key for key in self._entries if which(key)]:
                self._drop(key, self._entries[key])

    @property
    def bytes(self) -> int:
        """How much all results hold together; what two share is counted once."""
        return self._bytes

    def _asked(self, key: Hashable) -> _Entry:
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        entry.asked = self._clock()
        if (name := session_of_this_thread()) is not None:
            session = self._sessions.setdefault(name, _Session())
            session.now.add(key)
            session.left.pop(key, None)
            entry.askers[name] = session.looks_at
        elif (parent := getattr(self._working, "key", None)) is not None:
            entry.parents.add(parent)
        else:
            entry.at_start = True
        return entry

    def looks_at(self, what: Hashable) -> None:
        """Take note of what this session looks at: what it asked for about something else, it no longer waits for."""
        if (name := session_of_this_thread()) is not None:
            with self._lock:
                self._sessions.setdefault(name, _Session()).looks_at = what

    def page_begins(self) -> None:
        """Take note that this session draws its page anew: what it doesn't ask for again, it no longer shows."""
        if (name := session_of_this_thread()) is not None:
            with self._lock:
                self._sessions.setdefault(name, _Session()).turned(self._clock())

    # --- For whom ---

    def running(self) -> list[RunningJob]:
        """Return the jobs on their way that somebody asked for, those that this session waits for first.

        What a job needs is not listed beside it, and neither is what this server began with.
        """
        with self._lock:
            active = [entry for entry in self._entries.values() if entry.job is not None and not entry.job.done]
            name = session_of_this_thread() or ""
            found = [
                RunningJob(entry.job, entry.about, self._clock() - entry.begun, name in waiting, len(waiting - {name}))
                for entry in active
                if entry.job is not None and entry.askers
                for waiting in [self._waiting(entry)]
            ]
        return sorted(found, key=lambda one: not one.mine)

    def _waiting(self, entry: _Entry) -> set[str]:
        """Return the sessions that wait for a job."""
        return {
            name
            for name, looked_at in entry.askers.items()
            if name in self._sessions and self._sessions[name].looks_at == looked_at and self.is_open(name)
        }

    def _wanted(self, entry: _Entry, seen: frozenset[Hashable] = frozenset()) -> bool:
        if entry.at_start or self._waiting(entry):
            return True
        needed_by = ((key, self._entries[key]) for key in entry.parents - seen if key in self._entries)
        return any(
            one.job is not None and not one.job.done and self._wanted(one, seen | {key}) for key, one in needed_by
        )

    def _pause_unwanted(self, key: Hashable, entry: _Entry) -> None:
        """Raise `Paused` where nobody has waited for a job for a while; it is begun anew when somebody asks again."""
        with self._lock:
            if self._wanted(entry):
                entry.unwanted = None
                return
            now = self._clock()
            entry.unwanted = now if entry.unwanted is None else entry.unwanted
            if now - entry.unwanted < PAUSE:
                return
            self._drop(key, entry)
        raise Paused

    # --- Keeping ---

    def _worked(self, key: Hashable, entry: _Entry, work: Callable[[Report], T], report: Report) -> T:
        result = None
        self._working.key = key

        def report_if_wanted(progress: Progress) -> None:
            report(progress)
            self._pause_unwanted(key, entry)

        try:
            result = work(report_if_wanted)
            return result
        except Paused:  # this one, or one that it needs
            self._drop(key, entry)
            raise
        finally:  # what failed, or was stopped, is remembered as that until somebody lets it be tried again
            self._take_in(key, entry, result)

    def _take_in(self, key: Hashable, entry: _Entry, result: Any) -> None:
        held = pieces(result, self._weights)
        with self._lock:
            if self._entries.get(key) is not entry:  # it was forgotten meanwhile
                return
            entry.held, entry.asked = held, self._clock()
            self._entries.move_to_end(key)
            self._holders.update(held.keys())
            for piece in held:
                if self._holders[piece] == 1:
                    self._weights[piece] = held[piece]
                    self._bytes += held[piece]
            self._bytes += ENTRY_BYTES
            self._make_room()

    def _make_room(self) -> None:
        """Let go of what was not asked for longest, as far as it may go, until the rest has room."""
        if self._bytes <= self.budget:
            return
        shown, now = self._shown(), self._clock()
        for key, entry in list(self._entries.items()):
            if self._bytes <= self.budget or now - entry.asked < GRACE:
                return  # those that follow were asked for later still
            if entry.held is not None and key not in shown:
                self._drop(key, entry)

    def _drop(self, key: Hashable, entry: _Entry) -> None:
        with self._lock:
            if self._entries.get(key) is not entry:
                return
            del self._entries[key]
            if entry.held is None:
                return
            for piece in entry.held:
                self._holders[piece] -= 1
                if not self._holders[piece]:
                    del self._holders[piece]
                    self._bytes -= self._weights.pop(piece)
            self._bytes -= ENTRY_BYTES

    def _shown(self) -> set[Hashable]:
        """Return what open sessions show, or did a moment ago."""
        now, shown = self._clock(), set[Hashable]()
        for name, session in list(self._sessions.items()):
            if self.is_open(name):
                session.away = None
            elif session.away is None:
                session.away = now
            if session.away is not None and now - session.away >= GRACE:
                del self._sessions[name]
                continue
            shown |= session.now
            shown |= {key for key, at in session.left.items() if now - at < GRACE}
        return shown


def session_of_this_thread() -> str | None:
    """Return whose page this thread draws; None in a thread that draws none."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else None


def is_open(session: str) -> bool:
    """Return whether a session's page is still open; all are where no server runs."""
    return not runtime.exists() or bool(runtime.get_instance().is_active_session(session))


# --- The one of this server ----------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def registry() -> JobRegistry:
    """Return the one registry of this server."""
    return JobRegistry(budget(), is_open)


def budget() -> int:
    """Return how many bytes results may hold together: `EMBEDLAB_RESULTS_MB`, or a quarter of this machine's memory.

    Raises `EmbedlabError` where that is no number of megabytes.
    """
    told = os.environ.get(ENVIRONMENT, "").strip()
    if not told:
        return min(MOST_BYTES, max(LEAST_BYTES, _memory() // SHARE_OF_MEMORY))
    if not told.isdecimal() or not int(told):
        raise EmbedlabError(f"{ENVIRONMENT} is “{told}”: give the megabytes that results may hold, such as 2000.")
    return 1_000_000 * int(told)


def _memory() -> int:
    """Return the bytes of memory of this machine, or of the container that this process is confined to."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows tells it in another way
        return SHARE_OF_MEMORY * LEAST_BYTES
    try:
        return min(whole, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    except (OSError, ValueError):  # there is none, or it says "max"
        return whole


class _ByArguments(Generic[P]):
    """What is kept by the arguments of a function; those whose name begins with an underscore don't count."""

    def __init__(self, make: Callable[..., Any], passed: int = 0) -> None:
        self.__doc__ = make.__doc__
        self._name = f"{make.__module__}.{make.__qualname__}"
        taken = inspect.signature(make)
        self._signature = taken.replace(parameters=list(taken.parameters.values())[passed:])

    def key(self, *args: P.args, **kwargs: P.kwargs) -> tuple[Hashable, ...]:
        """Return the key of what these arguments make."""
        given = self._signature.bind(*args, **kwargs)
        given.apply_defaults()
        counting = (value for name, value in given.arguments.items() if not name.startswith("_"))
        return (self._name, *map(stands_for, counting))

    def forget(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Let what these arguments make be made anew."""
        registry().forget(self.key(*args, **kwargs))

    def forget_all(self) -> None:
        """Let all that the function made be made anew."""
        registry().forget_all(lambda key: isinstance(key, tuple) and key[0] == self._name)


class KeptFunction(_ByArguments[P], Generic[P, T]):
    """A quick function whose results are kept in the registry. `spinner` is what the page says meanwhile."""

    def __init__(self, make: Callable[P, T], spinner: str = "") -> None:
        super().__init__(make)
        self._make, self._spinner = make, spinner

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what was made before of these arguments, or make it."""
        key, store = self.key(*args, **kwargs), registry()
        with st.spinner(self._spinner) if self._spinner and not store.has(key) else nullcontext():
            return store.value(key, lambda: self._make(*args, **kwargs))


class WorkFunction(_ByArguments[P], Generic[P, T]):
    """A function that takes a while, as a job in the registry: called, it returns the job, begun if there is none."""

    def __init__(self, make: Callable[Concatenate[Report, P], T]) -> None:
        super().__init__(make, passed=1)
        self._make = make

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Job[T]:
        """Return the job that makes what the function returns; it is given the job's `report` first."""
        given = (*args, *kwargs.values())
        return registry().job(
            self.key(*args, **kwargs), lambda report: self._make(report, *args, **kwargs), about_of(given)
        )

    def known(self, *args: P.args, **kwargs: P.kwargs) -> Job[T] | None:
        """Return that job, if it was begun."""
        return registry().known(self.key(*args, **kwargs))

    def made(self, *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what that job made, if it is there by now."""
        job = self.known(*args, **kwargs)
        return job.result() if job is not None and job.succeeded else None


def say(report: Report, doing: str) -> None:
    """Tell whoever waits for a job what it does, where that can't be counted."""
    Stopwatch(doing, 0, report).at(0)


def kept_saying(spinner: str) -> Callable[[Callable[P, T]], KeptFunction[P, T]]:
    """Keep what a function returns that takes a moment, and say `spinner` meanwhile."""
    return lambda make: KeptFunction(make, spinner)


kept, work = KeptFunction, WorkFunction  # as decorators
