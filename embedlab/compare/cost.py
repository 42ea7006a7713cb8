"""What a model costs: speed on this machine, size of its vectors, window, licence; and which are worth their cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.base.english import listed
from embedlab.base.progress import Report, no_report
from embedlab.compare.models import ComparedModel
from embedlab.encoders import speed
from embedlab.encoders.base import NO_WINDOW, REMOTE, ModelEntry
from embedlab.encoders.speed import Speed, Timing, shape_of
from embedlab.space.space import Space

BYTES_A_NUMBER = 4


@dataclass(frozen=True)
class Cost:
    """What one model costs.

    `turns` are texts a second on this machine, measured by turns with the other models on the same texts
    (`embedlab.encoders.speed`), and `rate` is their median; empty and None where it wasn't measured with them. `shape`
    is the same for models that do the same arithmetic: one was measured for all of them. `bytes_a_text` is the size of
    one vector in float32, as it is stored. `disk` is that of the model's files, 0 if there are none here or nobody
    knows. `window` is the longest input in tokens, None for no limit or none known.
    `memory` is what the vectors of the texts take while they are looked at, in bytes; None if there are no texts.
    """

    model: str
    shape: str
    turns: tuple[float, ...]
    dimensions: int
    bytes_a_text: int
    disk: int
    window: int | None
    licence: str
    memory: int | None

    @property
    def speed(self) -> Speed | None:
        """How fast it reads; None if that wasn't measured."""
        return Speed(self.turns) if self.turns else None

    @property
    def rate(self) -> float | None:
        """Texts a second, the median of its turns; None if it wasn't measured."""
        return self.speed.rate if self.speed else None

    def facts(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"rate": self.rate} | asdict(self)


def cost(listing: ModelEntry | None, space: Space, timing: Timing | None = None, name: str = "") -> Cost:
    """Return what the model of `space` costs.

    `listing` is None for one's own vectors and for a model that is no longer here. `timing` has the speed of every
    model that is compared, measured by turns (`embedlab.encoders.speed.together`). A model of which fewer dimensions
    are kept runs as long as before. `name` stands for it instead of the card's.
    """
    card = space.card
    shape = shape_of(card)
    found = timing.speeds.get(shape) if timing else None
    return Cost(
        model=name or (listing.name if listing else card.model),
        shape=shape,
        turns=found.turns if found else (),
        dimensions=card.dimensions,
        bytes_a_text=BYTES_A_NUMBER * card.dimensions,
        disk=listing.bytes if listing else 0,
        window=None if card.window == NO_WINDOW else card.window,
        licence=listing.licence if listing else "",
        memory=int(space.vectors.nbytes) if len(space) else None,
    )


def costs_of(models: Sequence[ComparedModel], timing: Timing | None) -> tuple[Cost, ...]:
    """Return what each model of a comparison costs."""
    return tuple(cost(one.entry, one.space, timing, one.name) for one in models)


# --- Speed ---------------------------------------------------------------------------------------


def here(models: Sequence[ComparedModel]) -> list[ComparedModel]:
    """Return those that read on this machine: a remote model may ask a price, and own vectors read nothing."""
    entries = [(one, one.entry) for one in models if not one.how.own]
    return [one for one, entry in entries if entry is None or entry.family.name != REMOTE.name]


def shapes_of(models: Sequence[ComparedModel]) -> tuple[str, ...]:
    """Return the shape of each model that reads, each once, in order; those of own vectors read nothing."""
    return tuple(sorted({shape_of(one.space.card) for one in models if not one.how.own}))


def timing_known(models: Sequence[ComparedModel]) -> Timing | None:
    """Return how fast all of them, or else those on this machine, read these very texts by turns; None if unknown."""
    shapes = filter(None, (shapes_of(models), shapes_of(here(models))))
    return next(filter(None, (speed.together(one, models[0].space.corpus) for one in shapes)), None)


def timing(models: Sequence[ComparedModel], report: Report = no_report) -> Timing:
    """Let models read these texts by turns; those of own vectors are left out."""
    return speed.measure([one.encoder for one in models if not one.how.own], models[0].space.corpus, report)


def as_fast(costs: Sequence[Cost]) -> NDArray[np.bool_]:
    """Return which models' speeds can't be told apart, bool (m, m): neither was faster in every round."""
    found = np.zeros((len(costs), len(costs)), dtype=np.bool_)
    for first, second in product(range(len(costs)), repeat=2):
        one, other = costs[first].speed, costs[second].speed
        if one is not None and other is not None:
            found[first, second] = not (one.faster_than(other) or other.faster_than(one))
    return found


def how_measured(costs: Sequence[Cost], timing: Timing | None) -> tuple[str, ...]:
    """Return how the speeds were measured, and which models share one figure, in a sentence each."""
    if timing is None or not any(one.turns for one in costs):
        return ()
    told = [
        f"Speeds: measured on {timing.when} by turns, {timing.rounds} rounds of {timing.texts:,} of these texts; "
        "in brackets the slowest and the fastest turn. Two models count as equally fast unless one was faster in every "
        "round."
    ]
    shapes = dict.fromkeys(one.shape for one in costs if one.turns)
    alike = [[one.model for one in costs if one.shape == shape] for shape in shapes]
    told += [
        f"{listed(names)} have the same architecture, sizes and runtime, so one was measured for all of them."
        for names in alike
        if len(names) > 1
    ]
    return tuple(told)


def frontier(
    costs: Sequence[float],
    qualities: Sequence[float],
    tied: NDArray[np.bool_] | None = None,
    as_cheap: NDArray[np.bool_] | None = None,
) -> NDArray[np.intp]:
    """Return the models that no other beats, by rising cost, int (f,); equal ones are all among them.

    One is beaten by a model that costs no more and is no worse, and is better in one of the two. `costs` are better
    when lower (seconds a text, bytes), `qualities` when higher. `tied[i, j]`, bool (m, m), says that the qualities of i
    and j can't be told apart: the cheaper one then beats the dearer one, whatever its mean. `as_cheap[i, j]` says the
    same of their costs: the better one then beats the worse one. A model whose cost or quality is not known (NaN) is
    not among them, and beats none.
    """
    price, worth = np.asarray(costs, dtype=np.float64), np.asarray(qualities, dtype=np.float64)
    known = np.isfinite(price) & np.isfinite(worth)
    alike, equal = (
        np.zeros((len(price), len(price)), dtype=bool) if one is None else (one | one.T) & np.outer(known, known)
        for one in (tied, as_cheap)
    )
    cheaper, no_dearer = (price[:, None] < price) & ~equal, (price[:, None] <= price) | equal
    better, no_worse = (worth[:, None] > worth) & ~alike, (worth[:, None] >= worth) | alike
    beaten = ((cheaper & no_worse) | (no_dearer & better)).any(axis=0)
    left = np.flatnonzero(known & ~beaten)
    return frozen(left[np.argsort(price[left], kind="stable")])
