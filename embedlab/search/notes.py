"""What becomes of a query: which of its words no text has, and which the model does not know or read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embedlab.base.english import listed
from embedlab.encoders import Encoder
from embedlab.encoders.base import NO_WINDOW
from embedlab.encoders.capabilities import over_window, parts_of
from embedlab.search.bm25 import WordIndex, located_words

NAMED = 5
_UNKNOWN = ("[UNK]", "<unk>", "<UNK>")


def word_notes(index: WordIndex, query: str) -> tuple[str, ...]:
    """Return what to know of the query as it is looked for by words: which of them no text has."""
    terms = index.terms(query)
    missing = [" / ".join(term.words) for term in terms if term.term is not None and not term.texts]
    if not missing or len(missing) == len([term for term in terms if term.term is not None]):
        return ()
    return (f"No text has {_named(missing)}: by words, the rest of the query decides.",)


def meaning_notes(encoder: Encoder, query: str, apart: bool = True) -> tuple[str, ...]:
    """Return what to know of the query as the model reads it: an end that is not read, words without a vector.

    The latter only if the query may be taken `apart`, which makes a transformer convert its layers the first time.
    """
    notes = []
    if over_window(encoder, [query])[0]:
        notes.append(
            f"The query is longer than the {encoder.card.window} tokens that {encoder.card.model} reads: by meaning "
            "its end does not count, by words it does."
        )
    unknown, known = _read_words(encoder, query) if apart else ([], 0)
    if unknown and not known:
        notes.append(
            f"{encoder.card.model} knows no word of this query: what it gives by meaning lies in the middle of "
            "everything, not near the query. Rely on the words, or choose a model for this language."
        )
    elif unknown:
        notes.append(f"{encoder.card.model} does not know {_named(unknown)}: by meaning, the rest decides.")
    return tuple(notes)


def _read_words(encoder: Encoder, query: str) -> tuple[list[str], int]:
    """Return the words of the query that no known piece covers, and how many others there are."""
    parts = parts_of(encoder, query, query=True)
    if parts is None:
        return [], 0
    known = np.zeros(len(parts.text) + 1, dtype=bool)
    for piece, (start, end) in zip(parts.pieces, parts.spans.tolist(), strict=True):
        if piece not in _UNKNOWN:
            known[start:end] = True
    read_to = len(parts.text) if encoder.card.window == NO_WINDOW else int(parts.spans.max(initial=0))
    _, spans = located_words(parts.text)
    prompt = len(encoder.card.query_prompt)
    unknown, covered = [], 0
    for start, end in spans.tolist():
        if prompt <= start < end <= read_to:
            covered += bool(known[start:end].any())
            if not known[start:end].any():
                unknown.append(parts.text[start:end])
    return list(dict.fromkeys(unknown)), covered


def _named(words: Sequence[str]) -> str:
    return listed((word[:40] for word in words), NAMED)
