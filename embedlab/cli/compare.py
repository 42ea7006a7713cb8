"""The command `compare`: two to six models on one file, in numbers, and as a report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.check.near_copies import asked_together
from embedlab.check.shortcuts import Shortcut, of_quality
from embedlab.cli import arguments as _arguments
from embedlab.cli.output import check_out, print_json, write_page
from embedlab.compare.common import common, part
from embedlab.compare.comparison import difference
from embedlab.compare.cost import Cost, cost, how_measured
from embedlab.compare.noise import Floor, Floors, dropped, precision, rounded, sample
from embedlab.compare.replacement import QueryChange, encode_queries, queries_changed, turnover
from embedlab.corpus import Column, Corpus
from embedlab.corpus.judgements import ROW, Judgements, read_beir
from embedlab.corpus.pairs import Pairs, pairs_of
from embedlab.corpus.reading.table import Table, read_table
from embedlab.corpus.split import guessed_split
from embedlab.corpus.vectors import from_npy
from embedlab.encoders import Encoder, ModelEntry, models, speed
from embedlab.encoders.base import REMOTE, TRANSFORMER
from embedlab.encoders.speed import Timing
from embedlab.encoders.transformer.tuned import contamination_note, learnt_from
from embedlab.evaluate import quality
from embedlab.evaluate.quality import Quality
from embedlab.evaluate.retrieval import evaluate
from embedlab.evaluate.versus import all_versus, ranked
from embedlab.figures.report import chance_shown, place_shown, report_html
from embedlab.figures.report_facts import Report, facts, title_of
from embedlab.pipeline import EmbeddingChoice, Prepared, at_two_precisions, encoder_of, group, prepare
from embedlab.search.bm25 import word_index
from embedlab.space import Neighbours, Space
from embedlab.space.clusters import cluster

FEWEST, MOST = 2, 6
IN_FULL = "@fp32"
VECTORS = ".npy"
QRELS = "test"


@dataclass(frozen=True, eq=False)
class ComparedModel:
    """One model of the comparison, and what it makes of the texts."""

    name: str
    made: Prepared

    @property
    def space(self) -> Space:
        """Its vectors."""
        return self.made.space

    @property
    def near(self) -> Neighbours:
        """The neighbours in it."""
        return self.made.neighbours

    @property
    def encoder(self) -> Encoder | None:
        """What reads other texts; None for own vectors."""
        return self.made.encoder


@dataclass(frozen=True, eq=False)
class Given:
    """What the models are compared on, and measured by."""

    corpus: Corpus
    label: str | None = None
    by: Column | None = None
    together: NDArray[np.intp] | None = None
    pairs: Pairs | None = None
    judgements: Judgements | None = None
    queries: tuple[str, ...] = ()


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    _arguments.compare(parser)


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Compare the models in `options`, print what was found, and write the report."""
    names = _names(options.models)
    _check(options)
    with stages.stage("read"):
        given, own = _given(options, names)
        asked = _lines_of(options.queries) if options.queries else ()
        given = replace(given, queries=asked or tuple(given.judgements.queries if given.judgements else ()))
    for note in given.corpus.notes if not options.json else ():
        print(f"note: {note.sentence}", file=sys.stderr)
    if given.label is not None:
        with stages.stage("near-copies"):
            column = given.corpus.column(given.label)
            given = replace(given, together=asked_together(given.corpus, column, given.by, stages.report))
    entries, left_out = _entries(list(_titles(names).values()), given.corpus, own, stages)
    report = _compared(entries, given, options, stages)
    report = replace(report, notes=(*report.notes, *left_out, *_flattered(entries, given)))
    if options.out is not None:
        with stages.stage("write"):
            write_page(options.out, report_html(report))
    if options.json:
        print_json(facts(report), stages.seconds)
        return
    for line in _lines(report):
        print(line)
    if options.out is not None:
        print(f"{options.out}: the whole comparison.")


# --- What is asked for ---------------------------------------------------------------------------


def _names(typed: str) -> list[str]:
    names = [name.strip() for name in typed.split(",") if name.strip()]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise EmbedlabError(f"“{twice}” is named twice in --models: a model doesn't differ from itself.")
    if not FEWEST <= len(names) <= MOST:
        raise EmbedlabError(f"--models names {len(names)}: name {FEWEST} to {MOST}, with commas between them.")
    return names


