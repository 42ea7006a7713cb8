"""The one door to encoders: a model's name in, an encoder out."""

from __future__ import annotations

import threading
from functools import lru_cache

from embedlab.encoders.base import Encoder
from embedlab.encoders.weights import ModelFolder, minilm
from embedlab.errors import EmbedlabError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_loading = threading.Lock()


def load(name: str = DEFAULT_MODEL, exact: bool = False) -> Encoder:
    """Return the encoder `name`, loaded once in each process.

    On a CPU it runs on OpenVINO, in bfloat16 where the CPU has it (`exact` asks for fp32); on CUDA or MPS,
    and where OpenVINO is refused, on sentence-transformers. Raises `EmbedlabError` for an unknown name.
    """
    with _loading:
        return _load(name, exact)


@lru_cache(maxsize=4)
def _load(name: str, exact: bool) -> Encoder:
    if name != DEFAULT_MODEL:
        raise EmbedlabError(f"There is no model “{name}” here: use {DEFAULT_MODEL}.")
    return _runtime(minilm(), exact)


def _runtime(model: ModelFolder, exact: bool) -> Encoder:
    from embedlab.encoders.openvino import OpenVINOEncoder, Refused
    from embedlab.encoders.torch import TorchEncoder, accelerator

    device = accelerator()
    if device:
        return TorchEncoder(model, device)
    try:
        return OpenVINOEncoder(model, exact)
    except (Refused, ImportError) as reason:
        return TorchEncoder(model, "cpu", why=f"OpenVINO was refused: {reason}")
