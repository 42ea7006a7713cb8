"""Finding a word, telling its meanings apart, by hand; and the built-in words in the real model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress
from embedlab.encoders import Encoder, load, registry
from embedlab.encoders.capabilities import TokenContributions
from embedlab.words.senses import Separation, _centred, meanings, separation
from embedlab.words.uses import MOST_SENTENCES, builtin_uses, builtin_words, occurrence, typed, uses
from tests.conftest import LetterEncoder
from tests.sentences import says
from tests.words.word_inside import WordInside


def at_angles(*degrees: float) -> np.ndarray:
    """Return unit vectors in the plane."""
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


# --- Finding the word ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("the bank", "bank", (4, 8)),
        ("Banks!", "bank", (0, 5)),
        ("matches burn", "match", (0, 7)),
        ("a banker embanks", "bank", None),
        ("bank-holiday", "bank", (0, 4)),
        ("the bank's door", "BANK", (4, 8)),
        ("from bank to bank", "bank", (5, 9)),
        ("a hot dog", "hot dog", (2, 9)),
        ("C++ and c", "c++", (0, 3)),
        ("me (and) you", "(and)", (3, 8)),
        ("我去银行取钱", "银行", (2, 4)),
        ("I 💚 it", "💚", (2, 3)),
        ("nothing", "bank", None),
    ],
)
def test_the_word_is_found_whole(text: str, word: str, place: tuple[int, int] | None) -> None:
    assert occurrence(text, word) == place


def test_what_is_left_out_is_counted_and_said() -> None:
    found = uses(" bank ", [("a bank", "x"), ("a bank", "x"), ("a tank", "x"), ("a bank", "y"), ("bank it", "")])
    assert [(use.text, use.sense, use.start) for use in found.uses] == [
        ("a bank", "x", 2), ("a bank", "y", 2), ("bank it", "", 0),
    ]  # fmt: skip
    assert (found.without, found.repeated, found.too_many) == (1, 1, 0)
    assert says(found.left_out, "1 without “bank”", "1 that stood there before")
    many = uses("a", [(f"a {number}", "") for number in range(MOST_SENTENCES + 3)])
    assert (len(many.uses), many.too_many) == (MOST_SENTENCES, 3)


@pytest.mark.parametrize(("word", "sentences"), [("", ["a"]), ("  ", ["a"]), ("b", ["a"]), ("b", [])])
def test_a_word_that_is_nowhere_is_refused(word: str, sentences: list[str]) -> None:
    with pytest.raises(EmbedlabError):
        uses(word, [(text, "") for text in sentences])


def test_typed_lines() -> None:
    assert typed("a bank | money\n\n  b\tr | s\t t \nno sense\n| x\nend |") == [
        ("a bank", "money"), ("b\tr | s", "t"), ("no sense", ""), ("end", ""),
    ]  # fmt: skip


def test_every_built_in_sentence_has_its_word() -> None:
    words = builtin_words()
    assert len(words) == 12
    for word in words:
        found = builtin_uses(word)
        assert len(found.uses) >= 24
        assert not found.left_out
        assert not any(use.sense.startswith(f"{word}:") for use in found.uses)


# --- Telling meanings apart ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degrees", "senses", "auc"),
    [
        ((0, 0, 90), "xxy", 1.0),  # the pair that shares a sense is the most alike
        ((0, 90, 45), "xxy", 0.0),  # it is the least alike
        ((0, 60, 120), "xxy", 0.75),  # alike as one pair, more alike than the other
        ((30, 30, 30), "xxy", 0.5),  # all alike
        ((0, 10, 90, 100), "xxyy", 1.0),
        ((0, 90, 0, 90), "xxyy", 0.25),  # both worse than the two at 1, level with the two at 0
    ],
)
def test_auc_by_hand(degrees: tuple[float, ...], senses: str, auc: float) -> None:
    found = separation(at_angles(*degrees), list(senses), rounds=20)
    assert found is not None
    assert found.auc == pytest.approx(auc)


@pytest.mark.parametrize("senses", ["", "x", "xx", "xy", "xyz"])
def test_without_a_pair_of_each_kind_there_is_no_number(senses: str) -> None:
    assert separation(at_angles(*range(len(senses))), list(senses)) is None


def test_rounding_makes_no_order_among_equals() -> None:
    rng = np.random.default_rng(0)
    vector = rng.normal(size=256).astype(np.float32)
    rounding = (1 + rng.uniform(-6e-8, 6e-8, (37, 256))).astype(np.float32)
    vectors = np.tile(vector / np.linalg.norm(vector), (37, 1)) * rounding
    found = separation(vectors, ["x", "y"] * 18 + ["x"])
    assert found is not None
    assert (found.auc, found.low, found.high) == (0.5, 0.5, 0.5)


def test_the_interval_covers_what_more_sentences_show() -> None:
    """Of 40 samples, 95 % intervals should cover the true value in about 38."""
    rng = np.random.default_rng(3)

    def sample(each: int) -> Separation:
        angles = np.concatenate([rng.normal(0, 25, each), rng.normal(35, 25, each)])
        found = separation(at_angles(*angles), ["x"] * each + ["y"] * each, rounds=200)
        assert found is not None
        return found

    true = np.mean([sample(150).auc for _ in range(6)])
    covered = sum(one.low <= true <= one.high for one in (sample(12) for _ in range(40)))
    assert covered >= 33


def test_a_sentence_drawn_twice_makes_no_pair_with_itself() -> None:
    """Random vectors know nothing of the senses: resamples lie around one half, not above."""
    rng = np.random.default_rng(1)
    samples = []
    for _ in range(20):
        vectors = rng.normal(size=(20, 50)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        found = separation(vectors, ["x"] * 10 + ["y"] * 10, rounds=100)
        assert found is not None
        samples.append(found.samples.mean() - found.auc)
    assert abs(np.mean(samples)) < 0.02


def test_one_beats_the_other_only_clearly() -> None:
    good, bad = (Separation(auc, np.full(100, auc)) for auc in (0.9, 0.6))
    assert good.beats(bad)
    assert not bad.beats(good)
    assert not good.beats(good)


# --- In a model ----------------------------------------------------------------------------------

SENTENCES = [("bank river", "river"), ("bank rain", "river"), ("bank money", "money"), ("bank mint", "money")]


def test_meanings_part_layer_by_layer(letters: Encoder) -> None:
    """The word alone says nothing at the input; what stands beside it begins with r or m."""
    told: list[Progress] = []
    found = meanings(WordInside(), uses("bank", SENTENCES), static=letters, report=told.append)
    assert found.vectors.shape == (3, 4, 27)
    assert found.told is not None
    assert [one.auc for one in found.told.layers] == [0.5, 1, 1]
    assert found.told.whole is not None
    assert found.told.whole.auc == 1
    assert found.told.static is not None
    assert found.told.static.auc == 0.5
    assert found.told.best == 2
    assert not found.told.best_sentence
    assert "100\u00a0% of the cases (95 % interval 100 to 100); at the input in 50\u00a0%" in found.told.sentence
    assert "for letters, with one vector for each way of writing it, in 50\u00a0%" in found.told.sentence
    assert [progress.done for progress in told] == [0, 1, 2, 3, 0]


def test_what_all_share_can_be_taken_out(letters: Encoder) -> None:
    found = meanings(WordInside(), uses("bank", SENTENCES), static=letters)
    assert found.centred is not None
    assert [one.auc for one in found.centred.layers] == [0.5, 1, 1]
    assert found.centred.static is not None
    assert found.centred.static.auc == 0.5


def test_centring_by_hand() -> None:
    """At 0 and 90 degrees the mean lies between, and what is left points apart; nothing is left of equals."""
    np.testing.assert_allclose(
        _centred(at_angles(0, 90)), [[0.5**0.5, -(0.5**0.5)], [-(0.5**0.5), 0.5**0.5]], atol=1e-6
    )
    noise = np.random.default_rng(0).uniform(-6e-8, 6e-8, (7, 2)).astype(np.float32)
    assert not _centred(at_angles(*[17] * 7) + noise).any()


def test_a_static_model_reads_the_word_after_its_prompt() -> None:
    class Prompted(LetterEncoder):
        def parts(self, text: str, query: bool = False) -> TokenContributions:
            return super().parts("a prompt: " + text)

    turned = [(" ".join(reversed(text.split())), sense) for text, sense in SENTENCES]
    found = meanings(WordInside(), uses("bank", turned), static=Prompted())
    assert found.told is not None
    assert found.told.static is not None
    assert found.told.static.auc == 0.5


def test_a_static_model_is_not_at_chance_where_spelling_gives_the_sense_away(letters: Encoder) -> None:
    found = meanings(WordInside(), uses("bat", [("bats a", "x"), ("bats b", "x"), ("bat c", "y")]), static=letters)
    assert found.told is not None
    assert found.told.static is not None
    assert found.told.static.auc == 1


def test_the_prompt_moves_no_word() -> None:
    """The b of "bbb" in the prompt is not the word."""
    found = meanings(WordInside(), uses("cat", [("cat a", ""), ("a cat", "")]), prompt="bbb ")
    assert found.vectors[0].argmax(axis=1).tolist() == [2, 2]
    assert found.told is found.centred is None


def test_sentences_without_a_sense_do_not_count() -> None:
    found = meanings(WordInside(), uses("bank", [*SENTENCES, ("bank zoo", "")]))
    assert found.told is not None
    assert found.told.layers[-1].auc == 1
    assert len(found.senses) == found.vectors.shape[1] == 5
    assert found.told.sentence.endswith("1 without a sense don't count here.")


def test_a_word_past_the_window_is_left_out_and_counted() -> None:
    late = ("x " * 20 + "bank", "money")
    found = meanings(WordInside(), uses("bank", [*SENTENCES, late]))
    assert (found.unread, len(found.uses.uses)) == (1, 4)
    with pytest.raises(EmbedlabError, match="reads 12 tokens"):
        meanings(WordInside(), uses("bank", [late]))


def test_the_pictures_of_the_layers_are_turned_to_fit_and_keep_distances() -> None:
    found = meanings(WordInside(), uses("bank", SENTENCES))
    mirrored = replace(found, vectors=np.stack([found.vectors[1], -found.vectors[1]]))
    np.testing.assert_allclose(mirrored.planes[0][0], mirrored.planes[1][0], atol=1e-5)
    for layer, (positions, _) in enumerate(found.planes):
        vectors = found.vectors[layer].astype(np.float64)
        kept = ((positions - positions.mean(axis=0)) ** 2).sum()
        assert kept <= ((vectors - vectors.mean(axis=0)) ** 2).sum() + 1e-6


def test_one_sentence_is_followed_without_a_number() -> None:
    found = meanings(WordInside(), uses("bank", SENTENCES[:1]))
    assert found.told is None
    assert not found.planes[-1][0].any()


def test_a_best_layer_that_is_not_the_last_is_said() -> None:
    found = meanings(WordInside(), uses("bank", SENTENCES))
    assert found.told is not None
    first, good, _ = found.told.layers
    turned = type(found.told)("bank", (first, good, first), None, None, "", 0)
    assert turned.best_sentence.startswith("The last layer is not the best: layer 1 tells the meanings apart in 100")
    assert type(found.told)("bank", (good, first), None, None, "", 0).best_sentence.startswith(
        "The last layer is not the best: the input"
    )


@pytest.mark.model
def test_minilm_tells_meanings_apart_and_a_static_model_does_not(
    minilm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBEDLAB_HOME", str(minilm_home))
    inside, static = registry.inside(), load("wordllama")
    told = [meanings(inside, builtin_uses(word), static=static, rounds=200).told for word in builtin_words()]
    found = [one for one in told if one is not None]
    assert len(found) == 12
    assert sum(one.layers[-1].low > 0.5 for one in found) >= 6
    assert np.mean([one.layers[-1].auc for one in found]) > 0.65
    for one in found:
        assert one.layers[-1].auc > 0.5
        assert one.static is not None
        assert abs(one.static.auc - 0.5) < 0.06
