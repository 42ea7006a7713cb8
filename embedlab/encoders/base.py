"""What every encoder is: a card that says exactly which one, and a way from texts to unit vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.result import Result

if TYPE_CHECKING:
    import pandas as pd

Vectors = NDArray[np.float32]

NO_WINDOW = 0
REMOTE_RUNTIME = "remote, "
"""What the runtime of a model on another computer begins with."""
PROBE = "a short text"
"""What an encoder of which nothing is known is asked first."""


@dataclass(frozen=True)
class EncoderInfo:
    """Everything that determines the vectors of an encoder, and what a person wants to know of it.

    `weights` names the exact weights (a SHA-256 or a revision). `window` is the longest input in tokens;
    what is longer is cut at its end; `NO_WINDOW` where there is no limit, or none is known. `prompt` is put
    before each document and `query_prompt` before each query. `runtime` says what computes ("OpenVINO bf16").
    `kept` says whether vectors are worth keeping on disk: not those of a model that is fitted to the texts each time.
    `shape` stands for what a model's arithmetic follows from, whatever its weights ("" where nobody tells).
    `revision` is the commit of a model from a hub; `shortened_from` the dimensions before some were cut off;
    `column` where one's own vectors came from. `at_once` is how many texts it takes well in one call: what is lost
    when it is cut off, if they were not stored. `called` is the name by which the model can be had here, where that is
    another than `model`; it determines nothing. `languages` are those that it was made for, as its own card lists them,
    "" where that says nothing.
    """

    model: str
    weights: str
    dimensions: int
    window: int
    runtime: str
    prompt: str = ""
    normalised: bool = True
    checked: str = ""
    query_prompt: str = ""
    kept: bool = True
    revision: str = ""
    shortened_from: int = 0
    column: str = ""
    at_once: int = 512
    shape: str = ""
    called: str = ""
    languages: str = ""

    @property
    def name(self) -> str:
        """The name by which the model can be had here."""
        return self.called or self.model

    @property
    def remote(self) -> bool:
        """Whether another computer makes the vectors: it is asked for nothing that isn't needed."""
        return self.runtime.startswith(REMOTE_RUNTIME)

    @cached_property
    def fingerprint(self) -> str:
        """Stands for all that determines a document's vector besides its text; `checked` does not count."""
        return fingerprint(
            self.model, self.weights, self.dimensions, self.window, self.runtime, self.prompt, self.normalised
        )

    def prompt_of(self, query: bool) -> str:
        """Return what is put before a text: a query, or a document."""
        return self.query_prompt if query else self.prompt


