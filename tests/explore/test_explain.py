"""A cosine taken apart: exactly, by leaving words out, and where it stands among all."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.datasets import builtin
from embedlab.encoders import Encoder, load
from embedlab.encoders.capabilities import TokenContributions
from embedlab.explore.explain import MOST_WORDS, Standing, explain, explanation_csv, leave_out, standing
from embedlab.space.embedding import embed
from tests.conftest import LetterEncoder
from tests.sentences import says


class WholeEncoder(LetterEncoder):
    """Counts letters too, but its vectors can't be taken apart."""

    def parts(self, text: str, query: bool = False) -> None:  # type: ignore[override]
        return None


class PiecesEncoder(LetterEncoder):
    """Cuts at every second letter, and puts a special token before."""

    def parts(self, text: str, query: bool = False) -> TokenContributions:
        whole = super().parts(text)
        cuts = range(0, len(text), 2)
        spans = np.array([(0, 0), *((at, min(at + 2, len(text))) for at in cuts)], dtype=np.intp)
        vectors = [sum(whole.vectors[i] for i, (s, _) in enumerate(whole.spans) if at <= s < at + 2) for at in cuts]
        rows = [np.zeros(self.card.dimensions), *(np.asarray(v) + np.zeros(self.card.dimensions) for v in vectors)]
        return TokenContributions(text, ("[S]", *(text[at : at + 2] for at in cuts)), spans, np.stack(rows))


