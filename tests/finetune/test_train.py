"""What decides which model is kept: scores on the validation part, by hand on a model that needs no training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from embedlab.finetune.data import TrainingData
from embedlab.finetune.losses import SCALE, class_means, in_pieces, prototypes
from embedlab.finetune.train import Mixture, Validation, not_worse


class Directions:
    """A text "x 30" lies at 30 degrees; what stands before the number is left out."""

    def encode(self, texts: list[str], prompt: str | None = None, **settings: Any) -> Any:
        assert settings["normalize_embeddings"]
        turned = 90.0 if prompt == "turn: " else 0.0
        angles = np.radians([float(text.split()[-1]) + turned for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def asked(data: TrainingData, rows: list[int], prompts: tuple[str, str] = ("", "")) -> list[float]:
    found = Validation(data.with_validation(np.array(rows)), 0, prompts).ask(Directions())
    return [round(float(value), 6) for value in found]


def test_a_text_is_right_where_the_mean_of_its_class_is_nearest() -> None:
    texts = ("a 0", "a 20", "b 80", "b 100", "a 30", "b 40", "b 60")
    data = TrainingData("labels", texts=texts, codes=np.array([0, 0, 1, 1, 0, 1, 1]), names=("a", "b"))
    assert asked(data, [4, 5, 6]) == [1.0, 0.0, 1.0]  # the classes lie at 10 and 90 degrees


def test_a_pair_counts_by_the_rank_of_its_partner() -> None:
    first = ("q 0", "q 50", "q 80", "q 7", "q 8", "q 9")
    second = ("d 10", "d 85", "d 79", "d 7", "d 8", "d 9")
    data = TrainingData("pairs", first=first, second=second)
    assert asked(data, [0, 1, 2]) == [1.0, round(1 / 2, 6), 1.0]


def test_queries_and_documents_have_their_own_prompts() -> None:
    data = TrainingData("pairs", first=("q 90", "q 120", "q 7"), second=("d 0", "d 30", "d 7"))
    assert asked(data, [0, 1], ("turn: ", "")) == [1.0, 1.0]


def test_scored_pairs_give_spearmans_correlation() -> None:
    first, second = ("a 0",) * 6, ("b 10", "b 40", "b 20", "b 80", "b 5", "b 6")
    scores = np.array([5.0, 2.0, 3.0, 0.0, 1.0, 2.0])
    data = TrainingData("scored", first=first, second=second, scores=scores)
    assert np.mean(asked(data, [0, 1, 2, 3])) == pytest.approx(1.0)
    reversed_scores = TrainingData("scored", first=first, second=second, scores=-scores)
    assert np.mean(asked(reversed_scores, [0, 1, 2, 3])) == pytest.approx(-1.0)


def test_a_newer_model_is_kept_unless_it_is_worse_beyond_chance() -> None:
    kept = np.array([1.0] * 20 + [0.0] * 20)
    assert not_worse(kept, kept)
    one_fewer = kept.copy()
    one_fewer[0] = 0
    assert not_worse(one_fewer, kept)
    assert not not_worse(np.zeros(40), kept)
    assert not_worse(np.ones(40), kept)


def test_a_mixture_lies_between_start_and_end_and_leaves_the_training_where_it_was() -> None:
    import torch

    model = torch.nn.Linear(1, 1)
    model.bias.requires_grad = False
    for share, expected in ((0.25, 3.0), (1.0, 6.0)):
        with torch.no_grad():
            model.weight.fill_(2.0)
            model.bias.fill_(0.0)
        mixture = Mixture(model, share)
        with torch.no_grad():
            model.weight.fill_(6.0)
        with mixture.applied():
            assert model.weight.item() == pytest.approx(expected)
            assert model.bias.item() == 0
        assert model.weight.item() == 6


@pytest.mark.parametrize("left", [False, True])
def test_a_batch_in_pieces_gives_each_text_its_own_vector_and_little_is_padding(left: bool) -> None:
    import torch

    shapes = []

    class Summing(torch.nn.Module):
        def forward(self, features: dict[str, Any]) -> dict[str, Any]:
            assert features["prompt_length"] == 2
            shapes.append(tuple(features["input_ids"].shape))
            return {"sentence_embedding": (features["input_ids"] * features["attention_mask"]).sum(1, keepdim=True)}

    lengths = torch.randperm(40, generator=torch.Generator().manual_seed(0)) + 1
    mask = (torch.arange(40) < lengths[:, None]).long()
    ids = torch.arange(1600).reshape(40, 40)
    features = {"attention_mask": mask.flip(1) if left else mask, "input_ids": ids, "prompt_length": 2}
    found = in_pieces(Summing())(features)["sentence_embedding"]
    assert torch.equal(found[:, 0], (ids * features["attention_mask"]).sum(1))
    assert shapes == [(16, 16), (16, 32), (8, 40)]


def test_prototypes_ask_for_the_own_class_among_those_that_have_texts() -> None:
    import torch

    class Fixed(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = torch.nn.Parameter(torch.ones(1))

        def forward(self, features: dict[str, Any]) -> dict[str, Any]:
            return {"sentence_embedding": self.one * features["vectors"]}

    vectors = np.array([[1.0, 0.0], [0.0, 2.0]])
    means = class_means(vectors, np.array([0, 2]), 3)
    assert means.tolist() == [[1, 0], [0, 0], [0, 1]]
    loss = prototypes(Fixed(), means)
    assert {name for name, weight in loss.named_parameters() if weight.requires_grad} == {"model.one", "prototypes"}
    features = [{"vectors": torch.tensor([[3.0, 0.0], [1.0, 1.0]])}]
    found = loss(features, torch.tensor([[0], [2]])).item()
    by_hand = (np.log(1 + np.exp(-SCALE)) + np.log(2)) / 2  # the class without a text is no choice
    assert found == pytest.approx(by_hand, rel=1e-5)
