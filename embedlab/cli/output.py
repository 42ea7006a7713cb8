"""What a command gives back: lines or JSON, and files. What can't be written is said before the work begins."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedlab.base.english import joined
from embedlab.base.errors import EmbedlabError
from embedlab.base.plain import plain
from embedlab.base.progress import Stages
from embedlab.corpus.writing import ending_of, table_bytes

if TYPE_CHECKING:
    import pandas as pd


PAGES = (".html", ".htm")


def check_out(path: Path | None, endings: Sequence[str] = PAGES, beside: Iterable[Path | None] = ()) -> None:
    """Raise `EmbedlabError` where a file can't be written; None is fine.

    Its folder isn't there, it is one itself or may not be written to, its ending isn't one of `endings`, or it is one
    of the files `beside` it, those that are read or written as well.
    """
    if path is None:
        return
    if not path.absolute().parent.is_dir():
        raise EmbedlabError(f"The folder {path.absolute().parent} does not exist: make it, or choose another.")
    if path.is_dir():
        raise EmbedlabError(f"{path} is a folder: name a file to write.")
    if any(other is not None and _same(path, other) for other in beside):
        raise EmbedlabError(f"{path} is read or written by this command already: name another file to write.")
    if path.exists() and not path.is_file():
        return  # a pipe or a device, whose name says nothing
    if not path.name.lower().endswith(tuple(endings)):
        raise EmbedlabError(f"{path} can't be written: let its name end in {joined(list(endings), 'or')}.")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise EmbedlabError(f"{path} may not be written: choose another place.")


def check_table(path: Path | None, beside: Iterable[Path | None] = ()) -> None:
    """Raise the same for a table, whose ending is one of `embedlab.corpus.writing.ENDINGS`."""
    if path is not None:
        check_out(path, [ending_of(path)], beside)


def _same(path: Path, other: Path) -> bool:
    try:
        return path.resolve() == other.resolve() or path.samefile(other)
    except OSError:
        return False


def write_page(path: Path, page: str) -> None:
    """Write a page. Raises `EmbedlabError` where that can't be done."""
    with writing(path):
        path.write_text(page, encoding="utf-8", errors="replace")


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as the ending of `path` says, and print what that format could not hold."""
    content, notes = table_bytes(frame, ending_of(path))
    with writing(path):
        path.write_bytes(content)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def give(
    options: argparse.Namespace,
    stages: Stages,
    facts: Callable[[], Mapping[str, Any]],
    lines: Iterable[str],
) -> None:
    """Print `lines`, or with `--json` the facts as one line of JSON, with how long each stage took."""
    if options.json:
        lines = [as_json({**facts(), "seconds": stages.seconds})]
    for line in lines:
        print(line)


def as_json(facts: Any) -> str:
    """Return facts as one line of JSON; NaN and infinity are null. A terminal that knows ASCII alone gets no more."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    return json.dumps(plain(facts), ensure_ascii=not unicode, allow_nan=False)


def write_report(options: argparse.Namespace, stages: Stages, page: Callable[[], str]) -> None:
    """Write the report that `--out` asks for, if it does."""
    if options.out is not None:
        with stages.stage("write"):
            write_page(options.out, page())


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Make what keeps `path` from being written an `EmbedlabError`."""
    try:
        yield
    except OSError as error:
        raise EmbedlabError(f"{path} can't be written ({error.strerror}): choose another place.") from error
