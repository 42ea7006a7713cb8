"""The reference way: sentence-transformers on torch, on CUDA or MPS where there is one."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.encoders.base import Card, Vectors
from embedlab.encoders.weights import ModelFolder


def accelerator() -> str | None:
    """Return "cuda", "mps" or None. torch is imported only where the machine hints at an accelerator."""
    if not _hint():
        return None
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


def _hint() -> bool:
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return False
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    without = importlib.metadata.version("torch").endswith("+cpu")
    return not without and bool(os.path.exists("/dev/nvidiactl") or shutil.which("nvidia-smi"))


class TorchEncoder:
    """sentence-transformers' own `encode`, in fp32."""

    def __init__(self, model: ModelFolder, device: str = "cpu", why: str = "") -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer

        from embedlab.encoders.tokens import Tokens

        self._model: Any = SentenceTransformer(
            str(model.path), device=device, local_files_only=True, trust_remote_code=False
        )
        self._tokens = Tokens(model)
        self._card = Card(
            model=model.name,
            weights=model.sha256,
            dimensions=model.dimensions,
            window=model.window,
            runtime=f"sentence-transformers fp32, {device}",
            checked=why,
        )

    @property
    def card(self) -> Card:
        return self._card

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self._card.dimensions)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return self._tokens.count(texts)
