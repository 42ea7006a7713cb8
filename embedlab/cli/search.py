"""The command `search`: a query put to a file, or the three methods measured on a BEIR folder."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.cli.arguments import TEXT, add_model
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import read_beir
from embedlab.corpus.reading.table import read
from embedlab.encoders import Encoder
from embedlab.encoders.base import NO_WINDOW
from embedlab.evaluate.ranking import METRICS, NDCG
from embedlab.evaluate.retrieval import Evaluation, evaluate
from embedlab.figures.theme import one_line
from embedlab.pipeline import EmbeddingChoice, embed
from embedlab.search.bm25 import WordIndex, word_index
from embedlab.search.search import (
    METHODS,
    POOL,
    Method,
    Ranking,
    SearchResult,
    by_words,
    meaning_notes,
    nothing,
    query_vector,
    search,
    word_notes,
)
from embedlab.space import Space

SHOWN = 200  # characters of a text


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the texts to search")
    parser.add_argument("--text", metavar="COL", help=TEXT)
    parser.add_argument("--query", metavar="TEXT", help="what to look for")
    parser.add_argument("--mode", choices=("meaning", "words", "both"), default="both", help="how (default both)")
    parser.add_argument("--k", type=int, default=10, metavar="N", help="how many texts to show (default 10)")
    parser.add_argument("--beir", type=Path, metavar="DIR", help="measure all three on a folder in BEIR's layout")
    parser.add_argument("--split", default="test", metavar="NAME", help="its judgements, qrels/NAME.tsv (default test)")
    add_model(parser)
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Answer the query in `options`, or measure the methods on its BEIR folder, and print what was found."""
    if options.beir is None:
        if options.file is None or options.query is None:
            raise EmbedlabError("There is nothing to search: name a FILE and a --query, or a folder with --beir.")
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
        corpus = read(options.file, options.text)
    for note in corpus.notes if not options.json else ():
        print(f"note: {note.sentence}", file=sys.stderr)
    with stages.stage("index"):
        index = word_index(corpus, report=stages.report)
    found, notes, facts = _found(options, corpus, index, stages)
    if not options.json:
        _print(found, options.mode, options.k, notes)
        return
    hits = [_hit(found, hit, options.mode) for hit in found.hits(options.mode, options.k)]
    told = {"query": found.query, "mode": options.mode, "texts": len(corpus), "hits": hits, "notes": notes}
    print(json.dumps(told | facts | {"seconds": stages.seconds}, ensure_ascii=False))


def _found(
    options: argparse.Namespace, corpus: Corpus, index: WordIndex, stages: Stages
) -> tuple[SearchResult, list[str], dict[str, object]]:
    """Return the answer, what to know of it, and facts on the model; by words alone none is loaded."""
    notes = list(word_notes(index, options.query)) if options.mode != "meaning" else []
    count = max(POOL, options.k)
    if options.mode == "words":
        with stages.stage("search"):
            worded = by_words(index, options.query, count)
        pools: dict[Method, Ranking] = {"meaning": nothing(""), "words": worded, "both": nothing("")}
        return SearchResult(options.query, corpus, pools), notes, {}
    space, encoder = _embedded(options, corpus, stages)
    with stages.stage("search"):
        read_query = partial(query_vector, encoder, dimensions=options.dimensions)
        found = search(options.query, space, index, read_query, count=count)
    problem = found.pools["meaning"].problem
    if problem and options.mode == "meaning":
        raise EmbedlabError(problem)
    cheap = encoder.card.window == NO_WINDOW  # no transformer, whose layers would first have to be converted
    notes += [problem] if problem else meaning_notes(encoder, options.query, apart=cheap)
    return found, notes, {"model": encoder.card.model, "runtime": encoder.card.runtime, "encoded_now": space.encoded}


def _embedded(options: argparse.Namespace, corpus: Corpus, stages: Stages) -> tuple[Space, Encoder]:
    made = embed(corpus, EmbeddingChoice(options.model, options.exact, options.dimensions), stages)
    assert made.encoder is not None
    return made.space, made.encoder


def _hit(found: SearchResult, hit: Any, mode: Method) -> dict[str, object]:
    facts = {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "row": int(found.corpus.rows[hit.row]) + 1,
        "copies": hit.copies,
        "text": found.corpus.texts[hit.row],
    }
    return facts if mode == "words" else facts | {"also": dict(hit.others)}


def _print(found: SearchResult, mode: Method, k: int, notes: list[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    hits = found.hits(mode, k)
    if not hits:
        print(found.pools[mode].problem or "Nothing was found.")
    for hit in hits:
        copies = f" ({hit.copies} times)" if hit.copies > 1 else ""
        text = one_line(found.corpus.texts[hit.row])
        shown = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
        print(f"{hit.rank:>3}  {hit.score:.4f}  row {int(found.corpus.rows[hit.row]) + 1}: {shown}{copies}")


# --- Judgements ----------------------------------------------------------------------------------


def _measure(options: argparse.Namespace, stages: Stages) -> None:
    with stages.stage("read"):
        beir = read_beir(options.beir, options.split)
    with stages.stage("index"):
        index = word_index(beir.corpus, report=stages.report)
    space, encoder = _embedded(options, beir.corpus, stages)
    with stages.stage("evaluate"):
        found = evaluate(space, index, encoder, beir.judgements, options.dimensions, stages.report)
    if not options.json:
        _print_table(found, beir.judgements.name)
        return
    told = {
        "name": beir.judgements.name,
        "queries": len(found),
        "texts": len(beir.corpus),
        "model": encoder.card.model,
        "runtime": encoder.card.runtime,
        "metrics": {
            method: {metric: asdict(found.comparison.interval(method, metric)) for metric in METRICS}
            for method in METHODS
        },
        "differences": {
            f"{first} - {second}": {
                metric: asdict(found.comparison.difference(first, second, metric)) for metric in METRICS
            }
            for first, second in (("meaning", "words"), ("both", "meaning"), ("both", "words"))
        },
        "verdict": found.verdict,
        "ranking": [asdict(one) for one in found.comparison.ranked()],
        "notes": [*(note.sentence for note in beir.corpus.notes), *found.notes],
        "seconds": stages.seconds,
    }
    print(json.dumps(told, ensure_ascii=False))


def _print_table(found: Evaluation, name: str) -> None:
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    print(found.verdict)
    print(f"{name}: {len(found):,} queries; means with their 95 % intervals over queries.")
    print(f"{'':<8}" + "".join(f"  {metric:<22}" for metric in (*METRICS, f"{NDCG} behind the best")))
    for one in found.comparison.ranked():
        cells = [str(found.comparison.interval(one.method, metric)) for metric in METRICS]
        cells.append(str(one.behind) if one.behind else "")
        print(f"{one.method:<8}" + "".join(f"  {cell:<22}" for cell in cells).rstrip())
    print(found.comparison.detail)
