"""Whether a label can be told without reading: by the form of the texts, or by another column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from embedlab.base.arrays import frozen
from embedlab.check.shortcuts import NAME, Shortcut, of_quality, shortcut
from embedlab.corpus import Column, Corpus
from embedlab.evaluate.quality import PROBE, Quality, Task
from embedlab.evaluate.versus import versus

WORDS = ["river", "stone", "cloud", "paper", "glass", "horse", "metal", "bread", "chair", "light", "music", "water"]


def column(values: Sequence[object], name: str = "kind", kind: str = "category") -> Column:
    cells = np.empty(len(values), dtype=object if kind == "category" else np.float64)
    cells[:] = values
    return Column(name, kind, frozen(cells))  # type: ignore[arg-type]


def texts(count: int = 200, seed: int = 0) -> list[str]:
    """Return texts of two to nine words."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(2, 10))) for _ in range(count)]


def corpus_of(found: Sequence[str], *columns: Column) -> Corpus:
    return replace(Corpus.of(found), columns=columns)


def looked(found: Sequence[str], labels: Column, *columns: Column, learn: int = 0) -> Shortcut:
    corpus = corpus_of(found, labels, *columns)
    rows = np.arange(len(found) - learn)
    return shortcut(corpus, labels, rows, np.arange(len(rows), len(found)) if learn else None)


def by_length(found: Sequence[str]) -> Column:
    return column(["long" if len(text) > 30 else "short" for text in found])


def test_a_label_that_is_the_length_of_the_text_is_told_without_reading() -> None:
    found = looked(texts(), by_length(texts()))
    assert found.accuracy.mean > 0.95
    assert found.sources[0].name == "Length in characters"
    assert found.by == "length in characters alone"
    assert found.explains(0.7)
    said = found.sentence(0.7, "MiniLM")
    assert said.startswith("“kind” can be told without reading: length in characters alone names it in ")
    assert said.endswith("% of 200 texts, MiniLM in 70 %.")


def test_labels_dealt_at_random_can_not_be_told_and_explain_nothing() -> None:
    rng = np.random.default_rng(0)
    wrong = 0
    for seed in range(20):
        labels = column(rng.choice(["a", "b", "c"], 120).tolist())
        wrong += looked(texts(120, seed), labels).explains(0.4)
    assert wrong <= 1


def test_what_a_model_knows_far_better_is_no_shortcut() -> None:
    """Length says the label in seven of ten texts; a model that names nearly all of them reads more than length."""
    rng = np.random.default_rng(0)
    found = texts(400)
    flipped = rng.random(400) < 0.3
    labels = by_length(found)
    names = [{"long": "short", "short": "long"}[one] if flip else one for one, flip in zip(labels.values, flipped)]  # noqa: B905
    looked_at = looked(found, column(names))
    assert 0.6 < looked_at.accuracy.mean < 0.75
    assert not looked_at.explains(0.95)
    assert looked_at.explains(0.72)
    assert looked_at.note.startswith("Without reading, by the form of the texts alone, the label is named in")


def test_another_column_that_tells_the_label_is_named() -> None:
    rng = np.random.default_rng(0)
    years = rng.integers(1950, 2000, 300)
    labels = column([f"term {year // 10}" for year in years], "president")
    found = looked(texts(300), labels, column(years.astype(float).tolist(), "year", "number"))
    assert found.sources[0].name == "year"
    assert found.sources[0].is_column
    assert found.by == "the column “year” alone"
    assert found.explains(0.5)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (lambda names: column([WORDS[at % 5] for at in range(len(names))], "anything"), False),
        (lambda names: column([float(name == "a") for name in names], "code", "number"), True),
        (lambda names: column([name.upper() for name in names], "again"), True),
        (lambda names: column(["x" if name in "ab" else "y" for name in names], "coarser"), True),
        (lambda names: column([f"{name}{at}" for at, name in enumerate(names)], "free text"), False),
        (lambda names: column([float(at) for at in range(len(names))], "number of the line", "number"), False),
    ],
)
def test_columns_that_say_no_more_than_the_label_or_never_repeat_do_not_count(other: object, same: bool) -> None:
    names = ["a"] * 40 + ["b"] * 40 + ["c"] * 40
    found = looked(texts(120), column(names), other(names))  # type: ignore[operator]
    assert bool(found.same) == same
    if same:
        assert "says no more than “kind” itself and does not count" in found.note
        assert not any(one.is_column for one in found.sources)


def test_a_column_of_ids_or_of_sides_is_left_out() -> None:
    names = (["a"] * 40 + ["b"] * 40) * 2
    ids = column([float(at // 2) for at in range(160)], "user_id", "number")
    sides = column(["train" if name == "a" else "test" for name in names], "split")
    assert not any(one.is_column for one in looked(texts(160), column(names), ids, sides).sources)


def test_the_held_out_part_is_asked_by_what_the_other_taught() -> None:
    found = texts(200)
    seen = looked(found, by_length(found), learn=120)
    assert len(seen.rows) == len(seen.right) == 80
    assert seen.accuracy.mean > 0.95
    turned = by_length(found)
    names = [{"long": "short", "short": "long"}[one] for one in turned.values[:80]] + turned.values[80:].tolist()
    assert looked(found, column(names), learn=120).accuracy.mean < 0.05


def test_it_stands_beside_models_as_one_of_them() -> None:
    found = texts(100)
    labels = by_length(found)
    task = Task("labels", "kind", 100, ())
    made = looked(found, labels)
    beside = made.quality(task)
    assert (beside.model, list(beside.intervals)) == (NAME, [PROBE])
    assert beside.intervals[PROBE].mean == made.accuracy.mean
    model = Quality(
        "model", task, beside.rows, {PROBE: np.zeros(100)}, {}, beside.intervals, {PROBE: np.zeros(10_000)},
        beside.chance,
    )  # fmt: skip
    assert versus(beside, model, PROBE).first == NAME
    again = of_quality(model, corpus_of(found, labels), labels)
    assert np.array_equal(again.right, made.right)
