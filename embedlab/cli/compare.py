"""The command `compare`: two to six models on one file, in numbers, and as a report."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.cli.arguments import (
    TEXT,
    VECTOR_FILES,
    add_judgements,
    add_layout,
    columns_named,
    judged,
    layout_of,
    print_notes,
    read_vectors,
    say_notes,
)
from embedlab.cli.output import check_out, give, write_report
from embedlab.compare.compare import compare
from embedlab.compare.comparison import Comparison
from embedlab.compare.cost import Cost
from embedlab.compare.models import FEWEST, MOST
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import likely_ids, read_beir
from embedlab.corpus.pairs import pairs_of
from embedlab.corpus.reading.table import read_table
from embedlab.evaluate.quality import chance_shown
from embedlab.evaluate.versus import all_versus

QRELS = "test"


def arguments(compared: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    compared.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the texts to compare them on")
    compared.add_argument("--text", metavar="COL", help=TEXT)
    compared.add_argument(
        "--models",
        required=True,
        metavar="A,B",
        help="two to six names, with commas between; NAME@fp32 for full precision; for vectors of your own a column of "
        "FILE, or a .npy, .npz or .tsv file",
    )
    compared.add_argument("--label", metavar="COL", help="measure them by the labels in this column")
    compared.add_argument("--pairs", type=Path, metavar="FILE", help="measure them by pairs of texts with scores")
    add_judgements(compared)
    compared.add_argument("--beir", type=Path, metavar="DIR", help="measure them on a folder in BEIR's layout")
    compared.add_argument(
        "--split",
        metavar="NAME",
        help="with --label, the column that says train or test (default: a guess); with --beir, its judgements, "
        "qrels/NAME.tsv (default test)",
    )
    compared.add_argument(
        "--in-turn", action="store_true", help="with --label, ask about every text in turn, whatever the file's split"
    )
    compared.add_argument(
        "--queries",
        type=Path,
        metavar="FILE",
        help="queries, one a line: which would return something else if the second model replaced the first? "
        "(default: those of --beir)",
    )
    compared.add_argument("--k", type=int, default=10, metavar="N", help="how many neighbours count (default 10)")
    add_layout(compared)
    compared.add_argument("--json", action="store_true", help="print everything as JSON")
    compared.add_argument("--out", type=Path, metavar="HTML", help="the report to write; it stands alone")


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Compare the models in `options`, print what was found, and write the report."""
    names = _names(options.models)
    _check(options)
    with stages.stage("read"):
        corpus, measured_by = _given(options, names)
        queries = tuple(dict.fromkeys(read_table(options.queries).corpus().texts)) if options.queries else ()
    say_notes(corpus, options)
    found = compare(
        corpus, list(names.values()), **measured_by, queries=queries, k=options.k, in_turn=options.in_turn,
        maps=options.out is not None, stages=stages, tell=lambda note: print_notes([note]),
    )  # fmt: skip
    write_report(options, stages, found.page)
    give(options, stages, found.facts, _lines(found, options.out))


# --- What is asked for ---------------------------------------------------------------------------


def _names(typed: str) -> dict[str, str]:
    """Return what each model is called: files of vectors by their name, with their folder's where two share it."""
    names = [name.strip() for name in typed.split(",") if name.strip()]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise EmbedlabError(f"“{twice}” is named twice in --models: a model doesn't differ from itself.")
    if not FEWEST <= len(names) <= MOST:
        raise EmbedlabError(f"--models names {len(names)}: name {FEWEST} to {MOST}, with commas between them.")
    files = [name for name in names if name.lower().endswith(VECTOR_FILES)]
    titles = {name: name for name in names}
    for shown in (lambda path: f"{path.absolute().parent.name}/{path.name}", lambda path: path.name):
        called = [shown(Path(name)) for name in files]
        titles |= {name: title for name, title in zip(files, called, strict=True) if called.count(title) == 1}
    return titles


