"""What differs between two sides beyond chance: their vectors, their regions, their properties and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, Stages, no_report
from embedlab.check.findings.outliers import COLLAPSED
from embedlab.check.findings.properties import Property
from embedlab.check.findings.properties import properties as properties_of
from embedlab.drift.columns import LeftOut, Trait
from embedlab.drift.columns import traits as traits_of
from embedlab.drift.regions import NONE, Region
from embedlab.drift.regions import regions as regions_of
from embedlab.drift.sides import AFTER, BEFORE, NEITHER, Codes, Sides
from embedlab.space import Neighbours, Space
from embedlab.space.keywords import Vocabulary, vocabulary
from embedlab.stats.intervals import Interval
from embedlab.stats.two_samples import PERMUTATIONS, Differing, differing, holm
from embedlab.text.same import folded

Question = Literal["vectors", "regions", "traits"]

FEWEST = 20
MOST_TESTED = 2_000
MOST_COUNTED = 20_000
TYPICAL = 20
FEWEST_DRAWN = 6
_UNLIKE = 0.5
_REPEATED = 0.05


@dataclass(frozen=True)
class TypicalText:
    """A text that the classifier, out of fold, takes most surely for one of its own side.

    `score` is 1 for a text like the average of its side, and -1 for one like the average of the other.
    """

    row: int
    score: float


@dataclass(frozen=True, eq=False)
class Drift:
    """What differs between two sides of one space.

    `vectors` is of the rows `tested` (int, the texts before and then those after); `p` are the p-values of the three
    questions (are the vectors drawn alike, do regions change, do properties and columns), adjusted for being asked
    together (Holm 1979): on equal sides one of twenty runs has any below 0.05. `moved` is the share of the texts that
    moved into regions that grew, or out of those that shrank (the larger of the two), without what choosing regions
    because they changed adds to it; 0 where none did. `typical` are texts of the side before and of that after, none
    where the vectors don't differ. `blurred` is the share of the texts that the model can't tell from others that read
    differently. `left_out` are the columns that count for nothing. `notes` say what was left out, sampled or joined.
    """

    sides: Sides
    space: str
    tested: Rows
    vectors: Differing
    regions: tuple[Region, ...]
    moved: Interval
    traits: tuple[Trait, ...]
    p: Mapping[Question, float]
    typical: tuple[tuple[TypicalText, ...], tuple[TypicalText, ...]]
    blurred: float
    level: float
    permutations: int
    seed: int
    fingerprint: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def different(self) -> bool:
        """Whether chance explains too little, in any of the three questions."""
        return any(self.holds(question) for question in self.p)

    def holds(self, question: Question) -> bool:
        """Whether the answer to one question is one that chance doesn't explain."""
        return self.p[question] <= self.level

    @cached_property
    def changed(self) -> tuple[Region, ...]:
        """The regions that changed beyond chance; none where they don't differ as a whole."""
        return tuple(one for one in self.regions if one.change != "same") if self.holds("regions") else ()

    @property
    def foremost(self) -> tuple[Region, ...]:
        """The regions to look at first: those that changed, and six at least."""
        return self.regions[: max(len(self.changed), FEWEST_DRAWN)]

    @cached_property
    def drifted(self) -> tuple[Trait, ...]:
        """The properties and columns that differ beyond chance, without those that only repeat the sides."""
        known = self.holds("traits")
        return tuple(one for one in self.traits if known and one.counts and one.p <= self.level)


def measure(
    space: Space,
    near: Neighbours,
    sides: Sides,
    known: Sequence[Property] | None = None,
    words: Vocabulary | None = None,
    *,
    permutations: int = PERMUTATIONS,
    level: float = 0.05,
    seed: int = 0,
    report: Report = no_report,
) -> Drift:
    """Return what differs between the two sides of a space. `space` and its neighbours are of `sides.corpus`.

    The vectors of at most 2,000 texts a side are tested, and regions, properties and columns of at most 20,000, drawn
    with `seed`. Copies count as often as they come, and stay in one fold, also in other capitals, white space or form.
    `known` are the texts' properties and `words` their vocabulary, where they are there already. Raises
    `EmbedlabError` for fewer than 20 texts on a side.
    """
    _enough(sides)
    stages = Stages(report)
    tested, counts = _sampled(sides.codes, MOST_TESTED, seed), _sampled(sides.codes, MOST_COUNTED, seed)
    place, texts = space.corpus.distinct[1], space.corpus.texts
    with stages.stage("vectors"):
        copies = np.unique(space.corpus.same[tested], return_inverse=True)[1]
        vectors = differing(
            space.vectors[tested], sides.codes[tested] == AFTER, copies,
            permutations=permutations, seed=seed, report=report,
        )  # fmt: skip
    with stages.stage("regions"):
        counted_codes = np.full(len(space), NEITHER, dtype=np.int8)
        counted_codes[counts] = sides.codes[counts]
        regions, moved = regions_of(
            near, words or vocabulary(texts), counted_codes, vectors=space.vectors,
            permutations=permutations, seed=seed, level=level, report=report,
        )  # fmt: skip
    with stages.stage("properties"):
        properties = known if known is not None else properties_of(texts)
    with stages.stage("columns"):
        traits, skipped = traits_of(sides, properties, counts, permutations=permutations, seed=seed, report=report)
    with stages.stage("blurred"):
        blurred, told = _blurred(near, texts, sides)
    p = _together(vectors, regions, traits)
    return Drift(
        sides, space.fingerprint, tested, vectors, regions, moved if p["regions"] <= level else NONE, traits, p,
        _typical(space, sides, tested, vectors) if p["vectors"] <= level else ((), ()),
        blurred, level, permutations, seed,
        fingerprint("drift", space.fingerprint, sides.fingerprint, permutations, level, seed),
        (*(LeftOut(name, "in one of the two only") for name in sides.alone), *skipped),
        (*sides.notes, *_notes(sides, place), *_said(skipped), *told), stages.seconds,
    )  # fmt: skip


