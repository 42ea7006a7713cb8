"""The recipe of a training: which model, which loss, and the few settings that matter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from embedlab.base.errors import EmbedlabError

Kind = Literal["labels", "scored", "pairs"]

MOST_EPOCHS = 50
MOST_BATCH = 512
FEW_CLASSES = 8
ALL_LAYERS = 1_000
EPOCHS_OF_ONE = 110
"""What the usual number of epochs is as if for one text; it falls with the square root of their number."""
MOST_USUAL: Mapping[str, int] = {"prototypes": 5, "triplet": 10, "ranking": 3, "cosent": 3}


@dataclass(frozen=True)
class Loss:
    """One way of telling a model how wrong it is: the kinds of data that it suits, and two sentences on it."""

    name: str
    kinds: tuple[Kind, ...]
    explained: str


LOSSES: Mapping[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss(
            "prototypes",
            ("labels",),
            "Normalised softmax: each class has a prototype that is learned along, at first the mean of its texts; a "
            "text must lie nearer to that of its class than to all others. Each text goes through the model once an "
            "epoch, and every step knows all classes.",
        ),
        Loss(
            "ranking",
            ("labels", "pairs"),
            "Multiple negatives ranking: a text must lie nearer to its partner than to all others of its batch. With "
            "labels the partner is another text of the same class, and no class comes twice in a batch.",
        ),
        Loss(
            "triplet",
            ("labels",),
            "Batch semi-hard triplets: texts of one class must lie nearer to each other than to those of other classes "
            "by a margin. Suits few classes, of which a batch can hold several texts.",
        ),
        Loss(
            "cosent",
            ("scored",),
            "CoSENT: of two pairs, the one with the higher score must have the higher cosine. Only the order of the "
            "scores counts, not their scale.",
        ),
    )
}


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a training besides its data.

    `loss` is a name in `LOSSES`, "" for what suits the data; `learning_rate` None is what suits the loss.
    `trained_layers` counts layers from the top, whose weights change while those below stay as they are; `ALL_LAYERS`
    trains all of them, None what suits the loss. The table of token vectors always stays. `batch` is in pairs, or in
    texts for the losses that take texts with their labels. `mix` is how far to go from the weights at the start to
    those reached by training, above 0; 1 is all the way.
    """

    model: str
    kind: Kind
    loss: str = ""
    epochs: int = 3
    learning_rate: float | None = None
    batch: int = 64
    trained_layers: int | None = None
    seed: int = 0
    mix: float = 0.7

    @classmethod
    def usual(cls, model: str, kind: Kind, count: int, classes: int = 0, seed: int = 0) -> Recipe:
        """Return the recipe to begin with for `count` texts, in so many classes, or pairs to learn from.

        The more, the fewer epochs: four times as many get half as many epochs, which is twice as many steps; more only
        cost time and generality. A few texts are soon known by heart, so there is a most.
        """
        recipe = cls(model, kind, seed=seed)
        epochs = round(EPOCHS_OF_ONE / math.sqrt(max(1, count)))
        return replace(recipe, epochs=min(MOST_USUAL[recipe.chosen_loss(classes)], max(1, epochs)))

    def chosen_loss(self, classes: int = 0) -> str:
        """Return the loss's name; where none is asked for, what suits the kind and the number of classes."""
        if self.loss:
            return self.loss
        if self.kind == "scored":
            return "cosent"
        if self.kind == "pairs":
            return "ranking"
        return "triplet" if classes < FEW_CLASSES else "prototypes"

    def chosen_rate(self, classes: int = 0) -> float:
        """Return the learning rate; where none is asked for, what suits the loss."""
        if self.learning_rate is not None:
            return self.learning_rate
        return 6e-4 if self.chosen_loss(classes) == "prototypes" else 1e-4

    def chosen_layers(self, of: int, classes: int = 0) -> int:
        """Return how many of a model's `of` layers are trained; where nothing is asked for, what suits the loss.

        That is the upper half for prototypes: with few texts it wins more than training all, and sooner.
        """
        if self.trained_layers is not None:
            return min(self.trained_layers, of)
        return (of + 1) // 2 if self.chosen_loss(classes) == "prototypes" else of

    def layers_told(self, classes: int = 0) -> str:
        """Say which layers are trained."""
        if self.trained_layers is None and self.chosen_loss(classes) == "prototypes":
            return "the upper half of the layers"
        if self.trained_layers is None or self.trained_layers >= ALL_LAYERS:
            return "all layers"
        return "the last layer" if self.trained_layers == 1 else f"the last {self.trained_layers} layers"

    def check(self) -> None:
        """Raise `EmbedlabError` for a setting with which nothing can be trained."""
        if self.loss and (self.loss not in LOSSES or self.kind not in LOSSES[self.loss].kinds):
            fitting = " or ".join(loss.name for loss in losses_for(self.kind))
            raise EmbedlabError(f"The loss “{self.loss}” doesn't suit these data: use {fitting}.")
        if not 1 <= self.epochs <= MOST_EPOCHS:
            raise EmbedlabError(f"The number of epochs must be between 1 and {MOST_EPOCHS}, not {self.epochs}.")
        if self.learning_rate is not None and not 0 < self.learning_rate <= 1e-2:
            raise EmbedlabError(
                f"The learning rate must be above 0 and at most 0.01, not {self.learning_rate:g}: 0.0001 is usual."
            )
        if not 4 <= self.batch <= MOST_BATCH or self.batch % 2:
            raise EmbedlabError(f"The batch must be an even number between 4 and {MOST_BATCH}, not {self.batch}.")
        if self.trained_layers is not None and self.trained_layers < 1:
            raise EmbedlabError("At least one layer must be trained.")
        if not 0 < self.mix <= 1:
            raise EmbedlabError(
                f"The share of the way to the trained weights must be above 0, at most 1: not {self.mix:g}."
            )
        if not 0 <= self.seed < 2**32:
            raise EmbedlabError(f"The seed must be a whole number between 0 and {2**32 - 1}, not {self.seed}.")

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Recipe:
        """Return the recipe whose fields `facts` holds, as JSON; settings that this version doesn't know are left out.

        One without `mix` is of a time when the trained weights were kept as they were.
        """
        known = {name: value for name, value in facts.items() if name in cls.__dataclass_fields__}
        return cls(**{"mix": 1.0, **known})


def losses_for(kind: Kind) -> tuple[Loss, ...]:
    """Return the losses that suit a kind of data, the usual one first."""
    return tuple(loss for loss in LOSSES.values() if kind in loss.kinds)
