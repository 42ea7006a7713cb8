"""A fine-tuned model against the frozen one, on the same held-out texts: is it better, and where?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.base.english import counted
from embedlab.corpus.split import Split
from embedlab.evaluate.versus import FEWEST_APART, NEGLIGIBLE, Verdict, hangs_on_the_penalty
from embedlab.finetune.frozen import KNN, PROBE, PROTOTYPES, Classifier, centred, macro_f1, macro_f1_draws
from embedlab.stats import permutation
from embedlab.stats.intervals import Interval, percentiles, resampled_means

TUNED, FROZEN = "the tuned model", "the frozen model"
FEW_LABELS = 5
"""With fewer texts a class to learn from, one training tells of these texts and not of the model."""
_UNREADABLE = (
    "Neither model is surely better at these labels than always naming the largest class would be, so tuning does not "
    "help."
)
_USED_BY = {
    KNN: "searches or votes among the nearest texts",
    PROTOTYPES: "sorts texts by class means",
}


@dataclass(frozen=True, eq=False)
class FrozenVsTuned:
    """Both models by each way of reading labels off, on the same held-out texts.

    `differences` and `f1_differences` are tuned minus frozen, by the name of the reader, with their paired interval.
    `verdict` is that of the tuned model by the linear probe alone, chosen beforehand: the other two would be further
    chances to find a difference where there is none, so the intervals of their accuracies are widened to hold for all
    readers at once (Bonferroni). `sentence` says the verdict and `detail` the figures behind it; `beside` are sentences
    on readers other than the probe that differ surely, and for whom that matters. `few_labels` is True where a class
    has so few texts to learn from, and `unreadable` where both models name labels so badly, that the verdict is a tie
    whatever the difference.
    """

    frozen: tuple[Classifier, ...]
    tuned: tuple[Classifier, ...]
    differences: Mapping[str, Interval]
    f1_differences: Mapping[str, Interval]
    verdict: Verdict
    sentence: str
    detail: str
    beside: tuple[str, ...] = ()
    few_labels: bool = False
    unreadable: bool = False

    @property
    def difference(self) -> Interval:
        """That of the linear probe's accuracy."""
        return self.differences[PROBE]

    @property
    def probes(self) -> tuple[Classifier, Classifier]:
        """The linear probe on the frozen and on the tuned model."""
        return probe_of(self.frozen), probe_of(self.tuned)

    @property
    def ways(self) -> tuple[tuple[Classifier, Classifier], ...]:
        """Each way of reading labels off, on the frozen and on the tuned model."""
        return tuple(zip(self.frozen, self.tuned, strict=True))

    @property
    def figures(self) -> dict[str, str]:
        """What a model card says of it: the figures of every way of reading, the verdict, and what it rests on."""
        facts = {}
        for before, after in self.ways:
            for side, one in (("frozen", before), ("fine-tuned", after)):
                facts[f"accuracy, {one.name}, {side}"] = str(one.accuracy)
                facts[f"macro F1, {one.name}, {side}"] = str(one.macro_f1)
            facts[f"accuracy, {before.name}, fine-tuned minus frozen"] = str(self.differences[before.name])
        return facts | {"verdict": " ".join((self.sentence, *self.beside)), "figures behind it": self.detail}


def probe_of(readers: Sequence[Classifier]) -> Classifier:
    """Return the linear probe among them."""
    return next(one for one in readers if one.name == PROBE)


