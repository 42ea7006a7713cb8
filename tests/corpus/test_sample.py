"""A random sample of texts: a corpus like any other, which says everywhere that it is one."""

from __future__ import annotations

import numpy as np
import pytest

import embedlab as el
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.origin import Origin
from embedlab.corpus.vectors import OwnVectors

TEXTS = tuple(f"text number {number}" for number in range(100))


def whole() -> Corpus:
    stars = Column("stars", "number", np.arange(100.0))
    own = OwnVectors("own", np.arange(200.0, dtype=np.float32).reshape(100, 2))
    return Corpus(
        "tickets", TEXTS, (stars,), np.arange(100) + 3, 110, vectors=(own,), origin=Origin("file", "tickets.csv")
    )


def test_a_sample_is_a_proper_corpus_of_some_rows_in_their_order() -> None:
    found = whole().sample(10)
    assert len(found) == len(set(found.texts)) == 10
    numbers = [TEXTS.index(text) for text in found.texts]
    assert numbers == sorted(numbers)
    assert found.column("stars").values.tolist() == numbers
    assert (found.rows - 3).tolist() == numbers
    assert found.vectors[0].values[:, 0].tolist() == [2 * number for number in numbers]


def test_the_same_seed_draws_the_same_and_another_one_others() -> None:
    assert whole().sample(10).fingerprint == whole().sample(10, seed=0).fingerprint
    assert whole().sample(10).texts != whole().sample(10, seed=1).texts


def test_it_says_everywhere_that_it_is_a_sample_and_calls_no_row_dropped_for_it() -> None:
    found = whole().sample(10, seed=4)
    assert found.name == "tickets (sample of 10)"
    assert found.sentence == "10 texts of “tickets (sample of 10)”, a random sample of 100, 10 rows dropped."
    assert found.notes[-1].sentence == "These are a random sample of 10 of 100 texts (seed 4)."
    facts = found.facts()
    assert (facts["texts"], facts["dropped"], facts["sampled_from"], facts["sample_seed"]) == (10, 10, 100, 4)
    assert "sampled_from" not in whole().facts()
    assert found.take(np.arange(4)).dropped == 16


def test_its_lines_of_python_draw_it_again() -> None:
    lines = whole().sample(10, seed=4).origin.lines([])
    assert lines[1] == "corpus = corpus.sample(10, seed=4)"
    listed = el.from_texts(list(TEXTS)).sample(3)
    assert [line for line in listed.origin.lines(listed.texts) if "sample" in line] == [
        "corpus = corpus.sample(3, seed=0)"
    ]
    part = whole().sample(10).take(np.arange(4))
    assert part.origin.lines(part.texts)[1:] == [
        "corpus = corpus.sample(10, seed=0)", "# of these, 4 texts are looked at here: corpus.take(rows)",
    ]  # fmt: skip


def test_a_sample_of_a_sample_is_one_of_all() -> None:
    found = whole().sample(50).sample(5)
    assert found.name == "tickets (sample of 5)"
    assert found.sampled is not None
    assert (found.sampled.of, found.sampled.drawn) == (100, 5)
    assert found.dropped == 10


def test_as_many_as_there_are_is_no_sample_and_none_is_refused() -> None:
    texts = whole()
    assert texts.sample(100) is texts
    assert texts.sample(1_000) is texts
    for count in (0, -3):
        with pytest.raises(EmbedlabError, match="ask for one text or more"):
            texts.sample(count)
