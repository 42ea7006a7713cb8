"""The command line: `python -m embedlab map FILE --text COL --out map.html`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress, Stages
from embedlab.cli.arguments import parser
from embedlab.cli.output import check_out, write_page, writing
from embedlab.corpus import Corpus
from embedlab.corpus.export import csv_bytes, with_columns
from embedlab.corpus.reading.table import Table, read_table
from embedlab.corpus.vectors import OwnVectors, from_npy
from embedlab.encoders import DEFAULT_MODEL, ModelEntry, inside, load, models
from embedlab.pipeline import EmbeddingChoice

if TYPE_CHECKING:
    from embedlab.explore.exploration import Exploration
    from embedlab.space.projection import LayoutSettings

BAD_INPUT = 2
INTERRUPTED = 130


def _stages() -> Stages:
    return Stages(_shown)


def _shown(progress: Progress) -> None:
    """Show progress on the standard error, if that is a terminal."""
    if not sys.stderr.isatty() or not progress.total:
        return
    left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
    end = "\n" if progress.done >= progress.total else ""
    print(f"\r\033[K{progress.stage}: {progress.done:,} of {progress.total:,}{left}", end=end, file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, 1 where a condition failed, or 2 after one line about bad input."""
    options = parser().parse_args(arguments)
    try:
        status = COMMANDS[options.command](options)
    except EmbedlabError as error:
        print(f"embedlab: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    except MemoryError:
        print("embedlab: There is not enough memory for this: try fewer texts.", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("embedlab: Stopped; the vectors made so far are kept.", file=sys.stderr)
        return INTERRUPTED
    return status or 0


# --- Commands ------------------------------------------------------------------------------------


def _map(options: argparse.Namespace) -> None:
    stages = _stages()
    check_out(options.out, options.table)
    settings = _settings(options.seed)
    imports = threading.Thread(target=_import_ahead, daemon=True)
    imports.start()
    table, corpus = _read(options, stages, label=options.label)
    prepared = pipeline.prepare(corpus, _how(options), stages)
    imports.join()
    explored = pipeline.explore(prepared, settings, None, stages)
    with stages.stage("write"):
        write_page(options.out, explored.page())
        if options.table:
            _write_table(options.table, table, explored)
    if explored.doubt and not options.json:
        print(explored.doubt)
    where = f"in {explored.count} clusters" if explored.grouped else "in no groups"
    _tell(options, explored.facts(), stages, f"{options.out}: {len(corpus):,} texts {where}.")
    if not options.json:
        print(explored.how_far)


def _embed(options: argparse.Namespace) -> None:
    stages = _stages()
    check_out(options.out)
    _, corpus = _read(options, stages)
    space = pipeline.embed(corpus, _how(options), stages).space
    with stages.stage("write"), writing(options.out), options.out.open("wb") as file:
        np.save(file, space.vectors, allow_pickle=False)
    shape = " x ".join(map(str, space.vectors.shape))
    _tell(options, space.facts(), stages, f"{options.out}: {shape}, float32.")


def _search(options: argparse.Namespace) -> None:
    from embedlab.cli import search

    search.run(options, _stages())


def _compare(options: argparse.Namespace) -> None:
    from embedlab.cli import compare

    compare.run(options, _stages())


def _finetune(options: argparse.Namespace) -> None:
    from embedlab.cli import finetune

    finetune.run(options, _stages())


def _check(options: argparse.Namespace) -> int:
    from embedlab.cli.check import run

    return run(options, _stages())


def _drift(options: argparse.Namespace) -> int:
    from embedlab.cli.drift import run

    return run(options, _stages())


def _prepare(options: argparse.Namespace) -> None:
    from embedlab.space.warm import warm_up

    card = load().card
    with suppress(EmbedlabError):  # its layers are for looking, not for embedding
        inside()
    warm_up()
    print(f"Ready: {card.model} on {card.runtime}; {card.checked}.")


def _models(options: argparse.Namespace) -> None:
    if options.get:
        from embedlab.encoders.transformer.hub import download

        snapshot = download(options.get, report=_shown)
        print(f"{snapshot.name}, revision {snapshot.revision}: downloaded.", file=sys.stderr)
    known = models()
    if options.json:
        print(json.dumps([_facts(listing) for listing in known], ensure_ascii=False))
        return
    width = max(len(listing.name) for listing in known)
    for listing in known:
        size = f"{listing.dimensions} dimensions" if listing.dimensions else ""
        state = "ready" if listing.ready else "not ready"
        print(
            f"{listing.name:<{width}}  {listing.family.name}, {state}: {', '.join(filter(None, [listing.how, size]))}"
        )


def _facts(listing: ModelEntry) -> dict[str, object]:
    facts = {
        field.name: getattr(listing, field.name) for field in fields(listing) if field.name not in ("open", "inside")
    }
    return facts | {"family": listing.family.name, "truncates_to": list(listing.truncates_to)}


def _read(options: argparse.Namespace, stages: Stages, label: str | None = None) -> tuple[Table, Corpus]:
    with stages.stage("read"):
        table = read_table(options.file)
        if options.vectors and options.vectors.endswith(".npy"):
            table = table.with_vectors(_npy(Path(options.vectors), table))
        corpus = table.corpus(options.text, label)
    for note in corpus.notes if not options.json else ():
        print(f"note: {note.sentence}", file=sys.stderr)
    return table, corpus


def _how(options: argparse.Namespace) -> EmbeddingChoice:
    if not options.vectors:
        return EmbeddingChoice(options.model, options.exact, options.dimensions)
    named = options.model if options.model != DEFAULT_MODEL else ""
    return EmbeddingChoice(named, False, options.dimensions, Path(options.vectors).name)


def _npy(path: Path, table: Table) -> OwnVectors:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmbedlabError(f"{path} can't be read ({error.strerror}): check the name.") from error
    return from_npy(content, path.name, len(table))


def _settings(seed: int) -> LayoutSettings:
    from embedlab.space.projection import LayoutSettings

    return LayoutSettings(seed=seed)


def _import_ahead() -> None:
    """Import and compile what the layout needs while the texts are being embedded."""
    from embedlab.space.warm import warm_up

    warm_up()


COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "map": _map,
    "embed": _embed,
    "search": _search,
    "compare": _compare,
    "finetune": _finetune,
    "check": _check,
    "drift": _drift,
    "models": _models,
    "prepare": _prepare,
}


# --- Output --------------------------------------------------------------------------------------


def _tell(options: argparse.Namespace, result: dict[str, object], stages: Stages, sentence: str) -> None:
    if options.json:
        print(json.dumps(result | {"seconds": stages.seconds}, ensure_ascii=False))
    else:
        print(sentence)


def _write_table(path: Path, table: Table, explored: Exploration) -> None:
    frame = with_columns(table, explored.space.corpus, explored.placed())
    with writing(path):
        if path.suffix.lower() == ".csv":
            path.write_bytes(csv_bytes(list(frame.columns), frame.itertuples(index=False)))
        else:
            frame.to_parquet(path, index=False)


def _leave(status: int) -> NoReturn:
    """End the process at once: everything is written, and taking the libraries down again takes half a second."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = status or 1
    os._exit(status)


if __name__ == "__main__":
    _leave(main())
