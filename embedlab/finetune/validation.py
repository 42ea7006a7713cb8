"""How good a model is while it trains, on the part of its data that was kept back, and whether it got worse."""

from __future__ import annotations

from typing import Any

import numpy as np

from embedlab.base.arrays import Floats
from embedlab.finetune.data import TrainingData
from embedlab.finetune.losses import class_means, vectors_of

_FOR_PROTOTYPES = 1000


class Validation:
    """How good a model is on the part that was kept back: one number a text (or pair), whose mean is the score.

    Labels: 1 where the nearest class is the right one, a class being the mean of texts trained on. Pairs: 1 / the rank
    of the right partner among all. Scored: products of standardised ranks, whose mean is Spearman's correlation.
    """

    def __init__(self, data: TrainingData, seed: int, prompts: tuple[str, str]) -> None:
        assert data.validation is not None  # or there is nothing to ask
        self._asked = data.validation
        self._document, query = prompts
        self._query = query if data.kind == "pairs" else self._document
        if data.kind == "labels":
            rng = np.random.default_rng(seed)
            rows = np.sort(rng.permutation(len(data))[:_FOR_PROTOTYPES])
            self._known = data.take(rows)

    def ask(self, model: Any) -> Floats:
        """Return float64 (v,) for the v texts or pairs of the validation."""
        if self._asked.kind == "labels":
            return self._nearest_class(model)
        first = vectors_of(model, self._asked.first, self._query)
        second = vectors_of(model, self._asked.second, self._document)
        if self._asked.kind == "scored":
            return _rank_products((first * second).sum(axis=1), self._asked.scores)
        cosines = first @ second.T
        own = np.diag(cosines)[:, None]
        ranks: Floats = 1 / (1 + (cosines > own).sum(axis=1).astype(np.float64))
        return ranks

    def _nearest_class(self, model: Any) -> Floats:
        known = vectors_of(model, self._known.texts, self._document)
        asked = vectors_of(model, self._asked.texts, self._document)
        present, codes = np.unique(self._known.codes, return_inverse=True)
        means = class_means(known, codes, len(present))
        right: Floats = (present[(asked @ means.T).argmax(axis=1)] == self._asked.codes).astype(np.float64)
        return right


def _rank_products(cosines: Floats, scores: Floats) -> Floats:
    from scipy.stats import rankdata

    ranks = [rankdata(values) for values in (cosines, scores)]
    centred = [(values - values.mean()) / (values.std() or 1.0) for values in ranks]
    return np.asarray(centred[0] * centred[1], dtype=np.float64)


def not_worse(new: Floats, kept: Floats) -> bool:
    """Say whether `new` (v,) is better than `kept`, or worse by no more than two standard errors of the difference."""
    differences = new - kept
    error = differences.std(ddof=1) / np.sqrt(len(differences)) if len(differences) > 1 else 0.0
    return bool(differences.mean() >= -2 * error)
