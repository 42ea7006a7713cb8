"""Questions to single words, with vectors small enough to check by hand, and once with the real model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import Encoder
from embedlab.encoders.base import EncoderInfo
from embedlab.encoders.capabilities import lexicon_of
from embedlab.encoders.glove import GloveEncoder
from embedlab.encoders.store import store_for
from embedlab.encoders.tfidf import LexicalEncoder
from embedlab.encoders.tokens import of_tokenizer, proper_words
from embedlab.words.analogies import Words, analogy, answers, nearest_words, nearness, odd_one_out
from embedlab.words.axes import axis, crossing, ends, probe, usual
from embedlab.words.lists import (
    Remembering,
    examples,
    listed,
    pole,
    seen_by,
    words_of_model,
    words_of_texts,
)
from tests.conftest import LetterEncoder
from tests.encoders import tiny

# Kinship by hand: the first number is the sex, the second the generation, the third what all people share.
TABLE = {
    "man": (1, 0, 1),
    "woman": (-1, 0, 1),
    "boy": (1, 1, 1),
    "girl": (-1, 1, 1),
    "person": (0, 0, 1),
    "stone": (0, 0, -1),
}


def unit(rows: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    made = np.array(rows, dtype=np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def words(table: dict[str, Sequence[float]] | None = None) -> Words:
    """Return words that know nothing of a text with an x in it, and to which any other text is a stone."""
    table = table or {**TABLE}
    return Words(
        tuple(table),
        unit(list(table.values())),
        lambda texts: unit([(0, 0, -1)] * len(texts)),
        lambda text: () if "x" in text else (text,),
    )


# --- Which words ---------------------------------------------------------------------------------


def test_only_letters_make_a_word_and_capitals_no_second_one() -> None:
    written = ["The", "a", "of", "##ing", "[PAD]", "3rd", "Of", "the", "don't", "über", "हिन्दी", "<s>", "日本"]
    assert proper_words(written) == ("the", "of", "über", "हिन्दी", "日本")
    assert proper_words(written, 2) == ("the", "of")


def test_whole_words_of_a_wordpiece_tokenizer() -> None:
    found = of_tokenizer(tiny.tokenizer())
    assert found.words[:4] == ("the", "of", "and", "in")
    assert not {"ing", "ed", "s", "[UNK]"} & {*found.words}
    assert found.cut("bank catmat") == ("bank", "[UNK]")
    assert found.cut("щ") == ()
    assert found.cut("a\ud800b") == ()


def test_whole_words_of_a_sentencepiece_tokenizer() -> None:
    pieces = {"<unk>": 0, "▁": 1, "▁the": 2, "ing": 3, "▁Paris": 4, "▁cat": 5, "s": 6, "<0xE6>": 7}
    made = Tokenizer(models.BPE(pieces, [], unk_token="<unk>", byte_fallback=True))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    found = of_tokenizer(made)
    assert found.words == ("the", "Paris", "cat")
    assert found.cut("日") == ()


def test_whole_words_of_a_byte_level_tokenizer() -> None:
    pieces = {"Ġthe": 0, "the": 1, "ĠÃ¼ber": 2, "ing": 3, "Ġ": 4, "Ġ12": 5}
    made = Tokenizer(models.BPE(pieces, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    assert of_tokenizer(made).words == ("the", "über")


def test_words_of_glove_come_by_frequency_and_an_unknown_one_has_no_pieces() -> None:
    rows = {"the": 0, ",": 1, "cat": 2, "u.s.": 3}
    encoder = GloveEncoder(EncoderInfo("glove", "", 2, 0, ""), rows, np.ones((4, 2), dtype=np.float32))
    found = lexicon_of(encoder)
    assert found is not None
    assert found.words == ("the", "cat")
    assert (found.cut("the zzz cat"), found.cut("zzz")) == (("the", "cat"), ())


def test_words_of_tf_idf_are_those_of_the_texts() -> None:
    encoder = LexicalEncoder.fitted(["red cat", "red dog", "red 7 cat"])
    assert words_of_model(encoder) == ("red", "cat", "dog")
    found = lexicon_of(encoder)
    assert found is not None
    assert found.cut("green") == ()


def test_a_model_without_words_has_those_of_the_texts(letters: LetterEncoder) -> None:
    assert words_of_model(letters) == ()
    assert words_of_texts(["b aa, bb", "AA bb aa 12"]) == ("aa", "bb")


def test_a_typed_list_is_cut_at_commas_and_lines_and_repeats_left_out() -> None:
    assert listed(" cat, dog\n\nCat;new york ") == ("cat", "dog", "new york")
    for nothing in ("", " ,\n; "):
        with pytest.raises(EmbedlabError, match="list of words is empty"):
            listed(nothing)
    with pytest.raises(EmbedlabError, match="30,001 words are too many"):
        listed("\n".join(f"w{number}" for number in range(30_001)))


def test_a_pole_is_words_or_one_sentence() -> None:
    assert pole("cheap, affordable") == ("cheap", "affordable")
    assert pole("It is cheap, and good. ") == ("It is cheap, and good.",)
    assert pole(" , ") == ()


def test_words_are_embedded_once_and_kept(letters: LetterEncoder) -> None:
    store = store_for(letters.card)
    seen_by(letters, ["ab", "cd"], store)
    before = len(letters.calls)
    found = seen_by(letters, ["cd", "ab"], store)
    assert len(letters.calls) == before
    assert nearest_words(found, "abab").words == ("ab", "cd")
    found.of(["zz", "ab"])
    found.of(["zz", "ab"])
    assert letters.calls[before:] == [["abab"], ["zz"]]


def test_fewer_dimensions_are_those_of_every_word(letters: LetterEncoder) -> None:
    found = seen_by(letters, ["ab", "a"], dimensions=1)
    assert found.of(["a", "aaab"]).tolist() == [[1], [1]]


def test_remembered_texts_give_way_to_new_ones(monkeypatch: pytest.MonkeyPatch, letters: LetterEncoder) -> None:
    monkeypatch.setattr("embedlab.words.lists.REMEMBERED", 2)
    remember = Remembering(letters.encode)
    for text in ("a", "b", "c", "c"):
        assert np.array_equal(remember([text, "b"]), LetterEncoder().encode([text, "b"]))


# --- Near words and analogies --------------------------------------------------------------------


def test_nearest_words_leave_the_word_itself_out() -> None:
    found = nearest_words(words(), "MAN", 2)
    assert found.words == ("boy", "person")
    assert found.scores == pytest.approx([2 / np.sqrt(6), 1 / np.sqrt(2)])


def test_nearness_is_compared_with_that_of_other_words() -> None:
    """Of six words, those whose nearest is at 0.82 or more: man, woman, boy, girl; person's is at 0.71."""
    told = nearness(words(), nearest_words(words(), "man"))
    assert "cosine 0.82" in told
    assert "67 % of the words" in told


