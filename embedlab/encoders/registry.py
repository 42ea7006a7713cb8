"""The one door to encoders: a model's name in, an encoder out."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

import numpy as np

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.encoders import glove, static, tfidf
from embedlab.encoders.base import (
    LEXICAL,
    PACKAGES,
    PROBE,
    REMOTE,
    STATIC,
    TRANSFORMER,
    WORDS,
    Encoder,
    Family,
    ModelEntry,
    not_ready,
)
from embedlab.encoders.folder import MINILM
from embedlab.encoders.function import as_encoder, first_line
from embedlab.encoders.remote import http
from embedlab.encoders.transformer import entries

if TYPE_CHECKING:
    from embedlab.encoders.transformer.layers import Inside

DEFAULT_MODEL = MINILM
FAMILIES: tuple[Family, ...] = (LEXICAL, STATIC, WORDS, TRANSFORMER, REMOTE, PACKAGES)
SOURCES: tuple[Callable[[], Iterable[ModelEntry]], ...] = (
    tfidf.entries, static.entries, glove.entries, entries.entries, http.entries,
)  # fmt: skip
"""What lists embedlab's own encoders, without loading any; other packages' are in `plugin_entries`."""
LOADED_AT_ONCE = 4

_loading = threading.RLock()  # an encoder of another package may be made of one of ours
_loaded: OrderedDict[tuple[str, bool, str], Encoder] = OrderedDict()


@dataclass(frozen=True)
class Suggestion:
    """A well-known model that can be downloaded, and what a chooser wants to know before. Sizes are in bytes."""

    name: str
    family: Family
    dimensions: int
    window: int | None
    bytes: int
    languages: str
    licence: str


SUGGESTIONS = (
    Suggestion("minishlab/potion-base-8M", STATIC, 256, None, 30_000_000, "English", "MIT"),
    Suggestion("BAAI/bge-small-en-v1.5", TRANSFORMER, 384, 512, 133_000_000, "English", "MIT"),
    Suggestion("sentence-transformers/all-mpnet-base-v2", TRANSFORMER, 768, 384, 438_000_000, "English", "Apache-2.0"),
    Suggestion("intfloat/multilingual-e5-small", TRANSFORMER, 384, 512, 471_000_000, "about 100", "MIT"),
    Suggestion(
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        TRANSFORMER, 384, 128, 471_000_000, "over 50", "Apache-2.0",
    ),
    Suggestion("Qwen/Qwen3-Embedding-0.6B", TRANSFORMER, 1024, 32_768, 1_190_000_000, "over 100", "Apache-2.0"),
)  # fmt: skip


def models() -> tuple[ModelEntry, ...]:
    """Return every model that is known here, ready or not, by family; nothing is loaded and nobody contacted."""
    order = {family.name: place for place, family in enumerate(FAMILIES)}
    return tuple(sorted(_entries(), key=lambda entry: order[entry.family.name]))


def _entries() -> Iterator[ModelEntry]:
    """Yield every model once; where two share a name, it is the earlier one's. Other packages come last."""
    names: set[str] = set()
    for entry in (entry for source in SOURCES for entry in source()):
        if entry.name not in names:
            names.add(entry.name)
            yield entry
    yield from plugin_entries(names)


def listing(name: str) -> ModelEntry:
    """Return the model `name`. Raises `EmbedlabError`, with what there is, for an unknown name."""
    for entry in _entries():
        if entry.name == name:
            return entry
    ready = ", ".join(one.name for one in models() if one.ready)
    raise EmbedlabError(f"There is no model “{name}” here: use one of {ready}, or get it first.")


def load(name: str = DEFAULT_MODEL, exact: bool = False, texts: Sequence[str] = ()) -> Encoder:
    """Return the encoder `name`; the last few are kept loaded in each process.

    On a CPU a transformer runs on OpenVINO, in bfloat16 where the CPU has it (`exact` asks for fp32); on CUDA or
    MPS, and where OpenVINO is refused, on sentence-transformers. `texts` are the corpus, for a model that is fitted
    to it. Raises `EmbedlabError` for a name that is unknown or not ready.
    """
    with _loading:
        found = listing(name)
        key = (name, exact, fingerprint(list(texts)) if found.on_corpus else found.revision)
        if key not in _loaded:
            # Two say more of it when they are opened, and one of another package may have been mended.
            if not found.ready and name != DEFAULT_MODEL and found.family != PACKAGES:
                raise EmbedlabError(f"“{name}” is not ready here: {found.how}")
            _loaded[key] = found.open(exact, texts)
            while len(_loaded) > LOADED_AT_ONCE:
                _loaded.popitem(last=False)
        _loaded.move_to_end(key)
        return _loaded[key]


def inside(name: str = DEFAULT_MODEL) -> Inside:
    """Return the layers of the transformer `name`. Raises `EmbedlabError` for a model that has none to show."""
    found = listing(name)
    if found.family != TRANSFORMER or not found.ready:
        raise EmbedlabError(
            f"“{name}” has no layers to look into ({found.family.name}): choose a transformer, such as {DEFAULT_MODEL}."
        )
    return entries.layers(entries.model_folder(name))


def forget() -> None:
    """Let go of all encoders that are loaded."""
    with _loading:
        _loaded.clear()


# --- Encoders of other packages -------------------------------------------------------------------


GROUP = "embedlab.encoders"

_failed: dict[EntryPoint, str] = {}


def plugin_entries(taken: Collection[str]) -> Iterator[ModelEntry]:
    """Yield the models of other packages. One whose name is `taken`, or that failed when it was used, says why.

    Each entry point in the group `embedlab.encoders` names a function without arguments that returns what `as_encoder`
    takes; its own name is the model's. A package isn't imported before its model is used, so listing is quick whatever
    it imports. docs/extending.md has an example.
    """
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
