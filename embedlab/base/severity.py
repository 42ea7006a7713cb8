"""How much a result matters: it may pass, ask for a look, or say stop."""

from __future__ import annotations

from typing import Literal

Level = Literal["pass", "warn", "fail"]

LEVELS: tuple[Level, ...] = ("pass", "warn", "fail")
