"""What has changed between two sides: are they different, where, in what, and how much does it matter?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, no_report
from embedlab.base.severity import LEVELS, Level
from embedlab.check.outliers import COLLAPSED
from embedlab.check.properties import Property
from embedlab.check.properties import properties as properties_of
from embedlab.corpus.split import same_text
from embedlab.drift.columns import LeftOut, Trait
from embedlab.drift.columns import traits as traits_of
from embedlab.drift.regions import NONE, Region
from embedlab.drift.regions import regions as regions_of
from embedlab.drift.sides import AFTER, BEFORE, NEITHER, Codes, Sides
from embedlab.space import Neighbours, Space
from embedlab.space.keywords import Vocabulary, vocabulary
from embedlab.stats.intervals import Interval
from embedlab.stats.two_samples import PERMUTATIONS, Differing, differing, holm

T = TypeVar("T")
Question = Literal["vectors", "regions", "traits"]
Rows = NDArray[np.intp]

FEWEST = 20
MOST_TESTED = 2_000
MOST_COUNTED = 20_000
TYPICAL = 20
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

    @cached_property
    def drifted(self) -> tuple[Trait, ...]:
        """The properties and columns that differ beyond chance, without those that only repeat the sides."""
        known = self.holds("traits")
        return tuple(one for one in self.traits if known and one.counts and one.p <= self.level)


@dataclass(frozen=True)
class Thresholds:
    """From where on a difference that chance does not explain is a warning, and from where on a failure.

    What is compared with them is the lower end of the 95 % interval: how large the difference is at least. `auc` is
    the classifier's; `property`, `column` and `label` are effects from 0 to 1 (`Trait.effect`); `regions` is the share
    of the texts that moved (`Drift.moved`); `blurred` the share of texts that the model can't tell apart, which only
    warns.
    """

    auc: tuple[float, float] = (0.52, 0.65)
    regions: tuple[float, float] = (0.02, 0.1)
    property: tuple[float, float] = (0.05, 0.25)
    label: tuple[float, float] = (0.02, 0.1)
    column: tuple[float, float] = (0.05, 0.4)
    blurred: float = 0.1

    def __post_init__(self) -> None:
        for name in ("auc", "regions", "property", "label", "column"):
            warn, fail = getattr(self, name)
            if not 0 <= warn <= fail <= 1:
                raise EmbedlabError(
                    f"The thresholds of “{name}” must be from 0 to 1, the warning below the failure, not {warn:g} and "
                    f"{fail:g}."
                )


@dataclass(frozen=True)
class Reason:
    """One thing that was looked at: what it is worth, a plain sentence on it, and the numbers behind the sentence."""

    key: str
    level: Level
    sentence: str
    numbers: str = ""


@dataclass(frozen=True)
class Verdict:
    """Pass, warn or fail: the worst of the reasons, which come worst first."""

    level: Level
    reasons: tuple[Reason, ...]

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return {
            "pass": "No difference that matters by the thresholds set.",
            "warn": "Different, in a way to look at before going on.",
            "fail": "Different beyond the thresholds set.",
        }[self.level]


def drift(
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
    """Compare the two sides of a space. `space` and its neighbours are of `sides.corpus`.

    The vectors of at most 2,000 texts a side are tested, and regions, properties and columns of at most 20,000, drawn
    with `seed`. Copies count as often as they come, and stay in one fold. `known` are the texts' properties and
    `words` their vocabulary, where they are there already. Raises `EmbedlabError` for fewer than 20 texts on a side.
    """
    _enough(sides)
    seconds: dict[str, float] = {}

    def part(name: str, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        made = work()
        seconds[name] = round(time.perf_counter() - start, 3)
        return made

    tested, counts = _sampled(sides.codes, MOST_TESTED, seed), _sampled(sides.codes, MOST_COUNTED, seed)
    place = space.corpus.distinct[1]
    vectors = part("vectors", lambda: differing(
        space.vectors[tested], sides.codes[tested] == AFTER, np.unique(place[tested], return_inverse=True)[1],
        permutations=permutations, seed=seed, report=report,
    ))  # fmt: skip
    counted_codes = np.full(len(space), NEITHER, dtype=np.int8)
    counted_codes[counts] = sides.codes[counts]
    regions, moved = part("regions", lambda: regions_of(
        near, words or vocabulary(space.corpus.texts), counted_codes, vectors=space.vectors,
        permutations=permutations, seed=seed, level=level, report=report,
    ))  # fmt: skip
    properties = part("properties", lambda: known if known is not None else properties_of(space.corpus.texts))
    traits, skipped = part("columns", lambda: traits_of(
        sides, properties, counts, permutations=permutations, seed=seed, report=report,
    ))  # fmt: skip
    p = _together(vectors, regions, traits)
    blurred, told = part("blurred", lambda: _blurred(near, space.corpus.texts, sides))
    return Drift(
        sides, space.fingerprint, tested, vectors, regions, moved if p["regions"] <= level else NONE, traits, p,
        _typical(space, sides, tested, vectors) if p["vectors"] <= level else ((), ()),
        blurred, level, permutations, seed,
        fingerprint("drift", space.fingerprint, sides.fingerprint, permutations, level, seed),
        (*(LeftOut(name, "in one of the two only") for name in sides.alone), *skipped),
        (*sides.notes, *_notes(sides, place), *_said(skipped), *told), seconds,
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
    one, other = (set(same_text(text).split()) for text in (first, second))
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


# --- The verdict ---------------------------------------------------------------------------------


def verdict(found: Drift, thresholds: Thresholds | None = None) -> Verdict:
    """Return pass, warn or fail with its reasons; each question gives at least one, so that a pass is explained."""
    limits = thresholds or Thresholds()
    reasons = [_of_vectors(found, limits), _of_regions(found, limits), *_of_traits(found, limits)]
    if found.blurred >= limits.blurred and found.blurred > 0:
        sentence = f"The model can't tell {found.blurred:.0%} of the texts from others that read differently."
        reasons.append(Reason("blurred", "warn", sentence, "What differs among these doesn't show here."))
    reasons.sort(key=lambda reason: -LEVELS.index(reason.level))
    return Verdict(reasons[0].level, tuple(reasons))


def _graded(effect: Interval, limits: tuple[float, float]) -> Level:
    """Grade how large an effect is at least."""
    return "fail" if effect.low >= limits[1] else "warn" if effect.low >= limits[0] else "pass"


def _of_vectors(found: Drift, limits: Thresholds) -> Reason:
    auc, energy = found.vectors.auc, found.vectors.energy
    numbers = (
        f"AUC of a classifier {_interval(auc, 2)}, 0.5 if guessed; energy coefficient {energy.above:.3f}, by chance up "
        f"to {energy.margin:.3f}; p = {found.p['vectors']:.3g}."
    )
    if not found.holds("vectors"):
        return Reason("vectors", "pass", "By their vectors the two can't be told apart beyond chance.", numbers)
    level = _graded(auc, limits.auc)
    if level == "pass" and found.vectors.classifier.p > found.level:  # it is the energy test that sees it
        level = "warn"
    told = "are told apart by their vectors" if level != "pass" else "differ by their vectors, but hardly"
    return Reason("vectors", level, f"The two {told}.", numbers)


def _of_regions(found: Drift, limits: Thresholds) -> Reason:
    p = f"p = {found.p['regions']:.3g}"
    if not found.changed:
        return Reason("regions", "pass", "No region of the map changed beyond chance.", f"{p}.")
    named = listed((one.name for one in found.changed), 3)
    sentence = f"{counted(len(found.changed), 'region')} changed beyond chance: {named}."
    numbers = f"{_interval(found.moved, 3)} of the texts moved into or out of them; {p}."
    return Reason("regions", _graded(found.moved, limits.regions), sentence, numbers)


def _of_traits(found: Drift, limits: Thresholds) -> list[Reason]:
    if not found.drifted:
        told = "No property or column differs beyond chance."
        return [Reason("traits", "pass", told, f"p = {found.p['traits']:.3g}.")] if found.traits else []
    by_source = {"property": limits.property, "label": limits.label, "column": limits.column}
    graded = [(one, _graded(one.effect, by_source[one.source])) for one in found.drifted]
    reasons = [Reason(one.key, level, _sentence(one), _numbers(one)) for one, level in graded if level != "pass"]
    hardly = [one for one, level in graded if level == "pass"]
    if hardly:
        differ = "differs" if len(hardly) == 1 else "differ"
        sentence = f"{', '.join(map(_titled, hardly))} {differ} beyond chance, but hardly."
        numbers = "; ".join(f"{_titled(one)}: {one.measure} {one.effect}" for one in hardly)
        reasons.append(Reason("traits", "pass", sentence, f"{numbers}."))
    return reasons


def _sentence(one: Trait) -> str:
    if one.kind == "category":
        change = f": at least {one.effect.low:.0%} of the texts would have to change" if one.effect.low >= 0.005 else ""
        return f"{_titled(one)} is mixed differently{change}."
    if one.medians is not None and one.medians[0] != one.medians[1]:
        return f"{_titled(one)} differs: the median is {one.medians[0]:.4g} before and {one.medians[1]:.4g} after."
    return f"{_titled(one)} differs."


def _numbers(one: Trait) -> str:
    most = ""
    if one.values:
        value = one.values[0]
        most = f" Most of all “{value.value}”: {value.before:.1%} before, {value.after:.1%} after."
    return (
        f"{one.measure} {one.effect}; as counted {one.observed:.3f}, of which chance makes {one.chance}; "
        f"p = {one.p:.3g}.{most}"
    )


def _interval(one: Interval, digits: int) -> str:
    return f"{one.mean:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def _titled(one: Trait) -> str:
    return one.title if one.source == "property" else f"“{one.title}”"
