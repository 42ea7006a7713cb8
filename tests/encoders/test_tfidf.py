"""TF-IDF and SVD: what is a word, where a text lies, and that every text of a corpus lies somewhere."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import tfidf
from embedlab.encoders.base import NO_WINDOW
from embedlab.encoders.tfidf import LexicalEncoder

PETS = (
    "The cat sat on the mat.",
    "A cat and a dog sat together",
    "The dog barked at the mailman",
    "Stocks fell as the bank raised rates",
    "The bank raised its interest rates again",
)
ODD = (
    "😀🚀",
    "!!!",
    "?",
    " ",
    "\u200b",
    "a\ud800b",
    "أين محطة القطار؟",
    "我的银行卡丢了",
    "我",
    "ฉันรักเธอ",
    "हिन्दी में",
    "x" * 50_000,
    "spring " * 20_000,
)


def fitted(*texts: str, **settings: int) -> LexicalEncoder:
    return LexicalEncoder.fitted(texts, **settings)


def cosines(encoder: LexicalEncoder, *texts: str) -> np.ndarray:
    vectors = encoder.encode(texts)
    return vectors @ vectors.T


def test_tokens_are_words() -> None:
    counts = fitted("something").count_tokens(["Don't stop the king’s two-factor C++", "我的银行", "?!", " \n\u200b"])
    assert counts.tolist() == [7, 3, 2, 0]


def test_texts_are_alike_as_far_as_they_share_words() -> None:
    """Three texts, all of rank: SVD loses nothing, so a cosine is that of TF-IDF itself."""
    once, twice = np.log(4 / 2) + 1, np.log(4 / 3) + 1  # smoothed idf of a word in one and in two of three texts
    expected = twice**2 / (twice**2 + once**2)
    found = cosines(fitted("red apple", "red car", "blue sky"), "red apple", "red car", "blue sky")
    assert found == pytest.approx(np.array([[1, expected, 0], [expected, 1, 0], [0, 0, 1]]), abs=1e-5)


def test_a_word_said_often_counts_by_its_logarithm() -> None:
    """Three texts, three words, so SVD loses nothing; each word is in two texts, so the idf is the same for all."""
    a, b = 1 + np.log(3), 1
    texts = ("a a a b", "b c", "c a")
    assert cosines(fitted(*texts), "a", "a a a b")[0, 1] == pytest.approx(a / np.hypot(a, b), abs=1e-5)


def test_the_first_directions_tell_the_most() -> None:
    directions = fitted(*PETS).encode(PETS)
    energy = (directions**2).sum(axis=0)
    assert energy.argmax() == 0


def test_dimensions_are_no_more_than_texts_words_or_asked_for() -> None:
    assert fitted("one text with words").card.dimensions == 1
    assert fitted("one", "two").card.dimensions == 2
    assert fitted("same same", "same", "same").card.dimensions == 1
    assert fitted(*PETS).card.dimensions == 5
    assert fitted(*PETS, dimensions=3).card.dimensions == 3


def test_one_text_and_equal_texts() -> None:
    assert cosines(fitted("only"), "only", "only") == pytest.approx(np.ones((2, 2)))
    assert cosines(fitted("same", "same"), "same", "same") == pytest.approx(np.ones((2, 2)))
    assert cosines(fitted("one", "two"), "one", "two") == pytest.approx(np.eye(2), abs=1e-5)


def test_every_text_of_the_corpus_has_a_unit_vector() -> None:
    texts = [*PETS, *ODD]
    vectors = fitted(*texts).encode(texts)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)


def test_texts_in_which_nothing_is_seen_are_alike() -> None:
    encoder = fitted(*PETS, " ", "\u200b")
    assert cosines(encoder, " ", "\u200b", PETS[0]) == pytest.approx(
        np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), abs=1e-4
    )


def test_a_text_outside_the_kept_directions_lies_with_those_that_share_its_words() -> None:
    """Many texts on two subjects fill two dimensions; the rare words have no direction of their own."""
    common = [f"{subject} {other}" for subject in ("cat", "bank") for other in ("a", "b", "c", "d", "e", "f")] * 2
    texts = [*common, "cat", "bank", "zyzzyva", "zyzzyva zyzzyva", "quokka"]
    encoder = fitted(*texts, dimensions=2)
    raw = encoder._vectoriser.transform(["quokka"]) @ encoder._directions
    assert np.linalg.norm(raw) < tfidf.LEAST_KEPT
    rare, twice, other = encoder.encode(["zyzzyva", "zyzzyva zyzzyva", "quokka"])
    assert float(rare @ twice) == pytest.approx(1)
    assert abs(float(rare @ other)) < 0.99
    assert np.linalg.norm(other) == pytest.approx(1)


def test_rare_texts_are_about_at_right_angles() -> None:
    """In many dimensions two texts that share no word don't look alike, kept by the SVD or not."""
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{word}" for word in rng.integers(0, 60, 12)) for _ in range(300)]
    encoder = fitted(*texts, *(f"rare{number}" for number in range(40)), dimensions=50)
    rare = encoder.encode([f"rare{number}" for number in range(40)])
    assert np.abs(rare @ rare.T - np.eye(40)).max() < 0.75
    assert np.abs(rare @ encoder.encode(texts).T).mean() < 0.2


@pytest.mark.parametrize("query", [False, True])
def test_a_text_without_a_known_word_is_refused_in_one_sentence(query: bool) -> None:
    encoder = fitted(*PETS)
    with pytest.raises(EmbedlabError, match=r"^TF-IDF can't place “quarks”, none of whose words is in your texts: use"):
        encoder.encode(["the cat", "quarks"], query=query)
    assert encoder.encode(["quarks and the cat"], query=query).shape == (1, 5)


def test_no_texts_are_refused() -> None:
    with pytest.raises(EmbedlabError, match="no texts to fit TF-IDF to: open a file"):
        fitted()


def test_equal_texts_and_seed_give_equal_vectors_in_any_order() -> None:
    first = fitted(*PETS, *ODD)
    again = fitted(*reversed([*PETS, *ODD]), PETS[0], PETS[0])
    assert first.card == again.card
    assert np.array_equal(first.encode(PETS), again.encode(PETS))


def test_the_card_stands_for_texts_and_settings() -> None:
    cards = [
        fitted(*PETS).card,
        fitted(*PETS, "more").card,
        fitted(*PETS, dimensions=4).card,
        fitted(*PETS, seed=1).card,
    ]
    assert len({card.fingerprint for card in cards}) == 4
    assert (cards[0].model, cards[0].runtime, cards[0].window) == ("tf-idf", "scikit-learn", NO_WINDOW)


def test_a_vector_doesnt_depend_on_what_stands_beside_it() -> None:
    texts = [*PETS, *ODD]
    encoder = fitted(*texts)
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in reversed(texts)])[::-1]
    assert np.array_equal(together, alone)
    assert encoder.encode([]).shape == (0, encoder.card.dimensions)


def test_the_listing_fits_to_the_texts() -> None:
    (listing,) = tfidf.entries()
    assert (listing.name, listing.ready, listing.on_corpus) == ("tf-idf", True, True)
    assert listing.truncates_to == (32, 64, 128)
    assert listing.open(False, PETS).card == fitted(*PETS).card
