"""What an endpoint answers: the vectors in it, or what is wrong with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

import numpy as np

from embedlab.base.arrays import Floats
from embedlab.encoders.base import Vectors, first_bad, unit

TRIES = 6
ANSWER_TRIES = 3  # an answer that makes no sense seldom makes more later


class AgainError(Exception):
    """Worth another try, `tries` in all and none before `wait` seconds; `said` follows on "The endpoint HOST"."""

    def __init__(self, said: str, advice: str, tries: int = TRIES, wait: float = 0.0) -> None:
        super().__init__(said)
        self.said, self.advice, self.tries, self.wait = said, advice, tries, wait


class SlowError(Exception):
    """No answer in time: fewer texts may be answered."""


class RefusedError(Exception):
    """The request as it is will never be answered: fewer texts may be."""


def senseless(said: str) -> AgainError:
    """Return the error for an answer that makes no sense; it is asked for again a few times."""
    return AgainError(said, "check that base_url and model are those of an embedding model", ANSWER_TRIES)


def vectors_in(content: bytes, texts: Sequence[str], dimensions: int | None = None) -> Vectors:
    """Return the vectors that an answer brings for `texts`, float32 rows of length 1, each of `dimensions` if given.

    Raises `AgainError` for an answer that makes no sense.
    """
    found = _rows(content, len(texts))
    expected = dimensions or len(found[0])
    for row in found:
        if len(row) != expected or not expected:
            raise senseless(f"sent a vector of {len(row):,} dimensions where {expected:,} were expected")
    return _checked(found, texts)


def _rows(content: bytes, count: int) -> list[Floats]:
    """Return the `count` vectors of an answer, in the order of their index."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise senseless("answered with something that is not JSON") from None
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise senseless("answered without vectors")
    if len(data) != count:
        raise senseless(f"sent {len(data):,} vectors for {count:,} texts")
    places = {entry.get("index"): entry for entry in data if type(entry.get("index")) is int}
    if set(places) != set(range(count)):
        raise senseless("sent vectors without saying which text each belongs to")
    return [_numbers(places[index].get("embedding")) for index in range(count)]


def _numbers(embedding: object) -> Floats:
    """Return one vector: a list of numbers, or float32 little-endian in base64."""
    try:
        if isinstance(embedding, str):
            return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4").astype(np.float64)
        if isinstance(embedding, list) and set(map(type, embedding)) <= {int, float}:
            return np.array(embedding, dtype=np.float64)
    except (ValueError, OverflowError):
        pass
    raise senseless("sent something other than numbers as a vector")


def _checked(rows: list[Floats], texts: Sequence[str]) -> Vectors:
    with np.errstate(over="ignore"):
        vectors = np.stack(rows).astype(np.float32)
    if bad := first_bad(vectors):
        raise senseless(f"sent {bad[1]} for the text “{texts[bad[0]][:60]}”")
    return unit(vectors.astype(np.float64))
