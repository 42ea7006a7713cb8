"""Pairs that share a text stay on one side; what can't be split says so."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.pair_split import belonging, pair_split, pair_texts
from embedlab.corpus.reading.table import read_table
from tests.sentences import say


def test_pairs_that_share_a_text_are_on_one_side() -> None:
    first = [f"text {number // 2}" for number in range(40)]
    second = [f"Other {number}" for number in range(40)]
    second[3] = "TEXT  7"  # joins the group of text 1 and that of text 7
    for seed in range(20):
        found = pair_split("pairs", first, second, seed=seed)
        sides = [
            {first[pair] for pair in side} | {second[pair].casefold().replace("  ", " ") for pair in side}
            for side in (found.train.tolist(), found.held_out.tolist())
        ]
        assert not sides[0] & sides[1]
        assert sorted([*found.train, *found.held_out]) == list(range(40))
        assert 8 <= len(found.held_out) <= 12


def test_pairs_of_near_copies_are_on_one_side() -> None:
    first, second = [f"a{n}" for n in range(40)], [f"B{n}" for n in range(40)]
    texts = pair_texts(first, second)
    assert texts[:2] == ("a0", "a1")
    assert len(texts) == 80
    together = np.arange(80)
    for number in range(10):  # the first text of one pair nearly repeats the second of another
        together[texts.index(f"a{number}")] = together[texts.index(f"B{number + 20}")]
    for seed in range(10):
        found = pair_split("pairs", first, second, seed=seed, together=together)
        held = set(found.held_out.tolist())
        assert all((number in held) == (number + 20 in held) for number in range(10))
        assert found.groups[3] == found.groups[23] != found.groups[4]
        assert found.corpus.texts == texts
        assert 9 <= len(held) <= 12
        assert "10 groups of near-copies stay on one side as a whole (20 texts)." in found.notes
    assert found.measured_on == f"{len(held)} held-out pairs, drawn at random (seed 9)"
    with pytest.raises(EmbedlabError, match="share or nearly share"):
        pair_split("pairs", first, second, together=np.zeros(80, dtype=np.intp))
    with pytest.raises(ValueError, match="groups of 3 texts for pairs of 80"):
        pair_split("pairs", first, second, together=np.arange(3))


def test_the_same_seed_splits_alike_and_another_otherwise() -> None:
    first, second = [f"a{n}" for n in range(50)], [f"b{n}" for n in range(50)]
    one, same, other = (pair_split("p", first, second, seed=seed) for seed in (0, 0, 1))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert one.texts(np.array([2])) == (("a2",), ("b2",))
    vectors = np.zeros((100, 3), dtype=np.float32)
    vectors[one.first, 0] = vectors[one.second, 0] = 0.6
    vectors[one.first, 1] = vectors[one.second, 2] = 0.8
    assert np.allclose(one.cosines(vectors), [0.36] * 15)
    assert "Only 15 pairs are held out" in one.notes[0]


def test_pairs_that_all_hang_together_can_not_be_split() -> None:
    with pytest.raises(EmbedlabError, match="hang together"):
        pair_split("p", ["one"] * 30, [f"b{n}" for n in range(30)])


@pytest.mark.parametrize("head", ["positive,anchor", "Answer,Query"])
def test_columns_are_known_by_name(head: str) -> None:
    rows = "b1,a1\nb2,a2\nb1,a1\n,a3\nsame,SAME\n"
    first, second, notes = belonging(read_table(f"{head}\n{rows}".encode(), "p.csv"))
    assert (first, second) == (("a1", "a2"), ("b1", "b2"))
    assert say(notes, ("2 rows", "left out"), ("1 pair", "counts once"))


def test_one_column_is_no_pair() -> None:
    with pytest.raises(EmbedlabError, match="no two columns of texts"):
        belonging(read_table(b"text,score\nhello there,1\nyou,2\n", "p.csv"))
