"""What `import embedlab as el` offers: a verb for each question, with the answers that the pages show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from embedlab import encoders, pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stages, no_report
from embedlab.base.result import Result
from embedlab.corpus import Corpus
from embedlab.corpus.datasets import builtin
from embedlab.corpus.judgements import ROW
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading import table as reading
from embedlab.corpus.reading.given import as_corpus, from_frame, from_texts
from embedlab.encoders import DEFAULT_MODEL, Encoder, as_encoder, registry
from embedlab.encoders.base import Models
from embedlab.explore.exploration import Exploration
from embedlab.pipeline import EmbeddingChoice
from embedlab.space import Space
from embedlab.space.embedding import verify_encoder
from embedlab.space.projection import LayoutSettings

if TYPE_CHECKING:
    import pandas as pd

    from embedlab.check.report import Inspection
    from embedlab.compare.comparison import Comparison
    from embedlab.corpus.dates import Unit
    from embedlab.corpus.judgements import Judgements
    from embedlab.corpus.pairs import Pairs
    from embedlab.corpus.reading.table import Table
    from embedlab.drift.over_time import Reference
    from embedlab.drift.report import DriftReport
    from embedlab.explore.explain import Explanation
    from embedlab.finetune.decision import FinetuneResult
    from embedlab.search.methods import Method
    from embedlab.search.search import SearchResult

__all__ = [
    "Corpus", "EmbedlabError", "Exploration", "LayoutSettings", "Models", "Result", "Space", "builtin", "check",
    "compare", "drift", "embed", "explain", "explore", "finetune", "from_frame", "from_texts", "models", "read",
    "search",
]  # fmt: skip

Texts: TypeAlias = "Corpus | Iterable[str] | pd.DataFrame"
"""A corpus, or strings or a data frame to make one of."""
Model = str | Encoder | Callable[[list[str]], Any]
"""A model's name, an encoder, or a function from a list of texts to an array (n, d)."""


def models() -> Models:
    """Return what there is to embed texts with: here, in packages that are installed, and on the hub."""
    return Models(tuple(encoders.models()))


def read(
    source: Path | str | bytes,
    text: str | Sequence[str] | None = None,
    label: str | None = None,
    name: str | None = None,
    *,
    header: int | None = None,
    above: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | int | None = None,
    hidden: bool | None = None,
) -> Corpus:
    """Return the corpus of a file: TXT, CSV, TSV, JSON, JSONL, Parquet or XLSX, each also gzipped.

    `source` is a path, or the bytes with a `name`. `text` names the column of texts, or several that make one text;
    `label` that of labels ("" for none). How the file is laid out is guessed as well, and `corpus.layout` says what was
    taken: `header` counts the rows of column names (0: none), `above` those above them that are no part of the table;
    `delimiter` is a sign, "tab" or "spaces"; `sheet` is a workbook's, by name or number from 1; `hidden` whether its
    hidden rows and columns are read. Raises `EmbedlabError` where the file can't be read so.
    """
    layout = FileLayout(
        encoding=encoding, delimiter=delimiter, above=above, header=header,
        sheet=None if sheet is None else str(sheet), hidden=hidden,
    )  # fmt: skip
    return reading.read(source, text, label, name, layout)


def embed(
    texts: Texts,
    model: Model | None = None,
    *,
    exact: bool = False,
    dimensions: int | None = None,
    vectors: str | None = None,
    report: Report = no_report,
) -> Space:
    """Return `texts` as `model` sees them; vectors that are stored on this machine are not computed again.

    `model` is a name (see `models`), the path of a folder with a model, or what `embedlab.encoders.as_encoder` takes:
    an encoder, or a function from texts to an array; None is all-MiniLM-L6-v2. `exact` asks for fp32 where bfloat16 is
    faster; `dimensions` keeps only the first ones (see `embedlab.space.embedding.shortened`). `vectors` names vectors
    that came with the texts, which are then taken as they are; `model` says what made them. Texts that the model can't
    read are left out, and the last note of the space's corpus says which.

    Raises `EmbedlabError` for no texts, an unknown model, or more dimensions than the model has.
    """
    how, encoder = _how(model, exact, dimensions, vectors or "")
    return pipeline.embed(as_corpus(texts), how, Stages(report), encoder=encoder).space


