"""Columns that say which texts to learn from and which to hold out, such as "train" and "test"."""

from __future__ import annotations

from collections import Counter

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.corpus import Column, Corpus

_TRAIN = {"train", "training", "trn", "learn"}
_VALIDATION = {"validation", "valid", "val", "dev", "development"}
_TEST = {"test", "testing", "tst", "heldout", "held out", "holdout", "hold out", "eval", "evaluation"}
ASIDE, LEARN, ASK = -1, 0, 1


def says_which(column: Column) -> bool:
    """Whether a column says which texts to learn from and which to hold out, such as "train" and "test"."""
    if column.kind not in ("category", "text"):
        return False
    found = {_side_word(value) for value in set(column.values) - {None}}
    return bool(found & _TRAIN) and bool(found & (_TEST | _VALIDATION)) and found <= _TRAIN | _VALIDATION | _TEST


def guessed_split(corpus: Corpus, label: str = "") -> Column | None:
    """Return the first column that says which texts to hold out, but for the one of the labels; None without any."""
    return next((one for one in corpus.columns if one.name != label and says_which(one)), None)


def sides_of(column: Column) -> Rows:
    """Return 0 for each text to learn from, 1 for one to be asked about, -1 where the column says neither; int (n,).

    Raises `EmbedlabError` where it names only one of the two sides.
    """
    rows = np.flatnonzero(~column.missing)
    sides = np.full(len(column.values), ASIDE, dtype=np.intp)
    sides[rows] = parted(column, rows)[0]
    return sides


def held_out_first(column: Column) -> Rows:
    """Return what must give way to what, int (n,): 0 for a text to be asked about, 1 for one for validation that is
    learned from, 2 for another one to learn from, 3 where the column says neither.

    Raises `EmbedlabError` where it names only one of the two sides.
    """
    sides = sides_of(column)
    ranks = np.select([sides == ASK, sides == LEARN], [0, 2], 3)
    validation = [row for row in np.flatnonzero(ranks == 2).tolist() if _side_word(column.shown(row)) in _VALIDATION]
    ranks[validation] = 1
    return ranks.astype(np.intp)


def parted(by: Column, rows: Rows) -> tuple[Rows, str, list[str]]:
    """Return for each of `rows` where `by` puts it, which part is held out, and what to say of it."""
    words = [_side_word(by.shown(row)) for row in rows.tolist()]
    found = Counter(words)
    tested = any(found[word] for word in _TEST)
    ask = _TEST if tested else _VALIDATION
    learn = _TRAIN | _VALIDATION if tested else _TRAIN
    sides = np.array([ASK if word in ask else LEARN if word in learn else ASIDE for word in words], dtype=np.intp)
    if not (sides == ASK).any() or not any(found[word] for word in _TRAIN):
        have = listed(dict.fromkeys(by.shown(row) or "(empty)" for row in rows.tolist()), 3)
        raise EmbedlabError(
            f"“{by.name}” doesn't say which texts to learn from and which to hold out (it holds {have}): it needs "
            "values such as train and test; choose another column or draw the split at random."
        )
    notes = [f"“{by.name}” says which texts are held out."]
    validation = sum(found[word] for word in _VALIDATION)
    if tested and validation:
        notes.append(f"{counted(validation, 'text for validation is', 'texts for validation are')} learned from.")
    aside = int((sides == ASIDE).sum())
    if aside:
        notes.append(f"{counted(aside, 'text')} with no such value in “{by.name}” left out.")
    return sides, "test" if tested else "validation", notes


def _side_word(value: str) -> str:
    return " ".join(value.casefold().replace("_", " ").replace("-", " ").split())
