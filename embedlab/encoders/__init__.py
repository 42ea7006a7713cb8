"""Text to unit vectors."""

from embedlab.encoders.base import Encoder, EncoderInfo, Family, ModelEntry, Vectors
from embedlab.encoders.function import as_encoder, from_callable
from embedlab.encoders.registry import DEFAULT_MODEL, inside, load, models

__all__ = [
    "DEFAULT_MODEL", "Encoder", "EncoderInfo", "Family", "ModelEntry", "Vectors", "as_encoder", "from_callable",
    "inside", "load", "models",
]  # fmt: skip