def _check(options: argparse.Namespace) -> None:
    if options.beir is None and options.file is None:
        raise EmbedlabError("There are no texts: name a FILE, or a folder with --beir.")
    if options.beir is not None and (options.file is not None or options.label or options.text):
        raise EmbedlabError("A BEIR folder brings its own texts and judgements: leave out FILE, --text and --label.")
    if options.in_turn and (options.split or options.label is None):
        raise EmbedlabError("--in-turn goes with --label, and without --split: leave one of them out.")
    if options.split and options.beir is None and options.label is None:
        raise EmbedlabError("--split names what to hold out for --label, or judgements of --beir: add one of the two.")
    if sum(one is not None for one in (options.beir, options.label, options.pairs)) > 1:
        raise EmbedlabError("Models are measured on one thing at a time: choose --label, --beir or --pairs.")
    if options.k < 1:
        raise EmbedlabError("--k must be 1 or more.")
    check_out(options.out)


def _given(options: argparse.Namespace, names: list[str]) -> tuple[Given, list[str]]:
    """Return the texts with what to measure by, and which names are own vectors."""
    if options.beir is not None:
        beir = read_beir(options.beir, options.split or QRELS)
        return Given(beir.corpus, judgements=beir.judgements), []
    titles = _titles(names)
    table = _with_files(read_table(options.file), titles)
    corpus = table.corpus(options.text, options.label)
    columns = {one.name for one in corpus.vectors}
    own = [title for title in titles.values() if title in columns]
    shared = common(corpus, own)
    corpus = replace(shared.corpus, notes=(*corpus.notes, *shared.notes))
    if options.pairs is not None:
        return Given(corpus, pairs=pairs_of(read_table(options.pairs), corpus, options.id or ROW)), own
    if options.label is not None:
        quality.labels_usable(corpus.column(options.label), corpus)  # before the work, not after it
        return Given(corpus, label=options.label, by=_by(corpus, options)), own
    return Given(corpus), own


def _by(corpus: Corpus, options: argparse.Namespace) -> Column | None:
    """Return the column that says train or test: the one that is named, or a guess."""
    if options.in_turn:
        return None
    return corpus.column(options.split) if options.split else guessed_split(corpus, options.label)


def _lines_of(path: Path) -> tuple[str, ...]:
    """Return the queries in a file of text, a line each, each once."""
    corpus = read_table(path).corpus()
    return tuple(dict.fromkeys(corpus.texts))


def _titles(names: list[str]) -> dict[str, str]:
    """Return what each model is called: files of vectors by their name, with their folder's where two share it."""
    files = [name for name in names if name.endswith(VECTORS)]
    titles = {name: name for name in names}
    for shown in (lambda path: f"{path.absolute().parent.name}/{path.name}", lambda path: path.name):
        called = [shown(Path(name)) for name in files]
        titles |= {name: title for name, title in zip(files, called, strict=True) if called.count(title) == 1}
    return titles


def _with_files(table: Table, titles: dict[str, str]) -> Table:
    for name, title in titles.items():
        if name.endswith(VECTORS):
            try:
                content = Path(name).read_bytes()
            except OSError as error:
                raise EmbedlabError(f"{name} can't be read ({error.strerror}): check the name.") from error
            table = table.with_vectors(from_npy(content, title, len(table)))
    return table


# --- What each model makes of the texts ----------------------------------------------------------


def _entries(names: list[str], corpus: Corpus, own: list[str], stages: Stages) -> tuple[list[ComparedModel], list[str]]:
    """Return every model that can read the texts, and a sentence on each that fails on the way, which is told too."""
    chosen = {name: _how(name, own) for name in names}
    encoders = {name: encoder_of(corpus, chosen[name], stages, name) for name in names if name not in own}
    found, left_out = [], []
    for name in names:
        try:
            made = prepare(corpus, chosen[name], stages, name, encoders.get(name))
            found.append(ComparedModel(name, made))
        except EmbedlabError as error:
            if len(names) == FEWEST:
                raise
            left_out.append(f"{name} is left out: {error}")
            print(f"note: {left_out[-1]}", file=sys.stderr)
    if len(found) < FEWEST:
        raise EmbedlabError("Fewer than two of the models could read the texts: the notes say why.")
    return found, left_out


def _how(name: str, own: list[str]) -> EmbeddingChoice:
    if name in own:
        return EmbeddingChoice("", own=name)
    return EmbeddingChoice(name.removesuffix(IN_FULL), name.endswith(IN_FULL))


