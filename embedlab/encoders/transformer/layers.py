"""Inside a transformer: what each layer makes of each token, computed in fp32 and without torch."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from embedlab.base.arrays import Rows, Singles
from embedlab.encoders.base import Vectors
from embedlab.encoders.capabilities import TokenContributions
from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.transformer.converted import Refused, opened, openvino, tokens_of
from embedlab.text.normalise import well_formed

OPEN_AT_ONCE = 2
_ADD_POSITIONS = ("bert", "roberta", "xlm-roberta", "distilbert", "mpnet", "camembert", "electra", "albert", "gpt2")
"""Kinds of transformers that add a vector for each place to the tokens' own."""

_opening = threading.Lock()


@dataclass(frozen=True, eq=False)
class Trace:
    """One text on its way through a transformer.

    `text` is what the model read, its prompt included, cut into t tokens: `ids`, and `pieces` as they are written;
    `spans` is int (t, 2), where each begins and ends in `text`, equal for a special token. `hidden` is float32
    (layers + 1, t, d), the tokens' vectors before the first layer and after each. `attention` is float32
    (layers, heads, t, t): row i is how much token i takes from each token, and adds up to 1. `read` is each token as
    the model reads it, where that differs from how it was typed; `unknown` are the places of those of which the model
    has learned nothing.
    """

    text: str
    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    spans: Rows
    hidden: Singles
    attention: Singles
    read: tuple[str, ...] = ()
    unknown: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def layers(self) -> int:
        """The number of layers."""
        return len(self.attention)

    @property
    def heads(self) -> int:
        """The number of attention heads in each layer."""
        return int(self.attention.shape[1])

    def tokens_of(self, start: int, end: int) -> Rows:
        """Return the places of the tokens that share a character with `text[start:end]`, int."""
        first, last = self.spans.T
        return np.flatnonzero((first < end) & (last > start) & (first < last))


class Inside:
    """The layers of one transformer. Threads may share one.

    `weights` stands for the model's weights and settings. `window` is the longest input in tokens, special tokens
    included; `dimensions` are those of a text's vector: the first of those of its tokens, where the model's files say
    so; `pooling` says how the tokens' last vectors become one.

    Raises `Refused` when the model can't be converted, or its layers don't agree with sentence-transformers'.
    """

    def __init__(self, model: ModelFolder) -> None:
        self._path = model.path
        self.weights, self.window = model.sha256, model.window
        self.dimensions, self.pooling = model.dimensions, model.pooling
        self._tokens = tokens_of(model)
        self._network = opened(model, "inside", lambda converted: LayersNetwork(converted.graph))

    @cached_property
    def unknown(self) -> int | None:
        """The id of the token for what the vocabulary doesn't hold; None where everything can be written."""
        model = json.loads((self._path / "tokenizer.json").read_text(encoding="utf-8"))["model"]
        if model.get("unk_id") is not None:
            return int(model["unk_id"])
        vocabulary = model.get("vocab")
        return vocabulary.get(model.get("unk_token")) if isinstance(vocabulary, dict) else None

    @cached_property
    def first(self) -> str:
        """Where a token's first vector comes from, in a sentence."""
        try:
            config = json.loads((self._path / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            config = {}
        rows = config.get("vocab_size")
        table = f"a table with {rows:,} rows" if isinstance(rows, int) else "a table"
        added = config.get("model_type") in _ADD_POSITIONS
        added = added and config.get("position_embedding_type", "absolute") == "absolute"
        place = (
            "plus a row of a second table for its place in the sentence"
            if added
            else ("the same wherever it stands; its place in the sentence comes in inside the layers")
        )
        return f"A token's first vector is the row of {table} that has its number, {place}."

    def count(self, text: str) -> int:
        """Return how many tokens `text` has before it is cut, special tokens included."""
        return int(self._tokens.count([text])[0])

    def trace(self, text: str) -> Trace:
        """Follow `text`, which holds its prompt already, through the model; what is past the window is cut off."""
        text = well_formed(text)
        cut = self._tokens.cut(text)
        hidden, attention = self._network.layers(cut.ids)
        (pieces,) = self._tokens.reader.read([text])
        known = set(map(tuple, pieces.spans[pieces.known].tolist()))
        strange = set(map(tuple, pieces.spans[~pieces.known].tolist())) - known
        unknown = frozenset(place for place, span in enumerate(map(tuple, cut.spans.tolist())) if span in strange)
        return Trace(text, cut.ids, cut.pieces, cut.spans, hidden, attention, cut.read, unknown)


class LayersNetwork:
    """A converted transformer that gives its layers: token ids in, hidden states and attention out."""

    def __init__(self, graph: Path) -> None:
        core = openvino().Core()
        hints = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1", "INFERENCE_PRECISION_HINT": "f32"}
        self._compiled = core.compile_model(core.read_model(graph), "CPU", hints)
        self._one_at_a_time = threading.Lock()

    def layers(self, ids: Sequence[int]) -> tuple[Vectors, Vectors]:
        """Return hidden states (layers + 1, t, d) and attention (layers, heads, t, t), both float32."""
        tokens = np.array([ids], dtype=np.int64)
        with self._one_at_a_time:
            made = self._compiled([tokens, np.ones_like(tokens)])
            return made[0][:, 0].copy(), made[1][:, 0].copy()


def inside(model: ModelFolder) -> Inside:
    """Return the layers of `model`; the last few are kept. Raises `Refused` where they can't be had."""
    with _opening:
        found = _inside(model)
    if isinstance(found, Refused):
        raise found
    return found


@lru_cache(maxsize=OPEN_AT_ONCE)
def _inside(model: ModelFolder) -> Inside | Refused:
    try:
        return Inside(model)
    except Refused as reason:
        return reason


def parts(model: ModelFolder, text: str) -> TokenContributions | None:
    """Return the tokens of `text`, each with its share of the mean; None where the model makes no mean of them."""
    if model.pooling != "mean":
        return None
    try:
        trace = inside(model).trace(text)
    except Refused:
        return None
    vectors = trace.hidden[-1].astype(np.float64) / len(trace)
    width = model.dimensions  # fewer than the tokens' own where the model's files say so
    return TokenContributions(trace.text, trace.pieces, trace.spans, vectors[:, :width])