def compared(frozen: tuple[Classifier, ...], tuned: tuple[Classifier, ...], split: Split) -> FrozenVsTuned:
    """Return the paired comparison of two models' `readers` on one split.

    Differences are resampled over the held-out texts, the same draws for both models (Efron and Tibshirani 1993). The
    verdict follows `embedlab.evaluate.versus`; below `FEW_LABELS` texts a class (the median class) it is a tie, for
    the interval knows nothing of what other texts to learn from would give. So it is where neither model is better
    than always naming the largest class: there, tuning shifts which labels are guessed, and no more. Raises
    `ValueError` for readers of another split.
    """
    texts, every = len(split.held_out), (*frozen, *tuned)
    if [one.name for one in frozen] != [one.name for one in tuned] or any(len(one.right) != texts for one in every):
        raise ValueError("readers of another split, or not the same ones")
    answers = split.codes[split.held_out]
    drawn = resampled_means(np.stack([one.right for one in every]))
    f1 = macro_f1_draws([one.predicted for one in every], answers)
    differences: dict[str, Interval] = {}
    f1_differences: dict[str, Interval] = {}
    both: dict[str, tuple[Classifier, Classifier]] = {pair[0].name: pair for pair in zip(frozen, tuned, strict=True)}
    for at, (before, after) in enumerate(both.values()):
        of_both = slice(at, None, len(frozen))
        gain, looked_at = after.accuracy.mean - before.accuracy.mean, 1 if before.name == PROBE else len(frozen)
        differences[before.name] = percentiles(gain, np.diff(drawn[of_both], axis=0)[0], looked_at)
        gain = macro_f1(after.predicted, answers) - macro_f1(before.predicted, answers)
        f1_differences[before.name] = centred(gain, np.diff(f1[of_both], axis=0)[0])
    unreadable = at_chance(every, split)
    few = not unreadable and float(np.median(split.sizes)) < FEW_LABELS
    surely = {} if few else {name: pair for name, pair in both.items() if _sure(*pair, differences[name], split)}
    verdict: Verdict = "tie"
    if not unreadable and PROBE in surely:
        verdict = "better" if differences[PROBE].mean > 0 else "worse"
    surely.pop(PROBE, None)
    sentence = _UNREADABLE if unreadable else _few_labels(split) if few else _sentence(verdict, *both[PROBE])
    detail = _detail(both[PROBE], differences, tuple(surely), split, few, unreadable)
    if not unreadable and not few:
        before, after = both[PROBE]
        shifts, apart = (after.shifts, before.shifts), _apart(before, after)
        hangs = hangs_on_the_penalty((TUNED, FROZEN), shifts, differences[PROBE], verdict, apart)
        detail = f"{detail} {hangs}".rstrip()
    return FrozenVsTuned(
        frozen, tuned, differences, f1_differences, verdict, sentence, detail, _beside(surely), few, unreadable
    )  # fmt: skip


def _sure(before: Classifier, after: Classifier, difference: Interval, split: Split) -> bool:
    """Whether a difference is more than chance, large enough to speak of, and one of readers that know something."""
    enough = _apart(before, after) >= FEWEST_APART and abs(difference.mean) >= NEGLIGIBLE
    return difference.apart_from_zero and enough and not at_chance((before, after), split)


def _apart(before: Classifier, after: Classifier) -> int:
    """Return how many texts one of them gets right and the other doesn't."""
    return int((before.right != after.right).sum())


def at_chance(read: Sequence[Classifier], split: Split) -> bool:
    """Whether none of these does better than chance (`embedlab.stats.permutation`).

    That is, none is right more often than always naming the largest class, nor recalls the classes better, one by one,
    than labels in random order would be.
    """
    answers, unlikely = split.codes[split.held_out], permutation.UNLIKELY / len(read)
    chance = permutation.largest_share(answers)
    return not any(permutation.beats(one.accuracy, chance) for one in read) and not any(
        permutation.by_shuffling(one.predicted, answers) < unlikely for one in read
    )


def by_the_probe(verdict: Verdict, before: Classifier, after: Classifier) -> str:
    """Say how often the probe is right on the better of the models, and on the other."""
    one, other = percent(before.accuracy.mean, after.accuracy.mean)
    first, name, second = (other, "frozen", one) if verdict == "better" else (one, "tuned", other)
    return f"a linear probe on it is right in {first} of the held-out texts, on the {name} one in {second}."


def _sentence(verdict: Verdict, before: Classifier, after: Classifier) -> str:
    if verdict != "tie":
        model = TUNED if verdict == "better" else FROZEN
        return f"{model.capitalize()} is better: {by_the_probe(verdict, before, after)}"
    return "By the linear probe no difference between the tuned and the frozen model shows on these held-out texts."


def _few_labels(split: Split) -> str:
    median = float(np.median(split.sizes))
    labels = "1 text" if median == 1 else f"{median:g} texts"
    return f"With {labels} a class to learn from, these data can't tell which model is better."


