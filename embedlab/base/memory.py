"""How much memory there is for what is about to begin."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
"""Where a container's limit and use are told (control groups, version 2 and 1)."""


def available() -> int | None:
    """Return how many bytes this process may still take, as the system tells; None where it can't tell."""
    free = [found for found in (_system(), *(_group(Path(most), Path(used)) for most, used in _GROUPS)) if found]
    return min(free) if free else _physical()


def _system() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        told = _MEMINFO.read_text(encoding="ascii", errors="replace")
        return 1024 * int(told.split("MemAvailable:")[1].split()[0])
    return None


def _group(most: Path, used: Path) -> int | None:
    with suppress(OSError, ValueError):
        left = int(most.read_text(encoding="ascii")) - int(used.read_text(encoding="ascii"))
        return max(1, left)
    return None


def _physical() -> int | None:
    """Return three quarters of the machine's memory, where nothing says what is free of it."""
    if sys.platform == "win32":
        return None
    import os

    with suppress(OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4
    return None


def gigabytes(count: float) -> str:
    """Return a number of bytes as a person says it, for example "3.1 GB" or "240 MB"."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6)):,} MB"
