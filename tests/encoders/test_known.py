"""What a model doesn't know of texts, told with counts, by real models and by tokenizers made here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from embedlab.encoders import Encoder, load
from embedlab.encoders.known import KnownPair, known_pair, known_share, known_to, of_pieces, speaks
from embedlab.encoders.tokens import PieceReader
from embedlab.explore.explain import explain
from embedlab.search.search import meaning_notes
from tests.conftest import LetterEncoder


def reader(*words: str) -> PieceReader:
    numbers = {word: at for at, word in enumerate(("[UNK]", *words))}
    made = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PieceReader(made)


def test_letters_of_a_script_without_words_are_unknown() -> None:
    words = [f"word{at}" for at in range(4000)]
    own = reader(*words, "п", "##о", "αβ", "βγ", "γδ", "δε", "εζ")
    (read,) = own.read(["word1 по αβ zzz"])
    assert read.pieces == ("word1", "п", "##о", "αβ", "zzz")
    assert read.known.tolist() == [True, False, False, True, False]
    assert read.unknown == 3


def test_nothing_is_said_of_what_is_known() -> None:
    own = reader("red", "blue", "apple")
    found = of_pieces(own.read, "own", "", ["red apple", "blue apple"])
    assert found is not None
    assert (found.pieces, found.unknown, found.sentence) == (4, 0, "")


def test_counts_are_said() -> None:
    own = reader("red", "blue", "apple")
    found = of_pieces(own.read, "own", "", ["red apple", "зелёное яблоко"])
    assert found is not None
    assert "2 of 4 pieces" in found.sentence
    assert found.mostly == 1
    assert found.facts()["unknown"] == 2


def test_a_few_texts_that_are_unknown_are_counted() -> None:
    own = reader("red", "apple")
    found = of_pieces(own.read, "own", "", ["red red red apple"] * 40 + ["😀"])
    assert found is not None
    assert "1 of 41 texts was read" in found.sentence


def test_an_encoder_that_tells_nothing() -> None:
    letters = LetterEncoder()
    assert known_share(letters, ["日本"]) is None
    assert known_pair(letters, "a", "b") is None
    letters.card = replace(letters.card, languages="English")
    found = known_share(letters, ["Der Zug nach Hamburg fährt heute leider erst eine Stunde später ab."])
    assert found is not None
    assert "looks German" in found.sentence


@pytest.mark.parametrize(
    ("languages", "name", "expected"),
    [
        ("", "Thai", None), ("English", "Thai", False), ("English", "English", True), ("any", "Thai", True),
        ("about 100", "Lao", True), ("multilingual", "Lao", True), ("en, de", "German", True), ("en de", "Lao", False),
        ("pt-BR", "Portuguese", True),
    ],
)  # fmt: skip
def test_languages_as_cards_list_them(languages: str, name: str, expected: bool | None) -> None:
    assert speaks(languages, name) is expected


def test_two_texts_of_which_nothing_is_known_are_the_same() -> None:
    wordllama = load("wordllama")
    found = known_pair(wordllama, "สินค้า", "สีสวย")
    assert found is not None
    assert found.unknown == found.pieces
    assert "cosine says little" in found.sentence
    assert "multilingual" in found.sentence
    assert KnownPair("x", 2, 2, True).sentence.startswith("x reads both texts as the same pieces")
    assert KnownPair("x", 9, 0, False).sentence == ""


def test_a_preview_opens_the_tokenizer_alone() -> None:
    found = known_to("all-MiniLM-L6-v2", ["สินค้าคุณภาพดี", "我的银行卡丢了"])
    assert found is not None
    assert found.mostly == 2
    assert known_to("tf-idf", ["a"]) is None
    assert known_to("no such", ["a"]) is None


@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    [
        "สินค้าคุณภาพดีมาก", "我的银行卡丢了怎么办", "환불은 언제 받을 수 있나요", "मेरा पार्सल अभी तक नहीं आया",
        "لم تصل الطلبية بعد", "Посылка еще не пришла",
        "החבילה עדיין לא הגיעה", "ສິນຄ້າຄຸນນະພາບດີ", "እቃው አልደረሰም", "ამანათი ჯერ არ მოსულა",
    ],
)  # fmt: skip
def test_minilm_does_not_know_other_scripts(minilm: Encoder, text: str) -> None:
    found = known_share(minilm, [text])
    assert found is not None
    assert found.share > 0.9
    assert "multilingual-e5" in found.sentence
    assert any("unknown" in note for note in meaning_notes(minilm, text, apart=False))


@pytest.mark.model
def test_minilm_sees_no_difference_between_emoji(minilm: Encoder) -> None:
    found = explain(minilm, "😀", "🚀")
    assert found.cosine == pytest.approx(1)
    assert found.known is not None
    assert found.known.same
    assert "sees no difference" in found.sentence
    assert found.first.unknown is not None
    assert found.first.facts()["unknown"] == [1]
    assert known_share(minilm, ["The parcel has not come yet."] * 3).sentence == ""  # type: ignore[union-attr]


@pytest.mark.model
def test_minilm_was_made_for_english(minilm: Encoder) -> None:
    texts = ["Wann kommt meine Bestellung endlich bei mir an?", "Ich möchte bitte mein Geld zurück bekommen."]
    found = known_share(minilm, texts)
    assert found is not None
    assert "2 of 2 texts whose language was guessed look German" in found.sentence
    assert "made for English" in found.sentence
