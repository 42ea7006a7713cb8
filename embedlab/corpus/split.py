"""Labelled texts in two parts: some to learn from, others to be asked about, and no text in both."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from embedlab.base.arrays import Flags, Rows, frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus.corpus import Column, Corpus
from embedlab.corpus.labels import (
    ASIDE,
    ASK,
    LEARN,
    Conflicting,
    as_names,
    check_names,
    check_repeats,
    classes_note,
    coded,
    each_once,
    labelled,
    missing_note,
)
from embedlab.corpus.spellings import merged

HELD_OUT = 0.3
FEW = 30


@dataclass(frozen=True, eq=False)
class Split:
    """Which texts to learn from and which to be asked about, each distinct text at most once.

    `train` and `held_out` are rows of the corpus, int, rising, with no text in both. `codes` int (n,) is the class of
    each row, a place in `names`, -1 for a row that is in neither. Every class has a text to learn from; there are at
    least two. `notes` are sentences on what was left out and on what to bear in mind. `part` is what the file calls
    the held-out texts, "test" or "validation"; "" where they were drawn. `together` int (n,) is a number that rows
    share which nearly repeat each other, and then they are on one side; None where that was not looked for.
    """

    train: Rows
    held_out: Rows
    codes: Rows
    names: tuple[str, ...]
    seed: int
    notes: tuple[str, ...]
    part: str = ""
    together: Rows | None = None

    @property
    def measured_on(self) -> str:
        """What its figures are measured on, as "the file's test part: 3,080 texts"."""
        part = f"the file's {self.part} part" if self.part else f"a part drawn at random (seed {self.seed})"
        return f"{part}: {counted(len(self.held_out), 'text')}"

    @cached_property
    def sizes(self) -> Rows:
        """Texts of each class to learn from, int (classes,)."""
        return np.bincount(self.codes[self.train], minlength=len(self.names))

    @cached_property
    def held_out_sizes(self) -> Rows:
        """Texts of each class that are held out, int (classes,)."""
        return np.bincount(self.codes[self.held_out], minlength=len(self.names))

    @cached_property
    def fingerprint(self) -> str:
        """Stands for which rows are where and of which class."""
        return fingerprint(self.train, self.held_out, self.codes, list(self.names))

    @property
    def used(self) -> Rows:
        """The rows that are in one of the two, int, rising."""
        return np.flatnonzero(self.codes >= 0)

    def renumbered(self) -> Split:
        """Return the same split for a corpus of the used rows alone, in their order."""
        train, held_out = (np.searchsorted(self.used, rows) for rows in (self.train, self.held_out))
        together = None if self.together is None else frozen(self.together[self.used])
        return replace(
            self, train=frozen(train), held_out=frozen(held_out), codes=frozen(self.codes[self.used]), together=together
        )


def split(
    corpus: Corpus,
    labels: Column,
    *,
    held_out: float = HELD_OUT,
    per_class: int | None = None,
    most: int | None = None,
    by: Column | None = None,
    conflicting: Conflicting = "most frequent",
    seed: int = 0,
    together: Rows | None = None,
) -> Split:
    """Return a split in which every class has about the same share of its texts held out, drawn with `seed`.

    A text that repeats counts once, for the label that most of its copies have (the first of equal ones), or not at
    all with "leave out"; texts are the same that differ in capitals, white space or the form of their characters only
    (Unicode NFKC). `held_out` is the share to hold out. `per_class` leaves at most so many texts of a class to learn
    from: the more of them, the same ones and others besides, and the held-out texts are the same. `most` draws so many
    texts, of each class in proportion. `by` is a column that says for each text where it belongs ("train", "test",
    "validation", "dev"): a text on both sides is asked about, not learned from; validation texts are learned from
    where there are test texts.

    `together` int (n,) is a number for each row, the same for rows that nearly repeat each other (see
    `embedlab.check.near_copies`): those go to one side as a whole, of each class as near to its share as they allow,
    and with `by` a text that nearly repeats a held-out one is not learned from. Raises `EmbedlabError` where fewer
    than two classes can be learned and asked about, where numbers or dates hardly repeat, or for a share or a number
    that makes no sense; `ValueError` for `together` of other texts.
    """
    _check_numbers(held_out, per_class, most)
    if together is not None and len(together) != len(corpus):
        raise ValueError(f"groups of {len(together)} texts for a corpus of {len(corpus)}")
    labels, spelled = merged(labels)
    rows = labelled(labels)
    notes = [*(note.sentence for note in spelled), *missing_note(len(corpus) - len(rows))]
    sides, part, said = (None, "", []) if by is None else parted(by, rows)
    notes += said
    if sides is not None:
        rows, sides = rows[sides != ASIDE], sides[sides != ASIDE]
    codes, names = coded(labels, rows)
    check_names(labels, names)
    kept, said = each_once(corpus.same[rows], codes, sides, conflicting)
    notes += [*said, *as_names(labels, len(names))]
    own = np.arange(len(corpus)) if together is None else together
    taking = _Taking(rows, codes, own[rows], sides).only(kept)
    check_repeats(labels, taking.codes)
    rng = np.random.default_rng(seed)
    if most is not None and most < len(taking):
        notes.append(f"{most:,} of {len(taking):,} texts are used: drawn at random, of each class in proportion.")
        taking = taking.only(_sample(taking.codes, taking.sides, most, rng))
    taking, asked, said = _drawn(taking, held_out, rng, names) if by is None else _taught(taking, names)
    notes += said
    _check_classes(labels, taking.codes, asked)
    learnt = np.flatnonzero(~asked)
    if per_class is not None:
        learnt, said = _at_most(learnt, taking.codes, per_class, rng)
        notes += said
    made = _made(len(corpus), taking, names, learnt, np.flatnonzero(asked), seed, notes)
    return replace(made, part=part, together=None if together is None else frozen(np.array(together, dtype=np.intp)))


@dataclass(frozen=True, eq=False)
class _Taking:
    """The texts that take part: `rows` of the corpus, their classes, groups of near-copies, and sides where given."""

    rows: Rows
    codes: Rows
    groups: Rows
    sides: Rows | None

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, kept: Rows | Flags) -> _Taking:
        """Return those at the places `kept`, or where it is True."""
        sides = None if self.sides is None else self.sides[kept]
        return _Taking(self.rows[kept], self.codes[kept], self.groups[kept], sides)


def _made(
    texts: int, taking: _Taking, names: list[str], learnt: Rows, asked: Rows, seed: int, notes: list[str]
) -> Split:
    rows = taking.rows
    present, codes = np.unique(taking.codes, return_inverse=True)
    used = np.concatenate([learnt, asked])
    by_row = np.full(texts, -1, dtype=np.intp)
    by_row[rows[used]] = codes[used]
    largest = np.bincount(codes[asked]).max() / len(asked)
    notes.append(
        f"Always naming the largest of the {len(present)} classes would be right for {100 * largest:.1f} % of the "
        "held-out texts."
    )
    if len(asked) < FEW:
        notes.append(
            f"Only {counted(len(asked), 'text is', 'texts are')} held out: hardly any difference can show, and the "
            "intervals are rough."
        )
    found = tuple(names[code] for code in present.tolist())
    return Split(frozen(rows[learnt]), frozen(rows[asked]), frozen(by_row), found, seed, tuple(notes))


# --- Who goes where ------------------------------------------------------------------------------


def _sample(codes: Rows, sides: Rows | None, most: int, rng: np.random.Generator) -> Rows:
    """Return `most` places, rising: from each class on each side its share, to within one."""
    order = np.lexsort((rng.permutation(len(codes)), codes, codes * 0 if sides is None else sides))
    return np.sort(order[(np.arange(most) * len(codes) + rng.integers(len(codes))) // most % len(codes)])


def _drawn(
    taking: _Taking, share: float, rng: np.random.Generator, names: list[str]
) -> tuple[_Taking, Flags, list[str]]:
    """Leave out the classes that can't be on both sides, and draw of the others which texts are held out."""
    taking, notes = _without_alone(taking, names)
    if not len(taking):
        return taking, np.zeros(0, dtype=bool), notes
    asked = _whole(taking.codes, taking.groups, share, rng)
    return taking, asked, [*notes, *whole_note(taking.groups), *_unasked_note(taking.codes, asked, names)]


