"""Phrases that clusters may be named by: whole, telling, and near to what the cluster is about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders.base import Vectors
from embedlab.pipeline import Prepared
from embedlab.space.embedding import embed
from embedlab.space.keywords import vocabulary
from embedlab.space.names import name_clusters
from embedlab.space.neighbours import neighbours
from embedlab.space.phrases import Phrases, best, candidates
from embedlab.space.space import Clusters
from tests.conftest import LetterEncoder


def grouped(*groups: list[str]) -> tuple[list[str], np.ndarray]:
    return [text for own in groups for text in own], np.repeat(range(len(groups)), list(map(len, groups))).astype(
        np.int32
    )


def phrases_of(*groups: list[str]) -> set[str]:
    texts, labels = grouped(*groups)
    return set(candidates(vocabulary(texts), [labels]).terms)


def with_letters(texts: list[str], labels: np.ndarray, encoder: LetterEncoder) -> Phrases:
    found = candidates(vocabulary(texts), [labels])
    return found.with_vectors(np.arange(len(found.terms)), encoder.encode(found.terms))


def names_by_letters(*groups: list[str]) -> tuple[str, ...]:
    texts, labels = grouped(*groups)
    encoder = LetterEncoder()
    clusters = Clusters(labels, 1.0, 0, "space")
    phrases = with_letters(texts, labels, encoder)
    return name_clusters(clusters, vocabulary(texts), encoder.encode(texts), phrases=phrases).names


def test_a_phrase_is_one_to_three_words_as_they_stand_in_the_texts() -> None:
    found = phrases_of(
        ["I lost my card", "lost my card today", "someone lost my card"],
        ["the cost of living rises", "cost of living is high", "cost of living"],
    )
    assert {"lost my card", "cost of living"} <= found
    assert not {"lost", "card", "cost", "living", "lost card", "cost living"} & found


def test_a_phrase_is_no_piece_of_a_clause_and_ends_with_no_function_word() -> None:
    found = phrases_of(["how long do transfers take"] * 3 + ["long do transfers last"], ["top up the card"] * 3)
    assert "long do transfers" not in found
    assert not any(phrase.endswith((" the", " do")) for phrase in found)
    assert any(phrase.startswith("top up") for phrase in found)


@pytest.mark.parametrize("filler", ["people", "someone", "far", "lots", "thinking", "wrote"])
def test_filler_is_no_phrase(filler: str) -> None:
    found = phrases_of([f"{filler} engine", f"{filler} oil", f"{filler} gasket"], ["a sky", "a sea", "a lake"])
    assert filler not in found


def mail(number: int, said: str, quoted: str) -> str:
    return (
        f"From: person{number}@cs.example.edu (Joe Doe)\nSubject: Re: engine oil\nOrganization: Example University\n"
        f"Lines: {number}\nMessage-ID: <{number}.abc@example.edu>\n\n"
        f"In article <{number}@example.edu> jane{number}@example.edu (Jane Roe) writes:\n> {quoted}\n\n{said}\n"
        f"-- \nJoe Doe, Example University\n"
    )


def test_nothing_of_a_mail_but_what_it_says_names_a_cluster() -> None:
    said = ["the engine oil leaks", "fresh engine oil", "engine oil is low", "buy engine oil"]
    mails = [mail(100 + at, text, "quoted nonsense everywhere") for at, text in enumerate(said)]
    other = ["blue sky", "blue sea", "blue sky again", "a blue sea"]
    assert names_by_letters(mails, other)[0].startswith("engine oil")
    texts, labels = grouped(mails, other)
    everything = " ".join([*candidates(vocabulary(texts), [labels]).terms, *vocabulary(texts).terms]).lower()
    for word in ("from", "organization", "message-id", "example", "doe", "roe", "quoted", "nonsense", "writes", "re"):
        assert word not in everything.split()


def test_order_numbers_and_keys_are_in_no_phrase() -> None:
    found = phrases_of(
        [f"order AB-{1000 + at} delayed again" for at in range(9)], ["blue sky", "blue sea", "blue lake"]
    )
    assert not any(sign.isdigit() for phrase in found for sign in phrase)


def test_words_of_scripts_without_spaces_stand_alone_and_mixed_texts_have_both() -> None:
    chinese = ["信用卡丢失", "我的信用卡", "信用卡被盗", "补办信用卡"]
    mixed = ["退款 refund please", "退款 refund slow", "退款 refund"]
    found = phrases_of(chinese, mixed)
    assert "信用卡" in found
    assert {"退款", "refund"} <= found
    assert not any(" " in phrase and not phrase.isascii() for phrase in found)


def test_half_a_sentence_of_a_script_without_spaces_is_no_name() -> None:
    texts = [
        start + end
        for start in ("", "我的", "这张")
        for end in ("信用卡丢失了怎么办", "信用卡被盗刷", "信用卡需要补办")
    ]
    found = phrases_of(texts, ["退款", "我要退款", "何时退款"])
    assert "信用卡" in found
    assert max(map(len, found)) <= 4


def test_korean_and_french_phrases_keep_what_stands_inside_them() -> None:
    found = phrases_of(
        ["카드를 분실했어요", "카드를 분실했어요 지금", "제 카드를 분실했어요"],
        ["l'hôtel de Paris", "l'hôtel de Paris", "l'hôtel de Paris est grand"],
    )
    assert "카드를 분실했어요" in found
    assert "hôtel de Paris" in found


def test_the_spelling_is_the_commonest_one() -> None:
    assert "NASA probe" in phrases_of(
        ["NASA probe", "NASA probe", "nasa probe", "Nasa Probe"], ["x sky", "y sky", "z sky"]
    )


def test_no_more_phrases_than_there_are_texts_and_than_are_asked_for() -> None:
    texts, labels = grouped(["red apple pie", "red apple tart", "red apple"] * 5, ["blue sky", "blue sea"] * 5)
    assert len(candidates(vocabulary(texts), [labels]).terms) <= 5
    assert len(candidates(vocabulary(texts), [labels], most=2).terms) == 2


def test_the_phrase_nearest_to_the_mean_and_far_from_the_others_comes_first() -> None:
    """Two directions: "aa" lies on the first cluster's mean, "ab" between both, "bb" on the other's."""
    vectors: Vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
    groups = np.array([0, 0, 1, 1], dtype=np.int32)
    held = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1]], dtype=np.float32)
    from scipy.sparse import csr_matrix

    own = np.array([[0.6, 0.8], [1, 0], [0, 1]], dtype=np.float32)
    phrases = Phrases(("ab", "aa", "bb"), np.arange(4), csr_matrix(held), own)
    assert best(phrases, groups, vectors, 3) == [("aa", "ab"), ("bb",)]
    assert best(phrases, groups, vectors, 1) == [("aa",), ("bb",)]


def test_names_are_different_and_the_same_each_time() -> None:
    groups = (["lost card abc", "lost card abd", "lost card"], ["lost card xyz", "lost card xyy"], ["weather"] * 9)
    names = names_by_letters(*groups)
    assert len({name.casefold() for name in names}) == 3
    assert names == names_by_letters(*groups)


# --- Where the encoder comes from ----------------------------------------------------------------

TEXTS = [f"{colour} {thing}" for colour in ("red apple", "blue sky") for thing in ("aa", "bb", "cc", "dd", "ee")] * 2


def prepared(encoder: LetterEncoder) -> Prepared:
    space = embed(Corpus.of(TEXTS), encoder)
    return Prepared(space, neighbours(space), encoder)


def test_the_encoder_of_a_space_is_asked_once_for_all_granularities() -> None:
    encoder = LetterEncoder()
    of = prepared(encoder)
    encoder.calls.clear()
    for granularity in (0.3, 1.0, 3.0):
        pipeline.group(of, granularity)
    asked = [text for call in encoder.calls for text in call]
    assert "red apple" in asked
    assert len(asked) == len(set(asked)) <= len(set(TEXTS))


@pytest.mark.parametrize("card", [{"runtime": "remote, host"}, {"column": "mine"}])
def test_a_remote_model_and_own_vectors_are_asked_for_nothing(card: dict[str, str]) -> None:
    encoder = LetterEncoder()
    encoder.card = replace(encoder.card, **card)
    of = prepared(encoder)
    encoder.calls.clear()
    names = pipeline.group(of, 1.0).names.names
    assert encoder.calls == []
    assert len(names) == len(set(names)) > 0


def test_a_model_that_cannot_read_phrases_leaves_the_names_to_words() -> None:
    class Fails(LetterEncoder):
        def encode(self, texts, query=False):  # type: ignore[no-untyped-def]
            raise EmbedlabError("no")

    of = prepared(LetterEncoder())
    broken = replace(of, encoder=Fails())
    words = vocabulary(TEXTS)
    assert pipeline.phrases(broken, words) is None
    assert pipeline.phrases(of, words) is not None


def test_without_an_encoder_words_name_as_before() -> None:
    of = replace(prepared(LetterEncoder()), encoder=None)
    found = pipeline.group(of, 1.0)
    assert found.names.names == name_clusters(found.clusters, vocabulary(TEXTS), of.space.vectors).names
