"""What a search stands on, made once for everybody: the two indexes, the answers and why each text was found."""

from __future__ import annotations

from functools import partial

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import Judgements
from embedlab.encoders import Encoder
from embedlab.evaluate.retrieval import Evaluation, evaluate
from embedlab.explore.explain import Weighed
from embedlab.pipeline import EmbeddingChoice
from embedlab.search.bm25 import WordIndex, looks_english, word_index
from embedlab.search.quantised import CompactIndex, Worth, compact, worth
from embedlab.search.search import SearchResult, meaning_notes, search, why_by_meaning
from embedlab.space import Space
from pages.app import results
from pages.app.jobs import kept
from pages.app.widgets import awaited, made


@awaited("Stopped: the words were not read to the end.")
def index(report: Report, corpus: Corpus, stemmed: bool) -> WordIndex:
    """Return the index by words; until it is there, show how far it is and end this run of the page."""
    return word_index(corpus, stemmed, report=report)


@awaited("Stopped: the approximate index was not made.")
def lean(report: Report, space: Space) -> tuple[CompactIndex, Worth]:
    """Return the lean index of a space's distinct texts and its worth; until then show progress and end this run."""
    rows, _ = space.corpus.distinct
    vectors = space.vectors if len(rows) == len(space) else space.vectors[rows]
    found = compact(vectors, report=report)
    return found, worth(vectors, found)


def evaluation_key(space: Space, index: WordIndex, judgements: Judgements) -> str:
    """Return the key of one evaluation."""
    content = [[query, rows, grades] for query, rows, grades in zip(
        judgements.queries, judgements.rows, judgements.grades, strict=True
    )]  # fmt: skip
    own = [-1 if row is None else row for row in judgements.own]
    return fingerprint("evaluation", space.fingerprint, index.fingerprint, content, own)


def evaluated(
    space: Space, index: WordIndex, encoder: Encoder, judgements: Judgements, how: EmbeddingChoice
) -> Evaluation:
    """Put every judged query and return how well each method ranks; until that is known, show how far it
    is and end this run of the page.
    """
    key = evaluation_key(space, index, judgements)
    work = partial(evaluate, space, index, encoder, judgements, how.dimensions)
    return made(key, work, "Stopped before all queries were put.")


@kept
def english(texts: Corpus) -> bool:
    """Return whether the texts look English."""
    return looks_english(texts.texts)


def answered(
    query: str, space: Space, how: EmbeddingChoice, index: WordIndex, lean: CompactIndex | None
) -> SearchResult:
    """Return what a query finds; one that could not be read is tried again the next time."""
    asked = (query, space, how, index, lean is not None, lean)
    found: SearchResult = _answered(*asked)
    if found.pools["meaning"].problem:
        _answered.forget(*asked)
    return found


@kept
def _answered(
    query: str, space: Space, how: EmbeddingChoice, index: WordIndex, lean: bool, _lean: CompactIndex | None
) -> SearchResult:
    opened = partial(results.encoder, space, how)
    return search(space, query, how=how, index=index, lean=_lean, encoder=opened)


notes = kept(meaning_notes)


@kept
def why(
    query: str, row: int, space: Space, how: EmbeddingChoice, _found: SearchResult, _encoder: Encoder
) -> Weighed | None:
    """Return the text of `row` with what each word gives to its cosine; None where the model can't read it so."""
    try:
        return why_by_meaning(_encoder, _found, row, how.dimensions)
    except EmbedlabError:
        return None
