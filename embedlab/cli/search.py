"""The command `search`: a query put to a file, or the three methods measured on a BEIR folder."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.cli.arguments import (
    TEXT,
    add_judgements,
    add_layout,
    add_model,
    how,
    judged,
    layout_of,
    print_notes,
    say_notes,
)
from embedlab.cli.output import give
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import Judgements, read_beir
from embedlab.corpus.reading.table import read
from embedlab.evaluate.ranking import METRICS, NDCG
from embedlab.evaluate.retrieval import Evaluation, judged_search
from embedlab.figures.theme import one_line
from embedlab.search.search import SearchResult, search
from embedlab.text.cut import beginning

SHOWN = 200  # characters of a text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the texts to search")
    parser.add_argument("--text", metavar="COL", help=TEXT)
    parser.add_argument("--query", metavar="TEXT", help="what to look for")
    parser.add_argument("--mode", choices=("meaning", "words", "both"), default="both", help="how (default both)")
    parser.add_argument("--k", type=int, default=10, metavar="N", help="how many texts to show (default 10)")
    parser.add_argument("--beir", type=Path, metavar="DIR", help="measure all three on a folder in BEIR's layout")
    add_judgements(parser)
    parser.add_argument("--split", default="test", metavar="NAME", help="its judgements, qrels/NAME.tsv (default test)")
    add_layout(parser)
    add_model(parser)
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Answer the query in `options`, or measure the methods on its judgements, and print what was found."""
    if options.judgements is None and (options.id or options.columns):
        raise EmbedlabError("--id and --columns say how --judgements is to be read: name that as well.")
    if options.judgements is not None:
        if options.file is None or options.query is not None or options.beir is not None:
            raise EmbedlabError("--judgements measures a search of FILE: name that, and leave out --query and --beir.")
        _measure(options, stages)
    elif options.beir is None:
        if options.file is None or options.query is None:
            raise EmbedlabError(
                "There is nothing to search: name a FILE and a --query (or --judgements), or a folder with --beir."
            )
        _answer(options, stages)
    elif options.file is not None or options.query is not None:
        raise EmbedlabError("A BEIR folder brings its own texts and queries: leave out FILE and --query.")
    else:
        _measure(options, stages)


# --- One query -----------------------------------------------------------------------------------


def _answer(options: argparse.Namespace, stages: Stages) -> None:
    if options.k < 1:
        raise EmbedlabError("--k must be 1 or more.")
    if not options.query.strip():
        raise EmbedlabError("The query is empty: type some words, a question or a whole sentence after --query.")
    with stages.stage("read"):
        corpus = read(options.file, options.text, layout=layout_of(options))
    say_notes(corpus, options)
    found = search(corpus, options.query, options.mode, options.k, how=how(options), stages=stages)
    give(options, stages, found.facts, _lines(found))


def _lines(found: SearchResult) -> Iterator[str]:
    print_notes(found.notes)
    hits = found.hits()
    if not hits:
        yield found.sentence
    for hit in hits:
        copies = f" ({hit.copies} times)" if hit.copies > 1 else ""
        text = one_line(found.corpus.texts[hit.row])
        yield f"{hit.rank:>3}  {hit.score:.4f}  row {found.source_row(hit)}: {beginning(text, SHOWN)}{copies}"


# --- Judgements ----------------------------------------------------------------------------------


def _measure(options: argparse.Namespace, stages: Stages) -> None:
    with stages.stage("read"):
        corpus, of = _read(options)
    say_notes(corpus, options)
    found = judged_search(corpus, of, how(options), stages)
    give(options, stages, found.facts, _table(found))


def _read(options: argparse.Namespace) -> tuple[Corpus, Judgements]:
    if options.beir is not None:
        return read_beir(options.beir, options.split)
    corpus = read(options.file, options.text, layout=layout_of(options))
    return corpus, judged(options, corpus)


def _table(found: Evaluation) -> Iterator[str]:
    print_notes(found.notes)
    yield found.sentence
    yield f"{found.name}: {counted(len(found), 'query', 'queries')}; means with their 95 % intervals over queries."
    yield f"{'':<8}" + "".join(f"  {metric:<22}" for metric in (*METRICS, f"{NDCG} behind the best"))
    for one in found.comparison.ranked():
        cells = [str(found.comparison.interval(one.method, metric)) for metric in METRICS]
        cells.append(str(one.behind) if one.behind else "")
        yield f"{one.method:<8}" + "".join(f"  {cell:<22}" for cell in cells).rstrip()
    yield found.comparison.detail
