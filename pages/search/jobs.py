"""What a search stands on, made once for everybody: the two indexes, the answers and why each text was found."""

from __future__ import annotations

from functools import partial

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Job, Report
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import Judgements
from embedlab.corpus.reading.table import Table
from embedlab.corpus.reading.table import read_table as _read_table
from embedlab.encoders import Encoder
from embedlab.evaluate.retrieval import Evaluation, evaluate
from embedlab.explore.explain import Weighed
from embedlab.pipeline import EmbeddingChoice
from embedlab.search.bm25 import WordIndex, looks_english, word_index
from embedlab.search.notes import meaning_notes
from embedlab.search.quantised import CompactIndex, Worth, compact, worth
from embedlab.search.search import SearchResult, search
from embedlab.search.why import why_by_meaning
from embedlab.space import Space
from pages.app import results
from pages.app.jobs import kept, registry


def index_key(corpus: Corpus, stemmed: bool) -> str:
    """Return the key of the index by words."""
    return fingerprint("words", corpus.fingerprint, stemmed)


def index_job(corpus: Corpus, stemmed: bool) -> Job[WordIndex]:
    """Return the job that reads the words of `corpus`."""
    return registry().job(index_key(corpus, stemmed), lambda report: word_index(corpus, stemmed, report=report))


def lean_key(space: Space) -> str:
    """Return the key of the lean index of a space."""
    return fingerprint("lean", space.fingerprint)


def lean_job(space: Space) -> Job[tuple[CompactIndex, Worth]]:
    """Return the job that makes the lean index of the distinct texts of `space`, and measures it."""

    def work(report: Report) -> tuple[CompactIndex, Worth]:
        rows, _ = space.corpus.distinct
        vectors = space.vectors if len(rows) == len(space) else space.vectors[rows]
        made = compact(vectors, report=report)
        return made, worth(vectors, made)

    return registry().job(lean_key(space), work)


def evaluation_key(space: Space, index: WordIndex, judgements: Judgements) -> str:
    """Return the key of one evaluation."""
    content = [[query, rows, grades] for query, rows, grades in zip(
        judgements.queries, judgements.rows, judgements.grades, strict=True
    )]  # fmt: skip
    own = [-1 if row is None else row for row in judgements.own]
    return fingerprint("evaluation", space.fingerprint, index.fingerprint, content, own)


def evaluation_job(
    space: Space, index: WordIndex, encoder: Encoder, judgements: Judgements, how: EmbeddingChoice
) -> Job[Evaluation]:
    """Return the job that puts every judged query and says how well each method ranks."""
    key = evaluation_key(space, index, judgements)
    return registry().job(key, lambda report: evaluate(space, index, encoder, judgements, how.dimensions, report))


@kept
def english(corpus: str, _corpus: Corpus) -> bool:
    """Return whether the texts look English."""
    return looks_english(_corpus.texts)


def answered(
    query: str, space: Space, how: EmbeddingChoice, index: WordIndex, lean: CompactIndex | None
) -> SearchResult:
    """Return what a query finds; one that could not be read is tried again the next time."""
    key = (query, space.fingerprint, how, index.fingerprint, lean is not None)
    found: SearchResult = _answered(*key, space, index, lean)
    if found.pools["meaning"].problem:
        _answered.forget(*key, space, index, lean)
    return found


@kept
def _answered(
    query: str, space: str, how: EmbeddingChoice, index: str, lean: bool, _space: Space, _index: WordIndex,
    _lean: CompactIndex | None,
) -> SearchResult:  # fmt: skip
    opened = partial(results.encoder, space, how, _space)
    return search(_space, query, how=how, index=_index, lean=_lean, encoder=opened)


@kept
def notes(query: str, space: str, how: EmbeddingChoice, apart: bool, _encoder: Encoder) -> tuple[str, ...]:
    """Return what to know of a query as the model reads it."""
    return meaning_notes(_encoder, query, apart)


@kept
def why(
    query: str, row: int, space: str, how: EmbeddingChoice, _found: SearchResult, _encoder: Encoder
) -> Weighed | None:
    """Return the text of `row` with what each word gives to its cosine; None where the model can't read it so."""
    try:
        return why_by_meaning(_encoder, _found, row, how.dimensions)
    except EmbedlabError:
        return None


@kept
def table(content: str, name: str, _bytes: bytes) -> Table:
    """Return an uploaded table of judgements; `content` is its fingerprint."""
    return _read_table(_bytes, name)