def test_an_analogy_by_hand() -> None:
    found = analogy(words(), "man", "boy", "woman")
    assert found.found.words[0] == "girl"
    assert not {"man", "boy", "woman"} & {*found.found.words}
    b_minus_a_plus_c = unit([TABLE["boy"]])[0] - unit([TABLE["man"]])[0] + unit([TABLE["woman"]])[0]
    expected = unit([TABLE["girl"]])[0] @ b_minus_a_plus_c / np.linalg.norm(b_minus_a_plus_c)
    assert found.found.scores[0] == pytest.approx(expected, abs=1e-6)
    assert (found.near_b, found.near_c) == ("person", "girl")
    assert "also the nearest word to “woman” alone" in found.caveat


def test_an_analogy_by_multiplying_is_that_of_the_paper() -> None:
    found = analogy(words(), "man", "boy", "woman", method="multiply")
    man, boy, woman, girl = unit([TABLE[word] for word in ("man", "boy", "woman", "girl")])
    near = [(float(girl @ other) + 1) / 2 for other in (boy, woman, man)]
    assert found.found.words[0] == "girl"
    assert found.found.scores[0] == pytest.approx(near[0] * near[1] / (near[2] + 1e-3), abs=1e-5)


@pytest.mark.parametrize("method", ["add", "multiply"])
def test_many_answers_at_once_are_those_of_one_at_a_time(method: str) -> None:
    rng = np.random.default_rng(0)
    many = words({f"w{number}": rng.normal(size=5).tolist() for number in range(40)})
    questions = np.array([rng.permutation(40)[:3] for _ in range(600)])
    best = answers(many, questions, method)  # type: ignore[arg-type]
    for row in (0, 255, 256, 599):
        a, b, c = (many.words[place] for place in questions[row])
        assert analogy(many, a, b, c, method=method).found.words[0] == many.words[best[row]]  # type: ignore[arg-type]


