"""Texts as they can be kept: without what no encoding holds."""

from __future__ import annotations


def well_formed(text: str) -> str:
    """Return `text` with lone surrogates, which no encoding can hold, replaced by U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