def _whole(codes: Rows, groups: Rows, share: float, rng: np.random.Generator) -> Flags:
    """Return which texts are held out: of each class the share, at least one and never all, and groups as a whole.

    Groups and single texts come in random order and are taken as long as they fit into the share of each of their
    classes. A class of which nothing fits gives its smallest group that leaves every class something to learn from.
    """
    order = rng.permutation(len(codes))
    sizes = np.bincount(codes).tolist()
    wanted = [int(np.clip(np.rint(share * size), 1, max(size - 1, 1))) for size in sizes]
    _, first, of = np.unique(groups, return_index=True, return_inverse=True)
    members = np.split(np.argsort(of, kind="stable"), np.cumsum(np.bincount(of))[:-1])
    counts = [Counter(codes[rows].tolist()) for rows in members]
    held = [0] * len(sizes)
    asked = np.zeros(len(codes), dtype=bool)

    def take(group: int, most: list[int]) -> bool:
        if any(held[code] + count > most[code] for code, count in counts[group].items()):
            return False
        asked[members[group]] = True
        for code, count in counts[group].items():
            held[code] += count
        return True

    for group in np.argsort(order[first]).tolist():
        take(group, wanted)
    for code in [code for code, size in enumerate(sizes) if size and not held[code]]:
        of_class = sorted(
            (group for group, found in enumerate(counts) if code in found), key=lambda group: len(members[group])
        )
        any(take(group, [size - 1 for size in sizes]) for group in of_class)
    return asked


