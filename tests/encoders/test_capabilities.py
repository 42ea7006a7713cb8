"""What an encoder that does nothing but encode is asked, and what one that can do more answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder, Vectors
from embedlab.encoders.capabilities import fitted_to_texts, lexicon_of, over_window, parts_of, unknown_to
from embedlab.explore.explain import explain
from embedlab.search.methods import query_vectors
from embedlab.search.search import meaning_notes
from embedlab.space.embedding import embed
from embedlab.words.lists import words_of_model
from tests.conftest import LetterEncoder


class Plain:
    """Counts letters and can do nothing else; it reads eight tokens, but counts none."""

    def __init__(self) -> None:
        self._letters = LetterEncoder()
        self.card = self._letters.card

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        return self._letters.encode(texts, query)


def test_an_encoder_that_only_encodes_is_one_and_tells_nothing_else() -> None:
    plain = Plain()
    assert isinstance(plain, Encoder)
    assert fitted_to_texts(plain) is None
    assert parts_of(plain, "ab") is None
    assert lexicon_of(plain) is None
    assert unknown_to(plain, ["ab"]) is None
    assert over_window(plain, ["a " * 9, "a"]).tolist() == [False, False]


def test_without_parts_a_cosine_is_explained_by_leaving_words_out() -> None:
    found = explain(Plain(), "a b", "a")
    assert (found.method, found.first.pieces) == ("left out", ("a", "b"))


def test_without_counts_and_words_nothing_is_said_of_them() -> None:
    assert meaning_notes(Plain(), "a " * 9) == ()
    assert words_of_model(Plain()) == ()
    assert not embed(Corpus.of(["a " * 9, "b"]), Plain()).over_window.any()


def test_what_counts_is_asked_of_texts_that_may_be_too_long_only(monkeypatch: pytest.MonkeyPatch) -> None:
    letters, asked = LetterEncoder(window=3), []

    def count(texts: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        asked.extend(texts)
        return np.array([len(text.split()) for text in texts], dtype=np.int32)

    monkeypatch.setattr(letters, "count_tokens", count)
    assert over_window(letters, ["a", "a b", "a b c", "a b c d", "a\ud800 b c d"]).tolist() == [False] * 3 + [True] * 2
    assert asked == ["a b", "a b c", "a b c d", "a\ud800 b c d"]
    assert parts_of(letters, "ab") is not None
    assert not over_window(LetterEncoder(window=0), ["a " * 100]).any()


def test_a_failure_of_a_model_that_is_not_fitted_is_said_and_no_vector_of_zeros() -> None:
    class Failing(Plain):
        def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
            raise EmbedlabError("It is asleep: wake it.")

    with pytest.raises(EmbedlabError, match="asleep"):
        query_vectors(Failing(), ["a", "b"])

    class Fitted(Failing):
        def refitted(self, texts: Sequence[str]) -> Fitted:
            return self

    assert not query_vectors(Fitted(), ["a", "b"]).any()
