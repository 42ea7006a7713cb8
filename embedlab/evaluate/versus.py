"""One model against another, and several in order: which is better, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from embedlab.base.english import joined
from embedlab.base.errors import EmbedlabError
from embedlab.evaluate.quality import KNN, MEASURES, PROBE, Measure, Quality
from embedlab.stats import permutation
from embedlab.stats.intervals import Interval, percentiles

FEWEST_APART = 6
"""One sign in fewer items than this can be chance: 2 x 0.5^5 is more than 5 %."""
NEGLIGIBLE = 0.0005
"""A smaller difference is none to speak of, however sure: rounding alone can make one."""

Verdict = Literal["better", "worse", "tie"]


@dataclass(frozen=True)
class Versus:
    """Two models by one measure: how much the first is better, and whether that is more than chance.

    `verdict` is that of the first model, `sentence` says it, and `detail` has the numbers that it rests on.
    `at_chance` is True where neither model does better than chance, so that neither can be ahead. `hangs` says with
    which penalties of the probe the verdict would be another.
    """

    first: str
    second: str
    measure: str
    difference: Interval
    verdict: Verdict
    sentence: str
    detail: str
    at_chance: bool = False
    hangs: str = ""

    @property
    def told(self) -> str:
        """The sentence and what it rests on."""
        return " ".join(filter(None, (self.sentence, self.detail, self.hangs)))


def versus(first: Quality, second: Quality, measure: str, comparisons: int = 1, models: int = 2) -> Versus:
    """Return the paired comparison of two models on the same items.

    `difference` is the first's value less the second's, with the percentile interval of the differences under the
    same draws. A tie where it holds 0, where it is `NEGLIGIBLE`, where fewer than `FEWEST_APART` items tell the models
    apart (a sign test could then show nothing), and where the one ahead does no better than chance. With `comparisons`
    above 1 the interval is widened so that all of that many hold together 95 times of 100 (Bonferroni); `models` says
    how many are asked whether they beat chance. Raises `EmbedlabError` where the models were not measured on the same
    items, or not by this measure.
    """
    _check(first, second, measure)
    mean = first.intervals[measure].mean - second.intervals[measure].mean
    difference = percentiles(mean, first.resamples[measure] - second.resamples[measure], comparisons)
    apart = first.task.items  # all may tell the models apart, by a measure of the whole
    if measure in first.values:
        apart = int((np.abs(first.values[measure] - second.values[measure]) > 1e-12).sum())
    sign = 1 if MEASURES[measure].higher_is_better else -1
    ahead = first if sign * mean > 0 else second
    at_chance = not any(beats_chance(one, measure, models) for one in (first, second))
    verdict = _verdict(difference, apart, sign) if beats_chance(ahead, measure, models) else "tie"
    sentence = _sentence(first, second, MEASURES[measure], difference, verdict, apart, at_chance)
    detail = _detail(first, MEASURES[measure], difference, verdict, comparisons, apart)
    hangs = ""
    if measure == PROBE and not at_chance:
        names, shifts = (first.model, second.model), (first.shifts, second.shifts)
        hangs = hangs_on_the_penalty(names, shifts, difference, verdict, apart)
    return Versus(first.model, second.model, measure, difference, verdict, sentence, detail, at_chance, hangs)


def all_versus(qualities: Sequence[Quality], measure: str) -> tuple[Versus, ...]:
    """Return every pair of models, the better mean first, the best pairs first; intervals hold for all pairs at once.

    Corrected (Bonferroni) for the number of pairs under this one measure, not for the number of measures.
    """
    pairs = list(combinations(_ordered(qualities, measure), 2))
    return tuple(versus(one, other, measure, len(pairs), len(qualities)) for one, other in pairs)


def beats_chance(one: Quality, measure: str, models: int) -> bool:
    """Whether a model does better than chance by a measure, and knows of the labels (`knows_labels`).

    As one of `models` that are asked so: of shuffled labels one model in twenty sets of them passes, whatever its
    number (Bonferroni).
    """
    return knows_labels(one, models) and one.beats_chance(measure, _questions(one, models))


def knows_labels(one: Quality, models: int) -> bool:
    """Whether a model names labels better than chance by a probe or by its neighbours, or recalls them by the nearest
    class better than chance, which tells where one class is so large that no accuracy can; True where none were asked.
    """
    questions = _questions(one, models)
    named = any(one.beats_chance(name, questions) for name in _asked(one))
    return not _asked(one) or named or one.by_shuffling < permutation.UNLIKELY / questions


def _asked(one: Quality) -> list[str]:
    return [name for name in (PROBE, KNN) if name in one.chance]


def _questions(one: Quality, models: int) -> int:
    return models * (len(_asked(one)) + 1 if _asked(one) else 1)


# --- Several models in order ---------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """One model in the order of a measure.

    `behind` is what it lacks to the first, with its interval; None for the first. `told_apart` says that this is more
    than chance, and `beats_chance` that the model knows anything of the labels at all.
    """

    model: str
    value: Interval
    behind: Interval | None
    told_apart: bool
    beats_chance: bool

    @property
    def verdict(self) -> str:
        """What there is to say of its place, in a few words."""
        if not self.beats_chance:
            return "no better than chance"
        if self.behind is None:
            return "first"
        return "behind" if self.told_apart else "can't be told from the first"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The model's row of a table whose heads are `PLACE_HEADS`."""
        behind = self.behind
        lacks = "" if behind is None else f"{behind.mean:.3f} ({behind.low:+.3f} to {behind.high:+.3f})"
        return self.model, str(self.value), lacks, self.verdict


