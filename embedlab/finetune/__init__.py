"""Fine-tuning: a fresh copy of a model trained on one's own labels, in a process of its own.

`recipe` says how, `data` on what and in which order, `runs` starts, watches, stops, takes away and deletes. `worker`
is the process, `train` what it does: the only module here that needs torch.
"""

from __future__ import annotations

from embedlab.encoders.transformer.tuned import Status
from embedlab.finetune.data import TrainingData, from_labels, from_pairs
from embedlab.finetune.recipe import ALL_LAYERS, LOSSES, Kind, Recipe, losses_for
from embedlab.finetune.runs import (
    Run,
    archive,
    delete,
    estimate,
    finish,
    folder_of,
    free_name,
    run,
    runs,
    start,
    stop,
    trainable,
)

__all__ = [
    "ALL_LAYERS",
    "LOSSES",
    "Kind",
    "Recipe",
    "Run",
    "Status",
    "TrainingData",
    "archive",
    "delete",
    "estimate",
    "finish",
    "folder_of",
    "free_name",
    "from_labels",
    "from_pairs",
    "losses_for",
    "run",
    "runs",
    "start",
    "stop",
    "trainable",
]
