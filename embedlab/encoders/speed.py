"""Texts a second, measured on this machine with the same sentences for every model, and remembered."""

from __future__ import annotations

import json
import os
import statistics
import time

from embedlab.encoders.base import Encoder
from embedlab.home import folder, home

FILE = "speeds.json"
TEXTS = tuple(
    f"{who} {what} {where}, and {then}."
    for who in ("The customer", "My neighbour", "A young engineer", "The committee")
    for what in ("asked for a refund", "wrote a long letter", "compared two models", "lost the keys")
    for where in ("last Tuesday", "at the station", "before the meeting", "in the rain")
    for then in ("nobody answered", "the answer came at once", "that was that", "the story goes on")
)
RUNS = 3
ENOUGH_SECONDS = 5.0


def measure(name: str, encoder: Encoder) -> float:
    """Return how many texts of about ten words the model `name` reads in a second (the median of up to three runs).

    A run is 256 texts; a slow model runs once. The figure is kept for `known`.
    """
    encoder.encode(TEXTS[:16])
    rates: list[float] = []
    begin = time.perf_counter()
    while len(rates) < RUNS and time.perf_counter() - begin < ENOUGH_SECONDS:
        start = time.perf_counter()
        encoder.encode(TEXTS)
        rates.append(len(TEXTS) / (time.perf_counter() - start))
    rate = statistics.median(rates)
    _remember(f"{name}, {encoder.card.runtime}", rate)
    return rate


def known() -> dict[str, float]:
    """Return the texts a second of every model measured here, by "NAME, RUNTIME"."""
    try:
        read = json.loads((home() / FILE).read_text(encoding="utf-8"))
        return {str(name): float(rate) for name, rate in read.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _remember(name: str, rate: float) -> None:
    path = folder() / FILE
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(known() | {name: round(rate, 1)}), encoding="utf-8")
    beside.replace(path)
