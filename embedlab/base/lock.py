"""A lock between processes that the system takes back when its holder ends, however it ends."""

from __future__ import annotations

import sys
from io import FileIO
from pathlib import Path
from types import TracebackType


class Lock:
    """Held by one process at a time. The file stays; only the hold on it counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None

    def take(self) -> bool:
        """Take it if it is free, without waiting; say whether it is now held here. May raise `OSError`."""
        if self._file is None:
            file = FileIO(self._path, "a+")
            if not _locked(file):
                file.close()
                return False
            self._file = file
        return True

    def release(self) -> None:
        """Let go of it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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


if sys.platform == "win32":
    import msvcrt

    def _locked(file: FileIO) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(file: FileIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
