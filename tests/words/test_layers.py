"""A sentence on its way through a model, with layers that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.words.layers import MOST_TOKENS, characters, paths, plane, pooling_weights, through
from tests.words.word_inside import WordInside, letter


def test_tokens_are_named_by_what_they_are() -> None:
    passage = through(WordInside(), "apple 🚀 bear", "query: ")
    assert passage.trace.pieces == ("[START]", "query:", "apple", "🚀", "bear")
    assert passage.kinds == ("special", "prompt", "word", "unknown", "word")
    assert passage.own.tolist() == [1, 2, 3, 4]
    assert (passage.text, passage.tokens, passage.cut) == ("apple 🚀 bear", 5, 0)


def test_a_prompt_without_a_space_after_it() -> None:
    assert through(WordInside(), " a", "q:").kinds == ("special", "prompt", "word")


def test_what_is_cut_is_counted() -> None:
    passage = through(WordInside(window=4), "a b c d e")
    assert (len(passage.trace), passage.tokens, passage.cut) == (4, 6, 2)


def test_mean_pooling_by_hand() -> None:
    """[START] a: (0.5, 0.5) at the end of both dimensions' means, so both add one half."""
    passage = through(WordInside(), "a")
    assert passage.weights is not None
    assert passage.shares is not None
    assert passage.vector is not None
    assert passage.weights.tolist() == [0.5, 0.5]
    np.testing.assert_allclose(passage.shares, [0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(passage.vector[[0, 26]], [0.5**0.5] * 2, atol=1e-6)


def test_shares_follow_the_direction_of_the_result() -> None:
    """Of [START] a a a, each a adds more than [START]: they agree."""
    shares = through(WordInside(), "a a a").shares
    assert shares is not None
    assert shares[1] == shares[2] > shares[0]
    assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize(("pooling", "place"), [("first", 0), ("last", 2)])
def test_pooling_of_one_token(pooling: str, place: int) -> None:
    passage = through(WordInside(pooling), "a b")
    assert passage.shares is not None
    assert passage.vector is not None
    assert passage.shares.tolist() == pytest.approx(np.eye(3)[place].tolist())
    last = passage.trace.hidden[-1, place]
    np.testing.assert_allclose(passage.vector, last / np.linalg.norm(last), atol=1e-6)


def test_other_pooling_is_not_guessed() -> None:
    passage = through(WordInside("other"), "a b")
    assert passage.weights is passage.shares is passage.vector is None
    assert pooling_weights("other", 3) is None


def test_fewer_dimensions_than_the_tokens_have() -> None:
    vector = through(WordInside(dimensions=5), "a b").vector
    assert vector is not None
    assert vector.shape == (5,)
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_attention_of_heads_and_their_mean() -> None:
    passage = through(WordInside(), "a b c")
    assert passage.attention(1, 1).tolist() == np.full((4, 4), 0.25).tolist()
    assert passage.attention(1, 2).tolist() == passage.attention(2).tolist() == np.eye(4).tolist()
    np.testing.assert_allclose(passage.attention(1), (np.eye(4) + 0.25) / 2)
    assert [passage.to_special(1, 1), passage.to_special(1, 2)] == pytest.approx([0.25, 0])
    assert [passage.to_special(1), passage.to_special(2)] == pytest.approx([0.125, 0])


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_is_refused(text: str) -> None:
    with pytest.raises(EmbedlabError, match="no sentence"):
        through(WordInside(), text)


def test_more_than_can_be_shown_is_refused_before_it_is_computed() -> None:
    with pytest.raises(EmbedlabError, match=r"2,001 tokens, and 512 are the most"):
        through(WordInside(window=8000), "a " * 2000)
    assert len(through(WordInside(window=MOST_TOKENS), "a " * 2000).trace) == MOST_TOKENS


def test_a_lone_surrogate_is_read_as_unknown() -> None:
    assert through(WordInside(), "a \ud800").text == "a \ufffd"


def test_characters_by_hand() -> None:
    found = characters("né né\u200b\x00")
    assert (found.count, found.bytes) == (7, 11)
    told = [(odd.character, odd.count, odd.code, odd.name) for odd in found.odd]
    assert told == [
        ("é", 2, "U+00E9", "LATIN SMALL LETTER E WITH ACUTE"),
        ("\u200b", 1, "U+200B", "ZERO WIDTH SPACE"),
        ("\x00", 1, "U+0000", "a control character"),
    ]
    assert not characters("plain, and\ttwo\nlines").odd


def test_paths_share_their_axes() -> None:
    """Two tokens, each turning by a quarter: four corners of a square, all of it on two axes."""
    hidden = np.array([[[2, 0, 0], [-3, 0, 0]], [[0, 1, 0], [0, -5, 0]]], dtype=np.float32)
    found = paths(hidden)
    assert found.positions.shape == (2, 2, 2)
    assert found.shown == pytest.approx(1)
    corners = found.positions.reshape(4, 2)
    np.testing.assert_allclose(np.linalg.norm(corners, axis=1), 1, atol=1e-6)
    assert found.positions[0] @ found.positions[1].T == pytest.approx(np.zeros((2, 2)), abs=1e-6)


def test_a_plane_of_points_that_do_not_differ() -> None:
    positions, shown = plane(np.tile(letter("a"), (3, 1)))
    assert not positions.any()
    assert shown == 1
    assert plane(np.ones((1, 1)))[0].shape == (1, 2)


def test_a_plane_says_how_much_it_holds() -> None:
    """Three axes of equal variance: two of them hold two thirds."""
    points = np.vstack([np.eye(3), -np.eye(3)])
    assert plane(points)[1] == pytest.approx(2 / 3)
