"""Models compared on the same texts: the one place where the pieces of a comparison are put together.

The Python API and the command `compare` call `compare`; the app's page asks for the same pieces one by one, in the
background, and makes a `Comparison` of those that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.check.shortcuts import Shortcut
from embedlab.compare import cost, evidence
from embedlab.compare.common import Common, common
from embedlab.compare.comparison import Comparison, doubts_of
from embedlab.compare.difference import difference
from embedlab.compare.evidence import Evidence
from embedlab.compare.models import ComparedModel, Model, chosen, in_pairs, prepared
from embedlab.compare.noise import in_order, rounding, texts_left_out
from embedlab.compare.overlap import DEFAULT_K
from embedlab.compare.replacement import answers, turnover
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import ROW, Judgements
from embedlab.corpus.pairs import Pairs
from embedlab.corpus.reading.table import Table
from embedlab.corpus.split import guessed_split
from embedlab.encoders.speed import Timing
from embedlab.encoders.transformer.tuned import learnt_from
from embedlab.evaluate.labels import usable_labels
from embedlab.evaluate.quality import Quality
from embedlab.pipeline import Groups, group
from embedlab.space import Layout

NOISES = (texts_left_out, rounding)


def compare(
    corpus: Corpus,
    models: Sequence[Model],
    label: str | None = None,
    split: str | None = None,
    pairs: Pairs | Table | None = None,
    judgements: Judgements | Sequence[Table] | None = None,
    queries: Sequence[str] = (),
    k: int = DEFAULT_K,
    *,
    named_by: str = ROW,
    in_turn: bool = False,
    maps: bool = False,
    stages: Stages | None = None,
    tell: Callable[[str], None] = lambda note: None,
) -> Comparison:
    """Return two to six models of the same texts, compared; the first two are looked at closely.

    A model is a name, `NAME@fp32` in full precision, a column of the corpus's own vectors, a way of reading, an
    encoder, a function, or a space of these texts. They are measured by one of three: the column `label`, of which the
    column `split` says what to learn from (a guess without it, and `in_turn` every text is asked about); `pairs` with
    scores; or `judgements`. Tables of these name texts by their row, or by the column `named_by`. `queries` are put to
    the first two (those of the judgements without). `k` nearest texts count. With `maps` both maps are laid out, for a
    page. `tell` is called with each note that arises on the way. Raises `EmbedlabError` for what can't be compared.
    """
    stages = stages or Stages()
    if sum(one is not None for one in (label, pairs, judgements)) > 1:
        raise EmbedlabError("Models are measured on one thing at a time: choose a label, pairs or judgements.")
    if k < 1:
        raise EmbedlabError("k must be 1 or more.")
    choices = chosen(models, corpus)
    texts = common(corpus, [one.how.own for one in choices])
    if label is not None:
        usable_labels(texts.corpus.column(label), texts.corpus)  # before the work, not after it
    found, texts, left_out = prepared(choices, texts, stages, tell)
    learnt = {one.name: learnt_from(one.how.model, texts.corpus.texts) for one in found}
    measured_by = None
    if label is not None:
        by = texts.corpus.column(split) if split else None if in_turn else guessed_split(texts.corpus, label)
        measured_by = evidence.by_labels(texts.corpus, label, by, learnt.values())
    elif pairs is not None or judgements is not None:
        measured_by = _given(texts, pairs, judgements, named_by)
        queries = queries or (measured_by.judgements.queries if measured_by.judgements else ())
    first, second = pair = found[0], found[1]
    with stages.stage("compare"):
        differences = {
            (one.name, other.name): difference(one.space, other.space, one.neighbours, other.neighbours, k)
            for one, other in in_pairs(found, pair)
        }
        turned_over = turnover(first.neighbours, second.neighbours, k)
        answered = answers(queries, first, second, k)
    with stages.stage("noise"):
        floors = in_order((one.name, noise(one, k, stages.report)) for one in pair for noise in NOISES)
    with stages.stage("quality"):
        qualities, shortcut = _measured(found, texts.corpus, measured_by, stages) if measured_by else ((), None)
    with stages.stage("speed"):
        timing = _timing(found, stages)
    layouts, groups = _maps(pair, stages) if maps else (None, None)
    flattered = evidence.contamination_notes(measured_by, learnt)
    for note in (*answered.notes, *doubts_of(found), *flattered):
        tell(note)
    kept = tuple(replace(one, prepared=replace(one.prepared, encoder=None)) for one in found)
    return Comparison(
        texts, kept, differences, cost.costs_of(found, timing), turned_over, answered, floors, qualities, shortcut,
        layouts, groups, timing, of_models=(*left_out, *flattered),
    )  # fmt: skip


def _given(
    texts: Common, pairs: Pairs | Table | None, judgements: Judgements | Sequence[Table] | None, named_by: str
) -> Evidence:
    """Return what was given to measure models by: pairs with scores, or else judgements."""
    if pairs is not None:
        return evidence.by_pairs(texts, pairs, named_by)
    assert judgements is not None
    return evidence.by_judgements(texts, judgements, named_by)


def _measured(
    models: tuple[ComparedModel, ...], corpus: Corpus, measured_by: Evidence, stages: Stages
) -> tuple[tuple[Quality, ...], Shortcut | None]:
    report, in_corpus = stages.report, evidence.only_in_corpus(models, measured_by)
    together = evidence.nearly_repeated(corpus, measured_by, report)
    words = evidence.words_of(corpus, measured_by, report)
    found = tuple(evidence.quality_of(one, measured_by, together, words, in_corpus, report) for one in models)
    return found, evidence.shortcut_of(found[0], corpus, measured_by, together, report)


def _timing(models: tuple[ComparedModel, ...], stages: Stages) -> Timing | None:
    """Return how fast the models on this machine read: measured now, unless that was done before."""
    asked = cost.here(models)
    return cost.timing_known(models) or (cost.timing(asked, stages.report) if asked else None)


def _maps(
    pair: tuple[ComparedModel, ComparedModel], stages: Stages
) -> tuple[tuple[Layout, Layout], tuple[Groups, Groups]]:
    from embedlab.space.projection import procrustes, umap

    with stages.stage("layout"):
        first, second = (umap(one.space, one.neighbours, report=stages.report) for one in pair)
        turned = procrustes(second, first, pair[0].space.corpus.distinct[0])
    with stages.stage("clusters"):
        of_first, of_second = (group(one.prepared) for one in pair)
    return (first, turned), (of_first, of_second)
