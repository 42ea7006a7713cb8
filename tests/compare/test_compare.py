"""The verb: whatever a model is given as, however it is measured, one result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.compare.common import common
from embedlab.compare.compare import compare
from embedlab.compare.evidence import by_judgements, by_pairs
from embedlab.compare.models import chosen
from embedlab.corpus import Column, Corpus
from embedlab.corpus.judgements import Judgements
from embedlab.corpus.pairs import Pairs, pairs_of
from embedlab.corpus.reading.table import read_table
from embedlab.corpus.vectors import OwnVectors
from embedlab.encoders import Encoder, speed
from embedlab.encoders.transformer import tuned
from embedlab.pipeline import EmbeddingChoice
from embedlab.space.embedding import embed, shortened
from tests.conftest import LetterEncoder
from tests.pages.halves import HalfEncoder

WORDS = ["aaab", "aabb", "abbb", "cccd", "ccdd", "cddd", "eeef", "eeff", "efff", "gggh", "gghh", "ghhh"]


@pytest.fixture(autouse=True)
def encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"letters": LetterEncoder, "halves": HalfEncoder}

    def load(name: str, exact: bool = False, texts: Sequence[str] = ()) -> Encoder:
        if name not in kinds:
            raise EmbedlabError(f"There is no model “{name}” here.")
        return kinds[name]()

    monkeypatch.setattr(pipeline, "load", load)
    monkeypatch.setattr(speed, "AT_LEAST", 0.001)


def corpus() -> Corpus:
    texts = tuple(f"{word} {word[::-1]}{'x' * (row % 5)}" for row, word in enumerate(WORDS * 4))
    own = np.random.default_rng(0).normal(size=(len(texts), 5)).astype(np.float32)
    own[3] = 0
    topics = np.array([text[0] for text in texts], dtype=object)
    return Corpus("words", texts, (Column("topic", "category", topics),), vectors=(OwnVectors("mine", own),))


def test_models_are_names_encoders_spaces_columns_and_ways_of_reading() -> None:
    of = corpus()
    cut = shortened(embed(of, LetterEncoder()), 5)
    given = (LetterEncoder(), "halves", EmbeddingChoice("halves", dimensions=3), "mine", replace(cut, card=replace(
        cut.card, model="cut")))  # fmt: skip
    found = compare(of, given, queries=["aaab"], k=5)
    assert found.names == ("letters", "halves", "halves, first 3 dimensions", "mine", "cut")
    assert [len(space) for space in found.spaces] == [47] * 5
    assert [space.card.dimensions for space in found.spaces] == [27, 27, 3, 5, 5]
    assert found.common.places(np.array([2, 3, 4])).tolist() == [2, -1, 3]
    assert len(found.differences) == 10
    assert found.answers.queries == ("aaab",)
    assert [bool(one.speed) for one in found.costs] == [True, True, True, False, False]
    assert any("1 text without a usable vector in “mine”" in note for note in found.notes)
    assert all(one.prepared.encoder is None for one in found.models)
    assert [one.name for one in chosen(["a@fp32", EmbeddingChoice("a", exact=True, dimensions=2)], of)] == [
        "a@fp32", "a@fp32, first 2 dimensions",
    ]  # fmt: skip
    assert chosen(["a@fp32", "b"], of)[0].how == EmbeddingChoice("a", exact=True)


def test_a_space_of_a_model_that_is_here_is_that_model() -> None:
    of, folder = corpus(), tuned.root() / "halves"
    folder.mkdir(parents=True)
    tuned.keep_learnt(folder, of.texts[:9], "another")
    read = embed(of, HalfEncoder())
    how = EmbeddingChoice("halves", dimensions=3)
    by_name, by_space = (
        compare(of, [*models, "letters"], label="topic", queries=["aaab"], k=5).facts()
        for models in (["halves", how], [read, shortened(read, 3)])
    )
    assert any("has learned from" in note for note in by_name["quality"]["notes"])
    of_a_run = ("rate", "turns", "encoded_now")
    for facts in (by_name, by_space):
        assert all(cost["rate"] > 0 for cost in facts["cost"])
        facts |= {key: [{k: v for k, v in one.items() if k not in of_a_run} for one in facts[key]]
                  for key in ("cost", "models")}  # fmt: skip
    assert json.dumps(by_space) == json.dumps(by_name)
    of_another = replace(read, card=replace(read.card, weights="others"))  # made elsewhere, under the same name
    assert not chosen([of_another, "letters"], of)[0].how.model


def test_the_result_is_a_sentence_a_table_facts_a_figure_and_a_page() -> None:
    found = compare(corpus(), ["letters", "halves"], label="topic", k=5, maps=True)
    assert found.sentence == next(iter(found.sentences))
    assert repr(found) == f"<Comparison: {found.sentence}>"
    table = found.table()
    assert table["model"].tolist() == ["letters", "halves"]
    probe = found.qualities[1].intervals["linear probe"]
    assert table.loc[1, ["linear probe", "linear probe, low", "linear probe, high"]].tolist() == [
        probe.mean, probe.low, probe.high,
    ]  # fmt: skip
    assert np.isnan(table["overlap"][0])
    assert table["overlap"][1] == found.pair.overlap.mean.mean
    assert table["verdict"].tolist() == [one.verdict for one in found.places]
    assert table["bytes_a_text"].tolist() == [108, 108]
    json.dumps(found.facts(), allow_nan=False)
    assert [trace.name for trace in found.figure().data][:2] == ["letters", "halves"]
    assert "<h2>Maps</h2>" in found.page()
    bare = compare(corpus(), ["letters", "halves"], k=5)
    assert bare.facts()["quality"] is None
    assert {trace.name for trace in bare.figure().data} >= {"these two models", "unrelated vectors"}
    assert "<h2>Maps</h2>" not in bare.page()


def test_what_is_left_out_of_the_texts_is_left_out_of_the_evidence() -> None:
    of = corpus()
    texts = common(of, ["mine"])
    assert len(texts.rows) == 47
    table = read_table(b"id1,id2,score\n1,2,4\n1,5,0\n5,3,2\n4,5,3\n", "pairs.csv")
    of_all, of_some = by_pairs(texts, pairs_of(table, of)).pairs, by_pairs(texts, table).pairs
    assert isinstance(of_all, Pairs)
    assert of_all.rows.tolist() == [[0, 1], [0, 3], [3, 2], [-1, 3]]
    assert of_some is not None
    assert of_some.rows.tolist() == [[0, 1], [0, 3], [3, 2]]
    judged = Judgements("j", ("q", "r"), (np.array([2, 3, 4]), np.array([3])), (np.ones(3), np.ones(1)), (3, 4))
    found = by_judgements(texts, judged).judgements
    assert found is not None
    assert [rows.tolist() for rows in found.rows] == [[2, 3], []]
    assert [len(grades) for grades in found.grades] == [2, 0]
    assert found.own == (None, 3)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"models": ["letters"]}, "There are 1 models to compare: name 2 to 6"),
        ({"models": ["letters", LetterEncoder()]}, "“letters” is named twice"),
        ({"label": "topic", "judgements": ()}, "one thing at a time"),
        ({"k": 0}, "k must be 1 or more"),
        ({"label": "nothing"}, "nothing"),
        ({"models": ["letters", embed(Corpus.of(["a", "b", "c"]), HalfEncoder())]}, "different texts"),
    ],
)
def test_what_can_not_be_compared_is_one_sentence(given: dict[str, object], says: str) -> None:
    with pytest.raises(EmbedlabError, match=says):
        compare(**{"corpus": corpus(), "models": ["letters", "halves"]} | given)  # type: ignore[arg-type]
