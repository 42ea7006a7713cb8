"""The command `map`: a file's labelled map as a page that stands alone, and its places as a table."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.cli.arguments import add_input, add_seed, how, opened, say_unknown, say_unread
from embedlab.cli.output import check_out, check_table, give, write_page, write_table
from embedlab.corpus.export import with_columns


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_input(parser)
    parser.add_argument("--label", metavar="COL", help="the column that holds labels")
    add_seed(parser)
    parser.add_argument("--out", type=Path, metavar="HTML", help="the page to write; it stands alone")
    parser.add_argument(
        "--table",
        type=Path,
        metavar="FILE",
        help="write every row with its place, with or without a page: .csv, .tsv, .json, .jsonl, .parquet or .xlsx",
    )


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Map the file in `options`, and write its page and its table."""
    if options.out is None and options.table is None:
        raise EmbedlabError("Nothing would be written: name a page with --out map.html, or a table with --table.")
    check_out(options.out, beside=[options.file, options.table])
    check_table(options.table, [options.file])
    imports = threading.Thread(target=_import_ahead, daemon=True)
    imports.start()
    table, corpus = opened(options, stages, options.label)
    prepared = pipeline.prepare(corpus, how(options), stages)
    say_unread(prepared.space, options)
    imports.join()
    from embedlab.space.projection import LayoutSettings

    explored = pipeline.explore(prepared, LayoutSettings(seed=options.seed), None, stages)
    with stages.stage("write"):
        if options.out is not None:
            write_page(options.out, explored.page())
        if options.table:
            write_table(options.table, with_columns(table, explored.space.corpus, explored.placed()))
    say_unknown(prepared.space, options)
    doubt = [explored.doubt] if explored.doubt else []
    give(
        options,
        stages,
        explored.facts,
        [*doubt, f"{options.out or options.table}: {explored.counted}.", explored.how_far],
    )


def _import_ahead() -> None:
    """Import and compile what the layout needs while the texts are being embedded."""
    from embedlab.space.warm import warm_up

    warm_up()
