"""A sentence on its way through a transformer: characters, tokens, layers, attention, pooling, vector."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, Singles, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import Vectors
from embedlab.encoders.families import Pooling
from embedlab.encoders.transformer.layers import Inside, Trace
from embedlab.text.normalise import well_formed

MOST_TOKENS = 512
"""Attention grows with the square of the tokens: a deep model with long windows would fill the memory."""
ODD_SHOWN = 8

Kind = Literal["word", "prompt", "special", "unknown"]


@dataclass(frozen=True)
class RareCharacter:
    """A character outside ASCII, or one that doesn't show: how often it occurs, its code point and its name."""

    character: str
    count: int
    code: str
    name: str


@dataclass(frozen=True)
class Characters:
    """What a text is written with: its `count` of characters, its `bytes` as UTF-8, and the odd ones by frequency."""

    count: int
    bytes: int
    odd: tuple[RareCharacter, ...]


@dataclass(frozen=True, eq=False)
class Paths:
    """Where each token stands at each layer: `positions` float32 (layers + 1, t, 2).

    One pair of axes serves all layers: the first two principal components of all the unit vectors together.
    `shown` is the part of their variance that the two hold, 0 to 1.
    """

    positions: Singles
    shown: float


@dataclass(frozen=True, eq=False)
class Passage:
    """One text from its characters to its vector.

    `text` is what was typed, `prompt` what the model puts before it. `trace` has the t tokens and what becomes of
    them; `kinds` says of each whether it is a word, a special token, unknown, or of the prompt. `tokens` counts them
    before the cut at the `window`. `weights` float64 (t,) is what the pooling gives to each token, and adds up to 1;
    `shares` float64 (t,) is how much of the vector comes from each, the part of its length that the token adds along
    its direction: they add up to 1 too, and one that points away is negative. `vector` float32 (d,) has the length 1.
    These three are None where the pooling is not the mean or one token, or more follows (dense layers).
    """

    text: str
    prompt: str
    trace: Trace
    kinds: tuple[Kind, ...]
    tokens: int
    window: int
    pooling: Pooling
    weights: Floats | None
    shares: Floats | None
    vector: Vectors | None

    @property
    def cut(self) -> int:
        """How many tokens lie past the window."""
        return max(0, self.tokens - len(self.trace))

    @property
    def own(self) -> Rows:
        """The places of the tokens that are not special, int."""
        return np.flatnonzero([kind != "special" for kind in self.kinds])

    @cached_property
    def characters(self) -> Characters:
        """What the text is written with."""
        return characters(self.text)

    @cached_property
    def paths(self) -> Paths:
        """Where each token stands at each layer."""
        return paths(self.trace.hidden)

    def attention(self, layer: int, head: int | None = None) -> Singles:
        """Return float32 (t, t), what each token (row) takes from each in `layer` (from 1), rows adding up to 1.

        `head` counts from 1; None is the mean of all heads.
        """
        of_layer = self.trace.attention[layer - 1]
        return np.asarray(of_layer.mean(axis=0) if head is None else of_layer[head - 1])

    def to_special(self, layer: int, head: int | None = None) -> float:
        """Return how much of the attention of the text's own tokens goes to special ones, 0 to 1; 0 without any."""
        own = self.own
        if not len(own) or len(own) == len(self.trace):
            return 0.0
        return float(1 - self.attention(layer, head)[np.ix_(own, own)].sum(axis=1).mean())


def through(inside: Inside, text: str, prompt: str = "") -> Passage:
    """Send `text`, with the model's `prompt` before it, through the model.

    Raises `EmbedlabError` for a text with nothing in it, and for one of more than `MOST_TOKENS` tokens in a model
    that would read them all.
    """
    text = well_formed(text)
    if not text.strip():
        raise EmbedlabError("There is no sentence to follow: type one.")
    tokens = inside.count(prompt + text)
    if min(tokens, inside.window) > MOST_TOKENS:
        raise EmbedlabError(
            f"This text has {counted(tokens, 'token')}, and {MOST_TOKENS} are the most that can be shown: give a "
            "shorter one."
        )
    trace = inside.trace(prompt + text)
    last = trace.hidden[-1].astype(np.float64)[:, : inside.dimensions]
    weights = pooling_weights(inside.pooling, len(trace))
    pooled = None if weights is None else weights @ last
    length = 0.0 if pooled is None else float(np.linalg.norm(pooled))
    if weights is None or pooled is None or not length:
        shares, vector = None, None
    else:
        shares = frozen(weights * (last @ pooled) / length**2)
        vector = frozen((pooled / length).astype(np.float32))
    kinds = _kinds(trace, inside.unknown, len(prompt))
    return Passage(text, prompt, trace, kinds, tokens, inside.window, inside.pooling, weights, shares, vector)


def pooling_weights(pooling: Pooling, count: int) -> Floats | None:
    """Return the weight of each of `count` tokens, float64 (count,); None where the pooling is no weighted sum."""
    if pooling == "other":
        return None
    if pooling == "mean":
        return frozen(np.full(count, 1 / count))
    weights = np.zeros(count)
    weights[0 if pooling == "first" else -1] = 1
    return frozen(weights)


def characters(text: str) -> Characters:
    """Return what `text` is written with; of the odd characters the most frequent eight."""
    counts = Counter(sign for sign in text if not (sign.isascii() and (sign.isprintable() or sign in "\n\t")))
    often = counts.most_common(ODD_SHOWN)
    odd = tuple(RareCharacter(sign, count, f"U+{ord(sign):04X}", _name(sign)) for sign, count in often)
    return Characters(len(text), len(text.encode("utf-8", "surrogatepass")), odd)


def paths(hidden: Vectors) -> Paths:
    """Return the paths of the tokens whose vectors by layer are `hidden` (layers + 1, t, d)."""
    layers, count, width = hidden.shape
    vectors = hidden.reshape(-1, width).astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    positions, shown = plane(vectors / np.where(lengths > 0, lengths, 1))
    return Paths(frozen(positions.reshape(layers, count, 2)), shown)


def plane(vectors: NDArray[np.floating]) -> tuple[Singles, float]:
    """Return `vectors` (n, d) on their first two principal components, float32 (n, 2), and the variance these hold.

    Signs are fixed: the largest loading is positive. The part of the variance is 1 where there is none at all.
    """
    centred = np.asarray(vectors, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    axes = directions[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    found = np.pad(centred @ axes, ((0, 0), (0, 2 - axes.shape[1])))
    total = float(variances.sum())
    shown = float(variances[::-1][:2].sum()) / total if total > 1e-12 * len(centred) else 1.0
    return found.astype(np.float32), min(1.0, shown)


def _kinds(trace: Trace, unknown: int | None, prompt: int) -> tuple[Kind, ...]:
    found: list[Kind] = []
    for place, (token, (start, end)) in enumerate(zip(trace.ids, trace.spans, strict=True)):
        own: Kind = "unknown" if token == unknown or place in trace.unknown else "word"
        found.append("special" if start == end else "prompt" if end <= prompt else own)
    return tuple(found)


def _name(character: str) -> str:
    return unicodedata.name(character, "a control character" if unicodedata.category(character) == "Cc" else "no name")