def _compared(entries: list[ComparedModel], given: Given, options: argparse.Namespace, stages: Stages) -> Report:
    known = {listing.name: listing for listing in models()}
    with stages.stage("compare"):
        differences = {
            (one.name, other.name): difference(one.space, other.space, one.near, other.near, options.k)
            for one, other in combinations(entries, 2)
        }
        turned_over = turnover(entries[0].near, entries[1].near, options.k)
        queries, changes, left_out = _queries(given.queries, entries[:2], options.k)
        for note in left_out:
            print(f"note: {note}", file=sys.stderr)
    with stages.stage("noise"):
        floors = Floors(tuple(_floors(entries[:2], known, options.k, stages)))
    with stages.stage("quality"):
        measured = tuple(_qualities(entries, given, stages))
        unread = _shortcut(measured, given, stages)
    with stages.stage("speed"):
        timing = _timing(entries, known, stages)
    report = Report(
        title=title_of(given.corpus.name, [entry.name for entry in entries]),
        names=tuple(entry.name for entry in entries),
        spaces=tuple(entry.space for entry in entries),
        neighbours=tuple(entry.near for entry in entries),
        differences=differences,
        costs=tuple(cost(_listing(entry, known), entry.space, timing, entry.name) for entry in entries),
        floors=floors,
        qualities=measured,
        shortcut=unread,
        notes=(*(note.sentence for note in given.corpus.notes), *left_out),
        turnover=turned_over,
        queries=queries,
        changes=changes,
        timing=timing,
    )
    return _with_maps(report, entries, stages) if options.out is not None else report


def _listing(entry: ComparedModel, known: Mapping[str, ModelEntry]) -> ModelEntry | None:
    return known.get(entry.name.removesuffix(IN_FULL)) if entry.encoder is not None else None


def _queries(
    queries: tuple[str, ...], pair: list[ComparedModel], k: int
) -> tuple[tuple[str, ...], tuple[QueryChange, ...], list[str]]:
    """Return the queries that both models can read, what becomes of each, and sentences on what was left out."""
    if not queries:
        return (), (), []
    first, second = pair
    for entry in pair:
        if entry.encoder is None:
            return (), (), [f"{entry.name} are vectors without a model, which can't read a query: queries left out."]
    assert first.encoder is not None
    assert second.encoder is not None
    try:
        left, one, other = encode_queries(queries, first.encoder, second.encoder)
    except EmbedlabError as error:
        return (), (), [f"Queries left out: {error}"]
    unread = len(queries) - len(left)
    one_or_more = counted(unread, "query", "queries")
    notes = [f"{one_or_more} that one of {first.name} and {second.name} can't read: left out."] if unread else []
    return left, queries_changed(first.space, second.space, one, other, k), notes


def _timing(entries: list[ComparedModel], known: Mapping[str, ModelEntry], stages: Stages) -> Timing | None:
    """Return how fast the models on this machine read these texts by turns: measured now, unless that was done before.

    A remote model is not asked for it.
    """
    listings = [(entry.encoder, _listing(entry, known)) for entry in entries]
    here = [encoder for encoder, one in listings if encoder and one and one.family.name != REMOTE.name]
    if not here:
        return None
    corpus = entries[0].space.corpus
    known_before = speed.together([speed.shape_of(encoder.card) for encoder in here], corpus)
    return known_before or speed.measure(here, corpus, stages.report)


def _floors(pair: list[ComparedModel], known: Mapping[str, ModelEntry], k: int, stages: Stages) -> Iterator[Floor]:
    """Yield what noise alone changes in each of the two models: texts left out, and rounding."""
    for entry in pair:
        both = _in_two_precisions(entry, known, stages)
        if both is None:
            round_off = rounded(entry.space, k)
        else:
            full, usual = both
            round_off = precision(full.space, usual.space, full.neighbours, usual.neighbours, k)
        for floor in (dropped(entry.space, entry.near, k=k), round_off):
            yield replace(floor, what=f"{floor.what} ({entry.name})")


def _in_two_precisions(
    entry: ComparedModel, known: Mapping[str, ModelEntry], stages: Stages
) -> tuple[Prepared, Prepared] | None:
    """Return a sample of the texts in fp32 and as usual; None where the model has one precision on this machine."""
    listing, texts = _listing(entry, known), entry.space.corpus
    if listing is None or listing.family.name != TRANSFORMER.name:
        return None
    return at_two_precisions(texts, part(texts, sample(texts)).corpus, EmbeddingChoice(listing.name), stages.report)


def _qualities(entries: list[ComparedModel], given: Given, stages: Stages) -> Iterator[Quality]:
    if given.label is not None:
        column = given.corpus.column(given.label)
        learnt = np.logical_or.reduce([_learnt(entry, given) for entry in entries])
        for entry in entries:
            clusters = cluster(entry.near)
            yield quality.by_labels(
                entry.space, entry.near, clusters, column, report=stages.report, name=entry.name, learnt=learnt,
                by=given.by, together=given.together,
            )  # fmt: skip
    if given.pairs is not None:
        everyone = all(entry.encoder is not None for entry in entries)  # otherwise only pairs of texts of the corpus
        for entry in entries:
            yield quality.by_pairs(entry.space, given.pairs, entry.encoder if everyone else None, name=entry.name)
    if given.judgements is not None:
        index = word_index(given.corpus, report=stages.report)
        for entry in entries:
            assert entry.encoder is not None  # a BEIR folder brings no vectors
            found = evaluate(entry.space, index, entry.encoder, given.judgements, report=stages.report)
            yield quality.by_judgements(found, entry.name, given.judgements.name)


