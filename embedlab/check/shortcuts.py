"""Whether a label can be told without reading: from the form of the texts, or from another column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted, listed
from embedlab.base.progress import Report, Stopwatch, no_report, run_parallel
from embedlab.check.findings.properties import Property, properties
from embedlab.corpus import Column, Corpus
from embedlab.corpus.guess import is_identifier
from embedlab.corpus.split import Split, says_which, split
from embedlab.evaluate.labels import FOLDS, dealt
from embedlab.evaluate.quality import PROBE, Quality, Task
from embedlab.stats import permutation
from embedlab.stats.intervals import Interval, percentiles, resampled_means, share

NAME = "without reading"
"""What the baseline is called beside models."""
ENOUGH = 0.8
"""The share of the best model's gain over chance from which on a shortcut explains what the model knows."""
_ALONE = 0.9
_TREES = 60
_MOST_LEARNED = 5_000
_FEWEST_A_LEAF = 3
_READS = frozenset(("language", "unknown"))  # guessed from the words, or by the model: no matter of form
_SAME = 0.99
_MOST_VALUES = 0.5

Feature = tuple[str, bool, Floats]
"""What it is called, whether it is a column, and a number for each text, float64 (m,)."""


@dataclass(frozen=True)
class Source:
    """One thing by which a label can be told, such as “Length in words”, and how often it does so alone."""

    name: str
    is_column: bool
    accuracy: float

    @property
    def spoken(self) -> str:
        """As it stands in a sentence."""
        return f"the column “{self.name}”" if self.is_column else f"{self.name[:1].lower()}{self.name[1:]}"


@dataclass(frozen=True, eq=False)
class Shortcut:
    """How well the label of texts can be told without reading them.

    `rows` int (m,) are those asked about; `right` float64 (m,) is 1 where a classifier that has not seen the text names
    the label by its form (lengths, shares of digits, capitals and symbols, first and last character) and the other
    columns. `chance` is the share of the largest class. `sources` are what it can be told by, the best alone first.
    `same` are columns that say no more than the label itself, such as its number: they are left out.
    """

    label: str
    rows: Rows
    right: Floats
    chance: float
    sources: tuple[Source, ...]
    same: tuple[str, ...] = ()

    @cached_property
    def accuracy(self) -> Interval:
        """How often the label is named, with Wilson's interval."""
        return share(self.right)

    def explains(self, best: float) -> bool:
        """Whether it names the label nearly as well as a model that is right in `best` (0 to 1) of these texts.

        That is, surely better than chance, and with `ENOUGH` of the gain over chance.
        """
        gain = self.accuracy.mean - self.chance
        return bool(permutation.beats(self.accuracy, self.chance) and gain >= ENOUGH * (best - self.chance))

    @property
    def by(self) -> str:
        """What tells the label, as it stands in a sentence."""
        first = self.sources[0] if self.sources else None
        enough = first is not None and first.accuracy - self.chance >= _ALONE * (self.accuracy.mean - self.chance)
        if first is not None and enough:
            return f"{first.spoken} alone"
        return "the form of the texts and the other columns" if self._columns else "the form of the texts alone"

    @property
    def _columns(self) -> bool:
        return any(one.is_column for one in self.sources)

    def sentence(self, best: float, model: str) -> str:
        """Say that the label can be told without reading, beside a model that is right in `best` of these texts."""
        return (
            f"“{self.label}” can be told without reading: {self.by} {self._name} it in "
            f"{100 * self.accuracy.mean:.0f} % of {counted(len(self.rows), 'text')}, {model} in {100 * best:.0f} %."
        )

    def first_sentence(self, best: float, model: str) -> str:
        """Return `sentence` where the label is explained without reading; else nothing."""
        return self.sentence(best, model) if self.explains(best) else ""

    @property
    def detail(self) -> str:
        """Say what follows from it where it explains the label."""
        return (
            "A model that is ahead here may know what goes with the label, and not what the texts mean: choose labels "
            "that are about their meaning, or texts that are alike in it."
        )

    @property
    def _name(self) -> str:
        return "name" if self.by.startswith("the form of the texts and") else "names"

    @property
    def note(self) -> str:
        """Say how well it does, where it explains nothing."""
        found = self.accuracy
        said = (
            f"Without reading, by {'form and the other columns' if self._columns else 'the form of the texts'} alone, "
            f"the label is named in {100 * found.mean:.1f} % ({100 * found.low:.1f} to {100 * found.high:.1f})."
        )
        if self.same:
            says, do = ("says", "does") if len(self.same) == 1 else ("say", "do")
            said += f" {listed(self.same, 3)} {says} no more than “{self.label}” itself and {do} not count."
        return said

    def quality(self, task: Task) -> Quality:
        """Return it as a model that is measured by the linear probe's measure alone; `task` is that of the models."""
        drawn = resampled_means(self.right[None])[0]
        intervals = {PROBE: percentiles(float(self.right.mean()), drawn)}
        return Quality(NAME, task, self.rows, {PROBE: self.right}, {}, intervals, {PROBE: drawn}, {PROBE: self.chance})


