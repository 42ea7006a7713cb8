"""Training data: what is kept for validation, what shares a batch, and that all of it comes back from disk."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.split import split
from embedlab.finetune.batches import plan
from embedlab.finetune.data import TrainingData, from_labels, from_pairs
from embedlab.finetune.recipe import Recipe

LABELS = Recipe("m", "labels", loss="ranking", epochs=2, batch=8)


def labelled(classes: int, each: int) -> TrainingData:
    texts = tuple(f"{'long ' * (row % 7)}text {row} of class {row % classes}" for row in range(classes * each))
    names = tuple(map(str, range(classes)))
    return TrainingData("labels", texts=texts, codes=np.arange(classes * each) % classes, names=names)


def corpus(classes: int, each: int) -> Corpus:
    data = labelled(classes, each)
    values = np.array([data.names[code] for code in data.codes], dtype=object)
    return Corpus("c", data.texts, (Column("label", "category", values),))


# --- Validation ---


def test_some_of_each_class_are_kept_for_validation() -> None:
    source = corpus(4, 100)
    parted = split(source, source.column("label"), held_out=0.2)
    data = from_labels(source, parted)
    assert data.validation is not None
    assert len(data) + len(data.validation) == len(parted.train)
    assert sorted(Counter(data.validation.codes.tolist()).values()) == [7, 7, 8, 8]
    held_out = {source.texts[row] for row in parted.held_out}
    assert not set(data.texts) & set(data.validation.texts)
    assert not (set(data.texts) | set(data.validation.texts)) & held_out


def test_where_there_is_little_everything_is_trained_on() -> None:
    source = corpus(10, 8)
    parted = split(source, source.column("label"), held_out=0.3)
    data = from_labels(source, parted)
    assert data.validation is None
    assert len(data) == len(parted.train)


def test_one_text_a_class_is_refused() -> None:
    data = TrainingData("labels", texts=("a", "b", "c"), codes=np.array([0, 1, 1]), names=("x", "y"))
    with pytest.raises(EmbedlabError, match="Fewer than two classes have two texts"):
        data.check()


def test_pairs_kept_for_validation_share_no_text_with_the_rest() -> None:
    first = [f"question {row // 2}" for row in range(400)]
    data = from_pairs(first, [f"answer {row}" for row in range(400)])
    assert data.kind == "pairs"
    assert data.validation is not None
    assert len(data.validation) == 30
    assert not set(data.first) & set(data.validation.first)


def test_pairs_that_must_not_be_parted_are_validated_on_together_or_not_at_all() -> None:
    groups = np.arange(400) // 3
    data = from_pairs([f"q {row}" for row in range(400)], [f"a {row}" for row in range(400)], groups=groups)
    assert data.validation is not None
    trained, validated = ({groups[int(text[2:])] for text in part.first} for part in (data, data.validation))
    assert not trained & validated


def test_pairs_that_all_hang_together_are_all_trained_on() -> None:
    data = from_pairs(["the same"] * 400, [f"answer {row}" for row in range(400)])
    assert data.validation is None


def test_pairs_that_teach_nothing_are_refused() -> None:
    with pytest.raises(EmbedlabError, match="3 pairs to learn from are too few"):
        from_pairs("abc", "def")
    with pytest.raises(EmbedlabError, match="the same score"):
        from_pairs("abcd", "efgh", [1.0] * 4)


# --- Batches ---


def test_no_class_comes_twice_in_a_batch_and_each_text_once_in_an_epoch() -> None:
    data = labelled(10, 6)
    made = plan(data, LABELS)
    code = dict(zip(data.texts, data.codes.tolist(), strict=True))
    anchors, positives = made.columns["anchor"], made.columns["positive"]
    for rows in made.batches:
        assert 1 < len(rows) <= 9  # one that is left over joins a full one
        classes = [code[anchors[row]] for row in rows]
        assert len(set(classes)) == len(classes)
        for row in rows:
            assert code[anchors[row]] == code[positives[row]]
            assert anchors[row] != positives[row]
    assert set(Counter(anchors[row] for rows in made.batches for row in rows).values()) == {LABELS.epochs}


def test_batches_are_of_like_size_and_never_larger_than_asked_for() -> None:
    data = labelled(10, 9)
    made = plan(data, Recipe("m", "labels", loss="ranking", batch=8, epochs=3))
    assert {len(rows) for rows in made.batches} <= {7, 8}
    assert len(made.batches) == 3 * 12


def test_a_batch_costs_what_its_pieces_cost() -> None:
    long, short = "x" * 90, "y" * 10
    texts = [long] * 4 + [short] * 28
    made = plan(from_pairs(texts, texts[::-1], range(32)), Recipe("m", "scored", batch=32, epochs=1))
    assert len(made.batches) == 1
    assert made.padded == 2 * (16 * 90 + 16 * 10)


def test_the_partners_change_from_epoch_to_epoch() -> None:
    data = labelled(10, 6)
    made = plan(data, LABELS)
    partners = list(zip(made.columns["anchor"], made.columns["positive"], strict=True))
    assert len(set(partners[:60]) & set(partners[60:])) < 30


def test_a_plan_is_the_same_for_the_same_seed_alone() -> None:
    data = labelled(10, 6)
    again, other = plan(data, LABELS), plan(data, Recipe("m", "labels", loss="ranking", epochs=2, batch=8, seed=1))
    assert plan(data, LABELS).batches == again.batches
    assert again.columns != other.columns


def test_pairs_of_like_length_share_a_batch() -> None:
    rng = np.random.default_rng(0)
    texts = ["x" * int(length) + f" {row}" for row, length in enumerate(rng.lognormal(3, 1, 2000))]
    made = plan(from_pairs(texts[:1000], texts[1000:], np.arange(1000)), Recipe("m", "scored", epochs=1))
    used = [row for rows in made.batches for row in rows]
    rng.shuffle(used)
    anywhere = [used[at : at + 32] for at in range(0, len(used), 32)]
    sides = made.columns["anchor"], made.columns["positive"]
    padded = sum(2 * len(rows) * max(len(side[row]) for side in sides for row in rows) for rows in anywhere)
    assert made.padded < 0.8 * padded


def test_a_class_that_is_most_of_the_texts_does_not_fill_batches_alone() -> None:
    codes = np.array([0] * 90 + [1] * 6 + [2] * 4)
    data = TrainingData("labels", texts=tuple(f"t{row}" for row in range(100)), codes=codes, names=("a", "b", "c"))
    made = plan(data, Recipe("m", "labels", loss="ranking", epochs=1))
    assert all(len(rows) > 1 for rows in made.batches)
    assert len(made.batches) == 6


def test_with_prototypes_each_text_comes_once_an_epoch_in_batches_of_like_size() -> None:
    data = labelled(10, 9)
    made = plan(data, Recipe("m", "labels", batch=32, epochs=2))
    assert [len(rows) for rows in made.batches] == [30] * 6
    assert sorted(row for rows in made.batches for row in rows) == list(range(180))
    assert made.columns == {"text": list(data.texts) * 2, "label": data.codes.tolist() * 2}
    assert made.batches[0] != [row - 90 for row in made.batches[3]]


def test_triplet_batches_hold_two_of_a_class() -> None:
    data = labelled(3, 21)
    made = plan(data, Recipe("m", "labels", batch=8, epochs=1))
    for rows in made.batches:
        assert len(rows) <= 8
        assert min(Counter(made.columns["label"][row] for row in rows).values()) >= 2
    assert len({row for rows in made.batches for row in rows}) == 60


def test_pairs_that_share_a_text_share_no_batch() -> None:
    first = [f"question {row % 20}" for row in range(100)]
    second = [f"Answer {row % 30}" if row % 2 else f"answer  {row % 30}" for row in range(100)]
    made = plan(from_pairs(first, second), Recipe("m", "pairs", epochs=1))
    for rows in made.batches:
        for side in ("anchor", "positive"):
            said = [" ".join(made.columns[side][row].casefold().split()) for row in rows]
            assert len(set(said)) == len(said)


def test_scored_pairs_all_come() -> None:
    data = from_pairs([f"a {row}" for row in range(70)], [f"b {row}" for row in range(70)], np.arange(70) / 70)
    made = plan(data, Recipe("m", "scored", epochs=1))
    assert sorted(row for rows in made.batches for row in rows) == list(range(len(data)))
    assert list(made.columns) == ["anchor", "positive", "score"]


# --- On disk ---


@pytest.mark.parametrize("kind", ["labels", "scored", "pairs"])
def test_what_was_written_comes_back(kind: str, tmp_path: Path) -> None:
    first = [f"line\n{row} “é” \u2028 😀" for row in range(400)]
    second = [f"b {row}" for row in range(400)]
    if kind == "labels":
        data = TrainingData("labels", texts=tuple(first), codes=np.arange(400) % 9, names=tuple("abcdefghi"))
        data = data.with_validation(np.arange(40))
    else:
        data = from_pairs(first, second, np.arange(400.0) / 3 if kind == "scored" else None)
    data.write(tmp_path / "data.jsonl")
    back = TrainingData.read(tmp_path / "data.jsonl")
    assert back.fingerprint == data.fingerprint
    assert back.validation is not None
    assert len(back.validation) == (40 if kind == "labels" else 30)


def test_every_text_and_class_counts_in_the_fingerprint() -> None:
    data = labelled(3, 4)
    other = TrainingData("labels", texts=(*data.texts[:-1], "another"), codes=data.codes, names=data.names)
    moved = TrainingData("labels", texts=data.texts, codes=data.codes[::-1], names=data.names)
    kept = data.with_validation(np.array([0]))
    assert len({each.fingerprint for each in (data, other, moved, kept)}) == 4
