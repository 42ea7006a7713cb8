"""Frozen or fine-tuned: what the measurements advise, how sure that is, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from embedlab.corpus.split import Split
from embedlab.finetune.compared import FEW_LABELS, FrozenVsTuned, at_chance, by_the_probe, percent, probe_of
from embedlab.finetune.forgetting import Forgotten
from embedlab.finetune.frozen import Classifier, CurvePoint
from embedlab.finetune.pairs import PairsCompared
from embedlab.stats.intervals import Interval
from embedlab.stats.permutation import largest_share

Level = Literal["tune", "stay", "cannot tell", "no difference"]
Matters = Literal["accuracy", "generality", "speed"]

WORTH = 0.02
"""A gain in accuracy that would matter: where the data can't rule it out, they can't tell."""
LITTLE_LEFT = 0.01
_RULE_OF_THREE = 3.0  # what none of n texts shows may still be true of 3 / n (Hanley and Lippman-Hand 1983)
_FITTED = 3
_FARTHEST = 16
_MOST_TEXTS = 1_000_000
_LIKE_THESE = "The difference was measured on {} like these: others may ask for another model."
_SETTINGS = "Other settings, such as fewer epochs or a lower learning rate."


@dataclass(frozen=True)
class Advice:
    """What to do: a `verdict` of one sentence, and its `level` in a word or two.

    `detail` are the figures behind it, `notes` further sentences on what it costs and on whom it is different for,
    `would_change` says what would change it.
    """

    verdict: str
    detail: str
    notes: tuple[str, ...]
    would_change: str
    level: Level


def advice(
    compared: FrozenVsTuned | None,
    frozen: tuple[Classifier, ...],
    curve: tuple[CurvePoint, ...],
    split: Split,
    forgotten: Forgotten | None = None,
    training_seconds: float | None = None,
    minutes: float | None = None,
    matters: Matters = "accuracy",
) -> Advice:
    """Return what the measurements advise somebody who can spend so many `minutes` on a training; None: nobody said.

    The verdict rests on the linear probe alone; where another reader differs surely, a note says for whom that
    matters. `compared` is None where nothing was trained yet; `training_seconds` is then an estimate. What a training
    took speaks of the next ones alone: it is spent, and a model that is finished and better costs no more. No
    difference: the interval holds 0 and rules out a gain of `WORTH`. What would change it is taken from the learning
    curve, continued as a power law of the error (Cortes and others 1993; Hestness and others 2017), and from how
    intervals narrow with the number of held-out texts. An interval tells of other held-out texts, not of another
    training.
    """
    probes = (probe_of(frozen),) if compared is None else compared.probes
    if at_chance(frozen if compared is None else (*compared.frozen, *compared.tuned), split):
        said = _unreadable(probes, split)
    elif compared is None:
        said = _untried(probes[0], curve, split)
    elif compared.few_labels:
        said = Advice(compared.sentence, compared.detail, (), _with_more_labels(curve, FEW_LABELS), "cannot tell")
    elif compared.verdict == "tie":
        change = _together(_more_held_out(compared.difference, len(split.held_out)), _with_more_labels(curve))
        most = max(compared.difference.high, _RULE_OF_THREE / len(split.held_out))
        said = _tie(
            most,
            f"{100 * most:.1f} points of accuracy",
            "A linear classifier gains nothing by tuning that shows on these texts",
            "These texts can't tell whether a linear classifier gains by tuning",
            "it can stay on the frozen model",
        )
        said = replace(said, detail=compared.detail, would_change=change)
    elif compared.verdict == "worse":
        change = _together(_SETTINGS, _with_more_labels(curve))
        verdict = f"Stay with the frozen model: {by_the_probe('worse', *compared.probes)}"
        said = Advice(verdict, compared.detail, (), change, "stay")
    else:
        verdict = f"Use the tuned model: {by_the_probe('better', *compared.probes)}"
        change = _same_without_training(curve, compared.probes[1].accuracy.mean) or _LIKE_THESE.format("texts")
        said = Advice(verdict, compared.detail, (), change, "tune")
    if compared is None:
        return _with_costs(said, "", forgotten, training_seconds, minutes, matters)
    said = replace(said, notes=(*said.notes, *compared.beside))
    return _with_costs(said, compared.sentence, forgotten, training_seconds, minutes, matters)


def advice_on_pairs(
    compared: PairsCompared,
    forgotten: Forgotten | None = None,
    training_seconds: float | None = None,
    minutes: float | None = None,
    matters: Matters = "accuracy",
) -> Advice:
    """Return what the measurements on held-out pairs advise, as `advice` does for labels."""
    before, after = f"{compared.frozen.mean:.3f}", f"{compared.tuned.mean:.3f}"
    on = f"{compared.measure} on the held-out pairs is"
    if compared.verdict == "better":
        verdict = f"Use the tuned model: its {on} {after}, that of the frozen one {before}."
        said = Advice(verdict, compared.detail, (), _LIKE_THESE.format("pairs"), "tune")
    elif compared.verdict == "worse":
        verdict = f"Stay with the frozen model: its {on} {before}, that of the tuned one {after}."
        said = Advice(verdict, compared.detail, (), _SETTINGS, "stay")
    elif np.isfinite(compared.difference.mean):
        most = max(compared.difference.high, _RULE_OF_THREE / compared.pairs)
        said = _tie(
            most,
            f"{most:.3f} {compared.measure}",
            "Nothing is gained by tuning that shows on these pairs",
            "These pairs can't tell whether tuning helps",
            "keep the frozen model",
        )
        said = replace(said, detail=compared.detail, would_change="More pairs: to learn from, and held out.")
    else:
        said = Advice(compared.sentence, compared.detail, (), "Pairs with different scores.", "cannot tell")
    return _with_costs(said, compared.sentence, forgotten, training_seconds, minutes, matters)


def _tie(most: float, gain: str, nothing: str, unsure: str, so: str) -> Advice:
    """Return what a tie says where a gain of `most`, `gain` in words, is not ruled out."""
    if most < WORTH:
        said = f"{nothing}: more than {gain} is unlikely, and the frozen model is the cheaper one."
        return Advice(said, "", (), "", "no difference")
    said = f"{unsure}: {gain} more is as possible as no difference, so {so} until more is known."
    return Advice(said, "", (), "", "cannot tell")


def _unreadable(probes: Sequence[Classifier], split: Split) -> Advice:
    names = ("frozen", "tuned")
    said = ", ".join(f"{name} {_percent(one.accuracy)}" for name, one in zip(names, probes, strict=False))
    helps = "does not help" if len(probes) > 1 else "is not likely to help"
    return Advice(
        f"Tuning {helps}: a linear probe reads these labels no better than always naming the largest class would.",
        f"Accuracy: {said}; always the largest class {100 * largest_share(split.codes[split.held_out]):.1f} %. "
        f"Measured on {split.measured_on}.",
        ("The labels may be shuffled, wrong, or about something that the texts don't say.",),
        "Other labels: look at some texts with their labels and see whether you could tell.",
        "no difference",
    )


def _untried(probe: Classifier, curve: tuple[CurvePoint, ...], split: Split) -> Advice:
    right = f"a linear probe is right in {percent(probe.accuracy.mean)[0]} of the held-out texts"
    detail = f"Accuracy: {_percent(probe.accuracy)}. Measured on {split.measured_on}."
    if probe.accuracy.mean >= 1 - LITTLE_LEFT:
        left = f"At most {100 * (1 - probe.accuracy.low):.1f} points are left to win."
        change = "Held-out texts that it gets wrong: harder ones, or more of them."
        return Advice(f"Stay with the frozen model: {right}.", detail, (left,), change, "stay")
    verdict = f"Frozen, {right}; whether fine-tuning is better is not known before a model was trained."
    return Advice(verdict, detail, (), _together("A training.", _with_more_labels(curve)), "cannot tell")


# --- What it costs -------------------------------------------------------------------------------


def _with_costs(
    said: Advice,
    found: str,
    forgotten: Forgotten | None,
    seconds: float | None,
    minutes: float | None,
    matters: Matters,
) -> Advice:
    """Add what was forgotten and what trainings take; `found` says what one brought, "" before there was one."""
    notes, details = list(said.notes), [said.detail]
    if forgotten is not None and found:
        details.append(forgotten.detail)
        if matters == "generality" and forgotten.verdict == "worse" and said.level in ("tune", "cannot tell"):
            notes.insert(0, found)
            why = "Stay with the frozen model where generality matters most: fine-tuning cost some of it."
            change = "Fewer epochs or fewer trained layers, which forget less."
            said = replace(said, verdict=why, would_change=_together(change, said.would_change), level="stay")
        else:
            notes.append(forgotten.sentence)
    if matters == "speed" and said.level == "tune":
        notes.append("The tuned model reads as fast as the frozen one; all vectors are made anew with it, once.")
    if seconds is not None:
        details.append(f"The training {'took' if found else 'would take about'} {_duration(seconds)}.")
        if minutes is not None and seconds > 60 * minutes:
            notes.append(_over_budget(seconds, minutes, said.level, not found))
    return replace(said, detail=_together(*details), notes=tuple(notes))


def _over_budget(seconds: float, minutes: float, level: Level, untried: bool) -> str:
    time = f"about {_duration(seconds)}, more than the {minutes:g} minute{'' if minutes == 1 else 's'} that you have"
    fewer = "a sample or fewer labels take less"
    if untried:
        return f"A training would take {time}: {fewer}."
    if level == "tune":
        return f"This model is finished and costs no more; but the next training would take {time}: {fewer}."
    return f"Another training would take {time}: {fewer}."


# --- What would change it ------------------------------------------------------------------------


def projected(curve: Sequence[CurvePoint], labels_a_class: float) -> float | None:
    """Return the accuracy that the curve suggests for so many labels a class; None where it can't be continued.

    A power law of the error through the last three points; None where these don't fall, or are fewer than two.
    """
    fit = _power_law(curve)
    return None if fit is None else float(1 - np.exp(fit[0]) * labels_a_class ** fit[1])


def _power_law(curve: Sequence[CurvePoint]) -> tuple[float, float] | None:
    points = [one for one in curve if one.accuracy.mean < 1][-_FITTED:]
    if len(points) < 2 or curve[-1].accuracy.mean >= 1:
        return None
    x = np.log([one.labels_a_class for one in points])
    y = np.log([1 - one.accuracy.mean for one in points])
    slope, start = np.polyfit(x, y, 1)
    return (float(start), float(slope)) if slope < 0 else None


def _with_more_labels(curve: Sequence[CurvePoint], at_least: int = 0) -> str:
    if not curve:
        return "More labels."
    now = curve[-1]
    labels = max(2 * now.labels_a_class, float(at_least))
    found = projected(curve, labels)
    if found is None or found <= now.accuracy.mean:
        return "More labels: the curve of the frozen model is too short or too flat to say how many."
    return (
        f"With about {_round(labels)} labels a class the curve suggests about {100 * found:.0f} % for the frozen model "
        f"(now {100 * now.accuracy.mean:.1f} % with {_round(now.labels_a_class)}), without any training; this "
        "continues the curve and is not measured."
    )


def _same_without_training(curve: Sequence[CurvePoint], accuracy: float) -> str:
    """Say with how many labels the frozen model would get to where the tuned one is."""
    fit = _power_law(curve)
    if fit is None or not curve or accuracy >= 1:
        return ""
    now = curve[-1].labels_a_class
    labels = float(np.exp((np.log(1 - accuracy) - fit[0]) / fit[1]))
    if not now < labels <= _FARTHEST * now:
        return ""
    return (
        f"With about {_round(labels)} labels a class (now {_round(now)}) the curve suggests that the frozen model "
        f"would get to the same {100 * accuracy:.1f} % without training; this continues the curve and is not measured."
    )


def _more_held_out(difference: Interval, texts: int) -> str:
    """Say how many held-out texts would tell this difference from none: intervals narrow with their square root."""
    half = (difference.high - difference.low) / 2
    if abs(difference.mean) < 1e-9 or not half:
        return "A difference in more of the held-out texts."
    needed = texts * (half / abs(difference.mean)) ** 2
    if needed > _MOST_TEXTS:
        return "More held-out texts would hardly do: the difference is next to none."
    enough = _round(max(needed, texts + 1))
    return f"If the difference stays as it is, it would take about {enough} held-out texts to show."


# --- How it is said ------------------------------------------------------------------------------


def _together(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.1f} minutes" if minutes < 10 and minutes % 1 else f"{minutes:.0f} minutes"


def _percent(found: Interval) -> str:
    return f"{100 * found.mean:.1f} % (95 % interval {100 * found.low:.1f} to {100 * found.high:.1f})"


def _round(number: float) -> str:
    """Return a number with the digits that an estimate can have."""
    if number < 10:
        return f"{number:.2g}"
    step = 10 ** max(0, len(str(int(number))) - 2)
    return f"{int(round(number / step) * step):,}"


# --- The ways there are ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """One way from texts to labels, and what there is to know of it before one takes it."""

    name: str
    cost: str
    data: str
    risk: str
    when: str


OPTIONS = (
    Option(
        "Frozen as it is",
        "None: the vectors are made once.",
        "No labels.",
        "It knows what is alike in general, which may not be what your labels are about.",
        "Search, maps and clusters; as long as nobody has labelled anything.",
    ),
    Option(
        "Prototypes or k-NN on frozen vectors",
        "Seconds; nothing is trained, and a new class is added at once.",
        "1 to 10 labels a class.",
        "Classes that differ in a detail run into one another; k-NN keeps all labelled vectors.",
        "Few labels, or classes that come and go.",
    ),
    Option(
        "Linear probe on frozen vectors",
        "Seconds for thousands of labels.",
        "About 5 labels a class and more.",
        "It can only use what the vectors hold; the vectors stay good for everything else.",
        "The first thing to try, and what every other road has to beat.",
    ),
    Option(
        "Adapter: a small part is trained, the model stays",
        "Minutes, less memory than training all of it; a few megabytes for each task.",
        "Tens of labels a class.",
        "Less to gain than from training all of it, and less to forget; one more part to keep. Not built in here: "
        "training few layers comes nearest.",
        "Many tasks on one model.",
    ),
    Option(
        "Fine-tuned",
        "Minutes on a CPU for a small model and a thousand texts, hours for many; all vectors are made anew.",
        "10 labels a class and more, or a thousand pairs.",
        "It may learn wrong labels by heart, forget what it knew of other texts, and win nothing that can be measured.",
        "The labels need what the frozen vectors don't hold, and an interval says that it helps.",
    ),
)
"""From the cheapest to the dearest. Costs and numbers are rules of thumb; the measurements beside them are not."""
