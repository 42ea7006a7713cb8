"""Whether a difference between two sides matters: pass, warn or fail by thresholds, with the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass

from embedlab.base.english import counted, listed, percent
from embedlab.base.errors import EmbedlabError
from embedlab.base.result import LEVELS, Level
from embedlab.drift.columns import Trait
from embedlab.drift.measure import Drift
from embedlab.stats.intervals import Interval


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


def verdict(found: Drift, thresholds: Thresholds | None = None) -> Verdict:
    """Return pass, warn or fail with its reasons; each question gives at least one, so that a pass is explained."""
    limits = thresholds or Thresholds()
    reasons = [_of_vectors(found, limits), _of_regions(found, limits), *_of_traits(found, limits)]
    if found.blurred >= limits.blurred and found.blurred > 0:
        sentence = f"The model can't tell {percent(found.blurred)} of the texts from others that read differently."
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
    if not found.regions:
        return Reason("regions", "pass", "There are too few texts for regions of the map: a region takes ten.", "")
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
        change = (
            f": at least {percent(one.effect.low)} of the texts would have to change" if one.effect.low >= 0.005 else ""
        )
        return f"{_titled(one)} is mixed differently{change}."
    if one.medians is not None and one.medians[0] != one.medians[1]:
        before, after = map(one.median, one.medians)
        return f"{_titled(one)} differs: the median is {before} before and {after} after."
    return f"{_titled(one)} differs."


def _numbers(one: Trait) -> str:
    most = ""
    if one.values:
        value = one.values[0]
        most = f" Most of all “{value.value}”: {100 * value.before:.1f} % before, {100 * value.after:.1f} % after."
    return (
        f"{one.measure} {one.effect}; as counted {one.observed:.3f}, of which chance makes {one.chance}; "
        f"p = {one.p:.3g}.{most}"
    )


def _interval(one: Interval, digits: int) -> str:
    return f"{one.mean:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def _titled(one: Trait) -> str:
    return one.title if one.source == "property" else f"“{one.title}”"
