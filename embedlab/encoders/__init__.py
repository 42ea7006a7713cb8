"""Text to unit vectors."""

from embedlab.encoders.base import Card, Encoder, Vectors
from embedlab.encoders.catalogue import DEFAULT_MODEL, load

__all__ = ["DEFAULT_MODEL", "Card", "Encoder", "Vectors", "load"]