def _at_most(learnt: Rows, codes: Rows, per_class: int, rng: np.random.Generator) -> tuple[Rows, list[str]]:
    rank, sizes = ranks(codes[learnt], rng)
    kept = learnt[rank < per_class]
    if len(kept) == len(learnt):
        return learnt, []
    notes = [f"{counted(len(learnt) - len(kept), 'text')} beyond {per_class} a class not learned from."]
    short = int(((sizes > 0) & (sizes < per_class)).sum())
    if short:
        notes.append(f"{counted(short, 'class has', 'classes have')} fewer than {per_class} texts to learn from.")
    return kept, notes


def ranks(codes: Rows, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Return the place of each text in a random order of its class, int (m,), and the size of each class, int (c,)."""
    order = np.lexsort((rng.permutation(len(codes)), codes))
    sizes = np.bincount(codes)
    rank = np.empty(len(codes), dtype=np.intp)
    rank[order] = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank, sizes


def _without_alone(taking: _Taking, names: list[str]) -> tuple[_Taking, list[str]]:
    """Leave out the classes of one text, or of one group of near-copies."""
    sizes = np.bincount(taking.codes, minlength=len(names))
    pairs = np.unique(np.stack([taking.codes, taking.groups]), axis=1)
    groups = np.bincount(pairs[0], minlength=len(names))
    notes: list[str] = []
    for alone, told in (
        (np.flatnonzero(sizes == 1), "one text only"),
        (np.flatnonzero((groups == 1) & (sizes > 1)), "near-copies of one text only"),
    ):
        notes += classes_note(alone, names, f"{told}, which can't be both learned from and asked about: left out")
    return taking.only(groups[taking.codes] > 1), notes


def _taught(taking: _Taking, names: list[str]) -> tuple[_Taking, Flags, list[str]]:
    """Leave out what nearly repeats a held-out text and the classes that nothing is learned of; return who is asked."""
    assert taking.sides is not None
    asked = taking.sides == ASK
    notes = []
    copies = ~asked & np.isin(taking.groups, taking.groups[asked])
    if copies.any():
        texts = counted(int(copies.sum()), "text to learn from nearly repeats", "texts to learn from nearly repeat")
        notes.append(f"{texts} a held-out one: not learned from.")
        taking, asked = taking.only(~copies), asked[~copies]
    codes = taking.codes
    untaught = np.setdiff1d(codes[asked], codes[~asked])
    notes += classes_note(untaught, names, "no text to learn from: left out")
    kept = ~np.isin(codes, untaught)
    taking, asked = taking.only(kept), asked[kept]
    return taking, asked, [*notes, *_unasked_note(taking.codes, asked, names)]


# --- What to say, and what can't be done ---------------------------------------------------------


def _unasked_note(codes: Rows, asked: Flags, names: list[str]) -> list[str]:
    unasked = np.setdiff1d(codes[~asked], codes[asked])
    return classes_note(unasked, names, "no held-out text, so how well they are known stays open")


def whole_note(groups: Rows) -> list[str]:
    """Return what to say of texts that share a number with others, because they nearly repeat each other."""
    sizes = np.unique(groups, return_counts=True)[1]
    copies = sizes[sizes > 1]
    if not len(copies):
        return []
    stays = counted(len(copies), "group of near-copies stays", "groups of near-copies stay")
    return [f"{stays} on one side as a whole ({int(copies.sum()):,} texts)."]


def _check_numbers(held_out: float, per_class: int | None, most: int | None) -> None:
    if not 0 < held_out < 1:
        raise EmbedlabError(f"The share to hold out is {held_out:g}: choose one between 0 and 1, such as {HELD_OUT:g}.")
    if per_class is not None and per_class < 1:
        raise EmbedlabError(f"{per_class} texts a class are none to learn from: choose 1 or more.")
    if most is not None and most < 4:
        raise EmbedlabError(f"A sample of {counted(most, 'text')} can't be split: draw 4 or more.")


def _check_classes(labels: Column, codes: Rows, asked: Flags) -> None:
    if len(np.unique(codes)) < 2:
        raise EmbedlabError(
            f"Fewer than two values of “{labels.name}” have both a text to learn from and one to hold out: choose a "
            "column with two labels or more, each on several texts that don't repeat each other."
        )
    if not asked.any():
        raise EmbedlabError(
            f"No text is left to hold out for “{labels.name}”: bring more texts of each label, or another split."
        )


# --- Columns that say which texts to learn from and which to hold out -----------------------------


_TRAIN = {"train", "training", "trn", "learn"}
_VALIDATION = {"validation", "valid", "val", "dev", "development"}
_TEST = {"test", "testing", "tst", "heldout", "held out", "holdout", "hold out", "eval", "evaluation"}


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
