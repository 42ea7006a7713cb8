"""The settings of a training, and which loss suits what."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.finetune.recipe import ALL_LAYERS, LOSSES, Kind, Recipe, losses_for

PLAIN = Recipe("m", "labels")


@pytest.mark.parametrize(
    ("recipe", "classes", "loss"),
    [
        (PLAIN, 77, "prototypes"),
        (PLAIN, 8, "prototypes"),
        (PLAIN, 7, "triplet"),
        (replace(PLAIN, loss="ranking"), 2, "ranking"),
        (Recipe("m", "scored"), 0, "cosent"),
        (Recipe("m", "pairs"), 0, "ranking"),
    ],
)
def test_the_loss_that_suits(recipe: Recipe, classes: int, loss: str) -> None:
    assert recipe.chosen_loss(classes) == loss
    assert recipe.kind in LOSSES[loss].kinds


@pytest.mark.parametrize(
    ("changes", "classes", "trained", "told"),
    [
        ({}, 77, 3, "the upper half of the layers"),
        ({}, 2, 6, "all layers"),
        ({"loss": "ranking"}, 77, 6, "all layers"),
        ({"trained_layers": ALL_LAYERS}, 77, 6, "all layers"),
        ({"trained_layers": 1}, 77, 1, "the last layer"),
        ({"trained_layers": 4}, 2, 4, "the last 4 layers"),
    ],
)
def test_the_layers_that_suit(changes: dict[str, object], classes: int, trained: int, told: str) -> None:
    recipe = replace(PLAIN, **changes)  # type: ignore[arg-type]
    assert recipe.chosen_layers(6, classes) == trained
    assert recipe.layers_told(classes) == told
    assert replace(PLAIN).chosen_layers(1, 77) == 1  # one layer has no half


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"loss": "cosent"}, "use prototypes or ranking or triplet"),
        ({"loss": "magic"}, "use prototypes or ranking or triplet"),
        ({"epochs": 0}, "between 1 and 50, not 0"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"learning_rate": float("nan")}, "above 0"),
        ({"batch": 3}, "even number"),
        ({"batch": 5}, "even number"),
        ({"trained_layers": 0}, "At least one layer"),
        ({"mix": 0.0}, "above 0, at most 1"),
        ({"mix": 1.1}, "above 0, at most 1"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_can_not_be_trained_with(changes: dict[str, object], said: str) -> None:
    with pytest.raises(EmbedlabError, match=said):
        replace(PLAIN, **changes).check()  # type: ignore[arg-type]


def test_the_defaults_can_be_trained_with() -> None:
    for kind in ("labels", "scored", "pairs"):
        Recipe("m", kind).check()  # type: ignore[arg-type]
        assert losses_for(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "count", "classes", "epochs"),
    [
        ("labels", 0, 0, 10),
        ("labels", 154, 77, 5),
        ("labels", 770, 77, 4),
        ("labels", 1_500, 150, 3),
        ("labels", 200_000, 77, 1),
        ("labels", 100, 2, 10),
        ("labels", 1_000, 2, 3),
        ("pairs", 100, 0, 3),
        ("scored", 2_000, 0, 2),
        ("pairs", 20_000, 0, 1),
    ],
)
def test_the_more_there_is_to_learn_from_the_fewer_epochs(kind: Kind, count: int, classes: int, epochs: int) -> None:
    usual = Recipe.usual("m", kind, count, classes, seed=7)
    assert (usual.epochs, usual.seed, usual.kind) == (epochs, 7, kind)
    usual.check()


def test_a_recipe_comes_back_from_json() -> None:
    assert Recipe.of({"model": "m", "kind": "labels"}).mix == 1
    recipe = Recipe("m", "labels", epochs=3, trained_layers=2)
    facts = json.loads(json.dumps(asdict(recipe) | {"of a later version": 1}))
    assert Recipe.of(facts) == recipe
