"""Why a text was found: its words weighed by what they give to BM25 or the cosine, and the stretch that gives most."""

from __future__ import annotations

import numpy as np

from embedlab.base.arrays import frozen
from embedlab.encoders import Encoder
from embedlab.explore.explain import Weighed, explain
from embedlab.search.bm25 import WordIndex
from embedlab.search.search import SearchResult
from embedlab.text.normalise import well_formed

EXCERPT = 280


def why_by_words(index: WordIndex, found: SearchResult, row: int) -> tuple[Weighed, list[tuple[str, float]]]:
    """Return the text of `row` with the query's words weighed, and what each term gives to its BM25 score.

    A term is written as the query writes it; what it gives is shared out evenly over the places where it stands.
    """
    text = found.corpus.texts[row]
    shares = index.shares(found.query, int(found.corpus.distinct[1][row]))
    spans, terms = index.matched(found.query, text)
    given = {term.term: share for term, share in shares}
    weights = np.array([given.get(term, 0.0) / terms.count(term) for term in terms])
    text = well_formed(text)
    pieces = tuple(text[start:end] for start, end in spans.tolist())
    weighed = Weighed(text, pieces, frozen(spans), frozen(weights))
    return weighed, [(" / ".join(term.words), share) for term, share in shares]


def why_by_meaning(encoder: Encoder, found: SearchResult, row: int, dimensions: int | None = None) -> Weighed:
    """Return the text of `row` with each word weighed by its part in the cosine to the query (see `explain`)."""
    made = explain(encoder, found.query, found.corpus.texts[row], dimensions, query=True)
    return made.by_word().second


def excerpt(weighed: Weighed, width: int = EXCERPT) -> Weighed:
    """Return the stretch of the text, up to `width` characters, whose pieces weigh most; "…" marks what is left out.

    Of equal ones the first counts, so that without any weight it is the beginning. Pieces that stand for no character
    are left out.
    """
    text = weighed.text
    start = _heaviest(weighed, width) if len(text) > width else 0
    end = min(len(text), start + width)
    before, after = "…" * (start > 0), "…" * (end < len(text))
    first, last = weighed.spans.T
    chosen = np.flatnonzero((first >= start) & (last <= end) & (first < last))
    return Weighed(
        before + text[start:end] + after,
        tuple(weighed.pieces[place] for place in chosen),
        frozen(weighed.spans[chosen] - start + len(before)),
        frozen(weighed.weights[chosen]),
    )


def _heaviest(weighed: Weighed, width: int) -> int:
    """Return where the heaviest stretch begins: at the start of the text, or a little before one of the pieces."""
    lead = width // 8
    first, last = weighed.spans.T
    begins = np.concatenate([[0], np.maximum(first - lead, 0)])
    sums = np.zeros(len(begins))
    for place, begin in enumerate(begins):
        sums[place] = np.maximum(weighed.weights[(first >= begin) & (last <= begin + width)], 0).sum()
    begin = int(begins[np.argmax(sums > sums.max() - 1e-9)])
    space = weighed.text.find(" ", begin, begin + lead) if begin else -1
    return begin if space < 0 else space + 1
