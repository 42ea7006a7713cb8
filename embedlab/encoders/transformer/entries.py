"""Models that lie in a folder: from the package, from the operator's models folder, from a hub."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import home
from embedlab.encoders import static
from embedlab.encoders.base import TRANSFORMER, Encoder, ModelEntry
from embedlab.encoders.folder import MINILM, ModelFolder, minilm, minilm_folder, safe_folder
from embedlab.encoders.transformer import tuned
from embedlab.encoders.transformer.hub import snapshots

if TYPE_CHECKING:
    from embedlab.encoders.tokens import PieceReader
    from embedlab.encoders.transformer.layers import Inside

NOT_WHOLE = "Its download was stopped: download it again, and it goes on from where it ended."


def models_folder() -> Path:
    """Return the folder whose subfolders are models: `EMBEDLAB_MODELS`, or `models` in the data folder.

    Raises `EmbedlabError` when it begins with the home of a user that there isn't ("~nobody/x").
    """
    chosen = os.environ.get("EMBEDLAB_MODELS")
    if not chosen:
        return home() / "models"
    try:
        return Path(chosen).expanduser()
    except RuntimeError as error:
        raise EmbedlabError(
            f"EMBEDLAB_MODELS is {chosen}, but there is no such user: set it to the folder with your models."
        ) from error


def _minilm() -> ModelEntry:
    """Return the model that comes with the installation."""
    folder = minilm_folder()
    model = ModelFolder(MINILM, folder, "") if folder else None
    return ModelEntry(
        name=MINILM,
        family=TRANSFORMER,
        ready=model is not None,
        how="comes with embedlab" if model else "pip install -r requirements.txt",
        open=lambda exact, texts: runtime(minilm(), exact),
        dimensions=384,
        window=256,
        languages="English",
        licence="Apache-2.0",
        bytes=model.bytes if model else 0,
        shape=model.shape if model else "",
    )


def entries() -> Iterator[ModelEntry]:
    """Yield every model in a folder: the package's, those in the models folder, fine-tuned here, and of the hub.

    One that can't be used says why.
    """
    yield _minilm()
    for name, place, how, revision in _places():
        listing = _listing(name, place, how, revision)
        yield replace(listing, ready=False, how=how) if how == NOT_WHOLE else listing


def _places() -> Iterator[tuple[str, Path, str, str]]:
    for place in sorted(models_folder().glob("*")):  # none where it can't be read
        if any(os.path.isfile(place / name) for name in ("config.json", "modules.json")):
            yield place.name, place, "in the models folder", ""
    yield from tuned.entries()
    for one in snapshots():
        yield one.name, one.folder, NOT_WHOLE if one.begun else "downloaded from the hub", one.revision


def in_folder(name: str, folder: Path) -> ModelEntry:
    """Return the model in a folder that somebody named by a path, which is its `name` then."""
    listed = _listing(folder.name, folder, "in a folder of yours")

    def opened(exact: bool, texts: Sequence[str]) -> Encoder:
        encoder: Any = listed.open(exact, texts)
        encoder.card = replace(encoder.card, called=name)
        return encoder  # type: ignore[no-any-return]

    return replace(listed, name=name, open=opened)


def model_folder(name: str, folder: Path | None = None) -> ModelFolder:
    """Return the folder of the transformer `name`, its files checked; `folder` is where it lies, if its name is a path.

    Raises `EmbedlabError` where there is none.
    """
    if folder is None and Path(name).is_absolute():
        folder = Path(name)
    if folder is not None:
        return safe_folder(folder.name, folder)
    if name == MINILM:
        return minilm()
    for known, place, _, revision in _places():
        if known == name:
            return safe_folder(name, place, revision)
    raise EmbedlabError(f"There is no folder with a model “{name}” here: choose another, or get it first.")


def _listing(name: str, folder: Path, how: str, revision: str = "") -> ModelEntry:
    def opened(exact: bool, texts: Sequence[str]) -> Encoder:
        return runtime(safe_folder(name, folder, revision), exact)

    refused = ModelEntry(name, TRANSFORMER, False, how, opened, revision=revision)
    try:
        if static.is_static(folder):
            return replace(static.listing_of(name, folder, revision), how=how)
        model = safe_folder(name, folder, revision, hashed=False)
        document, query = model.prompts
        return replace(
            refused,
            ready=True,
            dimensions=model.dimensions or None,
            window=model.window,
            bytes=model.bytes,
            languages=model.languages,
            licence=model.licence,
            prompt=document,
            query_prompt=query,
            truncates_to=model.truncates_to,
            shape=model.shape,
        )
    except EmbedlabError as error:
        return replace(refused, how=str(error))
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        return replace(refused, how=f"The files of “{name}” are not those of a model: copy the folder again, whole.")


def runtime(model: ModelFolder, exact: bool) -> Encoder:
    """Return `model` on the fastest runtime here: an accelerator, OpenVINO, or sentence-transformers on the CPU."""
    from embedlab.encoders.transformer.converted import Refused
    from embedlab.encoders.transformer.openvino import OpenVINOEncoder
    from embedlab.encoders.transformer.torch import TorchEncoder, accelerator

    device = accelerator()
    if device:
        return TorchEncoder(model, device)
    try:
        return OpenVINOEncoder(model, exact)
    except (Refused, ImportError) as reason:
        return TorchEncoder(model, "cpu", why=f"OpenVINO was refused: {reason}")


def piece_reader(name: str) -> PieceReader | None:
    """Return what tells which pieces the transformer `name` knows; None where its tokenizer can't be opened."""
    from embedlab.encoders.transformer.converted import Refused, tokens_of

    place = minilm_folder() if name == MINILM else next((one for known, one, _, _ in _places() if known == name), None)
    try:
        return None if place is None else tokens_of(ModelFolder(name, place, "")).reader
    except (Refused, EmbedlabError):
        return None


def layers(model: ModelFolder) -> Inside:
    """Return the layers of `model`. Raises `EmbedlabError` with the reason where they can't be had."""
    from embedlab.encoders.transformer.converted import Refused
    from embedlab.encoders.transformer.layers import inside

    try:
        return inside(model)
    except (Refused, ImportError) as reason:
        raise EmbedlabError(
            f"The layers of “{model.name}” can't be shown ({reason}): choose another transformer, such as {MINILM}."
        ) from reason
