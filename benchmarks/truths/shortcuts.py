"""Labels that need no reading, for they are how long a text is, or stand in another column; and labels that do."""

from __future__ import annotations

import numpy as np

from benchmarks.truths.ground import Ground, Seen, column
from benchmarks.truths.kinds import Kind, Outcome
from embedlab.check.shortcuts import of_quality
from embedlab.compare.comparison import shortcut_sentence
from embedlab.corpus import Column
from embedlab.evaluate.quality import by_labels
from embedlab.space.clusters import cluster

TEXTS = 240
DIFFERING = 0.03


# --- The product's answers -----------------------------------------------------------------------


def shortcut(seen: Seen, label: str) -> str:
    """Return what is said to give the label away, beside the model; an empty string where nothing is."""
    corpus = seen.corpus
    found = by_labels(seen.space, seen.near, cluster(seen.near), corpus.column(label), name=seen.name)
    return shortcut_sentence(of_quality(found, corpus, corpus.column(label)), [found])


# --- The cases -----------------------------------------------------------------------------------


def lengths(ground: Ground, number: int) -> Outcome:
    """Return whether it is missed that the label is the length of the text, in two to five steps."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    seen = of.seen(of.of_few_classes(TEXTS, rng))
    steps = 2 + number % 4
    sizes = np.array([len(text) for text in seen.corpus.texts])
    edges = np.quantile(sizes, np.arange(1, steps) / steps)
    return _missed(seen.with_columns(column("label", np.searchsorted(edges, sizes, side="right")), label="label"))


def repeated(ground: Ground, number: int) -> Outcome:
    """Return whether it is missed that another column repeats the label under other names, but for a few texts."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    labels = of.labels.take(rows)
    names, codes = np.unique(labels.values.astype(str), return_inverse=True)
    codes = rng.permutation(len(names))[codes]
    changed = rng.permutation(len(rows))[: round(DIFFERING * len(rows))]
    codes[changed] = (codes[changed] + rng.integers(1, len(names), len(changed))) % len(names)
    queue = column("queue", [f"q{code}" for code in codes])
    return _missed(of.seen(rows).with_columns(labels, queue, label=of.label))


def _missed(seen: Seen) -> Outcome:
    said = shortcut(seen, str(seen.corpus.label))
    return Outcome(not said, said or "nothing is said")


def real(ground: Ground, number: int) -> Outcome:
    """Return whether a true label, beside columns that don't tell it, is said to be given away."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    columns = (column.take(rows) for column in of.corpus.columns if column.name in of.telling)
    said = shortcut(of.seen(rows).with_columns(of.labels.take(rows), *columns, label=of.label), of.label)
    return Outcome(bool(said), said)


def shuffled(ground: Ground, number: int) -> Outcome:
    """Return whether a shuffled label is said to be given away."""
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.of_few_classes(TEXTS, rng)
    columns = (column.take(rows) for column in of.corpus.columns if column.name in of.telling)
    labels: Column = column(of.label, rng.permutation(of.labels.values[rows]))
    said = shortcut(of.seen(rows).with_columns(labels, *columns, label=of.label), of.label)
    return Outcome(bool(said), said)


KINDS = (
    Kind("label is the length of the text", "that is not said", "miss", lengths),
    Kind("label stands in another column", "that is not said", "miss", repeated),
    Kind("true labels", "called a shortcut", "false alarm", real),
    Kind("shuffled labels", "called a shortcut", "false alarm", shuffled),
)
