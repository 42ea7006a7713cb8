"""What is known of texts without reading them."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.check.findings.properties import Property, properties, unread
from embedlab.text.tokenise import script


def by_key(texts: list[str]) -> dict[str, Property]:
    return {one.key: one for one in properties(texts)}


def value(key: str, text: str) -> float:
    return float(by_key([text])[key].values[0])


WITH = ("cats", "dogs and birds", "two or three trees", "a house by the sea and so on", "it")
PLAIN = [f"this is an ordinary sentence with {word} in it" for word in WITH] * 4


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("characters", "two words", 9),
        ("words", "two  words\n", 2),
        ("digits", "ab12", 0.5),
        ("digits", "٤٢", 1),
        ("capitals", "ABcd", 0.5),
        ("symbols", "a+b!", 0.5),
        ("symbols", "", 0),
        ("links", "see https://example.com/a and www.example.org", 2),
        ("links", "http is a protocol", 0),
        ("emoji", "well 🙂👍🏽 done ✓", 4),
        ("emoji", "plain :-)", 0),
        ("emoji", "🇫🇷", 2),
        ("tags", "<b>bold</b> &amp; <br/>", 4),
        ("tags", '<a href="https://example.com">x', 1),
        ("tags", "if a < b and c > d, <x@example.org>", 0),
        ("run", "sooooo", 5),
        ("run", "good", 2),
        ("run", "abc", 1),
        ("run", "a          b", 1),
        ("run", "   ", 0),
        ("run", "", 0),
        ("mojibake", "cafÃ© â€œwellâ€", 3),
        ("mojibake", "ÐŸÑ€Ð¸Ð²ÐµÑ‚", 3),
        ("mojibake", "half \ufffd", 1),
        ("mojibake", "São Paulo, NÃO, Âge, café", 0),
        ("placeholder", "N/A", 1),
        ("placeholder", " null ", 1),
        ("placeholder", "Lorem ipsum dolor sit amet", 1),
        ("placeholder", "test 1", 1),
        ("placeholder", "---", 1),
        ("placeholder", "[deleted]", 1),
        ("placeholder", "xxx", 1),
        ("placeholder", "testing the water", 0),
        ("placeholder", "none of them", 0),
        ("placeholder", "🙂", 0),
        ("placeholder", "", 0),
    ],
)
def test_values(key: str, text: str, expected: float) -> None:
    assert value(key, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", "Latin"),
        ("12 + 3", "none"),
        ("", "none"),
        ("🙂🙂", "none"),
        ("Привет, world", "Cyrillic"),
        ("Ωμέγα", "Greek"),
        ("שלום", "Hebrew"),
        ("مرحبا", "Arabic"),
        ("हिन्दी", "Devanagari"),
        ("你好", "Chinese"),
        ("寝る猫", "Japanese"),
        ("カタカナ", "Japanese"),
        ("안녕", "Korean"),
        ("สวัสดี", "Thai"),
        ("Ｆｕｌｌ ｗｉｄｔｈ", "Latin"),
        ("𝐛𝐨𝐥𝐝", "Latin"),
        ("café", "Latin"),
        ("\ud800", "none"),
    ],
)
def test_scripts(text: str, expected: str) -> None:
    assert script(text) == expected


def test_what_is_out_of_the_ordinary() -> None:
    texts = [*PLAIN, "short", "word " * 200, "THIS IS AN ORDINARY SENTENCE WITH NOISE IN IT",
             "1234567890 98765 4321 01 88 7",
             "это обычное предложение из слов", "N/A"]  # fmt: skip
    found = by_key(texts)
    assert found["characters"].odd.tolist() == [20, 21, 25]
    assert found["capitals"].odd.tolist() == [22, 25]
    assert found["digits"].odd.tolist() == [23]
    assert found["script"].odd.tolist() == [23, 24]
    assert found["placeholder"].odd.tolist() == [25]
    assert len(found["links"].odd) == 0
    assert all(one.values.shape == (26,) and not one.values.flags.writeable for one in found.values())


def test_few_capitals_among_many_are_not_called_many() -> None:
    texts = [*(["ALL IN CAPITALS HERE"] * 20), "HALF in capitals here"]
    assert by_key(texts)["capitals"].odd.tolist() == []


def test_a_share_of_less_than_a_fifth_is_nothing_odd() -> None:
    assert by_key([*PLAIN, "one with the number 12 in it"])["digits"].odd.tolist() == []
    assert by_key([*PLAIN, "with 1234567"])["digits"].odd.tolist() == [20]


def test_texts_that_are_all_the_same_have_nothing_odd() -> None:
    assert all(len(one.odd) == 0 for one in properties(["the same"] * 30))
    others = by_key([*(["the same"] * 30), "the same, but longer"])
    assert others["characters"].odd.tolist() == [30]


def test_no_texts_and_one() -> None:
    assert all(len(one.values) == 0 and len(one.odd) == 0 for one in properties([]))
    assert [one.key for one in properties(["a"])] == [one.key for one in properties([])]
    assert all(np.isfinite(one.values).all() for one in properties(["a"]) if one.kind == "number")


def test_strange_texts_raise_nothing() -> None:
    texts = [
        "\ud800\udfff",
        "\x00\x01",
        "a" * 200_000,
        "<" * 50_000,
        "&" * 50_000,
        "-" * 50_000 + "x",
        "\n" * 9,
        "Ã" * 50_000,
    ]
    assert len(properties(texts)[0].values) == len(texts)


def test_a_text_that_the_model_has_no_pieces_for_is_odd() -> None:
    found = unread(np.array([0.0, 0.4, 0.5, 1.0], dtype=np.float32))
    assert found.odd.tolist() == [2, 3]
    assert found.values.dtype == np.float64


def test_a_rare_language_is_odd_and_an_unsure_one_is_not() -> None:
    english = [f"This is a plain English sentence about the weather of day {day}." for day in range(40)]
    found = next(one for one in properties([*english, "Das hier ist ein Satz in deutscher Sprache.", "ok"])
                 if one.key == "language")  # fmt: skip
    assert found.values[40] == "German"
    assert found.odd.tolist() == [40]


# --- What is usual is not odd --------------------------------------------------------------------


def test_texts_shorter_than_a_cut_are_not_odd() -> None:
    """Two thirds end at one length, so that the middle half doesn't spread at all; the rest are of every length."""
    rng = np.random.default_rng(0)
    shorter = ["a" * int(length) for length in rng.integers(60, 590, 446)]
    found = by_key([*(["b" * 600] * 866), *shorter, "c"])
    assert found["characters"].odd.tolist() == [1312]  # that of one letter


