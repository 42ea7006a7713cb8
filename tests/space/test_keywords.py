"""Words in many scripts, and the words that set a group apart."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.space import keywords as words_module
from embedlab.space.keywords import distinctive, distinctive_of, log_likelihood, vocabulary
from embedlab.text.tokenise import BREAK, pieces, surfaces


def spoken(text: str) -> list[str]:
    return [word for surface in surfaces(text) for word in pieces(surface) if word != BREAK]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Can't use the two-factor code!", ["Can't", "use", "the", "two-factor", "code"]),
        ("ATMs, C++ and C# in the U.S. today", ["ATMs", "C++", "and", "C#", "in", "the", "U.S.", "today"]),
        ("route 66 and w2 and 3D", ["route", "and", "w2", "and", "3D"]),
        ("snake_case and _emphasis_", ["snake_case", "and", "emphasis"]),
        ("Größe café naïve", ["Größe", "café", "naïve"]),
        ("cafe\u0301", ["café"]),
        ("Привет, мир", ["Привет", "мир"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("السلام عليكم", ["السلام", "عليكم"]),
        ("은행 카드", ["은행", "카드"]),
        ("机器学习", ["机器", "器学", "学习"]),
        ("銀行のATMカード", ["銀行", "の", "ATM", "カード"]),
        ("บัตรเครดิต", ["บัตร", "ตรเ", "รเค", "เคร", "ครดิ", "รดิต"]),
        ("😀 123 !? " + "x" * 61, []),
        ("<br>see https://a.b/c?d=e &amp; go", ["see", "go"]),
        ('on \\alpha and the Schr\\"odinger equation', ["on", "and", "the", "Schrödinger", "equation"]),
        ("", []),
    ],
)
def test_words_of_many_scripts(text: str, words: list[str]) -> None:
    assert spoken(text) == words


def test_presence_counts_texts_not_occurrences() -> None:
    found = vocabulary(["red red apple", "red pear", "the green pear"])
    frequency = dict(zip(found.terms, found.frequencies.tolist(), strict=True))
    assert frequency == {"red": 2, "apple": 1, "pear": 2, "green": 1}
    assert found.presence.shape == (3, 4)
    assert found.presence.toarray().max() == 1


def test_most_frequent_form_is_shown() -> None:
    found = vocabulary(["ATM", "ATM", "atm", "Card", "card", "Paris", "Paris"])
    assert set(found.terms) == {"ATM", "card", "Paris"}


def test_words_side_by_side_become_a_pair_only_if_they_belong_together() -> None:
    texts = [
        "my top-up failed", "top up failed", "can I top up", "a top up now", "virtual card lost",
        "virtual card", "lost. virtual card", "card. lost", "card lost", "lost card",
    ]  # fmt: skip
    terms = vocabulary(texts).terms
    assert "top up" in terms
    assert "top-up" not in terms
    assert "virtual card" in terms
    assert "lost virtual" not in terms


def test_words_that_meet_by_chance_are_no_pair() -> None:
    texts = [
        f"{colour} {fruit}" for colour in ("red", "blue", "grey", "pink") for fruit in ("fig", "pear", "plum", "kiwi")
    ]
    assert all(" " not in term for term in vocabulary(texts * 2).terms)


def test_break_keeps_words_of_two_sentences_apart() -> None:
    assert "york mayor" not in vocabulary(["new york. mayor"] * 3).terms
    assert "york mayor" in vocabulary(["new york mayor"] * 3 + ["some other text"] * 9).terms


def test_log_likelihood_by_hand() -> None:
    """2 of 2 inside and 0 of 2 outside: 2 * 4 * ln 2."""
    ratio = log_likelihood(np.array([2.0, 0.0, 1.0]), 2, np.array([0.0, 2.0, 1.0]), 2)
    assert ratio == pytest.approx([8 * np.log(2), -8 * np.log(2), 0.0])


def test_distinctive_words_with_their_shares() -> None:
    texts = ["red apple", "red cherry", "red rose", "blue sky", "blue sea", "red and blue"]
    first, second = distinctive(vocabulary(texts), np.array([0, 0, 0, 1, 1, 1], dtype=np.int32))
    assert first[0].term == "red"
    assert (first[0].inside, first[0].outside) == pytest.approx((1, 1 / 3))
    assert second[0].term == "blue"
    assert "blue" not in [word.term for word in first]


def test_distinctive_leaves_out_forms_and_parts_of_chosen_words() -> None:
    texts = ["my virtual card"] * 4 + ["virtual cards"] * 2 + ["verify my name"] * 3 + ["verified"] + ["other"] * 9
    groups = np.array([0] * 10 + [1] * 9, dtype=np.int32)
    terms = [word.term for word in distinctive(vocabulary(texts), groups)[0]]
    assert terms == ["virtual card", "verify", "name"]


def test_texts_without_a_group_count_among_the_others() -> None:
    texts = ["red", "red", "blue", "blue", "blue"]
    (group,) = distinctive(vocabulary(texts), np.array([0, 0, -1, -1, -1], dtype=np.int32))
    assert [(word.term, word.outside) for word in group] == [("red", 0.0)]


def test_one_selection_gives_the_same_as_groups() -> None:
    texts = ["red apple", "red cherry", "blue sky", "blue sea"]
    found = vocabulary(texts)
    both = distinctive(found, np.array([0, 0, 1, 1], dtype=np.int32))
    assert distinctive_of(found, np.array([2, 3])) == both[1]
    assert distinctive_of(found, np.array([], dtype=np.intp)) == ()


def test_the_whole_corpus_is_described_by_its_frequent_words() -> None:
    found = vocabulary(["red. apple", "red. pear", "red. apple"])
    assert [word.term for word in distinctive_of(found, np.arange(3))] == ["red", "apple", "pear"]


@pytest.mark.parametrize("texts", [[], [""], ["😀", "123", "a"], ["the", "and of"]])
def test_texts_without_words(texts: list[str]) -> None:
    found = vocabulary(texts)
    assert len(found) == 0
    groups = distinctive(found, np.zeros(len(texts), dtype=np.int32))
    assert groups == [()] * min(1, len(texts))


def test_long_texts_are_read_in_part_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words_module, "MAX_CHARACTERS", 20)
    found = vocabulary(["begin " * 10 + "end", "short"])
    assert found.read_to == 10
    assert "end" not in found.terms
    assert vocabulary(["begin", "short"]).read_to is None


def test_fingerprint_stands_for_the_texts() -> None:
    assert vocabulary(["red"]).fingerprint == vocabulary(["red"]).fingerprint
    assert vocabulary(["red"]).fingerprint != vocabulary(["red", "red"]).fingerprint


def test_odd_characters_do_not_stop_it() -> None:
    found = vocabulary(["lone \ud800 surrogate", "nul\x00byte", "zero\u200bwidth", "soft\u00adhyphen"])
    assert {"lone", "surrogate", "nul", "byte", "zero", "width", "softhyphen"} <= set(found.terms)
