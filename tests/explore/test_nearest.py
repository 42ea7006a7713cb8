"""Finding texts, and placing a new one on the map."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder
from embedlab.explore.nearest import Placement, containing, nearest, neighbours_of, place
from embedlab.space.neighbours import neighbours
from embedlab.space.space import Layout, Space


def space_of(letters: Encoder, texts: list[str]) -> Space:
    return Space(Corpus.of(texts), letters.card, letters.encode(texts), np.zeros(len(texts), dtype=bool))


@pytest.mark.parametrize(
    ("needle", "rows"),
    [
        ("card", [0, 1]),
        ("CARD", [0, 1]),
        ("a.d", [2]),
        ("cafe", [3]),
        ("CAFÉ", [3]),
        ("strasse", [4]),
        ("한", [5]),
        ("ㅎ", []),
        ("नी", []),
        ("नि", [6]),
        ("nothing", []),
    ],
)
def test_containing_is_literal_but_for_case_and_accents(needle: str, rows: list[int]) -> None:
    texts = ["My card", "CARDS!", "a.d", "Cafe\u0301 noir", "Straße", "한국", "निम"]
    assert containing(texts, needle).tolist() == rows


def test_containing_decomposed_accents() -> None:
    assert containing(["cafe\u0301", "café", "cafe"], "café").tolist() == [0, 1, 2]


@pytest.mark.parametrize("needle", ["", "  ", "\u0301"])
def test_nothing_to_look_for(needle: str) -> None:
    with pytest.raises(EmbedlabError, match="nothing to look for"):
        containing(["text"], needle)


def test_nearest_by_hand(letters: Encoder) -> None:
    hits = nearest(space_of(letters, ["b", "ab", "a", "c", "a"]), 7 * letters.encode(["a"])[0], k=3)
    assert hits.rows.tolist() == [2, 4, 1]
    assert hits.cosines == pytest.approx([1, 1, 1 / math.sqrt(2)])


def test_nearest_of_equal_cosines_is_the_earlier_row(letters: Encoder) -> None:
    hits = nearest(space_of(letters, ["x"] * 50 + ["a"] * 50), letters.encode(["a"])[0], k=4)
    assert hits.rows.tolist() == [50, 51, 52, 53]


def test_nearest_gives_all_if_there_are_fewer(letters: Encoder) -> None:
    assert len(nearest(space_of(letters, ["a", "b"]), letters.encode(["a"])[0], k=10)) == 2


@pytest.mark.parametrize("vector", [np.zeros(27), np.full(27, np.nan), np.ones(3)])
def test_unusable_vectors_are_refused(letters: Encoder, vector: np.ndarray) -> None:
    with pytest.raises(EmbedlabError):
        nearest(space_of(letters, ["a"]), vector.astype(np.float32))


def test_neighbours_of_a_row_with_stored_and_with_more_neighbours(letters: Encoder) -> None:
    space = space_of(letters, ["a", "ab", "b", "bc", "abc"])
    few = neighbours(space, k=2)
    assert neighbours_of(space, few, 0, k=2).rows.tolist() == [1, 4]
    more = neighbours_of(space, few, 0, k=10)
    assert more.rows.tolist() == [1, 4, 2, 3]
    assert more.cosines == pytest.approx([1 / math.sqrt(2), 1 / math.sqrt(3), 0, 0])
    with pytest.raises(EmbedlabError, match="no text number 6"):
        neighbours_of(space, few, 5)


def placed(letters: Encoder, text: str, spots: dict[str, tuple[float, float]], k: int = 10) -> Placement:
    space = space_of(letters, list(spots))
    layout = Layout(np.array(list(spots.values()), dtype=np.float32), "UMAP", (), space.fingerprint)
    return place(space, layout, neighbours(space), letters.encode([text])[0], k)


def test_placed_in_the_middle_of_neighbours_that_lie_together(letters: Encoder) -> None:
    found = placed(letters, "a", {"aab": (0, 0), "aac": (1, 0), "z": (100, 100)}, k=2)
    assert found.position == pytest.approx([0.5, 0])
    assert found.together == 2
    assert found.spread == pytest.approx(0.5 / math.hypot(98, 98), rel=0.05)


def test_nearer_neighbours_weigh_more(letters: Encoder) -> None:
    """The cosines to "a" are 1 and 1/sqrt 2, so the middle of 0 and 1 moves to 1 / (1 + sqrt 2)."""
    found = placed(letters, "a", {"aa": (0, 0), "ab": (1, 0), "z": (100, 100)}, k=2)
    assert found.position == pytest.approx([1 / (1 + math.sqrt(2)), 0], abs=1e-6)


def test_placed_with_the_majority_and_not_in_the_void_between(letters: Encoder) -> None:
    found = placed(letters, "a", {"aaab": (100, 0), "aab": (0, 0), "aac": (2, 0), "aad": (1, 0), "z": (50, 90)}, k=4)
    assert found.position == pytest.approx([1, 0])
    assert found.together == 3
    assert "where 3 of its 4 nearest texts lie together" in found.sentence


def test_scattered_neighbours_are_said_to_be(letters: Encoder) -> None:
    found = placed(letters, "a", {"aab": (0, 0), "aac": (100, 0), "aad": (0, 100), "aae": (100, 100)}, k=4)
    assert found.together == 1
    assert found.position == pytest.approx([0, 0])
    assert "scattered" in found.sentence


def test_fit_compares_with_the_corpus_itself(letters: Encoder) -> None:
    """The nearest of "ab" and "ac" are each other at 1/2; of "b" and "c" they, at 1/sqrt 2."""
    spots = {"ab": (0.0, 0.0), "ac": (1.0, 0.0), "b": (2.0, 0.0), "c": (3.0, 0.0)}
    known = placed(letters, "ab", spots)
    assert known.fit == 1
    assert known.sentence.startswith("This text is in the corpus already")
    stranger = placed(letters, "xyz", spots)
    assert stranger.fit == 0
    assert stranger.nearest == 0
    assert stranger.sentence.startswith("Nothing like this is in the corpus: its nearest text is at cosine 0.00")
    loose = placed(letters, "aaabdd", spots)
    assert loose.nearest == pytest.approx(4 / math.sqrt(28))
    assert loose.sentence.startswith("Fits well")


def test_copies_do_not_raise_the_bar(letters: Encoder) -> None:
    space = space_of(letters, ["ab", "ab", "ab", "ac", "ac"])
    layout = Layout(np.zeros((5, 2), dtype=np.float32), "UMAP", (), space.fingerprint)
    found = place(space, layout, neighbours(space), letters.encode(["a"])[0])
    assert found.fit == 1


def test_corpus_of_one_text_and_three_dimensions(letters: Encoder) -> None:
    space = space_of(letters, ["a"])
    layout = Layout(np.array([[1, 2, 3]], dtype=np.float32), "PCA", (), space.fingerprint)
    found = place(space, layout, neighbours(space), letters.encode(["ab"])[0])
    assert found.position.tolist() == [1, 2, 3]
    assert math.isnan(found.fit)
    assert "only one text" in found.sentence