def explore(
    texts: Space | Texts,
    settings: LayoutSettings | None = None,
    granularity: float | None = None,
    *,
    model: Model | None = None,
    report: Report = no_report,
) -> Exploration:
    """Return everything that a labelled map of `texts` shows; `.show()` opens it in a browser.

    Neighbours are found exactly, laid out by UMAP, grouped and named; how far to trust the map is measured, and whether
    there are groups at all: `.doubt` says it where there are none, or none that words can name. `granularity` is the
    resolution of the clusters; None lets the number of texts decide. `model` embeds texts that are no `Space`
    yet; that of a `Space` must be its own.
    """
    stages = Stages(report)
    return pipeline.explore(_prepared(texts, model, stages), settings, granularity, stages)


def search(
    texts: Space | Texts,
    query: str,
    *,
    by: Method = "both",
    k: int = 10,
    model: Model | None = None,
    report: Report = no_report,
) -> SearchResult:
    """Return the `k` texts that `query` finds: by "meaning", by "words" (BM25), or by "both".

    Raises `EmbedlabError` for an empty query, and by meaning alone for one that the model can't read. A space that a
    function made needs that as its `model` again, to read the query.
    """
    from embedlab.search.search import search as found

    stages = Stages(report)
    if isinstance(texts, Space):
        how, encoder = _reading(texts, model)
        return found(texts, query, by, k, how=how, encoder=partial(_reader, texts, how, encoder), stages=stages)
    of, (how, encoder) = as_corpus(texts), _how(model)
    if encoder is None or by == "words":
        return found(of, query, by, k, how=how, stages=stages)
    made = pipeline.embed(of, how, stages, encoder=encoder).space
    return found(made, query, by, k, how=how, encoder=partial(_reader, made, how, encoder), stages=stages)


def explain(
    first: str,
    second: str,
    *,
    of: Space | Texts | None = None,
    model: Model | None = None,
    exact: bool = False,
    dimensions: int | None = None,
) -> Explanation:
    """Return what carries the cosine of two texts: exactly where vectors are sums over pieces, else word by word.

    They are read as those `of` a space, with its model and its dimensions. A model that is fitted to texts (TF-IDF) is
    fitted to those `of` a space or a corpus; to these two alone without, which says little. Raises `EmbedlabError` for
    a blank text, an unknown model, and one that the space was not made by.
    """
    from embedlab.explore.explain import explain as taken_apart

    if isinstance(of, Space):
        how, encoder = _reading(of, model)
        return taken_apart(_reader(of, how, encoder), first, second, dimensions or how.dimensions)
    how, encoder = _how(model, exact)
    fitted_to = Corpus.of([first, second]) if of is None else as_corpus(of)
    return taken_apart(encoder or pipeline.encoder_of(fitted_to, how), first, second, dimensions)


def compare(
    texts: Texts,
    models: Sequence[Model | EmbeddingChoice | Space],
    *,
    label: str | None = None,
    split: str | None = None,
    pairs: Pairs | Table | None = None,
    judgements: Judgements | Sequence[Table] | None = None,
    queries: Sequence[str] = (),
    k: int = 10,
    named_by: str = ROW,
    in_turn: bool = False,
    maps: bool = False,
    report: Report = no_report,
) -> Comparison:
    """Return two to six models compared on `texts`: how different they are, which is better by what, and the cost.

    A model is a name ("name@fp32" in full precision), a column of the texts' own vectors, an encoder or a function, or
    a space of these texts. They are measured by one of `label` (asked about `in_turn`, whatever the split), `pairs`
    with scores and `judgements`, which name texts by their row or by the column `named_by`; see
    `embedlab.compare.compare.compare`. Raises `EmbedlabError` for what can't be compared.
    """
    from embedlab.compare.compare import compare as compared

    return compared(
        as_corpus(texts), models, label, split, pairs, judgements, queries, k, named_by=named_by, in_turn=in_turn,
        maps=maps, stages=Stages(report),
    )  # fmt: skip


def check(
    texts: Space | Texts,
    *,
    label: str | None = None,
    split: str | None = None,
    threshold: float | None = None,
    model: Model | None = None,
    seed: int = 0,
    source: str = "",
    licence: str = "",
    with_map: bool = False,
    report: Report = no_report,
) -> Inspection:
    """Return what is wrong with some texts: repeats, outliers, doubtful labels, leaks, personal data, and more.

    `label` names the column of labels, `split` the one that says train or test (a guess without it, "" for none), and
    `threshold` says how alike near-duplicates are; `source` and `licence` are what a report says of the texts. Raises
    `EmbedlabError` for a column that can't be used.
    """
    from embedlab.check.duplicates import DEFAULT_THRESHOLD
    from embedlab.check.run import check as checked

    stages, least = Stages(report), DEFAULT_THRESHOLD if threshold is None else threshold
    return checked(
        _prepared(texts, model, stages), label, split, least, seed=seed, source=source, licence=licence,
        with_map=with_map, stages=stages,
    )  # fmt: skip