def shortcut(
    corpus: Corpus,
    labels: Column,
    rows: Rows,
    learn: Rows | None = None,
    together: Rows | None = None,
    known: Sequence[Property] | None = None,
    seed: int = 0,
    report: Report = no_report,
) -> Shortcut:
    """Return how well the labels of `rows`, int (m,), can be told without reading.

    `learn` int (t,) are the rows to learn from; without it those asked about are dealt into five parts, and each is
    asked of a classifier that learned from the others. `together` int (n,) is as in `embedlab.evaluate.labels.dealt`.
    `known` are the properties of all texts, where they are there already. Columns of ids, of free text, that say which
    texts to hold out, or that say no more than the label itself are left out. A random forest (Breiman 2001), because
    shortcuts are steps and thresholds; on at most 5,000 texts to learn from.
    """
    used = rows if learn is None else np.concatenate([rows, learn])
    names = np.array([labels.shown(row) for row in used.tolist()], dtype=object)
    codes = np.unique(names.astype(str), return_inverse=True)[1]
    columns, same = by_columns(corpus, labels, used, codes)
    features = [*by_form(corpus, used, known), *columns]
    parts = _parts(codes, len(rows), learn is not None, None if together is None else together[used], seed)
    table = np.column_stack([values for _, _, values in features])
    work = [(table, seed), *((table[:, [at]], None) for at in range(table.shape[1]))]
    watch = Stopwatch("Telling labels without reading", len(work), report)
    found = run_parallel(lambda item: _right(item[0], codes, parts, len(rows), item[1]), work, watch)
    sources = [
        Source(name, is_column, float(right.mean()))
        for (name, is_column, _), right in zip(features, found[1:], strict=True)
    ]
    return Shortcut(
        labels.name, frozen(rows.copy()), frozen(found[0]), permutation.largest_share(codes[: len(rows)]),
        tuple(sorted(sources, key=lambda one: -one.accuracy)), same,
    )  # fmt: skip


def of_split(corpus: Corpus, labels: Column, parted: Split, report: Report = no_report) -> Shortcut:
    """Return how well the labels of the held-out texts of a split can be told without reading, by the others."""
    return shortcut(corpus, labels, parted.held_out, parted.train, report=report)


def of_quality(
    found: Quality,
    corpus: Corpus,
    labels: Column,
    by: Column | None = None,
    together: Rows | None = None,
    report: Report = no_report,
) -> Shortcut:
    """Return how well labels can be told without reading the texts that `found` was measured on, asked the same way.

    `by` and `together` are as in `embedlab.evaluate.quality.by_labels`.
    """
    learn = None if by is None else split(corpus, labels, by=by, together=together).train
    return shortcut(corpus, labels, found.rows, learn, together, report=report)


# --- Classifiers ---------------------------------------------------------------------------------


def _parts(codes: Rows, asked: int, apart: bool, together: Rows | None, seed: int) -> list[tuple[Rows, Rows]]:
    """Return what to learn from and what to ask about, places each; those asked about come first among `codes`."""
    if apart:
        return [(_some(np.arange(asked, len(codes)), codes, seed), np.arange(asked))]
    folds = max(2, min(FOLDS, len(codes)))
    fold = dealt(codes, folds, seed, together)
    return [
        (_some(np.flatnonzero(fold != number), codes, seed), np.flatnonzero(fold == number)) for number in range(folds)
    ]


