"""Work in this process, timed: once, or several contenders by turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Turns(Generic[T]):
    """What each contender took in each turn, in seconds, and what it made in the last one."""

    times: Mapping[str, list[float]]
    made: Mapping[str, T]


def clocked(work: Callable[[], T]) -> tuple[T, float]:
    """Do some work; return what it made, and its seconds."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def by_turns(contenders: Mapping[str, Callable[[], T]], runs: int) -> Turns[T]:
    """Let each contender work `runs` times: all of them once, then all of them again."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    made: dict[str, T] = {}
    for _ in range(runs):
        for name, work in contenders.items():
            made[name], took = clocked(work)
            times[name].append(took)
    return Turns(times, made)