PLACE_HEADS = ("Model", "Value (95 % interval)", "Behind the first", "Verdict")


def ranked(qualities: Sequence[Quality], measure: str) -> tuple[Place, ...]:
    """Return the models in the order of a measure, each with how far it is behind the first.

    The intervals hold for all pairs of models at once, as in `all_versus`.
    """
    order = _ordered(qualities, measure)
    comparisons = len(order) * (len(order) - 1) // 2
    count = len(order)
    places = [Place(order[0].model, order[0].intervals[measure], None, False, beats_chance(order[0], measure, count))]
    for one in order[1:]:
        found = versus(order[0], one, measure, comparisons, count)
        known = beats_chance(one, measure, count)
        places.append(Place(one.model, one.intervals[measure], found.difference, found.verdict != "tie", known))
    return tuple(places)


def knows_nothing(qualities: Sequence[Quality]) -> bool:
    """Whether labels were asked, and no model knows of them (`knows_labels`)."""
    return bool(_asked(qualities[0])) and not any(knows_labels(one, len(qualities)) for one in qualities)


def headline(qualities: Sequence[Quality], measure: str) -> str:
    """Say in one sentence what the measure says of the models; of one alone, only whether it says anything.

    Where no model does better than chance, that the labels say nothing here, whatever the differences.
    """
    if knows_nothing(qualities):
        share = 100 * qualities[0].chance[PROBE]
        return (
            f"These labels say nothing here: no model names them better than always naming the largest class would "
            f"({share:.1f} %)."
        )
    if measure in _asked(qualities[0]) and not any(beats_chance(one, measure, len(qualities)) for one in qualities):
        return (
            f"By {MEASURES[measure].spoken} no model beats always naming the largest class "
            f"({100 * qualities[0].chance[measure]:.1f} %), but the classes are told apart: more "
            "texts of the smaller ones could show which model is better."
        )
    if len(qualities) < 2:
        return ""
    if len(qualities) == 2:
        return all_versus(qualities, measure)[0].sentence
    return _of_several(ranked(qualities, measure), measure)


def _of_several(places: Sequence[Place], measure: str) -> str:
    count, spoken = f"{len(places):,} models", MEASURES[measure].spoken
    best = places[0].model
    if not places[0].beats_chance:
        return f"By {spoken} none of the {count} does better than chance."
    tied = [one.model for one in places[1:] if not one.told_apart]
    if not tied:
        return f"Of {count} {best} has the best {spoken}, clearly ahead of all others."
    if len(tied) == len(places) - 1:
        return f"By {spoken} none of the {count} can be told from the best, {best}."
    return f"Of {count} {best} has the best {spoken}; {joined(tied)} can't be told from it."


def _ordered(qualities: Sequence[Quality], measure: str) -> list[Quality]:
    sign = 1 if MEASURES[measure].higher_is_better else -1
    return sorted(qualities, key=lambda quality: -sign * quality.intervals[measure].mean)


# --- What it rests on ----------------------------------------------------------------------------


