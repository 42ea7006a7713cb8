"""The training itself: sentence-transformers' trainer over a plan of batches. The one place here that needs torch."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from embedlab.base.arrays import Floats
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import threads
from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.transformer.torch import accelerator, first_line_of, sentence_transformer
from embedlab.finetune.batches import BatchPlan, plan
from embedlab.finetune.data import TrainingData
from embedlab.finetune.losses import PROTOTYPE_RATE, PROTOTYPES, class_means, in_pieces, loss_of, vectors_of
from embedlab.finetune.recipe import Recipe

CHECKS = 5
WARM_UP = 0.1
MOST_BETWEEN = 200
"""Steps between two checks: so many are lost when the process is killed."""
_POINTS = 200


class Watcher(Protocol):
    """Whoever follows a training."""

    def stage(self, name: str, total: int = 0) -> None:
        """A new stage begins."""

    def step(self, done: int) -> None:
        """So many steps are done."""

    def loss(self, step: int, value: float) -> None:
        """The mean loss since the last time."""

    def score(self, step: int, value: float) -> None:
        """The score on the validation part."""

    def stopping(self) -> bool:
        """Say whether to stop now."""
        ...

    def keep(self, model: Any, step: int) -> None:
        """Write the model to disk: it is the best so far."""


def device() -> str:
    """Return what to train on: "cuda", "mps" or "cpu"."""
    return accelerator() or "cpu"


def train(source: ModelFolder, recipe: Recipe, data: TrainingData, scratch: Path, watcher: Watcher, on: str) -> None:
    """Train a fresh copy of `source`; the best model so far is handed to the watcher again and again.

    Every so many steps the validation part is asked. The newer model is kept unless it is worse by more than two
    standard errors of the paired difference; without a validation part the newest is. A stop keeps the best so far.
    What is asked and kept lies between the weights at the start and those reached (see `Mixture`).
    Raises `EmbedlabError` for a model that can't be loaded or has no layers to train.
    """
    watcher.stage("Loading the model")
    model = _loaded(source, recipe, len(data.names), on)
    steps = plan(data, recipe)
    trainer = _trainer(model, source, recipe, steps, data, scratch, on)
    validation = Validation(data, recipe.seed, source.prompts) if data.validation else None
    mixture = Mixture(model, recipe.mix)
    follower = Follower(watcher, model, mixture, validation, len(steps.batches), _half(on))
    trainer.add_callback(_callback(follower))
    watcher.stage("Training", len(steps.batches))
    trainer.train()
    follower.finish()


def _loaded(source: ModelFolder, recipe: Recipe, classes: int, on: str) -> Any:
    import torch

    random.seed(recipe.seed)
    np.random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.set_num_threads(threads())
    try:
        model = sentence_transformer(source.path, on)
    except MemoryError:
        raise
    except Exception as error:  # whatever a folder from elsewhere makes it say
        first = first_line_of(error)
        raise EmbedlabError(f"sentence-transformers can't load “{source.name}” ({first}): train another.") from error
    document, query = source.prompts
    if document or query:  # those known by the model's name must not be lost with it
        model.prompts = {"document": document, "query": query}
        model.default_prompt_name = None
    _freeze(model, recipe, classes)
    return model


def _freeze(model: Any, recipe: Recipe, classes: int) -> None:
    """Leave only the upper layers that the recipe trains to be changed, and what comes after the transformer.

    The table of token vectors stays as it is: a few texts would move the few tokens that they hold away from all
    others. That also saves half the memory, and time.
    """
    from torch.nn import ModuleList

    lists = [module for module in model[0].auto_model.modules() if isinstance(module, ModuleList)]
    layers = max(lists, key=len, default=())
    if not len(layers):
        raise EmbedlabError("The layers of this model can't be told apart, so it can't be trained here: use another.")
    for weight in model[0].parameters():
        weight.requires_grad = False
    for layer in layers[-recipe.chosen_layers(len(layers), classes) :]:
        for weight in layer.parameters():
            weight.requires_grad = True


def _half(on: str) -> bool:
    """Whether to compute in bfloat16 where that loses nothing that counts: twice as fast on a CPU that has it."""
    import torch

    if on == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return on == "cpu" and supported is not None and bool(supported())


def _trainer(
    model: Any, source: ModelFolder, recipe: Recipe, steps: BatchPlan, data: TrainingData, scratch: Path, on: str
) -> Any:
    from datasets import Dataset, disable_caching
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from transformers import PrinterCallback

    disable_caching()

    class Trainer(SentenceTransformerTrainer):
        def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
            """Write no card: that of sentence-transformers quotes the texts that it was trained on."""

    document, query = source.prompts
    prompts = {"anchor": query if data.kind == "pairs" else document, "positive": document, "text": document}
    loss = loss_of(in_pieces(model) if on == "cpu" else model, model, recipe, data, document)
    learned_along = {PROTOTYPES: PROTOTYPE_RATE} if recipe.chosen_loss(len(data.names)) == "prototypes" else {}
    chosen = SentenceTransformerTrainingArguments(
        output_dir=str(scratch),
        num_train_epochs=1,  # the plan holds them all
        per_device_train_batch_size=recipe.batch,
        learning_rate=recipe.chosen_rate(len(data.names)),
        learning_rate_mapping=learned_along,
        warmup_steps=WARM_UP if len(steps.batches) * WARM_UP >= 1 else 0,  # the first step of a warm-up learns nothing
        batch_sampler=_sampler(steps.batches),
        prompts={name: prompt for name, prompt in prompts.items() if prompt and name in steps.columns} or None,
        bf16=_half(on),
        use_cpu=on == "cpu",
        seed=recipe.seed,
        data_seed=recipe.seed,
        logging_steps=max(1, len(steps.batches) // _POINTS),
        logging_nan_inf_filter=False,
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
    )
    made = Trainer(
        model=model,
        args=chosen,
        train_dataset=Dataset.from_dict(steps.columns),
        loss=loss,
    )
    made.remove_callback(PrinterCallback)
    return made


def _sampler(batches: tuple[list[int], ...]) -> Any:
    """Return a kind of batch sampler that hands out the batches of a plan in their order."""
    from sentence_transformers.base.sampler import DefaultBatchSampler

    class Planned(DefaultBatchSampler):
        def __iter__(self) -> Iterator[list[int]]:
            return iter(batches)

        def __len__(self) -> int:
            return len(batches)

    return Planned


class Mixture:
    """A model on its way from the weights it had to those it has reached by training: `share` of the way.

    On the way there the old knowledge and the new are both at hand, and the mixture is often better at the new task
    than the end of the way. Source: Wortsman et al., "Robust fine-tuning of zero-shot models", 2022.
    """

    def __init__(self, model: Any, share: float) -> None:
        self._share = share
        learnt = [weight for weight in model.parameters() if weight.requires_grad] if share < 1 else []
        self._start = [(weight, weight.detach().clone()) for weight in learnt]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Make the model the mixture for a while; training then goes on from where it was."""
        reached = [weight.detach().clone() for weight, _ in self._start]
        for weight, start in self._start:
            weight.data.copy_(start.lerp(weight.detach(), self._share))
        try:
            yield
        finally:
            for (weight, _), value in zip(self._start, reached, strict=True):
                weight.data.copy_(value)


