"""Compiled code that takes several threads, one piece at a time."""

from __future__ import annotations

import threading

# numba's threading layers are not all safe to enter from two threads at once.
parallel = threading.Lock()