def _check(first: Quality, second: Quality, measure: str) -> None:
    for quality in (first, second):
        if measure not in quality.intervals:
            have = ", ".join(quality.intervals)
            raise EmbedlabError(f"{quality.model} was not measured by “{measure}”: choose one of {have}.")
    if first.task.kind != second.task.kind or not np.array_equal(first.rows, second.rows):
        raise EmbedlabError(
            f"{first.model} and {second.model} were not measured on the same items ({first.task.counted} and "
            f"{second.task.counted}): measure them on the same ones."
        )


def _verdict(difference: Interval, apart: int, sign: int) -> Verdict:
    if not difference.apart_from_zero or apart < FEWEST_APART or abs(difference.mean) < NEGLIGIBLE:
        return "tie"
    return "better" if sign * difference.mean > 0 else "worse"


def hangs_on_the_penalty(
    names: tuple[str, str],
    shifts: tuple[Mapping[float, float], Mapping[float, float]],
    difference: Interval,
    verdict: Verdict,
    apart: int,
) -> str:
    """Say with which fixed penalties of the probe the verdict would be another; nothing where it stands with all tried.

    `shifts` are of both models, by how much the accuracy changes with each penalty (`embedlab.evaluate.probe.Probed`);
    `difference` is of their accuracies, and `apart` the number of texts that tell them apart.
    """
    other: dict[Verdict, list[float]] = {}
    for penalty in sorted(set(shifts[0]) & set(shifts[1])):
        shift = shifts[0][penalty] - shifts[1][penalty]
        moved = Interval(*(bound + shift for bound in (difference.mean, difference.low, difference.high)))
        found = _verdict(moved, apart, 1)
        if found != verdict:
            other.setdefault(found, []).append(penalty)
    if not other:
        return ""
    outcomes = {
        "tie": "it would be a tie",
        "better": f"{names[0]} would be better",
        "worse": f"{names[1]} would be better",
    }
    said = "; ".join(
        f"with C = {joined([f'{penalty:g}' for penalty in penalties])} for both {outcomes[found]}"
        for found, penalties in other.items()
    )
    return f"The verdict hangs on the probe's penalty, which is chosen for each model by cross-validation: {said}."


# --- How it is said ------------------------------------------------------------------------------


def _sentence(
    first: Quality,
    second: Quality,
    measure: Measure,
    difference: Interval,
    verdict: Verdict,
    apart: int,
    at_chance: bool,
) -> str:
    if at_chance:
        return f"Neither {first.model} nor {second.model} does better than chance by {measure.spoken}."
    if verdict == "tie":
        speak_of = difference.apart_from_zero and apart >= FEWEST_APART
        shown = "to speak of" if speak_of else f"that these {first.task.counted} can show"
        return f"No difference in {measure.spoken} between {first.model} and {second.model} {shown}."
    names = (first.model, second.model) if verdict == "better" else (second.model, first.model)
    mean = _written(Interval(*[abs(difference.mean)] * 3), measure)[0]
    by = f"{mean} points of {measure.spoken}" if measure.points else f"{mean} {measure.spoken}"
    return f"{names[0]} beats {names[1]} by {by}."


def _detail(
    first: Quality, measure: Measure, difference: Interval, verdict: Verdict, comparisons: int, apart: int
) -> str:
    items = first.task.counted
    if apart < FEWEST_APART:
        return f"They differ in {apart} of {items}, too few to tell." if apart else f"They are equal on all {items}."
    if difference.mean == difference.low == difference.high == 0:
        return f"They are equal on {items}."
    if verdict != "tie" and difference.mean < 0:
        difference = Interval(-difference.mean, -difference.high, -difference.low)
    mean, low, high = _written(difference, measure, "+")
    together = f" for all {comparisons:,} comparisons together" if comparisons > 1 else ""
    points = " points" if measure.points else ""
    return f"Difference {mean}{points}, 95 % interval{together} {low} to {high}; {items}."


def _written(difference: Interval, measure: Measure, sign: str = "") -> tuple[str, str, str]:
    """Return the mean and the bounds with as many digits as it takes not to write one beside 0 as 0."""
    scale, digits = (100.0, 1) if measure.points else (1.0, 3)
    numbers = [scale * value + 0.0 for value in (difference.mean, difference.low, difference.high)]
    while digits < 6 and any(value and not float(f"{value:.{digits}f}") for value in numbers):
        digits += 1
    mean, low, high = (f"{value:{sign}.{digits}f}" for value in numbers)
    return mean, low, high
