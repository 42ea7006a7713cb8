"""What a command gives back: lines or JSON, and files. What can't be written is said before the work begins."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.corpus import Corpus


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


def give(
    options: argparse.Namespace,
    stages: Stages,
    facts: Callable[[], Mapping[str, Any]],
    lines: Iterable[str],
    **read: Corpus | None,
) -> None:
    """Print `lines`, or with `--json` the facts as one line of JSON, with how long each stage took.

    `read` are the corpora whose way of being read is told too, each under its name here.

    Raises `ValueError` for NaN in the facts.
    """
    if options.json:
        told = {name: corpus.reading() for name, corpus in read.items() if corpus is not None}
        lines = [json.dumps({**facts(), **told, "seconds": stages.seconds}, ensure_ascii=False, allow_nan=False)]
    for line in lines:
        print(line)


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
