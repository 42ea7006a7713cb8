"""Pairs with scores from a table: which column is what, which text is meant, what is left out and said."""

from __future__ import annotations

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.pairs import Pairs, pairs_of
from embedlab.corpus.reading.table import read, read_table
from tests.sentences import say, says

TEXTS = b"code,text\nA1,a cat sat\nB2,a dog ran\nC3,the sun shone\nB2,a dog ran\n"


def corpus() -> Corpus:
    return read(TEXTS, "text", name="texts.csv")


def of(content: str, texts: Corpus | None = None, **how: str) -> Pairs:
    return pairs_of(read_table(content.encode(), "pairs.csv"), texts, **how)


def said(pairs: Pairs) -> list[str]:
    return [note.sentence for note in pairs.notes]


def test_texts_are_found_in_the_corpus_at_their_first_row_or_not() -> None:
    found = of("text1,text2,score\na dog ran,a cat sat,4\nthe sun shone,rain fell,0.5\n", corpus())
    assert found.first == ("a dog ran", "the sun shone")
    assert found.second == ("a cat sat", "rain fell")
    assert found.scores.tolist() == [4, 0.5]
    assert found.rows.tolist() == [[1, 0], [2, -1]]
    assert say(said(found), ("1 text", "not among"))
    assert (found.name, len(found)) == ("pairs.csv", 2)


def test_texts_need_no_corpus() -> None:
    found = of("sentence1,sentence2,score\nx y z,x y,1\nx y z,q r s,0\n")
    assert found.rows.tolist() == [[-1, -1], [-1, -1]]
    assert said(found) == []


@pytest.mark.parametrize(
    ("content", "how"),
    [
        ("id1,id2,score\n1,2,5\n3,1,2\n", {}),
        ("one,other,value\n1,2,5\n3,1,2\n", {}),  # three columns of numbers: two ids and a score
        ("a,b,similarity\nA1,B2,5\nC3,A1,2\n", {"named_by": "code"}),  # ids, though the names don't say so
    ],
)
def test_ids_name_the_texts_by_row_or_by_a_column(content: str, how: dict[str, str]) -> None:
    found = of(content, corpus(), **how)
    assert found.rows.tolist() == [[0, 1], [2, 0]]
    assert found.first == ("a cat sat", "the sun shone")
    assert found.second == ("a dog ran", "a cat sat")
    assert found.scores.tolist() == [5, 2]


def test_unknown_ids_are_counted_and_named() -> None:
    found = of("id1,id2,score\n1,2,5\n9,1,2\n3,77,1\n", corpus())
    assert found.rows.tolist() == [[0, 1]]
    assert say(said(found), ("2 pairs", "“row number”", "“9”", "“77”", "left out"))
    assert found.notes[0].count == 2


def test_rows_without_a_text_or_a_score_are_counted() -> None:
    found = of("text1,text2,score\na b,c d,1\n,c d,2\na b,,2\na b,e f,\n", corpus())
    assert found.scores.tolist() == [1]
    assert says(said(found)[0], "3 rows", "left out")


def test_a_pair_that_repeats_in_either_order_counts_once_with_its_mean_score() -> None:
    found = of("text1,text2,score\na b,c d,1\nc d,a b,4\na b,e f,3\n")
    assert found.first == ("a b", "a b")
    assert found.second == ("c d", "e f")
    assert found.scores.tolist() == [2.5, 3]
    assert say(said(found), ("1 pair", "counts once", "mean score"))


def test_columns_without_known_names_are_told_by_what_they_hold() -> None:
    found = of("number,here,there,judged\n1,a b c,c d e,0.25\n2,e f g,g h i,0.75\n")
    assert found.first == ("a b c", "e f g")
    assert found.second == ("c d e", "g h i")
    assert found.scores.tolist() == [0.25, 0.75]


def test_scores_among_words_are_read_as_numbers_or_refused_by_name() -> None:
    assert of("text1,text2,score\na b,c d,1\na b,e f,1e0\na b,g h,007\n").scores.tolist() == [1, 1, 7]
    with pytest.raises(EmbedlabError, match="“much” in row 2"):
        of("text1,text2,score\na b,c d,1\na b,e f,much\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("text1,text2\na b,c d\ne f,g h\n", "no column of scores"),
        ("text,score\na b,1\nc d,2\n", "no two columns of texts or ids"),
        ("id1,id2,score\n88,99,1\n99,77,2\n", "No pair in “pairs.csv” can be used: 2 pairs name ids"),
    ],
)
def test_a_table_that_holds_no_pairs_is_one_sentence(content: str, says: str) -> None:
    with pytest.raises(EmbedlabError, match=says):
        of(content, corpus())


def test_ids_without_texts_say_what_to_open() -> None:
    with pytest.raises(EmbedlabError, match="open the texts"):
        of("id1,id2,score\n1,2,5\n3,1,2\n")
