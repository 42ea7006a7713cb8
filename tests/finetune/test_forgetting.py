"""The general pairs, and what a model that was fine-tuned forgot of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from embedlab.corpus.datasets import DATA_SETS, builtin
from embedlab.encoders import Encoder, EncoderInfo
from embedlab.finetune.forgetting import forgotten, general_pairs, generality
from embedlab.text.same import folded
from tests.conftest import LetterEncoder


class Knowing(LetterEncoder):
    """Knows the grades: the cosine of a pair is its grade divided by 5, but for some noise."""

    def __init__(self, noise: float) -> None:
        super().__init__()
        self.card = EncoderInfo("knowing", "by hand", 2, 8, "tests")
        self._noise = np.random.default_rng(0).normal(size=len(general_pairs())) * noise

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        pairs = general_pairs()
        assert list(texts) == [*pairs.first, *pairs.second]
        angles = np.arccos(np.clip(pairs.scores / 5 + self._noise, -1, 1))
        second = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return np.vstack([np.tile([1.0, 0.0], (len(pairs), 1)), second]).astype(np.float32)


class Collapsed(LetterEncoder):
    """Has forgotten everything: all texts are one."""

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        return np.tile(np.eye(27, dtype=np.float32)[0], (len(texts), 1))


def test_the_pairs_are_many_varied_and_not_to_be_met_elsewhere() -> None:
    pairs = general_pairs()
    assert len(pairs) >= 150
    assert len(pairs.first) == len(pairs.second) == len(pairs)
    assert set(pairs.scores) == {0, 1, 2, 3, 4, 5}
    assert min(np.bincount(pairs.scores.astype(int))) >= 25
    told = json.loads(files("embedlab.finetune").joinpath("general.json").read_text(encoding="utf-8"))
    assert len(told["scale"]) == 6
    assert "embedlab" in told["note"]
    texts = [folded(text) for text in (*pairs.first, *pairs.second)]
    assert len(set(texts)) == len(texts)
    known = {folded(text) for one in DATA_SETS for text in builtin(one.name).texts}
    assert not known & set(texts)


def test_agreement_is_spearmans() -> None:
    found = generality(Knowing(0.3))
    assert found.spearman.mean == pytest.approx(spearmanr(found.cosines, general_pairs().scores).statistic)
    assert found.spearman.low < found.spearman.mean < found.spearman.high
    assert not found.cosines.flags.writeable


def test_what_was_forgotten_is_said() -> None:
    good, bad = generality(Knowing(0.1)), generality(Knowing(0.6))
    lost, won, same = forgotten(good, bad), forgotten(bad, good), forgotten(good, good)
    assert lost.verdict == "worse"
    assert lost.difference.mean == pytest.approx(bad.spearman.mean - good.spearman.mean)
    assert lost.difference.high < 0
    assert lost.sentence.startswith("Fine-tuning cost generality")
    assert won.verdict == "better"
    assert won.sentence.startswith("Fine-tuning cost no generality")
    assert same.verdict == "tie"
    assert same.sentence.startswith("No change in generality")
    assert lost.detail.endswith(f" to {lost.difference.high:+.3f}).")
    assert f"{len(general_pairs())} pairs of everyday sentences" in lost.detail


def test_a_model_for_which_all_texts_are_one_has_forgotten_everything() -> None:
    found = generality(Collapsed())
    assert found.spearman.mean == 0
    assert forgotten(generality(Knowing(0.1)), found).verdict == "worse"


@pytest.mark.model
def test_minilm_agrees_with_the_grades(minilm: Encoder) -> None:
    found = generality(minilm)
    assert found.spearman.low > 0.85
    means = [found.cosines[general_pairs().scores == grade].mean() for grade in range(6)]
    assert means == sorted(means)
