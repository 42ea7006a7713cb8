"""Any function from texts to an array is an encoder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import numpy as np

from embedlab.base.arrays import Floats
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stopped
from embedlab.encoders.base import NO_WINDOW, PROBE, Encoder, EncoderInfo, Vectors, first_bad, unit
from embedlab.encoders.capabilities import Readable
from embedlab.text.normalise import well_formed

FUNCTION = "a Python function"
"""What the card of such an encoder says of what computes."""


def as_encoder(model: object, name: str = "") -> Encoder:
    """Return `model` if it is an encoder, else what `from_callable` makes of it.

    That is a function from a list of texts to an array, or an object with such a method `encode`, as the models of
    sentence-transformers and model2vec are. `name` is for what has no card. Raises `EmbedlabError` for anything else.
    """
    if isinstance(model, Encoder) and isinstance(model.card, EncoderInfo):
        return model
    encode = None if isinstance(model, str | type) else getattr(model, "encode", model)
    if not callable(encode):
        raise EmbedlabError(
            f"“{str(model)[:60]}” is no encoder: give a function from a list of texts to an array (n, d), or an object "
            "with such a method “encode”."
        )
    return from_callable(encode, name or (_name(model) if encode is model else type(model).__name__))


def from_callable(
    function: Callable[[list[str]], Any], name: str = "", version: str = "", prompt: str = "", query_prompt: str = ""
) -> Encoder:
    """Return the encoder that asks `function`, which gets a list of n texts and returns numbers (n, d).

    Anything that NumPy takes will do (lists, arrays, tensors on the CPU), of any kind of number and any length: rows
    are scaled to length 1. `prompt` and `query_prompt` are put before documents and queries. `name` is the function's
    own unless given.

    A function has no weights by which to tell whether it is still the same. So its vectors are stored on this machine,
    and found again, only if you give a `version`: change it whenever the vectors change. Without one they are those of
    this very object, and are computed anew each time; two functions of one name are never taken for the same.

    The function is asked for one short text at once. Raises `EmbedlabError`, here or in `encode`, where it fails or
    returns anything else: another number of rows, no dimensions, a number that is not finite, nothing but zeros.
    """
    return _FunctionEncoder(function, name or _name(function), version, prompt, query_prompt)


def _name(function: object) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


class _FunctionEncoder:
    """What `from_callable` returns. Threads may share one: the function is asked by one at a time."""

    def __init__(
        self, function: Callable[[list[str]], Any], name: str, version: str, prompt: str, query_prompt: str
    ) -> None:
        self._function, self._name, self._dimensions = function, name, 0
        self._one_at_a_time = threading.Lock()  # many tokenizers fail where two threads ask at once
        self._dimensions = self._vectors([PROBE]).shape[1]
        self.card = EncoderInfo(
            model=name,
            weights=version or f"unknown {uuid4().hex}",
            dimensions=self._dimensions,
            window=NO_WINDOW,
            runtime=FUNCTION,
            prompt=prompt,
            query_prompt=query_prompt,
            kept=bool(version),
        )

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1; see `Encoder`."""
        return self._vectors(texts, self.card.prompt_of(query))

    def readable(self, texts: Sequence[str]) -> Readable:
        """Return what the function makes of documents; one with a vector that can't be scaled to length 1 is none."""
        if not len(texts):
            return Readable(self.encode(texts))
        rows = self._rows(texts, self.card.prompt)
        refused = {row: bad[1] for row in range(len(rows)) if (bad := first_bad(rows[row : row + 1]))}
        rows[list(refused)] = 1.0
        made = unit(rows)
        made[list(refused)] = np.nan
        return Readable(made, {row: f"it returned {what}" for row, what in refused.items()})

    def _vectors(self, texts: Sequence[str], prompt: str = "") -> Vectors:
        if not len(texts):
            return np.empty((0, self._dimensions), dtype=np.float32)
        rows = self._rows(texts, prompt)
        if bad := first_bad(rows):
            raise self._wrong(f"returned {bad[1]} for “{texts[bad[0]][:60]}”", "mend it, or leave that text out")
        return unit(rows)

    def _rows(self, texts: Sequence[str], prompt: str) -> Floats:
        return self._numbers(self._asked([prompt + well_formed(text) for text in texts]), len(texts))

    def _asked(self, texts: list[str]) -> object:
        try:
            with self._one_at_a_time:
                return self._function(texts)
        except (EmbedlabError, Stopped):
            raise
        except Exception as error:
            raise self._wrong(f"failed ({first_line(error)})", "mend it, or choose another") from error

    def _numbers(self, made: object, count: int) -> Floats:
        wanted = f"return numbers ({count}, {self._dimensions or 'd'}) for a list of length {count}"
        try:
            found = np.asarray(made)
        except Exception as error:  # rows of unlike lengths; a tensor on an accelerator, or with a gradient
            raise self._wrong(f"returned something that NumPy can't read ({type(made).__name__})", wanted) from error
        if found.dtype.kind not in "fiub":
            raise self._wrong(f"returned something that holds no numbers ({type(made).__name__})", wanted)
        if found.ndim != 2 or len(found) != count or found.shape[1] != (self._dimensions or found.shape[1] or 1):
            raise self._wrong(f"returned an array {found.shape}", wanted)
        return found.astype(np.float64)

    def _wrong(self, what: str, advice: str) -> EmbedlabError:
        return EmbedlabError(f"The encoder “{self._name}” {what}: {advice}.")


def first_line(error: BaseException) -> str:
    """Return the kind of an error and the first line of what it says, for a sentence."""
    said = (str(error).strip().splitlines() or [""])[0][:160].rstrip(".")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
