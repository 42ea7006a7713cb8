"""What a command reads: a file's texts, with own vectors beside them, and how they are to be embedded."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import Table, read_table
from embedlab.corpus.vectors import OwnVectors, from_npy
from embedlab.encoders import DEFAULT_MODEL
from embedlab.pipeline import EmbeddingChoice

NPY = ".npy"


def opened(options: argparse.Namespace, stages: Stages, label: str | None = None) -> tuple[Table, Corpus]:
    """Read the file in `options` with its vectors, and say what happened to its rows."""
    with stages.stage("read"):
        table = read_table(options.file)
        if options.vectors and options.vectors.endswith(NPY):
            path = Path(options.vectors)
            table = table.with_vectors(read_npy(path, path.name, len(table)))
        corpus = table.corpus(options.text, label)
    say_notes(corpus, options)
    return table, corpus


def say_notes(corpus: Corpus, options: argparse.Namespace) -> None:
    """Print the notes of a corpus on the standard error; with `--json` they are in the answer."""
    for note in corpus.notes if not options.json else ():
        print(f"note: {note.sentence}", file=sys.stderr)


def read_npy(path: Path, title: str, rows: int) -> OwnVectors:
    """Return the vectors in a .npy file, called `title`. Raises `EmbedlabError` where they don't fit `rows` rows."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmbedlabError(f"{path} can't be read ({error.strerror}): check the name.") from error
    return from_npy(content, title, rows)


def how(options: argparse.Namespace) -> EmbeddingChoice:
    """Return how `options` want texts to be embedded."""
    if not getattr(options, "vectors", None):
        return EmbeddingChoice(options.model, options.exact, options.dimensions)
    named = options.model if options.model != DEFAULT_MODEL else ""
    return EmbeddingChoice(named, False, options.dimensions, Path(options.vectors).name)