def _check(options: argparse.Namespace) -> None:
    if options.beir is None and options.file is None:
        raise EmbedlabError("There are no texts: name a FILE, or a folder with --beir.")
    if options.beir is not None and (options.file is not None or options.label or options.text):
        raise EmbedlabError("A BEIR folder brings its own texts and judgements: leave out FILE, --text and --label.")
    if options.in_turn and (options.split or options.label is None):
        raise EmbedlabError("--in-turn goes with --label, and without --split: leave one of them out.")
    if options.split and options.beir is None and options.label is None:
        raise EmbedlabError("--split names what to hold out for --label, or judgements of --beir: add one of the two.")
    if sum(one is not None for one in (options.beir, options.label, options.pairs, options.judgements)) > 1:
        raise EmbedlabError(
            "Models are measured on one thing at a time: choose --label, --beir, --pairs or --judgements."
        )
    if (options.id or options.columns) and options.pairs is None and options.judgements is None:
        raise EmbedlabError("--id and --columns say how --pairs or --judgements are read: name one of these as well.")
    if options.k < 1:
        raise EmbedlabError("--k must be 1 or more.")
    check_out(options.out, beside=[options.file, options.pairs, options.queries, *(options.judgements or ())])


def _given(options: argparse.Namespace, names: dict[str, str]) -> tuple[Corpus, dict[str, Any]]:
    """Return the texts, and what the models are measured by, as `compare` takes it."""
    if options.beir is not None:
        corpus, of = read_beir(options.beir, options.split or QRELS)
        return corpus, {"judgements": of}
    table = read_table(options.file, layout=layout_of(options))
    for name, title in names.items():
        if name.lower().endswith(VECTOR_FILES):
            table = table.with_vectors(read_vectors(Path(name), title, len(table)))
    corpus = table.corpus(options.text, options.label)
    if options.judgements is not None:
        return corpus, {"judgements": judged(options, corpus)}
    pairs = None
    if options.pairs is not None:
        table = read_table(options.pairs)
        pairs = pairs_of(table, corpus, options.id or likely_ids([table], corpus), columns_named(options))
    return corpus, {"label": options.label, "split": options.split, "pairs": pairs}


# --- What is printed -----------------------------------------------------------------------------


def _lines(found: Comparison, out: Path | None) -> Iterator[str]:
    yield f"{counted(len(found.texts), 'text')}, {counted(len(found.names), 'model')}."
    yield from found.sentences
    if detail := found.pair.detail(found.floors):
        yield f"{found.names[0]} and {found.names[1]}: {detail}"
    width = max(map(len, (one.model for one in found.measured)), default=0)
    width = max(width, *map(len, found.names))
    if found.qualities:
        yield ""
        yield from _measured(found, width)
    yield ""
    for costing in found.costs:
        yield f"{costing.model:<{width}}  {', '.join(_costs(costing))}"
    yield from found.speed_notes
    if out is not None:
        yield f"{out}: the whole comparison."


def _measured(found: Comparison, width: int) -> Iterator[str]:
    task = found.qualities[0].task
    print_notes(found.quality_notes)
    yield f"By {task.name}, {task.counted}; 95 % intervals."
    yield f"{'':<{width}}" + "".join(f"  {name:<22}" for name in found.measures)
    for one in found.measured:
        cells = (str(one.intervals.get(name, "")) for name in found.measures)
        yield f"{one.model:<{width}}" + "".join(f"  {cell:<22}" for cell in cells)
    by_chance = "".join(f"  {chance_shown(found.qualities, name):<22}" for name in found.measures)
    yield f"{'chance':<{width}}{by_chance}".rstrip()
    yield ""
    if len(found.qualities) == 2:
        pair = all_versus(found.qualities, found.measures[0])[0]
        yield " ".join(filter(None, (pair.detail, pair.hangs)))
        return
    yield f"In order, by {found.measures[0]}:"
    for place in found.places:
        model, value, behind, verdict = place.cells
        yield f"{model:<{width}}  {value:<22}  {behind:<26}  {verdict}".rstrip()


def _costs(one: Cost) -> Iterator[str]:
    yield counted(one.dimensions, "dimension")
    yield f"{one.bytes_a_text:,} bytes a vector"
    if one.speed:
        yield f"{one.speed} texts a second"
    if one.memory:
        yield f"{one.memory / 1e6:,.1f} MB of memory for these texts"
    if one.window:
        yield f"window of {one.window:,} tokens"
    if one.licence:
        yield one.licence
