"""Where a command writes what it made: what can't be written is said before the work begins, not after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedlab.errors import EmbedlabError


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


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Make what keeps `path` from being written an `EmbedlabError`."""
    try:
        yield
    except OSError as error:
        raise EmbedlabError(f"{path} can't be written ({error.strerror}): choose another place.") from error