@runtime_checkable
class Encoder(Protocol):
    """From texts to unit vectors. Equal texts give equal vectors, to within rounding, whatever stands beside them.

    What only some can do besides is in `embedlab.encoders.capabilities`.
    """

    @property
    def card(self) -> EncoderInfo:
        """Say exactly which encoder this is."""
        ...

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return a new float32 array (len(texts), dimensions) with rows of length 1, in the order given.

        `query` puts the model's prompt for queries before each text instead of the one for documents. Raises
        `EmbedlabError` where the encoder can't make a vector of a text, or can't be reached.
        """
        ...


@dataclass(frozen=True)
class Family:
    """A kind of encoder, explained in two sentences."""

    name: str
    explained: str


LEXICAL = Family(
    "Lexical",
    "Counts words, weighs the rare ones more (TF-IDF) and keeps the directions in which these texts differ most "
    "(SVD). It knows nothing but these texts: two sentences are alike if they share words, or words that keep the "
    "same company here.",
)
STATIC = Family(
    "Static token vectors",
    "Each piece of a word has one fixed vector, taken from a large model, and a text is the mean of its pieces. "
    "Very fast, but word order and context are lost: the bank of a river and the bank with the money are one word.",
)
WORDS = Family(
    "Word vectors",
    "Each word has one fixed vector, learned from which words stand near it in billions of words (GloVe, 2014). "
    "A text is the mean of its words; a word that it never saw has no vector.",
)
TRANSFORMER = Family(
    "Transformer",
    "Each word piece looks at all the others and changes with its context, layer by layer; the result is pooled "
    "into one vector and was trained to put sentences of like meaning together. The best quality, at the highest cost.",
)
REMOTE = Family(
    "Remote",
    "A model on another computer, reached through the interface that OpenAI, Ollama, vLLM and TEI share. Your texts "
    "leave this machine for that address; what comes back is checked and kept like any other vector.",
)


PACKAGES = Family(
    "Other packages",
    "Encoders that packages installed beside embedlab bring along. What they compute, and whether texts leave this "
    "machine, their authors say.",
)


@dataclass(frozen=True)
class ModelEntry:
    """One model that can be chosen, and what a chooser wants to know; nothing is loaded yet.

    `ready` says whether it can be used now; `how` says how to get it, or where it is. `bytes` are those on disk;
    `dimensions` and `window` are None where nobody knows before it has run. `truncates_to` are the smaller
    dimensions that the model was trained for (Matryoshka). `revision` pins the version of a model from a hub.
    `on_corpus` marks a model that is fitted to the texts themselves. `shape` is its card's. `open(exact, texts)`
    returns the encoder: `exact` asks for fp32, `texts` are those of the corpus, used only by a model that is fitted to
    them.
    """

    name: str
    family: Family
    ready: bool
    how: str
    open: Callable[[bool, Sequence[str]], Encoder]
    dimensions: int | None = None
    window: int | None = None
    bytes: int = 0
    languages: str = ""
    licence: str = ""
    prompt: str = ""
    query_prompt: str = ""
    truncates_to: tuple[int, ...] = ()
    revision: str = ""
    on_corpus: bool = False
    shape: str = ""

    def facts(self) -> dict[str, Any]:
        """Return all but what opens it, ready for JSON."""
        told = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "open"}
        return told | {"family": self.family.name, "truncates_to": list(self.truncates_to)}


@dataclass(frozen=True, eq=False, repr=False)
class Models(Result):
    """What can embed texts on this machine, and what could."""

    entries: tuple[ModelEntry, ...]

    def __iter__(self) -> Iterator[ModelEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def sentence(self) -> str:
        """How many there are, and how many of them can be used now."""
        return f"{sum(one.ready for one in self.entries)} of {len(self)} models are ready."

    def table(self) -> pd.DataFrame:
        """Return a row for each model: its family, whether it is ready, its size, what it reads and its licence."""
        import pandas as pd

        return pd.DataFrame(self.facts()["models"])

    def facts(self) -> dict[str, Any]:
        """Return the list that the command `models` prints as JSON, as `models`."""
        return {"models": [one.facts() for one in self.entries]}


def not_ready(name: str, family: Family, how: str) -> ModelEntry:
    """Return the entry of a model that can't be used; `how` is the sentence that says why, also where it is opened."""

    def refused(exact: bool, texts: Sequence[str]) -> Encoder:
        raise EmbedlabError(how)

    return ModelEntry(name, family, False, how, refused)


# Lengths whose squares float32 holds with all their digits.
_SHORT, _LONG = 1e-12, 1e12


def first_bad(vectors: NDArray[np.floating]) -> tuple[int, str] | None:
    """Return the first row that can't be scaled to length 1, and what it is; None where all can."""
    for bad, what in (
        (~np.isfinite(vectors).all(axis=1), "a vector that is not finite"),
        (~vectors.any(axis=1), "a vector of nothing but zeros"),
    ):
        if bad.any():
            return int(np.argmax(bad)), what
    return None


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Return float32 rows of length 1; a row of zeros stays one, and the caller decides what that means.

    A row whose squares would be too large or too small for its type is scaled by its largest number first.
    """
    with np.errstate(over="ignore", under="ignore"):
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        odd = np.flatnonzero(~((lengths > _SHORT) & (lengths < _LONG)))
        if len(odd):
            peaks = np.abs(vectors[odd]).max(axis=1, keepdims=True, initial=0)
            usable = np.isfinite(peaks) & (peaks > 0)
            vectors = np.array(vectors)
            vectors[odd] = vectors[odd] / np.where(usable, peaks, 1)
            lengths[odd] = np.linalg.norm(vectors[odd], axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
