"""How well each way of searching ranks the texts that are judged relevant."""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted, was
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stages, Stopwatch, no_report
from embedlab.base.result import Result
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import Judgements
from embedlab.encoders import Encoder, EncoderInfo
from embedlab.encoders.base import Vectors
from embedlab.evaluate.ranking import METRICS, Judged, MethodScores, scored
from embedlab.pipeline import EmbeddingChoice, embed, reader
from embedlab.search.bm25 import WordIndex, word_index
from embedlab.search.methods import METHODS, POOL, Method, Ranking, by_meaning, by_words, fused, nothing, query_vectors
from embedlab.space.space import Space
from embedlab.space.unread import unread_note

if TYPE_CHECKING:
    import pandas as pd

_AT_ONCE = 256


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(Result):
    """How well each method ranks what was judged relevant.

    `comparison` has a value for each query that counts; `queries` int (q,) are their places in the judgements, which
    are called `name`. `notes` are sentences on what was left out. `card` is of the model that read `corpus`.
    """

    comparison: MethodScores
    queries: Rows
    notes: tuple[str, ...]
    name: str
    corpus: Corpus
    card: EncoderInfo

    def __len__(self) -> int:
        return len(self.queries)

    @property
    def sentence(self) -> str:
        """Which of the three finds most, or that these queries can't show it."""
        return self.comparison.verdict()

    def facts(self) -> dict[str, Any]:
        """Return what the command `search` prints of a BEIR folder as JSON."""
        found = self.comparison
        pairs = (("meaning", "words"), ("both", "meaning"), ("both", "words"))
        return {
            "name": self.name,
            "read": self.corpus.reading(),
            "queries": len(self),
            "texts": len(self.corpus),
            "model": self.card.model,
            "runtime": self.card.runtime,
            "metrics": {
                method: {metric: asdict(found.interval(method, metric)) for metric in METRICS} for method in METHODS
            },
            "differences": {
                f"{first} - {second}": {metric: asdict(found.difference(first, second, metric)) for metric in METRICS}
                for first, second in pairs
            },
            "verdict": self.sentence,
            "ranking": [asdict(one) for one in found.ranked()],
            "notes": [*(note.sentence for note in self.corpus.notes), *self.notes],
        }

    def table(self) -> pd.DataFrame:
        """Return a row for each method and measure with its mean over the queries and 95 % interval, the best first.

        `verdict` says whether a method is the best, finds less, or can't be told from the best.
        """
        import pandas as pd

        heads = ["method", "measure", "mean", "low", "high", "verdict"]
        rows = (
            (one.method, metric, *astuple(self.comparison.interval(one.method, metric)), one.verdict)
            for one in self.comparison.ranked()
            for metric in METRICS
        )
        return pd.DataFrame(rows, columns=heads)


def judged_search(
    corpus: Corpus, judgements: Judgements, how: EmbeddingChoice | None = None, stages: Stages | None = None
) -> Evaluation:
    """Return how well each method finds what was judged relevant in a corpus, read as `how` says (see `evaluate`)."""
    how, stages = how or EmbeddingChoice(), stages or Stages()
    with stages.stage("index"):
        index = word_index(corpus, report=stages.report)
    made = embed(corpus, how, stages)
    left_out = unread_note(made.space)
    if left_out is not None:
        index = word_index(made.space.corpus, report=stages.report)
        judgements = judgements.without(made.space.unread, len(corpus))
    with stages.stage("evaluate"):
        encoder = made.encoder or reader(made.space, how)
        return evaluate(made.space, index, encoder, judgements, how.dimensions, stages.report)


def evaluate(
    space: Space,
    index: WordIndex,
    encoder: Encoder,
    judgements: Judgements,
    dimensions: int | None = None,
    report: Report = no_report,
) -> Evaluation:
    """Return how well each method ranks the texts that are relevant to each query, all by exact search.

    A text that repeats, if in other capitals, white space or form, counts once: with its highest grade, where its first
    copy is found. A query that is itself one of the texts finds no copy of itself. Raises `EmbedlabError` where no
    query is left.
    """
    if not len(judgements):
        raise EmbedlabError("No query with a relevant text is left: check that the ids are those of these texts.")
    same = space.corpus.same
    distinct = same[space.corpus.distinct[0]]
    judged = [_judged(rows, grades, own, same) for rows, grades, own in judgements]
    kept = np.array([at for at, one in enumerate(judged) if len(one.items)], dtype=np.intp)
    if not len(kept):
        raise EmbedlabError("Nothing but the queries themselves is relevant: bring judgements of other texts.")
    ranked: dict[Method, list[Rows]] = {method: [] for method in METHODS}
    unread = 0
    watch = Stopwatch("Putting the queries", len(kept), report)
    for start in range(0, len(kept), _AT_ONCE):
        watch.at(start)
        some = kept[start : start + _AT_ONCE]
        queries = [judgements.queries[at] for at in some]
        vectors = query_vectors(encoder, queries, dimensions)
        unread += int((~vectors.any(axis=1)).sum())
        for at, query, vector in zip(some.tolist(), queries, vectors, strict=True):
            own = judgements.own[at]
            pools = _pools(space, index, query, vector, distinct, -1 if own is None else int(same[own]))
            for method in METHODS:
                ranked[method].append(pools[method].places)
    watch.at(len(kept))
    relevant = [judged[at] for at in kept]
    values = {str(method): scored(ranked[method], relevant) for method in METHODS}
    notes = _left_out(judgements, len(kept), unread, encoder)
    return Evaluation(MethodScores(values), frozen(kept), notes, judgements.name, space.corpus, encoder.card)


def _judged(rows: Rows, grades: Floats, own: int | None, same: Rows) -> Judged:
    """Return what is relevant, each text once with its highest grade, without the query's own text."""
    items, where = np.unique(same[rows], return_inverse=True)
    highest = np.zeros(len(items))
    np.maximum.at(highest, where, grades)
    kept = items != same[own] if own is not None else np.ones(len(items), dtype=bool)
    return Judged(items[kept], highest[kept])


def _pools(space: Space, index: WordIndex, query: str, vector: Vectors, same: Rows, own: int) -> dict[Method, Ranking]:
    count = POOL + 1 + len(same) - int(same.max() + 1)  # as many as stay when each counts once, and the query is out
    meant = by_meaning(space, vector, count=count) if vector.any() else nothing("")
    found = [_each_once(pool, same, own) for pool in (meant, by_words(index, query, count))]
    return {"meaning": found[0], "words": found[1], "both": fused(*found)}


def _each_once(pool: Ranking, same: Rows, own: int) -> Ranking:
    """Return a pool in the numbers of `Corpus.same`, each once, without `own`; `same` (u,) are the distinct texts'."""
    places = same[pool.places]
    first = np.sort(np.unique(places, return_index=True)[1])
    kept = first[places[first] != own][:POOL]
    return Ranking(places[kept], pool.scores[kept])


def _left_out(judgements: Judgements, kept: int, unread: int, encoder: Encoder) -> tuple[str, ...]:
    notes = [note.sentence for note in judgements.notes]
    lonely = len(judgements) - kept
    if lonely:
        nothing = "query has nothing relevant but itself", "queries have nothing relevant but themselves"
        notes.append(f"{counted(lonely, *nothing)} and {was(lonely)} left out.")
    if unread:
        notes.append(
            f"{encoder.card.model} could make no vector of {counted(unread, 'query', 'queries')}, none of whose "
            "words it knows: "
            "by meaning nothing is found."
        )
    return tuple(notes)
