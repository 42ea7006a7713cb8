"""A lock between processes that the system takes back when its holder ends, however it ends."""

from __future__ import annotations

from pathlib import Path


class Lock:
    """Held by one process at a time. The file stays; only the hold on it counts."""

    def __init__(self, path: Path) -> None:
        from filelock import FileLock  # takes a while to import, and few processes lock anything

        self._lock = FileLock(path, blocking=False, thread_local=False)

    def take(self) -> bool:
        """Take it if it is free, without waiting; say whether it is now held here. May raise `OSError`."""
        from filelock import Timeout

        if self._lock.is_locked:
            return True
        try:
            self._lock.acquire()
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Let go of it."""
        self._lock.release(force=True)

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def held(path: Path) -> bool:
    """Say whether some process holds the lock at `path`, this one included."""
    if not path.exists():
        return False
    try:
        with Lock(path) as lock:
            return not lock.take()
    except OSError:
        return False