def _some(places: Rows, codes: Rows, seed: int) -> Rows:
    if len(places) <= _MOST_LEARNED:
        return places
    order = np.lexsort((np.random.default_rng(seed).permutation(len(places)), codes[places]))
    return np.sort(places[order[np.arange(_MOST_LEARNED) * len(places) // _MOST_LEARNED]])


def _right(table: Floats, codes: Rows, parts: list[tuple[Rows, Rows]], asked: int, seed: int | None) -> Floats:
    """Return 1 where the label is named, by a forest, or without a seed by one tree; float64 (m,)."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier

    right = np.zeros(asked)
    for learn, ask in parts:
        if not len(learn) or not len(ask):  # all nearly repeat each other, and lie in one part
            continue
        classifier = (
            DecisionTreeClassifier(min_samples_leaf=_FEWEST_A_LEAF, random_state=0)
            if seed is None
            else RandomForestClassifier(
                _TREES, min_samples_leaf=_FEWEST_A_LEAF, max_features=0.5, random_state=seed, n_jobs=1
            )
        )
        classifier.fit(table[learn], codes[learn])
        right[ask] = classifier.predict(table[ask]) == codes[ask]
    return right


# --- What can be known without reading, in numbers -----------------------------------------------


def by_form(corpus: Corpus, used: Rows, known: Sequence[Property] | None) -> Iterator[Feature]:
    """Yield what the form of the texts at `used`, int (m,), says; `known` are the properties of all texts, if there."""
    texts = [corpus.texts[row] for row in used.tolist()]
    if known is None:
        known, used = properties(texts), np.arange(len(texts))
    for one in known:
        if one.key not in _READS:
            values = one.values[used]
            yield one.title, False, values.astype(np.float64) if one.kind == "number" else _ordered(values.tolist())
    yield "First character", False, _ordered([text.lstrip()[:1] for text in texts])
    yield "Last character", False, _ordered([text.rstrip()[-1:] for text in texts])
    yield "Number of lines", False, np.array([text.count("\n") for text in texts], dtype=np.float64)


def by_columns(corpus: Corpus, labels: Column, used: Rows, codes: Rows) -> tuple[list[Feature], tuple[str, ...]]:
    """Return what the other columns say of the texts at `used`, int (m,), and the names of those left out.

    Left out are columns that say no more than the label itself, of which `codes` int (m,) are the numbers.
    """
    found: list[Feature] = []
    same = []
    for column in corpus.columns:
        if column.name == labels.name or says_which(column) or is_identifier(column):
            continue
        values = _values(column.take(used))
        if values is None:
            continue
        if _follows(values, codes):
            same.append(column.name)
        else:
            found.append((column.name, True, values))
    return found, tuple(same)


def _values(column: Column) -> Floats | None:
    """Return a column in numbers, a missing value below all others; None where hardly any value repeats."""
    present = column.values[~column.missing]
    if not len(present):
        return None
    if column.kind in ("number", "date"):
        dated = column.kind == "date"
        values = column.values.astype("datetime64[s]").astype(np.int64) if dated else column.values
        numbers = values.astype(np.float64)
        known = numbers[~column.missing]
        counts_rows = len(np.unique(known)) == len(known) and bool((known == np.rint(known)).all()) and not dated
        if counts_rows or np.ptp(known) == 0:
            return None
        return np.where(column.missing, known.min() - 1, numbers)
    names = ["" if value is None else str(value) for value in column.values]
    distinct = len(set(names))
    return None if distinct < 2 or distinct > _MOST_VALUES * len(names) else _ordered(names)


def _ordered(values: Sequence[str]) -> Floats:
    """Return categories as numbers, the most frequent first, so that few thresholds part the large ones."""
    names, place, counts = np.unique(np.array(values, dtype=str), return_inverse=True, return_counts=True)
    rank = np.empty(len(names))
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(names))
    return rank[place]


def _follows(values: Floats, codes: Rows) -> bool:
    """Whether the label says the value: within nearly each label nearly all texts have the same one."""
    place = np.unique(values, return_inverse=True)[1]
    if place.max() == 0:
        return True
    table = np.zeros((int(codes.max()) + 1, int(place.max()) + 1), dtype=np.int64)
    np.add.at(table, (codes, place), 1)
    most = np.bincount(place).max()
    return bool(table.max(axis=1).sum() >= _SAME * len(codes) and most < _SAME * len(codes))