def _enough(sides: Sides) -> None:
    for size, name in zip(sides.sizes, sides.names, strict=True):
        if size < FEWEST:
            raise EmbedlabError(
                f"“{name}” has {counted(size, 'text')}: too few to tell a difference from chance, which takes {FEWEST} "
                "on each side."
            )


def _sampled(codes: Codes, most: int, seed: int) -> Rows:
    """Return the rows of the two sides, of each at most `most`; those before come first."""
    rng = np.random.default_rng(seed)
    sides = []
    for side in (BEFORE, AFTER):
        rows = np.flatnonzero(codes == side)
        sides.append(rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False)))
    return np.concatenate(sides)


def _together(vectors: Differing, regions: Sequence[Region], traits: Sequence[Trait]) -> dict[Question, float]:
    asked: dict[Question, float] = {
        "vectors": vectors.p,
        "regions": min((one.p for one in regions), default=1.0),
        "traits": min((one.p for one in traits if one.counts), default=1.0),
    }
    adjusted = holm(np.array(list(asked.values())))
    return {question: float(value) for question, value in zip(asked, adjusted, strict=True)}


def _typical(
    space: Space, sides: Sides, tested: Rows, vectors: Differing
) -> tuple[tuple[TypicalText, ...], tuple[TypicalText, ...]]:
    """Return the texts of each side that look most like it, each once, and none that stands on both sides."""
    place = space.corpus.distinct[1][tested]
    after = sides.codes[tested] == AFTER
    both = np.intersect1d(place[after], place[~after])
    found = []
    for side, scores in ((~after, -vectors.scores), (after, vectors.scores)):
        own, other = scores[side].mean(), scores[~side].mean()
        scaled = (scores - (own + other) / 2) / max(1e-12, (own - other) / 2)
        seen: set[int] = set(both.tolist())
        chosen: list[TypicalText] = []
        for at in np.argsort(-scores, kind="stable").tolist():
            if side[at] and int(place[at]) not in seen and len(chosen) < TYPICAL:
                seen.add(int(place[at]))
                chosen.append(TypicalText(int(tested[at]), float(scaled[at])))
        found.append(tuple(chosen))
    return found[0], found[1]


def _blurred(near: Neighbours, texts: Sequence[str], sides: Sides) -> tuple[float, tuple[str, ...]]:
    """Return the share of texts with nearly the vector of another that shares less than half of its words."""
    distinct = near.distinct
    if not distinct.indices.shape[1]:
        return 0.0, ()
    same = np.flatnonzero(distinct.cosines[:, 0] >= COLLAPSED)
    other = distinct.rows[distinct.indices[same, 0]]
    unlike = [
        at for at, first, second in zip(same.tolist(), distinct.rows[same].tolist(), other.tolist(), strict=True)
        if _likeness(texts[first], texts[second]) < _UNLIKE
    ]  # fmt: skip
    marked = np.zeros(len(distinct), dtype=bool)
    marked[unlike] = True
    chosen = marked[distinct.place][sides.codes != NEITHER]
    share = float(chosen.mean())
    if not chosen.any():
        return share, ()
    return share, (
        f"{counted(int(chosen.sum()), 'text has', 'texts have')} nearly the same vector as another that reads "
        "differently, often because the model doesn't know the script: no test on the vectors sees a difference there.",
    )


def _likeness(first: str, second: str) -> float:
    one, other = (set(folded(text).split()) for text in (first, second))
    return len(one & other) / max(1, len(one | other))


def _notes(sides: Sides, place: Rows) -> tuple[str, ...]:
    notes = []
    for size, name in zip(sides.sizes, sides.names, strict=True):
        if size > MOST_TESTED:
            notes.append(f"Of the {size:,} texts of “{name}”, {MOST_TESTED:,} drawn at random are tested by vector.")
        if size > MOST_COUNTED:
            notes.append(f"Regions, properties and columns count {MOST_COUNTED:,} of them.")
    before, after = (place[sides.codes == side] for side in (BEFORE, AFTER))
    both = len(np.intersect1d(before, after))
    if both:
        notes.append(f"{counted(both, 'text stands', 'texts stand')} on both sides and can't tell them apart.")
    for of, name in zip((before, after), sides.names, strict=True):
        copies = len(of) - len(np.unique(of))
        if copies > _REPEATED * len(of):
            notes.append(
                f"{counted(copies, 'text')} of “{name}” repeat another one of it: each copy counts, so a text repeated "
                "on one side alone is a difference, too."
            )
    return tuple(notes)


def _said(skipped: Sequence[LeftOut]) -> Iterator[str]:
    """Yield a sentence for each reason for which columns count for nothing, with their names."""
    for why in dict.fromkeys(one.why for one in skipped):
        names = [one.column for one in skipped if one.why == why]
        yield f"Not compared ({why}): {listed(names)}."
