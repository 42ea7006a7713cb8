"""A benchmark in a process of its own, which ends, with all that it started, when the one who asked ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection

from benchmarks.catalogue import measure
from benchmarks.report import Table
from benchmarks.setting import Setting


def alone(name: str, setting: Setting) -> Table:
    """Run one benchmark where no other has left anything behind. Raises what it raises."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(name, setting, theirs))
    process.start()
    theirs.close()
    try:
        found: Table | Exception = ours.recv()
    except EOFError:
        process.join()
        raise RuntimeError(f"Its process died ({process.exitcode}).") from None
    finally:
        process.terminate()
        process.join()
    if isinstance(found, Exception):
        raise found
    return found


@contextlib.contextmanager
def ending_tidily() -> Iterator[None]:
    """Leave this block as for an error when the process is asked to end, so that everything is cleared up."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended."))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(name: str, setting: Setting, told: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with ending_tidily():
        try:
            found: Table | Exception = measure(name, setting)
        except Exception as error:  # told to the one who asked
            found = error if _travels(error) else RuntimeError(f"{type(error).__name__}: {error}")
        told.send(found)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _travels(error: Exception) -> bool:
    """Say whether an error can be sent to another process; some of a browser's can't."""
    return type(error).__module__ in ("builtins", "benchmarks.setting")
