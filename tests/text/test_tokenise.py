"""Text to words, for each of the purposes that words have."""

from __future__ import annotations

import pytest

from embedlab.text.tokenise import bare_words, index_words, pieces, surfaces, unspaced, with_marks, word_spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop the king’s two-factor C++", ["don't", "stop", "the", "king", "two", "factor", "c"]),
        ("CAFÉ Ａｂｃ ﬁne 3.14", ["café", "abc", "fine", "3", "14"]),
        ("cafe\u0301", ["café"]),
        ("snake_case", ["snake", "case"]),
        ("我的银行", ["我的", "的银", "银行"]),
        ("我", ["我"]),
        ("カード・ab", ["カー", "ード", "ab"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("great 😀!", ["great", "😀"]),
        ("?!", ["?", "!"]),
        ("a\ud800b", ["a", "\ufffd", "b"]),
        (" \n\u200b", []),
    ],
)
def test_words_that_are_looked_for(text: str, expected: list[str]) -> None:
    """Vectors of TF-IDF hang on them: another answer here needs another `embedlab.encoders.tfidf.METHOD`."""
    assert index_words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("can't top-up 20 € or €5, 100%", ["cant", "top", "up", "20", "or", "€", "5", "100", "%"]),
        ("猫が 3 匹", ["猫", "が", "3", "匹"]),
        ("人々・𠀋𠀌", ["人", "々", "𠀋", "𠀌"]),
        ("हिन्दी", ["हिन्दी"]),
        ("... 🙂", []),
    ],
)
def test_words_that_texts_have_in_common(text: str, expected: list[str]) -> None:
    assert bare_words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A well-known man's dog... 2_3!", ["A", "well-known", "man's", "dog", "...", "2", "_", "3", "!"]),
        ("人々は𠀋。", ["人", "々", "は", "𠀋", "。"]),
        ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs are of the word
        ("شَطّار.", ["شَطّار", "."]),
        ("ﾈｺ", ["ﾈ", "ｺ"]),
        ("", []),
    ],
)
def test_words_where_they_stand(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in word_spans(text)] == expected


def test_all_agree_on_what_is_written_without_spaces() -> None:
    for sign in "人々〇𠀋豈ぁゟァヿㇰﾈกຂကខ\u1780":
        assert unspaced(f"a{sign}b")
        assert index_words(f"a{sign}b") == ["a", *index_words(sign), "b"]
        assert [f"a{sign}b"[slice(*span)] for span in word_spans(f"a{sign}b")] == ["a", sign, "b"]
        assert sign not in pieces(surfaces(f"a{sign}b")[0])[0]
    assert not unspaced("한국어 हिन्दी français")


def test_characters_have_their_marks() -> None:
    assert with_marks("e\u0301a\u0300\u0323b") == ["e\u0301", "a\u0300\u0323", "b"]
    assert with_marks("\u0301a") == ["\u0301", "a"]
    assert with_marks("") == []