def test_an_analogy_says_what_the_rule_hides() -> None:
    """b - a + c is (-1.4, 0, 1) and lies nearest to “woman”, which was given."""
    found = analogy(words(), "man", "person", "woman")
    assert found.with_given == "woman"
    assert "otherwise “woman” would come first" in found.caveat


@pytest.mark.parametrize(("a", "b", "c"), [("man", "man", "boy"), ("man", "boy", "MAN")])
def test_the_same_word_twice_in_an_analogy_is_refused(a: str, b: str, c: str) -> None:
    with pytest.raises(EmbedlabError, match="stands in the analogy twice"):
        analogy(words(), a, b, c)


def test_good_better_best_is_an_analogy() -> None:
    assert analogy(words(), "man", "person", "person").found.words[0] == "woman"


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_word_is_refused(text: str) -> None:
    for question in (
        lambda: nearest_words(words(), text),
        lambda: analogy(words(), "man", text, "boy"),
        lambda: odd_one_out(words(), ["man", "boy", text]),
    ):
        with pytest.raises(EmbedlabError, match="A word is missing"):
            question()


def test_an_unknown_word_is_said_with_words_of_like_spelling() -> None:
    with pytest.raises(EmbedlabError, match=r"nothing of “womanx”.*did you mean “woman”"):
        nearest_words(words(), "womanx")
    with pytest.raises(EmbedlabError, match=r"nothing of “xxxx”.*another model"):
        nearest_words(words(), "xxxx")


def test_words_that_are_not_among_the_others_are_embedded() -> None:
    assert nearest_words(words(), "pebble", 1).words == ("stone",)


def test_without_words_there_is_nothing_to_choose_from() -> None:
    empty = Words((), np.empty((0, 3), dtype=np.float32), lambda texts: unit([(0, 0, 1)] * len(texts)))
    with pytest.raises(EmbedlabError, match="no words to choose from"):
        nearest_words(empty, "man")
    with pytest.raises(EmbedlabError, match="no words to choose from"):
        analogy(empty, "a", "b", "c")
    with pytest.raises(EmbedlabError, match="no other words"):
        analogy(words({"man": (1, 0, 1), "boy": (1, 1, 1), "woman": (-1, 0, 1)}), "man", "boy", "woman")


# --- The odd one out -----------------------------------------------------------------------------


def test_the_odd_one_out_by_hand() -> None:
    """man · boy = 2/√6, and each of them · stone = -1/√2 or -1/√3."""
    found = odd_one_out(words(), ["man", "stone", "boy", "Boy"])
    assert found.words[0] == "stone"
    assert found.means[0] == pytest.approx((-1 / np.sqrt(2) - 1 / np.sqrt(3)) / 2, abs=1e-6)
    assert found.means[found.words.index("man")] == pytest.approx((2 / np.sqrt(6) - 1 / np.sqrt(2)) / 2, abs=1e-6)
    assert found.repeated == 1
    assert not found.caveat.startswith("Hardly")


