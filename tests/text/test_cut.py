"""Beginnings of texts: they end between two words, in any script, and say that they go on."""

from __future__ import annotations

import pytest

from embedlab.text.cut import beginning


@pytest.mark.parametrize(
    ("text", "length", "said"),
    [
        ("", 10, ""),
        ("as long", 7, "as long"),
        ("the quick brown fox", 16, "the quick brown…"),
        ("the quick brown fox", 17, "the quick brown…"),
        ("the quick brown\nfox", 17, "the quick brown…"),
        ("an uncharacteristically long word", 20, "an uncharacteristic…"),
        ("一二三四五六七八九十", 6, "一二三四五…"),
        ("ab" + "👩\u200d👩\u200d👧" * 3, 6, "ab…"),
        ("नमस्ते दुनिया", 4, "नम…"),
        ("cafe\u0301 noir", 5, "caf…"),
        ("👍\U0001f3fd👍\U0001f3fd👍\U0001f3fd", 4, "👍\U0001f3fd…"),
        ("x", 1, "x"),
        ("xy", 1, "x…"),
    ],
)
def test_a_text_that_is_cut_ends_between_two_words_and_says_so(text: str, length: int, said: str) -> None:
    assert beginning(text, length) == said


def test_of_many_short_lines_only_the_first_are_shown() -> None:
    poem = "\n".join("abcdefghij")
    assert beginning(poem, 100, 3) == "a\nb\nc…"
    assert beginning(poem, 100, 10) == poem
    assert beginning("one line", 100, 1) == "one line"
