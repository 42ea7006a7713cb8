"""Whether there are groups at all, and whether words go with them: planted ones pass, random vectors never do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.corpus import Corpus
from embedlab.space.clusters import cluster
from embedlab.space.keywords import vocabulary
from embedlab.space.names import name_clusters
from embedlab.space.neighbours import neighbours
from embedlab.space.space import Space
from embedlab.space.tendency import FITTINGS, Tendency, _principal, _random, tendency
from tests.compare.spaces import space_of

WORDS = [
    "river", "stone", "bread", "engine", "violin", "market", "winter", "garden", "letter", "copper", "pillow", "candle",
    "basket", "saddle", "hammer", "mirror", "carpet", "bottle", "ladder", "ribbon", "anchor", "blanket", "compass",
    "drawer", "feather", "glacier", "harbour", "island", "jacket", "kettle",
]  # fmt: skip


def sayings(topics: Sequence[int], seed: int = 0) -> list[str]:
    """Return a text for each topic: three of the topic's five words and two of all, none the same twice."""
    rng = np.random.default_rng(seed)
    texts = []
    for number, topic in enumerate(topics):
        own = rng.choice(WORDS[5 * topic : 5 * topic + 5], 3, replace=False)
        texts.append(" ".join([*own, *rng.choice(WORDS, 2), f"n{number}"]))
    return texts


def planted(topics: Sequence[int], dimensions: int = 32, noise: float = 0.7, seed: int = 0) -> NDArray[np.float64]:
    """Return vectors around a direction for each topic."""
    rng = np.random.default_rng(seed)
    middles = np.linalg.qr(rng.normal(size=(dimensions, 6)))[0].T
    return np.asarray(middles[list(topics)] + noise * rng.normal(size=(len(topics), dimensions)) / dimensions**0.5)


def held(vectors: NDArray[np.floating], texts: Sequence[str] | None = None, own: bool = True) -> Tendency:
    corpus = Corpus.of(texts) if texts else None
    space = space_of(vectors, corpus)
    if own:
        space = replace(space, card=replace(space.card, column="emb"))
    return tendency(space, neighbours(space), vocabulary(space.corpus.texts))


