"""How long a training will take: from the last one of the same kind on this machine, or from how fast it computes."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import numpy as np

from embedlab.base.progress import threads
from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.transformer.tuned import read_json, root
from embedlab.finetune.batches import plan
from embedlab.finetune.data import TrainingData
from embedlab.finetune.recipe import Recipe

RATES = "rates.json"
"""Seconds a character that goes through the model, by model and layers."""
CHARACTERS = 4.3
"""In a token of English text."""
EFFICIENCY = 0.65
"""Of a training in fp32, as a share of what small matrix products reach; MiniLM on two cores. With bf16 it is 1.1."""
TO_LOAD = 4.0
ENOUGH_STEPS = 20
A_STEP = 0.17
"""Seconds of a step that don't depend on the texts: updating the weights."""


def seconds_for(model: ModelFolder, recipe: Recipe, data: TrainingData) -> float:
    """Return about how many seconds a training takes, loading included."""
    steps = plan(data, recipe)
    known = read_json(root() / RATES).get(_key(recipe))
    if isinstance(known, int | float):
        return TO_LOAD + float(known) * steps.padded
    work = 6 * _weights_used(model) * steps.padded / CHARACTERS
    return TO_LOAD + A_STEP * len(steps.batches) + work / (EFFICIENCY * _speed())


def keep_rate(recipe: Recipe, data: TrainingData, seconds: float) -> None:
    """Remember how long a training took, for the next estimate. One of a few steps tells nothing of a longer one."""
    steps = plan(data, recipe)
    padded = steps.padded
    if len(steps.batches) < ENOUGH_STEPS or not padded or seconds <= 0:
        return
    with suppress(OSError):
        file = root() / RATES
        file.write_text(json.dumps(read_json(file) | {_key(recipe): seconds / padded}), encoding="utf-8")


def _key(recipe: Recipe) -> str:
    return f"{recipe.model}, {recipe.trained_layers or 'usual'} layers, in pieces"


def _weights_used(model: ModelFolder) -> float:
    """Return how many weights each token is multiplied with: those of the layers."""
    config = model.json("config.json")
    width = int(config.get("hidden_size") or config.get("d_model") or config.get("dim") or 384)
    layers = int(config.get("num_hidden_layers") or config.get("n_layers") or 6)
    inner = int(config.get("intermediate_size") or config.get("hidden_dim") or 4 * width)
    return layers * (4.0 * width * width + 2.0 * width * inner)


def _speed() -> float:
    """Return the floating point operations a second of small matrix products on all threads of a training.

    By the time that one core was given for it, so that other work meanwhile doesn't count: that may be over by then.
    """
    stack, block = np.ones((1000, 64, 64), dtype=np.float32), np.ones((64, 64), dtype=np.float32)
    best = float("inf")
    for _ in range(4):
        start = time.thread_time()
        np.matmul(stack, block)  # so small that each product keeps to this thread
        best = min(best, time.thread_time() - start)
    return threads() * 2 * 64**3 * len(stack) / max(best, 1e-9)
