"""Names of clusters: short, different, and there even without words."""

from __future__ import annotations

import numpy as np

from embedlab.space.keywords import vocabulary
from embedlab.space.names import MAX_NAME, ClusterNames, name_clusters
from embedlab.space.space import Clusters


def named(texts: list[str], labels: list[int]) -> ClusterNames:
    clusters = Clusters(np.array(labels, dtype=np.int32), 1.0, 0, "space")
    return name_clusters(clusters, vocabulary(texts))


def test_a_name_is_made_of_the_words_that_set_the_cluster_apart() -> None:
    texts = ["red apple", "red cherry", "blue sky", "blue sea", "grey"]
    names = named(texts, [0, 0, 1, 1, -1])
    assert names.names == ("red, apple, cherry", "blue, sky, sea")
    assert names.words[0][0].term == "red"
    assert names.of(1) == "blue, sky, sea"
    assert names.of(-1) == "no cluster"


def test_names_are_different_even_for_the_same_texts() -> None:
    names = named(["same text"] * 6, [0, 0, 1, 1, 2, 2]).names
    assert len({name.casefold() for name in names}) == 3


def test_the_smaller_cluster_takes_another_of_its_words() -> None:
    texts = ["lost card alpha"] * 3 + ["lost card beta"] * 2 + ["weather"] * 20
    names = named(texts, [0] * 3 + [1] * 2 + [2] * 20).names
    assert len(set(names)) == 3
    assert "beta" in names[1]
    assert "(2)" not in "".join(names)


def test_names_are_short() -> None:
    texts = ["internationalisation considerations notwithstanding", "x" * 50, "blue sky"]
    for name in named(texts, [0, 1, 2]).names:
        assert 0 < len(name) <= MAX_NAME


def test_a_cluster_without_words_is_named_by_its_most_frequent_text() -> None:
    names = named(["😀", "😀", "😡", "12 34", "12  34", "words here"], [0, 0, 0, 1, 1, 2]).names
    assert names[:2] == ("😀", "12 34")


def test_a_cluster_of_blank_texts_is_named_by_its_number() -> None:
    assert named([" ", " ", "words here"], [0, 0, 1]).names[0] == "cluster 1"


def test_no_clusters() -> None:
    assert named(["a", "b"], [-1, -1]).names == ()


def test_fingerprint_changes_with_the_names() -> None:
    first, second = named(["red", "blue"], [0, 1]), named(["red", "grey"], [0, 1])
    assert first.fingerprint == named(["red", "blue"], [0, 1]).fingerprint
    assert first.fingerprint != second.fingerprint


def test_single_words_are_named_by_the_most_central_ones() -> None:
    texts = ("aab", "ab", "abb", "ab", "xxy", "xy", "xyy", "xyyyy")
    clusters = Clusters(np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=np.int32), 1.0, 0, "")
    vectors = np.array([[2, 1], [1, 1], [1, 2], [1, 1], [-2, 1], [-1, 1], [-1, 2], [-1, 4]], dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = name_clusters(clusters, vocabulary(texts), vectors).names
    assert names == ("ab, aab, abb", "xy, xyy, xyyyy")
