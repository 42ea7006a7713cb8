"""What a model costs: speed on this machine, size of its vectors, window, licence; and which are worth their cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import frozen
from embedlab.encoders.base import NO_WINDOW, Listing
from embedlab.space.space import Space

BYTES_A_NUMBER = 4


@dataclass(frozen=True)
class Cost:
    """What one model costs.

    `rate` is texts of about ten words a second on this machine (`embedlab.encoders.speed`), None if it wasn't measured.
    `bytes_a_text` is the size of one vector in float32, as it is stored. `disk` is that of the model's files, 0 if
    there are none here or nobody knows. `window` is the longest input in tokens, None for no limit or none known.
    `memory` is what the vectors of the texts take while they are looked at, in bytes; None if there are no texts.
    """

    model: str
    rate: float | None
    dimensions: int
    bytes_a_text: int
    disk: int
    window: int | None
    licence: str
    memory: int | None


def cost(listing: Listing | None, space: Space, rates: Mapping[str, float], name: str = "") -> Cost:
    """Return what the model of `space` costs.

    `listing` is None for one's own vectors and for a model that is no longer here. `rates` are texts a second by "NAME,
    RUNTIME" (`embedlab.encoders.speed.known()`). A model of which fewer dimensions are kept runs as long as before.
    `name` stands for it instead of the card's.
    """
    card = space.card
    model = listing.name if listing else card.model
    return Cost(
        model=name or model,
        rate=rates.get(f"{model}, {card.runtime}"),
        dimensions=card.dimensions,
        bytes_a_text=BYTES_A_NUMBER * card.dimensions,
        disk=listing.bytes if listing else 0,
        window=None if card.window == NO_WINDOW else card.window,
        licence=listing.licence if listing else "",
        memory=int(space.vectors.nbytes) if len(space) else None,
    )


def frontier(
    costs: Sequence[float], qualities: Sequence[float], tied: NDArray[np.bool_] | None = None
) -> NDArray[np.intp]:
    """Return the models that no other beats, by rising cost, int (f,); equal ones are all among them.

    One is beaten by a model that costs no more and is no worse, and is better in one of the two. `costs` are better
    when lower (seconds a text, bytes), `qualities` when higher. `tied[i, j]`, bool (m, m), says that the qualities of i
    and j can't be told apart: the cheaper one then beats the dearer one, whatever its mean. A model whose cost or
    quality is not known (NaN) is not among them, and beats none.
    """
    price, worth = np.asarray(costs, dtype=np.float64), np.asarray(qualities, dtype=np.float64)
    known = np.isfinite(price) & np.isfinite(worth)
    alike = np.zeros((len(price), len(price)), dtype=bool) if tied is None else (tied | tied.T) & np.outer(known, known)
    cheaper, as_cheap = price[:, None] < price, price[:, None] <= price
    better = (worth[:, None] > worth) & ~alike
    no_worse = (worth[:, None] >= worth) | alike
    beaten = ((cheaper & no_worse) | (as_cheap & better)).any(axis=0)
    left = np.flatnonzero(known & ~beaten)
    return frozen(left[np.argsort(price[left], kind="stable")])
