"""What labels say: which texts have one, which one a text has that repeats, and what to bear in mind of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.corpus import Column, Corpus
from embedlab.corpus.spellings import merged

NAMED = 3
"""So many classes or texts are named in a sentence."""

Conflicting = Literal["most frequent", "leave out"]
ASIDE, LEARN, ASK = -1, 0, 1
"""Where a text belongs that a column puts on a side: neither, to learn from, to be asked about."""


@dataclass(frozen=True)
class Review:
    """What the labels of some texts are like, before anything is left out.

    `classes` are their names and how many distinct texts each has, the largest first. `missing` counts texts without
    a label, `repeats` those that repeat an earlier one. `conflicting` are texts whose copies have different labels,
    with these; such a text counts for its most frequent one. `alone` are the classes of one text. `notes` are
    sentences on all of it.
    """

    classes: tuple[tuple[str, int], ...]
    missing: int
    repeats: int
    conflicting: tuple[tuple[str, tuple[str, ...]], ...]
    alone: tuple[str, ...]
    notes: tuple[str, ...]


def review(corpus: Corpus, labels: Column) -> Review:
    """Return what there is to know of these labels; it never raises, for looking is always allowed."""
    labels, spelled = merged(labels)
    rows = np.flatnonzero(~labels.missing)
    codes, names = coded(labels, rows)
    same = corpus.same[rows]
    kept = _firsts(same, codes)
    sizes = np.bincount(codes[kept], minlength=len(names))
    order = sorted(range(len(names)), key=lambda code: (-sizes[code], code))
    missing, repeats = len(corpus) - len(rows), len(rows) - len(kept)
    conflicts = _conflicts(same, codes)
    notes = [
        *(note.sentence for note in spelled),
        *missing_note(missing),
        *_repeats(repeats),
        *as_names(labels, len(names)),
    ]
    if conflicts:
        notes.append(f"{_in_conflict(conflicts)}.")
    alone = tuple(names[code] for code in range(len(names)) if sizes[code] == 1)
    notes += classes_note(np.flatnonzero(sizes == 1), names, "one text only")
    return Review(
        tuple((names[code], int(sizes[code])) for code in order if sizes[code]),
        missing,
        repeats,
        tuple(
            (corpus.texts[rows[copies[0]]], tuple(dict.fromkeys(names[codes[at]] for at in copies)))
            for copies in conflicts
        ),
        alone,
        tuple(notes),
    )


# --- One label for each text ---------------------------------------------------------------------


def labelled(labels: Column) -> Rows:
    """Return the rows that have a label, int, rising. Raises `EmbedlabError` where none has."""
    rows = np.flatnonzero(~labels.missing)
    if not len(rows):
        raise EmbedlabError(f"The column “{labels.name}” has no value for any text: choose another column of labels.")
    return rows


def coded(labels: Column, rows: Rows) -> tuple[Rows, list[str]]:
    """Return the class of each of `rows` as a place among the names of all, and these in order of appearance."""
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(labels.shown(row), len(numbers)) for row in rows.tolist()]
    return np.array(codes, dtype=np.intp), list(numbers)


def each_once(
    same: Rows, codes: Rows, sides: Rows | None = None, conflicting: Conflicting = "most frequent"
) -> tuple[Rows, list[str]]:
    """Return the place of one copy of each text, int rising, and what to say of the others.

    It is the first with the label that most copies have, the earlier one of equal ones. `same` int (m,) are numbers
    that copies share, as in `Corpus.same`, `codes` their labels. With `sides`, as in `embedlab.corpus.split`, a
    text on both is asked about only. A text whose copies have different labels may be left out.
    """
    notes = []
    considered = np.arange(len(same))
    if sides is not None:
        asked = np.isin(same, same[sides == ASK])
        both = np.unique(same[asked & (sides == LEARN)])
        if len(both):
            stand = counted(len(both), "text stands", "texts stand")
            notes.append(f"{stand} in both parts: held out, and not learned from.")
        considered = np.flatnonzero(~asked | (sides == ASK))
    conflicts = _conflicts(same, codes)
    if conflicts:
        taken = "left out" if conflicting == "leave out" else "the most frequent label counts, the first of equal ones"
        notes.append(f"{_in_conflict(conflicts)}: {taken}.")
        if conflicting == "leave out":
            considered = considered[~np.isin(same[considered], same[[copies[0] for copies in conflicts]])]
    notes += _repeats(len(same) - len(np.unique(same)))
    return considered[_firsts(same[considered], codes[considered])], notes


def _firsts(same: Rows, codes: Rows) -> Rows:
    pairs = np.stack([same, codes], axis=1)
    pairs, first, counts = np.unique(pairs, axis=0, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts, pairs[:, 0]))
    best = order[np.flatnonzero(np.diff(pairs[order, 0], prepend=-1))]
    return np.sort(first[best])


def _conflicts(same: Rows, codes: Rows) -> list[list[int]]:
    """Return the copies of each text that has more than one label."""
    of: dict[int, list[int]] = {}
    for at in np.flatnonzero(np.bincount(same)[same] > 1).tolist() if len(same) else []:
        of.setdefault(int(same[at]), []).append(at)
    return [copies for copies in of.values() if len(set(codes[copies].tolist())) > 1]


def _in_conflict(conflicts: list[list[int]]) -> str:
    return f"{counted(len(conflicts), 'text has', 'texts have')} copies with different labels"


def _repeats(repeats: int) -> list[str]:
    if not repeats:
        return []
    are = counted(repeats, "text repeats", "texts repeat")
    return [f"{are} another one, but for capitals, white space or form: each counts once, and never on both sides."]


# --- What to say, and what can't be done ---------------------------------------------------------


def missing_note(missing: int) -> list[str]:
    """Say how many texts have no label."""
    return [f"{counted(missing, 'text')} without a label left out."] if missing else []


def classes_note(codes: Rows, names: Sequence[str], told: str) -> list[str]:
    """Say what is `told` of the classes `codes`, places in `names`, with some of these; nothing of no class."""
    classes = counted(len(codes), "class has", "classes have")
    return [f"{classes} {told} ({listed((names[code] for code in codes), NAMED)})."] if len(codes) else []


def as_names(labels: Column, classes: int) -> list[str]:
    """Say that numbers or dates are taken as names of classes."""
    if labels.kind not in ("number", "date"):
        return []
    return [
        f"The {classes:,} {labels.kind}s in “{labels.name}” are taken as names: how far apart they are doesn't count."
    ]


def check_names(labels: Column, names: list[str]) -> None:
    """Raise `EmbedlabError` where there is only one class."""
    if len(names) == 1:
        raise EmbedlabError(
            f"All texts with a value of “{labels.name}” have the same one ({listed(names)}): choose a column with two "
            "labels or more."
        )


def check_repeats(labels: Column, codes: Rows) -> None:
    """Raise `EmbedlabError` where no class has two texts, or numbers or dates seldom come again."""
    sizes = np.bincount(codes) if len(codes) else np.zeros(1, dtype=np.intp)
    if labels.kind in ("number", "date") and sizes[sizes > 1].sum() < len(codes) / 2:
        raise EmbedlabError(
            f"“{labels.name}” holds {labels.kind}s that hardly repeat, so they can't be labels: choose a column of "
            "categories."
        )
    if not (sizes > 1).any():
        raise EmbedlabError(f"No two texts share a value of “{labels.name}”: choose another column of labels.")
