"""Texts whose end is missing, in the file or for the model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from embedlab.check.findings.cut import Cuts, cuts, sentences
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.space import Space
from tests.sentences import say, says

WORDS = [
    "river", "mountain", "garden", "window", "harbour", "winter", "summer", "market", "village", "station", "letter",
    "journey", "evening", "morning", "kitchen", "teacher", "painter", "sailor", "farmer", "doctor", "between",
    "through", "without", "another", "nothing", "somebody", "carried", "followed", "answered",
]  # fmt: skip


def written(count: int, low: int, high: int, end: str = ".", seed: int = 0) -> list[str]:
    """Return texts of so many words, each ending like a sentence."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(low, high))).capitalize() + end for _ in range(count)]


def looked_at(texts: list[str], over: list[int] | None = None) -> Cuts:
    window = np.zeros(len(texts), dtype=bool)
    window[over or []] = True
    vectors = np.ones((len(texts), 2), dtype=np.float32)
    return cuts(Space(Corpus.of(texts), EncoderInfo("made up", "none", 2, 256, "tests"), vectors, window))


def test_texts_that_were_cut_at_one_length_are_found() -> None:
    whole = written(200, 5, 60)
    found = looked_at([text[:150] for text in whole])
    cut = [row for row, text in enumerate(whole) if len(text) > 150]
    assert (found.at, found.unit) == (150, "characters")
    assert set(found.rows.tolist()) <= set(cut) | {row for row, text in enumerate(whole) if len(text) == 150}
    assert len(found.rows) > 0.9 * len(cut)
    told = next(sentences(found, 200))
    assert says(told, len(found.rows), f"{100 * len(found.rows) / 200:.0f} %", 150, "cut in the file")


def test_a_cut_that_leaves_words_whole_is_found_just_below_the_limit() -> None:
    cut = [text if len(text) <= 200 else text[:200].rsplit(" ", 1)[0] for text in written(300, 5, 80)]
    found = looked_at(cut)
    assert found.unit == "characters"
    assert 190 < found.at <= 200
    assert len(found.rows) > 0.7 * sum(not text.endswith(".") for text in cut)


@pytest.mark.parametrize(
    ("unit", "limit", "cut"),
    [
        ("words", 20, lambda text: " ".join(text.split()[:20])),
        ("bytes", 200, lambda text: text.encode()[:200].decode("utf-8", "ignore")),
    ],
)
def test_other_units(unit: str, limit: int, cut: Callable[[str], str]) -> None:
    texts = [text.replace("i", "ï") if row % 2 else text for row, text in enumerate(written(300, 5, 60))]
    found = looked_at([cut(text) for text in texts])
    assert (found.unit, found.at) == (unit, limit)


@pytest.mark.parametrize(
    "texts",
    [
        written(300, 5, 60),
        written(300, 5, 60, end=""),  # titles: none ends like a sentence
        [text for text in written(2_000, 8, 30) if len(text) <= 140],  # a limit that people keep to
        [f"Order {number:06d} was sent to you" for number in range(100)],  # all of one length, and whole
        [f"{number:036x}" for number in range(100)],
        ["short"] * 50,
        ["the same text over and over again, and it stops here"] * 50,
        ["一" * (5 + number % 40) for number in range(200)],
        [],
        [""],
        ["\ud800 half", "x"],
    ],
)
def test_whole_texts_are_not_called_cut(texts: list[str]) -> None:
    found = looked_at(texts)
    assert found.rows.tolist() == []
    assert say(sentences(found, len(texts)), ("no text looks cut",))


def test_texts_over_the_window_are_cut_by_the_model() -> None:
    found = looked_at(written(30, 5, 60), over=[3, 7])
    assert (found.rows.tolist(), found.over.tolist(), found.all.tolist()) == ([], [3, 7], [3, 7])
    assert say(sentences(found, 30), (2, "6.7 %", "256 tokens", "did not see the end"))


def test_all_texts_cut_at_one_length_are_told_by_their_broken_words() -> None:
    found = looked_at([text[:100] for text in written(200, 40, 60)])
    assert found.at == 100
    assert len(found.rows) > 180


@pytest.mark.parametrize("end", ["…", "..."])
def test_texts_that_were_cut_with_dots_for_what_is_gone_are_found(end: str) -> None:
    whole = written(200, 5, 60)
    found = looked_at([text if len(text) <= 150 else text[: 150 - len(end)] + end for text in whole])
    assert (found.at, found.unit) == (150, "characters")
    assert len(found.rows) == sum(len(text) > 150 for text in whole)
