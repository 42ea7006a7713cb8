"""What a command gives back: lines or JSON, and files. What can't be written is said before the work begins."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embedlab.base.errors import EmbedlabError


def check_out(*paths: Path | None) -> None:
    """Raise `EmbedlabError` where no file can be written, because its folder isn't there or it is one; None is fine."""
    for path in paths:
        if path is not None and not path.absolute().parent.is_dir():
            raise EmbedlabError(f"The folder {path.absolute().parent} does not exist: make it, or choose another.")
        if path is not None and path.is_dir():
            raise EmbedlabError(f"{path} is a folder: name a file to write.")


def write_page(path: Path, page: str) -> None:
    """Write a page. Raises `EmbedlabError` where that can't be done."""
    with writing(path):
        path.write_text(page, encoding="utf-8", errors="replace")


def print_json(facts: Mapping[str, Any], seconds: Mapping[str, float]) -> None:
    """Print `facts` as one line of JSON, with how long each stage took. Raises `ValueError` for NaN in them."""
    print(json.dumps({**facts, "seconds": seconds}, ensure_ascii=False, allow_nan=False))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Make what keeps `path` from being written an `EmbedlabError`."""
    try:
        yield
    except OSError as error:
        raise EmbedlabError(f"{path} can't be written ({error.strerror}): choose another place.") from error