def test_a_narrow_middle_does_not_make_the_rest_odd() -> None:
    """Two thirds end within a few letters of one length: cut so that words stay whole."""
    rng = np.random.default_rng(0)
    lengths = [*rng.integers(590, 601, 660), *rng.integers(60, 590, 340)]
    found = by_key(["a" * int(length) for length in lengths])
    assert len(found["characters"].odd) <= 50
    assert found["characters"].common.tolist() == []


@pytest.mark.parametrize(
    ("key", "mark"), [("links", " https://example.com"), ("emoji", " 🙂"), ("tags", " <br>"), ("run", " aaaaaa")]
)
def test_what_many_texts_have_is_how_they_are(key: str, mark: str) -> None:
    few, many = ([*[text + mark for text in PLAIN[:count]], *(PLAIN * 10)] for count in (10, 20))
    assert (len(by_key(few)[key].odd), len(by_key(few)[key].common)) == (10, 0)
    found = by_key(many)[key]
    assert (len(found.odd), found.common.tolist()) == (0, list(range(20)))
    assert found.has


def test_texts_that_the_model_mostly_does_not_know_are_how_they_are() -> None:
    found = unread(np.repeat([0.0, 0.9], [100, 12]))
    assert (found.odd.tolist(), len(found.common)) == ([], 12)
