"""Frozen or fine-tuned: what the measurements advise, how sure that is, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from embedlab.corpus.split import Split
from embedlab.lab.frozen import PROBE, Point, Reader
from embedlab.lab.general import Forgotten
from embedlab.lab.intervals import Interval
from embedlab.lab.tuned import FEW_LABELS, Compared, at_chance, largest_share

Level = Literal["tune", "stay", "cannot tell", "no difference"]
Matters = Literal["accuracy", "generality", "speed"]

WORTH = 0.02
"""A gain in accuracy that would matter: where the data can't rule it out, they can't tell."""
LITTLE_LEFT = 0.01
_RULE_OF_THREE = 3.0  # what none of n texts shows may still be true of 3 / n (Hanley and Lippman-Hand 1983)
_FITTED = 3
_FARTHEST = 16
_MOST_TEXTS = 1_000_000


@dataclass(frozen=True)
class Road:
    """One way from texts to labels, and what there is to know of it before one takes it."""

    name: str
    cost: str
    data: str
    risk: str
    when: str


ROADS = (
    Road(
        "Frozen as it is",
        "None: the vectors are made once.",
        "No labels.",
        "It knows what is alike in general, which may not be what your labels are about.",
        "Search, maps and clusters; as long as nobody has labelled anything.",
    ),
    Road(
        "Prototypes or k-NN on frozen vectors",
        "Seconds; nothing is trained, and a new class is added at once.",
        "1 to 10 labels a class.",
        "Classes that differ in a detail run into one another; k-NN keeps all labelled vectors.",
        "Few labels, or classes that come and go.",
    ),
    Road(
        "Linear probe on frozen vectors",
        "Seconds for thousands of labels.",
        "About 5 labels a class and more.",
        "It can only use what the vectors hold; the vectors stay good for everything else.",
        "The first thing to try, and what every other road has to beat.",
    ),
    Road(
        "Adapter: a small part is trained, the model stays",
        "Minutes, less memory than training all of it; a few megabytes for each task.",
        "Tens of labels a class.",
        "Less to gain than from training all of it, and less to forget; one more part to keep. Not built in here: "
        "training few layers comes nearest.",
        "Many tasks on one model.",
    ),
    Road(
        "Fine-tuned",
        "Minutes on a CPU for a small model and a thousand texts, hours for many; all vectors are made anew.",
        "10 labels a class and more, or a thousand pairs.",
        "It may learn wrong labels by heart, forget what it knew of other texts, and win nothing that can be measured.",
        "The labels need what the frozen vectors don't hold, and an interval says that it helps.",
    ),
)
"""From the cheapest to the dearest. Costs and numbers are rules of thumb; the measurements beside them are not."""


@dataclass(frozen=True)
class Advice:
    """What to do: a `verdict` of two sentences, what `would_change` it, and its `level` in one word."""

    verdict: str
    would_change: str
    level: Level


def advice(
    compared: Compared | None,
    frozen: tuple[Reader, ...],
    curve: tuple[Point, ...],
    split: Split,
    forgotten: Forgotten | None,
    training_seconds: float | None,
    minutes: float,
    matters: Matters,
) -> Advice:
    """Return what the measurements advise somebody who has so many `minutes` for a training.

    It rests on the linear probe alone. `compared` is None where nothing was trained yet. No difference: the interval
    holds 0 and rules out a gain of `WORTH`. What would change it is taken from the learning curve, continued as a
    power law of the error (Cortes and others 1993; Hestness and others 2017), and from how intervals narrow with the
    number of held-out texts. An interval tells of other held-out texts, not of another training.
    """
    probe = _probe(frozen)
    readers = [probe] if compared is None else [probe, _probe(compared.tuned)]
    if at_chance(readers, split):
        return _unreadable(readers, largest_share(split))
    if compared is None:
        return _untried(probe, curve)
    cost = _cost(training_seconds, forgotten)
    if compared.few_labels:
        change = _with_more_labels(curve, FEW_LABELS)
        return Advice(_together(compared.sentence, cost), change, "cannot tell")
    if compared.verdict == "tie":
        return _tie(compared, curve, split, cost)
    if compared.verdict == "worse":
        settings = "Other settings, such as fewer epochs or a lower learning rate."
        verdict = f"Stay with the frozen model. {compared.sentence}"
        return Advice(verdict, _together(settings, _with_more_labels(curve)), "stay")
    return _better(compared, curve, forgotten, training_seconds, minutes, matters, cost)


def _better(
    compared: Compared,
    curve: tuple[Point, ...],
    forgotten: Forgotten | None,
    training_seconds: float | None,
    minutes: float,
    matters: Matters,
    cost: str,
) -> Advice:
    change = _same_without_training(curve, _probe(compared.tuned).accuracy.mean)
    if training_seconds is not None and training_seconds > 60 * minutes:
        verdict = (
            f"{compared.sentence} But a training took {_duration(training_seconds)}, more than the "
            f"{_duration(60 * minutes)} that you have, so stay with the frozen model and a linear probe."
        )
        return Advice(verdict, _together("More time, fewer texts to learn from, or a graphics card.", change), "stay")
    if matters == "generality" and forgotten is not None and forgotten.verdict == "worse":
        stay = f"Where generality matters most, stay with the frozen model: {_small(forgotten.sentence)}"
        verdict = f"{stay} {compared.sentence}"
        return Advice(verdict, _together("Fewer epochs or fewer trained layers, which forget less.", change), "stay")
    if matters == "speed":
        verdict = (
            "Where speed matters most, stay with the frozen model: the tuned one reads no faster, and each training "
            f"takes time that a linear probe doesn't. {compared.sentence}"
        )
        return Advice(verdict, change or "A gain that is worth the time of the trainings.", "stay")
    only = "The difference was measured on texts like these: others may ask for another model."
    return Advice(_together(compared.sentence, cost), change or only, "tune")


def _tie(compared: Compared, curve: tuple[Point, ...], split: Split, cost: str) -> Advice:
    change = _together(_more_held_out(compared.difference, len(split.held_out)), _with_more_labels(curve))
    most = max(compared.difference.high, _RULE_OF_THREE / len(split.held_out))
    if most < WORTH:
        verdict = (
            f"{compared.sentence} Tuning does not help enough to show here: a gain of more than {100 * most:.1f} "
            "points is unlikely, and the frozen model with a linear probe is the cheaper one."
        )
        return Advice(verdict, change, "no difference")
    verdict = (
        f"{compared.sentence} These data can't tell whether tuning helps: a gain of {100 * most:.1f} points is as "
        "possible as none, so keep the frozen model until more is known."
    )
    return Advice(verdict, change, "cannot tell")


def _unreadable(readers: Sequence[Reader], chance: float) -> Advice:
    said = " and ".join(
        f"{name} {100 * one.accuracy.mean:.1f} %" for name, one in zip(("frozen", "tuned"), readers, strict=False)
    )
    verdict = (
        "Tuning does not help: nothing shows that the labels can be read off these texts better than by always naming "
        f"the largest class ({said}; the largest class alone {100 * chance:.1f} %). They may be shuffled, wrong, or "
        "about something that the texts don't say."
    )
    if len(readers) == 1:
        verdict = verdict.replace("Tuning does not help:", "Tuning is not likely to help:", 1)
    return Advice(
        verdict, "Other labels: look at some texts with their labels and see whether you could tell.", "no difference"
    )


def _untried(probe: Reader, curve: tuple[Point, ...]) -> Advice:
    found = f"Frozen, a linear probe is right in {_percent(probe.accuracy)} of the held-out texts."
    if probe.accuracy.mean >= 1 - LITTLE_LEFT:
        left = f"At most {100 * (1 - probe.accuracy.low):.1f} points are left to win, so stay with it."
        return Advice(f"{found} {left}", "Held-out texts that it gets wrong: harder ones, or more of them.", "stay")
    verdict = f"{found} Whether fine-tuning is better is not known before one was trained on the same texts."
    return Advice(verdict, _together("A training.", _with_more_labels(curve)), "cannot tell")


# --- What would change it ------------------------------------------------------------------------


def projected(curve: Sequence[Point], labels_a_class: float) -> float | None:
    """Return the accuracy that the curve suggests for so many labels a class; None where it can't be continued.

    A power law of the error through the last three points; None where these don't fall, or are fewer than two.
    """
    fit = _power_law(curve)
    return None if fit is None else float(1 - np.exp(fit[0]) * labels_a_class ** fit[1])


def _power_law(curve: Sequence[Point]) -> tuple[float, float] | None:
    points = [one for one in curve if one.accuracy.mean < 1][-_FITTED:]
    if len(points) < 2 or curve[-1].accuracy.mean >= 1:
        return None
    x = np.log([one.labels_a_class for one in points])
    y = np.log([1 - one.accuracy.mean for one in points])
    slope, start = np.polyfit(x, y, 1)
    return (float(start), float(slope)) if slope < 0 else None


def _with_more_labels(curve: Sequence[Point], at_least: int = 0) -> str:
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


def _same_without_training(curve: Sequence[Point], accuracy: float) -> str:
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


def _probe(readers: Sequence[Reader]) -> Reader:
    return next(one for one in readers if one.name == PROBE)


def _cost(seconds: float | None, forgotten: Forgotten | None) -> str:
    """Return one sentence on what the training took, and what it cost in generality."""
    said = [] if seconds is None else [f"The training took {_duration(seconds)}"]
    said += [] if forgotten is None else [(_small if said else str)(forgotten.sentence.removesuffix("."))]
    return f"{'; '.join(said)}." if said else ""


def _together(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} minutes" if seconds < 600 else f"{seconds / 60:.0f} minutes"


def _percent(found: Interval) -> str:
    return f"{100 * found.mean:.1f} % (95 % interval {100 * found.low:.1f} to {100 * found.high:.1f})"


def _round(number: float) -> str:
    """Return a number with the digits that an estimate can have."""
    if number < 10:
        return f"{number:.2g}"
    step = 10 ** max(0, len(str(int(number))) - 2)
    return f"{int(round(number / step) * step):,}"
