"""What the commands are given: where to say how far they are, and how to get a model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from embedlab.base.progress import Progress
from embedlab.encoders import Encoder


class Stages(Protocol):
    """Seconds per stage, and where progress is shown."""

    seconds: dict[str, float]

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Time one stage."""
        ...

    def report(self, progress: Progress) -> None:
        """Show progress."""
        ...


Load = Callable[[str, bool, tuple[str, ...]], Encoder]
