"""What the page on a model's inside makes once for everybody: models opened, sentences and words followed."""

from __future__ import annotations

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report
from embedlab.encoders import Encoder, load
from embedlab.encoders import registry as encoders
from embedlab.encoders.base import TRANSFORMER
from embedlab.encoders.static import WORDLLAMA
from embedlab.encoders.transformer.layers import Inside
from embedlab.words.layers import Passage, through
from embedlab.words.senses import Meanings, meanings
from embedlab.words.uses import Uses
from pages.app import results
from pages.app.jobs import kept, say
from pages.app.widgets import awaited


def prompts() -> dict[str, str]:
    """Return the models whose layers can be shown, each with what it puts before a text."""
    return {one.name: one.prompt for one in results.listed_models() if one.family == TRANSFORMER and one.ready}


def opened(model: str) -> Inside:
    """Return the layers of `model`; until they are there, say so and end this run of the page."""

    _opened(model)
    return encoders.inside(model)


@awaited("Stopped. What was converted by then is kept.")
def _opened(report: Report, model: str) -> None:
    doing = f"Opening {model} (the first time it is converted, which takes some seconds)"
    say(report, doing)
    encoders.inside(model)


@kept
def passage(weights: str, text: str, prompt: str, _inside: Inside) -> Passage:
    """Return a sentence on its way through the model with these weights."""
    return through(_inside, text, prompt)


@kept
def vector(model: str, weights: str, text: str) -> object:
    """Return the vector of a text, float32 (d,), where more than a pooling makes it."""
    return load(model).encode([text])[0]


@awaited()
def followed(report: Report, weights: str, uses: Uses, prompt: str, _inside: Inside) -> Meanings:
    """Return a word's vectors in its sentences; until they are there, show how far it is and end this run."""
    return meanings(_inside, uses, prompt, _static(), report)


def _static() -> Encoder | None:
    """Return the model with one vector for a word; None where it is not installed."""
    try:
        return load(WORDLLAMA)
    except EmbedlabError:
        return None
