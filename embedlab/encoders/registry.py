"""The one door to encoders: a model's name in, an encoder out."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embedlab.base.english import joined
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
from embedlab.encoders.folder import MINILM, ModelFolder
from embedlab.encoders.function import as_encoder, first_line
from embedlab.encoders.remote import http
from embedlab.encoders.transformer import entries
from embedlab.encoders.transformer.hub import NAME

if TYPE_CHECKING:
    from embedlab.encoders.transformer.layers import Inside

DEFAULT_MODEL = MINILM
FAMILIES: tuple[Family, ...] = (LEXICAL, STATIC, WORDS, TRANSFORMER, REMOTE, PACKAGES)
SOURCES: tuple[Callable[[], Iterable[ModelEntry]], ...] = (
    tfidf.entries, static.entries, glove.entries, entries.entries, http.entries,
)  # fmt: skip
"""What lists embedlab's own encoders, without loading any; other packages' are in `plugin_entries`."""
LOADED_AT_ONCE = 4
ALIKE = 0.6

_loading = threading.RLock()  # an encoder of another package may be made of one of ours
_loaded: OrderedDict[tuple[str, bool, str], Encoder] = OrderedDict()
_folders: dict[str, Path] = {}


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
    """Return the model that `named` finds. Raises `EmbedlabError`, with what there is, for an unknown name."""
    known = {entry.name: entry for entry in _entries()}
    found = named(name, known)
    if found in known:
        return known[found]
    if found in _folders:
        return entries.in_folder(found, _folders[found])
    ready = [one.name for one in models() if one.ready]
    near = _alike(name, list(known))
    meant = f", perhaps {joined([f'“{one}”' for one in near], 'or')}" if near else ""
    raise EmbedlabError(f"There is no model “{name}” here: use one of {', '.join(ready)}{meant}, or get it first.")


def known(name: str) -> bool:
    """Say whether there is a model `name` here, ready or not."""
    names = [entry.name for entry in _entries()]
    return named(name, names) in (*names, *_folders)


def named(name: str, names: Collection[str] | None = None) -> str:
    """Return the name here of a model as people know it: with its organisation or without, in whatever capitals.

    `names` are those of all models. What is no such name, or could be two, is returned as it is. Nothing stands for a
    remote model but its own name: texts are sent nowhere by a slip.
    """
    names = [entry.name for entry in _entries()] if names is None else names
    if name in names or name in _folders:
        return name
    local = [one for one in names if not one.startswith(http.PREFIX)]
    for alike in (_same_name, _same_last):
        found = [one for one in local if alike(name.lower(), one.lower())]
        if found:
            return found[0] if len(found) == 1 else name
    return name


def _same_name(typed: str, name: str) -> bool:
    return typed == name


def _same_last(typed: str, name: str) -> bool:
    """Say whether one of two names is the other without its organisation."""
    whole, part = (typed, name) if "/" in typed else (name, typed)
    of_hub = NAME.fullmatch(whole) is not None and not typed.startswith(http.PREFIX)
    return of_hub and "/" not in part and whole.endswith(f"/{part}")


def _alike(name: str, names: Sequence[str]) -> list[str]:
    """Return up to three names that one may have meant."""
    lower = {one.lower(): one for one in names} | {one.lower().rpartition("/")[2]: one for one in names}
    typed = name.lower()
    found = [
        lower[one] for part in (typed, typed.rpartition("/")[2]) for one in get_close_matches(part, lower, 3, ALIKE)
    ]
    return list(dict.fromkeys(found))[:3]


def asked_for(typed: str, everywhere: bool = False) -> str:
    """Return the name of the model that somebody asks for by its name, or by the path of its folder.

    That path is the name, written so that it holds `everywhere` if other processes are to find it. From then on the
    folder is known by it in this process. Only for what is typed where the program runs: not for what a browser sends.
    Raises `EmbedlabError` for a path without a folder, or with one that holds no model.
    """
    if not typed or (known(typed) and not (everywhere and typed in _folders)):
        return named(typed)
    try:
        place = Path(typed).expanduser()
        there = place.is_dir()
    except (RuntimeError, OSError, ValueError):
        return typed
    if not there and not typed.startswith((".", "~", "/", "\\")):
        return typed
    if not there:
        raise EmbedlabError(f"There is no folder “{typed}” with a model: check the path, or name a model by its name.")
    if not any((place / file).is_file() for file in ("config.json", "modules.json")):
        raise EmbedlabError(
            f"The folder “{typed}” holds no model (no config.json): name the folder in which its files lie."
        )
    name = str(place.resolve()) if everywhere else typed
    _folders[name] = place.resolve()
    return name


def load(name: str = DEFAULT_MODEL, exact: bool = False, texts: Sequence[str] = ()) -> Encoder:
    """Return the encoder `name`; the last few are kept loaded in each process.

    On a CPU a transformer runs on OpenVINO, in bfloat16 where the CPU has it (`exact` asks for fp32); on CUDA or
    MPS, and where OpenVINO is refused, on sentence-transformers. `texts` are the corpus, for a model that is fitted
    to it. Raises `EmbedlabError` for a name that is unknown or not ready.
    """
    with _loading:
        found = listing(name)
        name = found.name
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
    return entries.layers(model_folder(name))


def model_folder(name: str) -> ModelFolder:
    """Return the folder of the transformer `name`, its files checked. Raises `EmbedlabError` where there is none."""
    found = listing(name).name
    return entries.model_folder(found, _folders.get(found))


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
