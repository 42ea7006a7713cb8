"""Which texts nearly repeat each other, whatever model reads them: so that a split can keep them on one side.

The pairs are those of `embedlab.check.duplicates`. Its candidates by vector are taken from the lexical model here, not
from the model that is asked: a split must not depend on that, or two models would be measured on different texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from embedlab.base.arrays import Rows, connected, frozen
from embedlab.base.progress import Report, no_report
from embedlab.check.duplicates import DEFAULT_THRESHOLD, Duplicates, duplicates
from embedlab.corpus import Column, Corpus
from embedlab.corpus.split import split
from embedlab.encoders.tfidf import LexicalEncoder
from embedlab.space.embedding import embed
from embedlab.space.neighbours import neighbours


def near_copies(texts: Sequence[str], report: Report = no_report) -> Rows:
    """Return a number for each text, int (n,), the same for texts that nearly repeat each other.

    Directly or through others, so that no text of one group nearly repeats one of another group. Copies share it, too.
    """
    corpus = Corpus.of(list(texts), "texts")
    if len(corpus) < 2:
        return np.arange(len(corpus), dtype=np.intp)
    space = embed(corpus, LexicalEncoder.fitted(corpus.texts), None, report)
    return joined(duplicates(space, neighbours(space, report=report), report), len(corpus))


def joined(found: Duplicates, texts: int, threshold: float = DEFAULT_THRESHOLD) -> Rows:
    """Return a number for each of so many texts, int (n,), that all share which hang together by what was found."""
    copies = [np.stack([np.repeat(rows[0], len(rows) - 1), rows[1:]], axis=1) for rows in found.exact]
    pairs = np.concatenate([found.near(threshold), *copies]).astype(np.intp)
    return frozen(connected(pairs[:, 0], pairs[:, 1], texts))


def takes_part(corpus: Corpus, labels: Column, **settings: Any) -> Rows:
    """Return the rows that a `split` with these settings would use, int, rising: those that can repeat each other."""
    return split(corpus, labels, **settings | {"per_class": None}).used


def asked_together(corpus: Corpus, labels: Column, by: Column | None = None, report: Report = no_report) -> Rows:
    """Return which texts nearly repeat each other, of those whose labels can be asked about; int (n,), as `numbered`.

    `by` is the column that says which texts to learn from; without it every labelled text is asked about in turn.
    """
    rows = np.flatnonzero(~labels.missing) if by is None else takes_part(corpus, labels, by=by)
    return numbered(len(corpus), rows, near_copies([corpus.texts[row] for row in rows.tolist()], report))


def numbered(texts: int, rows: Rows, groups: Rows) -> Rows:
    """Return the groups of some `rows` as numbers for so many texts, int (n,): all others are on their own."""
    numbers = np.arange(texts, dtype=np.intp)
    numbers[rows] = texts + groups
    return frozen(numbers)
