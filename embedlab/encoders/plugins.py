"""Encoders of other packages: each entry point in the group `embedlab.encoders` names a function that makes one.

The function takes no arguments and returns what `as_encoder` takes; the entry point's name is the model's. A package
isn't imported before its model is used, so listing is quick whatever it imports. docs/extending.md has an example.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points

import numpy as np

from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import PACKAGES, PROBE, Encoder, ModelEntry, not_ready
from embedlab.encoders.function import as_encoder, first_line

GROUP = "embedlab.encoders"

_failed: dict[EntryPoint, str] = {}


def entries(taken: Collection[str]) -> Iterator[ModelEntry]:
    """Yield the models of other packages. One whose name is `taken`, or that failed when it was used, says why."""
    names = set(taken)
    for point in _points(tuple(sys.path)):
        package = point.value.partition(":")[0].partition(".")[0].strip()
        if point.name in names:
            why = f"The name “{point.name}” is taken by another model: ask the authors of {package} for one of its own."
            yield not_ready(f"{point.name} ({package})", PACKAGES, why)
            continue
        names.add(point.name)
        how = _failed.get(point, f"from the package {package}")
        yield ModelEntry(point.name, PACKAGES, point not in _failed, how, partial(_opened, point))


@lru_cache(maxsize=1)
def _points(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Return the entry points of the packages on `path`: reading them takes some 10 ms, so it is done once."""
    try:
        return tuple(sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)))
    except Exception:  # some package's own description can't be read, and it need not be one with an encoder
        return ()


def _opened(point: EntryPoint, exact: bool, texts: object) -> Encoder:
    """Return the encoder that an entry point makes; the sentence that says what is wrong is kept for the list."""
    try:
        made = _checked(as_encoder(point.load()(), point.name), point.name)
    except EmbedlabError as error:
        _failed[point] = str(error)
        raise
    except (Exception, SystemExit) as error:
        _failed[point] = f"“{point.name}” fails ({first_line(error)}): mend or update its package, {point.value}."
        raise EmbedlabError(_failed[point]) from error
    _failed.pop(point, None)
    return made


def _checked(encoder: Encoder, name: str) -> Encoder:
    """Return `encoder` once its card is seen to be its own, and its vector of a short text to be one."""
    card, made = encoder.card, np.asarray(encoder.encode([PROBE]))
    if card.model != name:
        raise EmbedlabError(f"The card of “{name}” says “{card.model}”: give it the name of its entry point.")
    if made.shape != (1, card.dimensions) or not abs(np.linalg.norm(made) - 1) < 1e-3:
        raise EmbedlabError(
            f"“{name}” returned an array {made.shape} for one text, where a row of {card.dimensions} numbers of length "
            "1 is due: mend it, or let embedlab.encoders.from_callable see to it."
        )
    return encoder
