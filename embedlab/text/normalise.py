"""Texts and words in the form in which they can be kept and compared."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]+")


def well_formed(text: str) -> str:
    """Return `text` with lone surrogates, which no encoding can hold, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def caseless(text: str) -> str:
    """Return `text` without case, and with one form for what Unicode calls compatible (NFKC): widths, ligatures."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def searched(text: str) -> str:
    """Return `text` as letters are looked for in it: without case and, as `unaccented` says, accents."""
    return text.lower() if text.isascii() else unaccented(text).casefold()


def unaccented(text: str) -> str:
    """Return `text` without accents on Latin, Greek and Cyrillic, composed (NFC)."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))
