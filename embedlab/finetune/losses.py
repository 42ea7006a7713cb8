"""What a training minimises: losses over a batch, and how a batch goes through the model."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from embedlab.base.arrays import Floats, Rows
from embedlab.finetune.batches import PIECE
from embedlab.finetune.data import TrainingData
from embedlab.finetune.recipe import Recipe

EVERY_WAY: tuple[Literal["query_to_doc", "doc_to_query", "query_to_query", "doc_to_doc"], ...] = (
    "query_to_doc",
    "doc_to_query",
    "query_to_query",
    "doc_to_doc",
)
"""Every other text of the batch is one to be told from: more is learned from a step, at no cost."""
PROTOTYPES, PROTOTYPE_RATE = "prototypes", 3e-3
"""The name of the parameter that is learned along, and its learning rate: it starts near where it belongs."""
SCALE = 8.0
_ENCODED = 64


def loss_of(forward: Any, model: Any, recipe: Recipe, data: TrainingData, prompt: str) -> Any:
    """Return the loss; `forward` is the model as it is run in training."""
    from sentence_transformers.sentence_transformer.losses import (
        BatchSemiHardTripletLoss,
        CoSENTLoss,
        MultipleNegativesRankingLoss,
    )

    loss = recipe.chosen_loss(len(data.names))
    if loss == "prototypes":
        return prototypes(forward, class_means(vectors_of(model, data.texts, prompt), data.codes, len(data.names)))
    if loss == "cosent":
        return CoSENTLoss(forward)
    if loss == "triplet":
        return BatchSemiHardTripletLoss(forward)
    return MultipleNegativesRankingLoss(forward, directions=EVERY_WAY)


def class_means(vectors: Floats, codes: Rows, classes: int) -> Floats:
    """Return the mean vector of each class at length 1, (classes, d); zeros for a class without a text."""
    sums = np.zeros((classes, vectors.shape[1]))
    np.add.at(sums, codes, vectors)
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12))


def prototypes(model: Any, means: Floats) -> Any:
    """Return the normalised softmax loss: cross-entropy over scaled cosines to prototypes, which are learned along.

    Classes that no text is of are no choice. Sources: Wang et al., "NormFace", 2017; Zhai and Wu, "Classification is a
    strong baseline for deep metric learning", 2019. The scale is milder than usual, so that the loss of a few texts
    isn't used up at once.
    """
    import torch
    from torch.nn.functional import cross_entropy, normalize

    empty = torch.tensor(~means.any(axis=1))

    class Prototypes(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model
            self.prototypes = torch.nn.Parameter(torch.tensor(means, dtype=torch.float32))

        def forward(self, sentence_features: Any, labels: Any) -> Any:
            vectors = normalize(self.model(next(iter(sentence_features)))["sentence_embedding"], dim=1)
            cosines = vectors @ normalize(self.prototypes, dim=1).T
            return cross_entropy((SCALE * cosines).masked_fill(empty.to(cosines.device), -torch.inf), labels.view(-1))

    return Prototypes().to(next(model.parameters()).device)


def in_pieces(model: Any) -> Any:
    """Return a model that does the same with a batch, but a few texts of like length at a time: less is padding.

    A graphics card would rather have the whole batch at once.
    """
    import torch

    class InPieces(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, features: dict[str, Any]) -> dict[str, Any]:
            order = features["attention_mask"].sum(dim=1).argsort(stable=True)
            vectors = [self.model(_piece(features, rows))["sentence_embedding"] for rows in order.split(PIECE)]
            return {"sentence_embedding": torch.cat(vectors)[order.argsort()]}

    return InPieces()


def _piece(features: dict[str, Any], rows: Any) -> dict[str, Any]:
    """Return some rows of a batch, without the columns that are padding in all of them."""
    import torch

    mask = features["attention_mask"]
    kept = mask[rows].any(dim=0)
    return {
        name: value[rows][:, kept] if isinstance(value, torch.Tensor) and value.shape == mask.shape else value
        for name, value in features.items()
    }


def vectors_of(model: Any, texts: tuple[str, ...], prompt: str) -> Floats:
    """Return the vectors of texts at length 1, float64 (n, d)."""
    made = model.encode(
        list(texts), prompt=prompt or None, batch_size=_ENCODED, normalize_embeddings=True, show_progress_bar=False
    )
    return np.asarray(made, dtype=np.float64)
