"""The model card of a fine-tuned model: what it was made from, how, and how good it turned out. It quotes no text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedlab.encoders.transformer.tuned import RECIPE, STATE, read_json
from embedlab.finetune.recipe import LOSSES, Recipe

if TYPE_CHECKING:
    from embedlab.finetune.compared import FrozenVsTuned
    from embedlab.finetune.forgetting import Forgotten
    from embedlab.finetune.pairs import PairsCompared

METRICS = "metrics.json"


def metrics(measured_on: str, compared: FrozenVsTuned | PairsCompared, forgotten: Forgotten) -> dict[str, str]:
    """Return what the card says under “Measured”, name by value: on what, frozen against tuned, and what it forgot.

    Whoever has measured a model hands this to `embedlab.finetune.runs.finish`.
    """
    return {"measured on": measured_on, **compared.figures, **forgotten.figures}


def card(folder: Path) -> str:
    """Return the README of the training in `folder`, as Markdown with a YAML header."""
    import yaml

    saved = read_json(folder / RECIPE)
    head = {
        "library_name": "sentence-transformers",
        "pipeline_tag": "sentence-similarity",
        "tags": ["sentence-transformers", "feature-extraction", "sentence-similarity", "embedlab"],
        "base_model": saved.get("model", ""),
    }
    source = saved.get("source", {})
    head |= {key: source[name] for key, name in (("license", "licence"), ("language", "languages")) if source.get(name)}
    lines = _lines(folder.name, saved, read_json(folder / STATE), read_json(folder / METRICS))
    return f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n\n" + "\n".join(lines) + "\n"


def _lines(name: str, saved: Mapping[str, Any], state: Mapping[str, Any], metrics: Mapping[str, Any]) -> Iterator[str]:
    recipe, data = Recipe.of(saved), saved.get("data", {})
    classes = int(data.get("classes", 0))
    loss = recipe.chosen_loss(classes)
    yield f"# {name}\n"
    yield f"A sentence-transformers model, fine-tuned with embedlab from {recipe.model}.\n"
    yield "## Recipe\n"
    yield from _table(
        {
            "base model": recipe.model,
            "its weights": saved.get("source", {}).get("weights", ""),
            "loss": loss,
            "epochs": recipe.epochs,
            "learning rate": f"{recipe.chosen_rate(classes):g}",
            "batch": recipe.batch,
            "layers trained": recipe.layers_told(classes),
            "mixture": "the trained weights"
            if recipe.mix == 1
            else f"{100 * recipe.mix:.0f} % of the way to the trained weights",
            "seed": recipe.seed,
            "step kept": f"{state.get('kept', 0)} of {state.get('total', 0)}",
            "seconds": state.get("seconds", 0),
            **_energy(state),
            "device": state.get("device", ""),
            **saved.get("versions", {}),
        }
    )
    yield f"\n{LOSSES[loss].explained}\n"
    yield "## Data\n"
    yield from _table(data)
    yield "\n## Measured\n"
    if metrics:
        yield from _table(metrics)
    else:
        yield "Not measured yet on texts that were held out."


def _energy(state: Mapping[str, Any]) -> dict[str, str]:
    if not isinstance(state.get("joules"), int | float):
        return {}
    return {"energy": f"{state['joules'] / 3600:.2f} Wh, counted by the processor, for all that ran on it meanwhile"}


def _table(facts: Mapping[str, Any]) -> Iterator[str]:
    yield "| | |\n|---|---|"
    for name, value in facts.items():
        cells = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in (name, value))
        yield f"| {' | '.join(cells)} |"
