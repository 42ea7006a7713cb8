"""Spaces of own vectors, and spaces of fewer dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from embedlab.base.arrays import frozen
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.vectors import OwnVectors
from embedlab.space.embedding import embed, neighbours_kept, own_space, shortened, verify_encoder


def corpus_with(values: list[list[float]], texts: tuple[str, ...] = ("a", "b", "c")) -> Corpus:
    own = OwnVectors("emb", frozen(np.array(values, dtype=np.float32)))
    return Corpus("texts", texts, vectors=(own,))


def test_own_vectors_are_scaled_to_length_one() -> None:
    space = own_space(corpus_with([[3, 4], [0, 2], [-5, 0]]), "emb", "some model")
    np.testing.assert_allclose(space.vectors, [[0.6, 0.8], [0, 1], [-1, 0]], rtol=1e-6)
    assert not space.vectors.flags.writeable
    assert (space.card.model, space.card.dimensions, space.encoded) == ("some model", 2, 0)
    assert "“emb”" in space.card.runtime


def test_other_vectors_make_another_space() -> None:
    one = own_space(corpus_with([[3, 4], [0, 2], [-5, 0]]), "emb")
    other = own_space(corpus_with([[3, 4], [0, 2], [-5, 1]]), "emb")
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize("bad", [[0, 0], [float("nan"), 1], [float("inf"), 1]])
def test_a_text_without_a_usable_vector_is_named(bad: list[float]) -> None:
    with pytest.raises(EmbedlabError, match=r"1 of 3 texts has no usable vector in “emb” \(row 2\)"):
        own_space(corpus_with([[3, 4], bad, [1, 0]]), "emb")


def test_an_unknown_column_is_said() -> None:
    with pytest.raises(EmbedlabError, match="No column “v” of vectors came with these texts \\(there is “emb”\\)"):
        own_space(corpus_with([[1, 0]] * 3), "v")


def test_copies_share_their_first_vector_and_that_is_said() -> None:
    space = own_space(corpus_with([[1, 0], [0, 1], [0, 1]], ("a", "a", "b")), "emb")
    np.testing.assert_array_equal(space.vectors[0], space.vectors[1])
    assert space.card.checked == "1 repeated texts have another vector: the first counts"


def test_the_model_that_made_them_speaks_for_them(letters: Any) -> None:
    texts = ("abc", "bcd", "xyz")
    made = letters.encode(texts)
    verify_encoder(letters, own_space(corpus_with(made.tolist(), texts), "emb"))
    with pytest.raises(EmbedlabError, match="do not look like those of letters"):
        verify_encoder(letters, own_space(corpus_with(made[::-1].tolist(), texts), "emb"))
    with pytest.raises(EmbedlabError, match="dimensions 2 against 27"):
        verify_encoder(letters, own_space(corpus_with([[1, 0]] * 3, texts), "emb"))


def test_fewer_dimensions_are_the_first_ones_scaled_again() -> None:
    space = own_space(corpus_with([[3, 4, 12], [0, 2, 1], [1, 0, 0]]), "emb")
    short = shortened(space, 2)
    np.testing.assert_allclose(short.vectors, [[0.6, 0.8], [0, 1], [1, 0]], rtol=1e-6)
    assert short.card.dimensions == 2
    assert short.fingerprint != space.fingerprint
    assert shortened(space, 3) is space
    for wrong in (0, 4, -1):
        with pytest.raises(EmbedlabError, match="choose between 1 and 3"):
            shortened(space, wrong)


def test_neighbours_kept_counted_by_hand() -> None:
    """On a line, the first dimension tells all; where it is the same for all, it tells nothing of the second."""
    angles = np.linspace(0, 1.2, 8)
    fan = np.stack([np.cos(angles), np.sin(angles), np.zeros(8)], axis=1)
    space = own_space(corpus_with(fan.tolist(), tuple("abcdefgh")), "emb")
    whole, two = neighbours_kept(space, [3, 2], k=2)
    assert (whole.share, whole.margin) == (1.0, 0.0)
    assert two.share == 1.0
    (one,) = neighbours_kept(space, [1], k=2)
    assert one.share < 0.75


def test_neighbours_kept_leaves_copies_and_tiny_corpora_out(letters: Any) -> None:
    assert neighbours_kept(embed(Corpus.of(["abc"]), letters), [5])[0].share == 1.0
    space = embed(Corpus.of(["abc", "abc", "abd", "xyz"]), letters)
    assert neighbours_kept(space, [27])[0].share == 1.0