def random_of(kind: str, count: int, dimensions: int, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng([seed, count, dimensions])
    drawn = rng.normal(size=(count, dimensions))
    if kind == "falling":
        return np.asarray(drawn / np.arange(1, dimensions + 1))
    return np.asarray(drawn + (3 if kind == "cone" else 0))


@pytest.mark.parametrize("kind", ["alike in all directions", "falling", "cone"])
@pytest.mark.parametrize(("count", "dimensions"), [(200, 16), (200, 384), (600, 64)])
def test_random_vectors_hold_no_groups(kind: str, count: int, dimensions: int) -> None:
    """Whether they point everywhere, mostly in a few directions, or all much the same way."""
    assert {held(random_of(kind, count, dimensions, seed)).kind for seed in range(2)} == {"none"}


@pytest.mark.parametrize("groups", [2, 3, 6])
@pytest.mark.parametrize("count", [200, 600])
def test_planted_groups_are_groups_whatever_the_words(groups: int, count: int) -> None:
    """Two broad groups say nothing to a fine granularity, so they must be seen at a broad one."""
    for seed in range(2):
        found = held(planted(np.arange(count) % groups, seed=seed))
        assert (found.kind, found.grouped, found.named, found.sentence) == ("groups", True, True, "")
        assert found.related is None  # "text 1", "text 2": their words can't tell


def test_words_that_go_with_the_vectors_vouch_for_groups_of_few_texts() -> None:
    topics = np.arange(60) % 6
    found = held(planted(topics), sayings(topics))
    assert found.related
    assert found.named


def test_groups_that_words_have_no_part_in_are_not_named() -> None:
    topics = np.random.default_rng(3).permutation(np.arange(240) % 6)
    vectors = planted(topics)[np.random.default_rng(4).permutation(240)]
    found = held(vectors, sayings(topics))
    assert (found.kind, found.grouped, found.named) == ("other words", True, False)
    assert "nothing to do with the words" in found.sentence
    assert "the order of the rows is wrong" in found.sentence
    assert held(vectors, sayings(topics), own=False).sentence.endswith(
        "made up may not know the language of these texts."
    )


def test_own_vectors_one_row_off_are_found_by_the_words_alone() -> None:
    topics = np.random.default_rng(3).permutation(np.arange(240) % 6)
    found = held(np.roll(planted(topics, noise=0.4), 1, axis=0), sayings(topics))
    assert found.kind == "other words"
    assert found.order is not None
    assert (found.order.kind, found.order.by) == ("moved", 1)
    assert "The rows of the vectors seem to be one row too low: what stands in row 2 fits row 1 of the texts" in (
        found.sentence
    )


def test_few_random_vectors_are_doubted_only_if_words_say_so_too() -> None:
    topics = np.random.default_rng(3).permutation(np.arange(90) % 6)
    vectors = random_of("", 90, 32, 0)
    assert held(vectors, sayings(topics)).kind == "none"
    assert held(vectors).kind == "unknown"
    assert held(vectors[:49], sayings(topics)[:49]).kind == "unknown"
    assert "too few" in held(vectors[:49]).detail


def test_groups_that_flow_into_one_another_keep_their_names_and_that_is_said() -> None:
    """Texts whose words follow from where they lie in a cloud without groups."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(600, 12))
    topics = vectors[:, :6].argmax(axis=1)
    found = held(vectors, sayings(topics.tolist()))
    assert (found.kind, found.named) == ("flowing", True)
    assert found.sentence.startswith("These groups flow into one another")


def test_random_vectors_have_the_mean_and_the_covariance_of_the_real_ones() -> None:
    """Told in another basis: so the length of the mean and the eigenvalues of the covariance are the same."""
    vectors = space_of(planted(np.arange(150) % 6, dimensions=12) + 0.3).vectors
    drawn = next(_random(vectors, 1, np.random.default_rng(0)))
    assert FITTINGS > 0
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(drawn.mean(axis=0)), np.linalg.norm(vectors.mean(axis=0)), rtol=1e-3)
    real, random = (np.sort(np.linalg.eigvalsh(np.cov(one.T)))[::-1] for one in (vectors, drawn))
    assert np.abs(random[:12] - real).max() < 0.02 * real.max()


def test_fewer_texts_than_dimensions_have_a_covariance_too() -> None:
    vectors = space_of(np.random.default_rng(0).normal(size=(60, 200))).vectors
    mean, spread = _principal(vectors)
    assert len(mean) == len(spread) == 60  # 59 components, and what of the mean lies outside of them
    drawn = next(_random(vectors, 1, np.random.default_rng(0)))
    real, random = (np.sort(np.linalg.eigvalsh(one @ one.T))[::-1] for one in (vectors, drawn))
    assert np.abs(random - real).max() < 0.03 * real.max()


@pytest.mark.parametrize("vectors", [np.ones((80, 4)), np.repeat(np.eye(4), 20, axis=0), np.eye(80)])
def test_vectors_that_are_hardly_any(vectors: NDArray[np.float64]) -> None:
    """One vector for all, four vectors, and none near another: a verdict each, and no warning."""
    with np.errstate(all="raise", under="ignore"):
        found = held(vectors)
    assert found.kind in ("groups", "none", "unknown")
    assert found.detail


def test_copies_count_once(letters: object) -> None:
    texts = [f"text {number % 40}" for number in range(200)]
    assert held(random_of("", 200, 8, 0), texts).texts == 40


def test_the_same_seed_gives_the_same_verdict() -> None:
    vectors = random_of("", 1200, 8, 0)
    assert held(vectors) == held(vectors)
    assert held(vectors).sample == 1000


def test_names_are_numbers_where_words_have_no_part(letters: object) -> None:
    space: Space = space_of(random_of("", 220, 16, 0))
    near = neighbours(space)
    words, clusters = vocabulary(space.corpus.texts), cluster(near)
    found = name_clusters(clusters, words, space.vectors, tendency(space, near, words))
    assert found.names[:2] == ("Group 1", "Group 2")
    assert (found.drawn, found.grouped) == (False, False)
    assert found.doubt.startswith("These vectors hold no groups")
    assert name_clusters(clusters, words, space.vectors).drawn
