"""Which texts are the same."""

from __future__ import annotations

import pytest

from embedlab.text.same import exact, folded, numbered


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"), ("ﬁne", "FINE"), ("a\u00a0b", "a b"), ("é", "e\u0301"), (" x ", "x"),
        ("ＨＥＬＬＯ", "hello"), ("a\t\n b", "A B"), ("ΑΣ", "ας"), ("ｶﾞ", "ガ"),
    ],
)  # fmt: skip
def test_texts_that_are_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert folded(one) != folded(one + " not")


def test_texts_are_numbered_by_what_counts_as_the_same() -> None:
    texts = ["hello", "HELLO", "other", " hello ", "ＨＥＬＬＯ", "hello"]
    assert numbered(texts, folded).tolist() == [0, 0, 1, 0, 0, 0]
    assert numbered(texts, exact).tolist() == [0, 1, 2, 3, 4, 0]
    assert numbered([], exact).tolist() == []


def test_what_a_model_has_learned_from_is_known_by_this_form() -> None:
    """Fine-tuned models keep hashes of it: another one would forget what they have learned from."""
    assert folded(" ＨÉllo\t Straße ΐ ｶﾞ ") == "héllo strasse \u03b9\u0308\u0301 ガ"