def _shortcut(measured: tuple[Quality, ...], given: Given, stages: Stages) -> Shortcut | None:
    """Return how well the labels can be told without reading; None where nothing was measured by labels."""
    if given.label is None or not measured:
        return None
    column = given.corpus.column(given.label)
    return of_quality(measured[0], given.corpus, column, given.by, given.together, stages.report)


def _learnt(entry: ComparedModel, given: Given) -> NDArray[np.bool_]:
    """Return which of the texts a model has learned from here, bool (n,)."""
    return learnt_from(entry.name.removesuffix(IN_FULL), given.corpus.texts)


def _flattered(entries: list[ComparedModel], given: Given) -> tuple[str, ...]:
    """Say, and return, which models are measured on texts that they have learned from; by labels none is."""
    if given.pairs is None and given.judgements is None:
        return ()
    counts = [(entry.name, int(_learnt(entry, given).sum())) for entry in entries]
    told = tuple(contamination_note(name, count) for name, count in counts if count)
    for sentence in told:
        print(f"note: {sentence}", file=sys.stderr)
    return told


def _with_maps(report: Report, entries: list[ComparedModel], stages: Stages) -> Report:
    from embedlab.figures.colouring import by_codes, plain
    from embedlab.space.align import procrustes
    from embedlab.space.projection import umap

    with stages.stage("layout"):
        first, second = (umap(entry.space, entry.near, report=stages.report) for entry in entries[:2])
        turned = procrustes(second, first)
    with stages.stage("clusters"):
        groups = group(entries[0].made)
    clusters, names = groups.clusters, groups.names
    colouring = by_codes("Clusters", clusters.labels, names.names, first.positions) if names.grouped else plain()
    doubts = (f"{entries[0].name}: {names.doubt}",) if names.doubt else ()
    return replace(report, layouts=(first, turned), colouring=colouring, notes=(*report.notes, *doubts))


# --- What is printed -----------------------------------------------------------------------------


def _lines(report: Report) -> Iterator[str]:
    yield f"{len(report.texts):,} texts, {len(report.names)} models."
    yield from report.sentences
    if detail := report.pair.detail(report.floors):
        yield f"{report.names[0]} and {report.names[1]}: {detail}"
    width = max(map(len, (one.model for one in report.measured)), default=0)
    width = max(width, *map(len, report.names))
    if report.qualities:
        yield ""
        yield from _measured(report, width)
    yield ""
    for costing in report.costs:
        yield f"{costing.model:<{width}}  {', '.join(_costs(costing))}"
    yield from how_measured(report.costs, report.timing)


def _measured(report: Report, width: int) -> Iterator[str]:
    task = report.qualities[0].task
    for note in report.quality_notes:
        print(f"note: {note}", file=sys.stderr)
    yield f"By {task.name}, {task.counted}; 95 % intervals."
    yield f"{'':<{width}}" + "".join(f"  {name:<22}" for name in report.measures)
    for one in report.measured:
        cells = (str(one.intervals.get(name, "")) for name in report.measures)
        yield f"{one.model:<{width}}" + "".join(f"  {cell:<22}" for cell in cells)
    by_chance = "".join(f"  {chance_shown(report.qualities, name):<22}" for name in report.measures)
    yield f"{'chance':<{width}}{by_chance}".rstrip()
    yield ""
    if len(report.qualities) == 2:
        found = all_versus(report.qualities, report.measures[0])[0]
        yield " ".join(filter(None, (found.detail, found.hangs)))
        return
    yield f"In order, by {report.measures[0]}:"
    for place in ranked(report.qualities, report.measures[0]):
        model, value, behind, verdict = place_shown(place)
        yield f"{model:<{width}}  {value:<22}  {behind:<26}  {verdict}".rstrip()


def _costs(one: Cost) -> Iterator[str]:
    yield f"{one.dimensions:,} dimensions"
    yield f"{one.bytes_a_text:,} bytes a vector"
    if one.speed:
        yield f"{one.speed} texts a second"
    if one.memory:
        yield f"{one.memory / 1e6:,.1f} MB of memory for these texts"
    if one.window:
        yield f"window of {one.window:,} tokens"
    if one.licence:
        yield one.licence
