"""Where the names on a map stand, and which of them are there at several granularities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embedlab.corpus import Corpus
from embedlab.explore.exploration import Exploration
from embedlab.figures import map_view
from embedlab.figures.map import MapLabel, marks
from embedlab.figures.map_view import labels_at, labels_of, map_page
from embedlab.pipeline import Groups
from embedlab.space import Clusters, Layout
from embedlab.space.embedding import embed
from embedlab.space.names import ClusterNames
from embedlab.space.neighbours import neighbours
from embedlab.space.tendency import Against, Tendency
from tests.conftest import LetterEncoder


def blob(x: float, y: float, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal((x, y), 0.3, (count, 2)).astype(np.float32)


# --- Where a name stands -------------------------------------------------------------------------


def test_a_name_stands_at_the_text_nearest_to_the_median() -> None:
    points = np.array([[0, 0], [1, 0], [2, 0], [3, 0], [100, 0]], dtype=np.float32)
    label = MapLabel.amid("name", points, 5.0, 3)
    assert (label.x, label.y, label.z, label.code) == (2, 0, None, 3)


def test_a_torn_group_has_its_name_in_its_largest_part() -> None:
    points = np.concatenate([blob(0, 0, 40), blob(10, 0, 30), blob(10, 10, 35)])
    label = MapLabel.amid("name", points, 1.0)
    assert np.hypot(label.x, label.y) < 0.5  # the median of each axis lies at (10, 0), the smallest part
    turned = MapLabel.amid("name", points[::-1], 1.0)
    assert (turned.x, turned.y) == (label.x, label.y)


def test_a_torn_group_in_depth() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.normal(at, 0.3, (count, 3)) for at, count in (((0, 0, 0), 40), ((9, 9, 9), 30), ((9, 0, 9), 20))]
    label = MapLabel.amid("name", np.concatenate(parts).astype(np.float32), 1.0)
    assert np.linalg.norm([label.x, label.y, label.z]) < 0.6


@pytest.mark.parametrize("points", [[[3, 4]], [[3, 4], [3, 4]], [[3, 4]] * 40])
def test_one_point_and_points_in_one_place(points: list[list[float]]) -> None:
    label = MapLabel.amid("name", np.array(points, dtype=np.float32), 1.0)
    assert (label.x, label.y) == (3, 4)


# --- At several granularities --------------------------------------------------------------------

TEXTS = 16


def groups(labels: list[int], *names: str, held: Tendency | None = None) -> Groups:
    clusters = Clusters(np.array(labels, dtype=np.int32), 1.0, 0, "space")
    return Groups(clusters, ClusterNames(names, ((),) * len(names), clusters.fingerprint, held))


def explored(shown: Groups) -> Exploration:
    space = embed(Corpus.of([f"{'abcd'[at // 4] * 3} {at}" for at in range(TEXTS)]), LetterEncoder())
    places = np.stack([np.arange(TEXTS), np.zeros(TEXTS)], axis=1).astype(np.float32)
    layout = Layout(places, "PCA", (), space.fingerprint)
    return Exploration(space, neighbours(space), layout, shown.clusters, shown.names, None)


COARSE = groups([0] * 8 + [1] * 8, "animals", "plants")
PRESENT = groups([0] * 4 + [1] * 4 + [2] * 4 + [3] * 4, "cats", "animals", "trees", "moss")
FINE = groups(
    [0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
    "kittens", "Cats", "dogs", "oaks", "trees, pines", "moss", "wet, moss",
)  # fmt: skip


def told(labels: list[MapLabel]) -> list[tuple[str, int, str, bool]]:
    return [(one.text, one.level, labels[one.parent].text if one.parent >= 0 else "", one.own) for one in labels]


def test_finer_names_have_the_coarser_ones_as_parents_and_none_says_the_same_again() -> None:
    labels = labels_at(explored(PRESENT), [COARSE, PRESENT, FINE])
    assert told(labels) == [
        ("plants", 0, "", False),  # "animals" is the name of a cluster that the map shows
        ("cats", 1, "", True),
        ("animals", 1, "", True),
        ("trees", 1, "plants", True),
        ("moss", 1, "plants", True),
        ("kittens", 2, "cats", False),
        ("dogs", 2, "animals", False),
        ("oaks", 2, "trees", False),
        ("trees, pines", 2, "trees", False),
        ("wet, moss", 2, "moss", False),
    ]
    assert [one.code for one in labels if one.level == 1] == [0, 1, 2, 3]
    assert all(labels[one.parent].level < one.level for one in labels if one.parent >= 0)


def test_a_click_on_a_finer_or_coarser_name_is_not_one_on_a_cluster_of_the_map() -> None:
    drawn = marks(labels_at(explored(PRESENT), [COARSE, PRESENT, FINE]))["labels"]
    assert [one["code"] for one in drawn] == [-1, 0, 1, 2, 3, -1, -1, -1, -1, -1]
    assert [one["level"] for one in drawn] == [0, 1, 1, 1, 1, 2, 2, 2, 2, 2]
    assert drawn[3]["parent"] == 0


def test_a_name_stands_among_its_texts() -> None:
    labels = labels_at(explored(PRESENT), [COARSE, PRESENT, FINE])
    for label in labels:
        level = (COARSE, PRESENT, FINE)[label.level]
        assert level.clusters.labels[int(label.x)] == label.code
        assert label.size == level.clusters.sizes[label.code]


def test_one_level_gives_the_names_that_the_map_has_alone() -> None:
    shown = explored(PRESENT)
    assert labels_at(shown, [PRESENT]) == labels_of(shown)
    assert [one.text for one in labels_of(shown)] == list(PRESENT.names.names)


def test_texts_in_no_cluster_carry_no_name() -> None:
    some = groups([-1] * 8 + [0] * 5 + [1] * 3, "a", "b")
    assert [(one.text, one.size) for one in labels_of(explored(some))] == [("a", 5), ("b", 3)]
    inside = groups([0] * 8 + [1] * 5 + [-1] * 3, "c", "d")
    labels = labels_at(explored(some), [some, inside])
    assert told(labels)[2:] == [("c", 1, "", False), ("d", 1, "a", False)]


def test_no_more_names_than_can_be_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_view, "MOST_NAMED", 6)
    labels = labels_at(explored(PRESENT), [COARSE, PRESENT, FINE])
    assert [one.text for one in labels] == ["plants", "cats", "animals", "trees", "moss", "kittens"]


def test_where_there_are_no_groups_there_are_no_names() -> None:
    chance = Against(1.0, 1.0, 0.1)
    none = Tendency(chance, chance, Against(0.0, 1.0, 0.01), TEXTS, TEXTS, 0)
    shown = explored(replace(PRESENT, names=replace(PRESENT.names, tendency=none)))
    assert labels_at(shown, [COARSE, PRESENT]) == labels_of(shown) == []


def test_the_clusters_of_the_map_have_to_be_among_the_levels() -> None:
    with pytest.raises(ValueError, match="not among"):
        labels_at(explored(PRESENT), [COARSE, FINE])


def test_the_page_that_stands_alone_has_the_levels_that_it_is_given() -> None:
    page = map_page(explored(PRESENT), named=[COARSE, PRESENT, FINE])
    assert "kittens" in page
    assert "plants" in page
    assert "kittens" not in map_page(explored(PRESENT))
