"""Which labelled texts count, each once, and in which fold each is asked about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Flags, Rows, frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.labels import NAMED, as_names, check_names, check_repeats, coded, each_once, labelled, missing_note
from embedlab.corpus.spellings import merged

FEW = 30
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Labelled:
    """The texts that count, each once: `rows` int (m,) rising, `codes` int (m,) their places in `names`.

    Every class has two texts or more, and there are at least two classes. `notes` are sentences on what was left out
    and on what to bear in mind.
    """

    rows: Rows
    codes: Rows
    names: tuple[str, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sizes(self) -> Rows:
        """Texts in each class, int (classes,)."""
        return np.bincount(self.codes, minlength=len(self.names))


def usable_labels(labels: Column, corpus: Corpus, learnt: Flags | None = None) -> Labelled:
    """Return the texts of `corpus` with a label that another text has too.

    A text that repeats, if in other capitals, white space or form, counts once, with the label that most of its copies
    have (the first of equal ones): copies in training and test would flatter every model. `learnt` bool (n,) are texts
    that one of the models compared has learned from: they count for none. Raises `EmbedlabError` where fewer than two
    classes are left, or numbers or dates hardly repeat.
    """
    labels, spelled = merged(labels)
    rows = labelled(labels)
    notes = [*(note.sentence for note in spelled), *missing_note(len(corpus) - len(rows))]
    if learnt is not None:
        rows, said = _not_learnt(rows, learnt)
        notes += said
    codes, names = coded(labels, rows)
    check_names(labels, names)
    once, said = each_once(corpus.same[rows], codes)
    notes += said
    rows, codes = rows[once], codes[once]
    check_repeats(labels, codes)
    sizes = np.bincount(codes, minlength=len(names))
    alone = np.flatnonzero(sizes == 1)
    if len(alone):
        named = listed((names[code] for code in alone), NAMED)
        classes = counted(len(alone), "class has", "classes have")
        notes.append(f"{classes} one text only and can't be learned from another: left out ({named}).")
    kept = sizes[codes] > 1
    rows, codes = rows[kept], codes[kept]
    present, codes = np.unique(codes, return_inverse=True)
    if len(present) < 2:
        raise EmbedlabError(
            f"Only one value of “{labels.name}” has two texts or more: choose a column with two labels or more."
        )
    notes += as_names(labels, len(present))
    if len(rows) < FEW:
        notes.append(
            f"Only {counted(len(rows), 'text counts', 'texts count')}: hardly any difference can show, and the "
            "intervals are rough."
        )
    most = np.bincount(codes).max() / len(codes)
    notes.append(f"Always naming the largest of the {len(present)} classes would be right in {100 * most:.1f} %.")
    return Labelled(frozen(rows), frozen(codes), tuple(names[code] for code in present), tuple(notes))


def _not_learnt(rows: Rows, learnt: Flags) -> tuple[Rows, list[str]]:
    left = rows[~learnt[rows]]
    if not len(left):
        raise EmbedlabError(
            "One of the models has learned from every text with a label, so none is left to measure on: bring labelled "
            "texts that it has not seen, or leave it out."
        )
    if len(left) == len(rows):
        return rows, []
    gone = counted(len(rows) - len(left), "text")
    return left, [f"{gone} that a fine-tuned model has learned from left out, for all models alike."]


def dealt(codes: Rows, folds: int, seed: int = 0, together: Rows | None = None) -> Rows:
    """Return the fold of each text, int (m,): each class is spread evenly, and all folds are of like size.

    `together` int (m,) are numbers that texts share which must lie in one fold, as near-copies must.
    """
    groups = np.arange(len(codes)) if together is None else np.unique(together, return_inverse=True)[1]
    firsts = np.unique(groups, return_index=True)[1]
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.permutation(len(firsts)), codes[firsts]))
    fold = np.empty(len(firsts), dtype=np.intp)
    fold[order] = np.arange(len(firsts)) % folds
    return np.asarray(fold[groups])
