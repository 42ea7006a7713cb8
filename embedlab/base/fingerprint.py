"""Names for content: equal inputs, equal fingerprint, on every machine and in every process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Part = str | int | float | bool | None | bytes | NDArray[np.generic] | Iterable["Part"]


def fingerprint(*parts: Part) -> str:
    """Return 32 hexadecimal digits (128 bits of BLAKE2b) that stand for the full content of `parts`.

    Each part is written with its kind and length, so that neighbouring parts can't run together. Arrays
    count with dtype, shape and every element; nothing is sampled. A lone surrogate in a string is allowed.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        _add(digest, part)
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, part: Part) -> None:
    if isinstance(part, str):
        _add_bytes(digest, b"s", part.encode("utf-8", "surrogatepass"))
    elif isinstance(part, bytes):
        _add_bytes(digest, b"b", part)
    elif part is None or isinstance(part, bool | int | float):
        _add_bytes(digest, b"v", repr(part).encode())
    elif isinstance(part, np.ndarray):
        if part.dtype == object:
            _add_bytes(digest, b"o", str(part.shape).encode())
            _add(digest, part.ravel().tolist())
            return
        _add_bytes(digest, b"a", f"{part.dtype.str}{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)
    else:
        items = list(part)
        digest.update(b"l%d:" % len(items))
        for item in items:
            _add(digest, item)


def _add_bytes(digest: hashlib.blake2b, kind: bytes, content: bytes) -> None:
    digest.update(kind + b"%d:" % len(content))
    digest.update(content)