# --- Following it --------------------------------------------------------------------------------


class Follower:
    """What follows a training step by step: it reports, asks the validation part, keeps the best, says when to stop."""

    def __init__(
        self, watcher: Watcher, model: Any, mixture: Mixture, validation: Validation | None, total: int, half: bool
    ) -> None:
        self._watcher, self._model, self._mixture, self._validation = watcher, model, mixture, validation
        self._total, self._half = total, half
        self._every = max(1, min(-(-total // CHECKS), MOST_BETWEEN))
        self._step, self._checked = 0, -1
        self._kept: Floats | None = None

    def begin(self) -> None:
        """Ask the validation part before the first step."""
        if self._validation is not None:
            self._watcher.score(0, float(self._asked(self._validation).mean()))
        self._watcher.step(0)

    def step(self, done: int) -> bool:
        """Report a step, check the model where it is time; return whether to stop now."""
        self._step = done
        if done % self._every == 0 or done == self._total:
            self._check()
        self._watcher.step(done)
        return self._watcher.stopping()

    def loss(self, step: int, value: float) -> None:
        """Report the mean loss since the last time. Raises `EmbedlabError` where it is no number."""
        if not np.isfinite(value):
            raise EmbedlabError(
                "The training has run away (its loss is no number any more): use a lower learning rate."
            )
        self._watcher.loss(step, value)

    def finish(self) -> None:
        """Check the model as it is after the last step, if that was not done yet."""
        if self._checked < self._step:
            self._check()

    def _check(self) -> None:
        self._checked = self._step
        with self._mixture.applied():
            if self._validation is None or self._good_enough(self._validation):
                self._watcher.keep(self._model, self._step)

    def _good_enough(self, validation: Validation) -> bool:
        found = self._asked(validation)
        self._watcher.score(self._step, float(found.mean()))
        if self._kept is not None and not not_worse(found, self._kept):
            return False
        self._kept = found
        return True

    def _asked(self, validation: Validation) -> Floats:
        import torch

        training = self._model.training
        self._model.eval()
        with torch.inference_mode(), torch.autocast(self._model.device.type, torch.bfloat16, enabled=self._half):
            found = validation.ask(self._model)
        self._model.train(training)
        return found


def _callback(follower: Follower) -> Any:
    """Return what the trainer calls as it goes."""
    from transformers import TrainerCallback

    class Callback(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            follower.begin()

        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            if follower.step(state.global_step):
                control.should_training_stop = True

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any) -> None:
            loss = (logs or {}).get("loss")
            if loss is not None:
                follower.loss(state.global_step, float(loss))

    return Callback()


# --- How good it is meanwhile ---------------------------------------------------------------------


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
