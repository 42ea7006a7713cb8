"""What the commands of `python -m embedlab` take: their options, with defaults and help, and the texts they name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import Judgements, judgements_in, likely_ids
from embedlab.corpus.layout import UNITS, FileLayout
from embedlab.corpus.reading.files import FORMATS
from embedlab.corpus.reading.table import Table, read_table
from embedlab.corpus.vectors import FILES, OwnVectors, from_path
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.registry import asked_for
from embedlab.pipeline import EmbeddingChoice
from embedlab.space import Space
from embedlab.space.unread import unread_note

VECTOR_FILES = tuple(f".{ending}" for ending in FILES)
"""How the name of a file of vectors ends."""

TEXT = "the column that holds the texts, or several, such as title,text (default: a guess)"


def add_input(parser: argparse.ArgumentParser) -> None:
    """Add the file and its text, the model or own vectors, and --json."""
    parser.add_argument("file", type=Path, metavar="FILE", help=f"{FORMATS}; also .gz")
    parser.add_argument("--text", metavar="COL", help=TEXT)
    add_layout(parser)
    add_model(parser)
    parser.add_argument(
        "--vectors",
        metavar="COL",
        help="use your own vectors: a column of lists of numbers, or a .npy, .npz or .tsv file",
    )
    add_sample(parser)
    parser.add_argument("--json", action="store_true", help="print counts and seconds per stage as JSON")


def add_sample(parser: argparse.ArgumentParser) -> None:
    """Add a random sample of the texts."""
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="take N of the texts, drawn at random (seed 0): for what memory can't hold",
    )


def add_layout(parser: argparse.ArgumentParser) -> None:
    """Add how the file is laid out, where a guess is wrong."""
    group = parser.add_argument_group("how the file is laid out", "each is guessed; --json says what was taken")
    group.add_argument("--header", type=int, metavar="N", help="rows of column names; 0 if the first row holds data")
    group.add_argument(
        "--above", type=int, metavar="N", help="rows above the column names, such as titles and comments"
    )
    group.add_argument("--encoding", metavar="NAME", help="such as utf-8, cp1252 or shift_jis")
    group.add_argument(
        "--delimiter", metavar="SIGN", help="what separates cells: a sign, or “tab”; “none” for a text a line"
    )
    group.add_argument("--sheet", metavar="NAME", help="a workbook's sheet, by its name or its number from 1")
    group.add_argument(
        "--hidden", action=argparse.BooleanOptionalAction, help="read a sheet's hidden rows, or leave them out"
    )
    group.add_argument(
        "--unit",
        choices=UNITS,
        help="what is one text: of plain text a line or a paragraph, of subtitles a sentence, of chats a message or a "
        "conversation",
    )


def layout_of(options: argparse.Namespace) -> FileLayout:
    """Return what `options` say of how the file is laid out."""
    return FileLayout(
        encoding=options.encoding, delimiter=options.delimiter, above=options.above, header=options.header,
        sheet=options.sheet, hidden=options.hidden, unit=options.unit,
    )  # fmt: skip


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the model, its dimensions and its precision."""
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="NAME",
        help=f"a name (see the command “models”), or a folder with a model (default {DEFAULT_MODEL})",
    )  # fmt: skip
    parser.add_argument("--dimensions", type=int, metavar="N", help="keep only the first N dimensions (Matryoshka)")
    parser.add_argument("--exact", action="store_true", help="compute in fp32 also where bfloat16 is faster")


def add_judgements(parser: argparse.ArgumentParser) -> None:
    """Add judgements of a search in files, what their ids are, and which of their columns is what."""
    parser.add_argument(
        "--judgements",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="measure by these judgements: a table of queries and ids, or the qrels and the queries (_id, text)",
    )
    parser.add_argument("--id", metavar="COL", help="the column of ids that these name (default: a guess)")
    parser.add_argument(
        "--columns",
        metavar="A,B,C",
        help="their columns where the guess is wrong: of the query, the id and the score (of pairs: of both "
        "texts, and the score)",
    )


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add the seed."""
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="fixes every random step (default 0)")


def seed(typed: str) -> int:
    """Return a seed as typed: a whole number that every random step takes."""
    found = int(typed)
    if not 0 <= found < 2**32:
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 to {2**32 - 1}, not {typed[:40]}")
    return found


# --- The texts that are named ---------------------------------------------------------------------


def opened(options: argparse.Namespace, stages: Stages, label: str | None = None) -> tuple[Table, Corpus]:
    """Read the file in `options` with its vectors, and say what happened to its rows."""
    with stages.stage("read"):
        table = read_table(options.file, layout=layout_of(options))
        if options.vectors and options.vectors.lower().endswith(VECTOR_FILES):
            path = Path(options.vectors)
            table = table.with_vectors(read_vectors(path, path.name, len(table)))
        corpus = table.corpus(options.text, label)
        if options.sample is not None:
            corpus = corpus.sample(options.sample)
    say_notes(corpus, options)
    return table, corpus


def judged(options: argparse.Namespace, corpus: Corpus) -> Judgements:
    """Return the judgements in the files that `options` name."""
    tables = [read_table(file) for file in options.judgements]
    named_by = options.id or likely_ids(tables, corpus)
    return judgements_in(tables, corpus, named_by, columns_named(options))


def columns_named(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the columns that --columns names."""
    return tuple(name.strip() for name in (options.columns or "").split(",") if name.strip())


def say_notes(corpus: Corpus, options: argparse.Namespace) -> None:
    """Print the notes of a corpus on the standard error; with `--json` they are in the answer."""
    if not options.json:
        print_notes(note.sentence for note in corpus.notes)


def say_unread(space: Space, options: argparse.Namespace) -> None:
    """Print the note on texts that the model could not read; with `--json` it is in the answer."""
    note = unread_note(space)
    if note is not None and not options.json:
        print_notes([note.sentence])


def say_unknown(space: Space, options: argparse.Namespace) -> None:
    """Print what the model doesn't know of the texts, if there is anything; with `--json` it is in the answer."""
    if space.unknown and not options.json:
        print_notes([space.unknown])


def print_notes(sentences: Iterable[str]) -> None:
    """Print notes on the standard error."""
    for sentence in sentences:
        print(f"note: {sentence}", file=sys.stderr)


def read_vectors(path: Path, title: str, rows: int) -> OwnVectors:
    """Return the vectors in a file (.npy, .npz, .tsv), called `title`. `EmbedlabError` where they don't fit."""
    try:
        return from_path(path, rows).called(title)
    except OSError as error:
        raise EmbedlabError(f"{path} can't be read ({error.strerror}): check the name.") from error


def how(options: argparse.Namespace) -> EmbeddingChoice:
    """Return how `options` want texts to be embedded."""
    model = asked_for(options.model)
    if not getattr(options, "vectors", None):
        return EmbeddingChoice(model, options.exact, options.dimensions)
    named = model if model != DEFAULT_MODEL else ""
    return EmbeddingChoice(named, False, options.dimensions, Path(options.vectors).name)
