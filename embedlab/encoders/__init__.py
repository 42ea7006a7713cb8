"""Text to unit vectors."""

from embedlab.encoders.base import Card, Encoder, Family, Listing, Vectors
from embedlab.encoders.registry import DEFAULT_MODEL, inside, load, models

__all__ = ["DEFAULT_MODEL", "Card", "Encoder", "Family", "Listing", "Vectors", "inside", "load", "models"]
