"""Coarser and finer clusters of the same texts: which lies in which, how many, and names that tell them apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embedlab.base.arrays import frozen
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.pipeline import MOST_NAMED, Groups, Prepared, levels
from embedlab.space import Clusters, Space
from embedlab.space.clusters import cluster, near_count
from embedlab.space.keywords import vocabulary
from embedlab.space.levels import named_within, parents_of, says_no_more
from embedlab.space.names import name_clusters
from embedlab.space.neighbours import neighbours
from embedlab.space.tendency import Against, Tendency


def numbered(*labels: int) -> Clusters:
    return Clusters(np.array(labels, dtype=np.int32), 1.0, 0, "space")


# --- Which lies in which -------------------------------------------------------------------------


def test_the_parent_holds_most_texts_of_a_cluster() -> None:
    finer, coarser = numbered(0, 0, 0, 1, 1, 2, 2, -1), numbered(1, 1, 0, 0, 0, 0, 1, 1)
    assert parents_of(finer, coarser).tolist() == [1, 0, 0]  # of the last one text is in each


def test_texts_in_no_cluster_have_no_say() -> None:
    assert parents_of(numbered(0, 0, 0, 1), numbered(-1, -1, 0, -1)).tolist() == [0, -1]
    assert parents_of(numbered(), numbered()).tolist() == []


@pytest.mark.parametrize(
    ("name", "above", "same"),
    [
        ("lost, card", "card, lost", True),
        ("Card", "lost, card", True),
        ("lost, card", "card", False),
        ("lost card", "lost, card", False),
    ],
)
def test_a_name_says_no_more_if_all_of_its_words_stand_above(name: str, above: str, same: bool) -> None:
    assert says_no_more(name, above) is same


# --- Names within the coarser cluster ------------------------------------------------------------

CARDS = ["card lost"] * 6 + ["card stolen"] * 5 + ["weather rain"] * 12
COARSE = numbered(*[0] * 11, *[1] * 12)


def named(clusters: Clusters, texts: list[str]) -> Groups:
    return Groups(clusters, name_clusters(clusters, vocabulary(texts)))


def test_a_cluster_with_its_parents_name_is_named_by_what_sets_it_apart_there() -> None:
    finer = numbered(*[1] * 6, *[2] * 5, *[0] * 12)
    above, below = named(COARSE, CARDS), named(finer, CARDS)
    vague = replace(below.names, names=("rain, weather", "card", "stolen, card"))
    told = named_within(
        finer, vague, COARSE, replace(above.names, names=("card", "weather, rain")), vocabulary(CARDS), np.eye(23)
    )
    assert told.names[0] == "rain, weather"  # it is all of its parent: nothing sets it apart
    assert "lost" in told.names[1]
    assert told.names[2] == "stolen, card"
    assert told.clusters == finer.fingerprint


def test_a_name_that_is_taken_is_given_to_no_other() -> None:
    finer = numbered(*[1] * 6, *[2] * 5, *[0] * 12)
    above, below = named(COARSE, CARDS), named(finer, CARDS)
    words = vocabulary(CARDS)
    own = name_clusters(numbered(*[0] * 6, *[1] * 5), vocabulary(CARDS[:11])).names[0]
    vague = replace(below.names, names=("rain", "card", own))
    told = named_within(finer, vague, COARSE, replace(above.names, names=("card", "weather")), words, np.eye(23))
    assert told.names[1] == "card"


# --- Planted levels ------------------------------------------------------------------------------

REGIONS, TOPICS, PARTS, TEXTS = 5, 4, 3, 5  # a topic has 15 texts: their 15 nearest are one more than its others


@pytest.fixture(scope="module")
def planted() -> Prepared:
    """Five regions of four topics of three parts of five texts, in directions at right angles."""
    rng = np.random.default_rng(0)
    region = np.repeat(np.arange(REGIONS), TOPICS * PARTS * TEXTS)
    topic = np.repeat(np.arange(REGIONS * TOPICS), PARTS * TEXTS)
    part = np.repeat(np.arange(REGIONS * TOPICS * PARTS), TEXTS)
    vectors = np.zeros((len(part), 100))
    for weight, first, code in ((1.0, 0, region), (0.8, 10, topic), (0.6, 40, part)):
        vectors[np.arange(len(part)), first + code] += weight
    vectors += rng.normal(scale=0.04, size=vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [
        f"{_word('r', r)} {_word('t', t)} {_word('p', p)} {number}"
        for number, (r, t, p) in enumerate(zip(region, topic, part, strict=True))
    ]
    card = EncoderInfo("given", "", 100, 8, "numpy")
    space = Space(Corpus.of(texts), card, frozen(vectors.astype(np.float32)), frozen(np.zeros(len(texts), dtype=bool)))
    return Prepared(space, neighbours(space))


def _word(kind: str, number: int) -> str:
    return kind + "".join("bcdfghjklm"[int(digit)] + "o" for digit in f"{number:02}")


@pytest.fixture(scope="module")
def topics(planted: Prepared) -> Groups:
    found = cluster(planted.neighbours, 3.0)
    assert found.count == REGIONS * TOPICS
    return named(found, list(planted.space.corpus.texts))


def test_a_number_of_clusters_is_found_near_the_one_asked_for(planted: Prepared) -> None:
    start = cluster(planted.neighbours, 20.0, seed=3)
    for wanted in (5, 20, 60):
        found = near_count(planted.neighbours, wanted, start)
        assert found.count == pytest.approx(wanted, rel=0.15)
        assert found.seed == 3


def test_where_a_graph_gives_no_such_number_the_nearest_is_returned(planted: Prepared) -> None:
    start = cluster(planted.neighbours, 1.0)
    fewest = near_count(planted.neighbours, 1, start)
    assert 1 <= fewest.count <= REGIONS
    most = near_count(planted.neighbours, 10_000, start)
    assert start.count < most.count <= len(planted.space)


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedlab.pipeline.IN_FINER", 4)


@pytest.mark.usefixtures("_small")
def test_levels_are_coarser_and_finer_and_lie_in_each_other(planted: Prepared, topics: Groups) -> None:
    coarse, present, fine = levels(planted, topics)
    assert present is topics
    assert coarse.clusters.count == REGIONS
    assert 2 * REGIONS * TOPICS <= fine.clusters.count <= 5 * REGIONS * TOPICS
    texts = np.arange(len(planted.space))
    region, topic = texts // (TOPICS * PARTS * TEXTS), texts // (PARTS * TEXTS)
    for finer, coarser, truth in ((present, coarse, region), (fine, present, topic)):
        parents = parents_of(finer.clusters, coarser.clusters)[finer.clusters.labels]
        assert ((parents[:, None] == parents) == (truth[:, None] == truth)).mean() > 0.98
    assert len(set(fine.names.names)) == fine.clusters.count


@pytest.mark.usefixtures("_small")
def test_levels_are_the_same_every_time(planted: Prepared, topics: Groups) -> None:
    first, second = levels(planted, topics), levels(planted, topics)
    assert [one.names.fingerprint for one in first] == [one.names.fingerprint for one in second]


@pytest.mark.usefixtures("_small")
def test_a_dozen_clusters_have_no_coarser_ones(planted: Prepared) -> None:
    few = named(cluster(planted.neighbours, 0.3), list(planted.space.corpus.texts))
    assert few.clusters.count <= 12
    found = levels(planted, few)
    assert found[0] is few
    assert len(found) == 2


def test_clusters_of_few_texts_have_no_finer_ones(planted: Prepared) -> None:
    found = near_count(planted.neighbours, 60, cluster(planted.neighbours, 1.0))
    assert levels(planted, named(found, list(planted.space.corpus.texts)))[-1].clusters.count == found.count


@pytest.mark.usefixtures("_small")
def test_names_are_bounded(planted: Prepared, topics: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(one.clusters.count for one in levels(planted, topics)) <= MOST_NAMED
    monkeypatch.setattr("embedlab.pipeline.MOST_NAMED", 50)
    assert sum(one.clusters.count for one in levels(planted, topics)) <= 50


def test_where_there_are_no_groups_there_are_no_levels(planted: Prepared, topics: Groups) -> None:
    chance = Against(1.0, 1.0, 0.1)
    none = Tendency(chance, chance, Against(0.0, 1.0, 0.01), 300, 300, 0)
    assert not none.grouped
    words = vocabulary(planted.space.corpus.texts)
    groups = Groups(topics.clusters, name_clusters(topics.clusters, words, None, none))
    assert levels(planted, groups) == (groups,)


# --- How many at each granularity ----------------------------------------------------------------
