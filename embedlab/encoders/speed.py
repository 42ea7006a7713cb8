"""Texts a second on this machine: models that read the same texts by turns, with a range, and remembered.

A figure of its own says little: what else the machine does changes it fourfold. So models take turns on the same short
batch of texts, then on the next one, and so on. Each has the median of its turns with the slowest and the fastest
beside it, and two can be told apart where one was faster in every round: what slows a round down slows both. Models of
one shape (architecture, sizes and runtime, such as a model and its fine-tuned copies) do the same arithmetic: one of
them reads for all.
"""

from __future__ import annotations

import datetime
import json
import os
import statistics
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from embedlab.base.paths import folder, home
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.corpus.corpus import Corpus
from embedlab.encoders.base import Encoder, EncoderInfo, ModelEntry

FILE = "speeds.json"
ROUNDS = 7
FEWEST, MOST = 8, 128
"""Texts in a turn."""
A_TURN = 2.0
"""Seconds that a turn of the slowest model should not exceed."""
AT_LEAST = 0.1
"""Seconds that a turn takes at least: a quick model reads its batch several times over."""
REMEMBERED = 50


@dataclass(frozen=True)
class Speed:
    """Texts a second in each turn; in one timing the turns of a round stand at the same place."""

    turns: tuple[float, ...]

    @property
    def rate(self) -> float:
        """The median of the turns."""
        return statistics.median(self.turns)

    @property
    def slowest(self) -> float:
        """The slowest turn."""
        return min(self.turns)

    @property
    def fastest(self) -> float:
        """The fastest turn."""
        return max(self.turns)

    def faster_than(self, other: Speed) -> bool:
        """Return whether it was faster in every round. Of two that are equal, one is in 1 of 64 cases (7 rounds)."""
        return all(own > its for own, its in zip(self.turns, other.turns, strict=True))

    def __str__(self) -> str:
        """Return for example "811 (790 to 830)"."""
        return f"{self.rate:,.0f} ({self.slowest:,.0f} to {self.fastest:,.0f})"


@dataclass(frozen=True)
class Timing:
    """What models did by turns on the same texts.

    `when` is the day, `corpus` the fingerprint of the texts and `name` what they are called; `texts` of them were read
    in each of `rounds` rounds. `speeds` is by shape (`shape_of`): only what stands in one timing can be compared.
    """

    when: str
    corpus: str
    name: str
    texts: int
    rounds: int
    speeds: Mapping[str, Speed]


def shape_of(card: EncoderInfo) -> str:
    """Return what stands for all that the speed of a model follows from on one machine."""
    return f"{card.shape or card.model}, {card.runtime}"


def of_listing(one: ModelEntry, timings: Sequence[Timing]) -> dict[str, tuple[Speed, Timing]]:
    """Return how fast a model reads, by runtime, each from the newest of `timings` that knows it."""
    start = f"{one.shape or one.name}, "
    return {
        shape.removeprefix(start): (speed, timing)
        for timing in timings
        for shape, speed in timing.speeds.items()
        if shape.startswith(start)
    }


# --- Measuring -----------------------------------------------------------------------------------


def measure(encoders: Collection[Encoder], corpus: Corpus, report: Report = no_report) -> Timing:
    """Let models read texts of `corpus` by turns, one of each shape; what is found is kept for `known`.

    A batch is up to 128 distinct texts, drawn at random (seed 0), fewer where the slowest would take more than two
    seconds for it. `report` may stop it after each turn; then nothing is kept. Raises `EmbedlabError` where a model
    can't be reached.
    """
    by_shape = {shape_of(one.card): one for one in encoders}
    rows, _ = corpus.distinct
    order = np.random.default_rng(0).permutation(rows)
    texts = [corpus.texts[row] for row in order]
    size = min(_batch(list(by_shape.values()), texts[:FEWEST]), len(texts))
    speeds = _by_turns(by_shape, texts, size, report)
    timing = Timing(datetime.date.today().isoformat(), corpus.fingerprint, corpus.name, size, ROUNDS, speeds)
    _remember(timing)
    return timing


def _batch(encoders: Sequence[Encoder], few: Sequence[str]) -> int:
    """Return how many texts a turn takes; every model has read a few by then, for the first time is slow."""
    for one in encoders:
        one.encode(few)
    slowest = min((_rate(one, few, 0) for one in encoders), default=0.0)
    return int(np.clip(round(slowest * A_TURN), FEWEST, MOST))


def _by_turns(encoders: Mapping[str, Encoder], texts: Sequence[str], size: int, report: Report) -> dict[str, Speed]:
    """Return how fast each encoder reads. Each begins a round as often as any other, as nearly as it goes."""
    rates: dict[str, list[float]] = {shape: [] for shape in encoders}
    watch = Stopwatch("Reading by turns", ROUNDS * len(encoders), report)
    watch.at(0)
    shapes, endless = list(encoders), cycle(texts)
    for turn in range(ROUNDS):
        batch = list(islice(endless, size))
        first = turn % max(1, len(shapes))
        for shape in shapes[first:] + shapes[:first]:
            rates[shape].append(_rate(encoders[shape], batch, AT_LEAST))
            watch.at(watch.done + 1)
    return {shape: Speed(tuple(round(rate, 2) for rate in found)) for shape, found in rates.items()}


def _rate(encoder: Encoder, texts: Sequence[str], at_least: float) -> float:
    """Return the texts a second of one turn: `texts` are read over until `at_least` seconds have passed."""
    start, read = time.perf_counter(), 0
    while not read or time.perf_counter() - start < at_least:
        encoder.encode(texts)
        read += len(texts)
    return read / max(time.perf_counter() - start, 1e-9)


# --- Remembering ---------------------------------------------------------------------------------


def known() -> tuple[Timing, ...]:
    """Return every timing that is remembered on this machine, the newest last."""
    try:
        read = json.loads((home() / FILE).read_text(encoding="utf-8"))
        return tuple(
            Timing(
                **one | {"speeds": {shape: Speed(tuple(map(float, turns))) for shape, turns in one["speeds"].items()}}
            )
            for one in read["timings"]
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return ()


def together(shapes: Collection[str], corpus: Corpus) -> Timing | None:
    """Return the newest timing of models of all these shapes on these texts; None where there is none."""
    of_corpus = [one for one in known() if one.corpus == corpus.fingerprint]
    return next((one for one in reversed(of_corpus) if set(shapes) <= one.speeds.keys()), None)


def _remember(timing: Timing) -> None:
    path = folder() / FILE
    beside = path.with_suffix(f".{os.getpid()}")
    every = (*known(), timing)[-REMEMBERED:]
    kept = [vars(one) | {"speeds": {shape: speed.turns for shape, speed in one.speeds.items()}} for one in every]
    beside.write_text(json.dumps({"timings": kept}), encoding="utf-8")
    beside.replace(path)