def test_a_hair_is_not_a_decision() -> None:
    same = words({"one": (1, 0, 0), "two": (0, 1, 0), "three": (0, 0, 1)})
    assert odd_one_out(same, ["one", "two", "three"]).caveat.startswith("Hardly decided")


@pytest.mark.parametrize(
    ("asked", "said"),
    [([], "No word"), (["man"], "One word alone"), (["man", "Man"], "One word alone"), (["man", "boy"], "Two words")],
)
def test_too_few_words_have_no_odd_one(asked: list[str], said: str) -> None:
    with pytest.raises(EmbedlabError, match=said):
        odd_one_out(words(), asked)


def test_hundreds_of_words_have_an_odd_one() -> None:
    many = [f"w{number}" for number in range(900)]
    assert odd_one_out(words(), [*many, "man"]).words[0] == "man"
    with pytest.raises(EmbedlabError, match="2,001 words are too many"):
        odd_one_out(words(), [f"w{number}" for number in range(2_001)])


# --- Axes ----------------------------------------------------------------------------------------


def test_an_axis_by_hand() -> None:
    """Man and woman are the poles; whatever has no sex lies in the middle."""
    found = axis(words(), ["man"], ["woman"])
    positions = found.positions(words().of(["man", "woman", "person", "stone", "girl"]))
    assert positions == pytest.approx([-1, 1, 0, 0, np.sqrt(2 / 3)], abs=1e-6)
    assert found.alike == pytest.approx(0, abs=1e-6)


def test_a_pole_of_several_words_lies_at_their_mean() -> None:
    found = axis(words(), ["man", "boy"], ["woman", "girl"])
    positions = found.positions(words().of(["man", "boy", "woman", "girl"]))
    assert positions[:2].mean() == pytest.approx(-1, abs=1e-6)
    assert positions[2:].mean() == pytest.approx(1, abs=1e-6)


def test_most_words_are_found_and_the_ends() -> None:
    positions = np.arange(101.0)
    found = usual(positions, "texts")
    assert (found.low, found.middle, found.high) == (5, 50, 95)
    assert "of all texts lie between +5.00 and +95.00" in found.caveat()
    assert ends(positions[::-1], 4).tolist() == [100, 99, 1, 0]
    assert ends(positions[:3], 4).tolist() == [0, 1, 2]
    with pytest.raises(EmbedlabError, match="no words to choose from"):
        usual(np.empty(0))


def test_axes_that_say_the_same_are_noticed() -> None:
    sex, age = axis(words(), ["man"], ["woman"]), axis(words(), ["person"], ["boy", "girl"])
    assert crossing(sex, sex) == pytest.approx(1)
    assert crossing(sex, age) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (("man",), ("Man ",), "Both poles are “man”"),
        (("man", "boy"), ("girl", "boy"), "“boy” stands in both poles"),
        ((), ("man",), "first pole is empty"),
        (("man",), (" ",), "second pole is empty"),
        (("stone",), ("pebble",), "sees no difference between “stone” and “pebble”"),
        (("man",), ("xx",), "knows nothing of “xx”"),
    ],
)
def test_poles_that_make_no_axis_are_said(low: tuple[str, ...], high: tuple[str, ...], said: str) -> None:
    with pytest.raises(EmbedlabError, match=said):
        axis(words(), low, high)


# --- The bias probe ------------------------------------------------------------------------------

SPREAD = {f"{side}{number}": (sign, number / 4, 2) for side, sign in (("h", 1), ("s", -1)) for number in range(4)}