def _detail(
    probes: tuple[Classifier, Classifier],
    differences: Mapping[str, Interval],
    surely: Sequence[str],
    split: Split,
    few: bool,
    unreadable: bool,
) -> str:
    """Return the figures behind the verdict: differences with their intervals, and on what they were measured."""
    said = [f"Linear-probe accuracy, tuned minus frozen: {spoken(differences[PROBE])}."]
    apart = _apart(*probes)
    if unreadable:
        chance = permutation.largest_share(split.codes[split.held_out])
        said.append(f"The largest class alone would be right in {100 * chance:.1f} %.")
    elif few:
        said.append("Other texts to learn from, or another seed, could change that.")
    elif not apart:
        said.append("Both are right about the same texts.")
    elif apart < FEWEST_APART:
        said.append(f"They differ in {counted(apart, 'text')}, too few to tell.")
    elif differences[PROBE].apart_from_zero and abs(differences[PROBE].mean) < NEGLIGIBLE:
        said.append("That is too little to speak of.")
    if surely:
        widened = f"widened for the {len(differences)} ways looked at"
        said.append(f"{'; '.join(f'{name}: {spoken(differences[name])}' for name in surely)}, {widened}.")
    return " ".join((*said, f"Measured on {split.measured_on}."))


def _beside(surely: Mapping[str, tuple[Classifier, Classifier]]) -> tuple[str, ...]:
    """Return a sentence for those who gain, and one for those who lose, by readers other than the probe."""
    said = []
    for told, sign in (("gains from tuning", 1), ("loses by tuning", -1)):
        some = [pair for pair in surely.values() if sign * (pair[1].accuracy.mean - pair[0].accuracy.mean) > 0]
        if not some:
            continue
        figures = []
        for before, after in some:
            one, other = percent(before.accuracy.mean, after.accuracy.mean)
            figures.append(f"{before.name} right in {other} instead of {one}")
        who = ", or ".join(_USED_BY[before.name] for before, _ in some) + ("," if len(some) > 1 else "")
        said.append(f"Who {who} {told}: {', '.join(figures)}.")
    return tuple(said)


def percent(*shares: float) -> tuple[str, ...]:
    """Return shares as "86.9 %", with more digits where two different ones would else look the same."""
    for digits in (1, 2, 3):
        written = tuple(f"{100 * share:.{digits}f} %" for share in shares)
        if len(set(written)) == len(set(shares)):
            break
    return written


def spoken(difference: Interval) -> str:
    """Return a difference of shares as "+1.1 points (95 % interval +0.3 to +1.9)"."""
    mean, low, high = signed(*(100 * value for value in (difference.mean, difference.low, difference.high)), digits=1)
    return f"{mean} points (95 % interval {low} to {high})"


def signed(*values: float, digits: int) -> tuple[str, ...]:
    """Return numbers with their sign, and with as many digits as it takes not to write one beside 0 as 0."""
    while digits < 6 and any(value and not float(f"{value:.{digits}f}") for value in values):
        digits += 1
    return tuple(f"{value + 0.0:+z.{digits}f}" for value in values)


def changed(difference: Interval) -> str:
    """Return a difference as "+0.052 (95 % interval +0.010 to +0.093)"."""
    mean, low, high = signed(difference.mean, difference.low, difference.high, digits=3)
    return f"{mean} (95 % interval {low} to {high})"


def fixed_and_broken(frozen: Classifier, tuned: Classifier, split: Split) -> tuple[Rows, Rows]:
    """Return the rows of the held-out texts that only the tuned model gets right, and that only the frozen one does."""
    change = tuned.right - frozen.right
    return split.held_out[change > 0], split.held_out[change < 0]


@dataclass(frozen=True)
class ConfusionChange:
    """How many held-out texts of the class `given` were `taken_for` another class, before and after."""

    given: str
    taken_for: str
    before: int
    after: int


def confusion_changed(frozen: Classifier, tuned: Classifier, split: Split) -> tuple[ConfusionChange, ...]:
    """Return the classes that are mistaken for each other more or less often than before, most changed first."""
    answers, classes = split.codes[split.held_out], len(split.names)
    before, after = (
        np.bincount(answers * classes + one.predicted, minlength=classes**2).reshape(classes, classes)
        for one in (frozen, tuned)
    )
    changed = np.abs(after - before)
    np.fill_diagonal(changed, 0)
    given, taken = np.nonzero(changed)
    order = np.lexsort((taken, given, -changed[given, taken]))
    return tuple(
        ConfusionChange(split.names[one], split.names[other], int(before[one, other]), int(after[one, other]))
        for one, other in zip(given[order].tolist(), taken[order].tolist(), strict=True)
    )