def drift(
    before: Texts,
    after: Texts | None = None,
    *,
    by: str | None = None,
    before_value: str | None = None,
    after_value: str | None = None,
    at: str | float | None = None,
    over: str | None = None,
    period: Unit | None = None,
    reference: Reference = "first",
    model: Model | None = None,
    exact: bool = False,
    dimensions: int | None = None,
    seed: int = 0,
    report: Report = no_report,
) -> DriftReport:
    """Return whether two sets of texts differ, where, and since when: two corpora, or two parts of one.

    `by` names the column that parts one corpus: by itself, by `before_value` (and `after_value`), or cut `at` a value;
    `over`, `period` and `reference` give the curve over time; `model`, `exact` and `dimensions` are as in `embed`.
    Raises `EmbedlabError` for fewer than 20 texts on a side.
    """
    from embedlab.drift.drift import drift as drifted
    from embedlab.drift.sides import two_sides

    second, (how, encoder) = None if after is None else as_corpus(after), _how(model, exact, dimensions)
    sides = two_sides(as_corpus(before), second, by, before_value, after_value, at)
    return drifted(sides, over, period, reference, how=how, encoder=encoder, seed=seed, stages=Stages(report))


def finetune(
    texts: Texts,
    label: str,
    model: str = DEFAULT_MODEL,
    name: str | None = None,
    *,
    held_out: float | None = None,
    split: str | None = None,
    per_class: int | None = None,
    sample: int | None = None,
    epochs: int | None = None,
    seed: int = 0,
    minutes: float | None = None,
    report: Report = no_report,
) -> FinetuneResult:
    """Train a copy of `model` on the column `label`, and say whether it beats the frozen one on texts held out.

    It is kept on this machine as `name`, and can be used as a model from then on. See
    `embedlab.finetune.decision.finetune`. Raises `EmbedlabError` for labels or a model that can't be trained.
    """
    from embedlab.finetune.decision import finetune as decided

    base = registry.asked_for(model, everywhere=True)
    return decided(
        as_corpus(texts), label, base, name, held_out=held_out, split=split, per_class=per_class, sample=sample,
        epochs=epochs, seed=seed, minutes=minutes, report=report,
    )  # fmt: skip


def _prepared(texts: Space | Texts, model: Model | None, stages: Stages) -> pipeline.Prepared:
    if isinstance(texts, Space):
        return pipeline.of_space(texts, stages, encoder=_reading(texts, model)[1])
    how, encoder = _how(model)
    return pipeline.prepare(as_corpus(texts), how, stages, encoder=encoder)


def _reading(space: Space, model: Model | None) -> tuple[EmbeddingChoice, Encoder | None]:
    """Return how new texts are read into a space; with what, too, where `model` says it and the card doesn't.

    Raises `EmbedlabError` where the space was made by another model.
    """
    how = pipeline.choice_of(space.card)
    if model is None:
        return how, None
    named, encoder = _how(model)
    if how.model and registry.named(named.model) != registry.named(how.model):
        raise EmbedlabError(
            f"This space was made by {how.model}, not by {named.model}: leave out model=, or embed its texts again "
            "(el.embed(space.corpus, model=...))."
        )
    if encoder is not None and not space.card.shortened_from:
        verify_encoder(encoder, space)
    elif not how.model:  # own vectors, of which only now is said what made them
        encoder = pipeline.reader(space, replace(how, model=named.model))
    return how, encoder


def _reader(space: Space, how: EmbeddingChoice, encoder: Encoder | None) -> Encoder:
    if encoder is not None:
        return encoder
    if how.model and not registry.known(how.model):
        raise EmbedlabError(
            f"“{how.model}” made these vectors, and there is no model of that name here: give it with model=, the "
            "function or the encoder that it is."
        )
    return pipeline.reader(space, how)


def _how(
    model: Model | None, exact: bool = False, dimensions: int | None = None, vectors: str = ""
) -> tuple[EmbeddingChoice, Encoder | None]:
    """Return how to read texts with `model`; the encoder too, where it is none that has a name here."""
    if isinstance(model, str) or model is None:
        named = registry.asked_for(model) if model else "" if vectors else DEFAULT_MODEL
        return EmbeddingChoice(named, exact, dimensions, vectors), None
    encoder = as_encoder(model)
    return EmbeddingChoice(encoder.card.model, exact, dimensions), encoder
