"""What the page on a model's inside makes once for everybody: models opened, sentences and words followed."""

from __future__ import annotations

import streamlit as st

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, Stopwatch
from embedlab.encoders import Encoder, load, models
from embedlab.encoders import registry as encoders
from embedlab.encoders.base import TRANSFORMER
from embedlab.encoders.static import WORDLLAMA
from embedlab.encoders.transformer.layers import Inside
from embedlab.words.layers import Passage, through
from embedlab.words.senses import Meanings, meanings
from embedlab.words.uses import Uses
from pages.app.jobs import kept
from pages.app.widgets import made


@st.cache_data(ttl=60, show_spinner=False)
def prompts() -> dict[str, str]:
    """Return the models whose layers can be shown, each with what it puts before a text."""
    return {one.name: one.prompt for one in models() if one.family == TRANSFORMER and one.ready}


def opened(model: str) -> Inside:
    """Return the layers of `model`; until they are there, say so and end this run of the page."""

    def work(report: Report) -> bool:
        watch = Stopwatch(f"Opening {model} (the first time it is converted, which takes some seconds)", 0, report)
        watch.at(0)
        encoders.inside(model)
        watch.at(0)
        return True

    made(f"open {model}", work, "Stopped. What was converted by then is kept.")
    return encoders.inside(model)


@kept
def passage(weights: str, text: str, prompt: str, _inside: Inside) -> Passage:
    """Return a sentence on its way through the model with these weights."""
    return through(_inside, text, prompt)


@kept
def vector(model: str, weights: str, text: str) -> object:
    """Return the vector of a text, float32 (d,), where more than a pooling makes it."""
    return load(model).encode([text])[0]


def followed(inside: Inside, uses: Uses, prompt: str) -> Meanings:
    """Return a word's vectors in its sentences; until they are there, show how far it is and end this run."""
    key = fingerprint("meanings", inside.weights, uses.word, [[use.text, use.sense] for use in uses.uses])
    return made(key, lambda report: meanings(inside, uses, prompt, _static(), report), "Stopped.")


def _static() -> Encoder | None:
    """Return the model with one vector for a word; None where it is not installed."""
    try:
        return load(WORDLLAMA)
    except EmbedlabError:
        return None
