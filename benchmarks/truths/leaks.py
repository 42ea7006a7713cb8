"""Held-out texts that were planted among those to learn from, as they are or with typing errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.planting import editable, near_duplicate
from benchmarks.truths.ground import Ground, Rows, Seen, TextSet, column, given_vectors, split_apart
from benchmarks.truths.kinds import Kind, Outcome
from embedlab.check.duplicates import DEFAULT_THRESHOLD, duplicates
from embedlab.check.plan import corrected, plan
from embedlab.check.run import look
from embedlab.corpus import Column, Corpus
from embedlab.corpus.split import Split
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.store import store_for
from embedlab.pipeline import Prepared, group
from embedlab.space import Neighbours, Space
from embedlab.space.embedding import embed
from embedlab.space.neighbours import neighbours

MOST = 800
TEXTS = 400
PLANTED = 40
HELD_OUT = 0.4


# --- The product's answers -----------------------------------------------------------------------


def after_all_buttons(seen: Seen, by: Column) -> Rows:
    """Return the rows that are left when everything offered against copies, near-copies and leaks is taken."""
    of = Prepared(seen.space, seen.near)
    checked = look(of, group(of, words=seen.prepared.words), split=by)
    decided = [one for key in ("exact", "near-duplicates", "leaks") for one in checked.lines(key).proposed()]
    return corrected(seen.corpus, plan(seen.corpus, checked.duplicates, decided, checked.ranks)).corpus.rows


def split_of(seen: Seen, labels: Column, seed: int) -> Split:
    """Return the texts to learn from and those held out, as the fine-tuning page draws them."""
    return split_apart(seen.corpus, labels, seed=seed)


# --- Texts without copies, and a near-copy of each -----------------------------------------------


@dataclass(frozen=True, eq=False)
class _Base:
    """Texts of a set, of which none is nearly another one, and a near-copy of each, with the vectors of both."""

    rows: Rows
    texts: tuple[str, ...]
    vectors: NDArray[np.float32]
    copies: tuple[str, ...]
    copies_vectors: NDArray[np.float32]


@cache
def _base(ground: Ground, of: TextSet) -> _Base:
    space = of.spaces[DEFAULT_MODEL]
    found = duplicates(space, neighbours(space))
    repeated = np.unique(np.concatenate([np.empty(0, dtype=np.intp), *found.exact, found.pairs.ravel()]))
    able = [
        row
        for row in np.setdiff1d(np.arange(len(of)), repeated).tolist()
        if of.corpus.texts[row].strip() and editable(of.corpus.texts[row])
    ]
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(able)[:MOST])
    texts = tuple(of.corpus.texts[row] for row in rows)
    copies = tuple(near_duplicate(text, rng) for text in texts)
    read = embed(Corpus.of(copies), ground.encoder, store_for(ground.encoder.card))
    return _Base(rows, texts, space.vectors[rows], copies, read.vectors)


@dataclass(frozen=True, eq=False)
class _Planted:
    """A corpus with copies. `origin` int (n,) is the text that a row says, `held` whether it is held out."""

    seen: Seen
    origin: Rows
    held: NDArray[np.bool_]

    @property
    def by(self) -> Column:
        """The column that says train or test."""
        return column("split", np.where(self.held, "test", "train"))

    @cached_property
    def same(self) -> tuple[Rows, Rows]:
        """What the check takes for the same: the first copy of each text, int (n,), and pairs of such, int (p, 2).

        A near-copy that it overlooks at its usual threshold is none of them: the benchmark `check_banking77` counts
        those.
        """
        found = duplicates(self.seen.space, self.seen.near)
        first = np.arange(len(self.origin))
        for rows in found.exact:
            first[rows] = rows[0]
        return first, found.near(DEFAULT_THRESHOLD)

    def crossing(self, learnt: Rows, held: Rows) -> int:
        """Return how many texts among the rows `learnt` are the same, or nearly, as one among the rows `held`."""
        first, pairs = self.same
        ours, theirs = np.unique(first[learnt]), np.unique(first[held])
        either = (np.isin(pairs[:, one], ours) & np.isin(pairs[:, 1 - one], theirs) for one in (0, 1))
        return len(np.intersect1d(ours, theirs)) + sum(int(found.sum()) for found in either)


def _planted(base: _Base, near: bool, rng: np.random.Generator) -> _Planted:
    """Return texts in random order, with copies of held-out ones among those to learn from.

    Of each tenth text that leaks there is another copy to learn from, and of each fifth one another held-out one.
    """
    own = rng.permutation(len(base.texts))[:TEXTS]
    held = np.arange(len(own)) < round(HELD_OUT * len(own))
    origin, copied, sides = own.tolist(), [False] * len(own), held.tolist()
    for at in range(PLANTED):
        kinds = [(near, False)]
        if at % 10 == 0:
            kinds.append((False, False))
        if at % 5 == 1:
            kinds.append((False, True))
        for edited, aside in kinds:
            origin.append(int(own[at]))
            copied.append(edited)
            sides.append(aside)
    order = rng.permutation(len(origin))
    rows = [(origin[at], copied[at]) for at in order]
    texts = [(base.copies if edited else base.texts)[row] for row, edited in rows]
    vectors = np.stack([(base.copies_vectors if edited else base.vectors)[row] for row, edited in rows])
    seen = given_vectors(Corpus.of(texts), vectors, DEFAULT_MODEL)
    return _Planted(seen, np.array(origin)[order], np.array(sides)[order])


@dataclass(frozen=True)
class _Left:
    """How many held-out texts have no held-out copy left, and how many leaks are left of how many."""

    lost: int
    leaks: int
    before: int


@cache
def _left(ground: Ground, number: int, near: bool) -> _Left:
    made = _planted(_base(ground, ground.set_of(number)), near, np.random.default_rng([number, near]))
    rows = after_all_buttons(made.seen.with_columns(made.by), made.by)
    kept = np.isin(np.arange(len(made.held)), rows)
    lost = np.setdiff1d(made.origin[made.held], made.origin[made.held & kept])
    before, after = (
        made.crossing(np.flatnonzero(~made.held & some), np.flatnonzero(made.held & some))
        for some in (np.ones_like(kept), kept)
    )
    return _Left(len(lost), after, before)


def texts_lost(ground: Ground, number: int, near: bool) -> Outcome:
    """Return whether a held-out text is gone altogether once all three buttons are pressed."""
    found = _left(ground, number, near)
    return Outcome(found.lost > 0, f"{found.lost} of {round(HELD_OUT * TEXTS)} held-out texts lost")


def leaks_left(ground: Ground, number: int, near: bool) -> Outcome:
    """Return whether a leak is left then, of those that the check finds itself."""
    found = _left(ground, number, near)
    return Outcome(found.leaks > 0, f"{found.leaks} of {found.before} leaks left")


# --- A split that is drawn -----------------------------------------------------------------------


def parted(ground: Ground, number: int) -> Outcome:
    """Return whether a split parts a text from a near-copy of it that a check would find."""
    of = ground.set_of(number)
    base = _base(ground, of)
    made = _planted(base, True, np.random.default_rng([number, 2]))
    labels = of.labels.take(base.rows[made.origin])
    parted = split_of(made.seen.with_columns(labels, label=of.label), labels, number)
    apart = made.crossing(parted.train, parted.held_out)
    return Outcome(apart > 0, f"{apart} of {PLANTED} texts have a near-copy on the other side")


# --- Labels that only a near-copy could tell -----------------------------------------------------


def copies_teach(ground: Ground, number: int) -> Outcome:
    """Return whether random labels, which a text shares with its near-copy, are not said to say nothing.

    Of the near-copies those that a check finds itself.
    """
    rng = np.random.default_rng([number, 3])
    base = _base(ground, ground.set_of(number))
    own = rng.permutation(len(base.texts))[: TEXTS // 2]
    both = [*(base.texts[row] for row in own), *(base.copies[row] for row in own)]
    vectors = np.concatenate([base.vectors[own], base.copies_vectors[own]])
    pairs = duplicates(*_space_of(both, vectors)).near(DEFAULT_THRESHOLD)
    found = pairs[pairs[:, 1] - pairs[:, 0] == len(own), 0]
    rows = np.concatenate([found, found + len(own)])
    labels = column("label", np.tile(rng.permutation(np.resize(["a", "b"], len(found))), 2))
    of = Prepared(*_space_of([both[row] for row in rows], vectors[rows]))
    told = look(of, group(of), labels).finding("labels")
    return Outcome("say nothing" not in told.sentence, told.sentence)


def _space_of(texts: list[str], vectors: NDArray[np.float32]) -> tuple[Space, Neighbours]:
    seen = given_vectors(Corpus.of(texts), vectors, DEFAULT_MODEL)
    return seen.space, seen.near


KINDS = (
    Kind("exact leaks, all buttons pressed", "a held-out text is lost", "false alarm", partial(texts_lost, near=False)),
    Kind("exact leaks, all buttons pressed", "a leak is left", "miss", partial(leaks_left, near=False)),
    Kind("near leaks, all buttons pressed", "a held-out text is lost", "false alarm", partial(texts_lost, near=True)),
    Kind("near leaks, all buttons pressed", "a leak is left", "miss", partial(leaks_left, near=True)),
    Kind("near-copies in a drawn split", "they are parted", "miss", parted),
    Kind("random labels, shared by near-copies", "they are not said to say nothing", "false alarm", copies_teach),
)