def test_a_planted_lean_is_found_and_its_size_is_right() -> None:
    table = words({**SPREAD, "captain": (3, 0, 1), "nurse": (-3, 0, 1), "person": (0, 0, 1)})
    he, she = [f"h{number}" for number in range(4)], [f"s{number}" for number in range(4)]
    found = probe(table, ["person", "nurse", "captain"], he, she)
    assert found.words == ("captain", "person", "nurse")
    captain = table.of(["captain"])[0]
    assert found.leans[0] == pytest.approx(float((table.of(she) @ captain).mean() - (table.of(he) @ captain).mean()))
    assert found.p == pytest.approx(2 / 70, abs=0.02)  # two of the 70 ways to deal eight words into fours
    assert "lean more than" in found.sentence


def test_without_a_lean_chance_explains_all() -> None:
    rng = np.random.default_rng(3)
    table = words({f"w{number}": rng.normal(size=30).tolist() for number in range(60)})
    poles = [f"w{number}" for number in range(12)]
    ps = [probe(table, [f"w{n}" for n in range(start, start + 12)], poles[:6], poles[6:]).p for start in (12, 24, 36)]
    assert min(ps) > 0.05
    found = probe(table, [f"w{n}" for n in range(12, 60)], poles[:6], poles[6:])
    assert found.beyond <= 8
    assert "lean no more than" in found.sentence
    assert probe(table, ["w20", "w21"], poles[:6], poles[6:]).p == probe(table, ["w20", "w21"], poles[:6], poles[6:]).p


@pytest.mark.parametrize(
    ("asked", "low", "high", "said"),
    [
        ((), "h0 h1 h2 h3", "s0 s1 s2 s3", "no words to probe"),
        (("a",), "h0 h1 h2", "s0 s1 s2 s3", "too few words"),
        (("a",), "h0 h1 h2 h3", "s0 s1 s2 h3", "“h3” stands in both poles"),
        (("x",), "h0 h1 h2 h3", "s0 s1 s2 s3", "knows nothing of “x”"),
    ],
)
def test_what_can_not_be_probed_is_said(asked: tuple[str, ...], low: str, high: str, said: str) -> None:
    with pytest.raises(EmbedlabError, match=said):
        probe(words({**SPREAD}), asked, low.split(), high.split())


# --- The examples, and real models ---------------------------------------------------------------


def test_the_examples_are_whole() -> None:
    found = examples()
    assert all(len(four) == len({*four}) == 4 for four in found.analogies if four[0] != "good")
    for name in (name for names in found.planes for name in names):
        assert found.axis(name).words
    for one in found.biases:
        assert len(pole(one.low)) >= 4
        assert len(pole(one.high)) >= 4
        assert not {*pole(one.low)} & {*pole(one.high)}
        assert len({*one.words}) == len(one.words) > 40


@pytest.mark.model
def test_minilm_solves_its_examples(minilm: Encoder) -> None:
    """Against the 3,000 words that its tokenizer has first, and those of the examples."""
    found = examples()
    needed = [word for four in found.analogies for word in four]
    table = seen_by(minilm, proper_words([*words_of_model(minilm)[:3000], *needed]))
    solved = [analogy(table, *four[:3]).found.words[0] == four[3] for four in found.analogies]
    assert sum(solved) >= 9
    assert [odd_one_out(table, some).words[0] for some in found.odd] == ["bicycle", "hammer", "river", "rose", "moon"]
    cold_to_hot = axis(table, *(pole(end) for end in (found.axes[0].low, found.axes[0].high)))
    positions = cold_to_hot.positions(table.of(["snow", "volcano"]))
    assert positions[0] < positions[1]
    with pytest.raises(EmbedlabError, match="knows nothing"):
        nearest_words(table, "ﷺ")


@pytest.mark.model
def test_minilm_has_about_22_000_whole_words(minilm: Encoder) -> None:
    own = words_of_model(minilm)
    assert 20_000 < len(own) < 23_000
    assert {"king", "queen", "paris"} <= {*own}
    assert not any(word.startswith("##") for word in own)
