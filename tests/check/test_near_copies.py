"""Near-copies are found whatever model reads the texts, and a split keeps them on one side."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.truths.ground import split_apart
from embedlab.check.duplicates import Duplicates
from embedlab.check.near_copies import joined, near_copies, numbered, takes_part
from embedlab.corpus import Column, Corpus
from embedlab.corpus.split import split
from embedlab.finetune.data import from_labels

THINGS = ["card", "transfer", "balance", "exchange", "statement", "password", "address", "currency", "refund", "shop"]
DOINGS = ["cancel", "freeze", "replace", "verify", "dispute", "withdraw", "deposit", "explain", "confirm", "translate"]


def distinct() -> list[str]:
    """A hundred texts none of which nearly repeats another."""
    return [
        f"please {doing} {thing} number{at}{doing} for {other}{at}"
        for at, (doing, thing, other) in enumerate(
            (doing, thing, THINGS[(place + turn) % 10])
            for turn, doing in enumerate(DOINGS) for place, thing in enumerate(THINGS)
        )
    ]  # fmt: skip


def mistyped(text: str) -> str:
    """The same text with other capitals, another order and a sign more."""
    return f"{' '.join(text.upper().split()[1:])}, Please!"


def with_copies() -> tuple[Corpus, Column, Column, list[tuple[int, int]]]:
    """A hundred texts to learn from or to be asked about, and near-copies of twenty of the latter among the former."""
    texts = distinct()
    sides = ["test" if at % 3 == 0 else "train" for at in range(100)]
    planted = [at for at in range(100) if sides[at] == "test"][:20]
    pairs = [(at, 100 + place) for place, at in enumerate(planted)]
    labels = [f"class {at % 4}" for at in range(100)]
    texts += [mistyped(texts[at]) for at in planted]
    labels += [labels[at] for at in planted]
    sides += ["train"] * 20
    columns = (
        Column("label", "category", np.array(labels, dtype=object)),
        Column("part", "category", np.array(sides, dtype=object)),
    )
    return Corpus("planted", tuple(texts), columns), *columns, pairs


def test_planted_copies_share_a_number_and_nothing_else_does() -> None:
    corpus, _, _, pairs = with_copies()
    found = near_copies(corpus.texts)
    assert all(found[one] == found[other] for one, other in pairs)
    assert len(np.unique(found)) == 100


@pytest.mark.parametrize("texts", [[], ["alone"], ["same", "Same "], ["same", "same"], ["", " "]])
def test_few_texts(texts: list[str]) -> None:
    found = near_copies(texts)
    assert len(found) == len(texts)
    assert len(set(found.tolist())) <= 1


def test_what_hangs_together_shares_a_number() -> None:
    pairs = np.array([[0, 1], [1, 2], [4, 5]])
    found = Duplicates((np.array([5, 7]),), pairs, np.array([0.95, 0.92, 0.9]))
    together = joined(found, 8)
    assert together[0] == together[1] == together[2]
    assert together[4] == together[5] == together[7]
    assert len(np.unique(together)) == 4
    assert len(np.unique(joined(found, 8, threshold=0.93))) == 6


def test_numbers_of_some_rows_are_those_of_no_other() -> None:
    found = numbered(5, np.array([1, 3, 4]), np.array([0, 1, 0]))
    assert found.tolist() == [0, 5, 2, 6, 5]


def test_no_near_copy_is_on_both_sides_however_it_is_split() -> None:
    corpus, labels, part, pairs = with_copies()
    leaky = split(corpus, labels, by=part)
    assert all(copy in leaky.train and asked in leaky.held_out for asked, copy in pairs)
    found = split_apart(corpus, labels, by=part)
    assert not set(found.train) & {copy for _, copy in pairs}
    assert found.held_out.tolist() == leaky.held_out.tolist()
    assert "20 texts to learn from nearly repeat a held-out one: not learned from." in found.notes
    for seed in range(5):
        drawn = split_apart(corpus, labels, seed=seed)
        learnt, asked = set(drawn.train.tolist()), set(drawn.held_out.tolist())
        assert not any((one in learnt and other in asked) or (one in asked and other in learnt) for one, other in pairs)


def test_what_takes_part_is_the_same_for_every_number_of_labels() -> None:
    corpus, labels, part, _ = with_copies()
    assert takes_part(corpus, labels, by=part, per_class=2).tolist() == list(range(120))
    assert len(takes_part(corpus, labels, most=50)) == 50


def test_the_validation_part_of_a_training_shares_no_near_copy_with_the_rest() -> None:
    texts = [f"{text} {turn}{text[::-1]}" for turn in range(8) for text in distinct()]
    texts = [copy for text in texts[:400] for copy in (text, mistyped(text))] + texts[400:]
    labels = Column("label", "category", np.array([f"class {at // 2 % 4}" for at in range(len(texts))], dtype=object))
    corpus = Corpus.of(texts)
    parted = split_apart(corpus, labels, held_out=0.2)
    assert parted.together is not None
    data = from_labels(corpus, parted)
    assert data.validation is not None
    of = dict(zip(corpus.texts, parted.together.tolist(), strict=True))
    assert not {of[text] for text in data.texts} & {of[text] for text in data.validation.texts}