def test_each_pair_of_letters_gives_its_share() -> None:
    # "ab" and "aac" are (1, 1, 0) and (2, 0, 1): the cosine is 2 / (√2 √5), and a with a gives it in two halves.
    found = explain(LetterEncoder(), "ab", "aac")
    assert found.method == "exact"
    assert found.cosine == pytest.approx(2 / np.sqrt(10))
    half = 1 / np.sqrt(10)
    assert found.pairs is not None
    np.testing.assert_allclose(found.pairs, [[half, half, 0], [0, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.first.weights, [2 * half, 0], atol=1e-12)
    np.testing.assert_allclose(found.second.weights, [half, half, 0], atol=1e-12)
    assert found.strongest(1) == [("a", "a", pytest.approx(half))]
    assert found.first.weights.sum() == pytest.approx(found.cosine)


def test_fewer_dimensions_share_out_the_cosine_of_what_is_left() -> None:
    found = explain(LetterEncoder(), "ab", "aac", dimensions=2)  # (1, 1) and (2, 0)
    assert found.cosine == pytest.approx(1 / np.sqrt(2))
    assert found.first.weights.sum() == pytest.approx(found.cosine)


def test_pieces_of_a_word_are_put_together_and_special_ones_stay() -> None:
    found = explain(PiecesEncoder(), "abcd ef", "abcd")
    words = found.by_word()
    assert found.first.pieces == ("[S]", "ab", "cd", " e", "f")
    assert words.second.pieces == ("[S]", "abcd")
    assert words.pairs is not None
    assert words.pairs.sum() == pytest.approx(found.cosine)
    assert words.second.weights[1] == pytest.approx(found.cosine)
    assert words.first.outside == 0


def test_pieces_that_share_a_character_are_of_one_word() -> None:
    """A model that takes syllables apart: "ab" has a piece for each half of each letter, then "cd" stands as it is."""

    class Halves(LetterEncoder):
        def parts(self, text: str, query: bool = False) -> TokenContributions:
            spans = np.array([(0, 1), (0, 1), (1, 2), (1, 2), (3, 5)], dtype=np.intp)
            vectors = np.eye(5, self.card.dimensions)
            return TokenContributions(text, ("a", "##a", "##b", "##b", "cd"), spans, vectors)

    words = explain(Halves(), "ab cd", "ab cd").by_word()
    assert words.first.pieces == ("ab", "cd")
    assert words.pairs is not None
    np.testing.assert_allclose(words.pairs, [[0.8, 0], [0, 0.2]], atol=1e-12)


def test_where_no_sum_is_known_words_are_left_out() -> None:
    found = explain(WholeEncoder(), "a b", "a")
    # Without "b" the cosine is 1, without "a" it is 0; it was 1 / √2. The second text's only word has all of it.
    assert found.method == "left out"
    assert found.pairs is None
    assert found.first.pieces == ("a", "b")
    np.testing.assert_allclose(found.first.weights, [np.sqrt(0.5), np.sqrt(0.5) - 1], atol=1e-6)
    assert found.second.pieces == ("a",)
    assert found.by_word() is found


def test_a_texts_only_word_has_all_of_the_cosine() -> None:
    found = leave_out(LetterEncoder(), "aab", "a")
    assert found.first.weights.tolist() == [pytest.approx(found.cosine)]
    assert len(found.first) == 1


class Picky(WholeEncoder):
    """Reads no text without an “a”."""

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        if any("a" not in text for text in texts):
            raise EmbedlabError("I want an a.")
        return super().encode(texts, query)


def test_what_a_model_cannot_read_any_more_has_all_of_the_cosine() -> None:
    found = leave_out(Picky(), "a b", "a b")
    assert found.first.weights.tolist() == pytest.approx([1, 1 - np.sqrt(0.5)], abs=1e-6)
    with pytest.raises(EmbedlabError, match="I want an a"):
        leave_out(Picky(), "b", "a")


def test_signs_of_unspaced_scripts_are_left_out_one_by_one() -> None:
    found = leave_out(WholeEncoder(), "我的a卡", "don't, x")
    assert found.first.pieces == ("我", "的", "a", "卡")
    assert found.second.pieces == ("don't", ",", "x")


def test_only_the_first_words_are_tried_and_it_is_said() -> None:
    encoder = WholeEncoder()
    found = leave_out(encoder, "a " * (MOST_WORDS + 50), "a")
    assert len(found.first) == MOST_WORDS
    assert f"first {MOST_WORDS}" in found.detail
    assert max(map(len, encoder.calls)) == MOST_WORDS + 1


@pytest.mark.parametrize(("first", "second", "which"), [("", "a", "first"), ("a", " \n", "second")])
def test_an_empty_text_is_refused(first: str, second: str, which: str) -> None:
    for way in (explain, leave_out):
        with pytest.raises(EmbedlabError, match=f"The {which} text is empty"):
            way(LetterEncoder(), first, second)


def test_the_same_text_twice() -> None:
    assert explain(LetterEncoder(), "ab", "ab").cosine == pytest.approx(1)
    assert leave_out(LetterEncoder(), "a b", "a b").cosine == pytest.approx(1)


def test_it_can_be_taken_away_as_csv() -> None:
    lines = explanation_csv(explain(LetterEncoder(), "ab", "=a")).decode("utf-8-sig").splitlines()
    assert lines == ["first,second,part of the cosine", f"a,a,{np.sqrt(0.5):.6f}", "b,a,0.0"]
    lines = explanation_csv(leave_out(LetterEncoder(), "a", "a b")).decode("utf-8-sig").splitlines()
    assert lines[0] == "text,without,cosine falls by"
    assert [line.split(",")[:2] for line in lines[1:]] == [["first", "a"], ["second", "a"], ["second", "b"]]


def test_an_explanation_is_a_line_a_table_facts_and_a_figure() -> None:
    exact, left_out = explain(LetterEncoder(), "ab", "aac"), leave_out(LetterEncoder(), "a b", "a")
    assert says(exact.sentence, "0.632", "“a” and “a”", "0.316")
    assert says(left_out.sentence, "0.707", "without “a”", "0.707")
    table = exact.table()
    assert table[["text", "piece"]].to_numpy().tolist() == [
        ["first", "a"], ["first", "b"], ["second", "a"], ["second", "a"], ["second", "c"],
    ]  # fmt: skip
    assert table[table["text"] == "second"]["contribution"].sum() == pytest.approx(exact.cosine)
    facts = json.loads(json.dumps(exact.facts(), allow_nan=False))
    assert (facts["cosine"], facts["method"]) == (exact.cosine, "exact")
    assert [(one["piece"], one["start"], one["end"]) for one in facts["second"]["pieces"]] == [
        ("a", 0, 1), ("a", 1, 2), ("c", 2, 3),
    ]  # fmt: skip
    assert sum(one["contribution"] for one in facts["first"]["pieces"]) == pytest.approx(exact.cosine)
    np.testing.assert_array_equal(exact.figure().data[0].z, exact.pairs)
    bars = left_out.figure()
    assert bars.data[0].x.tolist() == pytest.approx([np.sqrt(0.5), np.sqrt(0.5), np.sqrt(0.5) - 1], abs=1e-6)
    assert [name.strip() for name in bars.layout.yaxis.ticktext] == ["a (second)", "a (first)", "b (first)"]


# --- Standing ---


def test_where_a_cosine_stands_among_all_pairs() -> None:
    found = standing(embed(Corpus.of(["a", "b", "ab", "a"]), LetterEncoder()))
    np.testing.assert_allclose(found.cosines, [0, np.sqrt(0.5), np.sqrt(0.5)], atol=1e-6)  # a-b, a-ab, b-ab
    assert not found.sampled
    assert found.below(0.5) == pytest.approx(1 / 3)
    assert found.below(np.sqrt(0.5)) == pytest.approx(2 / 3)
    assert found.below(0.9) == 1
    assert "every one of all 3 pairs" in found.sentence(0.9)
    assert "67 %" in found.sentence(np.sqrt(0.5))
    shares, edges = found.histogram()
    assert shares.sum() == pytest.approx(1)
    assert len(edges) == len(shares) + 1


def test_many_pairs_are_sampled_without_a_text_beside_itself() -> None:
    texts = [f"{'a' * (1 + n // 40)}{'b' * (1 + n % 40)}" for n in range(1200)]
    found = standing(embed(Corpus.of(texts), LetterEncoder()))
    assert found.sampled
    assert len(found) == 200_000
    assert np.all(np.diff(found.cosines) >= 0)
    assert "drawn at random" in found.sentence(0.5)


def test_one_text_has_no_pairs() -> None:
    found = standing(embed(Corpus.of(["a"]), LetterEncoder()))
    assert len(found) == 0
    assert found.sentence(0.5) == "There are no other pairs to compare with."
    assert np.isnan(Standing(found.cosines, False).below(0.5))


# --- Real encoders ---


def sample(count: int) -> list[tuple[str, str]]:
    texts = builtin("support").texts
    rng = np.random.default_rng(0)
    return [(texts[i], texts[j]) for i, j in rng.integers(0, len(texts), (count, 2))]


@pytest.mark.model
def test_minilm_is_the_sum_of_its_tokens(exact: Encoder) -> None:
    pairs = sample(200)
    flat = [text for pair in pairs for text in pair]
    vectors = exact.encode(flat).astype(np.float64)
    cosines = (vectors[0::2] * vectors[1::2]).sum(axis=1)
    for (first, second), cosine in zip(pairs, cosines, strict=True):
        found = explain(exact, first, second)
        assert found.method == "exact"
        assert found.first.pieces[0] == "[CLS]"
        assert found.second.pieces[-1] == "[SEP]"
        assert found.pairs is not None
        assert found.pairs.sum() == pytest.approx(cosine, abs=1e-4)
        assert found.by_word().pairs.sum() == pytest.approx(cosine, abs=1e-4)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["wordllama", "tf-idf"])
def test_other_families_are_sums_too(name: str) -> None:
    encoder = load(name, texts=builtin("support").texts)
    for first, second in sample(50):
        left, right = encoder.encode([first, second]).astype(np.float64)
        found = explain(encoder, first, second)
        assert found.method == "exact"
        assert found.cosine == pytest.approx(float(left @ right), abs=1e-4)
        for weighed in (found.first, found.second):
            for piece, (start, end) in zip(weighed.pieces, weighed.spans, strict=True):
                assert start == end or weighed.text[start:end].casefold().strip() in piece.casefold()


@pytest.mark.parametrize("text", ["qqqqzzz xkcdw 12", "💾", "naïve İstanbul ﬁne", "我的银行卡", "a\n\tb  c"])
def test_strange_texts_can_be_taken_apart(text: str) -> None:
    encoder: Encoder = load("wordllama")
    found = explain(encoder, text, "a plain text")
    left, right = encoder.encode([text, "a plain text"]).astype(np.float64)
    assert found.cosine == pytest.approx(float(left @ right), abs=1e-4)
